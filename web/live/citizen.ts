/** What a citizen's pages show: everything that waits for them, and what the state offers. */

import { decisionsOf, questionsTo } from '../../src/cases/cases.ts'
import {
  currentDeterminations,
  determinationOf,
  type StoredDetermination,
} from '../../src/determinations/determinations.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import { dateIn } from '../../src/platform/clock.ts'
import { isUuid, type SubjectId } from '../../src/platform/ids.ts'
import { findProposal, listProposals, type Proposal } from '../../src/proposals/proposals.ts'
import { journeysOf } from '../../src/routes/routes.ts'
import { formatDate } from '../kit/format.ts'
import type { DecisionCard, EventView, InboxView, PersonAsker, ProposalCard, ProposalView } from '../views.ts'
import { say } from '../words/words.ts'
import {
  agencyView,
  citationView,
  everyOf,
  idOf,
  type LiveContext,
  todayOf,
  token,
  words,
} from './context.ts'
import { articleOf } from './council.ts'
import { ask, groundsOf } from './grounds.ts'
import { hearingCard, openHearings } from './hearing.ts'
import { journeyCard } from './journey.ts'
import { questionCard } from './question.ts'
import { eventViews, namesOf, openOwn } from './reading.ts'
import { stepView } from './steps.ts'

// ── Inbox ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Everything that waits for the person or moves for them; its token changes whenever any of it does. */
export async function inboxView(live: LiveContext, asker: PersonAsker): Promise<InboxView> {
  const subject = idOf(asker)
  const { locale } = asker
  const [proposals, journeys, questions, decisions, standing, hearings] = await Promise.all([
    listProposals(live.db, subject, ['open']),
    journeysOf(live.db, subject, 20),
    questionsTo(live.db, subject),
    decisionsOf(live.db, subject),
    currentDeterminations(live.db, subject),
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
    proposals: proposals.map((p) => proposalCard(live, locale, p, { names, events, standing })),
    questions: questions.map((q) => questionCard(live, locale, q)),
    journeys: journeys.map((j) => journeyCard(live, locale, j, names)),
    decisions: decisions.slice(0, 20).map(
      (d): DecisionCard => ({
        id: d.id,
        title: ruleTitle(live, locale, d.rule_id),
        outcome: d.outcome,
        amount: amountIn(d.record),
        every: everyOf(live, locale, live.pack.rules.get(d.rule_id)),
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

/** The item of a list of related subjects is itself a subject: whom the rule speaks of. */
export function aboutOf(live: LiveContext, rule_id: string, item: string): SubjectId | null {
  const list = live.pack.rules.get(rule_id)?.source.per?.list
  return isUuid(item) && live.pack.vocabulary.get(list ?? '')?.relation !== undefined
    ? (item as SubjectId)
    : null
}

const ruleTitle = (live: LiveContext, locale: LocaleCode, rule: string): string =>
  words(live.pack, locale, live.pack.rules.get(rule)?.source.text.title ?? rule)

const amountIn = (record: unknown): number | null =>
  (record as { effect?: { amount?: number } | null } | null)?.effect?.amount ?? null

// ── Proposals ────────────────────────────────────────────────────────────────────────────────────────────────────

function proposalCard(
  live: LiveContext,
  locale: LocaleCode,
  p: Proposal,
  { names, events, standing }: Around,
): ProposalCard {
  const rule = live.pack.rules.get(p.rule_id)
  const route = p.route_id === null ? undefined : live.pack.routes.get(p.route_id)
  const about = names.get(aboutOf(live, p.rule_id, p.item) ?? '') ?? null
  const steps = route
    ? route.steps.map((s) => stepView(live, locale, s, { standing, item: p.item, about }))
    : []
  const own = standing.find((d) => d.id === p.determination)
  const law = lawChange(live, locale, p)
  return {
    id: p.id,
    kind: p.kind,
    title: law?.title ?? ruleTitle(live, locale, p.rule_id),
    summary: law?.summary ?? words(live.pack, locale, rule?.source.text.summary ?? ''),
    about,
    because: law?.because ?? events.get(p.event ?? '') ?? null,
    citation: law?.article ?? citationView(live.pack, locale, rule?.source.legal[0]),
    status: p.unconfirmed ? 'working' : 'published',
    // The day is part of what a notice says; nothing runs out on it.
    due_on: law ? null : p.due_on,
    gains: [
      ...(own?.amount && !law
        ? [
            {
              title: ruleTitle(live, locale, p.rule_id),
              amount: own.amount,
              every: everyOf(live, locale, rule),
            },
          ]
        : []),
      ...steps.flatMap(({ title, amount, every }) => (amount === null ? [] : [{ title, amount, every }])),
    ],
    agencies: new Set(steps.filter((s) => s.expected !== false).map((s) => s.agency.code)).size,
  }
}

/** What a proposal is shown with: the names of whom it is about, its events, and what the rules now say. */
type Around = {
  readonly names: ReadonlyMap<string, string>
  readonly events: ReadonlyMap<string, EventView>
  readonly standing: readonly StoredDetermination[]
}

/** A notice that the law changed: what it means for the reader, from when, by which act. */
function lawChange(live: LiveContext, locale: LocaleCode, p: Proposal) {
  const row = live.council.book.now().publications.find(({ id }) => id === p.publication)
  if (p.law_change === null || !row) return null
  const title = ruleTitle(live, locale, p.rule_id)
  const date = formatDate(locale, p.due_on ?? row.effective_on)
  return {
    title: say(locale, 'notice.law.title', { title }),
    summary: say(locale, `notice.law.${p.law_change}`, { title, date }),
    because: {
      id: row.id,
      title: say(locale, 'notice.law.because'),
      on: dateIn(row.published_at, live.pack.zone),
      agency: agencyView(live.pack, locale, row.agency),
    },
    article: citationView(live.pack, locale, articleOf(row)),
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
  const event = events.get(proposal.event ?? '') ?? events.get(facts[0]?.event ?? '') ?? null
  const route = proposal.route_id === null ? undefined : live.pack.routes.get(proposal.route_id)
  const standing = await currentDeterminations(live.db, subject)
  const law = lawChange(live, locale, proposal)
  // A notice speaks of the day on which the law is another.
  const as_of =
    law && proposal.due_on && proposal.due_on > determination.as_of ? proposal.due_on : determination.as_of
  const item = law ? determination.item : proposal.item
  const amount = law && proposal.law_change === 'gained' ? ask(live, rule, facts, item, as_of).amount : null
  const gains =
    amount === null
      ? []
      : [{ title: ruleTitle(live, locale, rule.source.id), amount, every: everyOf(live, locale, rule) }]
  return {
    ...proposalCard(live, locale, proposal, { names, events, standing }),
    ...(law ? { because: law.because, gains } : { because: event }),
    state: proposal.state,
    today: todayOf(live),
    steps: route
      ? route.steps.map((s) =>
          stepView(live, locale, s, {
            standing,
            item: proposal.item,
            about: names.get(about ?? '') ?? null,
          }),
        )
      : [],
    checklist: [],
    grounds: await groundsOf(live, locale, {
      rule,
      item,
      as_of,
      facts,
      event,
      named: new Map(facts.flatMap((f) => (names.has(f.item) ? [[f.id, names.get(f.item)!]] : []))),
    }),
    if_nothing: law
      ? say(locale, 'notice.law.nothing')
      : rule.source.text.if_nothing === undefined
        ? null
        : words(live.pack, locale, rule.source.text.if_nothing),
    journey: proposal.journey_id,
  }
}
