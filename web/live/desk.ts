/** What a civil servant's desk shows: the queue of an agency, and one case with everything it rests on. */
import {
  type CaseFile,
  type CaseRow,
  getCase,
  type HearingRow,
  hearingsByCase,
  isHeard,
  listCases,
  openCaseFile,
  standingDraft,
} from '../../src/cases/cases.ts'
import { languageOf } from '../../src/identity/identity.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import { dateIn } from '../../src/platform/clock.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import { findStepView } from '../../src/routes/routes.ts'
import type {
  CaseHearingView,
  CaseState,
  CaseView,
  DraftView,
  HumanTaskView,
  QueueCase,
  QueueView,
} from '../desk/views.ts'
import type { Grounds, OfficerAsker } from '../views.ts'
import type { Key } from '../words/keys.ts'
import { say } from '../words/words.ts'
import { agencyView, inOneOf, type LiveContext, linesOf, numberOf, token, words } from './context.ts'
import { answerView } from './decision.ts'
import { failingViews } from './failing.ts'
import { conditionViews, ruleView } from './grounds.ts'
import { toldIn } from './hearing.ts'
import { eventViews, factViews } from './reading.ts'

const QUEUE_MAX = 100

export async function queueView(live: LiveContext, asker: OfficerAsker): Promise<QueueView> {
  const { cases } = await listCases(live.db, asker.viewer.agency, QUEUE_MAX)
  const hearings = await hearingsByCase(live.db, cases)
  return {
    agency: agencyView(live.pack, asker.locale, asker.viewer.agency),
    today: dateIn(live.engine.clock.now(), live.pack.zone),
    cases: await Promise.all(
      cases
        .filter((c) => c.kind === 'decision')
        .map((c) => queueCase(live, asker.locale, c, hearings.get(c.id) ?? null)),
    ),
    tasks: await Promise.all(
      cases.filter((c) => c.kind === 'task').map((c) => taskView(live, asker.locale, c)),
    ),
    token: await queueToken(live, cases),
  }
}

export async function queueToken(live: LiveContext, cases: readonly CaseRow[]): Promise<string> {
  const hearings = await hearingsByCase(live.db, cases)
  return token(cases.map((c) => [c.id, c.state, c.reason, stateOf(live, c, hearings.get(c.id) ?? null)]))
}

/** Whom a case waits for: the clock decides whether a person may still answer, however late the queue is. */
function stateOf(live: LiveContext, found: CaseRow, hearing: HearingRow | null): CaseState {
  if (found.state === 'asking') return 'asking'
  if (found.state !== 'open') return 'decided'
  if (hearing === null) return 'open'
  return isHeard(hearing.state) || hasLapsed(live, hearing) ? 'heard' : 'hearing'
}

const hasLapsed = (live: LiveContext, hearing: HearingRow): boolean =>
  hearing.state === 'open' && hearing.answer_by < dateIn(live.engine.clock.now(), live.pack.zone)

async function queueCase(
  live: LiveContext,
  locale: LocaleCode,
  found: CaseRow,
  hearing: HearingRow | null,
): Promise<QueueCase> {
  const state = stateOf(live, found, hearing)
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
    state,
    answer_by: state === 'hearing' ? hearing!.answer_by : null,
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
  const hearing = file.hearings.find((h) => h.state !== 'ended') ?? null
  const rule = pack.rules.get(file.found.rule_id ?? '')
  const person = await personLocale(live, file.found.subject_id)
  return {
    ...(await queueCase(live, locale, file.found, hearing)),
    person: name('subject') ?? numberOf(file.found),
    about: name('about'),
    today: dateIn(live.engine.clock.now(), pack.zone),
    agency: agencyView(pack, locale, file.found.agency),
    journey: file.found.journey_id,
    purpose: purpose ? words(pack, locale, purpose.words) : file.purpose,
    basis: purpose?.legal_basis ?? 'public_task',
    grounds: await groundsOfCase(live, locale, file, name('about')),
    draft: draftView(live, { locale, person }, file),
    failing: failingViews(live, locale, rule, file.draft?.draft.failed ?? []),
    hearing: hearing && caseHearing(live, { locale, person }, hearing),
    instead_of: file.instead_of,
    hearing_days: pack.hearing?.days ?? 0,
    askable: askable(live, locale, file),
    asked: file.questions.map((q) => ({
      text: words(pack, locale, pack.vocabulary.get(q.predicate)?.ask ?? q.predicate),
      on: dateIn(q.asked_at, pack.zone),
      answered_on: q.answered_at ? dateIn(q.answered_at, pack.zone) : null,
    })),
    decision: file.decision ? file.found.id : null,
    token: caseToken(file.found, file.draft?.version ?? 0, hearing),
  }
}

const caseToken = (found: CaseRow, version: number, hearing: HearingRow | null): string =>
  token([found.state, found.reason, version, hearing && [hearing.id, hearing.state]])

/** What the person was told, in the language they were told it in, and what they said. */
function caseHearing(
  live: LiveContext,
  { locale, person }: { readonly locale: LocaleCode; readonly person: LocaleCode },
  hearing: HearingRow,
): CaseHearingView {
  const told = toldIn(hearing)
  const names = new Map(told.facts.map((f) => [f.fact_id, f.name]))
  const state =
    hearing.state === 'answered' ? 'answered' : hasLapsed(live, hearing) ? 'lapsed' : hearing.state
  return {
    intended: hearing.intended,
    state: state === 'ended' ? 'lapsed' : state,
    told_on: dateIn(hearing.told_at, live.pack.zone),
    answer_by: hearing.answer_by,
    reasons: linesOf(inOneOf(told.reasons, person)),
    to_fix: inOneOf(told.to_fix, person) || null,
    answer: answerView(live, locale, hearing, (fact) => names.get(fact)),
  }
}

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

/** The language letters to a person are first written in: the one they chose, else the state's own. All are kept. */
export async function personLocale(live: LiveContext, subject: SubjectId): Promise<LocaleCode> {
  const chosen = await languageOf(live.db, subject)
  const { locales } = live.pack
  return locales.find((locale) => locale === chosen) ?? locales[0]!
}

function draftView(
  live: LiveContext,
  { locale, person }: { readonly locale: LocaleCode; readonly person: LocaleCode },
  file: CaseFile,
): DraftView | null {
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
  const hearing = (await hearingsByCase(live.db, [found])).get(found.id) ?? null
  return caseToken(found, (await standingDraft(live.db, found))?.version ?? 0, hearing)
}
