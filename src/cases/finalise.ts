import { openMemory } from '../consent/consent.ts'
import { type LocaleCode, languageVocabulary } from '../packs/packs.ts'
import { markJudged } from '../people/people.ts'
import type { Json } from '../platform/canonical.ts'
import { dateIn } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import { accepted, type Outcome, type Refusal, refused } from '../platform/refusal.ts'
import { ruleHash } from '../rules/rules.ts'
import type { CaseContext, Officer } from './context.ts'
import { type Draft, missingIn, reasonsIn } from './draft.ts'
import { draftChanged, lockCase } from './guard.ts'
import {
  dayOfClaim,
  evaluateFor,
  prepareDraft,
  purposeOf,
  routeStepOf,
  ruleOf,
  type StandingDraft,
} from './preparing.ts'
import {
  type Computed,
  compute,
  type DecisionRecord,
  editsAgainst,
  keyId,
  RECORD_FORMAT,
  recordBytes,
  recordHash,
  remediesOf,
  vocabularyOf,
} from './record.ts'
import {
  type CaseRow,
  type DecisionRow,
  findDecisionOfCase,
  insertDecision,
  keepRule,
  questionsFor,
  setCaseState,
} from './store.ts'
import { clean } from './texts.ts'
import { inEveryLanguage, type Texts, wordsFor } from './wording.ts'

