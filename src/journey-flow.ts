/**
 * From an accepted proposal to agencies, civil servants and decisions: composes routes and cases, as flow.ts composes
 * the way of an event. Every action is one transaction under the subject's lock; what leaves the process is a job.
 */
import {
  answerHearing,
  askCitizen,
  type CaseContext,
  type Finalised,
  type FinaliseInput,
  finalise,
  grantWish,
  HEARING_LAPSES,
  type HearingAnswer,
  type HearingRow,
  type Intention,
  lapseHearing,
  lockCase,
  type Officer,
  type Opened,
  openHearing,
  questionTo,
  reconsiderCases,
  type Signer,
  type StandingDraft,
  saveDraft,
  settleQuestion,
} from './cases/cases.ts'
import { keepSigned, type Signed } from './identity/identity.ts'
import type { LocaleCode, Pack } from './packs/packs.ts'
import { lockSubjects } from './people/people.ts'
import type { Json } from './platform/canonical.ts'
import { type Clock, type DateText, dateIn } from './platform/clock.ts'
import type { Database, Db } from './platform/database.ts'
import type { Due } from './platform/due.ts'
import type { Ids, SubjectId } from './platform/ids.ts'
import type { JobHandlers } from './platform/jobs.ts'
import { accepted, type Outcome, type Refusal, RefusedError, refused } from './platform/refusal.ts'
import { linkJourney, type Proposal } from './proposals/proposals.ts'
import {
  type AgencyPort,
  applicationDay,
  callAgency,
  claimStep,
  decideStep,
  findStepView,
  finishStepByHand,
  type Journey,
  journeysWithoutGround,
  pollAgency,
  predicatesReadBy,
  type RouteContext,
  reconsiderSteps,
  retryStep,
  STEP_OVERDUE,
  type StepRef,
  startJourney,
  stepOverdue,
  undoAtAgency,
  undoJourney,
} from './routes/routes.ts'
import type { RuleType } from './rules/rules.ts'
import { recordProcessing } from './trust/trust.ts'

export type JourneyContext = RouteContext &
  CaseContext & {
    /** Purpose the engine's own processing is recorded under. */
    readonly processing_purpose: string
  }

/** Composes what journeys need. Without `agencies` answering, every task goes to a human. */
export function makeJourneys(of: {
  readonly pack: Pack
  readonly clock: Clock
  readonly queue_clock: Clock
  readonly ids: Ids
  readonly random: () => number
  readonly db: Database
  readonly gate: Database
  readonly agencies: AgencyPort
  readonly signer: Signer
  readonly processing_purpose: string
  readonly name_predicate: string
}): JourneyContext {
  const ctx: JourneyContext = {
    ...of,
    // The rules in force may change while the program runs.
    get pack() {
      return of.pack
    },
    grantWish: (tx, wish) => grantWish(tx, ctx, wish),
  }
  return ctx
}

/** What the job queue does for journeys. Each may run twice or late: the second finds the step elsewhere. */
export function journeyJobs(ctx: JourneyContext): JobHandlers {
  const on = (work: (ctx: RouteContext, ref: StepRef) => Promise<void>) => {
    return (payload: { readonly [key: string]: Json }) =>
      work(ctx, { subject_id: String(payload.subject_id) as SubjectId, step_id: String(payload.step_id) })
  }
  return { 'routes.call': on(callAgency), 'routes.poll': on(pollAgency), 'routes.undo': on(undoAtAgency) }
}

/** What flow.ts asks of journeys, in its own transaction, which holds the subjects' locks. */
export const journeyReactions = (ctx: JourneyContext) => ({
  onFactsChanged: (tx: Db, subjects: readonly SubjectId[]) => onFactsChanged(tx, ctx, subjects),
  onEventCancelled: (tx: Db, cancelled: Cancelled) => onEventCancelled(tx, ctx, cancelled),
  onDue: (tx: Db, due: Due) => onDue(tx, ctx, due),
})

/**
 * Starts the journey of an accepted proposal, in the transaction of the answer, which holds the subject's lock. Null
 * for a proposal that is no route. A repeated answer gets the same journey.
 */
export async function acceptRoute(
  tx: Db,
  ctx: JourneyContext,
  proposal: Proposal,
): Promise<Outcome<Journey | null>> {
  if (proposal.route_id === null) return accepted(null)
  const { subject_id: subject, item, event, route_id } = proposal
  const started = await startJourney(tx, ctx, {
    subject,
    proposal_id: proposal.id,
    route_id,
    about_id: aboutOf(ctx.pack, route_id, item),
    item,
    event,
  })
  if (!started.ok) return started
  if (proposal.journey_id === null) await linkJourney(tx, subject, proposal.id, started.value.id)
  const predicates = predicatesReadBy(ctx, route_id)
  await recordProcessing(tx, { id: ctx.ids(), at: ctx.clock.now(), purpose: ctx.processing_purpose }, [
    { subject, id: ctx.ids(), because: event, predicates },
  ])
  return started
}

