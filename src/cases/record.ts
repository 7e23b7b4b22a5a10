/** The decision record: what was decided, from what, by whom, and where to turn. Canonical JSON, hashed and signed. */
import { createPublicKey, verify } from 'node:crypto'
import type { OpenedFact } from '../consent/consent.ts'
import type { LocaleCode, Pack, Predicate, Remedy } from '../packs/packs.ts'
import { canonical, type Json, sha256 } from '../platform/canonical.ts'
import type { DateText } from '../platform/clock.ts'
import type { Citation, Determination, Rule } from '../rules/rules.ts'
import type { Draft } from './draft.ts'
import { type Failed, type FailedCondition, failedIn } from './failing.ts'
import type { HearingState } from './hearing-state.ts'
import type { Evaluated } from './preparing.ts'
import type { HearingAnswer } from './store.ts'
import { inEveryLanguage, type Texts, wordsFor } from './wording.ts'

/** 2: conditions by alternative with verified fixes; how the person was heard. */
export const RECORD_FORMAT = 'hamroh-decision-2'

/** Signs with Ed25519; made where the key is read. */
export type Signer = {
  /** Base64url of the signature over these bytes. */
  sign(bytes: Uint8Array): string
  /** SPKI, PEM. */
  readonly publicKey: string
}

export type RecordFact = {
  readonly fact_id: string
  readonly name: string
  readonly item: string
  readonly state: 'known' | 'absent'
  readonly value: Json
  readonly source_register: string
  readonly valid_from: DateText
  readonly valid_to: DateText | null
  readonly observed_at: string
  readonly recorded_at: string
  readonly event: string
}

/** What follows again from facts, rule and date alone: the part a replay compares byte for byte (I9). */
export type Computed = {
  readonly facts: readonly RecordFact[]
  readonly determination: Determination
  readonly failed: readonly Failed[]
}

export type Edit = {
  readonly locale: LocaleCode
  readonly before: string
  readonly after: string
}

export type RecordRemedy = {
  readonly body: Texts
  readonly deadline: DateText | null
  readonly url: string | null
  readonly free: boolean | null
  readonly law: Citation
}

/** How the person was heard: the hearing this decision follows, those before it, and the questions put to them. */
export type RecordHeard = {
  /** When they said it; null when nothing came, or nobody had to be heard. */
  readonly at: string | null
  /** What they said. */
  readonly text: string
  /** Null: nobody had to be heard, for nothing goes against them. `no_answer`: nothing came by the day. */
  readonly answer: HearingAnswer['kind'] | 'no_answer' | null
  /** What the civil servant made of it. */
  readonly considered: Texts
  readonly hearings: readonly {
    readonly id: string
    readonly intended: 'refused' | 'less'
    readonly state: HearingState
    readonly told_at: string
    readonly told_by: string
    readonly answer_by: DateText
    readonly answered_at: string | null
    readonly answer: HearingAnswer | null
    readonly ended_because: Json
  }[]
  readonly questions: readonly {
    readonly predicate: string
    readonly asked_at: string
    readonly answered_at: string | null
  }[]
}

export type DecisionRecord = {
  readonly format: typeof RECORD_FORMAT
  readonly decision_id: string
  readonly case: string
  readonly journey: string | null
  readonly service: {
    readonly route: string | null
    readonly step: string | null
    readonly agency: string
    readonly title: Texts
  }
  readonly subject: string
  readonly item: string
  readonly outcome: 'granted' | 'refused'
  readonly effect: {
    readonly amount: number
    readonly currency: string
    readonly digits: number
    readonly task: string | null
  } | null
  readonly as_of: DateText
  readonly known_at: string
  readonly pack: { readonly id: string; readonly version: string; readonly hash: string }
  readonly rule: {
    readonly id: string
    readonly version: number
    readonly status: string
    readonly confidence: string
    readonly law: readonly Citation[]
  }
  /** SHA-256 of the rule's meaning: the key of its stored text. */
  readonly rule_version: string
  /** What the rule's words meant on the day: type, world and freshness of each predicate read. */
  readonly vocabulary: { readonly [predicate: string]: Json }
  readonly zone: string
  readonly currency: { readonly code: string; readonly digits: number }
  readonly computed: Computed
  /** The same conditions with their words, and how to put each right. */
  readonly failed_conditions: readonly FailedCondition[]
  /** How each fact was read for this decision. */
  readonly reads: readonly {
    readonly fact_id: string
    readonly read_at: string
    readonly access_entry_id: string
    readonly citizen_confirmed: boolean
  }[]
  readonly ai: {
    readonly used: false
    readonly model: null
    readonly role: 'none'
    readonly draft_sha256: string
    readonly edits: readonly Edit[]
  }
  readonly decided_by: { readonly role: 'civil-servant'; readonly number: string; readonly agency: string }
  readonly decided_at: string
  readonly heard: RecordHeard
  readonly reasons: Texts
  readonly to_fix: Texts
  readonly remedy: readonly RecordRemedy[]
  /** SHA-256 of the key that signs. */
  readonly key: string
}

