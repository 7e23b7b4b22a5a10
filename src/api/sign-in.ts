import type { Context } from 'hono'
import { Hono } from 'hono'
import {
  type Assurance,
  beginSignIn,
  type Claims,
  chooseLanguage,
  confirmPasskeys,
  deviceOf,
  type EndedSession,
  endProviderSessions,
  endSession,
  finishSignIn,
  isAtLeast,
  languageOf,
  type PasskeyContext,
  passkeysOf,
  passkeysPossible,
  providerMark,
  type SignedIn,
  type SignInFacts,
  type SignInPort,
  startSession,
  takeTokenId,
} from '../identity/identity.ts'
import { findSubjects, identifierKey } from '../people/people.ts'
import { accepted, type Outcome, type Refusal, refused } from '../platform/refusal.ts'
import { seal, unseal } from '../platform/sealing.ts'
import {
  type Browsers,
  isFromElsewhere,
  readCookie,
  removeCookie,
  signedInAs,
  writeCookie,
} from './browsers.ts'
import { readBody } from './cloudevents.ts'
import { problem } from './problem.ts'

/** Signing in and out of browsers: over a provider, or with a passkey; and what a provider tells us when it ends a session. */

/** What a provider's order to sign somebody out says, once its signature is checked. */
type LogoutToken = {
  readonly issuer: string
  readonly subject: string | null
  readonly session: string | null
  readonly id: string
  readonly until: Date
}

export type Way = 'oidc' | 'oneid'

export type SignInOptions = Browsers & {
  /** The providers there are. OpenID Connect answers under /auth, the other under /auth/oneid. */
  readonly ways: { readonly [W in Way]?: SignInPort }
  /** Reads a logout token of the OpenID Connect provider. */
  readLogoutToken?(token: unknown): Promise<Outcome<LogoutToken>>
  /** The public keys by which we prove ourselves to providers, where we have such. */
  readonly publishedKeys?: () => object
  readonly passkeys: PasskeyContext
  /** Civil servants sign in with a passkey; a provider's sign-in only lets them add their first. */
  readonly officers_need_passkey: boolean
  /** Who is less surely known is not signed in: an account nobody verified may claim any number. */
  readonly assurance_min: Assurance
  /** The agencies civil servants may come from. */
  readonly agencies: ReadonlySet<string>
  /** Shows a refusal as a page. */
  refuse(c: Context, refusal: Refusal): Response | Promise<Response>
  /** The page of ours that an address names, or `/`: a sign-in never leads elsewhere. */
  pageOf(address: string | undefined): string
  /** The language this browser was asked to speak before the sign-in, or null. */
  languageOf(c: Context): string | null
  /** Told of every error behind which a person met a refusal. */
  onError(error: unknown): void
  /** Whether a text may be handed to the provider as a hint of whom to show first. */
  isHint(text: string): boolean
}

const tooLow: Refusal = {
  code: 'assurance_too_low',
  message: 'The sign-in service has not verified who this is surely enough.',
  next: 'Let it verify your identity, and sign in again.',
}

const UNDER_WAY_S = 600
const FORM_BYTES_MAX = 1024
const PASSKEY_BYTES_MAX = 32 * 1024
const LOGOUT_BYTES_MAX = 16 * 1024
const SEALED_FOR = 'provider session'

export function signInRoutes(options: SignInOptions): Hono {
  const app = new Hono()
  app.onError((error, c) => {
    options.onError(error)
    return options.refuse(c, { code: 'sign_in_unavailable', message: 'Signing in is not possible now.' })
  })
  for (const [way, path] of [
    ['oidc', '/auth'],
    ['oneid', '/auth/oneid'],
  ] as const) {
    const port = options.ways[way]
    if (port) providerRoutes(app, options, { way, path, port })
  }
  passkeyRoutes(app, options)
  app.post('/auth/sign-out', (c) => signOut(c, options))
  if (options.readLogoutToken) app.post('/auth/backchannel-logout', (c) => backchannelLogout(c, options))
  const { publishedKeys } = options
  if (publishedKeys)
    app.get('/auth/jwks.json', (c) =>
      c.json(publishedKeys(), 200, { 'cache-control': 'public, max-age=600' }),
    )
  return app
}

type Provider = { readonly way: Way; readonly path: string; readonly port: SignInPort }

