import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ground, openGround } from '../src/main.ts'
import { type EmbeddedServer, startEmbedded } from '../src/platform/embedded.ts'
import { openLog } from '../src/platform/logs.ts'
import { readSettings } from '../src/platform/settings.ts'

/** A PostgreSQL of its own for one bench: the product's own embedded server and settings, durable. */
export async function benchServer(): Promise<{ server: EmbeddedServer; data: string; end(): Promise<void> }> {
  const data = mkdtempSync(join(tmpdir(), 'hamroh-bench-'))
  chmodSync(data, 0o755)
  const server = await startEmbedded(data)
  return {
    server,
    data,
    end: async () => {
      await server.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** The same with the program's ground over it, as the demonstration opens it; `end` closes both. */
export async function benchGround(): Promise<{
  server: EmbeddedServer
  data: string
  ground: Ground
  end(): Promise<void>
}> {
  const { server, data, end } = await benchServer()
  const settings = readSettings({
    DATABASE_URL: server.url,
    HAMROH_DATA: data,
    DEMONSTRATION: '1',
    LOG_LEVEL: 'error',
  })
  const ground = await openGround(settings, openLog('error'))
  const endBoth = async () => {
    await ground.close()
    await end()
  }
  return { server, data, ground, end: endBoth }
}

const TICKS_PER_S = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** CPU seconds (user + system) of the server and all its processes so far, ended ones included. */
export function serverCpu(server: EmbeddedServer): number {
  const pid = server.pid()
  if (pid === null) return 0
  let ticks = 0
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const parent = Number(fields[1])
      if (Number(entry) !== pid && parent !== pid) continue
      ticks += Number(fields[11]) + Number(fields[12])
      // The postmaster also carries the time of the processes it has already reaped.
      if (Number(entry) === pid) ticks += Number(fields[13]) + Number(fields[14])
    } catch {
      // It ended between listing and reading.
    }
  }
  return ticks / TICKS_PER_S
}
