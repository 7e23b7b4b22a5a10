/**
 * Hints: the day on which a timed comparison next turns, read off its own operands where they stand still on one side.
 * A hint saves the search for the day, never decides it: the walk through time asks the evaluator about the day itself
 * and the day before, and searches where they disagree with the hint or where a comparison gave none.
 */
import type { ValueNode } from '../language/ir.ts'
import { addMonths } from './calendar.ts'
import type { RunValue } from './closures.ts'
import { type Frame, never } from './frame.ts'
import type { Value } from './values.ts'

/** The next day, after the frame's, on which the comparison of these two values turns; undefined: it cannot tell. */
export type Hint = (frame: Frame, left: Value, right: Value) => number | undefined

type Of = (node: ValueNode) => RunValue

/** How the days of one comparison are told; null where only a search finds them. @param of what a node comes out as */
export function hintFor(left: ValueNode, right: ValueNode, of: Of): Hint | null {
  if (left.motion === 0) return right.motion === 0 ? null : hintAgainst(right, of, (a) => a)
  return right.motion === 0 ? hintAgainst(left, of, (_, b) => b) : null
}

/** @param still which of the two values stands still */
function hintAgainst(moving: ValueNode, of: Of, still: (left: Value, right: Value) => Value): Hint | null {
  if (moving.op === 'age') {
    if (moving.of.motion !== 0) return null
    const born = of(moving.of)
    return (frame, a, b) => afterAge(frame, silently(frame, born), still(a, b))
  }
  if (moving.op === 'today') return (frame, a, b) => afterDay(frame, still(a, b))
  if (moving.op !== 'shift' || moving.date.op !== 'today' || moving.by.motion !== 0) return null
  const by = of(moving.by)
  const back = moving.by.type.kind === 'days' ? daysBack : monthsBack
  return (frame, a, b) => {
    const [day, span] = [still(a, b), silently(frame, by)]
    if (typeof day !== 'number' || typeof span !== 'number') return undefined
    return afterDay(frame, back(day, span * moving.direction))
  }
}

/** The day that a duration later is this one: exact for days, near for months. */
const daysBack = (day: number, days: number): number => day - days
const monthsBack = (day: number, months: number): number => addMonths(day, -months, 'down')

/** A sign turns on the day compared with and on the day after. */
function afterDay(frame: Frame, day: Value): number | undefined {
  if (typeof day !== 'number') return undefined
  return frame.today < day ? day : frame.today === day ? day + 1 : never
}

function afterAge(frame: Frame, born: Value, years: Value): number | undefined {
  if (typeof born !== 'number' || typeof years !== 'bigint') return undefined
  const count = Number(years)
  if (!Number.isSafeInteger(count) || Math.abs(count) > 1000) return undefined
  for (const reached of [count, count + 1]) {
    const day = addMonths(born, reached * 12, 'down')
    if (day > frame.today) return day
  }
  return never
}

/** A value that was read already: nothing of it is noted a second time. */
function silently(frame: Frame, run: RunValue): Value {
  const { looked } = frame
  frame.looked = null
  const found = run(frame)
  frame.looked = looked
  return found
}

/** Takes a hint into the frame, or says that this run has a comparison that gives none. */
export function noteHint(frame: Frame, day: number | undefined): void {
  if (day === undefined) frame.is_hinted = false
  else if (day < frame.hint) frame.hint = day
}
