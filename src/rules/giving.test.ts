import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, gone, known, ruleOf, source, unclear, vocabulary } from './rules.fixture.ts'
import type { Facts, ResultSource, RuleSource } from './rules.ts'
import { addWorkingDays, compileRule, evaluate, ruleAt } from './rules.ts'

const asOf = '2026-11-23'
const sure = { is_registered: known(true) }
const given = (result: ResultSource, facts: Facts, more: Partial<RuleSource> = {}) =>
  evaluate(ruleOf('is_registered', { result, ...more }), { ...sure, ...facts }, { asOf })
const wrong = (result: ResultSource, more: Partial<RuleSource> = {}): string =>
  errorsOf('is_registered', { result, ...more })
    .filter(({ where }) => where.startsWith('result') || where.startsWith('calendar'))
    .map(({ where, message }) => `${where}: ${message}`)
    .join('\n')

test('an amount is rounded as the act says, to decimals of the major unit', () => {
  const of = (amount: string, round: string, facts: Facts) => given({ amount, round }, facts).amount
  assert.equal(of('0.125 * income', 'half_up(2)', { income: known(100) }), 13)
  assert.equal(of('0.125 * income', 'half_even(2)', { income: known(100) }), 12)
  assert.equal(of('0.125 * income', 'half_down(2)', { income: known(100) }), 12)
  assert.equal(of('0.125 * income', 'up(0)', { income: known(100) }), 100)
  assert.equal(of('-0.125 * income', 'floor(2)', { income: known(100) }), -13)
  assert.equal(of('income', 'half_up(-2)', { income: known(1_234_56) }), 1_200_00)
  assert.equal(of('income / size', 'half_up(2)', { income: known(100), size: known(3) }), 33)
  assert.equal(of('income / size', 'ceiling(2)', { income: known(100), size: known(3) }), 34)
  assert.equal(of('income / size', 'ceiling(2)', { income: unclear, size: known(3) }), null)
  assert.equal(
    given(
      { amount: 'decimal(income / size, 2) + rent' },
      { income: known(100), size: known(3), rent: known(1) },
    ).amount,
    34,
  )
})

test('rounding that says nothing, or rounds nothing, is refused', () => {
  assert.match(
    wrong({ amount: 'income', round: 'half_up' }),
    /^result.round: rounding is written as in half_up\(2\)/,
  )
  assert.match(wrong({ round: 'half_up(2)' }), /no amount to round/)
  assert.match(wrong({ amount: '0.5 * income' }), /round it, as the act says/)
  assert.match(
    wrong({ amount: 'income / score', round: 'half_up(2)' }),
    /denominator proved to be above zero/,
  )
  assert.match(wrong({ amount: 'decimal(income, score)' }), /number of decimals is written out/)
  assert.match(wrong({ amount: 'decimal(income)' }), /takes a value and a number of decimals/)
  assert.match(wrong({ amount: 'floor(name)' }), /only numbers and money are rounded/)
})

test('the least and the greatest of several, absent and unknown among them', () => {
  const of = (amount: string, facts: Facts) => given({ amount }, facts).amount
  assert.equal(of('max(income, rent)', { income: known(5), rent: known(7) }), 7)
  assert.equal(of('min(income, rent, 0)', { income: known(5), rent: known(7) }), 0)
  assert.equal(of('max(income, rent)', { income: known(5), rent: gone }), null)
  assert.equal(of('max(income, rent)', { income: known(5), rent: unclear }), null)
})

