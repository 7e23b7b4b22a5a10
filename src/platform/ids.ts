import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** One opaque identity of a person or an organisation (UUIDv7). National identifiers live only in `people`. */
export type SubjectId = string & { readonly __subject: never }

/** Makes ids: UUIDv7 (RFC 9562 §5.7), so that rows of one time lie together in every index. */
export type Ids = () => string

/**
 * Ids from a clock and a source of randomness; within one millisecond they still rise, by a counter in `rand_a`.
 * @param random returns `n` random bytes; the default is the machine's
 */
export function makeIds(clock: Clock, random: (n: number) => Buffer = pooled()): Ids {
  let last = 0
  let counter = 0
  return () => {
    const now = clock.now().getTime()
    if (now > last) {
      last = now
      counter = 0
    } else if (++counter > 0xfff) {
      last++
      counter = 0
    }
    const tail = random(8)
    tail[0] = (tail[0]! & 0x3f) | 0x80
    const hex = last.toString(16).padStart(12, '0')
    const t = tail.toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${t.slice(0, 4)}-${t.slice(4)}`
  }
}

const POOL_BYTES = 8192

/** Randomness drawn in large pieces: one call of the system for a thousand ids instead of one for each. */
function pooled(): (n: number) => Buffer {
  let pool = Buffer.alloc(0)
  return (n) => {
    if (pool.length < n) pool = randomBytes(POOL_BYTES)
    const piece = pool.subarray(0, n)
    pool = pool.subarray(n)
    return piece
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether a text from outside can be an id at all; ask before it reaches the database. */
export const isUuid = (text: string): boolean => uuid.test(text)
