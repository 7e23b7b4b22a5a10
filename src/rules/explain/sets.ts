/** Small sets of things that must all turn, as alternatives to each other: minimal, and never more than can be read. */

/** Things by what they speak of: one thing for each. */
export type Together<T> = ReadonlyMap<string, T>

export type Algebra<T> = {
  /** Two things that speak of one, made one; undefined when they contradict each other, which ends their set. */
  readonly merge: (a: T, b: T) => T | undefined
  /** Does `a` ask for at least what `b` asks for? */
  readonly covers: (a: T, b: T) => boolean
}

/** More alternatives than this help nobody, and trying them all has to end. */
export const alternativesMax = 64

/** Nothing needs to turn. */
export const already = <T>(): Together<T>[] => [new Map()]

/** Any of the alternatives of any child. */
export const anyOf = <T>(algebra: Algebra<T>, children: readonly (readonly Together<T>[])[]): Together<T>[] =>
  minimal(algebra, children.flat())

/** One alternative of every child, together. */
export function allOf<T>(algebra: Algebra<T>, children: readonly (readonly Together<T>[])[]): Together<T>[] {
  let found = already<T>()
  for (const child of children) {
    const joined: Together<T>[] = []
    for (const a of found) {
      for (const b of child) {
        const both = join(algebra, a, b)
        if (both) joined.push(both)
      }
    }
    found = minimal(algebra, joined)
  }
  return found
}

function join<T>({ merge }: Algebra<T>, a: Together<T>, b: Together<T>): Together<T> | undefined {
  const both = new Map(a)
  for (const [key, thing] of b) {
    const known = both.get(key)
    const merged = known === undefined ? thing : merge(known, thing)
    if (merged === undefined) return undefined
    both.set(key, merged)
  }
  return both
}

/** Smallest first, without those that ask for all that another asks for. */
export function minimal<T>({ covers }: Algebra<T>, sets: readonly Together<T>[]): Together<T>[] {
  const kept: Together<T>[] = []
  for (const set of [...sets].sort((a, b) => a.size - b.size)) {
    if (kept.length >= alternativesMax) break
    const holds = (other: Together<T>): boolean =>
      [...other].every(([key, thing]) => {
        const own = set.get(key)
        return own !== undefined && covers(own, thing)
      })
    if (!kept.some(holds)) kept.push(set)
  }
  return kept
}
