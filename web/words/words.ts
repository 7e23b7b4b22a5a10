/**
 * The words of the pages: one YAML file per language beside this one, ICU messages, read once when the program starts.
 * `keys.ts` holds the keys of uz-Latn.yaml as a type; the test beside it compares keys and placeholders of all languages.
 */
import { readFileSync } from 'node:fs'
import { IntlMessageFormat } from 'intl-messageformat'
import { parse } from 'yaml'
import type { LocaleCode } from '../../src/packs/packs.ts'
import type { Key } from './keys.ts'

export const locales = ['uz-Latn', 'uz-Cyrl', 'ru', 'en'] as const satisfies readonly LocaleCode[]

export type Args = { readonly [name: string]: string | number }
/** A message in the reader's language. */
export type Say = (key: Key, args?: Args) => string

/** All messages of one language, unparsed. Throws when the file cannot be read: the program must not start without words. */
export function readWords(locale: LocaleCode): { readonly [key: string]: string } {
  return parse(readFileSync(new URL(`${locale}.yaml`, import.meta.url), 'utf8'))
}

const words = new Map(locales.map((locale) => [locale, readWords(locale)]))
const formats = new Map<string, IntlMessageFormat>()

/** One message in one language. Plain text: whoever shows it escapes it. */
export function say(locale: LocaleCode, key: Key, args: Args = {}): string {
  const message = words.get(locale)?.[key]
  if (message === undefined)
    throw new Error(`no words for ${key} in ${locale}: add them to web/words/${locale}.yaml`)
  if (!message.includes('{')) return message
  const name = `${locale} ${key}`
  let format = formats.get(name)
  if (!format) {
    format = new IntlMessageFormat(message, locale, undefined, { ignoreTag: true })
    formats.set(name, format)
  }
  return String(format.format(args))
}

/** Whether there are words for a key made at run time, e.g. of a refusal's code. */
export const hasWords = (key: string): key is Key => words.get('uz-Latn')?.[key] !== undefined
