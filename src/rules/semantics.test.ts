import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gone, known, list, ruleOf, unclear } from './rules.fixture.ts'
import type { Facts, RuleSource } from './rules.ts'
import { evaluate, items } from './rules.ts'

const asOf = '2026-11-23'
const param = (type: RuleSource['params'][string]['type'], value: string | number) => ({
  type,
  values: [{ from: '2019-01-01', value, status: 'working' as const, confidence: 'V3' }],
})
const params: RuleSource['params'] = {
  limit: param({ kind: 'money' }, 100),
  fine: param({ kind: 'money' }, '0.01'),
  term: param({ kind: 'duration' }, 'P1M'),
  part: param({ kind: 'decimal', scale: 2, min: '0' }, '0.3'),
}

const letters = { applies: 'T', does_not_apply: 'F', ask: 'U', conflict: '!', human: 'H' } as const
/** T, F or U: what a condition says of these facts. Everything not given is unknown. */
function truth(when: string, facts: Facts): string {
  const rule = ruleOf(when, {
    params: Object.fromEntries(Object.entries(params).filter(([name]) => when.includes(`params.${name}`))),
  })
  const all = Object.fromEntries(rule.reads.map((name) => [name, facts[name] ?? unclear]))
  return letters[evaluate(rule, all, { asOf }).outcome]
}

/** Each row: a condition, its facts, and what it says. */
function rows(name: string, table: readonly (readonly [string, Facts, string])[]): void {
  test(name, () => {
    for (const [when, facts, expected] of table)
      assert.equal(truth(when, facts), expected, `${when} with ${JSON.stringify(facts)}`)
  })
}

const T = { is_working: known(true) }
const F = { is_working: known(false) }
rows('strong Kleene: a decisive side wins over the unknown', [
  ['is_working and score = 1', T, 'U'],
  ['is_working and score = 1', F, 'F'],
  ['is_working or score = 1', T, 'T'],
  ['is_working or score = 1', F, 'U'],
  ['not(score = 1)', {}, 'U'],
  ['if is_working then score = 1 else score = 1', { score: known(1) }, 'T'],
  ['if is_working then score = 1 else score = 2', { score: known(1) }, 'U'],
  ['if is_working then score = 1 else score = 2', { ...T, score: known(1) }, 'T'],
  ['(if is_working then 1 else 1) = score', { score: known(1) }, 'T'],
  ['(if is_working then 1 else 2) = score', { score: known(1) }, 'U'],
])

rows('a comparison with an absent operand is false, all six and the others; with an unknown one unknown', [
  ...(['=', '!=', '<', '<=', '>', '>='] as const).flatMap((op): [string, Facts, string][] => [
    [`score ${op} 4`, { score: gone }, 'F'],
    [`score ${op} 4`, {}, 'U'],
    [`score ${op} size`, { score: gone }, 'F'],
    [`not(score ${op} 4)`, { score: gone }, 'T'],
  ]),
  ['score between 1 and 3', { score: gone }, 'F'],
  ['score between 1 and size', { score: known(0) }, 'U'],
  ['score between 1 and 3', { score: known(3) }, 'T'],
  ['score in (1, 2, > 7)', { score: known(8) }, 'T'],
  ['score in (1, 2, > 7)', { score: known(7) }, 'F'],
  ['score in (1, 2)', { score: gone }, 'F'],
  ['score in (1, 2)', {}, 'U'],
  ['score in [1..3)', { score: known(3) }, 'F'],
  ['score in ]1..3]', { score: known(1) }, 'F'],
  ['score in (1..3]', { score: known(3) }, 'T'],
  ['status in ["single", "widowed"]', { status: known('widowed') }, 'T'],
  ['is_registered', { is_registered: gone }, 'F'],
  ['not(is_registered)', { is_registered: gone }, 'T'],
  ['is_registered = false', { is_registered: gone }, 'F'],
])

