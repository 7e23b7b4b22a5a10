/** The self-contained proof of one entry as text (C2SP tlog-proof): index, path and checkpoint, checked without a network. */
import { fromBase64, toBase64, toUtf8, wholeNumber } from './bytes.ts'
import { type CheckedCheckpoint, checkCheckpoint } from './checkpoint.ts'
import { HASH_BYTES, isIncluded, leafHash, PROOF_HASHES_MAX } from './merkle.ts'
import { Refused, type VerifierKey } from './note.ts'
import type { Policy } from './policy.ts'

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'

export type TlogProof = {
  /** Not authenticated by itself; ours holds what the commitment is recomputed from. */
  readonly extra: Uint8Array | null
  readonly index: number
  readonly proof: readonly Uint8Array[]
  readonly checkpoint: string
}

export const writeTlogProof = (of: TlogProof): string =>
  [
    FIRST_LINE,
    ...(of.extra ? [`extra ${toBase64(of.extra)}`] : []),
    `index ${of.index}`,
    ...of.proof.map(toBase64),
    '',
    of.checkpoint,
  ].join('\n')

/** @throws Refused when it is not in the form of the specification */
export function readTlogProof(text: string): TlogProof {
  const end = text.indexOf('\n\n')
  const [first, ...rest] = text.slice(0, Math.max(0, end)).split('\n')
  if (end < 0 || first !== FIRST_LINE) throw new Refused('This is not a proof of a transparency log.')
  const extra = rest[0]?.startsWith('extra ') ? fromBase64(rest.shift()!.slice(6)) : null
  const [, digits = ''] = /^index (\d+)$/.exec(rest.shift() ?? '') ?? []
  const index = wholeNumber(digits)
  if (index === null) throw new Refused('The proof does not say which entry it is of.')
  return { extra, index, proof: readHashes(rest), checkpoint: text.slice(end + 2) }
}

/** Lines of base64, a hash each. @throws Refused */
export function readHashes(lines: readonly string[]): Uint8Array[] {
  if (lines.length > PROOF_HASHES_MAX) throw new Refused('The proof is longer than any proof can be.')
  return lines.map((line) => {
    const hash = fromBase64(line)
    if (hash?.length !== HASH_BYTES) throw new Refused('A line of the proof is not a hash.')
    return hash
  })
}

/**
 * Checks a proof: the checkpoint as the policy asks, and that this entry stands in its tree.
 * @param entry what the leaf holds, known from elsewhere
 * @throws Refused
 */
export async function checkTlogProof(
  proof: TlogProof,
  entry: Uint8Array,
  trust: { readonly keys: readonly VerifierKey[]; readonly policy: Policy | null },
): Promise<CheckedCheckpoint> {
  const checkpoint = await checkCheckpoint(toUtf8(proof.checkpoint), trust.keys, trust.policy)
  const { size, root } = checkpoint
  if (!isIncluded({ index: proof.index, size, leaf: leafHash(entry), proof: proof.proof, root }))
    throw new Refused(
      'The entry does not stand where the proof says: it was changed, or the proof is another’s.',
    )
  return checkpoint
}
