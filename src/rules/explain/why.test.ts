import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { programOf } from '../evaluator/program.ts'
import { anyTruth, bit, everyOutcome } from '../evaluator/turns.ts'
import { type Truth, truthWords } from '../evaluator/values.ts'
import { asOf, condition, knowledge, params } from '../expressions.fixture.ts'
import { gone, known, list, ruleOf, unclear } from '../rules.fixture.ts'
import { type Determination, evaluate, explain, type Facts, fixes, type Rule, waysOpen } from '../rules.ts'

const seed = 20_261_124

const explained = (rule: Rule, facts: Facts, item?: string) =>
  explain(rule, evaluate(rule, facts, item === undefined ? { asOf } : { asOf, item }))
const texts = (reasons: readonly { readonly is: string }[]): string[] =>
  reasons.map((reason) => ('text' in reason ? String(reason.text) : reason.is))

test('a refusal names what failed on each way, and nothing that would not help', () => {
  const rule = ruleOf('is_registered and (status = "single" or (status = "married" and income < rent))')
  const facts = { is_registered: known(true), status: known('married'), income: known(500), rent: known(400) }
  const found = explained(rule, facts)
  assert.deepEqual(
    found.ways.map((way) => texts(way.failed)),
    [['status = "single"'], ['income < rent']],
  )
  assert.deepEqual(texts(found.because), ['status = "single"', 'income < rent'])
  const both = explained(rule, { ...facts, is_registered: known(false) })
  assert.deepEqual(
    both.ways.map((way) => texts(way.failed)),
    [
      ['is_registered', 'status = "single"'],
      ['is_registered', 'income < rent'],
    ],
  )
})

test('of what applies, the conditions that carried it: of an or, those that hold', () => {
  const rule = ruleOf('(is_working or is_registered or score > 3) and not(status = "widowed")')
  const facts = {
    is_working: known(true),
    is_registered: known(false),
    score: known(5),
    status: known('single'),
  }
  const found = explained(rule, facts)
  assert.deepEqual(texts(found.because), ['is_working', 'score > 3', 'status = "widowed"'])
  assert.deepEqual(
    found.because.map((reason) => reason.is === 'condition' && [reason.value, reason.needed]),
    [
      ['true', true],
      ['true', true],
      ['false', false],
    ],
  )
  assert.deepEqual(found.ways, [])
})

test('what is asked stands with the conditions that hang on it', () => {
  const rule = ruleOf('is_working and (income < rent or score > 3) and size > 1')
  const facts = { is_working: known(true), income: unclear, rent: known(5), score: known(1), size: unclear }
  const found = explained(rule, facts)
  assert.equal(found.outcome, 'ask')
  assert.deepEqual(texts(found.because), ['income < rent', 'size > 1'])
  assert.deepEqual(found.asks, [
    { predicate: 'income', atoms: [1] },
    { predicate: 'size', atoms: [3] },
  ])
})

test('an exception that decided is named, with what it rests on', () => {
  const exception = {
    id: 'in-care',
    overrides: 'base',
    legal: { act: 'x' },
    when: 'some c in children satisfies c.in_state_care',
  }
  const facts = { is_registered: known(true), children: list([{ in_state_care: true }]) }
  const no = explained(
    ruleOf('is_registered', { exceptions: [{ ...exception, outcome: 'does_not_apply' }] }),
    facts,
  )
  assert.equal(no.exception, 'in-care')
  assert.deepEqual(
    no.ways.map((way) =>
      way.failed.map((reason) => reason.is === 'condition' && [reason.part, reason.needed]),
    ),
    [[['in-care', false]]],
  )
  const human = explained(
    ruleOf('is_registered', { exceptions: [{ ...exception, outcome: 'human' }] }),
    facts,
  )
  assert.deepEqual([human.outcome, texts(human.because)], ['human', [exception.when]])
})

test('a missing item and a rule not in force are reasons of their own', () => {
  const rule = ruleOf('child.birth_order = 1', { per: { list: 'children', as: 'child' } })
  const missing = explained(rule, { children: list([]) }, 'i1')
  assert.deepEqual(missing.because[0], { is: 'item', list: 'children', value: 'false' })
  const later = ruleOf('is_registered', { effective: { from: '2025-01-01', to: null } })
  assert.deepEqual(explained(later, { is_registered: known(true) }).because, [
    { is: 'in force', value: 'false' },
  ])
})

