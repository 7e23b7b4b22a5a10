/** Working days on day numbers: one mechanism for terms of routes and for deadlines in rules. */
import { weekday } from '../feel/functions/times.ts'

export type OfficeDays = {
  /** ISO numbers of the days of the week on which no office works: 1 is Monday, 7 Sunday. */
  readonly weekend: ReadonlySet<number>
  /** Day numbers. */
  readonly holidays: ReadonlySet<number>
}

/** More than any term: a calendar of nothing but holidays is a mistake, not an endless loop. */
const daysMax = 3_660

export const isWorking = (office: OfficeDays, day: number): boolean =>
  !office.weekend.has(weekday(day)) && !office.holidays.has(day)

/**
 * The day a term of working days ends: the day it starts on does not count. 0 gives the start itself.
 * Undefined when the term has no end within ten years.
 */
export function afterWorkingDays(office: OfficeDays, from: number, days: number): number | undefined {
  let day = from
  for (let left = days; left > 0; ) {
    if (++day - from > daysMax) return undefined
    if (isWorking(office, day)) left--
  }
  return day
}

/** The day itself when it is a working day, else the nearest one in a direction. */
export function nearestWorkingDay(office: OfficeDays, from: number, direction: 1 | -1): number | undefined {
  for (let day = from; Math.abs(day - from) <= daysMax; day += direction) {
    if (isWorking(office, day)) return day
  }
  return undefined
}

/** Working days after one day up to and with another; below zero when the other comes first. */
export function workingDaysBetween(office: OfficeDays, from: number, to: number): number {
  if (to < from) return 0 - workingDaysBetween(office, to, from)
  const weeks = Math.floor((to - from) / 7)
  let count = weeks * (7 - office.weekend.size)
  for (let day = from + weeks * 7 + 1; day <= to; day++) if (!office.weekend.has(weekday(day))) count++
  for (const day of office.holidays) if (day > from && day <= to && !office.weekend.has(weekday(day))) count--
  return count
}
