import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, ruleOf, source, vocabulary } from './rules.fixture.ts'
import type { RuleSource } from './rules.ts'
import { compileRule, ruleHash } from './rules.ts'

const params: RuleSource['params'] = {
  limit: {
    type: { kind: 'money' },
    values: [{ from: '2019-01-01', value: 100, status: 'working', confidence: 'V3' }],
  },
}

/** Each row: a condition, the piece of it the mistake points at, and what is said of it. */
const refused: readonly (readonly [string, string, RegExp])[] = [
  ['incme > 3', 'incme', /no name incme; did you mean income/],
  ['birthdate < today()', 'birthdate', /did you mean birth_date/],
  [
    '(some c in childern satisfies c.birth_date < today())',
    'childern',
    /no list childern; did you mean children/,
  ],
  [
    '(some c in children satisfies c.birthdate < today())',
    'birthdate',
    /no field birthdate; did you mean birth_date/,
  ],
  ['income < params.limt', 'limt', /no parameter limt; did you mean limit/],
  ['status = "maried"', 'status = "maried"', /no such value as "maried"; did you mean married/],
  ['score = null', 'null', /write absent\(x\) or unknown\(x\)/],
  ['score = "a"', 'score = "a"', /a number and a string do not mix/],
  ['income > 5', 'income > 5', /put the amount into params/],
  ['status > "single"', 'status > "single"', /has no order/],
  ['guardian < guardian', 'guardian < guardian', /has no order/],
  ['not is_working', 'not is_working', /write not\(…\) with parentheses/],
  ['household income > 3', 'household income', /names have no spaces/],
  ['income / score < params.limit', 'score', /denominator proved to be above zero/],
  ['income / size + income < params.limit', 'income / size', /never computed/],
  ['age(birth_date) < age(card_expiry)', 'age(birth_date) < age(card_expiry)', /turn more than once/],
  ['age(score) > 3', 'age(score)', /takes a date/],
  ['age(today()) > 3', 'age(today()) > 3', /turn more than once/],
  ['1 < 2', '1 < 2', /reads no fact/],
  ['today() > @"2026-01-01"', 'today() > @"2026-01-01"', /reads no fact/],
  ['count(children) ** 2 > 1', 'count(children) ** 2', /\*\* is not part/],
  ['children[1].birth_order > 0', '', /dot stands/],
  ['count(children[1]) > 0', '1', /never by position/],
  ['count(children.birth_date) > 0', 'children.birth_date', /without a field/],
  ['sum(children) > 0', 'children', /one field/],
  ['sum(children.birth_date) > 0', 'sum(children.birth_date)', /does not take a date/],
  ['children = 3', 'children', /is a list/],
  ['score', 'score', /a condition is expected/],
  ['is_working = (score > 1)', 'score > 1', /cannot stand for a value/],
  ['0 < score < 3', '0 < score < 3', /do not chain/],
  ['score in [1..2] and is_working', '[1..2] and is_working', /put parentheses around the test/],
  ['birth_date > date("2023-02-29")', '"2023-02-29"', /no date of the calendar/],
  ['birth_date > date("99999-01-01")', '"99999-01-01"', /no date of the calendar/],
  ['birth_date > @"99999-01-01"', '@"99999-01-01"', /neither a date/],
  ['birth_date + @"P999999D" > today()', '@"P999999D"', /neither a date/],
  ['birth_date > @"yesterday"', '@"yesterday"', /neither a date/],
  [
    'birth_date > date and time("2020-01-01T00:00:00")',
    'date and time("2020-01-01T00:00:00")',
    /no time of day/,
  ],
  ['score > 1e5', '1e5', /without an exponent/],
  ['(some score in children satisfies score.birth_order > 1)', 'score', /is taken/],
  ['(some c in children, d in children satisfies c.birth_order > d.birth_order)', '', /one list at a time/],
  ['score instance of number', 'score instance of number', /a condition is expected|not part/],
  ['list contains(children, 1)', '', /no meaning over what may be unknown/],
  ['lst contains(children, 1)', '', /not part of the language; did you mean list contains/],
  ['is_working and', '', /ends too early/],
  ['is_working and )', '', /./],
  ['constructor = 1', 'constructor', /no name constructor/],
  ['birth_date + 3 > today()', 'birth_date + 3', /has no meaning/],
  ['income * rent > params.limit', 'income * rent', /money \* money/],
]

test('what is outside the language is refused with its place and its reason', () => {
  for (const [when, piece, words] of refused) {
    const errors = errorsOf(when, { params }).filter(({ where }) => where === 'when')
    const [error] = errors
    assert.ok(error, when)
    assert.match(error.message, words, when)
    if (piece !== '') assert.equal(when.slice(error.from, error.to), piece, when)
  }
})

test('all mistakes of a rule come together', () => {
  const errors = errorsOf('incme > 3 and scre = 1', { result: { amount: 'score', due: 'rent' } })
  assert.deepEqual(
    errors
      .filter(({ where }) => !where.startsWith('text') && where !== 'facts')
      .map(({ where, from }) => [where, from]),
    [
      ['when', 0],
      ['when', 14],
      ['result.amount', 0],
      ['result.due', 0],
    ],
  )
})

