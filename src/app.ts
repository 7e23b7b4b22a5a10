/**
 * What the program answers over HTTP: the interface for machines, a person's own interface, signing in, the pages. Beside
 * main.ts the only file that sees both sides: `web` and the stations it is filled from.
 */
import { createHash } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { isHint, ownPage } from '../web/kit/address.ts'
import { chosenLanguage, isAutomatic } from '../web/kit/visit.ts'
import { currencyOf, liveServices } from '../web/live/live.ts'
import { auditorPage } from '../web/public/audit/audit.ts'
import type { Viewer } from '../web/views.ts'
import { webRoutes } from '../web/web.tsx'
import { openSignIn } from './adapters/oidc.ts'
import {
  apiRoutes,
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
import { chooseLanguage, type Person } from './identity/identity.ts'
import type { IntakeQueue } from './intake-queue.ts'
import { answerIntended, type JourneyContext } from './journey-flow.ts'
import type { Ground } from './main.ts'
import type { Pack } from './packs/packs.ts'
import type { Clock } from './platform/clock.ts'
import { pingDatabase } from './platform/database.ts'
import type { SubjectId } from './platform/ids.ts'
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
    secure: (ground.settings.PUBLIC_URL ?? '').startsWith('https:'),
  }
  const person = personOfRequest(browsers)
  const answer = (given: Parameters<typeof answerProposal>[2]) => answerProposal(engine, journeys, given)
  const hear = (given: Parameters<typeof answerIntended>[1]) => answerIntended(journeys, given)
  const { log } = parts
  app.route(
    '/',
    meRoutes({
      db: ground.db,
      person,
      answer,
      hear,
      proofs: async (subject, page) => (await log?.proofs(subject, page)) ?? null,
      proof: async (subject, entry) => (await log?.proof(subject, entry)) ?? null,
    }),
  )
  if (log) app.route('/', logRoutes(log, auditorPage()))
  app.route('/', councilRoutes({ council: parts.council, person }))
  app.route('/', machines(parts))
  app.route('/', signIn(ground, browsers))
  app.route('/', pages(parts, person))
  return app
}

/** For agencies and operators; in a demonstration also its clock. */
function machines({ ground, queue, wakeNow }: Parts): Hono {
  const { settings, pack, log, metrics, demonstration: clock } = ground
  const key = settings.DEMONSTRATION_KEY
  return apiRoutes({
    pack,
    log,
    metrics,
    keys: new Map(Object.entries(settings.AGENCIES).map(([code, a]) => [code, a.key_sha256])),
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

/** What telling browsers apart needs. */
type Browsers = Pick<SignInOptions, 'db' | 'clock' | 'secure'>

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

/** Signing in and out; nothing where no provider is named. */
function signIn(ground: Ground, browsers: Browsers): Hono {
  const { settings, pack, log } = ground
  if (!settings.OIDC_ISSUER) return new Hono()
  const public_url = settings.PUBLIC_URL ?? `http://${settings.HOST}:${settings.PORT}`
  return signInRoutes({
    ...browsers,
    agencies: new Set(pack.agencies.keys()),
    port: openSignIn({
      issuer: settings.OIDC_ISSUER,
      client_id: settings.OIDC_CLIENT_ID!,
      client_secret: settings.OIDC_CLIENT_SECRET!,
      redirect_uri: `${public_url}/auth/callback`,
      secret: settings.SESSION_SECRET!,
    }),
    refuse: (c, refusal) => c.redirect(`/sign-in?problem=${refusal.code}`, 303),
    pageOf: ownPage,
    isHint,
    languageOf: chosenLanguage,
    onError: (error) => log.error({ error }, 'a sign-in failed'),
  })
}

function pages(
  { ground, engine, journeys, council }: Parts,
  person: (c: Context) => Promise<Person | null>,
): Hono {
  const { settings, pack, db, gate, clock, log } = ground
  const own_purpose = `${pack.id}.purpose.own-memory`
  const services = liveServices({
    // The rules in force may change while the program runs.
    get pack() {
      return ground.pack
    },
    engine,
    journeys,
    council,
    db,
    gate,
    own_purpose,
  })
  const web = webRoutes(services, {
    demonstration: settings.DEMONSTRATION,
    ...(settings.CONTROL_URL ? { controlUrl: settings.CONTROL_URL } : {}),
    zone: pack.zone,
    currency: currencyOf(pack),
    session: async (c) => viewerOf(pack, await person(c)),
    rememberLanguage: (subject, locale) => chooseLanguage(db, clock, subject as SubjectId, locale),
    csrf: async (c) => (await person(c))?.csrf ?? '',
    checkCsrf: async (c, token) => token !== '' && (await person(c))?.csrf === token,
    signInUrl: '/auth/start',
    signOutUrl: '/auth/sign-out',
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
