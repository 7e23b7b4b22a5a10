/** Sealed and signed texts, and keys that change with overlap. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileKeyRing, OVERLAP_MS, ROTATE_MS } from './key-ring.ts'
import { markOf, readSignedText, seal, signedText, unseal } from './sealing.ts'

const SECRET = 's'.repeat(32)

test('what is sealed is opened with its secret and for its purpose alone, and only unchanged', () => {
  const sealed = seal(SECRET, 'a', 'a token')
  assert.equal(unseal(SECRET, 'a', sealed), 'a token')
  assert.notEqual(seal(SECRET, 'a', 'a token'), sealed, 'never the same twice')
  assert.equal(unseal(SECRET, 'b', sealed), null)
  assert.equal(unseal('t'.repeat(32), 'a', sealed), null)
  const bytes = Buffer.from(sealed, 'base64url')
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    assert.equal(unseal(SECRET, 'a', changed.toString('base64url')), null)
  }
  for (const text of ['', 'x', sealed.slice(0, 30)]) assert.equal(unseal(SECRET, 'a', text), null)
})

test('what a browser carries for us comes back as we signed it, or not at all', () => {
  const signed = signedText(SECRET, 'a', { n: 1 })
  assert.deepEqual(readSignedText(SECRET, 'a', signed), { n: 1 })
  for (const text of [
    undefined,
    '',
    '.',
    'a',
    'a.b',
    `${signed}x`,
    `${signed}.x`,
    signed.slice(1),
    `x${signed}`,
  ])
    assert.equal(readSignedText(SECRET, 'a', text), null)
  assert.equal(readSignedText(SECRET, 'b', signed), null, 'signed for something else')
  assert.notEqual(markOf(SECRET, 'a', 'x'), markOf('t'.repeat(32), 'a', 'x'))
})

test('keys are made once, changed by age, published before they sign and after they did', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hamroh-keys-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'in', 'keys.json')
  let now = Date.parse('2026-11-24T00:00:00Z')
  const open = () => fileKeyRing(file, () => now)
  const first = (await open().signing()).kid
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal((await open().signing()).kid, first, 'the same after a restart')
  const kids = (ring = open()) => ring.published().keys.map(({ kid }) => kid)
  assert.deepEqual(kids(), [first])
  assert.ok(
    open()
      .published()
      .keys.every((key) => !('d' in key)),
  )

  now += ROTATE_MS
  const [, second] = kids()
  assert.ok(second, 'the next one is published')
  assert.equal((await open().signing()).kid, first, 'but does not sign yet')
  now += OVERLAP_MS
  assert.equal((await open().signing()).kid, second)
  assert.deepEqual(kids(), [first, second], 'and the old one can still be checked')
  now += OVERLAP_MS
  assert.deepEqual(kids(), [second])
  assert.equal((await open().signing()).kid, second)
  now += 10 * ROTATE_MS
  const long_away = open()
  assert.equal((await long_away.signing()).kid, second, 'after years: the newest that anybody knows')
  assert.equal(kids(long_away).length, 2)
  writeFileSync(file, '[]')
  assert.throws(open, /does not hold keys/)
  assert.ok(existsSync(file), 'and is left as it is')
})
