/**
 * Population: twenty rules over drawn people, all three-valued, by both kernels, beside hand-written and generated
 * PostgreSQL SQL on a wide table and DuckDB, in the same run on the same data; every engine must count the same people
 * for every rule, or the bench fails. Then a changed law over 37 million people on two threads.
 */
import { join } from 'node:path'
import { block_rows, openRun, type Plan, type Population, planOf, type Rule } from '../src/rules/rules.ts'
import { change_columns, lawChange } from './nation/change.ts'
import { openDuckdb } from './nation/duckdb.ts'
import { forget, loadColumns, saveColumns } from './nation/files.ts'
import { drawPeople, repeatPeople } from './nation/people.ts'
import { type Counts, openPostgres, type Timed } from './nation/postgres.ts'
import { as_of, nationRules } from './nation/rules.ts'
import { wakeDates } from './nation/wake.ts'
import { writeCsv } from './nation/wide.ts'
import type { BenchOptions, BenchResult } from './run.ts'
import { benchServer } from './server.ts'

const SEED = 20261123
const NATION = 37_000_000

type Say = BenchOptions['say']
type Figures = { [key: string]: number }

export async function run({ small, say }: BenchOptions): Promise<BenchResult> {
  const sizes = small ? [200_000] : [1_000_000, 12_000_000]
  const rules = nationRules()
  const figures: Figures = { rules: rules.length }
  const baselines: Figures = {}
  const ratios: Figures = {}
  const { server, data, end } = await benchServer()
  try {
    for (const rows of sizes) {
      const suffix = rows === sizes[0] ? '' : `_${rows / 1_000_000}m`
      say(`drawing ${rows.toLocaleString('en')} people …`)
      const people = drawPeople(SEED, rows)
      const kernel = await kernels(people, rules, join(data, 'columns'), say)
      const databases = await compared(
        people,
        rules,
        { url: server.url, csv: join(data, 'wide.csv') },
        kernel.counts,
        say,
      )
      for (const [key, value] of Object.entries(kernel.figures)) figures[`${key}${suffix}`] = value
      for (const [key, value] of Object.entries(databases)) baselines[`${key}${suffix}`] = value
      const per_core_s = kernel.figures.subjects_per_core_s!
      ratios[`postgres${suffix}`] = per_core_s / (rows / databases.postgres_by_hand_cpu_s!)
      ratios[`duckdb${suffix}`] = per_core_s / (rows / databases.duckdb_cpu_s!)
      ratios[`generated_sql${suffix}`] =
        databases.postgres_generated_cpu_s! / databases.postgres_by_hand_cpu_s!
    }
    const wake = wakeDates(drawPeople(SEED, sizes[0]!), rules)
    say(
      `  wake dates ${(wake.cpu_s * 1000).toFixed(0)} ms CPU, ${wake.late} late of ${wake.checks.toLocaleString('en')}`,
    )
    for (const [key, value] of Object.entries(wake)) figures[`wake_${key}`] = value
    Object.assign(figures, withoutUnknowns(rules, sizes[0]!, say))
    say(`a threshold moved for ${NATION.toLocaleString('en')} people, two threads …`)
    const nation = small
      ? repeatPeople(drawPeople(SEED, 1_000_000, { only: change_columns }), NATION)
      : drawPeople(SEED, NATION, { only: change_columns })
    const change = await lawChange(nation, join(data, 'nation'), small ? 5 : 15)
    for (const [key, value] of Object.entries(change)) figures[`law_change_37m_${key}`] = value
  } finally {
    await end()
  }
  return { name: 'population', seed: SEED, figures, baselines, ratios }
}

type KernelFigures = { readonly figures: Figures; readonly counts: Required<Counts> }

async function kernels(
  people: Population,
  rules: readonly Rule[],
  folder: string,
  say: Say,
): Promise<KernelFigures> {
  const plan = planOf(rules, people, as_of)
  if (plan.fallbacks.length > 0) throw new Error(`left to the evaluator: ${plan.fallbacks[0]!.reason}`)
  const wasm = timed(plan, people, 'wasm')
  const js = timed(plan, people, 'js')
  mustAgree('the JavaScript kernel', js.counts, wasm.counts, rules)
  const { rows } = people
  const rss = process.memoryUsage().rss
  say(
    `  wasm ${(wasm.best_s * 1000).toFixed(1)} ms (median ${(wasm.median_s * 1000).toFixed(1)}), js ${(js.best_s * 1000).toFixed(0)} ms CPU`,
  )
  saveColumns(people, folder)
  forget(folder)
  const before = process.cpuUsage()
  const began = performance.now()
  const loaded = loadColumns(folder)
  const counts = once(planOf(rules, loaded, as_of), loaded)
  const cold_wall_s = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(before)
  mustAgree('the kernel over the column files', counts, wasm.counts, rules)
  const bytes = [...people.columns.values()].reduce((sum, { codes }) => sum + codes.byteLength, 0)
  return {
    counts: wasm.counts,
    figures: {
      subjects: rows,
      subjects_per_core_s: rows / wasm.best_s,
      subjects_per_core_s_median: rows / wasm.median_s,
      kernel_cpu_ms: wasm.best_s * 1000,
      kernel_wall_ms: wasm.wall_s * 1000,
      js_subjects_per_core_s: rows / js.best_s,
      cold_cpu_s: (user + system) / 1e6,
      cold_wall_s,
      bytes_per_subject: bytes / rows,
      rss_mb: rss / 1e6,
    },
  }
}

