/** One visit over HTTP: who it is, in which language, and what every answer carries. Shared by all routes. */
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Act } from '../../src/identity/identity.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import { isUuid } from '../../src/platform/ids.ts'
import type { Refusal } from '../../src/platform/refusal.ts'
import type { AccountServices, Signing } from '../account/views.ts'
import type { OfficerAsker, PersonAsker, Services, Viewer } from '../views.ts'
import type { Key } from '../words/keys.ts'
import { hasWords, locales, say } from '../words/words.ts'
import { ownPage } from './address.ts'
import type { Currency } from './format.ts'
import type { Reader } from './reader.ts'

export type WebOptions = {
  readonly demonstration: boolean
  /** Where the demonstration is controlled; linked from its banner. */
  readonly controlUrl?: string
  /** The state's zone, e.g. `Asia/Tashkent`. */
  readonly zone: string
  readonly currency: Currency
  /** Who is signed in, from the request's session; null when nobody is. */
  readonly session: (c: Context) => Promise<Viewer | null>
  /** Keeps the language a signed-in person chose. */
  readonly rememberLanguage: (subject: string, locale: LocaleCode) => Promise<void>
  /** The token that forms of this session carry. */
  readonly csrf: (c: Context) => string | Promise<string>
  readonly checkCsrf: (c: Context, token: string) => boolean | Promise<boolean>
  /** Starts signing in; `?next=/path` is appended. */
  readonly signInUrl: string
  /** The same for civil servants; left out: one way in for all. */
  readonly signInDeskUrl?: string
  /** Sessions, passkeys, and acts confirmed with one. */
  readonly account?: AccountServices
  /** Whether browsers do passkeys at this address, and whether civil servants must. */
  readonly passkeys?: { readonly possible: boolean; readonly officers_need: boolean }
  /** Takes a POST with the field `csrf`. */
  readonly signOutUrl: string
  /** Origin of the sign-in service when signing out leads there: forms may end on it. */
  readonly identityOrigin?: string
  /** Makes the one-time key of a form; default: a random UUID. */
  readonly newKey?: () => string
  /** How often an open page asks whether it is still true, seconds; default 3. */
  readonly liveSeconds?: number
  /** Told of every error that became a 503 page. */
  readonly onError?: (error: unknown) => void
}

export type Visit = { readonly viewer: Viewer | null; readonly locale: LocaleCode }
export type Env = { Variables: { visit: Visit } }
export type Ctx = Context<Env>

/** What a route needs beside its request. */
export type Web = { readonly services: Services; readonly options: WebOptions }

const MONTHS_12_S = 365 * 24 * 3600

const known = (text: string | null | undefined): LocaleCode | null =>
  locales.find((locale) => locale === text) ?? null

/** The language this browser was asked to speak, or null. */
export const chosenLanguage = (c: Context): LocaleCode | null => known(getCookie(c, 'lang'))

/** Whether an open page asks by itself while nobody touches it; live.js says with each question whether somebody did. */
export function isAutomatic(c: Context): boolean {
  const asks = c.req.header('x-hamroh-asks')
  return asks === 'by-itself' || (c.req.path.startsWith('/live/') && asks !== 'after-an-act')
}

/** The language of a request: the person's, else the browser's choice, else the first it asks for that we speak, else the state's own. */
export const localeOf = (c: Context, viewer: Viewer | null): LocaleCode =>
  localeWanted(
    (viewer?.kind === 'person' ? viewer.language : null) ?? getCookie(c, 'lang'),
    c.req.header('accept-language'),
  )

/** The same of what was chosen before and what the browser asks for. */
export function localeWanted(chosen: string | undefined, accepted: string | undefined): LocaleCode {
  const choice = known(chosen)
  if (choice) return choice
  const wanted = (accepted ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', q] = part.trim().split(/;\s*q=/)
      return { tag: tag.toLowerCase(), q: q === undefined ? 1 : Number(q) || 0 }
    })
    .sort((a, b) => b.q - a.q)
  for (const { tag, q } of wanted) {
    if (q === 0) continue
    const found = spoken(tag)
    if (found) return found
  }
  return 'uz-Latn'
}

