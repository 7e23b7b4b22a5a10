/** Lists folded into their subjects: counts, sums, least and greatest, whose items may be only partly known. */
import { no, yes } from '../../evaluator/values.ts'
import { type Batch, isWithin, none, open, put } from './batch.ts'
import type { Aggregated } from './values.ts'

const { NEGATIVE_INFINITY: no_low, POSITIVE_INFINITY: no_high } = Number

function cleared({ states, lows, highs }: Batch, size: number): void {
  states.fill(0, 0, size)
  lows.fill(0, 0, size)
  highs.fill(0, 0, size)
}

export function counted(into: Batch, { outer, inner, is_in, is_complete }: Aggregated): void {
  cleared(into, outer.size)
  for (let at = 0; at < inner.size; at++) {
    const there = inner.up[at]!
    if (is_in[at] === yes) into.lows[there]!++
    if (is_in[at] !== no) into.highs[there]!++
  }
  for (let at = 0; at < outer.size; at++) {
    const high = is_complete(outer.subjects[at]!) ? into.highs[at]! : no_high
    put(into, at, into.lows[at]!, high, false)
  }
}

/** The sum of the items: exact, or the least and greatest it can be. Items without a value add nothing. */
export function total(
  into: Batch,
  { outer, inner, is_in, values, is_complete }: Aggregated,
  is_nonnegative: boolean,
): void {
  const { states, lows } = values!
  cleared(into, outer.size)
  for (let at = 0; at < inner.size; at++) {
    const there = inner.up[at]!
    if (is_in[at] === no || states[at] === none) continue
    if (states[at] === open) {
      into.highs[there] = no_high
      if (!is_nonnegative) into.lows[there] = no_low
      continue
    }
    const amount = lows[at]!
    const is_sure = is_in[at] === yes
    if (is_sure || amount > 0) into.highs[there]! += amount
    if (is_sure || amount < 0) into.lows[there]! += amount
    if (!isWithin(into.highs[there]!) || !isWithin(into.lows[there]!)) outer.beyond[there] = 1
  }
  for (let at = 0; at < outer.size; at++) {
    const is_open = !is_complete(outer.subjects[at]!)
    const low = is_open && !is_nonnegative ? no_low : into.lows[at]!
    put(into, at, low, is_open ? no_high : into.highs[at]!, false)
  }
}

/** The least or the greatest of the items; absent where none has a value. */
export function extreme(
  into: Batch,
  { outer, inner, is_in, values, is_complete }: Aggregated,
  direction: 'min' | 'max',
  is_nonnegative: boolean,
): void {
  const { states, lows } = values!
  const floor = is_nonnegative ? 0 : no_low
  const is_better = (a: number, b: number): boolean => (direction === 'min' ? a < b : a > b)
  const { size } = outer
  // `highs` holds the best of those perhaps in; `lows` the best of those surely in, or until there is one the worst.
  const seen = new Uint8Array(size)
  for (let at = 0; at < size; at++) if (!is_complete(outer.subjects[at]!)) seen[at] = unknowns
  for (let at = 0; at < inner.size; at++) {
    const there = inner.up[at]!
    if (is_in[at] === no || states[at] === none) continue
    if (states[at] === open) {
      seen[there]! |= unknowns
      continue
    }
    const value = lows[at]!
    const is_first = (seen[there]! & perhaps) === 0
    const has_sure = (seen[there]! & surely) !== 0
    if (is_first || is_better(value, into.highs[there]!)) into.highs[there] = value
    if (is_in[at] === yes) {
      if (!has_sure || is_better(value, into.lows[there]!)) into.lows[there] = value
      seen[there]! |= surely
    } else if (!has_sure && (is_first || is_better(into.lows[there]!, value))) into.lows[there] = value
    seen[there]! |= perhaps
  }
  for (let at = 0; at < size; at++) {
    const found = seen[at]!
    const is_open = (found & unknowns) !== 0
    const is_doubtful = (found & surely) === 0
    const [near, best] = [into.lows[at]!, into.highs[at]!]
    if ((found & perhaps) === 0) {
      if (is_open) put(into, at, floor, no_high, true)
      else into.states[at] = none
    } else if (direction === 'min')
      put(into, at, is_open ? floor : best, is_doubtful && is_open ? no_high : near, is_doubtful)
    else put(into, at, is_doubtful && is_open ? floor : near, is_open ? no_high : best, is_doubtful)
  }
}

const surely = 1
const perhaps = 2
const unknowns = 4
