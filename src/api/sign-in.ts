import type { Context } from 'hono'
import { Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import {
  chooseLanguage,
  endSession,
  languageOf,
  type Person,
  personOf,
  type SignedIn,
  startSession,
} from '../identity/identity.ts'
import { findSubjects, identifierKey } from '../people/people.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { Outcome, Refusal } from '../platform/refusal.ts'
import { readBody } from './cloudevents.ts'

/** Signing in and out of browsers: the routes a sign-in provider's answers come back to, and the cookie. */

export type Claims =
  | { readonly kind: 'citizen'; readonly pinfl: string; readonly name: string }
  | {
      readonly kind: 'officer'
      readonly number: string
      readonly agency: string
      readonly name: string
      readonly role?: string | null
    }

/** A way to sign in, implemented by an adapter. */
export type SignInPort = {
  /** Where to send the browser, and the cookie to set with it. `hint` names whom the provider should show first. */
  begin(return_to: string, hint?: string): Promise<Outcome<{ url: string; cookie: string }>>
  finish(url: URL, cookie: string | undefined): Promise<Outcome<{ claims: Claims; return_to: string }>>
}

export type SignInOptions = {
  readonly port: SignInPort
  readonly db: Database
  readonly clock: Clock
  /** The agencies civil servants may come from. */
  readonly agencies: ReadonlySet<string>
  /** Cookies are `Secure` and bound to the host when people reach us by https. */
  readonly secure: boolean
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

const UNDER_WAY_S = 600
const FORM_BYTES_MAX = 1024

const cookieName = (secure: boolean) => (secure ? '__Host-hamroh' : 'hamroh')

/** Who the browser of this request is signed in as, or null. @param acts see `personOf`; a request is an act unless told otherwise */
export const signedInAs = (
  c: Context,
  options: Pick<SignInOptions, 'db' | 'clock' | 'secure'>,
  acts = true,
): Promise<Person | null> =>
  personOf(options.db, options.clock, getCookie(c, cookieName(options.secure)), acts)

export function signInRoutes(options: SignInOptions): Hono {
  const app = new Hono()
  app.onError((error, c) => {
    options.onError(error)
    return options.refuse(c, { code: 'sign_in_unavailable', message: 'Signing in is not possible now.' })
  })
  const attributes = { httpOnly: true, secure: options.secure, sameSite: 'Lax', path: '/' } as const
  const underWay = options.secure ? '__Host-hamroh-sign-in' : 'hamroh-sign-in'

  app.get('/auth/start', async (c) => {
    const hint = c.req.query('login_hint') ?? ''
    const begun = await options.port.begin(
      options.pageOf(c.req.query('next')),
      options.isHint(hint) ? hint : undefined,
    )
    if (!begun.ok) return options.refuse(c, begun.refusal)
    setCookie(c, underWay, begun.value.cookie, { ...attributes, maxAge: UNDER_WAY_S })
    return c.redirect(begun.value.url, 303)
  })

  app.get('/auth/callback', async (c) => {
    const finished = await options.port.finish(new URL(c.req.url), getCookie(c, underWay))
    deleteCookie(c, underWay, attributes)
    if (!finished.ok) return options.refuse(c, finished.refusal)
    const who = await identify(options, finished.value.claims)
    if (!who) {
      return options.refuse(c, {
        code: 'sign_in_unknown',
        message: 'This person is not known here.',
        next: 'Sign in as somebody the registries have reported.',
      })
    }
    // A new sign-in never goes on with an old session: its cookie may have been planted.
    await endSession(options.db, getCookie(c, cookieName(options.secure)))
    setCookie(c, cookieName(options.secure), await startSession(options.db, options.clock, who), attributes)
    await keepLanguage(c, options, who)
    const home = who.kind === 'officer' ? '/desk' : '/inbox'
    return c.redirect(finished.value.return_to === '/' ? home : finished.value.return_to, 303)
  })

  app.post('/auth/sign-out', async (c) => {
    const person = await signedInAs(c, options)
    const body = await readBody(c, FORM_BYTES_MAX)
    const form = [...new URLSearchParams(body.ok ? body.value : '')]
    const [name, csrf] = form[0] ?? []
    if (person && (form.length !== 1 || name !== 'csrf' || csrf !== person.csrf))
      return options.refuse(c, { code: 'bad_form_token', message: 'This form is not from this browser.' })
    await endSession(options.db, getCookie(c, cookieName(options.secure)))
    deleteCookie(c, cookieName(options.secure), attributes)
    return c.redirect('/', 303)
  })
  return app
}

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