test('a way that nobody can go is no hint while another is open', () => {
  const rule = ruleOf('child.birth_order = 1 or (child.birth_order = 2 and is_registered)', {
    per: { list: 'children', as: 'child' },
  })
  const show = (order: number, registered: boolean) => {
    const facts = { children: list([{ birth_order: order }]), is_registered: known(registered) }
    const at = { asOf, item: 'i1' }
    const found = waysOpen(explain(rule, evaluate(rule, facts, at)), fixes(rule, facts, at))
    return found.map((way) => texts(way.failed))
  }
  assert.deepEqual(show(2, false), [['is_registered']])
  assert.deepEqual(show(3, true), [['child.birth_order = 1'], ['child.birth_order = 2']])
})

test('the determination of another version of the rule is not explained', () => {
  const said = evaluate(ruleOf('is_registered'), { is_registered: gone }, { asOf })
  assert.throws(() => explain(ruleOf('is_registered and is_working'), said), RangeError)
})

const exceptions = fc.oneof(
  { weight: 3, arbitrary: fc.constant([] as string[]) },
  fc.array(condition, { minLength: 1, maxLength: 3 }),
)
const ruleWith = (when: string, more: readonly string[]): Rule =>
  ruleOf(when, {
    params,
    exceptions: more.map((text, at) => ({
      id: `e${at}`,
      overrides: at === 2 ? 'e0' : 'base',
      legal: { act: 'x' },
      when: text,
      outcome: at === 1 ? 'human' : 'does_not_apply',
    })),
  })

/** Does the rule keep to an outcome whatever all other conditions come to? */
function settles(
  rule: Rule,
  said: Determination,
  fixed: ReadonlyMap<number, Truth>,
  is: (o: string) => boolean,
) {
  const free = fixed.size < said.trace.length ? anyTruth : 0
  return everyOutcome(
    programOf(rule),
    bit(2),
    (atom) => (fixed.has(atom.id) ? bit(fixed.get(atom.id)!) : free),
    is,
  )
}

const numberOf = (value: string): Truth => truthWords.indexOf(value as 'true') as Truth

test('what is named decided: with it alone the outcome stands, whatever else would turn', () => {
  const seen = { applies: 0, does_not_apply: 0 }
  fc.assert(
    fc.property(condition, exceptions, knowledge(false, 12), (when, more, facts) => {
      const rule = ruleWith(when, more)
      const said = evaluate(rule, facts, { asOf })
      if (said.outcome !== 'applies' && said.outcome !== 'does_not_apply') return
      const { because } = explain(rule, said)
      const fixed = new Map(
        because.flatMap((r) => (r.is === 'condition' ? [[r.atom, numberOf(r.value)] as const] : [])),
      )
      seen[said.outcome]++
      const stands = (outcome: string) =>
        said.outcome === 'applies' ? outcome === 'applies' : outcome !== 'applies'
      assert.ok(settles(rule, said, fixed, stands), `${when} · ${more} · ${JSON.stringify(because)}`)
    }),
    { numRuns: 1200, seed },
  )
  assert.ok(seen.applies > 60 && seen.does_not_apply > 200, JSON.stringify(seen))
})

test('each way, all of it turned, leads to the rule applying; less of it does not', () => {
  let ways = 0
  fc.assert(
    fc.property(condition, exceptions, knowledge(false, 12), (when, more, facts) => {
      const rule = ruleWith(when, more)
      const said = evaluate(rule, facts, { asOf })
      if (said.outcome === 'applies') return
      const turned = (reasons: readonly { atom: number; needed: boolean }[]) => {
        const truths = new Map(said.trace.map(({ value }, atom) => [atom, numberOf(value)]))
        for (const { atom, needed } of reasons) truths.set(atom, needed ? 2 : 0)
        return settles(rule, said, truths, (outcome) => outcome === 'applies')
      }
      const found = explain(rule, said).ways.slice(0, 5)
      for (const way of found) {
        const reasons = [...way.failed, ...way.open].flatMap((r) => (r.is === 'condition' ? [r] : []))
        ways++
        assert.ok(turned(reasons), `${when} · ${more}: all of ${JSON.stringify(texts(reasons))}`)
        for (const left of reasons)
          assert.ok(
            !turned(reasons.filter((r) => r !== left)),
            `${when}: ${left.text} is not needed in ${JSON.stringify(texts(reasons))}`,
          )
      }
    }),
    { numRuns: 800, seed },
  )
  assert.ok(ways > 400, `only ${ways} ways`)
})
