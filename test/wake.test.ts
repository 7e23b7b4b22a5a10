import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatDay, parseDay } from '../src/rules/evaluator/calendar.ts'
import { timedCondition } from '../src/rules/expressions.fixture.ts'
import { vocabulary } from '../src/rules/rules.fixture.ts'
import { evaluate, never_wakes, openArena, openWake, populationOf, wakePlanOf } from '../src/rules/rules.ts'
import { compiled, reference, roundOf } from './kernels.ts'

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
