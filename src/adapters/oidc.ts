import { createHmac, timingSafeEqual } from 'node:crypto'
import * as oidc from 'openid-client'
import { z } from 'zod'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'

/**
 * Sign-in by OpenID Connect: authorisation code with PKCE (RFC 7636), state and nonce. What a sign-in under way needs
 * to remember travels in a signed cookie of ten minutes, so that no server has to.
 */

export type OidcSettings = {
  readonly issuer: string
  readonly client_id: string
  readonly client_secret: string
  readonly redirect_uri: string
  readonly secret: string
}

/** What the provider says of a person. Citizens come with a PINFL, civil servants with their agency. */
export type Claims =
  | { readonly kind: 'citizen'; readonly pinfl: string; readonly name: string }
  | {
      readonly kind: 'officer'
      readonly number: string
      readonly agency: string
      readonly name: string
      readonly role: string | null
    }

export type SignIn = {
  /**
   * Where to send the browser, and the cookie to set with it. `return_to` is a path of ours, `hint` whom to show first.
   * Refusal: sign_in_unavailable.
   */
  begin(return_to: string, hint?: string): Promise<Outcome<{ url: string; cookie: string }>>
  /** Ends a sign-in: `url` is the address the browser came back to. Refusals: those in `PROBLEMS`. */
  finish(url: URL, cookie: string | undefined): Promise<Outcome<{ claims: Claims; return_to: string }>>
}

export const UNDER_WAY_MS = 10 * 60_000

/** What can go wrong at a provider; the codes have words on the sign-in page. */
const PROBLEMS = {
  sign_in_unavailable: 'The sign-in provider does not answer.',
  sign_in_expired: 'This sign-in has expired or was begun elsewhere.',
  sign_in_cancelled: 'The sign-in was cancelled at the provider.',
  sign_in_failed: 'The sign-in provider did not confirm who you are.',
} as const

const problem = (code: keyof typeof PROBLEMS) =>
  refused<never>({ code, message: PROBLEMS[code], next: 'Sign in again.' })

const underWay = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  return_to: z.string(),
  until: z.number(),
})

/** Text that can be stored: no NUL, no half of a surrogate pair. */
const said = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !text.includes('\0') && text.isWellFormed())
const officer = z.object({
  name: said(200),
  officer: z.object({ agency: said(40), number: said(40), role: said(40).optional() }),
})
const citizen = z.object({ name: said(200), pinfl: z.string().regex(/^\d{14}$/) })

/** @param now the machine's time in ms: a sign-in is between machines, whatever a demonstration's clock says */
export function openSignIn(settings: OidcSettings, now: () => number = Date.now): SignIn {
  let found: Promise<oidc.Configuration> | null = null
  // Found at the first sign-in, not at start: the provider may come up later than we do.
  const configuration = () => {
    found ??= oidc
      .discovery(
        new URL(settings.issuer),
        settings.client_id,
        undefined,
        oidc.ClientSecretPost(settings.client_secret),
        {
          // Plain http only where the operator configured it so: a provider on this machine.
          execute: settings.issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [],
        },
      )
      .catch((error: unknown) => {
        found = null
        throw error
      })
    return found
  }
  const sign = (text: string) => createHmac('sha256', settings.secret).update(text).digest('base64url')

  return {
    begin: async (return_to, hint) => {
      const config = await configuration().catch(() => null)
      if (!config) return problem('sign_in_unavailable')
      const verifier = oidc.randomPKCECodeVerifier()
      const state = oidc.randomState()
      const nonce = oidc.randomNonce()
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: settings.redirect_uri,
        scope: 'openid profile',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        ...(hint === undefined ? {} : { login_hint: hint }),
      })
      const text = Buffer.from(
        JSON.stringify({ state, nonce, verifier, return_to, until: now() + UNDER_WAY_MS }),
      ).toString('base64url')
      return accepted({ url: url.href, cookie: `${text}.${sign(text)}` })
    },
    finish: async (url, cookie) => {
      const memory = readCookie(cookie, sign)
      if (!memory || memory.until < now()) return problem('sign_in_expired')
      const config = await configuration().catch(() => null)
      if (!config) return problem('sign_in_unavailable')
      const claims = await exchange(config, settings, url, memory)
      return claims.ok ? accepted({ claims: claims.value, return_to: memory.return_to }) : claims
    },
  }
}

async function exchange(
  config: oidc.Configuration,
  settings: OidcSettings,
  url: URL,
  memory: z.infer<typeof underWay>,
): Promise<Outcome<Claims>> {
  let claims: unknown
  try {
    // The library compares the address with the registered one: ours may stand behind a proxy.
    const seen = new URL(settings.redirect_uri)
    seen.search = url.search
    const tokens = await oidc.authorizationCodeGrant(config, seen, {
      expectedState: memory.state,
      expectedNonce: memory.nonce,
      pkceCodeVerifier: memory.verifier,
    })
    claims = tokens.claims()
  } catch (error) {
    // What the provider says beside its code is for its own log.
    const cancelled = error instanceof oidc.AuthorizationResponseError && error.error === 'access_denied'
    return problem(cancelled ? 'sign_in_cancelled' : 'sign_in_failed')
  }
  const asOfficer = officer.safeParse(claims)
  if (asOfficer.success) {
    const { name, officer: o } = asOfficer.data
    return accepted({ kind: 'officer', number: o.number, agency: o.agency, name, role: o.role ?? null })
  }
  const asCitizen = citizen.safeParse(claims)
  if (asCitizen.success)
    return accepted({ kind: 'citizen', pinfl: asCitizen.data.pinfl, name: asCitizen.data.name })
  // Confirmed, but not in a way this service reads.
  return problem('sign_in_failed')
}

function readCookie(
  cookie: string | undefined,
  sign: (text: string) => string,
): z.infer<typeof underWay> | null {
  const [text, signature] = cookie?.split('.') ?? []
  if (!text || !signature) return null
  const expected = Buffer.from(sign(text))
  const given = Buffer.from(signature)
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null
  try {
    return underWay.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
  } catch {
    return null
  }
}
