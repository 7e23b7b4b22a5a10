/**
 * What the program answers over HTTP: the interface for machines, a person's own interface, signing in, the pages. Beside
 * main.ts the only file that sees both sides: `web` and the stations it is filled from.
 */
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Context, Hono } from 'hono'
import { isHint, ownPage } from '../web/kit/address.ts'
import { chosenLanguage, isAutomatic } from '../web/kit/visit.ts'
import { currencyOf, type LiveContext, liveServices } from '../web/live/live.ts'
import { auditorPage } from '../web/public/audit/audit.ts'
import type { Viewer } from '../web/views.ts'
import { webRoutes } from '../web/web.tsx'
import { accountPages, openAccounts, stepUpPolicy } from './account.ts'
import { type OidcSignIn, openSignIn } from './adapters/oidc.ts'
import { openOneId } from './adapters/oneid.ts'
import {
  type Account,
  accountRoutes,
  apiRoutes,
  type Browsers,
  councilRoutes,
  logRoutes,
  meRoutes,
  problem,
  type SignInOptions,
  signedInAs,
  signInRoutes,
} from './api/api.ts'
import { type CouncilContext, isOfPublisher } from './council/council.ts'
import { answerProposal, type Engine } from './flow.ts'
import { type AgencyTokens, chooseLanguage, type Person, passkeysPossible } from './identity/identity.ts'
import type { IntakeQueue } from './intake-queue.ts'
import { answerIntended, type JourneyContext } from './journey-flow.ts'
import type { Ground } from './main.ts'
import type { Pack } from './packs/packs.ts'
import { type Clock, machineClock } from './platform/clock.ts'
import { pingDatabase } from './platform/database.ts'
import type { SubjectId } from './platform/ids.ts'
import { fileKeyRing, givenKeyRing, type KeyRing } from './platform/key-ring.ts'
import type { TransparencyLog } from './trust/trust.ts'

type Parts = {
  readonly ground: Ground
  readonly engine: Engine
  readonly journeys: JourneyContext
  readonly council: CouncilContext
  readonly queue: IntakeQueue
  /** Null only where a test needs none. */
  readonly log: TransparencyLog | null
  /** What sessions of browsers are measured by: the machine's, though a demonstration plays another day. */
  readonly session_clock: Clock
  /** Does at once what the clock has made due. */
  wakeNow(): Promise<void>
}

/** The whole application. What no route of a machine knows is a page, or the page that says there is none. */
export function makeApp(parts: Parts): Hono {
  const { ground, engine, journeys } = parts
  const app = new Hono()
  app.onError((error, c) => {
    ground.log.error({ error }, 'the interface failed')
    return problem(c, {
      code: 'unavailable',
      message: 'This cannot be done now; the fault is ours.',
      next: 'Send the same again: nothing is done twice.',
    })
  })
  const browsers = {
    db: ground.db,
    clock: parts.session_clock,
    secure: publicUrl(ground).startsWith('https:'),
  }
  const anybody = personOfRequest(browsers)
  const person = async (c: Context) => {
    const found = await anybody(c)
    // Whoever must add a passkey first is nobody anywhere else.
    return found?.enrols ? null : found
  }
  const entrance = openEntrance(parts, browsers)
  const answer = (given: Parameters<typeof answerProposal>[2]) => answerProposal(engine, journeys, given)
  const hear = (given: Parameters<typeof answerIntended>[1]) => answerIntended(journeys, given)
  const { takeStepUp } = entrance.account
  const { log } = parts
  app.route(
    '/',
    meRoutes({
      db: ground.db,
      person,
      answer,
      hear,
      takeStepUp,
      proofs: async (subject, page) => (await log?.proofs(subject, page)) ?? null,
      proof: async (subject, entry) => (await log?.proof(subject, entry)) ?? null,
    }),
  )
  if (log) app.route('/', logRoutes(log, auditorPage()))
  app.route('/', accountRoutes(entrance.account, { person, enrolling: anybody }))
  app.route('/', councilRoutes({ council: parts.council, person }))
  app.route('/', machines(parts))
  if (Object.keys(entrance.options.ways).length > 0) app.route('/', signInRoutes(entrance.options))
  app.route('/', pages(parts, anybody, entrance))
  return app
}

