/** What the desk of a civil servant shows, as data. The pieces it shares with the citizen's pages stand in ../views.ts. */

import type { LocaleCode } from '../../src/packs/packs.ts'
import type { DateText } from '../../src/platform/clock.ts'
import type { AgencyView, DecisionOutcome, Grounds, LegalBasis, ReasonView, Text } from '../views.ts'

export type CaseState = 'open' | 'asking' | 'decided'

export type QueueCase = {
  readonly id: string
  readonly title: Text
  readonly person: Text
  readonly opened_on: DateText
  readonly due_on: DateText | null
  readonly state: CaseState
  /** What the draft prepares; null while it cannot be prepared. */
  readonly draft: DecisionOutcome | null
}

/** A step the machine could not finish: a human takes over, with a clock. */
export type HumanTaskView = {
  readonly id: string
  readonly title: Text
  readonly person: Text
  readonly since: DateText
  readonly due_on: DateText | null
  readonly attempts: number
  /** In words for people: what the agency's system answered, without personal data. */
  readonly last_error: Text
}

export type QueueView = {
  readonly agency: AgencyView
  readonly today: DateText
  readonly cases: readonly QueueCase[]
  readonly tasks: readonly HumanTaskView[]
  readonly token: string
}

export type DraftView = {
  readonly outcome: DecisionOutcome
  readonly amount: number | null
  /** Rises with each change; an edit or decision on an older one is refused as `draft_changed`. */
  readonly version: number
  /** The same reasons in the person's language, and in the officer's (one entry when they are the same). */
  readonly texts: readonly {
    readonly locale: LocaleCode
    readonly for: 'person' | 'officer'
    readonly reasons: readonly ReasonView[]
  }[]
  readonly edited: boolean
}

export type CaseView = Omit<QueueCase, 'draft'> & {
  readonly today: DateText
  readonly agency: AgencyView
  readonly about: Text | null
  readonly journey: string | null
  /** On what ground this page was read, and that the reading was written down. */
  readonly purpose: Text
  readonly basis: LegalBasis
  readonly grounds: Grounds
  readonly draft: DraftView | null
  /** What may be asked of the person: predicate names with their questions. */
  readonly askable: readonly { readonly predicate: string; readonly text: Text }[]
  readonly asked: readonly {
    readonly text: Text
    readonly on: DateText
    readonly answered_on: DateText | null
  }[]
  readonly decision: string | null
  readonly token: string
}