rows('arithmetic with an absent operand is absent, with an unknown one unknown', [
  ['score + size > 0', { score: gone }, 'F'],
  ['score + size > 0', { score: known(1) }, 'U'],
  ['not(score * size > 0)', { score: gone, size: known(2) }, 'T'],
  ['score - 3 = -1', { score: known(2) }, 'T'],
  ['-score = -2', { score: known(2) }, 'T'],
  ['score - 1 - 1 = 0', { score: known(2) }, 'T'],
])

rows('the state of a fact', [
  ['absent(score)', { score: gone }, 'T'],
  ['absent(score)', { score: known(1) }, 'F'],
  ['absent(score)', {}, 'U'],
  ['present(score)', { score: gone }, 'F'],
  ['present(score)', { score: known(1) }, 'T'],
  ['present(score)', {}, 'U'],
  ['unknown(score)', {}, 'T'],
  ['unknown(score)', { score: gone }, 'F'],
  ['absent(children)', { children: list([]) }, 'T'],
  ['absent(children)', { children: list([], false) }, 'U'],
  ['absent(children)', { children: list([{}], false) }, 'F'],
  ['present(children)', { children: gone }, 'F'],
  ['unknown(children)', { children: list([{}], false) }, 'T'],
])

rows('decimals and money are exact', [
  ['0.1 + share = 0.3', { share: known('0.2') }, 'T'],
  ['share * 3 = 0.9', { share: known('0.3') }, 'T'],
  ['rent = params.fine', { rent: known(1) }, 'T'],
  ['rent > params.part * income', { rent: known(31), income: known(100) }, 'T'],
  ['rent > params.part * income', { rent: known(30), income: known(100) }, 'F'],
  ['rent >= 0', { rent: known(0) }, 'T'],
])

rows('a ratio is a product over a denominator above zero', [
  ['income / size < params.limit', { income: known(29_999), size: known(3) }, 'T'],
  ['income / size < params.limit', { income: known(30_000), size: known(3) }, 'F'],
  ['params.limit > income / size', { income: known(29_999), size: known(3) }, 'T'],
  ['income / size = rent / 2', { income: known(6), size: known(3), rent: known(4) }, 'T'],
  ['income / size < params.limit', { income: known(1), size: known(0) }, 'U'],
  ['income / size < params.limit', { income: gone, size: known(1) }, 'F'],
])

const born = (...days: (string | null)[]) => list(days.map((birth_date) => ({ birth_date })))
const partly = (...days: string[]) =>
  list(
    days.map((birth_date) => ({ birth_date })),
    false,
  )
rows('lists that may be incomplete give bounds', [
  ['count(children) >= 2', { children: partly('2020-01-01', '2021-01-01') }, 'T'],
  ['count(children) >= 3', { children: partly('2020-01-01', '2021-01-01') }, 'U'],
  ['count(children) < 2', { children: partly('2020-01-01', '2021-01-01') }, 'F'],
  ['count(children) = 2', { children: born('2020-01-01', '2021-01-01') }, 'T'],
  ['count(children) = 0', { children: gone }, 'T'],
  ['count(children) >= 1', {}, 'U'],
  ['count(children[age(birth_date) < 3]) >= 1', { children: list([{ birth_date: '2025-01-01' }, {}]) }, 'T'],
  ['count(children[age(birth_date) < 3]) >= 2', { children: list([{ birth_date: '2025-01-01' }, {}]) }, 'U'],
  ['count(children[age(birth_date) < 3]) >= 3', { children: list([{ birth_date: '2025-01-01' }, {}]) }, 'F'],
  ['count(children[age(birth_date) < 3]) = 1', { children: born('2025-01-01', null) }, 'T'],
  ['(some c in children satisfies age(c.birth_date) < 3)', { children: partly('2010-01-01') }, 'U'],
  ['(some c in children satisfies age(c.birth_date) < 3)', { children: partly('2025-01-01') }, 'T'],
  ['(some c in children satisfies age(c.birth_date) < 3)', { children: born() }, 'F'],
  ['(every c in children satisfies age(c.birth_date) < 3)', { children: born() }, 'T'],
  ['(every c in children satisfies age(c.birth_date) < 3)', { children: partly('2025-01-01') }, 'U'],
  ['(every c in children satisfies age(c.birth_date) < 3)', { children: partly('2010-01-01') }, 'F'],
  [
    '(some c in children[in_state_care] satisfies age(c.birth_date) < 3)',
    { children: list([{ birth_date: '2025-01-01', in_state_care: false }]) },
    'F',
  ],
])

