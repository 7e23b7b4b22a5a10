/** Comparisons: the six operators, `between`, `in`, and ratios, which are never computed. */
import type { CompareOp, RangeTest, TruthNode, ValueNode } from './ir.ts'
import { atom, fail, type Lowering, textOf, typed } from './lowering.ts'
import { suggestion } from './names.ts'
import { parts, type SyntaxNode, unwrap } from './parse.ts'
import { apart, describe, product, unify, whyNotComparable } from './typing.ts'

const operators = new Set<string>(['=', '!=', '<', '<=', '>', '>='])
const isOperator = (text: string): text is CompareOp => operators.has(text)

/** Any comparison; always one atom. */
export function comparison(cx: Lowering, node: SyntaxNode): TruthNode | undefined {
  return atom(cx, node, () => {
    const found = parts(node)
    const [left, by] = found
    if (!left || !by) return fail(cx, node, 'a comparison has two sides')
    if (by.name === 'in') return membership(cx, node, left, found.slice(2))
    if (by.name === 'between') return between(cx, node, left, found)
    const op = textOf(cx, by)
    const right = found[2]
    if (!right || !isOperator(op)) return fail(cx, by, `${op} is no comparison of this language`)
    return compared(cx, node, op, left, right)
  })
}

function compared(
  cx: Lowering,
  node: SyntaxNode,
  by: CompareOp,
  leftNode: SyntaxNode,
  rightNode: SyntaxNode,
): TruthNode | undefined {
  if (leftNode.name === 'Comparison' || rightNode.name === 'Comparison') {
    return fail(cx, node, 'comparisons do not chain: write a < b and b < c')
  }
  const left = ratio(cx, leftNode)
  const right = ratio(cx, rightNode)
  if (!left || !right) return undefined
  // a / b < c / d is a * d < c * b where b and d are above zero, which `ratio` has proved.
  const a = right.under ? typed(cx, leftNode, product(left.over, right.under)) : left.over
  const c = left.under ? typed(cx, rightNode, product(right.over, left.under)) : right.over
  if (!a || !c) return undefined
  const test = leg(cx, node, by, a, c)
  return test && { op: 'compare', by, ...test }
}

/** A side of a comparison as a numerator and, where it is a division, a denominator proved to be above zero. */
function ratio(
  cx: Lowering,
  wrapped: SyntaxNode,
): { over: ValueNode; under: ValueNode | undefined } | undefined {
  const node = unwrap(wrapped)
  const [over, sign, under] = parts(node)
  if (node.name !== 'ArithmeticExpression' || !over || !sign || !under || textOf(cx, sign) !== '/') {
    const value = cx.value(node)
    return value && { over: value, under: undefined }
  }
  const above = cx.value(over)
  const below = cx.value(under)
  if (!above || !below) return undefined
  if (below.sign !== 'positive') {
    return fail(cx, under, 'a ratio needs a denominator proved to be above zero', {
      expected: 'a value declared with min above 0',
      found: textOf(cx, under),
    })
  }
  return { over: above, under: below }
}

/** One comparison of two typed values, with its motion in time. */
function leg(
  cx: Lowering,
  node: SyntaxNode,
  op: CompareOp,
  a: ValueNode,
  b: ValueNode,
): { left: ValueNode; right: ValueNode; timed: boolean } | undefined {
  const both = unify(a, b)
  if (typeof both === 'string')
    return fail(cx, node, `cannot compare: ${both}`, { expected: describe(a.type), found: describe(b.type) })
  if (!knowsCode(cx, node, both.left, both.right) || !knowsCode(cx, node, both.right, both.left))
    return undefined
  const why = whyNotComparable(op, both.left.type)
  if (why !== undefined) return fail(cx, node, why)
  const motion = apart(both.left.motion, both.right.motion)
  if (motion === 'unclear') {
    return fail(
      cx,
      node,
      'this comparison may turn more than once as days pass, so its next change cannot be told: compare today() or age() with something that stands still',
    )
  }
  if (motion !== 0) cx.timed = true
  return { ...both, timed: motion !== 0 }
}

/** A text compared with a code must be one of its values. */
function knowsCode(cx: Lowering, node: SyntaxNode, code: ValueNode, text: ValueNode): boolean {
  if (code.type.kind !== 'code' || text.op !== 'literal' || typeof text.value !== 'string') return true
  if (code.type.values.includes(text.value)) return true
  fail(
    cx,
    node,
    `there is no such value as "${text.value.slice(0, 60)}"${suggestion(text.value, code.type.values)}`,
    {
      expected: code.type.values.slice(0, 20).join(', '),
      found: text.value.slice(0, 60),
    },
  )
  return false
}

