import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { feelProfile, profileText } from './feel-tck.ts'

const profile = feelProfile()

test('every FEEL case of the DMN TCK that the type checker admits is answered exactly', () => {
  const failed = profile.flatMap(({ name, cases }) =>
    cases.flatMap(({ id, verdict }) =>
      verdict.kind === 'failed' ? [`${name} ${id}: ${verdict.words}`] : [],
    ),
  )
  assert.deepEqual(failed, [])
  const all = profile.flatMap(({ cases }) => cases)
  const passed = all.filter(({ verdict }) => verdict.kind === 'passed')
  assert.equal(profile.length, 46)
  assert.equal(all.length, 1_256)
  assert.ok(passed.length >= 800, `${passed.length} in profile`)
})

test('docs/feel-profile.md says what is so; write it anew with node boot.js run test/feel-profile.ts', () => {
  const file = join(import.meta.dirname, '..', 'docs', 'feel-profile.md')
  assert.equal(readFileSync(file, 'utf8'), profileText(profile))
})

test('what is out of profile has words for people, too', () => {
  for (const { cases } of profile)
    for (const { verdict } of cases) if (verdict.kind === 'out') assert.match(verdict.words, /\w/)
})