test('working days: terms, deadlines that move, and days between', () => {
  // 2026-12-08 is a holiday, 2026-12-05 and 06 a weekend.
  const due = (text: string, due_moves?: 'next' | 'previous') => {
    const { calendar } = source('is_registered')
    return given(
      { due: text },
      { card_expiry: known('2026-12-05') },
      due_moves ? { calendar: { ...calendar, due_moves } } : {},
    ).due
  }
  assert.equal(due('card_expiry'), '2026-12-05')
  assert.equal(due('card_expiry', 'next'), '2026-12-07')
  assert.equal(due('card_expiry', 'previous'), '2026-12-04')
  assert.equal(due('add working days(card_expiry, 2)'), '2026-12-09')
  assert.equal(due('add working days(card_expiry, 0)'), '2026-12-05')
  const truth = (when: string) =>
    evaluate(ruleOf(when), { card_expiry: known('2026-12-05') }, { asOf }).outcome === 'applies'
  assert.ok(truth('count working days(card_expiry, @"2026-12-09") = 2'))
  assert.ok(truth('count working days(@"2026-12-09", card_expiry) = -2'))
  assert.ok(truth('not(is working day(card_expiry))'))
  assert.ok(truth('is working day(card_expiry + @"P2D")'))
  assert.equal(
    evaluate(ruleOf('is working day(card_expiry)'), { card_expiry: unclear }, { asOf }).outcome,
    'ask',
  )
  assert.equal(
    evaluate(ruleOf('is working day(card_expiry)'), { card_expiry: gone }, { asOf }).outcome,
    'does_not_apply',
  )
  const bare = { zone: 'Etc/UTC', leap_birthday: 'mar1', month_end: 'down' } as const
  assert.match(
    wrong({ due: 'next working day(card_expiry)' }, { calendar: bare }),
    /say calendar.working_days/,
  )
  assert.match(
    wrong({ due: 'card_expiry' }, { calendar: { ...bare, due_moves: 'next' } }),
    /no calendar of them/,
  )
  assert.match(wrong({ due: 'add working days(card_expiry, score)' }), /no less than zero/)
  const never = { weekend: [1, 2, 3, 4, 5, 6, 7], holidays: [] }
  assert.match(wrong({ due: 'card_expiry' }, { calendar: { ...bare, working_days: never } }), /at most six/)
  assert.throws(
    () => addWorkingDays({ weekend: new Set([1, 2, 3, 4, 5, 6, 7]), holidays: new Set() }, asOf, 1),
    RangeError,
  )
  assert.match(errorsOf('is working day(today())')[0]!.message, /turns again and again/)
})

test('a calendar belongs to the meaning of a rule', () => {
  const { calendar } = source('is_registered')
  const other = { ...calendar, working_days: { weekend: [5, 6], holidays: [] } }
  assert.notEqual(ruleOf('is_registered').hash, ruleOf('is_registered', { calendar: other }).hash)
})

const exception = (
  id: string,
  when: string,
  more: Partial<NonNullable<RuleSource['exceptions']>[number]> = {},
) => ({
  id,
  overrides: 'base',
  legal: { act: 'x' },
  when,
  outcome: 'does_not_apply' as const,
  ...more,
})

test('an exception may give something else; which of two is given must be known', () => {
  const rule = ruleOf('is_registered', {
    result: { amount: 'income' },
    exceptions: [exception('double', 'is_working', { outcome: 'applies', result: { amount: '2 * income' } })],
  })
  const of = (is_working: Facts[string]) =>
    evaluate(rule, { ...sure, income: known(100), is_working }, { asOf })
  assert.deepEqual([of(known(true)).amount, of(known(true)).exception], [200, 'double'])
  assert.deepEqual([of(known(false)).amount, of(known(false)).exception], [100, null])
  assert.deepEqual([of(unclear).outcome, of(unclear).ask], ['ask', ['is_working']])
  assert.match(
    errorsOf('is_registered', {
      exceptions: [exception('e', 'is_working', { result: { amount: 'income' } })],
    }).find(({ where }) => where === 'exceptions.e.result')!.message,
    /nothing is given where the outcome is does_not_apply/,
  )
})

