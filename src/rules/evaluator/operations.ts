/** The operations beyond plain arithmetic: rounding, built-ins, working days, the least of several, decision tables. */
import { fraction, roundRatio } from '../feel/fraction.ts'
import { builtIns } from '../feel/functions/all.ts'
import { partOf } from '../feel/functions/times.ts'
import { Refused } from '../feel/refusal.ts'
import type { FeelValue } from '../feel/values.ts'
import type { TableNode, Type, ValueNode } from '../language/ir.ts'
import { isSame, map } from './arithmetic.ts'
import type { RunTruth, RunValue } from './closures.ts'
import { absent, isRange, no, range, type Truth, unknown, type Value, yes } from './values.ts'
import { afterWorkingDays, nearestWorkingDay, type OfficeDays, workingDaysBetween } from './workdays.ts'

type Node<Op extends ValueNode['op']> = Extract<ValueNode, { op: Op }>

/** `by` is proved above zero; were it not, the result would be unknown, never an error. */
export function round(node: Node<'round'>, of: RunValue, by: RunValue | undefined): RunValue {
  const { rounding, over, under, unit } = node
  const one = (value: bigint, divisor: bigint): bigint =>
    roundRatio(value * over, divisor * under, rounding) * unit
  return (frame) => {
    const value = of(frame)
    const divisor = by ? by(frame) : 1n
    if (value === absent || divisor === absent) return absent
    if (value === unknown || typeof divisor !== 'bigint' || divisor <= 0n) return unknown
    if (!isRange(value)) return one(value as bigint, divisor)
    const end = (at: number | bigint | null): bigint | null =>
      at === null ? null : one(at as bigint, divisor)
    return range(end(value.low), end(value.high), value.perhaps_absent)
  }
}

/** Calls the same built-in that closed expressions call, over exact values only. */
export function callOf(node: Node<'call'>, args: readonly RunValue[]): RunValue {
  const types = node.args.map(({ type }) => type)
  const run = node.name.startsWith('.')
    ? (value: FeelValue) => partOf(value, node.name.slice(1))
    : (builtIns[node.name]!.find(({ in_rules, params }) => in_rules && params.length === args.length)!
        .run as (...given: FeelValue[]) => FeelValue)
  const { type } = node
  return (frame) => {
    const given = args.map((arg) => arg(frame))
    if (given.includes(absent)) return absent
    if (given.includes(unknown) || given.some(isRange)) return unknown
    try {
      return fromFeel(run(...given.map((value, at) => toFeel(value, types[at]!))), type)
    } catch (error) {
      // Digits without end: nobody can say what it is, and it is never taken for a no.
      if (error instanceof Refused) return unknown
      throw error
    }
  }
}

const dayNanos = 86_400_000_000_000n

function toFeel(value: Value, type: Type): FeelValue {
  switch (type.kind) {
    case 'number':
    case 'money':
      return fraction(value as bigint, 10n ** BigInt(type.scale))
    case 'boolean':
      return value === yes
    case 'date':
      return { kind: 'date', day: value as number }
    case 'months':
      return { kind: 'months', months: value as number }
    case 'days':
      return { kind: 'span', nanos: BigInt(value as number) * dayNanos }
    default:
      return value as string
  }
}

function fromFeel(value: FeelValue, type: Type): Value {
  if (typeof value === 'boolean') return value ? yes : no
  if (typeof value === 'string') return value
  if (typeof value !== 'object') return absent
  if ('over' in value && 'scale' in type) {
    const whole = value.over * 10n ** BigInt(type.scale)
    return whole % value.under === 0n ? whole / value.under : unknown
  }
  if ('kind' in value && value.kind === 'date') return value.day
  return 'kind' in value && value.kind === 'months' ? value.months : unknown
}

export function workingDay(
  node: Node<'working-day'>,
  office: OfficeDays,
  date: RunValue,
  by: RunValue | undefined,
): RunValue {
  if (node.move !== 'add') {
    const direction = node.move === 'next' ? 1 : -1
    return (frame) =>
      orUnknown(map(date(frame), 1, (day) => nearestWorkingDay(office, day, direction) ?? Number.NaN))
  }
  return (frame) => {
    const from = date(frame)
    const days = by!(frame)
    if (from === absent || days === absent) return absent
    if (from === unknown || typeof days !== 'bigint' || days < 0n || days > 3_660n) return unknown
    return orUnknown(map(from, 1, (day) => afterWorkingDays(office, day, Number(days)) ?? Number.NaN))
  }
}

