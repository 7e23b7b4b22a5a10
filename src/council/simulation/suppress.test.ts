import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { suppressed } from './suppress.ts'

test('a small number is never shown, and never follows from its total', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(40), { maxLength: 20 }),
      fc.integer({ min: 2, max: 20 }),
      (numbers, smallest) => {
        const shown = suppressed(numbers, smallest)
        const hidden = numbers.filter((_, at) => shown[at] === null)
        for (const [at, n] of numbers.entries()) {
          assert.ok(shown[at] === null || shown[at] === n)
          if (n > 0 && n < smallest) assert.equal(shown[at], null)
        }
        if (hidden.length === 0) return
        // One alone is the total less the rest; and a sum of few people is a small number too, unless all is hidden.
        const all = hidden.length === numbers.length
        assert.ok(all || hidden.length > 1, `${numbers} hides one alone`)
        assert.ok(all || hidden.reduce((a, b) => a + b, 0) >= smallest, `${numbers} hides too few`)
      },
    ),
  )
})

test('where nothing is small, all is shown', () => {
  assert.deepEqual(suppressed([0, 10, 25], 10), [0, 10, 25])
  assert.deepEqual(suppressed([], 10), [])
})

test('the one that hides with it is the smallest that will do', () => {
  assert.deepEqual(suppressed([3, 40, 12, 90], 10), [null, 40, null, 90])
})
