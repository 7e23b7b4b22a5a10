/** What a citizen's pages show: proposals, journeys, questions, decisions. */

import { decisionsOf, type Question, questionsTo } from '../../src/cases/cases.ts'
import {
  currentDeterminations,
  determinationOf,
  type StoredDetermination,
} from '../../src/determinations/determinations.ts'
import type { LocaleCode, Route, RouteStep } from '../../src/packs/packs.ts'
import { sha256 } from '../../src/platform/canonical.ts'
import { dateIn } from '../../src/platform/clock.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import { findProposal, listProposals, type Proposal } from '../../src/proposals/proposals.ts'
import {
  isLeftOut,
  journeysOf,
  journeyView,
  type JourneyView as RunningJourney,
  type StepRow,
  type StepState,
} from '../../src/routes/routes.ts'
import type {
  DecisionCard,
  EventView,
  InboxView,
  JourneyCard,
  JourneyView,
  PersonAsker,
  ProposalCard,
  ProposalView,
  StationState,
  StationView,
  StepView,
} from '../views.ts'
import { agencyView, citationView, hasWords, type LiveContext, words } from './context.ts'
import { groundsOf } from './grounds.ts'
import { hearingCard, openHearings } from './hearing.ts'
import { questionCard } from './question.ts'
import { eventViews, nameOf, openOwn } from './reading.ts'

const idOf = (asker: PersonAsker): SubjectId => asker.viewer.subject as SubjectId
const todayOf = (live: LiveContext) => dateIn(live.engine.clock.now(), live.pack.zone)

// ── Inbox ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Everything that waits for the person or moves for them; its token changes whenever any of it does. */
export async function inboxView(live: LiveContext, asker: PersonAsker): Promise<InboxView> {
  const subject = idOf(asker)
  const { locale } = asker
  const [proposals, journeys, questions, decisions, hearings] = await Promise.all([
    listProposals(live.db, subject, ['open']),
    journeysOf(live.db, subject, 20),
    questionsTo(live.db, subject),
    decisionsOf(live.db, subject),
    openHearings(live, subject),
  ])
  const abouts = [
    ...proposals.map((p) => aboutOf(live, p.rule_id, p.item)),
    ...journeys.map((j) => j.journey.about_id),
  ]
  const names = await namesOf(live, subject, abouts)
  const events = await eventViews(
    live,
    locale,
    proposals.map((p) => p.event),
  )
  return {
    name: asker.viewer.name,
    today: todayOf(live),
    hearings: hearings.map((h) => hearingCard(live, locale, h)),
    proposals: proposals.map((p) => proposalCard(live, locale, p, names, events)),
    questions: questions.map((q) => questionCard(live, locale, q)),
    journeys: journeys.map((j) => journeyCard(live, locale, j, names)),
    decisions: decisions.slice(0, 20).map(
      (d): DecisionCard => ({
        id: d.id,
        title: ruleTitle(live, locale, d.rule_id),
        outcome: d.outcome,
        amount: amountIn(d.record),
        decided_on: dateIn(d.decided_at, live.pack.zone),
      }),
    ),
    token: await inboxToken(live, subject),
  }
}

/** A version of all that the inbox shows; read without opening memory. */
export async function inboxToken(live: LiveContext, subject: SubjectId): Promise<string> {
  const [proposals, journeys, questions, decisions, hearings] = await Promise.all([
    listProposals(live.db, subject, ['open']),
    journeysOf(live.db, subject, 20),
    questionsTo(live.db, subject),
    decisionsOf(live.db, subject),
    openHearings(live, subject),
  ])
  return token([
    hearings.map((h) => h.id),
    proposals.map((p) => [p.id, p.updated_at]),
    journeys.map((j) => [j.journey.id, j.journey.state, j.steps.map((s) => [s.state, s.attempts])]),
    questions.map((q) => q.id),
    decisions.map((d) => [d.id, d.revoked_at]),
    todayOf(live),
  ])
}

export const token = (parts: unknown): string => sha256(JSON.stringify(parts)).slice(0, 16)