/** The item of a list of related subjects is itself the subject the route is about. */
function aboutOf(pack: Pack, route_id: string, item: string): SubjectId | null {
  const rule = pack.rules.get(pack.routes.get(route_id)?.trigger ?? '')
  const list = pack.vocabulary.get(rule?.source.per?.list ?? '')
  return list?.relation !== undefined && item !== '' ? (item as SubjectId) : null
}

/** Facts of these subjects changed: steps and cases that wait for them look again. */
export async function onFactsChanged(
  tx: Db,
  ctx: JourneyContext,
  subjects: readonly SubjectId[],
): Promise<void> {
  if (subjects.length === 0) return
  await reconsiderSteps(tx, ctx, subjects)
  await reconsiderCases(tx, ctx, subjects)
}

/** An event that lost its effect, the one that took it, and who took part. */
export type Cancelled = {
  readonly event: string
  readonly because: string
  readonly subjects: readonly SubjectId[]
}

/** An event lost its effect: journeys that rest on what it alone told are taken back. */
export async function onEventCancelled(
  tx: Db,
  ctx: JourneyContext,
  { event, because, subjects }: Cancelled,
): Promise<void> {
  for (const journey of await journeysWithoutGround(tx, ctx, event, subjects))
    must(await undoJourney(tx, ctx, { subject: journey.subject_id, journey_id: journey.id, because }))
}

/** The clock has made something due. Kinds that are not the journeys' own are left alone. */
export async function onDue(tx: Db, ctx: JourneyContext, due: Due): Promise<void> {
  if (due.kind === STEP_OVERDUE) await stepOverdue(tx, ctx, { subject: due.subject_id, step_id: due.ref })
  if (due.kind === HEARING_LAPSES) await lapseHearing(tx, ctx, { subject: due.subject_id, id: due.ref })
}

// ── People ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Makes an event of a person's answer, in the caller's transaction, and tells memory; returns the event's id. */
export type RecordAnswer = (
  tx: Db,
  answer: {
    readonly subject: SubjectId
    readonly predicate: string
    readonly value: Json
    readonly question_id: string
    /** First day it holds: that of the application it is asked for. */
    readonly valid_from: DateText
  },
) => Promise<string>

/**
 * A person answers what they were asked. The same question answered again changes nothing.
 * Refusals: `not_found`, `value_refused` (does not fit the predicate's type).
 */
export async function answerQuestion(
  ctx: JourneyContext,
  given: { readonly subject: SubjectId; readonly question_id: string; readonly value: Json },
  record: RecordAnswer,
): Promise<Outcome<{ readonly repeated: boolean }>> {
  return ctx.db.transaction(async (tx) => {
    await lockSubjects(tx, [given.subject])
    const question = await questionTo(tx, given.subject, given.question_id)
    if (!question) return refused({ code: 'not_found', message: 'There is no such question.' })
    if (question.answered_at !== null) return accepted({ repeated: true })
    const predicate = ctx.pack.vocabulary.get(question.predicate)
    if (!predicate || !fits(predicate.type, given.value))
      return refused({
        code: 'value_refused',
        at: 'value',
        message: `This is no answer of the kind ${predicate?.type.kind ?? 'asked for'}.`,
      })
    const { subject, value, question_id } = given
    const view = question.step_id === null ? null : await findStepView(tx, subject, question.step_id)
    const valid_from = view ? applicationDay(ctx.pack, view.journey) : dateIn(ctx.clock.now(), ctx.pack.zone)
    const event = await record(tx, { subject, predicate: question.predicate, value, question_id, valid_from })
    await settleQuestion(tx, question, ctx.clock.now(), event)
    await onFactsChanged(tx, ctx, [subject])
    return accepted({ repeated: false })
  })
}

const TEXT_MAX = 1000

/** Whether a value is one of a type; money in whole minor units, dates as text. Lists are never asked of people. */
function fits(type: RuleType, value: Json): boolean {
  const within = (min: number | undefined, max: number | undefined): boolean =>
    Number.isSafeInteger(value) &&
    (value as number) >= (min ?? -Infinity) &&
    (value as number) <= (max ?? Infinity)
  switch (type.kind) {
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
      return within(type.min, type.max)
    case 'money':
      return within(type.min, undefined)
    case 'decimal':
      return typeof value === 'string' && /^-?\d{1,15}(\.\d{1,10})?$/.test(value)
    case 'date':
      return typeof value === 'string' && isDay(value)
    case 'code':
      return typeof value === 'string' && type.values.includes(value)
    case 'string':
      return (
        typeof value === 'string' &&
        value.length <= TEXT_MAX &&
        value.isWellFormed() &&
        !/\p{Cc}/u.test(value)
      )
    case 'duration':
    case 'subject':
    case 'list':
      return false
  }
}

function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text
}

/** A person claims what the rule of a step left out. Refusals: see `claimStep` of routes. */
export const claimLeftOut = (
  ctx: JourneyContext,
  claim: { readonly subject: SubjectId; readonly journey_id: string; readonly step: string },
): Promise<Outcome<{ readonly repeated: boolean }>> =>
  ctx.db.transaction(async (tx) => {
    await lockSubjects(tx, [claim.subject])
    return claimStep(tx, ctx, claim)
  })

