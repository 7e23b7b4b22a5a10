/** Lists and contexts written out, and the way into them: `context.name`, `date.year`. */
import { absent } from '../evaluator/values.ts'
import { unquoted } from '../language/literals.ts'
import { closest } from '../language/names.ts'
import { parts, type SyntaxNode } from '../language/parse.ts'
import {
  type Binding,
  bind,
  type Checked,
  type Cx,
  made,
  nameAt,
  operands,
  Rejected,
  textAt,
  within,
} from './check.ts'
import { partOf, partsOfKind } from './functions/times.ts'
import { boolean, describeType, type FeelType, listOf, nothing, optional, unifyTypes } from './types.ts'
import { type FeelValue, isContext, isList, isRangeValue } from './values.ts'

const itemsMax = 1_000

export function listLiteral(cx: Cx, node: SyntaxNode): Checked {
  const items = operands(node)
  if (items.length > itemsMax) throw new Rejected(node, 'limit', `a list has at most ${itemsMax} items here`)
  const checked = items.map(cx.check)
  let of: FeelType = nothing
  for (const [at, item] of checked.entries()) {
    const both = unifyTypes(of, item.type)
    if (!both)
      throw new Rejected(items[at]!, 'types-differ', 'the items of a list are of one type', {
        expected: describeType(of),
        found: describeType(item.type),
      })
    of = both
  }
  return made(node, listOf(of), checked, (env) => checked.map((item) => item.run(env)))
}

/** Entries see the ones before them. */
export function contextLiteral(cx: Cx, node: SyntaxNode): Checked {
  const names = new Map<string, Binding>()
  const entries = within(cx, names, () =>
    operands(node).map((entry) => {
      const [key, value] = operands(entry)
      if (!key || !value) throw new Rejected(entry, 'syntax', 'an entry has a name and a value')
      const name = keyOf(cx, key)
      if (names.has(name)) throw new Rejected(key, 'types-differ', `the name ${name} stands here twice`)
      const checked = cx.check(value)
      const binding = bind(cx, checked.type)
      names.set(name, binding)
      return { name, checked, binding }
    }),
  )
  const type: FeelType = {
    kind: 'context',
    entries: new Map(entries.map(({ name, checked }) => [name, checked.type])),
  }
  const from = entries.map(({ checked }) => checked)
  return made(node, type, from, (env) => {
    const made = new Map<string, FeelValue>()
    for (const { name, checked, binding } of entries) {
      const value = checked.run(env)
      env.values[binding.place] = value
      made.set(name, value)
    }
    return made
  })
}

function keyOf(cx: Cx, key: SyntaxNode): string {
  const inner = parts(key)[0]
  if (inner?.name !== 'StringLiteral') return nameAt(cx, key)
  const text = unquoted(textAt(cx, inner))
  if (text === undefined) throw new Rejected(key, 'literal', 'this is no text')
  return text
}

/** `of.name`; of a list, the list of it for every item. */
export function pathOf(cx: Cx, node: SyntaxNode): Checked {
  const [base, , last] = parts(node)
  if (!base || !last) throw new Rejected(node, 'syntax', 'a dot stands between a value and a name')
  const of = cx.check(base)
  const name = nameAt(cx, last)
  const is_many = of.type.kind === 'list'
  const owner = of.type.kind === 'list' ? of.type.of : of.type
  const type = fieldType(cx, last, owner, name)
  const each = is_many ? listOf(type) : type
  const whole = of.type.optional ? optional(each) : each
  return made(node, whole, [of], (env) => {
    const value = of.run(env)
    if (value === absent) return absent
    return is_many && isList(value) ? value.map((item) => read(item, name)) : read(value, name)
  })
}

function fieldType(cx: Cx, node: SyntaxNode, owner: FeelType, name: string): FeelType {
  const fields = fieldsOf(owner)
  const type = fields.get(name)
  if (type) return owner.optional ? optional(type) : type
  const near = closest(name, fields.keys())
  throw new Rejected(
    node,
    'unknown-name',
    `${describeType(owner)} has no ${textAt(cx, node).slice(0, 60)}${near === undefined ? '' : `; did you mean ${near}?`}`,
    { expected: [...fields.keys()].slice(0, 20).join(', '), found: name.slice(0, 60) },
  )
}

/** What a dot can reach in a value of a type. */
export function fieldsOf(type: FeelType): ReadonlyMap<string, FeelType> {
  if (type.kind === 'context') return type.entries
  if (type.kind === 'range')
    return new Map([
      ['start', optional(type.of)],
      ['end', optional(type.of)],
      ['start included', boolean],
      ['end included', boolean],
    ])
  return new Map(Object.entries(Object.hasOwn(partsOfKind, type.kind) ? partsOfKind[type.kind]! : {}))
}

export function read(value: FeelValue, name: string): FeelValue {
  if (isContext(value)) return value.get(name) ?? absent
  if (!isRangeValue(value)) return partOf(value, name)
  if (name === 'start' || name === 'end') return value[name]
  return name === 'start included' ? value.start_included : value.end_included
}
