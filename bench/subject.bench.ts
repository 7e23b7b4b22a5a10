/**
 * One subject: the twenty rules of the population bench over the facts of one person, with trace, and the day of the
 * next change; beside the same rules without trace, over the same people in the same run. First the traced and the
 * untraced must agree. Then the product: from an event handed in, one at a time, to the committed determination it
 * changed, found on another connection.
 */
import { performance } from 'node:perf_hooks'
import {
  agencyOf,
  birthEvent,
  type CloudEvent,
  createPopulation,
  newborn,
  type Person,
} from '../country/population.ts'
import { type ItemResult, intake } from '../src/flow.ts'
import { IntakeQueue } from '../src/intake-queue.ts'
import { makeEngine } from '../src/main.ts'
import { openDatabase, sql } from '../src/platform/database.ts'
import { evaluate, evaluateOn, type Facts, outcomeOn, outlook, type Rule } from '../src/rules/rules.ts'
import { drawFacts } from './nation/people.ts'
import { as_of, nationRules } from './nation/rules.ts'
import type { BenchOptions, BenchResult } from './run.ts'
import { benchGround } from './server.ts'

const SEED = 20261123
const at = { asOf: as_of }

export async function run({ small, say }: BenchOptions): Promise<BenchResult> {
  const size = small ? 1_000 : 10_000
  const rounds = small ? 10 : 20
  const began = performance.now()
  const rules = nationRules()
  const compile_ms = performance.now() - began
  const subjects = drawFacts(SEED, size)
  const counts = agree(rules, subjects)
  say(
    `${size} people, ${rules.length} rules: ${counts.applies} apply, ${counts.ask} ask; trace and no trace agree`,
  )
  const trace = measure(rules, subjects, rounds, (rule, facts) => evaluateOn(rule, facts, at))
  const timeline = measure(rules, subjects, rounds, (rule, facts) => outlook(rule, facts, at))
  const both = measure(rules, subjects, rounds, (rule, facts) => evaluate(rule, facts, at))
  const bare = measure(rules, subjects, rounds, (rule, facts) => outcomeOn(rule, facts, at))
  const births = small ? 100 : 500
  say(`${births} births reported one after another …`)
  const committed = await commitTimes(births)
  return {
    name: 'subject',
    seed: SEED,
    figures: {
      compile_20_rules_ms: compile_ms,
      trace_us_p50: trace.p50,
      trace_us_p99: trace.p99,
      timeline_us_p50: timeline.p50,
      timeline_us_p99: timeline.p99,
      trace_and_timeline_us_p50: both.p50,
      fact_to_determination_p50_ms: percentile(committed, 0.5),
      fact_to_determination_p99_ms: percentile(committed, 0.99),
    },
    baselines: { untraced_us_p50: bare.p50, untraced_us_p99: bare.p99 },
    ratios: { traced_to_untraced: trace.p50 / bare.p50, timeline_to_untraced: timeline.p50 / bare.p50 },
  }
}

function agree(rules: readonly Rule[], subjects: readonly Facts[]): { applies: number; ask: number } {
  const counts = { applies: 0, ask: 0 }
  for (const facts of subjects) {
    for (const rule of rules) {
      const { outcome, until } = evaluate(rule, facts, at)
      const short = outlook(rule, facts, at)
      if (outcome !== outcomeOn(rule, facts, at) || outcome !== short.outcome || until !== short.until)
        throw new Error(`${rule.source.id}: trace and no trace differ`)
      if (outcome === 'applies') counts.applies++
      if (outcome === 'ask') counts.ask++
    }
  }
  return counts
}

/** Microseconds for all rules over one subject; every subject is measured in every round, the first rounds are warm-up. */
function measure(
  rules: readonly Rule[],
  subjects: readonly Facts[],
  rounds: number,
  once: (rule: Rule, facts: Facts) => unknown,
): { p50: number; p99: number } {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    for (const facts of subjects) {
      const began = performance.now()
      for (const rule of rules) once(rule, facts)
      if (round * 2 >= rounds) times.push((performance.now() - began) * 1000)
    }
  }
  times.sort((a, b) => a - b)
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

/** Milliseconds from handing in a birth to finding the mother's changed determination, the registries' history behind it. */
async function commitTimes(births: number): Promise<number[]> {
  const { server, ground, end } = await benchGround()
  try {
    const engine = makeEngine(ground)
    const population = createPopulation({ people: 1000 })
    // The history builds on itself: it goes in by one hand, in its order.
    accepted(await intake(engine, [...population.events()].map(reported)))
    const queue = new IntakeQueue(engine)
    const reader = openDatabase({ url: server.url, role: 'hamroh_engine', max: 1 })
    const times: number[] = []
    const mothers = Array.from({ length: population.people }, (_, n) => population.person(n)).filter(isMother)
    for (let n = 0; n < births; n++) {
      const mother = mothers[n % mothers.length]!
      const event = birthEvent({
        n,
        id: `bench-birth-${n}`,
        child: newborn({
          n: Math.floor(n / 14),
          born_on: `2026-11-${String(1 + (n % 14)).padStart(2, '0')}`,
          parent: mother,
        }),
        mother_pinfl: mother.pinfl,
        birth_order: 1,
        registered_at: '2026-11-23T10:00:00+05:00',
      })
      const began = performance.now()
      accepted(await queue.submit([reported(event)]))
      const [found] = await reader.rows<{ n: number }>(sql`
        select count(*)::int as n from determinations d join events e on e.id = d.because where e.event_id = ${event.id}`)
      times.push(performance.now() - began)
      if (found!.n === 0) throw new Error('a birth changed no determination')
    }
    await reader.end()
    return times.sort((a, b) => a - b)
  } finally {
    await end()
  }
}

const isMother = ({ sex, birth_date }: Person): boolean =>
  sex === 'f' && birth_date > '1985' && birth_date < '2006'

const reported = (item: CloudEvent) => ({ agency: agencyOf(item), item })

function accepted(answers: readonly ItemResult[]): void {
  const bad = answers.find((a) => a.status !== 'accepted')
  if (bad) throw new Error(`an event was not accepted: ${JSON.stringify(bad)}`)
}

const percentile = (sorted: readonly number[], p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN
