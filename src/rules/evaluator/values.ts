/**
 * Values while a rule runs. Numbers and money are BigInt, scaled; dates and days are whole day numbers; booleans
 * are truths. A value may also be absent (asserted none), unknown, or partly known (a range).
 */
import type { Json } from '../../platform/canonical.ts'
import { parseDecimal } from '../language/literals.ts'
import type { RuleType } from '../rules.ts'
import { parseDay, parseDuration } from './calendar.ts'

/** Strong Kleene truth, ordered so that `and` is the least, `or` the greatest, and `not` two minus. */
export type Truth = 0 | 1 | 2
export const no = 0
export const maybe = 1
export const yes = 2
/** The words of a truth, by its number. */
export const truthWords = ['false', 'unknown', 'true'] as const

/** A closed registry answered: there is none. */
export const absent = Symbol('absent')
/** Nobody can say: never collected, too old, disputed, or its source is silent. */
export const unknown = Symbol('unknown')

export type Exact = number | bigint | string

/** Somewhere between two ends; null is no end. `perhaps_absent`: it may also turn out that there is none. */
export type Range = {
  readonly low: number | bigint | null
  readonly high: number | bigint | null
  readonly perhaps_absent: boolean
}

export type Value = Exact | Range | typeof absent | typeof unknown

export const isRange = (value: Value): value is Range => typeof value === 'object'

/** The range, or the exact value when nothing is left open. */
export function range(low: Range['low'], high: Range['high'], perhapsAbsent = false): Value {
  return low !== null && low === high && !perhapsAbsent ? low : { low, high, perhaps_absent: perhapsAbsent }
}

/** Reads JSON of a declared type; unknown when it does not fit, for a misfit is never a "no". */
export type Decoder = (json: Json | undefined) => Value

export function decoder(type: RuleType): Decoder {
  switch (type.kind) {
    case 'boolean':
      return (json) => (json === true ? yes : json === false ? no : unknown)
    case 'integer':
      return wholeNumber(type.min, type.max)
    case 'money':
      return wholeNumber(type.min, undefined)
    case 'decimal':
      return decimal(type.scale, type.min, type.max)
    case 'date':
      return (json) => parseDay(json) ?? unknown
    case 'duration':
      return (json) => {
        const read = parseDuration(json)
        return read && (type.unit === undefined || read.unit === type.unit) ? read.count : unknown
      }
    case 'string':
    case 'code':
    case 'subject':
      return (json) => (typeof json === 'string' ? json : unknown)
    case 'list':
      return () => unknown
  }
}

function wholeNumber(min: number | undefined, max: number | undefined): Decoder {
  return (json) => {
    if (typeof json !== 'number' || !Number.isSafeInteger(json)) return unknown
    if ((min !== undefined && json < min) || (max !== undefined && json > max)) return unknown
    return BigInt(json)
  }
}

/** Decimals arrive as text (`"0.25"`); a JSON number is read as it is written. */
function decimal(scale: number, min: string | undefined, max: string | undefined): Decoder {
  const low = min === undefined ? undefined : scaled(min, scale)
  const high = max === undefined ? undefined : scaled(max, scale)
  return (json) => {
    const value = scaled(json, scale)
    if (value === undefined || (low !== undefined && value < low) || (high !== undefined && value > high))
      return unknown
    return value
  }
}

/** An exact decimal as an integer scaled by ten to the `scale`; undefined when it has more decimals or is no number. */
export function scaled(json: Json | undefined, scale: number): bigint | undefined {
  if (typeof json !== 'string' && typeof json !== 'number') return undefined
  const read = parseDecimal(String(json))
  if (!read || read.scale > scale) return undefined
  return read.value * 10n ** BigInt(scale - read.scale)
}
