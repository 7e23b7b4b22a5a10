/**
 * The sign-in of the synthetic country: a real OpenID Connect provider (authorisation code, PKCE S256) whose people are
 * made up and have no password. Hamroh meets the same protocol here as with a national provider.
 *
 *   country/identity-provider.ts --port 4200 --issuer http://127.0.0.1:4200 --public http://127.0.0.1:4000
 *     --hamroh http://127.0.0.1:4000 --data data/country/identity --seed 1 --people 5000 --as-of 2026-11-20
 *
 * It takes pushed requests only (PAR, RFC 9126), knows Hamroh by its signed assertions (private_key_jwt) and tells it when
 * a session ends (Back-Channel Logout). Key from the environment: COOKIE_KEY. Sign-ins under way live in memory; the signing key is made
 * once and kept in the data folder, so tokens stay valid over a restart.
 */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { jsx } from 'hono/jsx'
import { type Context, interactionPolicy, Provider } from 'oidc-provider'
import { type Account, type Accounts, openAccounts } from './accounts.ts'
import { pageHeaders, style } from './pages/frame.tsx'
import { ChoosePage, LostPage, SignOutPage } from './pages/identity-pages.tsx'
import { readArguments, readKey, runProcess } from './process.ts'
import { readerOf, readerOfHeaders } from './words.ts'

const session_cookie = '_country_session'

type IdentityOptions = {
  readonly issuer: string
  /** Where people meet Hamroh; sign-in returns to `/auth/callback` there. */
  readonly hamroh: string
  readonly client_id: string
  /** Where this machine reaches Hamroh: its keys are read there, and the end of a session is told there. */
  readonly hamroh_here: string
  readonly cookie_key: string
  readonly data: string
  readonly accounts: Accounts
}

/** What choosing a made-up person is worth; a national provider says it of each sign-in. */
const assurance = 'loa:substantial'

/** The page on which somebody who signed out of Hamroh signs out here too. */
const askToSignOut = (options: IdentityOptions) => async (ctx: Context, form: string) => {
  const [action, xsrf] = [/action="([^"]+)"/.exec(form)?.[1] ?? '', /value="([^"]+)"/.exec(form)?.[1] ?? '']
  const reader = readerOfHeaders(ctx.headers)
  for (const [name, value] of Object.entries(pageHeaders(new URL(options.hamroh).origin)))
    ctx.set(name, value)
  ctx.type = 'html'
  ctx.body = await jsx(SignOutPage, { reader, hamroh: options.hamroh, action, xsrf }).toString()
}

/** Made at the first start, then kept. */
function signingKeys(folder: string): { keys: readonly object[] } {
  const file = join(folder, 'jwks.json')
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true })
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }
    writeFileSync(file, JSON.stringify({ keys: [key] }), { mode: 0o600 })
  }
  return JSON.parse(readFileSync(file, 'utf8')) as { keys: readonly object[] }
}

const claimsOf = ({ sub, name, pinfl, officer }: Account): object => ({
  sub,
  name,
  ...(pinfl ? { pinfl } : {}),
  ...(officer ? { officer } : {}),
})

