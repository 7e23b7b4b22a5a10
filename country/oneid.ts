/**
 * An emulator of OneID for the demonstration and for tests: a provider of its own protocol, as five or more clients speak
 * it, whose people are made up and have no password. It is honest about what it is on every page.
 *
 *   country/oneid.ts --port 4201 --hamroh http://127.0.0.1:4000 --client hamroh
 *     --seed 1 --people 5000 --as-of 2026-11-20
 *
 * Key from the environment: ONEID_CLIENT_SECRET. Everything lives in memory.
 *
 * It keeps the traits that bite: one address for all, `expires_in` as an instant in milliseconds, `valid` as a text, names
 * in upper case, and above all a session of its own: who comes back is signed in as before without being asked, until
 * `one_log_out` ends it. It does not emulate allow-lists of addresses, limits of requests, scopes, or signatures.
 */
import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { jsx } from 'hono/jsx'
import { type Account, type Accounts, openAccounts } from './accounts.ts'
import { pageHeaders, style } from './pages/frame.tsx'
import { ChoosePage, LostPage } from './pages/identity-pages.tsx'
import { readArguments, readKey, runProcess } from './process.ts'
import { readerOf, readerOfHeaders } from './words.ts'

export const ONEID_PATH = '/sso/oauth/Authorization.do'
const session_cookie = '_country_oneid'
const TOKEN_MS = 30 * 60_000
const CODE_MS = 60_000
/** More sign-ins under way than a demonstration has; the oldest go first. */
const KEPT_MAX = 10_000

type OneIdOptions = {
  /** Where people meet Hamroh; sign-in returns to `/auth/oneid/callback` there, to the letter. */
  readonly hamroh: string
  readonly client_id: string
  readonly client_secret: string
  readonly accounts: Accounts
  readonly now?: () => number
}

type Asked = { readonly redirect_uri: string; readonly state: string }

/** A Map that forgets its oldest entries. */
class Kept<V> extends Map<string, V> {
  override set(key: string, value: V): this {
    if (this.size >= KEPT_MAX) this.delete(this.keys().next().value!)
    return super.set(key, value)
  }
}

