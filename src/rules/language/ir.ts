/**
 * The typed intermediate form of FEEL-R: what every back end compiles from. The front end puts nothing in it that
 * is not type-checked; names are already slots, units already scaled, ratios already turned into products.
 */

import type { Rounding } from '../feel/fraction.ts'

/** Static type of a value. Numbers and money are integers scaled by ten to the `scale`; money counts minor units. */
export type Type =
  | { readonly kind: 'boolean' | 'date' | 'days' | 'months' | 'string' | 'subject' }
  | { readonly kind: 'number' | 'money'; readonly scale: number }
  | { readonly kind: 'code'; readonly values: readonly string[] }

/** How a value moves as days pass, everything else fixed: not at all, only up, only down, or nobody can say. */
export type Motion = 0 | 1 | -1 | 'unclear'

/** What the declared ranges prove of a number. */
export type Sign = 'positive' | 'nonnegative' | 'any'

type Typed = {
  readonly type: Type
  readonly motion: Motion
  readonly sign: Sign
  /** May be only partly known: an interval (aggregates over incomplete lists). */
  readonly partial: boolean
  /** A divisor every value of it is known to have, in scaled units: proves that an amount needs no rounding. */
  readonly divisor: bigint
}

export type Constant = number | bigint | string

export type ValueNode = Typed &
  (
    | { readonly op: 'literal'; readonly value: Constant }
    | { readonly op: 'fact'; readonly slot: number }
    /** Field number `field` of the list item bound to `variable`. */
    | {
        readonly op: 'field'
        readonly slot: number
        readonly variable: number
        readonly field: number
        readonly name: string
      }
    | { readonly op: 'param'; readonly slot: number }
    | { readonly op: 'today' }
    | { readonly op: 'age'; readonly of: ValueNode }
    /** Numbers, money and days; `subtract` of two dates gives days. */
    | { readonly op: 'add' | 'subtract' | 'multiply'; readonly left: ValueNode; readonly right: ValueNode }
    /** A date moved by days or months. */
    | { readonly op: 'shift'; readonly date: ValueNode; readonly by: ValueNode; readonly direction: 1 | -1 }
    | { readonly op: 'choose'; readonly when: TruthNode; readonly yes: ValueNode; readonly no: ValueNode }
    | { readonly op: 'count'; readonly list: ListNode }
    | { readonly op: 'sum' | 'min' | 'max'; readonly list: ListNode; readonly of: ValueNode }
    /** The least or the greatest of several values of one type. */
    | { readonly op: 'least' | 'greatest'; readonly among: readonly ValueNode[] }
    /**
     * `of`, or the ratio of / by with `by` proved above zero, rounded to a whole number of `unit`: both sides are first
     * brought to whole numbers, round(of * over / (by * under)) * unit.
     */
    | {
        readonly op: 'round'
        readonly of: ValueNode
        readonly by: ValueNode | undefined
        readonly rounding: Rounding
        readonly over: bigint
        readonly under: bigint
        readonly unit: bigint
      }
    /** A built-in function of the common table: strict in absent and unknown. Booleans come as truths. */
    | { readonly op: 'call'; readonly name: string; readonly args: readonly ValueNode[] }
    /** The day a term of working days ends, or the nearest working day not before or not after. */
    | {
        readonly op: 'working-day'
        readonly move: 'add' | 'next' | 'previous'
        readonly date: ValueNode
        readonly by: ValueNode | undefined
      }
    /** Working days after the one up to and with the other. */
    | { readonly op: 'working-days'; readonly from: ValueNode; readonly to: ValueNode }
    | TableNode
  )

/** A decision table: every row is judged, and the rows that may match decide together. */
export type TableNode =
  | {
      readonly op: 'table'
      /** `unique` and `first`: gaps, and for `unique` overlaps, are refused when it is checked. */
      readonly hit: 'unique' | 'first'
      readonly rows: readonly { readonly when: TruthNode; readonly output: ValueNode }[]
    }
  | {
      readonly op: 'table'
      readonly hit: 'collect'
      readonly collect: 'sum' | 'min' | 'max' | 'count'
      readonly rows: readonly { readonly when: TruthNode; readonly output: ValueNode }[]
    }

