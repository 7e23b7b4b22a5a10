import type { Json } from '../platform/canonical.ts'
import type { DateText } from '../platform/clock.ts'
import { type Db, json, prepared, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { StepState } from './transition.ts'

export type JourneyState = 'running' | 'finished' | 'undoing' | 'undone'

export type Journey = {
  readonly subject_id: SubjectId
  readonly id: string
  readonly route_id: string
  readonly route_hash: string
  readonly proposal_id: string
  /** The subject the route is about (the child). */
  readonly about_id: SubjectId | null
  readonly item: string
  readonly event: string | null
  readonly state: JourneyState
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly undo_because: string | null
}

export type StepRow = {
  readonly subject_id: SubjectId
  readonly id: string
  readonly journey_id: string
  /** Its id in the route. */
  readonly step: string
  readonly kind: 'task' | 'case'
  readonly agency: string
  readonly state: StepState
  readonly attempts: number
  readonly reference: string | null
  readonly result: Json
  readonly reason: Json
  readonly case_id: string | null
  readonly due_on: DateText | null
  readonly overdue: boolean
  readonly changed_at: Date
}

export type HistoryRow = {
  readonly id: string
  readonly step_id: string
  readonly from_state: StepState | null
  readonly to_state: StepState
  readonly at: Date
  readonly note: Json
}

/** False when this proposal already has a journey. */
export async function insertJourney(tx: Db, j: Journey): Promise<boolean> {
  const touched = await tx.run(sql`
    insert into journeys (subject_id, id, route_id, route_hash, proposal_id, about_id, item, event, state, started_at)
    values (${j.subject_id}, ${j.id}, ${j.route_id}, ${j.route_hash}, ${j.proposal_id}, ${j.about_id}, ${j.item}, ${j.event}, ${j.state}, ${j.started_at})
    on conflict (subject_id, proposal_id) do nothing`)
  return touched === 1
}

export async function insertSteps(tx: Db, rows: readonly StepRow[]): Promise<void> {
  await tx.run(sql`
    insert into steps (subject_id, id, journey_id, step, kind, agency, state, changed_at)
    select * from unnest(${rows.map((r) => r.subject_id)}::uuid[], ${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.journey_id)}::uuid[],
      ${rows.map((r) => r.step)}::text[], ${rows.map((r) => r.kind)}::text[], ${rows.map((r) => r.agency)}::text[],
      ${rows.map((r) => r.state)}::text[], ${rows.map((r) => r.changed_at)}::timestamptz[])`)
}

export async function findJourney(db: Db, subject: SubjectId, id: string): Promise<Journey | null> {
  const [row] = await db.rows<Journey>(
    sql`select * from journeys where subject_id = ${subject} and id = ${id}`,
  )
  return row ?? null
}

export async function findJourneyOfProposal(
  db: Db,
  subject: SubjectId,
  proposal: string,
): Promise<Journey | null> {
  const [row] = await db.rows<Journey>(
    sql`select * from journeys where subject_id = ${subject} and proposal_id = ${proposal}`,
  )
  return row ?? null
}

export const listJourneys = (db: Db, subject: SubjectId, limit: number): Promise<Journey[]> =>
  db.rows<Journey>(sql`select * from journeys where subject_id = ${subject} order by id desc limit ${limit}`)

/** Journeys of these subjects that the loss of an event can concern. */
export const journeysTouchedBy = (db: Db, subjects: readonly SubjectId[]): Promise<Journey[]> =>
  db.rows<Journey>(sql`
    select * from journeys where subject_id = any (${subjects}::uuid[]) and state in ('running', 'finished') order by subject_id, id`)

export const stepsOf = (db: Db, subject: SubjectId, journeys: readonly string[]): Promise<StepRow[]> =>
  db.rows<StepRow>(sql`
    select * from steps where subject_id = ${subject} and journey_id = any (${journeys}::uuid[]) order by id`)

export async function findStep(db: Db, subject: SubjectId, id: string): Promise<StepRow | null> {
  const [row] = await db.rows<StepRow>(sql`select * from steps where subject_id = ${subject} and id = ${id}`)
  return row ?? null
}

/** Steps of these subjects whose next move depends on facts. */
export const stepsWaitingForFacts = (db: Db, subjects: readonly SubjectId[]): Promise<StepRow[]> =>
  db.rows<StepRow>(
    prepared(
      'routes.waiting',
      sql`select * from steps where subject_id = any (${subjects}::uuid[]) and kind = 'case' and state in ('asking', 'case')
          order by subject_id, id`,
    ),
  )

/** Stores a move if the step still is where it was; false when it moved on meanwhile. */
export async function moveStep(
  tx: Db,
  before: StepRow,
  after: Pick<
    StepRow,
    'state' | 'attempts' | 'reference' | 'result' | 'reason' | 'case_id' | 'due_on' | 'overdue' | 'changed_at'
  >,
): Promise<boolean> {
  const touched = await tx.run(sql`
    update steps set state = ${after.state}, attempts = ${after.attempts}, reference = ${after.reference},
      result = ${after.result === null ? null : json(after.result)}::jsonb, reason = ${after.reason === null ? null : json(after.reason)}::jsonb,
      case_id = ${after.case_id}, due_on = ${after.due_on}, overdue = ${after.overdue}, changed_at = ${after.changed_at}
    where subject_id = ${before.subject_id} and id = ${before.id} and state = ${before.state} and attempts = ${before.attempts}`)
  return touched === 1
}

export async function insertHistory(
  tx: Db,
  row: HistoryRow & { readonly subject_id: SubjectId },
): Promise<void> {
  await tx.run(sql`
    insert into step_history (subject_id, id, step_id, from_state, to_state, at, note)
    values (${row.subject_id}, ${row.id}, ${row.step_id}, ${row.from_state}, ${row.to_state}, ${row.at},
      ${row.note === null ? null : json(row.note)}::jsonb)`)
}

export const historyOf = (
  db: Db,
  subject: SubjectId,
  steps: readonly string[],
  limit: number,
): Promise<HistoryRow[]> =>
  db.rows<HistoryRow>(sql`
    select id, step_id, from_state, to_state, at, note from step_history
    where subject_id = ${subject} and step_id = any (${steps}::uuid[]) order by at, id limit ${limit}`)

/** When a step was first sent: a repetition must disclose exactly what was known then. */
export async function firstSentAt(db: Db, subject: SubjectId, step: string): Promise<Date | null> {
  const [row] = await db.rows<{ at: Date }>(sql`
    select at from step_history where subject_id = ${subject} and step_id = ${step} and to_state = 'sending'
    order by at, id limit 1`)
  return row?.at ?? null
}

export async function setJourneyState(
  tx: Db,
  before: Journey,
  state: JourneyState,
  set: { readonly ended_at: Date | null; readonly undo_because: string | null },
): Promise<boolean> {
  const touched = await tx.run(sql`
    update journeys set state = ${state}, ended_at = ${set.ended_at}, undo_because = ${set.undo_because}
    where subject_id = ${before.subject_id} and id = ${before.id} and state = ${before.state}`)
  return touched === 1
}
