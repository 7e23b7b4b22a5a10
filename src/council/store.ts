import type { Json } from '../platform/canonical.ts'
import type { DateText } from '../platform/clock.ts'
import { type Db, json, prepared, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'

// ── The snapshot ────────────────────────────────────────────────────────────────────────────────────────────

export async function insertChanges(tx: Db, subjects: readonly SubjectId[]): Promise<void> {
  if (subjects.length === 0) return
  await tx.run(
    prepared('council.changed', sql`insert into snapshot_changes select unnest(${subjects}::uuid[])`),
  )
}

/** How many wait, counted no further than `most`. */
export async function countChanges(db: Db, most: number): Promise<number> {
  const [row] = await db.rows<{ n: number }>(
    sql`select count(*)::int as n from (select from snapshot_changes limit ${most}) as waiting`,
  )
  return row!.n
}

/** Takes all that wait. They are gone when this transaction commits. */
export async function takeChanges(tx: Db): Promise<SubjectId[]> {
  const rows = await tx.rows<{ subject_id: SubjectId }>(sql`
    with taken as (delete from snapshot_changes returning subject_id) select distinct subject_id from taken`)
  return rows.map((r) => r.subject_id)
}

export type SnapshotRunRow = {
  readonly id: string
  readonly snapshot: string
  readonly generation: number
  readonly kind: 'build' | 'refresh'
  readonly at: Date
  readonly day: DateText
  readonly subjects: number
  readonly purpose: string
  readonly predicates: readonly string[]
}

export async function insertSnapshotRun(db: Db, run: SnapshotRunRow): Promise<void> {
  await db.run(sql`
    insert into snapshot_runs (id, snapshot, generation, kind, at, day, subjects, purpose, predicates)
    values (${run.id}, ${run.snapshot}, ${run.generation}, ${run.kind}, ${run.at}, ${run.day}, ${run.subjects}, ${run.purpose}, ${run.predicates}::text[])`)
}

export async function lastSnapshotRun(db: Db): Promise<SnapshotRunRow | null> {
  const [row] = await db.rows<SnapshotRunRow>(
    sql`select * from snapshot_runs order by at desc, generation desc limit 1`,
  )
  return row ?? null
}

/** Two processes never write or read the same files at once, on whichever machines they are. */
const SNAPSHOT_LOCK = 4_120_002

export async function lockSnapshot(tx: Db): Promise<void> {
  await tx.rows(sql`select pg_advisory_xact_lock(${SNAPSHOT_LOCK})`)
}

// ── Simulations ─────────────────────────────────────────────────────────────────────────────────────────────

export type SimulationState = 'waiting' | 'running' | 'done' | 'failed'

export type SimulationRow = {
  readonly id: string
  readonly rule_id: string
  readonly request: Json
  readonly rule_text: string
  readonly text_sha256: string
  readonly before_hash: string
  readonly after_hash: string
  readonly state: SimulationState
  readonly rows_done: number
  readonly rows_all: number
  readonly report: string | null
  readonly report_hash: string | null
  readonly signature: string | null
  readonly problem: string | null
  readonly asked_by: string
  readonly agency: string
  readonly asked_at: Date
  readonly ended_at: Date | null
}

export async function insertSimulation(
  tx: Db,
  s: Omit<
    SimulationRow,
    'state' | 'rows_done' | 'rows_all' | 'report' | 'report_hash' | 'signature' | 'problem' | 'ended_at'
  >,
): Promise<void> {
  await tx.run(sql`
    insert into simulations (id, rule_id, request, rule_text, text_sha256, before_hash, after_hash, state, asked_by, agency, asked_at)
    values (${s.id}, ${s.rule_id}, ${json(s.request)}::jsonb, ${s.rule_text}, ${s.text_sha256}, ${s.before_hash}, ${s.after_hash},
            'waiting', ${s.asked_by}, ${s.agency}, ${s.asked_at})`)
}

export async function findSimulation(db: Db, id: string): Promise<SimulationRow | null> {
  const [row] = await db.rows<SimulationRow>(sql`select * from simulations where id = ${id}`)
  return row ?? null
}

export const listSimulations = (db: Db, limit: number): Promise<SimulationRow[]> =>
  db.rows<SimulationRow>(sql`select * from simulations order by asked_at desc, id desc limit ${limit}`)

export async function setProgress(db: Db, id: string, done: number, all: number): Promise<void> {
  await db.run(
    sql`update simulations set state = 'running', rows_done = ${done}, rows_all = ${all} where id = ${id} and state in ('waiting', 'running')`,
  )
}

export async function endSimulation(
  db: Db,
  id: string,
  end:
    | { readonly report: string; readonly report_hash: string; readonly signature: string }
    | { readonly problem: string },
  at: Date,
): Promise<void> {
  await db.run(
    'report' in end
      ? sql`update simulations set state = 'done', report = ${end.report}, report_hash = ${end.report_hash}, signature = ${end.signature}, ended_at = ${at}
            where id = ${id} and state in ('waiting', 'running')`
      : sql`update simulations set state = 'failed', problem = ${end.problem}, ended_at = ${at} where id = ${id} and state in ('waiting', 'running')`,
  )
}

// ── Publications ────────────────────────────────────────────────────────────────────────────────────────────

export type PublicationRow = {
  readonly id: string
  /** The order in which they were published. */
  readonly position: number
  readonly rule_id: string
  readonly version: number
  readonly rule_hash: string
  readonly rule_text: string
  readonly before_hash: string
  readonly before_source: Json
  readonly source: Json
  readonly effective_on: DateText
  readonly effects: readonly DateText[]
  readonly simulation: string
  readonly record: string
  readonly record_hash: string
  readonly signature: string
  readonly agency: string
  /** Another person of the same agency; the database takes nothing else. */
  readonly proposed_by: string
  readonly published_by: string
  readonly published_at: Date
}

const RULES_LOCK = 4_120_003

/** Waits until no transaction works with the rules as they are, and lets none begin before this one ends. */
export async function lockRules(tx: Db): Promise<void> {
  await tx.rows(sql`select pg_advisory_xact_lock(${RULES_LOCK})`)
}

/** The newest publication's position, which stands until this transaction ends. */
export async function rulesPosition(tx: Db): Promise<number> {
  const [row] = await tx.rows<{ at: number }>(
    prepared('council.position', sql`select rules_position() as at`),
  )
  return row!.at
}

/** The same without waiting for anybody: for what is only shown. */
export async function lastPosition(db: Db): Promise<number> {
  const [row] = await db.rows<{ at: number }>(
    sql`select coalesce(max(position), 0)::int as at from publications`,
  )
  return row!.at
}

// An array of dates would come as instants, which move over midnight.
export const allPublications = (db: Db): Promise<PublicationRow[]> =>
  db.rows<PublicationRow>(sql`select *, effects::text[] as effects from publications order by position`)

export async function findPublicationRow(db: Db, id: string): Promise<PublicationRow | null> {
  const [row] = await db.rows<PublicationRow>(
    sql`select *, effects::text[] as effects from publications where id = ${id}`,
  )
  return row ?? null
}

export async function insertPublication(tx: Db, p: PublicationRow): Promise<void> {
  await tx.run(sql`
    insert into publications (id, position, rule_id, version, rule_hash, rule_text, before_hash, before_source, source, effective_on, effects,
                              simulation, record, record_hash, signature, agency, proposed_by, published_by, published_at)
    values (${p.id}, ${p.position}, ${p.rule_id}, ${p.version}, ${p.rule_hash}, ${p.rule_text}, ${p.before_hash}, ${json(p.before_source)}::jsonb, ${json(p.source)}::jsonb,
            ${p.effective_on}, ${p.effects}::date[], ${p.simulation}, ${p.record}, ${p.record_hash}, ${p.signature}, ${p.agency},
            ${p.proposed_by}, ${p.published_by}, ${p.published_at})`)
}

// ── What follows from a publication ─────────────────────────────────────────────────────────────────────────

export type RunState = 'waiting' | 'scanning' | 'working' | 'paused' | 'done'

export type PublicationRunRow = {
  readonly publication: string
  readonly starts_on: DateText
  readonly state: RunState
  /** What a paused run goes on with. */
  readonly resumes: RunState | null
  readonly cursor: SubjectId | null
  readonly affected: number
  readonly subjects: number
  readonly done: number
  /** Determinations whose outcome became another. */
  readonly changed: number
  /** Written anew under the new text, with the outcome they had. */
  readonly kept: number
  readonly notices: number
  readonly per_second: number
  readonly next_at: Date
  readonly started_at: Date | null
  readonly ended_at: Date | null
}

export async function insertRun(
  tx: Db,
  run: {
    readonly publication: string
    readonly starts_on: DateText
    readonly per_second: number
    readonly at: Date
  },
): Promise<void> {
  await tx.run(sql`
    insert into publication_runs (publication, starts_on, state, per_second, next_at)
    values (${run.publication}, ${run.starts_on}, 'waiting', ${run.per_second}, ${run.at})`)
}

/** One run that has something to do and that nobody else works on, locked until this transaction ends. */
export async function takeRun(
  tx: Db,
  today: DateText,
  now: Date,
  states: readonly RunState[],
): Promise<PublicationRunRow | null> {
  const [row] = await tx.rows<PublicationRunRow>(sql`
    select * from publication_runs where state = any (${states}::text[]) and starts_on <= ${today} and next_at <= ${now}
    order by next_at limit 1 for update skip locked`)
  return row ?? null
}

export async function findRun(db: Db, publication: string): Promise<PublicationRunRow | null> {
  const [row] = await db.rows<PublicationRunRow>(
    sql`select * from publication_runs where publication = ${publication}`,
  )
  return row ?? null
}

export async function saveRun(tx: Db, run: PublicationRunRow): Promise<void> {
  await tx.run(sql`
    update publication_runs set state = ${run.state}, starts_on = ${run.starts_on}, cursor = ${run.cursor}, affected = ${run.affected}, subjects = ${run.subjects},
      done = ${run.done}, changed = ${run.changed}, kept = ${run.kept}, notices = ${run.notices}, next_at = ${run.next_at}, started_at = ${run.started_at}, ended_at = ${run.ended_at}
    where publication = ${run.publication}`)
}

/** @returns whether there was such a run in that state */
export async function pauseRow(tx: Db, publication: string): Promise<boolean> {
  const touched = await tx.run(sql`
    update publication_runs set resumes = state, state = 'paused' where publication = ${publication} and state in ('waiting', 'scanning', 'working')`)
  return touched === 1
}

export async function resumeRow(tx: Db, publication: string): Promise<boolean> {
  const touched = await tx.run(
    sql`update publication_runs set state = resumes, resumes = null where publication = ${publication} and state = 'paused'`,
  )
  return touched === 1
}

export async function insertWork(tx: Db, publication: string, subjects: readonly SubjectId[]): Promise<void> {
  if (subjects.length === 0) return
  await tx.run(
    sql`insert into publication_work (publication, subject_id) select ${publication}, unnest(${subjects}::uuid[]) on conflict do nothing`,
  )
}

/** Takes subjects out of the queue; they are gone when this transaction commits. */
export async function takeWork(tx: Db, publication: string, limit: number): Promise<SubjectId[]> {
  const rows = await tx.rows<{ subject_id: SubjectId }>(sql`
    delete from publication_work w using (
      select publication, subject_id from publication_work where publication = ${publication} order by subject_id limit ${limit}) as t
    where w.publication = t.publication and w.subject_id = t.subject_id returning w.subject_id`)
  return rows.map((r) => r.subject_id)
}

/** Whether a publication of this rule is still being worked out, or waits for its day. */
export async function isRunning(db: Db, rule: string): Promise<boolean> {
  const rows = await db.rows(sql`
    select from publication_runs r join publications p on p.id = r.publication where p.rule_id = ${rule} and r.state <> 'done' limit 1`)
  return rows.length > 0
}

/** Those of these publications that are not followed through yet. */
export async function unfinishedRuns(tx: Db, publications: readonly string[]): Promise<string[]> {
  const rows = await tx.rows<{ publication: string }>(sql`
    select publication from publication_runs where publication = any (${publications}::uuid[]) and state <> 'done'`)
  return rows.map((r) => r.publication)
}

/** Whether any run could be gone on with; without a lock, so that nobody waits for nothing. */
export async function isAnyDue(
  db: Db,
  today: DateText,
  now: Date,
  states: readonly RunState[],
): Promise<boolean> {
  const rows = await db.rows(sql`
    select from publication_runs where state = any (${states}::text[]) and starts_on <= ${today} and next_at <= ${now} limit 1`)
  return rows.length > 0
}
