import { openMemory } from '../consent/consent.ts'
import { chooseFacts } from '../memory/memory.ts'
import type { Pack, Purpose, RouteStep } from '../packs/packs.ts'
import { identifierOf, lockSubjects } from '../people/people.ts'
import type { Json } from '../platform/canonical.ts'
import { dateIn } from '../platform/clock.ts'
import type { SubjectId } from '../platform/ids.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import type { Citation } from '../rules/rules.ts'
import type { RouteContext } from './context.ts'
import { put, routeStep } from './moving.ts'
import { findJourney, findStep, firstSentAt, type Journey, type StepRow } from './store.ts'
import type { AgencyAnswer, StepState } from './transition.ts'

/** What a job names: the step, by its subject. */
export type StepRef = { readonly subject_id: SubjectId; readonly step_id: string }

/**
 * The job `routes.call`: discloses what the step's purpose allows and asks the agency, outside any transaction.
 * Late and repeated runs find the step elsewhere and do nothing.
 */
export async function callAgency(ctx: RouteContext, ref: StepRef): Promise<void> {
  const at = await find(ctx, ref, 'sending')
  if (!at) return
  const body = await bodyOf(ctx, at.journey, at.step, at.plan)
  const answer: AgencyAnswer = body.ok
    ? await ctx.agencies.send({ ...callOf(at), body: body.value })
    : { is: 'refused', reason: { code: body.refusal.code, text: body.refusal.message } }
  await record(ctx, at, answer)
}

/** The job `routes.poll`: asks how a taken task goes. */
export async function pollAgency(ctx: RouteContext, ref: StepRef): Promise<void> {
  const at = await find(ctx, ref, 'working')
  if (!at) return
  await record(ctx, at, await ctx.agencies.ask(callOf(at)))
}

/**
 * The job `routes.undo`: asks the agency to take the effect back. A call still in flight cannot pass it: the agency
 * marks a key that was undone before it was seen, and refuses the call that comes after.
 */
export async function undoAtAgency(ctx: RouteContext, ref: StepRef): Promise<void> {
  const at = await find(ctx, ref, 'undoing')
  if (!at) return
  const { undo_because } = at.journey
  const reason = { event: undo_because, text: 'The event this rests on was retracted or corrected.' }
  await record(ctx, at, await ctx.agencies.undo({ ...callOf(at), body: { task: at.plan.undo, reason } }))
}

type At = { readonly journey: Journey; readonly step: StepRow; readonly plan: RouteStep }

async function find(ctx: RouteContext, ref: StepRef, state: StepState): Promise<At | null> {
  const step = await findStep(ctx.db, ref.subject_id, ref.step_id)
  if (step?.state !== state) return null
  const journey = await findJourney(ctx.db, ref.subject_id, step.journey_id)
  return journey && { journey, step, plan: routeStep(ctx.pack, journey, step) }
}

const callOf = ({ step, plan }: At) => ({
  agency: plan.agency,
  key: step.id,
  timeout_ms: plan.timeout_ms,
})

/** The answer takes effect only if the step still is where it was when the agency was asked. */
async function record(ctx: RouteContext, asked: At, answer: AgencyAnswer): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await lockSubjects(tx, [asked.step.subject_id])
    const step = await findStep(tx, asked.step.subject_id, asked.step.id)
    const journey = await findJourney(tx, asked.step.subject_id, asked.step.journey_id)
    if (!step || !journey) return
    if (step.state !== asked.step.state || step.attempts !== asked.step.attempts) return
    await put(tx, ctx, journey, step, { is: 'answered', answer, attempts_max: asked.plan.attempts })
  })
}

/**
 * What the agency is told. A repetition must say the same under the same key, so facts are those known at the first
 * sending, however memory changed since; each read makes its access entry.
 */
async function bodyOf(
  ctx: RouteContext,
  journey: Journey,
  step: StepRow,
  plan: RouteStep,
): Promise<Outcome<Json>> {
  const purpose = ctx.pack.purposes.get(plan.purpose)
  if (!purpose)
    return refused({
      code: 'unknown_purpose',
      message: `The pack has no purpose ${plan.purpose} of step ${plan.id}.`,
    })
  const known_at = (await firstSentAt(ctx.db, step.subject_id, step.id)) ?? ctx.clock.now()
  const data: { [field: string]: Json } = {}
  for (const who of ['subject', 'about'] as const) {
    const wanted = plan.send
      .filter((name) => name.startsWith(`${who}.`))
      .map((name) => name.slice(who.length + 1))
    const subject = who === 'subject' ? journey.subject_id : journey.about_id
    if (wanted.length === 0 || subject === null) continue
    const told = await disclose(ctx, journey, plan, purpose, subject, wanted, known_at)
    if (!told.ok) return told
    for (const [name, value] of told.value) data[`${who}.${name}`] = value
  }
  const decision = decisionOf(step.result)
  if (decision) {
    data['decision.id'] = decision.id
    if (decision.amount !== null) data['decision.amount'] = decision.amount
  }
  return accepted({
    task: plan.task,
    // One transaction of ours for one key: a repetition is the same transaction.
    transaction_id: step.id,
    journey: journey.id,
    purpose: {
      code: purpose.code,
      text: ctx.pack.words.get(ctx.pack.locales[0]!)?.get(purpose.words) ?? purpose.words,
      legal_basis: purpose.legal_basis,
      legal: citationText(purpose.legal),
    },
    sender: 'hamroh',
    data,
  })
}

const identifierKinds = ['pinfl', 'stir', 'passport'] as const
const isIdentifier = (name: string): name is (typeof identifierKinds)[number] =>
  (identifierKinds as readonly string[]).includes(name)

async function disclose(
  ctx: RouteContext,
  journey: Journey,
  plan: RouteStep,
  purpose: Purpose,
  subject: SubjectId,
  wanted: readonly string[],
  known_at: Date,
): Promise<Outcome<[string, Json][]>> {
  const predicates = wanted.filter((name) => !isIdentifier(name))
  const valid_on = dateIn(known_at, ctx.pack.zone)
  // An identifier alone is a disclosure too: the entry is written even when no fact is read.
  const opened = await openMemory(
    ctx.gate,
    { clock: ctx.clock, ids: ctx.ids, zone: ctx.pack.zone },
    {
      subject,
      actor_kind: 'agency',
      actor: plan.agency,
      purpose: purpose.code,
      predicates,
      journey_id: journey.id,
      channel: 'agency',
      automated: true,
      valid_on,
      known_at,
    },
  )
  if (!opened.ok) return opened
  const told: [string, Json][] = []
  for (const fact of chooseFacts(ctx.pack, opened.value.facts, valid_on)) {
    if (fact.state === 'known' && isOne(ctx.pack, fact.predicate)) told.push([fact.predicate, fact.value])
  }
  for (const kind of wanted.filter(isIdentifier)) {
    const value = await identifierOf(ctx.db, subject, kind)
    if (value !== null) told.push([kind, value])
  }
  return accepted(told)
}

/** Items of a many-valued predicate are keyed by subject ids, which mean nothing outside and must not leave. */
const isOne = (pack: Pack, predicate: string): boolean =>
  pack.vocabulary.get(predicate)?.cardinality === 'one'

function decisionOf(result: Json): { id: string; amount: number | null } | null {
  if (typeof result !== 'object' || result === null || !('decision' in result)) return null
  return (result as { decision: { id: string; amount: number | null } }).decision
}

const citationText = (c: Citation): string => [c.act, c.date, c.clause].filter(Boolean).join(', ')
