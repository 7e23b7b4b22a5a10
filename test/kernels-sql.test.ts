/** The SQL that plans become, on a real PostgreSQL: every cell of random rules and subjects against the evaluator. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { formatDay } from '../src/rules/evaluator/calendar.ts'
import {
  arraysOf,
  type Column,
  lanes,
  type Population,
  planOf,
  quoted,
  type Rule,
  sqlOf,
  unknownFlag,
} from '../src/rules/rules.ts'
import { testServer } from './database.ts'
import { compareRound, roundOf } from './kernels.ts'

const wanted = 150_000

test(`PostgreSQL agrees with the evaluator in ${wanted} cells of random rules and subjects`, async () => {
  const server = await testServer()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  try {
    let cells = 0
    let refused = 0
    let folded = 0
    for (let seed = 1; cells < wanted; seed++) {
      const round = roundOf(seed, { rules: 24, subjects: 300 })
      const { population, codes } = compareRound(round)
      await fill(client, population)
      const fit = round.rules.flatMap(({ rule, text }, at) =>
        isFit(rule, population, round.asOf) ? [{ rule, text, at }] : [],
      )
      refused += round.rules.length - fit.length
      folded += fit.filter(({ text }) => /sum\(|max\(payments|@"P\d+[MY]" [<>]/.test(text.when)).length
      const found = await ask(
        client,
        fit.map(({ rule }) => rule),
        population,
        round.asOf,
      )
      for (const [column, { text, at }] of fit.entries()) {
        for (const [row, facts] of round.subjects.entries()) {
          cells++
          if (found[row]![column] === codes[at]![row]) continue
          assert.fail(
            `seed ${seed} on ${round.asOf}: PostgreSQL says ${found[row]![column]} and the evaluator ${codes[at]![row]}\n` +
              `${JSON.stringify(text)}\n${JSON.stringify(facts)}\n${where(rule(fit, column), population, round.asOf)}`,
          )
        }
      }
    }
    assert.ok(refused > 0, 'no condition was refused')
    assert.ok(folded > 50, `only ${folded} rules with sums, extremes of lists or dates moved by months`)
  } finally {
    await client.end()
    await server.stop()
  }
})

const rule = (fit: readonly { readonly rule: Rule }[], at: number): Rule => fit[at]!.rule

const where = (of: Rule, population: Population, asOf: string): string =>
  JSON.stringify(sqlOf(planOf([of], population, asOf, { is_wide: true }), population)[0]!.codes, null, 1)

function isFit(of: Rule, population: Population, asOf: string): boolean {
  try {
    planOf([of], population, asOf, { is_wide: true })
    return true
  } catch (error) {
    assert.ok(error instanceof RangeError)
    assert.match(error.message, /not in the column profile: /)
    return false
  }
}

/** One array per subject, in order: the code of each rule. */
async function ask(
  client: pg.Client,
  rules: readonly Rule[],
  population: Population,
  asOf: string,
): Promise<number[][]> {
  if (rules.length === 0) return Array.from({ length: population.rows }, () => [])
  const outputs = sqlOf(planOf(rules, population, asOf, { is_wide: true }), population)
  const columns = outputs.map(({ codes }) =>
    codes.length === 0
      ? '0'
      : `case ${codes.map((one) => `when ${one.where} then ${one.code}`).join(' ')} else 0 end`,
  )
  const { rows } = await client.query({
    text: `select ${columns.join(',\n')} from wide order by subject`,
    rowMode: 'array',
  })
  return rows as number[][]
}

/** The wide table as docs/population.md lays it out. */
async function fill(client: pg.Client, population: Population): Promise<void> {
  const { columns, lists, rows } = population
  const arrays = new Map(
    [...lists.keys()].flatMap((list) => arraysOf(population, list).map((key) => [key, list] as const)),
  )
  const names: string[] = ['subject int']
  const texts: string[][] = Array.from({ length: rows }, (_, row) => [`${row}`])
  for (const [key, column] of columns) {
    const flag = column.has_absent && column.has_unknown ? unknownFlag(key) : undefined
    const list = arrays.get(key)
    const type = { boolean: 'boolean', day: 'date', number: 'bigint', word: 'text' }[column.kind]
    names.push(`${quoted(key)} ${type}${list ? '[]' : ''}`)
    if (flag) names.push(`${quoted(flag)} boolean${list ? '[]' : ''}`)
    for (let row = 0; row < rows; row++) {
      const at = list ? range(lists.get(list)!.starts, row) : [row]
      const cells = at.map((one) => literal(column, one))
      const flags = at.map((one) => `${column.codes[one] === lanes[column.lane].unknown}`)
      texts[row]!.push(list ? `array[${cells.join()}]::${type}[]` : cells[0]!)
      if (flag) texts[row]!.push(list ? `array[${flags.join()}]::boolean[]` : flags[0]!)
    }
  }
  await client.query(`drop table if exists wide; create temp table wide (${names.join(', ')})`)
  await client.query(`insert into wide values ${texts.map((cells) => `(${cells.join()})`).join(',\n')}`)
}

const range = (starts: Uint32Array, row: number): number[] =>
  Array.from({ length: starts[row + 1]! - starts[row]! }, (_, at) => starts[row]! + at)

function literal({ codes, lane, kind, offset, words }: Column, at: number): string {
  const code = codes[at]!
  if (code === lanes[lane].absent || code === lanes[lane].unknown) return 'null'
  const value = code + offset
  if (kind === 'boolean') return value === 1 ? 'true' : 'false'
  if (kind === 'day') return `date '${formatDay(value)}'`
  return kind === 'word' ? `'${words[value]}'` : `${value}`
}
