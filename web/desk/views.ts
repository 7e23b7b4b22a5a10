/** What the desk of a civil servant shows, as data. The pieces it shares with the citizen's pages stand in ../views.ts. */

import type { Signed } from '../../src/identity/identity.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import type { DateText } from '../../src/platform/clock.ts'
import type { Outcome } from '../../src/platform/refusal.ts'
import type { FailingView, HearingAnswerView } from '../citizen/hearing/views.ts'
import type {
  AgencyView,
  DecisionOutcome,
  Grounds,
  LegalBasis,
  OfficerAsker,
  Once,
  ReasonView,
  Text,
} from '../views.ts'

/** `asking` and `hearing` wait for the person; `heard`: they answered, or their day has passed. */
export type CaseState = 'open' | 'asking' | 'hearing' | 'heard' | 'decided'

export type QueueCase = {
  readonly id: string
  readonly title: Text
  readonly person: Text
  readonly opened_on: DateText
  readonly due_on: DateText | null
  readonly state: CaseState
  /** Until when the person may answer what is intended; null where they are not being heard. */
  readonly answer_by: DateText | null
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

/** What the person was told is intended, and what they said to it. */
export type CaseHearingView = {
  readonly intended: 'refused' | 'less'
  readonly state: 'open' | 'answered' | 'lapsed'
  readonly told_on: DateText
  readonly answer_by: DateText
  readonly reasons: readonly Text[]
  readonly to_fix: Text | null
  readonly answer: HearingAnswerView | null
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
  /** What stands against the person, by alternative. */
  readonly failing: readonly FailingView[]
  readonly hearing: CaseHearingView | null
  /** The draft grants less than one before it: minor units of that one, or null. */
  readonly instead_of: number | null
  /** Working days a person has to answer in. */
  readonly hearing_days: number
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

/** What the desk asks of the program; refusals as in `Services`. */
export type DeskServices = {
  queue(asker: OfficerAsker): Promise<QueueView>
  case(asker: OfficerAsker, id: string): Promise<CaseView | null>
  saveDraft(
    asker: OfficerAsker,
    id: string,
    form: {
      readonly version: number
      readonly reasons: { readonly [locale in LocaleCode]?: readonly string[] }
    },
  ): Promise<Outcome<null>>
  /** Tells the person what is intended against them: why, and what they can put right, in the person's language. */
  intend(
    asker: OfficerAsker,
    id: string,
    form: Once & {
      readonly version: number
      readonly intended: 'refused' | 'less'
      readonly reasons: string
      readonly to_fix: string
    },
  ): Promise<Outcome<null>>
  finalise(
    asker: OfficerAsker,
    id: string,
    form: Once & {
      readonly version: number
      readonly outcome: DecisionOutcome
      /** What the civil servant makes of what the person said when heard, in the person's language. */
      readonly considered?: string
      /** What the civil servant's passkey signed of it. */
      readonly signed?: Signed
    },
  ): Promise<Outcome<{ readonly decision: string }>>
  ask(asker: OfficerAsker, id: string, form: Once & { readonly predicate: string }): Promise<Outcome<null>>
  retryTask(asker: OfficerAsker, id: string, form: Once): Promise<Outcome<null>>
  /** Done by hand: `reference` is what the agency's own system gave, e.g. a registration number. */
  finishTask(
    asker: OfficerAsker,
    id: string,
    form: Once & { readonly reference: string },
  ): Promise<Outcome<null>>
}
