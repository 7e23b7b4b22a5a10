/** Arithmetic of closed expressions: which types go together, and what comes of them. */
import { addMonths } from '../evaluator/calendar.ts'
import { absent } from '../evaluator/values.ts'
import { parts, type SyntaxNode } from '../language/parse.ts'
import { type Checked, type Cx, made, Rejected, type Run, textAt } from './check.ts'
import { divide, type Fraction, fraction, minus, negative, plus, power, roundTo, times } from './fraction.ts'
import {
  type DateValue,
  dayNanos,
  instant,
  type Moment,
  type Months,
  type Span,
  type Time,
} from './moments.ts'
import { Refused } from './refusal.ts'
import { describeType, type FeelType, number, optional, string } from './types.ts'
import type { FeelValue } from './values.ts'

type Operation = {
  readonly result: FeelType
  readonly run: (a: never, b: never) => FeelValue
}

const span: FeelType = { kind: 'span' }
const months: FeelType = { kind: 'months' }
const date: FeelType = { kind: 'date' }
const time: FeelType = { kind: 'time' }
const moment: FeelType = { kind: 'date-time' }

const spanOf = (nanos: bigint): Span => ({ kind: 'span', nanos })
const monthsOf = (count: number): Months => {
  if (!Number.isSafeInteger(count)) throw new Refused('overflow', 'this duration is too long')
  return { kind: 'months', months: count || 0 }
}
const wholeNanos = (n: Fraction): Span => spanOf(roundTo(n, fraction(0n), 'down').over)

/** FEEL's clamping: where the month is too short, its last day. */
const monthsLater =
  (sign: 1 | -1) =>
  (at: DateValue | Moment, by: Months): DateValue | Moment => ({
    ...at,
    day: inCalendar(addMonths(at.day, sign * by.months, 'down')),
  })

function inCalendar(day: number): number {
  if (Math.abs(day) > 365_243_000_000) throw new Refused('overflow', 'this day lies outside the calendar')
  return day
}

const spanLater =
  (sign: 1n | -1n) =>
  (at: DateValue | Moment, by: Span): DateValue | Moment => {
    const nanos = (at.kind === 'date' ? 0n : BigInt(at.nanos)) + sign * by.nanos
    const unit = BigInt(dayNanos)
    const days = nanos / unit - (nanos % unit < 0n ? 1n : 0n)
    const day = inCalendar(at.day + Number(days))
    return at.kind === 'date' ? { kind: 'date', day } : { ...at, day, nanos: Number(nanos - days * unit) }
  }

const clockLater =
  (sign: 1n | -1n) =>
  (at: Time, by: Span): Time => {
    const unit = BigInt(dayNanos)
    return { ...at, nanos: Number((((BigInt(at.nanos) + sign * by.nanos) % unit) + unit) % unit) }
  }

function between(a: Moment | Time, b: Moment | Time): FeelValue {
  const [x, y] = [instant(a), instant(b)]
  return x && y && x.local === y.local ? spanOf(x.nanos - y.nanos) : absent
}

const scaleSpan = (a: Span, b: Fraction): Span => wholeNanos(times(fraction(a.nanos), b))
function scaleMonths(a: Months, b: Fraction): Months {
  return monthsOf(Number(roundTo(times(fraction(BigInt(a.months)), b), fraction(0n), 'down').over))
}

const op = (result: FeelType, run: Operation['run']): Operation => ({ result, run })

/** By the sign and the kinds of the two sides. */
const operations: { readonly [key: string]: Operation } = {
  'number + number': op(number, plus),
  'number - number': op(number, minus),
  'number * number': op(number, times),
  'number / number': op(number, divide),
  'number ** number': op(number, power),
  'string + string': op(string, (a: string, b: string) => a + b),
  'date - date': op(span, (a: DateValue, b: DateValue) => spanOf(BigInt(a.day - b.day) * BigInt(dayNanos))),
  'date-time - date-time': op(optional(span), between),
  'time - time': op(optional(span), between),
  'date + months': op(date, monthsLater(1)),
  'date - months': op(date, monthsLater(-1)),
  'date-time + months': op(moment, monthsLater(1)),
  'date-time - months': op(moment, monthsLater(-1)),
  'date + span': op(date, spanLater(1n)),
  'date - span': op(date, spanLater(-1n)),
  'date-time + span': op(moment, spanLater(1n)),
  'date-time - span': op(moment, spanLater(-1n)),
  'time + span': op(time, clockLater(1n)),
  'time - span': op(time, clockLater(-1n)),
  'span + span': op(span, (a: Span, b: Span) => spanOf(a.nanos + b.nanos)),
  'span - span': op(span, (a: Span, b: Span) => spanOf(a.nanos - b.nanos)),
  'span * number': op(span, scaleSpan),
  'span / number': op(span, (a: Span, b: Fraction) => scaleSpan(a, divide(fraction(1n), b))),
  'span / span': op(number, (a: Span, b: Span) => fraction(a.nanos, b.nanos)),
  'months + months': op(months, (a: Months, b: Months) => monthsOf(a.months + b.months)),
  'months - months': op(months, (a: Months, b: Months) => monthsOf(a.months - b.months)),
  'months * number': op(months, scaleMonths),
  'months / number': op(months, (a: Months, b: Fraction) => scaleMonths(a, divide(fraction(1n), b))),
  'months / months': op(number, (a: Months, b: Months) => fraction(BigInt(a.months), BigInt(b.months))),
}

