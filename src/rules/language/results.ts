/** What a rule gives: amount and due day, each an expression or a decision table, rounded and moved as the act says. */
import type { ResultSource, RuleSource, TableSource } from '../rules.ts'
import type { Knowledge } from './columns.ts'
import type { ResultIr, ValueNode } from './ir.ts'
import { lowerExpression } from './lower.ts'
import type { Lowering } from './lowering.ts'
import type { SyntaxNode } from './parse.ts'
import { ratioOf, rounded, roundingOf } from './rounding.ts'
import { lowerTable, type Tell } from './tables.ts'
import { describe, literal, whole } from './typing.ts'

/** Looks a table over for one state of the parameters. */
export type Check = (about: Knowledge) => void

type Moves = RuleSource['calendar']['due_moves']

/** `where` is the path of the result: `result`, or `exceptions.<id>.result`. */
export function lowerResult(
  cx: Lowering,
  where: string,
  source: ResultSource,
  about: { readonly tell: Tell; readonly due_moves: Moves },
): { readonly result: ResultIr; readonly checks: readonly Check[] } {
  const checks: Check[] = []
  const was_timed = cx.timed
  cx.timed = false
  const lower = (
    name: 'amount' | 'due',
    given: string | TableSource,
    read = cx.value,
  ): ValueNode | undefined => {
    const at = `${where}.${name}`
    cx.where = at
    if (typeof given === 'string') {
      const { node, mistakes } = lowerExpression(cx, given, read)
      for (const mistake of mistakes) about.tell(at, mistake)
      return node
    }
    const lowered = lowerTable(cx, given, (rest, mistake) =>
      about.tell(rest === '' ? at : `${at}.${rest}`, mistake),
    )
    if (lowered) checks.push(lowered.check)
    return lowered?.node
  }
  const say = (name: 'amount' | 'due' | 'round', message: string, more = {}): undefined => {
    const text = source[name]
    const to = typeof text === 'string' ? text.length : 0
    about.tell(`${where}.${name}`, { from: 0, to, message, ...more })
    return undefined
  }
  const amount = source.amount === undefined ? undefined : amountOf(cx, source, lower, say)
  const amount_timed = cx.timed || (amount !== undefined && amount.motion !== 0)
  if (amount === undefined && source.round !== undefined && source.amount === undefined)
    say('round', 'there is no amount to round')
  const due = source.due === undefined ? undefined : lower('due', source.due)
  if (due && due.type.kind !== 'date')
    say('due', 'a due day is a date', { expected: 'a date', found: describe(due.type) })
  cx.timed = was_timed
  return { result: { amount, due: due && moved(cx, due, about.due_moves, say), amount_timed }, checks }
}

type Say = (name: 'amount' | 'due' | 'round', message: string, more?: object) => undefined
type Lower = (
  name: 'amount' | 'due',
  given: string | TableSource,
  read?: (node: SyntaxNode) => ValueNode | undefined,
) => ValueNode | undefined

function amountOf(cx: Lowering, source: ResultSource, lower: Lower, say: Say): ValueNode | undefined {
  const rounding = source.round === undefined ? undefined : roundingOf(source.round)
  if (source.round !== undefined && !rounding)
    return say('round', 'rounding is written as in half_up(2)', {
      expected: 'up, down, half_up, half_down, half_even, floor or ceiling, with the number of decimals',
      found: source.round.slice(0, 40),
    })
  // A whole ratio may be rounded; anywhere else a ratio is never computed.
  let by: ValueNode | undefined
  const read = (node: SyntaxNode): ValueNode | undefined => {
    const ratio = ratioOf(cx, node)
    by = ratio?.by
    return ratio?.of
  }
  const raw = lower('amount', source.amount!, rounding ? read : cx.value)
  if (!raw) return undefined
  const amount = rounding ? rounded(cx, { of: raw, by }, rounding.rounding, rounding.digits) : raw
  if (typeof amount === 'string') return say('amount', amount)
  if (amount.type.kind !== 'money')
    return say('amount', 'an amount is money', { expected: 'money', found: describe(amount.type) })
  const checked = whole(amount)
  if (typeof checked === 'string') say('amount', checked)
  if (amount.motion === 'unclear')
    say('amount', 'the amount may rise and fall as days pass, so its next change cannot be told')
  return amount
}

/** A deadline on a day no office works moves as the act says. */
function moved(cx: Lowering, due: ValueNode, move: Moves, say: Say): ValueNode | undefined {
  if (move === undefined || due.type.kind !== 'date') return due
  if (!cx.has_working_days)
    return say('due', 'the deadline moves by working days, but the rule has no calendar of them', {
      expected: 'calendar: { …, working_days: … }',
    })
  const { motion, partial } = due
  return { ...literal(due.type, 0), op: 'working-day', move, date: due, by: undefined, motion, partial }
}
