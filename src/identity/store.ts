import { type Db, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'

export type SessionRow = {
  readonly token_hash: string
  readonly kind: 'citizen' | 'officer'
  readonly subject_id: SubjectId | null
  readonly officer_number: string | null
  readonly name: string
  readonly agency: string | null
  readonly officer_role: string | null
  readonly csrf: string
  readonly started_at: Date
  readonly seen_at: Date
}
export type FoundSession = SessionRow & { readonly language: string | null }

export async function insertSession(db: Db, row: SessionRow): Promise<void> {
  await db.run(sql`
    insert into web_sessions (token_hash, kind, subject_id, officer_number, name, agency, officer_role, csrf, started_at, seen_at)
    values (${row.token_hash}, ${row.kind}, ${row.subject_id}, ${row.officer_number}, ${row.name}, ${row.agency}, ${row.officer_role}, ${row.csrf}, ${row.started_at}, ${row.seen_at})`)
}

export async function findSession(db: Db, token_hash: string): Promise<FoundSession | null> {
  const [row] = await db.rows<FoundSession>(sql`
    select s.*, l.language from web_sessions s left join languages l on l.subject_id = s.subject_id
    where s.token_hash = ${token_hash}`)
  return row ?? null
}

export async function touchSession(db: Db, token_hash: string, at: Date): Promise<void> {
  await db.run(sql`update web_sessions set seen_at = ${at} where token_hash = ${token_hash}`)
}

export async function deleteSession(db: Db, token_hash: string): Promise<void> {
  await db.run(sql`delete from web_sessions where token_hash = ${token_hash}`)
}

export async function deleteOldSessions(
  db: Db,
  of: {
    readonly started_before: Date
    readonly citizens_seen_before: Date
    readonly officers_seen_before: Date
  },
): Promise<number> {
  return db.run(sql`
    delete from web_sessions where started_at < ${of.started_before}
      or seen_at < case kind when 'officer' then ${of.officers_seen_before}::timestamptz else ${of.citizens_seen_before}::timestamptz end`)
}

export async function upsertLanguage(db: Db, subject: SubjectId, language: string, at: Date): Promise<void> {
  await db.run(sql`
    insert into languages (subject_id, language, chosen_at) values (${subject}, ${language}, ${at})
    on conflict (subject_id) do update set language = excluded.language, chosen_at = excluded.chosen_at`)
}

export async function findLanguage(db: Db, subject: SubjectId): Promise<string | null> {
  const [row] = await db.rows<{ language: string }>(
    sql`select language from languages where subject_id = ${subject}`,
  )
  return row?.language ?? null
}
