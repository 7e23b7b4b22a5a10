import { createHash, randomBytes } from 'node:crypto'
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { z } from 'zod'
import type { Clock } from '../platform/clock.ts'
import type { Database, Db } from '../platform/database.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import { readSignedText, signedText } from '../platform/sealing.ts'
import type { Assurance } from './assurance.ts'
import { type Holder, holderText } from './holders.ts'
import type { SignedIn } from './identity.ts'
import {
  confirmPasskeysOf,
  deletePasskey,
  deletePasskeysOf,
  findPasskey,
  insertChallenge,
  insertPasskey,
  listPasskeys,
  type PasskeyRow,
  takeChallenge,
  usePasskey,
} from './passkey-store.ts'
import { insertUsedId } from './token-store.ts'

/**
 * Passkeys (W3C Web Authentication Level 3), by SimpleWebAuthn: user verification always required, attestation not asked
 * for. A passkey proves that its holder is back, never more of who they are than the sign-in it was added in.
 */
export type PasskeyContext = {
  readonly db: Database
  readonly clock: Clock
  /** Signs what a browser carries during a passkey sign-in. */
  readonly secret: string
  /** Where people meet us: passkeys are bound to its name. */
  readonly public_url: string
}

export type Passkey = {
  readonly id: string
  readonly device: string
  readonly added_at: Date
  readonly used_at: Date | null
  /** Kept by the maker of the device for all devices of its owner. */
  readonly synced: boolean
}

export const CHALLENGE_MS = 5 * 60_000
/** More than anybody keeps apart. */
const PASSKEYS_MAX = 10
/** Adding and removing a passkey needs a proof of who it is that is not older. */
const FRESH_MS = 15 * 60_000
/** A civil servant signs in at the provider at least so often: who left an agency is not confirmed again. */
const CONFIRMED_MS = 30 * 86_400_000
const NAME = 'Hamroh'
/** EdDSA, ES256, RS256 (COSE): what devices have today, and nothing a runtime calls experimental. */
const ALGORITHMS = [-8, -7, -257]

const REFUSALS = {
  passkey_refused: 'The passkey was not accepted.',
  passkey_unknown: 'This passkey is not known here.',
  passkey_too_many: `There are ${PASSKEYS_MAX} passkeys already.`,
  sign_in_again: 'This needs a sign-in that is not older than 15 minutes.',
  confirm_at_provider: 'The sign-in service has not confirmed this civil servant for 30 days.',
} as const
export const refusal = (code: keyof typeof REFUSALS) => refused<never>({ code, message: REFUSALS[code] })

const base64url = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[\w-]+$/)
const common = {
  id: base64url.max(1400),
  rawId: base64url.max(1400),
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(40).nullish(),
  clientExtensionResults: z.record(z.string().max(40), z.unknown()).default({}),
}
const registration = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url.max(60_000),
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
})
const assertionShape = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.nullish(),
  }),
})
type Assertion = z.infer<typeof assertionShape>

