/** Values of closed FEEL expressions: each knows its kind, none is a float, and "none" is `absent` as in rules. */
import { absent } from '../evaluator/values.ts'
import { decimalText, type Fraction, order } from './fraction.ts'
import {
  type DateValue,
  dateText,
  instant,
  type Moment,
  type Months,
  monthsText,
  type Span,
  spanText,
  type Time,
  timeText,
} from './moments.ts'
import { Refused } from './refusal.ts'

export type FeelRange = {
  readonly kind: 'range'
  /** Absent: no end on this side. */
  readonly start: FeelValue
  readonly end: FeelValue
  readonly start_included: boolean
  readonly end_included: boolean
}

export type FeelContext = ReadonlyMap<string, FeelValue>

/** What is not there; a type of its own because a symbol's type widens when it is inferred. */
export type Absent = typeof absent

export type FeelValue =
  | Absent
  | boolean
  | string
  | Fraction
  | DateValue
  | Time
  | Moment
  | Span
  | Months
  | FeelRange
  | FeelContext
  | readonly FeelValue[]

export const isList = (value: FeelValue): value is readonly FeelValue[] => Array.isArray(value)
export const isContext = (value: FeelValue): value is FeelContext => value instanceof Map
const isNumber = (value: FeelValue): value is Fraction => typeof value === 'object' && 'over' in value
export const isRangeValue = (value: FeelValue): value is FeelRange =>
  typeof value === 'object' && 'kind' in value && value.kind === 'range'

/** Are they the same? Nothing is the same as an absent value, not even another. */
export function isEqual(a: FeelValue, b: FeelValue): boolean {
  if (a === absent || b === absent) return false
  if (isList(a) && isList(b))
    return a.length === b.length && a.every((one, at) => isAlike(one, b[at] as FeelValue))
  if (isContext(a) && isContext(b)) {
    const names = new Set([...a.keys(), ...b.keys()])
    return [...names].every((name) => isAlike(a.get(name) ?? absent, b.get(name) ?? absent))
  }
  if (isRangeValue(a) && isRangeValue(b)) {
    const ends = isAlike(a.start, b.start) && isAlike(a.end, b.end)
    return ends && a.start_included === b.start_included && a.end_included === b.end_included
  }
  return compareValues(a, b) === 0
}

/** Parts of lists and contexts are alike when both are missing, too. */
export const isAlike = (a: FeelValue, b: FeelValue): boolean =>
  (a === absent && b === absent) || isEqual(a, b)

/** Below zero, zero or above; undefined where the two cannot be put in order. */
export function compareValues(a: FeelValue, b: FeelValue): number | undefined {
  if (isNumber(a) && isNumber(b)) return order(a, b)
  if (typeof a === 'string' && typeof b === 'string') return byCodePoints(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return a === b ? 0 : undefined
  if (typeof a !== 'object' || typeof b !== 'object' || !('kind' in a) || !('kind' in b)) return undefined
  if (a.kind === 'date' && b.kind === 'date') return sign(a.day, b.day)
  if (a.kind === 'months' && b.kind === 'months') return sign(a.months, b.months)
  if (a.kind === 'span' && b.kind === 'span') return sign(a.nanos, b.nanos)
  if ((a.kind === 'time' && b.kind === 'time') || (a.kind === 'date-time' && b.kind === 'date-time')) {
    const [x, y] = [instant(a), instant(b)]
    if (x && y) return x.local === y.local ? sign(x.nanos, y.nanos) : undefined
    return textOf(a) === textOf(b) ? 0 : undefined
  }
  return undefined
}

const sign = (a: number | bigint, b: number | bigint): number => (a < b ? -1 : a > b ? 1 : 0)

function byCodePoints(a: string, b: string): number {
  const [x, y] = [[...a], [...b]]
  for (let at = 0; at < x.length && at < y.length; at++) {
    const step = sign(x[at]!.codePointAt(0)!, y[at]!.codePointAt(0)!)
    if (step !== 0) return step
  }
  return sign(x.length, y.length)
}

/** Does a range hold a value? Absent where they cannot be put in order. */
export function holds(range: FeelRange, value: FeelValue): boolean {
  if (range.start !== absent) {
    const below = compareValues(range.start, value)
    if (below === undefined || below > 0 || (below === 0 && !range.start_included)) return false
  }
  if (range.end !== absent) {
    const above = compareValues(value, range.end)
    if (above === undefined || above > 0 || (above === 0 && !range.end_included)) return false
  }
  return true
}

/** As FEEL's string() writes it. @throws Refused for a number that no digits write exactly. */
export function textOf(value: FeelValue): string {
  return typeof value === 'string' ? value : writtenOf(value)
}

/** As it would be written in an expression; texts in quotes. */
export function writtenOf(value: FeelValue): string {
  if (value === absent) return 'null'
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'boolean') return String(value)
  if (isList(value)) return `[${value.map(writtenOf).join(', ')}]`
  if (isContext(value)) {
    const parts = [...value].map(([name, one]) => `${nameText(name)}: ${writtenOf(one)}`)
    return `{${parts.join(', ')}}`
  }
  if (isNumber(value)) {
    const text = decimalText(value)
    if (text === undefined)
      throw new Refused('not-exact', 'this number has no exact decimals: round it with decimal(n, scale)')
    return text
  }
  switch (value.kind) {
    case 'date':
      return dateText(value.day)
    case 'time':
      return timeText(value)
    case 'date-time':
      return `${dateText(value.day)}T${timeText(value)}`
    case 'months':
      return monthsText(value.months)
    case 'span':
      return spanText(value.nanos)
    case 'range': {
      const [low, high] = [value.start_included ? '[' : '(', value.end_included ? ']' : ')']
      return `${low}${writtenOf(value.start)}..${writtenOf(value.end)}${high}`
    }
  }
}

const nameText = (name: string): string => (/^[\p{L}_][\p{L}\p{N}_ ]*$/u.test(name) ? name : quoted(name))

const quoted = (text: string): string =>
  `"${text.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t')}"`
