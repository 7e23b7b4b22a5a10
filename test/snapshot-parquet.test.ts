/** The Parquet export read back by DuckDB. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { exportParquet } from '../src/council/snapshot/parquet.ts'
import type { OpenSnapshot } from '../src/council/snapshot/snapshot.ts'
import { knowledge } from '../src/rules/expressions.fixture.ts'
import { ruleOf, vocabulary } from '../src/rules/rules.fixture.ts'
import {
  type Cell,
  type Facts,
  factsAt,
  openRun,
  outcome_codes,
  planOf,
  populationOf,
  runAll,
  sqlOf,
} from '../src/rules/rules.ts'

const folder = mkdtempSync(join(tmpdir(), 'hamroh-parquet-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Two shards of people, known in every way, and companies of whom there are none. */
const shards = [3, 8].map((seed) =>
  populationOf(fc.sample(knowledge(true), { seed, numRuns: 300 }), vocabulary),
)
const snapshot = {
  scope: (kind: string) => ({ kind, vocabulary }),
  shards: (kind: string) =>
    (kind === 'person' ? shards : [populationOf([], vocabulary)]).map((population) => ({ population })),
} as unknown as OpenSnapshot

type Row = { readonly [column: string]: unknown }

async function query(sql: string): Promise<Row[]> {
  const db = await (await DuckDBInstance.create(':memory:')).connect()
  return (await db.runAndReadAll(sql)).getRowObjectsJson() as Row[]
}

const file = (name: string): string => join(folder, `${name}.parquet`)

test('an independent reader finds in the Parquet files every cell of the snapshot', async () => {
  const written = exportParquet(snapshot, folder)
  assert.deepEqual(
    written.map(({ rows }) => rows),
    [600, items('children'), items('payments'), 0, 0, 0],
  )
  for (const { file: path } of written) assert.equal(statSync(path).mode & 0o077, 0, path)
  const people = await query(`select * from '${file('person')}' order by row`)
  const lists = {
    children: await query(`select * from '${file('person.children')}'`),
    payments: await query(`select * from '${file('person.payments')}'`),
  }
  let row = 0
  for (const population of shards)
    for (let at = 0; at < population.rows; at++) {
      const facts = factsAt(population, vocabulary, at)
      const found = people[row++]!
      assert.equal(found.row, row)
      for (const [name, { type, world }] of Object.entries(vocabulary)) {
        if (type.kind !== 'list') {
          compareCell(found, name, facts[name], world)
          continue
        }
        const mine: readonly Row[] = lists[name as keyof typeof lists].filter((item) => item.row === row)
        const cell = facts[name] as Extract<Cell, { state: 'list' }>
        assert.equal(mine.length, cell.items.length)
        for (const [place, item] of cell.items.entries()) {
          assert.equal(mine[place]!.complete, cell.complete)
          assert.deepEqual(daysIn(mine[place]!, name), daysOf(item))
          const names: string[] = Object.keys(type.fields)
          for (const field of names) {
            const key = `${name}.${field}`
            const value: unknown = item.value[field]
            assert.equal(mine[place]![`${key}@unknown`], value === undefined, key)
            assert.equal(asText(mine[place]![key]), asText(value ?? null), key)
          }
        }
      }
    }
  assert.equal(row, people.length)
})

test('a condition made for the wide table counts the same people in the Parquet file', async () => {
  const rule = ruleOf('age(birth_date) >= 2 and (status != "single" or income > rent)')
  const day = '2024-02-29'
  const population = populationOf(
    shards.flatMap((of) => Array.from({ length: of.rows }, (_, at): Facts => factsAt(of, vocabulary, at))),
    vocabulary,
  )
  const [output] = sqlOf(planOf([rule], population, day, { is_wide: true }), population)
  const filters = output!.codes.map(({ code, where }) => `count(*) filter (where ${where}) as c${code}`)
  const [counts] = await query(`select ${filters.join(', ')} from '${file('person')}'`)
  const run = openRun(planOf([rule], population, day), population)
  runAll(run, population)
  for (const { code } of output!.codes)
    assert.equal(Number(counts![`c${code}`]), run.outs[0]!.filter((found) => found === code).length)
  assert.ok(Number(counts![`c${outcome_codes.applies}`]) > 20)
})

const items = (list: string): number =>
  shards.reduce((sum, { lists }) => sum + lists.get(list)!.parents.length, 0)

function compareCell(found: Row, name: string, cell: Cell | undefined, world: 'open' | 'closed'): void {
  const is_unknown = cell ? cell.state === 'unknown' : world === 'open'
  assert.equal(found[`${name}@unknown`], is_unknown, name)
  const value = cell?.state === 'known' ? cell.value : null
  assert.equal(
    asText(found[name]),
    asText(vocabulary[name]!.type.kind === 'duration' ? daysOfTerm(value) : value),
    name,
  )
  if (cell?.state === 'known') assert.deepEqual(daysIn(found, name), daysOf(cell))
}

const daysOfTerm = (value: unknown): unknown =>
  typeof value === 'string' ? Number(value.slice(1, -1)) : value

const daysIn = (row: Row, owner: string): unknown[] =>
  ['from', 'to', 'observed'].map((part) => row[`${owner}@${part}`] ?? null)

const daysOf = (of: { valid_from?: string; valid_to?: string; observed_on?: string }): unknown[] => [
  of.valid_from ?? null,
  of.valid_to ?? null,
  of.observed_on ?? null,
]

/** Whole numbers come as texts from one side and as numbers from the other. */
const asText = (value: unknown): string => String(value)
