/**
 * The steps by which a chunk of reported events becomes memory, determinations and proposals. Each is one entry of the
 * table in flow.ts; they run in that order inside one transaction and hand on one `Chunk`.
 */

import { followNotices, markChanged } from './council/council.ts'
import {
  type Cause,
  determine,
  isOutcomeChanged,
  type Read,
  relatedRef,
  WAKE,
} from './determinations/determinations.ts'
import {
  digestOf,
  digestsStored,
  type EventRow,
  holdOrder,
  keyOf,
  type NewEventRow,
  normalise,
  type ParticipantRow,
  type ReportedEvent,
  settleEffects,
  storeNew,
  takePart,
} from './events/events.ts'
import type { Engine } from './flow.ts'
import type { Cancelled } from './journey-flow.ts'
import { forget, type NewFact, readersOf, tell } from './memory/memory.ts'
import {
  establishSubjects,
  findSubjects,
  identifierKey,
  knownFrom,
  lockSubjects,
  type NewSubject,
  type SubjectKind,
} from './people/people.ts'
import { canonical } from './platform/canonical.ts'
import { type DateText, dateIn } from './platform/clock.ts'
import type { Db } from './platform/database.ts'
import { type Due, setDue } from './platform/due.ts'
import type { SubjectId } from './platform/ids.ts'
import type { Refusal } from './platform/refusal.ts'
import { reactToChanges } from './proposals/proposals.ts'
import { recordProcessing } from './trust/trust.ts'

export type ItemResult = {
  /** The event's own id, when it had one. */
  readonly id: string | null
  readonly status: 'accepted' | 'duplicate' | 'refused'
  readonly refusal?: Refusal
  readonly warnings?: readonly string[]
}

type Item = {
  readonly event: ReportedEvent
  row: NewEventRow | null
  result: ItemResult | null
  /** role → subject, once named. */
  roles: Map<string, SubjectId>
}

/** What the steps hand on. */
export type Chunk = {
  readonly items: readonly Item[]
  /** subject → the events that changed what is known of it, each with the predicates; the latest last. */
  readonly changed: Map<SubjectId, Map<string, Set<string>>>
  /** Events that lost their effect in this run. */
  cancelled: readonly Cancelled[]
  /** Events whose facts are to be told: new ones in effect, and older ones that stand again. */
  telling: { row: EventRow; roles: ReadonlyMap<string, SubjectId> }[]
  /** Of every subject locked. */
  kinds: ReadonlyMap<SubjectId, SubjectKind>
  at: Date
  today: DateText
  readonly run: string
}

export type Step = (tx: Db, engine: Engine, chunk: Chunk) => Promise<void>

export function newChunk(engine: Engine, events: readonly ReportedEvent[]): Chunk {
  return {
    items: events.map((event) => ({ event, row: null, result: null, roles: new Map() })),
    changed: new Map(),
    cancelled: [],
    telling: [],
    kinds: new Map(),
    at: engine.clock.now(),
    today: '',
    run: engine.ids(),
  }
}

const living = (chunk: Chunk): Item[] => chunk.items.filter((i) => i.result === null)
const refuse = (item: Item, refusal: Refusal): void => {
  item.result = { id: item.event.event_id, status: 'refused', refusal }
}

/** Whoever cancels waits for all others and they for it; ordinary intake runs side by side. */
export const orderCancellers: Step = async (tx, _engine, chunk) => {
  await holdOrder(
    tx,
    chunk.items.some((i) => i.event.cancels !== null),
  )
}

/** Identifiers become subjects; an event that may establishes the ones it brings; one about a stranger is refused. */
export const nameSubjects: Step = async (tx, engine, chunk) => {
  const named = new Map<string, { kind: ReportedEvent['participants'][number]['kind']; value: string }>()
  for (const { event } of chunk.items)
    for (const p of event.participants) named.set(identifierKey(p.kind, p.value), p)
  const known = await findSubjects(tx, [...named.values()])
  await refuseContradictions(tx, chunk, known)
  const establishing = refuseStrangers(chunk, known)
  if (establishing.size > 0) {
    const subjects = [...establishing.values()].map(
      (p): NewSubject => ({ ...p, subject_id: engine.ids() as SubjectId }),
    )
    for (const [key, subject] of await establishSubjects(tx, subjects, chunk.at)) known.set(key, subject)
  }
  for (const item of living(chunk)) {
    for (const p of item.event.participants)
      item.roles.set(p.role, known.get(identifierKey(p.kind, p.value))!)
  }
}

