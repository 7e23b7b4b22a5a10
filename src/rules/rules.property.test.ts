import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonical, type Json } from '../platform/canonical.ts'
import { formatDay, parseDay } from './evaluator/calendar.ts'
import {
  asOf,
  completions,
  condition,
  knowledge,
  params,
  sometimes,
  timedCondition,
} from './expressions.fixture.ts'
import { ruleOf, source, vocabulary } from './rules.fixture.ts'
import { compileRule, type Determination, evaluate, outlook, type Rule, type RuleSource } from './rules.ts'

const seed = 20_261_123

const amount =
  'if is_registered then params.limit else (if age(birth_date) < 3 then 0 else params.limit * count(children[age(birth_date) < 2]))'

function randomRule(when: string, exceptions: readonly string[], more: Partial<RuleSource> = {}): Rule {
  return ruleOf(when, {
    params,
    exceptions: exceptions.map((text, at) => ({
      id: `e${at}`,
      overrides: at === 2 ? 'e0' : 'base',
      legal: { act: 'x' },
      when: text,
      outcome: at === 1 ? 'human' : 'does_not_apply',
    })),
    ...more,
  })
}

const exceptions = fc.oneof(
  { weight: 3, arbitrary: fc.constant([] as string[]) },
  fc.array(condition, { minLength: 1, maxLength: 3 }),
)
const stand = (d: Determination): Json => [d.outcome, d.amount]

test('I8: a known outcome never turns when what was unknown is told', () => {
  let known = 0
  const cases = fc
    .tuple(condition, exceptions, knowledge(false))
    .chain(([when, more, facts]) => fc.tuple(fc.constant({ when, more, facts }), completions(facts)))
  fc.assert(
    fc.property(cases, ([{ when, more, facts }, told]) => {
      const rule = randomRule(when, more)
      const before = evaluate(rule, facts, { asOf })
      const after = evaluate(rule, told, { asOf })
      assert.notEqual(after.outcome, 'ask', 'with everything told there is nothing to ask')
      if (before.outcome === 'ask') return
      known++
      assert.equal(after.outcome, before.outcome)
    }),
    { numRuns: 2000, seed },
  )
  assert.ok(known > 500, `only ${known} cases were known before`)
})

test('exceptions proved to exclude each other never meet, whatever is known', () => {
  let proved = 0
  const pairs = fc.oneof(
    fc.tuple(condition, condition),
    condition.map((when): [string, string] => [when, `not(${when})`]),
    fc
      .tuple(condition, condition)
      .map(([a, b]): [string, string] => [`${a} and score > 2`, `score <= 2 and ${b}`]),
  )
  fc.assert(
    fc.property(pairs, knowledge(false, 6), ([a, b], facts) => {
      const exceptions = [a, b].map((when, at) => ({
        id: `e${at}`,
        overrides: 'base',
        legal: { act: 'x' },
        when,
        outcome: 'human' as const,
      }))
      const made = source('is_registered', { params, exceptions, status: 'published' })
      const result = compileRule(made, vocabulary)
      if (!result.ok) return
      proved++
      assert.notEqual(evaluate(result.rule, facts, { asOf }).outcome, 'conflict', `${a} | ${b}`)
    }),
    { numRuns: 400, seed },
  )
  assert.ok(proved > 120, `only ${proved} pairs were proved`)
})

test('answering what is asked decides, whatever the answers are', () => {
  let asked = 0
  const cases = fc.tuple(condition, exceptions, knowledge(false)).chain(([when, more, facts]) => {
    const rule = randomRule(when, more)
    const { ask } = evaluate(rule, facts, { asOf })
    return fc.tuple(fc.constant({ rule, ask }), completions(facts, ask))
  })
  fc.assert(
    fc.property(cases, ([{ rule, ask }, told]) => {
      for (const name of ask) assert.equal(vocabulary[name]!.world, 'open')
      if (ask.length === 0) return
      asked++
      assert.notEqual(evaluate(rule, told, { asOf }).outcome, 'ask')
    }),
    { numRuns: 1500, seed },
  )
  assert.ok(asked > 100, `only ${asked} cases asked something`)
})

