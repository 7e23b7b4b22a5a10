/** Telling a person what is intended against them: what is said, on which grounds, and until when they can answer. */
import type { LocaleCode } from '../packs/packs.ts'
import { canonical, type Json } from '../platform/canonical.ts'
import { dateIn } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import { setDue } from '../platform/due.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import { passedAt } from '../routes/routes.ts'
import { addWorkingDays } from '../rules/rules.ts'
import { againstIntending, grantsLess, stateRefusal } from './allowed.ts'
import type { CaseContext, Officer } from './context.ts'
import { type Draft, reasonsIn } from './draft.ts'
import { endHearing, groundsOf, HEARING_LAPSES, liveHearing } from './ending.ts'
import { draftChanged, lockCase } from './guard.ts'
import type { Told } from './hearing.ts'
import { dayOfClaim, evaluateFor, prepareDraft, ruleOf } from './preparing.ts'
import { recordFacts } from './record.ts'
import { type CaseRow, type HearingRow, insertHearing, mostDrafted } from './store.ts'
import { inEveryLanguage, type Texts, wordsFor } from './wording.ts'

export type Intention = {
  readonly case_id: string
  readonly officer: Officer
  readonly intended: 'refused' | 'less'
  /** Hash of the draft the civil servant read. */
  readonly draft_hash: string
  readonly person_locale: LocaleCode
  /** Without them those of an adverse draft. */
  readonly reasons?: Texts
  readonly to_fix?: Texts
}

export type Opened = { readonly hearing: HearingRow; readonly repeated: boolean }

/**
 * Tells a person what is intended against them. The same told again changes nothing; other words, or the same after the
 * grounds have changed, are told anew with a whole term.
 * Refusals: `not_found`, `not_your_case`, `case_closed`, `waiting_for_answer`, `draft_changed`, `not_adverse`,
 * `reasons_needed`, `what_to_fix_needed`, `no_remedy_declared`, `no_hearing_declared`, `text_refused`.
 */
export async function openHearing(tx: Db, ctx: CaseContext, given: Intention): Promise<Outcome<Opened>> {
  const locked = await lockCase(tx, given.case_id, given.officer)
  if (!locked.ok) return locked
  const found = locked.value
  const state = stateRefusal(found)
  if (state) return refused(state)
  const standing = await prepareDraft(tx, ctx, found)
  const { prepared } = standing
  const reasons: Texts =
    given.reasons ?? inEveryLanguage(ctx.pack, (locale) => reasonsIn(standing.draft, locale))
  const to_fix = given.to_fix ?? {}
  const most = await mostDrafted(tx, found.subject_id, found.id)
  const live = await liveHearing(tx, found)
  const words = { person_locale: given.person_locale, intended: given.intended, reasons, to_fix }
  if (live && isSame(live, given, words)) return accepted({ hearing: live, repeated: true })
  if (standing.hash !== given.draft_hash) return draftChanged(standing)
  if (given.intended === 'less' && !grantsLess(prepared, most))
    return refused({ code: 'not_adverse', message: 'By the draft nothing less is granted than before.' })
  const wrong = againstIntending(ctx.pack, standing.draft, words)
  if (wrong) return refused(wrong)
  await endHearing(tx, ctx, live, { code: 'told_anew' })
  const told = await tellOf(tx, ctx, found, prepared, words, given.intended === 'less' ? most : null)
  return accepted({
    hearing: await insert(tx, ctx, found, given, told, groundsOf(prepared)),
    repeated: false,
  })
}

type Words = { readonly reasons: Texts; readonly to_fix: Texts }

function isSame(live: HearingRow, given: Intention, words: Words): boolean {
  const told = live.told as unknown as Told
  const same = (a: Texts, b: Texts): boolean => canonical(a as Json) === canonical(b as Json)
  return (
    live.intended === given.intended &&
    live.told_by === given.officer.number &&
    same(told.reasons, words.reasons) &&
    same(told.to_fix, words.to_fix)
  )
}

async function insert(
  tx: Db,
  ctx: CaseContext,
  found: CaseRow,
  given: Intention,
  told: Told,
  grounds_hash: string,
): Promise<HearingRow> {
  const told_at = ctx.clock.now()
  const hearing: HearingRow = {
    subject_id: found.subject_id,
    id: ctx.ids(),
    case_id: found.id,
    intended: given.intended,
    state: 'open',
    told: told as unknown as Json,
    grounds_hash,
    told_by: given.officer.number,
    told_at,
    answer_by: addWorkingDays(ctx.pack, dateIn(told_at, ctx.pack.zone), told.term.days),
    answer: null,
    answered_at: null,
    ended_at: null,
    ended_because: null,
  }
  // Under the lock it cannot be there already; if it is, a caller went around the lock and nothing may be kept.
  if (!(await insertHearing(tx, hearing))) throw new Error('a case has two hearings')
  const due_at = passedAt(hearing.answer_by, ctx.pack.zone)
  await setDue(tx, [{ due_at, kind: HEARING_LAPSES, subject_id: hearing.subject_id, ref: hearing.id }])
  return hearing
}

async function tellOf(
  tx: Db,
  ctx: CaseContext,
  found: CaseRow,
  prepared: Draft,
  words: Words,
  instead_of: number | null,
): Promise<Told> {
  const { pack } = ctx
  const rule = ruleOf(pack, found)
  const as_of = await dayOfClaim(tx, pack, found)
  const { facts } = await evaluateFor(tx, pack, rule, { subject: found.subject_id, item: found.item, as_of })
  return {
    service: inEveryLanguage(pack, (locale) => wordsFor(pack, locale, rule.source.text.title)),
    agency: found.agency,
    rule: { id: rule.source.id, version: rule.source.version, hash: rule.hash, law: rule.source.legal },
    item: found.item,
    as_of,
    amount: instead_of === null ? null : prepared.amount,
    instead_of,
    reasons: words.reasons,
    to_fix: words.to_fix,
    failed_conditions: prepared.failed,
    facts: recordFacts(facts, prepared.determination.facts),
    term: pack.hearing!,
  }
}
