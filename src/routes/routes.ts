/**
 * Routes: one accepted life event, done across agencies.
 *
 * In:  an accepted proposal; changed facts; a lost event; what agencies answer; what civil servants do by hand.
 * Out: journeys and their steps; jobs that call agencies; wishes for cases and questions, which the flow carries out.
 * Promise: a step moves by single transactions under its subject's lock; each agency effect happens once, whatever is
 *          retried, repeated or crashed (I7); a journey whose event never happened is taken back step by step.
 */

import { readForRules, ruleFacts } from '../memory/memory.ts'
import { dateIn } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import { evaluate } from '../rules/rules.ts'
import type { CaseWish, RouteContext } from './context.ts'
import { advance, find, put, putAlone, routeStep } from './moving.ts'
import {
  findJourney,
  findJourneyOfProposal,
  findStep,
  type HistoryRow,
  historyOf,
  insertHistory,
  insertJourney,
  insertSteps,
  type Journey,
  journeysTouchedBy,
  listJourneys,
  type StepRow,
  setJourneyState,
  stepsOf,
  stepsWaitingForFacts,
} from './store.ts'
import type { Move } from './transition.ts'

export { callAgency, pollAgency, type StepRef, undoAtAgency } from './calling.ts'
export type { AgencyCall, AgencyPort, CaseWish, RouteContext } from './context.ts'
export { applicationDay, STEP_OVERDUE } from './moving.ts'
export type { HistoryRow, Journey, JourneyState, StepRow } from './store.ts'
export type { AgencyAnswer, StepState } from './transition.ts'
export { passedAt } from './working-days.ts'

/**
 * Starts the journey of an accepted proposal: every step is made, and what can start starts. The caller holds the
 * subject's lock. A proposal has one journey: a second call returns the first.
 * Refusals: `unknown_route`.
 * @param start.item the rule's item the proposal speaks of (the child's subject id), or empty
 */
export async function startJourney(
  tx: Db,
  ctx: RouteContext,
  start: {
    readonly subject: SubjectId
    readonly proposal_id: string
    readonly route_id: string
    readonly about_id: SubjectId | null
    readonly item: string
    readonly event: string | null
  },
): Promise<Outcome<Journey>> {
  const route = ctx.pack.routes.get(start.route_id)
  if (!route) return refused({ code: 'unknown_route', message: `The pack has no route ${start.route_id}.` })
  const at = ctx.clock.now()
  const journey: Journey = {
    subject_id: start.subject,
    id: ctx.ids(),
    route_id: route.id,
    route_hash: route.hash,
    proposal_id: start.proposal_id,
    about_id: start.about_id,
    item: start.item,
    event: start.event,
    state: 'running',
    started_at: at,
    ended_at: null,
    undo_because: null,
  }
  if (!(await insertJourney(tx, journey)))
    return accepted((await findJourneyOfProposal(tx, start.subject, start.proposal_id))!)
  const steps = route.steps.map(
    (s): StepRow => ({
      subject_id: start.subject,
      id: ctx.ids(),
      journey_id: journey.id,
      step: s.id,
      kind: s.kind,
      agency: s.agency,
      state: 'blocked',
      attempts: 0,
      reference: null,
      result: null,
      reason: null,
      case_id: null,
      due_on: null,
      overdue: false,
      changed_at: at,
    }),
  )
  await insertSteps(tx, steps)
  for (const step of steps) {
    const entry = { subject_id: start.subject, id: ctx.ids(), step_id: step.id, at }
    await insertHistory(tx, { ...entry, from_state: null, to_state: 'blocked', note: null })
  }
  await advance(tx, ctx, journey)
  return accepted((await findJourney(tx, start.subject, journey.id))!)
}

/** Predicates the case steps of a route read: what starting it makes the engine look at. */
export function predicatesReadBy(ctx: Pick<RouteContext, 'pack'>, route_id: string): string[] {
  const steps = ctx.pack.routes.get(route_id)?.steps ?? []
  return [...new Set(steps.flatMap((s) => ctx.pack.rules.get(s.rule ?? '')?.reads ?? []))].sort()
}

