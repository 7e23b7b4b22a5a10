import { type DateText, startOfDay } from '../platform/clock.ts'

const DAY_MS = 86_400_000

/** The instant from which a term that ends on this day has passed: the start of the day after. */
export function passedAt(due_on: DateText, zone: string): Date {
  return startOfDay(new Date(Date.parse(`${due_on}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10), zone)
}
