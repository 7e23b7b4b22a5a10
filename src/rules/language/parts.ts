/** What an expression consists of: the one place that knows every form, for all who only look for something in it. */
import type { TruthNode, ValueNode } from './ir.ts'

export type Node = TruthNode | ValueNode

/** The expressions directly inside one, in the order in which they are written; of lists, their filters. */
export function partsOf(node: Node): readonly Node[] {
  switch (node.op) {
    case 'literal':
    case 'fact':
    case 'field':
    case 'param':
    case 'today':
    case 'constant':
    case 'list-state':
      return []
    case 'age':
    case 'not':
    case 'atom':
    case 'holds':
    case 'state':
    case 'is-working-day':
      return [node.of]
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'compare':
      return [node.left, node.right]
    case 'and':
    case 'or':
      return node.of
    case 'choose':
    case 'either':
      return [node.when, node.yes, node.no]
    case 'shift':
      return [node.date, node.by]
    case 'within':
      return [node.of, ...node.tests.flat().map(({ to }) => to)]
    case 'count':
      return node.list.filters
    case 'sum':
    case 'min':
    case 'max':
      return [...node.list.filters, node.of]
    case 'some':
    case 'every':
      return [...node.list.filters, node.satisfies]
    case 'least':
    case 'greatest':
      return node.among
    case 'round':
      return node.by ? [node.of, node.by] : [node.of]
    case 'call':
      return node.args
    case 'working-day':
      return node.by ? [node.date, node.by] : [node.date]
    case 'working-days':
      return [node.from, node.to]
    case 'table':
      return node.rows.flatMap(({ when, output }) => [when, output])
  }
}
