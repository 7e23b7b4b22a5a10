/** A simulation by columns against one evaluation a subject: counts, costs and near misses. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, after as when_done } from 'node:test'
import fc from 'fast-check'
import { BECOMES, type Comparison, countShard, openTally, slotsOf } from '../src/council/simulation/count.ts'
import type { Pack } from '../src/packs/packs.ts'
import { knowledge, params } from '../src/rules/expressions.fixture.ts'
import { ruleOf, vocabulary } from '../src/rules/rules.fixture.ts'
import {
  conditionsOf,
  evaluate,
  factsAt,
  itemsPopulation,
  planOf,
  populationOf,
  type Rule,
  type RuleSource,
} from '../src/rules/rules.ts'

import { cases } from './nation/law-changes.ts'
import { packShelf, sampled } from './nation/row-by-row.ts'
import { getPack } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'hamroh-simulation-'))
when_done(() => rmSync(folder, { recursive: true, force: true }))
const shelf = packShelf(getPack())

const day = '2024-02-29'
/** Bands over a code, so that costs can be told apart by it. */
const pack = {
  council: {
    bands: [
      { id: 'status', by: 'code', words: 'w', predicate: 'status', codes: ['single', 'married', 'widowed'] },
    ],
  },
} as unknown as Pack

const rule = (when: string, more: Partial<RuleSource> = {}): Rule => ruleOf(when, { params, ...more })
const child = { list: 'children', as: 'it' }
const pays = { amount: '(if score > 1 then params.limit else 2 * params.limit)' }
const pairs: readonly (readonly [string, Rule, Rule])[] = [
  [
    'a condition of subjects, with a sum',
    rule('sum(payments.amount) > rent and age(birth_date) >= 2', { result: pays }),
    rule('sum(payments.amount) >= rent and age(birth_date) >= 1', { result: { amount: 'params.limit' } }),
  ],
  [
    'a rule of items',
    rule('it.birth_date + @"P2Y" > card_expiry and it.birth_order < 3', { per: child, result: pays }),
    rule('it.birth_date + @"P3Y" > card_expiry and it.birth_order < 3', { per: child, result: pays }),
  ],
  [
    'a rule of items that becomes one of subjects',
    rule('age(it.birth_date) < 2 and is_registered', { per: child, result: pays }),
    rule('(some c in children satisfies age(c.birth_date) < 3) and is_registered', { result: pays }),
  ],
  [
    'an exception that pays something else',
    rule('score > 0', { result: pays }),
    rule('score > 0', {
      result: pays,
      exceptions: [
        {
          id: 'more',
          overrides: 'base',
          legal: { act: 'x' },
          when: 'max(payments.paid_on) > card_expiry',
          outcome: 'applies',
          result: { amount: '3 * params.limit' },
        },
      ],
    }),
  ],
]

for (const [name, before, after] of pairs)
  test(`${name}: counted, missed and paid as the evaluator says of each subject`, () => {
    const subjects = fc.sample(knowledge(true), { seed: 7, numRuns: 800 })
    const population = populationOf(subjects, vocabulary)
    const of: Comparison = { before, after, day, pack, amounts_differ: true }
    const tally = openTally(of)
    const turns = new Int32Array(subjects.length)
    const becomes = countShard(of, { population, turns }, tally)
    const expected = { gained: 0, lost: 0, still: 0 }
    const seen = new Set<string>()
    for (let row = 0; row < subjects.length; row++) {
      const facts = factsAt(population, vocabulary, row)
      const said = (of_rule: Rule) =>
        slotsOf(of_rule, facts).map((at) => evaluate(of_rule, facts, { asOf: day, ...at }))
      const [old, now] = [said(before), said(after)]
      const what = named(strongest(old), strongest(now))
      assert.equal(BECOMES[becomes[row]!], what, JSON.stringify(facts))
      seen.add(what)
      const paid = (all: ReturnType<typeof said>) => all.reduce((sum, { amount }) => sum + (amount ?? 0), 0)
      if (what === 'gained') expected.gained += paid(now)
      if (what === 'lost' || what === 'asked') expected.lost += paid(old)
      if (what === 'still') expected.still += paid(now) - paid(old)
    }
    assert.deepEqual(tally.cost, expected)
    const by_band = (what: 'gained' | 'lost' | 'still') =>
      tally.cost_by_band[0]!.reduce((sum, cost) => sum + cost[what], 0)
    assert.deepEqual({ gained: by_band('gained'), lost: by_band('lost'), still: by_band('still') }, expected)
    assert.ok(seen.has('nothing') && seen.size > 2, [...seen].join())
    assert.equal(tally.evaluated, 0)
    for (const side of ['before', 'after'] as const)
      assert.deepEqual(
        [...tally.misses]
          .map(([text, counts]) => [text, counts[side]])
          .filter(([, n]) => n !== 0)
          .sort(),
        [...missedOneByOne(side === 'before' ? before : after, subjects.length, population)].sort(),
        side,
      )
  })

test('a plan of a rule of items has no condition left to the evaluator', () => {
  const population = populationOf(fc.sample(knowledge(false), { seed: 1, numRuns: 20 }), vocabulary)
  const [, before] = pairs[1]!
  const plan = planOf([before], itemsPopulation(population, 'children')!, day)
  assert.deepEqual([plan.fallbacks.length, plan.strips.length], [0, 1])
})

type Outcome = ReturnType<typeof evaluate>['outcome']

const strongest = (said: readonly { outcome: Outcome }[]): Outcome =>
  (['applies', 'ask', 'human', 'conflict'] as const).find((one) =>
    said.some(({ outcome }) => outcome === one),
  ) ?? 'does_not_apply'

function named(before: Outcome, after: Outcome): (typeof BECOMES)[number] {
  if (before === after) return before === 'applies' ? 'still' : 'nothing'
  if (after === 'applies') return 'gained'
  if (before === 'applies') return after === 'ask' ? 'asked' : 'lost'
  return after === 'ask' ? 'asked' : before === 'ask' ? 'settled' : 'nothing'
}

/** Who misses a rule by one condition alone, from the trace of each evaluation. */
function missedOneByOne(
  of: Rule,
  rows: number,
  population: Parameters<typeof factsAt>[0],
): ReadonlyMap<string, number> {
  const { atoms, says } = conditionsOf(of)
  const counts = new Map<string, number>()
  for (let row = 0; row < rows; row++) {
    const facts = factsAt(population, vocabulary, row)
    const said = slotsOf(of, facts).map((at) => evaluate(of, facts, { asOf: day, ...at }))
    // A rule of items speaks of a person by the strongest; another is asked of its conditions, whatever excepts it.
    if (of.source.per && (said.length === 0 || strongest(said) !== 'does_not_apply')) continue
    const own = new Set<string>()
    for (const { trace } of said) {
      const truths = atoms.map(({ text }) => {
        const value = trace.find((one) => one.text === text)?.value
        return value === 'true' ? 2 : value === 'unknown' ? 1 : 0
      })
      if (says(truths) !== 0) continue
      for (const [at, { text }] of atoms.entries())
        if (truths[at] === 0 && says(truths.map((t, i) => (i === at ? 2 : t))) === 2) own.add(text)
    }
    for (const text of own) counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return counts
}

for (const one of cases)
  test(`${one.rule} changed (${one.name}), over snapshot files: of everybody what the evaluator says`, () => {
    const { subjects, evaluated } = sampled(join(folder, one.name), shelf, one, { seed: 5, sample: 400 })
    assert.ok(subjects >= 400)
    assert.equal(evaluated, 0)
  })
