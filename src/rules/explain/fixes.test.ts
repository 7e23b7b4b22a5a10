import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '../../platform/canonical.ts'
import { asOf, condition, knowledge, params, timedCondition } from '../expressions.fixture.ts'
import { gone, known, list, ruleOf, unclear, vocabulary } from '../rules.fixture.ts'
import { evaluate, type Facts, type Fix, type FixChange, type FixTarget, fixes, type Rule } from '../rules.ts'
import { verifiedFixes } from './fixes.ts'

const seed = 20_261_126
const at = { asOf }

const found = (when: string, facts: Facts, more: Parameters<typeof ruleOf>[1] = {}): Fix[] =>
  fixes(ruleOf(when, more), facts, at)
const changes = (when: string, facts: Facts, more: Parameters<typeof ruleOf>[1] = {}): Json[] =>
  found(when, facts, more).map((fix) => fix.changes.map(short))

function short(change: FixChange): Json {
  if (change.do === 'wait') return `wait ${change.until}`
  const needed = change.needed as { [end: string]: Json } | null
  return [change.do, change.predicate, needed]
}

test('a number: the boundary value of each fact, all others fixed, exact to the smallest unit', () => {
  const facts = { income: known(600_000), size: known(4) }
  const limit = {
    type: { kind: 'money' },
    values: [{ from: '2019-01-01', value: 1_200, status: 'working', confidence: 'V3' }],
  } as const
  assert.deepEqual(changes('income / size < params.limit', facts, { params: { limit } }), [
    [['change', 'income', { at_most: 479_999 }]],
    [['change', 'size', { at_least: 6 }]],
  ])
  assert.deepEqual(changes('size between 6 and 8', facts), [
    [['change', 'size', { at_least: 6, at_most: 8 }]],
  ])
  assert.deepEqual(changes('size = 7', facts), [[['change', 'size', { at_least: 7, at_most: 7 }]]])
  assert.deepEqual(changes('share * 2 > 0.25', { share: known('0.10') }), [
    [['change', 'share', { at_least: '0.13' }]],
  ])
  assert.deepEqual(changes('card_expiry >= today() + @"P6M"', { card_expiry: known('2024-02-01') }), [
    [['change', 'card_expiry', { at_least: '2024-07-20' }]],
  ])
})

test('a code and a yes or no: the values that do', () => {
  assert.deepEqual(changes('status in ("single", "widowed")', { status: known('married') }), [
    [['change', 'status', { is: 'single' }]],
    [['change', 'status', { is: 'widowed' }]],
  ])
  assert.deepEqual(changes('is_registered', { is_registered: gone }), [
    [['change', 'is_registered', { is: true }]],
  ])
  assert.deepEqual(changes('absent(card_expiry)', { card_expiry: known('2030-01-01') }), [
    [['change', 'card_expiry', { is: null }]],
  ])
})

test('who can act, and whose record it is, come from the vocabulary; what nobody does on purpose is no advice', () => {
  const [fix] = found('is_registered', { is_registered: known(false) })
  assert.deepEqual(fix!.changes, [
    {
      do: 'change',
      predicate: 'is_registered',
      field: null,
      needed: { is: true },
      fix: 'act',
      source: 'office',
    },
  ])
  assert.deepEqual(found('birth_date < @"2000-01-01"', { birth_date: known('2010-01-01') }), [])
  assert.deepEqual(found('score > 3', { score: known(1) }), [], 'an event is nothing one does')
  assert.deepEqual(found('name = "A"', { name: known('B') }), [], 'the vocabulary says nobody who can')
})

test('what is unknown is asked, with what the answer would have to be', () => {
  assert.deepEqual(changes('income < 0.5 * rent', { income: unclear, rent: known(1_000) }), [
    [['tell', 'income', { at_most: 499 }]],
  ])
  assert.deepEqual(changes('is_working', { is_working: unclear }), [[['tell', 'is_working', { is: true }]]])
  // Several answers only together: no single boundary is one.
  assert.deepEqual(changes('income < rent', { income: unclear, rent: unclear }), [
    [
      ['tell', 'income', null],
      ['tell', 'rent', null],
    ],
  ])
  assert.deepEqual(
    found('is_registered', { is_registered: unclear }),
    [],
    'a registry is silent: nobody to ask',
  )
})

