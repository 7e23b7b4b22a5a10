/** Syntax tree to typed form: resolves every name, checks every type, and refuses what the language has not. */
import { comparison } from './comparisons.ts'
import { called, callOf, datePart, folded, one } from './functions.ts'
import type { TruthNode, ValueNode } from './ir.ts'
import { knowledgeOf } from './knowledge.ts'
import { listOf, quantifier, stateTest } from './lists.ts'
import { numberLiteral, textLiteral, timeLiteral } from './literals.ts'
import {
  atom,
  declared,
  depthMax,
  fail,
  fieldsOf,
  type Lowering,
  placeOf,
  readFact,
  readField,
  textOf,
  typed,
  visibleNames,
  wordOf,
} from './lowering.ts'
import { suggestion } from './names.ts'
import { type Mistake, parseExpression, parts, type SyntaxNode, unwrap } from './parse.ts'
import { isAlways } from './regions.ts'
import { addition, choice, describe, literal, numeral, product, signOf, typeOf } from './typing.ts'
import { isWorkingDay } from './workdays.ts'

/** A fresh lowering for one rule. Parameters are read by name; `paramNodes` holds their types. */
export function openLowering(
  about: Pick<Lowering, 'vocabulary' | 'paramNodes' | 'money_digits' | 'has_working_days'>,
): Lowering {
  const cx: Lowering = {
    ...about,
    facts: new Map(),
    params: [],
    atoms: [],
    atom_keys: new Map(),
    scopes: [],
    variables: 0,
    timed: false,
    text: '',
    where: '',
    places: new Map(),
    mistakes: [],
    depth: 0,
    is_inside_atom: false,
    first_read: undefined,
    atom_reads: new Set(),
    tests_unknown: false,
    value: (node) => deeper(cx, node, () => asValue(cx, node)),
    truth: (node) => deeper(cx, node, () => asTruth(cx, node)),
    list: (node) => deeper(cx, node, () => listOf(cx, node)),
  }
  return cx
}

/** Lowers one expression of the rule; mistakes come back with their offsets in this text. */
export const lowerExpression = <T>(
  cx: Lowering,
  text: string,
  read: (node: SyntaxNode) => T | undefined,
): { node: T | undefined; mistakes: readonly Mistake[] } => lowerWith(cx, text, parseExpression, read)

export type Parse = typeof parseExpression

/** The same, for a text that another part of the grammar reads. */
export function lowerWith<T>(
  cx: Lowering,
  text: string,
  parse: Parse,
  read: (node: SyntaxNode) => T | undefined,
): { node: T | undefined; mistakes: readonly Mistake[] } {
  cx.text = text
  cx.mistakes = []
  cx.depth = 0
  const parsed = parse(text)
  if ('mistakes' in parsed) return { node: undefined, mistakes: parsed.mistakes }
  const node = read(parsed.node)
  return { node: cx.mistakes.length === 0 ? node : undefined, mistakes: cx.mistakes }
}

function deeper<T>(cx: Lowering, node: SyntaxNode, read: () => T | undefined): T | undefined {
  if (cx.depth >= depthMax)
    return fail(cx, node, `the expression is nested more than ${depthMax} levels deep`)
  cx.depth++
  const result = read()
  cx.depth--
  return result
}

const conditions = new Set(['Conjunction', 'Disjunction', 'Comparison', 'QuantifiedExpression'])

function asTruth(cx: Lowering, wrapped: SyntaxNode): TruthNode | undefined {
  const node = unwrap(wrapped)
  switch (node.name) {
    case 'Conjunction':
    case 'Disjunction':
      return junction(cx, node)
    case 'Comparison':
      return comparison(cx, node)
    case 'QuantifiedExpression':
      return quantifier(cx, node)
    case 'BooleanLiteral':
      return { op: 'constant', value: textOf(cx, node) === 'true' }
    case 'IfExpression':
      return either(cx, node)
    case 'FunctionInvocation': {
      const call = callOf(cx, node)
      if (!call) return undefined
      if (call.name === 'not') {
        const of = one(cx, node, call)
        const inner = of && cx.truth(of)
        return inner && { op: 'not', of: inner }
      }
      if (call.name === 'is working day') return atom(cx, node, () => isWorkingDay(cx, node, call.given))
      if (call.name === 'absent' || call.name === 'present' || call.name === 'unknown') {
        const of = one(cx, node, call)
        return of && stateTest(cx, node, call.name, of)
      }
    }
  }
  return atom(cx, node, () => {
    const of = asValue(cx, node)
    if (!of) return undefined
    if (of.type.kind === 'boolean') return { op: 'holds', of }
    return fail(cx, node, 'a condition is expected here', {
      expected: 'a condition',
      found: describe(of.type),
    })
  })
}

