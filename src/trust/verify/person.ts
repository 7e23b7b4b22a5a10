/**
 * Checks what a person downloads about themselves: each entry against its commitment and the tree, and the chain of all
 * of them, in which none can be missing. Runs in browsers unchanged.
 *
 * A commitment is HMAC-SHA256(32 random bytes, the entry's canonical JSON): without the random bytes it says nothing.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { fromBase64, toBase64, toUtf8 } from './bytes.ts'
import { type CheckedCheckpoint, checkCheckpoint } from './checkpoint.ts'
import type { Expected, Trust } from './log-check.ts'
import { isIncluded, leafHash } from './merkle.ts'
import { Refused } from './note.ts'
import { readHashes } from './tlog-proof.ts'

export const PROOFS_FORMAT = 'hamroh-access-proofs/1'
const SALT_BYTES = 32

/** The commitment that stands in the tree. */
export const commitment = (salt: Uint8Array, entry: string): Uint8Array => hmac(sha256, salt, toUtf8(entry))

/** One entry with what proves it; `entry` is the committed JSON, byte for byte. */
export type ProvedEntry = {
  readonly index: number
  readonly salt: string
  readonly entry: string
  /** Inclusion path, base64 each. */
  readonly proof: readonly string[]
}

/** The file `GET /v1/me/accesses/proofs` answers with. */
export type ProofFile = {
  readonly format: typeof PROOFS_FORMAT
  readonly subject: string
  /** Verifier keys of the log. */
  readonly keys: readonly string[]
  /** The checkpoint every path leads to, with its cosignatures. */
  readonly checkpoint: string
  readonly entries: readonly ProvedEntry[]
  /** Entries that are written and not under this checkpoint yet. */
  readonly waiting: number
  /** `after` of the next page, or null. */
  readonly next: number | null
}

/** What the committed JSON must say for the chain; the other fields are for the person to read. */
type Link = {
  readonly subject: string
  readonly subject_seq: number
  /** Leaf hash of the entry before, base64; null for the first. */
  readonly prev_leaf_of_subject: string | null
}

/** How far the chain of a person was checked: keep it, and the next check goes on from there. */
export type ChainEnd = { readonly subject: string; readonly seq: number; readonly leaf: string }

export type CheckedProofs = {
  readonly checkpoint: CheckedCheckpoint
  readonly end: ChainEnd | null
  readonly entries: number
  /** For `checkLog`: where these entries must stand. */
  readonly expected: readonly Expected[]
}

const isLink = (x: unknown): x is Link => {
  const { subject, subject_seq, prev_leaf_of_subject } = (x ?? {}) as Record<string, unknown>
  return (
    typeof subject === 'string' &&
    Number.isSafeInteger(subject_seq) &&
    (prev_leaf_of_subject === null || typeof prev_leaf_of_subject === 'string')
  )
}

function linkOf(entry: string): Link {
  let value: unknown
  try {
    value = JSON.parse(entry)
  } catch {
    throw new Refused('An entry of the file is not JSON.')
  }
  if (!isLink(value)) throw new Refused('An entry of the file does not say where in the chain it stands.')
  return value
}

/**
 * Checks a person's file: the checkpoint, each entry's place in the tree, and that the chain has no gap.
 * @param known where an earlier check ended; without it the chain must begin with the first entry
 * @throws Refused with what is wrong
 */
export async function checkProofs(
  file: ProofFile,
  trust: Trust,
  known: ChainEnd | null,
): Promise<CheckedProofs> {
  if (file.format !== PROOFS_FORMAT || !Array.isArray(file.entries))
    throw new Refused('This is not a file of proofs as a person downloads it.')
  const checkpoint = await checkCheckpoint(toUtf8(file.checkpoint), trust.keys, trust.policy)
  const { size, root } = checkpoint
  const expected: Expected[] = []
  let [end, before] = [known, -1]
  if (known && known.subject !== file.subject) throw new Refused('This file is about somebody else.')
  for (const proved of file.entries) {
    const salt = fromBase64(proved.salt)
    if (salt?.length !== SALT_BYTES) throw new Refused('An entry of the file has no salt.')
    const link = linkOf(proved.entry)
    const entry = commitment(salt, proved.entry)
    const leaf = leafHash(entry)
    const where = `your entry ${link.subject_seq}`
    if (!isIncluded({ index: proved.index, size, leaf, proof: readHashes(proved.proof), root }))
      throw new Refused(
        `${capital(where)} does not stand in the log as the file says: it was changed or left out.`,
      )
    if (link.subject !== file.subject) throw new Refused(`${capital(where)} is about somebody else.`)
    // A page may begin before where the last check ended: what is known again must be the same.
    if (known && link.subject_seq <= known.seq) {
      if (link.subject_seq === known.seq && toBase64(leaf) !== known.leaf)
        throw new Refused(`${capital(where)} is not the one it was at the last check.`)
    } else {
      follow(end, link, where)
      if (proved.index <= before) throw new Refused(`${capital(where)} stands before an earlier one.`)
      end = { subject: file.subject, seq: link.subject_seq, leaf: toBase64(leaf) }
    }
    before = proved.index
    expected.push({ index: proved.index, entry, where })
  }
  return { checkpoint, end, entries: file.entries.length, expected }
}

/** @throws Refused unless this link follows the end of the chain so far */
function follow(end: ChainEnd | null, link: Link, where: string): void {
  const seq = (end?.seq ?? 0) + 1
  if (link.subject_seq !== seq)
    throw new Refused(`After your entry ${seq - 1} comes ${where}: entry ${seq} is being hidden.`)
  if (link.prev_leaf_of_subject !== (end?.leaf ?? null))
    throw new Refused(
      `${capital(where)} does not follow the entry before it: the chain was forked or an entry replaced.`,
    )
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What a single proof's `extra` holds: salt and entry, to recompute the commitment from. */
export type ProofExtra = Pick<ProvedEntry, 'salt' | 'entry'>

/** Reads the `extra` of a single proof. @throws Refused */
export function entryOfExtra(extra: ProofExtra): Uint8Array {
  const salt = typeof extra.salt === 'string' ? fromBase64(extra.salt) : null
  if (salt?.length !== SALT_BYTES || typeof extra.entry !== 'string')
    throw new Refused('The proof does not hold the entry it proves.')
  return commitment(salt, extra.entry)
}
