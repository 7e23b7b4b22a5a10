/**
 * What people see, as data: the view models of every page, and the services that fill them.
 *
 * In:  a viewer and a language.
 * Out: views whose pack texts (`Text`) are already in that language; dates, money and numbers are still values.
 * Promise: `web` knows no table and no country; a page is a pure function of its view. Whoever implements
 *          `Services` decides who may see what: a service answers null for "not there" and "not yours" alike.
 */

import type { NodeKind as GraphKind } from '../src/events/events.ts'
import type { Signed } from '../src/identity/identity.ts'
import type { LocaleCode } from '../src/packs/packs.ts'
import type { DateText } from '../src/platform/clock.ts'
import type { Outcome } from '../src/platform/refusal.ts'
import type { TruthValue, UnknownReason } from '../src/rules/rules.ts'
import type { FailingView, HearingAnswerView, HearingCard, HearingView } from './citizen/hearing/views.ts'
import type { CouncilHome, PublicationView, RuleFilter, RuleForm, SimulationView } from './council/views.ts'
import type { DeskServices } from './desk/views.ts'

/** A text of the pack or of a decision, already in the language asked for. Shown as it is, always escaped. */
export type Text = string
/** An instant, ISO 8601 with offset or Z. */
export type InstantText = string

/** Who is signed in. The name is that of the person acting, for the page frame. */
export type Viewer =
  | {
      readonly kind: 'person'
      readonly subject: string
      readonly name: string
      /** The language they chose; null until they have. */
      readonly language: LocaleCode | null
    }
  | {
      readonly kind: 'officer'
      readonly officer: string
      /** The number people see instead of a name. */
      readonly pseudonym: string
      readonly agency: string
      readonly name: string
      readonly role?: string | null
      /** Belongs to an agency that publishes law. */
      readonly publisher?: boolean
    }

/** On whose behalf a page is made, and in which language its texts shall be. */
export type Asker<V extends Viewer = Viewer> = { readonly viewer: V; readonly locale: LocaleCode }
export type PersonAsker = Asker<Extract<Viewer, { kind: 'person' }>>
export type OfficerAsker = Asker<Extract<Viewer, { kind: 'officer' }>>

// ── Pieces that several pages show ───────────────────────────────────────────────────────────────────────────────

export type AgencyView = { readonly code: string; readonly name: Text }

