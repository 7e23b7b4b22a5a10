import type { Json } from '../platform/canonical.ts'
import type { DateText } from '../platform/clock.ts'
import { type Db, json, prepared, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { HearingState } from './hearing-state.ts'

export type CaseState = 'open' | 'asking' | 'decided' | 'closed'

export type CaseRow = {
  readonly subject_id: SubjectId
  readonly id: string
  readonly kind: 'decision' | 'task'
  readonly agency: string
  readonly journey_id: string | null
  readonly step_id: string | null
  readonly rule_id: string | null
  readonly item: string
  readonly state: CaseState
  readonly opened_at: Date
  readonly due_on: DateText
  readonly ended_at: Date | null
  readonly reason: Json
}

export type Question = {
  readonly subject_id: SubjectId
  readonly id: string
  readonly case_id: string | null
  readonly step_id: string | null
  readonly predicate: string
  readonly asked_at: Date
  /** Agency that asks, or the pseudonymous number of the civil servant who does. */
  readonly asked_by: string
  readonly answered_at: Date | null
  /** The event the answer became; null while open, and when the question was closed unanswered. */
  readonly answer_event: string | null
}

export type HearingAnswer = {
  readonly kind: 'statement' | 'fact_wrong' | 'nothing_to_add'
  /** Their own words; empty for nothing to add. */
  readonly text: string
  /** Ids of the facts they say are wrong. */
  readonly wrong_facts: readonly string[]
}

export type HearingRow = {
  readonly subject_id: SubjectId
  readonly id: string
  readonly case_id: string
  readonly intended: 'refused' | 'less'
  readonly state: HearingState
  readonly told: Json
  readonly grounds_hash: string
  readonly told_by: string
  readonly told_at: Date
  /** The last day on which the person can answer. */
  readonly answer_by: DateText
  readonly answer: HearingAnswer | null
  readonly answered_at: Date | null
  readonly ended_at: Date | null
  readonly ended_because: Json
}

export type StoredDraft = {
  readonly subject_id: SubjectId
  readonly id: string
  readonly case_id: string
  readonly prepared_at: Date
  readonly body: Json
  readonly body_hash: string
}

export type DecisionRow = {
  readonly subject_id: SubjectId
  readonly id: string
  readonly case_id: string
  readonly journey_id: string | null
  readonly outcome: 'granted' | 'refused'
  readonly rule_id: string
  readonly rule_hash: string
  readonly hearing_id: string | null
  readonly as_of: DateText
  readonly known_at: Date
  readonly record: Json
  readonly record_hash: string
  readonly signature: string
  readonly decided_by: string
  readonly decided_at: Date
  readonly revoked_at: Date | null
  readonly revoked_because: string | null
}

// ── cases ───────────────────────────────────────────────────────────────────────────────────────────────────

/** False when the step already has a case that is open. */
export async function insertCase(tx: Db, c: CaseRow): Promise<boolean> {
  const touched = await tx.run(sql`
    insert into cases (subject_id, id, kind, agency, journey_id, step_id, rule_id, item, state, opened_at, due_on, reason)
    values (${c.subject_id}, ${c.id}, ${c.kind}, ${c.agency}, ${c.journey_id}, ${c.step_id}, ${c.rule_id}, ${c.item}, ${c.state},
      ${c.opened_at}, ${c.due_on}, ${c.reason === null ? null : json(c.reason)}::jsonb)
    on conflict (subject_id, step_id) where state in ('open', 'asking') do nothing`)
  return touched === 1
}

export async function setCaseReason(tx: Db, subject: SubjectId, step: string, reason: Json): Promise<void> {
  await tx.run(sql`
    update cases set reason = ${json(reason)}::jsonb
    where subject_id = ${subject} and step_id = ${step} and kind = 'task' and state in ('open', 'asking')`)
}

export async function setCaseState(
  tx: Db,
  before: CaseRow,
  state: CaseState,
  set: { readonly ended_at: Date | null; readonly reason: Json },
): Promise<boolean> {
  const touched = await tx.run(sql`
    update cases set state = ${state}, ended_at = ${set.ended_at}, reason = ${set.reason === null ? null : json(set.reason)}::jsonb
    where subject_id = ${before.subject_id} and id = ${before.id} and state = ${before.state}`)
  return touched === 1
}

export async function findCase(db: Db, id: string): Promise<CaseRow | null> {
  const [row] = await db.rows<CaseRow>(sql`select * from cases where id = ${id}`)
  return row ?? null
}

export async function findOpenCaseOfStep(db: Db, subject: SubjectId, step: string): Promise<CaseRow | null> {
  const [row] = await db.rows<CaseRow>(sql`
    select * from cases where subject_id = ${subject} and step_id = ${step} and state in ('open', 'asking')`)
  return row ?? null
}

export const casesAsking = (db: Db, subjects: readonly SubjectId[]): Promise<CaseRow[]> =>
  db.rows<CaseRow>(
    prepared(
      'cases.asking',
      sql`select * from cases where subject_id = any (${subjects}::uuid[]) and state = 'asking' order by subject_id, id`,
    ),
  )

export const listOpenCases = (
  db: Db,
  agency: string,
  limit: number,
  after: { readonly due_on: DateText; readonly id: string } | null,
): Promise<CaseRow[]> =>
  db.rows<CaseRow>(sql`
    select * from cases where agency = ${agency} and state in ('open', 'asking')
      and (${after?.due_on ?? null}::date is null or (due_on, id) > (${after?.due_on ?? null}::date, ${after?.id ?? null}::uuid))
    order by due_on, id limit ${limit}`)

// ── questions ───────────────────────────────────────────────────────────────────────────────────────────────

/** False when this predicate is being asked of the subject already. */
export async function insertQuestion(tx: Db, q: Question): Promise<boolean> {
  const touched = await tx.run(sql`
    insert into questions (subject_id, id, case_id, step_id, predicate, asked_at, asked_by)
    values (${q.subject_id}, ${q.id}, ${q.case_id}, ${q.step_id}, ${q.predicate}, ${q.asked_at}, ${q.asked_by})
    on conflict (subject_id, predicate) where answered_at is null do nothing`)
  return touched === 1
}

export async function findQuestion(db: Db, subject: SubjectId, id: string): Promise<Question | null> {
  const [row] = await db.rows<Question>(
    sql`select * from questions where subject_id = ${subject} and id = ${id}`,
  )
  return row ?? null
}

export const openQuestions = (db: Db, subject: SubjectId): Promise<Question[]> =>
  db.rows<Question>(
    sql`select * from questions where subject_id = ${subject} and answered_at is null order by id`,
  )

/** Questions asked for a case or for its step. */
export const questionsFor = (
  db: Db,
  subject: SubjectId,
  of: { readonly case_id: string; readonly step_id: string | null },
): Promise<Question[]> =>
  db.rows<Question>(sql`
    select * from questions where subject_id = ${subject}
      and (case_id = ${of.case_id} or (${of.step_id}::uuid is not null and step_id = ${of.step_id})) order by id`)

/** Closes an open question; false when it is closed already. */
export async function closeQuestion(
  tx: Db,
  q: Pick<Question, 'subject_id' | 'id'>,
  at: Date,
  answer_event: string | null,
): Promise<boolean> {
  const touched = await tx.run(sql`
    update questions set answered_at = ${at}, answer_event = ${answer_event}
    where subject_id = ${q.subject_id} and id = ${q.id} and answered_at is null`)
  return touched === 1
}

// ── drafts ──────────────────────────────────────────────────────────────────────────────────────────────────

export async function insertDraft(tx: Db, d: StoredDraft): Promise<void> {
  await tx.run(sql`
    insert into drafts (subject_id, id, case_id, prepared_at, body, body_hash)
    values (${d.subject_id}, ${d.id}, ${d.case_id}, ${d.prepared_at}, ${json(d.body)}::jsonb, ${d.body_hash})`)
}

/** The newest draft of a case, and how many there have been. */
export async function latestDraft(
  db: Db,
  subject: SubjectId,
  case_id: string,
): Promise<{ readonly draft: StoredDraft; readonly version: number } | null> {
  const rows = await db.rows<StoredDraft & { n: number }>(sql`
    select d.*, (count(*) over ())::int as n from drafts d where subject_id = ${subject} and case_id = ${case_id}
    order by id desc limit 1`)
  const [row] = rows
  if (!row) return null
  const { n, ...draft } = row
  return { draft, version: n }
}

/** The most that any draft of a case, old or new, would have given; null when none gave an amount. Minor units. */
export async function mostDrafted(db: Db, subject: SubjectId, case_id: string): Promise<number | null> {
  const [row] = await db.rows<{ most: string | null }>(sql`
    select max((body ->> 'amount')::bigint)::text as most from drafts where subject_id = ${subject} and case_id = ${case_id}`)
  return row?.most == null ? null : Number(row.most)
}

// ── hearings ────────────────────────────────────────────────────────────────────────────────────────────────

/** False when the case has a hearing that has not ended. */
export async function insertHearing(tx: Db, h: HearingRow): Promise<boolean> {
  const touched = await tx.run(sql`
    insert into hearings (subject_id, id, case_id, intended, state, told, grounds_hash, told_by, told_at, answer_by)
    values (${h.subject_id}, ${h.id}, ${h.case_id}, ${h.intended}, ${h.state}, ${json(h.told)}::jsonb, ${h.grounds_hash}, ${h.told_by},
      ${h.told_at}, ${h.answer_by})
    on conflict (subject_id, case_id) where state <> 'ended' do nothing`)
  return touched === 1
}

/** Moves a hearing on from the state it was read in; false when it is elsewhere by now. */
export async function moveHearing(
  tx: Db,
  before: HearingRow,
  after: Pick<HearingRow, 'state' | 'answer' | 'answered_at' | 'ended_at' | 'ended_because'>,
): Promise<boolean> {
  const touched = await tx.run(sql`
    update hearings set state = ${after.state}, answer = ${jsonOrNull(after.answer as unknown as Json)}::jsonb, answered_at = ${after.answered_at},
      ended_at = ${after.ended_at}, ended_because = ${jsonOrNull(after.ended_because)}::jsonb
    where subject_id = ${before.subject_id} and id = ${before.id} and state = ${before.state}`)
  return touched === 1
}

const jsonOrNull = (value: Json) => (value === null ? null : json(value))

export async function findHearing(db: Db, subject: SubjectId, id: string): Promise<HearingRow | null> {
  const [row] = await db.rows<HearingRow>(
    sql`select * from hearings where subject_id = ${subject} and id = ${id}`,
  )
  return row ?? null
}

/** All hearings of a case, oldest first. */
export const hearingsOfCase = (db: Db, subject: SubjectId, case_id: string): Promise<HearingRow[]> =>
  db.rows<HearingRow>(
    sql`select * from hearings where subject_id = ${subject} and case_id = ${case_id} order by id`,
  )

/** Those of these cases that have not ended. */
export const liveHearings = (
  db: Db,
  cases: readonly Pick<CaseRow, 'subject_id' | 'id'>[],
): Promise<HearingRow[]> =>
  cases.length === 0
    ? Promise.resolve([])
    : db.rows<HearingRow>(sql`
        select h.* from unnest(${cases.map((c) => c.subject_id)}::uuid[], ${cases.map((c) => c.id)}::uuid[]) as c (subject_id, case_id)
        join hearings h on h.subject_id = c.subject_id and h.case_id = c.case_id where h.state <> 'ended'`)

/** Those of a person, newest first. */
export const listHearings = (db: Db, subject: SubjectId, limit: number): Promise<HearingRow[]> =>
  db.rows<HearingRow>(
    sql`select * from hearings where subject_id = ${subject} order by id desc limit ${limit}`,
  )

// ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────

/** False when the case has its decision already. */
export async function insertDecision(tx: Db, d: DecisionRow): Promise<boolean> {
  const touched = await tx.run(sql`
    insert into decisions (subject_id, id, case_id, journey_id, outcome, rule_id, rule_hash, hearing_id, as_of, known_at, record,
      record_hash, signature, decided_by, decided_at)
    values (${d.subject_id}, ${d.id}, ${d.case_id}, ${d.journey_id}, ${d.outcome}, ${d.rule_id}, ${d.rule_hash}, ${d.hearing_id},
      ${d.as_of}, ${d.known_at}, ${json(d.record)}::jsonb, ${d.record_hash}, ${d.signature}, ${d.decided_by}, ${d.decided_at})
    on conflict (subject_id, case_id) do nothing`)
  return touched === 1
}

export async function findDecisionRow(db: Db, subject: SubjectId, id: string): Promise<DecisionRow | null> {
  const [row] = await db.rows<DecisionRow>(
    sql`select * from decisions where subject_id = ${subject} and id = ${id}`,
  )
  return row ?? null
}

export async function findDecisionOfCase(
  db: Db,
  subject: SubjectId,
  case_id: string,
): Promise<DecisionRow | null> {
  const [row] = await db.rows<DecisionRow>(
    sql`select * from decisions where subject_id = ${subject} and case_id = ${case_id}`,
  )
  return row ?? null
}

export const listDecisionRows = (db: Db, subject: SubjectId, limit: number): Promise<DecisionRow[]> =>
  db.rows<DecisionRow>(
    sql`select * from decisions where subject_id = ${subject} order by id desc limit ${limit}`,
  )

/** Revokes what was granted on a step; returns how many. */
export const revokeGrantsOfStep = (
  tx: Db,
  subject: SubjectId,
  step: string,
  at: Date,
  because: string,
): Promise<number> =>
  tx.run(sql`
    update decisions d set revoked_at = ${at}, revoked_because = ${because}
    from cases c where d.subject_id = ${subject} and c.subject_id = d.subject_id and c.id = d.case_id and c.step_id = ${step}
      and d.outcome = 'granted' and d.revoked_at is null`)

// ── rule versions ───────────────────────────────────────────────────────────────────────────────────────────

/** Keeps the text of the rule a decision cites, if it is not kept yet. */
export async function keepRule(
  tx: Db,
  rule: { readonly hash: string; readonly id: string; readonly version: number; readonly source: Json },
  at: Date,
): Promise<void> {
  await tx.run(sql`
    insert into rule_versions (hash, rule_id, version, source, first_loaded_at)
    values (${rule.hash}, ${rule.id}, ${rule.version}, ${json(rule.source)}::jsonb, ${at}) on conflict (hash) do nothing`)
}

export async function findRuleSource(db: Db, hash: string): Promise<Json | null> {
  const [row] = await db.rows<{ source: Json }>(sql`select source from rule_versions where hash = ${hash}`)
  return row?.source ?? null
}