const paid = (...amounts: (number | null | undefined)[]) =>
  list(amounts.map((amount) => (amount === undefined ? {} : { amount })))
rows('sums, least and greatest', [
  ['sum(payments.amount) >= params.limit', { payments: paid(6000, 5000) }, 'T'],
  ['sum(payments.amount) >= params.limit', { payments: paid(10_000, undefined) }, 'T'],
  ['sum(payments.amount) >= params.limit', { payments: paid(9000, undefined) }, 'U'],
  ['sum(payments.amount) < params.limit', { payments: paid(9000, null) }, 'T'],
  ['sum(payments.amount) = 0', { payments: paid() }, 'T'],
  ['sum(payments.balance) >= params.limit', { payments: list([{ balance: 20_000 }, {}]) }, 'U'],
  ['max(payments.amount) > params.limit', { payments: paid(20_000, undefined) }, 'T'],
  ['min(payments.amount) > params.limit', { payments: paid(20_000, undefined) }, 'U'],
  ['min(payments.amount) > params.limit', { payments: paid(1, undefined) }, 'F'],
  ['min(payments.amount) > params.limit', { payments: paid() }, 'F'],
  ['not(min(payments.amount) > params.limit)', { payments: paid(null) }, 'T'],
  ['max(payments.paid_on) + @"P60D" > today()', { payments: list([{ paid_on: '2026-10-01' }]) }, 'T'],
  [
    '(some c in children satisfies count(children[birth_date < c.birth_date]) >= 1)',
    { children: born('2020-01-01', '2021-01-01') },
    'T',
  ],
])

rows('time', [
  ['age(birth_date) >= 18', { birth_date: known('2008-11-23') }, 'T'],
  ['age(birth_date) >= 18', { birth_date: known('2008-11-24') }, 'F'],
  ['card_expiry - today() <= @"P60D"', { card_expiry: known('2027-01-22') }, 'T'],
  ['card_expiry - today() <= @"P60D"', { card_expiry: known('2027-01-23') }, 'F'],
  ['card_expiry + params.term > today()', { card_expiry: known('2026-10-24') }, 'T'],
  ['card_expiry + duration("P1M") > date("2026-11-23")', { card_expiry: known('2026-10-23') }, 'F'],
  ['card_expiry = @"2026-11-23"', { card_expiry: known(asOf) }, 'T'],
])

rows('a value that does not fit its declaration is unknown, never a no', [
  ['score > 1', { score: known('7') }, 'U'],
  ['score > 1', { score: known(1.5) }, 'U'],
  ['size > 1', { size: known(41) }, 'U'],
  ['birth_date < today()', { birth_date: known('2023-02-29') }, 'U'],
  ['share > 0', { share: known('0.001') }, 'U'],
  ['is_working', { is_working: known('true') }, 'U'],
])

test('a predicate that is left out is absent in a closed world and unknown in an open one', () => {
  assert.equal(evaluate(ruleOf('is_registered'), {}, { asOf }).outcome, 'does_not_apply')
  assert.equal(evaluate(ruleOf('is_working'), {}, { asOf }).outcome, 'ask')
  assert.equal(evaluate(ruleOf('count(children) = 0'), {}, { asOf }).outcome, 'applies')
  assert.equal(evaluate(ruleOf('count(payments) = 0'), {}, { asOf }).outcome, 'ask')
})

