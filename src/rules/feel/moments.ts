/** FEEL's times: times of day, moments, and spans of exact seconds or of months, read from text and written again. */
import { civil, dayNumber, lengthOf } from '../evaluator/calendar.ts'

/** What a clock time stands beside: an offset from UTC in seconds, or the name of a zone. */
export type Zone = { readonly offset: number } | { readonly name: string } | undefined

/** Nanoseconds since midnight. */
export type Time = { readonly kind: 'time'; readonly nanos: number; readonly zone: Zone }
/** `day` counts from 1970-01-01. */
export type DateValue = { readonly kind: 'date'; readonly day: number }
export type Moment = {
  readonly kind: 'date-time'
  readonly day: number
  readonly nanos: number
  readonly zone: Zone
}
/** Exact seconds, in nanoseconds. */
export type Span = { readonly kind: 'span'; readonly nanos: bigint }
export type Months = { readonly kind: 'months'; readonly months: number }

export const secondNanos = 1_000_000_000
export const dayNanos = 86_400 * secondNanos
const offsetMax = 18 * 3600
const yearMax = 999_999_999

/** `2026-11-23`, `-0044-03-15`, `99999-12-31`. */
export function readDate(text: string): DateValue | undefined {
  const found = /^(-?)(\d{4}|[1-9]\d{4,8})-(\d\d)-(\d\d)$/.exec(text)
  if (!found) return undefined
  return dateOf(Number(`${found[1]}${found[2]}`), Number(found[3]), Number(found[4]))
}

/** A date of the calendar, extended backwards as ISO 8601 does; undefined when there is no such day. */
export function dateOf(year: number, month: number, day: number): DateValue | undefined {
  if (!Number.isInteger(year) || Math.abs(year) > yearMax) return undefined
  if (!Number.isInteger(month) || month < 1 || month > 12 || !Number.isInteger(day)) return undefined
  if (day < 1 || day > lengthOf(year, month)) return undefined
  return { kind: 'date', day: dayNumber(year, month, day) }
}

/** `10:30:00`, `10:30:00.5`, `10:30:00Z`, `10:30:00+05:00`, `10:30:00@Asia/Tashkent`. */
export function readTime(text: string): Time | undefined {
  const found = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d(?::\d\d)?|@.+)?$/.exec(text)
  if (!found) return undefined
  const [, hour, minute, second, rest = '', zoned] = found
  const zone = zoned === undefined ? undefined : readZone(zoned)
  if (zoned !== undefined && zone === undefined) return undefined
  const nanos = Number(rest.padEnd(9, '0'))
  return timeOf({ hour: Number(hour), minute: Number(minute), second: Number(second), nanos }, zone)
}

export function timeOf(
  clock: { hour: number; minute: number; second: number; nanos: number },
  zone: Zone,
): Time | undefined {
  const { hour, minute, second, nanos } = clock
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return undefined
  if (zone && 'offset' in zone && Math.abs(zone.offset) > offsetMax) return undefined
  const seconds = hour * 3600 + minute * 60 + second
  return Number.isInteger(seconds) ? { kind: 'time', nanos: seconds * secondNanos + nanos, zone } : undefined
}

function readZone(text: string): Zone {
  if (text === 'Z') return { offset: 0 }
  if (text.startsWith('@')) return isZoneName(text.slice(1)) ? { name: text.slice(1) } : undefined
  const [hours, minutes, seconds = 0] = text.slice(1).split(':').map(Number)
  if (minutes! > 59 || seconds > 59) return undefined
  const offset = hours! * 3600 + minutes! * 60 + seconds
  return offset > offsetMax ? undefined : { offset: text.startsWith('-') ? 0 - offset : offset }
}

function isZoneName(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,59}$/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** A date and a time with `T` between, or a date alone: its midnight. */
export function readMoment(text: string): Moment | undefined {
  const at = text.indexOf('T')
  const date = readDate(at < 0 ? text : text.slice(0, at))
  const time = at < 0 ? midnight : readTime(text.slice(at + 1))
  return date && time && { ...time, kind: 'date-time', day: date.day }
}

export const midnight: Time = { kind: 'time', nanos: 0, zone: undefined }

