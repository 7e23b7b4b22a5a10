import type { DateText } from '../platform/clock.ts'
import { type Db, prepared, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { Determination } from '../rules/rules.ts'

export type DeterminationRow = {
  readonly subject_id: SubjectId
  readonly id: string
  readonly rule_id: string
  readonly rule_hash: string
  readonly item: string
  readonly outcome: Determination['outcome']
  readonly as_of: DateText
  readonly until: DateText | null
  readonly ask: readonly string[]
  readonly amount: number | null
  readonly due_on: DateText | null
  readonly facts: readonly string[]
  readonly because: string | null
  /** Publication of changed law that made it change. */
  readonly publication: string | null
  readonly recorded_at: Date
}

export async function currentOf(
  db: Db,
  subjects: readonly SubjectId[],
): Promise<Map<SubjectId, DeterminationRow[]>> {
  const rows = await db.rows<DeterminationRow>(
    prepared(
      'determinations.current',
      sql`select subject_id, id, rule_id, rule_hash, item, outcome, as_of, until, ask, amount, due_on, facts, because, publication, recorded_at
          from determinations where subject_id = any (${subjects}::uuid[]) and superseded_at is null`,
    ),
  )
  const bySubject = new Map<SubjectId, DeterminationRow[]>()
  for (const row of rows) {
    const list = bySubject.get(row.subject_id)
    if (list) list.push(row)
    else bySubject.set(row.subject_id, [row])
  }
  return bySubject
}

export async function supersede(tx: Db, rows: readonly DeterminationRow[], at: Date): Promise<void> {
  if (rows.length === 0) return
  await tx.run(sql`
    update determinations d set superseded_at = ${at}
    from unnest(${rows.map((r) => r.subject_id)}::uuid[], ${rows.map((r) => r.id)}::uuid[]) as n (subject_id, id)
    where d.subject_id = n.subject_id and d.id = n.id`)
}

export async function insertDeterminations(tx: Db, rows: readonly DeterminationRow[]): Promise<void> {
  if (rows.length === 0) return
  // Arrays of arrays must be rectangular for unnest: lists travel as text and are taken apart inside.
  await tx.run(
    prepared(
      'determinations.insert',
      sql`insert into determinations (subject_id, id, rule_id, rule_hash, item, outcome, as_of, until, ask, amount, due_on, facts, because, publication, recorded_at)
          select subject_id, id, rule_id, rule_hash, item, outcome, as_of, until, string_to_array(ask, ','), amount, due_on,
                 string_to_array(facts, ',')::uuid[], because, publication, recorded_at
          from unnest(${rows.map((r) => r.subject_id)}::uuid[], ${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.rule_id)}::text[],
                      ${rows.map((r) => r.rule_hash)}::text[], ${rows.map((r) => r.item)}::text[], ${rows.map((r) => r.outcome)}::text[],
                      ${rows.map((r) => r.as_of)}::date[], ${rows.map((r) => r.until)}::date[], ${rows.map((r) => r.ask.join(','))}::text[],
                      ${rows.map((r) => r.amount)}::bigint[], ${rows.map((r) => r.due_on)}::date[], ${rows.map((r) => r.facts.join(','))}::text[],
                      ${rows.map((r) => r.because)}::uuid[], ${rows.map((r) => r.publication)}::uuid[], ${rows.map((r) => r.recorded_at)}::timestamptz[])
            as n (subject_id, id, rule_id, rule_hash, item, outcome, as_of, until, ask, amount, due_on, facts, because, publication, recorded_at)`,
    ),
  )
}

export async function findDetermination(
  db: Db,
  subject: SubjectId,
  id: string,
): Promise<DeterminationRow | null> {
  const [row] = await db.rows<DeterminationRow>(sql`
    select subject_id, id, rule_id, rule_hash, item, outcome, as_of, until, ask, amount, due_on, facts, because, publication, recorded_at
    from determinations where subject_id = ${subject} and id = ${id}`)
  return row ?? null
}