/**
 * A person answers what they were told is intended against them. Refusals: see `answerHearing` of cases.
 */
export const answerIntended = (
  ctx: JourneyContext,
  given: { readonly subject: SubjectId; readonly id: string; readonly answer: HearingAnswer },
): Promise<Outcome<{ readonly hearing: HearingRow; readonly repeated: boolean }>> =>
  ctx.db.transaction(async (tx) => {
    await lockSubjects(tx, [given.subject])
    return answerHearing(tx, ctx, given)
  })

// ── Civil servants ──────────────────────────────────────────────────────────────────────────────────────────

/** A civil servant decides; the step goes on in the same transaction. Refusals: see `finalise`. */
export async function officerFinalises(
  ctx: JourneyContext,
  input: FinaliseInput,
  signed?: Signed,
): Promise<Outcome<Finalised>> {
  return whole(ctx, async (tx) => {
    const done = await finalise(tx, ctx, input)
    if (!done.ok || done.value.repeated) return done
    const { decision, found } = done.value
    if (signed) await keepSigned(tx, ctx.ids, found.subject_id, signed)
    if (found.step_id !== null) {
      const amount = decision.record.effect?.amount ?? null
      must(
        await decideStep(
          tx,
          ctx,
          { subject: found.subject_id, step_id: found.step_id },
          { decision: decision.id, outcome: decision.outcome, amount },
        ),
      )
    }
    return done
  })
}

/** A civil servant tells the person what is intended against them, and hears them. Refusals: see `openHearing`. */
export const officerIntends = (ctx: JourneyContext, given: Intention): Promise<Outcome<Opened>> =>
  ctx.db.transaction((tx) => openHearing(tx, ctx, given))

/** A civil servant asks the person for one thing. Refusals: see `askCitizen`. */
export const officerAsks = (
  ctx: JourneyContext,
  given: { readonly case_id: string; readonly predicate: string; readonly officer: Officer },
): Promise<Outcome<null>> => ctx.db.transaction((tx) => askCitizen(tx, ctx, given))

/** A civil servant changes the words of a draft. Refusals: see `saveDraft`. */
export const officerEdits = (
  ctx: JourneyContext,
  given: {
    readonly case_id: string
    readonly officer: Officer
    readonly draft_hash: string
    readonly reasons: { readonly [locale in LocaleCode]?: readonly string[] }
  },
): Promise<Outcome<StandingDraft>> => ctx.db.transaction((tx) => saveDraft(tx, ctx, given))

/**
 * A civil servant has a stuck task sent to the agency again. Refusals: `not_found`, `not_your_case`, `not_a_task`,
 * `step_past_it`, `still_with_the_agency`.
 */
export const officerRetries = (
  ctx: JourneyContext,
  given: { readonly case_id: string; readonly officer: Officer },
): Promise<Outcome<null>> => onTask(ctx, given, (tx, step) => retryStep(tx, ctx, step, given.officer.number))

const NOTE_MAX = 2000

/**
 * A civil servant did a stuck task by hand (or took it back by hand), and says how.
 * Refusals: as `officerRetries`, and `note_needed`.
 */
export const officerFinishes = (
  ctx: JourneyContext,
  given: {
    readonly case_id: string
    readonly officer: Officer
    readonly reference: string | null
    readonly note: string
  },
): Promise<Outcome<null>> => {
  const note = given.note.trim()
  const texts = [note, given.reference ?? '']
  if (note === '' || texts.some((t) => t.length > NOTE_MAX || !t.isWellFormed() || t.includes('\0')))
    return Promise.resolve(
      refused({
        code: 'note_needed',
        at: 'note',
        message: `Say in at most ${NOTE_MAX} characters what was done.`,
      }),
    )
  return onTask(ctx, given, (tx, step) =>
    finishStepByHand(tx, ctx, step, { officer: given.officer.number, reference: given.reference, note }),
  )
}

async function onTask(
  ctx: JourneyContext,
  given: { readonly case_id: string; readonly officer: Officer },
  work: (tx: Db, step: { subject: SubjectId; step_id: string }) => Promise<Outcome<unknown>>,
): Promise<Outcome<null>> {
  return ctx.db.transaction(async (tx) => {
    const found = await lockCase(tx, given.case_id, given.officer)
    if (!found.ok) return found
    const { kind, state, step_id, subject_id } = found.value
    if (kind !== 'task' || step_id === null)
      return refused({ code: 'not_a_task', message: 'This case is a decision to take, not a task.' })
    // Closed means somebody, or the agency itself, was faster: the wish is fulfilled.
    if (state !== 'open') return accepted(null)
    const moved = await work(tx, { subject: subject_id, step_id })
    return moved.ok ? accepted(null) : moved
  })
}

/** Runs work whose later steps may still refuse: then nothing of it is kept. */
async function whole<T>(ctx: JourneyContext, work: (tx: Db) => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await ctx.db.transaction(work)
  } catch (error) {
    if (error instanceof RefusedError) return refused(error.refusal)
    throw error
  }
}

function must<T>(
  outcome: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal },
): T {
  if (!outcome.ok) throw new RefusedError(outcome.refusal)
  return outcome.value
}
