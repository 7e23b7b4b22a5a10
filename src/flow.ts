/**
 * The way of an event through the stations. Everything from reported events to proposals happens in one transaction,
 * by the steps of the table below, in that order; what leaves the process is a job enqueued in the same transaction.
 */

import { type Cause, type RuleIndex, WAKE, wakeCause } from './determinations/determinations.ts'
import { type EventReaders, type ReportedEvent, readEvent, storeNew } from './events/events.ts'
import { keepSigned, type Signed } from './identity/identity.ts'
import {
  decideEffect,
  follow,
  type ItemResult,
  nameSubjects,
  newChunk,
  orderCancellers,
  remember,
  type Step,
  settle,
  storeEvents,
  takeLocks,
} from './intake.ts'
import { acceptRoute, type Cancelled, type JourneyContext } from './journey-flow.ts'
import { tell } from './memory/memory.ts'
import type { Pack } from './packs/packs.ts'
import { knownFrom, lockSubjects, type SubjectKind, subjectKinds } from './people/people.ts'
import { canonical, type Json, sha256 } from './platform/canonical.ts'
import type { Clock } from './platform/clock.ts'
import { type DateText, dateIn } from './platform/clock.ts'
import type { Database, Db } from './platform/database.ts'
import { type Due, takeDue } from './platform/due.ts'
import type { Ids, SubjectId } from './platform/ids.ts'
import type { Log } from './platform/logs.ts'
import type { Metrics } from './platform/metrics.ts'
import { accepted, type Outcome, RefusedError, refused } from './platform/refusal.ts'
import { type Answer, answer, type Proposal } from './proposals/proposals.ts'

export type { ItemResult } from './intake.ts'

/** What running the flow needs; made once by main.ts. */
export type Engine = {
  readonly pack: Pack
  readonly index: RuleIndex
  readonly readers: EventReaders
  readonly clock: Clock
  readonly ids: Ids
  /** Role hamroh_engine. */
  readonly db: Database
  readonly log: Log
  readonly metrics: Metrics
  /** Purpose the engine's own processing is recorded under. */
  readonly processing_purpose: string
  /** What journeys make of changed facts and cancelled events; in the caller's transaction. */
  readonly journeys: {
    onFactsChanged(tx: Db, subjects: readonly SubjectId[]): Promise<void>
    onEventCancelled(tx: Db, cancelled: Cancelled): Promise<void>
    onDue(tx: Db, due: Due): Promise<void>
  }
}

type Entry = {
  readonly step: string
  readonly run: Step
  readonly reads: string
  readonly writes: string
  readonly refuses: string
}

const entry = (step: string, run: Step, reads: string, writes: string, refuses: string): Entry => ({
  step,
  run,
  reads,
  writes,
  refuses,
})

/** One line a step: what it reads, what it writes, what it may refuse. All in one transaction. */
export const way: readonly Entry[] = [
  entry('order cancellers', orderCancellers, '-', '-', '-'),
  entry(
    'name the subjects',
    nameSubjects,
    'identifiers',
    'subjects, identifiers',
    'unknown_subject, event_conflict',
  ),
  entry('store the events', storeEvents, 'events', 'events', 'event_conflict'),
  entry('decide their effect', decideEffect, 'events, participants', 'events.effective, participants', '-'),
  entry('lock the subjects', takeLocks, 'subjects', '-', '-'),
  entry('remember', remember, 'facts', 'participants, facts', '-'),
  entry(
    'what follows',
    follow,
    'facts, determinations',
    'determinations, due_work, proposals, steps, access_entries, jobs',
    '-',
  ),
]

/** Rows of one transaction: enough to be fast, few enough that a lock is short. */
export const CHUNK_MAX = 1000

export type Reported = { readonly agency: string; readonly item: unknown }

/**
 * Takes reported events in. Each item gets its own answer, in order; everything answered as accepted is committed.
 * @throws when the database cannot be reached; then nothing of the current chunk was kept, and what was answered by an
 *   earlier chunk is found as a duplicate when the request is sent again
 */
