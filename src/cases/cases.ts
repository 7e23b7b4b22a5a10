/**
 * Cases: what a civil servant works on.
 *
 * In:  wishes of journeys; changed facts; what civil servants and people do.
 * Out: cases, drafts, questions; decisions, signed and replayable.
 * Promise: a draft is never a decision; only `finalise` makes one of the other, and it takes the civil servant who
 *          answers for it. A refusal carries reasons, what to fix and where to challenge (I5). A case has one decision.
 */
import { chooseFacts, readFacts } from '../memory/memory.ts'
import type { LocaleCode } from '../packs/packs.ts'
import type { Json } from '../platform/canonical.ts'
import { type DateText, dateIn } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import { isUuid, type SubjectId } from '../platform/ids.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import type { CaseWish } from '../routes/routes.ts'
import type { CaseContext, Officer } from './context.ts'
import { draftHash, editDraft } from './draft.ts'
import { endHearing, liveHearing } from './ending.ts'
import { draftChanged, lockCase } from './guard.ts'
import { prepareDraft, type StandingDraft, saveDraftBody } from './preparing.ts'
import {
  type CaseRow,
  casesAsking,
  closeQuestion,
  type DecisionRow,
  findCase,
  findDecisionOfCase,
  findDecisionRow,
  findHearing,
  findOpenCaseOfStep,
  findQuestion,
  type HearingRow,
  insertCase,
  insertQuestion,
  listDecisionRows,
  listHearings,
  listOpenCases,
  liveHearings,
  openQuestions,
  type Question,
  revokeGrantsOfStep,
  setCaseReason,
  setCaseState,
} from './store.ts'
import { clean, TEXT_MAX } from './texts.ts'

export type { CaseContext, Officer } from './context.ts'
export { type Draft, reasonsIn, type Sentence } from './draft.ts'
export { HEARING_LAPSES } from './ending.ts'
export type { FailedCondition } from './failing.ts'
export { type CaseFile, openCaseFile } from './file.ts'
export { type Decision, type Finalised, type FinaliseInput, finalise } from './finalise.ts'
export { lockCase } from './guard.ts'
export { answerHearing, lapseHearing, type Told } from './hearing.ts'
export { type HearingState, isHeard } from './hearing-state.ts'
export { type StandingDraft, standingDraft } from './preparing.ts'
export type { Computed, DecisionRecord, RecordFact, RecordRemedy, Signer } from './record.ts'
export { isSignedBy, keyId } from './record.ts'
export { type Replay, replayDecision } from './replay.ts'
export type { CaseRow, CaseState, DecisionRow, HearingAnswer, HearingRow, Question } from './store.ts'
export { type Intention, type Opened, openHearing } from './telling.ts'
export type { Texts } from './wording.ts'

/** Does what a journey wishes for, in its transaction, which holds the subject's lock. Every wish is idempotent. */
export async function grantWish(tx: Db, ctx: CaseContext, wish: CaseWish): Promise<void> {
  const at = ctx.clock.now()
  switch (wish.want) {
    case 'open decision case':
      return openDecisionCase(tx, ctx, wish)
    case 'open task case':
      return openTaskCase(tx, ctx, wish)
    case 'draft again': {
      const found = await findOpenCaseOfStep(tx, wish.subject, wish.step_id)
      if (found?.kind === 'decision') await prepareDraft(tx, ctx, found)
      return
    }
    case 'close case': {
      const found = await findOpenCaseOfStep(tx, wish.subject, wish.step_id)
      if (!found) return
      await setCaseState(tx, found, 'closed', { ended_at: at, reason: wish.reason })
      await endHearing(tx, ctx, await liveHearing(tx, found), { code: 'case_closed' })
      return
    }
    case 'ask': {
      for (const q of await openQuestions(tx, wish.subject)) {
        if (q.step_id === wish.step_id && q.predicate !== wish.predicate) await closeQuestion(tx, q, at, null)
      }
      const { subject: subject_id, step_id, predicate, agency: asked_by } = wish
      await ask(tx, ctx, { subject_id, case_id: null, step_id, predicate, asked_by })
      return
    }
    case 'stop asking':
      for (const q of await openQuestions(tx, wish.subject))
        if (q.step_id === wish.step_id) await closeQuestion(tx, q, at, null)
      return
    case 'revoke decisions':
      await revokeGrantsOfStep(tx, wish.subject, wish.step_id, at, wish.because)
  }
}

/** Opens the case on which a civil servant decides a step, with its first draft. */
export async function openDecisionCase(
  tx: Db,
  ctx: CaseContext,
  wish: Extract<CaseWish, { want: 'open decision case' }>,
): Promise<void> {
  const row = newCase(ctx, wish, { kind: 'decision', rule_id: wish.rule, reason: null })
  if (await insertCase(tx, row)) await prepareDraft(tx, ctx, row)
}

