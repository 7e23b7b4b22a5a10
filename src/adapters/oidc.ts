import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { z } from 'zod'
import {
  type Assurance,
  assuranceOf,
  type Claims,
  type FinishedSignIn,
  type SignInPort,
} from '../identity/identity.ts'
import { isCompactToken } from '../platform/compact-token.ts'
import type { KeyRing } from '../platform/key-ring.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import { fetchBounded } from './bounded.ts'
import { problem, readUnderWay, said, type UnderWay, underWayCookie } from './sign-in.ts'

/**
 * Sign-in by OpenID Connect: authorisation code with PKCE S256 (RFC 7636), state, nonce and `iss` (RFC 9207); the request
 * is pushed (PAR, RFC 9126) where the provider takes that; we show a signed assertion of ours (`private_key_jwt`, RFC
 * 7523) or, where the provider knows none, a secret. ID tokens must be signed, though they come over a trusted connection.
 */
export type OidcSettings = {
  readonly issuer: string
  readonly client_id: string
  /** How we prove ourselves to the provider. */
  readonly client: { readonly secret: string } | { readonly keys: KeyRing }
  readonly redirect_uri: string
  /** Where the provider sends a browser after ending its own session. */
  readonly signed_out_uri: string
  readonly secret: string
  /** What the provider's `acr` values mean, beside those that are known. */
  readonly acr?: Readonly<Record<string, Assurance>>
  /** Asked for with each sign-in (`acr_values`). */
  readonly acr_wanted?: string
}

/** What a logout token ends (Back-Channel Logout 1.0 §2.4). */
export type LogoutToken = {
  readonly issuer: string
  readonly subject: string | null
  readonly session: string | null
  readonly id: string
  readonly until: Date
}

export type OidcSignIn = SignInPort & {
  /** Whom a logout token signs out. Refusal: `invalid_logout_token`. */
  readLogoutToken(token: unknown): Promise<Outcome<LogoutToken>>
}

const BOUNDS = { timeout_ms: 10_000, bytes_max: 256 * 1024 }
/** Asymmetric only: with a published key as an HMAC secret anybody could sign (RFC 8725 §2.1). */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']

const officer = z.object({
  name: said(200),
  officer: z.object({ agency: said(40), number: said(40), role: said(40).optional() }),
})
const citizen = z.object({ name: said(200), pinfl: z.string().regex(/^\d{14}$/) })
const about = z.object({
  sub: said(255),
  sid: said(255).optional().catch(undefined),
  acr: z.string().optional().catch(undefined),
})

/** @param now the machine's time in ms: a sign-in is between machines, whatever a demonstration's clock says */
export function openSignIn(settings: OidcSettings, now: () => number = Date.now): OidcSignIn {
  const configuration = once(() => discover(settings))
  const keys = once(async () => {
    const uri = (await configuration()).serverMetadata().jwks_uri
    if (uri === undefined) throw new Error('the provider publishes no keys')
    return createRemoteJWKSet(new URL(uri), { timeoutDuration: BOUNDS.timeout_ms })
  })
  const { secret, issuer } = settings
  return {
    begin: async (return_to, hint) => {
      try {
        const config = await configuration()
        const memory = {
          state: oidc.randomState(),
          nonce: oidc.randomNonce(),
          verifier: oidc.randomPKCECodeVerifier(),
          return_to,
        }
        const url = await authorizationUrl(config, settings, memory, hint)
        return accepted({ url: url.href, cookie: underWayCookie(secret, issuer, memory, now()) })
      } catch {
        return problem('sign_in_unavailable')
      }
    },
    finish: async (url, cookie) => {
      const memory = readUnderWay(secret, issuer, cookie, now())
      if (!memory) return problem('sign_in_expired')
      const config = await configuration().catch(() => null)
      return config ? exchange(config, settings, url, memory) : problem('sign_in_unavailable')
    },
    end: async (session) => {
      const config = await configuration().catch(() => null)
      if (!config?.serverMetadata().end_session_endpoint) return null
      // The session by its id, not by the ID token: that names the person, and addresses are written down on the way.
      return oidc.buildEndSessionUrl(config, {
        post_logout_redirect_uri: settings.signed_out_uri,
        ...(session === null ? {} : { logout_hint: session }),
      }).href
    },
    readLogoutToken: async (token) => {
      if (!isCompactToken(token)) return invalidLogoutToken
      try {
        return await logoutToken(token, await keys(), settings, now())
      } catch {
        return invalidLogoutToken
      }
    },
  }
}

