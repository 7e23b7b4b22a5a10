/**
 * What stands against a person, what would put it right, and how they are heard, as data. The pieces it shares with other
 * pages stand in ../../views.ts.
 */
import type { DateText } from '../../../src/platform/clock.ts'
import type {
  AgencyView,
  CitationView,
  ConditionView,
  FactView,
  LawStatus,
  Text,
  Value,
} from '../../views.ts'

/** The value, or the stretch of values, that would do; an end of null is no end. */
export type NeededView =
  | { readonly kind: 'is'; readonly value: Value }
  | { readonly kind: 'between'; readonly from: Value | null; readonly to: Value | null }

/** One thing that can be done. Every piece of advice was followed by the program first, and the rule asked again. */
export type AdviceView =
  | { readonly kind: 'wait'; readonly until: DateText }
  | { readonly kind: 'tell'; readonly what: Text; readonly needed: NeededView | null }
  | {
      readonly kind: 'renew' | 'declare' | 'act'
      readonly what: Text
      readonly needed: NeededView
      readonly agency: AgencyView | null
    }

/** One alternative: all its conditions would have had to be otherwise; of several alternatives one is enough. */
export type FailingView = {
  readonly conditions: readonly (ConditionView & {
    readonly how: 'not_met' | 'against' | 'unknown'
    /** Who corrects the records it rests on. */
    readonly records_of: readonly AgencyView[]
  })[]
  /** Any of these, each with all its parts. */
  readonly advice: readonly (readonly AdviceView[])[]
}

/** Something is intended against the person, and they can answer. */
export type HearingCard = {
  readonly id: string
  readonly title: Text
  readonly intended: 'refused' | 'less'
  readonly agency: AgencyView
  readonly answer_by: DateText
}

export type HearingState = 'open' | 'answered' | 'lapsed' | 'ended'

export type HearingAnswerView = {
  readonly kind: 'statement' | 'fact_wrong' | 'nothing_to_add'
  readonly text: Text
  /** Labels of the facts said to be wrong. */
  readonly wrong: readonly Text[]
  readonly on: DateText
}

/** What a person is told before something goes against them, and the place for their answer. */
export type HearingView = HearingCard & {
  readonly state: HearingState
  readonly today: DateText
  readonly told_on: DateText
  readonly told_by: Text
  /** What would be granted, and what was prepared before; for `less`. */
  readonly amount: number | null
  readonly instead_of: number | null
  readonly reasons: readonly Text[]
  readonly to_fix: Text | null
  readonly failing: readonly FailingView[]
  readonly facts: readonly FactView[]
  /** Working days to answer in, the law, and whether that number is confirmed. */
  readonly term: {
    readonly days: number
    readonly status: LawStatus
    readonly citation: CitationView | null
  }
  readonly answer: HearingAnswerView | null
  readonly ended: 'grounds_changed' | 'case_closed' | 'granted' | 'told_anew' | null
  readonly decision: string | null
}