/** A value of a fact, typed so that the page can write it in the reader's way. */
export type Value =
  | { readonly kind: 'text'; readonly text: Text }
  | { readonly kind: 'date'; readonly date: DateText }
  /** Whole minor units. */
  | { readonly kind: 'money'; readonly minor: number }
  | { readonly kind: 'number'; readonly number: number | string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'record'; readonly fields: readonly { readonly label: Text; readonly value: Value }[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason }

/** Where it is written; `act` names the act with its number, and where the pack has no name for it, its date stands apart. */
export type CitationView = {
  readonly act: Text
  readonly date?: DateText
  readonly clause?: Text
  readonly url?: string
  /** The confidence tag of the pack's authors: V3, V1-old, BG … */
  readonly confidence?: string
}

/** Whether the law behind it is confirmed. `working`: shown with a label, never sent to a real person. */
export type LawStatus = 'published' | 'working'

/** Kinds of things whose causes have a page: a step shows as its journey. */
export type NodeKind = Exclude<GraphKind, 'step'>
/** One thing of the event graph, as a link: it leads to `/why/<kind>/<id>`. */
export type Ref = { readonly kind: NodeKind; readonly id: string; readonly title: Text }

export type EventView = {
  readonly id: string
  readonly title: Text
  /** The day it happened. */
  readonly on: DateText
  readonly agency: AgencyView
  /** It was taken back later, as if it had never been reported. */
  readonly retracted?: boolean
}

export type FactView = {
  readonly id: string
  readonly predicate: string
  readonly label: Text
  readonly value: Value
  readonly source: AgencyView
  readonly valid_from: DateText | null
  /** First day it no longer holds. */
  readonly valid_to: DateText | null
  /** When the source saw it. */
  readonly observed_on: DateText | null
  /** When the state learned it. */
  readonly recorded_at: InstantText | null
  /** The event that told it. */
  readonly because: EventView | null
  /** Whose fact it is when not the reader's own, e.g. the child's name. */
  readonly of?: Text
}

/** One condition of a rule, in words, with what it came to. */
export type ConditionView = {
  /** What is asked for, as it reads when it holds. */
  readonly text: Text
  /** What it came to for this person, as a sentence with their own values, where the pack has one. */
  readonly says: Text | null
  /** The condition as the rule writes it; shown to those who open the details. */
  readonly source: string
  readonly value: TruthValue
  readonly inputs: readonly { readonly label: Text; readonly value: Value; readonly fact: string | null }[]
}

export type RuleView = {
  readonly id: string
  readonly title: Text
  readonly version: number
  readonly hash: string
  readonly status: LawStatus
  readonly citations: readonly CitationView[]
  /** Amounts and limits that were in force. */
  readonly params: readonly {
    readonly label: Text
    readonly value: Value
    readonly from: DateText
    readonly confidence: string
  }[]
}

/** What led here: the event, the facts, the conditions, the article. */
export type Grounds = {
  readonly event: EventView | null
  readonly facts: readonly FactView[]
  readonly conditions: readonly ConditionView[]
  readonly rule: RuleView
}

// ── Citizen ──────────────────────────────────────────────────────────────────────────────────────────────────────

export type ProposalKind = 'route' | 'entitlement' | 'obligation' | 'notice'

/** Money a person may get, once or so often as `every` says. */
export type GainView = {
  readonly title: Text
  /** Minor units. */
  readonly amount: number
  readonly every: Text | null
}

export type ProposalCard = {
  readonly id: string
  readonly kind: ProposalKind
  readonly title: Text
  readonly summary: Text
  /** Whom it is about when not the reader, e.g. the child's name. */
  readonly about: Text | null
  /** Null when no event but time itself, or a change of the law, brought it. */
  readonly because: EventView | null
  readonly citation: CitationView | null
  readonly status: LawStatus
  readonly due_on: DateText | null
  /** What the rules already say would come of it. */
  readonly gains: readonly GainView[]
  /** How many agencies would act, for routes: steps that are left out do not count. */
  readonly agencies: number
}

/** Accepted without a route and not done yet. */
export type NotedCard = {
  readonly id: string
  readonly title: Text
  readonly about: Text | null
  readonly due_on: DateText | null
}

/** A notice of changed law that no longer holds: what the reader was told stays, and why it is so no more. */
export type GoneView = {
  readonly id: string
  readonly title: Text
  readonly about: Text | null
  /** What was told anew of them, a later change of law, or the day alone. */
  readonly why: 'facts' | 'law' | 'time'
  /** For facts: the event that told them. */
  readonly because: EventView | null
  readonly on: DateText
  /** The notice that came in its place. */
  readonly newer: string | null
}

export type JourneyState = 'running' | 'waiting' | 'undoing' | 'undone' | 'finished'

export type JourneyCard = {
  readonly id: string
  readonly title: Text
  readonly about: Text | null
  readonly state: JourneyState
  readonly done: number
  readonly all: number
}

export type DecisionOutcome = 'granted' | 'refused'

export type DecisionCard = {
  readonly id: string
  readonly title: Text
  readonly outcome: DecisionOutcome
  readonly amount: number | null
  /** How often it is paid; null: once. */
  readonly every: Text | null
  readonly decided_on: DateText
}

export type QuestionCard = { readonly id: string; readonly text: Text; readonly due_on: DateText | null }

export type InboxView = {
  readonly name: Text
  readonly today: DateText
  /** Those that can be answered. */
  readonly hearings: readonly HearingCard[]
  readonly proposals: readonly ProposalCard[]
  readonly noted: readonly NotedCard[]
  readonly gone: readonly GoneView[]
  readonly questions: readonly QuestionCard[]
  readonly journeys: readonly JourneyCard[]
  readonly decisions: readonly DecisionCard[]
  /** Changes whenever anything on this page would; the page asks for it again and again (`change`). */
  readonly token: string
}

/** A stop of a route. Steps whose `after` are all done may run side by side. */
export type StepView = {
  readonly id: string
  readonly title: Text
  readonly agency: AgencyView
  readonly kind: 'task' | 'case'
  readonly after: readonly string[]
  /** Working days the agency has. */
  readonly days: number
  /** What the agency would be told, by name, of whom. */
  readonly sends: readonly { readonly of: Text; readonly what: readonly Text[] }[]
  readonly amount: number | null
  /** How often it is paid; null: once. */
  readonly every: Text | null
  readonly citation: CitationView | null
  /** False when the rule already says this step will be left out. */
  readonly expected: boolean | 'unknown'
}

export type ProposalState = 'open' | 'accepted' | 'declined' | 'expired' | 'withdrawn'

export type ProposalView = ProposalCard & {
  readonly state: ProposalState
  readonly today: DateText
  readonly steps: readonly StepView[]
  /** For obligations: what the person has to do. */
  readonly checklist: readonly { readonly text: Text; readonly done: boolean }[]
  readonly grounds: Grounds
  /** Said by the pack where doing nothing has a consequence in law; the page's own sentence otherwise. */
  readonly if_nothing: Text | null
  /** The journey it became. */
  readonly journey: string | null
  /** For a notice that no longer holds. */
  readonly gone: GoneView | null
}

export type StationState =
  | 'waiting'
  | 'sent'
  | 'asking'
  | 'deciding'
  | 'stuck'
  | 'done'
  | 'refused'
  | 'skipped'
  | 'undoing'
  | 'undone'

export type StationView = Omit<StepView, 'sends' | 'expected'> & {
  readonly state: StationState
  /** When it came into this state. */
  readonly on: DateText | null
  readonly due_on: DateText | null
  /** The number under which the agency did it, e.g. of a place in a queue. */
  readonly result: Text | null
  /** Titles of the steps, or the question, it waits for. */
  readonly waits_for: readonly Text[]
  readonly question: string | null
  readonly decision: string | null
  /** Left out by its rule: the person may have a human decide on it. */
  readonly claimable: boolean
}

export type JourneyView = JourneyCard & {
  readonly today: DateText
  readonly started_on: DateText
  /** Null when no event but time itself brought it. */
  readonly because: EventView | null
  readonly proposal: string | null
  readonly stations: readonly StationView[]
  /** Why it is being taken back, when it is. */
  readonly undo: { readonly because: EventView; readonly on: DateText } | null
  readonly token: string
}

export type QuestionField =
  | { readonly kind: 'money' | 'integer' | 'date' | 'boolean' }
  | { readonly kind: 'text'; readonly max: number }
  | { readonly kind: 'code'; readonly options: readonly { readonly value: string; readonly label: Text }[] }

export type QuestionView = QuestionCard & {
  readonly today: DateText
  readonly label: Text
  readonly field: QuestionField
  readonly asked_by: AgencyView
  /** What the answer is for. */
  readonly purpose: Text
  readonly citation: CitationView | null
  readonly journey: string | null
  /** The value given, once answered. */
  readonly answer: Value | null
}

export type ReasonView = {
  readonly text: Text
  /** The language it is written in, when nobody wrote it in the reader's. */
  readonly lang?: LocaleCode
  /** Labels and ids of the facts this sentence rests on. */
  readonly facts: readonly { readonly id: string; readonly label: Text }[]
}

/** The letter: the decision record of trust.md §11 as far as it exists now. */
export type DecisionView = DecisionCard & {
  readonly case: string
  readonly journey: string | null
  readonly agency: AgencyView
  readonly person: Text
  readonly about: Text | null
  readonly decided_at: InstantText
  /** From when the effect holds. */
  readonly effective_on: DateText | null
  readonly reasons: readonly ReasonView[]
  /** For refusals: what stood against it, and what would put it right. */
  readonly failing: readonly FailingView[]
  /** What the civil servant says can be put right; `lang` when it is not in the reader's language. */
  readonly to_fix: { readonly text: Text; readonly lang?: LocaleCode } | null
  /** How the person was heard before; null where nothing went against them. */
  readonly heard: {
    readonly told_on: DateText
    readonly answer_by: DateText
    /** Null: nothing came by the day. */
    readonly answer: HearingAnswerView | null
    readonly considered: Text | null
  } | null
  readonly facts: readonly FactView[]
  readonly conditions: readonly ConditionView[]
  readonly rule: RuleView
  readonly decided_by: { readonly pseudonym: string; readonly role: Text | null }
  /** What a model did in it: `none` in this release. */
  readonly model: 'none' | 'drafted'
  readonly edited: boolean
  readonly remedies: readonly {
    readonly body: Text
    /** Last day; null where the pack's authors could not confirm the term. */
    readonly until: DateText | null
    readonly url: string | null
    readonly free: boolean
    readonly citation: CitationView | null
  }[]
  /** SHA-256 of the canonical record, hex. */
  readonly hash: string
  readonly signature: { readonly algorithm: string; readonly key: string; readonly value: string } | null
}

export type MemoryView = {
  readonly today: DateText
  readonly known_on: DateText
  readonly valid_on: DateText
  readonly groups: readonly { readonly title: Text; readonly facts: readonly FactView[] }[]
}

export type LegalBasis =
  | 'consent'
  | 'legal_obligation'
  | 'contract'
  | 'vital_interest'
  | 'public_task'
  | 'legitimate_interest'

/** One access entry, trust.md §10. */
export type AccessView = {
  readonly id: string
  readonly at: InstantText
  /** Earlier on the same day, by the same reader for the same purpose: newest first. */
  readonly also: readonly { readonly id: string; readonly at: InstantText }[]
  readonly agency: AgencyView | null
  readonly unit: Text | null
  readonly role: Text | null
  readonly pseudonym: string | null
  readonly system: Text
  readonly purpose: Text
  readonly purpose_code: string
  readonly basis: LegalBasis
  readonly citation: CitationView | null
  /** What was actually handed out, by name. */
  readonly fields: readonly Text[]
  readonly automated: boolean
  /** A person opened it on their own behalf, e.g. as the parent of a child. */
  readonly by_person: boolean
  readonly decision: Ref | null
}

export type WhoLookedView = {
  readonly groups: readonly {
    /** The case or journey it was read for. */
    readonly link: Ref
    readonly entries: readonly AccessView[]
  }[]
  /** For no certain matter: mostly the engine, finding out what is due. */
  readonly other: readonly AccessView[]
  /** The latest times the reader opened their own page: kept apart, so that they do not hide what others did. */
  readonly own: readonly { readonly id: string; readonly at: InstantText; readonly fields: readonly Text[] }[]
  /** Entries are newest first and bounded; ask again with this to see older ones. */
  readonly older: string | null
}

export type GraphNode = Ref & {
  readonly on: DateText | null
  /** An event or a fact that is no longer in effect. */
  readonly retracted?: boolean
  /** What a fact says. */
  readonly value?: Value
  readonly agency: AgencyView | null
}

/** Part of the event graph around `focus`; edges run from cause to effect. At most 200 nodes. */
export type WhyView = {
  readonly focus: { readonly kind: NodeKind; readonly id: string }
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly { readonly from: string; readonly to: string }[]
}

// ── Services ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Pages whose change token a browser may ask for. A token is a version, not personal data: no access entry. */
export type Live =
  | { readonly screen: 'inbox' }
  | { readonly screen: 'queue' }
  | { readonly screen: 'journey' | 'case'; readonly id: string }
  | { readonly screen: 'simulation' | 'publication'; readonly id: string }

/** A form's answer: `answer_key` is made with the form, so that the same form sent twice takes effect once. */
export type Once = { readonly answer_key: string }

/** The council's pages; null for whoever is no civil servant of an agency that publishes law. */
export type CouncilPages = {
  home(asker: OfficerAsker, filter: RuleFilter): Promise<CouncilHome | null>
  rule(asker: OfficerAsker, id: string): Promise<RuleForm | null>
  ask(
    asker: OfficerAsker,
    rule: string,
    form: { readonly param: string; readonly value: string; readonly from: DateText; readonly act: string },
  ): Promise<Outcome<{ readonly id: string }>>
  simulation(asker: OfficerAsker, id: string): Promise<SimulationView | null>
  publish(asker: OfficerAsker, simulation: string): Promise<Outcome<{ readonly id: string }>>
  publication(asker: OfficerAsker, id: string): Promise<PublicationView | null>
  steer(asker: OfficerAsker, publication: string, to: 'pause' | 'resume'): Promise<Outcome<null>>
}

/**
 * Everything the pages ask of the program. Reads answer null when the thing is not there or not the asker's.
 * Actions answer a refusal whose code has words under `refusal.<code>` in web/words (others fall back to `refusal.other`).
 */
export type Services = DeskServices & {
  readonly council: CouncilPages
  inbox(asker: PersonAsker): Promise<InboxView>
  proposal(asker: PersonAsker, id: string): Promise<ProposalView | null>
  accept(
    asker: PersonAsker,
    id: string,
    form: Once & { readonly signed?: Signed },
  ): Promise<Outcome<{ readonly journey: string | null }>>
  decline(asker: PersonAsker, id: string, form: Once): Promise<Outcome<null>>
  journey(asker: PersonAsker, id: string): Promise<JourneyView | null>
  /** Has a civil servant decide on a step that its rule left out. `step` is the station's id. */
  claim(asker: PersonAsker, journey: string, form: Once & { readonly step: string }): Promise<Outcome<null>>
  question(asker: PersonAsker, id: string): Promise<QuestionView | null>
  /** `value` is parsed by the field's kind: money in minor units, dates as text. */
  answer(
    asker: PersonAsker,
    id: string,
    form: Once & { readonly value: string | number | boolean },
  ): Promise<Outcome<{ readonly journey: string | null }>>
  hearing(asker: PersonAsker, id: string): Promise<HearingView | null>
  /** Answers what is intended. `wrong_facts` are ids of the facts shown. */
  hear(
    asker: PersonAsker,
    id: string,
    form: Once & {
      readonly kind: HearingAnswerView['kind']
      readonly text: string
      readonly wrong_facts: readonly string[]
    },
  ): Promise<Outcome<null>>
  decision(asker: Asker, id: string): Promise<DecisionView | null>
  /** Dates left out mean today. */
  memory(
    asker: PersonAsker,
    at: { readonly known_on?: DateText; readonly valid_on?: DateText },
  ): Promise<MemoryView>
  whoLooked(asker: PersonAsker, page: { readonly older?: string }): Promise<WhoLookedView>
  why(asker: Asker, kind: NodeKind, id: string): Promise<WhyView | null>

  /** The change token of a page, or null when there is no such page for the asker. */
  change(asker: Asker, live: Live): Promise<string | null>
}
