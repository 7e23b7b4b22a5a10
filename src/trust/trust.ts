/**
 * Trust: the access log.
 *
 * In:  who read what about whom, why, because of what.
 * Out: entries the person reads, newest first.
 * Promise: an entry commits in the transaction of the read. People and agencies read through the gate (`consent`),
 *          which writes its entry inside the database; the engine writes one here per subject and run.
 */
import { type Db, prepared, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'

/** The engine's own processing of one subject in one run. */
export type Processing = {
  readonly subject: SubjectId
  readonly id: string
  /** Event that made the engine look; null when time did. */
  readonly because: string | null
  readonly predicates: readonly string[]
}

/** Writes the processing entries of one run, in the run's transaction. */
export async function recordProcessing(
  tx: Db,
  run: { id: string; at: Date; purpose: string },
  entries: readonly Processing[],
): Promise<void> {
  if (entries.length === 0) return
  await tx.run(
    prepared(
      'trust.processing',
      sql`insert into access_entries (subject_id, id, at, actor_kind, actor, purpose, predicates, because, channel, automated)
          select subject_id, id, ${run.at}, 'engine', ${run.id}, ${run.purpose}, string_to_array(predicates, ','), because, 'engine', true
          from unnest(${entries.map((e) => e.subject)}::uuid[], ${entries.map((e) => e.id)}::uuid[],
                      ${entries.map((e) => e.because)}::uuid[], ${entries.map((e) => e.predicates.join(','))}::text[]) as n (subject_id, id, because, predicates)`,
    ),
  )
}

export type AccessEntry = {
  readonly id: string
  readonly at: Date
  readonly actor_kind: 'engine' | 'person' | 'officer' | 'agency'
  readonly actor: string
  readonly actor_role: string | null
  readonly purpose: string
  readonly predicates: readonly string[]
  readonly because: string | null
  readonly journey_id: string | null
  readonly case_id: string | null
  readonly channel: string
  readonly automated: boolean
}

export const ACCESS_PAGE_MAX = 500

/** A person's access entries, newest first; `before` is the id of the last entry of the page before. */
export function listAccess(db: Db, subject: SubjectId, limit = 100, before?: string): Promise<AccessEntry[]> {
  return db.rows<AccessEntry>(sql`
    select id, at, actor_kind, actor, actor_role, purpose, predicates, because, journey_id, case_id, channel, automated
    from access_entries where subject_id = ${subject} and (${before ?? null}::uuid is null or id < ${before ?? null}::uuid)
    order by id desc limit ${Math.min(limit, ACCESS_PAGE_MAX)}`)
}

/** One entry of a person, or null. */
export async function findAccess(db: Db, subject: SubjectId, id: string): Promise<AccessEntry | null> {
  const [row] = await db.rows<AccessEntry>(sql`
    select id, at, actor_kind, actor, actor_role, purpose, predicates, because, journey_id, case_id, channel, automated
    from access_entries where subject_id = ${subject} and id = ${id}`)
  return row ?? null
}
