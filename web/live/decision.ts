/** A decision as the letter a person reads, from the signed record alone. */
import {
  type DecisionRecord,
  type DecisionRow,
  decisionOfCase,
  findDecision,
  getCase,
} from '../../src/cases/cases.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import { dateIn } from '../../src/platform/clock.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import type { RuleType } from '../../src/rules/rules.ts'
import type { Asker, DecisionView, FactView, LetterView, ReasonView, Value } from '../views.ts'
import { agencyView, citationView, type LiveContext, valueView, words } from './context.ts'
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
  return row ? letter(live, asker.locale, row, { person: '—', about: null }) : null
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
  const facts = await recordFactViews(live, locale, record)
  const labels = facts.map((f) => ({ id: f.id, label: f.label }))
  // A civil servant's own words may stand in one language alone: a letter without its reasons is no letter.
  const written = pack.locales.filter((l) => (record.reasons[l] ?? '') !== '')
  const others = written.filter((other) => other !== locale)
  return {
    id: row.id,
    title: titleIn(record, locale),
    letters: (written.includes(locale) ? [locale, ...others] : others).map((l) =>
      letterIn(live, l, record, labels),
    ),
    outcome: record.outcome,
    amount: record.effect?.amount ?? null,
    decided_on: dateIn(row.decided_at, pack.zone),
    case: row.case_id,
    journey: row.journey_id,
    person: names.person,
    about: names.about,
    decided_at: record.decided_at,
    effective_on: null,
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
          citations: record.rule.law.map((c) => citationView(c)!),
          params: [],
        },
    decided_by: { pseudonym: record.decided_by.number, role: null },
    model: 'none',
    edited: record.ai.edits.length > 0,
    hash: row.record_hash,
    signature: { algorithm: 'Ed25519', key: record.key, value: row.signature },
  }
}

const titleIn = (record: DecisionRecord, locale: LocaleCode): string =>
  record.service.title[locale] ?? record.rule.id

/** What the record says in one language. */
function letterIn(
  live: LiveContext,
  locale: LocaleCode,
  record: DecisionRecord,
  labels: ReasonView['facts'],
): LetterView {
  return {
    locale,
    title: titleIn(record, locale),
    agency: agencyView(live.pack, locale, record.decided_by.agency),
    reasons: (record.reasons[locale] ?? '')
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => ({ text, facts: labels })),
    to_fix: record.outcome === 'granted' ? [] : fixes(live, locale, record),
    remedies: record.remedy.map((r) => ({
      body: r.body[locale] ?? '',
      until: r.deadline,
      url: r.url,
      free: r.free ?? false,
      citation: citationView(r.law),
    })),
  }
}

async function recordFactViews(
  live: LiveContext,
  locale: LocaleCode,
  record: DecisionRecord,
): Promise<FactView[]> {
  const { pack } = live
  const events = await eventViews(
    live,
    locale,
    record.computed.facts.map((f) => f.event),
  )
  return record.computed.facts.map((f) => {
    const predicate = pack.vocabulary.get(f.name)
    return {
      id: f.fact_id,
      predicate: f.name,
      label: words(pack, locale, predicate?.words ?? f.name),
      value:
        f.state === 'absent' || !predicate
          ? ({ kind: 'absent' } as const)
          : valueView(pack, locale, predicate.type, f.value, predicate.words),
      source: agencyView(pack, locale, f.source_register),
      valid_from: f.valid_from,
      valid_to: f.valid_to,
      observed_on: dateIn(new Date(f.observed_at), pack.zone),
      recorded_at: f.recorded_at,
      because: events.get(f.event) ?? null,
    }
  })
}

/** What the civil servant said can be put right comes first; the conditions that failed follow with their values. */
function fixes(live: LiveContext, locale: LocaleCode, record: DecisionRecord): LetterView['to_fix'] {
  const how = record.to_fix[locale] ?? ''
  const failed = record.failed_conditions.map((missing) => ({
    what: missing.what[locale] ?? missing.predicate,
    yours: yourValue(live, locale, missing.predicate, missing.your_value[0]),
    required: missing.required,
    how,
  }))
  return failed.length > 0 ? failed : [{ what: how, yours: null, required: null, how }]
}

function yourValue(
  live: LiveContext,
  locale: LocaleCode,
  name: string,
  given: { name: string; state: string; value?: unknown } | undefined,
): Value | null {
  if (!given) return null
  if (given.state === 'absent') return { kind: 'absent' }
  if (given.state === 'unknown') return { kind: 'unknown', reason: 'never-collected' }
  const predicate = live.pack.vocabulary.get(given.name)
  const type: RuleType | undefined = predicate?.type
  if (predicate && type && type.kind !== 'list')
    return valueView(live.pack, locale, type, given.value as never, predicate.words)
  return { kind: 'text', text: typeof given.value === 'object' ? name : String(given.value) }
}
