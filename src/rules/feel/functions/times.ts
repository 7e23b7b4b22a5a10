/** FEEL's functions of dates and times. There is no clock: today() is the day the evaluation is for. */

import { civil, dayNumber } from '../../evaluator/calendar.ts'
import { absent } from '../../evaluator/values.ts'
import { type Fraction, fraction, roundTo } from '../fraction.ts'
import {
  type DateValue,
  dateOf,
  type Moment,
  midnight,
  readDate,
  readMoment,
  readSpan,
  readTime,
  type Span,
  secondNanos,
  type Time,
  timeOf,
  wholeMonths,
  type Zone,
} from '../moments.ts'
import { Refused } from '../refusal.ts'
import { boolean, type FeelType, number, string } from '../types.ts'
import { type FeelValue, textOf } from '../values.ts'
import { type BuiltIn, type BuiltIns, count, type ResultRule } from './signature.ts'

const date: FeelType = { kind: 'date' }
const time: FeelType = { kind: 'time' }
const moment: FeelType = { kind: 'date-time' }

/** What a text does not hold is refused where it is written; a text that comes as a fact has no such function. */
function read<T extends FeelValue>(what: string, from: (text: string) => T | undefined) {
  return (text: string): T => {
    const made = from(text)
    if (made === undefined)
      throw new Refused('literal', `"${text.slice(0, 40)}" is no ${what} of the calendar and the clock`)
    return made
  }
}

/** A text must be written out: then it has been read, and found good, when the rule is checked. */
const literal =
  (type: FeelType): ResultRule =>
  (_, [text]) =>
    typeof text === 'string' ? type : 'the text must be written out, so that it can be checked'

function fromParts(year: Fraction, month: Fraction, day: Fraction): DateValue {
  const made = dateOf(wide(year), wide(month), wide(day))
  if (made === undefined) throw new Refused('literal', 'this is no date of the calendar')
  return made
}

const wide = (n: Fraction): number => (n.under === 1n ? Number(n.over) : Number.NaN)

function clockFrom(hour: Fraction, minute: Fraction, second: Fraction, offset?: Span): Time {
  const nanos = roundTo(fraction(second.over * BigInt(secondNanos), second.under), fraction(0n), 'down').over
  const seconds = Number(nanos / BigInt(secondNanos))
  const zone: Zone = offset && { offset: Number(offset.nanos / BigInt(secondNanos)) }
  const rest = Number(nanos % BigInt(secondNanos))
  const made = timeOf({ hour: wide(hour), minute: wide(minute), second: seconds, nanos: rest }, zone)
  if (made === undefined || nanos < 0n) throw new Refused('literal', 'this is no time of day')
  return made
}

const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

/** 0 is Monday. 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7
/** ISO number of the day of the week: 1 is Monday. */
export const weekday = (day: number): number => weekdayOf(day) + 1

function weekOfYear(day: number): number {
  const thursday = day - weekdayOf(day) + 3
  return Math.floor((thursday - dayNumber(civil(thursday).year, 1, 1)) / 7) + 1
}

const ofDate = (
  run: (day: number) => FeelValue,
  result: FeelType,
  in_rules?: BuiltIn['in_rules'],
): readonly BuiltIn[] => [
  {
    params: ['date: date|date-time'],
    result,
    run: (at: DateValue | Moment) => run(at.day),
    ...(in_rules && { in_rules }),
  },
]

