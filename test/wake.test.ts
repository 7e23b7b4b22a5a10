import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatDay, parseDay } from '../src/rules/evaluator/calendar.ts'
import { timedCondition } from '../src/rules/expressions.fixture.ts'
import { vocabulary } from '../src/rules/rules.fixture.ts'
import { evaluate, never_wakes, openArena, openWake, populationOf, wakePlanOf } from '../src/rules/rules.ts'
import { compiled, reference, roundOf } from './kernels.ts'
import { sleepersOf, wakeRound } from './wakes.ts'

const never = Number.POSITIVE_INFINITY

test('no wake date is late: against the evaluator’s exact next change, and day by day', () => {
  const arena = openArena()
  const seen = { cells: 0, exact: 0, early: 0, days: 0, by_table: 0, scalar: 0 }
  for (let seed = 1; seen.cells < 20_000; seed++) {
    const round = roundOf(seed, { rules: 8, subjects: 60 })
    const timed = fc.sample(timedCondition, { seed, numRuns: 16 }).flatMap((when) => {
      const text = {
        when,
        exceptions: [],
        leap_birthday: 'mar1',
        month_end: seed % 2 ? 'up' : 'down',
      } as const
      const rule = compiled(text)
      return rule ? [{ rule, text }] : []
    })
    const rules = [...round.rules, ...timed]
    arena.top = 0
    const population = populationOf(round.subjects, vocabulary, arena)
    const plan = wakePlanOf(
      rules.map(({ rule }) => rule),
      population,
      round.asOf,
    )
    const run = openWake(plan, population)
    run.block(0)
    const day = parseDay(round.asOf)!
    for (const [at, { rule, text }] of rules.entries()) {
      seen[plan.rules[at]!.scalar === undefined ? 'by_table' : 'scalar']++
      for (const [row, facts] of round.subjects.entries()) {
        seen.cells++
        const slept = run.days[at]![row]!
        const wake = slept === never_wakes ? never : day + slept
        const { until } = evaluate(rule, facts, { asOf: round.asOf })
        const exact = until === null ? never : parseDay(until)!
        const told = (): string =>
          `seed ${seed}, ${round.asOf}: wakes ${wake === never ? 'never' : formatDay(wake)}, changes ${until}\n${JSON.stringify(text)}\n${JSON.stringify(facts)}`
        assert.ok(wake > day, told())
        assert.ok(wake <= exact, told())
        if (wake === exact) seen.exact++
        else seen.early++
        if (row % 20 !== 0) continue
        const now = reference(rule, facts, day)
        for (let next = day + 1; next < Math.min(wake, day + 200); next++) {
          seen.days++
          assert.equal(reference(rule, facts, next), now, `${formatDay(next)}\n${told()}`)
        }
      }
    }
  }
  assert.ok(seen.by_table > 4 * seen.scalar, 'most rules have tables')
  assert.ok(seen.exact > seen.early, 'most wake dates are exact')
  assert.ok(seen.days > 25_000, `${seen.days} days were looked at one by one`)
})

test('whoever sleeps on a later day has the outcome of today, by the kernels: half a million checks', () => {
  const sleepers = sleepersOf(1, 400)
  let [checks, exact] = [0, 0]
  for (let seed = 1; checks < 500_000; seed++) {
    const found = wakeRound(seed, sleepers, { rules: 24, days: 60 })
    assert.equal(found.late, undefined, `seed ${seed}`)
    checks += found.checks
    exact += found.exact
  }
  assert.ok(exact > 50, `only ${exact} wake-ups turned an outcome`)
})

test('a wake date a day too late is found, with the rule and the facts', () => {
  const { late } = wakeRound(2, sleepersOf(1, 400), { rules: 24, days: 60 }, 1)
  assert.ok(late)
  assert.equal(late.asOf, '2024-02-29')
  assert.ok(Object.keys(late.facts).length > 0 && late.rule.when !== '')
})
