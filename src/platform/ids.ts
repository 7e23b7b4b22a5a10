import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** One opaque identity of a person or an organisation (UUIDv7). National identifiers live only in `people`. */
export type SubjectId = string & { readonly __subject: never }

/** Makes ids: UUIDv7 (RFC 9562 §5.7), so that rows of one time lie together in every index. */
export type Ids = () => string

/**
 * Ids from a clock and a source of randomness; within one millisecond they still rise, by a counter in `rand_a`.
 * @param random returns `n` random bytes, `n` a multiple of 8; the default is the machine's
 */
export function makeIds(clock: Clock, random: (n: number) => Buffer = randomBytes): Ids {
  let last = 0
  let counter = 0
  let head = ''
  // Randomness is drawn in large pieces: one call of the system for some hundred ids instead of one for each.
  let pool = ''
  let used = 0
  return () => {
    const now = clock.now().getTime()
    if (now > last) {
      last = now
      counter = 0
      head = ''
    } else if (++counter > 0xfff) {
      last++
      counter = 0
      head = ''
    }
    if (head === '') {
      const hex = last.toString(16).padStart(12, '0')
      head = `${hex.slice(0, 8)}-${hex.slice(8)}-7`
    }
    if (used === pool.length) {
      pool = random(POOL_BYTES).toString('hex')
      used = 0
    }
    // 62 random bits: two of the 64 are the variant (binary 10), the first digit then one of 8, 9, a, b.
    const variant = VARIANT[Number.parseInt(pool[used]!, 16) & 3]
    const id = `${head}${COUNTS[counter]}-${variant}${pool.slice(used + 1, used + 4)}-${pool.slice(used + 4, used + 16)}`
    used += 16
    return id
  }
}

const VARIANT = '89ab'
const COUNTS = Array.from({ length: 0x1000 }, (_, n) => n.toString(16).padStart(3, '0'))
/** A multiple of the 8 bytes one id takes. */
const POOL_BYTES = 8192

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether a text from outside can be an id at all; ask before it reaches the database. */
export const isUuid = (text: string): boolean => uuid.test(text)
