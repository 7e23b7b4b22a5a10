/** The program's own end, on its embedded database. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../country/children.ts'
import { startProgram } from './program.ts'

test('told to end more than once, right after it is ready, it ends cleanly and takes its database with it', async () => {
  const data = mkdtempSync(join(tmpdir(), 'hamroh-stop-'))
  chmodSync(data, 0o755)
  try {
    for (let round = 0; round < 2; round++) {
      const program = await startProgram({
        HAMROH_DATA: data,
        PORT: String(await freePort(0)),
        PUBLIC_URL: 'http://127.0.0.1:4000',
        LOG_LEVEL: 'info',
      })
      const first = program.stop()
      // Signals sent at once arrive as one: the second is a second only when the first was heard.
      while (!program.printed().includes('"stopping"')) await sleep(1)
      assert.deepEqual([await program.stop(), await first], [0, 0], program.printed())
      assert.equal(existsSync(join(data, 'postgres', 'files', 'postmaster.pid')), false)
    }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
})