test('time alone: the first day on which the whole rule is so', () => {
  const facts = { birth_date: known('2020-02-29'), is_registered: known(true), size: known(2) }
  const [fix, ...others] = found('age(birth_date) >= 5 and is_registered', facts)
  assert.deepEqual(fix, { changes: [{ do: 'wait', until: '2025-03-01' }], on: '2025-03-01', settles: [0] })
  assert.deepEqual(others, [])
  assert.deepEqual(changes('age(birth_date) >= 5 and size > 3', facts), [
    [['change', 'size', { at_least: 4 }], 'wait 2025-03-01'],
  ])
  // Each part is so on some day, but never both: there is nothing to wait for.
  assert.deepEqual(found('age(birth_date) >= 5 and birth_date + @"P4Y" > today()', facts), [])
  const later = { effective: { from: '2024-06-01', to: null } }
  assert.deepEqual(changes('is_registered', facts, later), [['wait 2024-06-01']])
})

test('every part of an and, any part of an or; the cheapest first, and nothing that is not needed', () => {
  const facts = { is_registered: known(false), is_working: unclear, size: known(2), status: known('married') }
  assert.deepEqual(changes('is_working and (is_registered or size > 3)', facts), [
    [
      ['tell', 'is_working', { is: true }],
      ['change', 'is_registered', { is: true }],
    ],
    [
      ['tell', 'is_working', { is: true }],
      ['change', 'size', { at_least: 4 }],
    ],
  ])
  assert.deepEqual(changes('size > 3 and size < 6', facts), [
    [['change', 'size', { at_least: 4, at_most: 5 }]],
  ])
  assert.deepEqual(found('size > 3 and size < 2', facts), [], 'no number is both')
})

test('an exception is lifted, and a target of not applying is a target too', () => {
  const exceptions = [
    { id: 'e', overrides: 'base', legal: { act: 'x' }, when: 'is_working', outcome: 'does_not_apply' },
  ] as const
  const facts = { is_registered: known(true), is_working: known(true) }
  assert.deepEqual(changes('is_registered', facts, { exceptions }), [
    [['change', 'is_working', { is: false }]],
  ])
  const rule = ruleOf('is_registered and card_expiry < today()')
  const expired = { is_registered: known(true), card_expiry: known('2024-01-01') }
  assert.deepEqual(
    fixes(rule, expired, at, 'does_not_apply').map((fix) => fix.changes.map(short)),
    [[['change', 'card_expiry', { at_least: asOf }]], [['change', 'is_registered', { is: false }]]],
  )
})

test('a field of the rule’s own item can be what is changed', () => {
  const children = { ...vocabulary.children!, fix: 'declare', source: 'office' } as const
  const rule = ruleOf(
    'child.in_state_care = false',
    { per: { list: 'children', as: 'child' } },
    { ...vocabulary, children },
  )
  const facts = { children: list([{ in_state_care: true }, { in_state_care: true }]) }
  const [fix] = fixes(rule, facts, { asOf, item: 'i2' })
  assert.deepEqual(
    fix!.changes.map((change) => change.do === 'change' && [change.predicate, change.field]),
    [['children', 'in_state_care']],
  )
})

test('nothing is advised that the rule never suggests; to tell what is unknown is no advice, its boundary would be', () => {
  const advice = { no_suggest: ['income', 'size'] }
  const facts = { income: known(600_000), size: known(4), rent: known(1) }
  assert.deepEqual(found('income < rent', facts, { advice: { no_suggest: ['income', 'rent'] } }), [])
  assert.deepEqual(changes('income < rent', facts, { advice }), [[['change', 'rent', { at_least: 600_001 }]]])
  assert.deepEqual(
    changes('income < rent', { ...facts, income: unclear }, { advice: { no_suggest: ['income'] } }),
    [[['tell', 'income', null]]],
  )
})

test('when it is so already there is nothing to fix', () => {
  assert.deepEqual(found('is_registered', { is_registered: known(true) }), [])
})

// ── Random rules over random facts ──────────────────────────────────────────────────────────────────────────

const exceptions = fc.oneof(
  { weight: 2, arbitrary: fc.constant([] as string[]) },
  fc.array(condition, { minLength: 1, maxLength: 2 }),
)
const noSuggest = fc.subarray(['income', 'size', 'status', 'is_registered', 'rent', 'card_expiry'])

