/** Which conditions strips can work out: all forms of the language known here, over constants that doubles hold. */

import { paramAt } from '../../evaluator/params.ts'
import type { Program } from '../../evaluator/program.ts'
import { type Node, partsOf } from '../../language/parts.ts'
import { simple } from '../scene.ts'

const forms: ReadonlySet<Node['op']> = new Set([
  ...simple,
  'count',
  'sum',
  'min',
  'max',
  'least',
  'greatest',
  'round',
  'call',
  'working-day',
  'working-days',
  'table',
  'list-state',
  'some',
  'every',
  'is-working-day',
])

/** Does every part of an expression have a form over strips on this day? */
export function fitsStrips(program: Program, node: Node, day: number): boolean {
  if (!forms.has(node.op)) return false
  if (node.op === 'literal' && !isHeld(node.value)) return false
  if (node.op === 'param') {
    const version = paramAt(program.params[node.slot]!, day)
    if (version && !isHeld(version.value)) return false
  }
  return partsOf(node).every((part) => fitsStrips(program, part, day))
}

const isHeld = (value: unknown): boolean => typeof value !== 'bigint' || Number.isSafeInteger(Number(value))
