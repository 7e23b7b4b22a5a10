/**
 * Web: the pages people see.
 *
 * In:  services that fill view models, and who is signed in.
 * Out: one Hono application with every page, form, style sheet and the one script.
 * Promise: works without script; nothing is loaded from elsewhere; what people and registries wrote is always escaped;
 *          a form takes effect only from our own page and only once.
 */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { secureHeaders } from 'hono/secure-headers'
import type { LocaleCode } from '../src/packs/packs.ts'
import { accountRoutes } from './account/routes.tsx'
import { citizenRoutes } from './citizen/routes.tsx'
import { councilRoutes } from './council/routes.tsx'
import { deskRoutes } from './desk/routes.tsx'
import { isHint, ownPage } from './kit/address.ts'
import { findAsset } from './kit/assets.ts'
import {
  anyoneSignedIn,
  type Ctx,
  chooseLanguage,
  type Env,
  found,
  idOf,
  localeOf,
  readerOf,
  Stop,
  type Web,
  type WebOptions,
} from './kit/visit.ts'
import { AboutPage } from './public/about/page.tsx'
import { FrontPage } from './public/front/page.tsx'
import { type Problem, ProblemPage } from './public/problem/page.tsx'
import { SignInPage } from './public/sign-in/page.tsx'
import type { Live, Services } from './views.ts'
import { hasWords, say } from './words/words.ts'

/** A form with every field filled to its limit fits; nothing larger is read. */
const BODY_BYTES_MAX = 256 * 1024

/** All pages over the given services. Mount it at the root and last: what no route before it knew gets its 404 page. */
export function webRoutes(services: Services, options: WebOptions): Hono<Env> {
  const web: Web = { services, options }
  const app = new Hono<Env>()
  app.use(compress())
  app.use(headers(options))
  app.get('/assets/:file', (c) => sendAsset(c, c.req.param('file')))
  app.use(async (c, next) => {
    // First without a session: should that fail, its problem page is in a language too.
    c.set('visit', { viewer: null, locale: localeOf(c, null) })
    const viewer = await options.session(c)
    const other = await chooseLanguage(c, web, viewer)
    if (other) return other
    c.set('visit', { viewer, locale: localeOf(c, viewer) })
    await next()
    c.header('cache-control', 'private, no-store')
    c.header('content-language', c.get('visit').locale)
    c.header('vary', 'Accept-Language, Cookie', { append: true })
  })
  app.use(async (c, next) => {
    // Before anything begins to read it: the server can then throw the rest away, and the connection stays good.
    if (Number(c.req.header('content-length') ?? 0) > BODY_BYTES_MAX) stop413()
    await next()
  })
  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX, onError: () => stop413() }))
  publicRoutes(app, web)
  app.route('/', accountRoutes(web))
  app.route('/', citizenRoutes(web))
  app.route('/', deskRoutes(web))
  app.route('/', councilRoutes(web))
  app.get('/live/:screen/:id?', (c) => sendToken(c, web))
  app.all('*', () => {
    throw new Stop(404)
  })
  app.onError((error, c) => answerError(error, c, web))
  return app
}

function stop413(): never {
  throw new Stop(413)
}

/** Only our own style sheets, script and forms; no frame, no referrer, nothing sniffed. */
const headers = (options: WebOptions) =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      formAction: ["'self'", ...(options.identityOrigin ? [options.identityOrigin] : [])],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
    // Whether there is HTTPS at all is the operator's proxy to know and to say.
    strictTransportSecurity: false,
    permissionsPolicy: { camera: false, microphone: false, geolocation: false },
  })

function sendAsset(c: Ctx, file: string): Response {
  const asset = findAsset(file)
  if (!asset) return c.body(null, 404)
  const zipped = (c.req.header('accept-encoding') ?? '').includes('gzip')
  return c.body(new Uint8Array(zipped ? asset.gzip : asset.plain), 200, {
    'content-type': asset.type,
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'Accept-Encoding',
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  })
}

function publicRoutes(app: Hono<Env>, web: Web): void {
  app.get('/', async (c) => c.html(<FrontPage reader={await readerOf(c, web)} />))
  app.get('/about', async (c) => c.html(<AboutPage reader={await readerOf(c, web)} />))
  app.get('/sign-in', async (c) => {
    const { signInUrl, signInDeskUrl, passkeys } = web.options
    const next = ownPage(c.req.query('next'))
    const hint = c.req.query('login_hint') ?? ''
    const choice = {
      person: withNext(signInUrl, next === '/' ? '/inbox' : next, hint),
      officer: withNext(signInDeskUrl ?? signInUrl, next === '/' ? '/desk' : next, hint),
      passkey: passkeys ? { ...passkeys, next } : null,
    }
    const problem = c.req.query('problem')
    const error = problem === undefined ? {} : { error: signInProblem(c.get('visit').locale, problem) }
    return c.html(<SignInPage reader={await readerOf(c, web, error)} choice={choice} />)
  })
}

/** Why signing in or out did not work, in words. The code stands in a link that anybody can write: it is never shown. */
function signInProblem(locale: LocaleCode, code: string): string {
  const key = `sign_in.problem.${code}`
  return say(locale, hasWords(key) ? key : 'sign_in.problem.other')
}

const withNext = (url: string, next: string, hint: string): string =>
  `${url}${url.includes('?') ? '&' : '?'}${new URLSearchParams({ next, ...(isHint(hint) ? { login_hint: hint } : {}) })}`

/** The change token of a page, for the script that keeps it true. */
async function sendToken(c: Ctx, web: Web): Promise<Response> {
  if (c.get('visit').viewer === null) return c.text('', 401)
  const live = liveOf(c)
  if (!live) throw new Stop(404)
  return c.text(found(await web.services.change(anyoneSignedIn(c), live)))
}

function liveOf(c: Ctx): Live | null {
  const screen = c.req.param('screen')
  if (screen === 'inbox' || screen === 'queue') return { screen }
  if (screen === 'journey' || screen === 'case') return { screen, id: idOf(c) }
  if (screen === 'simulation' || screen === 'publication') return { screen, id: idOf(c) }
  return null
}

async function problem(c: Ctx, web: Web, status: Problem): Promise<Response> {
  const { viewer } = c.get('visit')
  const back = viewer === null ? '/' : viewer.kind === 'person' ? '/inbox' : '/desk'
  // In another language the front page is as good: the address may have been that of a form.
  const reader = await readerOf(c, web, { path: back })
  return c.html(<ProblemPage reader={reader} problem={status} back={back} />, status)
}

async function answerError(error: unknown, c: Ctx, web: Web): Promise<Response> {
  c.header('cache-control', 'private, no-store')
  if (!c.get('visit')) c.set('visit', { viewer: null, locale: localeOf(c, null) })
  if (error instanceof Stop) {
    if (error.status !== 'sign-in') return problem(c, web, error.status)
    const here = c.req.method === 'GET' ? ownPage(new URL(c.req.url).pathname) : '/'
    return c.redirect(`/sign-in?next=${encodeURIComponent(here)}`, 303)
  }
  // Whoever went away in the middle of a request is nobody's failure, and there is nobody to answer.
  if ((error as { code?: unknown }).code === 'ECONNRESET') return c.body(null, 400)
  web.options.onError?.(error)
  return problem(c, web, 503)
}