const publicUrl = ({ settings }: Ground): string =>
  settings.PUBLIC_URL ?? `http://${settings.HOST}:${settings.PORT}`

/** For agencies and operators; in a demonstration also its clock. */
function machines({ ground, queue, wakeNow }: Parts): Hono {
  const { settings, pack, log, metrics, demonstration: clock } = ground
  const key = settings.DEMONSTRATION_KEY
  return apiRoutes({
    pack,
    log,
    metrics,
    keys: new Map(
      Object.entries(settings.AGENCIES).flatMap(([code, a]) =>
        a.key_sha256 === undefined ? [] : [[code, a.key_sha256] as const],
      ),
    ),
    tokens: agencyTokens(ground),
    submit: (reported) => queue.submit(reported),
    ready: () =>
      pingDatabase(ground.db).then(
        () => null,
        () => 'the database cannot be reached',
      ),
    demonstration:
      clock && key
        ? {
            key_sha256: createHash('sha256').update(key).digest('hex'),
            now: () => clock.now(),
            forward: async (days) => {
              const now = await clock.forward(days)
              await wakeNow()
              return now
            },
          }
        : null,
  })
}

/** Agencies that prove themselves with a key of their own; tokens are measured by the machine's clock. */
function agencyTokens(ground: Ground): AgencyTokens {
  const url = publicUrl(ground)
  const keys = Object.entries(ground.settings.AGENCIES).flatMap(([code, a]) =>
    a.jwks === undefined ? [] : [[code, a.jwks] as const],
  )
  const audiences = [url, `${url}/v1/token`]
  return { db: ground.db, clock: machineClock, keys: new Map(keys), audiences }
}

/** Who a request comes from; asked of the database once, however many parts of the answer want to know. */
function personOfRequest(browsers: Browsers): (c: Context) => Promise<Person | null> {
  const known = new WeakMap<Request, Promise<Person | null>>()
  return (c) => {
    let person = known.get(c.req.raw)
    if (!person) {
      person = signedInAs(c, browsers, !isAutomatic(c))
      known.set(c.req.raw, person)
    }
    return person
  }
}

type Entrance = { readonly account: Account; readonly options: SignInOptions }

/** Signing in and out, and the account of who is: without a provider nobody signs in. */
function openEntrance(parts: Parts, browsers: Browsers): Entrance {
  const { ground } = parts
  const { settings, pack, log } = ground
  const public_url = publicUrl(ground)
  // Without the setting nobody signs in, and what is sealed or signed until the next start is nothing.
  const secret = settings.SESSION_SECRET ?? randomBytes(32).toString('base64url')
  const keys = settings.OIDC_ISSUER && !settings.OIDC_CLIENT_SECRET ? clientKeys(ground) : null
  const oidc = settings.OIDC_ISSUER ? oidcOf(ground, secret, keys) : null
  const oneid = settings.ONEID_URL
    ? openOneId({
        url: settings.ONEID_URL,
        client_id: settings.ONEID_CLIENT_ID!,
        client_secret: settings.ONEID_CLIENT_SECRET!,
        scope: settings.ONEID_SCOPE ?? settings.ONEID_CLIENT_ID!,
        redirect_uri: `${public_url}/auth/oneid/callback`,
        secret,
      })
    : null
  const options: SignInOptions = {
    ...browsers,
    ways: { ...(oidc ? { oidc } : {}), ...(oneid ? { oneid } : {}) },
    ...(oidc ? { readLogoutToken: (token: unknown) => oidc.readLogoutToken(token) } : {}),
    ...(keys ? { publishedKeys: () => keys.published() } : {}),
    passkeys: { db: browsers.db, clock: browsers.clock, secret, public_url },
    officers_need_passkey: !settings.DEMONSTRATION,
    assurance_min: settings.ASSURANCE_MIN ?? (settings.DEMONSTRATION ? 'loa:low' : 'loa:substantial'),
    agencies: new Set(pack.agencies.keys()),
    refuse: (c, refusal) => c.redirect(`/sign-in?problem=${refusal.code}`, 303),
    pageOf: ownPage,
    isHint,
    languageOf: chosenLanguage,
    onError: (error) => log.error({ error }, 'a sign-in failed'),
  }
  return { options, account: openAccounts(liveOf(parts), { ...options, step_up: stepUpPolicy(settings) }) }
}