/** Writes every outcome and counts who got which. */
function once(plan: Plan, people: Population, run = openRun(plan, people)): Required<Counts> {
  const applies = plan.outputs.map(() => 0)
  const ask = plan.outputs.map(() => 0)
  for (let base = 0; base < people.rows; base += block_rows) {
    run.block(base)
    for (const at of plan.outputs.keys()) {
      applies[at]! += run.tally(base, at, 1)
      ask[at]! += run.tally(base, at, 2)
    }
  }
  return { applies, ask }
}

/** CPU seconds of one pass: the best and the median of seven samples of enough passes to be measured. */
function timed(plan: Plan, people: Population, engine: 'wasm' | 'js') {
  const run = openRun(plan, people, engine)
  let counts = once(plan, people, run)
  const passes = Math.max(1, Math.round((engine === 'wasm' ? 8e6 : 1e6) / people.rows))
  const samples: { cpu_s: number; wall_s: number }[] = []
  for (let sample = 0; sample < 7; sample++) {
    const before = process.cpuUsage()
    const began = performance.now()
    for (let pass = 0; pass < passes; pass++) counts = once(plan, people, run)
    const { user, system } = process.cpuUsage(before)
    samples.push({
      cpu_s: (user + system) / 1e6 / passes,
      wall_s: (performance.now() - began) / 1000 / passes,
    })
  }
  samples.sort((a, b) => a.cpu_s - b.cpu_s)
  return { counts, best_s: samples[0]!.cpu_s, median_s: samples[3]!.cpu_s, wall_s: samples[0]!.wall_s }
}

async function compared(
  people: Population,
  rules: readonly Rule[],
  { url, csv }: { readonly url: string; readonly csv: string },
  expected: Required<Counts>,
  say: Say,
): Promise<Figures> {
  say('  the same people in PostgreSQL …')
  writeCsv(people, csv)
  const postgres = await openPostgres(url, csv, rules, people)
  const runs = people.rows > 2_000_000 ? 2 : 5
  const hand = await best(runs, postgres.byHand)
  const generated = await best(runs, postgres.generated)
  const both = await best(1, postgres.generatedWithUnknown)
  await postgres.end()
  mustAgree('hand-written PostgreSQL', { applies: hand.applies }, expected, rules)
  mustAgree('generated PostgreSQL', { applies: generated.applies }, expected, rules)
  mustAgree('generated PostgreSQL with unknowns', both, expected, rules)
  say(`  hand-written ${hand.cpu_s.toFixed(2)} s, generated ${generated.cpu_s.toFixed(2)} s CPU; in DuckDB …`)
  const duckdb = await openDuckdb(csv, rules)
  const memory = await best(runs, duckdb.inMemory)
  const parquet = await best(runs, duckdb.fromParquet)
  duckdb.end()
  mustAgree('DuckDB', memory, expected, rules)
  mustAgree('DuckDB from Parquet', parquet, expected, rules)
  say(
    `  DuckDB ${memory.cpu_s.toFixed(2)} s CPU; PostgreSQL ${postgres.version}, DuckDB ${duckdb.version}; all agree`,
  )
  return {
    postgres_by_hand_cpu_s: hand.cpu_s,
    postgres_by_hand_wall_s: hand.wall_s,
    postgres_generated_cpu_s: generated.cpu_s,
    postgres_generated_with_unknown_cpu_s: both.cpu_s,
    duckdb_cpu_s: memory.cpu_s,
    duckdb_wall_s: memory.wall_s,
    duckdb_parquet_cpu_s: parquet.cpu_s,
  }
}

/** The run that needed least CPU, after one to warm up. */
async function best(runs: number, measure: () => Promise<Timed>): Promise<Timed> {
  let found = await measure()
  for (let run = 0; run < runs; run++) {
    const next = await measure()
    if (next.cpu_s < found.cpu_s) found = next
  }
  return found
}

function mustAgree(who: string, found: Counts, expected: Required<Counts>, rules: readonly Rule[]): void {
  for (const what of ['applies', 'ask'] as const) {
    for (const [at, count] of (found[what] ?? []).entries()) {
      if (count === expected[what][at]) continue
      throw new Error(
        `${who} counts ${count} people for ${rules[at]!.source.id} (${what}) and the WebAssembly kernel ${expected[what][at]}`,
      )
    }
  }
}

function withoutUnknowns(rules: readonly Rule[], rows: number, say: Say): Figures {
  const people = drawPeople(SEED, rows, { has_unknowns: false })
  const { best_s, counts } = timed(planOf(rules, people, as_of), people, 'wasm')
  if (counts.ask.some((count) => count > 0)) throw new Error('somebody is asked although nothing is unknown')
  say(`  without unknowns ${(best_s * 1000).toFixed(1)} ms CPU`)
  return { subjects_per_core_s_without_unknowns: rows / best_s }
}
