import assert from 'node:assert/strict'
import { test } from 'node:test'
import { known, list, unclear } from './rules.fixture.ts'
import type { Facts, RuleSource, RuleVocabulary } from './rules.ts'
import { compileRule, evaluate } from './rules.ts'

const vocabulary: RuleVocabulary = {
  children: {
    type: { kind: 'list', fields: { birth_date: { kind: 'date' }, in_state_care: { kind: 'boolean' } } },
    world: 'closed',
  },
  household_income: { type: { kind: 'money', min: 0 }, world: 'open', max_age: 'P12M' },
  household_size: { type: { kind: 'integer', min: 1 }, world: 'open' },
}

const act = { act: 'an act', confidence: 'V2' }
const source: RuleSource = {
  id: 'test.child-benefit.under-3',
  version: 3,
  kind: 'entitlement',
  status: 'working',
  confidence: 'V2',
  subject: 'person',
  effective: { from: '2025-07-01', to: null },
  published_at: '2025-06-10',
  legal: [act],
  calendar: { zone: 'Asia/Tashkent', leap_birthday: 'mar1', month_end: 'down' },
  params: {
    income_per_head: {
      type: { kind: 'money' },
      unit: 'UZS/month',
      values: [
        { from: '2025-07-01', value: 648_000, status: 'working', confidence: 'V2', legal: act },
        { from: '2027-01-01', value: 700_000, status: 'working', confidence: 'V2' },
      ],
    },
    monthly_amount: {
      type: { kind: 'money' },
      unit: 'UZS/month',
      values: [{ from: '2025-07-01', value: 360_000, status: 'working', confidence: 'V2', legal: act }],
    },
  },
  facts: ['children', 'household_income', 'household_size'],
  when: `
    (some c in children satisfies age(c.birth_date) < 3)
    and household_income / household_size < params.income_per_head
  `,
  exceptions: [
    {
      id: 'full-state-support',
      overrides: 'base',
      legal: act,
      when: 'some c in children satisfies c.in_state_care',
      outcome: 'does_not_apply',
    },
  ],
  result: { amount: 'params.monthly_amount' },
  text: { title: 't', summary: 's', why: { children: 'w.child', household_income: 'w.income' } },
}

const result = compileRule(source, vocabulary)
assert.ok(result.ok)
const { rule } = result
const asOf = '2026-11-23'
const fresh = { observed_on: asOf, facts: ['income-1'] }
const newborn = list([{ birth_date: '2026-11-10', in_state_care: false }])

test('a newborn: it applies until the income known today is too old', () => {
  const facts: Facts = {
    children: newborn,
    household_income: known(200_000_000, fresh),
    household_size: known(4),
  }
  const found = evaluate(rule, facts, { asOf })
  assert.equal(found.outcome, 'applies')
  assert.equal(found.until, '2027-11-23')
  assert.equal(found.amount, 36_000_000)
  assert.deepEqual(
    found.trace.map(({ predicate, value }) => [predicate, value]),
    [
      ['children', 'true'],
      ['household_income', 'true'],
      ['children', 'false'],
    ],
  )
  assert.deepEqual(found.facts, ['f-i1', 'income-1'])
  assert.equal(found.rule_hash, rule.hash)
})

test('an unknown income asks for it', () => {
  const facts: Facts = { children: newborn, household_income: unclear, household_size: known(4) }
  const found = evaluate(rule, facts, { asOf })
  assert.equal(found.outcome, 'ask')
  assert.deepEqual(found.ask, ['household_income'])
  assert.equal(found.amount, null)
  assert.equal(found.until, '2029-11-10', 'at the third birthday it is a definite no, income or not')
})

test('no child and an unknown income is a definite no', () => {
  const found = evaluate(rule, { children: list([]) }, { asOf })
  assert.equal(found.outcome, 'does_not_apply')
  assert.deepEqual(found.ask, [])
  assert.equal(found.until, null)
})

test('an income that does not go stale lets the third birthday end it, and the new threshold does not', () => {
  const facts: Facts = { children: newborn, household_income: known(200_000_000), household_size: known(4) }
  assert.equal(evaluate(rule, facts, { asOf }).until, '2029-11-10')
})
