import type { Json } from '../platform/canonical.ts'
import { type Db, jsonTexts, prepared, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { CancelNode } from './effect.ts'

export type EventRow = {
  readonly source: string
  readonly event_id: string
  readonly id: string
  readonly type: string
  readonly type_version: number
  readonly agency: string
  readonly occurred_at: Date
  readonly received_at: Date
  readonly data: Json
  readonly digest: Buffer
  readonly cancels: string | null
  readonly cancel_kind: 'correct' | 'retract' | null
  readonly effective: boolean
}

/**
 * Inserts events not yet known, in effect for now; returns the (source, event_id) of those it inserted.
 * Who reports what is said once for all rows that share it, and each row names it by number.
 */
export async function insertEvents(
  tx: Db,
  rows: readonly NewEventRow[],
  received_at: Date,
): Promise<readonly Key[]> {
  const kinds = new Map<string, { readonly n: number; readonly row: NewEventRow }>()
  const kind = rows.map((row) => {
    const key = `${row.source}\u0000${row.type}\u0000${row.agency}`
    let known = kinds.get(key)
    if (!known) {
      known = { n: kinds.size + 1, row }
      kinds.set(key, known)
    }
    return known.n
  })
  const shared = [...kinds.values()].map((k) => k.row)
  const inserted = await tx.run(
    prepared(
      'events.insert',
      sql`insert into events (source, event_id, id, type, type_version, agency, occurred_at, received_at, data, digest, cancels, cancel_kind, effective)
          select (${shared.map((r) => r.source)}::text[])[n.kind], n.event_id, n.id, (${shared.map((r) => r.type)}::text[])[n.kind],
            (${shared.map((r) => r.type_version)}::int[])[n.kind], (${shared.map((r) => r.agency)}::text[])[n.kind],
            n.occurred_at, ${received_at}, n.data, decode(n.digest, 'hex'), n.cancels, n.cancel_kind, true
          from unnest(${kind}::int[], ${rows.map((r) => r.event_id)}::text[], ${rows.map((r) => r.id)}::uuid[],
            ${rows.map((r) => r.occurred_at.toISOString())}::timestamptz[], ${jsonTexts(rows.map((r) => r.data_text))}::jsonb[],
            ${rows.map((r) => r.digest.toString('hex'))}::text[], ${rows.map((r) => r.cancels)}::text[], ${rows.map((r) => r.cancel_kind)}::text[])
            as n (kind, event_id, id, occurred_at, data, digest, cancels, cancel_kind)
          on conflict (source, event_id) do nothing`,
    ),
  )
  // Mostly all are new, and nothing needs to be read back.
  if (inserted === rows.length) return rows
  return tx.rows<Key>(
    sql`select source, event_id from events where id = any (${rows.map((r) => r.id)}::uuid[])`,
  )
}

/** An event about to be stored; its data also as the text that is stored (`data_text`, null for none). */
export type NewEventRow = EventRow & { readonly data_text: string | null }

type Key = { readonly source: string; readonly event_id: string }

export function digestsOf(
  db: Db,
  keys: readonly Key[],
): Promise<{ source: string; event_id: string; id: string; digest: Buffer }[]> {
  return db.rows(
    prepared(
      'events.digests',
      sql`select e.source, e.event_id, e.id, e.digest from events e
          join unnest(${keys.map((k) => k.source)}::text[], ${keys.map((k) => k.event_id)}::text[]) as k (source, event_id) using (source, event_id)`,
    ),
  )
}

/** Which of these events are named by a canceller already stored. */
export function cancelledAmong(db: Db, keys: readonly Key[]): Promise<Key[]> {
  return db.rows<Key>(
    prepared(
      'events.cancelled',
      sql`select distinct e.source, e.cancels as event_id from events e
          join unnest(${keys.map((k) => k.source)}::text[], ${keys.map((k) => k.event_id)}::text[]) as k (source, event_id)
            on e.source = k.source and e.cancels = k.event_id`,
    ),
  )
}

const COMPONENT_MAX = 10_000

/** Everything connected by "cancels" with these events, and the events themselves. */
export function cancelComponent(
  db: Db,
  keys: readonly Key[],
): Promise<(CancelNode & { id: string; effective: boolean })[]> {
  return db.rows(sql`
    with recursive seed as (
      select * from unnest(${keys.map((k) => k.source)}::text[], ${keys.map((k) => k.event_id)}::text[]) as k (source, event_id)
    ), reach as (
      select source, event_id from seed
      union
      select e.source, case when e.event_id = r.event_id then e.cancels else e.event_id end
      from reach r join events e on e.source = r.source and ((e.event_id = r.event_id and e.cancels is not null) or e.cancels = r.event_id)
    )
    select e.source, e.event_id, e.id, e.type, e.agency, e.occurred_at, e.cancels, e.cancel_kind, e.effective
    from events e join (select * from reach limit ${COMPONENT_MAX}) r using (source, event_id)`)
}

export async function setEffective(
  tx: Db,
  changes: readonly { readonly id: string; readonly effective: boolean }[],
): Promise<void> {
  if (changes.length === 0) return
  await tx.run(sql`
    update events e set effective = n.effective
    from unnest(${changes.map((c) => c.id)}::uuid[], ${changes.map((c) => c.effective)}::boolean[]) as n (id, effective) where e.id = n.id`)
}

export type ParticipantRow = { readonly subject_id: SubjectId; readonly event: string; readonly role: string }

export async function insertParticipants(tx: Db, rows: readonly ParticipantRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.run(
    prepared(
      'events.participants',
      sql`insert into participants (subject_id, event, role)
          select * from unnest(${rows.map((r) => r.subject_id)}::uuid[], ${rows.map((r) => r.event)}::uuid[], ${rows.map((r) => r.role)}::text[])
          on conflict do nothing`,
    ),
  )
}

export const eventsById = (db: Db, ids: readonly string[]): Promise<EventRow[]> =>
  db.rows<EventRow>(sql`select * from events where id = any (${ids}::uuid[])`)

/** Key of the advisory lock that keeps an event and its canceller from passing each other unseen. */
const CANCEL_LOCK = 4_120_001

export async function lockOrder(tx: Db, exclusive: boolean): Promise<void> {
  await tx.rows(
    exclusive
      ? sql`select pg_advisory_xact_lock(${CANCEL_LOCK})`
      : sql`select pg_advisory_xact_lock_shared(${CANCEL_LOCK})`,
  )
}
