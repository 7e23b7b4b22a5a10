/** Arithmetic and comparison of whole batches; entry by entry what the evaluator's arithmetic says of two values. */
import { verdict } from '../../evaluator/arithmetic.ts'
import { maybe, no, yes } from '../../evaluator/values.ts'
import type { CompareOp } from '../../language/ir.ts'
import { type Batch, doubtful, exact, isWithin, none, open, put } from './batch.ts'

type Given = { readonly size: number; readonly beyond: Uint8Array }
export type Operation = (into: Batch, a: Batch, b: Batch, given: Given) => void

const { MAX_SAFE_INTEGER: most, MIN_SAFE_INTEGER: least } = Number
const { NEGATIVE_INFINITY: no_low, POSITIVE_INFINITY: no_high } = Number

/** Two exact values by `both`; what is only partly known by its ends. */
function lifted(
  both: (a: number, b: number) => number,
  ends: (into: Batch, at: number, a: Batch, b: Batch) => void,
): Operation {
  return (into, a, b, { size, beyond }) => {
    const { states, lows, highs } = into
    for (let at = 0; at < size; at++) {
      const [x, y] = [a.states[at]!, b.states[at]!]
      if ((x | y) === exact) {
        const value = both(a.lows[at]!, b.lows[at]!)
        states[at] = exact
        lows[at] = value
        highs[at] = value
        if (value > most || value < least) beyond[at] = 1
      } else if (x === none || y === none) states[at] = none
      else if (x === open || y === open) states[at] = open
      else {
        ends(into, at, a, b)
        if (!isWithin(lows[at]!) || !isWithin(highs[at]!)) beyond[at] = 1
      }
    }
  }
}

const perhaps = (a: Batch, b: Batch, at: number): boolean =>
  a.states[at] === doubtful || b.states[at] === doubtful

export const add = lifted(
  (a, b) => a + b,
  (into, at, a, b) =>
    put(into, at, a.lows[at]! + b.lows[at]!, a.highs[at]! + b.highs[at]!, perhaps(a, b, at)),
)

export const subtract = lifted(
  (a, b) => a - b,
  (into, at, a, b) =>
    put(into, at, a.lows[at]! - b.highs[at]!, a.highs[at]! - b.lows[at]!, perhaps(a, b, at)),
)

export const multiply = lifted(
  (a, b) => a * b,
  (into, at, a, b) => {
    const [w, x, y, z] = [a.lows[at]!, a.highs[at]!, b.lows[at]!, b.highs[at]!]
    const is_perhaps = perhaps(a, b, at)
    // No end times nothing is still no end.
    if (w >= 0 && y >= 0) put(into, at, w * y, x === no_high || z === no_high ? no_high : x * z, is_perhaps)
    else if (w === no_low || x === no_high || y === no_low || z === no_high)
      put(into, at, no_low, no_high, is_perhaps)
    else {
      const corners = [w * y, w * z, x * y, x * z]
      put(into, at, Math.min(...corners), Math.max(...corners), is_perhaps)
    }
  },
)

const sign = (a: number, b: number): -1 | 0 | 1 => (a < b ? -1 : a > b ? 1 : 0)

/** What an operator says of two entries that are neither absent nor unknown. */
export function judged(by: CompareOp, a: Batch, b: Batch, at: number): number {
  const [low, high] = [
    a.lows[at] === no_low || b.highs[at] === no_high ? -1 : sign(a.lows[at]!, b.highs[at]!),
    a.highs[at] === no_high || b.lows[at] === no_low ? 1 : sign(a.highs[at]!, b.lows[at]!),
  ] as const
  const truth = verdict(by, low, high)
  return truth === yes && perhaps(a, b, at) ? maybe : truth
}

/** Every entry of a comparison. */
export function compare(by: CompareOp, into: Uint8Array, a: Batch, b: Batch, size: number): void {
  const holds = exactly[by]
  for (let at = 0; at < size; at++) {
    const [x, y] = [a.states[at]!, b.states[at]!]
    if ((x | y) === exact) into[at] = holds(a.lows[at]!, b.lows[at]!) ? yes : no
    else if (x === none || y === none) into[at] = no
    else if (x === open || y === open) into[at] = maybe
    else into[at] = judged(by, a, b, at)
  }
}

const exactly: { readonly [by in CompareOp]: (a: number, b: number) => boolean } = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

/** Certainly one and the same value. */
export const isSame = (a: Batch, b: Batch, at: number): boolean =>
  a.states[at] === b.states[at] &&
  (a.states[at] === none || (a.states[at] === exact && a.lows[at] === b.lows[at]))

export function copy(into: Batch, from: Batch, at: number): void {
  into.states[at] = from.states[at]!
  into.lows[at] = from.lows[at]!
  into.highs[at] = from.highs[at]!
}
