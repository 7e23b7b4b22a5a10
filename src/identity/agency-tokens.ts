import { createHash, randomBytes } from 'node:crypto'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { z } from 'zod'
import type { Clock } from '../platform/clock.ts'
import { isCompactToken } from '../platform/compact-token.ts'
import type { Db } from '../platform/database.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import { findAgencyToken, insertAgencyToken, insertUsedId } from './token-store.ts'

/**
 * Agencies that prove themselves with a key only they hold: a signed assertion (RFC 7523 §2.2, `private_key_jwt`) is
 * exchanged for a token of five minutes (RFC 6749 §4.4). The token is a random text kept here as a hash, so it can be
 * ended; the assertion travels once and is worth nothing afterwards.
 */
export type AgencyTokens = {
  readonly db: Db
  readonly clock: Clock
  /** agency → its public keys; two at once while it changes them. */
  readonly keys: ReadonlyMap<string, JSONWebKeySet>
  /** What an assertion may name as its audience: our address, or that of the token endpoint. */
  readonly audiences: readonly string[]
}

/** Asymmetric only: with a public key as an HMAC secret anybody could sign (RFC 8725 §2.1). */
const ALGORITHMS = ['ES256', 'EdDSA', 'PS256', 'RS256']
const ASSERTION_S_MAX = 300
export const TOKEN_S = 300
/** Between two machines whose clocks differ. */
const SKEW_S = 10

const claimsShape = z.object({
  iss: z.string(),
  sub: z.string(),
  jti: z.string().min(8).max(200),
  exp: z.number(),
  iat: z.number().optional(),
})

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

/** One answer to everything that is wrong with an assertion: a forger learns nothing from it (RFC 6749 §5.2). */
const invalid = refused<never>({
  code: 'invalid_client',
  message: 'The assertion was not accepted.',
  next: 'Sign a new one: iss and sub are the agency, aud is our address, exp at most 300 s ahead, jti never used before.',
})

/**
 * Exchanges an assertion for a token. @returns the token, which is kept nowhere else
 * Refusal: `invalid_client`.
 */
export async function issueAgencyToken(of: AgencyTokens, assertion: string): Promise<Outcome<string>> {
  if (!isCompactToken(assertion)) return invalid
  const agency = namedIn(assertion)
  const keys = agency === null ? undefined : of.keys.get(agency)
  if (agency === null || !keys) return invalid
  const now = of.clock.now()
  const claims = await verifiedClaims(of, assertion, agency, keys)
  if (!claims) return invalid
  const seconds = claims.exp - now.getTime() / 1000
  if (seconds > ASSERTION_S_MAX + SKEW_S) return invalid
  const until = new Date((claims.exp + SKEW_S) * 1000)
  const is_new = await insertUsedId(of.db, { issuer: `agency:${agency}`, id_hash: hash(claims.jti), until })
  if (!is_new) return invalid
  const token = randomBytes(32).toString('base64url')
  const ends = new Date(now.getTime() + TOKEN_S * 1000)
  await insertAgencyToken(of.db, { token_hash: hash(token), agency, until: ends })
  return accepted(token)
}

/** What an assertion says, once one of the agency's keys has signed it; while it changes keys there are two. */
async function verifiedClaims(
  of: AgencyTokens,
  assertion: string,
  agency: string,
  { keys }: JSONWebKeySet,
): Promise<z.infer<typeof claimsShape> | null> {
  for (const key of keys) {
    // A token that names its key is tried with no other: the library sees to that.
    const verified = await jwtVerify(assertion, createLocalJWKSet({ keys: [key] }), {
      algorithms: ALGORITHMS,
      issuer: agency,
      subject: agency,
      audience: [...of.audiences],
      clockTolerance: SKEW_S,
      currentDate: of.clock.now(),
      requiredClaims: ['exp', 'jti'],
    }).catch(() => null)
    const claims = verified && claimsShape.safeParse(verified.payload).data
    if (claims) return claims
  }
  return null
}

/** The agency a bearer token belongs to, or null. */
export async function agencyOfToken(of: AgencyTokens, header: string | undefined): Promise<string | null> {
  const token = /^Bearer ([\w-]{43})$/.exec(header ?? '')?.[1]
  if (token === undefined) return null
  const agency = await findAgencyToken(of.db, hash(token), of.clock.now())
  // An agency that was taken out of the settings is out at once.
  return agency !== null && of.keys.has(agency) ? agency : null
}

/** Whose keys to try; what it says is believed only once a signature is. */
function namedIn(assertion: string): string | null {
  try {
    const payload: unknown = JSON.parse(Buffer.from(assertion.split('.')[1]!, 'base64url').toString('utf8'))
    const named = z.object({ iss: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/) }).safeParse(payload)
    return named.success ? named.data.iss : null
  } catch {
    return null
  }
}