/** A predicate's list, or the items of it that pass every filter. Filters see the item under `variable`. */
export type ListNode = {
  readonly slot: number
  readonly variable: number
  readonly filters: readonly TruthNode[]
}

export type CompareOp = '=' | '!=' | '<' | '<=' | '>' | '>='

/** One test of `in` or `between`: every comparison of it must hold. */
export type RangeTest = readonly { readonly op: CompareOp; readonly to: ValueNode; readonly timed: boolean }[]

export type TruthNode =
  | { readonly op: 'constant'; readonly value: boolean }
  | { readonly op: 'and' | 'or'; readonly of: readonly TruthNode[] }
  | { readonly op: 'not'; readonly of: TruthNode }
  | { readonly op: 'either'; readonly when: TruthNode; readonly yes: TruthNode; readonly no: TruthNode }
  /** `timed`: its result can change by the passing of days alone, once in one direction. */
  | {
      readonly op: 'compare'
      readonly by: CompareOp
      readonly left: ValueNode
      readonly right: ValueNode
      readonly timed: boolean
    }
  /** Any of the tests holds. */
  | { readonly op: 'within'; readonly of: ValueNode; readonly tests: readonly RangeTest[] }
  /** A boolean fact standing for itself. */
  | { readonly op: 'holds'; readonly of: ValueNode }
  | { readonly op: 'state'; readonly test: StateTest; readonly of: ValueNode }
  | { readonly op: 'list-state'; readonly test: StateTest; readonly slot: number; readonly variable: number }
  | { readonly op: 'some' | 'every'; readonly list: ListNode; readonly satisfies: TruthNode }
  | { readonly op: 'is-working-day'; readonly of: ValueNode }
  | AtomNode

export type StateTest = 'absent' | 'present' | 'unknown'

/** The smallest condition shown to people: a comparison, a state test, a boolean fact, or one quantifier over a list. */
export type AtomNode = {
  readonly op: 'atom'
  readonly id: number
  /** The predicate it reads first. */
  readonly predicate: string
  readonly text: string
  /** Slots of the facts and lists it reads. */
  readonly reads: readonly number[]
  /** Asks whether something is unknown, so that an answer can turn even a known result. */
  readonly tests_unknown: boolean
  /** Holds a comparison that can turn by the passing of days alone. */
  readonly timed: boolean
  readonly of: TruthNode
}

/** A predicate the rule reads, in the order of first reading; its position is its slot. */
export type ReadFact = {
  readonly predicate: string
  /** For lists: the fields read, in the order of first reading. */
  readonly fields: readonly string[]
}

/** What is given. */
export type ResultIr = {
  readonly amount: ValueNode | undefined
  readonly due: ValueNode | undefined
  /** The amount can change by the passing of days alone. */
  readonly amount_timed: boolean
}

/** Where a condition is written: which expression of the rule, and UTF-16 offsets into its text. */
export type Place = {
  /** A condition of the trace, the condition of an `if` between values, or a table's row. */
  readonly is: 'condition' | 'if' | 'row'
  /** Named as mistakes name it (`RuleError.where`). */
  readonly where: string
  readonly from: number
  readonly to: number
  /** On one line. */
  readonly text: string
}

/** Every expression of a rule after lowering, with the tables their slots point into. */
export type RuleIr = {
  /** By the node itself; nodes stay free of places, so that equal ones are equal wherever they stand. */
  readonly places: ReadonlyMap<TruthNode, Place>
  readonly facts: readonly ReadFact[]
  readonly params: readonly string[]
  /** Variable 0 is the `per` item, where there is one. */
  readonly variables: number
  readonly atoms: readonly AtomNode[]
  readonly when: TruthNode
  readonly exceptions: readonly TruthNode[]
  /** What each exception gives instead, in the same order; undefined: nothing of its own. */
  readonly exception_results: readonly (ResultIr | undefined)[]
  readonly amount: ValueNode | undefined
  readonly due: ValueNode | undefined
  /** Some comparison, or the amount, can change by the passing of days alone. */
  readonly timed: boolean
  /** An amount, the rule's or an exception's, can. */
  readonly amount_timed: boolean
}
