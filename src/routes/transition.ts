/**
 * How a step moves: one function for each state, pure. The shell loads the step under its subject's lock, asks here,
 * stores the next state with its history, and carries out the effects in the same transaction.
 */
import type { Json } from '../platform/canonical.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'

export const stepStates = [
  'blocked',
  'sending',
  'working',
  'asking',
  'case',
  'human',
  'done',
  'skipped',
  'refused',
  'undoing',
  'undone',
] as const
export type StepState = (typeof stepStates)[number]

/** States in which a step is over: what waits for it may go on, and the journey may finish. */
export const isOver = (state: StepState): boolean =>
  state === 'done' || state === 'skipped' || state === 'refused' || state === 'undone'

type Coded = { readonly code: string; readonly text: string }

/** What an agency answered, in the classes that matter (docs/agency-protocol.md §2). */
export type AgencyAnswer =
  | { readonly is: 'done'; readonly reference: string | null; readonly result: Json }
  | { readonly is: 'working'; readonly reference: string | null }
  | { readonly is: 'refused'; readonly reason: Coded }
  /** Nobody knows whether it happened: ask again with the same key. */
  | { readonly is: 'again'; readonly reason: Coded; readonly after_ms?: number }
  /** The key was used with other content: a bug, never retried. */
  | { readonly is: 'conflict'; readonly reason: Coded }
  /** Asked how it goes, the agency does not know the key. */
  | { readonly is: 'lost' }

/** What the step's rule says now. */
export type Finding = {
  readonly outcome: 'applies' | 'does_not_apply' | 'ask' | 'conflict' | 'human'
  /** First missing predicate, for `ask`. */
  readonly predicate: string | null
  /** The determination as reason, for the record of a skipped step. */
  readonly reason: Json
}

export type Input =
  /** Everything before a task step is over. */
  | { readonly is: 'start' }
  /** A step before it was refused: this one has nothing to stand on. */
  | { readonly is: 'prerequisite refused'; readonly step: string }
  | { readonly is: 'determined'; readonly finding: Finding }
  | { readonly is: 'answered'; readonly answer: AgencyAnswer; readonly attempts_max: number }
  | {
      readonly is: 'decided'
      readonly decision: string
      readonly outcome: 'granted' | 'refused'
      readonly amount: number | null
    }
  /** The person does not accept that the rule leaves this step out: a human decides on it. */
  | { readonly is: 'claimed' }
  | { readonly is: 'retry'; readonly officer: string }
  | {
      readonly is: 'by hand'
      readonly officer: string
      readonly reference: string | null
      readonly note: string
    }
  | { readonly is: 'overdue' }
  | { readonly is: 'undo'; readonly because: string }

export type Effect =
  | { readonly do: 'call'; readonly retry?: number; readonly after_ms?: number }
  | { readonly do: 'poll' }
  /** Ask the agency to take it back, once what depends on this step is taken back. */
  | { readonly do: 'call back'; readonly retry?: number; readonly after_ms?: number }
  | { readonly do: 'open decision case' }
  | { readonly do: 'open task case'; readonly reason: Json }
  | { readonly do: 'close case'; readonly reason: Json }
  | { readonly do: 'draft again' }
  /** This one thing, and nothing else that was asked for this step before. */
  | { readonly do: 'ask'; readonly predicate: string }
  | { readonly do: 'stop asking' }

export type StepNow = {
  readonly state: StepState
  readonly kind: 'task' | 'case'
  readonly attempts: number
  readonly reference: string | null
  readonly result: Json
  readonly overdue: boolean
}

export type Move = {
  readonly next: StepState
  readonly effects: readonly Effect[]
  readonly attempts?: number
  readonly reference?: string | null
  readonly result?: Json
  readonly reason?: Json
  readonly overdue?: boolean
}

/**
 * What an input does to a step. A refusal means the step is past it (a repeated or late job) or cannot take it:
 * nothing moves. Refusal codes: `step_past_it`, `still_with_the_agency`.
 */
export function transition(step: StepNow, input: Input): Outcome<Move> {
  switch (step.state) {
    case 'blocked':
      return blocked(step, input)
    case 'sending':
      return sending(step, input)
    case 'working':
      return working(step, input)
    case 'asking':
      return asking(input)
    case 'case':
      return inCase(step, input)
    case 'human':
      return human(step, input)
    case 'done':
      return done(step, input)
    case 'refused':
      return input.is === 'undo' ? move('undone', []) : past(step, input)
    case 'undoing':
      return undoing(step, input)
    case 'skipped':
      return input.is === 'claimed' && step.kind === 'case'
        ? move('case', [{ do: 'open decision case' }], { reason: null })
        : past(step, input)
    case 'undone':
      return past(step, input)
  }
}

