import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addWorkingDays } from '../rules/rules.ts'
import { jitteredDelay, pollDelay } from './backoff.ts'
import { passedAt } from './working-days.ts'

const calendar = { holidays: new Set(['2026-12-08']), weekend: new Set([6, 7]) }

test('a term of working days steps over weekends and holidays', () => {
  assert.equal(addWorkingDays(calendar, '2026-11-24', 1), '2026-11-25')
  assert.equal(addWorkingDays(calendar, '2026-11-27', 1), '2026-11-30')
  assert.equal(addWorkingDays(calendar, '2026-12-07', 1), '2026-12-09')
  assert.equal(addWorkingDays(calendar, '2026-11-24', 10), '2026-12-09')
  assert.equal(addWorkingDays(calendar, '2026-11-28', 0), '2026-11-28')
})

test('a term has passed when its last day is over where the agency is', () => {
  assert.equal(passedAt('2026-11-25', 'Asia/Tashkent').toISOString(), '2026-11-25T19:00:00.000Z')
})

test('waits grow, are bounded, and are never the same for all', () => {
  assert.equal(jitteredDelay(1, 0), 50)
  assert.ok(jitteredDelay(1, 0.99) <= 1050)
  assert.ok(jitteredDelay(50, 0.999) <= 300_050)
  assert.equal(pollDelay(0, 0), 250)
  assert.ok(pollDelay(40, 1) <= 15 * 60_000)
})
