/**
 * The exact next change: the first later day on which outcome or amount differ if no fact changes.
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

type Question = { readonly day: number; readonly item: string | null; readonly now: Decision }

/**
 * The day number, or null when nothing changes within 100 years. The frame must just have been run on the day of
 * `now` with `watch` 1.
 */
export function nextChange(program: Program, frame: Frame, question: Question): number | null {
  const { day, item, now } = question
  if (day >= program.effective_to) return null
  const horizon = addMonths(day, horizonMonths, 'down')
  const breaks = breakDays(program, frame, day, horizon)
  let start = day
  let is_there = now.is_there
  for (let at = 0; ; at++) {
    const end = at < breaks.length ? breaks[at]! - 1 : horizon
    if (program.ir.timed && start >= program.effective_from) {
      const found = changeWithin(program, frame, { day: start, item, now: { ...now, is_there } }, end)
      if (found !== null) return found
    }
    if (at >= breaks.length) return null
    start = breaks[at]!
    frame.watch = 1
    const then = decide(program, frame, start, item)
    if (differs(then, now)) return start
    is_there = then.is_there
    if (start >= program.effective_to) return null
  }
}

/** The first day of a segment, after its start, on which the decision differs. The marks of its start are noted. */
function changeWithin(
  program: Program,
  frame: Frame,
  { day, item, now }: Question,
  end: number,
): number | null {
  let start = day
  if (start >= end || !hasMoved(program, frame, end, item)) return null
  if (!canTurn(program, frame, now)) return null
  while (start < end && hasMoved(program, frame, end, item)) {
    let before = start
    let after = end
    while (after - before > 1) {
      const middle = before + ((after - before) >> 1)
      if (hasMoved(program, frame, middle, item)) after = middle
      else before = middle
    }
    start = after
    frame.watch = 1
    if (differs(decide(program, frame, start, item), now)) return start
  }
  return null
}

/** Could the timed conditions, however they turn, change anything? Often another condition has settled the rule. */
function canTurn(program: Program, frame: Frame, now: Decision): boolean {
  if (program.ir.amount_timed && now.outcome === 'applies') return true
  const bits = (atom: AtomNode): Bits => (atom.timed ? anyTruth : bit(frame.truths[atom.id]!))
  return !everyOutcome(program, bit(now.is_there), bits, (outcome) => outcome === now.outcome)
}

function hasMoved(program: Program, frame: Frame, day: number, item: string | null): boolean {
  frame.watch = 2
  frame.has_moved = false
  decide(program, frame, day, item)
  return frame.has_moved
}

const differs = (a: Decision, b: Decision): boolean => a.outcome !== b.outcome || a.amount !== b.amount

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
