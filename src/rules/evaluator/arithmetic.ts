/** Arithmetic over values that may be absent, unknown or partly known. Absent wins over unknown. */
import type { CompareOp } from '../language/ir.ts'
import {
  absent,
  type Exact,
  isRange,
  maybe,
  no,
  type Range,
  range,
  type Truth,
  unknown,
  type Value,
  yes,
} from './values.ts'

type End = number | bigint | null
type Both = (a: never, b: never) => number | bigint

const lowOf = (value: Value): End => (isRange(value) ? value.low : (value as number | bigint))
const highOf = (value: Value): End => (isRange(value) ? value.high : (value as number | bigint))
const perhapsAbsent = (value: Value): boolean => isRange(value) && value.perhaps_absent

/** Applies an operation to two exact values, or end by end to ranges. */
function lifted(exact: Both, ends: (a: Range, b: Range) => Value): (a: Value, b: Value) => Value {
  return (a, b) => {
    if (a === absent || b === absent) return absent
    if (a === unknown || b === unknown) return unknown
    if (!isRange(a) && !isRange(b)) return exact(a as never, b as never)
    return ends(asRange(a), asRange(b))
  }
}

const asRange = (value: Value): Range => ({
  low: lowOf(value),
  high: highOf(value),
  perhaps_absent: perhapsAbsent(value),
})

const plus = (a: never, b: never): number | bigint => (a as number) + (b as number)
const minus = (a: never, b: never): number | bigint => (a as number) - (b as number)
const times = (a: never, b: never): number | bigint => (a as number) * (b as number)
const onEnds = (op: Both, a: End, b: End): End =>
  a === null || b === null ? null : op(a as never, b as never)

/** a + b. Both operands are of one kind: BigInt with BigInt, or day numbers with days. */
export const add = lifted(plus, (a, b) =>
  range(onEnds(plus, a.low, b.low), onEnds(plus, a.high, b.high), a.perhaps_absent || b.perhaps_absent),
)

/** a - b. */
export const subtract = lifted(minus, (a, b) =>
  range(onEnds(minus, a.low, b.high), onEnds(minus, a.high, b.low), a.perhaps_absent || b.perhaps_absent),
)

/** a * b. */
export const multiply = lifted(times, (a, b) => {
  const perhaps = a.perhaps_absent || b.perhaps_absent
  if (a.low !== null && a.low >= 0 && b.low !== null && b.low >= 0) {
    return range(times(a.low as never, b.low as never), onEnds(times, a.high, b.high), perhaps)
  }
  if (a.low === null || a.high === null || b.low === null || b.high === null)
    return range(null, null, perhaps)
  let low: number | bigint | null = null
  let high: number | bigint | null = null
  for (const [x, y] of [
    [a.low, b.low],
    [a.low, b.high],
    [a.high, b.low],
    [a.high, b.high],
  ] as const) {
    const corner = times(x as never, y as never)
    if (low === null || corner < low) low = corner
    if (high === null || corner > high) high = corner
  }
  return range(low, high, perhaps)
})

/** A function of one day number that never falls (`1`) or never rises (`-1`), carried over to ranges. */
export function map(value: Value, direction: 1 | -1, exact: (day: number) => number | bigint): Value {
  if (value === absent || value === unknown) return value
  if (!isRange(value)) return exact(value as number)
  const low = value.low === null ? null : exact(value.low as number)
  const high = value.high === null ? null : exact(value.high as number)
  return direction === 1 ? range(low, high, value.perhaps_absent) : range(high, low, value.perhaps_absent)
}

/** Are they certainly one and the same? Then an undecided `if` does not matter. */
export function isSame(a: Value, b: Value): boolean {
  return a === b && a !== unknown && !isRange(a)
}

/** How a's least stands to b's greatest, and a's greatest to b's least: -1, 0 or 1. Exact values give one sign twice. */
export function signLow(a: Value, b: Value): -1 | 0 | 1 {
  const [x, y] = [lowOf(a), highOf(b)]
  if (x === null || y === null) return -1
  return x < y ? -1 : x > y ? 1 : 0
}

export function signHigh(a: Value, b: Value): -1 | 0 | 1 {
  const [x, y] = [highOf(a), lowOf(b)]
  if (x === null || y === null) return 1
  return x < y ? -1 : x > y ? 1 : 0
}

/** What an operator says when the least possible and the greatest possible difference have these signs. */
export function verdict(by: CompareOp, low: -1 | 0 | 1, high: -1 | 0 | 1): Truth {
  switch (by) {
    case '<':
      return high < 0 ? yes : low >= 0 ? no : maybe
    case '<=':
      return high <= 0 ? yes : low > 0 ? no : maybe
    case '>':
      return low > 0 ? yes : high <= 0 ? no : maybe
    case '>=':
      return low >= 0 ? yes : high < 0 ? no : maybe
    case '=':
      return low === 0 && high === 0 ? yes : low > 0 || high < 0 ? no : maybe
    case '!=':
      return low === 0 && high === 0 ? no : low > 0 || high < 0 ? yes : maybe
  }
}

/** A comparison of two values that are neither absent nor unknown as a whole. */
export function judge(by: CompareOp, a: Exact | Range, b: Exact | Range): Truth {
  if (typeof a !== 'object' && typeof b !== 'object') {
    const sign = a < b ? -1 : a > b ? 1 : 0
    return verdict(by, sign, sign)
  }
  const truth = verdict(by, signLow(a, b), signHigh(a, b))
  return truth === yes && (perhapsAbsent(a) || perhapsAbsent(b)) ? maybe : truth
}
