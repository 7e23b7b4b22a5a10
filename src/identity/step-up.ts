import { createHash, randomBytes } from 'node:crypto'
import {
  generateAuthenticationOptions,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import { canonical } from '../platform/canonical.ts'
import type { Db } from '../platform/database.ts'
import type { Ids, SubjectId } from '../platform/ids.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import { type Holder, holderText } from './holders.ts'
import {
  findPasskey,
  insertChallenge,
  insertSignedAct,
  listPasskeys,
  type PasskeyRow,
  takeChallenge,
} from './passkey-store.ts'
import { CHALLENGE_MS, challengeIn, type PasskeyContext, readAssertion, verifyAssertion } from './passkeys.ts'

/**
 * Confirming a legal act with a passkey: the person's device signs what they are about to do. The WebAuthn challenge is
 * SHA-256(canonical document ‖ nonce), where the document (RFC 8785) names the act, its thing as it stands, who acts, and
 * every field of the form; the assertion is good for five minutes, for this session, once, and is stored with the act.
 *
 *   askStepUp    gives the browser what to sign
 *   takeStepUp   checks what it signed, before the act
 *   keepSigned   stores it, in the transaction of the act
 *
 * It proves intent bound to a sign-in; it is no qualified electronic signature.
 */
export const acts = ['proposal.accept', 'consent.give', 'challenge.raise', 'decision.finalise'] as const
export type Act = (typeof acts)[number]

/** What an act asks for: `off`, `offered` to those who have a passkey, or `required` of everybody. */
export type StepUpPolicy = { readonly [A in Act]: 'off' | 'offered' | 'required' }

/** One act about to be done. */
export type ActWanted = {
  readonly act: Act
  /** Id of the thing it is about. */
  readonly of: string
  readonly holder: Holder
  readonly session: string
  /** What the thing says at this moment: its version, the hash of the draft that is read. */
  readonly facts: { readonly [name: string]: string }
  /** The form's fields as they were filled in, without tokens. */
  readonly fields: { readonly [name: string]: string }
}

/** An act that was signed, on its way to the transaction that does it. */
export type Signed = {
  readonly act: Act
  readonly of: string
  readonly holder: string
  readonly document: string
  readonly nonce: string
  readonly passkey: PasskeyRow
  readonly authenticator_data: string
  readonly client_data: string
  readonly signature: string
  readonly at: Date
}

/** Line ends differ between a script's fields and those of the form the browser sends. */
const asTyped = (fields: ActWanted['fields']) =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, text.replace(/\r\n?/g, '\n')]))

const documentOf = (wanted: ActWanted): string =>
  canonical({
    act: wanted.act,
    of: wanted.of,
    by: holderText(wanted.holder),
    facts: wanted.facts,
    fields: asTyped(wanted.fields),
  })

const PASSKEYS_MAX = 10

/**
 * What `navigator.credentials.get` needs to sign this act, and the very text that is signed.
 * Refusal: `no_passkey`.
 */
export async function askStepUp(
  of: PasskeyContext,
  wanted: ActWanted,
): Promise<
  Outcome<{
    readonly options: PublicKeyCredentialRequestOptionsJSON
    readonly document: string
    readonly nonce: string
  }>
> {
  const passkeys = await listPasskeys(of.db, holderText(wanted.holder), PASSKEYS_MAX)
  if (passkeys.length === 0)
    return refused({ code: 'no_passkey', message: 'You have no passkey.', next: 'Add one under /passkeys.' })
  const document = documentOf(wanted)
  const nonce = randomBytes(32).toString('base64url')
  const digest = createHash('sha256').update(document).update(Buffer.from(nonce, 'base64url')).digest()
  const options = await generateAuthenticationOptions({
    rpID: new URL(of.public_url).hostname,
    challenge: new Uint8Array(digest),
    timeout: CHALLENGE_MS,
    userVerification: 'required',
    allowCredentials: passkeys.map(({ credential_id }) => ({ id: credential_id })),
  })
  await insertChallenge(of.db, {
    challenge: options.challenge,
    session_id: wanted.session,
    use: 'act',
    act: wanted.act,
    document,
    nonce,
    expires_at: new Date(of.clock.now().getTime() + CHALLENGE_MS),
  })
  return accepted({ options, document, nonce })
}

/**
 * Whether the act may be done: null where nothing was signed and nothing needs to be.
 * Refusals: `insufficient_user_authentication` (RFC 9470) where a signature is needed and missing, `step_up_refused` where
 * one was given that does not hold, for this act, now.
 * @param assertion the answer of `navigator.credentials.get`, as JSON text
 */
export async function takeStepUp(
  of: PasskeyContext,
  policy: StepUpPolicy,
  wanted: ActWanted,
  assertion: string | undefined,
): Promise<Outcome<Signed | null>> {
  if (assertion === undefined || assertion === '')
    return policy[wanted.act] === 'required' ? insufficient : accepted(null)
  const given = readAssertion(assertion)
  const challenge = given && challengeIn(given.response.clientDataJSON)
  if (!given || challenge === null) return notHolding
  const asked = await takeChallenge(of.db, { challenge, session_id: wanted.session, use: 'act' })
  const at = of.clock.now()
  if (!asked || asked.expires_at < at || asked.act !== wanted.act) return notHolding
  // What was shown and signed must be what is done now, field by field.
  if (asked.document !== documentOf(wanted)) return notHolding
  const passkey = await findPasskey(of.db, given.id)
  if (!passkey || passkey.holder !== holderText(wanted.holder)) return notHolding
  if (!(await verifyAssertion(of, given, passkey, asked.challenge))) return notHolding
  return accepted({
    act: wanted.act,
    of: wanted.of,
    holder: passkey.holder,
    document: asked.document,
    nonce: asked.nonce!,
    passkey,
    authenticator_data: given.response.authenticatorData,
    client_data: given.response.clientDataJSON,
    signature: given.response.signature,
    at,
  })
}

const insufficient = refused<never>({
  code: 'insufficient_user_authentication',
  message: 'This act needs a fresh confirmation with a passkey.',
  next: 'Ask POST /v1/step-up what to sign, and send the assertion with the act within 5 minutes.',
})
const notHolding = refused<never>({
  code: 'step_up_refused',
  message: 'The confirmation is not for this act, was used, or is older than 5 minutes.',
  next: 'Confirm once more.',
})

/** Stores what was signed beside what was done. @param subject whom the act concerns */
export const keepSigned = (tx: Db, ids: Ids, subject: SubjectId, signed: Signed): Promise<void> =>
  insertSignedAct(tx, {
    subject_id: subject,
    id: ids(),
    act: signed.act,
    of_id: signed.of,
    holder: signed.holder,
    document: signed.document,
    nonce: signed.nonce,
    credential_id: signed.passkey.credential_id,
    public_key: signed.passkey.public_key,
    authenticator_data: signed.authenticator_data,
    client_data: signed.client_data,
    signature: signed.signature,
    signed_at: signed.at,
  })
