/** How a rule goes on as days pass, as the exact step function. */
import type { DateText } from '../../platform/clock.ts'
import { formatDay, parseDay } from '../evaluator/calendar.ts'
import { type Decision, decide } from '../evaluator/decide.ts'
import { type At, amountOf, questionOf } from '../evaluator/evaluate.ts'
import { openFrame } from '../evaluator/frame.ts'
import { differs, walkDays } from '../evaluator/until.ts'
import type { Facts, Rule } from '../rules.ts'
import type { Segment } from './explanation.ts'

/** See `timeline` of the face. */
export function timelineOf(rule: Rule, facts: Facts, at: At, horizon: DateText): Segment[] {
  const { day, item, program } = questionOf(rule, at)
  const end = parseDay(horizon)
  if (end === undefined || end <= day)
    throw new RangeError(`${rule.source.id}: the horizon must be a date after ${at.asOf}`)
  const frame = openFrame(program.readers, facts, program.ir.variables)
  frame.watch = 1
  const now = decide(program, frame, day, item)
  const steps: { readonly day: number; readonly now: Decision }[] = [{ day, now }]
  walkDays(program, frame, { day, end: end - 1, item, now, every: false }, (then, decision) => {
    if (differs(decision, steps.at(-1)!.now)) steps.push({ day: then, now: decision })
    return false
  })
  return steps.map((step, index) => {
    const next = steps[index + 1]
    return {
      from: formatDay(step.day)!,
      to: next ? formatDay(next.day)! : null,
      outcome: step.now.outcome,
      amount: amountOf(step.now),
    }
  })
}
