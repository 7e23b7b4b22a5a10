/** Comparisons of closed expressions: the six operators, `between`, `in`, and ranges as values. */
import { absent } from '../evaluator/values.ts'
import { parts, type SyntaxNode, unwrap } from '../language/parse.ts'
import { type Checked, type Cx, made, Rejected, textAt } from './check.ts'
import { boolean, describeType, type FeelType, isOrdered, sure, unifyTypes } from './types.ts'
import {
  compareValues,
  type FeelRange,
  type FeelValue,
  holds,
  isAlike,
  isEqual,
  isList,
  isRangeValue,
} from './values.ts'

const verdicts: { readonly [op: string]: (sign: number) => boolean } = {
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
}

/** With an absent operand every comparison is false, as in rules. */
export function comparison(cx: Cx, node: SyntaxNode): Checked {
  const found = parts(node)
  const [left, by, right] = found
  if (!left || !by) throw new Rejected(node, 'syntax', 'a comparison has two sides')
  if (by.name === 'in') return membership(cx, node, left, found.slice(2))
  if (by.name === 'between') return between(cx, node, left, found)
  if (!right) throw new Rejected(node, 'syntax', 'a comparison has two sides')
  return compared(node, textAt(cx, by), cx.check(left), cx.check(right))
}

function compared(node: SyntaxNode, op: string, a: Checked, b: Checked): Checked {
  mustUnify(node, a.type, b.type)
  if (op === '=' || op === '!=') {
    return made(node, boolean, [a, b], (env) => {
      const x = a.run(env)
      const y = b.run(env)
      return x !== absent && y !== absent && isEqual(x, y) === (op === '=')
    })
  }
  const verdict = Object.hasOwn(verdicts, op) ? verdicts[op] : undefined
  if (!verdict) throw new Rejected(node, 'syntax', `${op} is no comparison`)
  mustBeOrdered(node, a.type)
  mustBeOrdered(node, b.type)
  return made(node, boolean, [a, b], (env) => {
    const sign = compareValues(a.run(env), b.run(env))
    return sign !== undefined && verdict(sign)
  })
}

function mustUnify(node: SyntaxNode, a: FeelType, b: FeelType): FeelType {
  const both = unifyTypes(a, b)
  if (both) return both
  throw new Rejected(node, 'types-differ', `cannot compare ${describeType(a)} with ${describeType(b)}`, {
    expected: describeType(a),
    found: describeType(b),
  })
}

function mustBeOrdered(node: SyntaxNode, type: FeelType): void {
  if (!isOrdered(type)) throw new Rejected(node, 'no-meaning', `${describeType(type)} has no order`)
}

function between(cx: Cx, node: SyntaxNode, left: SyntaxNode, found: readonly SyntaxNode[]): Checked {
  const [, , low, , high] = found
  if (!low || !high) throw new Rejected(node, 'syntax', 'between is written: x between a and b')
  const all = [cx.check(left), cx.check(low), cx.check(high)] as const
  const [of, from, to] = all
  mustBeOrdered(node, mustUnify(node, mustUnify(node, of.type, from.type), to.type))
  return made(node, boolean, all, (env) => {
    const value = of.run(env)
    const [below, above] = [compareValues(from.run(env), value), compareValues(value, to.run(env))]
    return below !== undefined && above !== undefined && below <= 0 && above <= 0
  })
}

const wrappers = new Set(['PositiveUnaryTests', 'PositiveUnaryTest'])

/** `x in test`, `x in (test, test)`: each test a value, a list of values or ranges, a range, or `< 5`. */
function membership(cx: Cx, node: SyntaxNode, left: SyntaxNode, given: readonly SyntaxNode[]): Checked {
  const of = cx.check(left)
  const tests: Checked[] = []
  const open = [...given].reverse()
  while (open.length > 0) {
    const one = open.pop()!
    if (wrappers.has(one.name)) open.push(...parts(one).reverse())
    else if (one.name !== '(' && one.name !== ')' && one.name !== ',') tests.push(test(cx, one, of))
  }
  if (tests.length === 0) throw new Rejected(node, 'syntax', 'in needs at least one value or range')
  return made(node, boolean, [of, ...tests], (env) => {
    const value = of.run(env)
    return tests.map((one) => one.run(env) === true).some((passed) => passed) && value !== absent
  })
}

/** One test, as a condition on the subject: which of FEEL's meanings it has follows from the types. */
function test(cx: Cx, node: SyntaxNode, of: Checked): Checked {
  const bare = unwrap(node)
  if (bare.name === 'SimplePositiveUnaryTest') {
    const [by, end] = parts(bare)
    if (by?.name === 'CompareOp' && end) return compared(node, textAt(cx, by), of, cx.check(end))
  }
  const against = cx.check(node)
  const meaning = meaningOf(of.type, against.type)
  if (!meaning)
    throw new Rejected(
      node,
      'types-differ',
      `${describeType(of.type)} cannot be in ${describeType(against.type)}`,
      { expected: describeType(of.type), found: describeType(against.type) },
    )
  return made(node, boolean, [of, against], (env) => {
    const value = of.run(env)
    const found = against.run(env)
    return value !== absent && found !== absent && meaning(value, found)
  })
}

type Meaning = (value: FeelValue, against: FeelValue) => boolean
const inRange: Meaning = (value, against) => isRangeValue(against) && holds(against, value)

function meaningOf(of: FeelType, against: FeelType): Meaning | undefined {
  const one = sure(of)
  if (against.kind === 'range' && unifyTypes(one, against.of) && one.kind !== 'range') return inRange
  if (against.kind === 'list' && unifyTypes(one, against.of))
    return (value, list) => isList(list) && list.some((item) => isAlike(value, item))
  if (unifyTypes(one, sure(against))) return isEqual
  if (against.kind === 'list' && against.of.kind === 'range' && unifyTypes(one, against.of.of))
    return (value, list) => isList(list) && list.some((range) => inRange(value, range))
  return undefined
}

/** `[a..b]`, `(a..b)`, `]a..b[`. */
export function intervalOf(cx: Cx, node: SyntaxNode): Checked {
  const [open, low, , high, close] = parts(node)
  if (!open || !low || !high || !close) throw new Rejected(node, 'syntax', 'a range has two ends')
  const [from, to] = [cx.check(low), cx.check(high)]
  const of = mustUnify(node, from.type, to.type)
  mustBeOrdered(node, of)
  return made(node, { kind: 'range', of }, [from, to], (env) => ({
    kind: 'range',
    start: from.run(env),
    end: to.run(env),
    start_included: open.name === '[',
    end_included: close.name === ']',
  }))
}

/** `(< 5)` as a value: the range of everything below. A test of an interval alone is that interval. */
export function unaryRange(cx: Cx, node: SyntaxNode): Checked {
  const [by, end] = parts(node)
  if (by && !end) return cx.check(by)
  if (!by || !end) throw new Rejected(node, 'syntax', 'a value is missing here')
  const op = textAt(cx, by)
  const to = cx.check(end)
  if (op === '!=') throw new Rejected(node, 'no-meaning', 'everything but one value is no range')
  mustBeOrdered(node, to.type)
  return made(node, { kind: 'range', of: to.type }, [to], (env): FeelRange => {
    const at = to.run(env)
    const is_up = op.startsWith('>') || op === '='
    const is_down = op.startsWith('<') || op === '='
    const is_closed = op.endsWith('=')
    return {
      kind: 'range',
      start: is_up ? at : absent,
      end: is_down ? at : absent,
      start_included: is_up && is_closed,
      end_included: is_down && is_closed,
    }
  })
}
