/** What a civil servant's desk shows: the queue of an agency, and one case with everything it rests on. */
import {
  type CaseFile,
  type CaseRow,
  getCase,
  listCases,
  openCaseFile,
  standingDraft,
} from '../../src/cases/cases.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import { dateIn } from '../../src/platform/clock.ts'
import { findStepView } from '../../src/routes/routes.ts'
import type { CaseView, DraftView, HumanTaskView, QueueCase, QueueView } from '../desk/views.ts'
import type { Grounds, OfficerAsker } from '../views.ts'
import type { Key } from '../words/keys.ts'
import { say } from '../words/words.ts'
import { agencyView, type LiveContext, numberOf, token, words } from './context.ts'
import { conditionViews, ruleView } from './grounds.ts'
import { eventViews, factViews } from './reading.ts'

const QUEUE_MAX = 100

export async function queueView(live: LiveContext, asker: OfficerAsker): Promise<QueueView> {
  const { cases } = await listCases(live.db, asker.viewer.agency, QUEUE_MAX)
  return {
    agency: agencyView(live.pack, asker.locale, asker.viewer.agency),
    today: dateIn(live.engine.clock.now(), live.pack.zone),
    cases: await Promise.all(
      cases.filter((c) => c.kind === 'decision').map((c) => queueCase(live, asker.locale, c)),
    ),
    tasks: await Promise.all(
      cases.filter((c) => c.kind === 'task').map((c) => taskView(live, asker.locale, c)),
    ),
    token: queueToken(cases),
  }
}

export const queueToken = (cases: readonly CaseRow[]): string =>
  token(cases.map((c) => [c.id, c.state, c.reason]))

async function queueCase(live: LiveContext, locale: LocaleCode, found: CaseRow): Promise<QueueCase> {
  const standing = await standingDraft(live.db, found)
  return {
    id: found.id,
    title: words(
      live.pack,
      locale,
      live.pack.rules.get(found.rule_id ?? '')?.source.text.title ?? found.kind,
    ),
    person: numberOf(found),
    opened_on: dateIn(found.opened_at, live.pack.zone),
    due_on: found.due_on,
    state: found.state === 'closed' ? 'decided' : found.state,
    draft: standing ? outcomeOf(standing.draft.outcome) : null,
  }
}

const outcomeOf = (outcome: 'favourable' | 'adverse' | 'question'): 'granted' | 'refused' | null =>
  outcome === 'favourable' ? 'granted' : outcome === 'adverse' ? 'refused' : null

async function taskView(live: LiveContext, locale: LocaleCode, found: CaseRow): Promise<HumanTaskView> {
  const view = found.step_id === null ? null : await findStepView(live.db, found.subject_id, found.step_id)
  const declared =
    view && live.pack.routes.get(view.journey.route_id)?.steps.find((s) => s.id === view.step.step)
  const title = words(live.pack, locale, declared?.words ?? found.kind)
  const reason = found.reason as { readonly code?: string } | null
  return {
    id: found.id,
    title: view?.step.state === 'undoing' ? say(locale, 'queue.undo', { title }) : title,
    person: numberOf(found),
    since: dateIn(found.opened_at, live.pack.zone),
    due_on: found.due_on,
    attempts: view?.step.attempts ?? 0,
    last_error: trouble(locale, reason?.code ?? 'other'),
  }
}

/** Answers of agencies that mean the same to a civil servant. */
const troubles: readonly (readonly [code: RegExp, key: Key])[] = [
  [/^no_connection$/, 'trouble.no_connection'],
  [/^timeout$/, 'trouble.timeout'],
  [/^(http_(5\d\d|408|425|429)|lost)$/, 'trouble.busy'],
  [/^answer_/, 'trouble.answer'],
  [/^no_interface$/, 'trouble.no_interface'],
  [/overdue$/, 'trouble.overdue'],
]

/** Why a machine could not finish a step, in words; a code of the agency's own is named for whoever looks after its system. */
function trouble(locale: LocaleCode, code: string): string {
  const key = troubles.find(([pattern]) => pattern.test(code))?.[1]
  return key ? say(locale, key) : say(locale, 'trouble.other', { code })
}

