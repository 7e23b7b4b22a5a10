/**
 * Wake dates against the kernels on later days: whoever still sleeps on a day must have the outcome of today. Random
 * rules over random subjects, whole columns at a time. Used by the tests and by `bench/fuzz.ts`.
 */
import fc from 'fast-check'
import { formatDay, parseDay } from '../src/rules/evaluator/calendar.ts'
import { knowledge, timedCondition } from '../src/rules/expressions.fixture.ts'
import { vocabulary } from '../src/rules/rules.fixture.ts'
import {
  block_rows,
  type Facts,
  never_wakes,
  openRun,
  openWake,
  type Population,
  planOf,
  populationOf,
  type Rule,
  runAll,
  wakePlanOf,
} from '../src/rules/rules.ts'
import { compiled, edgeDays, type RuleText, ruleText } from './kernels.ts'

export type Sleepers = { readonly subjects: readonly Facts[]; readonly population: Population }

/** Random subjects, known in one of several ways. Drawing them costs most: they serve many rounds. */
export function sleepersOf(seed: number, count: number): Sleepers {
  const cells = knowledge(seed % 3 !== 0, [4, 30, 1000][seed % 3])
  const subjects = fc.sample(cells, { seed, numRuns: count })
  return { subjects, population: populationOf(subjects, vocabulary) }
}

export type Late = {
  readonly asOf: string
  readonly day: string
  readonly rule: RuleText
  readonly facts: Facts
  /** When it would wake; null: never. */
  readonly wakes: string | null
}

export type Checked = {
  readonly checks: number
  readonly rules: number
  /** Of the wake-ups on the days looked at: all, and those on which the outcome really differs. */
  readonly woken: number
  readonly exact: number
  readonly late?: Late
}

/** Every day of the next weeks, some of the next years, and the days around far birthdays and year's ends. */
function laterDays(seed: number, count: number): readonly number[] {
  const near = Array.from({ length: Math.ceil(count * 0.6) }, (_, at) => at + 1)
  const far = fc.sample(fc.integer({ min: near.length + 1, max: 1_500 }), {
    seed,
    numRuns: Math.ceil(count * 0.35),
  })
  const edges = [1_461, 3_652, 3_653, 7_305, 18_262, 36_524].slice(0, Math.max(1, Math.floor(count * 0.05)))
  return [...new Set([...near, ...far, ...edges])]
}

/** One round of rules over given subjects. @param slept_more for planting a mistake: so many days later does everybody wake */
export function wakeRound(
  seed: number,
  { subjects, population }: Sleepers,
  of: { readonly rules: number; readonly days: number },
  slept_more = 0,
): Checked {
  const { arena } = population
  const { top } = arena
  const asOf = edgeDays[seed % edgeDays.length]!
  const day = parseDay(asOf)!
  const timed = fc.sample(timedCondition, { seed, numRuns: Math.ceil(of.rules * 0.6) }).map(
    (when): RuleText => ({
      when,
      exceptions: [],
      leap_birthday: seed % 2 === 0 ? 'mar1' : 'feb28',
      month_end: seed % 3 === 0 ? 'up' : 'down',
    }),
  )
  const texts = [...timed, ...fc.sample(ruleText, { seed, numRuns: of.rules - timed.length })]
  const rules = texts.flatMap((text) => {
    const rule = compiled(text)
    return rule ? [{ text, rule }] : []
  })
  const plain = rules.map(({ rule }) => rule)
  const wake = openWake(wakePlanOf(plain, population, asOf), population)
  for (let base = 0; base < population.rows; base += block_rows) wake.block(base)
  const now = outcomesOn(plain, population, asOf).map((out) => Uint8Array.from(out))
  const found = { checks: 0, rules: rules.length, woken: 0, exact: 0 }
  for (const later of laterDays(seed, of.days)) {
    arena.top = top
    const then = outcomesOn(plain, population, formatDay(day + later)!)
    for (const [at, { text }] of rules.entries()) {
      const counts = countLate(wake.days[at]!, now[at]!, then[at]!, later - slept_more)
      found.checks += counts.checks
      found.woken += counts.woken
      found.exact += counts.exact
      if (counts.first_late < 0) continue
      const slept = wake.days[at]![counts.first_late]!
      return {
        ...found,
        late: {
          asOf,
          day: formatDay(day + later)!,
          rule: text,
          facts: subjects[counts.first_late]!,
          wakes: slept === never_wakes ? null : formatDay(day + slept)!,
        },
      }
    }
  }
  arena.top = top
  return found
}

function outcomesOn(rules: readonly Rule[], population: Population, day: string): readonly Uint8Array[] {
  const run = openRun(planOf(rules, population, day), population)
  runAll(run, population)
  return run.outs
}

/** Whoever wakes later than `days` from now must have the outcome of now. */
function countLate(
  wakes: Uint16Array,
  now: Uint8Array,
  then: Uint8Array,
  days: number,
): { checks: number; woken: number; exact: number; first_late: number } {
  let [checks, woken, exact, first_late] = [0, 0, 0, -1]
  for (let row = 0; row < wakes.length; row++) {
    const wake = wakes[row]!
    if (wake > days) {
      checks++
      if (then[row] !== now[row] && first_late < 0) first_late = row
    } else if (wake === days) {
      woken++
      if (then[row] !== now[row]) exact++
    }
  }
  return { checks, woken, exact, first_late }
}
