/** What log and witness say to each other (C2SP tlog-witness v1.0.0, `add-checkpoint`), as text. */
import { toBase64, wholeNumber } from './bytes.ts'
import { Refused } from './note.ts'
import { readHashes } from './tlog-proof.ts'

/** Media type of the answer 409, which holds the size the witness last saw. */
export const SIZE_TYPE = 'text/x.tlog.size'
export const WITNESS_HASHES_MAX = 63
/** A request holds at most a note and 63 hashes. */
export const WITNESS_BYTES_MAX = 128 * 1024

export type AddCheckpoint = {
  /** Size of the checkpoint the witness cosigned last; 0: none. */
  readonly old_size: number
  readonly proof: readonly Uint8Array[]
  readonly checkpoint: string
}

export const writeAddCheckpoint = (of: AddCheckpoint): string =>
  `old ${of.old_size}\n${of.proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${of.checkpoint}`

/** @throws Refused when the request is malformed */
export function readAddCheckpoint(text: string): AddCheckpoint {
  const end = text.indexOf('\n\n')
  const [first = '', ...lines] = text.slice(0, Math.max(0, end)).split('\n')
  const [, digits = ''] = /^old (\d+)$/.exec(first) ?? []
  const old_size = wholeNumber(digits)
  if (end < 0 || old_size === null || lines.length > WITNESS_HASHES_MAX)
    throw new Refused('Expected "old SIZE", the consistency proof, an empty line and a checkpoint.')
  return { old_size, proof: readHashes(lines), checkpoint: text.slice(end + 2) }
}
