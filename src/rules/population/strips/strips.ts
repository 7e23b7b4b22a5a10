/**
 * Expressions over many rows at once, in plain loops over some thousand entries: what the masks have no form for. It
 * says of each entry what the evaluator says; where a number leaves exact doubles it says so, and the evaluator is asked.
 */
import { type Settled, settle, type Truths } from '../../evaluator/outcome.ts'
import { programOf } from '../../evaluator/program.ts'
import { maybe, no, type Truth, yes } from '../../evaluator/values.ts'
import type { TruthNode } from '../../language/ir.ts'
import type { Rule } from '../../rules.ts'
import type { Population } from '../columns.ts'
import { exact, openPlaces, openTruths, openWords } from './batch.ts'
import { foldBeyond, type Ground, outsider, rootLevel, staleness } from './levels.ts'
import { listIsComplete, type Place } from './places.ts'
import { truthsOf } from './truths.ts'
import { batchOf } from './values.ts'

/** Few enough that a strip's batches stay in the cache. */
export const strip_rows = 4_096

export type Strips = {
  /** The rows (or items) that the next answers are about: at most `strip_rows`. */
  read(rows: ArrayLike<number>, from: number, size: number): void
  /** Prepares a condition of a rule; its truths, 0 to 2 an entry, stay until the next `read`. */
  truth(rule: Rule, node: TruthNode): () => Uint8Array
  /** Prepares what a rule pays: whole minor units where it applies and the amount is known, else NaN. */
  amount(rule: Rule): (into: Float64Array) => void
  /** Entries of which the last answers cannot be trusted, once every answer has been asked for. */
  beyond(): Uint8Array
}

/** Prepares a population for conditions on a day (a day number). */
export function openStrips(population: Population, day: number): Strips {
  const { owners } = population
  const ground: Ground = {
    population: owners ? owners.of : population,
    day,
    words: openWords(),
    epoch: 0,
    levels: [],
  }
  const root = rootLevel(ground, owners?.list)
  const [subjects, items, beyond] = [openPlaces(), openPlaces(), openTruths()]
  const placeOf = (rule: Rule): Place => ({
    rule,
    program: programOf(rule),
    root,
    level: root,
    variables: new Map(owners ? [[0, root]] : []),
    forms: { batch: batchOf, truth: truthsOf },
  })
  return {
    read(rows, from, size) {
      ground.epoch++
      root.size = size
      root.subjects = subjects(size)
      root.items = items(size)
      root.beyond = beyond(size)
      root.beyond.fill(0, 0, size)
      for (let at = 0; at < size; at++) {
        const row = rows[from + at]!
        root.items[at] = row
        root.subjects[at] = owners ? owners.subjects[row]! : row
      }
    },
    truth: (rule, node) => truthsOf(placeOf(rule), node),
    amount: (rule) => amountOf(placeOf(rule)),
    beyond: () => {
      foldBeyond(ground)
      return root.beyond
    },
  }
}

/** Is the item of each entry there? Entries that are no items always are. */
function thereOf({ program, root }: Place): (at: number) => Truth {
  if (!program.is_per_item) return () => yes
  const { population, day } = root.ground
  const reader = program.readers[0]!
  const is_out = outsider(population, reader.predicate, day)
  const is_stale = staleness(population, reader, day)
  const is_complete = listIsComplete(population, reader)
  return (at) => {
    if (is_out?.(root.items[at]!)) return is_complete(root.subjects[at]!) ? no : maybe
    return is_stale?.(root.items[at]!) ? maybe : yes
  }
}

function amountOf(place: Place): (into: Float64Array) => void {
  const { program, root } = place
  const { ir } = program
  const { day } = root.ground
  const in_force = day >= program.effective_from && day < program.effective_to
  const when = truthsOf(place, ir.when)
  const exceptions = ir.exceptions.map((node) => truthsOf(place, node))
  const results = [ir, ...ir.exception_results].map((result, at) => ({
    amount: result?.amount && batchOf(place, result.amount),
    unit: Number(program.run.grants[at]!.unit),
  }))
  const is_there = thereOf(place)
  const settled = new Map<number, Settled>()
  return (into) => {
    const [base, others] = [when(), exceptions.map((made) => made())]
    const paid = results.map(({ amount }) => amount?.())
    for (let at = 0; at < root.size; at++) {
      const there = is_there(at)
      let pattern = there * 3 + base[at]!
      for (const truths of others) pattern = pattern * 3 + truths[at]!
      let found = settled.get(pattern)
      if (!found) {
        const truths: Truths = {
          is_there: there,
          base: base[at] as Truth,
          exceptions: others.map((one) => one[at] as Truth),
        }
        found = settle(program, truths)
        settled.set(pattern, found)
      }
      into[at] = Number.NaN
      if (!in_force || found.outcome !== 'applies') continue
      const batch = paid[found.grant]
      if (!batch || batch.states[at] !== exact) continue
      const { unit } = results[found.grant]!
      const value = batch.lows[at]!
      into[at] = (value - (value % unit)) / unit
    }
  }
}
