/**
 * Intake: 200,000 events through the real pipeline (event, participants, facts, determinations, proposals, processing
 * entries committed), beside a plain batched insert of the same event rows into a table with the same columns and
 * indexes, with the same chunks and connections; and beside all the rows the pipeline left, stored again. Then the same at a large population, and the time from reporting a
 * birth to the proposal on the mother's page under 200 events a second.
 */
import { performance } from 'node:perf_hooks'
import { agencyOf } from '../country/people/events.ts'
import { mix } from '../country/people/random.ts'
import {
  birthEvent,
  type CloudEvent,
  createPopulation,
  incomeEvent,
  moveEvent,
  newborn,
  type Person,
} from '../country/population.ts'
import {
  digestOf,
  type EventRow,
  type NewEventRow,
  normalise,
  readEvent,
  storeNew,
} from '../src/events/events.ts'
import { CHUNK_MAX, type Engine } from '../src/flow.ts'
import { IntakeQueue } from '../src/intake-queue.ts'
import { makeEngine } from '../src/main.ts'
import { type NewFact, tell } from '../src/memory/memory.ts'
import { canonical } from '../src/platform/canonical.ts'
import { type Database, openDatabase, sql } from '../src/platform/database.ts'
import { makeIds } from '../src/platform/ids.ts'
import { type Processing, recordProcessing } from '../src/trust/trust.ts'
import type { BenchOptions, BenchResult } from './run.ts'
import { benchGround, serverCpu } from './server.ts'

const SEED = 20261124
/** Connections of the baseline, as many as the product's lanes. */
const LANES = 2
/** Requests under way at once. */
const REGISTRIES = 4
const AS_OF = '2026-11-20'
const REPORTED_AT = '2026-11-23T10:00:00+05:00'
const RATE_PER_S = 200

type Reported = { agency: string; item: CloudEvent }

export async function run({ small, say }: BenchOptions): Promise<BenchResult> {
  const events = small ? 20_000 : 200_000
  const sizes = small ? [2_000, 20_000] : [5_000, 1_000_000]
  const { server, ground, end } = await benchGround()
  try {
    const engine = makeEngine(ground)

    say(`registering ${sizes[0]} people …`)
    await registerPeople(engine, 0, sizes[0]!)
    say(`${events} events at ${sizes[0]} people …`)
    const first = bodies(load(sizes[0]!, events, 'a'))
    await settle(server.url)
    const near = await measure(server, () => pour(engine, first))
    say(`the same rows as a plain insert …`)
    const rows = await plainRows(engine, load(sizes[0]!, events, 'a'))
    const plain = await measure(server, () => pourPlain(server.url, rows))
    say(`the rows they left behind, stored again and nothing else …`)
    const kept = await storedRows(server.url)
    const floor = await measure(server, () => pourStored(server.url, kept))

    const seconds = small ? 5 : 20
    say(`${RATE_PER_S} events a second for ${seconds} s …`)
    const visible = await visibleTimes(engine, server.url, sizes[0]!, seconds)

    say(`registering ${sizes[1]} people …`)
    await registerPeople(engine, sizes[0]!, sizes[1]!)
    await settle(server.url)
    say(`${events} events at ${sizes[1]} people …`)
    const second = bodies(load(sizes[1]!, events, 'b'))
    const far = await measure(server, () => pour(engine, second))

    const rate = (m: Measured) => events / m.wall_s
    const cpu = (m: Measured) => m.node_cpu_s + m.server_cpu_s
    return {
      name: 'intake',
      seed: SEED,
      figures: {
        events,
        events_per_s: rate(near),
        events_per_cpu_s: events / cpu(near),
        node_cpu_s: near.node_cpu_s,
        server_cpu_s: near.server_cpu_s,
        peak_memory_mb: near.peak_mb,
        subjects_small: sizes[0]!,
        subjects_large: sizes[1]!,
        events_per_s_large: rate(far),
        cpu_us_an_event: (cpu(near) / events) * 1e6,
        cpu_us_an_event_large: (cpu(far) / events) * 1e6,
        growth: rate(near) / rate(far),
        visible_p50_ms: percentile(visible, 0.5),
        visible_p99_ms: percentile(visible, 0.99),
      },
      baselines: {
        insert_events_per_s: rate(plain),
        insert_cpu_s: cpu(plain),
        rows_events_per_s: rate(floor),
        rows_cpu_s: cpu(floor),
      },
      ratios: {
        insert: rate(near) / rate(plain),
        insert_cpu: cpu(plain) / cpu(near),
        rows: rate(near) / rate(floor),
        rows_cpu: cpu(floor) / cpu(near),
      },
    }
  } finally {
    await end()
  }
}