/** An event already stored whose participants are now strangers cannot be a repetition: it must not establish anybody. */
async function refuseContradictions(
  tx: Db,
  chunk: Chunk,
  known: ReadonlyMap<string, SubjectId>,
): Promise<void> {
  const suspects = chunk.items.filter((i) =>
    i.event.participants.some((p) => p.establishes && !known.has(identifierKey(p.kind, p.value))),
  )
  if (suspects.length === 0) return
  const stored = new Set(
    (
      await digestsStored(
        tx,
        suspects.map((i) => i.event),
      )
    ).map(keyOf),
  )
  for (const item of suspects) if (stored.has(keyOf(item.event))) refuse(item, contradiction)
}

const contradiction: Refusal = {
  code: 'event_conflict',
  at: 'id',
  message: 'An event of this source and id is already stored and says something else.',
  next: 'To change what was reported, send a new event with hamrohcorrects or hamrohretracts.',
}

type Establishing = Map<
  string,
  { kind: ReportedEvent['participants'][number]['kind']; value: string; subject: 'person' | 'organisation' }
>

/** Until nothing changes: refusing one event can make the newborn it brought a stranger to the next. */
function refuseStrangers(chunk: Chunk, known: ReadonlyMap<string, SubjectId>): Establishing {
  for (;;) {
    const establishing: Establishing = new Map()
    for (const { event } of living(chunk)) {
      for (const p of event.participants) {
        const key = identifierKey(p.kind, p.value)
        if (p.establishes && !known.has(key))
          establishing.set(key, { kind: p.kind, value: p.value, subject: p.subject })
      }
    }
    let refusedAny = false
    for (const item of living(chunk)) {
      const stranger = item.event.participants.find((p) => {
        const key = identifierKey(p.kind, p.value)
        return !known.has(key) && !establishing.has(key)
      })
      if (!stranger) continue
      refusedAny = true
      refuse(item, {
        code: 'unknown_subject',
        at: `data.${stranger.path.join('.')}`,
        message: `No ${stranger.subject} with this ${stranger.kind} is known.`,
        next: 'Check the identifier; if the person is new, their registration must be reported first. Then send this event again.',
      })
    }
    if (!refusedAny) return establishing
  }
}

/** Each (source, id) is stored once: repetitions are recognised, contradictions refused. */
export const storeEvents: Step = async (tx, engine, chunk) => {
  const first = new Map<string, Item>()
  const repeated: Item[] = []
  for (const item of living(chunk)) {
    const { event } = item
    const data = normalise(event, item.roles)
    const data_text = data === null ? null : canonical(data)
    item.row = {
      source: event.source,
      event_id: event.event_id,
      id: engine.ids(),
      type: event.type,
      type_version: event.type_version,
      agency: event.agency,
      occurred_at: event.occurred_at,
      received_at: chunk.at,
      data,
      data_text,
      digest: digestOf(event, data_text),
      cancels: event.cancels?.event_id ?? null,
      cancel_kind: event.cancels?.kind ?? null,
      effective: true,
    }
    const key = keyOf(event)
    if (first.has(key)) repeated.push(item)
    else first.set(key, item)
  }
  // One order everywhere, so that two chunks with the same events wait for each other instead of locking up.
  const rows = [...first.keys()].sort().map((key) => first.get(key)!.row!)
  const stored = await storeNew(tx, rows, chunk.at)
  const inserted = stored.length === rows.length ? null : new Set(stored.map(keyOf))
  for (const [key, item] of first) {
    if (inserted === null || inserted.has(key))
      item.result = {
        id: item.event.event_id,
        status: 'accepted',
        ...(item.event.warnings.length > 0 ? { warnings: item.event.warnings } : {}),
      }
    else repeated.push(item)
  }
  if (repeated.length === 0) return
  const digests = new Map(
    (
      await digestsStored(
        tx,
        repeated.map((i) => i.event),
      )
    ).map((e) => [keyOf(e), e.digest]),
  )
  for (const item of repeated) {
    const stored = digests.get(keyOf(item.event))
    if (stored?.equals(item.row!.digest)) item.result = { id: item.event.event_id, status: 'duplicate' }
    else refuse(item, contradiction)
    item.row = null
  }
}

