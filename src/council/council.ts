/**
 * The council: what a changed law would do, to whom, before it is published; and publishing it.
 *
 * In:  changed facts; questions "what if" of a publisher's officers; their publications.
 * Out: a snapshot of what is known of everybody; signed reports; publications with what follows from them for people.
 * Promise: nothing is published that was not simulated as it is; counts of few people are never shown; what follows
 *          from a publication happens once for each person, whatever is stopped or crashes.
 */
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { insertChanges } from './store.ts'

export { SnapshotError } from './snapshot/file.ts'
export {
  type OpenSnapshot,
  openSnapshot,
  refreshSnapshot,
  type SnapshotContext,
  withSnapshot,
} from './snapshot/snapshot.ts'

/** In the transaction that changed these subjects' facts: the snapshot will read them again. */
export const markChanged = (tx: Db, subjects: readonly SubjectId[]): Promise<void> =>
  insertChanges(tx, subjects)
