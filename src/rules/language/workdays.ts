/** Working days in rules: terms and deadlines by the calendar that the rule declares. */
import type { TruthNode, ValueNode } from './ir.ts'
import { fail, type Lowering } from './lowering.ts'
import type { SyntaxNode } from './parse.ts'
import { apart, describe, literal, together } from './typing.ts'

export const workingDayNames = [
  'add working days',
  'next working day',
  'previous working day',
  'count working days',
]

const declaredIn = (cx: Lowering, node: SyntaxNode): true | undefined =>
  cx.has_working_days
    ? true
    : fail(cx, node, 'working days need a calendar: say calendar.working_days', {
        expected: 'calendar: { …, working_days: … }',
      })

function dateAt(cx: Lowering, node: SyntaxNode | undefined, call: SyntaxNode): ValueNode | undefined {
  if (!node) return fail(cx, call, 'a date is missing here', { expected: 'a date' })
  const value = cx.value(node)
  if (!value || value.type.kind === 'date') return value
  return fail(cx, node, 'working days are counted from a date', {
    expected: 'a date',
    found: describe(value.type),
  })
}

/** `add working days(d, n)`, `next working day(d)`, `previous working day(d)`: all rise as the date does. */
export function workingDay(
  cx: Lowering,
  node: SyntaxNode,
  name: string,
  given: readonly SyntaxNode[],
): ValueNode | undefined {
  const move = name === 'add working days' ? 'add' : name === 'next working day' ? 'next' : 'previous'
  const date = dateAt(cx, given[0], node)
  if (!date || !declaredIn(cx, node)) return undefined
  if (given.length !== (move === 'add' ? 2 : 1))
    return fail(cx, node, `${name}() takes ${move === 'add' ? 'a date and a number of days' : 'one date'}`)
  const by = given[1] && cx.value(given[1])
  if (given[1] && !by) return undefined
  if (by && (by.type.kind !== 'number' || by.type.scale !== 0 || by.sign === 'any'))
    return fail(cx, given[1]!, 'a term is a whole number of days, proved to be no less than zero', {
      expected: 'a whole number declared with min 0',
      found: describe(by.type),
    })
  const partial = date.partial || (by?.partial ?? false)
  const motion = by ? together(date.motion, by.motion) : date.motion
  return { ...literal(date.type, 0), op: 'working-day', move, date, by, motion, partial }
}

/** `count working days(a, b)`: those after a, up to and with b; below zero when b comes first. */
export function workingDays(
  cx: Lowering,
  node: SyntaxNode,
  given: readonly SyntaxNode[],
): ValueNode | undefined {
  const from = dateAt(cx, given[0], node)
  const to = dateAt(cx, given[1], node)
  if (!from || !to || !declaredIn(cx, node)) return undefined
  if (given.length > 2) return fail(cx, node, 'count working days() takes two dates')
  if (from.partial || to.partial)
    return fail(cx, node, 'count working days() needs dates that are wholly known')
  const motion = apart(to.motion, from.motion)
  return { ...literal({ kind: 'number', scale: 0 }, 0n), op: 'working-days', from, to, motion }
}

/** `is working day(d)`: of a day that stands still, for it turns again and again. */
export function isWorkingDay(
  cx: Lowering,
  node: SyntaxNode,
  given: readonly SyntaxNode[],
): TruthNode | undefined {
  const of = dateAt(cx, given[0], node)
  if (!of || !declaredIn(cx, node)) return undefined
  if (given.length > 1) return fail(cx, node, 'is working day() takes one date')
  if (of.motion !== 0)
    return fail(cx, node, 'whether a day that moves is a working day turns again and again: name a day')
  if (of.partial) return fail(cx, node, 'is working day() needs a date that is wholly known')
  return { op: 'is-working-day', of }
}
