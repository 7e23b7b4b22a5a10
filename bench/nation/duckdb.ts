/** The DuckDB side: the same table in memory and as Parquet, one thread, true and unknown counted. */
import { DuckDBInstance } from '@duckdb/node-api'
import type { Rule } from '../../src/rules/rules.ts'
import { duckdb_by_hand } from './by-hand.ts'
import type { Timed } from './postgres.ts'
import { wide_columns } from './wide.ts'

export type Duckdb = {
  readonly version: string
  inMemory(): Promise<Timed>
  fromParquet(): Promise<Timed>
  end(): void
}

export async function openDuckdb(csv: string, rules: readonly Rule[]): Promise<Duckdb> {
  const instance = await DuckDBInstance.create(':memory:')
  const db = await instance.connect()
  await db.run('set threads = 1')
  const names = Object.keys(wide_columns)
  const read = names.map((name) => `'${name}': 'VARCHAR'`).join(', ')
  const cast = Object.entries(wide_columns).map(([name, type]) =>
    type === 'date[] not null'
      ? `cast(replace(replace("${name}", '{', '['), '}', ']') as date[]) as "${name}"`
      : `cast("${name}" as ${type}) as "${name}"`,
  )
  await db.run(
    `create table wide as select ${cast.join(', ')} from read_csv('${csv}', header = false, columns = {${read}})`,
  )
  await db.run(`copy wide to '${csv}.parquet' (format parquet, compression zstd)`)
  const version = String((await (await db.run('select version()')).getRows())[0]![0])
  const each = rules.map(({ source }) => `(${duckdb_by_hand[source.id]}) as ${source.id}`)
  // The fastest of five ways tried to count both: what is neither true nor false is not counted by count().
  const counts = [
    ...rules.map(({ source: { id } }) => `count_if(${id})`),
    ...rules.map(({ source: { id } }) => `count(*) - count(${id})`),
  ]
  const count = async (from: string): Promise<Timed> => {
    const before = process.cpuUsage()
    const began = performance.now()
    const result = await db.run(`select ${counts.join(', ')} from (select ${each.join(', ')} from ${from})`)
    const row = (await result.getRows())[0]!.map(Number)
    const wall_s = (performance.now() - began) / 1000
    const { user, system } = process.cpuUsage(before)
    return {
      applies: row.slice(0, rules.length),
      ask: row.slice(rules.length),
      cpu_s: (user + system) / 1e6,
      wall_s,
    }
  }
  return {
    version,
    inMemory: () => count('wide'),
    fromParquet: () => count(`'${csv}.parquet'`),
    end: () => {
      db.closeSync()
      instance.closeSync()
    },
  }
}