export async function intake(engine: Engine, reported: readonly Reported[]): Promise<ItemResult[]> {
  const results: ItemResult[] = []
  for (let from = 0; from < reported.length; from += CHUNK_MAX) {
    results.push(...(await intakeChunk(engine, reported.slice(from, from + CHUNK_MAX))))
  }
  return results
}

async function intakeChunk(engine: Engine, reported: readonly Reported[]): Promise<ItemResult[]> {
  const now = engine.clock.now()
  const today = dateIn(now, engine.pack.zone)
  const results: (ItemResult | null)[] = []
  const events: ReportedEvent[] = []
  for (const { agency, item } of reported) {
    const reading = readEvent(engine.pack, engine.readers, agency, item, now, today)
    results.push(reading.ok ? null : { id: reading.id, status: 'refused', refusal: reading.refusal })
    if (reading.ok) events.push(reading.event)
  }
  const stored = (await process(engine, events)).values()
  const answers = results.map((r) => r ?? stored.next().value!)
  for (const status of ['accepted', 'duplicate', 'refused'] as const) {
    const n = answers.filter((a) => a.status === status).length
    if (n > 0)
      engine.metrics.count('hamroh_events_total', 'Events reported, by what became of them.', { status }, n)
  }
  return answers
}

/** One transaction for all; if a bug makes it fail, halves are tried, so that one bad neighbour costs nobody else. */
async function process(engine: Engine, events: readonly ReportedEvent[]): Promise<ItemResult[]> {
  if (events.length === 0) return []
  try {
    return await engine.db.transaction(async (tx) => {
      const chunk = newChunk(engine, events)
      for (const { run } of way) await run(tx, engine, chunk)
      return chunk.items.map((i) => i.result!)
    })
  } catch (error) {
    if (unreachable(error)) throw error
    if (events.length === 1) {
      engine.log.error({ error, type: events[0]!.type }, 'an event could not be processed')
      return [{ id: events[0]!.event_id, status: 'refused', refusal: failed }]
    }
    const half = Math.ceil(events.length / 2)
    return [...(await process(engine, events.slice(0, half))), ...(await process(engine, events.slice(half)))]
  }
}

const failed = {
  code: 'not_processed',
  message: 'This event could not be processed; nothing of it was kept.',
  next: 'Send it again later. If it is refused again, tell the operator the event id.',
} as const

/** Connection lost (08…, 57P0x, node's own) or the disk is full (53…): no reason to try the events one by one. */
function unreachable(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? ''
  return (
    /^(08|53|57P|ECONN|EPIPE|ETIMEDOUT)/.test(code) ||
    /connection|timeout exceeded when trying to connect/i.test((error as Error).message)
  )
}

/**
 * A person answers a proposal: once, in one transaction; accepting a route starts its journey in the same one.
 * The same answer again changes nothing. Refusals: see `answer` of proposals, and `startJourney` of routes.
 */
export async function answerProposal(
  engine: Engine,
  journeys: JourneyContext,
  given: {
    readonly subject: SubjectId
    readonly id: string
    readonly answer: Answer
    readonly key: string
    readonly by: string
    /** What the person signed with a passkey; stored with the answer. */
    readonly signed?: Signed
  },
): Promise<
  Outcome<{ readonly proposal: Proposal; readonly journey_id: string | null; readonly repeated: boolean }>
> {
  try {
    return await engine.db.transaction(async (tx) => {
      await lockSubjects(tx, [given.subject])
      const answered = await answer(tx, engine.clock.now(), given)
      if (!answered.ok) return answered
      const { proposal, repeated } = answered.value
      if (given.signed && !repeated) await keepSigned(tx, engine.ids, given.subject, given.signed)
      if (given.answer === 'decline') return accepted({ proposal, journey_id: null, repeated })
      const started = await acceptRoute(tx, journeys, proposal)
      // Without its journey the acceptance must not stand either.
      if (!started.ok) throw new RefusedError(started.refusal)
      return accepted({ proposal, journey_id: started.value?.id ?? null, repeated })
    })
  } catch (error) {
    if (error instanceof RefusedError) return refused(error.refusal)
    throw error
  }
}