test('a fact counts within its valid period, and knowledge grows too old', () => {
  const at = (when: string, facts: Facts) => letters[evaluate(ruleOf(when), facts, { asOf }).outcome]
  assert.equal(at('absent(name)', { name: known('A', { valid_to: asOf }) }), 'T')
  assert.equal(at('name = "A"', { name: known('A', { valid_from: asOf, valid_to: '2026-11-24' }) }), 'T')
  assert.equal(at('score = 1', { score: known(1, { valid_from: '2026-11-24' }) }), 'U')
  assert.equal(at('income = 0', { income: known(0, { observed_on: '2025-11-23' }) }), 'U')
  assert.equal(at('income = 0', { income: known(0, { observed_on: '2025-11-24' }) }), 'T')
  const old = {
    state: 'list',
    complete: true,
    items: [{ item: 'p', value: { amount: 1 }, facts: [], observed_on: '2026-05-23' }],
  } as const
  assert.equal(at('count(payments) >= 1', { payments: old }), 'U')
  assert.equal(at('count(payments) <= 1', { payments: old }), 'T')
})

test('exceptions replace what they override; two without an order are a conflict', () => {
  const rule = ruleOf('is_working', {
    exceptions: [
      { id: 'care', overrides: 'base', legal: { act: 'a' }, when: 'score = 1', outcome: 'does_not_apply' },
      { id: 'court', overrides: 'base', legal: { act: 'a' }, when: 'is_registered', outcome: 'human' },
      { id: 'heir', overrides: 'care', legal: { act: 'a' }, when: 'size = 1', outcome: 'human' },
    ],
  })
  const at = (is_working: boolean | null, score: number | null, court: boolean, size: number) => {
    const cell = (value: boolean | number | null) => (value === null ? unclear : known(value))
    const d = evaluate(
      rule,
      { is_working: cell(is_working), score: cell(score), is_registered: known(court), size: known(size) },
      { asOf },
    )
    return [d.outcome, d.exception]
  }
  assert.deepEqual(at(true, 0, false, 2), ['applies', null])
  assert.deepEqual(at(true, 1, false, 2), ['does_not_apply', 'care'])
  assert.deepEqual(at(true, 1, false, 1), ['human', 'heir'])
  assert.deepEqual(at(true, 1, true, 2), ['conflict', null])
  assert.deepEqual(at(false, 0, true, 2), ['human', 'court'])
  assert.deepEqual(at(true, null, false, 2), ['ask', null])
  assert.deepEqual(at(false, null, false, 2), ['does_not_apply', null])
  assert.deepEqual(at(null, 1, false, 2), ['does_not_apply', 'care'])
})

test('outside its effective dates a rule does not apply, and says when that changes', () => {
  const rule = ruleOf('is_working', { effective: { from: '2026-12-01', to: '2027-02-01' } })
  const facts = { is_working: known(true) }
  const at = (day: string) => [
    evaluate(rule, facts, { asOf: day }).outcome,
    evaluate(rule, facts, { asOf: day }).until,
  ]
  assert.deepEqual(at('2026-11-30'), ['does_not_apply', '2026-12-01'])
  assert.deepEqual(at('2026-12-01'), ['applies', '2027-02-01'])
  assert.deepEqual(at('2027-02-01'), ['does_not_apply', null])
})