/** Evaluates again every step that waits for facts of these subjects. The caller holds their locks. */
export async function reconsiderSteps(
  tx: Db,
  ctx: RouteContext,
  subjects: readonly SubjectId[],
): Promise<void> {
  const asking: CaseWish[] = []
  for (const { subject_id, id } of await stepsWaitingForFacts(tx, subjects)) {
    const step = await findStep(tx, subject_id, id)
    const journey = step && (await findJourney(tx, subject_id, step.journey_id))
    if (!step || !journey || (step.state !== 'asking' && step.state !== 'case')) continue
    const finding = await find(tx, ctx, journey, routeStep(ctx.pack, journey, step))
    await put(tx, ctx, journey, step, { is: 'determined', finding })
    if (step.state === 'asking' && finding.outcome === 'ask')
      asking.push({
        want: 'ask',
        subject: subject_id,
        step_id: id,
        predicate: finding.predicate!,
        agency: step.agency,
      })
  }
  // Two steps may share one question: when the one that asked it went on, the other asks it anew.
  for (const wish of asking) await ctx.grantWish(tx, wish)
}

/**
 * Takes a journey back: what was never sent ends at once, what was is undone at its agency, what depends on a step
 * before the step itself. Idempotent. The caller holds the subject's lock. Refusal: `not_found`.
 * @param undo.because the event that took away what the journey rests on
 */
export async function undoJourney(
  tx: Db,
  ctx: RouteContext,
  undo: { readonly subject: SubjectId; readonly journey_id: string; readonly because: string },
): Promise<Outcome<Journey>> {
  const before = await findJourney(tx, undo.subject, undo.journey_id)
  if (!before) return refused({ code: 'not_found', message: 'There is no such journey.' })
  if (before.state === 'undoing' || before.state === 'undone') return accepted(before)
  await setJourneyState(tx, before, 'undoing', { ended_at: null, undo_because: undo.because })
  const journey: Journey = { ...before, state: 'undoing', ended_at: null, undo_because: undo.because }
  const steps = await stepsOf(tx, undo.subject, [journey.id])
  // Backwards, so that dependants go first; the undo jobs themselves are enqueued when all have moved.
  for (const step of steps.toReversed()) {
    if (step.state === 'skipped' || step.state === 'undone') continue
    const wish = { subject: undo.subject, step_id: step.id, because: undo.because }
    if (step.kind === 'case') await ctx.grantWish(tx, { want: 'revoke decisions', ...wish })
    await putAlone(tx, ctx, journey, step, { is: 'undo', because: undo.because })
  }
  await advance(tx, ctx, journey)
  return accepted((await findJourney(tx, undo.subject, journey.id))!)
}

/**
 * The journeys that have lost what they rest on because an event lost its effect: the item they are about is no
 * longer a fact, or the rule that proposed them applies no more.
 */
export async function journeysWithoutGround(
  tx: Db,
  ctx: RouteContext,
  event: string,
  subjects: readonly SubjectId[],
): Promise<Journey[]> {
  const lost: Journey[] = []
  for (const journey of await journeysTouchedBy(tx, subjects)) {
    if (!(await hasGround(tx, ctx, journey, event))) lost.push(journey)
  }
  return lost
}

async function hasGround(tx: Db, ctx: RouteContext, journey: Journey, event: string): Promise<boolean> {
  const rule = ctx.pack.rules.get(ctx.pack.routes.get(journey.route_id)?.trigger ?? '')
  if (!rule) return true
  const per = rule.source.per
  const as_of = dateIn(ctx.clock.now(), ctx.pack.zone)
  const wanted = { subjects: [journey.subject_id], predicates: per ? [per.list] : rule.reads }
  const known = (await readForRules(tx, ctx.pack, [wanted], { day: as_of })).get(journey.subject_id)!
  if (per)
    return known.some((f) => f.predicate === per.list && f.item === journey.item && f.state === 'known')
  // Time alone may end what a rule says; only the event the journey began with takes it back.
  if (journey.event !== event) return true
  return evaluate(rule, ruleFacts(ctx.pack, rule.reads, known, as_of), { asOf: as_of }).outcome === 'applies'
}

/** A decision was taken on a step's case: granted goes on to the agency, refused ends the step. Caller holds the lock. */
export const decideStep = (
  tx: Db,
  ctx: RouteContext,
  step: { readonly subject: SubjectId; readonly step_id: string },
  decided: {
    readonly decision: string
    readonly outcome: 'granted' | 'refused'
    readonly amount: number | null
  },
): Promise<Outcome<Move>> => putById(tx, ctx, step, { is: 'decided', ...decided })

/**
 * The person claims what the rule left out: the step becomes a case, on which a human decides (and hears them first). The
 * same claim again changes nothing. The caller holds the subject's lock. Refusals: `not_found`, `step_past_it`.
 * @param claim.step the step's name in the route
 */
