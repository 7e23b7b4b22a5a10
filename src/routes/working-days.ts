import { type DateText, startOfDay } from '../platform/clock.ts'

const DAY_MS = 86_400_000

/** More than any term of a route: a calendar of nothing but holidays is a mistake, not an endless loop. */
const DAYS_MAX = 3660

/** When offices work, as the pack's calendar says. */
export type OfficeCalendar = {
  readonly holidays: ReadonlySet<DateText>
  /** ISO numbers of the days of the week on which no office works: 1 is Monday, 7 Sunday. */
  readonly weekend: ReadonlySet<number>
}

/**
 * The day a term of working days ends: the day it starts on does not count.
 * @param days working days, 0 or more; 0 gives `from` itself
 */
export function addWorkingDays(calendar: OfficeCalendar, from: DateText, days: number): DateText {
  let day = new Date(`${from}T00:00:00Z`)
  let left = days
  for (let i = 0; left > 0; i++) {
    if (i > DAYS_MAX) throw new RangeError(`no end of a term of ${days} working days`)
    day = new Date(day.getTime() + DAY_MS)
    const is_off =
      calendar.weekend.has(day.getUTCDay() || 7) || calendar.holidays.has(day.toISOString().slice(0, 10))
    if (!is_off) left--
  }
  return day.toISOString().slice(0, 10)
}

/** The instant from which a term that ends on this day has passed: the start of the day after. */
export function passedAt(due_on: DateText, zone: string): Date {
  return startOfDay(new Date(Date.parse(`${due_on}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10), zone)
}
