import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gone, known, list, ruleOf, source, unclear, vocabulary } from './rules.fixture.ts'
import type { Facts, RuleSource, TableSource } from './rules.ts'
import { compileRule, evaluate } from './rules.ts'

const asOf = '2026-11-23'
const money = (...values: [string, number | string][]): RuleSource['params'][string] => ({
  type: { kind: 'money' },
  values: values.map(([from, value]) => ({ from, value, status: 'working', confidence: 'V3' })),
})
const params = {
  low: money(['2019-01-01', 1]),
  high: money(['2019-01-01', 2]),
  most: money(['2019-01-01', 3]),
}
const given = { low: 100, high: 200, most: 300 } as const

type Short = readonly [when: string, output: keyof typeof given]
const table = (
  hit: TableSource['hit'],
  inputs: string[],
  rows: readonly Short[],
  more: Partial<TableSource> = {},
): TableSource => ({
  hit,
  inputs,
  rows: rows.map(([when, output]) => ({
    when: when.split(' | ').map((cell) => cell.trim()),
    output: `params.${output}`,
  })),
  ...more,
})

const used = (amount: TableSource): RuleSource['params'] =>
  Object.fromEntries(
    Object.entries(params).filter(([name]) => JSON.stringify(amount).includes(`params.${name}`)),
  )
const amount = (of: TableSource, facts: Facts): number | null =>
  evaluate(
    ruleOf('is_registered', { result: { amount: of }, params: used(of) }),
    { is_registered: known(true), ...facts },
    { asOf },
  ).amount

/** Every mistake of a table, as `where: message`. */
function mistakes(of: TableSource, more: Partial<RuleSource> = {}): string[] {
  const result = compileRule(
    source('is_registered', { result: { amount: of }, params: used(of), ...more }),
    vocabulary,
  )
  return result.ok
    ? []
    : result.errors
        .filter(({ where }) => where.startsWith('result'))
        .map(({ where, message }) => `${where}: ${message}`)
}

const bySize = table(
  'unique',
  ['size'],
  [
    ['< 3', 'low'],
    ['[3..5]', 'high'],
    ['> 5, absent', 'most'],
  ],
)
const first = table(
  'first',
  ['score', 'status'],
  [
    ['>= 10 | -', 'most'],
    ['- | "married", "widowed"', 'high'],
    ['- | -', 'low'],
  ],
)

test('the row that matches decides', () => {
  assert.equal(amount(bySize, { size: known(2) }), 100)
  assert.equal(amount(bySize, { size: known(3) }), 200)
  assert.equal(amount(bySize, { size: known(6) }), 300)
  assert.equal(amount(bySize, { size: gone }), 300)
  assert.equal(amount(first, { score: known(10), status: known('single') }), 300)
  assert.equal(amount(first, { score: known(1), status: known('widowed') }), 200)
  assert.equal(amount(first, { score: gone, status: gone }), 100)
})

test('with something unknown it is known only where every row that may decide says the same', () => {
  assert.equal(amount(bySize, { size: unclear }), null)
  assert.equal(amount(first, { score: unclear, status: known('single') }), null)
  assert.equal(amount(first, { score: known(10), status: unclear }), 300)
  const alike = table(
    'first',
    ['score', 'status'],
    [
      ['>= 10 | -', 'low'],
      ['< 10 | -', 'low'],
      ['- | -', 'high'],
    ],
  )
  // An unknown score may be absent, and then the third row decides.
  assert.equal(amount(alike, { score: unclear, status: unclear }), null)
  const all = table(
    'unique',
    ['score', 'status'],
    [
      ['>= 10, absent | -', 'low'],
      ['< 10 | -', 'low'],
    ],
  )
  assert.equal(amount(all, { score: unclear, status: unclear }), 100)
})

test('collect takes every row that matches, and gives bounds where some only may', () => {
  const sum = table(
    'collect',
    ['score', 'size'],
    [
      ['> 1 | -', 'low'],
      ['- | > 2', 'high'],
    ],
    { collect: 'sum' },
  )
  assert.equal(amount(sum, { score: known(2), size: known(3) }), 300)
  assert.equal(amount(sum, { score: known(2), size: known(1) }), 100)
  assert.equal(amount(sum, { score: known(0), size: known(1) }), 0)
  assert.equal(amount(sum, { score: unclear, size: known(3) }), null)
  const best = { ...sum, collect: 'max' } as const
  assert.equal(amount(best, { score: known(2), size: known(3) }), 200)
  assert.equal(amount(best, { score: unclear, size: known(3) }), 200)
  assert.equal(amount({ ...best, collect: 'min' }, { score: known(2), size: unclear }), 100)
  assert.equal(amount(best, { score: known(0), size: known(1) }), null)
})

