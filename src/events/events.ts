/**
 * Events: intake, and the event graph.
 *
 * In:  CloudEvents as agencies send them, any order, any number of times.
 * Out: events stored once, and the set of those in effect.
 * Promise: what is wrong is refused with field and reason and changes nothing; (source, id) is stored once; whether an
 *          event is in effect depends on the events known, never on the order of their arrival.
 */
import { hash } from 'node:crypto'
import { z } from 'zod'
import type { EventType, Pack } from '../packs/packs.ts'
import { checkIdentifier, type IdentifierKind, type SubjectKind } from '../people/people.ts'
import { canonical, type Json } from '../platform/canonical.ts'
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { Refusal } from '../platform/refusal.ts'
import { type EffectChanges, effectsOf } from './effect.ts'
import { type Edge, type GraphKey, subjectsAt, walkBack, walkForward } from './graph.ts'
import { at, type EventReader, readerOf } from './mapping.ts'
import {
  digestsOf,
  type EventRow,
  eventsById,
  insertEvents,
  insertParticipants,
  lockOrder,
  type NewEventRow,
  type ParticipantRow,
} from './store.ts'

/** A registry's clock may run ahead of ours by this much. */
export const FUTURE_SKEW_MS = 5 * 60_000
export const BATCH_ITEMS_MAX = 100_000
const TEXT_MAX = 256

const plain = z
  .string()
  .min(1)
  .max(TEXT_MAX)
  .refine(
    (s) => !s.includes('\u0000') && s.isWellFormed(),
    'has a character that cannot be stored (NUL or half a surrogate pair)',
  )

const envelope = z.strictObject({
  specversion: z.literal('1.0'),
  id: plain,
  source: plain,
  type: plain,
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal('application/json').optional(),
  dataschema: z.string().max(TEXT_MAX).optional(),
  subject: z.string().max(TEXT_MAX).optional(),
  hamrohcorrects: plain.optional(),
  hamrohretracts: plain.optional(),
  data: z.unknown().optional(),
})

/** A participant as the registry names it, before the subject is known. */
export type NamedParticipant = {
  readonly role: string
  readonly kind: IdentifierKind
  readonly value: string
  readonly path: readonly string[]
  readonly subject: SubjectKind
  readonly establishes: boolean
}

/** An event that passed every check needing no database. */
export type ReportedEvent = {
  readonly source: string
  readonly event_id: string
  readonly type: string
  readonly type_version: number
  readonly agency: string
  readonly occurred_at: Date
  readonly data: Json
  readonly participants: readonly NamedParticipant[]
  readonly cancels: { readonly kind: 'correct' | 'retract'; readonly event_id: string } | null
  /** Odd but not wrong: e.g. a check digit; shown to the registry. */
  readonly warnings: readonly string[]
}

export type Reading =
  | { readonly ok: true; readonly event: ReportedEvent }
  | { readonly ok: false; readonly id: string | null; readonly refusal: Refusal }

export type EventReaders = ReadonlyMap<string, EventReader>

/** The pack's event types, ready to read. Build once. */
export const eventReaders = (pack: Pack): EventReaders =>
  new Map([...pack.events.values()].map((type) => [type.type, readerOf(type)]))

/**
 * Checks one CloudEvent of an agency against envelope and pack. Pure; `now` is the moment of arrival.
 * Refusals name the field and what was expected, never the value.
 */
