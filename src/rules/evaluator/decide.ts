/** Outcome and amount on one day: the part of an evaluation that is repeated to find the next change. */
import { type Frame, type Item, mark, never } from './frame.ts'
import { type Settled, settle } from './outcome.ts'
import type { Program } from './program.ts'
import { isRange, maybe, no, type Truth, yes } from './values.ts'

export type Decision = Settled & {
  /** Whole minor units; null when it does not apply or is not known exactly. */
  readonly amount: bigint | null
  /** Is the item there at all? */
  readonly is_there: Truth
}

const noAmount = (settled: Settled, isThere: Truth): Decision => ({
  outcome: settled.outcome,
  exception: settled.exception,
  grant: settled.grant,
  amount: null,
  is_there: isThere,
})

const notInForce: Settled = { outcome: 'does_not_apply', exception: null, grant: 0 }

/** Evaluates on a day. `item` is the key of the list item, for rules evaluated once per item. */
export function decide(program: Program, frame: Frame, day: number, item: string | null): Decision {
  frame.today = day
  frame.mark_at = 0
  if (frame.watch === 1) {
    frame.hint = never
    frame.is_hinted = true
  }
  const is_there = item === null ? yes : bind(frame, item)
  const base = program.run.when(frame)
  const exceptions = program.run.exceptions.map((run) => run(frame))
  const in_force = day >= program.effective_from && day < program.effective_to
  const settled = in_force ? settle(program, { is_there, base, exceptions }) : notInForce
  const is_granted = settled.outcome === 'applies'
  const granted = is_granted ? settled.grant : -1
  // What would be paid turns nothing while nothing is paid: comparisons of an amount belong to the marks only where it
  // was granted on the day the marks were noted.
  if (frame.watch !== 2) frame.marked_grant = granted
  const found = noAmount(settled, is_there)
  const plan = program.run.grants[frame.marked_grant]
  const amount = plan?.amount ? amountOn(plan, frame, frame.marked_grant === granted) : null
  return amount === null ? found : { ...found, amount }
}

/** The amount of one result, in whole minor units; null when it is not given, or not known exactly. */
function amountOn(
  { amount: run, unit, is_moving }: Program['run']['grants'][number],
  frame: Frame,
  isGiven: boolean,
): bigint | null {
  const looked = frame.looked
  // What would be paid is no fact looked at when it is not.
  if (!isGiven) frame.looked = null
  frame.unknowns = []
  const amount = run!(frame)
  frame.looked = looked
  if (is_moving) {
    if (frame.watch === 1) frame.is_hinted = false
    mark(frame, isRange(amount) ? amount.low : amount)
    mark(frame, isRange(amount) ? amount.high : amount)
  }
  return isGiven && typeof amount === 'bigint' ? amount / unit : null
}

/** An item nobody can vouch for: every field of it is unknown. */
const ghost: Item = { key: '', values: [], json: [], facts: [], from: -never, to: never, stale: -never }

/** Binds the rule's item as it is valid on the day, and says whether it is there. The list stands in slot 0. */
function bind(frame: Frame, key: string): Truth {
  const list = frame.lists[0]!
  for (const item of list.items) {
    if (item.key !== key || frame.today < item.from || frame.today >= item.to) continue
    frame.bound[0] = item
    if (frame.looked !== null) for (const fact of item.facts) frame.looked.add(fact)
    return frame.today >= item.stale ? maybe : yes
  }
  frame.bound[0] = list.complete ? null : ghost
  return list.complete ? no : maybe
}
