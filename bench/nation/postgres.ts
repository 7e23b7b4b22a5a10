/** The PostgreSQL side of the population bench: load, then count true (and unknown) per rule in one scan. */
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { type Population, planOf, quoted, type Rule, type Shape, sqlOf } from '../../src/rules/rules.ts'
import { postgres_by_hand } from './by-hand.ts'
import { as_of } from './rules.ts'
import { wide_columns } from './wide.ts'

export type Counts = { readonly applies: readonly number[]; readonly ask?: readonly number[] }
export type Timed = Counts & { readonly cpu_s: number; readonly wall_s: number }

export type Postgres = {
  readonly version: string
  byHand(): Promise<Timed>
  generated(): Promise<Timed>
  generatedWithUnknown(): Promise<Timed>
  end(): Promise<void>
}

/** Loads the CSV file into a table; JIT and parallel workers are off, so that one process's CPU time is all of it. */
export async function openPostgres(
  url: string,
  csv: string,
  rules: readonly Rule[],
  people: Population,
): Promise<Postgres> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const columns = Object.entries(wide_columns).map(([key, type]) => `${quoted(key)} ${type}`)
  await client.query('set jit = off; set max_parallel_workers_per_gather = 0')
  await client.query(`drop table if exists wide; create unlogged table wide (${columns.join(', ')})`)
  await client.query(`copy wide from '${csv}' (format csv)`)
  await client.query('vacuum (analyze, freeze) wide')
  const pid = (await client.query('select pg_backend_pid() as pid')).rows[0].pid as number
  const version = (await client.query('show server_version')).rows[0].server_version as string

  const count = async (statement: string): Promise<Timed> => {
    const before = cpuOf(pid)
    const began = performance.now()
    const { rows } = await client.query({ text: statement, rowMode: 'array' })
    const wall_s = (performance.now() - began) / 1000
    const counts = (rows[0] as string[]).map(Number)
    return {
      applies: counts.slice(0, rules.length),
      ask: counts.slice(rules.length),
      cpu_s: cpuOf(pid) - before,
      wall_s,
    }
  }
  const filters = (conditions: readonly string[]): string =>
    conditions.map((where) => `count(*) filter (where ${where})`).join(',\n')
  const generated = generatedConditions(rules, people)
  const hand = rules.map((rule) => postgres_by_hand[rule.source.id]!)
  return {
    version,
    byHand: () => count(`select ${filters(hand)} from wide`),
    generated: () => count(`select ${filters(generated.applies)} from wide`),
    generatedWithUnknown: () =>
      count(`select ${filters([...generated.applies, ...generated.ask])} from wide`),
    end: () => client.end(),
  }
}

/** The conditions for any data the vocabulary allows: what this table happens to hold must not help. */
function generatedConditions(rules: readonly Rule[], people: Population) {
  const shape = anyShape(people)
  const outputs = sqlOf(planOf(rules, shape, as_of, { is_wide: true }), shape)
  const of = (code: number): string[] =>
    outputs.map(({ codes }) => codes.find((one) => one.code === code)?.where ?? 'false')
  return { applies: of(1), ask: of(2) }
}

/** The same columns with every value their type allows. */
export function anyShape({ columns, lists }: Population): Shape {
  const open = [...columns].map(([key, column]) => {
    const is_day = column.kind === 'day'
    const most = is_day ? 2_900_000 : Number.MAX_SAFE_INTEGER
    const { codes: _, ...info } = column
    const lane = is_day ? ('i32' as const) : ('f64' as const)
    return [key, { ...info, lane, offset: 0, low: -most, high: most }] as const
  })
  return { columns: new Map(open), lists: new Map([...lists].map(([key]) => [key, { longest: 120 }])) }
}

/** Seconds a process has been on a processor, to the nanosecond (its ticks are hundredths of a second). */
const cpuOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9
