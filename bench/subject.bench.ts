/**
 * One subject: 20 rules over the facts of one person, with trace, and again with the day of the next change; beside the
 * same 20 rules without trace, in the same run over the same people. First the traced and the untraced must agree.
 */
import { performance } from 'node:perf_hooks'
import { compileRule, evaluate, evaluateOn, type Facts, outcomeOn, type Rule } from '../src/rules/rules.ts'
import type { BenchOptions, BenchResult } from './run.ts'
import { AS_OF, people, sources, vocabulary } from './subject.rules.ts'

const SEED = 20261123
const at = { asOf: AS_OF }

export async function run({ small, say }: BenchOptions): Promise<BenchResult> {
  const size = small ? 1_000 : 10_000
  const rounds = small ? 5 : 20
  const began = performance.now()
  const rules = compiled()
  const compile_ms = performance.now() - began
  const subjects = people(SEED, size)
  const counts = agree(rules, subjects)
  say(
    `${size} people, ${rules.length} rules: ${counts.applies} apply, ${counts.ask} ask; trace and no trace agree`,
  )
  const trace = measure(rules, subjects, rounds, (rule, facts) => evaluateOn(rule, facts, at))
  const timeline = measure(rules, subjects, rounds, (rule, facts) => evaluate(rule, facts, at))
  const bare = measure(rules, subjects, rounds, (rule, facts) => outcomeOn(rule, facts, at))
  return {
    name: 'subject',
    seed: SEED,
    figures: {
      compile_20_rules_ms: compile_ms,
      trace_us_p50: trace.p50,
      trace_us_p99: trace.p99,
      timeline_us_p50: timeline.p50,
      timeline_us_p99: timeline.p99,
    },
    baselines: { untraced_us_p50: bare.p50, untraced_us_p99: bare.p99 },
    ratios: { traced_to_untraced: trace.p50 / bare.p50, timeline_to_untraced: timeline.p50 / bare.p50 },
  }
}

/** Words are for people and have no part in what is measured: each rule is given those it lacks. */
function compiled(): Rule[] {
  return sources.map((source) => {
    const first = compileRule(source, vocabulary)
    const missing = first.ok
      ? []
      : first.errors.flatMap(({ message }) => /no key for (\w+)/.exec(message)?.[1] ?? [])
    const why = Object.fromEntries(missing.map((name) => [name, 'w']))
    const result = compileRule({ ...source, text: { ...source.text, why } }, vocabulary)
    if (!result.ok)
      throw new Error(
        `${source.id}: ${result.errors.map(({ where, message }) => `${where}: ${message}`).join('; ')}`,
      )
    return result.rule
  })
}

function agree(rules: readonly Rule[], subjects: readonly Facts[]): { applies: number; ask: number } {
  const counts = { applies: 0, ask: 0 }
  for (const facts of subjects) {
    for (const rule of rules) {
      const { outcome } = evaluateOn(rule, facts, at)
      if (outcome !== outcomeOn(rule, facts, at))
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
  return { p50: times[Math.floor(times.length * 0.5)]!, p99: times[Math.floor(times.length * 0.99)]! }
}