function providerRoutes(app: Hono, options: SignInOptions, { way, path, port }: Provider): void {
  app.get(`${path}/start`, async (c) => {
    const hint = c.req.query('login_hint') ?? ''
    const begun = await port.begin(
      options.pageOf(c.req.query('next')),
      options.isHint(hint) ? hint : undefined,
    )
    if (!begun.ok) return options.refuse(c, begun.refusal)
    writeCookie(c, options, 'sign-in', { value: begun.value.cookie, max_age_s: UNDER_WAY_S })
    return c.redirect(begun.value.url, 303)
  })

  app.get(`${path}/callback`, async (c) => {
    const finished = await port.finish(new URL(c.req.url), readCookie(c, options, 'sign-in'))
    removeCookie(c, options, 'sign-in')
    if (!finished.ok) return options.refuse(c, finished.refusal)
    const { claims, return_to, assurance, provider } = finished.value
    if (!isAtLeast(assurance, options.assurance_min)) return options.refuse(c, tooLow)
    const who = await identify(options, claims)
    if (!who)
      return options.refuse(c, {
        code: 'sign_in_unknown',
        message: 'This person is not known here.',
        next: 'Sign in as somebody the registries have reported.',
      })
    const enrols = await mustEnrol(options, who)
    if (!enrols.ok) return options.refuse(c, enrols.refusal)
    const { secret } = options.passkeys
    const mark = (name: string | null) => (name === null ? null : providerMark(secret, provider.issuer, name))
    await signIn(c, options, who, {
      assurance,
      method: way,
      enrols: enrols.value,
      provider: {
        subject: mark(provider.subject),
        session: mark(provider.session),
        sealed: provider.secret === null ? null : seal(secret, SEALED_FOR, provider.secret),
      },
    })
    return c.redirect(enrols.value ? '/passkeys' : home(who, return_to), 303)
  })
}

/**
 * Whether a civil servant whom the provider has just confirmed may do nothing here but add their first passkey. Who has one
 * is told to use it: the provider's word alone opens no desk.
 */
async function mustEnrol(options: SignInOptions, who: SignedIn): Promise<Outcome<boolean>> {
  const { db, clock } = options
  await confirmPasskeys(db, clock, who, who)
  if (who.kind === 'citizen' || !options.officers_need_passkey) return accepted(false)
  return (await passkeysOf(db, who)).length === 0
    ? accepted(true)
    : refused({ code: 'passkey_needed', message: 'Civil servants sign in with their passkey.' })
}

function passkeyRoutes(app: Hono, options: SignInOptions): void {
  app.post('/auth/passkey/options', async (c) => {
    if (isFromElsewhere(c)) return problem(c, { code: 'not_allowed', message: 'Asked by another site.' })
    if (!passkeysPossible(options.passkeys.public_url))
      return problem(c, { code: 'passkeys_impossible', message: 'Passkeys need https and a name.' })
    const begun = await beginSignIn(options.passkeys)
    writeCookie(c, options, 'passkey', { value: begun.cookie, max_age_s: UNDER_WAY_S / 2 })
    return c.json(begun.options, 200, { 'cache-control': 'no-store' })
  })

  app.post('/auth/passkey', async (c) => {
    const body = await readBody(c, PASSKEY_BYTES_MAX)
    if (!body.ok) return problem(c, body.refusal)
    const form = new URLSearchParams(body.value)
    const cookie = readCookie(c, options, 'passkey')
    removeCookie(c, options, 'passkey')
    const credential = form.get('credential')
    const is_ours = [...form.keys()].every((name) => name === 'credential' || name === 'next')
    if (isFromElsewhere(c) || credential === null || !is_ours || new Set(form.keys()).size !== form.size)
      return options.refuse(c, { code: 'passkey_refused', message: 'The form is not from this browser.' })
    const finished = await finishSignIn(options.passkeys, credential, cookie)
    if (!finished.ok) return options.refuse(c, finished.refusal)
    const { who, assurance } = finished.value
    if (!isAtLeast(assurance, options.assurance_min)) return options.refuse(c, tooLow)
    if (who.kind === 'officer' && !options.agencies.has(who.agency))
      return options.refuse(c, { code: 'sign_in_unknown', message: 'This person is not known here.' })
    await signIn(c, options, who, { assurance, method: 'passkey' })
    return c.redirect(home(who, options.pageOf(form.get('next') ?? undefined)), 303)
  })
}

const home = (who: SignedIn, wanted: string): string =>
  wanted === '/' ? (who.kind === 'officer' ? '/desk' : '/inbox') : wanted

async function signIn(c: Context, options: SignInOptions, who: SignedIn, facts: SignInFacts): Promise<void> {
  // A new sign-in never goes on with an old session: its cookie may have been planted.
  await endSession(options.db, readCookie(c, options, 'session'))
  const device = deviceOf(c.req.header('user-agent'))
  const value = await startSession(options.db, options.clock, who, { ...facts, device })
  writeCookie(c, options, 'session', { value })
  await keepLanguage(c, options, who)
}

async function signOut(c: Context, options: SignInOptions): Promise<Response> {
  const person = await signedInAs(c, options)
  const body = await readBody(c, FORM_BYTES_MAX)
  const form = [...new URLSearchParams(body.ok ? body.value : '')]
  const [name, csrf] = form[0] ?? []
  if (person && (form.length !== 1 || name !== 'csrf' || csrf !== person.csrf))
    return options.refuse(c, { code: 'bad_form_token', message: 'This form is not from this browser.' })
  const ended = await endSession(options.db, readCookie(c, options, 'session'))
  removeCookie(c, options, 'session')
  return c.redirect((ended && (await endAtProvider(options, ended))) ?? '/', 303)
}

/**
 * Ends the provider's own session of a session that ended here: otherwise the next person at this computer is signed in
 * as this one. Where the provider does not answer, ours has ended all the same.
 * @returns the address the browser must visit for it, or null
 */
export async function endAtProvider(
  options: Pick<SignInOptions, 'ways' | 'passkeys' | 'onError'>,
  { method, provider_secret: sealed }: EndedSession,
): Promise<string | null> {
  const port = method === 'passkey' ? undefined : options.ways[method]
  if (!port) return null
  try {
    return await port.end(sealed === null ? null : unseal(options.passkeys.secret, SEALED_FOR, sealed))
  } catch (error) {
    options.onError(error)
    return null
  }
}

/** OpenID Connect Back-Channel Logout 1.0 §2.5–2.8: a provider says, server to server, that a session is over. */
async function backchannelLogout(c: Context, options: SignInOptions): Promise<Response> {
  c.header('cache-control', 'no-store')
  const body = await readBody(c, LOGOUT_BYTES_MAX)
  if (!body.ok) return problem(c, body.refusal)
  const tokens = new URLSearchParams(body.value).getAll('logout_token')
  const read = await options.readLogoutToken!(tokens.length === 1 ? tokens[0] : undefined)
  const { secret } = options.passkeys
  if (!read.ok) return logoutRefused(c)
  const { issuer, subject, session, id, until } = read.value
  if (!(await takeTokenId(options.db, { issuer, id, until }))) return logoutRefused(c)
  const mark = (name: string | null) => (name === null ? null : providerMark(secret, issuer, name))
  await endProviderSessions(options.db, { subject: mark(subject), session: mark(session) })
  return c.body(null, 200)
}

const logoutRefused = (c: Context): Response =>
  c.json({ error: 'invalid_request', error_description: 'The logout token was not accepted.' }, 400)

/**
 * A language chosen before the first sign-in is the person's from then on. One they chose before stays: the browser may
 * be a library's, and its language that of whoever sat there last.
 */
async function keepLanguage(c: Context, options: SignInOptions, who: SignedIn): Promise<void> {
  const chosen = options.languageOf(c)
  if (who.kind !== 'citizen' || chosen === null) return
  if ((await languageOf(options.db, who.subject)) !== null) return
  await chooseLanguage(options.db, options.clock, who.subject, chosen)
}

async function identify(options: SignInOptions, claims: Claims): Promise<SignedIn | null> {
  if (claims.kind === 'officer') {
    const { number, agency, name, role = null } = claims
    return options.agencies.has(agency) ? { kind: 'officer', number, agency, name, role } : null
  }
  const found = await findSubjects(options.db, [{ kind: 'pinfl', value: claims.pinfl }])
  const subject = found.get(identifierKey('pinfl', claims.pinfl))
  return subject ? { kind: 'citizen', subject, name: claims.name } : null
}
