import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { daysBetween, formatDate, formatInstant, formatMoney, parseMoney } from './format.ts'

const soum = {
  code: 'UZS',
  digits: 2,
  names: { ru: '{count, plural, one {сум} few {сума} many {сумов} other {сума}}' },
} as const

test('a date is written as official texts of each language write it', () => {
  assert.equal(formatDate('uz-Latn', '2026-03-05'), '2026-yil 5-mart')
  assert.equal(formatDate('uz-Cyrl', '2026-09-05'), '2026 йил 5 сентябрь')
  assert.equal(formatDate('ru', '2026-03-05'), '5 марта 2026 г.')
  assert.equal(formatDate('en', '2026-03-05'), '5 March 2026')
})

test('what is no date is shown as it came, not as a wrong date', () => {
  for (const odd of ['', 'soon', '2026-13-01', '2026']) assert.equal(formatDate('ru', odd), odd)
})

test('an instant is shown in the zone of the state', () => {
  assert.equal(formatInstant('uz-Latn', '2026-11-23T20:30:00Z', 'Asia/Tashkent'), '2026-yil 24-noyabr, 01:30')
})

test('money is grouped and shows its minor unit only when there is any', () => {
  assert.equal(formatMoney('uz-Latn', 36_000_000, soum), '360\u00a0000\u00a0soʻm')
  assert.equal(formatMoney('uz-Cyrl', 36_000_000, soum), '360\u00a0000\u00a0сўм')
  assert.equal(formatMoney('ru', 150, soum), '1,50\u00a0сума')
  assert.equal(formatMoney('ru', 36_000_000, soum), '360\u00a0000\u00a0сумов')
  assert.equal(formatMoney('ru', 90_000_100, soum), '900\u00a0001\u00a0сум')
})

test('money read back is the money typed, with any grouping', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (minor) => {
      const text = formatMoney('uz-Latn', minor, soum).replace(/\u00a0soʻm$/, '')
      assert.equal(parseMoney(text, 2), minor)
    }),
  )
})

test('what is not plainly an amount is not guessed', () => {
  for (const text of ['', '-5', '1e6', '12,345', '1.2.3', 'abc', '0x10', '١٢٣', '99999999999999999'])
    assert.equal(parseMoney(text, 2), null, text)
})

test('days are counted by the calendar', () => {
  assert.equal(daysBetween('2026-11-24', '2026-12-18'), 24)
  assert.equal(daysBetween('2026-11-24', '2026-11-23'), -1)
})
