import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Program } from '../evaluator/program.ts'
import { gone, known, list, ruleOf, unclear, vocabulary } from '../rules.fixture.ts'
import {
  block_rows,
  change_codes,
  changePlanOf,
  evaluate,
  type Facts,
  itemsPopulation,
  openAmounts,
  openRun,
  outcome_codes,
  planOf,
  populationOf,
  type Rule,
  type RuleSource,
  runAll,
  sqlOf,
  wakePlanOf,
} from '../rules.ts'

const asOf = '2024-02-28'
const limit: RuleSource['params'] = {
  limit: {
    type: { kind: 'money' },
    values: [{ from: '2019-01-01', value: 5, status: 'working', confidence: 'V3' }],
  },
}
const born = (day: string): Facts => ({ birth_date: known(day) })
const subjects: Facts[] = [
  born('2006-02-28'),
  born('2006-03-01'),
  born('1990-01-01'),
  { birth_date: unclear, income: unclear },
  { birth_date: gone, income: known(900), rent: known(1000), size: known(2) },
  {
    income: known(2000),
    rent: known(10),
    size: known(1),
    children: list([{ birth_date: '2023-01-01' }, { birth_date: '2010-01-01' }]),
  },
  { children: list([{ birth_date: '2023-01-01' }], false) },
]

const sqlFor = (rule: Rule, facts = subjects): string[] => {
  const population = populationOf(facts, vocabulary)
  const [output] = sqlOf(planOf([rule], population, asOf, { is_wide: true }), population)
  return output!.codes.map(({ where }) => where)
}
const outcomes = (rule: Rule, engine: 'wasm' | 'js', facts = subjects): number[] => {
  const population = populationOf(facts, vocabulary)
  const run = openRun(planOf([rule], population, asOf), population, engine)
  runAll(run, population)
  return [...run.outs[0]!]
}

test('an age becomes a birthday, so that an index serves the rule', () => {
  const [applies, ask] = sqlFor(ruleOf('age(birth_date) >= 18'))
  assert.equal(applies, `"birth_date" <= date '2006-02-28'`)
  assert.equal(ask, '"birth_date@unknown"')
})

test('a leap birthday turns on the day the act says', () => {
  const facts = [born('2007-02-28'), born('2008-02-29'), born('2008-03-01')]
  const under = (leap_birthday: 'feb28' | 'mar1', day: string): number[] => {
    const rule = ruleOf('age(birth_date) >= 17', {
      calendar: { zone: 'UTC', leap_birthday, month_end: 'down' },
    })
    const population = populationOf(facts, vocabulary)
    const run = openRun(planOf([rule], population, day), population)
    runAll(run, population)
    return [...run.outs[0]!]
  }
  assert.deepEqual(under('feb28', '2025-02-28'), [1, 1, 0])
  assert.deepEqual(under('mar1', '2025-02-28'), [1, 0, 0])
  assert.deepEqual(under('mar1', '2025-03-01'), [1, 1, 1])
})

test('two comparisons of one column are one range', () => {
  const [applies] = sqlFor(ruleOf('birth_date >= @"1995-01-01" and birth_date < @"2006-03-01"'))
  assert.equal(applies, `"birth_date" >= date '1995-01-01' and "birth_date" <= date '2006-02-28'`)
})

test('both kernels write the outcome of every subject', () => {
  const rule = ruleOf('income / size < params.limit or count(children) >= 2', { params: limit })
  const { does_not_apply, applies, ask } = outcome_codes
  const expected = [ask, ask, ask, ask, applies, applies, ask]
  assert.deepEqual(outcomes(rule, 'wasm'), expected)
  assert.deepEqual(outcomes(rule, 'js'), expected)
  const paid = ruleOf('count(children[age(birth_date) < 3]) >= 1 and income > rent')
  assert.deepEqual(outcomes(paid, 'wasm'), [0, 0, 0, 0, does_not_apply, applies, ask])
})

test('equal conditions of several rules are one, and their items are counted once', () => {
  const population = populationOf(subjects, vocabulary)
  const one = ruleOf('count(children[age(birth_date) < 3]) >= 1')
  const other = ruleOf('some c in children satisfies age(c.birth_date) < 3')
  const plan = planOf([one, other], population, asOf)
  assert.equal(plan.counts.length, 1)
  assert.equal(plan.outputs[0]!.codes[0]!.mask, plan.outputs[1]!.codes[0]!.mask)
})

test('what has no masks is worked out over strips of rows, and the plan says why', () => {
  const population = populationOf(subjects, vocabulary)
  const rule = ruleOf('sum(payments.amount) > rent and age(birth_date) >= 18')
  const { strips, fallbacks } = planOf([rule], population, asOf)
  assert.equal(strips[0]?.atom.text, 'sum(payments.amount) > rent')
  assert.match(strips[0].reason, /^not in the column profile: sum/)
  assert.deepEqual(fallbacks, [])
  const odd = ruleOf('string length(name) > size')
  assert.throws(
    () => planOf([odd], population, asOf, { is_wide: true }),
    /test\.rule: string length.*not in the column profile/,
  )
})

