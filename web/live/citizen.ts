/** What a citizen's pages show: everything that waits for them, and what the state offers. */

import { decisionsOf, questionsTo } from '../../src/cases/cases.ts'
import { currentDeterminations, determinationOf } from '../../src/determinations/determinations.ts'
import { dateIn } from '../../src/platform/clock.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import { listProposals } from '../../src/proposals/proposals.ts'
import { journeysOf } from '../../src/routes/routes.ts'
import type { DecisionCard, InboxView, PersonAsker, ProposalView } from '../views.ts'
import { say } from '../words/words.ts'
import { everyOf, idOf, type LiveContext, todayOf, token, words } from './context.ts'
import { ask, groundsOf } from './grounds.ts'
import { hearingCard, openHearings } from './hearing.ts'
import { journeyCard } from './journey.ts'
import { findWithin, mandatesOf, ownSide } from './mandates.ts'
import { aboutOf, aboutTexts, goneView, lawChange, offersOf, proposalCard, ruleTitle } from './offers.ts'
import { questionCard } from './question.ts'
import { eventViews, namesOf, openOwn } from './reading.ts'
import { stepView } from './steps.ts'

// ── Inbox ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Everything that waits for the person, or for an organisation they head, or moves for them. */
export async function inboxView(live: LiveContext, asker: PersonAsker): Promise<InboxView> {
  const subject = idOf(asker)
  const { locale } = asker
  const [journeys, questions, decisions, hearings] = await Promise.all([
    journeysOf(live.db, subject, 20),
    questionsTo(live.db, subject),
    decisionsOf(live.db, subject),
    openHearings(live, subject),
  ])
  const offers = []
  for (const side of [ownSide(subject), ...(await mandatesOf(live, subject))])
    offers.push(await offersOf(live, locale, side))
  const names = await namesOf(
    live,
    subject,
    journeys.map((j) => j.journey.about_id),
  )
  return {
    name: asker.viewer.name,
    today: todayOf(live),
    hearings: hearings.map((h) => hearingCard(live, locale, h)),
    proposals: offers.flatMap(({ open }) => open).sort(byDay),
    noted: offers.flatMap(({ noted }) => noted).sort(byDay),
    gone: offers.flatMap(({ gone }) => gone).sort((a, b) => b.on.localeCompare(a.on)),
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

type Dated = { readonly due_on: string | null }

/** What is due first stands first; what has no day comes after. */
const byDay = (a: Dated, b: Dated): number =>
  (a.due_on ?? '9999-12-31').localeCompare(b.due_on ?? '9999-12-31')

/**
 * A version of what the inbox shows of the person, read without opening memory; whom they act for stands in memory, so
 * what comes for an organisation shows at the next visit, or on another day.
 */
export async function inboxToken(live: LiveContext, subject: SubjectId): Promise<string> {
  const [proposals, journeys, questions, decisions, hearings] = await Promise.all([
    listProposals(live.db, subject, ['open', 'accepted', 'withdrawn', 'expired']),
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

const amountIn = (record: unknown): number | null =>
  (record as { effect?: { amount?: number } | null } | null)?.effect?.amount ?? null

// ── Proposals ────────────────────────────────────────────────────────────────────────────────────────────────────

export async function proposalView(
  live: LiveContext,
  asker: PersonAsker,
  id: string,
): Promise<ProposalView | null> {
  const { locale } = asker
  const found = await findWithin(live, asker, id)
  const rule = found && live.pack.rules.get(found.proposal.rule_id)
  if (!found || !rule) return null
  const { side, proposal } = found
  const { reader, subject } = side
  const determination = await determinationOf(live.db, subject, proposal.determination)
  if (!determination) return null
  const names = await namesOf(live, reader, [aboutOf(live, proposal.rule_id, proposal.item)])
  const about = (await aboutTexts(live, side, [proposal])).get(proposal.id) ?? null
  const facts = await openOwn(live, reader, subject, {
    predicates: rule.reads,
    valid_on: determination.as_of,
    known_at: determination.recorded_at,
    ...(side.as ? { as: side.as } : {}),
  })
  const events = await eventViews(live, locale, [
    proposal.event,
    proposal.closed_because,
    ...facts.map((f) => f.event),
  ])
  const event = events.get(proposal.event ?? '') ?? events.get(facts[0]?.event ?? '') ?? null
  const route = proposal.route_id === null ? undefined : live.pack.routes.get(proposal.route_id)
  const standing = await currentDeterminations(live.db, subject)
  const law = lawChange(live, locale, proposal)
  // A notice speaks of the day on which the law is another.
  const as_of =
    law && proposal.due_on && proposal.due_on > determination.as_of ? proposal.due_on : determination.as_of
  const item = law ? determination.item : proposal.item
  const gone = goneView(live, locale, proposal, { about, events })
  const amount =
    law && !gone && proposal.law_change === 'gained' ? ask(live, rule, facts, item, as_of).amount : null
  const gains =
    amount === null
      ? []
      : [{ title: ruleTitle(live, locale, rule.source.id), amount, every: everyOf(live, locale, rule) }]
  return {
    ...proposalCard(live, locale, proposal, { about, events, standing }),
    ...(law ? { because: law.because, gains } : { because: event }),
    state: proposal.state,
    today: todayOf(live),
    steps: route
      ? route.steps.map((s) => stepView(live, locale, s, { standing, item: proposal.item, about }))
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
    gone,
  }
}
