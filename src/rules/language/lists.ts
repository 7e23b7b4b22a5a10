/** Lists: filters, quantifiers and aggregates over the items of a many-valued predicate. */
import type { ListNode, StateTest, TruthNode, ValueNode } from './ir.ts'
import {
  atom,
  declared,
  fail,
  fieldsOf,
  inScope,
  type Lowering,
  readFact,
  readField,
  type Scope,
  textOf,
  typed,
  visibleNames,
  wordOf,
} from './lowering.ts'
import { suggestion } from './names.ts'
import { parts, type SyntaxNode, unwrap } from './parse.ts'
import { aggregate, count } from './typing.ts'

type ListReading = ReturnType<Lowering['list']>

/** A list: `children`, `children[p]`, `children[p][q]`. */
export function listOf(cx: Lowering, wrapped: SyntaxNode): ListReading {
  const node = unwrap(wrapped)
  if (node.name === 'FilterExpression') return filtered(cx, node)
  if (node.name !== 'VariableName')
    return fail(cx, node, 'a list is expected here', {
      expected: 'a list predicate, or one with a filter',
      found: textOf(cx, node).slice(0, 60),
    })
  const name = wordOf(cx, node)
  if (name === undefined) return undefined
  const predicate = declared(cx, name)
  if (!predicate) return fail(cx, node, `there is no list ${name}${suggestion(name, visibleNames(cx))}`)
  if (predicate.type.kind !== 'list')
    return fail(cx, node, `${name} is not a list`, { expected: 'a list', found: predicate.type.kind })
  const slot = readFact(cx, name)
  const variable = cx.variables++
  const scope: Scope = { name: undefined, slot, variable, predicate: name }
  return { list: { slot, variable, filters: [] }, predicate: name, scope }
}

function filtered(cx: Lowering, node: SyntaxNode): ListReading {
  // A chain of filters nests to the left; it is taken apart in a loop so that its length costs no depth.
  const conditions: SyntaxNode[] = []
  let inner = node
  while (inner.name === 'FilterExpression') {
    const [of, , condition] = parts(inner)
    if (of === undefined || condition === undefined || condition.name === ']')
      return fail(cx, inner, 'a filter holds one condition')
    conditions.unshift(condition)
    inner = unwrap(of)
  }
  const reading = listOf(cx, inner)
  if (!reading) return undefined
  const filters: TruthNode[] = []
  for (const condition of conditions) {
    if (unwrap(condition).name === 'NumericLiteral')
      return fail(
        cx,
        condition,
        'items are chosen by a condition, never by position: the order of a list has no meaning',
      )
    const filter = inScope(cx, reading.scope, () => cx.truth(condition))
    if (!filter) return undefined
    filters.push(filter)
  }
  const list: ListNode = { ...reading.list, filters: [...reading.list.filters, ...filters] }
  return { ...reading, list }
}

/** `some c in list satisfies p`, `every c in list satisfies p`: one atom, whatever it holds. */
export function quantifier(cx: Lowering, node: SyntaxNode): TruthNode | undefined {
  return atom(cx, node, () => {
    const [word, iterators, , body] = parts(node)
    const steps = iterators ? parts(iterators).filter((part) => part.name === 'InExpression') : []
    const [step] = steps
    if (!word || !step || !body)
      return fail(cx, node, 'a quantifier is written: some c in list satisfies condition')
    if (steps.length > 1)
      return fail(cx, iterators!, 'one list at a time: put the second quantifier inside the first')
    const [named, , over] = parts(step)
    const source = over && parts(over)
    if (!named || !source || source.length !== 1) return fail(cx, step, 'a quantifier goes over one list')
    const name = wordOf(cx, named)
    const reading = cx.list(source[0]!)
    if (name === undefined || !reading) return undefined
    if (!isFree(cx, named, name)) return undefined
    const satisfies = inScope(cx, { ...reading.scope, name }, () => cx.truth(body))
    return satisfies && { op: word.name === 'every' ? 'every' : 'some', list: reading.list, satisfies }
  })
}

/** A new name must hide nothing: a reader of the law would take it for the other thing. */
function isFree(cx: Lowering, node: SyntaxNode, name: string): boolean {
  const taken =
    declared(cx, name) !== undefined ||
    name === 'params' ||
    name === 'item' ||
    cx.scopes.some((scope) => scope.name === name)
  if (taken) fail(cx, node, `the name ${name} is taken: choose another`)
  return !taken
}

/** `count(list)`, `sum(list.field)`, `min(list.field)`, `max(list.field)`. */
export function aggregation(
  cx: Lowering,
  node: SyntaxNode,
  op: 'count' | 'sum' | 'min' | 'max',
  given: SyntaxNode,
): ValueNode | undefined {
  const inner = unwrap(given)
  if (op === 'count') {
    if (inner.name === 'PathExpression')
      return fail(cx, inner, 'count() takes the list itself, without a field')
    const reading = cx.list(inner)
    return reading && count(reading.list)
  }
  if (inner.name !== 'PathExpression')
    return fail(cx, inner, `${op}() takes one field of a list`, {
      expected: `${op}(list.field)`,
      found: textOf(cx, inner).slice(0, 60),
    })
  const [of, , path] = parts(inner)
  const reading = of && cx.list(of)
  if (!reading || !path) return undefined
  const field = wordOf(cx, path)
  const value = field === undefined ? undefined : readField(cx, path, reading.scope, field)
  return value && typed(cx, node, aggregate(op, reading.list, value))
}

/** `absent(x)`, `present(x)`, `unknown(x)` of a fact, an item's field, or a whole list. */
export function stateTest(
  cx: Lowering,
  node: SyntaxNode,
  test: StateTest,
  given: SyntaxNode,
): TruthNode | undefined {
  return atom(cx, node, () => {
    if (test === 'unknown') cx.tests_unknown = true
    const inner = unwrap(given)
    if (inner.name !== 'VariableName' && inner.name !== 'PathExpression') {
      return fail(cx, inner, `${test}() takes a fact, a field of an item, or a list`)
    }
    if (isListName(cx, inner)) {
      const reading = cx.list(inner)
      return reading && { op: 'list-state', test, slot: reading.list.slot, variable: reading.list.variable }
    }
    const of = cx.value(inner)
    if (of === undefined) return undefined
    if (of.op === 'fact' || of.op === 'field') return { op: 'state', test, of }
    return fail(cx, inner, `${test}() takes a fact, a field of an item, or a list`)
  })
}

/** A list predicate's name, unless a field in scope hides it. */
function isListName(cx: Lowering, node: SyntaxNode): boolean {
  if (node.name !== 'VariableName') return false
  const name = textOf(cx, node)
  if (
    cx.scopes.some((scope) => scope.name === undefined && Object.hasOwn(fieldsOf(cx, scope.predicate), name))
  )
    return false
  return declared(cx, name)?.type.kind === 'list'
}
