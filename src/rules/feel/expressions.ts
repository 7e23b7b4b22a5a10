/** Checking of every kind of closed expression, by the name the grammar gives it. */
import { absent } from '../evaluator/values.ts'
import { unquoted } from '../language/literals.ts'
import { closest } from '../language/names.ts'
import { parts, type SyntaxNode } from '../language/parse.ts'
import { arithmetic } from './arithmetic.ts'
import { call } from './calls.ts'
import {
  type Checked,
  type Cx,
  condition,
  constant,
  made,
  nameAt,
  operands,
  Rejected,
  textAt,
} from './check.ts'
import { comparison, intervalOf, unaryRange } from './compare.ts'
import { fractionFrom } from './fraction.ts'
import { filter, loop, quantified } from './loops.ts'
import { readDate, readMoment, readSpan, readTime } from './moments.ts'
import { contextLiteral, listLiteral, pathOf } from './structures.ts'
import { boolean, describeType, nothing, number, optional, string, unifyTypes } from './types.ts'

const depthMax = 64

/** Checks one expression. @throws Rejected at the first place that is outside the language. */
export function checkExpression(cx: Cx, node: SyntaxNode): Checked {
  if (cx.depth >= depthMax)
    throw new Rejected(node, 'limit', `the expression is nested more than ${depthMax} levels deep`)
  cx.depth++
  try {
    return checkNode(cx, node)
  } finally {
    cx.depth--
  }
}

function checkNode(cx: Cx, node: SyntaxNode): Checked {
  switch (node.name) {
    case 'ParenthesizedExpression':
      return cx.check(operands(node)[0]!)
    case 'NumericLiteral':
    case 'StringLiteral':
    case 'BooleanLiteral':
    case 'null':
      return scalarLiteral(cx, node)
    case 'DateTimeLiteral':
      return parts(node)[0]?.name === 'AtLiteral' ? atLiteral(cx, node) : call(cx, node)
    case 'FunctionInvocation':
      return call(cx, node)
    case 'VariableName':
      return variable(cx, node)
    case 'ArithmeticExpression':
      return arithmetic(cx, node)
    case 'Comparison':
      return comparison(cx, node)
    case 'Conjunction':
    case 'Disjunction':
      return junction(cx, node)
    case 'IfExpression':
      return choice(cx, node)
    case 'QuantifiedExpression':
      return quantified(cx, node)
    case 'ForExpression':
      return loop(cx, node)
    case 'FilterExpression':
      return filter(cx, node)
    case 'PathExpression':
      return pathOf(cx, node)
    case 'List':
      return listLiteral(cx, node)
    case 'Context':
      return contextLiteral(cx, node)
    case 'Interval':
      return intervalOf(cx, node)
    case 'SimplePositiveUnaryTest':
      return unaryRange(cx, node)
    case 'InstanceOfExpression':
      return instanceOf(cx, node)
    case 'FunctionDefinition':
      throw new Rejected(node, 'function-value', 'functions cannot be defined, nor handed on as values')
  }
  throw new Rejected(node, 'syntax', `${node.name} is not part of the language`)
}

function scalarLiteral(cx: Cx, node: SyntaxNode): Checked {
  const text = textAt(cx, node)
  if (node.name === 'BooleanLiteral') return constant(boolean, text === 'true')
  if (node.name === 'null') {
    if (cx.is_data) return constant(optional(nothing), absent)
    throw new Rejected(node, 'null', 'null is not part of the language: what is not there is absent', {
      found: 'null',
    })
  }
  if (node.name === 'StringLiteral') {
    const value = unquoted(text)
    if (value === undefined)
      throw new Rejected(
        node,
        'literal',
        'a text is written in double quotes, on one line, with at most 500 characters',
      )
    return constant(string, value)
  }
  const value = fractionFrom(text.replace(/\s+/g, ''))
  if (value === undefined)
    throw new Rejected(node, 'literal', 'this is no number', { found: text.slice(0, 40) })
  return constant(number, value)
}

