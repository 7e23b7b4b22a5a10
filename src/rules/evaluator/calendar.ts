/**
 * The civil calendar on whole day numbers (days since 1970-01-01): no Date objects, no zones, no time of day.
 * The Gregorian rules are extended backwards, as ISO 8601 does; a legal date lies in the years 1 to 9999.
 */
import type { DateText } from '../../platform/clock.ts'

/** How an act reads the two doubtful dates: a birthday on 29 February, and a month that is too short. */
export type CalendarRules = {
  readonly leap_birthday: 'feb28' | 'mar1'
  readonly month_end: 'down' | 'up'
}

/** A span of time: whole months or whole days, never both (their sum would depend on the order). */
export type DurationValue = { readonly unit: 'days' | 'months'; readonly count: number }

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const
/** More than any legal term; keeps every sum of dates and durations far inside exact integers. */
const durationDaysMax = 400_000

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

/** Days in a month; `month` counts from 1. */
export const lengthOf = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (monthDays[month - 1] as number)

/** Day number of a civil date. Years are counted from March so that the leap day is the last of its year. */
export function dayNumber(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return (
    era * 146097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719468
  )
}

type Civil = { readonly year: number; readonly month: number; readonly day: number }

export function civil(dayNo: number): Civil {
  const shifted = dayNo + 719468
  const era = Math.floor(shifted / 146097)
  const doe = shifted - era * 146097
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365,
  )
  const dayOfYear = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const m = Math.floor((5 * dayOfYear + 2) / 153)
  const month = m < 10 ? m + 3 : m - 9
  return {
    year: yoe + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * m + 2) / 5) + 1,
  }
}

/** The day number of `YYYY-MM-DD`, or undefined when the text is no date of the calendar. */
export function parseDay(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.length !== 10) return undefined
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > lengthOf(year, month)) return undefined
  return dayNumber(year, month, day)
}

/** A run of decimal digits as a number; -1 when another character stands among them. */
function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at) - 48
    if (code < 0 || code > 9) return -1
    value = value * 10 + code
  }
  return value
}

/** `YYYY-MM-DD` of a day number, or undefined outside the years 1 to 9999. */
export function formatDay(dayNo: number): DateText | undefined {
  const { year, month, day } = civil(dayNo)
  if (year < 1 || year > 9999) return undefined
  return `${String(year).padStart(4, '0')}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`
}

/**
 * A date some months on. Where the month is too short, `down` takes its last day and `up` the first day of the
 * month after: 31 January and one month is 28 February or 1 March.
 */
export function addMonths(dayNo: number, months: number, monthEnd: CalendarRules['month_end']): number {
  const { year, month, day } = civil(dayNo)
  const total = year * 12 + month - 1 + months
  const toYear = Math.floor(total / 12)
  const toMonth = total - toYear * 12 + 1
  const length = lengthOf(toYear, toMonth)
  if (day <= length) return dayNumber(toYear, toMonth, day)
  return dayNumber(toYear, toMonth, length) + (monthEnd === 'up' ? 1 : 0)
}

/** Completed years on a day: the largest y whose birthday is reached. Negative before birth. */
export function ageOn(born: number, today: number, leapBirthday: CalendarRules['leap_birthday']): number {
  const from = civil(born)
  const now = civil(today)
  let { month, day } = from
  if (month === 2 && day === 29 && !isLeap(now.year)) {
    if (leapBirthday === 'mar1') month = 3
    day = leapBirthday === 'mar1' ? 1 : 28
  }
  const reached = now.month > month || (now.month === month && now.day >= day)
  return now.year - from.year - (reached ? 0 : 1)
}

/** `P60D`, `P8W`, `P1Y6M`, `-P1M`; undefined for anything else: mixed units, times of day, or absurd lengths. */
export function parseDuration(text: unknown): DurationValue | undefined {
  if (typeof text !== 'string' || text.length > 16) return undefined
  const found = /^(-?)P(?:(?:(\d{1,5})Y)?(?:(\d{1,6})M)?|(\d{1,5})W|(\d{1,6})D)$/.exec(text)
  if (!found) return undefined
  const [, minus, years, months, weeks, days] = found
  const sign = minus === '-' ? -1 : 1
  if (years !== undefined || months !== undefined) {
    const count = Number(years ?? 0) * 12 + Number(months ?? 0)
    return count * 31 > durationDaysMax ? undefined : { unit: 'months', count: count * sign || 0 }
  }
  if (weeks === undefined && days === undefined) return undefined
  const count = Number(weeks ?? 0) * 7 + Number(days ?? 0)
  return count > durationDaysMax ? undefined : { unit: 'days', count: count * sign || 0 }
}

/** A date and a duration later (or earlier, for a negative one). */
export function addDuration(
  dayNo: number,
  duration: DurationValue,
  monthEnd: CalendarRules['month_end'],
): number {
  return duration.unit === 'days' ? dayNo + duration.count : addMonths(dayNo, duration.count, monthEnd)
}
