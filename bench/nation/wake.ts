/** Wake dates of the people, timed, and checked against the kernel on later days. */
import {
  block_rows,
  never_wakes,
  openRun,
  openWake,
  type Population,
  planOf,
  type Rule,
  runAll,
  wakePlanOf,
} from '../../src/rules/rules.ts'
import { as_of } from './rules.ts'

const as_of_day = Date.parse(as_of) / 86_400_000
const later = [1, 2, 7, 30, 60, 61, 90, 365, 1000]

export type WakeFigures = {
  readonly tables_cpu_s: number
  readonly cpu_s: number
  readonly checks: number
  readonly late: number
  /** Of those who wake on one of the days looked at: whose outcome really differs. */
  readonly exact_share: number
}

/** Best of three passes; then on each later day nobody who still sleeps may have another outcome. */
export function wakeDates(people: Population, rules: readonly Rule[]): WakeFigures {
  const before = process.cpuUsage()
  const plan = wakePlanOf(rules, people, as_of)
  const run = openWake(plan, people)
  const tables_cpu_s = since(before)
  let cpu_s = Number.POSITIVE_INFINITY
  for (let pass = 0; pass < 3; pass++) {
    const started = process.cpuUsage()
    for (let base = 0; base < people.rows; base += block_rows) run.block(base)
    cpu_s = Math.min(cpu_s, since(started))
  }
  const now = outcomesOn(people, rules, 0)
  const seen = { checks: 0, late: 0, woken: 0, exact: 0 }
  for (const days of later) {
    const then = outcomesOn(people, rules, days)
    for (const [at, wakes] of run.days.entries()) {
      for (let row = 0; row < people.rows; row++) {
        const differs = then[at]![row] !== now[at]![row]
        const wake = wakes[row]!
        if (wake > days) {
          seen.checks++
          if (differs) seen.late++
        } else if (wake === days) {
          seen.woken++
          if (differs) seen.exact++
        }
      }
    }
  }
  if (seen.late > 0) throw new Error(`${seen.late} wake dates are late`)
  if (run.days.every((wakes) => wakes.every((day) => day === never_wakes)))
    throw new Error('nobody ever wakes')
  return { tables_cpu_s, cpu_s, checks: seen.checks, late: seen.late, exact_share: seen.exact / seen.woken }
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function outcomesOn(people: Population, rules: readonly Rule[], days: number): readonly Uint8Array[] {
  const day = new Date((as_of_day + days) * 86_400_000).toISOString().slice(0, 10)
  const { top } = people.arena
  const run = openRun(planOf(rules, people, day), people)
  runAll(run, people)
  const outs = run.outs.map((out) => Uint8Array.from(out))
  people.arena.top = top
  return outs
}
