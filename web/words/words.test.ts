import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { IntlMessageFormat } from 'intl-messageformat'
import type { Key } from './keys.ts'
import { hasWords, locales, readWords, say } from './words.ts'
import { keysFile } from './write-keys.ts'

const base = readWords('uz-Latn')

/** Names of the arguments of a message, and which of them choose a plural. */
function placeholders(message: string, locale: string): string[] {
  const names = new Set<string>()
  const walk = (parts: ReturnType<IntlMessageFormat['getAst']>): void => {
    for (const part of parts) {
      if (part.type === 0 || part.type === 7) continue
      if ('value' in part) names.add(part.type === 6 ? `${part.value}:plural` : String(part.value))
      if ('options' in part) for (const option of Object.values(part.options)) walk(option.value)
    }
  }
  walk(new IntlMessageFormat(message, locale, undefined, { ignoreTag: true }).getAst())
  return [...names].sort()
}

test('keys.ts is what write-keys.ts makes of uz-Latn.yaml', () => {
  assert.equal(readFileSync(new URL('keys.ts', import.meta.url), 'utf8'), keysFile())
})

for (const locale of locales) {
  test(`${locale} has every message, with the same placeholders`, () => {
    const words = readWords(locale)
    assert.deepEqual(Object.keys(words).sort(), Object.keys(base).sort())
    for (const [key, message] of Object.entries(words)) {
      assert.ok(message.trim().length > 0, `${key} is empty`)
      assert.deepEqual(placeholders(message, locale), placeholders(base[key] ?? '', 'uz-Latn'), key)
    }
  })

  test(`${locale} can say every message`, () => {
    const args = { count: 2, days: 3, done: 1, all: 5, number: 1, version: 1 }
    const texts = { date: 'D', event: 'E', agency: 'A', what: 'W', value: 'V', pseudonym: '1', name: 'N' }
    const more = { purpose: 'P', basis: 'B', numbers: '1', title: 'T', tag: 'V3', code: 'C' }
    const days = { valid: 'D', known: 'D', language: 'L', agencies: 'A', facts: 'F' }
    const values = { text: 'T', amount: '1', before: '2', from: '1', to: '2' }
    for (const key of Object.keys(base)) {
      const said = say(locale, key as Key, { ...args, ...texts, ...more, ...days, ...values })
      assert.ok(!/[{}]/.test(said), `${key}: ${said}`)
    }
  })
}

test('Uzbek letters are written with ʻ and ʼ, never with a quotation mark or apostrophe', () => {
  for (const [key, message] of Object.entries(base)) assert.ok(!/['‘’`]/.test(message), `${key}: ${message}`)
})

test('the scripts are not mixed: no Latin word in Cyrillic Uzbek or Russian, no Cyrillic in Latin Uzbek or English', () => {
  const latin = /[A-Za-zʻʼ]+/g
  const allowed = new Set(['Hamroh', 'SHA', 'Apache'])
  for (const locale of ['uz-Cyrl', 'ru'] as const)
    for (const [key, message] of Object.entries(readWords(locale))) {
      const plain = message.replace(/\{\w+, plural,/g, '').replace(/(=\d|one|few|many|other) \{/g, '{')
      const words = plain.replace(/\{\w+\}/g, '').match(latin) ?? []
      assert.deepEqual(
        words.filter((word) => !allowed.has(word)),
        [],
        `${locale} ${key}: ${message}`,
      )
    }
  for (const locale of ['uz-Latn', 'en'] as const)
    for (const [key, message] of Object.entries(readWords(locale)))
      assert.ok(!/[\u0400-\u04ff]/.test(message), `${locale} ${key}: ${message}`)
})

test('a date in Cyrillic Uzbek takes no ending: its month would have to lose its soft sign', () => {
  for (const [key, message] of Object.entries(readWords('uz-Cyrl')))
    assert.ok(!/\{(date|valid|known|from|to)\}[а-яўқғҳ]/.test(message), `${key}: ${message}`)
})

test('plurals follow each language', () => {
  assert.equal(say('ru', 'due.left', { days: 21 }), 'остался 21 день')
  assert.equal(say('ru', 'due.left', { days: 3 }), 'осталось 3 дня')
  assert.equal(say('ru', 'due.left', { days: 12 }), 'осталось 12 дней')
  assert.equal(say('uz-Latn', 'due.left', { days: 12 }), '12 kun qoldi')
  assert.equal(say('uz-Latn', 'due.left', { days: 0 }), 'bugun oxirgi kun')
})

/** Mistakes of a pack or of a program that calls us: people read only that it cannot be done now. */
const not_for_people = new Set([
  'cannot_be_asked',
  'not_a_task',
  'not_your_case',
  'purpose_too_narrow',
  'unknown_format',
  'unknown_predicate',
  'unknown_purpose',
  'unknown_route',
])

test('every refusal a form can meet has words of its own', () => {
  const root = new URL('../../', import.meta.url).pathname
  const files = globSync(
    '{src/{cases,proposals,routes}/*.ts,src/journey-flow.ts,web/{live,desk,citizen}/*.{ts,tsx}}',
    {
      cwd: root,
    },
  ).filter((file) => !file.includes('.test.'))
  const codes = new Set<string>()
  for (const file of files)
    for (const [, code] of readFileSync(root + file, 'utf8').matchAll(
      /(?:refused(?:<\w+>)?\(|return )\{\s*code: '([a-z_]+)'/g,
    ))
      codes.add(code!)
  assert.ok(codes.has('draft_changed') && codes.size > 20, 'the refusals are found')
  const silent = [...codes].filter((code) => !not_for_people.has(code) && !hasWords(`refusal.${code}`))
  assert.deepEqual(silent, [], 'add words under refusal.<code>')
})
