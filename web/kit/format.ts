/** How dates, instants, money and numbers are written for people, in each language. Pure; the zone and currency are handed in. */

import { IntlMessageFormat } from 'intl-messageformat'
import type { LocaleCode } from '../../src/packs/packs.ts'
import type { DateText } from '../../src/platform/clock.ts'

/** `names` are ICU messages that may take `{count}`: in Russian the name declines. Without one, the name Intl knows. */
export type Currency = {
  readonly code: string
  readonly digits: number
  readonly names?: { readonly [locale in LocaleCode]?: string }
}

const months: { readonly [locale in LocaleCode]: readonly string[] } = {
  'uz-Latn': 'yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr'.split(' '),
  'uz-Cyrl': 'январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь'.split(' '),
  ru: 'января февраля марта апреля мая июня июля августа сентября октября ноября декабря'.split(' '),
  en: 'January February March April May June July August September October November December'.split(' '),
}

/**
 * A legal date in words. Written by hand because official Uzbek texts say `2026-yil 5-mart`, which ICU does not.
 * @param date `YYYY-MM-DD`; anything else is given back as it came
 */
export function formatDate(locale: LocaleCode, date: DateText): string {
  const [year, month, day] = date.split('-').map(Number)
  const name = months[locale][(month ?? 0) - 1]
  if (year === undefined || day === undefined || name === undefined) return date
  switch (locale) {
    case 'uz-Latn':
      return `${year}-yil ${day}-${name}`
    case 'uz-Cyrl':
      return `${year} йил ${day} ${name}`
    case 'ru':
      return `${day} ${name} ${year} г.`
    case 'en':
      return `${day} ${name} ${year}`
  }
}

/** An instant as day and clock time in the state's zone, e.g. `2026-yil 5-mart, 14:07`. */
export function formatInstant(locale: LocaleCode, instant: string, zone: string): string {
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return instant
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(at)
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
  }).format(at)
  return `${formatDate(locale, day)}, ${time}`
}

/** Money for people: grouped, with minor units only when there are any. @param minor whole minor units */
export function formatMoney(locale: LocaleCode, minor: number, currency: Currency): string {
  const scale = 10 ** currency.digits
  const digits = minor % scale === 0 ? 0 : currency.digits
  const number = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  const count = minor / scale
  return `${number.format(count)}\u00a0${currencyName(locale, currency, count)}`
}

function currencyName(locale: LocaleCode, { code, names }: Currency, count: number): string {
  const named = names?.[locale]
  if (named !== undefined) return String(new IntlMessageFormat(named, locale).format({ count }))
  const parts = new Intl.NumberFormat(locale, { style: 'currency', currency: code }).formatToParts(0)
  return parts.find((part) => part.type === 'currency')?.value ?? code
}

/** A number for people; decimals come as text and keep their digits. */
export function formatNumber(locale: LocaleCode, value: number | string): string {
  if (typeof value === 'string') return locale === 'en' ? value : value.replace('.', ',')
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 6 }).format(value)
}

/** Days from one date to another; negative when `to` lies before. Both `YYYY-MM-DD`. */
export const daysBetween = (from: DateText, to: DateText): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000)

/** What a person typed as money, in minor units, or null. Spaces and a decimal comma or point are understood. */
export function parseMoney(text: string, digits: number): number | null {
  const folded = text.replace(/[\s\u00a0\u202f_']/g, '').replace(',', '.')
  const match = /^(\d{1,13})(?:\.(\d+))?$/.exec(folded)
  if (!match || (match[2] ?? '').length > digits) return null
  return Number(match[1]) * 10 ** digits + Number((match[2] ?? '').padEnd(digits, '0') || 0)
}