test('lists, parameters and dates stand in columns, and a due day may come from a table', () => {
  const children = table(
    'unique',
    ['count(children)', 'income'],
    [
      ['0 | -', 'low'],
      ['> 0 | < params.high', 'most'],
      ['> 0 | >= params.high, absent', 'high'],
    ],
  )
  assert.equal(amount(children, { children: list([{}]), income: known(150) }), 300)
  assert.equal(amount(children, { children: list([{}]), income: known(200) }), 200)
  assert.equal(amount(children, { children: list([]), income: unclear }), 100)
  const due: TableSource = {
    hit: 'first',
    inputs: ['birth_date'],
    rows: [
      { when: ['< @"2000-01-01"'], output: 'birth_date + @"P1M"' },
      { when: ['-'], output: 'birth_date + @"P1D"' },
    ],
  }
  const rule = ruleOf('is_registered', { result: { due } })
  const of = (day: string) =>
    evaluate(rule, { is_registered: known(true), birth_date: known(day) }, { asOf }).due
  assert.equal(of('1999-12-31'), '2000-01-31')
  assert.equal(of('2000-01-01'), '2000-01-02')
})

test('the age of a column turns the amount on its day', () => {
  const byAge = table(
    'unique',
    ['age(birth_date)'],
    [
      ['< 18', 'low'],
      ['>= 18, absent', 'high'],
    ],
  )
  const rule = ruleOf('is_registered', { result: { amount: byAge }, params: used(byAge) })
  const facts = { is_registered: known(true), birth_date: known('2008-12-01') }
  const said = evaluate(rule, facts, { asOf })
  assert.deepEqual([said.amount, said.until], [100, '2026-12-01'])
})

test('a gap is told with the values it leaves out', () => {
  const gap = table(
    'unique',
    ['size'],
    [
      ['< 3', 'low'],
      ['> 3, absent', 'high'],
    ],
  )
  assert.deepEqual(mistakes(gap), ['result.amount: no row matches where size is 3'])
  const two = table(
    'first',
    ['size', 'status'],
    [
      ['- | "single"', 'low'],
      ['<= 5, absent | -', 'high'],
    ],
  )
  assert.deepEqual(mistakes(two), [
    'result.amount: no row matches where size is 6 to 40 and status is "married" or "widowed" or absent',
  ])
  const absent = table(
    'unique',
    ['score'],
    [
      ['< 5', 'low'],
      ['>= 5', 'high'],
    ],
  )
  assert.deepEqual(mistakes(absent), ['result.amount: no row matches where score is absent'])
  const money = table(
    'unique',
    ['income'],
    [
      ['< params.low', 'low'],
      ['> params.low, absent', 'high'],
    ],
  )
  assert.deepEqual(mistakes(money), ['result.amount: no row matches where income is 1.00'])
})

test('an overlap under unique, and a row nothing reaches, are told', () => {
  const overlap = table(
    'unique',
    ['size'],
    [
      ['<= 3', 'low'],
      ['>= 3', 'high'],
      ['absent', 'low'],
    ],
  )
  assert.deepEqual(mistakes(overlap), ['result.amount.rows.1: overlaps row 1 where size is 3'])
  const dead = table(
    'first',
    ['size'],
    [
      ['<= 30', 'low'],
      ['[5..20]', 'high'],
      ['-', 'most'],
    ],
  )
  assert.deepEqual(mistakes(dead), [
    'result.amount.rows.1: nothing reaches this row: the rows before it take all it would match',
  ])
  const beyond = table(
    'first',
    ['size'],
    [
      ['> 40', 'low'],
      ['-', 'high'],
    ],
  )
  assert.deepEqual(mistakes(beyond), [
    'result.amount.rows.0: nothing ever matches this row: its tests lie outside what the inputs can be',
  ])
  assert.match(
    mistakes(table('collect', ['size'], [['> 40', 'low']], { collect: 'sum' }))[0]!,
    /nothing ever/,
  )
})