test('I8: until is the first day on which daily evaluation differs', () => {
  const days = 150
  const start = parseDay(asOf)!
  let turned = 0
  const effective = fc.tuple(sometimes, sometimes)
  fc.assert(
    fc.property(
      condition,
      exceptions,
      knowledge(true, 30),
      effective,
      fc.boolean(),
      (when, more, facts, [a, b], paid) => {
        const [from, to] =
          a && b && a < b && a > '2019-01-01' ? [a, b] : ['2019-06-01', a && a > asOf ? a : null]
        const per = when.length % 3 === 0 ? { per: { list: 'children', as: 'child' } } : {}
        const rule = randomRule(per.per ? `(${when}) and age(child.birth_date) < 2` : when, more, {
          effective: { from, to },
          ...per,
          ...(paid ? { result: { amount } } : {}),
        })
        const at = { item: 'i0' }
        const now = evaluate(rule, facts, { asOf, ...at })
        const { outcome, amount: paying } = now
        assert.deepEqual(outlook(rule, facts, { asOf, ...at }), { outcome, amount: paying, until: now.until })
        const until = now.until === null ? Number.POSITIVE_INFINITY : parseDay(now.until)!
        if (until < start + days) turned++
        for (let day = start + 1; day <= Math.min(start + days, until); day++) {
          const then = stand(evaluate(rule, facts, { asOf: formatDay(day)!, ...at }))
          const message = `${rule.source.when} on ${formatDay(day)}, until ${now.until}`
          if (day < until) assert.deepEqual(then, stand(now), message)
          else assert.notDeepEqual(then, stand(now), message)
        }
      },
    ),
    { numRuns: 400, seed },
  )
  assert.ok(turned > 40, `only ${turned} cases turned within the days looked at`)
})

test('I9: the same input gives the same bytes, from a rule compiled anew', () => {
  fc.assert(
    fc.property(fc.oneof(condition, timedCondition), exceptions, knowledge(true), (when, more, facts) => {
      const first = evaluate(randomRule(when, more), facts, { asOf })
      const again = evaluate(randomRule(when, more), structuredClone(facts), { asOf })
      assert.equal(canonical(first as unknown as Json), canonical(again as unknown as Json))
      assert.equal(JSON.stringify(first), JSON.stringify(again))
    }),
    { numRuns: 300, seed },
  )
})

test('no text whatever makes the compiler throw', () => {
  const words = fc.constantFrom(
    ...'and or not ( ) [ ] { } , . .. - + * / ** < <= = != in between if then else some every satisfies count sum age today() params.limit children birth_date c item null true "x" @"P1D" date("2024-01-01") 1 0.5 1e9 for return function instance of : ; ? \u0000 \uD800 __proto__ constructor toString // /* */'.split(
      ' ',
    ),
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.array(words, { maxLength: 60 }).map((all) => all.join(' ')),
    fc
      .tuple(condition, fc.nat(), words)
      .map(([good, at, word]) => `${good.slice(0, at % good.length)}${word}${good.slice(at % good.length)}`),
  )
  fc.assert(
    fc.property(text, (when) => {
      const result = compileRule(
        source('is_working', { when, params, facts: [], result: { amount: when, due: when } }),
        vocabulary,
      )
      if (result.ok) return
      assert.ok(result.errors.length > 0)
      for (const error of result.errors) {
        assert.ok(
          error.from >= 0 && error.from <= error.to && error.to <= Math.max(when.length, 0),
          JSON.stringify(error),
        )
      }
    }),
    { numRuns: 2000, seed },
  )
})

test('nesting and length are limited, with a reason', () => {
  const hostile = [
    '('.repeat(3999),
    `${'not('.repeat(900)}is_working${')'.repeat(900)}`,
    '-'.repeat(3999),
    'a['.repeat(1999),
    'x'.repeat(4001),
    `${'if '.repeat(1300)}`,
    Array(900).fill('1').join('+'),
    Array(600).fill('1').join('-('),
  ]
  for (const when of hostile) {
    const began = process.cpuUsage()
    const result = compileRule(
      source('is_working', { when, facts: [], text: { title: '', summary: '', why: {} } }),
      vocabulary,
    )
    assert.equal(result.ok, false, when.slice(0, 20))
    assert.ok(process.cpuUsage(began).user < 3e6, `${when.slice(0, 20)} took too long`)
  }
  const many = Array(180).fill('is_working').join(' and ')
  assert.ok(ruleOf(many))
})
