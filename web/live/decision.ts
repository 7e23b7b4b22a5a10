/** A decision as the letter a person reads, from the signed record alone. */
import {
  type DecisionRecord,
  type DecisionRow,
  decisionOfCase,
  findDecision,
  getCase,
  type HearingAnswer,
  type RecordFact,
  type Texts,
} from '../../src/cases/cases.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import { dateIn } from '../../src/platform/clock.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import type { HearingAnswerView } from '../citizen/hearing/views.ts'
import type { Asker, DecisionView, FactView } from '../views.ts'
import {
  agencyView,
  citationView,
  everyOf,
  inOneOf,
  type LiveContext,
  numberOf,
  predicateValue,
  words,
} from './context.ts'
import { failingViews } from './failing.ts'
import { conditionViews, ruleView } from './grounds.ts'
import { eventViews, nameOf } from './reading.ts'

/** The person's own decision; or, for a civil servant, that of a case of their agency (then `id` is the case's). */
export async function decisionPage(
  live: LiveContext,
  asker: Asker,
  id: string,
): Promise<DecisionView | null> {
  if (asker.viewer.kind === 'person') {
    const subject = asker.viewer.subject as SubjectId
    const row = await findDecision(live.db, subject, id)
    return (
      row &&
      letter(live, asker.locale, row, {
        person: asker.viewer.name,
        about: await nameOf(live, subject, aboutIn(live, row)),
      })
    )
  }
  const found = await getCase(live.db, asker.viewer.agency, id)
  const row = found && (await decisionOfCase(live.db, found))
  // Whose letter it is stands in its text; reading the name once more would be a reading of its own.
  return row ? letter(live, asker.locale, row, { person: numberOf(found), about: null }) : null
}

const recordOf = (row: DecisionRow): DecisionRecord => row.record as unknown as DecisionRecord

function aboutIn(live: LiveContext, row: DecisionRow): SubjectId | null {
  const record = recordOf(row)
  const list = live.pack.rules.get(record.rule.id)?.source.per?.list
  return record.item !== '' && live.pack.vocabulary.get(list ?? '')?.relation !== undefined
    ? (record.item as SubjectId)
    : null
}

async function letter(
  live: LiveContext,
  locale: LocaleCode,
  row: DecisionRow,
  names: { person: string; about: string | null },
): Promise<DecisionView> {
  const { pack } = live
  const record = recordOf(row)
  const rule = pack.rules.get(record.rule.id)
  const said = record.computed.determination
  const facts = await recordFactViews(live, locale, record.computed.facts)
  const labels = facts.map((f) => ({ id: f.id, label: f.label }))
  return {
    id: row.id,
    title: record.service.title[locale] ?? record.rule.id,
    outcome: record.outcome,
    amount: record.effect?.amount ?? null,
    every: everyOf(live, locale, rule),
    decided_on: dateIn(row.decided_at, pack.zone),
    case: row.case_id,
    journey: row.journey_id,
    agency: agencyView(pack, locale, record.decided_by.agency),
    person: names.person,
    about: names.about,
    decided_at: record.decided_at,
    effective_on: null,
    reasons: reasonsOf(record, locale, labels),
    failing: record.outcome === 'granted' ? [] : failingViews(live, locale, rule, record.failed_conditions),
    to_fix: fixOf(record, locale),
    heard: heardView(live, locale, record),
    facts,
    conditions: rule ? conditionViews(live, locale, rule, said.trace) : [],
    rule: rule
      ? {
          ...ruleView(live, locale, rule, said.params),
          hash: record.rule_version,
          version: record.rule.version,
        }
      : {
          id: record.rule.id,
          title: record.rule.id,
          version: record.rule.version,
          hash: record.rule_version,
          status: 'working',
          citations: record.rule.law.map((c) => citationView(pack, locale, c)!),
          params: [],
        },
    decided_by: { pseudonym: record.decided_by.number, role: null },
    model: 'none',
    edited: record.ai.edits.length > 0,
    remedies: record.remedy.map((r) => ({
      body: r.body[locale] ?? '',
      until: r.deadline,
      url: r.url,
      free: r.free ?? false,
      citation: citationView(pack, locale, r.law),
    })),
    hash: row.record_hash,
    signature: { algorithm: 'Ed25519', key: record.key, value: row.signature },
  }
}

/** How the person was heard before it; null where nothing went against them. */
function heardView(live: LiveContext, locale: LocaleCode, record: DecisionRecord): DecisionView['heard'] {
  const { heard } = record
  const last = heard.hearings.at(-1)
  if (heard.answer === null || !last) return null
  const facts = new Map(record.computed.facts.map((f) => [f.fact_id, f.name]))
  return {
    told_on: dateIn(new Date(last.told_at), live.pack.zone),
    answer_by: last.answer_by,
    answer: answerView(live, locale, last, (id) => facts.get(id)),
    considered: inOneOf(heard.considered, locale) || null,
  }
}

/** What a person said when heard; null while, or where, nothing came. */
export function answerView(
  live: LiveContext,
  locale: LocaleCode,
  said: { readonly answer: HearingAnswer | null; readonly answered_at: string | Date | null },
  predicateOf: (fact_id: string) => string | undefined,
): HearingAnswerView | null {
  const { answer, answered_at } = said
  if (answer === null || answered_at === null) return null
  const label = (id: string): string => {
    const name = predicateOf(id) ?? ''
    return words(live.pack, locale, live.pack.vocabulary.get(name)?.words ?? name)
  }
  return {
    kind: answer.kind,
    text: answer.text,
    wrong: [...new Set(answer.wrong_facts.map(label))],
    on: dateIn(new Date(answered_at), live.pack.zone),
  }
}

/** Facts as a record or a hearing keeps them. */
export async function recordFactViews(
  live: LiveContext,
  locale: LocaleCode,
  facts: readonly RecordFact[],
): Promise<FactView[]> {
  const { pack } = live
  const events = await eventViews(
    live,
    locale,
    facts.map((f) => f.event),
  )
  return facts.map((f) => {
    const predicate = pack.vocabulary.get(f.name)
    return {
      id: f.fact_id,
      predicate: f.name,
      label: words(pack, locale, predicate?.words ?? f.name),
      value:
        f.state === 'absent' || !predicate
          ? ({ kind: 'absent' } as const)
          : predicateValue(pack, locale, predicate, f.value),
      source: agencyView(pack, locale, f.source_register),
      valid_from: f.valid_from,
      valid_to: f.valid_to,
      observed_on: dateIn(new Date(f.observed_at), pack.zone),
      recorded_at: f.recorded_at,
      because: events.get(f.event) ?? null,
    }
  })
}

/** A text a civil servant wrote, in the reader's language or else in the one it was written in: never an empty place. */
function written(texts: Texts, locale: LocaleCode): { text: string; lang?: LocaleCode } {
  const own = texts[locale]
  if (own) return { text: own }
  const [lang, text] = Object.entries(texts).find(([, t]) => t !== '') ?? []
  return text === undefined ? { text: '' } : { text, lang: lang as LocaleCode }
}

/** Sentences with what they rest on; facts are named once, after the last, for all rest on the same. */
function reasonsOf(
  record: DecisionRecord,
  locale: LocaleCode,
  labels: readonly { id: string; label: string }[],
): DecisionView['reasons'] {
  const { text, ...lang } = written(record.reasons, locale)
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line, at) => ({ text: line, ...lang, facts: at === lines.length - 1 ? labels : [] }))
}

function fixOf(record: DecisionRecord, locale: LocaleCode): DecisionView['to_fix'] {
  const said = written(record.to_fix, locale)
  return said.text === '' ? null : said
}