const move = (
  next: StepState,
  effects: readonly Effect[],
  set: Omit<Move, 'next' | 'effects'> = {},
): Outcome<Move> => accepted({ next, effects, ...set })

const past = (step: StepNow, input: Input): Outcome<Move> =>
  refused({ code: 'step_past_it', message: `A step that is ${step.state} takes no "${input.is}".` })

/** Words that say a human did it: the agency's interface knows nothing of it, so a human takes it back as well. */
export const isByHand = (result: Json): boolean =>
  typeof result === 'object' && result !== null && 'by_hand' in result

const merged = (result: Json, more: { readonly [key: string]: Json }): Json => ({
  ...(typeof result === 'object' && result !== null && !Array.isArray(result) ? result : {}),
  ...more,
})

function blocked(step: StepNow, input: Input): Outcome<Move> {
  if (input.is === 'undo') return move('undone', [])
  if (input.is === 'prerequisite refused')
    return move('skipped', [], { reason: { code: 'prerequisite_refused', step: input.step } })
  if (input.is === 'start' && step.kind === 'task') return move('sending', [{ do: 'call' }], { attempts: 0 })
  if (input.is !== 'determined' || step.kind !== 'case') return past(step, input)
  const { finding } = input
  switch (finding.outcome) {
    case 'does_not_apply':
      return move('skipped', [], { reason: finding.reason })
    case 'ask':
      return move('asking', [{ do: 'ask', predicate: finding.predicate! }])
    case 'applies':
    case 'human':
    case 'conflict':
      return move('case', [{ do: 'open decision case' }])
  }
}

function sending(step: StepNow, input: Input): Outcome<Move> {
  if (input.is === 'undo') return toUndoing(step, input.because)
  if (input.is === 'overdue') return overdue(step)
  if (input.is !== 'answered') return past(step, input)
  const { answer } = input
  switch (answer.is) {
    case 'done':
      return finished(step, answer.reference, answer.result)
    case 'working':
      return move('working', [{ do: 'poll' }], { reference: answer.reference, attempts: 0 })
    case 'again': {
      const attempts = step.attempts + 1
      if (attempts >= input.attempts_max) return stuck(attempts, answer.reason)
      const after = answer.after_ms === undefined ? {} : { after_ms: answer.after_ms }
      return move('sending', [{ do: 'call', retry: attempts, ...after }], {
        attempts,
        reason: answer.reason,
      })
    }
    case 'refused':
    case 'conflict':
      return stuck(step.attempts + 1, answer.reason)
    case 'lost':
      return past(step, input)
  }
}

function working(step: StepNow, input: Input): Outcome<Move> {
  if (input.is === 'undo') return toUndoing(step, input.because)
  if (input.is === 'overdue') return overdue(step)
  if (input.is === 'by hand' && step.overdue) return byHand(step, input)
  if (input.is === 'retry' || input.is === 'by hand') return stillThere
  if (input.is !== 'answered') return past(step, input)
  const { answer } = input
  switch (answer.is) {
    case 'done':
      return finished(step, answer.reference ?? step.reference, answer.result)
    case 'working':
    case 'again':
      return move('working', [{ do: 'poll' }], { attempts: step.attempts + 1 })
    case 'lost':
      // It took the task and forgot it: the same key again cannot do it twice.
      return move('sending', [{ do: 'call', retry: 1 }], { attempts: 0 })
    case 'refused':
    case 'conflict':
      return stuck(step.attempts + 1, answer.reason)
  }
}

function asking(input: Input): Outcome<Move> {
  if (input.is === 'undo') return move('undone', [{ do: 'stop asking' }])
  if (input.is !== 'determined')
    return refused({ code: 'step_past_it', message: 'The step waits for an answer.' })
  const { finding } = input
  if (finding.outcome === 'ask') return move('asking', [{ do: 'ask', predicate: finding.predicate! }])
  // Also when the rule does not apply: somebody was asked, so a named human says no, with reasons (I5).
  return move('case', [{ do: 'stop asking' }, { do: 'open decision case' }])
}

