import { type OpenedFact, openMemory } from '../consent/consent.ts'
import { chooseFacts } from '../memory/memory.ts'
import { dateIn } from '../platform/clock.ts'
import type { SubjectId } from '../platform/ids.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import { findStepView, type HistoryRow, type Journey, type StepRow, stepHistory } from '../routes/routes.ts'
import type { Determination } from '../rules/rules.ts'
import { grantsLess } from './allowed.ts'
import type { CaseContext, Officer } from './context.ts'
import { lockCase } from './guard.ts'
import { prepareDraft, purposeOf, type StandingDraft, standingDraft } from './preparing.ts'
import {
  type CaseRow,
  type DecisionRow,
  findDecisionOfCase,
  type HearingRow,
  hearingsOfCase,
  mostDrafted,
  type Question,
  questionsFor,
} from './store.ts'

/** Everything a civil servant sees of a case. */
export type CaseFile = {
  readonly found: CaseRow
  readonly journey: Journey | null
  readonly step: StepRow | null
  readonly purpose: string
  /** Facts that hold today, of the person and of whom the journey is about, with the access entry that opened them. */
  readonly facts: readonly (OpenedFact & {
    readonly of: 'subject' | 'about'
    readonly access_entry: string
  })[]
  /** What the rule says; for decision cases that are still open. */
  readonly determination: Determination | null
  readonly draft: StandingDraft | null
  /** What an earlier draft of the case would have given, where the standing one grants less; minor units. */
  readonly instead_of: number | null
  readonly questions: readonly Question[]
  /** What the person was told was intended against them, and what they said; oldest first. */
  readonly hearings: readonly HearingRow[]
  readonly history: readonly HistoryRow[]
  readonly decision: DecisionRow | null
}

/**
 * Opens a case for a civil servant of its agency. Their reading is written down first; a draft that no longer says
 * what the facts say is prepared anew. Refusals: `not_found`, `not_your_case`, `unknown_purpose`, and the gate's.
 */
export async function openCaseFile(
  ctx: CaseContext,
  of: { readonly case_id: string; readonly officer: Officer },
): Promise<Outcome<CaseFile>> {
  const allowed = await ctx.db.transaction(async (tx) => {
    const locked = await lockCase(tx, of.case_id, of.officer)
    return locked.ok
      ? accepted({ found: locked.value, purpose: await purposeOf(tx, ctx, locked.value) })
      : locked
  })
  if (!allowed.ok) return allowed
  const { found, purpose } = allowed.value
  if (purpose === null)
    return refused({ code: 'unknown_purpose', message: 'The pack has no purpose for this case.' })
  const view = found.step_id ? await findStepView(ctx.db, found.subject_id, found.step_id) : null
  const facts: CaseFile['facts'][number][] = []
  for (const [who, subject] of [
    ['subject', found.subject_id],
    ['about', view?.journey.about_id ?? null],
  ] as const) {
    if (subject === null) continue
    const opened = await read(ctx, found, of.officer, purpose, subject)
    if (!opened.ok) return opened
    for (const fact of opened.value.facts) facts.push({ ...fact, of: who, access_entry: opened.value.entry })
  }
  const prepared = await ctx.db.transaction(async (tx) => {
    const locked = await lockCase(tx, of.case_id, of.officer)
    const live = locked.ok && (locked.value.state === 'open' || locked.value.state === 'asking')
    return live && locked.value.kind === 'decision' ? prepareDraft(tx, ctx, locked.value) : null
  })
  const { draft, hash, version } = prepared ?? { draft: null, hash: '', version: 0 }
  const most = await mostDrafted(ctx.db, found.subject_id, found.id)
  return accepted({
    found,
    journey: view?.journey ?? null,
    step: view?.step ?? null,
    purpose,
    facts,
    determination: prepared?.said ?? null,
    draft: draft === null ? await standingDraft(ctx.db, found) : { draft, hash, version },
    instead_of: prepared && grantsLess(prepared.prepared, most) ? most : null,
    questions: await questionsFor(ctx.db, found.subject_id, { case_id: found.id, step_id: found.step_id }),
    hearings: await hearingsOfCase(ctx.db, found.subject_id, found.id),
    history: found.step_id ? await stepHistory(ctx.db, found.subject_id, [found.step_id]) : [],
    decision: await findDecisionOfCase(ctx.db, found.subject_id, found.id),
  })
}

async function read(
  ctx: CaseContext,
  found: CaseRow,
  officer: Officer,
  purpose: string,
  subject: SubjectId,
): Promise<Outcome<{ entry: string; facts: OpenedFact[] }>> {
  const opened = await openMemory(
    ctx.gate,
    { clock: ctx.clock, ids: ctx.ids, zone: ctx.pack.zone },
    {
      subject,
      actor_kind: 'officer',
      actor: officer.number,
      actor_role: found.kind === 'decision' ? 'prepares' : 'task',
      purpose,
      predicates: ctx.pack.purposes.get(purpose)?.predicates ?? [],
      case_id: found.id,
      ...(found.journey_id === null ? {} : { journey_id: found.journey_id }),
      channel: 'desk',
      automated: false,
    },
  )
  if (!opened.ok) return opened
  const today = dateIn(ctx.clock.now(), ctx.pack.zone)
  return accepted({
    entry: opened.value.entry,
    facts: chooseFacts(ctx.pack, opened.value.facts, today),
  })
}
