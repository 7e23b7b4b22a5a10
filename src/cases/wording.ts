/** How values are written inside letters, in each language. Pure; screens have their own writing in `web`. */
import { IntlMessageFormat } from 'intl-messageformat'
import type { LocaleCode, Pack } from '../packs/packs.ts'
import type { DateText } from '../platform/clock.ts'
import type { Citation, TruthValue } from '../rules/rules.ts'

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

type Failing = { readonly value: TruthValue; readonly needed: boolean }

const unmet: {
  readonly [locale in LocaleCode]: { readonly [how in 'not_met' | 'against' | 'unknown']: string }
} = {
  'uz-Latn': {
    not_met: 'quyidagi shart bajarilmagan:',
    against: 'quyidagi holat bunga toʻsqinlik qiladi:',
    unknown: 'quyidagi shart boʻyicha maʼlumot yoʻq:',
  },
  'uz-Cyrl': {
    not_met: 'қуйидаги шарт бажарилмаган:',
    against: 'қуйидаги ҳолат бунга тўсқинлик қилади:',
    unknown: 'қуйидаги шарт бўйича маълумот йўқ:',
  },
  ru: {
    not_met: 'не выполнено условие:',
    against: 'этому препятствует:',
    unknown: 'нет сведений об условии:',
  },
  en: {
    not_met: 'this condition is not met:',
    against: 'this stands against it:',
    unknown: 'nothing is known about this condition:',
  },
}

/** A condition that failed. The pack words conditions as they read when they hold; alone that would say the opposite. */
export function unmetText(locale: LocaleCode, { value, needed }: Failing, condition: string): string {
  const how = value === 'unknown' ? 'unknown' : needed ? 'not_met' : 'against'
  const [opened, closed] = locale === 'ru' ? ['«', '»'] : ['“', '”']
  return `${unmet[locale][how]} ${opened}${condition}${closed}`
}

/** Between alternatives of which one would have been enough. */
export const orWord: { readonly [locale in LocaleCode]: string } = {
  'uz-Latn': '— yoki',
  'uz-Cyrl': '— ёки',
  ru: '— либо',
  en: '— or',
}

/** That a rule does not hold on the day: since when it does, and until when. */
export function notInForce(locale: LocaleCode, from: DateText, to: DateText | null): string {
  const [begins, ends] = [dateText(from), to === null ? null : dateText(to)]
  switch (locale) {
    case 'uz-Latn':
      return `qoida ${begins}dan${ends === null ? '' : ` ${ends}gacha`} amal qiladi`
    case 'uz-Cyrl':
      return `қоида ${begins}дан${ends === null ? '' : ` ${ends}гача`} амал қилади`
    case 'ru':
      return `правило действует с ${begins}${ends === null ? '' : ` до ${ends}`}`
    case 'en':
      return `the rule holds from ${begins}${ends === null ? '' : ` to ${ends}`}`
  }
}

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

/** A legal date in figures: the same order of day, month and year in every language here. */
function dateText(day: DateText): string {
  const [y, m, d] = day.split('-')
  return `${d}.${m}.${y}`
}
