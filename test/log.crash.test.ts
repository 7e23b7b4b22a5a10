/**
 * I3, I10 under fire: while memory is read and the engine works, sequencer and database are killed with `kill -9` again
 * and again. No acknowledged entry is lost or counted twice, each has one place, and every checkpoint ever shown or
 * signed is a beginning of the last.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, openDatabase, sql } from '../src/platform/database.ts'
import { type EmbeddedServer, startEmbedded } from '../src/platform/embedded.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { migrate, readMigrations } from '../src/platform/migrate.ts'
import { readKeeper } from '../src/trust/log/keys.ts'
import { openLeaf } from '../src/trust/log/leaf.ts'
import {
  checkCheckpoint,
  checkLog,
  folderSource,
  logSigner,
  readVkey,
  recordProcessing,
  type Seen,
} from '../src/trust/trust.ts'
import { commitment } from '../src/trust/verify/person.ts'
import { givePurpose, look } from './log-world.ts'

const KILLS = 50
/** Every fifth kill is the database's. */
const DATABASE_EVERY = 5
const READS = 10_000
const READERS = 8
const SUBJECTS = 200

let data: string
let server: EmbeddedServer
/** Two side by side, as an operator would run them: while one comes back, the other goes on. */
const sequencers: { child: ChildProcess; is_ready: boolean }[] = []
let wanted = true
const printed: string[] = []
let pools: { gate: Database; db: Database }

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'hamroh-log-crash-'))
  chmodSync(data, 0o755)
  server = await startEmbedded(data, { fsync: 'on' })
  await migrate(server.url, readMigrations('sql'))
  pools = openPools()
  await givePurpose(pools.db)
  startSequencer(0)
  startSequencer(1)
})
after(async () => {
  wanted = false
  for (const { child } of sequencers) child.kill('SIGKILL')
  await Promise.all([pools.gate.end(), pools.db.end()]).catch(() => {})
  await server?.stop()
  rmSync(data, { recursive: true, force: true })
})

const openPools = () => ({
  gate: openDatabase({ url: server.url, role: 'hamroh_gate', max: READERS }),
  db: openDatabase({ url: server.url, role: 'hamroh_engine', max: 2 }),
})

