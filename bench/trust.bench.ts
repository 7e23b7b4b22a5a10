/**
 * Trust: single reads of memory through the gate, each with its access entry committed, beside a bare transaction of two
 * statements (one insert, one select by key), and the same as one statement, on the same server with as many connections; reads in batches, with an entry
 * for each subject; the sequencer, which gives entries their place in the tree; and the time from an entry to the signed
 * and published checkpoint over it, while entries keep coming.
 */
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineClock } from '../src/platform/clock.ts'
import { type Database, json, openDatabase, sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { openLog } from '../src/platform/logs.ts'
import { openMetrics } from '../src/platform/metrics.ts'
import { migrate, readMigrations } from '../src/platform/migrate.ts'
import { newKeeper, openTransparencyLog, readKeeper, recordProcessing, sequence } from '../src/trust/trust.ts'
import type { BenchOptions, BenchResult } from './run.ts'
import { benchServer, serverCpu } from './server.ts'

const SEED = 20261125
/** Connections that read at once, for the gate and for its baseline. */
const LANES = 32
const BATCH = 100
const BATCH_LANES = 4
const FACTS_EACH = 6
const PURPOSE = 'bench.look'
/** Entries a second while the time to the checkpoint is taken. */
const RATE_PER_S = 500

export async function run({ small, say }: BenchOptions): Promise<BenchResult> {
  const subjects = Array.from({ length: small ? 2_000 : 20_000 }, () => randomUUID())
  const seconds = small ? 4 : 16
  const { server, data, end } = await benchServer()
  try {
    await migrate(server.url, readMigrations('sql'))
    const owner = openDatabase({ url: server.url, max: 4 })
    say(`${subjects.length} people with ${FACTS_EACH} facts each …`)
    await fill(owner, subjects)

    // Each twice, in turn: a machine that is busy in between is busy for all.
    const bare: Timed[] = []
    const one: Timed[] = []
    const gate: Timed[] = []
    for (let n = 0; n < 2; n++) {
      say('a bare transaction of two statements …')
      bare.push(await readers(server.url, undefined, seconds / 2, (db) => bareTransaction(db, subjects)))
      say('the same as one statement …')
      one.push(await readers(server.url, undefined, seconds / 2, (db) => bareStatement(db, subjects)))
      say('reads through the gate …')
      gate.push(await readers(server.url, 'hamroh_gate', seconds / 2, (db) => gateRead(db, subjects)))
    }
    say('reads in batches …')
    const batches = await batchReads(server.url, subjects, small ? 20_000 : 200_000)

    say('the sequencer, over all that was read …')
    const cpu = serverCpu(server)
    const placed = await sequencing(server.url, owner)
    const sequencer_cpu_s = serverCpu(server) - cpu

    say(`from entry to checkpoint at ${RATE_PER_S} entries a second …`)
    const checkpoint = await checkpointTimes(server.url, data, subjects, seconds)
    await owner.end()

    const bare_per_s = perSecond(bare)
    const reads_per_s = perSecond(gate)
    return {
      name: 'trust',
      seed: SEED,
      figures: {
        lanes: LANES,
        reads_per_s,
        read_p50_ms: quantile(gate, 0.5),
        read_p99_ms: quantile(gate, 0.99),
        batch_rows_per_s: batches,
        leaves_per_s: placed.per_s,
        leaves: placed.leaves,
        leaf_node_cpu_us: placed.node_cpu_us,
        leaf_server_cpu_us: (sequencer_cpu_s * 1e6) / placed.leaves,
        checkpoint_p50_s: percentile(checkpoint, 0.5) / 1000,
        checkpoint_p99_s: percentile(checkpoint, 0.99) / 1000,
      },
      baselines: {
        bare_transactions_per_s: bare_per_s,
        bare_p99_ms: quantile(bare, 0.99),
        bare_statements_per_s: perSecond(one),
      },
      ratios: {
        bare_transaction: reads_per_s / bare_per_s,
        bare_statement: reads_per_s / perSecond(one),
      },
    }
  } finally {
    await end()
  }
}

async function fill(owner: Database, subjects: readonly string[]): Promise<void> {
  await owner.run(sql`insert into purposes values (${PURPOSE}, 'public_task', '{}', 'agency', '{p1,p2,p3}')`)
  await owner.run(sql`
    insert into facts (subject_id, id, predicate, item, state, value, valid_from, source, event, observed_at, recorded_at)
    select s, gen_random_uuid(), 'p' || n, '', 'known', ${json('a value of some length')}::jsonb, '2020-01-01', 'bench', gen_random_uuid(), now(), now()
    from unnest(${[...subjects]}::uuid[]) as s, generate_series(1, ${FACTS_EACH}::int) as n`)
  await owner.run(sql`create table bare_entries (like access_entries including all)`)
  await owner.run(sql`vacuum analyze facts`)
}

const any = (subjects: readonly string[]): string => subjects[Math.floor(Math.random() * subjects.length)]!

/** What every logged read must at least do: one row written, rows read by key, one commit. */
const bareTransaction = (db: Database, subjects: readonly string[]): Promise<unknown> => {
  const subject = any(subjects)
  return db.transaction(async (tx) => {
    await tx.run(sql`
      insert into bare_entries (subject_id, id, at, actor_kind, actor, actor_role, purpose, predicates, channel, automated)
      values (${subject}, ${randomUUID()}, ${new Date()}, 'officer', 'P-1', 'clerk', ${PURPOSE}, '{p1,p2,p3}', 'web', false)`)
    await tx.rows(sql`select * from facts where subject_id = ${subject} and predicate = any ('{p1,p2,p3}')`)
  })
}

/** The same work in one round trip, as the gate has it: no gate could do less. */
const bareStatement = (db: Database, subjects: readonly string[]): Promise<unknown> => {
  const subject = any(subjects)
  return db.rows(sql`
    with entry as (
      insert into bare_entries (subject_id, id, at, actor_kind, actor, actor_role, purpose, predicates, channel, automated)
      values (${subject}, ${randomUUID()}, ${new Date()}, 'officer', 'P-1', 'clerk', ${PURPOSE}, '{p1,p2,p3}', 'web', false)
    )
    select * from facts where subject_id = ${subject} and predicate = any ('{p1,p2,p3}')`)
}

const gateRead = (db: Database, subjects: readonly string[]): Promise<unknown> =>
  db.rows(sql`
    select id, predicate, item, state, value, valid_from, valid_to, source, event, observed_at, recorded_at, superseded_at
    from gate_open(${randomUUID()}, ${any(subjects)}, ${new Date()}, 'officer', 'P-1', 'clerk', ${PURPOSE}, ${['p1', 'p2', 'p3']}::text[],
      null, null, 'web', false, current_date, ${new Date()}, null)`)

type Timed = { readonly times: number[]; readonly wall_s: number }

async function readers(
  url: string,
  role: 'hamroh_gate' | undefined,
  seconds: number,
  work: (db: Database) => Promise<unknown>,
): Promise<Timed> {
  const db = openDatabase({ url, max: LANES, ...(role ? { role } : {}) })
  await Promise.all(Array.from({ length: LANES }, () => work(db)))
  const times: number[] = []
  const start = performance.now()
  const until = start + seconds * 1000
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      while (performance.now() < until) {
        const began = performance.now()
        await work(db)
        times.push(performance.now() - began)
      }
    }),
  )
  const wall_s = (performance.now() - start) / 1000
  await db.end()
  return { times, wall_s }
}

