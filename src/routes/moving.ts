import { readForRules, ruleFacts } from '../memory/memory.ts'
import type { Pack, RouteStep } from '../packs/packs.ts'
import type { Json } from '../platform/canonical.ts'
import { type DateText, dateIn } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import { clearDue, setDue } from '../platform/due.ts'
import { enqueue } from '../platform/jobs.ts'
import type { Outcome } from '../platform/refusal.ts'
import { addWorkingDays, type Determination, evaluate } from '../rules/rules.ts'
import { jitteredDelay, pollDelay } from './backoff.ts'
import type { RouteContext } from './context.ts'
import { insertHistory, type Journey, moveStep, type StepRow, setJourneyState, stepsOf } from './store.ts'
import {
  type Effect,
  type Finding,
  type Input,
  isByHand,
  isOver,
  type Move,
  transition,
} from './transition.ts'
import { passedAt } from './working-days.ts'

/** Kind of the due work that tells an overdue step. */
export const STEP_OVERDUE = 'step-overdue'

/** The step of the pack's route behind a stored step. @throws when the pack lost the route: a deployment mistake */
export function routeStep(pack: Pack, journey: Journey, step: StepRow): RouteStep {
  const found = pack.routes.get(journey.route_id)?.steps.find((s) => s.id === step.step)
  if (!found) throw new Error(`the pack has no step ${step.step} of route ${journey.route_id}`)
  return found
}

/**
 * Puts an input to a step: its next state, its history, jobs, due work and wishes, all in the caller's transaction,
 * which holds the subject's lock. Then lets go on what waited for it. Returns the move, or why nothing moved.
 */
export async function put(
  tx: Db,
  ctx: RouteContext,
  journey: Journey,
  step: StepRow,
  input: Input,
): Promise<Outcome<Move>> {
  const moved = await putAlone(tx, ctx, journey, step, input)
  if (moved.ok && moved.value.next !== step.state) await advance(tx, ctx, journey, step)
  return moved
}

/** The same without letting go on what waited: for callers that move several steps and advance once. */
export async function putAlone(
  tx: Db,
  ctx: RouteContext,
  journey: Journey,
  step: StepRow,
  input: Input,
): Promise<Outcome<Move>> {
  const outcome = transition(step, input)
  if (!outcome.ok) return outcome
  const move = outcome.value
  const plan = routeStep(ctx.pack, journey, step)
  const at = ctx.clock.now()
  const decision_case = move.effects.some((e) => e.do === 'open decision case') ? ctx.ids() : null
  const after: StepRow = {
    ...step,
    state: move.next,
    attempts: move.attempts ?? step.attempts,
    reference: move.reference === undefined ? step.reference : move.reference,
    result: move.result === undefined ? step.result : move.result,
    reason: move.reason === undefined ? step.reason : move.reason,
    case_id: decision_case ?? step.case_id,
    due_on: dueOn(ctx, plan, step, move),
    overdue: move.overdue ?? (move.next === 'undoing' && step.state !== 'undoing' ? false : step.overdue),
    changed_at: move.next === step.state ? step.changed_at : at,
  }
  // Under the subject's lock this cannot miss; should a caller forget the lock, it must not move twice.
  if (!(await moveStep(tx, step, after))) {
    return { ok: false, refusal: { code: 'step_past_it', message: 'The step moved on meanwhile.' } }
  }
  if (move.next !== step.state || move.reason !== undefined || input.is === 'overdue') {
    await insertHistory(tx, {
      subject_id: step.subject_id,
      id: ctx.ids(),
      step_id: step.id,
      from_state: step.state,
      to_state: move.next,
      at,
      note: noteOf(input, move),
    })
  }
  await keepClock(tx, ctx, step, after)
  for (const effect of move.effects) await carryOut(tx, ctx, journey, after, plan, effect, decision_case)
  return outcome
}

/** A term begins when the agency's turn begins: at the first sending, at the opening of a case, at an undo. */
function dueOn(ctx: RouteContext, plan: RouteStep, step: StepRow, move: Move): string | null {
  const begins =
    move.next !== step.state &&
    (move.next === 'case' || move.next === 'undoing' || (move.next === 'sending' && step.due_on === null))
  if (!begins) return step.due_on
  return addWorkingDays(ctx.pack, dateIn(ctx.clock.now(), ctx.pack.zone), plan.days)
}

