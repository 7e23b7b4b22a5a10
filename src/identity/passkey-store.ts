import { type Db, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { Assurance } from './assurance.ts'

export type PasskeyRow = {
  readonly credential_id: string
  readonly holder: string
  readonly kind: 'citizen' | 'officer'
  readonly subject_id: SubjectId | null
  readonly agency: string | null
  readonly officer_number: string | null
  readonly officer_role: string | null
  readonly name: string
  readonly assurance: Assurance
  readonly public_key: Buffer
  readonly counter: number
  readonly transports: readonly string[]
  readonly synced: boolean
  readonly device: string
  readonly added_at: Date
  readonly used_at: Date | null
  readonly confirmed_at: Date
}

/** Adds one; false when this credential is known already, whoever holds it. */
export async function insertPasskey(db: Db, row: Omit<PasskeyRow, 'used_at'>): Promise<boolean> {
  const added = await db.run(sql`
    insert into passkeys (credential_id, holder, kind, subject_id, agency, officer_number, officer_role, name, assurance,
      public_key, counter, transports, synced, device, added_at, confirmed_at)
    values (${row.credential_id}, ${row.holder}, ${row.kind}, ${row.subject_id}, ${row.agency}, ${row.officer_number}, ${row.officer_role}, ${row.name}, ${row.assurance},
      ${row.public_key}, ${row.counter}, ${[...row.transports]}, ${row.synced}, ${row.device}, ${row.added_at}, ${row.confirmed_at})
    on conflict do nothing`)
  return added === 1
}

export async function listPasskeys(db: Db, holder: string, limit: number): Promise<PasskeyRow[]> {
  return db.rows<PasskeyRow>(
    sql`select * from passkeys where holder = ${holder} order by added_at, credential_id limit ${limit}`,
  )
}

export async function findPasskey(db: Db, credential_id: string): Promise<PasskeyRow | null> {
  const [row] = await db.rows<PasskeyRow>(sql`select * from passkeys where credential_id = ${credential_id}`)
  return row ?? null
}

export async function deletePasskey(db: Db, holder: string, credential_id: string): Promise<boolean> {
  const gone = await db.run(
    sql`delete from passkeys where holder = ${holder} and credential_id = ${credential_id}`,
  )
  return gone === 1
}

export const deletePasskeysOf = (db: Db, holder: string): Promise<number> =>
  db.run(sql`delete from passkeys where holder = ${holder}`)

/** Writes down a use. False when the counter went back meanwhile: two copies of one key are in use (WebAuthn §6.1.1). */
export async function usePasskey(
  db: Db,
  of: { readonly credential_id: string; readonly counter: number; readonly at: Date },
): Promise<boolean> {
  const used = await db.run(sql`
    update passkeys set counter = ${of.counter}, used_at = ${of.at}
    where credential_id = ${of.credential_id} and (counter < ${of.counter} or (counter = 0 and ${of.counter}::bigint = 0))`)
  return used === 1
}

/** The provider has said anew who the holder is, and as what. */
export async function confirmPasskeysOf(
  db: Db,
  of: {
    readonly holder: string
    readonly name: string
    readonly officer_role: string | null
    readonly at: Date
  },
): Promise<void> {
  await db.run(sql`
    update passkeys set confirmed_at = ${of.at}, name = ${of.name}, officer_role = ${of.officer_role}
    where holder = ${of.holder}`)
}

export type ChallengeRow = {
  readonly challenge: string
  readonly session_id: string
  readonly use: 'enrol' | 'act'
  readonly act: string | null
  readonly document: string | null
  readonly nonce: string | null
  readonly expires_at: Date
}

/** Keeps a challenge; those the session was given before for the same use are void, so nobody can pile them up. */
export async function insertChallenge(db: Db, row: ChallengeRow): Promise<void> {
  await db.run(sql`delete from passkey_challenges where session_id = ${row.session_id} and use = ${row.use}`)
  await db.run(sql`
    insert into passkey_challenges (challenge, session_id, use, act, document, nonce, expires_at)
    values (${row.challenge}, ${row.session_id}, ${row.use}, ${row.act}, ${row.document}, ${row.nonce}, ${row.expires_at})`)
}

/** Takes a challenge out: whoever comes second finds none. */
export async function takeChallenge(
  db: Db,
  of: { readonly challenge: string; readonly session_id: string; readonly use: 'enrol' | 'act' },
): Promise<ChallengeRow | null> {
  const [row] = await db.rows<ChallengeRow>(sql`
    delete from passkey_challenges
    where challenge = ${of.challenge} and session_id = ${of.session_id} and use = ${of.use} returning *`)
  return row ?? null
}

export async function deleteOldChallenges(db: Db, at: Date): Promise<void> {
  await db.run(sql`delete from passkey_challenges where expires_at < ${at}`)
}

export type SignedActRow = {
  readonly subject_id: SubjectId
  readonly id: string
  readonly act: string
  readonly of_id: string
  readonly holder: string
  readonly document: string
  readonly nonce: string
  readonly credential_id: string
  readonly public_key: Buffer
  readonly authenticator_data: string
  readonly client_data: string
  readonly signature: string
  readonly signed_at: Date
}

export async function insertSignedAct(db: Db, row: SignedActRow): Promise<void> {
  await db.run(sql`
    insert into signed_acts (subject_id, id, act, of_id, holder, document, nonce, credential_id, public_key,
      authenticator_data, client_data, signature, signed_at)
    values (${row.subject_id}, ${row.id}, ${row.act}, ${row.of_id}, ${row.holder}, ${row.document}, ${row.nonce}, ${row.credential_id}, ${row.public_key},
      ${row.authenticator_data}, ${row.client_data}, ${row.signature}, ${row.signed_at})`)
}
