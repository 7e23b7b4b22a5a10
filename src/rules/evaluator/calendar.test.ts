import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMonths, ageOn, formatDay, parseDay, parseDuration } from './calendar.ts'

const day = (text: string): number => parseDay(text)!

test('day numbers agree with the machine’s proleptic calendar from year 1 to 9999', () => {
  for (let at = day('0001-01-01'); at <= day('9999-12-31'); at += 397) {
    const text = new Date(at * 86_400_000).toISOString().slice(0, 10)
    assert.equal(formatDay(at), text)
    assert.equal(parseDay(text), at)
  }
  assert.equal(formatDay(day('9999-12-31') + 1), undefined)
})

test('what is no date of the calendar is refused', () => {
  for (const text of [
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-04-31',
    '2024-1-01',
    '24-01-01',
    '0000-01-01',
    '2024-01-01 ',
    '٢٠٢٤-٠١-٠١',
    '',
    null,
    20240101,
  ]) {
    assert.equal(parseDay(text), undefined, String(text))
  }
})

test('a month that is too short ends down or up, as the act says', () => {
  const moved = (from: string, months: number, end: 'down' | 'up') =>
    formatDay(addMonths(day(from), months, end))
  assert.equal(moved('2026-01-31', 1, 'down'), '2026-02-28')
  assert.equal(moved('2026-01-31', 1, 'up'), '2026-03-01')
  assert.equal(moved('2024-01-31', 1, 'down'), '2024-02-29')
  assert.equal(moved('2024-01-31', 1, 'up'), '2024-03-01')
  assert.equal(moved('2024-02-29', 12, 'down'), '2025-02-28')
  assert.equal(moved('2024-02-29', 12, 'up'), '2025-03-01')
  assert.equal(moved('2024-03-31', -1, 'down'), '2024-02-29')
  assert.equal(moved('2024-01-15', -13, 'down'), '2022-12-15')
})

test('a child of 29 February is a year older on 28 February or 1 March, as the act says', () => {
  const ages = (today: string) =>
    (['feb28', 'mar1'] as const).map((rule) => ageOn(day('2024-02-29'), day(today), rule))
  assert.deepEqual(ages('2025-02-27'), [0, 0])
  assert.deepEqual(ages('2025-02-28'), [1, 0])
  assert.deepEqual(ages('2025-03-01'), [1, 1])
  assert.deepEqual(ages('2028-02-28'), [3, 3])
  assert.deepEqual(ages('2028-02-29'), [4, 4])
  assert.deepEqual(ages('2023-12-31'), [-1, -1])
})

test('durations are whole days or whole months, never both', () => {
  assert.deepEqual(parseDuration('P60D'), { unit: 'days', count: 60 })
  assert.deepEqual(parseDuration('P8W'), { unit: 'days', count: 56 })
  assert.deepEqual(parseDuration('P1Y6M'), { unit: 'months', count: 18 })
  assert.deepEqual(parseDuration('-P1M'), { unit: 'months', count: -1 })
  for (const text of ['P', 'P1M3D', 'PT5H', 'P1.5Y', '1M', 'P99999Y', 'p1m', ''])
    assert.equal(parseDuration(text), undefined, text)
})
