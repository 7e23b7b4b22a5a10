import { openMemory } from '../consent/consent.ts'
import { type LocaleCode, languageVocabulary } from '../packs/packs.ts'
import { markJudged } from '../people/people.ts'
import { canonical, type Json } from '../platform/canonical.ts'
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import { ruleHash } from '../rules/rules.ts'
import { adverseIn, againstGranting, againstRefusing, stateRefusal, textRefusal } from './allowed.ts'
import type { CaseContext, Officer } from './context.ts'
import { reasonsIn } from './draft.ts'
import { endHearing, liveHearing } from './ending.ts'
import { draftChanged, lockCase } from './guard.ts'
import { heardBefore, type Told } from './hearing.ts'
import { dayOfClaim, evaluateFor, type Prepared, prepareDraft, purposeOf, ruleOf } from './preparing.ts'
import { compute, type DecisionRecord, recordBytes, recordHash } from './record.ts'
import { type DecisionWords, type ReadFacts, recordOf } from './recording.ts'
import {
  type CaseRow,
  type DecisionRow,
  findDecisionOfCase,
  type HearingRow,
  insertDecision,
  keepRule,
  mostDrafted,
  setCaseState,
} from './store.ts'
import { inEveryLanguage, type Texts } from './wording.ts'

export type FinaliseInput = {
  readonly case_id: string
  /** The civil servant who answers for it: nothing else makes a decision of a draft (I5). */
  readonly officer: Officer
  readonly outcome: 'granted' | 'refused'
  /** Hash of the draft the civil servant read. */
  readonly draft_hash: string
  /** The language the person reads; what goes against them must have its reasons in it. */
  readonly person_locale: LocaleCode
  /** For a full grant: edited reasons; without them those of the draft. Anything adverse has the reasons it was heard on. */
  readonly reasons?: Texts
  /** What the civil servant makes of what the person said when heard. */
  readonly considered?: Texts
}

/** A decision: another type than `Draft`, made here only. */
export type Decision = Omit<DecisionRow, 'record'> & {
  readonly kind: 'decision'
  readonly record: DecisionRecord
}

export type Finalised = {
  readonly decision: Decision
  readonly found: CaseRow
  /** Whether this same decision had been taken before: a second click. */
  readonly repeated: boolean
}

/**
 * Takes a decision: builds its record, signs it, closes the case. The caller lets the journey go on in the same
 * transaction. The same civil servant deciding the same again gets the first decision. Anything adverse is decided only
 * after the person was heard on these very grounds, and for the reasons they were told (I5).
 * Refusals: `not_found`, `not_your_case`, `already_decided`, `case_closed`, `waiting_for_answer`, `draft_changed`,
 * `rule_does_not_allow`, `facts_missing`, `hearing_needed`, `being_heard`, `answer_not_taken_up`, `reasons_not_told`,
 * `no_remedy_declared`, `text_refused`, `purpose_too_narrow`, and the gate's.
 */
export async function finalise(tx: Db, ctx: CaseContext, input: FinaliseInput): Promise<Outcome<Finalised>> {
  const locked = await lockCase(tx, input.case_id, input.officer)
  if (!locked.ok) return locked
  const found = locked.value
  const earlier = await findDecisionOfCase(tx, found.subject_id, found.id)
  if (earlier) return repeatedOr(earlier, found, input)
  const state = stateRefusal(found)
  if (state) return refused(state)
  const standing = await prepareDraft(tx, ctx, found)
  if (standing.hash !== input.draft_hash) return draftChanged(standing)
  const allowed = await mayDecide(tx, ctx, found, input, standing)
  if (!allowed.ok) return allowed

  // Under the lock, and marked: whatever is recorded about this subject later is recorded later than now, so a replay
  // that reads what was known at this instant reads exactly this.
  const decided_at = ctx.clock.now()
  const read = await readForDecision(tx, ctx, found, input.officer, decided_at)
  if (!read.ok) return read
  await markJudged(tx, found.subject_id, decided_at)
  const { words, hearing } = allowed.value
  const record = await recordOf(tx, ctx, {
    found,
    input,
    standing,
    words,
    hearing,
    decided_at,
    read: read.value,
  })
  const decision = await store(tx, ctx, found, record, hearing)
  // The person need not answer any more what is granted to them.
  if (hearing?.state === 'open') await endHearing(tx, ctx, hearing, { code: 'granted' })
  return accepted({ decision, found: { ...found, state: 'decided' }, repeated: false })
}

type Allowed = {
  readonly words: DecisionWords
  /** The hearing before it: for anything adverse there is one, for a grant there may be. */
  readonly hearing: HearingRow | null
}

/** Whether this may be decided now, and in which words. */
async function mayDecide(
  tx: Db,
  ctx: CaseContext,
  found: CaseRow,
  input: FinaliseInput,
  { draft, prepared }: Prepared,
): Promise<Outcome<Allowed>> {
  const considered = input.considered ?? {}
  const given = [...Object.values(input.reasons ?? {}), ...Object.values(considered)]
  const against =
    textRefusal(given) ??
    (input.outcome === 'granted' ? againstGranting(prepared) : againstRefusing(ctx.pack))
  if (against) return refused(against)
  const most = await mostDrafted(tx, found.subject_id, found.id)
  const intended = adverseIn(input.outcome, prepared, most)
  if (intended === null) {
    const reasons = input.reasons ?? inEveryLanguage(ctx.pack, (locale) => reasonsIn(draft, locale))
    return accepted({ words: { reasons, to_fix: {}, considered }, hearing: await liveHearing(tx, found) })
  }
  const { person_locale } = input
  const heard = await heardBefore(tx, ctx, { found, intended, prepared, person_locale, considered })
  if (!heard.ok) return heard
  const { reasons, to_fix } = heard.value.told as unknown as Told
  if (input.reasons && canonical(input.reasons as Json) !== canonical(reasons as Json))
    return refused({
      code: 'reasons_not_told',
      at: 'reasons',
      message: 'The person was heard on other reasons.',
      next: 'Decide for the reasons they were told, or tell them the new ones.',
    })
  return accepted({ words: { reasons, to_fix, considered }, hearing: heard.value })
}

