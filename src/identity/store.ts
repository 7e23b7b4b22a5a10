import { type Db, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { Assurance } from './assurance.ts'

export type SignInMethod = 'oidc' | 'oneid' | 'passkey'

export type SessionRow = {
  readonly token_hash: string
  readonly id: string
  readonly kind: 'citizen' | 'officer'
  readonly subject_id: SubjectId | null
  readonly officer_number: string | null
  readonly name: string
  readonly agency: string | null
  readonly officer_role: string | null
  readonly csrf: string
  readonly started_at: Date
  readonly seen_at: Date
  readonly assurance: Assurance
  readonly method: SignInMethod
  readonly device: string
  readonly enrols: boolean
  readonly stepped_up_at: Date | null
  readonly provider_subject: string | null
  readonly provider_session: string | null
  readonly provider_secret: string | null
}
export type FoundSession = SessionRow & { readonly language: string | null }

export async function insertSession(db: Db, row: SessionRow): Promise<void> {
  await db.run(sql`
    insert into web_sessions (token_hash, id, kind, subject_id, officer_number, name, agency, officer_role, csrf, started_at, seen_at,
      assurance, method, device, enrols, stepped_up_at, provider_subject, provider_session, provider_secret)
    values (${row.token_hash}, ${row.id}, ${row.kind}, ${row.subject_id}, ${row.officer_number}, ${row.name}, ${row.agency}, ${row.officer_role}, ${row.csrf}, ${row.started_at}, ${row.seen_at},
      ${row.assurance}, ${row.method}, ${row.device}, ${row.enrols}, ${row.stepped_up_at}, ${row.provider_subject}, ${row.provider_session}, ${row.provider_secret})`)
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

/** Gives a session another cookie; the old one opens nothing from then on. False when the session is gone. */
export async function renewSession(
  db: Db,
  of: {
    readonly id: string
    readonly token_hash: string
    readonly stepped_up_at: Date
  },
): Promise<boolean> {
  const renewed = await db.run(sql`
    update web_sessions set token_hash = ${of.token_hash}, stepped_up_at = ${of.stepped_up_at} where id = ${of.id}`)
  return renewed === 1
}

/** A session is the holder's when all three agree. */
export type HolderColumns = {
  readonly subject_id: SubjectId | null
  readonly agency: string | null
  readonly officer_number: string | null
}
const heldBy = (of: HolderColumns) =>
  of.subject_id !== null
    ? sql`subject_id = ${of.subject_id}`
    : sql`agency = ${of.agency} and officer_number = ${of.officer_number}`

export async function listSessions(db: Db, of: HolderColumns, limit: number): Promise<SessionRow[]> {
  return db.rows<SessionRow>(
    sql`select * from web_sessions where ${heldBy(of)} order by seen_at desc, id limit ${limit}`,
  )
}

/** Ends sessions of a holder and returns what ends them at their providers. @param which one, or all but one */
export async function deleteSessionsOf(
  db: Db,
  of: HolderColumns,
  which: { readonly only: string } | { readonly all_but: string | null },
): Promise<SessionRow[]> {
  const some =
    'only' in which
      ? sql`id = ${which.only}`
      : which.all_but === null
        ? sql`true`
        : sql`id <> ${which.all_but}`
  return db.rows<SessionRow>(sql`delete from web_sessions where ${heldBy(of)} and ${some} returning *`)
}

export const deleteEverySession = (db: Db): Promise<number> => db.run(sql`delete from web_sessions`)

/** Ends the sessions a provider speaks of: of one of its sessions, or of everybody signed in as that subject. */
export async function deleteProviderSessions(
  db: Db,
  of: { readonly subject: string | null; readonly session: string | null },
): Promise<number> {
  // Where both are named, both must fit (Back-Channel Logout 1.0 §2.4).
  return db.run(sql`
    delete from web_sessions
    where (${of.subject}::text is null or provider_subject = ${of.subject})
      and (${of.session}::text is null or provider_session = ${of.session})
      and (${of.subject}::text is not null or ${of.session}::text is not null)`)
}

export async function deleteSession(db: Db, token_hash: string): Promise<SessionRow | null> {
  const [row] = await db.rows<SessionRow>(
    sql`delete from web_sessions where token_hash = ${token_hash} returning *`,
  )
  return row ?? null
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
