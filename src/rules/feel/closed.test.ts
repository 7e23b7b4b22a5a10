import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { evaluateExpression } from '../rules.ts'
import { builtIns } from './functions/all.ts'

const today = '2026-11-23'
const context =
  '{income: 2500000.50, size: 4, born: date("2020-02-29"), name: "Olim", child: {age: 3}, ages: [3, 7, 19]}'
const said = (text: string): string => {
  const found = evaluateExpression(text, { context, today })
  return found.ok ? found.value : `! ${found.error.reason} ${text.slice(found.error.from, found.error.to)}`
}
const rows = (table: readonly (readonly [string, string])[]) => {
  for (const [text, expected] of table) assert.equal(said(text), expected, text)
}

test('numbers are exact, and a number without exact decimals must be rounded', () => {
  rows([
    ['0.1 + 0.2 = 0.3', 'true'],
    ['1 / 3 * 3', '1'],
    ['1 / 3', '! not-exact 1 / 3'],
    ['decimal(1 / 3, 2)', '0.33'],
    ['income / size', '625000.125'],
    ['round half up(2.5, 0)', '3'],
    ['decimal(2.5, 0)', '2'],
    ['decimal(-2.5, 0)', '-2'],
    ['round half down(-2.5, 0)', '-2'],
    ['floor(-1.5)', '-2'],
    ['round up(1234, -2)', '1300'],
    ['2 ** 10', '1024'],
    ['2 ** -2', '0.25'],
    ['size ** 999 ** 9', '! overflow size ** 999'],
    ['9 ** 999', '! overflow 9 ** 999'],
    ['1 / 0', '! division-by-zero 1 / 0'],
    ['1 / (size - 4)', '! division-by-zero 1 / (size - 4)'],
    ['modulo(-12, 5)', '3'],
    ['abs(-3)', '3'],
    ['number("1 000,5", " ", ",")', '1000.5'],
    ['number("x")', 'null'],
  ])
})

test('what is absent passes through, and compares with nothing', () => {
  rows([
    ['ages[9]', 'null'],
    ['ages[9] + 1', 'null'],
    ['ages[9] > 1', 'false'],
    ['ages[9] != 1', 'false'],
    ['not(ages[9] > 1)', 'true'],
    ['ages[item > 5]', '[7, 19]'],
    ['ages[4]', 'null'],
    ['sum([])', 'null'],
    ['max(ages)', '19'],
    ['min(3, 1, 2)', '1'],
    ['count([1, ages[9]])', '2'],
    ['some a in ages satisfies a > 18', 'true'],
    ['every a in ages satisfies a > 18', 'false'],
    ['for a in ages return a * 2', '[6, 14, 38]'],
    ['if size > 3 then "many" else "few"', '"many"'],
    ['sort(ages, function(x, y) x > y)', '[19, 7, 3]'],
    ['sort([3, 1, 2])', '[1, 2, 3]'],
    ['[{a: 2, b: "x"}, {a: 1, b: "y"}][a > 1].b', '["x"]'],
    ['child.age in [1..3]', 'true'],
    ['concatenate([1], [2])', '[1, 2]'],
    ['index of([1, 2, 1], 1)', '[1, 3]'],
    ['remove([1, 2], 1)', '[2]'],
    ['distinct values([1, 2, 1])', '[1, 2]'],
    ['flatten([[1], [2]])', '[1, 2]'],
    ['sublist([1, 2, 3], 2, 1)', '[2]'],
    ['list contains([1, 2], 2)', 'true'],
    ['mean([1, 2])', '1.5'],
  ])
})

