/** Walking lists in closed expressions: filters, `for`, `some` and `every`. All end, for all lists are finite. */
import { absent } from '../evaluator/values.ts'
import { parts, type SyntaxNode } from '../language/parse.ts'
import {
  type Binding,
  bind,
  type Checked,
  type Cx,
  condition,
  made,
  nameAt,
  operands,
  Rejected,
  type Run,
  step,
  within,
} from './check.ts'
import { type Fraction, fraction } from './fraction.ts'
import { placeOf } from './functions/lists.ts'
import type { DateValue } from './moments.ts'
import { Refused } from './refusal.ts'
import { fieldsOf, read } from './structures.ts'
import {
  boolean,
  describeType,
  type FeelType,
  itemOf,
  listOf,
  nothing,
  optional,
  unifyTypes,
} from './types.ts'
import { type FeelValue, isContext, isList } from './values.ts'

/** `list[3]`, `list[-1]`, `list[item > 2]`; what is no list is a list of one. */
export function filter(cx: Cx, node: SyntaxNode): Checked {
  const [base, test] = operands(node)
  if (!base || !test) throw new Rejected(node, 'syntax', 'a filter holds one condition or one position')
  const of = cx.check(base)
  const item = itemOf(of.type)
  const whole = bind(cx, item)
  // Names inside mean the item's own first; `item` is the item, unless it has a name of its own like that.
  const names = new Map<string, Binding>([['item', whole]])
  if (item.kind === 'context')
    for (const [name, type] of fieldsOf(item))
      names.set(name, bind(cx, item.optional ? optional(type) : type))
  const by = within(cx, names, () => cx.check(test))
  const asList = (value: FeelValue): readonly FeelValue[] =>
    value === absent ? [] : isList(value) ? value : [value]
  if (by.type.kind === 'number') {
    return made(node, optional(item), [of, by], (env) => {
      const list = asList(of.run(env))
      const position = by.run(env)
      const place = position === absent ? undefined : placeOf(position as Fraction, list.length)
      return place === undefined ? absent : list[place]!
    })
  }
  if (by.type.kind !== 'boolean')
    throw new Rejected(test, 'argument-type', 'a filter is a condition or a position', {
      expected: 'a condition or a number',
      found: describeType(by.type),
    })
  return made(node, listOf(item), [of, { ...by, constant: undefined }], (env) =>
    asList(of.run(env)).filter((value) => {
      step(env)
      env.values[whole.place] = value
      for (const [name, { place }] of names) {
        if (place !== whole.place) env.values[place] = isContext(value) ? read(value, name) : absent
      }
      return by.run(env) === true
    }),
  )
}

type Source = {
  readonly type: FeelType
  readonly items: (env: Parameters<Run>[0]) => readonly FeelValue[]
  readonly checked: readonly Checked[]
}
type Step = { readonly binding: Binding; readonly source: Source }

/** What a name goes over: a list, or whole numbers or dates from one to another, forwards or backwards. */
function sourceOf(cx: Cx, context: SyntaxNode): Source {
  const given = operands(context).filter((part) => part.name !== '..')
  const [first, last] = given.map(cx.check)
  if (!first) throw new Rejected(context, 'syntax', 'a list is missing here')
  if (!last) {
    if (first.type.kind !== 'list')
      throw new Rejected(context, 'iteration', 'only a list can be gone over, or a..b', {
        expected: 'a list',
        found: describeType(first.type),
      })
    return {
      type: first.type.of,
      items: (env) => {
        const list = first.run(env)
        return isList(list) ? list : []
      },
      checked: [first],
    }
  }
  const kind = first.type.kind
  if (kind !== last.type.kind || (kind !== 'number' && kind !== 'date'))
    throw new Rejected(context, 'iteration', 'a..b goes over whole numbers or over dates', {
      expected: 'two numbers or two dates',
      found: `${describeType(first.type)}, ${describeType(last.type)}`,
    })
  return {
    type: { kind },
    items: (env) => counted(env, first.run(env), last.run(env)),
    checked: [first, last],
  }
}

function counted(env: Parameters<Run>[0], a: FeelValue, b: FeelValue): FeelValue[] {
  if (a === absent || b === absent) return []
  const is_date = 'kind' in (a as object)
  const [from, to] = is_date
    ? [BigInt((a as DateValue).day), BigInt((b as DateValue).day)]
    : [wholeNumber(a as Fraction), wholeNumber(b as Fraction)]
  const way = from <= to ? 1n : -1n
  const items: FeelValue[] = []
  for (let at = from; way > 0n ? at <= to : at >= to; at += way) {
    step(env)
    items.push(is_date ? { kind: 'date', day: Number(at) } : fraction(at))
  }
  return items
}

function wholeNumber(n: Fraction): bigint {
  if (n.under !== 1n) throw new Refused('iteration', 'a..b goes over whole numbers')
  return n.over
}

/** The iterators of a `for` or a quantifier, each seeing the names before it. */
function stepsOf<T>(cx: Cx, node: SyntaxNode, body: (steps: readonly Step[]) => T): T {
  const iterators = parts(node).find((part) => part.name === 'InExpressions')
  const names = new Map<string, Binding>()
  return within(cx, names, () => {
    const steps = operands(iterators!).map((each): Step => {
      const [named, , context] = parts(each)
      if (!named || !context) throw new Rejected(each, 'syntax', 'a name goes over a list: x in list')
      const source = sourceOf(cx, context)
      const binding = bind(cx, source.type)
      names.set(nameAt(cx, named), binding)
      return { binding, source }
    })
    return body(steps)
  })
}

function visit(env: Parameters<Run>[0], steps: readonly Step[], at: number, each: () => void): void {
  const one = steps[at]
  if (!one) return each()
  for (const item of one.source.items(env)) {
    step(env)
    env.values[one.binding.place] = item
    visit(env, steps, at + 1, each)
  }
}

/** `for x in list return f(x)`; `partial` is what has been made so far. */
export function loop(cx: Cx, node: SyntaxNode): Checked {
  const body = parts(node).at(-1)!
  return stepsOf(cx, node, (steps) => {
    const partial = cx.places++
    const withPartial = (type: FeelType): Checked =>
      within(cx, new Map([['partial', { type: listOf(type), place: partial }]]), () => cx.check(body))
    // The type of what is made so far is that of the body, which may itself read it: found in two passes.
    const guess = withPartial(nothing)
    const result = withPartial(guess.type)
    const type = unifyTypes(guess.type, result.type)
    if (!type) throw new Rejected(body, 'types-differ', 'the results of a for are of one type')
    return made(node, listOf(type), dependencies(steps, result), (env) => {
      const results: FeelValue[] = []
      visit(env, steps, 0, () => {
        env.values[partial] = results
        results.push(result.run(env))
      })
      return results
    })
  })
}

/** A loop is never worked out before it is run: its body reads a name that moves. */
const dependencies = (steps: readonly Step[], body: Checked): readonly Checked[] => [
  ...steps.flatMap(({ source }) => source.checked),
  { ...body, constant: undefined },
]

export function quantified(cx: Cx, node: SyntaxNode): Checked {
  const is_some = parts(node)[0]!.name === 'some'
  const body = parts(node).at(-1)!
  return stepsOf(cx, node, (steps) => {
    const satisfies = condition(cx, body)
    return made(node, boolean, dependencies(steps, satisfies), (env) => {
      let result = !is_some
      visit(env, steps, 0, () => {
        const holds = satisfies.run(env) === true
        result = is_some ? result || holds : result && holds
      })
      return result
    })
  })
}
