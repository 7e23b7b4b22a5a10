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

/** How the days of one comparison are told; null where only a search finds them. @param of the date an age counts from */
export function hintFor(left: ValueNode, right: ValueNode, of: (node: ValueNode) => RunValue): Hint | null {
  if (left.op === 'today' && right.motion === 0) return (frame, _, b) => afterDay(frame, b)
  if (right.op === 'today' && left.motion === 0) return (frame, a) => afterDay(frame, a)
  if (left.op === 'age' && left.of.motion === 0 && right.motion === 0) {
    const born = of(left.of)
    return (frame, _, years) => afterAge(frame, silently(frame, born), years)
  }
  return null
}

/** A sign turns on the day compared with and on the day after. What is absent or unknown turns never. */
function afterDay(frame: Frame, day: Value): number | undefined {
  if (typeof day !== 'number') return typeof day === 'object' ? undefined : never
  return frame.today < day ? day : frame.today === day ? day + 1 : never
}

function afterAge(frame: Frame, born: Value, years: Value): number | undefined {
  if (typeof born === 'object' || typeof years === 'object') return undefined
  if (typeof born !== 'number' || typeof years !== 'bigint') return never
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
