/** What a condition reads, from its typed form. */
import type { ListNode, TruthNode, ValueNode } from '../language/ir.ts'

export type Reads = {
  /** Slots of single facts. */
  readonly facts: ReadonlySet<number>
  /** Fields of the item the rule speaks of (variable 0 of a rule evaluated once for each item). */
  readonly item_fields: ReadonlySet<string>
  /** Slots of lists, and of the lists whose items' fields are read. */
  readonly lists: ReadonlySet<number>
  /** Slots whose being there, or being known, is itself asked. */
  readonly tested: ReadonlySet<number>
}

type Building = {
  readonly [part in keyof Reads]: Set<Reads[part] extends ReadonlySet<infer U> ? U : never>
} & {
  readonly has_item: boolean
}

/** @param hasItem the rule is evaluated once for each item, which is bound to variable 0 */
export function readsOf(node: TruthNode, hasItem: boolean): Reads {
  const into: Building = {
    facts: new Set(),
    item_fields: new Set(),
    lists: new Set(),
    tested: new Set(),
    has_item: hasItem,
  }
  ofTruth(into, node)
  return into
}

function ofTruth(into: Building, node: TruthNode): void {
  switch (node.op) {
    case 'constant':
      return
    case 'and':
    case 'or':
      for (const child of node.of) ofTruth(into, child)
      return
    case 'not':
    case 'atom':
      return ofTruth(into, node.of)
    case 'either':
      for (const child of [node.when, node.yes, node.no]) ofTruth(into, child)
      return
    case 'compare':
      ofValue(into, node.left)
      return ofValue(into, node.right)
    case 'within':
      ofValue(into, node.of)
      for (const { to } of node.tests.flat()) ofValue(into, to)
      return
    case 'holds':
    case 'is-working-day':
      return ofValue(into, node.of)
    case 'state':
      if (node.of.op === 'fact') into.tested.add(node.of.slot)
      return ofValue(into, node.of)
    case 'list-state':
      into.lists.add(node.slot)
      return
    case 'some':
    case 'every':
      ofList(into, node.list)
      return ofTruth(into, node.satisfies)
  }
}

function ofList(into: Building, list: ListNode): void {
  into.lists.add(list.slot)
  for (const filter of list.filters) ofTruth(into, filter)
}

function ofValue(into: Building, node: ValueNode): void {
  switch (node.op) {
    case 'literal':
    case 'param':
    case 'today':
      return
    case 'fact':
      into.facts.add(node.slot)
      return
    case 'field':
      if (into.has_item && node.variable === 0) into.item_fields.add(fieldName(node.name))
      into.lists.add(node.slot)
      return
    case 'age':
      return ofValue(into, node.of)
    case 'add':
    case 'subtract':
    case 'multiply':
      ofValue(into, node.left)
      return ofValue(into, node.right)
    case 'shift':
      ofValue(into, node.date)
      return ofValue(into, node.by)
    case 'choose':
      ofTruth(into, node.when)
      ofValue(into, node.yes)
      return ofValue(into, node.no)
    case 'count':
      return ofList(into, node.list)
    case 'sum':
    case 'min':
    case 'max':
      ofList(into, node.list)
      return ofValue(into, node.of)
    case 'least':
    case 'greatest':
      for (const one of node.among) ofValue(into, one)
      return
    case 'round':
      ofValue(into, node.of)
      if (node.by) ofValue(into, node.by)
      return
    case 'call':
      for (const arg of node.args) ofValue(into, arg)
      return
    case 'working-day':
      ofValue(into, node.date)
      if (node.by) ofValue(into, node.by)
      return
    case 'working-days':
      ofValue(into, node.from)
      return ofValue(into, node.to)
    case 'table':
      for (const { when, output } of node.rows) {
        ofTruth(into, when)
        ofValue(into, output)
      }
      return
  }
}

/** `child.birth_order` and `birth_order` alike. */
const fieldName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

/** Two values a condition compares, outside any list's items: what a boundary can be looked for between. */
export type Leg = { readonly left: ValueNode; readonly right: ValueNode }

/** The comparisons an atom consists of. Those inside a quantifier have no value of their own. */
export function legsOf(node: TruthNode): Leg[] {
  switch (node.op) {
    case 'atom':
    case 'not':
      return legsOf(node.of)
    case 'and':
    case 'or':
      return node.of.flatMap(legsOf)
    case 'either':
      return [node.when, node.yes, node.no].flatMap(legsOf)
    case 'compare':
      return [{ left: node.left, right: node.right }]
    case 'within':
      return node.tests.flat().map(({ to }) => ({ left: node.of, right: to }))
    case 'constant':
    case 'holds':
    case 'is-working-day':
    case 'state':
    case 'list-state':
    case 'some':
    case 'every':
      return []
  }
}