/** `and` and `or` of any length: the left spine is walked in a loop, so that length costs no depth. */
function junction(cx: Lowering, node: SyntaxNode): TruthNode | undefined {
  const sides: SyntaxNode[] = []
  let inner = node
  while (inner.name === node.name) {
    const [left, , right] = parts(inner)
    if (!left || !right) return fail(cx, inner, 'a condition is missing')
    sides.unshift(right)
    inner = left
  }
  sides.unshift(inner)
  const of: TruthNode[] = []
  let is_whole = true
  for (const side of sides) {
    const truth = cx.truth(side)
    if (truth) of.push(truth)
    else is_whole = false
  }
  return is_whole ? settled(cx, { op: node.name === 'Conjunction' ? 'and' : 'or', of }) : undefined
}

/**
 * `x > 5 and x < 3` is false and `absent(x) or present(x)` true whatever x is, unknown included: strong Kleene truth
 * alone would not see it. The parts stay, so that the trace shows them; a constant beside them says the rest.
 */
function settled(cx: Lowering, node: Extract<TruthNode, { op: 'and' | 'or' }>): TruthNode {
  const constant = node.op === 'or'
  if (!isAlways(node, constant, knowledgeOf(cx))) return node
  return { ...node, of: [...node.of, { op: 'constant', value: constant }] }
}

function either(cx: Lowering, node: SyntaxNode): TruthNode | undefined {
  const [, condition, , yes, , no] = parts(node)
  if (!condition || !yes || !no) return fail(cx, node, 'an if has a then and an else')
  const when = cx.truth(condition)
  const left = cx.truth(yes)
  const right = cx.truth(no)
  return when && left && right && { op: 'either', when, yes: left, no: right }
}

function asValue(cx: Lowering, wrapped: SyntaxNode): ValueNode | undefined {
  const node = unwrap(wrapped)
  switch (node.name) {
    case 'NumericLiteral':
      return numberLiteral(cx, node)
    case 'StringLiteral':
      return textLiteral(cx, node)
    case 'BooleanLiteral':
      return literal({ kind: 'boolean' }, textOf(cx, node) === 'true' ? 2 : 0)
    case 'DateTimeLiteral':
      return timeOf(cx, node)
    case 'ArithmeticExpression':
      return arithmetic(cx, node)
    case 'IfExpression':
      return chosen(cx, node)
    case 'VariableName':
      return named(cx, node)
    case 'PathExpression':
      return path(cx, node)
    case 'FunctionInvocation':
      return called(cx, node)
    case 'FilterExpression':
      return fail(cx, node, 'a list cannot stand for a value: use count, sum, min, max, some or every')
  }
  if (conditions.has(node.name)) {
    return fail(cx, node, 'a condition cannot stand for a value', {
      expected: 'a value',
      found: 'a condition',
    })
  }
  const what =
    node.name === 'null'
      ? 'null is not part of the language: write absent(x) or unknown(x)'
      : `${node.name} is not part of the language`
  return fail(cx, node, what, { found: textOf(cx, node).slice(0, 60) })
}

/** A text written out is read as a literal; what is made of parts, `date(2026, 11, 23)`, is worked out. */
function timeOf(cx: Lowering, node: SyntaxNode): ValueNode | undefined {
  const [head, , given] = parts(node)
  const inner = given ? parts(given) : []
  const is_text = head?.name === 'AtLiteral' || (inner.length === 1 && inner[0]!.name === 'StringLiteral')
  return (is_text ? undefined : folded(cx, node)) ?? timeLiteral(cx, node)
}

/** Chains of + - * nest to the left: a loop again. */
function arithmetic(cx: Lowering, node: SyntaxNode): ValueNode | undefined {
  const steps: { node: SyntaxNode; sign: string; right: SyntaxNode }[] = []
  let inner = node
  for (;;) {
    const [left, sign, right] = parts(inner)
    if (left?.name === 'ArithOp') {
      const negated = negation(cx, inner, left, sign)
      return fold(cx, negated, steps)
    }
    if (!left || !sign || !right) return fail(cx, inner, 'an operand is missing')
    if (steps.length >= depthMax) return fail(cx, node, `the sum has more than ${depthMax} operands`)
    steps.unshift({ node: inner, sign: textOf(cx, sign), right })
    if (left.name !== 'ArithmeticExpression') return fold(cx, cx.value(left), steps)
    inner = left
  }
}

function fold(
  cx: Lowering,
  first: ValueNode | undefined,
  steps: readonly { node: SyntaxNode; sign: string; right: SyntaxNode }[],
): ValueNode | undefined {
  let value = first
  for (const { node, sign, right } of steps) {
    const operand = cx.value(right)
    if (!value || !operand) {
      value = undefined
      continue
    }
    if (sign === '/')
      return fail(
        cx,
        node,
        'a ratio is never computed: it may stand only as one whole side of a comparison, a / b < c',
      )
    if (sign === '+' || sign === '-')
      value = typed(cx, node, addition(sign === '+' ? 'add' : 'subtract', value, operand))
    else if (sign === '*') value = typed(cx, node, product(value, operand))
    else return fail(cx, node, `${sign} is not part of the language`)
  }
  return value
}

