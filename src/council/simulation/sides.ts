/** Both versions of a rule over the columns of a shard: the outcome of every subject, and who misses it by what. */
import {
  conditionsOf,
  itemsPopulation,
  openRun,
  outcome_codes,
  type Population,
  planOf,
  type Rule,
  runAll,
} from '../../rules/rules.ts'

/** People who meet every condition but this one, by its text. */
export type Misses = ReadonlyMap<string, { readonly predicate: string; n: number }>

export type Side = {
  /** Outcome codes by subject; of a rule that speaks of items the strongest of its items. */
  readonly outcomes: Uint8Array
  readonly misses: Misses
}

/** One side of a comparison. */
export type Versions = { readonly before: Rule; readonly after: Rule; readonly day: string }

/** Works out both. What they share is worked out once, where both speak of subjects or of items of one list. */
export function sidesOf(
  { before, after, day }: Versions,
  population: Population,
): { readonly before: Side; readonly after: Side; readonly evaluated: number } {
  if (before.source.per?.list === after.source.per?.list) {
    const { sides, evaluated } = judged([before, after], population, day)
    return { before: sides[0]!, after: sides[1]!, evaluated }
  }
  const [old, now] = [judged([before], population, day), judged([after], population, day)]
  return { before: old.sides[0]!, after: now.sides[0]!, evaluated: old.evaluated + now.evaluated }
}

/** The population whose rows a rule speaks of; undefined where nobody has an item. */
export const rowsFor = (rule: Rule, population: Population): Population | undefined =>
  rule.source.per ? itemsPopulation(population, rule.source.per.list) : population

function judged(
  rules: readonly Rule[],
  population: Population,
  day: string,
): { readonly sides: readonly Side[]; readonly evaluated: number } {
  const rows = rowsFor(rules[0]!, population)
  if (!rows) {
    const nobody = (): Side => ({ outcomes: new Uint8Array(population.rows), misses: new Map() })
    return { sides: rules.map(nobody), evaluated: 0 }
  }
  const conditions = rules.map(conditionsOf)
  const all = [...rules, ...conditions.flatMap(({ atoms }) => atoms.map(({ rule }) => rule))]
  const run = openRun(planOf(all, rows, day), rows)
  runAll(run, rows)
  let next = rules.length
  const sides = conditions.map((of, at): Side => {
    const outs = run.outs.slice(next, next + of.atoms.length)
    next += of.atoms.length
    const found = run.outs[at]!
    const { owners } = rows
    if (!owners) return { outcomes: found, misses: missesOf(of, outs) }
    const outcomes = strongest(found, owners.subjects, population.rows)
    return { outcomes, misses: missesOfItems(of, outs, owners.subjects, outcomes) }
  })
  return { sides, evaluated: run.evaluated() }
}

const { does_not_apply, applies, ask, human, conflict } = outcome_codes

/** A subject counts once, by the strongest outcome among its items. */
function strongest(of_items: Uint8Array, subjects: Uint32Array, rows: number): Uint8Array {
  const rank = new Uint8Array(5)
  for (const [at, code] of [does_not_apply, conflict, human, ask, applies].entries()) rank[code] = at
  const found = new Uint8Array(rows)
  for (let item = 0; item < of_items.length; item++) {
    const code = of_items[item]!
    if (code === does_not_apply) continue
    const subject = subjects[item]!
    if (rank[code]! > rank[found[subject]!]!) found[subject] = code
  }
  return found
}

type Conditions = ReturnType<typeof conditionsOf>

/** Outcome codes of a condition alone, to truths: false, true, unknown. */
const TRUTH = [0, 2, 1]

/** The truths of all conditions of one row as a number with a digit each; numbers of rows that occur are few. */
function patternAt(outs: readonly Uint8Array[], row: number): number {
  let pattern = 0
  for (let at = 0; at < outs.length; at++) pattern = pattern * 3 + TRUTH[outs[at]![row]!]!
  return pattern
}

/** Positions of the conditions of which one alone keeps rows of a pattern out. Worked out once for each pattern. */
function singles(conditions: Conditions): (pattern: number) => readonly number[] {
  const known = new Map<number, readonly number[]>()
  return (pattern) => {
    let found = known.get(pattern)
    if (!found) {
      found = singlesIn(conditions, pattern)
      known.set(pattern, found)
    }
    return found
  }
}

function singlesIn({ atoms, says }: Conditions, pattern: number): readonly number[] {
  const truths: number[] = []
  for (let rest = pattern, at = atoms.length - 1; at >= 0; at--, rest = Math.floor(rest / 3))
    truths[at] = rest % 3
  if (says(truths) !== 0) return []
  return [...atoms.keys()].filter(
    (at) => truths[at] === 0 && says(truths.map((t, i) => (i === at ? 2 : t))) === 2,
  )
}

function named({ atoms }: Conditions, counts: readonly number[]): Misses {
  const misses = new Map<string, { predicate: string; n: number }>()
  for (const [at, { text, predicate }] of atoms.entries()) {
    if (counts[at] === 0) continue
    const known = misses.get(text)
    if (known) known.n += counts[at]!
    else misses.set(text, { predicate, n: counts[at]! })
  }
  return misses
}

/** Up to so many patterns are counted in an array. */
const patterns_max = 3 ** 10

function missesOf(conditions: Conditions, outs: readonly Uint8Array[]): Misses {
  const rows = outs[0]?.length ?? 0
  const counts = conditions.atoms.map(() => 0)
  const alone = singles(conditions)
  const count = (pattern: number, n: number): void => {
    for (const at of alone(pattern)) counts[at]! += n
  }
  if (3 ** outs.length <= patterns_max) {
    for (const [pattern, n] of patternCounts(outs, rows).entries()) if (n > 0) count(pattern, n)
  } else for (let row = 0; row < rows; row++) count(patternAt(outs, row), 1)
  return named(conditions, counts)
}

/** Condition by condition over strips that stay in the cache. */
function patternCounts(outs: readonly Uint8Array[], rows: number): Uint32Array {
  const found = new Uint32Array(3 ** outs.length)
  const strip = new Uint32Array(strip_rows)
  for (let first = 0; first < rows; first += strip_rows) {
    const size = Math.min(strip_rows, rows - first)
    strip.fill(0)
    for (const out of outs) addDigit(strip, out, first, size)
    for (let at = 0; at < size; at++) found[strip[at]!]!++
  }
  return found
}

const strip_rows = 8_192

function addDigit(strip: Uint32Array, out: Uint8Array, first: number, size: number): void {
  for (let at = 0; at < size; at++) {
    const code = out[first + at]!
    // The codes of applies and ask, 1 and 2, are the truths 2 and 1.
    strip[at] = strip[at]! * 3 + (code === 0 ? 0 : 3 - code)
  }
}

/** Somebody with several items is counted once for a condition, whichever of them it keeps out. */
function missesOfItems(
  conditions: Conditions,
  outs: readonly Uint8Array[],
  subjects: Uint32Array,
  outcomes: Uint8Array,
): Misses {
  const counts = conditions.atoms.map(() => 0)
  const last = conditions.atoms.map(() => -1)
  const alone = singles(conditions)
  for (let item = 0; item < subjects.length; item++) {
    const subject = subjects[item]!
    if (outcomes[subject] !== does_not_apply) continue
    for (const at of alone(patternAt(outs, item))) {
      if (last[at] === subject) continue
      last[at] = subject
      counts[at]!++
    }
  }
  return named(conditions, counts)
}
