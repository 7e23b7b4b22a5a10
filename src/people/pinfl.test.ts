import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkIdentifier } from './people.ts'
import { checkPinfl } from './pinfl.ts'

// Vectors of the country facts §3.1, with the unused district 000.
for (const pinfl of ['30101900000011', '43112850000028', '52902040000035', '62902240000041']) {
  test(`the vector ending in ${pinfl.slice(-3)} passes both layers`, () => {
    assert.deepEqual(checkPinfl(pinfl), { well_formed: true, warnings: [] })
  })
}

test('29 February of a common year is only warned about', () => {
  assert.deepEqual(checkPinfl('52902230000016'), { well_formed: true, warnings: ['date'] })
})

test('a wrong check digit is only warned about', () => {
  assert.deepEqual(checkPinfl('30101990123458').warnings, ['check_digit'])
})

test('what is not 14 digits beginning with 1 to 6 is refused', () => {
  for (const text of [
    '',
    '3010190000001',
    '301019000000111',
    '70101900000011',
    '00101900000011',
    '3010190000001x',
    '３0101900000011',
    ' 30101900000011',
    '30101900000011\n',
  ]) {
    assert.equal(checkPinfl(text).well_formed, false, JSON.stringify(text))
  }
})

test('STIR and passport are checked by form only', () => {
  assert.equal(checkIdentifier('stir', '301234567').well_formed, true)
  assert.equal(checkIdentifier('stir', '101234567').well_formed, false)
  assert.equal(checkIdentifier('passport', 'AA1234567').well_formed, true)
  assert.equal(checkIdentifier('passport', 'aa1234567').well_formed, false)
})