function spoken(tag: string): LocaleCode | null {
  if (tag === 'uz-cyrl' || tag.startsWith('uz-cyrl-')) return 'uz-Cyrl'
  if (tag === 'uz' || tag.startsWith('uz-')) return 'uz-Latn'
  if (tag === 'ru' || tag.startsWith('ru-')) return 'ru'
  if (tag === 'en' || tag.startsWith('en-')) return 'en'
  return null
}

/**
 * `?lang=` is remembered, in the browser and for the person who is signed in, and leads to the same page without it;
 * null when the request does not ask for that. What another site links to changes nobody's language.
 */
export async function chooseLanguage(c: Context, web: Web, viewer: Viewer | null): Promise<Response | null> {
  const url = new URL(c.req.url)
  const lang = url.searchParams.get('lang')
  if (lang === null || c.req.method !== 'GET') return null
  const locale = known(lang)
  const site = c.req.header('sec-fetch-site')
  const own = site === undefined || site === 'same-origin' || site === 'none'
  if (locale && own && viewer?.kind === 'person') await web.options.rememberLanguage(viewer.subject, locale)
  if (locale && own) rememberHere(c, locale)
  return c.redirect(ownPage(url.pathname + url.search), 303)
}

/** Remembers a language in the browser. */
export const rememberHere = (c: Context, locale: LocaleCode): void =>
  setCookie(c, 'lang', locale, { path: '/', maxAge: MONTHS_12_S, sameSite: 'Lax', httpOnly: true })

/** The reader of this request's page. */
export async function readerOf(
  c: Ctx,
  web: Web,
  more: { readonly error?: string; readonly path?: string; readonly signing?: Signing | null } = {},
): Promise<Reader> {
  const { viewer, locale } = c.get('visit')
  const { options } = web
  const url = new URL(c.req.url)
  const done = `result.${url.searchParams.get('done') ?? ''}`
  return {
    locale,
    say: (key, args) => say(locale, key, args),
    zone: options.zone,
    currency: options.currency,
    viewer,
    csrf: viewer ? await options.csrf(c) : '',
    answer_key: (options.newKey ?? (() => crypto.randomUUID()))(),
    path: more.path ?? ownPage(url.pathname + url.search),
    done: hasWords(done) ? done : null,
    error: more.error ?? null,
    demonstration: options.demonstration,
    control_url: options.controlUrl ?? null,
    sign_out_url: options.signOutUrl,
    signing: more.signing ?? null,
    live_seconds: options.liveSeconds ?? 3,
  }
}

/** How an act of this page's viewer is confirmed. */
export const signingOf = async (c: Ctx, web: Web, act: Act, of: string): Promise<Signing | null> =>
  (await web.options.account?.signing(c, act, of)) ?? null

/** A refusal in the reader's words. */
export function refusalText(locale: LocaleCode, refusal: Refusal): string {
  const key = `refusal.${refusal.code}`
  return say(locale, hasWords(key) ? key : ('refusal.other' satisfies Key))
}

/** An id from the address. Throws `Gone` when it cannot be one: nothing malformed reaches the services. */
export function idOf(c: Ctx): string {
  const id = c.req.param('id') ?? ''
  if (!isUuid(id)) throw new Stop(404)
  return id
}

/** Ends a request with a problem page; thrown by the helpers here and caught in one place. */
export class Stop extends Error {
  readonly status: 403 | 404 | 413 | 422 | 'sign-in'
  constructor(status: 403 | 404 | 413 | 422 | 'sign-in') {
    super(`stop: ${status}`)
    this.status = status
  }
}

/** The thing, or the 404 page. */
export function found<T>(thing: T | null): T {
  if (thing === null) throw new Stop(404)
  return thing
}

/** The person asking; others are led to sign in or told that the page is not theirs. */
export function personOf(c: Ctx): PersonAsker {
  const { viewer, locale } = c.get('visit')
  if (viewer === null) throw new Stop('sign-in')
  if (viewer.kind !== 'person') throw new Stop(403)
  return { viewer, locale }
}

export function officerOf(c: Ctx): OfficerAsker {
  const { viewer, locale } = c.get('visit')
  if (viewer === null) throw new Stop('sign-in')
  if (viewer.kind !== 'officer') throw new Stop(403)
  return { viewer, locale }
}

export function anyoneSignedIn(c: Ctx): PersonAsker | OfficerAsker {
  const { viewer } = c.get('visit')
  return viewer?.kind === 'officer' ? officerOf(c) : personOf(c)
}