export const timeFunctions: BuiltIns = {
  date: [
    { params: ['from: string'], result: literal(date), run: read('date', readDate) },
    {
      params: ['from: date|date-time'],
      result: date,
      run: (at: DateValue | Moment): DateValue => ({ kind: 'date', day: at.day }),
    },
    { params: ['year: number', 'month: number', 'day: number'], result: date, run: fromParts },
  ],
  time: [
    { params: ['from: string'], result: literal(time), run: read('time', readTime) },
    {
      params: ['from: time|date-time'],
      result: time,
      run: (at: Time | Moment): Time => ({ kind: 'time', nanos: at.nanos, zone: at.zone }),
    },
    {
      params: ['from: date'],
      result: time,
      run: (): Time => ({ ...midnight, zone: { offset: 0 } }),
    },
    {
      params: ['hour: number', 'minute: number', 'second: number', 'offset?: span'],
      result: time,
      run: clockFrom,
    },
  ],
  'date and time': [
    { params: ['from: string'], result: literal(moment), run: read('date and time', readMoment) },
    {
      params: ['date: date|date-time', 'time: time'],
      result: moment,
      run: (on: DateValue | Moment, at: Time): Moment => ({ ...at, kind: 'date-time', day: on.day }),
    },
  ],
  duration: [
    {
      params: ['from: string'],
      result: (_, [text]) => {
        const made = typeof text === 'string' ? readSpan(text) : undefined
        return { kind: made?.kind ?? 'span' }
      },
      run: read('duration', readSpan),
    },
  ],
  'years and months duration': [
    {
      params: ['from: date|date-time', 'to: date|date-time'],
      result: { kind: 'months' },
      run: (from: DateValue | Moment, to: DateValue | Moment) => ({
        kind: 'months',
        months: wholeMonths(from.day, to.day),
      }),
      in_rules: 'between',
    },
  ],
  'day of week': ofDate((day) => dayNames[weekdayOf(day)]!, string, 'steady'),
  'month of year': ofDate((day) => monthNames[civil(day).month - 1]!, string, 'steady'),
  'day of year': ofDate((day) => count(day - dayNumber(civil(day).year, 1, 1) + 1), number, 'steady'),
  'week of year': ofDate((day) => count(weekOfYear(day)), number, 'steady'),
  is: [
    {
      params: ['value1: any', 'value2: any'],
      result: boolean,
      run: (a: FeelValue, b: FeelValue) => textOf(a) === textOf(b),
    },
  ],
}

/** `value.year`, `span.days`: what a date, a time or a duration is made of. Absent where it has no such part. */
export function partOf(value: FeelValue, name: string): FeelValue {
  if (typeof value !== 'object' || !('kind' in value) || value.kind === 'range') return absent
  if (value.kind === 'months') {
    const sign = value.months < 0 ? -1 : 1
    const months = Math.abs(value.months)
    return count(sign * (name === 'years' ? Math.floor(months / 12) : months % 12) || 0)
  }
  if (value.kind === 'span') return spanPart(value, name)
  if (value.kind !== 'time' && (name === 'year' || name === 'month' || name === 'day'))
    return count(civil(value.day)[name])
  if (value.kind !== 'time' && name === 'weekday') return count(weekday(value.day))
  if (value.kind === 'date') return absent
  const seconds = Math.floor(value.nanos / secondNanos)
  if (name === 'hour') return count(Math.floor(seconds / 3600))
  if (name === 'minute') return count(Math.floor(seconds / 60) % 60)
  if (name === 'second') return count(seconds % 60)
  if (name === 'timezone') return value.zone && 'name' in value.zone ? value.zone.name : absent
  if (value.zone === undefined || 'name' in value.zone) return absent
  return { kind: 'span', nanos: BigInt(value.zone.offset) * BigInt(secondNanos) }
}

function spanPart({ nanos }: Span, name: string): FeelValue {
  const sign = nanos < 0n ? -1n : 1n
  const seconds = (nanos < 0n ? -nanos : nanos) / BigInt(secondNanos)
  if (name === 'days') return count((sign * seconds) / 86_400n)
  if (name === 'hours') return count((sign * (seconds % 86_400n)) / 3_600n)
  if (name === 'minutes') return count((sign * (seconds % 3_600n)) / 60n)
  return count(sign * (seconds % 60n))
}

const span: FeelType = { kind: 'span' }
const dateParts = { year: number, month: number, day: number, weekday: number }
const timeParts = {
  hour: number,
  minute: number,
  second: number,
  'time offset': { ...span, optional: true },
  timezone: { ...string, optional: true },
}

/** The parts each kind of value has, with their types. */
export const partsOfKind: { readonly [kind: string]: { readonly [part: string]: FeelType } } = {
  date: dateParts,
  time: timeParts,
  'date-time': { ...dateParts, ...timeParts },
  months: { years: number, months: number },
  span: { days: number, hours: number, minutes: number, seconds: number },
}
