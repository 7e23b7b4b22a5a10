import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type HearingInput, type HearingState, hearingAfter, hearingStates } from './hearing-state.ts'

const answer_by = '2026-12-01'
const inputs: { readonly [name: string]: HearingInput } = {
  'answer on the last day': { is: 'answer', today: answer_by },
  'answer the day after': { is: 'answer', today: '2026-12-02' },
  'day not passed': { is: 'day passed', today: answer_by },
  'day passed': { is: 'day passed', today: '2026-12-02' },
  end: { is: 'end' },
}

/** Every state and every input: where it leads, or why it does not. */
const table: { readonly [state in HearingState]: readonly string[] } = {
  open: ['answered', 'hearing_over', 'hearing_open', 'lapsed', 'ended'],
  answered: ['already_answered', 'already_answered', 'already_answered', 'already_answered', 'ended'],
  lapsed: ['hearing_over', 'hearing_over', 'hearing_over', 'hearing_over', 'ended'],
  ended: ['hearing_over', 'hearing_over', 'hearing_over', 'hearing_over', 'hearing_over'],
}

for (const state of hearingStates)
  for (const [at, [name, input]] of Object.entries(inputs).entries())
    test(`${state}: ${name} gives ${table[state][at]}`, () => {
      const next = hearingAfter({ state, answer_by }, input)
      assert.equal(next.ok ? next.value : next.refusal.code, table[state][at])
    })