/** Source under which people's own answers are kept as events. */
const ANSWERS = 'urn:hamroh:answers'
const ANSWER_TYPE = 'hamroh.person.answered'
const DECLARED = 'declared'

/**
 * A person's answer becomes an event and a fact of their own telling, in the caller's transaction, which holds the
 * subject's lock. Returns the event's id. Rules that read it are evaluated at once.
 */
export async function declare(
  engine: Engine,
  tx: Db,
  given: {
    readonly subject: SubjectId
    readonly predicate: string
    readonly value: Json
    readonly question_id: string
    readonly valid_from: DateText
  },
): Promise<string> {
  const at = knownFrom(await lockSubjects(tx, [given.subject]), engine.clock.now())
  const event = engine.ids()
  const data: Json = {
    question: given.question_id,
    predicate: given.predicate,
    value: given.value,
    person: given.subject,
  }
  const data_text = canonical(data)
  const digest = Buffer.from(sha256(data_text), 'hex')
  const row = {
    source: ANSWERS,
    event_id: given.question_id,
    id: event,
    type: ANSWER_TYPE,
    type_version: 1,
    agency: DECLARED,
    occurred_at: at,
    received_at: at,
    data,
    data_text,
    digest,
    cancels: null,
    cancel_kind: null,
    effective: true,
  } as const
  await storeNew(tx, [row], at)
  await tell(
    tx,
    [
      {
        subject_id: given.subject,
        id: engine.ids(),
        predicate: given.predicate,
        item: '',
        state: 'known',
        value: given.value,
        valid_from: given.valid_from,
        valid_to: null,
        source: DECLARED,
        event,
        observed_at: at,
      },
    ],
    at,
  )
  const kinds = await subjectKinds(tx, [given.subject])
  const cause: Cause = {
    subject: given.subject,
    kind: kinds.get(given.subject)!,
    predicates: new Set([given.predicate]),
    because: event,
  }
  await settle(tx, engine, [cause], { at, run: engine.ids(), cancelled: [] })
  return event
}

const DUE_MAX = 500

/**
 * Does what the clock has made due: looks again at subjects whose determination changes today, and hands overdue steps
 * to the journeys. Call often; returns how much was done, so that a caller can go on until there is nothing left.
 */
export async function wake(engine: Engine): Promise<number> {
  return engine.db.transaction(async (tx) => {
    const at = engine.clock.now()
    const due = await takeDue(tx, at, DUE_MAX)
    if (due.length === 0) return 0
    const subjects = [...new Set(due.map((d) => d.subject_id))]
    const { kinds } = await lockSubjects(tx, subjects)
    const causes = causesOf(due, kinds)
    if (causes.length > 0) await settle(tx, engine, causes, { at, run: engine.ids(), cancelled: [] })
    for (const d of due) if (d.kind !== WAKE) await engine.journeys.onDue(tx, d)
    return due.length
  })
}

/** One cause a subject: what woke it, all in one. Where time did, among others, all its rules are looked at. */
function causesOf(due: readonly Due[], kinds: ReadonlyMap<SubjectId, SubjectKind>): Cause[] {
  const causes = new Map<SubjectId, Cause>()
  for (const { subject_id: subject, kind, ref } of due) {
    if (kind !== WAKE) continue
    const { predicates, because } = wakeCause(ref)
    const before = causes.get(subject)
    causes.set(subject, {
      subject,
      kind: kinds.get(subject)!,
      predicates:
        predicates === 'all' || before?.predicates === 'all'
          ? 'all'
          : new Set([...(before?.predicates ?? []), ...predicates]),
      because: before?.because ?? because,
    })
  }
  return [...causes.values()]
}
