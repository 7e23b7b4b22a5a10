/** Calendar arithmetic on whole days since 1970-01-01, without Date objects: a population of a million makes many. */
import type { DateText } from '../../src/platform/clock.ts'

/** Days since 1970-01-01 of a date `YYYY-MM-DD` (proleptic Gregorian; algorithm of H. Hinnant, "days from civil"). */
export function dayNumber(date: DateText): number {
  const y = Number(date.slice(0, 4))
  const m = Number(date.slice(5, 7))
  const d = Number(date.slice(8, 10))
  const year = m <= 2 ? y - 1 : y
  const era = Math.floor(year / 400)
  const year_of_era = year - era * 400
  const day_of_year = Math.floor((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 1
  const day_of_era =
    year_of_era * 365 + Math.floor(year_of_era / 4) - Math.floor(year_of_era / 100) + day_of_year
  return era * 146097 + day_of_era - 719468
}

/** The date `YYYY-MM-DD` of a number of days since 1970-01-01. */
export function dateOf(day: number): DateText {
  const z = day + 719468
  const era = Math.floor(z / 146097)
  const doe = z - era * 146097
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365,
  )
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const d = doy - Math.floor((153 * mp + 2) / 5) + 1
  const m = mp < 10 ? mp + 3 : mp - 9
  const y = yoe + era * 400 + (m <= 2 ? 1 : 0)
  return `${y}-${pad(m)}-${pad(d)}`
}

/** A date `months` whole months later (or earlier), on its first day: `monthStart('2026-11-24', -1)` is 2026-10-01. */
export function monthStart(date: DateText, months: number): DateText {
  const total = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months
  return `${Math.floor(total / 12)}-${pad((total % 12) + 1)}-01`
}

const pad = (n: number): string => (n < 10 ? `0${n}` : `${n}`)
