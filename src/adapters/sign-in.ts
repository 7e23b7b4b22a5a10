import { z } from 'zod'
import { refused } from '../platform/refusal.ts'
import { readSignedText, signedText } from '../platform/sealing.ts'

/** What all ways to sign in over a provider share: what can go wrong, and what the browser carries meanwhile. */

export const UNDER_WAY_MS = 10 * 60_000

/** What can go wrong at a provider; the codes have words on the sign-in page. */
const PROBLEMS = {
  sign_in_unavailable: 'The sign-in provider does not answer.',
  sign_in_expired: 'This sign-in has expired or was begun elsewhere.',
  sign_in_cancelled: 'The sign-in was cancelled at the provider.',
  sign_in_failed: 'The sign-in provider did not confirm who you are.',
} as const

export const problem = (code: keyof typeof PROBLEMS) =>
  refused<never>({ code, message: PROBLEMS[code], next: 'Sign in again.' })

const underWay = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  return_to: z.string(),
  until: z.number(),
})
export type UnderWay = Omit<z.infer<typeof underWay>, 'until'>

/** What a sign-in under way needs to remember, as a cookie of ten minutes that only we can write. */
export const underWayCookie = (secret: string, issuer: string, memory: UnderWay, now: number): string =>
  signedText(secret, `sign-in at ${issuer}`, { ...memory, until: now + UNDER_WAY_MS })

/** The same read back; null when it is over, or was begun elsewhere. */
export function readUnderWay(
  secret: string,
  issuer: string,
  cookie: string | undefined,
  now: number,
): UnderWay | null {
  const memory = underWay.safeParse(readSignedText(secret, `sign-in at ${issuer}`, cookie)).data
  return memory && memory.until >= now ? memory : null
}

/** Text that can be stored: no NUL, no half of a surrogate pair. */
export const said = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !text.includes('\0') && text.isWellFormed())