test('a rule of items is asked of the items: of each what it says of it alone', () => {
  const population = populationOf(subjects, vocabulary)
  const per = ruleOf('age(child.birth_date) < 3 and rent > 0', { per: { list: 'children', as: 'child' } })
  assert.throws(() => planOf([per], population, asOf), /it is asked of the items of children/)
  const items = itemsPopulation(population, 'children')!
  const run = openRun(planOf([per], items, asOf), items)
  runAll(run, items)
  const { applies, does_not_apply, ask } = outcome_codes
  assert.deepEqual([...run.outs[0]!], [applies, does_not_apply, ask])
  assert.equal(itemsPopulation(population, 'birth_date'), undefined)
})

test('numbers that leave exact doubles are the evaluator’s, row by row', () => {
  const facts = [{ score: known(3) }, { score: known(9_007_199_254_740_991) }, { score: known(-4) }]
  // Twice the greatest and one more is the same double as twice the greatest.
  const rule = ruleOf('max(score, 2) + max(score, 2) + 1 > max(score, 2) + max(score, 2)')
  const population = populationOf(facts, vocabulary)
  const run = openRun(planOf([rule], population, asOf), population)
  runAll(run, population)
  assert.deepEqual([...run.outs[0]!], [1, 1, 1])
  assert.equal(run.evaluated(), 1)
})

test('amounts are those of the evaluator, chosen by the exception that decides', () => {
  const rule = ruleOf('age(birth_date) >= 18 or rent > params.limit', {
    params: limit,
    result: { amount: 'sum(payments.amount) + params.limit' },
    exceptions: [
      {
        id: 'large',
        overrides: 'base',
        legal: { act: 'x' },
        when: 'rent > params.limit',
        outcome: 'applies',
        result: { amount: '0.5 * rent', round: 'half_up(2)' },
      },
    ],
  })
  const facts = [
    { birth_date: known('1990-01-01'), rent: known(0), payments: list([{ amount: 7 }, { amount: 8 }]) },
    { birth_date: known('1990-01-01'), rent: known(1001), payments: list([]) },
    { birth_date: known('2020-01-01'), rent: known(0), payments: list([]) },
    { birth_date: known('1990-01-01'), rent: known(0), payments: list([{ amount: 7 }], false) },
  ]
  const population = populationOf(facts, vocabulary)
  const amounts = openAmounts(rule, population, asOf)
  const paid = [...amounts.of(Uint32Array.of(3, 2, 1, 0))].map((n) => (Number.isNaN(n) ? null : n))
  const said = [3, 2, 1, 0].map((row) => evaluate(rule, facts[row]!, { asOf }).amount)
  assert.deepEqual(paid, said)
  assert.equal(said[2], 501)
  assert.equal(amounts.evaluated(), 0)
})

test('logic that the columns do not know is the evaluator’s as a whole', () => {
  const rule = ruleOf('age(birth_date) >= 18')
  const program = rule.compiled as Program
  const strange = { op: 'of-a-later-language' } as unknown as Program['ir']['when']
  const changed: Rule = { ...rule, compiled: { ...program, ir: { ...program.ir, when: strange } } }
  const population = populationOf(subjects, vocabulary)
  assert.match(planOf([changed], population, asOf).fallbacks[0]!.reason, /of-a-later-language/)
  assert.deepEqual(outcomes(changed, 'wasm'), outcomes(rule, 'wasm'))
  assert.match(wakePlanOf([changed], population, asOf).rules[0]!.scalar!, /turns are not known/)
})

test('a changed rule tells who is newly affected, and an unchanged one asks no column', () => {
  const population = populationOf(subjects, vocabulary)
  const before = ruleOf('age(birth_date) >= 18')
  const after = ruleOf('age(birth_date) >= 17')
  const run = openRun(changePlanOf(before, after, population, asOf), population)
  runAll(run, population)
  assert.deepEqual([...run.outs[0]!], [0, change_codes['does_not_apply→applies'], 0, 0, 0, 0, 0])
  assert.deepEqual(
    changePlanOf(before, ruleOf('age(birth_date) >= 18'), population, asOf).outputs[0]!.codes,
    [],
  )
})

test('a fact without an end holds on a day that its column of ends could not hold', () => {
  const facts = [{ income: known(1) }, { income: known(2, { valid_to: '2021-03-01' }) }]
  const population = populationOf(facts, vocabulary)
  const run = openRun(planOf([ruleOf('income >= 0')], population, '2101-01-01'), population)
  runAll(run, population)
  assert.deepEqual([...run.outs[0]!], [outcome_codes.applies, outcome_codes.ask])
})

test('blocks do not disturb each other', () => {
  const rule = ruleOf(
    'count(children[age(birth_date) < 3]) >= 1 and (sum(payments.amount) >= 0 or income > rent)',
  )
  const many = Array.from({ length: block_rows + 500 }, (_, row) => subjects[(row * 7) % subjects.length]!)
  const alone = outcomes(rule, 'wasm')
  assert.ok(new Set(alone).size > 1)
  for (const engine of ['wasm', 'js'] as const) {
    const found = outcomes(rule, engine, many)
    const wrong = found.findIndex((code, row) => code !== alone[(row * 7) % subjects.length])
    assert.equal(wrong, -1, engine)
  }
})