function makeProvider(options: IdentityOptions): Provider {
  const policy = interactionPolicy.base()
  const choosing = (ctx: Context) =>
    ctx.oidc.result?.login
      ? interactionPolicy.Check.NO_NEED_TO_PROMPT
      : interactionPolicy.Check.REQUEST_PROMPT
  // A visitor is now the mother, now the civil servant: nobody is ever still signed in as the one before.
  policy
    .get('login')
    .checks.add(new interactionPolicy.Check('fresh', 'Everybody says who they are.', choosing))
  return new Provider(options.issuer, {
    clients: [
      {
        client_id: options.client_id,
        redirect_uris: [`${options.hamroh}/auth/callback`],
        post_logout_redirect_uris: [`${options.hamroh}/`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks_uri: `${options.hamroh_here}/auth/jwks.json`,
        require_pushed_authorization_requests: true,
        backchannel_logout_uri: `${options.hamroh_here}/auth/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: signingKeys(options.data),
    cookies: {
      keys: [options.cookie_key],
      // Cookies of one host are shared by all its ports: the names must not meet Hamroh's.
      names: { session: session_cookie, interaction: '_country_choice', resume: '_country_resume' },
    },
    pkce: { required: () => true },
    scopes: ['openid', 'profile'],
    claims: { openid: ['sub', 'name', 'pinfl', 'officer'], profile: ['name'] },
    // The claims stand in the ID token as well, so that Hamroh needs no second call.
    conformIdTokenClaims: false,
    acrValues: [assurance],
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: askToSignOut(options) },
    },
    // Hamroh stands on this very machine, which the provider's own guard against inner addresses would not let through.
    fetch: (url: string, { dispatcher: _guarded, ...init }: RequestInit & { dispatcher?: unknown }) =>
      fetch(url, init),
    interactions: {
      policy,
      url: (_ctx: Context, interaction: { uid: string }) => `/interaction/${interaction.uid}`,
    },
    findAccount: (_ctx: Context, sub: string) => {
      const account = options.accounts.find(sub)
      return account && { accountId: sub, claims: () => claimsOf(account) }
    },
    // Hamroh is the only client: there is nothing to agree to.
    loadExistingGrant: async (ctx: Context) => {
      const { provider, client, session } = ctx.oidc
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId! })
      grant.addOIDCScope('openid profile')
      await grant.save()
      return grant
    },
    ttl: {
      Interaction: 3600,
      Session: 3600,
      Grant: 3600,
      AccessToken: 600,
      IdToken: 600,
      AuthorizationCode: 60,
    },
    renderError: async (ctx: Context, out: { error: string }) => {
      ctx.type = 'html'
      ctx.body = await jsx(LostPage, {
        reader: readerOfHeaders(ctx.headers),
        hamroh: options.hamroh,
        reason: out.error,
      }).toString()
    },
  })
}

/** The provider and its page of people; `before` belongs in front of the page's handler. */
export function openIdentityProvider(options: IdentityOptions): {
  app: Hono<{ Bindings: HttpBindings }>
  before: (...args: Parameters<RequestListener>) => boolean
} {
  const provider = makeProvider(options)
  const callback = provider.callback()
  const app = new Hono<{ Bindings: HttpBindings }>()
  const headers = pageHeaders(new URL(options.hamroh).origin)

  app.get('/readyz', (c) => c.json({ status: 'ready' }))
  app.get('/country.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }))
  app.get('/interaction/:uid', async (c) => {
    const reader = readerOf(c)
    if (reader instanceof Response) return reader
    const { uid, params } = await provider.interactionDetails(c.env.incoming, c.env.outgoing)
    const question = (c.req.query('q') ?? '').slice(0, 80)
    const { accounts } = options
    const page = jsx(ChoosePage, {
      reader,
      uid,
      question,
      found: accounts.search(question),
      hinted: params.login_hint === undefined ? undefined : accounts.find(params.login_hint),
      mothers: accounts.mothers,
      officers: accounts.officers,
    })
    return c.html(page.toString(), 200, headers)
  })
  app.post('/interaction/:uid', async (c) => {
    const { sub } = await c.req.parseBody()
    if (typeof sub !== 'string' || !options.accounts.find(sub)) return c.redirect(c.req.path, 303)
    const result = { login: { accountId: sub, remember: false, acr: assurance } }
    return c.redirect(await provider.interactionResult(c.env.incoming, c.env.outgoing, result), 303)
  })
  app.post('/interaction/:uid/cancel', async (c) => {
    const result = { error: 'access_denied', error_description: 'The visitor chose nobody.' }
    return c.redirect(await provider.interactionResult(c.env.incoming, c.env.outgoing, result), 303)
  })
  app.onError((error, c) => {
    const lost = error.name === 'SessionNotFound'
    if (!lost) console.error(error.stack)
    const reason = lost ? 'too old, or the provider was restarted' : 'a mistake of the provider'
    const reader = readerOfHeaders(c.req.header())
    return c.html(
      jsx(LostPage, { reader, hamroh: options.hamroh, reason }).toString(),
      lost ? 400 : 500,
      headers,
    )
  })

  const own = /^\/(interaction\/|country\.css$|readyz$)/
  return {
    app,
    before: (request, response) => {
      if (own.test(request.url ?? '')) return false
      // Otherwise the provider would first ask, with a script, to sign out whoever was chosen before.
      if (request.url?.startsWith('/auth')) forgetSession(request.headers)
      callback(request, response)
      return true
    },
  }
}

/** Takes the provider's session cookie out of a request. */
function forgetSession(headers: { cookie?: string | undefined }): void {
  const kept = (headers.cookie ?? '').split('; ').filter((cookie) => !cookie.startsWith(session_cookie))
  headers.cookie = kept.join('; ')
}

if (import.meta.main) {
  const given = readArguments([
    'port',
    'issuer',
    'public',
    'hamroh',
    'data',
    'client',
    'seed',
    'people',
    'as-of',
  ])
  const { app, before } = openIdentityProvider({
    issuer: given.issuer,
    hamroh: given.public,
    client_id: given.client,
    hamroh_here: given.hamroh,
    cookie_key: readKey('COOKIE_KEY'),
    data: given.data,
    accounts: openAccounts({
      seed: Number(given.seed),
      people: Number(given.people),
      as_of: given['as-of'],
    }),
  })
  runProcess({ fetch: app.fetch, before, port: Number(given.port) })
}
