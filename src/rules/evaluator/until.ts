/**
 * Time: the days on which a decision can differ if no fact changes, and the first on which it does.
 *
 * Between two days on which facts or law themselves change (a segment), every timed comparison turns at most once,
 * for the compiler has refused all others. So "some comparison stands otherwise than on the first day" is itself one
 * step in time, and its day is found by bisection over whole evaluations; leap days and month ends are right because
 * nothing but the evaluator itself is asked.
 */
import type { AtomNode } from '../language/ir.ts'
import { addMonths } from './calendar.ts'
import { type Decision, decide } from './decide.ts'
import { type Frame, never } from './frame.ts'
import type { Program } from './program.ts'
import { anyTruth, type Bits, bit, everyOutcome } from './turns.ts'

const horizonMonths = 1_200

/** As far as anything is looked ahead: 100 years from a day. */
export const horizonOf = (day: number): number => addMonths(day, horizonMonths, 'down')

export const differs = (a: Decision, b: Decision): boolean => a.outcome !== b.outcome || a.amount !== b.amount

/** From where time is walked: the decision of its first day, with `watch` 1, must be what the frame last ran. */
export type Walk = {
  readonly day: number
  /** The last day looked at. */
  readonly end: number
  readonly item: string | null
  readonly now: Decision
  /** Look also at turns that cannot change the outcome. */
  readonly every: boolean
}

/** Told a day and its decision; the frame holds every truth of that day. True: enough. */
type Visit = (day: number, then: Decision) => boolean

/** Visits, in order, the days after the first on which something turns: from one to the next nothing differs. */
export function walkDays(program: Program, frame: Frame, walk: Walk, visit: Visit): void {
  if (walk.day >= program.effective_to) return
  const breaks = breakDays(program, frame, walk.day, walk.end)
  let { day: start, now } = walk
  for (let at = 0; ; at++) {
    const end = at < breaks.length ? breaks[at]! - 1 : walk.end
    const is_moving = program.ir.timed && start >= program.effective_from
    if (is_moving && walkSegment(program, frame, { ...walk, day: start, end, now }, visit)) return
    if (at >= breaks.length) return
    start = breaks[at]!
    frame.watch = 1
    now = decide(program, frame, start, walk.item)
    if (visit(start, now) || start >= program.effective_to) return
  }
}

/** Within a segment, whose first day has been noted; true when the visitor has seen enough. */
function walkSegment(program: Program, frame: Frame, walk: Walk, visit: Visit): boolean {
  const { end, item } = walk
  let start = walk.day
  if (start >= end || (!walk.every && !canTurn(program, frame, walk.now))) return false
  while (start < end) {
    const turn = turnAfter(program, frame, { start, end, item })
    if (turn === null) return false
    start = turn
    frame.watch = 1
    if (visit(start, decide(program, frame, start, item))) return true
  }
  return false
}

/** The first day after `start`, whose marks were noted, up to `end` on which they differ; null when there is none. */
function turnAfter(
  program: Program,
  frame: Frame,
  { start, end, item }: { readonly start: number; readonly end: number; readonly item: string | null },
): number | null {
  const { hint, is_hinted } = frame
  if (is_hinted && hint > start && hint <= end) {
    const is_first = hint - 1 === start || !hasMoved(program, frame, hint - 1, item)
    if (is_first && hasMoved(program, frame, hint, item)) return hint
  }
  if (!hasMoved(program, frame, end, item)) return null
  let before = start
  let after = end
  while (after - before > 1) {
    const middle = before + ((after - before) >> 1)
    if (hasMoved(program, frame, middle, item)) after = middle
    else before = middle
  }
  return after
}

/** Could the timed conditions, however they turn, change anything? Often another condition has settled the rule. */
function canTurn(program: Program, frame: Frame, now: Decision): boolean {
  if (program.ir.amount_timed && now.outcome === 'applies') return true
  const { truths } = frame
  const bits = (atom: AtomNode): Bits => (atom.timed ? anyTruth : bit(truths[atom.id]!))
  return !everyOutcome(program, bit(now.is_there), bits, (outcome) => outcome === now.outcome)
}

function hasMoved(program: Program, frame: Frame, day: number, item: string | null): boolean {
  frame.watch = 2
  frame.has_moved = false
  decide(program, frame, day, item)
  return frame.has_moved
}

/**
 * The exact next change: the first later day on which outcome or amount differ, or null when nothing does within 100
 * years. The frame must just have been run on the day of `now` with `watch` 1.
 */
export function nextChange(
  program: Program,
  frame: Frame,
  { day, item, now }: { readonly day: number; readonly item: string | null; readonly now: Decision },
): number | null {
  let found: number | null = null
  walkDays(program, frame, { day, end: horizonOf(day), item, now, every: false }, (then, decision) => {
    if (!differs(decision, now)) return false
    found = then
    return true
  })
  return found
}

/** Days after `day`, up to the horizon, on which a fact begins, ends or grows too old, or the law changes. */
function breakDays(program: Program, frame: Frame, day: number, horizon: number): number[] {
  const found: number[] = []
  const add = (at: number): void => {
    if (at > day && at <= horizon) found.push(at)
  }
  const addPeriod = (period: { from: number; to: number; stale: number }): void => {
    if (period.from !== -never) add(period.from)
    if (period.to !== never) add(period.to)
    if (period.stale !== never) add(period.stale)
  }
  for (const at of program.law_days) add(at)
  for (const one of frame.ones) addPeriod(one)
  for (const list of frame.lists) for (const item of list.items) addPeriod(item)
  if (found.length < 2) return found
  return found.sort((a, b) => a - b).filter((at, index) => index === 0 || at !== found[index - 1])
}
