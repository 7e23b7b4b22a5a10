/** What a person downloads about themselves: their entries with salts, places, paths and the checkpoint over them. */
import type { Database } from '../../platform/database.ts'
import type { SubjectId } from '../../platform/ids.ts'
import { toBase64, toUtf8 } from '../verify/bytes.ts'
import { inclusionProof } from '../verify/merkle.ts'
import { PROOFS_FORMAT, type ProofExtra, type ProofFile } from '../verify/person.ts'
import { writeTlogProof } from '../verify/tlog-proof.ts'
import type { LogFiles } from './files.ts'
import type { Keeper } from './keys.ts'
import { openLeaf } from './leaf.ts'
import { countWaiting, findProved, type ProvedRow, provedOf } from './store.ts'

export const PROOFS_PAGE_MAX = 500

export type Proving = {
  readonly db: Database
  readonly keeper: Keeper
  readonly vkeys: readonly string[]
  files(): LogFiles
}

/**
 * One page of a person's proofs, in the order of their chain.
 * @param page `after`: place in the chain the page begins behind; 0 from the first
 * @returns null while no checkpoint is published
 */
export async function proofsOf(
  proving: Proving,
  subject: SubjectId,
  page: { readonly after: number; readonly limit?: number },
): Promise<ProofFile | null> {
  const files = proving.files()
  const shown = files.published
  if (!shown) return null
  const limit = Math.min(page.limit ?? PROOFS_PAGE_MAX, PROOFS_PAGE_MAX)
  const rows = await provedOf(proving.db, subject, { after: page.after, size: shown.size, limit })
  const read = files.reader(shown.size)
  const entries = rows.flatMap((row) => {
    const opened = open(proving.keeper, subject, row)
    if (!opened) return []
    return [{ index: row.index, ...opened, proof: inclusionProof(read, row.index, shown.size).map(toBase64) }]
  })
  return {
    format: PROOFS_FORMAT,
    subject,
    keys: proving.vkeys,
    checkpoint: shown.note,
    entries,
    waiting: await countWaiting(proving.db, subject, shown.size),
    next: rows.length === limit ? rows.at(-1)!.subject_seq : null,
  }
}

/** The self-contained proof of one entry (tlog-proof); null when it is not theirs, erased, or not published yet. */
export async function proofOf(proving: Proving, subject: SubjectId, entry: string): Promise<string | null> {
  const files = proving.files()
  const shown = files.published
  const row = shown && (await findProved(proving.db, subject, entry))
  if (!row || row.index >= shown.size) return null
  const opened = open(proving.keeper, subject, row)
  if (!opened) return null
  return writeTlogProof({
    extra: toUtf8(JSON.stringify(opened)),
    index: row.index,
    proof: inclusionProof(files.reader(shown.size), row.index, shown.size),
    checkpoint: shown.note,
  })
}

function open(keeper: Keeper, subject: SubjectId, row: ProvedRow): ProofExtra | null {
  if (!row.sealed || !row.wrapped) return null
  const { wrapped, sealed, entry_id: entry } = row
  const opened = openLeaf(keeper, { subject, entry, wrapped, sealed })
  return { salt: toBase64(opened.salt), entry: opened.entry }
}
