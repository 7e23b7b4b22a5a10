/** What a person is told before something goes against them, as they read it. */
import { decisionOfCase, type HearingRow, hearingOf, hearingsOf, type Told } from '../../src/cases/cases.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import { type DateText, dateIn } from '../../src/platform/clock.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import type { HearingCard, HearingView } from '../citizen/hearing/views.ts'
import type { PersonAsker } from '../views.ts'
import { agencyView, citationView, inOneOf, type LiveContext, linesOf } from './context.ts'
import { answerView, recordFactViews } from './decision.ts'
import { failingViews } from './failing.ts'

export const toldIn = (hearing: HearingRow): Told => hearing.told as unknown as Told

const today = (live: LiveContext): DateText => dateIn(live.engine.clock.now(), live.pack.zone)

/** Hearings the person can still answer: the clock decides, however late the queue is. */
export async function openHearings(live: LiveContext, subject: SubjectId): Promise<HearingRow[]> {
  const all = await hearingsOf(live.db, subject)
  return all.filter((h) => h.state === 'open' && h.answer_by >= today(live))
}

export function hearingCard(live: LiveContext, locale: LocaleCode, hearing: HearingRow): HearingCard {
  const told = toldIn(hearing)
  return {
    id: hearing.id,
    title: told.service[locale] ?? told.rule.id,
    intended: hearing.intended,
    agency: agencyView(live.pack, locale, told.agency),
    answer_by: hearing.answer_by,
  }
}

export async function hearingPage(
  live: LiveContext,
  asker: PersonAsker,
  id: string,
): Promise<HearingView | null> {
  const { locale } = asker
  const subject = asker.viewer.subject as SubjectId
  const hearing = await hearingOf(live.db, subject, id)
  if (!hearing) return null
  const told = toldIn(hearing)
  const names = new Map(told.facts.map((f) => [f.fact_id, f.name]))
  const decision = await decisionOfCase(live.db, { subject_id: subject, id: hearing.case_id })
  const has_passed = hearing.state === 'open' && hearing.answer_by < today(live)
  const ended = hearing.ended_because as { readonly code: HearingView['ended'] } | null
  return {
    ...hearingCard(live, locale, hearing),
    state: has_passed ? 'lapsed' : hearing.state,
    today: today(live),
    told_on: dateIn(hearing.told_at, live.pack.zone),
    told_by: hearing.told_by,
    amount: told.amount,
    instead_of: told.instead_of,
    reasons: linesOf(inOneOf(told.reasons, locale)),
    to_fix: inOneOf(told.to_fix, locale) || null,
    failing: failingViews(live, locale, live.pack.rules.get(told.rule.id), told.failed_conditions),
    facts: await recordFactViews(live, locale, told.facts),
    term: {
      days: told.term.days,
      status: told.term.status,
      citation: citationView(live.pack, locale, told.term.legal),
    },
    answer: answerView(live, locale, hearing, (fact) => names.get(fact)),
    ended: ended?.code ?? null,
    decision: decision?.id ?? null,
  }
}