/** People `from` (inclusive) to `to`, by the registry's own events through the same intake. */
async function registerPeople(engine: Engine, from: number, to: number): Promise<void> {
  function* registrations(): Generator<Reported> {
    const population = createPopulation({ seed: SEED % 1000, people: to, as_of: AS_OF })
    for (const household of population.households()) {
      for (const person of household.members) {
        if (person.index < from || person.index >= to) continue
        yield { agency: 'gcp', item: registration(person) }
      }
    }
  }
  let part: Reported[] = []
  for (const registered of registrations()) {
    part.push(registered)
    if (part.length === 20 * CHUNK_MAX) await pour(engine, bodies(part.splice(0)))
  }
  await pour(engine, bodies(part))
  part = []
}

/** What registering left the server to do afterwards is done before anything is measured: the people are there for long. */
async function settle(url: string): Promise<void> {
  const owner = openDatabase({ url, max: 1 })
  await owner.run(sql`vacuum (analyze)`)
  await owner.run(sql`checkpoint`)
  await owner.end()
}

/** Every member, children too, is registered by one event: the load then concerns any of them. */
function registration(person: Person): CloudEvent {
  return {
    specversion: '1.0',
    id: `bench-person-${person.index}`,
    source: 'urn:synthetic:gcp',
    type: 'uz.gcp.person.registered',
    time: '2026-11-20T09:00:00+05:00',
    data: {
      person: {
        pinfl: person.pinfl,
        full_name: person.full_name,
        birth_date: person.birth_date,
        sex: person.sex,
        citizenship: 'uz',
      },
    },
  } as CloudEvent
}

/**
 * The load: 65 % income reports, 33 % moves, 2 % births (each with mother and newborn, and a proposal for the mother),
 * about anybody at random. Births are many more than in life, where they are fewer than one registry event in a thousand.
 */
function* load(people: number, events: number, run: string): Generator<Reported> {
  const population = createPopulation({ seed: SEED % 1000, people, as_of: AS_OF })
  let births = 0
  for (let i = 0; i < events; i++) {
    const person = population.person(mix(SEED, 1, i) % people)
    const kind = i % 100
    if (kind === 13 || kind === 63) {
      const child = birthChild(births, run, person)
      yield {
        agency: 'zags',
        item: birthEvent({
          n: births,
          id: `bench-${run}-birth-${births}`,
          child,
          mother_pinfl: person.pinfl,
          birth_order: 1 + (births % 3),
          registered_at: REPORTED_AT,
        }),
      }
      births++
    } else if (kind < 34) {
      yield {
        agency: 'mia',
        item: moveEvent({
          id: `bench-${run}-move-${i}`,
          pinfl: person.pinfl,
          district: '1726262',
          address: `${1 + (i % 200)}-uy`,
          since: '2026-11-01',
          registered_at: REPORTED_AT,
        }),
      }
    } else {
      yield {
        agency: 'tax',
        item: incomeEvent({
          id: `bench-${run}-income-${i}`,
          pinfl: person.pinfl,
          monthly_uzs: 1_000_000 + (i % 5000) * 1000,
          reported_at: monthBack(mix(SEED, 2, i) % 24),
        }),
      }
    }
  }
}

/** An instant in one of the last 24 months: reports of income come in late, and earlier ones again. */
const monthBack = (n: number): string => new Date(Date.UTC(2026, 10 - n, 5, 5)).toISOString()

const FIRST_DAY = Date.UTC(2026, 10, 1)

/** Newborns spread over days, so that PINFLs do not run out; the two runs use different days. */
function birthChild(n: number, run: string, parent: Person) {
  const day = (run === 'a' ? 0 : run === 'b' ? 8 : 16) + (n % 7)
  const born_on = new Date(FIRST_DAY + day * 86_400_000).toISOString().slice(0, 10)
  return newborn({ n: Math.floor(n / 7), born_on, parent })
}