test('facts and words must be those that are read, no more and no less', () => {
  const good = source('is_working and score = 1')
  const with_facts = (facts: string[]) => compileRule({ ...good, facts }, vocabulary)
  assert.ok(with_facts(['score', 'is_working']).ok)
  const said = (result: ReturnType<typeof compileRule>) =>
    result.ok ? [] : result.errors.map(({ where, message }) => `${where}: ${message}`)
  assert.deepEqual(said(with_facts(['score'])), ['facts: is_working is read but not listed in facts'])
  assert.deepEqual(said(with_facts(['score', 'is_working', 'rent'])), [
    'facts: rent is listed in facts but not read',
  ])
  const with_why = (why: { [key: string]: string }) =>
    compileRule({ ...good, text: { ...good.text, why } }, vocabulary)
  assert.deepEqual(said(with_why({ is_working: 'a' })), [
    'text.why: text.why has no key for score, which a condition reads first',
  ])
  assert.match(
    said(with_why({ is_working: 'a', score: 'b', rent: 'c' }))[0]!,
    /key for rent, which no condition reads first/,
  )
})

test('parameters are checked: type, digits, order, and cover from the first day in force', () => {
  const of = (type: RuleSource['params'][string]['type'], ...values: [string, string | number][]) => ({
    p: {
      type,
      values: values.map(([from, value]) => ({ from, value, status: 'working' as const, confidence: 'V3' })),
    },
  })
  const said = (declared: RuleSource['params'], when = 'income < params.p') =>
    errorsOf(when, { params: declared }).find(({ where }) => where === 'params.p')?.message ?? ''
  assert.match(said(of({ kind: 'money' }, ['2019-01-01', '1.005'])), /at most 2 decimals/)
  assert.match(said(of({ kind: 'money' }, ['2019-01-01', 'much'])), /major units/)
  assert.match(said(of({ kind: 'money' }, ['2021-01-01', 1])), /after the rule takes effect/)
  assert.match(said(of({ kind: 'money' }, ['2019-01-01', 1], ['2018-01-01', 1])), /not later than/)
  assert.match(said(of({ kind: 'money' }, ['2019-02-30', 1])), /no date/)
  assert.match(said(of({ kind: 'money' })), /no values/)
  assert.match(
    said(of({ kind: 'integer', min: 2 }, ['2019-01-01', 1]), 'score < params.p'),
    /within its range/,
  )
  assert.match(
    said(
      of({ kind: 'duration' }, ['2019-01-01', 'P1M'], ['2020-01-01', 'P30D']),
      'birth_date + params.p < today()',
    ),
    /mix days with months/,
  )
})

test('an amount is money in whole minor units, and no ambiguous one', () => {
  const said = (amount: string) =>
    errorsOf('is_working', { params, result: { amount } }).find(({ where }) => where === 'result.amount')
      ?.message ?? ''
  assert.match(said('score'), /is money/)
  assert.match(said('0.5 * income'), /round it, as the act says/)
  assert.match(said('params.limit * age(birth_date) - params.limit * age(card_expiry)'), /rise and fall/)
  assert.ok(
    ruleOf('is_working', {
      params,
      result: { amount: '0.5 * params.limit + (if score > 1 then income else 0)' },
    }),
  )
})

test('exceptions name what exists, in no circle', () => {
  const of = (...pairs: [string, string][]) =>
    errorsOf('is_working', {
      exceptions: pairs.map(([id, overrides]) => ({
        id,
        overrides,
        legal: { act: 'a' },
        when: 'score = 1',
        outcome: 'human' as const,
      })),
    })
      .filter(({ where }) => where.startsWith('exceptions'))
      .map(({ message }) => message)
      .join('; ')
  assert.match(of(['a', 'b']), /no exception b/)
  assert.match(of(['a', 'b'], ['b', 'a']), /circle/)
  assert.match(of(['a', 'base'], ['a', 'base']), /is taken/)
  assert.match(of(...Array.from({ length: 7 }, (_, at): [string, string] => [`e${at}`, 'base'])), /at most 6/)
})

test('the item of a per rule must come from a list, under a free name', () => {
  const said = (list: string, as: string) =>
    errorsOf('is_working', { per: { list, as } }).find(({ where }) => where === 'per')?.message ?? ''
  assert.match(said('childrn', 'c'), /did you mean children/)
  assert.match(said('score', 'c'), /is not a list/)
  assert.match(said('children', 'income'), /is taken/)
  assert.match(said('children', 'a b'), /no name/)
})

test('the hash covers meaning and nothing else', () => {
  const good = source('income / size < params.limit', { params })
  const base = ruleHash(good, vocabulary)
  const same: Partial<RuleSource>[] = [
    { status: 'published' },
    { confidence: 'V1' },
    { published_at: '2021-01-01' },
    { legal: [{ act: 'b' }] },
  ]
  for (const change of same) assert.equal(ruleHash({ ...good, ...change }, vocabulary), base)
  const others: Partial<RuleSource>[] = [
    { id: 'x' },
    { version: 2 },
    { kind: 'route' },
    { subject: 'organisation' },
    { when: 'income / size <= params.limit' },
    { effective: { from: '2020-01-02', to: null } },
    { calendar: { ...good.calendar, month_end: 'up' } },
    { params: { limit: { ...params.limit!, values: [{ ...params.limit!.values[0]!, value: 101 }] } } },
    { per: { list: 'children', as: 'c' } },
    { result: { amount: 'params.limit' } },
    { exceptions: [] },
  ]
  const hashes = new Set(others.map((change) => ruleHash({ ...good, ...change }, vocabulary)))
  hashes.add(ruleHash(good, vocabulary, { money_digits: 0 }))
  hashes.add(ruleHash(good, { ...vocabulary, income: { ...vocabulary.income!, max_age: 'P6M' } }))
  assert.equal(hashes.size, others.length + 2)
  assert.ok(!hashes.has(base))
  assert.equal(ruleHash(good, { ...vocabulary, extra: vocabulary.rent! }), base)
  assert.equal(ruleOf('income / size < params.limit', { params }).hash, base)
})