const find = (key: string): Operation | undefined =>
  Object.hasOwn(operations, key) ? operations[key] : undefined

function operation(sign: string, a: FeelType, b: FeelType): Operation | undefined {
  // The empty list's items fit any side.
  const [x, y] = [a.kind === 'nothing' ? b.kind : a.kind, b.kind === 'nothing' ? a.kind : b.kind]
  if (x === 'nothing') return find(`number ${sign} number`)
  const straight = find(`${x} ${sign} ${y}`)
  if (straight || (sign !== '+' && sign !== '*')) return straight
  const turned = find(`${y} ${sign} ${x}`)
  return turned && { ...turned, run: (p: never, q: never) => turned.run(q, p) }
}

const operandsMax = 200

/** Chains nest to the left and are walked in a loop, so that their length costs no depth. */
export function arithmetic(cx: Cx, node: SyntaxNode): Checked {
  const steps: { node: SyntaxNode; sign: SyntaxNode; right: SyntaxNode }[] = []
  let inner = node
  for (;;) {
    const [left, sign, right] = parts(inner)
    if (left?.name === 'ArithOp') return fold(cx, negated(cx, inner, left, sign), steps)
    if (!left || !sign || !right) throw new Rejected(inner, 'syntax', 'an operand is missing')
    if (steps.push({ node: inner, sign, right }) > operandsMax)
      throw new Rejected(node, 'limit', `the sum has more than ${operandsMax} operands`)
    if (left.name !== 'ArithmeticExpression') return fold(cx, cx.check(left), steps)
    inner = left
  }
}

function fold(
  cx: Cx,
  first: Checked,
  steps: readonly { node: SyntaxNode; sign: SyntaxNode; right: SyntaxNode }[],
): Checked {
  let value = first
  for (const step of [...steps].reverse())
    value = combined(step.node, textAt(cx, step.sign), value, cx.check(step.right))
  return value
}

function combined(node: SyntaxNode, sign: string, a: Checked, b: Checked): Checked {
  const found = operation(sign, a.type, b.type)
  if (!found)
    throw new Rejected(
      node,
      'no-meaning',
      `${describeType(a.type)} ${sign} ${describeType(b.type)} has no meaning`,
      { expected: 'operands that go together', found: `${describeType(a.type)}, ${describeType(b.type)}` },
    )
  const is_optional = a.type.optional || b.type.optional
  const type = is_optional ? optional(found.result) : found.result
  return made(node, type, [a, b], strict(a.run, b.run, found.run))
}

const strict =
  (a: Run, b: Run, run: Operation['run']): Run =>
  (env) => {
    const left = a(env)
    const right = b(env)
    return left === absent || right === absent ? absent : run(left as never, right as never)
  }

function negated(cx: Cx, node: SyntaxNode, sign: SyntaxNode, of: SyntaxNode | undefined): Checked {
  if (textAt(cx, sign) !== '-' || !of) throw new Rejected(node, 'syntax', 'only - may stand before a value')
  const value = cx.check(of)
  const kind = value.type.kind
  if (kind !== 'number' && kind !== 'span' && kind !== 'months')
    throw new Rejected(node, 'no-meaning', `-${describeType(value.type)} has no meaning`)
  return made(node, value.type, [value], (env) => {
    const found = value.run(env) as typeof absent | Fraction | Span | Months
    if (found === absent) return absent
    if ('over' in found) return negative(found)
    return found.kind === 'span' ? spanOf(-found.nanos) : monthsOf(-found.months)
  })
}
