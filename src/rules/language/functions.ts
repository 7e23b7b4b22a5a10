/** Calls in rules: the functions of facts, lists and time, and those of the common table that have a place here. */
import { formatDay } from '../evaluator/calendar.ts'
import { evaluateClosed } from '../feel/closed.ts'
import { decimalText } from '../feel/fraction.ts'
import { builtIns } from '../feel/functions/all.ts'
import { roundings } from '../feel/functions/numbers.ts'
import type { FeelValue } from '../feel/values.ts'
import { builtInCall, partCall } from './calls.ts'
import type { ValueNode } from './ir.ts'
import { aggregation } from './lists.ts'
import { parseDecimal } from './literals.ts'
import { declared, fail, fieldsOf, type Lowering, textOf, typed } from './lowering.ts'
import { suggestion } from './names.ts'
import { parts, type SyntaxNode, unwrap } from './parse.ts'
import { roundedTo } from './rounding.ts'
import { age, extremeOf, literal, numeral, today } from './typing.ts'
import { workingDay, workingDayNames, workingDays } from './workdays.ts'

export type Call = { readonly name: string; readonly given: readonly SyntaxNode[] }

export function callOf(cx: Lowering, node: SyntaxNode): Call | undefined {
  const [callee, ...rest] = parts(node)
  if (callee?.name !== 'VariableName' && callee?.name !== 'SpecialFunctionName')
    return fail(cx, node, 'only functions of the language can be called')
  const given = rest.find((part) => part.name === 'PositionalParameters')
  if (!given) return fail(cx, node, 'arguments are given by position, without names')
  const name = textOf(cx, callee).replace(/\s+/g, ' ')
  return { name, given: parts(given).filter((part) => part.name !== ',') }
}

export function one(cx: Lowering, node: SyntaxNode, call: Call): SyntaxNode | undefined {
  return call.given.length === 1
    ? call.given[0]
    : fail(cx, node, `${call.name}() takes one argument`, {
        expected: '1 argument',
        found: `${call.given.length}`,
      })
}

const conditions = ['not', 'absent', 'present', 'unknown']
const own = [...conditions, 'today', 'age', 'date', 'duration', ...workingDayNames]

/** The value of a call. */
export function called(cx: Lowering, node: SyntaxNode): ValueNode | undefined {
  const call = callOf(cx, node)
  if (!call) return undefined
  const { name, given } = call
  if (conditions.includes(name))
    return fail(cx, node, 'a condition cannot stand for a value', {
      expected: 'a value',
      found: 'a condition',
    })
  switch (name) {
    case 'today':
      return given.length === 0 ? today() : fail(cx, node, 'today() takes no argument')
    case 'age': {
      const only = one(cx, node, call)
      const of = only && cx.value(only)
      return of && typed(cx, node, age(of))
    }
    case 'min':
    case 'max':
      if (given.length > 1) return extremeOfGiven(cx, node, name, given)
      return folded(cx, node) ?? aggregationOf(cx, node, call, name)
    case 'count':
    case 'sum':
      return folded(cx, node) ?? aggregationOf(cx, node, call, name)
    case 'count working days':
      return workingDays(cx, node, given)
  }
  if (workingDayNames.includes(name)) return workingDay(cx, node, name, given)
  if (Object.hasOwn(roundings, name)) return roundedTo(cx, node, roundings[name]!, call)
  if (Object.hasOwn(builtIns, name)) return folded(cx, node) ?? builtInCall(cx, node, call)
  const near = suggestion(name, [...own, ...Object.keys(builtIns)])
  return fail(cx, node, `${name.slice(0, 60)}() is not part of the language${near}`)
}

function aggregationOf(
  cx: Lowering,
  node: SyntaxNode,
  call: Call,
  op: 'count' | 'sum' | 'min' | 'max',
): ValueNode | undefined {
  const only = one(cx, node, call)
  return only && aggregation(cx, node, op, only)
}

function extremeOfGiven(
  cx: Lowering,
  node: SyntaxNode,
  name: 'min' | 'max',
  given: readonly SyntaxNode[],
): ValueNode | undefined {
  const values: ValueNode[] = []
  for (const each of given) {
    const value = cx.value(each)
    if (!value) return undefined
    values.push(value)
  }
  return typed(cx, node, extremeOf(name === 'min' ? 'least' : 'greatest', values))
}

/** A call that reads nothing is worked out once, by the evaluator of closed expressions. */
export function folded(cx: Lowering, node: SyntaxNode): ValueNode | undefined {
  const found = evaluateClosed(textOf(cx, node))
  return found.ok ? literalOf(found.value) : undefined
}

function literalOf(value: FeelValue): ValueNode | undefined {
  if (typeof value === 'string') return literal({ kind: 'string' }, value)
  if (typeof value === 'boolean') return literal({ kind: 'boolean' }, value ? 2 : 0)
  if (typeof value !== 'object') return undefined
  if ('over' in value) {
    const number = parseDecimal(decimalText(value) ?? '')
    return number && numeral(number.value, number.scale)
  }
  if (!('kind' in value)) return undefined
  // Days and terms stay within what law can mean; beyond it the reader of literals says so.
  if (value.kind === 'date')
    return formatDay(value.day) === undefined ? undefined : literal({ kind: 'date' }, value.day)
  if (value.kind === 'months')
    return Math.abs(value.months) <= monthsMax ? literal({ kind: 'months' }, value.months) : undefined
  const day = 86_400_000_000_000n
  const days = value.kind === 'span' && value.nanos % day === 0n ? Number(value.nanos / day) : undefined
  return days !== undefined && Math.abs(days) <= daysMax ? literal({ kind: 'days' }, days) : undefined
}

const monthsMax = 12_000
const daysMax = 400_000

const dateParts = ['year', 'month', 'day', 'weekday']

/** `birth_date.year`; undefined when the path is none of a date, so that it may be another. */
export function datePart(
  cx: Lowering,
  node: SyntaxNode,
  base: SyntaxNode,
  part: string,
): { readonly value: ValueNode | undefined } | undefined {
  if (!dateParts.includes(part)) return undefined
  const inner = unwrap(base)
  const name = textOf(cx, inner)
  const is_field = cx.scopes.some(
    (scope) => scope.name === undefined && Object.hasOwn(fieldsOf(cx, scope.predicate), name),
  )
  const is_date = is_field || declared(cx, name)?.type.kind === 'date'
  if (!is_date && inner.name === 'VariableName') return undefined
  const of = cx.value(inner)
  return { value: of && partCall(cx, node, of, part) }
}
