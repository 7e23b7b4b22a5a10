/** Hearings that are no longer about what would be decided: the case is closed, the grounds changed, or it was granted. */
import { canonical, type Json, sha256 } from '../platform/canonical.ts'
import type { Db } from '../platform/database.ts'
import { clearDue } from '../platform/due.ts'
import type { CaseContext } from './context.ts'
import type { Draft } from './draft.ts'
import { hearingAfter } from './hearing-state.ts'
import { type CaseRow, type HearingRow, liveHearings, moveHearing } from './store.ts'

/** Kind of the due work that tells that the last day to answer has passed. */
export const HEARING_LAPSES = 'hearing-lapses'

export type EndReason = {
  /** `grounds_changed`: the rule says something else now, or says it of other values. */
  readonly code: 'grounds_changed' | 'case_closed' | 'granted' | 'told_anew'
}

/** The hearing of a case that has not ended, or null. */
export async function liveHearing(
  db: Db,
  found: Pick<CaseRow, 'subject_id' | 'id'>,
): Promise<HearingRow | null> {
  return (await liveHearings(db, [found]))[0] ?? null
}

/** Ends a hearing, in the caller's transaction, which holds the subject's lock. Does nothing when it has ended. */
export async function endHearing(
  tx: Db,
  ctx: Pick<CaseContext, 'clock'>,
  hearing: HearingRow | null,
  because: EndReason,
): Promise<void> {
  if (hearing === null || !hearingAfter(hearing, { is: 'end' }).ok) return
  const { answer, answered_at } = hearing
  const ended_at = ctx.clock.now()
  if (
    !(await moveHearing(tx, hearing, {
      state: 'ended',
      answer,
      answered_at,
      ended_at,
      ended_because: because,
    }))
  )
    throw new Error('a hearing moved under its lock')
  await clearDue(tx, HEARING_LAPSES, hearing.subject_id, hearing.id)
}

/**
 * SHA-256 over what a draft rests on: what the rule said, and the values it looked at. The same value told again by
 * another event is no new ground; another value is, even when the outcome stays.
 */
export function groundsOf(draft: Draft): string {
  const { outcome, exception, there, params, trace } = draft.determination
  const conditions = trace.map(({ text, value, inputs }) => ({
    text,
    value,
    inputs: inputs.map((input) => ({ name: input.name, state: input.state, value: input.value })),
  }))
  const said = { outcome, exception, there, params, conditions }
  return sha256(
    canonical({ rule: draft.rule.hash, item: draft.item, amount: draft.amount, said } as unknown as Json),
  )
}
