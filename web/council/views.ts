/** What the council's pages show, as data. Only civil servants of an agency that publishes law see them. */
import type { DateText } from '../../src/platform/clock.ts'
import type { CitationView, InstantText, LawStatus, Text, Value } from '../views.ts'

export type SimulationState = 'waiting' | 'running' | 'done' | 'failed'

export type SimulationCard = {
  readonly id: string
  readonly rule: Text
  readonly changes: readonly ChangeView[]
  readonly state: SimulationState
  readonly asked_at: InstantText
  readonly asked_by: string
}

/** Why the reader may not do what the page is for, and who may; null: they may. */
export type Bar = {
  readonly why: 'propose' | 'publish' | 'rule' | 'nobody_answers' | 'same_person' | 'nobody_proposed'
  /** Agency that answers for the rule, and its roles that may. */
  readonly agency: Text
  readonly roles: Text
} | null

/** A new value of a parameter; null where it is another kind of change, told by `text`. */
export type ChangeView = {
  readonly label: Text
  readonly value: Value | null
  readonly from: DateText | null
  readonly removed: boolean
}

export type PublicationCard = {
  readonly id: string
  readonly rule: Text
  readonly version: number
  readonly published_at: InstantText
  /** Two people, by their service numbers. */
  readonly proposed_by: string
  readonly published_by: string
  readonly state: RunState
}

/** Which rules are shown: all of the words in the name, and one area; empty and null: all. */
export type RuleFilter = { readonly words: string; readonly area: string | null }

/** The rules of one area, and who answers for them; null: nobody, they change with a new pack only. */
export type RuleGroup = {
  readonly id: string
  readonly title: Text
  readonly answers: Text | null
  /** It is the reader's own agency. */
  readonly is_own: boolean
  readonly rules: readonly {
    readonly id: string
    readonly title: Text
    readonly status: LawStatus
    /** Where another agency answers than for the rest of the area. */
    readonly answers: Text | null
  }[]
}

export type CouncilHome = {
  readonly filter: RuleFilter
  /** Of all rules, and of those shown. */
  readonly count: number
  readonly found: number
  readonly areas: readonly { readonly id: string; readonly title: Text; readonly count: number }[]
  readonly groups: readonly RuleGroup[]
  readonly simulations: readonly SimulationCard[]
  readonly publications: readonly PublicationCard[]
}

export type RuleForm = {
  readonly id: string
  readonly title: Text
  readonly summary: Text
  readonly version: number
  readonly status: LawStatus
  readonly today: DateText
  /** What stands in the way of this officer's proposing a change. */
  readonly bar: Bar
  readonly params: readonly {
    readonly name: string
    readonly label: Text
    readonly unit: Text | null
    readonly values: readonly {
      readonly value: Value
      readonly from: DateText
      readonly confidence: string
    }[]
  }[]
  /** Acts the pack knows by name. */
  readonly acts: readonly { readonly act: string; readonly name: Text; readonly date: DateText | null }[]
}

/** Null: of too few people to be shown. */
export type Count = number | null

export type DayView = {
  readonly day: DateText
  readonly reason: 'now' | 'takes_effect'
  readonly counts: readonly { readonly key: CountKey; readonly count: Count }[]
  readonly bands: readonly BandView[]
  readonly misses: readonly {
    readonly text: Text
    readonly source: string
    readonly before: Count
    readonly after: Count
  }[]
  /** Minor units, each time it is paid. */
  readonly cost: { readonly gained: Count; readonly lost: Count; readonly still: Count } | null
}

export type CountKey = 'before' | 'after' | 'still' | 'gained' | 'lost' | 'asked' | 'settled'

export type BandView = {
  readonly id: string
  readonly title: Text
  readonly rows: readonly {
    /** Null: not known. */
    readonly label: Text | null
    readonly still: Count
    readonly gained: Count
    readonly lost: Count
    readonly asked: Count
  }[]
}

export type SimulationView = SimulationCard & {
  readonly done: number
  readonly all: number
  readonly problem: Text | null
  readonly report: {
    readonly subjects: number
    readonly known_on: DateText
    readonly smallest: number
    readonly days: readonly DayView[]
    readonly failing: readonly Text[]
    readonly hash: string
    readonly article: CitationView | null
  } | null
  /** What stands in the way of this officer's publishing it. */
  readonly bar: Bar
  readonly publication: string | null
  readonly token: string
}

export type RunState = 'waiting' | 'scanning' | 'working' | 'paused' | 'done'

export type PublicationView = PublicationCard & {
  readonly changes: readonly ChangeView[]
  readonly article: CitationView | null
  readonly effects: readonly DateText[]
  readonly simulation: string
  readonly hash: string
  readonly key: string
  readonly run: {
    readonly affected: number
    readonly subjects: number
    readonly done: number
    /** People who were told, and those of them for whom it no longer holds. */
    readonly notices: number
    readonly gone: number
    /** Determinations with another outcome, and those only written anew under the new text. */
    readonly changed: number
    readonly kept: number
  }
  readonly may_steer: boolean
  readonly token: string
}