export function openOneIdEmulator(options: OneIdOptions): Hono {
  const now = options.now ?? Date.now
  const asked = new Kept<Asked>()
  const codes = new Kept<Grant>()
  const tokens = new Kept<Grant>()
  const sessions = new Kept<string>()
  const app = new Hono()
  const headers = pageHeaders(new URL(options.hamroh).origin)
  const redirect_uri = `${options.hamroh}/auth/oneid/callback`

  const goBack = (c: Context, to: Asked, fields: Record<string, string>): Response => {
    const url = new URL(to.redirect_uri)
    url.search = new URLSearchParams({ ...fields, state: to.state }).toString()
    return c.redirect(url.href, 303)
  }
  const goBackWithCode = (c: Context, to: Asked, session: string): Response => {
    const code = randomUUID()
    codes.set(code, { sub: sessions.get(session)!, session, until: now() + CODE_MS })
    return goBack(c, to, { code })
  }

  app.get('/readyz', (c) => c.json({ status: 'ready' }))
  app.get('/country.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }))
  /** Of the emulator alone: how many of its own sessions there are, for tests of signing out. */
  app.get('/emulator/sessions', (c) => c.json({ sessions: sessions.size }))

  app.get(ONEID_PATH, (c) => {
    const query = c.req.query()
    const is_known = query.client_id === options.client_id && query.redirect_uri === redirect_uri
    if (!is_known || query.response_type !== 'one_code') return lost(c, options, 'wrong client or address')
    const to = { redirect_uri, state: query.state ?? '' }
    const session = getCookie(c, session_cookie)
    // Who was here before is not asked again: on a shared computer this is the next person's trap.
    if (session !== undefined && sessions.has(session)) return goBackWithCode(c, to, session)
    const uid = randomUUID()
    asked.set(uid, to)
    return c.redirect(`/interaction/${uid}`, 303)
  })
  app.get('/interaction/:uid', (c) => {
    const reader = readerOf(c)
    if (reader instanceof Response) return reader
    const uid = c.req.param('uid')
    if (!asked.has(uid)) return lost(c, options, 'too old, or the emulator was restarted')
    const question = (c.req.query('q') ?? '').slice(0, 80)
    const { accounts } = options
    const page = jsx(ChoosePage, {
      reader,
      uid,
      question,
      lead: reader.say('choose.oneid'),
      found: accounts.search(question).filter(isCitizen),
      hinted: undefined,
      mothers: accounts.mothers,
      officers: [],
    })
    return c.html(page.toString(), 200, headers)
  })
  app.post('/interaction/:uid', async (c) => {
    const to = asked.get(c.req.param('uid'))
    const { sub } = await c.req.parseBody()
    const account = typeof sub === 'string' ? options.accounts.find(sub) : undefined
    if (!to || !account || !isCitizen(account)) return c.redirect(c.req.path, 303)
    asked.delete(c.req.param('uid'))
    const session = randomUUID()
    sessions.set(session, account.sub)
    setCookie(c, session_cookie, session, { path: '/', httpOnly: true, sameSite: 'Lax' })
    return goBackWithCode(c, to, session)
  })
  app.post('/interaction/:uid/cancel', (c) => {
    const to = asked.get(c.req.param('uid'))
    return to ? goBack(c, to, { error: 'access_denied' }) : lost(c, options, 'too old')
  })

  app.post(ONEID_PATH, async (c) => {
    const form = (await c.req.parseBody()) as Record<string, string>
    const [answer, status] = answerOf(options, { codes, tokens, sessions, now: now() }, form)
    return c.json(answer, status)
  })
  return app
}

type Grant = { readonly sub: string; readonly session: string; readonly until: number }
type Memory = {
  readonly codes: Map<string, Grant>
  readonly tokens: Map<string, Grant>
  /** OneID's own sessions: session → who. */
  readonly sessions: Map<string, string>
  readonly now: number
}
type Answered = readonly [answer: object, status: 200 | 400 | 401]
const wrong = (error: string, status: 400 | 401 = 400): Answered => [{ ret_cd: '1', error }, status]

/** What the one address answers to a client, by the word it gives as grant_type. */
function answerOf(
  options: OneIdOptions,
  memory: Memory,
  form: { readonly [field: string]: string | undefined },
): Answered {
  if (form.client_id !== options.client_id || form.client_secret !== options.client_secret)
    return wrong('wrong client', 401)
  const { codes, tokens, sessions, now } = memory
  if (form.grant_type === 'one_authorization_code') {
    const found = codes.get(form.code ?? '')
    codes.delete(form.code ?? '')
    const is_ours = form.redirect_uri === `${options.hamroh}/auth/oneid/callback`
    if (!found || found.until < now || !is_ours) return wrong('wrong code')
    const access_token = randomUUID()
    const until = now + TOKEN_MS
    tokens.set(access_token, { ...found, until })
    const more = { refresh_token: randomUUID(), token_type: 'bearer', scope: options.client_id }
    // An instant in milliseconds, as the one real answer seen had it.
    return [{ access_token, expires_in: until, ...more }, 200]
  }
  const found = tokens.get(form.access_token ?? '')
  const account = found && found.until >= now ? options.accounts.find(found.sub) : undefined
  if (!found || !account) return wrong('wrong token')
  if (form.grant_type === 'one_access_token_identify') return [fieldsOf(account, found.session), 200]
  if (form.grant_type !== 'one_log_out') return wrong('unknown grant_type')
  tokens.delete(form.access_token!)
  sessions.delete(found.session)
  return [{ ret_cd: '0' }, 200]
}

const isCitizen = (account: Account): boolean => account.pinfl !== undefined

/** About one in ten has not been verified; always the same ones, and none of those a visitor is shown first. */
const isVerified = (sub: string): boolean => Number(/\d+$/.exec(sub)?.[0] ?? 0) % 10 !== 9

function fieldsOf({ sub, name, pinfl }: Account, sess_id: string): object {
  const [sur_name, first_name, ...rest] = name.toUpperCase().split(' ')
  return {
    ret_cd: '0',
    valid: isVerified(sub) ? 'true' : 'false',
    pin: pinfl,
    user_id: sub,
    full_name: name.toUpperCase(),
    sur_name,
    first_name,
    mid_name: rest.join(' '),
    user_type: 'I',
    validation_method: isVerified(sub) ? ['MOBILEMETHOD'] : [],
    auth_method: 'LOGINPASSMETHOD',
    sess_id,
    legal_info: [],
  }
}

function lost(c: Context, options: OneIdOptions, reason: string): Response | Promise<Response> {
  const reader = readerOfHeaders(c.req.header())
  const page = jsx(LostPage, { reader, hamroh: options.hamroh, reason })
  return c.html(page.toString(), 400, pageHeaders(new URL(options.hamroh).origin))
}

if (import.meta.main) {
  const given = readArguments(['port', 'hamroh', 'client', 'seed', 'people', 'as-of'])
  const app = openOneIdEmulator({
    hamroh: given.hamroh,
    client_id: given.client,
    client_secret: readKey('ONEID_CLIENT_SECRET'),
    accounts: openAccounts({
      seed: Number(given.seed),
      people: Number(given.people),
      as_of: given['as-of'],
    }),
  })
  runProcess({ fetch: app.fetch, port: Number(given.port) })
}
