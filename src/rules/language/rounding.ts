/** Rounding, always explicit: of a value, or of a ratio, which is computed nowhere else. */
import type { Rounding } from '../feel/fraction.ts'
import type { Call } from './functions.ts'
import type { Type, ValueNode } from './ir.ts'
import { fail, type Lowering, textOf } from './lowering.ts'
import { parts, type SyntaxNode, unwrap } from './parse.ts'
import { describe } from './typing.ts'

const digitsMax = 18

/** `decimal(a / b, 2)`, `round half up(x, 0)`, `floor(x)`. */
export function roundedTo(
  cx: Lowering,
  node: SyntaxNode,
  rounding: Rounding,
  { name, given }: Call,
): ValueNode | undefined {
  const [first, scale] = given
  const may_be_bare = name === 'floor' || name === 'ceiling'
  if (!first || given.length > 2 || (!scale && !may_be_bare))
    return fail(cx, node, `${name}() takes a value and a number of decimals`, { found: `${given.length}` })
  const digits = scale === undefined ? 0 : digitsOf(cx, scale)
  if (digits === undefined) return undefined
  const ratio = ratioOf(cx, first)
  if (!ratio) return undefined
  const made = rounded(cx, ratio, rounding, digits)
  return typeof made === 'string' ? fail(cx, node, made) : made
}

function digitsOf(cx: Lowering, node: SyntaxNode): number | undefined {
  const value = cx.value(node)
  if (!value) return undefined
  if (value.op === 'literal' && typeof value.value === 'bigint' && value.type.kind === 'number') {
    const digits = Number(value.value)
    if (value.type.scale === 0 && Math.abs(digits) <= digitsMax) return digits
  }
  return fail(
    cx,
    node,
    `the number of decimals is written out: a whole number from -${digitsMax} to ${digitsMax}`,
  )
}

type Ratio = { readonly of: ValueNode; readonly by: ValueNode | undefined }

export function ratioOf(cx: Lowering, wrapped: SyntaxNode): Ratio | undefined {
  const node = unwrap(wrapped)
  const [over, sign, under] = parts(node)
  if (node.name !== 'ArithmeticExpression' || !over || !sign || !under || textOf(cx, sign) !== '/') {
    const of = cx.value(node)
    return of && { of, by: undefined }
  }
  const of = cx.value(over)
  const by = cx.value(under)
  if (!of || !by) return undefined
  if (by.sign === 'positive') return { of, by }
  return fail(cx, under, 'a ratio needs a denominator proved to be above zero', {
    expected: 'a value declared with min above 0',
    found: textOf(cx, under),
  })
}

const scaleOf = (type: Type): number => ('scale' in type ? type.scale : 0)

/** The node of a rounding to some decimals (of the major unit, for money), or why there is none. */
export function rounded(
  cx: Pick<Lowering, 'money_digits'>,
  { of, by }: Ratio,
  rounding: Rounding,
  digits: number,
): ValueNode | string {
  const [a, b] = [of.type, by?.type ?? { kind: 'number' as const, scale: 0 }]
  const is_amount = (type: Type): boolean => type.kind === 'number' || type.kind === 'money'
  if (!is_amount(a) || !is_amount(b)) return `only numbers and money are rounded, not ${describe(a)}`
  if (b.kind === 'money' && a.kind !== 'money') return 'a number divided by money has no meaning'
  const kind = a.kind === 'money' && b.kind === 'number' ? 'money' : 'number'
  // Money counts minor units: two decimals of the major unit are none of the minor one.
  const wanted = kind === 'money' ? digits - cx.money_digits : digits
  if (by && by.motion !== 0) return 'a ratio whose denominator moves with time cannot be rounded'
  const scale = Math.max(0, wanted)
  const ten = (n: number): bigint => 10n ** BigInt(n)
  const unit = ten(Math.max(0, -wanted))
  return {
    op: 'round',
    of,
    by,
    rounding,
    over: ten(scaleOf(b) + scale),
    under: ten(scaleOf(a)) * unit,
    unit,
    type: { kind, scale },
    motion: of.motion,
    sign: of.sign === 'any' ? 'any' : 'nonnegative',
    partial: of.partial || (by?.partial ?? false),
    divisor: unit,
  }
}

const roundingText = /^(up|down|half_up|half_down|half_even|floor|ceiling)\((-?\d{1,2})\)$/

/** `half_up(2)` as rule files say it. */
export function roundingOf(text: string): { rounding: Rounding; digits: number } | undefined {
  const found = roundingText.exec(text)
  return found ? { rounding: found[1] as Rounding, digits: Number(found[2]) } : undefined
}
