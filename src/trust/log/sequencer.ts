/**
 * The sequencer: gives every access entry its place in the tree, after the read and never in its way, and signs what the
 * tree has become. Whoever holds the lock does it, for one transaction; any process can die at any point of it.
 */
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Db } from '../../platform/database.ts'
import { sameBytes } from '../verify/bytes.ts'
import { headText } from '../verify/checkpoint.ts'
import type { LogFiles } from './files.ts'
import type { Keeper, LogSigner } from './keys.ts'
import { leafMaker } from './leaf.ts'
import {
  appendLeaves,
  appendSealed,
  type CheckpointRow,
  commitmentsOf,
  findCheckpoint,
  hasSealed,
  insertCheckpoint,
  insertSubjectKeys,
  type NewKey,
  sealedBefore,
  type TakenRow,
  takeEntries,
  takeSealed,
  treeSize,
  trySequencing,
} from './store.ts'

/** Entries of one transaction. */
export const BATCH_MAX = 2000
/** Leaves made in one go: some ten milliseconds in which nothing else runs. */
const PART_MAX = 250
/** Commitments read at once: 2 MB. */
const LEAVES_MAX = 65_536

/** What must never be gone on with: the log would contradict what it signed. A human decides. */
export class LogHalted extends Error {
  override readonly name = 'LogHalted'
}

export type Sequencing = {
  /** Role hamroh_sequencer. */
  readonly db: Database
  readonly keeper: Keeper
  readonly clock: Clock
}

/**
 * Takes one batch from the queue into the tree.
 * @returns entries placed, or null when another process is at it
 */
export const sequence = ({ db, keeper, clock }: Sequencing, limit = BATCH_MAX): Promise<number | null> =>
  db.transaction(async (tx) => {
    if (!(await trySequencing(tx))) return null
    const taken = await takeEntries(tx, limit)
    const some_sealed = await hasSealed(tx)
    const rows = some_sealed ? await withSealed(tx, taken) : taken
    if (rows.length > 0) await place(tx, rows, keeper, clock)
    return rows.length + (some_sealed ? await sequenceSealed(tx, keeper, clock, limit) : 0)
  })

/**
 * Makes leaves and stores them, part by part: while the database stores one, the next is being made, and requests that
 * come in between are answered.
 */
async function place(tx: Db, rows: readonly TakenRow[], keeper: Keeper, clock: Clock): Promise<void> {
  const make = leafMaker(keeper)
  const first = await treeSize(tx)
  const keys: NewKey[] = []
  let storing: Promise<void> = Promise.resolve()
  for (let at = 0; at < rows.length; at += PART_MAX) {
    const made = make(rows.slice(at, at + PART_MAX))
    keys.push(...made.keys)
    await storing
    storing = appendLeaves(tx, first + at, made.leaves)
    // Should it fail while the next part is being made, the wait above hears of it.
    storing.catch(() => {})
    await setImmediate()
  }
  await storing
  await insertSubjectKeys(tx, keys, clock.now())
}

/** What was sealed says so, and where it stood, when it is shown. */
async function withSealed(tx: Db, rows: readonly TakenRow[]): Promise<TakenRow[]> {
  const sealed = await sealedBefore(
    tx,
    rows.map((r) => r.subject_id),
    rows.map((r) => r.id),
  )
  const known = new Map(sealed.map((s) => [`${s.subject_id} ${s.id}`, s]))
  return rows.map((row) => {
    const s = known.get(`${row.subject_id} ${row.id}`)
    if (!s) return row
    const { agency, approver, unseal_on } = s
    return { ...row, agency, approver, unseal_on, was_sealed_at: s.index, was_leaf: s.leaf }
  })
}

async function sequenceSealed(tx: Db, keeper: Keeper, clock: Clock, limit: number): Promise<number> {
  const rows = await takeSealed(tx, limit)
  const { leaves, keys } = leafMaker(keeper)(rows)
  await insertSubjectKeys(tx, keys, clock.now())
  const first = await treeSize(tx)
  for (const [i, leaf] of leaves.entries())
    await appendSealed(tx, first + i, leaf, { agency: rows[i]!.agency!, month: rows[i]!.month! })
  return rows.length
}

/** Brings the tree of `files` to `size` leaves, from the database. */
export async function growTo(db: Db, files: LogFiles, size: number): Promise<void> {
  while (files.size < size) {
    const to = Math.min(size, files.size + LEAVES_MAX)
    const bytes = await commitmentsOf(db, files.size, to)
    if (bytes.length !== (to - files.size) * 32)
      throw new LogHalted(`Leaves between ${files.size} and ${to} are missing from the database.`)
    files.append(bytes)
  }
}

/**
 * Signs the tree as it is, if it has grown since it was last signed.
 * @param files its tree grows with what is signed; it must hold no more than the database does
 * @returns the checkpoint signed; null when there is nothing new, or another process is at it
 * @throws LogHalted when the database or the files contradict what was signed before
 */
export async function signTree(
  { db, clock }: Sequencing,
  signer: LogSigner,
  origin: string,
  files: LogFiles,
): Promise<CheckpointRow | null> {
  return db.transaction(async (tx) => {
    if (!(await trySequencing(tx))) return null
    const [last, size] = [await findCheckpoint(tx), await treeSize(tx)]
    refuseContradiction(last, size, files)
    if (last?.size === size) return null
    if (last) {
      await growTo(tx, files, last.size)
      if (files.size === last.size && !sameBytes(files.root(), last.root))
        throw new LogHalted(
          'The leaves in the database do not give the root that was signed: they were changed.',
        )
    }
    await growTo(tx, files, size)
    const head = { origin, size, root: files.root() }
    const text = headText(head)
    const row = {
      size,
      root: Buffer.from(head.root),
      note: `${text}\n${signer.sign(text)}`,
      signed_at: clock.now(),
    }
    await insertCheckpoint(tx, row)
    return row
  })
}

/** A database that was set back (an old backup) knows fewer leaves than were signed: going on would fork the log. */
function refuseContradiction(last: CheckpointRow | null, size: number, files: LogFiles): void {
  const most = Math.max(last?.size ?? 0, files.published?.size ?? 0)
  if (size < most)
    throw new LogHalted(
      `The database holds ${size} leaves, but ${most} were signed: it was set back. The log is not gone on with; see docs/transparency-log.md.`,
    )
  if (last && files.published?.size === last.size && !sameBytes(files.published.root, last.root))
    throw new LogHalted('The folder of the log shows another tree than the database signed.')
}
