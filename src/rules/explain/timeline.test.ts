import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '../../platform/canonical.ts'
import { formatDay, parseDay } from '../evaluator/calendar.ts'
import { decide } from '../evaluator/decide.ts'
import { amountOf } from '../evaluator/evaluate.ts'
import { openFrame } from '../evaluator/frame.ts'
import { programOf } from '../evaluator/program.ts'
import { asOf, condition, knowledge, params, sometimes, timedCondition } from '../expressions.fixture.ts'
import { known, list, ruleOf } from '../rules.fixture.ts'
import { evaluate, type Facts, type Rule, timeline } from '../rules.ts'

const seed = 20_261_125
const start = parseDay(asOf)!

const limit = {
  type: { kind: 'money' },
  values: [
    { from: '2019-01-01', value: 20, status: 'working', confidence: 'V3' },
    { from: '2024-03-01', value: '25.50', status: 'working', confidence: 'V3' },
  ],
} as const

test('an age, a parameter and a fact that grows too old are each a step on its day', () => {
  const rule = ruleOf('(some c in children satisfies age(c.birth_date) < 3) and income < params.limit', {
    params: { limit },
  })
  const facts: Facts = {
    children: list([{ birth_date: '2022-02-28' }]),
    income: known(2_200, { observed_on: '2024-01-10' }),
  }
  assert.deepEqual(
    timeline(rule, facts, { asOf }, '2026-01-01').map((s) => [s.from, s.to, s.outcome]),
    [
      ['2024-01-20', '2024-03-01', 'does_not_apply'],
      ['2024-03-01', '2025-01-10', 'applies'],
      ['2025-01-10', '2025-02-28', 'ask'],
      ['2025-02-28', null, 'does_not_apply'],
    ],
  )
})

test('a child of 29 February, in a rule that begins and ends', () => {
  const rule = ruleOf('age(birth_date) >= 4', { effective: { from: '2024-01-25', to: '2024-03-10' } })
  const facts: Facts = { birth_date: known('2020-02-29') }
  assert.deepEqual(
    timeline(rule, facts, { asOf }, '2030-01-01').map((s) => [s.from, s.outcome]),
    [
      ['2024-01-20', 'does_not_apply'],
      ['2024-02-29', 'applies'],
      ['2024-03-10', 'does_not_apply'],
    ],
  )
})

test('an amount that changes is a step of its own', () => {
  const rule = ruleOf('is_registered', { params: { limit }, result: { amount: 'params.limit' } })
  assert.deepEqual(
    timeline(rule, { is_registered: known(true) }, { asOf }, '2025-01-01').map((s) => [s.from, s.amount]),
    [
      ['2024-01-20', 2_000],
      ['2024-03-01', 2_550],
    ],
  )
})

test('a horizon that is no later day is refused', () => {
  const rule = ruleOf('is_registered')
  for (const horizon of [asOf, '2020-01-01', 'soon'])
    assert.throws(() => timeline(rule, {}, { asOf }, horizon), RangeError)
})

const amount =
  'if is_registered then params.limit else (if age(birth_date) < 3 then 0 else params.limit * count(children[age(birth_date) < 2]))'

const joined = (word: string) =>
  fc.tuple(timedCondition, timedCondition, condition).map((parts) => `(${parts.join(`) ${word} (`)})`)
const conditions = fc.oneof(condition, timedCondition, joined('and'), joined('or'))

/** Outcome and amount of every day, from the evaluator itself and nothing that knows of steps. */
function daily(rule: Rule, facts: Facts, item: string, days: number): Json[] {
  const program = programOf(rule)
  const frame = openFrame(program.readers, facts, program.ir.variables)
  return Array.from({ length: days }, (_, n) => {
    const then = decide(program, frame, start + n, program.is_per_item ? item : null)
    return [then.outcome, amountOf(then)]
  })
}

test('the timeline is what evaluating day by day gives, a million times; until is its second step', () => {
  const days = 2_000
  const horizon = formatDay(start + days)!
  const seen = { checks: 0, steps: 0 }
  fc.assert(
    fc.property(
      conditions,
      fc.oneof(fc.constant([]), fc.array(condition, { maxLength: 2 })),
      knowledge(true, 30),
      fc.tuple(sometimes, sometimes),
      (when, more, facts, [a, b]) => {
        const [from, to] =
          a && b && a < b && a > '2019-01-01' ? [a, b] : ['2019-06-01', a && a > asOf ? a : null]
        const is_per = when.length % 3 === 0
        const rule = ruleOf(is_per ? `(${when}) and age(child.birth_date) < 2` : when, {
          params,
          effective: { from, to },
          ...(is_per ? { per: { list: 'children', as: 'child' } } : {}),
          result: { amount },
          exceptions: more.map((text, at) => ({
            id: `e${at}`,
            overrides: 'base',
            legal: { act: 'x' },
            when: text,
            outcome: at === 1 ? 'human' : 'does_not_apply',
          })),
        })
        const at = { asOf, item: 'i0' }
        const found = timeline(rule, facts, at, horizon)
        const dayOf = (text: string): number => parseDay(text)! - start
        const drawn = found.flatMap(({ from, to, outcome, amount }) =>
          Array.from(
            { length: (to === null ? days : dayOf(to)) - dayOf(from) },
            (): Json => [outcome, amount],
          ),
        )
        assert.deepEqual(drawn, daily(rule, facts, 'i0', days), rule.source.when)
        seen.checks += days
        seen.steps += found.length - 1
        const { until } = evaluate(rule, facts, at)
        assert.equal(until !== null && until < horizon ? until : null, found[0]!.to)
      },
    ),
    { numRuns: 500, seed },
  )
  assert.equal(seen.checks, 1_000_000)
  assert.ok(seen.steps > 150, `only ${seen.steps} steps within the days looked at`)
})

test('to the far end of time: every step of a hundred years is where evaluation turns', () => {
  fc.assert(
    fc.property(timedCondition, knowledge(true, 60), (when, facts) => {
      const rule = ruleOf(when, { params })
      const found = timeline(rule, facts, { asOf }, '2124-01-20')
      for (const [i, { from, outcome }] of found.entries()) {
        assert.equal(evaluate(rule, facts, { asOf: from }).outcome, outcome)
        if (i === 0) continue
        const before = formatDay(parseDay(from)! - 1)!
        assert.notEqual(evaluate(rule, facts, { asOf: before }).outcome, outcome)
      }
      // What each step says of its own next one is the same.
      for (const [i, { from }] of found.entries())
        assert.equal(evaluate(rule, facts, { asOf: from }).until ?? null, found[i + 1]?.from ?? null)
    }),
    { numRuns: 300, seed },
  )
})
