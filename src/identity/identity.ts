/**
 * Identity: who is it?
 *
 * In:  the outcome of a sign-in, a browser's cookie, a passkey's assertion, an agency's key or assertion.
 * Out: a citizen, a civil servant or an agency; how sure that is; acts signed with a passkey; the language to write in.
 * Promise: keys, cookies and tokens are compared by hash and never stored or logged; a session ends by itself after
 *          30 minutes in which no human did anything for citizens, 15 for civil servants, 12 hours in any case; what a
 *          challenge or a token's id was taken for is taken once.
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { markOf } from '../platform/sealing.ts'
import type { Assurance } from './assurance.ts'
import { deleteOldChallenges } from './passkey-store.ts'
import { IDLE_MS } from './sessions.ts'
import {
  deleteOldSessions,
  deleteSession,
  type FoundSession,
  findLanguage,
  findSession,
  insertSession,
  renewSession,
  type SessionRow,
  type SignInMethod,
  touchSession,
  upsertLanguage,
} from './store.ts'
import { deleteOldTokens, insertUsedId } from './token-store.ts'

export { type AgencyTokens, agencyOfToken, issueAgencyToken, TOKEN_S } from './agency-tokens.ts'
export { type Assurance, assuranceOf, isAtLeast } from './assurance.ts'
export { deviceOf } from './devices.ts'
export type { Holder } from './holders.ts'
export {
  addPasskey,
  beginAdding,
  beginSignIn,
  confirmPasskeys,
  finishSignIn,
  type Passkey,
  type PasskeyContext,
  passkeysOf,
  passkeysPossible,
  removePasskey,
  removePasskeysOf,
} from './passkeys.ts'
export type { Claims, FinishedSignIn, SignInPort } from './providers.ts'
export {
  endOtherSessions,
  endProviderSessions,
  endSessionsOf,
  endSessionsOfEverybody,
  type OwnSession,
  ownSessions,
} from './sessions.ts'
export type { Signatory, SignatureAsker, SignatureVerifier, VerifiedSignature } from './signatures.ts'
export {
  type Act,
  type ActWanted,
  acts,
  askStepUp,
  keepSigned,
  type Signed,
  type StepUpPolicy,
  takeStepUp,
} from './step-up.ts'

/** What every signed-in person has. */
type SignedInSession = {
  /** Names the session to its holder; opens nothing. */
  readonly session: string
  readonly csrf: string
  readonly assurance: Assurance
  /** When they last proved who they are: at sign-in, or with a passkey since. */
  readonly proved_at: Date
  /** They may add their first passkey and do nothing else. */
  readonly enrols: boolean
}
export type Citizen = SignedInSession & {
  readonly kind: 'citizen'
  readonly subject: SubjectId
  readonly name: string
  /** BCP 47; null until they have chosen one. */
  readonly language: string | null
}
export type Officer = SignedInSession & {
  readonly kind: 'officer'
  /** Pseudonymous number: what people see and records keep. */
  readonly number: string
  readonly name: string
  readonly agency: string
  /** As the sign-in says, e.g. `head`; null when it says none. */
  readonly role: string | null
}
export type Person = Citizen | Officer

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

/** How somebody signed in, kept with the session. */
export type SignInFacts = {
  readonly assurance?: Assurance
  readonly method?: SignInMethod
  readonly device?: string
  readonly enrols?: boolean
  /** Who answers for it: marks of its subject and session, and what ends that session, sealed. */
  readonly provider?: {
    readonly subject: string | null
    readonly session: string | null
    readonly sealed: string | null
  }
}

/** What a provider calls somebody, kept as a mark: it may be a national number, whose plain hash could be guessed. */
export const providerMark = (secret: string, issuer: string, name: string): string =>
  markOf(secret, 'provider', JSON.stringify([issuer, name]))

/** Starts a session and returns the cookie's value, which is kept nowhere else. */
export async function startSession(
  db: Db,
  clock: Clock,
  who: SignedIn,
  facts: SignInFacts = {},
): Promise<string> {
  const token = newToken()
  const at = clock.now()
  const { provider } = facts
  await insertSession(db, {
    token_hash: hash(token),
    id: randomUUID(),
    kind: who.kind,
    subject_id: who.kind === 'citizen' ? who.subject : null,
    officer_number: who.kind === 'officer' ? who.number : null,
    name: who.name,
    agency: who.kind === 'officer' ? who.agency : null,
    officer_role: who.kind === 'officer' ? (who.role ?? null) : null,
    csrf: randomBytes(24).toString('base64url'),
    started_at: at,
    seen_at: at,
    assurance: facts.assurance ?? 'loa:low',
    method: facts.method ?? 'oidc',
    device: facts.device ?? '',
    enrols: facts.enrols ?? false,
    stepped_up_at: null,
    provider_subject: provider?.subject ?? null,
    provider_session: provider?.session ?? null,
    provider_secret: provider?.sealed ?? null,
  })
  return token
}

const newToken = (): string => randomBytes(32).toString('base64url')

/** Another cookie for the same session, after its holder proved again who they are; null when it has ended meanwhile. */
export async function renewCookie(db: Db, clock: Clock, session: string): Promise<string | null> {
  const token = newToken()
  const renewed = await renewSession(db, {
    id: session,
    token_hash: hash(token),
    stepped_up_at: clock.now(),
  })
  return renewed ? token : null
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
  const common = {
    session: row.id,
    name: row.name,
    csrf: row.csrf,
    assurance: row.assurance,
    proved_at: row.stepped_up_at ?? row.started_at,
    enrols: row.enrols,
  }
  if (row.kind === 'citizen')
    return { kind: 'citizen', subject: row.subject_id!, language: row.language, ...common }
  return {
    kind: 'officer',
    number: row.officer_number!,
    agency: row.agency!,
    role: row.officer_role,
    ...common,
  }
}

/**
 * Forgets what is over: sessions, also of browsers that never come back (a row holds a name), challenges and tokens. Call
 * now and then.
 * @returns how many sessions there were
 */
export const forgetOldSessions = async (db: Db, clock: Clock): Promise<number> => {
  const now = clock.now().getTime()
  await deleteOldChallenges(db, clock.now())
  await deleteOldTokens(db, clock.now())
  return deleteOldSessions(db, {
    started_before: new Date(now - ABSOLUTE_MS),
    citizens_seen_before: new Date(now - IDLE_MS.citizen),
    officers_seen_before: new Date(now - IDLE_MS.officer),
  })
}

/** How a session that ended can be ended at its provider too. */
export type EndedSession = Pick<SessionRow, 'method' | 'provider_secret'>

/** Ends the session of a cookie and returns it; null when there was none. */
export async function endSession(db: Db, token: string | undefined): Promise<EndedSession | null> {
  return token === undefined ? null : deleteSession(db, hash(token))
}

/** Takes a token's id (jti); false when it was taken before, and then the token must be refused. */
export const takeTokenId = (
  db: Db,
  of: { readonly issuer: string; readonly id: string; readonly until: Date },
): Promise<boolean> => insertUsedId(db, { issuer: of.issuer, id_hash: hash(of.id), until: of.until })

/** Keeps the language a person has chosen: their pages and letters come in it from now on, on every device. */
export const chooseLanguage = (db: Db, clock: Clock, subject: SubjectId, language: string): Promise<void> =>
  upsertLanguage(db, subject, language, clock.now())

/** The language to write to a person in (BCP 47), or null when they have not chosen one. */
export const languageOf = (db: Db, subject: SubjectId): Promise<string | null> => findLanguage(db, subject)
