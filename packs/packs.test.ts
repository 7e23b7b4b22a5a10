import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeMistakes, loadPack, packJsonSchemas, testPack } from '../src/packs/packs.ts'

const folder = (name: string) => join(import.meta.dirname, name)

for (const name of ['uz', 'demo'].filter((n) => existsSync(join(folder(n), 'pack.yaml')))) {
  test(`packs/${name} has no mistakes, and every worked example comes out as its lawyer says`, () => {
    const loaded = loadPack(folder(name))
    if (!loaded.ok) return assert.fail(describeMistakes(loaded.mistakes).join('\n'))
    const results = testPack(loaded.pack)
    assert.ok(results.length >= 3 * loaded.pack.rules.size, 'three examples a rule')
    assert.deepEqual(
      results.filter((r) => !r.passed),
      [],
    )
  })
}

test('packs/schemas holds the JSON Schemas of this version', () => {
  for (const [file, schema] of packJsonSchemas()) {
    assert.deepEqual(
      JSON.parse(readFileSync(join(folder('schemas'), file), 'utf8')),
      schema,
      `run: npm run pack -- schema`,
    )
  }
})