/** The engine's way: the facts of a batch of subjects, and an entry for each of them, in one transaction. */
async function batchReads(url: string, subjects: readonly string[], rows: number): Promise<number> {
  const db = openDatabase({ url, role: 'hamroh_engine', max: BATCH_LANES })
  let left = rows / BATCH
  const start = performance.now()
  await Promise.all(
    Array.from({ length: BATCH_LANES }, async () => {
      while (left-- > 0) {
        const part = Array.from({ length: BATCH }, () => any(subjects) as SubjectId)
        await db.transaction(async (tx) => {
          await recordProcessing(
            tx,
            { id: randomUUID(), at: new Date(), purpose: PURPOSE },
            part.map((subject) => ({
              subject,
              id: randomUUID(),
              because: null,
              predicates: ['p1', 'p2', 'p3'],
            })),
          )
          await tx.rows(
            sql`select subject_id, predicate, value from facts where subject_id = any (${part}::uuid[]) and predicate = any ('{p1,p2,p3}')`,
          )
        })
      }
    }),
  )
  const per_s = rows / ((performance.now() - start) / 1000)
  await db.end()
  return per_s
}

async function sequencing(url: string, owner: Database) {
  const db = openDatabase({ url, role: 'hamroh_sequencer', max: 2 })
  const parts = { db, keeper: readKeeper(newKeeper()), clock: machineClock }
  await owner.run(sql`vacuum analyze access_queue`)
  const cpu = process.cpuUsage()
  const start = performance.now()
  let leaves = 0
  for (let n: number | null = 1; n; ) {
    n = await sequence(parts)
    leaves += n ?? 0
  }
  const wall_s = (performance.now() - start) / 1000
  const used = process.cpuUsage(cpu)
  await db.end()
  // The log of the next part has a key of keys of its own.
  await owner.run(sql`truncate subject_keys, log_leaves, log_entries, access_entries, access_queue`)
  return { leaves, per_s: leaves / wall_s, node_cpu_us: (used.user + used.system) / leaves }
}

/** Milliseconds from the acknowledged read to the published checkpoint that covers it, of every entry. */
async function checkpointTimes(
  url: string,
  data: string,
  subjects: readonly string[],
  seconds: number,
): Promise<number[]> {
  const log = await openTransparencyLog(
    { url, data, origin: 'bench.example/log', origin_chosen: true },
    { clock: machineClock, today: () => '2026-11-25', log: openLog('error'), metrics: openMetrics() },
  )
  const gate = openDatabase({ url, role: 'hamroh_gate', max: 8 })
  // A batch takes all that was committed before it, so a log of n entries covers the first n acknowledged, give or take
  // what was committed in one order and acknowledged in another: a few milliseconds.
  const acknowledged: number[] = []
  const covered: number[] = []
  const look = () => {
    const size = log.shown() ?? 0
    const now = performance.now()
    while (covered.length < Math.min(size, acknowledged.length))
      covered.push(now - acknowledged[covered.length]!)
  }
  const watch = setInterval(look, 5)
  const start = performance.now()
  const pending: Promise<void>[] = []
  for (let i = 0; i < RATE_PER_S * seconds; i++) {
    const wait = start + (i * 1000) / RATE_PER_S - performance.now()
    if (wait > 1) await sleep(wait)
    pending.push(gateRead(gate, subjects).then(() => void acknowledged.push(performance.now())))
  }
  await Promise.all(pending)
  while (covered.length < acknowledged.length) await sleep(10)
  clearInterval(watch)
  await gate.end()
  await log.stop()
  return covered.sort((a, b) => a - b)
}

const perSecond = (runs: readonly Timed[]): number =>
  runs.reduce((sum, r) => sum + r.times.length, 0) / runs.reduce((sum, r) => sum + r.wall_s, 0)

const quantile = (runs: readonly Timed[], p: number): number =>
  percentile(
    runs.flatMap((r) => r.times).sort((a, b) => a - b),
    p,
  )

const percentile = (sorted: readonly number[], p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * p) - 1)] ?? Number.NaN
