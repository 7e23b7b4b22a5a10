import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { type Person, personOf, renewCookie } from '../identity/identity.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'

/**
 * Telling browsers apart: by cookies. Over https their names begin with `__Host-`, so that no other host of the domain can
 * plant one (RFC 6265bis §4.1.3.2). Over plain http, which is for this machine alone, browsers take no such name: there a
 * cookie planted by another program of the machine is stopped only by being unknown here.
 */
export type Browsers = {
  readonly db: Database
  readonly clock: Clock
  /** Cookies are `Secure` and bound to the host when people reach us by https. */
  readonly secure: boolean
}

/** `session` is the signed-in browser's; the others carry a sign-in under way. */
export type CookieOf = 'session' | 'sign-in' | 'passkey'
const NAMES = { session: 'hamroh', 'sign-in': 'hamroh-sign-in', passkey: 'hamroh-passkey' }

const nameOf = (of: CookieOf, secure: boolean): string => (secure ? `__Host-${NAMES[of]}` : NAMES[of])
const attributes = (secure: boolean) => ({ httpOnly: true, secure, sameSite: 'Lax', path: '/' }) as const

export const readCookie = (
  c: Context,
  browsers: Pick<Browsers, 'secure'>,
  of: CookieOf,
): string | undefined => getCookie(c, nameOf(of, browsers.secure))

/** @param max_age_s left out: it ends with the browser */
export function writeCookie(
  c: Context,
  browsers: Pick<Browsers, 'secure'>,
  of: CookieOf,
  given: { readonly value: string; readonly max_age_s?: number },
): void {
  setCookie(c, nameOf(of, browsers.secure), given.value, {
    ...attributes(browsers.secure),
    ...(given.max_age_s === undefined ? {} : { maxAge: given.max_age_s }),
  })
}

export const removeCookie = (c: Context, browsers: Pick<Browsers, 'secure'>, of: CookieOf): void =>
  void deleteCookie(c, nameOf(of, browsers.secure), attributes(browsers.secure))

/** Who the browser of this request is signed in as, or null. @param acts see `personOf`; a request is an act unless told otherwise */
export const signedInAs = (c: Context, browsers: Browsers, acts = true): Promise<Person | null> =>
  personOf(browsers.db, browsers.clock, readCookie(c, browsers, 'session'), acts)

/** Gives a browser whose holder proved again who they are another cookie: a copy of the old one is worth nothing now. */
export async function renewSessionOf(c: Context, browsers: Browsers, person: Person): Promise<void> {
  const value = await renewCookie(browsers.db, browsers.clock, person.session)
  if (value !== null) writeCookie(c, browsers, 'session', { value })
}

/** Whether the browser says that another site made it ask. */
export function isFromElsewhere(c: Context): boolean {
  const site = c.req.header('sec-fetch-site')
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}
