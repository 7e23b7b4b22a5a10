/**
 * Values of many entries at once, in the evaluator's terms: exact, absent, unknown, or somewhere between two ends. Ends
 * are whole numbers held in doubles; an entry that leaves exact doubles is marked by whoever works it out, and the
 * evaluator takes its subject.
 */
import { absent, isRange, unknown, type Value } from '../../evaluator/values.ts'
import type { Type } from '../../language/ir.ts'

/** States of an entry. `spread`: between its ends; `doubtful`: between them, or there is none. */
export const exact = 0
export const none = 1
export const open = 2
export const spread = 3
export const doubtful = 4

/** Exact entries have both ends alike. An infinite end is no end. */
export type Batch = {
  readonly states: Uint8Array
  readonly lows: Float64Array
  readonly highs: Float64Array
}

/** A batch that grows with the entries asked for; what it held is lost then. */
export function openBatch(): (size: number) => Batch {
  let batch: Batch = { states: new Uint8Array(0), lows: new Float64Array(0), highs: new Float64Array(0) }
  return (size) => {
    if (batch.states.length < size) {
      const room = roomOf(size)
      batch = { states: new Uint8Array(room), lows: new Float64Array(room), highs: new Float64Array(room) }
    }
    return batch
  }
}

/** The same for truths (0 false, 1 unknown, 2 true). */
export function openTruths(): (size: number) => Uint8Array {
  let truths = new Uint8Array(0)
  return (size) => {
    if (truths.length < size) truths = new Uint8Array(roomOf(size))
    return truths
  }
}

/** And for places. */
export function openPlaces(): (size: number) => Uint32Array {
  let places = new Uint32Array(0)
  return (size) => {
    if (places.length < size) {
      const before = places
      places = new Uint32Array(roomOf(size))
      places.set(before)
    }
    return places
  }
}

const roomOf = (size: number): number => Math.max(1024, 2 ** Math.ceil(Math.log2(size)))

/** Writes what lies between two ends, or the exact value where nothing is left open. */
export function put(
  { states, lows, highs }: Batch,
  at: number,
  low: number,
  high: number,
  perhaps: boolean,
): void {
  lows[at] = low
  highs[at] = high
  states[at] = perhaps ? doubtful : low === high ? exact : spread
}

/** Texts by number, so that equal ones are equal whatever column they come from. */
export type Words = { of(text: string): number; text(number: number): string }

export function openWords(): Words {
  const numbers = new Map<string, number>()
  const texts: string[] = []
  return {
    of: (text) => {
      const known = numbers.get(text)
      if (known !== undefined) return known
      numbers.set(text, texts.length)
      return texts.push(text) - 1
    },
    text: (number) => texts[number]!,
  }
}

/** Reads entries as the evaluator's values. */
export function valueReader(type: Type, words: Words): (batch: Batch, at: number) => Value {
  const one =
    type.kind === 'number' || type.kind === 'money'
      ? BigInt
      : type.kind === 'string' || type.kind === 'code' || type.kind === 'subject'
        ? words.text
        : (value: number) => value
  const end = (value: number): number | bigint | null =>
    Number.isFinite(value) ? (one(value) as number | bigint) : null
  return ({ states, lows, highs }, at) => {
    const state = states[at]!
    if (state === exact) return one(lows[at]!)
    if (state === none) return absent
    if (state === open) return unknown
    return { low: end(lows[at]!), high: end(highs[at]!), perhaps_absent: state === doubtful }
  }
}

/** Writes a value of the evaluator's. @returns false where it is beyond exact doubles */
export function putValue(batch: Batch, at: number, value: Value, words: Words): boolean {
  if (value === absent || value === unknown) {
    batch.states[at] = value === absent ? none : open
    return true
  }
  if (isRange(value)) {
    const low = value.low === null ? Number.NEGATIVE_INFINITY : Number(value.low)
    const high = value.high === null ? Number.POSITIVE_INFINITY : Number(value.high)
    put(batch, at, low, high, value.perhaps_absent)
    return isWithin(low) && isWithin(high)
  }
  const number = typeof value === 'string' ? words.of(value) : Number(value)
  put(batch, at, number, number, false)
  return isWithin(number)
}

/** Doubles hold every whole number up to here; an end that is none counts as held. */
export const isWithin = (value: number): boolean =>
  (value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER) || !Number.isFinite(value)
