/** Witnesses over the real protocol: they cosign what grows, refuse what does not, and the log never waits for them. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sha256 } from '../src/platform/canonical.ts'
import { openLogFiles } from '../src/trust/log/files.ts'
import { logSigner, newSigningKey } from '../src/trust/log/keys.ts'
import { checkCheckpoint, checkLog, folderSource, headText, readPolicy } from '../src/trust/trust.ts'
import { consistencyProof } from '../src/trust/verify/merkle.ts'
import { writeAddCheckpoint } from '../src/trust/verify/witnessing.ts'
import { type LogWorld, look, openLogWorld, policyOf, startWitness, type TestWitness } from './log-world.ts'

let world: LogWorld
let [one, two]: TestWitness[] = []
let vkeys: readonly string[] = []
const subject = randomUUID()

before(async () => {
  ;[one, two] = [await startWitness('ombudsman', () => vkeys), await startWitness('university', () => vkeys)]
  world = await openLogWorld({ policy: policyOf([one!, two!], 'all') })
  vkeys = (await world.log.status()).keys
  await one!.start()
  await two!.start()
})
after(async () => {
  await world.end()
  for (const w of [one!, two!]) {
    await w.stop()
    rmSync(w.data, { recursive: true, force: true })
  }
})

const policy = (count = 'all') => readPolicy(policyOf([one!, two!], count))

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await holds()) return
    await sleep(20)
  }
  assert.fail(`${what}: ${JSON.stringify([await world.log.status(), world.logged.slice(-3)])}`)
}

const witnessed = async (): Promise<boolean> => {
  const { size, witnesses } = await world.log.status()
  return world.log.shown() === size && witnesses.every((w) => w.size === size)
}

test('both witnesses cosign what is published, and the policy is fulfilled', async () => {
  await look(world.database.gate, subject)
  await world.settled()
  await until('both cosign', witnessed)
  const { checkpoint } = await checkLog(folderSource(world.folder), await world.trust(policy()))
  assert.deepEqual(checkpoint.witnesses.map((w) => w.name).sort(), ['ombudsman', 'university'])
  assert.ok((await world.log.status()).witnessed_at)
  assert.deepEqual((await world.log.status()).quorum, { least: 2, of: 2 })
})

test('a witness that is down never stops the log; when it is back it catches up', async () => {
  await two!.stop()
  const before = (await world.log.status()).size!
  for (let i = 0; i < 20; i++) await look(world.database.gate, subject)
  await world.settled()
  await until('it goes on', async () => (await world.log.status()).size === before + 20)
  const trust = await world.trust(policy('any'))
  assert.equal((await checkLog(folderSource(world.folder), trust)).checkpoint.witnesses.length, 1)
  await assert.rejects(checkLog(folderSource(world.folder), await world.trust(policy())), /Only 1 of 2/)
  const away = (await world.log.status()).witnesses.find((w) => w.name === 'university')!
  assert.ok(away.size! < before + 20 && away.seen_at !== null, 'it is said since when')
  assert.match(world.metrics.text(), /hamroh_log_witness_failures_total\{witness="university"\} [1-9]/)
  await two!.start()
  await until('it catches up', witnessed)
  await checkLog(folderSource(world.folder), await world.trust(policy()))
})

test('a witness keeps what it saw over its own restart, and serves it', async () => {
  const url = `${one!.url}/${sha256('log.example/test')}/checkpoint`
  const before = await (await fetch(url)).text()
  await one!.stop()
  await one!.start()
  assert.equal(await (await fetch(url)).text(), before)
  const checked = await checkCheckpoint(before, (await world.trust()).keys, policy('any'))
  assert.equal(checked.witnesses[0]!.name, 'ombudsman')
  assert.equal((await fetch(`${one!.url}/${sha256('other')}/checkpoint`)).status, 404)
})

test('the witness answers as the specification says: 400, 403, 404, 409, 422, and cosigns no fork', async () => {
  const data = mkdtempSync(join(tmpdir(), 'hamroh-fork-'))
  const signer = logSigner('forking.example', newSigningKey())
  const witness = await startWitness('forked', () => signer.vkeys)
  await witness.start()
  const leaf = (n: number) => Buffer.alloc(32, n)
  const head = (files: ReturnType<typeof openLogFiles>, by = signer, size = files.size) => {
    const text = headText({ origin: by.keys[0]!.name, size, root: files.root() })
    return `${text}\n${by.sign(text)}`
  }
  const grow = async (name: string, leaves: readonly number[]) => {
    const files = openLogFiles(join(data, name))
    files.append(Buffer.concat(leaves.map(leaf)))
    await files.write()
    return files
  }
  const send = async (body: string) => {
    const answer = await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body })
    return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') }
  }
  const ask = (old_size: number, checkpoint: string, proof: readonly Uint8Array[] = []) =>
    send(writeAddCheckpoint({ old_size, proof, checkpoint }))
  const [three, five, fork, forked_three] = [
    await grow('three', [1, 2, 3]),
    await grow('five', [1, 2, 3, 4, 5]),
    await grow('fork', [1, 2, 9, 4, 5]),
    await grow('fork3', [1, 2, 9]),
  ]
  const seen = join(witness.data, 'seen', `${sha256('forking.example')}.json`)
  assert.equal((await send('nonsense')).status, 400)
  assert.equal((await ask(4, head(three))).status, 400, 'the old size is larger')
  assert.equal((await ask(0, head(three, logSigner('unknown.example', newSigningKey())))).status, 404)
  assert.equal((await ask(0, head(three, logSigner('forking.example', newSigningKey())))).status, 403)
  assert.equal((await ask(0, head(three), [leaf(1)])).status, 422, 'no proof leads from nothing')
  assert.equal(existsSync(seen), false, 'nothing was kept of what was refused')
  assert.equal((await ask(0, head(three))).status, 200)
  const conflict = await ask(0, head(five))
  assert.deepEqual([conflict.status, conflict.text, conflict.type], [409, '3\n', 'text/x.tlog.size'])
  const proof = consistencyProof(fork.reader(5), 3, 5)
  assert.equal((await ask(3, head(fork), proof)).status, 422, 'a fork')
  assert.equal((await ask(3, head(forked_three))).status, 422, 'another root of the same size')
  assert.equal((await ask(3, head(five), [])).status, 422)
  assert.equal((await ask(3, head(three))).status, 200, 'the same again')
  assert.equal((await ask(3, head(five), consistencyProof(five.reader(5), 3, 5))).status, 200)
  assert.equal(JSON.parse(readFileSync(seen, 'utf8')).size, 5)
  // Two at once from one old size: one of them comes too late, and nothing is rolled back.
  const [six, seven] = [await grow('six', [1, 2, 3, 4, 5, 6]), await grow('seven', [1, 2, 3, 4, 5, 6, 7])]
  const both = await Promise.all([
    ask(5, head(seven), consistencyProof(seven.reader(7), 5, 7)),
    ask(5, head(six), consistencyProof(six.reader(6), 5, 6)),
  ])
  assert.deepEqual(both.map((a) => a.status).sort(), [200, 409])
  await witness.stop()
  rmSync(data, { recursive: true, force: true })
  rmSync(witness.data, { recursive: true, force: true })
})
