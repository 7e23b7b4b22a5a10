/** Whatever texts, numbers and JSON are handed to the database in arrays come back as they were. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { jsonTexts, sql } from '../src/platform/database.ts'
import { type TestDatabase, testDatabase } from './database.ts'

let database: TestDatabase
before(async () => {
  database = await testDatabase()
})
after(() => database.end())

const naughty = JSON.parse(
  readFileSync(join(import.meta.dirname, 'vectors', 'naughty-strings.json'), 'utf8'),
) as string[]
const storable = (text: string) => !text.includes('\u0000') && text.isWellFormed()

async function back(texts: readonly (string | null)[]): Promise<(string | null)[]> {
  const rows = await database.db.rows<{ t: string | null }>(sql`select t from unnest(${texts}::text[]) as t`)
  return rows.map((r) => r.t)
}

test('every naughty string survives alone and among others', async () => {
  const texts = naughty.filter(storable)
  assert.deepEqual(await back(texts), texts)
  for (const text of texts) assert.deepEqual(await back([text]), [text])
  for (const text of ['null', 'NULL', '', ' ', ',', '{}', 'a,b', '"', '\\\\', 'nullable']) {
    assert.deepEqual(await back([text]), [text])
    assert.deepEqual(await back(['plain', text, null, 'b']), ['plain', text, null, 'b'])
  }
})

test('texts made of what arrays are written with survive, in any number and order', async () => {
  const piece = fc.constantFrom('a', 'null', 'NULL', ',', '{', '}', '"', '\\', ' ', '\n', '', 'é', '😀', '1')
  const text = fc.array(piece, { maxLength: 4 }).map((parts) => parts.join(''))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text), { maxLength: 8 }), async (texts) => {
      assert.deepEqual(await back(texts), texts)
    }),
    { numRuns: 300 },
  )
})

test('JSON with hostile texts survives as an element of a jsonb array', async () => {
  const values = naughty
    .filter(storable)
    .map((text) => ({ [[...text].slice(0, 10).join('')]: [text, null, 1.5, true] }))
  const rows = await database.db.rows<{ v: unknown }>(
    sql`select v from unnest(${jsonTexts([...values.map((v) => JSON.stringify(v)), null])}::jsonb[]) as v`,
  )
  assert.deepEqual(
    rows.map((r) => r.v),
    [...values, null],
  )
})
