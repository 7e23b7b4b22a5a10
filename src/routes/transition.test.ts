import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type AgencyAnswer,
  type Effect,
  type Input,
  isOver,
  type StepNow,
  type StepState,
  stepStates,
  transition,
} from './transition.ts'

const ATTEMPTS_MAX = 5
const reason = { code: 'x', text: 'x' }

const agencyAnswer: fc.Arbitrary<AgencyAnswer> = fc.constantFrom<AgencyAnswer>(
  { is: 'done', reference: 'R', result: null },
  { is: 'working', reference: 'W' },
  { is: 'refused', reason },
  { is: 'again', reason },
  { is: 'conflict', reason },
  { is: 'lost' },
)

const input: fc.Arbitrary<Input> = fc.oneof(
  fc.constant<Input>({ is: 'start' }),
  fc.constant<Input>({ is: 'prerequisite refused', step: 'a' }),
  fc
    .constantFrom('applies', 'does_not_apply', 'ask', 'conflict', 'human')
    .map((outcome): Input => ({ is: 'determined', finding: { outcome, predicate: 'p', reason: null } })),
  agencyAnswer.map((answer): Input => ({ is: 'answered', answer, attempts_max: ATTEMPTS_MAX })),
  fc
    .constantFrom('granted', 'refused')
    .map((outcome): Input => ({ is: 'decided', decision: 'd', outcome, amount: 1 })),
  fc.constant<Input>({ is: 'retry', officer: 'o' }),
  fc.constant<Input>({ is: 'by hand', officer: 'o', reference: null, note: 'n' }),
  fc.constant<Input>({ is: 'claimed' }),
  fc.constant<Input>({ is: 'overdue' }),
  fc.constant<Input>({ is: 'undo', because: 'e' }),
)

/** Where a step may go from where; everything else is a mistake. */
const legal: { readonly [state in StepState]: readonly StepState[] } = {
  blocked: ['sending', 'asking', 'case', 'skipped', 'undone'],
  sending: ['sending', 'working', 'done', 'human', 'undoing'],
  working: ['working', 'sending', 'done', 'human', 'undoing'],
  asking: ['asking', 'case', 'undone'],
  case: ['case', 'sending', 'refused', 'undone'],
  human: ['human', 'sending', 'done', 'undoing'],
  done: ['undoing'],
  skipped: ['case'],
  refused: ['undone'],
  undoing: ['undoing', 'undone'],
  undone: [],
}

const first = (kind: 'task' | 'case'): StepNow => ({
  state: 'blocked',
  kind,
  attempts: 0,
  reference: null,
  result: null,
  overdue: false,
})

/** Applies inputs one after another; refused ones change nothing. */
function walk(
  kind: 'task' | 'case',
  inputs: readonly Input[],
): { step: StepNow; effects: Effect[]; path: StepState[] } {
  let step = first(kind)
  const effects: Effect[] = []
  const path: StepState[] = [step.state]
  for (const one of inputs) {
    const moved = transition(step, one)
    if (!moved.ok) continue
    const { next, attempts, reference, result, overdue } = moved.value
    assert.ok(legal[step.state].includes(next), `${step.state} → ${next} by ${one.is}`)
    step = {
      ...step,
      state: next,
      attempts: attempts ?? step.attempts,
      reference: reference === undefined ? step.reference : reference,
      result: result === undefined ? step.result : result,
      overdue: overdue ?? step.overdue,
    }
    effects.push(...moved.value.effects)
    path.push(next)
  }
  return { step, effects, path }
}

const kind = fc.constantFrom('task' as const, 'case' as const)

test('no input, in whatever order, moves a step where it may not go', () => {
  fc.assert(
    fc.property(kind, fc.array(input, { maxLength: 40 }), (k, inputs) => {
      walk(k, inputs)
    }),
    { numRuns: 2000 },
  )
})

test('undo ends from every state: a human finishing it is always enough', () => {
  fc.assert(
    fc.property(kind, fc.array(input, { maxLength: 30 }), (k, inputs) => {
      const { step } = walk(k, [
        ...inputs,
        { is: 'undo', because: 'e' },
        { is: 'by hand', officer: 'o', reference: null, note: 'n' },
      ])
      assert.ok(step.state === 'undone' || step.state === 'skipped', step.state)
    }),
    { numRuns: 2000 },
  )
})

test('an agency that takes an undo back ends it, after however many failures, before a human must', () => {
  fc.assert(
    fc.property(fc.array(agencyAnswer, { maxLength: 30 }), (answers) => {
      const done: Input = {
        is: 'answered',
        answer: { is: 'done', reference: null, result: null },
        attempts_max: ATTEMPTS_MAX,
      }
      const inputs = answers.map((answer): Input => ({ is: 'answered', answer, attempts_max: ATTEMPTS_MAX }))
      const { step } = walk('task', [{ is: 'start' }, done, { is: 'undo', because: 'e' }, ...inputs, done])
      assert.equal(step.state, 'undone')
    }),
  )
})

test('failures come to an end: after the attempts of the route a human has the task', () => {
  const again: Input = { is: 'answered', answer: { is: 'again', reason }, attempts_max: ATTEMPTS_MAX }
  const { step, effects } = walk('task', [{ is: 'start' }, ...Array<Input>(ATTEMPTS_MAX + 3).fill(again)])
  assert.equal(step.state, 'human')
  assert.equal(effects.filter((e) => e.do === 'call').length, ATTEMPTS_MAX)
  assert.equal(effects.filter((e) => e.do === 'open task case').length, 1)
})

test('a case step reaches the agency only through a decision that grants it', () => {
  fc.assert(
    fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
      const undecided = inputs.filter((i) => !(i.is === 'decided' && i.outcome === 'granted'))
      const { path } = walk('case', undecided)
      assert.ok(!path.includes('sending') && !path.includes('done'), path.join(' → '))
    }),
    { numRuns: 2000 },
  )
})

test('a step that was asked about is never skipped: a human says no (I5)', () => {
  fc.assert(
    fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
      const asked: Input = { is: 'determined', finding: { outcome: 'ask', predicate: 'p', reason: null } }
      assert.notEqual(walk('case', [asked, ...inputs]).step.state, 'skipped')
    }),
  )
})

test('every state is looked at, and those that are over are four', () => {
  assert.deepEqual(stepStates.filter(isOver), ['done', 'skipped', 'refused', 'undone'])
})
