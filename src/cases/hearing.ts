/**
 * The right to be heard: before anything adverse is decided the person is told what is intended, why, and from which
 * facts, and can answer until a day. Only then can it be decided, on these grounds and for these reasons alone.
 */
import type { HearingTerm, LocaleCode } from '../packs/packs.ts'
import { lockSubjects } from '../people/people.ts'
import { canonical, type Json } from '../platform/canonical.ts'
import { type DateText, dateIn } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import { clearDue } from '../platform/due.ts'
import type { SubjectId } from '../platform/ids.ts'
import { accepted, type Outcome, type Refusal, refused } from '../platform/refusal.ts'
import type { Citation } from '../rules/rules.ts'
import type { CaseContext } from './context.ts'
import type { Draft } from './draft.ts'
import { groundsOf, HEARING_LAPSES, liveHearing } from './ending.ts'
import type { FailedCondition } from './failing.ts'
import { hearingAfter, isHeard } from './hearing-state.ts'
import type { RecordFact } from './record.ts'
import { type CaseRow, findHearing, type HearingAnswer, type HearingRow, moveHearing } from './store.ts'
import { clean } from './texts.ts'
import type { Texts } from './wording.ts'

/** What a person is told, kept as they were told it. */
export type Told = {
  readonly service: Texts
  readonly agency: string
  readonly rule: {
    readonly id: string
    readonly version: number
    readonly hash: string
    readonly law: readonly Citation[]
  }
  readonly item: string
  /** The day the claim is judged by. */
  readonly as_of: DateText
  /** What would be given, and what a draft of this case gave before; minor units. Null: nothing. */
  readonly amount: number | null
  readonly instead_of: number | null
  readonly reasons: Texts
  /** What the person can put right, in the civil servant's words. */
  readonly to_fix: Texts
  readonly failed_conditions: readonly FailedCondition[]
  readonly facts: readonly RecordFact[]
  readonly term: HearingTerm
}

/** A person's own words, in characters. */
const ANSWER_MAX = 4000
const WRONG_FACTS_MAX = 100

/**
 * A person answers what they were told: once; the same again changes nothing. The caller holds the subject's lock.
 * Refusals: `not_found`, `hearing_over`, `already_answered`, `text_needed`, `facts_needed`, `text_refused`.
 */
export async function answerHearing(
  tx: Db,
  ctx: Pick<CaseContext, 'clock' | 'pack'>,
  given: { readonly subject: SubjectId; readonly id: string; readonly answer: HearingAnswer },
): Promise<Outcome<{ readonly hearing: HearingRow; readonly repeated: boolean }>> {
  const hearing = await findHearing(tx, given.subject, given.id)
  if (!hearing) return refused({ code: 'not_found', message: 'There is no such hearing.' })
  const told = hearing.told as unknown as Told
  const answer = cleaned(given.answer)
  if (hearing.state === 'answered' && canonical(hearing.answer as unknown as Json) === canonical(answer))
    return accepted({ hearing, repeated: true })
  const today = dateIn(ctx.clock.now(), ctx.pack.zone)
  const next = hearingAfter(hearing, { is: 'answer', today })
  if (!next.ok) return next
  const wrong = wrongWithAnswer(answer, told)
  if (wrong) return refused(wrong)
  const answered_at = ctx.clock.now()
  const after = { state: next.value, answer, answered_at, ended_at: null, ended_because: null }
  if (!(await moveHearing(tx, hearing, after))) throw new Error('a hearing moved under its lock')
  await clearDue(tx, HEARING_LAPSES, hearing.subject_id, hearing.id)
  return accepted({ hearing: { ...hearing, ...after }, repeated: false })
}

const cleaned = ({ kind, text, wrong_facts }: HearingAnswer): HearingAnswer => ({
  kind,
  text: kind === 'nothing_to_add' ? '' : text.trim(),
  wrong_facts: kind === 'fact_wrong' ? [...new Set(wrong_facts)].sort() : [],
})

function wrongWithAnswer({ kind, text, wrong_facts }: HearingAnswer, told: Told): Refusal | null {
  if (text.length > ANSWER_MAX || !clean(text))
    return { code: 'text_refused', message: `At most ${ANSWER_MAX} characters, without control characters.` }
  if (kind === 'statement' && text === '')
    return { code: 'text_needed', at: 'text', message: 'Say something, or that there is nothing to add.' }
  if (kind !== 'fact_wrong') return null
  const known = new Set(told.facts.map((fact) => fact.fact_id))
  if (
    wrong_facts.length === 0 ||
    wrong_facts.length > WRONG_FACTS_MAX ||
    !wrong_facts.every((f) => known.has(f))
  )
    return {
      code: 'facts_needed',
      at: 'wrong_facts',
      message: 'Name the facts you were told that are wrong.',
    }
  return null
}

/** The last day may have passed: then nothing came. Does nothing otherwise, or when it moved on before. */
export async function lapseHearing(
  tx: Db,
  ctx: Pick<CaseContext, 'clock' | 'pack'>,
  of: { readonly subject: SubjectId; readonly id: string },
): Promise<void> {
  await lockSubjects(tx, [of.subject])
  const hearing = await findHearing(tx, of.subject, of.id)
  if (hearing) await lapsed(tx, ctx, hearing)
}

async function lapsed(
  tx: Db,
  ctx: Pick<CaseContext, 'clock' | 'pack'>,
  hearing: HearingRow,
): Promise<HearingRow> {
  const today = dateIn(ctx.clock.now(), ctx.pack.zone)
  const next = hearingAfter(hearing, { is: 'day passed', today })
  if (!next.ok) return hearing
  const after = { state: next.value, answer: null, answered_at: null, ended_at: null, ended_because: null }
  if (!(await moveHearing(tx, hearing, after))) throw new Error('a hearing moved under its lock')
  await clearDue(tx, HEARING_LAPSES, hearing.subject_id, hearing.id)
  return { ...hearing, ...after }
}

/**
 * The hearing that allows something adverse to be decided now. The caller holds the lock.
 * Refusals: `hearing_needed`, `being_heard` (the person may still answer), `answer_not_taken_up`, `text_refused`.
 */
export async function heardBefore(
  tx: Db,
  ctx: CaseContext,
  of: {
    readonly found: CaseRow
    readonly intended: 'refused' | 'less'
    readonly prepared: Draft
    readonly person_locale: LocaleCode
    readonly considered: Texts
  },
): Promise<Outcome<HearingRow>> {
  const live = await liveHearing(tx, of.found)
  if (!live || live.intended !== of.intended || live.grounds_hash !== groundsOf(of.prepared))
    return refused({
      code: 'hearing_needed',
      message:
        'Nothing adverse is decided before the person was told of it, with its grounds, and could answer.',
      next: 'Tell the person what is intended.',
    })
  const hearing = await lapsed(tx, ctx, live)
  if (!isHeard(hearing.state))
    return refused({
      code: 'being_heard',
      message: 'The person was told and may still answer.',
      next: 'Wait for the answer or the end of the day; a favourable decision is possible at any time.',
      facts: { answer_by: hearing.answer_by },
    })
  const has_said = hearing.answer !== null && hearing.answer.kind !== 'nothing_to_add'
  if (has_said && (of.considered[of.person_locale]?.trim() ?? '') === '')
    return refused({
      code: 'answer_not_taken_up',
      at: `considered.${of.person_locale}`,
      message: 'Say in the language the person reads what you make of what they said.',
    })
  return accepted(hearing)
}
