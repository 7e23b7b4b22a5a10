/** A running route as a person sees it: its stations, and what each waits for. */
import { decisionsOf, type Question, questionsTo } from '../../src/cases/cases.ts'
import { currentDeterminations } from '../../src/determinations/determinations.ts'
import type { LocaleCode, Route, RouteStep } from '../../src/packs/packs.ts'
import { dateIn } from '../../src/platform/clock.ts'
import {
  isLeftOut,
  journeyView,
  type JourneyView as RunningJourney,
  type StepRow,
  type StepState,
} from '../../src/routes/routes.ts'
import type { JourneyCard, JourneyView, PersonAsker, StationState, StationView } from '../views.ts'
import { idOf, type LiveContext, todayOf, token, words } from './context.ts'
import { questionCard } from './question.ts'
import { eventViews, namesOf } from './reading.ts'
import { type ForWhom, stepView } from './steps.ts'

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

export function journeyCard(
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
        about: null,
        is_going: journey.state === 'running' || journey.state === 'finished',
      }),
    ]
  })
  const undo = journey.undo_because === null ? undefined : events.get(journey.undo_because)
  return {
    ...journeyCard(live, locale, running, names),
    today: todayOf(live),
    started_on: dateIn(journey.started_at, live.pack.zone),
    because: events.get(journey.event ?? '') ?? null,
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
    readonly is_going: boolean
  } & ForWhom,
): StationView {
  const { sends: _, expected: __, ...shown } = stepView(live, locale, declared, of)
  const waiting =
    step.state === 'blocked'
      ? declared.after.filter((id) => !steps.some((s) => s.step === id && ENDED.has(s.state)))
      : []
  return {
    ...shown,
    state: STATIONS[step.state],
    on: step.state === 'blocked' ? null : dateIn(step.changed_at, live.pack.zone),
    due_on: step.due_on,
    result: step.state === 'done' ? step.reference : null,
    waits_for: of.question
      ? [questionCard(live, locale, of.question).text]
      : waiting.map((id) => words(live.pack, locale, route.steps.find((s) => s.id === id)?.words ?? id)),
    question: of.question?.id ?? null,
    decision: of.decision,
    claimable: of.is_going && isLeftOut(step),
  }
}
