/** The baseline of a simulation: every subject handed to the evaluator, both versions; and whether it says the same. */
import { openSnapshot } from '../../src/council/council.ts'
import { type Prepared, prepareChange, type Shelf } from '../../src/council/simulation/change.ts'
import { BECOMES, type Comparison, countShard, openTally } from '../../src/council/simulation/count.ts'
import { rowsFor } from '../../src/council/simulation/sides.ts'
import { comparisonOn } from '../../src/council/simulation/simulate.ts'
import { type Pack, readRuleText } from '../../src/packs/packs.ts'
import {
  type Determination,
  evaluateOn,
  type Facts,
  factsAt,
  items,
  type Population,
  planOf,
  type Rule,
} from '../../src/rules/rules.ts'
import { as_of } from './citizens.ts'
import { type Case, requestOf } from './law-changes.ts'
import { writeNation } from './snapshot-files.ts'

export type Sampled = {
  readonly subjects: number
  readonly cpu_s: number
  /** Rows the product itself handed to the evaluator. */
  readonly evaluated: number
  /** Conditions that have no masks, with the reason. */
  readonly left: readonly string[]
}

/**
 * Evaluates a sample row by row.
 * @throws Error when the product says anything else of any subject of it, or of the cost
 */
export function sampled(
  folder: string,
  shelf: Shelf,
  one: Case,
  { seed, sample }: { readonly seed: number; readonly sample: number },
): Sampled {
  const { pack } = shelf
  const prepared = preparedChange(shelf, one)
  const kind = prepared.after.source.subject
  const { manifest } = writeNation(folder, pack, {
    seed,
    people: kind === 'person' ? sample : 1,
    companies: kind === 'person' ? 1 : sample,
    say: () => {},
  })
  const snapshot = openSnapshot({ folder }, pack, manifest)
  const of = comparisonOn(prepared, as_of)
  let [subjects, evaluated, cpu_s] = [0, 0, 0]
  const left = new Set<string>()
  // Only what the two versions read is given to the evaluator: that is the quicker way.
  const reads = new Set([...of.before.reads, ...of.after.reads])
  const vocabulary = Object.fromEntries(
    Object.entries(snapshot.scope(kind).vocabulary).filter(([name]) => reads.has(name)),
  )
  for (const shard of snapshot.shards(kind)) {
    const tally = openTally(of)
    const becomes = countShard(of, shard, tally)
    const { population } = shard
    const once = (): Found => byEvaluator(of, population, (row) => factsAt(population, vocabulary, row))
    // The first pass is the compiler's as well.
    once()
    const before = process.cpuUsage()
    const found = once()
    const { user, system } = process.cpuUsage(before)
    cpu_s += (user + system) / 1e6
    subjects += population.rows
    evaluated += tally.evaluated
    for (let row = 0; row < population.rows; row++)
      if (BECOMES[becomes[row]!] !== found.becomes[row])
        throw new Error(
          `${one.name}, row ${row}: ${BECOMES[becomes[row]!]}, and the evaluator says ${found.becomes[row]}`,
        )
    for (const what of ['gained', 'lost', 'still'] as const)
      if (tally.cost[what] !== found.cost[what])
        throw new Error(
          `${one.name}: cost ${what} ${tally.cost[what]}, and the evaluator says ${found.cost[what]}`,
        )
    for (const rule of [of.before, of.after]) for (const line of leftBy(rule, population)) left.add(line)
  }
  return { subjects, cpu_s, evaluated, left: [...left] }
}

/** The Uzbek pack as it stands in the repository, nothing published since. */
export const packShelf = (pack: Pack): Shelf => ({
  folder: pack_folder,
  pack,
  published: new Map(),
  coming: new Set(),
  text: (rule) => readRuleText(pack_folder, rule),
})

const pack_folder = 'packs/uz'

/** The change as the program checks it, with the whole pack around it. */
export function preparedChange(shelf: Shelf, one: Case): Prepared {
  const prepared = prepareChange(shelf, requestOf(one, as_of), as_of)
  if (!prepared.ok) throw new Error(`${one.name}: ${prepared.refusal.message}`)
  return prepared.value
}

/** Conditions the masks have no form for: over strips of rows, or left to the evaluator. */
function leftBy(rule: Rule, population: Population): readonly string[] {
  const rows = rowsFor(rule, population)
  if (!rows) return []
  const { strips, fallbacks } = planOf([rule], rows, as_of)
  return [
    ...strips.map(({ atom, reason }) => `over strips: ${atom.text}: ${reason}`),
    ...fallbacks.map(({ text, reason }) => `row by row: ${text}: ${reason}`),
  ]
}

type Becomes = (typeof BECOMES)[number]
type Found = {
  readonly becomes: readonly Becomes[]
  readonly cost: { gained: number; lost: number; still: number }
}

function byEvaluator(of: Comparison, population: Population, facts: (row: number) => Facts): Found {
  const becomes: Becomes[] = []
  const cost = { gained: 0, lost: 0, still: 0 }
  for (let row = 0; row < population.rows; row++) {
    const known = facts(row)
    const [before, after] = [said(of.before, known), said(of.after, known)]
    const what = becomesOf(before.outcome, after.outcome)
    becomes.push(what)
    if (what === 'gained') cost.gained += after.amount
    else if (what === 'lost') cost.lost += before.amount
    else if (what === 'asked') cost.lost += before.amount
    else if (what === 'still' && of.amounts_differ) cost.still += after.amount - before.amount
  }
  return { becomes, cost }
}

type Outcome = Determination['outcome']
const strongest: readonly Outcome[] = ['applies', 'ask', 'human', 'conflict', 'does_not_apply']

/** The strongest outcome among a subject's items, and all that would be paid. */
function said(rule: Rule, facts: Facts): { readonly outcome: Outcome; readonly amount: number } {
  const slots = rule.source.per ? items(rule, facts).map((item) => ({ item })) : [{}]
  const all = slots.map((slot) => evaluateOn(rule, facts, { asOf: as_of, ...slot }))
  return {
    outcome: strongest.find((one) => all.some(({ outcome }) => outcome === one)) ?? 'does_not_apply',
    amount: all.reduce((sum, { amount }) => sum + (amount ?? 0), 0),
  }
}

function becomesOf(before: Outcome, after: Outcome): Becomes {
  if (before === 'applies' && after === 'applies') return 'still'
  if (before === after) return 'nothing'
  if (after === 'applies') return 'gained'
  if (before === 'applies') return after === 'ask' ? 'asked' : 'lost'
  if (after === 'ask') return 'asked'
  return before === 'ask' ? 'settled' : 'nothing'
}