/** Found at the first use, not at start: the provider may come up later than we do. What failed is tried again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null
      throw error
    })
    return made
  }
}

async function discover(settings: OidcSettings): Promise<oidc.Configuration> {
  const { client } = settings
  const authenticate: oidc.ClientAuth =
    'secret' in client
      ? oidc.ClientSecretPost(client.secret)
      : // The key of the moment: it changes while the program runs.
        async (...given) => oidc.PrivateKeyJwt(await client.keys.signing())(...given)
  const config = await oidc.discovery(new URL(settings.issuer), settings.client_id, undefined, authenticate, {
    [oidc.customFetch]: boundedFetch,
    execute: [
      oidc.enableNonRepudiationChecks,
      // Plain http only where the operator configured it so: a provider on this machine.
      ...(settings.issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : []),
    ],
  })
  return config
}

const boundedFetch: oidc.CustomFetch = async (url, options) => {
  const { status, headers, text } = await fetchBounded(url, options as RequestInit, BOUNDS)
  return new Response(status === 204 ? null : text, { status, headers })
}

async function authorizationUrl(
  config: oidc.Configuration,
  settings: OidcSettings,
  memory: UnderWay,
  hint: string | undefined,
): Promise<URL> {
  const parameters = {
    redirect_uri: settings.redirect_uri,
    scope: 'openid profile',
    code_challenge: await oidc.calculatePKCECodeChallenge(memory.verifier),
    code_challenge_method: 'S256',
    state: memory.state,
    nonce: memory.nonce,
    ...(settings.acr_wanted === undefined ? {} : { acr_values: settings.acr_wanted }),
    ...(hint === undefined ? {} : { login_hint: hint }),
  }
  return config.serverMetadata().pushed_authorization_request_endpoint
    ? oidc.buildAuthorizationUrlWithPAR(config, parameters)
    : oidc.buildAuthorizationUrl(config, parameters)
}

async function exchange(
  config: oidc.Configuration,
  settings: OidcSettings,
  url: URL,
  memory: UnderWay,
): Promise<Outcome<FinishedSignIn>> {
  let claims: unknown
  try {
    // The library compares the address with the registered one: ours may stand behind a proxy.
    const seen = new URL(settings.redirect_uri)
    seen.search = url.search
    const tokens = await oidc.authorizationCodeGrant(config, seen, {
      expectedState: memory.state,
      expectedNonce: memory.nonce,
      pkceCodeVerifier: memory.verifier,
      idTokenExpected: true,
    })
    if (!isCompactToken(tokens.id_token)) return problem('sign_in_failed')
    claims = tokens.claims()
  } catch (error) {
    // What the provider says beside its code is for its own log.
    const cancelled = error instanceof oidc.AuthorizationResponseError && error.error === 'access_denied'
    return problem(cancelled ? 'sign_in_cancelled' : 'sign_in_failed')
  }
  const whom = about.safeParse(claims).data
  const person = readClaims(claims)
  // Confirmed, but not in a way this service reads.
  if (!whom || !person) return problem('sign_in_failed')
  return accepted({
    claims: person,
    return_to: memory.return_to,
    assurance: assuranceOf(whom.acr, settings.acr),
    provider: {
      issuer: config.serverMetadata().issuer,
      subject: whom.sub,
      session: whom.sid ?? null,
      secret: whom.sid ?? null,
    },
  })
}

function readClaims(claims: unknown): Claims | null {
  const asOfficer = officer.safeParse(claims).data
  if (asOfficer) {
    const { name, officer: o } = asOfficer
    return { kind: 'officer', number: o.number, agency: o.agency, name, role: o.role ?? null }
  }
  const asCitizen = citizen.safeParse(claims).data
  return asCitizen ? { kind: 'citizen', pinfl: asCitizen.pinfl, name: asCitizen.name } : null
}

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** A logout token without an end is taken so long after it was made. */
const LOGOUT_MS_MAX = 5 * 60_000

const logoutClaims = z.object({
  sub: said(255).optional(),
  sid: said(255).optional(),
  jti: z.string().min(1).max(255),
  iat: z.number(),
  exp: z.number().optional(),
  events: z.record(z.string(), z.unknown()),
  nonce: z.never().optional(),
})

const invalidLogoutToken = refused<never>({
  code: 'invalid_logout_token',
  message: 'The logout token was not accepted.',
})

/** The checks of Back-Channel Logout 1.0 §2.6, all but the one that its id is new: that one needs the database. */
async function logoutToken(
  token: string,
  keys: ReturnType<typeof createRemoteJWKSet>,
  settings: OidcSettings,
  now: number,
): Promise<Outcome<LogoutToken>> {
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    algorithms: ALGORITHMS,
    issuer: settings.issuer,
    audience: settings.client_id,
    clockTolerance: 10,
    currentDate: new Date(now),
    requiredClaims: ['iat', 'jti', 'events'],
    maxTokenAge: LOGOUT_MS_MAX / 1000,
  })
  // An ID token or another kind of token of the same provider is no order to sign somebody out.
  const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '')
  if (type !== 'logout+jwt') return invalidLogoutToken
  const claims = logoutClaims.parse(payload)
  const event = claims.events[LOGOUT_EVENT]
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return invalidLogoutToken
  if (claims.sub === undefined && claims.sid === undefined) return invalidLogoutToken
  return accepted({
    issuer: settings.issuer,
    subject: claims.sub ?? null,
    session: claims.sid ?? null,
    id: claims.jti,
    until: new Date(now + LOGOUT_MS_MAX + 60_000),
  })
}
