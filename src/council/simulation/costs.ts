/** What a changed rule costs: the amounts of those whose lot it changes, in whole minor units each time they are paid. */
import { openAmounts, type Population, type Rule } from '../../rules/rules.ts'
import type { Comparison } from './count.ts'
import { rowsFor } from './sides.ts'

/** Paid to those who gain; no longer to those who lose or would be asked; otherwise to those to whom it applies in both. */
export type Costs = { gained: number; lost: number; still: number }

export const noCosts = (): Costs => ({ gained: 0, lost: 0, still: 0 })

/** What becomes of whom changes what is paid, by position in BECOMES: still, gained, lost, asked. */
const [STILL, GAINED, LOST, ASKED] = [1, 2, 3, 4]

type Into = {
  readonly cost: Costs
  readonly cost_by_band: readonly (readonly Costs[])[]
  /** Band of each row. */
  readonly places: readonly ((row: number) => number)[]
}

/** Adds the costs of one shard, whole and by band. @returns how many rows the evaluator had to see */
export function addCosts(
  { before, after, day, amounts_differ }: Comparison,
  population: Population,
  becomes: Uint8Array,
  into: Into,
): number {
  if (before.source.result?.amount === undefined && after.source.result?.amount === undefined) return 0
  const old = paidBy(before, population, day)
  const now = paidBy(after, population, day)
  const sum =
    (what: keyof Costs, sign: 1 | -1) =>
    (subject: number, amount: number): void => {
      into.cost[what] += sign * amount
      for (const [band, rows] of into.cost_by_band.entries())
        rows[into.places[band]!(subject)]![what] += sign * amount
    }
  now.each(rowsThat(becomes, GAINED), sum('gained', 1))
  old.each(rowsThat(becomes, LOST, ASKED), sum('lost', 1))
  if (amounts_differ) {
    const still = rowsThat(becomes, STILL)
    now.each(still, sum('still', 1))
    old.each(still, sum('still', -1))
  }
  return old.evaluated() + now.evaluated()
}

function rowsThat(becomes: Uint8Array, ...wanted: readonly (number | undefined)[]): Uint32Array {
  const is_wanted = new Uint8Array(8)
  for (const what of wanted) is_wanted[what!] = 1
  let size = 0
  for (let row = 0; row < becomes.length; row++) size += is_wanted[becomes[row]!]!
  const rows = new Uint32Array(size)
  let at = 0
  for (let row = 0; row < becomes.length; row++) if (is_wanted[becomes[row]!] === 1) rows[at++] = row
  return rows
}

type Paid = {
  /** Tells what is paid to each of these subjects, item by item where the rule speaks of items. */
  each(subjects: Uint32Array, tell: (subject: number, amount: number) => void): void
  evaluated(): number
}

function paidBy(rule: Rule, population: Population, day: string): Paid {
  const rows = rowsFor(rule, population)
  if (!rows || rule.source.result?.amount === undefined) return { each: () => {}, evaluated: () => 0 }
  const amounts = openAmounts(rule, rows, day)
  const { owners } = rows
  const starts = owners && population.lists.get(owners.list)!.starts
  return {
    each(subjects, tell) {
      const asked = starts ? itemsOfThese(subjects, starts) : subjects
      const found = amounts.of(asked)
      for (let at = 0; at < found.length; at++) {
        const amount = found[at]!
        if (Number.isNaN(amount)) continue
        const row = asked[at]!
        tell(owners ? owners.subjects[row]! : row, amount)
      }
    },
    evaluated: amounts.evaluated,
  }
}

function itemsOfThese(subjects: Uint32Array, starts: Uint32Array): Uint32Array {
  let size = 0
  for (const subject of subjects) size += starts[subject + 1]! - starts[subject]!
  const items = new Uint32Array(size)
  let at = 0
  for (const subject of subjects)
    for (let item = starts[subject]!; item < starts[subject + 1]!; item++) items[at++] = item
  return items
}
