/**
 * Type rules: how each operation's result is typed, and what is proved of it (range, motion in time, divisor).
 * Every function gives a node, or the words of why it cannot be.
 */
import type { RuleType } from '../rules.ts'
import type { CompareOp, Constant, ListNode, Motion, Sign, TruthNode, Type, ValueNode } from './ir.ts'

export type Typing = ValueNode | string

/** Beyond this many decimals a product is no legal arithmetic. */
const scaleMax = 24

const steady = { motion: 0, sign: 'any', partial: false, divisor: 1n } as const

/** The words for a type in error messages. */
export function describe(type: Type): string {
  switch (type.kind) {
    case 'days':
      return 'a duration in days'
    case 'months':
      return 'a duration in months'
    case 'money':
      return 'money'
    case 'code':
      return `a code (${type.values.slice(0, 6).join(', ')}${type.values.length > 6 ? ', …' : ''})`
    default:
      return `a ${type.kind}`
  }
}

/** The static type of a declared type; undefined for lists, and for durations that do not declare their unit. */
export function typeOf(declared: RuleType): Type | undefined {
  switch (declared.kind) {
    case 'integer':
      return { kind: 'number', scale: 0 }
    case 'decimal':
      return { kind: 'number', scale: declared.scale }
    case 'money':
      return { kind: 'money', scale: 0 }
    case 'code':
      return { kind: 'code', values: declared.values }
    case 'list':
      return undefined
    case 'duration':
      return declared.unit === undefined ? undefined : { kind: declared.unit }
    default:
      return { kind: declared.kind }
  }
}

/** What a declared lower bound proves. */
export function signOf(declared: RuleType): Sign {
  if (declared.kind !== 'integer' && declared.kind !== 'decimal' && declared.kind !== 'money') return 'any'
  const min = declared.min === undefined ? Number.NaN : Number(declared.min)
  return min > 0 ? 'positive' : min >= 0 ? 'nonnegative' : 'any'
}

export const signOfValue = (value: bigint): Sign =>
  value > 0n ? 'positive' : value === 0n ? 'nonnegative' : 'any'

/** A literal of a type whose values are not numbers. */
export const literal = (type: Type, value: Constant): ValueNode => ({ ...steady, op: 'literal', type, value })

/** A number written as digits: exact, with as many decimals as were written. */
export const numeral = (value: bigint, scale: number, kind: 'number' | 'money' = 'number'): ValueNode => ({
  ...steady,
  op: 'literal',
  type: { kind, scale },
  value,
  sign: signOfValue(value),
  divisor: value < 0n ? -value : value,
})

export const today = (): ValueNode => ({ ...steady, op: 'today', type: { kind: 'date' }, motion: 1 })

/** Completed years since a date. */
export function age(of: ValueNode): Typing {
  if (of.type.kind !== 'date') return `age() takes a date, not ${describe(of.type)}`
  const motion = of.motion === 0 || of.motion === -1 ? 1 : 'unclear'
  return { ...steady, op: 'age', of, type: { kind: 'number', scale: 0 }, motion, partial: of.partial }
}

/** How a sum moves. */
export const together = (a: Motion, b: Motion): Motion =>
  a === 0 ? b : b === 0 ? a : a === b ? a : 'unclear'
const reversed = (a: Motion): Motion => (a === 'unclear' ? a : ((0 - a) as Motion))
/** How the difference of two values moves. */
export const apart = (a: Motion, b: Motion): Motion => together(a, a === 0 && b === 0 ? 0 : reversed(b))

const isAmount = (type: Type): type is Extract<Type, { scale: number }> =>
  type.kind === 'number' || type.kind === 'money'
const isSpan = (type: Type): boolean => type.kind === 'days' || type.kind === 'months'

