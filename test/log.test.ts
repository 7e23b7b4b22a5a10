/** The transparency log from the read to the proof: what was read is in the tree, and only the person can tell what it says. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import {
  checkLog,
  checkProofs,
  checkTlogProof,
  entryOfExtra,
  eraseAccesses,
  folderSource,
  newKeeper,
  newSigningKey,
  readTlogProof,
  readVkey,
  recordProcessing,
} from '../src/trust/trust.ts'
import { allProofs, type LogWorld, look, openLogWorld } from './log-world.ts'

let world: LogWorld
const [ana, bob] = [randomUUID(), randomUUID()]
before(async () => {
  world = await openLogWorld()
})
after(() => world.end())

const check = async (of: Parameters<typeof checkLog>[2] = {}) =>
  checkLog(folderSource(world.folder), await world.trust(), of)

test('an empty log has a signed checkpoint, which a stranger can check', async () => {
  await world.settled()
  assert.equal((await check()).entries, 0)
})

test('I10: every read gets its place, and a person’s own proofs lead to the signed root', async () => {
  const seen = (await check()).checkpoint
  for (let i = 0; i < 600; i++) await look(world.database.gate, i % 3 === 0 ? ana : bob)
  await world.database.db.transaction((tx) =>
    recordProcessing(tx, { id: 'run', at: new Date(), purpose: 'engine' }, [
      { subject: ana as SubjectId, id: randomUUID(), because: null, predicates: ['full_name', 'income'] },
    ]),
  )
  await world.settled()
  const file = await allProofs(world.log, ana, 70)
  assert.deepEqual([file.entries.length, file.waiting], [201, 0])
  const trust = await world.trust()
  const mine = await checkProofs(file, trust, null)
  assert.equal(mine.end!.seq, 201)
  const whole = await check({ expected: mine.expected, seen: [{ ...seen, where: 'before' }] })
  assert.equal(whole.entries, 601)
  // A later check goes on from where this one ended.
  await look(world.database.gate, ana)
  await world.settled()
  const later = await world.log.proofs(ana as SubjectId, { after: 201 })
  assert.equal((await checkProofs(later!, trust, mine.end)).end!.seq, 202)
})

test('what was committed is what the person reads, and says where in the chain it stands', async () => {
  const file = await allProofs(world.log, ana)
  const [shown] = await world.database.db.rows<{ id: string; purpose: string; predicates: string[] }>(
    sql`select id, purpose, predicates from access_entries where subject_id = ${ana} and actor_kind = 'engine'`,
  )
  const entry = file.entries.map((e) => JSON.parse(e.entry)).find((e) => e.id === shown!.id)
  assert.deepEqual([entry.subject, entry.purpose, entry.predicates], [ana, 'engine', ['full_name', 'income']])
})

test('the public files hold commitments and nothing of anybody', async () => {
  const bundle = readFileSync(join(world.folder, 'tile/entries/000'))
  assert.equal(bundle.length, 256 * 34)
  assert.ok(!bundle.includes(ana) && !bundle.includes('full_name'))
})

test('one entry has a proof of its own, which needs nothing but keys one trusts', async () => {
  const { entries } = await allProofs(world.log, ana)
  const { id } = JSON.parse(entries[7]!.entry) as { id: string }
  const text = (await world.log.proof(ana as SubjectId, id))!
  const proof = readTlogProof(text)
  const extra = JSON.parse(new TextDecoder().decode(proof.extra!))
  assert.equal(JSON.parse(extra.entry).id, id)
  const trust = await world.trust()
  assert.ok((await checkTlogProof(proof, entryOfExtra(extra), trust)).size > 600)
  const changed = { ...extra, entry: extra.entry.replace('clerk', 'chief') }
  await assert.rejects(checkTlogProof(proof, entryOfExtra(changed), trust), /changed/)
  assert.equal(await world.log.proof(bob as SubjectId, id), null, 'nobody else’s')
})

test('an entry the queue missed is found by the sweep', async () => {
  const id = randomUUID()
  await world.database.owner.run(sql`
    insert into access_entries (subject_id, id, at, actor_kind, actor, purpose, predicates, channel, automated)
    values (${bob}, ${id}, now(), 'engine', 'run', 'engine', '{}', 'engine', true)`)
  await world.restart()
  await untilShown(bob, id)
})

test('a folder that was lost is made again from the database, and shows the same log', async () => {
  const before = (await check()).checkpoint
  await world.log.stop()
  const again = await world.restart({
    data: world.data,
    signing_keys: readFileSync(join(world.data, 'log-key.pem'), 'utf8'),
  })
  assert.equal(again.shown(), before.size)
  writeFileSync(join(world.folder, 'checkpoint'), 'nonsense')
  await world.restart()
  await world.settled()
  assert.deepEqual((await check()).checkpoint.root, before.root)
})

test('two processes side by side make one log', async () => {
  const { database, data } = world
  const other = await openLogWorldOn(data)
  for (let i = 0; i < 300; i++) await look(database.gate, i % 2 === 0 ? ana : bob)
  await world.settled()
  await other.stop()
  await check()
  for (const subject of [ana, bob]) {
    const file = await allProofs(world.log, subject)
    await checkProofs(file, await world.trust(), null)
  }
})

async function openLogWorldOn(data: string) {
  const { openTransparencyLog } = await import('../src/trust/trust.ts')
  const { machineClock } = await import('../src/platform/clock.ts')
  const { openLog } = await import('../src/platform/logs.ts')
  const { openMetrics } = await import('../src/platform/metrics.ts')
  return openTransparencyLog(
    { url: world.database.url, data, origin: 'ignored.example', origin_chosen: false },
    {
      clock: machineClock,
      today: () => '2026-11-24' as never,
      log: openLog('error'),
      metrics: openMetrics(),
    },
    { look_ms: 7, checkpoint_ms: 13 },
  )
}

test('a sealed entry is in the log at once and in the person’s chain on its day, never in none', async () => {
  const id = randomUUID()
  const { gate } = world.database
  await gate.transaction(async (tx) => {
    await look(tx as never, ana, id)
    await tx.rows(sql`select seal_entry(${ana}, ${id}, 'prosecutor', 'P-9', now(), '2027-03-01')`)
  })
  await world.settled()
  const hidden = await allProofs(world.log, ana)
  await checkProofs(hidden, await world.trust(), null)
  assert.ok(!hidden.entries.some((e) => e.entry.includes(id)))
  const [sealed] = await world.database.owner.rows<{ index: number; agency_seq: number }>(
    sql`select index, agency_seq from log_sealed where entry_id = ${id}`,
  )
  assert.equal(sealed!.agency_seq, 1)
  const [count] = await world.log.sealed()
  assert.deepEqual([count!.agency, count!.entries], ['prosecutor', 1])
  // What the person could have seen already is not hidden any more.
  const seen_before = await look(gate, ana)
  const late = sql`select seal_entry(${ana}, ${seen_before}, 'prosecutor', 'P-9', now(), '2027-03-01')`
  await assert.rejects(gate.rows(late), { code: 'HG003' })
  world.today = '2027-03-01'
  await world.restart()
  await untilShown(ana, id)
  const file = await allProofs(world.log, ana)
  await checkProofs(file, await world.trust(), null)
  const entry = JSON.parse(file.entries.find((e) => e.entry.includes(id))!.entry)
  assert.deepEqual([entry.was_sealed.index, entry.was_sealed.approver], [sealed!.index, 'P-9'])
})

async function untilShown(subject: string, id: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    await world.settled()
    if (await world.log.proof(subject as SubjectId, id)) return
    await new Promise((done) => setTimeout(done, 10))
  }
  assert.fail('never shown')
}

test('erasing a person leaves the tree and everybody else’s proofs as they were', async () => {
  const before = (await check()).checkpoint
  const carol = randomUUID()
  await look(world.database.gate, carol)
  await world.settled()
  await eraseAccesses(world.database.owner, carol as SubjectId, new Date())
  assert.deepEqual((await allProofs(world.log, carol)).entries, [])
  const [left] = await world.database.owner.rows<{ n: number }>(
    sql`select count(*)::int as n from access_entries where subject_id = ${carol}`,
  )
  assert.equal(left!.n, 0)
  // Somebody who comes back gets a new key, and the chain goes on.
  await look(world.database.gate, carol)
  await world.settled()
  const [entry] = (await allProofs(world.log, carol)).entries
  assert.equal(JSON.parse(entry!.entry).subject_seq, 2)
  await check({ seen: [{ ...before, where: 'before' }] })
  await checkProofs(await allProofs(world.log, bob), await world.trust(), null)
})

test('a key takes over while both sign: who trusts either, goes on', async () => {
  const old = readVkey((await world.log.status()).keys[0]!)
  const [first, second] = [readFileSync(join(world.data, 'log-key.pem'), 'utf8'), newSigningKey()]
  await world.restart({ signing_keys: `${second}\n${first}` })
  await look(world.database.gate, ana)
  await world.settled()
  const [now] = (await world.log.status()).keys.map(readVkey)
  assert.notEqual(now!.id, old.id)
  const source = folderSource(world.folder)
  for (const key of [old, now!]) await checkLog(source, { keys: [key], policy: null })
  writeFileSync(join(world.data, 'log-key.pem'), second)
  await world.restart()
  await look(world.database.gate, ana)
  await world.settled()
  await checkLog(source, { keys: [now!], policy: null })
  await assert.rejects(checkLog(source, { keys: [old], policy: null }), /no signature of a key you trust/)
})

test('with a key that never was this log’s, or another key of keys, it does not start', async () => {
  await assert.rejects(
    world.restart({ signing_keys: newSigningKey() }),
    /not the one this log was signed with/,
  )
  await assert.rejects(world.restart({ keeper: newKeeper() }), /subject-keys.key/)
  await assert.rejects(world.restart({ origin: 'other.example', origin_chosen: true }), /keeps that name/)
  await world.restart()
})

test('a database that was set back is not gone on with: no second log under the same name', async () => {
  await world.settled()
  await world.log.stop()
  const { owner } = world.database
  const shown = readFileSync(join(world.folder, 'checkpoint'), 'utf8')
  await owner.run(sql`delete from log_leaves where index >= 10`)
  await owner.run(sql`delete from log_checkpoints where size > 10`)
  await owner.run(sql`delete from log_published where size > 10`)
  await world.restart()
  for (let tries = 0; (await world.log.status()).halted === null; tries++) {
    assert.ok(tries < 200)
    await new Promise((done) => setTimeout(done, 20))
  }
  assert.match((await world.log.status()).halted!, /set back/)
  assert.equal(readFileSync(join(world.folder, 'checkpoint'), 'utf8'), shown)
  assert.match(world.metrics.text(), /hamroh_log_halted 1/)
})
