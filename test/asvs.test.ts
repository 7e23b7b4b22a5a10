/** docs/security/asvs.md answers every requirement once, and every test it names is there. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')
const lines = readFileSync(join(ROOT, 'docs/security/asvs.md'), 'utf8').split('\n')
const rows = lines
  .filter((line) => /^\| \d+\.\d+\.\d+ \|/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()))

/** How many requirements each section of OWASP ASVS 5.0 has: none may be left out. */
const SECTIONS: Readonly<Record<string, number>> = {
  '6.1': 3,
  '6.2': 12,
  '6.3': 8,
  '6.4': 6,
  '6.5': 8,
  '6.6': 4,
  '6.7': 2,
  '6.8': 4,
  '7.1': 3,
  '7.2': 4,
  '7.3': 2,
  '7.4': 5,
  '7.5': 3,
  '7.6': 2,
  '8.1': 4,
  '8.2': 4,
  '8.3': 3,
  '8.4': 2,
  '9.1': 3,
  '9.2': 4,
  '10.1': 2,
  '10.2': 3,
  '10.3': 5,
  '10.4': 16,
  '10.5': 5,
  '10.6': 2,
  '10.7': 3,
}
const ANSWERS = ['met', 'partly', 'not met', 'does not apply']

test('every requirement of the five chapters is answered, once', () => {
  const wanted = Object.entries(SECTIONS).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, n) => `${section}.${n + 1}`),
  )
  assert.deepEqual(
    rows.map(([number]) => number),
    wanted,
  )
  for (const [number, level, answer, why] of rows) {
    assert.match(level!, /^[123]$/, number)
    assert.ok(ANSWERS.includes(answer!), `${number}: ${answer}`)
    assert.ok(why!.length > 10, `${number} says why`)
  }
})

test('every test that is named is there, by its name', () => {
  let named = 0
  for (const [number, , answer, why] of rows) {
    const cited = [...why!.matchAll(/`([\w./-]+\.test\.ts)`((?:[^`“]*“[^”]+”)+)/g)]
    for (const [, file, names] of cited) {
      assert.ok(existsSync(join(ROOT, file!)), `${number}: ${file}`)
      const text = readFileSync(join(ROOT, file!), 'utf8')
      for (const [, name] of names!.matchAll(/“([^”]+)”/g)) {
        named++
        assert.ok(text.includes(name!), `${number}: ${file} has no “${name}”`)
      }
    }
    assert.ok(!why!.includes('.test.ts') || cited.length > 0, `${number}: a file is named without a test`)
    if (answer === 'met')
      assert.ok(cited.length > 0 || /document|design/i.test(why!), `${number}: met, shown by what?`)
  }
  assert.ok(named > 50)
})
