import { type Db, prepared, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { Identifier, IdentifierKind, NewSubject, SubjectKind } from './people.ts'

type IdentifierRow = { kind: IdentifierKind; value: string; subject_id: SubjectId }

export function findIdentifiers(db: Db, ids: readonly Identifier[]): Promise<IdentifierRow[]> {
  return db.rows<IdentifierRow>(
    prepared(
      'people.find',
      sql`select i.kind, i.value, i.subject_id
          from unnest(${ids.map((i) => i.kind)}::text[], ${ids.map((i) => i.value)}::text[]) as k (kind, value)
          join identifiers i on i.kind = k.kind and i.value = k.value`,
    ),
  )
}

export function insertIdentifiers(
  tx: Db,
  subjects: readonly NewSubject[],
  at: Date,
): Promise<IdentifierRow[]> {
  return tx.rows<IdentifierRow>(sql`
    insert into identifiers (kind, value, subject_id, recorded_at)
    select kind, value, subject_id, ${at} from unnest(${subjects.map((s) => s.kind)}::text[],
      ${subjects.map((s) => s.value)}::text[], ${subjects.map((s) => s.subject_id)}::uuid[]) as n (kind, value, subject_id)
    on conflict do nothing returning kind, value, subject_id`)
}

export async function insertSubjects(tx: Db, subjects: readonly NewSubject[], at: Date): Promise<void> {
  if (subjects.length === 0) return
  await tx.run(sql`
    insert into subjects (subject_id, kind, established_at)
    select subject_id, kind, ${at} from unnest(${subjects.map((s) => s.subject_id)}::uuid[], ${subjects.map((s) => s.subject)}::text[]) as n (subject_id, kind)
    on conflict do nothing`)
}

type LockedRow = { subject_id: SubjectId; kind: SubjectKind; judged_at: Date | null }

export const lockSubjectRows = (tx: Db, subjects: readonly SubjectId[]): Promise<LockedRow[]> =>
  tx.rows<LockedRow>(
    prepared(
      'people.lock',
      sql`select subject_id, kind, judged_at from subjects where subject_id = any (${[...new Set(subjects)]}::uuid[]) order by subject_id for update`,
    ),
  )

export async function setJudged(tx: Db, subject: SubjectId, at: Date): Promise<void> {
  await tx.run(sql`update subjects set judged_at = ${at} where subject_id = ${subject}`)
}

export async function kindsOf(db: Db, subjects: readonly SubjectId[]): Promise<Map<SubjectId, SubjectKind>> {
  const rows = await db.rows<{ subject_id: SubjectId; kind: SubjectKind }>(
    prepared(
      'people.kinds',
      sql`select subject_id, kind from subjects where subject_id = any (${subjects}::uuid[])`,
    ),
  )
  return new Map(rows.map((r) => [r.subject_id, r.kind]))
}

export async function identifierRow(
  db: Db,
  subject: SubjectId,
  kind: IdentifierKind,
): Promise<string | null> {
  const [row] = await db.rows<{ value: string }>(
    sql`select value from identifiers where subject_id = ${subject} and kind = ${kind} order by recorded_at desc limit 1`,
  )
  return row?.value ?? null
}

export function subjectPage(
  db: Db,
  kind: SubjectKind,
  after: string,
  limit: number,
): Promise<{ subject_id: SubjectId }[]> {
  return db.rows(
    sql`select subject_id from subjects where kind = ${kind} and subject_id > ${after} order by subject_id limit ${limit}`,
  )
}

export async function subjectCount(db: Db, kind: SubjectKind): Promise<number> {
  const [row] = await db.rows<{ n: number }>(sql`select count(*) as n from subjects where kind = ${kind}`)
  return row!.n
}
