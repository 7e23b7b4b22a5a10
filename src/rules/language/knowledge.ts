/** What the declarations prove of a rule's values: the ground on which sets of values are compared. */
import type { RuleType } from '../rules.ts'
import type { Span } from './boxes.ts'
import type { Knowledge } from './columns.ts'
import type { ValueNode } from './ir.ts'
import { parseDecimal } from './literals.ts'
import type { Lowering } from './lowering.ts'

const anything: Span = { low: null, high: null }

/** `param` gives the values of parameters on one day, where they are to count. */
export function knowledgeOf(cx: Lowering, param: Knowledge['param'] = () => undefined): Knowledge {
  return { bounds: (node) => boundsOf(cx, node), param }
}

function boundsOf(cx: Lowering, node: ValueNode): Span {
  if (node.op !== 'fact' && node.op !== 'field') return anything
  const name = [...cx.facts].find(([, { slot }]) => slot === node.slot)?.[0]
  const type = name === undefined ? undefined : cx.vocabulary[name]?.type
  if (node.op === 'fact') return declaredSpan(type)
  const field = node.name.slice(node.name.indexOf('.') + 1)
  return declaredSpan(type?.kind === 'list' ? type.fields[field] : undefined)
}

function declaredSpan(type: RuleType | undefined): Span {
  switch (type?.kind) {
    case 'integer':
      return { low: end(type.min, 0), high: end(type.max, 0) }
    case 'decimal':
      return { low: end(type.min, type.scale), high: end(type.max, type.scale) }
    case 'money':
      return { low: end(type.min, 0), high: null }
    default:
      return anything
  }
}

/** A bound with more decimals than the type has says no less of it: it is left out. */
function end(value: number | string | undefined, scale: number): bigint | null {
  const read = value === undefined ? undefined : parseDecimal(String(value))
  return read && read.scale <= scale ? read.value * 10n ** BigInt(scale - read.scale) : null
}
