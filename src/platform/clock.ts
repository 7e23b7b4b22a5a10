/** Time is an instrument that is handed in; nothing in the domain reads the machine's clock by itself. */
export type Clock = {
  /** The instant it is now. */
  now(): Date
}

/** A calendar day as text, `YYYY-MM-DD`. A legal date is never an instant. */
export type DateText = string

/** The clock of the machine. */
export const machineClock: Clock = { now: () => new Date() }

/** A clock that stands still until moved: for tests and replays. */
export function standingClock(
  start: string | Date,
): Clock & { set(at: string | Date): void; forward(ms: number): void } {
  let at = new Date(start)
  return {
    now: () => new Date(at),
    set: (next) => {
      at = new Date(next)
    },
    forward: (ms) => {
      at = new Date(at.getTime() + ms)
    },
  }
}

/** The calendar day of an instant in a zone, e.g. `dateIn(clock.now(), 'Asia/Tashkent')`. */
export function dateIn(instant: Date, zone: string): DateText {
  // Every zone's midnight lies on a quarter of an hour (UTC), so all instants of a quarter share their day.
  const quarter = Math.floor(instant.getTime() / QUARTER_MS)
  let days = knownDays.get(zone)
  if (!days || days.size > KNOWN_DAYS_MAX) {
    days = new Map()
    knownDays.set(zone, days)
  }
  let day = days.get(quarter)
  if (day === undefined) {
    day = formatDay(instant, zone)
    days.set(quarter, day)
  }
  return day
}

const QUARTER_MS = 900_000
const KNOWN_DAYS_MAX = 10_000
const knownDays = new Map<string, Map<number, DateText>>()

function formatDay(instant: Date, zone: string): DateText {
  let format = formats.get(zone)
  if (!format) {
    // en-CA writes YYYY-MM-DD, the form of DateText.
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    formats.set(zone, format)
  }
  return format.format(instant)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** The instant a calendar day begins in a zone: when what depends on the date alone becomes due. */
export function startOfDay(day: DateText, zone: string): Date {
  let days = knownStarts.get(zone)
  if (!days || days.size > KNOWN_DAYS_MAX) {
    days = new Map()
    knownStarts.set(zone, days)
  }
  let start = days.get(day)
  if (start === undefined) {
    start = findStart(day, zone)
    days.set(day, start)
  }
  return new Date(start)
}

const knownStarts = new Map<string, Map<DateText, number>>()

function findStart(day: DateText, zone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`)
  let offset = offsetAt(new Date(utc), zone)
  // The offset at local midnight may differ from the one at UTC midnight where clocks change.
  offset = offsetAt(new Date(utc - offset), zone)
  return utc - offset
}

function offsetAt(instant: Date, zone: string): number {
  let format = wallClocks.get(zone)
  if (!format) {
    const parts = {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    } as const
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', ...parts })
    wallClocks.set(zone, format)
  }
  const p = Object.fromEntries(format.formatToParts(instant).map((x) => [x.type, Number(x.value)]))
  const wall = Date.UTC(p.year!, p.month! - 1, p.day!, p.hour!, p.minute!, p.second!)
  return wall - Math.floor(instant.getTime() / 1000) * 1000
}

const wallClocks = new Map<string, Intl.DateTimeFormat>()
