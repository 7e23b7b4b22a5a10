import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ruleOf, source, vocabulary } from '../rules.fixture.ts'
import { compileRule, evaluate, type Rule, type RuleSource, variantsOf } from '../rules.ts'
import { editsOf } from './edits.ts'

const settings = { money_digits: 2 }
const applied = (text: string, is_cell = false, beside: (value: string) => readonly string[] = () => []) =>
  editsOf(text, is_cell, beside).map(({ from, to, put }) => text.slice(0, from) + put + text.slice(to))

test('each comparison is once its neighbour, each number once one more and one less', () => {
  assert.deepEqual(applied('size >= 18'), ['size > 18', 'size >= 19', 'size >= 17'])
  assert.deepEqual(applied('size = 0.25'), ['size != 0.25', 'size = 0.26', 'size = 0.24'])
  assert.deepEqual(applied('size != -1'), ['size = -1', 'size != 0', 'size != -2'])
})

test('a time is moved by its smallest unit, wherever it is written', () => {
  assert.deepEqual(applied('d + @"P1M" < today()').slice(1, 3), [
    'd + @"P2M" < today()',
    'd + @"P0M" < today()',
  ])
  assert.deepEqual(applied('d < date("2024-02-29")').slice(1), [
    'd < date("2024-03-01")',
    'd < date("2024-02-28")',
  ])
  assert.deepEqual(applied('d < duration("P2Y")').slice(1), ['d < duration("P25M")', 'd < duration("P23M")'])
})

test('and, or, some, every, not, absent, min and if are turned round; each operand is once left out', () => {
  assert.deepEqual(applied('a and b or c'), [
    'b or c',
    'c',
    'a or c',
    'a or b or c',
    'a and b',
    'a and b and c',
  ])
  assert.deepEqual(applied('not(absent(x))'), ['(absent(x))', 'not(present(x))'])
  assert.deepEqual(applied('some c in l satisfies c.x'), ['every c in l satisfies c.x'])
  assert.deepEqual(applied('min(a, b)'), ['max(a, b)'])
  assert.deepEqual(applied('if a then b else c'), ['if a then c else b'])
  assert.deepEqual(applied('x + y - z'), ['x - y - z', 'x + y + z'])
})

test('a function is taken for its neighbour, and one that has none is left alone', () => {
  assert.deepEqual(applied('round half up(x, y)'), ['round half down(x, y)'])
  assert.deepEqual(applied('next working day(d)'), ['previous working day(d)'])
  for (const name of ['constructor', 'toString', 'count', 'age']) assert.deepEqual(applied(`${name}(x)`), [])
})

test('ranges lose their ends, and a between both of its', () => {
  assert.deepEqual(applied('x in [a..b)').slice(0, 2), ['x in (a..b)', 'x in [a..b]'])
  assert.deepEqual(applied('x between a and b'), ['(x in (a..b])', '(x in [a..b))'])
})

test('a text is another code where the vocabulary knows some, and is left alone where it does not', () => {
  assert.deepEqual(
    applied('s = "a"', false, (value) => (value === 'a' ? ['b'] : [])),
    ['s != "a"', 's = "b"'],
  )
  assert.deepEqual(applied('name = "Anna"'), ['name != "Anna"'])
})

test('cells of tables are texts like others', () => {
  assert.deepEqual(applied('< 3', true), ['<= 3', '< 4', '< 2'])
  assert.deepEqual(applied('1, 2', true), ['2, 2', '0, 2', '2', '1', '1, 3', '1, 1'])
  assert.deepEqual(applied('not(1)', true), ['1', 'not(2)', 'not(0)'])
  assert.deepEqual(applied('-', true), [])
})

test('what is no expression has no edits, and never throws', () => {
  for (const text of ['', '(((', 'a <', '\u0000', '"', 'x'.repeat(5000)]) assert.deepEqual(applied(text), [])
})

const money = (value: number) => [
  { from: '2020-01-01', value, status: 'published' as const, confidence: 'V3' },
  { from: '2022-01-01', value: value + 1, status: 'published' as const, confidence: 'V3' },
]

function withTable(): { readonly rule: Rule; readonly source: RuleSource } {
  const of = source('size > 1 and is_registered = true', {
    params: { low: { type: { kind: 'money', min: 0 }, values: money(100) } },
    facts: ['size', 'is_registered', 'is_working'],
    exceptions: [
      {
        id: 'a',
        overrides: 'base',
        legal: { act: 'A' },
        when: 'is_working = true',
        outcome: 'does_not_apply',
      },
      { id: 'b', overrides: 'a', legal: { act: 'A' }, when: 'size > 5', outcome: 'human' },
    ],
    result: {
      amount: {
        hit: 'unique',
        inputs: ['size'],
        rows: [
          { when: ['< 3'], output: 'params.low' },
          { when: ['>= 3, absent'], output: '2 * params.low' },
        ],
      },
    },
    text: {
      title: 't',
      summary: 's',
      why: { size: 'w', is_registered: 'w', is_working: 'w' },
      says: { 'size > 1': 'x' },
    },
  })
  const compiled = compileRule(of, vocabulary)
  if (!compiled.ok) assert.fail(JSON.stringify(compiled.errors))
  return { rule: compiled.rule, source: of }
}