const ruleWith = (when: string, more: readonly string[], no_suggest: readonly string[]): Rule =>
  ruleOf(when, {
    params,
    advice: { no_suggest },
    exceptions: more.map((text, n) => ({
      id: `e${n}`,
      overrides: 'base',
      legal: { act: 'x' },
      when: text,
      outcome: n === 1 ? 'human' : 'does_not_apply',
    })),
  })

/** The values a change speaks of: the one, or both ends of the stretch. */
function valuesOf(change: FixChange): Json[] {
  if (change.do === 'wait' || change.needed === null) return []
  if ('is' in change.needed) return [change.needed.is]
  return [change.needed.at_least, change.needed.at_most].filter((end) => end !== undefined)
}

/** As a reader of the hint would do it, without knowing how it was found. */
const withChange = (facts: Facts, change: FixChange, value: Json): Facts =>
  change.do === 'wait' ? facts : { ...facts, [change.predicate]: value === null ? gone : known(value) }

test('every hint reaches the target when it is followed, at every boundary it names, and no part of it alone does', () => {
  const seen = { fixes: 0, rules: 0, waits: 0, tells: 0, changes: 0, together: 0, not: 0 }
  const cases = fc.tuple(
    fc.oneof(condition, timedCondition),
    exceptions,
    noSuggest,
    knowledge(true, 8),
    fc.boolean(),
  )
  fc.assert(
    fc.property(cases, ([when, more, no_suggest, facts, is_not]) => {
      const rule = ruleWith(when, more, no_suggest)
      const target: FixTarget = is_not ? 'does_not_apply' : 'applies'
      const verified = verifiedFixes(rule, facts, at, target)
      assert.ok(verified.length <= 64)
      if (verified.length > 0) seen.rules++
      for (const { fix, facts: then } of verified.slice(0, 6)) {
        const message = `${when} · ${more} · ${JSON.stringify(fix)}`
        const day = fix.on ?? asOf
        assert.equal(evaluate(rule, then, { asOf: day }).outcome, target, message)
        seen.fixes++
        if (is_not) seen.not++
        if (fix.changes.length > 1) seen.together++
        for (const change of fix.changes) {
          seen[change.do === 'wait' ? 'waits' : change.do === 'tell' ? 'tells' : 'changes']++
          if (change.do === 'change') assert.ok(!no_suggest.includes(change.predicate), message)
          if (change.do === 'tell' && no_suggest.includes(change.predicate)) assert.equal(change.needed, null)
          for (const value of valuesOf(change))
            assert.equal(
              evaluate(rule, withChange(then, change, value), { asOf: day }).outcome,
              target,
              message,
            )
        }
        for (const left of fix.changes) {
          if (fix.changes.length === 1) break
          const without = left.do === 'wait' ? then : { ...then, [left.predicate]: facts[left.predicate]! }
          const on = fix.changes.some((c) => c !== left && c.do === 'wait') ? day : asOf
          assert.notEqual(
            evaluate(rule, without, { asOf: on }).outcome,
            target,
            `${message} needs no ${left.do}`,
          )
        }
      }
    }),
    { numRuns: 2500, seed },
  )
  assert.ok(seen.fixes > 400 && seen.not > 200 && seen.together > 80, JSON.stringify(seen))
  assert.ok(seen.waits > 80 && seen.tells > 200 && seen.changes > 180, JSON.stringify(seen))
})

test('a hint names values of the declared type and range', () => {
  fc.assert(
    fc.property(condition, knowledge(false, 8), (when, facts) => {
      for (const fix of fixes(ruleOf(when, { params }), facts, at)) {
        for (const change of fix.changes) {
          if (change.do === 'wait') assert.ok(change.until > asOf)
          for (const value of valuesOf(change)) {
            if (change.do === 'wait' || value === null) continue
            const { type } = vocabulary[change.predicate]!
            if (type.kind === 'code') assert.ok(type.values.includes(String(value)))
            if (type.kind === 'integer')
              assert.ok(Number(value) >= (type.min ?? -Infinity) && Number(value) <= (type.max ?? Infinity))
            if (type.kind === 'money') assert.ok(Number(value) >= (type.min ?? -Infinity))
          }
        }
      }
    }),
    { numRuns: 400, seed },
  )
})
