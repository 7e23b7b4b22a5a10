import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDay, parseDay } from '../src/rules/evaluator/calendar.ts'
import { openArena } from '../src/rules/rules.ts'
import { compareRound, fullRound, roundOf, shrunk, told } from './kernels.ts'

const wanted = 1_000_000

test(`both kernels agree with the evaluator in ${wanted} cells of random rules and subjects`, () => {
  const arena = openArena()
  let cells = 0
  let [strips, evaluated, per, paid] = [0, 0, 0, 0]
  for (let seed = 1; cells < wanted; seed++) {
    const round = fullRound(seed, { rules: 24, subjects: 300 })
    const compared = compareRound(round, arena)
    cells += compared.cells
    strips += compared.plan.strips.length
    evaluated += compared.evaluated
    per += round.rules.filter(({ text }) => text.per).length
    paid += round.rules.filter(({ text }) => text.result).length
    assert.equal(compared.mismatch && told(shrunk(compared.mismatch)), undefined, `seed ${seed}`)
  }
  assert.ok(strips > 0, 'no condition went over strips')
  assert.ok(evaluated > 0, 'no number left exact doubles')
  assert.ok(per > 20 && paid > 20, `${per} rules of items, ${paid} that pay`)
})

test('a planted mistake is found, and cut down to the condition and the facts that show it', () => {
  const round = roundOf(4, { rules: 24, subjects: 200 })
  // The kernels are told a later day than the evaluator.
  const later = formatDay(parseDay(round.asOf)! + 400)!
  const { mismatch } = compareRound({ ...round, kernels_on: later })
  assert.ok(mismatch)
  const small = shrunk(mismatch)
  assert.match(told(small), /^(wasm|js) says \d and the evaluator \d/)
  assert.notEqual(small.found, small.expected)
  assert.deepEqual(small.rule.exceptions, [])
  assert.ok(Object.keys(small.facts).length <= 2, told(small))
  assert.ok(small.rule.when.length <= mismatch.rule.when.length)
})
