import { randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Assurance, FinishedSignIn, SignInPort } from '../identity/identity.ts'
import { accepted, type Outcome } from '../platform/refusal.ts'
import { fetchBounded } from './bounded.ts'
import { problem, readUnderWay, said, underWayCookie } from './sign-in.ts'

/**
 * Sign-in by a provider of the OneID kind: like OAuth, but not it, and not OpenID Connect. One address for everything,
 * words of its own for `response_type` and `grant_type`, no ID token, no keys, no PKCE. What that leaves open is written
 * down in docs/security/sign-in.md; what can be done here is done: a random `state` bound to the browser, a secret that
 * goes only into bodies of POST, no redirect followed, and the lowest level of assurance where the person is not verified.
 *
 *   one_code                      the browser is sent there and comes back with a code
 *   one_authorization_code        code → access token
 *   one_access_token_identify     access token → who it is
 *   one_log_out                   ends the provider's own session
 */
export type OneIdSettings = {
  /** The one address, ending in `/sso/oauth/Authorization.do`. */
  readonly url: string
  readonly client_id: string
  readonly client_secret: string
  /** Assigned by the provider, often the client id. */
  readonly scope: string
  /** Must be what is registered there, to the letter. */
  readonly redirect_uri: string
  readonly secret: string
}

const BOUNDS = { timeout_ms: 10_000, bytes_max: 64 * 1024 }

const tokenAnswer = z.object({
  access_token: said(512).min(8),
  expires_in: z
    .union([z.number(), z.string().regex(/^\d{1,15}$/)])
    .optional()
    .catch(undefined),
})

/** Codes and tokens look like UUIDs today; nothing longer than this is sent anywhere. */
const CODE = /^[\w.~+/=-]{1,512}$/

const flag = z.union([z.boolean(), z.string()]).optional().catch(undefined)
const line = said(300).optional().catch(undefined)
/**
 * The person's fields, as different clients and years have seen them: names of keys vary, `valid` is a text or a boolean,
 * and what a scope does not give is missing. What is not needed here is not even read.
 */
const identity = z.object({
  ret_cd: z.union([z.string(), z.number()]).optional(),
  pin: z.string().regex(/^\d{14}$/),
  full_name: line,
  sur_name: line,
  surname: line,
  first_name: line,
  firstname: line,
  mid_name: line,
  lastname: line,
  valid: flag,
  user_id: line,
  auth_method: line,
})
type Identity = z.infer<typeof identity>

/** Sign-in with a key on the national signature's device, over and above a password or a telephone. */
const STRONG = new Set(['PKCSMETHOD', 'LEPKCSMETHOD'])

/** @param now the machine's time in ms */
export function openOneId(settings: OneIdSettings, now: () => number = Date.now): SignInPort {
  const { secret, url: address } = settings
  const ask = (grant_type: string, fields: Readonly<Record<string, string>>) =>
    post(address, {
      grant_type,
      client_id: settings.client_id,
      client_secret: settings.client_secret,
      ...fields,
    })
  return {
    begin: (return_to) => {
      const state = randomBytes(24).toString('base64url')
      const memory = { state, nonce: '', verifier: '', return_to }
      const url = new URL(address)
      url.search = new URLSearchParams({
        response_type: 'one_code',
        client_id: settings.client_id,
        redirect_uri: settings.redirect_uri,
        scope: settings.scope,
        state,
      }).toString()
      return Promise.resolve(
        accepted({ url: url.href, cookie: underWayCookie(secret, address, memory, now()) }),
      )
    },
    finish: async (url, cookie): Promise<Outcome<FinishedSignIn>> => {
      const memory = readUnderWay(secret, address, cookie, now())
      if (!memory || !same(url.searchParams.getAll('state'), memory.state)) return problem('sign_in_expired')
      if (url.searchParams.has('error')) return problem('sign_in_cancelled')
      const codes = url.searchParams.getAll('code')
      if (codes.length !== 1 || !CODE.test(codes[0]!)) return problem('sign_in_failed')
      try {
        const { redirect_uri, scope } = settings
        const token = tokenAnswer.safeParse(
          await ask('one_authorization_code', { code: codes[0]!, redirect_uri }),
        )
        if (!token.success || isOver(token.data.expires_in, now())) return problem('sign_in_failed')
        const { access_token } = token.data
        const person = identity.safeParse(await ask('one_access_token_identify', { access_token, scope }))
        if (!person.success || !isSuccess(person.data.ret_cd)) return problem('sign_in_failed')
        return accepted(finished(settings, person.data, access_token, memory.return_to))
      } catch {
        return problem('sign_in_unavailable')
      }
    },
    end: async (access_token) => {
      // Without it the next person at this computer would be signed in as this one.
      if (access_token !== null) await ask('one_log_out', { access_token, scope: settings.scope })
      return null
    },
  }
}

function finished(
  settings: OneIdSettings,
  person: Identity,
  token: string,
  return_to: string,
): FinishedSignIn {
  return {
    claims: { kind: 'citizen', pinfl: person.pin, name: nameOf(person) },
    return_to,
    assurance: assuranceIn(person),
    provider: {
      issuer: settings.url,
      // It tells nobody when a session ended, so nothing is kept to recognise one by.
      subject: null,
      session: null,
      secret: token,
    },
  }
}

/** Surname first, as the full name has it; the full name itself is never taken apart. */
function nameOf(person: Identity): string {
  const parts = [person.sur_name ?? person.surname, person.first_name ?? person.firstname]
  const patronymic = person.mid_name ?? person.lastname
  const name = person.full_name?.trim() || [...parts, patronymic].filter(Boolean).join(' ').trim()
  return (name || '—').slice(0, 200)
}

/** A person whom nobody has verified may have typed any name and number: nothing but the text `true` counts as verified. */
function assuranceIn(person: Identity): Assurance {
  const valid = String(person.valid ?? '').toLowerCase() === 'true'
  if (!valid) return 'loa:low'
  return STRONG.has(person.auth_method ?? '') ? 'loa:high' : 'loa:substantial'
}

/** Absent in some answers; `"0"` where it stands. */
const isSuccess = (ret_cd: string | number | undefined): boolean =>
  ret_cd === undefined || String(ret_cd) === '0'

/** Seconds from now as the protocol says, or the instant itself in milliseconds, as the one real answer seen had it. */
function isOver(expires_in: number | string | undefined, now: number): boolean {
  const n = Number(expires_in ?? 1)
  return n > 1e11 ? n <= now : n <= 0
}

function same(given: readonly string[], expected: string): boolean {
  if (given.length !== 1) return false
  const [a, b] = [Buffer.from(given[0]!), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** @throws when the provider does not answer as one that works; null where it answers and says no */
async function post(address: string, fields: Readonly<Record<string, string>>): Promise<unknown> {
  const { status, text } = await fetchBounded(
    address,
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams(fields).toString(),
    },
    BOUNDS,
  )
  if (status >= 500) throw new Error('the provider failed')
  if (status !== 200) return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
