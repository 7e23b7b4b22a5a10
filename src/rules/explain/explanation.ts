/** Why a determination is as it is, as data: JSON that the API, decision records and pages carry as it stands. */
import type { DateText } from '../../platform/clock.ts'
import type { Determination, FixClass, TraceAtom, TruthValue } from '../rules.ts'

/** One thing that decided. */
export type Reason =
  /** A condition of the rule: one atom of the trace. */
  | {
      readonly is: 'condition'
      /** `base`, or the id of the exception it belongs to. */
      readonly part: string
      /** Its place in the determination's trace. */
      readonly atom: number
      readonly predicate: string
      readonly text: string
      readonly value: TruthValue
      /** What it must be for the rule to apply. */
      readonly needed: boolean
      readonly inputs: TraceAtom['inputs']
      /** Every predicate it reads, who can change it, and whose record it is. */
      readonly reads: readonly {
        readonly predicate: string
        readonly fix: FixClass | null
        readonly source: string | null
      }[]
    }
  /** The item the rule speaks of, e.g. the child, is not (known to be) there. */
  | { readonly is: 'item'; readonly list: string; readonly value: TruthValue }
  /** The rule was not in force on the day. */
  | { readonly is: 'in force'; readonly value: 'true' | 'false' }

/** One way to the rule applying: all of this must turn, and nothing less on this way. Ways are alternatives. */
export type Way = {
  /** What is not so. */
  readonly failed: readonly Reason[]
  /** What nobody knows. */
  readonly open: readonly Reason[]
}

export type Explanation = {
  readonly outcome: Determination['outcome']
  /** The exception that decided, if one did. */
  readonly exception: string | null
  /**
   * What decided: for `applies` what carried it (of alternatives, those that hold); for `does_not_apply` what failed on
   * any way; for `human` and `conflict` what the exceptions rest on; for `ask` what is in doubt.
   */
  readonly because: readonly Reason[]
  /** For everything but `applies`: either this, or that. At most 64, each with nothing in it that does not matter. */
  readonly ways: readonly Way[]
  /** For `ask`: each predicate to ask, and the conditions (places in the trace) that hang on it. */
  readonly asks: readonly { readonly predicate: string; readonly atoms: readonly number[] }[]
}

/** Outcome and amount from a day until the day before another; `to` null: at least until the horizon. */
export type Segment = {
  readonly from: DateText
  readonly to: DateText | null
  readonly outcome: Determination['outcome']
  /** Minor units, as in the determination of any day of it. */
  readonly amount: number | null
}