/** `+` and `-`. */
export function addition(op: 'add' | 'subtract', left: ValueNode, right: ValueNode): Typing {
  const [a, b] = [left.type, right.type]
  if (a.kind === 'date' && isSpan(b)) return shift(left, right, op === 'add' ? 1 : -1)
  if (isSpan(a) && b.kind === 'date' && op === 'add') return shift(right, left, 1)
  const motion = op === 'add' ? together(left.motion, right.motion) : apart(left.motion, right.motion)
  const partial = left.partial || right.partial
  if (a.kind === 'date' && b.kind === 'date' && op === 'subtract') {
    return { ...steady, op, left, right, type: { kind: 'days' }, motion, partial }
  }
  if (a.kind === 'days' && b.kind === 'days') return { ...steady, op, left, right, type: a, motion, partial }
  if (!isAmount(a) || !isAmount(b))
    return `${describe(a)} ${op === 'add' ? '+' : '-'} ${describe(b)} has no meaning`
  const level = align(left, right)
  if (typeof level === 'string') return level
  const sign: Sign = op === 'subtract' ? 'any' : sumSign(left.sign, right.sign)
  return {
    op,
    left: level.left,
    right: level.right,
    type: level.left.type,
    motion,
    partial,
    sign,
    divisor: level.divisor,
  }
}

const sumSign = (a: Sign, b: Sign): Sign =>
  a === 'any' || b === 'any' ? 'any' : a === 'positive' || b === 'positive' ? 'positive' : 'nonnegative'

function shift(date: ValueNode, by: ValueNode, direction: 1 | -1): Typing {
  const motion = direction === 1 ? together(date.motion, by.motion) : apart(date.motion, by.motion)
  return {
    ...steady,
    op: 'shift',
    date,
    by,
    direction,
    type: date.type,
    motion,
    partial: date.partial || by.partial,
  }
}

/** `*`: exact, the decimals of both. */
export function product(left: ValueNode, right: ValueNode): Typing {
  const [a, b] = [left.type, right.type]
  if (!isAmount(a) || !isAmount(b)) return `${describe(a)} * ${describe(b)} has no meaning`
  if (a.kind === 'money' && b.kind === 'money') return 'money * money has no meaning'
  const scale = a.scale + b.scale
  if (scale > scaleMax) return `the product has more than ${scaleMax} decimals`
  const kind = a.kind === 'money' || b.kind === 'money' ? 'money' : 'number'
  const sign =
    left.sign === 'any' || right.sign === 'any' ? 'any' : left.sign === right.sign ? left.sign : 'nonnegative'
  return {
    op: 'multiply',
    left,
    right,
    type: { kind, scale },
    motion: productMotion(left, right),
    sign,
    partial: left.partial || right.partial,
    divisor: left.divisor * right.divisor,
  }
}

function productMotion(left: ValueNode, right: ValueNode): Motion {
  if (left.motion === 0 && right.motion === 0) return 0
  const [moving, factor] = left.motion === 0 ? [right, left] : [left, right]
  if (factor.motion !== 0) return 'unclear'
  if (factor.sign !== 'any') return moving.motion
  return factor.op === 'literal' ? reversed(moving.motion) : 'unclear'
}

/** Both at the same unit and the same number of decimals. A bare 0 is zero of any unit. */
function align(
  left: ValueNode,
  right: ValueNode,
): { left: ValueNode; right: ValueNode; divisor: bigint } | string {
  if (!isAmount(left.type) || !isAmount(right.type))
    return `${describe(left.type)} and ${describe(right.type)} do not mix`
  let [a, b] = [left, right]
  if (left.type.kind !== right.type.kind) {
    if (isZero(left)) a = numeral(0n, right.type.scale, right.type.kind)
    else if (isZero(right)) b = numeral(0n, left.type.scale, left.type.kind)
    else return 'money and a bare number do not mix: put the amount into params, with its source'
  }
  const scale = Math.max(scaleOf(a), scaleOf(b))
  a = rescale(a, scale)
  b = rescale(b, scale)
  return { left: a, right: b, divisor: gcd(a.divisor, b.divisor) }
}

const isZero = (node: ValueNode): boolean => node.op === 'literal' && node.value === 0n
const scaleOf = (node: ValueNode): number => (isAmount(node.type) ? node.type.scale : 0)

function rescale(node: ValueNode, scale: number): ValueNode {
  const missing = scale - scaleOf(node)
  if (missing === 0 || !isAmount(node.type)) return node
  const factor = numeral(10n ** BigInt(missing), 0)
  const type: Type = { kind: node.type.kind, scale }
  if (node.op === 'literal')
    return numeral((node.value as bigint) * (factor as { value: bigint }).value, scale, type.kind)
  return {
    op: 'multiply',
    left: node,
    right: factor,
    type,
    motion: node.motion,
    sign: node.sign,
    partial: node.partial,
    divisor: node.divisor * factor.divisor,
  }
}

