/** Two versions of a rule over a snapshot on one day: who would gain, lose or be asked, counted and handed on. */
import type { Pack } from '../../packs/packs.ts'
import { type Facts, items, outcome_codes, type Rule } from '../../rules/rules.ts'
import type { LoadedShard } from '../snapshot/snapshot.ts'
import { type Bands, bandsOf } from './bands.ts'
import { addCosts, type Costs, noCosts } from './costs.ts'
import { type Misses, sidesOf } from './sides.ts'

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
  readonly cost: Costs
  /** By band, then by row of it. */
  readonly cost_by_band: Costs[][]
  turning: number
  /** Rows that had to be handed to the evaluator of one subject. */
  evaluated: number
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
    cost: noCosts(),
    cost_by_band: bands.map((b) => b.rows.map(noCosts)),
    turning: 0,
    evaluated: 0,
  }
}

/** Counts one shard. @returns what becomes of each row, by position in BECOMES */
export function countShard(
  of: Comparison,
  shard: Pick<LoadedShard, 'population' | 'turns'>,
  tally: Tally,
): Uint8Array {
  const { population } = shard
  const { before, after, evaluated } = sidesOf(of, population)
  tally.subjects += population.rows
  const { becomes, pairs } = becomesOf(before.outcomes, after.outcomes)
  const { applies } = outcome_codes
  for (const [pair, n] of pairs.entries()) {
    if (pair >> 3 === applies) tally.before += n
    if ((pair & 7) === applies) tally.after += n
  }
  const places = tally.bands.map((band) => band.of(population, tally.day))
  addBands(tally, places, becomes)
  tally.turning += turningBy(shard.turns, dayOf(of.day))
  addMisses(tally, 'before', before.misses)
  addMisses(tally, 'after', after.misses)
  tally.evaluated += evaluated + addCosts(of, population, becomes, { ...tally, places })
  return becomes
}

function turningBy(turns: Int32Array, day: number): number {
  let found = 0
  for (let row = 0; row < turns.length; row++) if (turns[row]! <= day) found++
  return found
}

function addMisses(tally: Tally, side: 'before' | 'after', misses: Misses): void {
  for (const [text, { predicate, n }] of misses) {
    const known = tally.misses.get(text) ?? { predicate, before: 0, after: 0 }
    known[side] += n
    tally.misses.set(text, known)
  }
}

const dayOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000

/** What a pair of outcomes (before × 8 + after) makes of a subject. */
const OF_PAIRS: Uint8Array = Uint8Array.from({ length: 64 }, (_, pair) => {
  const { applies, ask } = outcome_codes
  const [a, b] = [pair >> 3, pair & 7]
  if (a === applies && b === applies) return STILL
  if (a === b) return NOTHING
  if (b === applies) return GAINED
  if (a === applies) return b === ask ? ASKED : LOST
  if (b === ask) return ASKED
  return a === ask ? SETTLED : NOTHING
})

function becomesOf(old: Uint8Array, now: Uint8Array): { becomes: Uint8Array; pairs: Uint32Array } {
  const becomes = new Uint8Array(old.length)
  const pairs = new Uint32Array(64)
  for (let row = 0; row < old.length; row++) {
    const pair = old[row]! * 8 + now[row]!
    pairs[pair]!++
    becomes[row] = OF_PAIRS[pair]!
  }
  return { becomes, pairs }
}

function addBands(tally: Tally, places: readonly ((row: number) => number)[], becomes: Uint8Array): void {
  for (let row = 0; row < becomes.length; row++) {
    const what = becomes[row]!
    if (what === NOTHING) continue
    tally.becomes[what]!++
    for (let band = 0; band < places.length; band++) tally.by_band[band]![places[band]!(row)]![what]!++
  }
}

/** What `evaluate` is asked for: each item, or the subject itself. */
export const slotsOf = (rule: Rule, facts: Facts): { item?: string }[] =>
  rule.source.per ? items(rule, facts).map((item) => ({ item })) : [{}]