/** Request bodies of the product's chunk size, made before the measuring: a registry makes them, not we. */
function bodies(events: Iterable<Reported>): string[] {
  const texts: string[] = []
  let chunk: Reported[] = []
  for (const event of events) {
    chunk.push(event)
    if (chunk.length === CHUNK_MAX) texts.push(JSON.stringify(chunk.splice(0)))
  }
  if (chunk.length > 0) texts.push(JSON.stringify(chunk))
  chunk = []
  return texts
}

/** Registries hand in their requests through the product's own queue, a few at a time. */
async function pour(engine: Engine, texts: readonly string[]): Promise<void> {
  const queue = new IntakeQueue(engine)
  let at = 0
  const registry = async () => {
    while (at < texts.length) {
      const reported = JSON.parse(texts[at++]!) as Reported[]
      const bad = (await queue.submit(reported)).find((r) => r.status !== 'accepted')
      if (bad) throw new Error(`an event of the load was not accepted: ${JSON.stringify(bad)}`)
    }
  }
  await Promise.all(Array.from({ length: REGISTRIES }, registry))
}

/** The event rows the pipeline would store, made beforehand: the baseline pays for nothing but the insert. */
async function plainRows(engine: Engine, events: Iterable<Reported>): Promise<EventRow[]> {
  const ids = makeIds(engine.clock)
  const now = engine.clock.now()
  const rows: EventRow[] = []
  for (const { agency, item } of events) {
    const reading = readEvent(engine.pack, engine.readers, agency, item, now, '2026-11-24')
    if (!reading.ok) throw new Error(JSON.stringify(reading.refusal))
    const { event } = reading
    const data = normalise(event, new Map(event.participants.map((p) => [p.role, ids()])))
    rows.push({
      ...event,
      id: ids(),
      received_at: now,
      data,
      digest: digestOf(event, canonical(data)),
      cancels: null,
      cancel_kind: null,
      effective: true,
    })
  }
  return rows
}

