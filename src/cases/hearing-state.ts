/** How a hearing moves: pure. The shell loads it under its subject's lock, asks here, and stores the next state. */
import type { DateText } from '../platform/clock.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'

export const hearingStates = ['open', 'answered', 'lapsed', 'ended'] as const
/**
 * `open`: the person has been told and may answer. `answered`: they did. `lapsed`: the day passed and nothing came.
 * `ended`: what was intended is no longer, or no longer on these grounds; whoever intends it again tells them anew.
 */
export type HearingState = (typeof hearingStates)[number]

/** What was intended may be decided now: the person has been heard, or had their time. */
export const isHeard = (state: HearingState): boolean => state === 'answered' || state === 'lapsed'

export type HearingInput =
  /** The person says something, or that they have nothing to say. */
  | { readonly is: 'answer'; readonly today: DateText }
  /** The clock says that the last day may have passed. */
  | { readonly is: 'day passed'; readonly today: DateText }
  | { readonly is: 'end' }

/**
 * The state after an input. Refusals, with which nothing moves: `already_answered`, `hearing_over` (the day has passed,
 * or it was ended), `hearing_open` (the day has not passed yet).
 */
export function hearingAfter(
  hearing: { readonly state: HearingState; readonly answer_by: DateText },
  input: HearingInput,
): Outcome<HearingState> {
  const { state, answer_by } = hearing
  if (input.is === 'end') return state === 'ended' ? over : accepted('ended')
  if (state === 'ended' || state === 'lapsed') return over
  if (state === 'answered')
    return refused({ code: 'already_answered', message: 'This hearing has its answer.' })
  // The last day belongs to the person whole; the clock decides, however late the queue is.
  const has_passed = input.today > answer_by
  if (input.is === 'answer') return has_passed ? over : accepted('answered')
  if (has_passed) return accepted('lapsed')
  return refused({ code: 'hearing_open', message: 'The person may still answer.', facts: { answer_by } })
}

const over = refused<HearingState>({
  code: 'hearing_over',
  message: 'This hearing is over.',
  next: 'What is decided can be challenged where the decision says.',
})