export type FinaliseInput = {
  readonly case_id: string
  /** The civil servant who answers for it: nothing else makes a decision of a draft (I5). */
  readonly officer: Officer
  readonly outcome: 'granted' | 'refused'
  /** Hash of the draft the civil servant read. */
  readonly draft_hash: string
  /** The language the person reads; a refusal must have its reasons in it. */
  readonly person_locale: LocaleCode
  /** Edited reasons; without them those of the draft. */
  readonly reasons?: Texts
  /** For refusals: what the person can put right, in the civil servant's words. */
  readonly to_fix?: Texts
  /** What the person said when heard before a refusal. */
  readonly heard?: { readonly at: Date; readonly text: string }
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
 * transaction. The same civil servant deciding the same again gets the first decision.
 * Refusals: `not_found`, `not_your_case`, `already_decided`, `case_closed`, `waiting_for_answer`, `draft_changed`,
 * `rule_does_not_allow`, `facts_missing`, `reasons_needed`, `what_to_fix_needed`, `no_remedy_declared`,
 * `text_refused`, `purpose_too_narrow`, and the gate's.
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
  const reasons: Texts =
    input.reasons ?? inEveryLanguage(ctx.pack, (locale) => reasonsIn(standing.draft, locale))
  const wrong = wrongWith(ctx, input, standing, reasons)
  if (wrong) return refused(wrong)

  // Under the lock, and marked: whatever is recorded about this subject later is recorded later than now, so a replay
  // that reads what was known at this instant reads exactly this.
  const decided_at = ctx.clock.now()
  const read = await readForDecision(tx, ctx, found, input.officer, decided_at)
  if (!read.ok) return read
  await markJudged(tx, found.subject_id, decided_at)
  const record = await buildRecord(tx, ctx, { found, input, standing, reasons, decided_at, read: read.value })
  const decision = await store(tx, ctx, found, record, decided_at)
  return accepted({ decision, found: { ...found, state: 'decided' }, repeated: false })
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

function stateRefusal(found: CaseRow): Refusal | null {
  if (found.kind !== 'decision') return { code: 'case_closed', message: 'This is a task, nothing to decide.' }
  switch (found.state) {
    case 'open':
      return null
    case 'asking':
      return {
        code: 'waiting_for_answer',
        message: 'The person was asked and has not answered yet.',
        next: 'Wait for the answer; the draft is prepared anew then.',
      }
    case 'decided':
    case 'closed':
      return { code: 'case_closed', message: `This case is ${found.state}.` }
  }
}

/** What keeps this outcome from being decided with these reasons. */
function wrongWith(
  ctx: CaseContext,
  input: FinaliseInput,
  standing: StandingDraft,
  reasons: Texts,
): Refusal | null {
  const texts = [...Object.values(reasons), ...Object.values(input.to_fix ?? {}), input.heard?.text ?? '']
  if (!texts.every(clean))
    return { code: 'text_refused', message: 'A text is too long or holds control characters.' }
  const said = standing.draft.determination.outcome
  if (input.outcome === 'granted') {
    if (said === 'does_not_apply')
      return {
        code: 'rule_does_not_allow',
        message: 'By the rule this cannot be granted.',
        next: 'If a fact is wrong, have its registry correct it; the draft is prepared anew then.',
      }
    if (said === 'ask' || said === 'conflict')
      return {
        code: 'facts_missing',
        message: 'Something the rule needs is unknown or contradictory.',
        next: 'Ask the person or wait for the registry.',
        facts: { ask: [...standing.draft.ask] },
      }
    return null
  }
  const own = (texts: Texts | undefined): string => texts?.[input.person_locale]?.trim() ?? ''
  // The words of a favourable draft, or of a question, are no reasons for a refusal.
  const prepared =
    standing.draft.outcome === 'adverse' ? '' : reasonsIn(standing.draft, input.person_locale).trim()
  if (own(reasons) === '' || own(reasons) === prepared)
    return {
      code: 'reasons_needed',
      at: `reasons.${input.person_locale}`,
      message: 'A refusal needs its reasons in the language the person reads.',
    }
  if (standing.draft.missing.length === 0 && own(input.to_fix) === '')
    return {
      code: 'what_to_fix_needed',
      at: `to_fix.${input.person_locale}`,
      message: 'A refusal says what the person can put right.',
    }
  if ((ctx.pack.remedies ?? []).length === 0)
    return {
      code: 'no_remedy_declared',
      message: 'The pack names no place where a refusal can be challenged, so nothing can be refused.',
      next: 'Add `remedies` to the pack.',
    }
  return null
}

type Read = { readonly entry: string; readonly at: Date; readonly computed: Computed }

/** The civil servant reads through the gate what the rule rests on; it must be all of it, or nobody could check. */
async function readForDecision(
  tx: Db,
  ctx: CaseContext,
  found: CaseRow,
  officer: Officer,
  known_at: Date,
): Promise<Outcome<Read>> {
  const rule = ruleOf(ctx.pack, found)
  const as_of = await dayOfClaim(tx, ctx.pack, found)
  const purpose = await purposeOf(tx, ctx, found)
  if (purpose === null)
    return refused({ code: 'unknown_purpose', message: 'The pack has no purpose for this case.' })
  const opened = await openMemory(
    ctx.gate,
    { clock: ctx.clock, ids: ctx.ids, zone: ctx.pack.zone },
    {
      subject: found.subject_id,
      actor_kind: 'officer',
      actor: officer.number,
      actor_role: 'decides',
      purpose,
      predicates: rule.reads,
      case_id: found.id,
      ...(found.journey_id === null ? {} : { journey_id: found.journey_id }),
      channel: 'desk',
      automated: false,
      valid_on: as_of,
      known_at,
    },
  )
  if (!opened.ok) return opened
  const { said, facts } = await evaluateFor(tx, ctx.pack, rule, {
    subject: found.subject_id,
    item: found.item,
    as_of,
    known_at,
  })
  const readable = new Set(opened.value.facts.map((f) => f.id))
  if (!said.facts.every((id) => readable.has(id)))
    return refused({
      code: 'purpose_too_narrow',
      message: `The purpose ${purpose} does not allow reading all that the rule ${rule.source.id} rests on.`,
      next: 'Correct the purpose in the pack.',
    })
  return accepted({ entry: opened.value.entry, at: known_at, computed: compute(ctx.pack, rule, facts, said) })
}

async function buildRecord(
  tx: Db,
  ctx: CaseContext,
  of: {
    readonly found: CaseRow
    readonly input: FinaliseInput
    readonly standing: StandingDraft & { readonly prepared: Draft }
    readonly reasons: Texts
    readonly decided_at: Date
    readonly read: Read
  },
): Promise<DecisionRecord> {
  const { found, input, standing, decided_at } = of
  const { pack } = ctx
  const rule = ruleOf(pack, found)
  const { computed } = of.read
  const plan = await routeStepOf(tx, ctx, found)
  const questions = await questionsFor(tx, found.subject_id, { case_id: found.id, step_id: found.step_id })
  const answers = new Set(questions.flatMap((q) => q.answer_event ?? []))
  const as_of = computed.determination.as_of
  const { amount } = computed.determination
  return {
    format: RECORD_FORMAT,
    decision_id: ctx.ids(),
    case: found.id,
    journey: found.journey_id,
    service: {
      route: plan?.route ?? null,
      step: plan?.step.id ?? null,
      agency: found.agency,
      title: inEveryLanguage(pack, (locale) => wordsFor(pack, locale, rule.source.text.title)),
    },
    subject: found.subject_id,
    item: found.item,
    outcome: input.outcome,
    effect:
      input.outcome === 'granted' && amount !== null
        ? {
            amount,
            currency: pack.currency.code,
            digits: pack.currency.digits,
            task: plan?.step.task ?? null,
          }
        : null,
    as_of,
    known_at: decided_at.toISOString(),
    pack: { id: pack.id, version: pack.version, hash: pack.hash },
    rule: {
      id: rule.source.id,
      version: rule.source.version,
      status: rule.source.status,
      confidence: rule.source.confidence,
      law: rule.source.legal,
    },
    rule_version: rule.hash,
    vocabulary: vocabularyOf(pack, rule),
    zone: pack.zone,
    currency: pack.currency,
    computed,
    failed_conditions: missingIn(pack, rule, computed.determination),
    reads: computed.facts.map((f) => ({
      fact_id: f.fact_id,
      read_at: of.read.at.toISOString(),
      access_entry_id: of.read.entry,
      citizen_confirmed: answers.has(f.event),
    })),
    ai: {
      used: false,
      model: null,
      role: 'none',
      draft_sha256: standing.hash,
      edits: editsAgainst(standing.prepared, of.reasons, pack.locales),
    },
    decided_by: { role: 'civil-servant', number: input.officer.number, agency: input.officer.agency },
    decided_at: decided_at.toISOString(),
    heard: {
      questions: questions.map((q) => ({
        predicate: q.predicate,
        asked_at: q.asked_at.toISOString(),
        answered_at: q.answer_event === null ? null : (q.answered_at?.toISOString() ?? null),
      })),
      statement: input.heard ? { at: input.heard.at.toISOString(), text: input.heard.text } : null,
    },
    reasons: of.reasons,
    to_fix: input.to_fix ?? {},
    remedy: remediesOf(pack, dateIn(decided_at, pack.zone)),
    key: keyId(ctx.signer.publicKey),
  }
}

async function store(
  tx: Db,
  ctx: CaseContext,
  found: CaseRow,
  record: DecisionRecord,
  at: Date,
): Promise<Decision> {
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