/** Two values brought to one type, as the branches of an `if` and the sides of a comparison must be. */
export function unify(left: ValueNode, right: ValueNode): { left: ValueNode; right: ValueNode } | string {
  if (isAmount(left.type) && isAmount(right.type)) return align(left, right)
  const [a, b] = [left.type, right.type]
  if (a.kind === 'code' && right.op === 'literal' && b.kind === 'string') return { left, right }
  if (b.kind === 'code' && left.op === 'literal' && a.kind === 'string') return { left, right }
  if (a.kind === b.kind) return { left, right }
  return `${describe(a)} and ${describe(b)} do not mix`
}

/** The value of an `if`. */
export function choice(when: TruthNode, yes: ValueNode, no: ValueNode): Typing {
  const both = unify(yes, no)
  if (typeof both === 'string') return `the two branches differ: ${both}`
  const { left, right } = both
  return {
    op: 'choose',
    when,
    yes: left,
    no: right,
    type: left.type,
    motion: together(left.motion, right.motion),
    sign:
      left.sign === right.sign
        ? left.sign
        : left.sign === 'any' || right.sign === 'any'
          ? 'any'
          : 'nonnegative',
    partial: left.partial || right.partial,
    divisor: gcd(left.divisor, right.divisor),
  }
}

/** The least or the greatest of several values. */
export function extremeOf(op: 'least' | 'greatest', values: readonly ValueNode[]): Typing {
  let among: readonly ValueNode[] = values.slice(0, 1)
  for (const value of values.slice(1)) {
    const both = unify(among[0]!, value)
    if (typeof both === 'string') return `these do not go together: ${both}`
    // Bringing one to more decimals brings all: each is aligned with the widest so far.
    among = [...among.map((one) => aligned(one, both.left)), both.right]
  }
  const { type } = among[0]!
  const why = whyNotComparable('<', type)
  if (why !== undefined) return why
  const signs = among.map(({ sign }) => sign)
  const strongest = signs.includes('positive')
    ? 'positive'
    : signs.includes('nonnegative')
      ? 'nonnegative'
      : 'any'
  const weakest = signs.includes('any') ? 'any' : signs.includes('nonnegative') ? 'nonnegative' : 'positive'
  return {
    op,
    among,
    type,
    motion: among.map(({ motion }) => motion).reduce(together),
    sign: op === 'greatest' ? strongest : weakest,
    partial: among.some(({ partial }) => partial),
    divisor: among.map(({ divisor }) => divisor).reduce(gcd),
  }
}

/** A value brought to the unit and decimals of another. */
export function aligned(value: ValueNode, like: ValueNode): ValueNode {
  const both = unify(like, value)
  return typeof both === 'string' ? value : both.right
}

export const count = (list: ListNode): ValueNode => ({
  ...steady,
  op: 'count',
  list,
  type: { kind: 'number', scale: 0 },
  sign: 'nonnegative',
  partial: true,
})

/** `sum`, `min` and `max` over one field of a list's items. */
export function aggregate(op: 'sum' | 'min' | 'max', list: ListNode, of: ValueNode): Typing {
  const kind = of.type.kind
  const fits = kind === 'number' || kind === 'money' || (kind === 'date' && op !== 'sum')
  if (!fits) return `${op}() does not take ${describe(of.type)}`
  const sign = op === 'sum' && of.sign === 'positive' ? 'nonnegative' : of.sign
  return { ...steady, op, list, of, type: of.type, sign, partial: true }
}

const ordered = new Set(['number', 'money', 'date', 'days', 'months'])

/** Why an operator does not fit a type, if it does not. */
export function whyNotComparable(op: CompareOp, type: Type): string | undefined {
  if (op === '=' || op === '!=' || ordered.has(type.kind)) return undefined
  return `${describe(type)} has no order: only = and != compare it`
}

/** An amount in whole minor units; a string when it might have fractions of one. */
export function whole(node: ValueNode): Typing {
  const scale = scaleOf(node)
  if (scale === 0) return node
  if (node.divisor % 10n ** BigInt(scale) === 0n) return node
  return 'the amount can have fractions of the smallest unit: round it, as the act says, with round: half_up(2) or decimal(…)'
}

export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x < 0n ? -x : x
}