async function keepClock(tx: Db, ctx: RouteContext, before: StepRow, after: StepRow): Promise<void> {
  if (isOver(after.state)) {
    if (before.due_on !== null) await clearDue(tx, STEP_OVERDUE, after.subject_id, after.id)
  } else if (after.due_on !== null && after.due_on !== before.due_on) {
    const due_at = passedAt(after.due_on, ctx.pack.zone)
    await setDue(tx, [{ due_at, kind: STEP_OVERDUE, subject_id: after.subject_id, ref: after.id }])
  }
}

function noteOf(input: Input, move: Move): Json {
  switch (input.is) {
    case 'answered':
      return { input: 'answered', answer: input.answer.is, reason: move.reason ?? null }
    case 'decided':
      return { input: 'decided', decision: input.decision, outcome: input.outcome }
    case 'retry':
      return { input: 'retry', by: input.officer }
    case 'by hand':
      return { input: 'by hand', by: input.officer, note: input.note }
    case 'undo':
      return { input: 'undo', event: input.because }
    case 'determined':
      return {
        input: 'determined',
        outcome: input.finding.outcome,
        predicate: input.finding.predicate,
        reason: move.reason ?? null,
      }
    default:
      return { input: input.is }
  }
}

async function carryOut(
  tx: Db,
  ctx: RouteContext,
  journey: Journey,
  step: StepRow,
  plan: RouteStep,
  effect: Effect,
  decision_case: string | null,
): Promise<void> {
  const of = { subject: step.subject_id, step_id: step.id }
  const opening = {
    ...of,
    journey_id: journey.id,
    agency: step.agency,
    item: journey.item,
    due_on: addWorkingDays(ctx.pack, dateIn(ctx.clock.now(), ctx.pack.zone), plan.days),
  }
  switch (effect.do) {
    case 'call':
      return later(tx, ctx, 'routes.call', step, delayOf(ctx, effect))
    case 'call back':
      // A first undo waits its turn: what depends on this step is taken back before it (see advance).
      if (effect.retry === undefined) return
      return later(tx, ctx, 'routes.undo', step, delayOf(ctx, effect))
    case 'poll':
      return later(tx, ctx, 'routes.poll', step, pollDelay(step.attempts, ctx.random()))
    case 'open decision case':
      return ctx.grantWish(tx, {
        want: 'open decision case',
        ...opening,
        case_id: decision_case!,
        rule: plan.rule!,
      })
    case 'open task case':
      return ctx.grantWish(tx, {
        want: 'open task case',
        ...opening,
        case_id: ctx.ids(),
        reason: effect.reason,
      })
    case 'close case':
      return ctx.grantWish(tx, { want: 'close case', ...of, reason: effect.reason })
    case 'draft again':
      return ctx.grantWish(tx, { want: 'draft again', ...of })
    case 'ask':
      return ctx.grantWish(tx, { want: 'ask', ...of, predicate: effect.predicate, agency: step.agency })
    case 'stop asking':
      return ctx.grantWish(tx, { want: 'stop asking', ...of })
  }
}

function delayOf(ctx: RouteContext, effect: { retry?: number; after_ms?: number }): number {
  if (effect.retry === undefined) return 0
  return Math.max(effect.after_ms ?? 0, jitteredDelay(effect.retry, ctx.random()))
}

async function later(
  tx: Db,
  ctx: RouteContext,
  task: string,
  step: StepRow,
  delay_ms: number,
): Promise<void> {
  const run_at =
    delay_ms === 0 ? {} : { run_at: new Date(ctx.queue_clock.now().getTime() + Math.round(delay_ms)) }
  await enqueue(tx, [
    {
      task,
      payload: { subject_id: step.subject_id, step_id: step.id },
      key: `${task} ${step.id}`,
      ...run_at,
    },
  ])
}

/**
 * Lets a journey go on: starts what waited, takes back what may be taken back now, and ends the journey.
 * @param moved the step that has just moved; without it all that can go on is looked at
 */
