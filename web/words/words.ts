/**
 * The words of the pages: one YAML file per language beside this one. `keys.ts` holds the keys of uz-Latn.yaml as a
 * type; the test beside it compares keys and placeholders of all languages.
 */
import type { LocaleCode } from '../../src/packs/packs.ts'
import { type Args, openWords } from '../../src/platform/words.ts'
import type { Key } from './keys.ts'

export const locales = ['uz-Latn', 'uz-Cyrl', 'ru', 'en'] as const satisfies readonly LocaleCode[]

/** A message in the reader's language. */
export type Say = (key: Key, args?: Args) => string

const words = openWords<LocaleCode, Key>(new URL('./', import.meta.url), locales)

export const { say, has: hasWords, read: readWords } = words
