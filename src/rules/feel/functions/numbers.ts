/** FEEL's functions of numbers. */
import {
  divide,
  type Fraction,
  fraction,
  isWhole,
  minus,
  negative,
  type Rounding,
  roundTo,
  times,
} from '../fraction.ts'
import { Refused } from '../refusal.ts'
import { boolean, number } from '../types.ts'
import type { BuiltIn, BuiltIns } from './signature.ts'

const zero = fraction(0n)

/** `scale` may be left out where FEEL says so. */
function rounding(by: Rounding, is_scale_free: boolean): readonly BuiltIn[] {
  return [
    {
      params: ['n: number', is_scale_free ? 'scale?: number' : 'scale: number'],
      result: number,
      run: (n: Fraction, scale?: Fraction) => roundTo(n, scale ?? zero, by),
    },
  ]
}

/** The rounding each function stands for: rules round by the same table. */
export const roundings: { readonly [name: string]: Rounding } = {
  decimal: 'half_even',
  floor: 'floor',
  ceiling: 'ceiling',
  'round up': 'up',
  'round down': 'down',
  'round half up': 'half_up',
  'round half down': 'half_down',
}

function modulo(dividend: Fraction, divisor: Fraction): Fraction {
  if (divisor.over === 0n) throw new Refused('division-by-zero', 'modulo() divides by zero')
  const floor = roundTo(divide(dividend, divisor), zero, 'floor')
  return minus(dividend, times(divisor, floor))
}

const isMultipleOfTwo = (n: Fraction): boolean => isWhole(n) && n.over % 2n === 0n

export const numberFunctions: BuiltIns = {
  ...Object.fromEntries(
    Object.entries(roundings).map(([name, by]) => [
      name,
      rounding(by, name === 'floor' || name === 'ceiling'),
    ]),
  ),
  abs: [
    {
      params: ['n: number'],
      result: number,
      run: (n: Fraction) => (n.over < 0n ? negative(n) : n),
      in_rules: 'steady',
    },
    {
      params: ['n: span|months'],
      result: ([type]) => type!,
      run: (n: { kind: 'span'; nanos: bigint } | { kind: 'months'; months: number }) =>
        n.kind === 'span'
          ? { kind: 'span', nanos: n.nanos < 0n ? -n.nanos : n.nanos }
          : { kind: 'months', months: Math.abs(n.months) },
    },
  ],
  modulo: [
    { params: ['dividend: number', 'divisor: number'], result: number, run: modulo, in_rules: 'steady' },
  ],
  even: [{ params: ['number: number'], result: boolean, run: isMultipleOfTwo, in_rules: 'steady' }],
  odd: [
    {
      params: ['number: number'],
      result: boolean,
      run: (n: Fraction) => isWhole(n) && !isMultipleOfTwo(n),
      in_rules: 'steady',
    },
  ],
}
