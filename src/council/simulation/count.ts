/** Two versions of a rule over a snapshot on one day: who would gain, lose or be asked, counted and handed on. */
import type { Pack } from '../../packs/packs.ts'
import {
  conditionsOf,
  evaluate,
  type Facts,
  factsAt,
  items,
  openRun,
  outcome_codes,
  type Population,
  planOf,
  type Rule,
  runAll,
} from '../../rules/rules.ts'
import type { LoadedShard, OpenSnapshot } from '../snapshot/snapshot.ts'
import { type Bands, bandsOf } from './bands.ts'

/** What becomes of one subject, as far as it is counted. */
export const BECOMES = ['nothing', 'still', 'gained', 'lost', 'asked', 'settled'] as const
const [NOTHING, STILL, GAINED, LOST, ASKED, SETTLED] = [0, 1, 2, 3, 4, 5]

export type Tally = {
  readonly day: string
  readonly bands: readonly Bands[]
  subjects: number
  before: number
  after: number
  /** By position in BECOMES. */
  readonly becomes: number[]
  /** By band, then by row of it, then by position in BECOMES. */
  readonly by_band: number[][][]
  /** By text of the condition. */
  readonly misses: Map<string, { predicate: string; before: number; after: number }>
  readonly cost: { gained: number; lost: number; still: number }
  turning: number
}

export type Comparison = {
  readonly before: Rule
  readonly after: Rule
  readonly day: string
  readonly pack: Pack
  /** Also what is paid to those for whom nothing else changes. */
  readonly amounts_differ: boolean
}

export function openTally({ pack, day }: Comparison): Tally {
  const bands = (pack.council?.bands ?? []).map(bandsOf)
  return {
    day,
    bands,
    subjects: 0,
    before: 0,
    after: 0,
    becomes: BECOMES.map(() => 0),
    by_band: bands.map((b) => b.rows.map(() => BECOMES.map(() => 0))),
    misses: new Map(),
    cost: { gained: 0, lost: 0, still: 0 },
    turning: 0,
  }
}

/** Counts one shard. @returns what becomes of each row, by position in BECOMES */
export function countShard(
  of: Comparison,
  snapshot: OpenSnapshot,
  shard: LoadedShard,
  tally: Tally,
): Uint8Array {
  const { population } = shard
  const vocabulary = snapshot.scope(shard.file.kind).vocabulary
  const facts = (row: number): Facts => factsAt(population, vocabulary, row)
  const found =
    of.after.source.per || of.before.source.per ? byItem(of, population, facts) : byColumns(of, population)
  tally.subjects += population.rows
  for (let row = 0; row < population.rows; row++) {
    if (found.old[row] === outcome_codes.applies) tally.before++
    if (found.now[row] === outcome_codes.applies) tally.after++
  }
  const becomes = becomesOf(found.old, found.now)
  addBands(tally, population, becomes)
  for (const turns of shard.turns) if (turns <= dayOf(of.day)) tally.turning++
  for (const side of ['before', 'after'] as const)
    for (const [text, { predicate, n }] of found.misses[side]) {
      const known = tally.misses.get(text) ?? { predicate, before: 0, after: 0 }
      known[side] += n
      tally.misses.set(text, known)
    }
  addCost(of, tally, becomes, facts)
  return becomes
}

const dayOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000

function becomesOf(old: Uint8Array, now: Uint8Array): Uint8Array {
  const { applies, ask } = outcome_codes
  const found = new Uint8Array(old.length)
  for (let row = 0; row < old.length; row++) {
    const [a, b] = [old[row]!, now[row]!]
    if (a === applies && b === applies) found[row] = STILL
    else if (a === b) continue
    else if (b === applies) found[row] = GAINED
    else if (a === applies) found[row] = b === ask ? ASKED : LOST
    else if (b === ask) found[row] = ASKED
    else if (a === ask) found[row] = SETTLED
  }
  return found
}

function addBands(tally: Tally, population: Population, becomes: Uint8Array): void {
  const places = tally.bands.map((b) => b.of(population, tally.day))
  for (let row = 0; row < becomes.length; row++) {
    const what = becomes[row]!
    if (what === NOTHING) continue
    tally.becomes[what]!++
    for (let band = 0; band < places.length; band++) tally.by_band[band]![places[band]![row]!]![what]!++
  }
}

type Misses = ReadonlyMap<string, { predicate: string; n: number }>
type Found = {
  /** Outcome codes. */
  readonly old: Uint8Array
  readonly now: Uint8Array
  readonly misses: { readonly before: Misses; readonly after: Misses }
}

function byColumns({ before, after, day }: Comparison, population: Population): Found {
  const [old_atoms, new_atoms] = [conditionsOf(before), conditionsOf(after)]
  const rules = [before, after, ...old_atoms.atoms.map((a) => a.rule), ...new_atoms.atoms.map((a) => a.rule)]
  const run = openRun(planOf(rules, population, day), population)
  runAll(run, population)
  const [old, now, ...atoms] = run.outs as [Uint8Array, Uint8Array, ...Uint8Array[]]
  return {
    old,
    now,
    misses: {
      before: missesOf(old_atoms, atoms.slice(0, old_atoms.atoms.length)),
      after: missesOf(new_atoms, atoms.slice(old_atoms.atoms.length)),
    },
  }
}

