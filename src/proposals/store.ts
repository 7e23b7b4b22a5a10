import { type Db, prepared, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { Proposal, ProposalState } from './proposals.ts'

/** One proposal at a time for each of these. */
export const slot = (subject: string, rule: string, item: string): string => `${subject} ${rule} ${item}`

type Slot = { readonly subject_id: SubjectId; readonly rule_id: string; readonly item: string }

/** What a proposal has no word of yet. */
export const unanswered = {
  answered_at: null,
  answered_by: null,
  answer_key: null,
  journey_id: null,
  closed_because: null,
  replaced_by: null,
} as const

/** The newest proposal of each slot, in whatever state. */
export async function latestOf(db: Db, slots: readonly Slot[]): Promise<Map<string, Proposal>> {
  const rows = await db.rows<Proposal>(
    prepared(
      'proposals.latest',
      sql`select distinct on (p.subject_id, p.rule_id, p.item) p.*
          from proposals p join unnest(${slots.map((s) => s.subject_id)}::uuid[], ${slots.map((s) => s.rule_id)}::text[], ${slots.map((s) => s.item)}::text[])
            as k (subject_id, rule_id, item) on p.subject_id = k.subject_id and p.rule_id = k.rule_id and p.item = k.item
          order by p.subject_id, p.rule_id, p.item, p.id desc`,
    ),
  )
  return new Map(rows.map((r) => [slot(r.subject_id, r.rule_id, r.item), r]))
}

export async function insertRows(tx: Db, rows: readonly Proposal[]): Promise<void> {
  if (rows.length === 0) return
  await tx.run(
    prepared(
      'proposals.insert',
      sql`insert into proposals (subject_id, id, kind, rule_id, rule_hash, item, route_id, determination, event, publication, law_change, facts_digest, state, unconfirmed, opened_at, updated_at, due_on)
          select * from unnest(${rows.map((r) => r.subject_id)}::uuid[], ${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.kind)}::text[],
            ${rows.map((r) => r.rule_id)}::text[], ${rows.map((r) => r.rule_hash)}::text[], ${rows.map((r) => r.item)}::text[], ${rows.map((r) => r.route_id)}::text[],
            ${rows.map((r) => r.determination)}::uuid[], ${rows.map((r) => r.event)}::uuid[], ${rows.map((r) => r.publication)}::uuid[],
            ${rows.map((r) => r.law_change)}::text[], ${rows.map((r) => r.facts_digest)}::text[], ${rows.map((r) => r.state)}::text[], ${rows.map((r) => r.unconfirmed)}::boolean[], ${rows.map((r) => r.opened_at)}::timestamptz[],
            ${rows.map((r) => r.updated_at)}::timestamptz[], ${rows.map((r) => r.due_on)}::date[])`,
    ),
  )
}

export async function updateRows(tx: Db, rows: readonly Proposal[]): Promise<void> {
  if (rows.length === 0) return
  await tx.run(sql`
    update proposals p set rule_hash = n.rule_hash, determination = n.determination, event = n.event, publication = n.publication, facts_digest = n.facts_digest,
      unconfirmed = n.unconfirmed, updated_at = n.updated_at, due_on = n.due_on
    from unnest(${rows.map((r) => r.subject_id)}::uuid[], ${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.rule_hash)}::text[],
      ${rows.map((r) => r.determination)}::uuid[], ${rows.map((r) => r.event)}::uuid[], ${rows.map((r) => r.publication)}::uuid[], ${rows.map((r) => r.facts_digest)}::text[],
      ${rows.map((r) => r.unconfirmed)}::boolean[], ${rows.map((r) => r.updated_at)}::timestamptz[], ${rows.map((r) => r.due_on)}::date[])
      as n (subject_id, id, rule_hash, determination, event, publication, facts_digest, unconfirmed, updated_at, due_on)
    where p.subject_id = n.subject_id and p.id = n.id and p.state = 'open'`)
}

/** A proposal that ends unanswered, or a notice that no longer holds although it was read. */
export type Closing = Pick<Proposal, 'subject_id' | 'id' | 'closed_because' | 'replaced_by'> & {
  readonly state: 'withdrawn' | 'expired'
}

export async function closeRows(tx: Db, rows: readonly Closing[], at: Date): Promise<void> {
  if (rows.length === 0) return
  await tx.run(sql`
    update proposals p set state = n.state, updated_at = ${at}, closed_because = n.closed_because, replaced_by = n.replaced_by
    from unnest(${rows.map((r) => r.subject_id)}::uuid[], ${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.state)}::text[],
      ${rows.map((r) => r.closed_because)}::uuid[], ${rows.map((r) => r.replaced_by)}::uuid[]) as n (subject_id, id, state, closed_because, replaced_by)
    where p.subject_id = n.subject_id and p.id = n.id and (p.state = 'open' or p.law_change is not null)`)
}

/** Whom of these subjects an open notice tells of which of these publications. */
export const openLawNotices = (
  tx: Db,
  publications: readonly string[],
  subjects: readonly SubjectId[],
): Promise<{ readonly subject_id: SubjectId; readonly publication: string }[]> =>
  tx.rows(
    prepared(
      'proposals.notices',
      sql`select subject_id, publication from proposals
          where publication = any (${publications}::uuid[]) and subject_id = any (${subjects}::uuid[]) and law_change is not null and state = 'open'`,
    ),
  )

/** How many people were ever told of a publication, and for how many of them that no longer holds. */
export async function countLawNotices(
  db: Db,
  publication: string,
): Promise<{ readonly told: number; readonly gone: number }> {
  const [row] = await db.rows<{ told: number; gone: number }>(sql`
    select count(*)::int as told, (count(*) filter (where not holds))::int as gone from (
      select subject_id, bool_or(state not in ('withdrawn', 'expired')) as holds from proposals
      where publication = ${publication} and law_change is not null group by subject_id) as people`)
  return row!
}

export async function answerRow(
  tx: Db,
  subject: SubjectId,
  id: string,
  state: ProposalState,
  at: Date,
  by: string,
  key: string,
): Promise<void> {
  await tx.run(sql`
    update proposals set state = ${state}, answered_at = ${at}, answered_by = ${by}, answer_key = ${key}, updated_at = ${at}
    where subject_id = ${subject} and id = ${id} and state = 'open'`)
}

export async function linkRow(tx: Db, subject: SubjectId, id: string, journey: string): Promise<void> {
  await tx.run(sql`update proposals set journey_id = ${journey} where subject_id = ${subject} and id = ${id}`)
}

export async function findRow(db: Db, subject: SubjectId, id: string): Promise<Proposal | null> {
  const [row] = await db.rows<Proposal>(
    sql`select * from proposals where subject_id = ${subject} and id = ${id}`,
  )
  return row ?? null
}

export function listRows(
  db: Db,
  subject: SubjectId,
  states: readonly ProposalState[],
  limit: number,
): Promise<Proposal[]> {
  return db.rows<Proposal>(sql`
    select * from proposals where subject_id = ${subject} and state = any (${states}::text[]) order by id desc limit ${limit}`)
}