const fresh = (chunk: Chunk): Item[] =>
  chunk.items.filter((i) => i.result?.status === 'accepted' && i.row !== null)

/** Corrections and retractions: which events, new and old, are in effect now. */
export const decideEffect: Step = async (tx, engine, chunk) => {
  const added = fresh(chunk)
  if (added.length === 0) return
  const { lost, regained } = await settleEffects(
    tx,
    engine.readers,
    added.map((i) => i.row!),
  )
  const without = new Set(lost.map((l) => l.event))
  const own = new Set(added.map((i) => i.row!.id))
  chunk.telling = [
    ...added.filter((i) => !without.has(i.row!.id)).map((i) => ({ row: i.row!, roles: i.roles })),
    ...regained,
  ]
  chunk.cancelled = lost.filter((l) => !own.has(l.event))
}

/** Whoever changes what is known of a subject holds its lock; from here on "now" is the moment of knowing. */
export const takeLocks: Step = async (tx, engine, chunk) => {
  const subjects = new Set(chunk.telling.flatMap((t) => [...t.roles.values()]))
  for (const { subjects: touched } of chunk.cancelled) for (const subject of touched) subjects.add(subject)
  const locked = await lockSubjects(tx, [...subjects])
  chunk.kinds = locked.kinds
  chunk.at = knownFrom(locked, engine.clock.now())
  chunk.today = dateIn(chunk.at, engine.pack.zone)
}

/** Facts told; participants of whom none was; facts whose event lost its effect. */
export const remember: Step = async (tx, engine, chunk) => {
  const told: NewFact[] = []
  const parts: ParticipantRow[] = []
  for (const { row, roles } of chunk.telling) {
    const facts = factsTold(engine, row, roles)
    told.push(...facts)
    parts.push(...bystanders(row, roles, facts))
  }
  // What arrives already cancelled tells nothing, but it was about somebody.
  const telling = new Set(chunk.telling.map((t) => t.row.id))
  for (const { row, roles } of fresh(chunk))
    if (!telling.has(row!.id)) parts.push(...bystanders(row!, roles, []))
  await takePart(tx, parts)
  await tell(tx, told, chunk.at)
  for (const fact of told) touch(chunk, fact.subject_id, fact.predicate, fact.event)
  if (chunk.cancelled.length > 0) {
    const why = new Map(chunk.cancelled.map((c) => [c.event, c.because]))
    for (const gone of await forget(tx, chunk.cancelled, chunk.at))
      touch(chunk, gone.subject_id, gone.predicate, why.get(gone.event)!)
  }
}

function factsTold(engine: Engine, row: EventRow, roles: ReadonlyMap<string, SubjectId>): NewFact[] {
  const day = dateIn(row.occurred_at, engine.pack.zone)
  const told: NewFact[] = []
  for (const reader of engine.readers.get(row.type)?.facts ?? []) {
    const subject_id = roles.get(reader.of)
    if (subject_id === undefined) continue
    const fact = reader.read(row.data, roles, day)
    if (fact === null) continue
    told.push({
      subject_id,
      id: engine.ids(),
      predicate: reader.predicate,
      item: fact.item,
      state: fact.state,
      value: fact.value,
      valid_from: fact.from,
      valid_to: fact.to,
      source: row.agency,
      event: row.id,
      observed_at: row.occurred_at,
    })
  }
  return told
}

/** Those the event names but tells no fact of. */
function bystanders(
  row: EventRow,
  roles: ReadonlyMap<string, SubjectId>,
  told: readonly NewFact[],
): ParticipantRow[] {
  const parts: ParticipantRow[] = []
  for (const [role, subject_id] of roles)
    if (!told.some((f) => f.subject_id === subject_id)) parts.push({ subject_id, event: row.id, role })
  return parts
}