/** `P1DT2H3M4.5S` or `P1Y2M`; the two never mix. */
export function readSpan(text: string): Span | Months | undefined {
  const months = /^(-?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?$/.exec(text)
  if (months && (months[2] !== undefined || months[3] !== undefined)) {
    const count = Number(months[2] ?? 0) * 12 + Number(months[3] ?? 0)
    return { kind: 'months', months: months[1] === '-' ? 0 - count : count }
  }
  const found =
    /^(-?)P(?:(\d{1,12})W)?(?:(\d{1,12})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12})(?:\.(\d{1,9}))?S)?)?$/.exec(
      text,
    )
  if (!found || text.endsWith('T') || text.endsWith('P')) return undefined
  const [, minus, weeks, days, hours, minutes, seconds, rest = ''] = found
  const whole =
    BigInt(weeks ?? 0) * 604_800n +
    BigInt(days ?? 0) * 86_400n +
    BigInt(hours ?? 0) * 3_600n +
    BigInt(minutes ?? 0) * 60n +
    BigInt(seconds ?? 0)
  const nanos = whole * BigInt(secondNanos) + BigInt(rest.padEnd(9, '0'))
  return { kind: 'span', nanos: minus === '-' ? -nanos : nanos }
}

/** Nanoseconds on one line for all: local where neither has a zone, else from UTC; undefined where that is unknown. */
export function instant(value: Time | Moment): { local: boolean; nanos: bigint } | undefined {
  const day = value.kind === 'time' ? 0n : BigInt(value.day)
  const here = day * BigInt(dayNanos) + BigInt(value.nanos)
  if (value.zone === undefined) return { local: true, nanos: here }
  if ('name' in value.zone) return undefined
  return { local: false, nanos: here - BigInt(value.zone.offset) * BigInt(secondNanos) }
}

/** Whole months from one date to another, below zero backwards. Times of day do not count. */
export function wholeMonths(from: number, to: number): number {
  if (to < from) return 0 - wholeMonths(to, from)
  const [a, b] = [civil(from), civil(to)]
  return (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day ? 1 : 0)
}

const two = (n: number): string => String(n).padStart(2, '0')

export function dateText(day: number): string {
  const at = civil(day)
  const year = `${at.year < 0 ? '-' : ''}${String(Math.abs(at.year)).padStart(4, '0')}`
  return `${year}-${two(at.month)}-${two(at.day)}`
}

export function timeText({ nanos, zone }: Time | Moment): string {
  const seconds = Math.floor(nanos / secondNanos)
  return `${clockText(seconds)}${restText(nanos % secondNanos)}${zoneText(zone)}`
}

const clockText = (seconds: number): string =>
  `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`

const restText = (nanos: number): string =>
  nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`

function zoneText(zone: Zone): string {
  if (zone === undefined) return ''
  if ('name' in zone) return `@${zone.name}`
  if (zone.offset === 0) return 'Z'
  const clock = clockText(Math.abs(zone.offset))
  return `${zone.offset < 0 ? '-' : '+'}${clock.endsWith(':00') ? clock.slice(0, 5) : clock}`
}

export function monthsText(months: number): string {
  const [years, rest] = [Math.floor(Math.abs(months) / 12), Math.abs(months) % 12]
  const parts = `${years > 0 ? `${years}Y` : ''}${rest > 0 || years === 0 ? `${rest}M` : ''}`
  return `${months < 0 ? '-' : ''}P${parts}`
}

export function spanText(nanos: bigint): string {
  const part = spanParts(nanos)
  const seconds = `${part.seconds}${restText(part.nanos)}`
  const clock = [
    part.hours > 0 ? `${part.hours}H` : '',
    part.minutes > 0 ? `${part.minutes}M` : '',
    seconds !== '0' ? `${seconds}S` : '',
  ].join('')
  const days = part.days > 0n ? `${part.days}D` : ''
  const text = days === '' && clock === '' ? 'T0S' : `${days}${clock === '' ? '' : `T${clock}`}`
  return `${nanos < 0n ? '-' : ''}P${text}`
}

/** The parts of a span's length, its sign left out. */
export function spanParts(nanos: bigint): {
  days: bigint
  hours: number
  minutes: number
  seconds: number
  nanos: number
} {
  const length = nanos < 0n ? -nanos : nanos
  const seconds = Number((length / BigInt(secondNanos)) % 86_400n)
  return {
    days: length / BigInt(dayNanos),
    hours: Math.floor(seconds / 3600),
    minutes: Math.floor(seconds / 60) % 60,
    seconds: seconds % 60,
    nanos: Number(length % BigInt(secondNanos)),
  }
}