test('dates, times and texts', () => {
  rows([
    ['today()', '2026-11-23'],
    ['born + @"P1Y"', '2021-02-28'],
    ['born.weekday', '6'],
    ['today() - born', 'P2459D'],
    ['years and months duration(born, today())', 'P6Y8M'],
    ['date(2026, 2, 30)', '! literal date(2026, 2, 30)'],
    ['@"2026-11-23T23:59:59Z" = @"2026-11-24T04:59:59+05:00"', 'true'],
    ['@"10:00:00" + @"PT15H"', '01:00:00'],
    ['day of week(today())', '"Monday"'],
    ['week of year(@"2026-01-01")', '1'],
    ['day of year(@"2026-12-31")', '365'],
    ['upper case(name)', '"OLIM"'],
    ['substring("foobar", 3, 2)', '"ob"'],
    ['substring("foobar", -2)', '"ar"'],
    ['string join(["a", "b"], ", ")', '"a, b"'],
    ['matches(name, "^O.*")', 'true'],
    ...['(a+)+', '(a|a)*', '((a?))+', '(a{1,9}){9}', 'a?a?a?a?a?a?a?a?a?', 'a*a*a*a*', '[', '(a)\\\\2'].map(
      (pattern): [string, string] => {
        const text = `matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "${pattern}")`
        return [text, `! pattern ${text}`]
      },
    ),
    ['matches("2026-11-23", "(\\\\d{4})-(\\\\d{2})-(\\\\d{2})")', 'true'],
    ['split("a1b22c", "([0-9])+")', '["a", "b", "c"]'],
    ['split("abc", "x*")', '! pattern split("abc", "x*")'],
    ['get value({a: 1}, "b")', 'null'],
    ['for i in 1.5..3 return i', '! iteration for i in 1.5..3 return i'],
    ['string length("\\U01F600a")', '2'],
    ['before(@"2026-01-01", [today()..today()])', 'true'],
    ['overlaps([1..5], [5..8])', 'true'],
    ['overlaps([1..5), [5..8])', 'false'],
    ['during(3, [1..5])', 'true'],
    ['coincides([1..5], [1..5])', 'true'],
    ['meets([1..5], [5..8])', 'true'],
    ['finishes(5, [1..5])', 'true'],
    ['overlaps before([1..5], [3..8])', 'true'],
  ])
})

test('what is outside the language says where and why', () => {
  rows([
    ['incme + 1', '! unknown-name incme'],
    ['sixe(1)', '! unknown-function sixe'],
    ['1 + "a"', '! no-meaning 1 + "a"'],
    ['null', '! null null'],
    ['[1, "a"]', '! types-differ "a"'],
    ['upper case(1)', '! argument-type upper case(1)'],
    ['upper case()', '! arguments upper case()'],
    ['sqrt(4)', '! irrational sqrt(4)'],
    ['now()', '! clock now()'],
    ['function(x) x', '! function-value function(x) x'],
    ['for i in 1..1000, j in 1..1000 return i', '! steps for i in 1..1000, j in 1..1000 return i'],
    ['1 +', '! syntax '],
    ['child.agee', '! unknown-name agee'],
  ])
  const near = evaluateExpression('incme + 1', { context })
  assert.ok(!near.ok && /did you mean income/.test(near.error.message))
  const clockless = evaluateExpression('today()')
  assert.ok(!clockless.ok && clockless.error.reason === 'clock')
  const no_record = evaluateExpression('1', { context: '[1]' })
  assert.ok(!no_record.ok && no_record.in_context)
})

const scraps = [
  '1',
  '0',
  '-1',
  '.5',
  '1e99',
  '"a"',
  '"',
  'true',
  'null',
  'x',
  'item',
  '@"P1D"',
  '@"2026-02-29"',
  'date("2026-01-01")',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  'a:',
  ',',
  '.',
  '..',
  '+',
  '-',
  '*',
  '/',
  '**',
  '=',
  '<',
  '>=',
  ' in ',
  ' and ',
  ' or ',
  'if ',
  ' then ',
  ' else ',
  'for i in ',
  ' return ',
  'some c in ',
  ' satisfies ',
  'between ',
  ' instance of number',
  'function(x) ',
  'partial',
  'today()',
  ...Object.keys(builtIns).map((name) => `${name}(`),
]

test('no text makes it throw, and the same text always says the same', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...scraps), { maxLength: 14 }), (pieces) => {
      const text = pieces.join('')
      assert.deepEqual(
        evaluateExpression(text, { context, today }),
        evaluateExpression(text, { context, today }),
      )
    }),
    { numRuns: 1_000, seed: 7 },
  )
  for (const text of [
    '['.repeat(500),
    '('.repeat(3_000),
    '1+'.repeat(1_500),
    'not('.repeat(900),
    '-'.repeat(2_000),
  ])
    assert.equal(evaluateExpression(text).ok, false)
})

test('every built-in is called with arguments of every type without a throw', () => {
  const values = [
    '1',
    '-2.5',
    '"a"',
    'true',
    'today()',
    '@"10:00:00"',
    '@"P1D"',
    '@"P1M"',
    '[1, 2]',
    '[]',
    '{a: 1}',
    '[1..2]',
    'none',
  ]
  for (const name of Object.keys(builtIns))
    for (const a of values)
      for (const given of [
        [a],
        ...values.slice(0, 4).map((b) => [a, b]),
        [a, '1', '1'],
        [a, '"a"', '"b"', '"i"'],
      ])
        assert.equal(typeof said(`${name}(${given.join(', ')})`), 'string')
})