test('of published rules, exceptions that could meet without an order are refused; those that cannot are proved', () => {
  const said = (a: string, b: string, status: RuleSource['status'] = 'published') => {
    const made = source('is_registered', { status, exceptions: [exception('a', a), exception('b', b)] })
    const result = compileRule(made, vocabulary)
    return result.ok ? 'proved' : result.errors.map(({ where, message }) => `${where}: ${message}`).join('; ')
  }
  assert.match(
    said('is_working', 'score > 3'),
    /^exceptions.b: b and a may apply together, and neither overrides/,
  )
  assert.ok(
    ruleOf('is_registered', { exceptions: [exception('a', 'is_working'), exception('b', 'score > 3')] }),
  )
  assert.equal(said('score > 3', 'score <= 3'), 'proved')
  assert.match(said('score >= 3', 'score <= 3'), /may apply together/)
  assert.equal(said('status = "single"', 'status in ("married", "widowed")'), 'proved')
  assert.equal(said('status = "single"', 'absent(status)'), 'proved')
  assert.match(said('status != "single"', 'status = "married"'), /may apply together/)
  assert.equal(said('birth_date > today()', 'birth_date <= today()'), 'proved')
  assert.match(said('birth_date > today()', 'not(birth_date < today())'), /may apply together/)
  assert.equal(said('is_working and score > 3', 'not(is_working) and size > 1'), 'proved')
  assert.equal(
    said(
      '(some c in children satisfies c.in_state_care)',
      'not(some c in children satisfies c.in_state_care)',
    ),
    'proved',
  )
  assert.equal(said('if is_working then score > 3 else score > 5', 'score < 2'), 'proved')
})

test('what is so whatever is told needs no telling, and absent is not forgotten', () => {
  const of = (when: string) => evaluate(ruleOf(when), {}, { asOf }).outcome
  assert.equal(of('score > 5 or score <= 5'), 'ask')
  assert.equal(of('score > 5 or score <= 5 or absent(score)'), 'applies')
  assert.equal(of('score > 5 or not(score > 5)'), 'applies')
  assert.equal(of('score > 5 and score < 3'), 'does_not_apply')
  assert.equal(of('score > 5 and score < 7'), 'ask')
  assert.equal(of('score > 5 and score < 6'), 'does_not_apply')
  assert.equal(of('size < 1 or score = 1'), 'ask')
  assert.equal(of('size < 1 and score = 1'), 'does_not_apply')
  assert.equal(of('size >= 1 or absent(size)'), 'applies')
  assert.equal(of('count(payments) >= 0 or is_working'), 'applies')
  assert.equal(of('status = "single" and status = "married"'), 'does_not_apply')
  assert.equal(of('rent > income or rent <= income'), 'ask')
  assert.equal(of('rent > income and rent < income'), 'does_not_apply')
  assert.equal(of('unknown(score) and score = 1'), 'ask')
})

test('built-ins over facts pass absent and unknown through, and are refused where time or unknowns give them no meaning', () => {
  const of = (when: string, facts: Facts) => evaluate(ruleOf(when), facts, { asOf }).outcome
  assert.equal(of('starts with(name, "O")', { name: known('Olim') }), 'applies')
  assert.equal(of('starts with(name, "O")', { name: gone }), 'does_not_apply')
  assert.equal(of('starts with(name, "O")', { name: unclear }), 'ask')
  assert.equal(of('abs(score) = 2', { score: known(-2) }), 'applies')
  assert.equal(of('birth_date.year = 2020', { birth_date: known('2020-02-29') }), 'applies')
  assert.equal(of('day of week(birth_date) = "Saturday"', { birth_date: known('2020-02-29') }), 'applies')
  assert.equal(of('score = string length("abc")', { score: known(3) }), 'applies')
  assert.equal(of('birth_date < date(2021, 1, 1)', { birth_date: known('2020-12-31') }), 'applies')
  assert.equal(
    of('years and months duration(birth_date, today()) >= @"P6Y8M"', { birth_date: known('2020-03-23') }),
    'applies',
  )
  const said = (when: string) => errorsOf(when)[0]!.message
  assert.match(said('matches(name, "O.*")'), /no meaning over what may be unknown/)
  assert.match(said('today().month = 3'), /turns back/)
  assert.match(said('day of week(today()) = "Monday"'), /more than once/)
  assert.match(said('modulo(score, score) = 0'), /above zero/)
  assert.match(said('starts with(name) = true'), /does not take this/)
  assert.match(said('strts with(name, "O")'), /did you mean starts with/)
})