type Conditions = ReturnType<typeof conditionsOf>
/** Outcome codes of a condition alone, to truths: false, true, unknown. */
const TRUTH = [0, 2, 1]

/** Few patterns of truths occur: what one turned condition would do is worked out once for each. */
function missesOf(conditions: Conditions, outs: readonly Uint8Array[]): Misses {
  const rows = outs[0]?.length ?? 0
  const patterns = new Map<number, number>()
  for (let row = 0; row < rows; row++) {
    let pattern = 0
    for (const out of outs) pattern = pattern * 3 + TRUTH[out[row]!]!
    patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1)
  }
  const misses = new Map<string, { predicate: string; n: number }>()
  for (const [pattern, n] of patterns) {
    const truths: number[] = []
    for (let rest = pattern, at = outs.length - 1; at >= 0; at--, rest = Math.floor(rest / 3))
      truths[at] = rest % 3
    countPattern(conditions, truths, n, misses)
  }
  return misses
}

function countPattern(
  conditions: Conditions,
  truths: readonly number[],
  n: number,
  misses: Map<string, { predicate: string; n: number }>,
): void {
  if (conditions.says(truths) !== 0) return
  const single = conditions.atoms.filter(
    (_, at) => truths[at] === 0 && conditions.says(truths.map((t, i) => (i === at ? 2 : t))) === 2,
  )
  for (const { text, predicate } of single) {
    const known = misses.get(text)
    if (known) known.n += n
    else misses.set(text, { predicate, n })
  }
}

// ── Rules that speak of each item of a list ─────────────────────────────────────────────────────────────────

const STRONGEST = ['applies', 'ask', 'human', 'conflict', 'does_not_apply'] as const

/** A subject counts once, by the strongest outcome among its items; the evaluator works each out. */
function byItem(of: Comparison, population: Population, facts: (row: number) => Facts): Found {
  const [old, now] = [new Uint8Array(population.rows), new Uint8Array(population.rows)]
  const misses = { before: new Map(), after: new Map() } as {
    before: Map<string, { predicate: string; n: number }>
    after: Map<string, { predicate: string; n: number }>
  }
  const sides = [
    { rule: of.before, out: old, misses: misses.before, conditions: conditionsOf(of.before) },
    { rule: of.after, out: now, misses: misses.after, conditions: conditionsOf(of.after) },
  ]
  const list = population.lists.get(of.after.source.per?.list ?? of.before.source.per!.list)
  for (let row = 0; row < population.rows; row++) {
    if (list && list.starts[row] === list.starts[row + 1]) continue
    const known = facts(row)
    for (const side of sides) {
      const said = slotsOf(side.rule, known).map((at) => evaluate(side.rule, known, { asOf: of.day, ...at }))
      const best = STRONGEST.find((o) => said.some((d) => d.outcome === o)) ?? 'does_not_apply'
      side.out[row] = outcome_codes[best]
      if (best !== 'does_not_apply') continue
      // Somebody with several items is counted once for a condition, whichever of them it keeps out.
      const own = new Map<string, { predicate: string; n: number }>()
      for (const { trace } of said) countPattern(side.conditions, truthsOf(side.conditions, trace), 1, own)
      for (const [text, { predicate }] of own) {
        const counted = side.misses.get(text)
        if (counted) counted.n++
        else side.misses.set(text, { predicate, n: 1 })
      }
    }
  }
  return { old, now, misses }
}

/** What `evaluate` is asked for: each item, or the subject itself. */
export const slotsOf = (rule: Rule, facts: Facts): { item?: string }[] =>
  rule.source.per ? items(rule, facts).map((item) => ({ item })) : [{}]

const truthsOf = (conditions: Conditions, trace: ReturnType<typeof evaluate>['trace']): number[] =>
  conditions.atoms.map(({ text }) => {
    const value = trace.find((t) => t.text === text)?.value
    return value === 'true' ? 2 : value === 'unknown' ? 1 : 0
  })

// ── What it costs ───────────────────────────────────────────────────────────────────────────────────────────

function addCost(of: Comparison, tally: Tally, becomes: Uint8Array, facts: (row: number) => Facts): void {
  const { before, after, amounts_differ } = of
  if (before.source.result?.amount === undefined && after.source.result?.amount === undefined) return
  for (let row = 0; row < becomes.length; row++) {
    const what = becomes[row]!
    const counts = what === GAINED || what === LOST || what === ASKED || (what === STILL && amounts_differ)
    if (!counts) continue
    const known = facts(row)
    const paid = (rule: Rule): number =>
      slotsOf(rule, known).reduce(
        (sum, at) => sum + (evaluate(rule, known, { asOf: of.day, ...at }).amount ?? 0),
        0,
      )
    if (what === GAINED) tally.cost.gained += paid(after)
    else if (what === STILL) tally.cost.still += paid(after) - paid(before)
    else tally.cost.lost += paid(before)
  }
}