/** An assertion as a form or a program sent it; null when it is none. */
export function readAssertion(text: string): Assertion | null {
  return readShape(assertionShape, text)
}
function readShape<S extends z.ZodType>(shape: S, text: string): z.output<S> | null {
  try {
    return shape.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

const hostOf = (of: Pick<PasskeyContext, 'public_url'>): string => new URL(of.public_url).hostname

/** Whether browsers do passkeys here at all: they bind them to a name, over https or on this very machine. */
export function passkeysPossible(public_url: string): boolean {
  const { protocol, hostname } = new URL(public_url)
  return hostname === 'localhost' || (protocol === 'https:' && !/^[\d.]+$|^\[/.test(hostname))
}

/** Where an assertion must come from. */
export const expectedOf = (of: Pick<PasskeyContext, 'public_url'>) => ({
  expectedOrigin: new URL(of.public_url).origin,
  expectedRPID: hostOf(of),
})

export async function passkeysOf(db: Db, holder: Holder): Promise<Passkey[]> {
  const rows = await listPasskeys(db, holderText(holder), PASSKEYS_MAX)
  return rows.map((row) => ({
    id: row.credential_id,
    device: row.device,
    added_at: row.added_at,
    used_at: row.used_at,
    synced: row.synced,
  }))
}

/** Who adds or removes a passkey: their session, and when they last proved who they are. */
export type Adding = {
  readonly holder: Holder
  readonly who: SignedIn
  readonly session: string
  readonly assurance: Assurance
  readonly proved_at: Date
}

const isFresh = (of: PasskeyContext, adding: Pick<Adding, 'proved_at'>): boolean =>
  of.clock.now().getTime() - adding.proved_at.getTime() <= FRESH_MS

/** What `navigator.credentials.create` needs. Refusals: `sign_in_again`, `passkey_too_many`. */
export async function beginAdding(
  of: PasskeyContext,
  adding: Adding,
): Promise<Outcome<PublicKeyCredentialCreationOptionsJSON>> {
  if (!isFresh(of, adding)) return refusal('sign_in_again')
  const holder = holderText(adding.holder)
  const known = await listPasskeys(of.db, holder, PASSKEYS_MAX)
  if (known.length >= PASSKEYS_MAX) return refusal('passkey_too_many')
  const options = await generateRegistrationOptions({
    rpName: NAME,
    rpID: hostOf(of),
    userName: adding.who.name,
    userDisplayName: adding.who.name,
    // The same holder is the same account to a device; it tells a finder of the device nothing.
    userID: new Uint8Array(
      createHash('sha256')
        .update(`${hostOf(of)} ${holder}`)
        .digest(),
    ),
    timeout: CHALLENGE_MS,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: known.map(({ credential_id }) => ({ id: credential_id })),
  })
  await insertChallenge(of.db, {
    challenge: options.challenge,
    session_id: adding.session,
    use: 'enrol',
    act: null,
    document: null,
    nonce: null,
    expires_at: new Date(of.clock.now().getTime() + CHALLENGE_MS),
  })
  return accepted(options)
}

/**
 * Keeps the passkey a browser made. Refusals: `sign_in_again`, `passkey_refused`.
 * @param given the answer of `navigator.credentials.create`, as JSON text
 */
export async function addPasskey(
  of: PasskeyContext,
  adding: Adding,
  given: { readonly credential: string; readonly device: string },
): Promise<Outcome<Passkey>> {
  if (!isFresh(of, adding)) return refusal('sign_in_again')
  const response = readShape(registration, given.credential)
  const challenge = response && challengeIn(response.response.clientDataJSON)
  if (!response || challenge === null) return refusal('passkey_refused')
  const asked = await takeChallenge(of.db, { challenge, session_id: adding.session, use: 'enrol' })
  if (!asked || asked.expires_at < of.clock.now()) return refusal('passkey_refused')
  const verified = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    expectedChallenge: asked.challenge,
    ...expectedOf(of),
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(() => null)
  if (!verified?.verified) return refusal('passkey_refused')
  const { credential, credentialDeviceType } = verified.registrationInfo
  const { holder, who } = adding
  const at = of.clock.now()
  const is_new = await insertPasskey(of.db, {
    credential_id: credential.id,
    holder: holderText(holder),
    kind: holder.kind,
    subject_id: holder.kind === 'citizen' ? holder.subject : null,
    agency: holder.kind === 'officer' ? holder.agency : null,
    officer_number: holder.kind === 'officer' ? holder.number : null,
    officer_role: who.kind === 'officer' ? (who.role ?? null) : null,
    name: who.name,
    assurance: adding.assurance,
    public_key: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: (credential.transports ?? []).filter((name) => /^[a-z-]+$/.test(name)),
    synced: credentialDeviceType === 'multiDevice',
    device: given.device,
    added_at: at,
    confirmed_at: at,
  })
  if (!is_new) return refusal('passkey_refused')
  const synced = credentialDeviceType === 'multiDevice'
  return accepted({ id: credential.id, device: given.device, added_at: at, used_at: null, synced })
}

/** Removes a passkey. Refusals: `sign_in_again`, `passkey_unknown`. */
export async function removePasskey(
  of: PasskeyContext,
  adding: Pick<Adding, 'holder' | 'proved_at'>,
  id: string,
): Promise<Outcome<null>> {
  if (!isFresh(of, adding)) return refusal('sign_in_again')
  if (!/^[\w-]{1,1400}$/.test(id)) return refusal('passkey_unknown')
  return (await deletePasskey(of.db, holderText(adding.holder), id))
    ? accepted(null)
    : refusal('passkey_unknown')
}

/** Removes all passkeys of somebody, by an operator. @returns how many */
export const removePasskeysOf = (db: Db, holder: Holder): Promise<number> =>
  deletePasskeysOf(db, holderText(holder))

/** The provider has just said who this is: their passkeys rest on that, and carry the name and role of today. */
export const confirmPasskeys = (db: Db, clock: Clock, holder: Holder, who: SignedIn): Promise<void> =>
  confirmPasskeysOf(db, {
    holder: holderText(holder),
    name: who.name,
    officer_role: who.kind === 'officer' ? (who.role ?? null) : null,
    at: clock.now(),
  })

const PURPOSE = 'passkey sign-in'
const carried = z.strictObject({ challenge: z.string(), until: z.number() })

/**
 * What `navigator.credentials.get` needs to sign somebody in whom nobody has named yet, and the cookie that binds the
 * answer to this browser. Nothing is kept for it: whoever asks a thousand times fills nothing.
 */
export async function beginSignIn(
  of: PasskeyContext,
): Promise<{ readonly options: PublicKeyCredentialRequestOptionsJSON; readonly cookie: string }> {
  const options = await generateAuthenticationOptions({
    rpID: hostOf(of),
    challenge: new Uint8Array(randomBytes(32)),
    timeout: CHALLENGE_MS,
    userVerification: 'required',
  })
  const until = of.clock.now().getTime() + CHALLENGE_MS
  return { options, cookie: signedText(of.secret, PURPOSE, { challenge: options.challenge, until }) }
}

export type PasskeySignIn = { readonly who: SignedIn; readonly assurance: Assurance }

/**
 * Who signed in with a passkey. Refusals: `sign_in_expired`, `passkey_refused`, `passkey_unknown`, `confirm_at_provider`.
 * @param given the answer of `navigator.credentials.get`, as JSON text
 */
export async function finishSignIn(
  of: PasskeyContext,
  given: string,
  cookie: string | undefined,
): Promise<Outcome<PasskeySignIn>> {
  const begun = carried.safeParse(readSignedText(of.secret, PURPOSE, cookie)).data
  const now = of.clock.now()
  if (!begun || begun.until < now.getTime())
    return refused({ code: 'sign_in_expired', message: 'This sign-in has expired or was begun elsewhere.' })
  const assertion = readAssertion(given)
  if (!assertion) return refusal('passkey_refused')
  const until = new Date(begun.until)
  const id_hash = createHash('sha256').update(begun.challenge).digest('hex')
  if (!(await insertUsedId(of.db, { issuer: 'passkey', id_hash, until }))) return refusal('passkey_refused')
  const passkey = await findPasskey(of.db, assertion.id)
  if (!passkey) return refusal('passkey_unknown')
  if (!(await verifyAssertion(of, assertion, passkey, begun.challenge))) return refusal('passkey_refused')
  if (passkey.kind === 'officer' && now.getTime() - passkey.confirmed_at.getTime() > CONFIRMED_MS)
    return refusal('confirm_at_provider')
  return accepted({ who: whoOf(passkey), assurance: passkey.assurance })
}

/** Whether this passkey signed this challenge, with its holder verified, and its counter went on. */
export async function verifyAssertion(
  of: PasskeyContext,
  assertion: Assertion,
  passkey: PasskeyRow,
  challenge: string,
): Promise<boolean> {
  const verified = await verifyAuthenticationResponse({
    response: assertion as AuthenticationResponseJSON,
    expectedChallenge: challenge,
    ...expectedOf(of),
    credential: {
      id: passkey.credential_id,
      publicKey: new Uint8Array(passkey.public_key),
      counter: passkey.counter,
    },
    requireUserVerification: true,
  }).catch(() => null)
  if (!verified?.verified || !verified.authenticationInfo.userVerified) return false
  const { newCounter: counter } = verified.authenticationInfo
  return usePasskey(of.db, { credential_id: passkey.credential_id, counter, at: of.clock.now() })
}

/** The challenge a browser says it answered; whether that is true shows when the signature is checked. */
export function challengeIn(client_data: string): string | null {
  try {
    const data: unknown = JSON.parse(Buffer.from(client_data, 'base64url').toString('utf8'))
    return z.object({ challenge: base64url.max(100) }).safeParse(data).data?.challenge ?? null
  } catch {
    return null
  }
}

const whoOf = (row: PasskeyRow): SignedIn =>
  row.kind === 'citizen'
    ? { kind: 'citizen', subject: row.subject_id!, name: row.name }
    : {
        kind: 'officer',
        number: row.officer_number!,
        agency: row.agency!,
        name: row.name,
        role: row.officer_role,
      }
