/** How values are written inside letters, in each language. Pure; screens have their own writing in `web`. */
import { IntlMessageFormat } from 'intl-messageformat'
import type { LocaleCode, Pack } from '../packs/packs.ts'
import type { Citation } from '../rules/rules.ts'

/** A text in every language of the pack. */
export type Texts = { readonly [locale in LocaleCode]?: string }

/** The same made for every language of the pack. */
export function inEveryLanguage(pack: Pack, make: (locale: LocaleCode) => string): Texts {
  const texts: { [locale in LocaleCode]?: string } = {}
  for (const locale of pack.locales) texts[locale] = make(locale)
  return texts
}

/** The pack's words for a key, or the key itself: a letter with a key in it is seen, one with a hole is not. */
export const wordsFor = (pack: Pack, locale: LocaleCode, key: string): string =>
  pack.words.get(locale)?.get(key) ?? key

/** Fills an ICU message of the pack. @throws when the message names a slot that was not given */
export function fill(
  pack: Pack,
  locale: LocaleCode,
  key: string,
  slots: { readonly [slot: string]: string | number },
): string {
  const message = wordsFor(pack, locale, key)
  if (!message.includes('{')) return message
  const format = new IntlMessageFormat(message, locale, undefined, { ignoreTag: true })
  return String(format.format(slots as { [slot: string]: string | number }))
}

const unmet: { readonly [locale in LocaleCode]: { readonly false: string; readonly unknown: string } } = {
  'uz-Latn': { false: 'quyidagi shart bajarilmagan:', unknown: 'quyidagi shart boʻyicha maʼlumot yoʻq:' },
  'uz-Cyrl': { false: 'қуйидаги шарт бажарилмаган:', unknown: 'қуйидаги шарт бўйича маълумот йўқ:' },
  ru: { false: 'не выполнено условие:', unknown: 'нет сведений об условии:' },
  en: { false: 'this condition is not met:', unknown: 'nothing is known about this condition:' },
}

/** A condition that failed. The pack words conditions as they read when they hold; alone that would say the opposite. */
export const unmetText = (locale: LocaleCode, value: 'false' | 'unknown', condition: string): string =>
  `${unmet[locale][value]} “${condition}”`

/** Money with its currency's name, grouped; minor units only when there are any. @param minor whole minor units */
export function moneyText(pack: Pack, locale: LocaleCode, minor: number): string {
  const scale = 10 ** pack.currency.digits
  const digits = minor % scale === 0 ? 0 : pack.currency.digits
  const number = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  const count = minor / scale
  const name = fill(pack, locale, `currency.${pack.currency.code}`, { count })
  return `${number.format(count)}\u00a0${name}`
}

/** A legal act as letters cite it: by the name the pack gives it, which holds its number and date. */
export const citationText = (pack: Pack, locale: LocaleCode, c: Citation): string =>
  [wordsFor(pack, locale, `act.${c.act}`), c.clause].filter(Boolean).join(', ')
