/** What a condition reads, from its typed form. */
import type { TruthNode, ValueNode } from '../language/ir.ts'
import { type Node, partsOf } from '../language/parts.ts'

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
  collect(into, node)
  return into
}

function collect(into: Building, node: Node): void {
  if ('list' in node) into.lists.add(node.list.slot)
  switch (node.op) {
    case 'fact':
      into.facts.add(node.slot)
      break
    case 'field':
      if (into.has_item && node.variable === 0) into.item_fields.add(fieldName(node.name))
      into.lists.add(node.slot)
      break
    case 'state':
      if (node.of.op === 'fact') into.tested.add(node.of.slot)
      break
    case 'list-state':
      into.lists.add(node.slot)
  }
  for (const part of partsOf(node)) collect(into, part)
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