function touch(chunk: Chunk, subject: SubjectId, predicate: string, because: string): void {
  const by = chunk.changed.get(subject) ?? new Map<string, Set<string>>()
  chunk.changed.set(subject, by)
  by.set(because, (by.get(because) ?? new Set()).add(predicate))
}

/** Rules that read what changed; proposals; journeys that wait for it or rest on what is gone; the engine's own entry. */
export const follow: Step = async (tx, engine, chunk) => {
  if (chunk.changed.size === 0) return
  const causes = [...chunk.changed].map(
    ([subject, by]): Cause => ({
      subject,
      kind: chunk.kinds.get(subject)!,
      predicates: new Set([...by.values()].flatMap((predicates) => [...predicates])),
      because: [...by.keys()].at(-1)!,
      by,
    }),
  )
  await settle(tx, engine, causes, chunk)
}

/** Shared by intake, wake-ups and answers: from causes to proposals and journeys. */
export async function settle(
  tx: Db,
  engine: Engine,
  causes: readonly Cause[],
  run: { at: Date; run: string; cancelled: readonly Cancelled[] },
): Promise<{ readonly changed: number; readonly kept: number }> {
  // What only time changes the snapshot finds by itself.
  const told = causes.filter((c) => c.predicates !== 'all' || c.because !== null)
  await markChanged(
    tx,
    told.map((c) => c.subject),
  )
  const rules = { pack: engine.pack, index: engine.index, at: run.at, ids: engine.ids }
  const { changes, read } = await determine(tx, rules, causes)
  const reaction = await reactToChanges(tx, { pack: engine.pack, at: run.at, ids: engine.ids }, changes)
  // Whom a publication's run goes through, it tells by itself.
  const notices = await followNotices(
    tx,
    rules,
    causes.filter((c) => c.publication === undefined),
  )
  engine.metrics.count(
    'hamroh_determinations_changed_total',
    'Determinations that changed.',
    {},
    changes.length,
  )
  engine.metrics.count('hamroh_proposals_opened_total', 'Proposals put before people.', {}, reaction.opened)
  for (const cancelled of run.cancelled) await engine.journeys.onEventCancelled(tx, cancelled)
  await engine.journeys.onFactsChanged(
    tx,
    causes.map((c) => c.subject),
  )
  await wakeReaders(tx, engine, causes, run.at)
  await recordProcessing(
    tx,
    { id: run.run, at: run.at, purpose: engine.processing_purpose },
    entriesOf(causes, [...read, ...notices.read]).map((e) => ({ ...e, id: engine.ids() })),
  )
  const changed = changes.filter(isOutcomeChanged).length
  return { changed, kept: changes.length - changed }
}

/** One entry per subject and run: what was read of it, or, where no rule reads what changed, what was noted. */
function entriesOf(causes: readonly Cause[], read: readonly Read[]): Read[] {
  const entries = new Map<SubjectId, Read>()
  for (const one of read) {
    const before = entries.get(one.subject)
    const predicates = before
      ? [...new Set([...before.predicates, ...one.predicates])].sort()
      : one.predicates
    entries.set(one.subject, { ...one, because: before?.because ?? one.because, predicates })
  }
  for (const { subject, because, predicates } of causes) {
    if (entries.has(subject)) continue
    entries.set(subject, { subject, because, predicates: predicates === 'all' ? [] : [...predicates].sort() })
  }
  return [...entries.values()]
}

/** Whose rules read, by a relation, what changed here: each is looked at again at once, in a transaction of its own. */
async function wakeReaders(tx: Db, engine: Engine, causes: readonly Cause[], at: Date): Promise<void> {
  const changed = new Map(causes.flatMap((c) => (c.predicates === 'all' ? [] : [[c.subject, c.predicates]])))
  const because = new Map(causes.map((c) => [c.subject, c.because]))
  const readers = await readersOf(tx, engine.pack, changed)
  const rows = new Map<string, Due>()
  for (const { reader, relation, of } of readers) {
    const event = because.get(of)
    if (!event) continue
    const ref = relatedRef(relation, event)
    rows.set(`${reader} ${ref}`, { due_at: at, kind: WAKE, subject_id: reader, ref })
  }
  await setDue(tx, [...rows.values()])
}