export function readEvent(
  pack: Pack,
  readers: EventReaders,
  agency: string,
  item: unknown,
  now: Date,
  today: string,
): Reading {
  const parsed = envelope.safeParse(item)
  if (!parsed.success) return no(idOf(item), issue('malformed_event', '', parsed.error))
  const e = parsed.data
  const refuse = (refusal: Refusal): Reading => no(e.id, refusal)

  const reader = readers.get(e.type)
  if (!reader)
    return refuse({
      code: 'unknown_type',
      at: 'type',
      message: 'The pack has no event type of this name.',
      next: 'See GET /v1/event-types for the types you may report.',
    })
  if (!pack.agencies.get(agency)?.reports.includes(e.type)) {
    return refuse({
      code: 'foreign_type',
      at: 'type',
      message: 'This agency may not report events of this type.',
    })
  }
  const occurred_at = new Date(e.time)
  if (occurred_at.getTime() > now.getTime() + FUTURE_SKEW_MS) {
    return refuse({
      code: 'future_time',
      at: 'time',
      message: 'The event lies in the future.',
      next: 'Check the clock of the sending system.',
    })
  }
  if (e.hamrohcorrects !== undefined && e.hamrohretracts !== undefined) {
    return refuse({
      code: 'malformed_event',
      at: 'hamrohretracts',
      message: 'An event corrects or retracts another one, not both.',
    })
  }
  const target = e.hamrohretracts ?? e.hamrohcorrects
  if (target === e.id)
    return refuse({ code: 'cancels_itself', at: 'id', message: 'An event cannot correct or retract itself.' })
  const shared = {
    source: e.source,
    event_id: e.id,
    type: e.type,
    type_version: reader.type.version,
    agency,
    occurred_at,
  }
  if (e.hamrohretracts !== undefined) {
    if (e.data !== undefined && e.data !== null)
      return refuse({ code: 'malformed_event', at: 'data', message: 'A retraction carries no data.' })
    return {
      ok: true,
      event: {
        ...shared,
        data: null,
        participants: [],
        cancels: { kind: 'retract', event_id: e.hamrohretracts },
        warnings: [],
      },
    }
  }

  const data = reader.schema.safeParse(e.data)
  if (!data.success) return refuse(issue('malformed_data', 'data', data.error))
  const body = data.data as Json
  for (const path of reader.not_future) {
    const day = at(body, path)
    if (typeof day === 'string' && day > today) {
      return refuse({
        code: 'future_date',
        at: `data.${path.join('.')}`,
        message: 'This date lies in the future.',
      })
    }
  }
  const participants = nameParticipants(reader, body)
  if (!Array.isArray(participants)) return refuse(participants as Refusal)
  const named = participants as readonly (NamedParticipant & { warnings: readonly string[] })[]
  return {
    ok: true,
    event: {
      ...shared,
      data: body,
      participants: named,
      cancels: e.hamrohcorrects === undefined ? null : { kind: 'correct', event_id: e.hamrohcorrects },
      warnings: named.flatMap((p) => p.warnings.map((w) => `data.${p.path.join('.')}: ${w}`)),
    },
  }
}

function nameParticipants(
  reader: EventReader,
  data: Json,
): (NamedParticipant & { warnings: readonly string[] })[] | Refusal {
  const named: (NamedParticipant & { warnings: readonly string[] })[] = []
  const seen = new Set<string>()
  for (const [i, declared] of reader.type.participants.entries()) {
    const { role, path } = reader.identifiers[i]!
    const value = at(data, path)
    const place = `data.${path.join('.')}`
    if (typeof value !== 'string') {
      if (declared.optional) continue
      return { code: 'missing_participant', at: place, message: `The event names no ${role}.` }
    }
    const kind = kindAt(reader.type.data, path)
    const check = checkIdentifier(kind, value)
    if (!check.well_formed)
      return {
        code: 'malformed_identifier',
        at: place,
        message: `This is not a ${kind}: expected ${check.expected}.`,
      }
    if (seen.has(value))
      return {
        code: 'same_subject_twice',
        at: place,
        message: 'One person cannot take part in two roles of this event.',
      }
    seen.add(value)
    named.push({
      role,
      kind,
      value,
      path,
      subject: declared.subject,
      establishes: declared.establishes,
      warnings: check.warnings,
    })
  }
  if (named.length === 0)
    return { code: 'missing_participant', at: 'data', message: 'The event is about nobody.' }
  return named
}

function kindAt(fields: EventType['data'], path: readonly string[]): IdentifierKind {
  let here = fields
  for (const name of path.slice(0, -1)) {
    const field = here[name]
    if (field?.type !== 'object') throw new Error(`the pack names no object at ${path.join('.')}`)
    here = field.fields
  }
  const field = here[path.at(-1)!]
  if (field?.type !== 'identifier') throw new Error(`the pack names no identifier at ${path.join('.')}`)
  return field.kind
}

/**
 * Which of `lanes` an item waits in: events about one subject in one lane. Of several participants the one who was known
 * before counts (the mother, not the newborn): it is their lock that others may want. A lane is no more than a matter
 * of speed, so what cannot be read goes anywhere.
 */
export function laneOf(readers: EventReaders, item: unknown, lanes: number): number {
  const event = item as { type?: unknown; data?: Json } | null
  const reader = typeof event?.type === 'string' ? readers.get(event.type) : undefined
  if (!reader) return 0
  const value = at(event?.data, reader.lane_by)
  if (typeof value !== 'string') return 0
  let mixed = 0
  for (let i = 0; i < value.length; i++) mixed = (Math.imul(mixed, 31) + value.charCodeAt(i)) | 0
  // The low bits of such a hash follow the last characters too closely.
  return ((mixed ^ (mixed >>> 15)) >>> 0) % lanes
}

/** The data as it is stored: every national identifier replaced by the subject it names. */
export function normalise(event: ReportedEvent, subjects: ReadonlyMap<string, string>): Json {
  let data = event.data
  for (const p of event.participants) data = withValue(data, p.path, 0, subjects.get(p.role)!)
  return data
}