export async function advance(
  tx: Db,
  ctx: RouteContext,
  journey: Journey,
  moved_step?: StepRow,
): Promise<void> {
  // Each round moves at least one step forward, and no step moves more often than it has states.
  for (;;) {
    const steps = await stepsOf(tx, journey.subject_id, [journey.id])
    if (journey.state === 'undoing') return takeBack(tx, ctx, journey, steps, moved_step)
    let moved = false
    for (const step of steps) {
      if (step.state !== 'blocked') continue
      const input = await startOf(tx, ctx, journey, step, steps)
      if (input === null) continue
      moved = (await putAlone(tx, ctx, journey, step, input)).ok || moved
    }
    if (moved) continue
    if (journey.state === 'running' && steps.every((s) => isOver(s.state))) {
      await setJourneyState(tx, journey, 'finished', { ended_at: ctx.clock.now(), undo_because: null })
    }
    return
  }
}

async function startOf(
  tx: Db,
  ctx: RouteContext,
  journey: Journey,
  step: StepRow,
  steps: readonly StepRow[],
): Promise<Input | null> {
  const plan = routeStep(ctx.pack, journey, step)
  const before = steps.filter((s) => plan.after.includes(s.step))
  if (!before.every((s) => isOver(s.state))) return null
  const fallen = before.find((s) => s.state === 'refused')
  if (fallen) return { is: 'prerequisite refused', step: fallen.step }
  if (step.kind === 'task') return { is: 'start' }
  return { is: 'determined', finding: await find(tx, ctx, journey, plan) }
}

/** What depends on a step is taken back before it; the journey is undone when nothing of it is left. */
async function takeBack(
  tx: Db,
  ctx: RouteContext,
  journey: Journey,
  steps: readonly StepRow[],
  moved?: StepRow,
): Promise<void> {
  const left = steps.filter((s) => s.state !== 'undone' && s.state !== 'skipped')
  if (left.length === 0) {
    const ended_at = ctx.clock.now()
    await setJourneyState(tx, journey, 'undone', { ended_at, undo_because: journey.undo_because })
    return
  }
  const after = (s: StepRow) => routeStep(ctx.pack, journey, s).after
  for (const step of left) {
    if (step.state !== 'undoing' || isByHand(step.result)) continue
    const freed = moved === undefined || after(moved).includes(step.step)
    const depended_on = left.some((s) => after(s).includes(step.step))
    if (freed && !depended_on) await later(tx, ctx, 'routes.undo', step, 0)
  }
}

/**
 * The day a journey's claims are judged by: that of the acceptance, which is the person's application. Whoever applied in
 * time does not lose by how long an agency takes.
 */
export const applicationDay = (pack: Pack, journey: Pick<Journey, 'started_at'>): DateText =>
  dateIn(journey.started_at, pack.zone)

/** What a case step's rule says of the journey's subject for the day of the application, from what is known now. The caller holds the lock and records the processing. */
export async function find(tx: Db, ctx: RouteContext, journey: Journey, plan: RouteStep): Promise<Finding> {
  const rule = ctx.pack.rules.get(plan.rule ?? '')
  if (!rule) throw new Error(`the pack has no rule ${plan.rule} of step ${plan.id}`)
  const as_of = applicationDay(ctx.pack, journey)
  const wanted = { subjects: [journey.subject_id], predicates: rule.reads }
  const known = await readForRules(tx, ctx.pack, [wanted], { day: as_of })
  const cells = ruleFacts(ctx.pack, rule.reads, known.get(journey.subject_id)!, as_of)
  const said = evaluate(rule, cells, rule.source.per ? { asOf: as_of, item: journey.item } : { asOf: as_of })
  return findingOf(said)
}

function findingOf(said: Determination): Finding {
  const predicate = said.ask[0] ?? null
  // "Ask" without anything to ask is a gap in the rule: a human looks at it rather than nobody.
  const outcome = said.outcome === 'ask' && predicate === null ? 'human' : said.outcome
  return {
    outcome,
    predicate,
    reason: {
      code: said.outcome,
      rule: said.rule,
      rule_hash: said.rule_hash,
      as_of: said.as_of,
      facts: [...said.facts],
      // Only conditions, not values: reasons are read outside the gate.
      conditions: said.trace.map((a) => ({ predicate: a.predicate, text: a.text, value: a.value })),
      exception: said.exception,
    },
  }
}
