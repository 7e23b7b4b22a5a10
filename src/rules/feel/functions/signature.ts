/** How a built-in function is declared: parameters, type of the result, what it does, and where it may stand. */
import type { absent } from '../../evaluator/values.ts'
import type { Fraction } from '../fraction.ts'
import { fraction } from '../fraction.ts'
import { Refused } from '../refusal.ts'
import type { FeelType } from '../types.ts'
import type { FeelValue } from '../values.ts'

type Given = readonly (FeelValue | undefined)[]

export type ResultRule = (types: readonly FeelType[], constants: Given) => FeelType | string

export type BuiltIn = {
  /** `name: pattern`, or `name?: pattern` where it may be left out; see `fits` for patterns. */
  readonly params: readonly string[]
  /** The list may also be given as items, one after another: max(1, 2). */
  readonly many?: boolean
  /** The type of the result; words where these types have no meaning together. Constants are known when checked. */
  readonly result: FeelType | ResultRule
  /**
   * Runs over values of the declared types, none of them absent: with an absent one the result is absent.
   * A parameter left out is undefined.
   */
  readonly run: (...given: never[]) => FeelValue | typeof absent
  /**
   * May stand over facts in a rule, where absent and unknown pass through it. `steady`: only over what does not move
   * with time. `between`: it rises with its second argument and falls with its first.
   */
  readonly in_rules?: 'steady' | 'between'
}

export type BuiltIns = { readonly [name: string]: readonly BuiltIn[] }

/** A Fraction as an index or a count: whole, and small enough to be meant. @throws Refused otherwise. */
export function wholeOf(value: Fraction): number {
  if (value.under !== 1n || value.over > 1_000_000n || value.over < -1_000_000n)
    throw new Refused('out-of-range', 'a whole number below a million is expected here')
  return Number(value.over)
}

export const count = (n: number | bigint): Fraction => fraction(BigInt(n))