function repeatedOr(earlier: DecisionRow, found: CaseRow, input: FinaliseInput): Outcome<Finalised> {
  const record = earlier.record as unknown as DecisionRecord
  const same =
    earlier.decided_by === input.officer.number &&
    earlier.outcome === input.outcome &&
    record.ai.draft_sha256 === input.draft_hash
  if (same) return accepted({ decision: { ...earlier, kind: 'decision', record }, found, repeated: true })
  return refused({
    code: 'already_decided',
    message: `This case was decided already: ${earlier.outcome}.`,
    next: 'Read the decision. If it is wrong, it is corrected by a challenge, not by a second decision.',
    facts: { decision: earlier.id, outcome: earlier.outcome, decided_by: earlier.decided_by },
  })
}

/** The civil servant reads through the gate what the rule rests on; it must be all of it, or nobody could check. */
async function readForDecision(
  tx: Db,
  ctx: CaseContext,
  found: CaseRow,
  officer: Officer,
  known_at: Date,
): Promise<Outcome<ReadFacts>> {
  const rule = ruleOf(ctx.pack, found)
  const as_of = await dayOfClaim(tx, ctx.pack, found)
  const purpose = await purposeOf(tx, ctx, found)
  if (purpose === null)
    return refused({ code: 'unknown_purpose', message: 'The pack has no purpose for this case.' })
  const evaluated = await evaluateFor(tx, ctx.pack, rule, {
    subject: found.subject_id,
    item: found.item,
    as_of,
    known_at,
  })
  const open = (subject: SubjectId, predicates: readonly string[]) =>
    openMemory(
      ctx.gate,
      { clock: ctx.clock, ids: ctx.ids, zone: ctx.pack.zone },
      {
        subject,
        actor_kind: 'officer',
        actor: officer.number,
        actor_role: 'decides',
        purpose,
        predicates,
        case_id: found.id,
        ...(found.journey_id === null ? {} : { journey_id: found.journey_id }),
        channel: 'desk',
        automated: false,
        valid_on: as_of,
        known_at,
      },
    )
  const opened = await open(found.subject_id, rule.reads)
  if (!opened.ok) return opened
  const readable = new Set(opened.value.facts.map((f) => f.id))
  // What a relation carries of others is read in their memory, and stands in their log.
  const others = evaluated.facts.filter((f) => f.about !== undefined)
  for (const about of new Set(others.map((f) => f.about!))) {
    const theirs = others.filter((f) => f.about === about).map((f) => f.predicate)
    const also = await open(about, [...new Set(theirs)].sort())
    if (!also.ok) return also
    for (const { id } of also.value.facts) readable.add(id)
  }
  if (!evaluated.said.facts.every((id) => readable.has(id)))
    return refused({
      code: 'purpose_too_narrow',
      message: `The purpose ${purpose} does not allow reading all that the rule ${rule.source.id} rests on.`,
      next: 'Correct the purpose in the pack.',
    })
  return accepted({ entry: opened.value.entry, at: known_at, computed: compute(rule, evaluated) })
}

async function store(
  tx: Db,
  ctx: CaseContext,
  found: CaseRow,
  record: DecisionRecord,
  hearing: HearingRow | null,
): Promise<Decision> {
  const at = new Date(record.decided_at)
  const rule = ruleOf(ctx.pack, found)
  const { id, version } = rule.source
  // A decision that could not be replayed must not be made: the stored text has to lead back to this hash.
  const digits = { money_digits: ctx.pack.currency.digits }
  if (ruleHash(rule.source, languageVocabulary(ctx.pack), digits) !== rule.hash)
    throw new Error(`the rule ${id} was compiled with another vocabulary than the pack's`)
  await keepRule(tx, { hash: rule.hash, id, version, source: rule.source as unknown as Json }, at)
  // As the database will give it back: what is hashed and signed must be what is stored.
  const stored = JSON.parse(JSON.stringify(record)) as DecisionRecord
  const row: Decision = {
    kind: 'decision',
    subject_id: found.subject_id,
    id: record.decision_id,
    case_id: found.id,
    journey_id: found.journey_id,
    outcome: record.outcome,
    rule_id: id,
    rule_hash: rule.hash,
    hearing_id: hearing?.id ?? null,
    as_of: record.as_of,
    known_at: at,
    record: stored,
    record_hash: recordHash(stored),
    signature: ctx.signer.sign(recordBytes(stored)),
    decided_by: record.decided_by.number,
    decided_at: at,
    revoked_at: null,
    revoked_because: null,
  }
  // Under the lock neither can miss; if one does, a caller went around it and nothing may be kept.
  if (!(await insertDecision(tx, { ...row, record: stored as unknown as Json })))
    throw new Error('a case was decided twice')
  if (!(await setCaseState(tx, found, 'decided', { ended_at: at, reason: null })))
    throw new Error('a case moved under its lock')
  return row
}
