/** What can be done about a rule's outcome, as data; and the moves fixes are put together from. */
import type { Json } from '../../platform/canonical.ts'
import type { DateText } from '../../platform/clock.ts'
import type { Facts } from '../rules.ts'
import type { Algebra } from './sets.ts'

export type FixTarget = 'applies' | 'does_not_apply'

/**
 * The values that do, as facts carry them: exactly one (null: that there is none), or any from one end to the other;
 * an end left out is no end.
 */
export type Needed = { readonly is: Json } | { readonly at_least?: Json; readonly at_most?: Json }

export type FixChange =
  /** Nothing but to wait: from this day on it is so if nothing else changes. */
  | { readonly do: 'wait'; readonly until: DateText }
  /** To tell what nobody knows. `needed` is what the answer would have to be; null where that is not advised. */
  | { readonly do: 'tell'; readonly predicate: string; readonly needed: Needed | null }
  /** To change what is so, as its class says, at the agency whose record it is. */
  | {
      readonly do: 'change'
      readonly predicate: string
      /** A field of the item the rule speaks of; null for a fact of its own. */
      readonly field: string | null
      readonly needed: Needed
      readonly fix: 'renew' | 'declare' | 'act'
      readonly source: string | null
    }

/** One smallest set of changes after which the rule comes out as wanted: applied and evaluated again. */
export type Fix = {
  readonly changes: readonly FixChange[]
  /** The day from which it is so, if the changes are made and nothing else changes; null: on the day asked about. */
  readonly on: DateText | null
  /** Places in the trace of the conditions that turn by it. */
  readonly settles: readonly number[]
}

/** A fact of the subject, or a field of the item the rule speaks of. */
export type Place = { readonly slot: number; readonly predicate: string; readonly field: string | null }

/** Whole numbers stand for numbers, money and dates alike; `nearest` is the least change. */
export type Span = {
  readonly kind: 'span'
  readonly low: bigint | null
  readonly high: bigint | null
  readonly nearest: bigint
}
export type Values = Span | { readonly kind: 'one'; readonly is: Json }

export type Move =
  | { readonly do: 'wait' }
  | {
      readonly do: 'tell' | 'change'
      readonly place: Place
      readonly values: Values
      readonly toJson: (value: bigint) => Json
      /** Its value is one of several that only together do, and no boundary. */
      readonly joint: boolean
    }

export const placeKey = ({ slot, field }: Place): string => `${slot}.${field ?? ''}`

/** Moves of one key speak of one fact: what satisfies both, or nothing. */
export const moveAlgebra: Algebra<Move> = {
  merge: (a, b) => {
    if (a.do === 'wait' || b.do === 'wait') return a
    const values = both(a.values, b.values, a.toJson)
    return values && { ...a, values, joint: a.joint || b.joint }
  },
  covers: (a, b) => a.do === 'wait' || b.do === 'wait' || isWithin(a.values, b.values),
}

function both(a: Values, b: Values, toJson: (value: bigint) => Json): Values | undefined {
  if (a.kind === 'one' && b.kind === 'one') return a.is === b.is ? a : undefined
  if (a.kind === 'span' && b.kind === 'span') {
    const low = a.low === null ? b.low : b.low === null || a.low > b.low ? a.low : b.low
    const high = a.high === null ? b.high : b.high === null || a.high < b.high ? a.high : b.high
    if (low !== null && high !== null && low > high) return undefined
    return { kind: 'span', low, high, nearest: clamp(a.nearest, low, high) }
  }
  const [one, span] = (a.kind === 'one' ? [a, b] : [b, a]) as [{ kind: 'one'; is: Json }, Span]
  return toJson(clamp(span.nearest, span.low, span.high)) === one.is ? { kind: 'one', is: one.is } : undefined
}

function isWithin(a: Values, b: Values): boolean {
  if (a.kind === 'one' || b.kind === 'one') return a.kind === 'one' && b.kind === 'one' && a.is === b.is
  const low = b.low === null || (a.low !== null && a.low >= b.low)
  return low && (b.high === null || (a.high !== null && a.high <= b.high))
}

export function clamp(value: bigint, low: bigint | null, high: bigint | null): bigint {
  if (low !== null && value < low) return low
  return high !== null && value > high ? high : value
}

/** The JSON a move would make of its fact. */
export const jsonOf = (move: Exclude<Move, { do: 'wait' }>): Json =>
  move.values.kind === 'one' ? move.values.is : move.toJson(move.values.nearest)

/** The same facts with one told anew, as of no particular day: it holds on whichever day is looked at. */
export function withValue(facts: Facts, place: Place, item: string | null, value: Json): Facts {
  const { predicate, field } = place
  if (field === null) {
    const told = value === null ? ({ state: 'absent', facts: [] } as const) : known(value)
    return { ...facts, [predicate]: told }
  }
  const cell = facts[predicate]
  if (cell?.state === 'known' && typeof cell.value === 'object' && cell.value !== null)
    return { ...facts, [predicate]: { ...cell, value: { ...cell.value, [field]: value } as Json } }
  if (cell?.state !== 'list') return facts
  const items = cell.items.map((one) =>
    one.item === item ? { ...one, value: { ...one.value, [field]: value } } : one,
  )
  return { ...facts, [predicate]: { ...cell, items } }
}

const known = (value: Json) => ({ state: 'known', value, facts: [] }) as const