test('a later version of a parameter that opens a gap is told with its day', () => {
  const rows = table(
    'unique',
    ['income'],
    [
      ['< params.low', 'low'],
      ['[params.low..params.high]', 'high'],
      ['> params.high, absent', 'most'],
    ],
  )
  assert.deepEqual(mistakes(rows), [])
  const moved = { ...params, low: money(['2019-01-01', 1], ['2027-01-01', '2.50']) }
  assert.deepEqual(mistakes(rows, { params: moved }), [
    'result.amount.rows.1: nothing ever matches this row: its tests lie outside what the inputs can be (as parameters are from 2027-01-01)',
    'result.amount.rows.2: overlaps row 1 where income is 2.01 to 2.49 (as parameters are from 2027-01-01)',
  ])
})

test('what is wrong in a table is told with its row and column', () => {
  const wrong: readonly (readonly [TableSource, RegExp])[] = [
    [table('unique', ['sise'], [['-', 'low']]), /^result.amount.inputs.0: .*did you mean size/],
    [table('unique', ['size'], [['< "a"', 'low']]), /^result.amount.rows.0.when.0: cannot compare/],
    [table('unique', ['size'], [['< ', 'low']]), /^result.amount.rows.0.when.0: the expression ends/],
    [
      table('unique', ['size'], [['- | -', 'low']]),
      /^result.amount.rows.0.when: a row has one test for each input/,
    ],
    [
      table(
        'unique',
        ['size'],
        [
          ['< score', 'low'],
          ['>= score', 'low'],
        ],
      ),
      /so that gaps can be found/,
    ],
    [
      table(
        'unique',
        ['count(children)'],
        [
          ['absent', 'low'],
          ['-', 'low'],
        ],
      ),
      /never absent/,
    ],
    [table('unique', ['status'], [['"maried"', 'low']]), /did you mean married/],
    [table('unique', [], []), /1 to 200 rows/],
    [table('unique', [], [['', 'low']]), /1 to 8 inputs/],
    [table('collect', ['size'], [['-', 'low']]), /says how/],
    [
      { hit: 'unique', inputs: ['size'], rows: [{ when: ['-'], output: 'scre' }] },
      /^result.amount.rows.0.output/,
    ],
    [
      {
        hit: 'first',
        inputs: ['size'],
        rows: [
          { when: ['< 3'], output: 'income' },
          { when: ['-'], output: 'score' },
        ],
      },
      /^result.amount.rows.1.output: the rows give different types/,
    ],
    [{ hit: 'unique', inputs: ['size'], rows: [{ when: ['-'], output: 'score' }] }, /an amount is money/],
  ]
  for (const [of, words] of wrong) assert.match(mistakes(of).join('\n'), words, JSON.stringify(of))
})

const cells = fc.constantFrom(
  '-',
  '< 3',
  '>= 3',
  '[2..4]',
  '(4..9]',
  '1, 5',
  'not(2, 3)',
  'absent',
  '> 4, absent',
)
const outputs = fc.constantFrom(...(['low', 'high', 'most'] as const))
const sizes: readonly Facts[string][] = [gone, ...Array.from({ length: 12 }, (_, at) => known(at + 1))]

test('analysis and evaluation agree: a table without mistakes leaves no case out, and unknowns never mislead', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('unique' as const, 'first' as const),
      fc.array(fc.tuple(cells, cells, outputs), { minLength: 1, maxLength: 4 }),
      (hit, rows) => {
        const of = table(
          hit,
          ['size', 'size + 1'],
          rows.map(([a, b, out]): Short => [`${a} | ${b}`, out]),
        )
        // One column twice, so that boxes meet often; the second is a sum, which the analysis takes as a value of its own.
        const result = compileRule(
          source('is_registered', { result: { amount: of }, params: used(of) }),
          vocabulary,
        )
        if (!result.ok) return
        const { rule } = result
        const said = (size: Facts[string]) =>
          evaluate(rule, { is_registered: known(true), size }, { asOf }).amount
        const all = sizes.map(said)
        assert.ok(!all.includes(null), JSON.stringify(of))
        const blind = said(unclear)
        if (blind !== null) assert.deepEqual(new Set(all), new Set([blind]))
      },
    ),
    { numRuns: 500, seed: 11 },
  )
})