/** A term that ends on no day anybody knows. */
const orUnknown = (value: Value): Value => {
  const is_lost = isRange(value)
    ? Number.isNaN(value.low) || Number.isNaN(value.high)
    : typeof value === 'number' && Number.isNaN(value)
  return is_lost ? unknown : value
}

export function workingDays(office: OfficeDays, from: RunValue, to: RunValue): RunValue {
  return (frame) => {
    const [a, b] = [from(frame), to(frame)]
    if (a === absent || b === absent) return absent
    if (typeof a !== 'number' || typeof b !== 'number') return unknown
    return BigInt(workingDaysBetween(office, a, b))
  }
}

export function extremeOf(op: 'least' | 'greatest', among: readonly RunValue[]): RunValue {
  const is_better = (a: number | bigint, b: number | bigint): boolean => (op === 'least' ? a < b : a > b)
  const of = (a: number | bigint | null, b: number | bigint | null, open_wins: boolean) => {
    if (a === null || b === null) return open_wins ? null : (a ?? b)
    return is_better(a, b) ? a : b
  }
  const both = (a: Value, b: Value): Value => {
    if (a === absent || b === absent) return absent
    if (a === unknown || b === unknown) return unknown
    const [x, y] = [endsOf(a), endsOf(b)]
    const perhaps = x.perhaps_absent || y.perhaps_absent
    return range(of(x.low, y.low, op === 'least'), of(x.high, y.high, op === 'greatest'), perhaps)
  }
  return (frame) => among.map((one) => one(frame)).reduce(both)
}

const endsOf = (value: Value) =>
  isRange(value)
    ? value
    : { low: value as number | bigint, high: value as number | bigint, perhaps_absent: false }

type Row = { readonly when: RunTruth; readonly output: RunValue }

/**
 * Every row is judged, whatever the others say. Known is what every row that may still decide agrees on; that some row
 * decides, and for `unique` only one, has been proved when the table was checked.
 */
export function table(node: TableNode, rows: readonly Row[]): RunValue {
  if (node.hit === 'collect') return collected(node.collect, rows)
  const is_first = node.hit === 'first'
  return (frame) => {
    let result: Value | undefined
    let settled = false
    for (const { when, output } of rows) {
      const matches = when(frame)
      const value = output(frame)
      if (settled || matches === no) continue
      if (result === undefined || (matches === yes && !is_first)) result = value
      else if (!isSame(result, value)) result = unknown
      settled = matches === yes
    }
    return result ?? absent
  }
}

/** All rows that match, together; rows that may match leave bounds. */
function collected(how: 'sum' | 'min' | 'max' | 'count', rows: readonly Row[]): RunValue {
  return (frame) => {
    const judged = rows.map(({ when, output }): { matches: Truth; value: Value } => ({
      matches: when(frame),
      value: output(frame),
    }))
    const found = judged.filter(({ matches, value }) => matches !== no && value !== absent)
    if (found.some(({ value }) => typeof value !== 'bigint' && typeof value !== 'number') && how !== 'count')
      return unknown
    if (how === 'count') {
      const sure = judged.filter(({ matches }) => matches === yes).length
      return range(BigInt(sure), BigInt(judged.filter(({ matches }) => matches !== no).length))
    }
    if (how === 'sum') return sumOf(found)
    const sure = found.filter(({ matches }) => matches === yes).map(({ value }) => value as bigint)
    const all = found.map(({ value }) => value as bigint)
    const best = (values: readonly bigint[], least: boolean): bigint | null =>
      values.length === 0 ? null : values.reduce((a, b) => (a < b === least ? a : b))
    if (all.length === 0) return absent
    if (how === 'min')
      return range(best(all, true), best(sure.length > 0 ? sure : all, sure.length > 0), sure.length === 0)
    return range(best(sure.length > 0 ? sure : all, sure.length === 0), best(all, false), sure.length === 0)
  }
}

function sumOf(found: readonly { matches: Truth; value: Value }[]): Value {
  let low = 0n
  let high = 0n
  for (const { matches, value } of found) {
    const amount = value as bigint
    if (matches === yes || amount > 0n) high += amount
    if (matches === yes || amount < 0n) low += amount
  }
  return range(low, high)
}
