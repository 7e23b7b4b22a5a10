import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConditionView } from '../views.ts'
import { say } from '../words/words.ts'
import { Conditions } from './grounds.tsx'
import type { Reader } from './reader.ts'

const reader = {
  locale: 'en',
  say: (key, args) => say('en', key, args),
  currency: { code: 'UZS', digits: 2 },
} as Pick<Reader, 'locale' | 'say' | 'currency'> as Reader

const condition = (source: string, value: ConditionView['value'], says: string | null): ConditionView => ({
  text: 'The ID card ends within 60 days',
  says,
  source,
  value,
  inputs: [{ label: 'ID card valid until', value: { kind: 'date', date: '2026-12-01' }, fact: null }],
})

const written = async (...conditions: ConditionView[]): Promise<string> =>
  String(await (<Conditions reader={reader} conditions={conditions} />)).replace(/<details[\s\S]*/, '')

test('several conditions with one sentence are read once, with what was looked at', async () => {
  const html = await written(
    condition('expiry - @"P60D" <= today()', 'true', null),
    condition('today() <= expiry', 'true', null),
  )
  assert.equal(html.split('The ID card ends within 60 days').length, 2)
  assert.equal(html.split('1 December 2026').length, 2)
  assert.match(html, /kit-condition--true/)
})

test('where only some of them hold, the sentence is neither ticked nor denied', async () => {
  const html = await written(
    condition('expiry - @"P60D" <= today()', 'true', null),
    condition('today() <= expiry', 'false', null),
  )
  assert.match(html, /kit-condition--mixed[\s\S]*Partly met/)
})

test('a sentence about the person stands alone: its values are in it', async () => {
  const html = await written(condition('today() <= expiry', 'true', 'Your ID card ends on 1 December 2026.'))
  assert.match(html, /Your ID card ends on 1 December 2026\./)
  assert.doesNotMatch(html, /ID card valid until/)
})
