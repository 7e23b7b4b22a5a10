import type { DateText } from '../platform/clock.ts'
import { type Db, prepared, sql } from '../platform/database.ts'
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