test('a rule per item speaks of that item, and asks when the item itself is in doubt', () => {
  const rule = ruleOf('age(child.birth_date) < 3 and count(children[birth_date < child.birth_date]) = 0', {
    per: { list: 'children', as: 'child' },
  })
  const children = born('2025-01-01', '2026-01-01', '2020-06-01')
  assert.deepEqual(items(rule, { children }), ['i1', 'i2', 'i3'])
  assert.deepEqual(items(rule, {}), [])
  const two = born('2025-01-01', '2026-01-01')
  const at = (cell: typeof two, item: string) => evaluate(rule, { children: cell }, { asOf, item })
  assert.equal(at(two, 'i1').outcome, 'applies')
  assert.equal(at(two, 'i1').until, '2028-01-01')
  assert.equal(at(two, 'i1').item, 'i1')
  assert.equal(at(two, 'i2').outcome, 'does_not_apply')
  assert.equal(at(children, 'i1').outcome, 'does_not_apply')
  assert.equal(at(two, 'i9').outcome, 'does_not_apply')
  assert.equal(at(partly('2025-01-01'), 'i9').outcome, 'ask')
  assert.throws(() => evaluate(rule, { children }, { asOf }), TypeError)
})

test('the trace holds every condition, decided or not, with its operands and facts', () => {
  const rule = ruleOf('is_working and count(children[age(birth_date) < 3]) >= 1', {})
  const children = list([{ birth_date: '2026-01-01' }, { birth_date: null }])
  const found = evaluate(rule, { is_working: known(false, { facts: ['w1'] }), children }, { asOf })
  assert.deepEqual(found.trace, [
    {
      predicate: 'is_working',
      text: 'is_working',
      value: 'false',
      inputs: [{ name: 'is_working', state: 'known', value: false, facts: ['w1'] }],
    },
    {
      predicate: 'children',
      text: 'count(children[age(birth_date) < 3]) >= 1',
      value: 'true',
      inputs: [
        { name: 'children', state: 'known', value: ['i1', 'i2'], facts: ['f-i1', 'f-i2'] },
        { name: 'children.birth_date', state: 'known', value: '2026-01-01', facts: ['f-i1'] },
        { name: 'children.birth_date', state: 'absent', value: null, facts: ['f-i2'] },
      ],
    },
  ])
  assert.deepEqual(found.facts, ['w1', 'f-i1', 'f-i2'])
})

test('asks the smallest set of open facts that decides, and nothing when only a registry can', () => {
  const ask = (when: string, facts: Facts) => evaluate(ruleOf(when), facts, { asOf }).ask
  assert.deepEqual(ask('is_working and score = 1', {}), ['is_working', 'score'])
  assert.deepEqual(ask('is_working and score = 1', { score: known(1) }), ['is_working'])
  assert.deepEqual(ask('is_working and score = 1', { score: known(2) }), [])
  assert.deepEqual(ask('score > size', { score: known(1) }), ['size'])
  assert.deepEqual(ask('is_registered and is_working', { is_registered: unclear }), [])
})

test('the amount is whole minor units, and a day on which it changes is a change', () => {
  const rule = ruleOf('is_working', {
    params: {
      wage: {
        type: { kind: 'money' },
        values: [
          { from: '2020-01-01', value: 1_271_000, status: 'working', confidence: 'V2' },
          { from: '2027-01-01', value: '1400000.00', status: 'working', confidence: 'V2' },
        ],
      },
    },
    result: { amount: '0.703 * params.wage', due: 'birth_date + @"P1M"' },
  })
  const facts = { is_working: known(true), birth_date: known('2026-10-31') }
  const found = evaluate(rule, facts, { asOf })
  assert.equal(found.amount, 89_351_300)
  assert.equal(found.due, '2026-11-30')
  assert.equal(found.until, '2027-01-01')
  assert.deepEqual(found.params, [
    { name: 'wage', from: '2020-01-01', value: 127_100_000, confidence: 'V2', status: 'working' },
  ])
  assert.equal(evaluate(rule, facts, { asOf: '2027-01-01' }).amount, 98_420_000)
  const no = evaluate(rule, { ...facts, is_working: known(false) }, { asOf })
  assert.deepEqual([no.amount, no.due, no.until], [null, null, null])
  const unsure = ruleOf('is_working', { result: { amount: 'rent' } })
  assert.equal(evaluate(unsure, { is_working: known(true), rent: unclear }, { asOf }).amount, null)
})