/** Opens the task of a human who does what an agency's interface could not; an open one gets the newest reason. */
export async function openTaskCase(
  tx: Db,
  ctx: CaseContext,
  wish: Extract<CaseWish, { want: 'open task case' }>,
): Promise<void> {
  const row = newCase(ctx, wish, { kind: 'task', rule_id: null, reason: wish.reason })
  if (!(await insertCase(tx, row))) await setCaseReason(tx, wish.subject, wish.step_id, wish.reason)
}

function newCase(
  ctx: CaseContext,
  wish: Extract<CaseWish, { want: 'open decision case' | 'open task case' }>,
  of: Pick<CaseRow, 'kind' | 'rule_id' | 'reason'>,
): CaseRow {
  return {
    subject_id: wish.subject,
    id: wish.case_id,
    agency: wish.agency,
    journey_id: wish.journey_id,
    step_id: wish.step_id,
    item: wish.item,
    state: 'open',
    opened_at: ctx.clock.now(),
    due_on: wish.due_on,
    ended_at: null,
    ...of,
  }
}

const ask = (
  tx: Db,
  ctx: CaseContext,
  q: Omit<Question, 'id' | 'asked_at' | 'answered_at' | 'answer_event'>,
): Promise<boolean> =>
  insertQuestion(tx, {
    ...q,
    id: ctx.ids(),
    asked_at: ctx.clock.now(),
    answered_at: null,
    answer_event: null,
  })

/**
 * Asks the person for one thing: the case waits for the answer. Asking again for the same is asking once.
 * Refusals: `not_found`, `not_your_case`, `case_closed`, `unknown_predicate`, `cannot_be_asked`.
 */
export async function askCitizen(
  tx: Db,
  ctx: CaseContext,
  given: { readonly case_id: string; readonly predicate: string; readonly officer: Officer },
): Promise<Outcome<null>> {
  const found = await lockCase(tx, given.case_id, given.officer)
  if (!found.ok) return found
  const row = found.value
  if (row.kind !== 'decision' || (row.state !== 'open' && row.state !== 'asking'))
    return refused({ code: 'case_closed', message: `This case is ${row.state}.` })
  const predicate = ctx.pack.vocabulary.get(given.predicate)
  if (!predicate) return refused({ code: 'unknown_predicate', message: 'The pack has no such predicate.' })
  // What only a registry knows is not asked of people.
  if (!predicate.ask || predicate.cardinality === 'many')
    return refused({ code: 'cannot_be_asked', message: 'A person is not asked for this.' })
  if (row.state === 'asking') {
    const same = isRecord(row.reason) && row.reason.predicate === given.predicate
    return same
      ? accepted(null)
      : refused({ code: 'already_asking', message: 'The case waits for another answer.' })
  }
  await ask(tx, ctx, {
    subject_id: row.subject_id,
    case_id: row.id,
    step_id: row.step_id,
    predicate: given.predicate,
    asked_by: given.officer.number,
  })
  const reason = { code: 'asked', predicate: given.predicate, by: given.officer.number }
  await setCaseState(tx, row, 'asking', { ended_at: null, reason })
  return accepted(null)
}

/**
 * Lets cases that wait for an answer go on once it is there, whoever told it: the person or a registry. The caller
 * holds the subjects' locks.
 */
export async function reconsiderCases(
  tx: Db,
  ctx: CaseContext,
  subjects: readonly SubjectId[],
): Promise<void> {
  for (const row of await casesAsking(tx, subjects)) {
    const predicate = isRecord(row.reason) ? String(row.reason.predicate) : ''
    const open = (await openQuestions(tx, row.subject_id)).find((q) => q.predicate === predicate)
    if (open && !(await toldSince(tx, ctx, row.subject_id, predicate, open.asked_at))) continue
    if (open) await closeQuestion(tx, open, ctx.clock.now(), null)
    if (!(await setCaseState(tx, row, 'open', { ended_at: null, reason: null }))) continue
    await prepareDraft(tx, ctx, { ...row, state: 'open', reason: null })
  }
}

async function toldSince(
  tx: Db,
  ctx: CaseContext,
  subject: SubjectId,
  predicate: string,
  asked_at: Date,
): Promise<boolean> {
  const facts = (await readFacts(tx, [subject], [predicate])).get(subject) ?? []
  const held = chooseFacts(ctx.pack, facts, dateIn(ctx.clock.now(), ctx.pack.zone))
  return held.some((f) => f.recorded_at >= asked_at)
}

/**
 * Stores a civil servant's words for a draft. Refusals: `not_found`, `not_your_case`, `case_closed`, `draft_changed`
 * (somebody or something made a newer one), `text_refused`.
 */
