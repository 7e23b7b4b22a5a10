/**
 * Trust: the access log, and the transparency log over it (docs/transparency-log.md).
 *
 * In:  who read what about whom, why, because of what.
 * Out: entries the person reads, newest first; the same as leaves of a public Merkle tree, with proofs.
 * Promise: an entry commits in the transaction of the read. People and agencies read through the gate (`consent`),
 *          which writes its entry inside the database; the engine writes one here per subject and run. Whatever was
 *          committed gets its place in the tree, and no checkpoint contradicts an earlier one (I10).
 *
 * `log/` makes the log and runs on the server; `verify/` checks it, and runs in browsers as it stands.
 */
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { entriesOf, entryOf, insertProcessing } from './store.ts'

export { logSigner, newKeeper, newSigningKey, readKeeper, secretFile } from './log/keys.ts'
export { type LogStatus, openTransparencyLog, type TransparencyLog } from './log/log.ts'
export { PROOFS_PAGE_MAX } from './log/proofs.ts'
export { sequence } from './log/sequencer.ts'
export { folderSource, urlSource } from './log/sources.ts'
export { eraseAccesses } from './log/store.ts'
export { sameBytes, toBase64 } from './verify/bytes.ts'
export { checkCheckpoint, headText, readHead, type TreeHead } from './verify/checkpoint.ts'
export { checkLog, type Expected, type LogSource, type Seen, type Trust } from './verify/log-check.ts'
export { emptyRoot, isConsistent } from './verify/merkle.ts'
export {
  COSIGNATURE,
  checkNote,
  cosignatureBytes,
  cosignedMessage,
  keyId,
  Refused,
  readNote,
  readVkey,
  signatureLine,
  type VerifierKey,
  vkeyText,
} from './verify/note.ts'
export { type ChainEnd, checkProofs, entryOfExtra, type ProofFile } from './verify/person.ts'
export { type Policy, readPolicy } from './verify/policy.ts'
export { checkTlogProof, readTlogProof } from './verify/tlog-proof.ts'
export { readAddCheckpoint, SIZE_TYPE, WITNESS_BYTES_MAX } from './verify/witnessing.ts'

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