test('a duration fact declares its unit', () => {
  const of = (term: string) =>
    evaluate(
      ruleOf('card_expiry + term > today()'),
      { card_expiry: known('2026-11-01'), term: known(term) },
      { asOf },
    ).outcome
  assert.equal(of('P30D'), 'applies')
  assert.equal(of('P22D'), 'does_not_apply')
  assert.equal(of('P1M'), 'ask')
  const loose = { ...vocabulary, term: { type: { kind: 'duration' as const }, world: 'open' as const } }
  const result = compileRule(source('card_expiry + term > today()'), loose)
  assert.ok(!result.ok && result.errors.some(({ message }) => /declare its unit/.test(message)))
})

test('two dates of knowledge: what was published later does not count, neither a parameter nor a rule', () => {
  const params: RuleSource['params'] = {
    limit: {
      type: { kind: 'money' },
      values: [
        { from: '2019-01-01', value: 1, status: 'published', confidence: 'V3' },
        { from: '2026-01-01', value: 5, published_at: '2026-06-01', status: 'published', confidence: 'V3' },
      ],
    },
  }
  const rule = ruleOf('rent > params.limit', { params })
  const facts = { rent: known(300) }
  assert.equal(evaluate(rule, facts, { asOf }).outcome, 'does_not_apply')
  const before = evaluate(rule, facts, { asOf, knownAt: '2026-05-31' })
  assert.deepEqual([before.outcome, before.params[0]!.from], ['applies', '2019-01-01'])
  assert.equal(evaluate(rule, facts, { asOf, knownAt: '2026-06-01' }).outcome, 'does_not_apply')
  assert.throws(() => evaluate(rule, facts, { asOf, knownAt: 'soon' }), RangeError)
  const late = {
    limit: {
      type: { kind: 'money' as const },
      values: [{ ...params.limit!.values[0]!, published_at: '2026-06-01' }],
    },
  }
  const blind = evaluate(ruleOf('rent > params.limit', { params: late }), facts, {
    asOf,
    knownAt: '2026-01-01',
  })
  assert.deepEqual([blind.outcome, blind.trace[0]!.inputs[1]!.state], ['ask', 'unknown'])

  const version = (n: number, published_at: string, effective: RuleSource['effective']) =>
    ruleOf('is_registered', { version: n, published_at, effective })
  const versions = [
    version(1, '2019-12-01', { from: '2020-01-01', to: null }),
    version(2, '2026-06-01', { from: '2026-01-01', to: null }),
    version(3, '2026-07-01', { from: '2027-01-01', to: null }),
  ]
  const at = (asOf: string, knownAt: string) => ruleAt(versions, { asOf, knownAt })?.source.version
  assert.equal(at('2026-03-01', '2026-03-01'), 1)
  assert.equal(at('2026-03-01', '2026-06-01'), 2)
  assert.equal(at('2027-01-01', '2026-06-30'), 2)
  assert.equal(at('2027-01-01', '2026-07-01'), 3)
  assert.equal(at('2019-01-01', '2026-07-01'), undefined)
  assert.equal(at('2020-01-01', '2019-01-01'), undefined)
})

test('equal conditions are one atom, judged and shown once', () => {
  const rule = ruleOf('(score > 3 and is_working) or (score > 3 and not(is_working)) or (score  >  3)')
  const said = evaluate(rule, { score: known(4), is_working: known(true) }, { asOf })
  assert.deepEqual(
    said.trace.map(({ text }) => text),
    ['score > 3', 'is_working'],
  )
  assert.equal(said.outcome, 'applies')
})
