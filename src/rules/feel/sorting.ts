/** `sort(list, function(x, y) x.age < y.age)`: the one place where a function is written, and it is no value. */
import { parts, type SyntaxNode } from '../language/parse.ts'
import {
  bind,
  type Checked,
  type Cx,
  condition,
  made,
  nameAt,
  operands,
  Rejected,
  step,
  within,
} from './check.ts'
import { describeType, itemOf } from './types.ts'
import { isList } from './values.ts'

type Given = { readonly name: string | undefined; readonly node: SyntaxNode }

export function sortBy(cx: Cx, node: SyntaxNode, given: readonly Given[]): Checked {
  const [first, second] = given as readonly [Given, Given]
  const list = cx.check(first.node)
  if (list.type.kind !== 'list')
    throw new Rejected(first.node, 'argument-type', 'sort() takes a list', {
      expected: 'a list',
      found: describeType(list.type),
    })
  if (second.node.name !== 'FunctionDefinition')
    throw new Rejected(
      second.node,
      'function-value',
      'say in place what comes before what: function(x, y) x < y',
    )
  const formal = parts(second.node).find((part) => part.name === 'FormalParameters')
  const names = formal ? operands(formal).map((one) => nameAt(cx, operands(one)[0]!)) : []
  const body = parts(second.node).find((part) => part.name === 'FunctionBody')
  if (names.length !== 2 || names[0] === names[1] || !body)
    throw new Rejected(
      second.node,
      'arguments',
      'what comes before what is said of two items: function(x, y) …',
    )
  const item = itemOf(list.type)
  const [x, y] = [bind(cx, item), bind(cx, item)]
  const scope = new Map([
    [names[0]!, x],
    [names[1]!, y],
  ])
  const before = within(cx, scope, () => condition(cx, operands(body)[0]!))
  const from = [list, { ...before, constant: undefined }]
  return made(node, list.type, from, (env) => {
    const values = list.run(env)
    if (!isList(values)) return values
    const precedes = (a: (typeof values)[number], b: (typeof values)[number]): boolean => {
      step(env)
      env.values[x.place] = a
      env.values[y.place] = b
      return before.run(env) === true
    }
    return [...values].sort((a, b) => (precedes(a, b) ? -1 : precedes(b, a) ? 1 : 0))
  })
}