function inCase(step: StepNow, input: Input): Outcome<Move> {
  if (input.is === 'undo')
    return move('undone', [
      { do: 'stop asking' },
      { do: 'close case', reason: { code: 'undone', event: input.because } },
    ])
  if (input.is === 'determined') return move('case', [{ do: 'draft again' }])
  if (input.is === 'overdue') return move('case', [], { overdue: true })
  if (input.is !== 'decided') return past(step, input)
  const { decision, amount } = input
  if (input.outcome === 'refused') return move('refused', [], { reason: { code: 'decided', decision } })
  return move('sending', [{ do: 'call' }], {
    attempts: 0,
    result: { decision: { id: decision, amount } },
  })
}

function human(step: StepNow, input: Input): Outcome<Move> {
  if (input.is === 'undo') {
    const closing: Effect = { do: 'close case', reason: { code: 'undone', event: input.because } }
    return move('undoing', [closing, { do: 'call back' }], { attempts: 0 })
  }
  if (input.is === 'overdue') return move('human', [], { overdue: true })
  if (input.is === 'retry')
    return move(
      'sending',
      [{ do: 'close case', reason: { code: 'retried', by: input.officer } }, { do: 'call' }],
      { attempts: 0 },
    )
  if (input.is === 'by hand') return byHand(step, input)
  return past(step, input)
}

function done(step: StepNow, input: Input): Outcome<Move> {
  return input.is === 'undo' ? toUndoing(step, input.because) : past(step, input)
}

function undoing(step: StepNow, input: Input): Outcome<Move> {
  if (input.is === 'retry')
    return move(
      'undoing',
      [
        { do: 'close case', reason: { code: 'retried', by: input.officer } },
        { do: 'call back', retry: 1 },
      ],
      { attempts: 0 },
    )
  if (input.is === 'by hand')
    return move('undone', [{ do: 'close case', reason: { code: 'by_hand', by: input.officer } }], {
      reason: { code: 'undone_by_hand', by: input.officer, note: input.note },
    })
  if (input.is === 'overdue')
    return move('undoing', [{ do: 'open task case', reason: { code: 'undo_overdue' } }], { overdue: true })
  if (input.is !== 'answered') return past(step, input)
  const { answer } = input
  switch (answer.is) {
    case 'done':
      return move('undone', [{ do: 'close case', reason: { code: 'undone' } }])
    case 'working':
      return move('undoing', [{ do: 'call back', retry: step.attempts + 1 }], { attempts: step.attempts + 1 })
    case 'again':
    case 'lost': {
      const attempts = step.attempts + 1
      const reason =
        answer.is === 'again' ? answer.reason : { code: 'lost', text: 'The agency answered 404.' }
      if (attempts >= input.attempts_max) return undoStuck(attempts, reason)
      const after =
        answer.is === 'again' && answer.after_ms !== undefined ? { after_ms: answer.after_ms } : {}
      return move('undoing', [{ do: 'call back', retry: attempts, ...after }], { attempts })
    }
    case 'refused':
    case 'conflict':
      return undoStuck(step.attempts + 1, answer.reason)
  }
}

const stillThere = refused<Move>({
  code: 'still_with_the_agency',
  message: 'The agency still works on this task.',
  next: 'Wait for its answer; when the term has passed, it can be finished by hand.',
})

const finished = (step: StepNow, reference: string | null, answer: Json): Outcome<Move> =>
  move('done', step.overdue ? [{ do: 'close case', reason: { code: 'done' } }] : [], {
    reference,
    result: merged(step.result, { answer }),
    reason: null,
  })

const stuck = (attempts: number, reason: Coded): Outcome<Move> =>
  move('human', [{ do: 'open task case', reason }], { attempts, reason })

const undoStuck = (attempts: number, reason: Coded): Outcome<Move> =>
  move('undoing', [{ do: 'open task case', reason: { ...reason, undo: true } }], { attempts, reason })

/** The agency may still answer: the machine goes on asking while a human looks after it. */
const overdue = (step: StepNow): Outcome<Move> =>
  move(step.state, [{ do: 'open task case', reason: { code: 'overdue' } }], { overdue: true })

const byHand = (step: StepNow, input: Extract<Input, { is: 'by hand' }>): Outcome<Move> =>
  move('done', [{ do: 'close case', reason: { code: 'by_hand', by: input.officer } }], {
    reference: input.reference,
    result: merged(step.result, { by_hand: { by: input.officer, note: input.note } }),
    reason: null,
  })

function toUndoing(step: StepNow, because: string): Outcome<Move> {
  const effects: Effect[] = []
  if (step.overdue) effects.push({ do: 'close case', reason: { code: 'undone', event: because } })
  if (isByHand(step.result))
    effects.push({ do: 'open task case', reason: { code: 'undo_by_hand', event: because } })
  else effects.push({ do: 'call back' })
  return move('undoing', effects, { attempts: 0 })
}
