/**
 * Trust: the access log.
 *
 * In:  who read what about whom, why, because of what.
 * Out: entries the person reads, newest first.
 * Promise: an entry commits in the transaction of the read. People and agencies read through the gate (`consent`),
 *          which writes its entry inside the database; the engine writes one here per subject and run.
 */
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { entriesOf, entryOf, insertProcessing } from './store.ts'

/** The engine's own processing of one subject in one run. */
export type Processing = {
  readonly subject: SubjectId
  readonly id: string
  /** Event that made the engine look; null when time did. */
  readonly because: string | null
  readonly predicates: readonly string[]
}

/** Writes the processing entries of one run, in the run's transaction. */
export const recordProcessing = (
  tx: Db,
  run: { id: string; at: Date; purpose: string },
  entries: readonly Processing[],
): Promise<void> => insertProcessing(tx, run, entries)

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

/** Whose looks: the person's own, everybody else's, or all. */
export type Lookers = 'own' | 'others' | 'all'

/** A person's access entries, newest first; `before` is the id of the last entry of the page before. */
export const listAccess = (
  db: Db,
  subject: SubjectId,
  options: { readonly limit?: number; readonly before?: string; readonly by?: Lookers } = {},
): Promise<AccessEntry[]> =>
  entriesOf(
    db,
    subject,
    Math.min(options.limit ?? 100, ACCESS_PAGE_MAX),
    options.before ?? null,
    options.by ?? 'all',
  )

/** One entry of a person, or null. */
export const findAccess = (db: Db, subject: SubjectId, id: string): Promise<AccessEntry | null> =>
  entryOf(db, subject, id)
