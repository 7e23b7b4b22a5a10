/** Writes the record of a decision: everything it rests on, in one document that can be signed and replayed. */
import { dateIn } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import type { CaseContext } from './context.ts'
import { inWords } from './failing.ts'
import type { FinaliseInput } from './finalise.ts'
import { type Prepared, routeStepOf, ruleOf } from './preparing.ts'
import {
  type Computed,
  type DecisionRecord,
  editsAgainst,
  keyId,
  RECORD_FORMAT,
  type RecordHeard,
  remediesOf,
  vocabularyOf,
} from './record.ts'
import { type CaseRow, type HearingRow, hearingsOfCase, type Question, questionsFor } from './store.ts'
import { inEveryLanguage, type Texts, wordsFor } from './wording.ts'

/** What the decision says in words: the reasons, what can be put right, what was made of what the person said. */
export type DecisionWords = { readonly reasons: Texts; readonly to_fix: Texts; readonly considered: Texts }

/** What the civil servant read through the gate, and what follows from it. */
export type ReadFacts = { readonly entry: string; readonly at: Date; readonly computed: Computed }

export async function recordOf(
  tx: Db,
  ctx: CaseContext,
  of: {
    readonly found: CaseRow
    readonly input: FinaliseInput
    readonly standing: Prepared
    readonly words: DecisionWords
    readonly hearing: HearingRow | null
    readonly decided_at: Date
    readonly read: ReadFacts
  },
): Promise<DecisionRecord> {
  const { found, input, standing, words, decided_at } = of
  const { pack } = ctx
  const rule = ruleOf(pack, found)
  const { computed } = of.read
  const plan = await routeStepOf(tx, ctx, found)
  const questions = await questionsFor(tx, found.subject_id, { case_id: found.id, step_id: found.step_id })
  const hearings = await hearingsOfCase(tx, found.subject_id, found.id)
  const answers = new Set(questions.flatMap((q) => q.answer_event ?? []))
  const { amount, as_of } = computed.determination
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
    failed_conditions: inWords(pack, rule, computed.failed),
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
      edits: editsAgainst(standing.prepared, words.reasons, pack.locales),
    },
    decided_by: { role: 'civil-servant', number: input.officer.number, agency: input.officer.agency },
    decided_at: decided_at.toISOString(),
    heard: heardOf(of.hearing, hearings, questions, words.considered),
    reasons: words.reasons,
    to_fix: words.to_fix,
    remedy: remediesOf(pack, dateIn(decided_at, pack.zone)),
    key: keyId(ctx.signer.publicKey),
  }
}

function heardOf(
  hearing: HearingRow | null,
  hearings: readonly HearingRow[],
  questions: readonly Question[],
  considered: Texts,
): RecordHeard {
  return {
    at: hearing?.answered_at?.toISOString() ?? null,
    text: hearing?.answer?.text ?? '',
    answer: hearing?.answer?.kind ?? (hearing?.state === 'lapsed' ? 'no_answer' : null),
    considered,
    hearings: hearings.map((h) => ({
      id: h.id,
      intended: h.intended,
      state: h.state,
      told_at: h.told_at.toISOString(),
      told_by: h.told_by,
      answer_by: h.answer_by,
      answered_at: h.answered_at?.toISOString() ?? null,
      answer: h.answer,
      ended_because: h.ended_because,
    })),
    questions: questions.map((q) => ({
      predicate: q.predicate,
      asked_at: q.asked_at.toISOString(),
      answered_at: q.answer_event === null ? null : (q.answered_at?.toISOString() ?? null),
    })),
  }
}
