/**
 * Identity: who is it?
 *
 * In:  an agency's key; the outcome of a sign-in; a browser's cookie; the language a person chooses.
 * Out: an agency, a citizen, or a civil servant; the language to write to a person in.
 * Promise: keys and cookies are compared by hash and never stored or logged; a session ends by itself after
 *          30 minutes in which no human did anything for citizens, 15 for civil servants, 12 hours in any case.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import {
  deleteOldSessions,
  deleteSession,
  type FoundSession,
  findLanguage,
  findSession,
  insertSession,
  touchSession,
  upsertLanguage,
} from './store.ts'

export type Citizen = {
  readonly kind: 'citizen'
  readonly subject: SubjectId
  readonly name: string
  readonly csrf: string
  /** BCP 47; null until they have chosen one. */
  readonly language: string | null
}
export type Officer = {
  readonly kind: 'officer'
  /** Pseudonymous number: what people see and records keep. */
  readonly number: string
  readonly name: string
  readonly agency: string
  /** As the sign-in says, e.g. `head`; null when it says none. */
  readonly role: string | null
  readonly csrf: string
}
export type Person = Citizen | Officer

const IDLE_MS = { citizen: 30 * 60_000, officer: 15 * 60_000 }
const ABSOLUTE_MS = 12 * 3600_000
/** `seen_at` is written at most this often: a page must not cost a write. */
const TOUCH_MS = 60_000

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * The agency a bearer key belongs to, or null.
 * @param keys agency code → SHA-256 of its key, hex. Every key is compared, so that time tells nothing
 */
export function agencyOf(header: string | undefined, keys: ReadonlyMap<string, string>): string | null {
  const given = /^Bearer ([\w.~+/=-]{16,512})$/.exec(header ?? '')?.[1]
  if (given === undefined) return null
  const digest = Buffer.from(hash(given), 'hex')
  let found: string | null = null
  for (const [agency, key] of keys) if (timingSafeEqual(digest, Buffer.from(key, 'hex'))) found = agency
  return found
}

export type SignedIn =
  | { readonly kind: 'citizen'; readonly subject: SubjectId; readonly name: string }
  | {
      readonly kind: 'officer'
      readonly number: string
      readonly name: string
      readonly agency: string
      readonly role?: string | null
    }

/** Starts a session and returns the cookie's value, which is kept nowhere else. */
export async function startSession(db: Db, clock: Clock, who: SignedIn): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const at = clock.now()
  await insertSession(db, {
    token_hash: hash(token),
    kind: who.kind,
    subject_id: who.kind === 'citizen' ? who.subject : null,
    officer_number: who.kind === 'officer' ? who.number : null,
    name: who.name,
    agency: who.kind === 'officer' ? who.agency : null,
    officer_role: who.kind === 'officer' ? (who.role ?? null) : null,
    csrf: randomBytes(24).toString('base64url'),
    started_at: at,
    seen_at: at,
  })
  return token
}

/**
 * Who holds this cookie, or null when it is unknown or its time is over (then the row is gone too).
 * @param acts whether a human did something; what an open page asks by itself does not keep its session alive
 */
export async function personOf(
  db: Db,
  clock: Clock,
  token: string | undefined,
  acts: boolean,
): Promise<Person | null> {
  if (token === undefined || !/^[\w-]{43}$/.test(token)) return null
  const row = await findSession(db, hash(token))
  if (!row) return null
  const now = clock.now().getTime()
  if (now - row.started_at.getTime() > ABSOLUTE_MS || now - row.seen_at.getTime() > IDLE_MS[row.kind]) {
    await deleteSession(db, row.token_hash)
    return null
  }
  if (acts && now - row.seen_at.getTime() > TOUCH_MS) await touchSession(db, row.token_hash, clock.now())
  return toPerson(row)
}

function toPerson(row: FoundSession): Person {
  if (row.kind === 'citizen')
    return {
      kind: 'citizen',
      subject: row.subject_id!,
      name: row.name,
      csrf: row.csrf,
      language: row.language,
    }
  return {
    kind: 'officer',
    number: row.officer_number!,
    name: row.name,
    agency: row.agency!,
    role: row.officer_role,
    csrf: row.csrf,
  }
}

/**
 * Forgets the sessions whose time is over, also of browsers that never come back: a row holds a name. Call now and then.
 * @returns how many there were
 */
export const forgetOldSessions = (db: Db, clock: Clock): Promise<number> => {
  const now = clock.now().getTime()
  return deleteOldSessions(db, {
    started_before: new Date(now - ABSOLUTE_MS),
    citizens_seen_before: new Date(now - IDLE_MS.citizen),
    officers_seen_before: new Date(now - IDLE_MS.officer),
  })
}

/** Ends a session; unknown cookies are fine. */
export async function endSession(db: Db, token: string | undefined): Promise<void> {
  if (token !== undefined) await deleteSession(db, hash(token))
}

/** Keeps the language a person has chosen: their pages and letters come in it from now on, on every device. */
export const chooseLanguage = (db: Db, clock: Clock, subject: SubjectId, language: string): Promise<void> =>
  upsertLanguage(db, subject, language, clock.now())

/** The language to write to a person in (BCP 47), or null when they have not chosen one. */
export const languageOf = (db: Db, subject: SubjectId): Promise<string | null> => findLanguage(db, subject)