export async function claimStep(
  tx: Db,
  ctx: RouteContext,
  claim: { readonly subject: SubjectId; readonly journey_id: string; readonly step: string },
): Promise<Outcome<{ readonly repeated: boolean }>> {
  const before = await findJourney(tx, claim.subject, claim.journey_id)
  const step = (before ? await stepsOf(tx, claim.subject, [before.id]) : []).find(
    (s) => s.step === claim.step,
  )
  if (!before || !step) return refused({ code: 'not_found', message: 'There is no such step.' })
  if (step.state !== 'skipped' && step.case_id !== null) return accepted({ repeated: true })
  const is_going = before.state === 'running' || before.state === 'finished'
  if (!is_going || !isLeftOut(step))
    return refused({ code: 'step_past_it', message: 'This step was not left out by its rule.' })
  // What had come to its end goes on again.
  const journey: Journey = { ...before, state: 'running', ended_at: null }
  if (before.state === 'finished')
    await setJourneyState(tx, before, 'running', { ended_at: null, undo_because: null })
  const moved = await put(tx, ctx, journey, step, { is: 'claimed' })
  return moved.ok ? accepted({ repeated: false }) : moved
}

/** Whether a step was left out because its rule does not apply: only then can it be claimed. */
export const isLeftOut = (step: StepRow): boolean =>
  step.state === 'skipped' &&
  step.kind === 'case' &&
  (step.reason as { readonly code?: string } | null)?.code === 'does_not_apply'

/** A civil servant sends a stuck step to the agency again. Caller holds the lock and checked who may. */
export const retryStep = (
  tx: Db,
  ctx: RouteContext,
  step: { readonly subject: SubjectId; readonly step_id: string },
  officer: string,
): Promise<Outcome<Move>> => putById(tx, ctx, step, { is: 'retry', officer })

/** A civil servant did (or took back) by hand what the interface could not. Caller holds the lock and checked who may. */
export const finishStepByHand = (
  tx: Db,
  ctx: RouteContext,
  step: { readonly subject: SubjectId; readonly step_id: string },
  by: { readonly officer: string; readonly reference: string | null; readonly note: string },
): Promise<Outcome<Move>> => putById(tx, ctx, step, { is: 'by hand', ...by })

/** The term of a step has passed. Does nothing when the step is over. */
export const stepOverdue = (
  tx: Db,
  ctx: RouteContext,
  step: { readonly subject: SubjectId; readonly step_id: string },
): Promise<Outcome<Move>> => putById(tx, ctx, step, { is: 'overdue' })

async function putById(
  tx: Db,
  ctx: RouteContext,
  ref: { readonly subject: SubjectId; readonly step_id: string },
  input: Parameters<typeof put>[4],
): Promise<Outcome<Move>> {
  const step = await findStep(tx, ref.subject, ref.step_id)
  const journey = step && (await findJourney(tx, ref.subject, step.journey_id))
  if (!step || !journey) return refused({ code: 'not_found', message: 'There is no such step.' })
  return put(tx, ctx, journey, step, input)
}

export type JourneyView = { readonly journey: Journey; readonly steps: readonly StepRow[] }

/** A journey with its steps in the route's order, or null. */
export async function journeyView(db: Db, subject: SubjectId, id: string): Promise<JourneyView | null> {
  const journey = await findJourney(db, subject, id)
  return journey && { journey, steps: await stepsOf(db, subject, [id]) }
}

export const JOURNEYS_MAX = 200

/** A subject's journeys with their steps, newest first, at most `JOURNEYS_MAX`. */
export async function journeysOf(
  db: Db,
  subject: SubjectId,
  limit: number = JOURNEYS_MAX,
): Promise<JourneyView[]> {
  const journeys = await listJourneys(db, subject, Math.min(limit, JOURNEYS_MAX))
  const steps = await stepsOf(
    db,
    subject,
    journeys.map((j) => j.id),
  )
  return journeys.map((journey) => ({ journey, steps: steps.filter((s) => s.journey_id === journey.id) }))
}

/** More than any journey has; a step that is tried for ever is shown from its beginning. */
const HISTORY_MAX = 1000

/** Every move of these steps, oldest first. */
export const stepHistory = (db: Db, subject: SubjectId, steps: readonly string[]): Promise<HistoryRow[]> =>
  historyOf(db, subject, steps, HISTORY_MAX)

/** One step and its journey, or null. */
export async function findStepView(
  db: Db,
  subject: SubjectId,
  step_id: string,
): Promise<{ readonly journey: Journey; readonly step: StepRow } | null> {
  const step = await findStep(db, subject, step_id)
  const journey = step && (await findJourney(db, subject, step.journey_id))
  return step && journey ? { journey, step } : null
}