async function pourPlain(url: string, rows: readonly EventRow[]): Promise<void> {
  const owner = openDatabase({ url, max: LANES })
  await owner.run(sql`create table plain_events (like events including all)`)
  let at = 0
  const lane = async () => {
    while (at < rows.length) {
      const chunk = rows.slice(at, at + CHUNK_MAX)
      at += CHUNK_MAX
      await insertPlain(owner, chunk)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  const [{ n }] = (await owner.rows<{ n: number }>(sql`select count(*)::int as n from plain_events`)) as [
    { n: number },
  ]
  if (n !== rows.length) throw new Error(`the baseline stored ${n} of ${rows.length} rows`)
  await owner.run(sql`drop table plain_events`)
  await owner.end()
}

const insertPlain = (db: Database, rows: readonly EventRow[]): Promise<number> =>
  db.run({
    ...sql`
      insert into plain_events (source, event_id, id, type, type_version, agency, occurred_at, received_at, data, digest, cancels, cancel_kind, effective)
      select * from unnest(${rows.map((r) => r.source)}::text[], ${rows.map((r) => r.event_id)}::text[], ${rows.map((r) => r.id)}::uuid[],
        ${rows.map((r) => r.type)}::text[], ${rows.map((r) => r.type_version)}::int[], ${rows.map((r) => r.agency)}::text[],
        ${rows.map((r) => r.occurred_at)}::timestamptz[], ${rows.map((r) => r.received_at)}::timestamptz[],
        ${rows.map((r) => JSON.stringify(r.data))}::jsonb[], ${rows.map((r) => r.digest)}::bytea[],
        ${rows.map((r) => r.cancels)}::text[], ${rows.map((r) => r.cancel_kind)}::text[], ${rows.map((r) => r.effective)}::boolean[])
      on conflict (source, event_id) do nothing`,
    name: 'plain',
  })

/** What one event left: its own row, the facts it told, and the entries of processing because of it. */
type Stored = { readonly event: NewEventRow; readonly facts: NewFact[]; readonly entries: Processing[] }

async function storedRows(url: string): Promise<Stored[]> {
  const owner = openDatabase({ url, max: 1 })
  const events = await owner.rows<EventRow & { data_text: string | null }>(
    sql`select *, data::text as data_text from events where event_id like 'bench-a-%' order by id`,
  )
  const stored = new Map(
    events.map((event): [string, Stored] => [event.id, { event, facts: [], entries: [] }]),
  )
  for (const fact of await owner.rows<NewFact>(sql`select * from facts`))
    stored.get(fact.event)?.facts.push(fact)
  const entries = await owner.rows<Processing>(
    sql`select subject_id as subject, id, because, predicates from access_entries where channel = 'engine'`,
  )
  for (const entry of entries) stored.get(entry.because ?? '')?.entries.push(entry)
  await owner.end()
  return [...stored.values()]
}

/**
 * The floor under the pipeline: the same rows into tables with the same columns and indexes, by the product's own
 * statements, chunks and lanes; nothing is checked, looked up, evaluated or decided. Determinations, proposals and what
 * wakes later are left out, which only lowers it.
 */
async function pourStored(url: string, rows: readonly Stored[]): Promise<void> {
  const owner = openDatabase({ url, max: LANES })
  await owner.run(sql`create schema plain`)
  await owner.run(sql`create table plain.events (like hamroh.events including all)`)
  await owner.run(sql`create table plain.facts (like hamroh.facts including all)`)
  await owner.run(sql`create table plain.access_entries (like hamroh.access_entries including all)`)
  await owner.run(sql`create table plain.access_queue (like hamroh.access_queue including all)`)
  let at = 0
  const now = new Date()
  const lane = async () => {
    while (at < rows.length) {
      const chunk = rows.slice(at, at + CHUNK_MAX)
      at += CHUNK_MAX
      await owner.transaction(async (tx) => {
        await tx.run(sql`set local search_path = plain, pg_catalog`)
        await storeNew(
          tx,
          chunk.map((r) => r.event),
          now,
        )
        await tell(
          tx,
          chunk.flatMap((r) => r.facts),
          now,
        )
        await recordProcessing(
          tx,
          { id: 'floor', at: now, purpose: 'floor' },
          chunk.flatMap((r) => r.entries),
        )
      })
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  const [{ n }] = (await owner.rows<{ n: number }>(
    sql`select (select count(*) from plain.events)::int + (select count(*) from plain.facts)::int
          + (select count(*) from plain.access_entries)::int as n`,
  )) as [{ n: number }]
  const expected = rows.reduce((sum, r) => sum + 1 + r.facts.length + r.entries.length, 0)
  if (n !== expected) throw new Error(`the floor stored ${n} of ${expected} rows`)
  await owner.run(sql`drop schema plain cascade`)
  await owner.end()
}

/** From handing an event in to finding the proposal it caused on another connection, for the births among the load. */
async function visibleTimes(engine: Engine, url: string, people: number, seconds: number): Promise<number[]> {
  const queue = new IntakeQueue(engine)
  const reader = openDatabase({ url, role: 'hamroh_engine', max: 4 })
  const times: number[] = []
  const pending: Promise<void>[] = []
  const events = [...load(people, RATE_PER_S * seconds, 'c')]
  const start = performance.now()
  for (const [i, reported] of events.entries()) {
    const due = start + (i * 1000) / RATE_PER_S
    const wait = due - performance.now()
    if (wait > 1) await new Promise((done) => setTimeout(done, wait))
    pending.push(
      (async () => {
        const began = performance.now()
        const [answer] = await queue.submit([reported])
        if (answer!.status !== 'accepted') throw new Error(JSON.stringify(answer))
        if (agencyOf(reported.item) !== 'zags') return
        for (;;) {
          const [row] = await reader.rows<{ n: number }>(sql`
            select count(*)::int as n from proposals p join events e on e.id = p.event where e.event_id = ${reported.item.id}`)
          if (row!.n > 0) break
        }
        times.push(performance.now() - began)
      })(),
    )
  }
  await Promise.all(pending)
  await reader.end()
  return times.sort((a, b) => a - b)
}

type Measured = {
  readonly wall_s: number
  readonly node_cpu_s: number
  readonly server_cpu_s: number
  readonly peak_mb: number
}

async function measure(
  server: Parameters<typeof serverCpu>[0],
  work: () => Promise<void>,
): Promise<Measured> {
  globalThis.gc?.()
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 100)
  const cpu = process.cpuUsage()
  const database = serverCpu(server)
  const start = performance.now()
  await work()
  const wall_s = (performance.now() - start) / 1000
  clearInterval(watch)
  const used = process.cpuUsage(cpu)
  return {
    wall_s,
    node_cpu_s: (used.user + used.system) / 1e6,
    server_cpu_s: serverCpu(server) - database,
    peak_mb: peak / 2 ** 20,
  }
}

const percentile = (sorted: readonly number[], p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * p) - 1)] ?? Number.NaN
