/** Exact numbers: fractions of whole numbers with a bounded number of digits. Nothing here is ever a float. */
import { Refused } from './refusal.ts'

/** In lowest terms; `under` is above zero. */
export type Fraction = { readonly over: bigint; readonly under: bigint }

/** Far more than any legal amount; a number beyond it is a mistake, and refused as one. */
const digitsMax = 200
const limit = 10n ** BigInt(digitsMax)

const size = (n: bigint): bigint => (n < 0n ? -n : n)

export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [size(a), size(b)]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

/** @throws Refused when `under` is zero, or when a side has more than 200 digits. */
export function fraction(over: bigint, under = 1n): Fraction {
  if (under === 0n) throw new Refused('division-by-zero', 'this divides by zero')
  const common = under === 1n ? 1n : gcd(over, under)
  const sign = under < 0n ? -1n : 1n
  const made = { over: (sign * over) / common, under: (sign * under) / common }
  if (size(made.over) >= limit || made.under >= limit)
    throw new Refused('overflow', `this number has more than ${digitsMax} digits`)
  return made
}

export const plus = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.over * b.under + b.over * a.under, a.under * b.under)
export const minus = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.over * b.under - b.over * a.under, a.under * b.under)
export const times = (a: Fraction, b: Fraction): Fraction => fraction(a.over * b.over, a.under * b.under)
export const divide = (a: Fraction, b: Fraction): Fraction => fraction(a.over * b.under, a.under * b.over)
export const negative = (a: Fraction): Fraction => ({ over: -a.over, under: a.under })
export const isWhole = (a: Fraction): boolean => a.under === 1n

/** Below zero, zero, or above: how a stands to b. */
export function order(a: Fraction, b: Fraction): number {
  const difference = a.over * b.under - b.over * a.under
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** a to a whole power. */
export function power(a: Fraction, exponent: Fraction): Fraction {
  if (!isWhole(exponent)) throw new Refused('irrational', 'a power has a whole number for its exponent')
  const n = size(exponent.over)
  if (n > 1_000n) throw new Refused('overflow', 'an exponent is at most 1000')
  if (size(a.over) > 1n || a.under > 1n) {
    const digits = Math.max(a.over.toString().length, a.under.toString().length) - 1
    if (BigInt(digits) * n > BigInt(digitsMax))
      throw new Refused('overflow', `this power has more than ${digitsMax} digits`)
  }
  return exponent.over < 0n ? fraction(a.under ** n, a.over ** n) : fraction(a.over ** n, a.under ** n)
}

/** FEEL's rounding, by name: away from zero, towards it, to the nearest, or by direction. */
export type Rounding = 'up' | 'down' | 'half_up' | 'half_down' | 'half_even' | 'floor' | 'ceiling'

/** The whole number nearest to over / under by a rule; `under` is above zero. */
export function roundRatio(over: bigint, under: bigint, by: Rounding): bigint {
  const down = over / under
  const rest = over - down * under
  if (rest === 0n) return down
  const away = down + (over < 0n ? -1n : 1n)
  const twice = size(rest) * 2n
  switch (by) {
    case 'up':
      return away
    case 'down':
      return down
    case 'floor':
      return over < 0n ? away : down
    case 'ceiling':
      return over < 0n ? down : away
    case 'half_up':
      return twice >= under ? away : down
    case 'half_down':
      return twice > under ? away : down
    case 'half_even':
      return twice > under || (twice === under && down % 2n !== 0n) ? away : down
  }
}

/** IEEE decimal128's range of scales, which FEEL names. */
const scaleMin = -6111
const scaleMax = 6176

/** Rounded to some decimals; below zero, to tens, hundreds and so on. */
export function roundTo(value: Fraction, scale: Fraction, by: Rounding): Fraction {
  if (!isWhole(scale) || scale.over < BigInt(scaleMin) || scale.over > BigInt(scaleMax))
    throw new Refused('out-of-range', `a scale is a whole number from ${scaleMin} to ${scaleMax}`)
  const unit = 10n ** size(scale.over)
  if (scale.over >= 0n) {
    if (unit % value.under === 0n) return value
    return fraction(roundRatio(value.over * unit, value.under, by), unit)
  }
  return fraction(roundRatio(value.over, value.under * unit, by) * unit)
}

/** As digits with a decimal point; undefined when no such digits are exact (one third). */
export function decimalText({ over, under }: Fraction): string | undefined {
  let scale = 0
  let unit = 1n
  while (unit % under !== 0n) {
    if (++scale > digitsMax * 4) return undefined
    unit *= 10n
    // Each ten brings one 2 and one 5: what is left must be made of them.
    if (scale === 1 && !isTenths(under)) return undefined
  }
  if (scale === 0) return over.toString()
  const digits = ((size(over) * unit) / under).toString().padStart(scale + 1, '0')
  return `${over < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function isTenths(under: bigint): boolean {
  let rest = under
  while (rest % 2n === 0n) rest /= 2n
  while (rest % 5n === 0n) rest /= 5n
  return rest === 1n
}

/** `18`, `.5`, `-0.20`, `1e3`; undefined for anything else. */
export function fractionFrom(text: string): Fraction | undefined {
  const found = /^(-?)(\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text)
  if (!found) return undefined
  const [, minus, before = '', after = '', exponent = '0'] = found
  if (before + after === '' || before.length + after.length > digitsMax) return undefined
  const scale = after.length - Number(exponent)
  const value = BigInt(`${before}${after}`) * (minus === '-' ? -1n : 1n)
  const unit = 10n ** BigInt(Math.abs(scale))
  return scale >= 0 ? fraction(value, unit) : fraction(value * unit)
}