/** `x between a and b`, ends included. */
function between(
  cx: Lowering,
  node: SyntaxNode,
  subject: SyntaxNode,
  found: readonly SyntaxNode[],
): TruthNode | undefined {
  const [, , low, , high] = found
  if (!low || !high) return fail(cx, node, 'between is written: x between a and b')
  const of = cx.value(subject)
  const from = cx.value(low)
  const to = cx.value(high)
  if (!of || !from || !to) return undefined
  return within(cx, node, of, [
    [
      { op: '>=', to: from },
      { op: '<=', to },
    ],
  ])
}

export type RawTest = readonly { readonly op: CompareOp; readonly to: ValueNode }[]

/** `x in 1`, `x in (1, 2)`, `x in ["a", "b"]`, `x in [1..5)`, `x in (< 3, > 7)`. */
function membership(
  cx: Lowering,
  node: SyntaxNode,
  subject: SyntaxNode,
  given: readonly SyntaxNode[],
): TruthNode | undefined {
  const of = cx.value(subject)
  const tests: RawTest[] = []
  for (const one of alternatives(given)) {
    const test = unaryTest(cx, one)
    if (!test) return undefined
    tests.push(test)
  }
  if (tests.length === 0) return fail(cx, node, 'in needs at least one value or range')
  return of && within(cx, node, of, tests)
}

/** The single tests among the many ways to write them together. */
export function alternatives(given: readonly SyntaxNode[]): SyntaxNode[] {
  const found: SyntaxNode[] = []
  const open = [...given].reverse()
  while (open.length > 0) {
    const node = open.pop()!
    const grouped = [
      'PositiveUnaryTests',
      'PositiveUnaryTest',
      'List',
      'ParenthesizedExpression',
      'SimplePositiveUnaryTest',
    ]
    const is_range = node.name === 'SimplePositiveUnaryTest' && parts(node)[0]?.name !== 'Interval'
    if (grouped.includes(node.name) && !is_range)
      open.push(
        ...parts(node)
          .filter((part) => !brackets.has(part.name))
          .reverse(),
      )
    else if (!brackets.has(node.name)) found.push(node)
  }
  return found
}

/** The grammar reads `x in [1..2] and y` as a test `[1..2] and y`; to guess the meant grouping could change the law. */
const junctions = new Set(['Conjunction', 'Disjunction', 'Comparison'])

const brackets = new Set(['(', ')', '[', ']', ','])

/** One test of a value: a range, a comparison, or the value itself. */
export function unaryTest(cx: Lowering, node: SyntaxNode): RawTest | undefined {
  const found = parts(node)
  const swallowed = [node, ...found].find((part) => junctions.has(part.name))
  if (swallowed) {
    return fail(
      cx,
      swallowed,
      'in takes everything to its right: put parentheses around the test, (x in …) and …',
    )
  }
  if (node.name === 'Interval') {
    const [open, low, , high, close] = found
    const from = low && cx.value(low)
    const to = high && cx.value(high)
    if (!from || !to || !open || !close) return undefined
    return [
      { op: open.name === '[' ? '>=' : '>', to: from },
      { op: close.name === ']' ? '<=' : '<', to },
    ]
  }
  if (node.name === 'SimplePositiveUnaryTest') {
    const [by, end] = found
    const op = by && textOf(cx, by)
    const to = end && cx.value(end)
    if (!to || op === undefined) return undefined
    return isOperator(op) ? [{ op, to }] : fail(cx, node, `${op} is no comparison of this language`)
  }
  const to = cx.value(node)
  return to && [{ op: '=', to }]
}

/** A value against tests, any of which may hold. */
export function within(
  cx: Lowering,
  node: SyntaxNode,
  of: ValueNode,
  raw: readonly RawTest[],
): TruthNode | undefined {
  const tests: RangeTest[] = []
  // Bringing the legs to one scale may scale the subject too; all legs must then see the same subject.
  let subject = of
  for (const { to } of raw.flat()) {
    const both = unify(subject, to)
    if (typeof both === 'string')
      return fail(cx, node, `cannot compare: ${both}`, {
        expected: describe(of.type),
        found: describe(to.type),
      })
    subject = both.left
  }
  for (const test of raw) {
    const legs: { op: CompareOp; to: ValueNode; timed: boolean }[] = []
    for (const { op, to } of test) {
      const made = leg(cx, node, op, subject, to)
      if (!made) return undefined
      legs.push({ op, to: made.right, timed: made.timed })
    }
    tests.push(legs)
  }
  return { op: 'within', of: subject, tests }
}