function atLiteral(cx: Cx, node: SyntaxNode): Checked {
  const inner = parts(parts(node)[0]!)[0]
  const text = inner && unquoted(textAt(cx, inner))
  const value =
    text === undefined
      ? undefined
      : (readDate(text) ??
        readTime(text) ??
        (text.includes('T') ? readMoment(text) : undefined) ??
        readSpan(text))
  if (value === undefined)
    throw new Rejected(node, 'literal', 'this is no date, no time and no duration', {
      found: (text ?? '').slice(0, 40),
    })
  return constant({ kind: value.kind }, value)
}

function variable(cx: Cx, node: SyntaxNode): Checked {
  const name = nameAt(cx, node)
  for (let at = cx.scopes.length - 1; at >= 0; at--) {
    const found = cx.scopes[at]!.get(name)
    if (!found) continue
    const { place, type } = found
    if (at === 0 && type.kind === 'nothing')
      throw new Rejected(node, 'null', `the value of ${name} is null, which has no type`)
    return { type, run: (env) => env.values[place]!, constant: undefined }
  }
  const near = closest(
    name,
    cx.scopes.flatMap((scope) => [...scope.keys()]),
  )
  throw new Rejected(
    node,
    'unknown-name',
    `there is no name ${name.slice(0, 60)}${near === undefined ? '' : `; did you mean ${near}?`}`,
    { found: name.slice(0, 60) },
  )
}

/** `and`, `or`: what is absent does not hold. */
function junction(cx: Cx, node: SyntaxNode): Checked {
  const sides: SyntaxNode[] = []
  let inner = node
  while (inner.name === node.name) {
    const [left, , right] = parts(inner)
    sides.unshift(right!)
    inner = left!
  }
  sides.unshift(inner)
  const all = sides.map((side) => condition(cx, side))
  const is_and = node.name === 'Conjunction'
  return made(node, boolean, all, (env) => {
    let result = is_and
    for (const one of all) {
      const holds = one.run(env) === true
      result = is_and ? result && holds : result || holds
    }
    return result
  })
}

function choice(cx: Cx, node: SyntaxNode): Checked {
  const [, test, , yes, , no] = parts(node)
  if (!test || !yes || !no) throw new Rejected(node, 'syntax', 'an if has a then and an else')
  const when = condition(cx, test)
  const [left, right] = [cx.check(yes), cx.check(no)]
  const type = unifyTypes(left.type, right.type)
  if (!type)
    throw new Rejected(node, 'types-differ', 'the two branches are of different types', {
      expected: describeType(left.type),
      found: describeType(right.type),
    })
  return made(node, type, [when, left, right], (env) =>
    when.run(env) === true ? left.run(env) : right.run(env),
  )
}

const typeNames: { readonly [name: string]: string } = {
  'date and time': 'date-time',
  'days and time duration': 'span',
  'years and months duration': 'months',
}

/** Types are static, so the answer is known before anything runs. */
function instanceOf(cx: Cx, node: SyntaxNode): Checked {
  const [of, , , named] = parts(node)
  if (!of || !named) throw new Rejected(node, 'syntax', 'instance of names a type')
  const checked = cx.check(of)
  const name = nameAt(cx, named)
  const kind = Object.hasOwn(typeNames, name) ? typeNames[name] : name
  const known = [
    'number',
    'string',
    'boolean',
    'date',
    'time',
    'date-time',
    'span',
    'months',
    'list',
    'context',
  ]
  if (!known.includes(kind!))
    throw new Rejected(named, 'unknown-name', `there is no type ${name.slice(0, 60)} here`)
  if (checked.type.optional)
    throw new Rejected(
      node,
      'no-meaning',
      'whether it is there is not a matter of its type: it may be absent',
    )
  return constant(boolean, checked.type.kind === kind)
}
