/** Words and pages of the country: every language says everything, and every page can be made in each. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { IntlMessageFormat } from 'intl-messageformat'
import { parse } from 'yaml'
import { locales } from '../web/words/words.ts'
import { type Locale, sayIn } from './words.ts'

const read = (locale: Locale): { readonly [key: string]: string } =>
  parse(readFileSync(new URL(`words/${locale}.yaml`, import.meta.url), 'utf8'))

function placeholders(message: string, locale: Locale): string[] {
  const names = new Set<string>()
  const walk = (parts: ReturnType<IntlMessageFormat['getAst']>): void => {
    for (const part of parts) {
      if (part.type !== 0 && part.type !== 7) names.add(part.value)
      if ('options' in part) for (const option of Object.values(part.options)) walk(option.value)
    }
  }
  walk(new IntlMessageFormat(message, locale).getAst())
  return [...names].sort()
}

const base = read('uz-Latn')

for (const locale of locales)
  test(`${locale} has every message of the country, with the same placeholders`, () => {
    const words = read(locale)
    assert.deepEqual(Object.keys(words).sort(), Object.keys(base).sort())
    for (const [key, message] of Object.entries(words))
      assert.deepEqual(placeholders(message, locale), placeholders(base[key] ?? '', 'uz-Latn'), key)
  })

test('every key the country’s code names has words, and no word is left over', () => {
  const files = ['happenings.ts', 'control.ts', 'accounts.ts', 'oneid.ts']
  const pages = ['agency-cards', 'control-pages', 'frame', 'identity-pages'].map(
    (name) => `pages/${name}.tsx`,
  )
  const code = [...files, ...pages]
    .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
    .join('\n')
  const named = [...code.matchAll(/(?:say\(|what: |MistakeError\()'([a-z._]+)'/g)].map((match) => match[1]!)
  const begun = [...code.matchAll(/say\(`([a-z]+\.)\$\{/g)].map((match) => match[1]!)
  for (const key of named) assert.ok(base[key] !== undefined, `${key} has no words`)
  for (const start of begun)
    assert.ok(
      Object.keys(base).some((key) => key.startsWith(start)),
      `${start}… has no words`,
    )
  for (const key of Object.keys(base))
    assert.ok(
      named.includes(key) || begun.some((start) => key.startsWith(start)),
      `${key} is used by nothing`,
    )
})

test('what was typed wrong and what happened is said in each language', () => {
  for (const locale of locales) {
    const say = sayIn(locale)
    assert.match(say('mistake.clock', { max: 3660 }), /3.?660/)
    assert.match(say('happened.birth', { child: 'Lola', mother: 'Dilnoza' }), /Lola.*Dilnoza/)
  }
  assert.equal(sayIn('ru')('happened.clock', { days: 3 }), 'Время ушло вперёд на 3 дня')
})