export async function casePage(live: LiveContext, asker: OfficerAsker, id: string): Promise<CaseView | null> {
  const { officer: _, ...viewer } = asker.viewer
  const opened = await openCaseFile(live.journeys, {
    case_id: id,
    officer: { number: viewer.pseudonym, name: viewer.name, agency: viewer.agency },
  })
  if (!opened.ok || opened.value.found.kind !== 'decision') return null
  const file = opened.value
  const { locale } = asker
  const { pack } = live
  const purpose = pack.purposes.get(file.purpose)
  const name = (of: 'subject' | 'about') => {
    const fact = file.facts.find((f) => f.of === of && f.predicate === live.journeys.name_predicate)
    return fact ? String(fact.value) : null
  }
  return {
    ...(await queueCase(live, locale, file.found)),
    person: name('subject') ?? numberOf(file.found),
    about: name('about'),
    today: dateIn(live.engine.clock.now(), pack.zone),
    agency: agencyView(pack, locale, file.found.agency),
    journey: file.found.journey_id,
    purpose: purpose ? words(pack, locale, purpose.words) : file.purpose,
    basis: purpose?.legal_basis ?? 'public_task',
    grounds: await groundsOfCase(live, locale, file, name('about')),
    draft: draftView(live, locale, file),
    askable: askable(live, locale, file),
    asked: file.questions.map((q) => ({
      text: words(pack, locale, pack.vocabulary.get(q.predicate)?.ask ?? q.predicate),
      on: dateIn(q.asked_at, pack.zone),
      answered_on: q.answered_at ? dateIn(q.answered_at, pack.zone) : null,
    })),
    decision: file.decision ? file.found.id : null,
    token: caseToken(file.found, file.draft?.version ?? 0),
  }
}

export const caseToken = (found: CaseRow, version: number): string =>
  token([found.state, found.reason, version])

async function groundsOfCase(
  live: LiveContext,
  locale: LocaleCode,
  file: CaseFile,
  about: string | null,
): Promise<Grounds> {
  const rule = live.pack.rules.get(file.found.rule_id ?? '')!
  const said = file.determination ?? file.draft?.draft.determination
  const event = file.journey?.event ?? file.facts[0]?.event ?? null
  const events = await eventViews(live, locale, [event])
  const named = new Map(file.facts.flatMap((f) => (f.of === 'about' ? [[f.id, about ?? '—'] as const] : [])))
  return {
    event: events.get(event ?? '') ?? {
      id: '',
      title: '—',
      on: file.found.due_on,
      agency: agencyView(live.pack, locale, file.found.agency),
    },
    facts: await factViews(live, locale, file.facts, named),
    conditions: conditionViews(live, locale, rule, said?.trace ?? []),
    rule: ruleView(live, locale, rule, said?.params ?? []),
  }
}

/** Which language a person reads is not yet remembered: letters go out in the state's first language, and all are kept. */
export const personLocale = (live: LiveContext): LocaleCode => live.pack.locales[0]!

function draftView(live: LiveContext, locale: LocaleCode, file: CaseFile): DraftView | null {
  const standing = file.draft
  const outcome = standing && outcomeOf(standing.draft.outcome)
  if (!standing || !outcome) return null
  const labels = new Map(
    file.facts.map((f) => [
      f.id,
      words(live.pack, locale, live.pack.vocabulary.get(f.predicate)?.words ?? f.predicate),
    ]),
  )
  const reasonsIn = (l: LocaleCode) =>
    standing.draft.sentences.map((s) => ({
      text: s.text[l] ?? '',
      facts: s.facts.flatMap((id) => (labels.has(id) ? [{ id, label: labels.get(id)! }] : [])),
    }))
  const person = personLocale(live)
  return {
    outcome,
    amount: standing.draft.amount,
    version: standing.version,
    texts: [
      { locale: person, for: 'person', reasons: reasonsIn(person) },
      ...(locale === person ? [] : [{ locale, for: 'officer' as const, reasons: reasonsIn(locale) }]),
    ],
    edited: standing.draft.edited !== null,
  }
}

/** What the rule reads and a person can be asked for. */
function askable(live: LiveContext, locale: LocaleCode, file: CaseFile): CaseView['askable'] {
  const rule = live.pack.rules.get(file.found.rule_id ?? '')
  if (file.found.state !== 'open') return []
  return (rule?.reads ?? []).flatMap((name) => {
    const predicate = live.pack.vocabulary.get(name)
    return predicate?.ask && predicate.cardinality === 'one'
      ? [{ predicate: name, text: words(live.pack, locale, predicate.ask) }]
      : []
  })
}

export async function caseTokenFor(
  live: LiveContext,
  asker: OfficerAsker,
  id: string,
): Promise<string | null> {
  const found = await getCase(live.db, asker.viewer.agency, id)
  if (!found) return null
  return caseToken(found, (await standingDraft(live.db, found))?.version ?? 0)
}