/** The keys by which we prove ourselves to the provider: the operator's, or our own in the data folder. */
const clientKeys = ({ settings }: Ground): KeyRing =>
  settings.OIDC_CLIENT_KEYS
    ? givenKeyRing(settings.OIDC_CLIENT_KEYS)
    : fileKeyRing(join(settings.HAMROH_DATA, 'client-keys.json'))

function oidcOf(ground: Ground, secret: string, keys: KeyRing | null): OidcSignIn {
  const { settings } = ground
  const public_url = publicUrl(ground)
  return openSignIn({
    issuer: settings.OIDC_ISSUER!,
    client_id: settings.OIDC_CLIENT_ID!,
    client: keys ? { keys } : { secret: settings.OIDC_CLIENT_SECRET! },
    redirect_uri: `${public_url}/auth/callback`,
    signed_out_uri: `${public_url}/`,
    secret,
    acr: settings.OIDC_ACR,
    ...(settings.OIDC_ACR_VALUES ? { acr_wanted: settings.OIDC_ACR_VALUES } : {}),
  })
}

function liveOf({ ground, engine, journeys, council }: Parts): LiveContext {
  const { pack, db, gate } = ground
  return {
    // The rules in force may change while the program runs.
    get pack() {
      return ground.pack
    },
    engine,
    journeys,
    council,
    db,
    gate,
    own_purpose: `${pack.id}.purpose.own-memory`,
  }
}

function pages(
  parts: Parts,
  anybody: (c: Context) => Promise<Person | null>,
  { account, options }: Entrance,
): Hono {
  const { ground } = parts
  const { settings, pack, db, clock, log } = ground
  // Who must add a passkey first is somebody on that page alone.
  const person = async (c: Context) => {
    const found = await anybody(c)
    return found?.enrols && !/^\/passkeys(\/|$)/.test(c.req.path) ? null : found
  }
  const citizens = options.ways.oneid ? '/auth/oneid/start' : '/auth/start'
  const web = webRoutes(liveServices(liveOf(parts)), {
    demonstration: settings.DEMONSTRATION,
    ...(settings.CONTROL_URL ? { controlUrl: settings.CONTROL_URL } : {}),
    zone: pack.zone,
    currency: currencyOf(pack),
    session: async (c) => viewerOf(pack, await person(c)),
    rememberLanguage: (subject, locale) => chooseLanguage(db, clock, subject as SubjectId, locale),
    csrf: async (c) => (await person(c))?.csrf ?? '',
    checkCsrf: async (c, token) => token !== '' && (await person(c))?.csrf === token,
    signInUrl: citizens,
    signInDeskUrl: '/auth/start',
    signOutUrl: '/auth/sign-out',
    account: accountPages(account, options, person),
    passkeys: {
      possible: passkeysPossible(options.passkeys.public_url),
      officers_need: options.officers_need_passkey,
    },
    // Signing out ends on the provider's own page.
    ...(settings.OIDC_ISSUER ? { identityOrigin: new URL(settings.OIDC_ISSUER).origin } : {}),
    // A visitor of the demonstration watches agencies work within seconds.
    ...(settings.DEMONSTRATION ? { liveSeconds: 1 } : {}),
    onError: (error) => log.error({ error }, 'a page failed'),
  })
  return web as unknown as Hono
}

/** A signed-in person as the pages know them. */
function viewerOf(pack: Pack, person: Person | null): Viewer | null {
  if (person === null) return null
  const { name } = person
  if (person.kind === 'officer') {
    const { number, agency, role } = person
    const publisher = isOfPublisher(pack, person)
    return { kind: 'officer', officer: number, pseudonym: number, agency, name, role, publisher }
  }
  const language = pack.locales.find((locale) => locale === person.language) ?? null
  return { kind: 'person', subject: person.subject, name, language }
}