async function namesOf(
  live: LiveContext,
  reader: SubjectId,
  subjects: readonly (SubjectId | null)[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for (const subject of new Set(subjects)) {
    const name = await nameOf(live, reader, subject)
    if (subject !== null && name !== null) names.set(subject, name)
  }
  return names
}

/** The item of a list of related subjects is itself a subject: whom the rule speaks of. */
export function aboutOf(live: LiveContext, rule_id: string, item: string): SubjectId | null {
  const list = live.pack.rules.get(rule_id)?.source.per?.list
  return item !== '' && live.pack.vocabulary.get(list ?? '')?.relation !== undefined
    ? (item as SubjectId)
    : null
}

const ruleTitle = (live: LiveContext, locale: LocaleCode, rule: string): string =>
  words(live.pack, locale, live.pack.rules.get(rule)?.source.text.title ?? rule)

const amountIn = (record: unknown): number | null =>
  (record as { effect?: { amount?: number } | null } | null)?.effect?.amount ?? null

// ── Proposals ────────────────────────────────────────────────────────────────────────────────────────────────────

const nobody = (live: LiveContext, locale: LocaleCode, on: string): EventView => ({
  id: '',
  title: '—',
  on,
  agency: agencyView(live.pack, locale, ''),
})

function proposalCard(
  live: LiveContext,
  locale: LocaleCode,
  p: Proposal,
  names: ReadonlyMap<string, string>,
  events: ReadonlyMap<string, EventView>,
): ProposalCard {
  const rule = live.pack.rules.get(p.rule_id)
  const route = p.route_id === null ? undefined : live.pack.routes.get(p.route_id)
  return {
    id: p.id,
    kind: p.kind,
    title: ruleTitle(live, locale, p.rule_id),
    summary: words(live.pack, locale, rule?.source.text.summary ?? ''),
    about: names.get(aboutOf(live, p.rule_id, p.item) ?? '') ?? null,
    because: events.get(p.event ?? '') ?? nobody(live, locale, dateIn(p.opened_at, live.pack.zone)),
    citation: citationView(rule?.source.legal[0]),
    status: p.unconfirmed ? 'working' : 'published',
    due_on: p.due_on,
    amount: null,
    agencies: new Set(route?.steps.map((s) => s.agency)).size,
  }
}

export async function proposalView(
  live: LiveContext,
  asker: PersonAsker,
  id: string,
): Promise<ProposalView | null> {
  const subject = idOf(asker)
  const { locale } = asker
  const proposal = await findProposal(live.db, subject, id)
  const rule = proposal && live.pack.rules.get(proposal.rule_id)
  if (!proposal || !rule) return null
  const determination = await determinationOf(live.db, subject, proposal.determination)
  if (!determination) return null
  const about = aboutOf(live, proposal.rule_id, proposal.item)
  const names = await namesOf(live, subject, [about])
  const facts = await openOwn(live, subject, subject, {
    predicates: rule.reads,
    valid_on: determination.as_of,
    known_at: determination.recorded_at,
  })
  const events = await eventViews(live, locale, [proposal.event, ...facts.map((f) => f.event)])
  const event =
    events.get(proposal.event ?? '') ??
    events.get(facts[0]?.event ?? '') ??
    nobody(live, locale, determination.as_of)
  const route = proposal.route_id === null ? undefined : live.pack.routes.get(proposal.route_id)
  const standing = await currentDeterminations(live.db, subject)
  return {
    ...proposalCard(live, locale, proposal, names, events),
    because: event,
    state: proposal.state,
    today: todayOf(live),
    steps: route ? route.steps.map((s) => stepView(live, locale, s, standing, proposal.item)) : [],
    checklist: [],
    grounds: await groundsOf(live, locale, {
      rule,
      item: proposal.item,
      as_of: determination.as_of,
      facts,
      event,
      named: new Map(facts.flatMap((f) => (names.has(f.item) ? [[f.id, names.get(f.item)!]] : []))),
    }),
    if_nothing: hasWords(live.pack, locale, `${rule.source.text.title}.if_nothing`)
      ? words(live.pack, locale, `${rule.source.text.title}.if_nothing`)
      : null,
    journey: proposal.journey_id,
  }
}

function stepView(
  live: LiveContext,
  locale: LocaleCode,
  step: RouteStep,
  standing: readonly StoredDetermination[],
  item: string,
): StepView {
  const { pack } = live
  const rule = step.rule === undefined ? undefined : pack.rules.get(step.rule)
  const said =
    rule && standing.find((d) => d.rule_id === rule.source.id && d.item === (rule.source.per ? item : ''))
  return {
    id: step.id,
    title: words(pack, locale, step.words),
    agency: agencyView(pack, locale, step.agency),
    kind: step.kind,
    after: step.after,
    days: step.days,
    sends: [...new Set(step.send.map((sent) => sentLabel(live, locale, sent)))],
    amount: said?.outcome === 'applies' ? said.amount : null,
    citation: citationView(step.legal),
    expected: !rule
      ? true
      : said?.outcome === 'applies'
        ? true
        : said && said.outcome !== 'does_not_apply'
          ? 'unknown'
          : false,
  }
}

/** `subject.pinfl`, `about.full_name`: whose datum, in words. */
function sentLabel(live: LiveContext, locale: LocaleCode, sent: string): string {
  const [who = '', name = ''] = sent.split('.')
  const predicate = live.pack.vocabulary.get(name)
  const pick = (key: string, otherwise: string) =>
    hasWords(live.pack, locale, key) ? words(live.pack, locale, key) : otherwise
  const label = predicate
    ? words(live.pack, locale, predicate.words)
    : pick(`identifier.${name}`, name.toUpperCase())
  const whose = pick(`send.${who}`, '')
  return whose === '' ? label : `${whose}: ${label}`
}

// ── Journeys ─────────────────────────────────────────────────────────────────────────────────────────────────────

const STATIONS: { readonly [state in StepState]: StationState } = {
  blocked: 'waiting',
  sending: 'sent',
  working: 'sent',
  asking: 'asking',
  case: 'deciding',
  human: 'stuck',
  done: 'done',
  refused: 'refused',
  skipped: 'skipped',
  undoing: 'undoing',
  undone: 'undone',
}

const ENDED = new Set<StepState>(['done', 'refused', 'skipped', 'undone'])

const shownState = ({ journey, steps }: RunningJourney): JourneyCard['state'] =>
  journey.state === 'running' && steps.some((s) => s.state === 'asking') ? 'waiting' : journey.state

function journeyCard(
  live: LiveContext,
  locale: LocaleCode,
  running: RunningJourney,
  names: ReadonlyMap<string, string>,
): JourneyCard {
  const route = live.pack.routes.get(running.journey.route_id)
  return {
    id: running.journey.id,
    title: route ? words(live.pack, locale, route.words) : running.journey.route_id,
    about: names.get(running.journey.about_id ?? '') ?? null,
    state: shownState(running),
    done: running.steps.filter((s) => ENDED.has(s.state)).length,
    all: running.steps.length,
  }
}

export async function journeyPage(
  live: LiveContext,
  asker: PersonAsker,
  id: string,
): Promise<JourneyView | null> {
  const subject = idOf(asker)
  const { locale } = asker
  const running = await journeyView(live.db, subject, id)
  const route = running && live.pack.routes.get(running.journey.route_id)
  if (!running || !route) return null
  const { journey, steps } = running
  const names = await namesOf(live, subject, [journey.about_id])
  const events = await eventViews(live, locale, [journey.event, journey.undo_because])
  const [questions, decisions, standing] = await Promise.all([
    questionsTo(live.db, subject),
    decisionsOf(live.db, subject),
    currentDeterminations(live.db, subject),
  ])
  const stations = route.steps.flatMap((declared): StationView[] => {
    const step = steps.find((s) => s.step === declared.id)
    if (!step) return []
    const question = questions.find((q) => q.step_id === step.id)
    const decision = decisions.find(
      (d) => d.case_id === step.case_id || (d.journey_id === journey.id && d.rule_id === declared.rule),
    )
    return [
      stationView(live, locale, route, declared, step, steps, {
        question,
        decision: decision?.id ?? null,
        standing,
        item: journey.item,
        is_going: journey.state === 'running' || journey.state === 'finished',
      }),
    ]
  })
  const undo = journey.undo_because === null ? undefined : events.get(journey.undo_because)
  return {
    ...journeyCard(live, locale, running, names),
    today: todayOf(live),
    started_on: dateIn(journey.started_at, live.pack.zone),
    because:
      events.get(journey.event ?? '') ?? nobody(live, locale, dateIn(journey.started_at, live.pack.zone)),
    proposal: journey.proposal_id,
    stations,
    undo: undo ? { because: undo, on: undo.on } : null,
    token: journeyToken(running, questions),
  }
}

export const journeyToken = (running: RunningJourney, questions: readonly Question[]): string =>
  token([
    running.journey.state,
    running.steps.map((s) => [s.state, s.attempts, s.overdue]),
    questions.map((q) => q.id),
  ])

function stationView(
  live: LiveContext,
  locale: LocaleCode,
  route: Route,
  declared: RouteStep,
  step: StepRow,
  steps: readonly StepRow[],
  of: {
    readonly question: Question | undefined
    readonly decision: string | null
    readonly standing: readonly StoredDetermination[]
    readonly item: string
    readonly is_going: boolean
  },
): StationView {
  const { sends: _, expected: __, ...shown } = stepView(live, locale, declared, of.standing, of.item)
  const waiting =
    step.state === 'blocked'
      ? declared.after.filter((id) => !steps.some((s) => s.step === id && ENDED.has(s.state)))
      : []
  return {
    ...shown,
    state: STATIONS[step.state],
    on: step.state === 'blocked' ? null : dateIn(step.changed_at, live.pack.zone),
    due_on: step.due_on,
    result: step.state === 'done' && step.reference !== null ? `№ ${step.reference}` : null,
    waits_for: of.question
      ? [questionCard(live, locale, of.question).text]
      : waiting.map((id) => words(live.pack, locale, route.steps.find((s) => s.id === id)?.words ?? id)),
    question: of.question?.id ?? null,
    decision: of.decision,
    claimable: of.is_going && isLeftOut(step),
  }
}