/** The facts, as a record keeps them, in an order that does not depend on the order of reading. */
export function recordFacts(facts: readonly OpenedFact[], rests_on: readonly string[]): RecordFact[] {
  const wanted = new Set(rests_on)
  return facts
    .filter((f) => wanted.has(f.id))
    .map((f) => ({
      fact_id: f.id,
      name: f.predicate,
      item: f.item,
      state: f.state,
      value: f.value,
      source_register: f.source,
      valid_from: f.valid_from,
      valid_to: f.valid_to,
      observed_at: f.observed_at.toISOString(),
      recorded_at: f.recorded_at.toISOString(),
      event: f.event,
    }))
    .sort((a, b) => (a.fact_id < b.fact_id ? -1 : 1))
}

/** The part of a record that follows from facts, rule and date. */
export const compute = (rule: Rule, { said, facts, cells }: Evaluated): Computed => ({
  facts: recordFacts(facts, said.facts),
  determination: said,
  failed: failedIn(rule, cells, said),
})

/** The declarations a rule's hash and its cells depend on, kept so that a later vocabulary cannot change a replay. */
export function vocabularyOf(pack: Pack, rule: Rule): { readonly [predicate: string]: Json } {
  const kept: { [predicate: string]: Json } = {}
  const own = [...rule.reads, ...rule.source.facts]
  // What a relation carries of others is declared by their predicates.
  const others = own.flatMap((name) => Object.values(pack.vocabulary.get(name)?.related ?? {}))
  for (const name of new Set([...own, ...others])) {
    const predicate = pack.vocabulary.get(name)
    if (predicate) kept[name] = predicate as unknown as Json
  }
  return kept
}

/** The pack with the declarations of a record's day. */
export function packOfRecord(pack: Pack, record: DecisionRecord): Pack {
  const vocabulary = new Map(pack.vocabulary)
  for (const [name, predicate] of Object.entries(record.vocabulary))
    vocabulary.set(name, predicate as unknown as Predicate)
  return { ...pack, vocabulary, zone: record.zone, currency: record.currency }
}

/** Where this decision can be challenged, with the last day as far as the pack's sources support one. */
export const remediesOf = (pack: Pack, decided_on: DateText): RecordRemedy[] =>
  (pack.remedies ?? []).map((r) => ({
    body: inEveryLanguage(pack, (locale) => wordsFor(pack, locale, r.words)),
    deadline: r.term === null ? null : addTerm(decided_on, r.term),
    url: r.url ?? null,
    free: r.free,
    law: r.legal,
  }))

/** A calendar term from a day; a month or year that has no such day ends on its last one. */
export function addTerm(from: DateText, term: NonNullable<Remedy['term']>): DateText {
  const [y, m, d] = from.split('-').map(Number) as [number, number, number]
  if (term.unit === 'days') return new Date(Date.UTC(y, m - 1, d + term.n)).toISOString().slice(0, 10)
  const months = term.unit === 'years' ? term.n * 12 : term.n
  const last = new Date(Date.UTC(y, m + months, 0)).getUTCDate()
  return new Date(Date.UTC(y, m - 1 + months, Math.min(d, last))).toISOString().slice(0, 10)
}

/** What a civil servant changed against the prepared words. */
export function editsAgainst(draft: Draft, reasons: Texts, locales: readonly LocaleCode[]): Edit[] {
  const edits: Edit[] = []
  for (const locale of locales) {
    const before = draft.sentences
      .map((s) => s.text[locale] ?? '')
      .filter((t) => t !== '')
      .join('\n')
    const after = reasons[locale] ?? ''
    if (before !== after) edits.push({ locale, before, after })
  }
  return edits
}

export const recordBytes = (record: DecisionRecord | Json): Uint8Array =>
  new TextEncoder().encode(canonical(record as unknown as Json))
export const recordHash = (record: DecisionRecord | Json): string => sha256(recordBytes(record))
export const keyId = (publicKey: string): string =>
  sha256(createPublicKey(publicKey).export({ type: 'spki', format: 'der' }))

/** Whether a signature belongs to these bytes and this key. */
export function isSignedBy(publicKey: string, bytes: Uint8Array, signature: string): boolean {
  try {
    return verify(null, bytes, publicKey, Buffer.from(signature, 'base64url'))
  } catch {
    return false
  }
}