export async function saveDraft(
  tx: Db,
  ctx: CaseContext,
  given: {
    readonly case_id: string
    readonly officer: Officer
    readonly draft_hash: string
    readonly reasons: { readonly [locale in LocaleCode]?: readonly string[] }
  },
): Promise<Outcome<StandingDraft>> {
  const found = await lockCase(tx, given.case_id, given.officer)
  if (!found.ok) return found
  const row = found.value
  if (row.kind !== 'decision' || row.state === 'decided' || row.state === 'closed')
    return refused({ code: 'case_closed', message: `This case is ${row.state}.` })
  const lines = Object.values(given.reasons).flat()
  if (lines.length > LINES_MAX || !lines.every((l) => clean(l)))
    return refused({
      code: 'text_refused',
      message: `At most ${LINES_MAX} sentences of at most ${TEXT_MAX} characters, without control characters.`,
    })
  const standing = await prepareDraft(tx, ctx, row)
  if (standing.hash !== given.draft_hash) return draftChanged(standing)
  const edited = editDraft(standing.draft, { by: given.officer.number, reasons: given.reasons })
  const hash = draftHash(edited)
  if (hash !== standing.hash) await saveDraftBody(tx, ctx, row, edited, hash)
  return accepted({ draft: edited, hash, version: standing.version + (hash === standing.hash ? 0 : 1) })
}

/** Sentences of all languages together: no letter is longer. */
const LINES_MAX = 200

const isRecord = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// ── Reads ───────────────────────────────────────────────────────────────────────────────────────────────────

export const CASES_PAGE_MAX = 200

export type CasePage = { readonly cases: readonly CaseRow[]; readonly next: string | null }

/**
 * An agency's open cases, most urgent first. `cursor` is the `next` of the page before; one that nobody gave out is
 * read as the beginning.
 */
export async function listCases(
  db: Db,
  agency: string,
  limit: number,
  cursor: string | null = null,
): Promise<CasePage> {
  const size = Math.max(1, Math.min(limit, CASES_PAGE_MAX))
  const cases = await listOpenCases(db, agency, size + 1, readCursor(cursor))
  const page = cases.slice(0, size)
  const last = page.at(-1)
  return { cases: page, next: cases.length > size && last ? `${last.due_on}_${last.id}` : null }
}

function readCursor(cursor: string | null): { due_on: DateText; id: string } | null {
  const match = /^(\d{4}-\d{2}-\d{2})_(.+)$/.exec(cursor ?? '')
  return match && isUuid(match[2]!) ? { due_on: match[1]!, id: match[2]! } : null
}

/** A case of this agency, or null. Its subject's data are opened with `openCaseFile`. */
export async function getCase(db: Db, agency: string, id: string): Promise<CaseRow | null> {
  const found = isUuid(id) ? await findCase(db, id) : null
  return found?.agency === agency ? found : null
}

/** What a person is being asked. */
export const questionsTo = (db: Db, subject: SubjectId): Promise<Question[]> => openQuestions(db, subject)

/** One question to a person, answered or not; null when it is not theirs. */
export const questionTo = (db: Db, subject: SubjectId, id: string): Promise<Question | null> =>
  isUuid(id) ? findQuestion(db, subject, id) : Promise.resolve(null)

/** Marks a question answered by an event; false when somebody was faster. */
export const settleQuestion = (tx: Db, q: Question, at: Date, event: string): Promise<boolean> =>
  closeQuestion(tx, q, at, event)

export const DECISIONS_MAX = 200

/** A person's decisions, newest first. */
export const decisionsOf = (db: Db, subject: SubjectId): Promise<DecisionRow[]> =>
  listDecisionRows(db, subject, DECISIONS_MAX)

/** One decision of a subject, or null. */
export const findDecision = (db: Db, subject: SubjectId, id: string): Promise<DecisionRow | null> =>
  isUuid(id) ? findDecisionRow(db, subject, id) : Promise.resolve(null)

/** The decision of a case, or null. */
export const decisionOfCase = (
  db: Db,
  found: Pick<CaseRow, 'subject_id' | 'id'>,
): Promise<DecisionRow | null> => findDecisionOfCase(db, found.subject_id, found.id)

export const HEARINGS_MAX = 200

/** What a person was told before something adverse, newest first. */
export const hearingsOf = (db: Db, subject: SubjectId): Promise<HearingRow[]> =>
  listHearings(db, subject, HEARINGS_MAX)

/** One hearing of a subject, or null. */
export const hearingOf = (db: Db, subject: SubjectId, id: string): Promise<HearingRow | null> =>
  isUuid(id) ? findHearing(db, subject, id) : Promise.resolve(null)

/** The hearings of these cases that have not ended, by case. */
export async function hearingsByCase(
  db: Db,
  cases: readonly CaseRow[],
): Promise<ReadonlyMap<string, HearingRow>> {
  return new Map((await liveHearings(db, cases)).map((h) => [h.case_id, h]))
}