/** A copy that differs at one path; what is off the path is shared. */
function withValue(data: Json, path: readonly string[], depth: number, value: Json): Json {
  if (depth === path.length) return value
  const here = data as { readonly [key: string]: Json }
  return { ...here, [path[depth]!]: withValue(here[path[depth]!]!, path, depth + 1, value) }
}

/**
 * SHA-256 over what the event says, national identifiers left out: the same (source, id) must say the same.
 * @param data_text canonical JSON of the normalised data, null for none
 */
export function digestOf(event: ReportedEvent, data_text: string | null): Buffer {
  // The canonical JSON of {cancels, data, time, type}, around a text that is already canonical.
  const said = `{"cancels":${canonical(event.cancels)},"data":${data_text},"time":"${event.occurred_at.toISOString()}","type":${JSON.stringify(event.type)}}`
  return hash('sha256', said, 'buffer')
}

export type { EventRow, NewEventRow, ParticipantRow } from './store.ts'

type Key = { readonly source: string; readonly event_id: string }

/** One text for (source, id), which are texts without NUL. */
export const keyOf = (e: Key): string => `${e.source}\u0000${e.event_id}`

/**
 * Held until the transaction ends: whoever cancels events waits for all other intake and it for them, so that an event
 * and its canceller, arriving at once, cannot both miss each other.
 */
export const holdOrder = (tx: Db, exclusive: boolean): Promise<void> => lockOrder(tx, exclusive)

/** Stores events not yet known, in effect for now; returns the keys of those that were new. */
export const storeNew = (tx: Db, rows: readonly NewEventRow[], received_at: Date): Promise<readonly Key[]> =>
  insertEvents(tx, rows, received_at)

/** What the stored events of these keys said. */
export const digestsStored = (
  db: Db,
  keys: readonly Key[],
): Promise<(Key & { id: string; digest: Buffer })[]> => digestsOf(db, keys)

/** Decides which events are in effect now that these are stored too. The caller holds the order of cancellers. */
export const settleEffects = (
  tx: Db,
  readers: EventReaders,
  added: readonly EventRow[],
): Promise<EffectChanges> => effectsOf(tx, (row) => rolesIn(readers, row), added)

/** Who takes part in a stored event, by role: its identifiers were replaced by subject ids when it was stored. */
export function rolesIn(readers: EventReaders, row: EventRow): Map<string, SubjectId> {
  const roles = new Map<string, SubjectId>()
  for (const { role, path } of readers.get(row.type)?.identifiers ?? []) {
    const subject = at(row.data ?? undefined, path)
    if (typeof subject === 'string') roles.set(role, subject as SubjectId)
  }
  return roles
}

/** Who takes part in which event, in which role. */
export const takePart = (tx: Db, rows: readonly ParticipantRow[]): Promise<void> =>
  insertParticipants(tx, rows)

export const findEvents = (db: Db, ids: readonly string[]): Promise<EventRow[]> => eventsById(db, ids)

export { type Edge, type GraphKey, type NodeKind, nodeKinds } from './graph.ts'

/** The event graph from X back to its causes: what it rests on, for one subject. */
export const causesOf = (db: Db, subject: string, from: GraphKey): Promise<Edge[]> =>
  walkBack(db, subject, from)

/** The event graph from X forward: all it caused for one subject. */
export const effectsFrom = (db: Db, subject: string, from: GraphKey): Promise<Edge[]> =>
  walkForward(db, subject, from)

/** Whom a thing concerns, e.g. all who took part in an event. For the command line: it is asked without a subject. */
export const concernedBy = (db: Db, of: GraphKey): Promise<string[]> => subjectsAt(db, of)

const no = (id: string | null, refusal: Refusal): Reading => ({ ok: false, id, refusal })

function idOf(item: unknown): string | null {
  const id = typeof item === 'object' && item !== null ? (item as { id?: unknown }).id : undefined
  return typeof id === 'string' && id.length <= TEXT_MAX && id.isWellFormed() && !id.includes('\u0000')
    ? id
    : null
}

/** The first thing wrong, as a refusal; unknown keys are named, values are not. */
function issue(code: string, root: string, error: z.ZodError): Refusal {
  const first = error.issues[0]!
  const path = [root, ...first.path.map(String)].filter((part) => part !== '').join('.')
  const unknown = first.code === 'unrecognized_keys'
  return {
    code: unknown ? 'unknown_field' : code,
    at: path || 'event',
    message: unknown ? 'There are fields the event type does not have.' : `${first.message}.`,
    ...(error.issues.length > 1 ? { facts: { further_mistakes: error.issues.length - 1 } } : {}),
  }
}
