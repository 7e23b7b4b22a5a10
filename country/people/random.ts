/**
 * Seeded randomness with random access: a draw depends on the seed, a salt and an index only, never on what was drawn
 * before, so that person 734,112 is made without making the 734,111 others.
 */

/** A stream of draws that belongs to one thing (a household, a person). */
export type Draws = {
  /** A whole number in 0 … 2³²−1. */
  next(): number
  /** Uniform in [0, 1). */
  share(): number
  /** A whole number in from … to, both included. */
  between(from: number, to: number): number
  /** True with probability p. */
  chance(p: number): boolean
  /** One item of a list that is not empty. */
  pick<T>(list: readonly T[]): T
}

/** Mixes three whole numbers into 32 bits (the finaliser of MurmurHash3, applied after each word). */
export function mix(seed: number, salt: number, index: number): number {
  let h = seed | 0
  for (const word of [salt, index, Math.floor(index / 2 ** 32)]) {
    h = Math.imul(h ^ word, 0x85ebca6b)
    h ^= h >>> 13
    h = Math.imul(h, 0xc2b2ae35)
    h = (h ^ (h >>> 16)) + 0x9e3779b9
  }
  return h >>> 0
}

/** A stream of draws (splitmix32) that starts from the seed, a salt naming its use, and an index. */
export function draws(seed: number, salt: number, index: number): Draws {
  let state = mix(seed, salt, index)
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0
    let z = state ^ (state >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
  const share = (): number => next() / 2 ** 32
  return {
    next,
    share,
    between: (from, to) => from + Math.floor(share() * (to - from + 1)),
    chance: (p) => share() < p,
    pick: (list) => list[next() % list.length]!,
  }
}