function negation(
  cx: Lowering,
  node: SyntaxNode,
  sign: SyntaxNode,
  of: SyntaxNode | undefined,
): ValueNode | undefined {
  if (textOf(cx, sign) !== '-' || !of) return fail(cx, node, 'only - may stand before a value')
  const value = cx.value(of)
  return value && typed(cx, node, product(numeral(-1n, 0), value))
}

function chosen(cx: Lowering, node: SyntaxNode): ValueNode | undefined {
  const [, condition, , yes, , no] = parts(node)
  if (!condition || !yes || !no) return fail(cx, node, 'an if has a then and an else')
  const when = cx.truth(condition)
  const left = cx.value(yes)
  const right = cx.value(no)
  if (!when || !left || !right) return undefined
  cx.places.set(when, placeOf(cx, 'if', condition))
  return typed(cx, node, choice(when, left, right))
}

/** A bare name: an item's field inside a filter, else a predicate. */
function named(cx: Lowering, node: SyntaxNode): ValueNode | undefined {
  const name = wordOf(cx, node)
  if (name === undefined) return undefined
  for (let at = cx.scopes.length - 1; at >= 0; at--) {
    const scope = cx.scopes[at]!
    if (scope.name === name || (scope.name === undefined && name === 'item')) {
      const first = Object.keys(fieldsOf(cx, scope.predicate))[0] ?? 'field'
      return fail(cx, node, `say which field of the item: ${name}.${first}`)
    }
    if (scope.name === undefined && Object.hasOwn(fieldsOf(cx, scope.predicate), name))
      return readField(cx, node, scope, name)
  }
  const predicate = declared(cx, name)
  if (!predicate) {
    return fail(cx, node, `there is no name ${name}${suggestion(name, visibleNames(cx))}`, {
      expected: 'a predicate of the vocabulary',
      found: name,
    })
  }
  if (predicate.type.kind === 'list')
    return fail(cx, node, `${name} is a list: use count, sum, min, max, some or every`)
  const type = typeOf(predicate.type)
  if (!type)
    return fail(cx, node, `a fact of type ${predicate.type.kind} must declare its unit`, {
      expected: 'days or months',
    })
  return { ...literal(type, 0), sign: signOf(predicate.type), op: 'fact', slot: readFact(cx, name) }
}

/** `params.p`, `c.birth_date`, `item.field`. */
function path(cx: Lowering, node: SyntaxNode): ValueNode | undefined {
  const [of, , last] = parts(node)
  const base = of && unwrap(of)
  const part = base && last && datePart(cx, node, base, textOf(cx, last))
  if (part) return part.value
  if (!base || !last || base.name !== 'VariableName')
    return fail(cx, node, 'a dot stands between params or a list item and a name', {
      found: textOf(cx, node).slice(0, 60),
    })
  const owner = wordOf(cx, base)
  const field = wordOf(cx, last)
  if (owner === undefined || field === undefined) return undefined
  if (owner === 'params') return param(cx, last, field)
  for (let at = cx.scopes.length - 1; at >= 0; at--) {
    const scope = cx.scopes[at]!
    if (scope.name === owner || (scope.name === undefined && owner === 'item'))
      return readField(cx, last, scope, field)
  }
  if (declared(cx, owner)?.type.kind === 'list')
    return fail(cx, node, `${owner} is a list: use count, sum, min, max, some or every`)
  const names = [
    ...cx.scopes.flatMap((scope) => (scope.name === undefined ? ['item'] : [scope.name])),
    'params',
  ]
  return fail(cx, base, `${owner} has no fields here${suggestion(owner, names)}`, {
    expected: names.join(', '),
    found: owner,
  })
}

function param(cx: Lowering, node: SyntaxNode, name: string): ValueNode | undefined {
  if (!cx.paramNodes.has(name)) {
    return fail(cx, node, `there is no parameter ${name}${suggestion(name, cx.paramNodes.keys())}`, {
      expected: [...cx.paramNodes.keys()].join(', ') || 'no parameters are declared',
      found: name,
    })
  }
  let slot = cx.params.indexOf(name)
  if (slot < 0) slot = cx.params.push(name) - 1
  const known = cx.paramNodes.get(name)
  // A wrong declaration is reported once, at the parameter; here it only ends the expression.
  return known
    ? { ...known, op: 'param', slot }
    : fail(cx, node, `the parameter ${name} is not declared well`)
}
