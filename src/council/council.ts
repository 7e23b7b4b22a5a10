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
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import type { CouncilContext } from './context.ts'
import { type CouncilOfficer, mayPublish } from './publication/rights.ts'
import {
  allPublications,
  findPublicationRow,
  findRun,
  insertChanges,
  type PublicationRow,
  type PublicationRunRow,
  pauseRow,
  resumeRow,
} from './store.ts'

export type { CouncilContext } from './context.ts'
export { type InForce, openRuleBook, type RuleBook } from './publication/book.ts'
export { followNotices } from './publication/notices.ts'
export { publish } from './publication/publish.ts'
export {
  type CouncilOfficer,
  isOfPublisher,
  mayPropose,
  mayPublish,
  mayPublishProposed,
  publisherOf,
} from './publication/rights.ts'
export { continuePublications, type Redetermine } from './publication/run.ts'
export {
  askSimulation,
  councilJobs,
  getSimulation,
  latestSimulations,
  type Simulation,
  simulateNow,
} from './simulation/asking.ts'
export { parseChange, type SimulationRequest, simulationRequest } from './simulation/change.ts'
export { type Changes, type DayReport, type SimulationReport, simulationReport } from './simulation/report.ts'
export { checkSnapshot, exportSnapshot } from './snapshot/export.ts'
export { SnapshotError } from './snapshot/file.ts'
export { exportParquet } from './snapshot/parquet.ts'
export {
  type OpenSnapshot,
  openSnapshot,
  refreshSnapshot,
  type SnapshotContext,
  withSnapshot,
} from './snapshot/snapshot.ts'
export type { PublicationRow, PublicationRunRow } from './store.ts'

/** In the transaction that changed these subjects' facts: the snapshot will read them again. */
export const markChanged = (tx: Db, subjects: readonly SubjectId[]): Promise<void> =>
  insertChanges(tx, subjects)

export type Publication = { readonly row: PublicationRow; readonly run: PublicationRunRow | null }

/** A publication and how far what follows from it is; null when there is none of this id. */
export async function getPublication(db: Db, id: string): Promise<Publication | null> {
  const row = await findPublicationRow(db, id)
  return row && { row, run: await findRun(db, id) }
}

/** All publications, newest first. */
export const listPublications = async (db: Db): Promise<PublicationRow[]> =>
  (await allPublications(db)).reverse()

/** Stops what follows from a publication after the batch in hand, or lets it go on. Refusals: those of `mayPublish`, `not_found`, `no_such_state`. */
export async function steerRun(
  ctx: CouncilContext,
  given: { readonly publication: string; readonly to: 'pause' | 'resume'; readonly officer: CouncilOfficer },
): Promise<Outcome<null>> {
  const { pack } = ctx.book.now()
  const at_all = mayPublish(pack, given.officer)
  if (!at_all.ok) return at_all
  const row = await findPublicationRow(ctx.db, given.publication)
  if (!row) return refused({ code: 'not_found', message: 'There is no such publication.' })
  const allowed = mayPublish(pack, given.officer, row.rule_id)
  if (!allowed.ok) return allowed
  const done = await (given.to === 'pause' ? pauseRow : resumeRow)(ctx.db, given.publication)
  if (done) return accepted(null)
  return refused({
    code: 'no_such_state',
    message:
      given.to === 'pause'
        ? 'There is nothing to pause: the run has ended or is paused.'
        : 'It is not paused.',
  })
}
