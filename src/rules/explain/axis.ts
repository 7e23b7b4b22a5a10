/** A fact's possible values: a line of whole numbers where it has an order, a few single ones where it has none. */
import type { Json } from '../../platform/canonical.ts'
import { formatDay, parseDay } from '../evaluator/calendar.ts'
import { scaled } from '../evaluator/values.ts'
import type { RuleType } from '../rules.ts'

export type Axis = {
  readonly low: bigint
  readonly high: bigint
  readonly toJson: (value: bigint) => Json
  /** Null for what is no value of the axis. */
  readonly fromJson: (value: Json | undefined) => bigint | null
}

/** No number of a legal condition is larger; in minor units, and scaled, still an exact integer. */
const numberMax = 10n ** 15n
/** No legal date is looked for farther away than this from the day asked about. */
const yearsMax = 150

/** The line a type's values lie on; undefined where they have no order. */
export function axisOf(type: RuleType, day: number): Axis | undefined {
  switch (type.kind) {
    case 'integer':
    case 'money': {
      const max = type.kind === 'integer' ? type.max : undefined
      return {
        low: type.min === undefined ? -numberMax : BigInt(type.min),
        high: max === undefined ? numberMax : BigInt(max),
        toJson: Number,
        fromJson: (value) => (Number.isSafeInteger(value) ? BigInt(value as number) : null),
      }
    }
    case 'decimal': {
      const { scale } = type
      return {
        low: scaled(type.min, scale) ?? -numberMax,
        high: scaled(type.max, scale) ?? numberMax,
        toJson: (value) => decimalText(value, scale),
        fromJson: (value) => scaled(value, scale) ?? null,
      }
    }
    case 'date': {
      const reach = BigInt(yearsMax * 366)
      return {
        low: BigInt(day) - reach,
        high: BigInt(day) + reach,
        toJson: (value) => formatDay(Number(value)) ?? null,
        fromJson: (value) => {
          const found = parseDay(value)
          return found === undefined ? null : BigInt(found)
        },
      }
    }
    case 'boolean':
    case 'code':
    case 'string':
    case 'subject':
    case 'duration':
    case 'list':
      return undefined
  }
}

/** Every value of a type that has only a few. */
export function singlesOf(type: RuleType): readonly Json[] {
  if (type.kind === 'boolean') return [true, false]
  return type.kind === 'code' ? type.values : []
}

function decimalText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = scale === 0 ? '' : `.${digits.slice(-scale)}`
  return `${value < 0n ? '-' : ''}${whole}${fraction}`
}

export type Stretch = { readonly low: bigint | null; readonly high: bigint | null }

/** From points between which a condition is taken to turn at most once, its stretches; each end by bisection. */
export function stretches(
  axis: Axis,
  points: readonly bigint[],
  holds: (value: bigint) => boolean,
): Stretch[] {
  const all = new Set([axis.low, axis.high, ...points])
  const sorted = [...all].filter((p) => p >= axis.low && p <= axis.high).sort((a, b) => (a < b ? -1 : 1))
  const found: Stretch[] = []
  let low: bigint | null | undefined
  for (const [at, point] of sorted.entries()) {
    if (!holds(point)) continue
    const before = sorted[at - 1]
    const next = sorted[at + 1]
    if (low === undefined) low = before === undefined ? null : firstThat(before, point, holds)
    if (next !== undefined && holds(next)) continue
    found.push({ low, high: next === undefined ? null : firstThat(point, next, (v) => !holds(v)) - 1n })
    low = undefined
  }
  return found
}

/** The first value after `from`, up to `to`, that holds; `to` does and `from` does not. */
export function firstThat(from: bigint, to: bigint, holds: (value: bigint) => boolean): bigint {
  let [before, after] = [from, to]
  while (after - before > 1n) {
    const middle = before + (after - before) / 2n
    if (holds(middle)) after = middle
    else before = middle
  }
  return after
}