test('a rule is slightly wrong in its parameters, exceptions and tables as well', () => {
  const { rule } = withTable()
  const all = variantsOf(rule, vocabulary, settings)
  const of = (slip: string) =>
    all.filter((one) => one.slip === slip).map(({ where, before, after }) => [where, before, after])
  assert.deepEqual(of('parameter'), [
    ['params.low.values.0.value', '100', '100.01'],
    ['params.low.values.0.value', '100', '99.99'],
    ['params.low.values.1.value', '101', '101.01'],
    ['params.low.values.1.value', '101', '100.99'],
  ])
  assert.deepEqual(of('from'), [
    ['params.low.values.1.from', '2022-01-01', '2022-01-02'],
    ['params.low.values.1.from', '2022-01-01', '2021-12-31'],
  ])
  assert.deepEqual(of('exception'), [
    ['exceptions.a.when', 'is_working = true', ''],
    ['exceptions.b.when', 'size > 5', ''],
  ])
  assert.deepEqual(of('rows'), [['result.amount.rows.0.output', 'params.low', '2 * params.low']])
  assert.equal(new Set(all.map(({ where, after }) => `${where} ${after}`)).size, all.length)
})

test('rounding and the move of a deadline are turned as well', () => {
  const of = source('size > 1', {
    calendar: { ...source('size > 1').calendar, due_moves: 'next' },
    params: { low: { type: { kind: 'money', min: 0 }, values: money(100) } },
    result: { amount: 'params.low / size', round: 'half_up(2)', due: '@"2024-01-06"' },
  })
  const compiled = compileRule(of, vocabulary)
  if (!compiled.ok) assert.fail(JSON.stringify(compiled.errors))
  const settingsOf = variantsOf(compiled.rule, vocabulary, settings).filter(({ slip }) => slip === 'setting')
  assert.deepEqual(
    settingsOf.map(({ where, after }) => `${where} ${after}`),
    [
      'calendar.due_moves previous',
      'calendar.due_moves ',
      ...['up', 'down', 'half_down', 'half_even', 'floor', 'ceiling'].map((how) => `result.round ${how}(2)`),
      'result.round half_up(3)',
      'result.round half_up(1)',
    ],
  )
  const dues = settingsOf.slice(0, 2).map((one) => {
    const made = one.compile()
    assert.ok(made.ok)
    return evaluate(made.rule, { size: { state: 'known', value: 2, facts: [] } }, { asOf: '2024-01-01' }).due
  })
  assert.deepEqual(dues, ['2024-01-05', '2024-01-06'])
})

test('an exception left out leaves what overrode it in its place', () => {
  const { rule } = withTable()
  const without = variantsOf(rule, vocabulary, settings).find(
    (one) => one.where === 'exceptions.a.when' && one.after === '',
  )!
  const compiled = without.compile()
  assert.ok(compiled.ok)
  const facts = {
    size: { state: 'known' as const, value: 7, facts: [] },
    is_registered: { state: 'known' as const, value: true, facts: [] },
    is_working: { state: 'known' as const, value: true, facts: [] },
  }
  assert.equal(evaluate(compiled.rule, facts, { asOf: '2024-01-01' }).exception, 'b')
})

test('a table with a gap is refused like any author’s; a condition less is none, for nobody wrote it', () => {
  const { rule } = withTable()
  const all = variantsOf(rule, vocabulary, settings)
  const gap = all
    .find(({ where, after }) => where === 'result.amount.rows.0.when.0' && after === '< 2')!
    .compile()
  assert.ok(!gap.ok && /no row matches/.test(gap.errors[0]!.message))
  const less = all.find(({ where, after }) => where === 'when' && after === 'size > 1')!.compile()
  assert.ok(less.ok)
})

test('every place of a variant is where its text differs', () => {
  const rules = [
    withTable().rule,
    ruleOf('(some c in children satisfies age(c.birth_date) < 18)\n  and income / size < 3 * rent'),
  ]
  for (const rule of rules) {
    for (const { slip, where, from, to, at, before, after } of variantsOf(rule, vocabulary, settings)) {
      assert.ok(from <= at && at <= before.length && to <= before.length, `${slip} ${where}`)
      if (slip !== 'exception' && slip !== 'rows') {
        assert.ok(after.startsWith(before.slice(0, slip === 'parameter' || slip === 'from' ? 0 : from)))
        if (where === 'when') assert.equal(rule.source.when, before)
      }
      assert.notEqual(before, after)
    }
  }
})