function startSequencer(n: number): void {
  const child = spawn(process.execPath, ['test/log.crash.child.ts'], {
    env: { ...process.env, DATABASE_URL: server.url, LOG_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const mine = { child, is_ready: false }
  sequencers[n] = mine
  child.stdout!.once('data', () => {
    mine.is_ready = true
  })
  child.stderr!.on('data', (text) => printed.push(String(text)))
  child.on('exit', () => {
    if (wanted) startSequencer(n)
  })
}

async function killDatabase(): Promise<void> {
  const pid = server.pid()
  if (pid) process.kill(pid, 'SIGKILL')
  const old = { url: server.url, pools }
  server = await startEmbedded(data)
  if (server.url === old.url) return
  // Another port: everybody is told of it.
  pools = openPools()
  for (const { child } of sequencers) child.kill('SIGKILL')
  void Promise.all([old.pools.gate.end(), old.pools.db.end()]).catch(() => {})
}

/** Does it until it is acknowledged; what was committed without our hearing of it is found by its id. */
async function untilAcknowledged(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await work()
      return
    } catch (error) {
      if ((error as { code?: string }).code === '23505') return
      assert.ok(tries < 2000, String(error))
      await sleep(20)
    }
  }
}

test(`I3, I10: ${KILLS} × kill -9 of sequencer and database; ${READS} reads, as many entries, each in one place`, {
  timeout: 300_000,
}, async () => {
  const subjects = Array.from({ length: SUBJECTS }, () => randomUUID())
  const [reads, processed] = [new Set<string>(), new Set<string>()]
  const shown = new Set<string>()
  let killing = true
  let kills = 0
  const killer = (async () => {
    for (; kills < KILLS; kills++) {
      // It must have come so far as to work, or nothing but its start would ever be killed.
      const [before, n] = [shown.size, kills % 2]
      for (let tries = 0; (shown.size === before || !sequencers[n]!.is_ready) && tries < 500; tries++)
        await sleep(10)
      await sleep(Math.random() * 100)
      if (kills % DATABASE_EVERY === 0) await killDatabase()
      else sequencers[n]!.child.kill('SIGKILL')
    }
    killing = false
  })()
  const reader = async () => {
    while (killing || reads.size < READS) {
      const [id, subject] = [randomUUID(), subjects[Math.floor(Math.random() * SUBJECTS)]!]
      await untilAcknowledged(() => look(pools.gate, subject, id))
      reads.add(id)
      // Busy, and not so busy that nothing else runs; enough were made when there are enough.
      await sleep(reads.size > READS ? 40 : 8)
    }
  }
  const engine = async () => {
    while (killing) {
      const entries = subjects.slice(0, 20).map((subject) => ({
        subject: subject as SubjectId,
        id: randomUUID(),
        because: null,
        predicates: ['full_name'],
      }))
      const run = { id: randomUUID(), at: new Date(), purpose: 'engine' }
      await untilAcknowledged(() => pools.db.transaction((tx) => recordProcessing(tx, run, entries)))
      for (const { id } of entries) processed.add(id)
      await sleep(30)
    }
  }
  const watcher = (async () => {
    while (killing) {
      try {
        shown.add(readFileSync(join(data, 'log', 'checkpoint'), 'utf8'))
      } catch {
        // Not published yet.
      }
      await sleep(15)
    }
  })()
  await Promise.all([killer, watcher, engine(), ...Array.from({ length: READERS }, reader)])
  await settled()
  await checkEverything({ reads, processed, shown: [...shown] })
})

async function settled(): Promise<void> {
  const owner = openDatabase({ url: server.url, max: 1 })
  for (let tries = 0; ; tries++) {
    const [row] = await owner.rows<{ waiting: number; leaves: number; size: number }>(sql`
      select (select count(*) from access_queue)::int as waiting, (select count(*) from log_leaves)::int as leaves,
             coalesce((select max(size) from log_published), 0)::int as size`)
    const text = readFileSync(join(data, 'log', 'checkpoint'), 'utf8')
    if (row!.waiting === 0 && row!.size === row!.leaves && text.split('\n')[1] === String(row!.size)) break
    // Recovery within ten seconds is the bar.
    assert.ok(tries < 200, `not settled: ${JSON.stringify(row)} ${printed.slice(-3).join('')}`)
    await sleep(50)
  }
  await owner.end()
}

async function checkEverything(of: {
  readonly reads: ReadonlySet<string>
  readonly processed: ReadonlySet<string>
  readonly shown: readonly string[]
}): Promise<void> {
  assert.deepEqual(
    printed.filter((line) => line.startsWith('HALTED')),
    [],
  )
  const owner = openDatabase({ url: server.url, max: 1 })
  const ids = async (kind: string) =>
    new Set(
      (await owner.rows<{ id: string }>(sql`select id from access_entries where actor_kind = ${kind}`)).map(
        (r) => r.id,
      ),
    )
  const [by_gate, by_engine] = [await ids('officer'), await ids('engine')]
  assert.ok(of.reads.size >= READS)
  assert.deepEqual(
    [by_gate.size, by_engine.size],
    [of.reads.size, of.processed.size],
    'as many entries as reads',
  )
  assert.ok(
    [...of.reads].every((id) => by_gate.has(id)),
    'no acknowledged read is without its entry',
  )
  assert.ok([...of.processed].every((id) => by_engine.has(id)))

  const [tree] = await owner.rows<{ leaves: number; next: number; placed: number; entries: number }>(sql`
    select (select count(*) from log_leaves)::int as leaves, (select max(index) + 1 from log_leaves)::int as next,
      (select count(*) from log_entries)::int as placed, (select count(*) from access_entries)::int as entries`)
  const n = by_gate.size + by_engine.size
  assert.deepEqual(
    tree,
    { leaves: n, next: n, placed: n, entries: n },
    'one place each, and no gap in the tree',
  )
  const broken = await owner.rows(sql`
    select subject_id from log_entries group by 1 having max(subject_seq) <> count(*) or min(subject_seq) <> 1`)
  assert.deepEqual(broken, [], 'no chain has a gap')

  // Every checkpoint that was ever signed or shown is a beginning of the log as it is now: every pair is consistent.
  const keys = logSigner('crash.example/log', readFileSync(join(data, 'log-key.pem'), 'utf8')).vkeys.map(
    readVkey,
  )
  const signed = await owner.rows<{ note: string }>(sql`select note from log_checkpoints`)
  const notes = [...signed.map((r) => r.note), ...of.shown]
  const seen: Seen[] = []
  for (const note of notes) seen.push({ ...(await checkCheckpoint(note, keys, null)), where: 'on the way' })
  const { entries } = await checkLog(folderSource(join(data, 'log')), { keys, policy: null }, { seen })
  assert.equal(entries, n)
  assert.ok(
    of.shown.length >= KILLS / 2,
    `it went on between the kills: ${of.shown.length} checkpoints shown`,
  )
  await checkContents(owner)
  await owner.end()
}

/** What every leaf commits to is the entry as it is stored, and follows the one before. */
async function checkContents(owner: Database): Promise<void> {
  const keeper = readKeeper(readFileSync(join(data, 'subject-keys.key'), 'utf8'))
  const rows = await owner.rows<{
    subject_id: string
    entry_id: string
    subject_seq: number
    leaf: Buffer
    sealed: Buffer
    wrapped: Buffer
    commitment: Buffer
  }>(sql`
    select e.subject_id, e.entry_id, e.subject_seq, e.leaf, e.sealed, k.wrapped, l.commitment from log_entries e
    join subject_keys k on k.subject_id = e.subject_id and k.generation = e.generation
    join log_leaves l on l.index = e.index order by e.subject_id, e.subject_seq`)
  let subject_before = ''
  let leaf_before: Buffer = Buffer.alloc(0)
  for (const row of rows) {
    const { subject_id: subject, entry_id, wrapped, sealed } = row
    const { salt, entry } = openLeaf(keeper, { subject, entry: entry_id, wrapped, sealed })
    assert.deepEqual(Buffer.from(commitment(salt, entry)), row.commitment)
    const said = JSON.parse(entry)
    const expected = subject === subject_before ? leaf_before.toString('base64') : null
    assert.deepEqual(
      [said.id, said.subject_seq, said.prev_leaf_of_subject],
      [entry_id, row.subject_seq, expected],
    )
    ;[subject_before, leaf_before] = [subject, row.leaf]
  }
}
