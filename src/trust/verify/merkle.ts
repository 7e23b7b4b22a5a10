/**
 * The Merkle tree of RFC 6962 §2.1 (SHA-256): hashes, proofs, and what checks them. Pure; runs in browsers unchanged.
 * Sizes and indexes are whole numbers up to 2^53 − 1.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { sameBytes } from './bytes.ts'

export const HASH_BYTES = 32

/** A proof has at most one hash for each level of a tree with 2^53 leaves, and one more for consistency. */
export const PROOF_HASHES_MAX = 54

/** The root of the tree without leaves: the hash of nothing. */
export const emptyRoot = (): Uint8Array => sha256(new Uint8Array(0))

/** Leaf hash: SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + entry.length)
  bytes.set(entry, 1)
  return sha256(bytes)
}

/** Node hash: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * HASH_BYTES)
  bytes[0] = 1
  bytes.set(left, 1)
  bytes.set(right, 1 + HASH_BYTES)
  return sha256(bytes)
}

/** Hash of the complete subtree over leaves [index · 2^level, (index + 1) · 2^level). */
export type NodeReader = (level: number, index: number) => Uint8Array

/** Largest power of two below `n`, for n ≥ 2. */
function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** MTH(D[from:to]) of RFC 6962 §2.1, put together from complete subtrees. `from` is a multiple of the subtree's span. */
export function rangeRoot(read: NodeReader, from: number, to: number): Uint8Array {
  const n = to - from
  if (n < 1) return emptyRoot()
  const level = Math.log2(n)
  if (Number.isInteger(level) && from % n === 0) return read(level, from / n)
  const k = split(n)
  return nodeHash(rangeRoot(read, from, from + k), rangeRoot(read, from + k, to))
}

/**
 * The inclusion proof (audit path) of leaf `index` in the tree of `size` leaves, from the leaf's sibling upwards (§2.1.1).
 * @throws RangeError unless 0 ≤ index < size
 */
export function inclusionProof(read: NodeReader, index: number, size: number): Uint8Array[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`there is no leaf ${index} in a tree of ${size}`)
  const path: Uint8Array[] = []
  let [from, to] = [0, size]
  while (to - from > 1) {
    const middle = from + split(to - from)
    if (index < middle) {
      path.push(rangeRoot(read, middle, to))
      to = middle
    } else {
      path.push(rangeRoot(read, from, middle))
      from = middle
    }
  }
  return path.reverse()
}

/**
 * The consistency proof between the trees of `size1` and `size2` leaves (§2.1.2); empty when they are of one size.
 * @throws RangeError unless 0 < size1 ≤ size2: from the empty tree nothing can be proved
 */
export function consistencyProof(read: NodeReader, size1: number, size2: number): Uint8Array[] {
  if (!(size1 > 0 && size1 <= size2)) throw new RangeError(`no proof leads from ${size1} to ${size2}`)
  const path: Uint8Array[] = []
  let [from, to, m, whole] = [0, size2, size1, true]
  while (m < to - from) {
    const k = split(to - from)
    if (m <= k) {
      path.push(rangeRoot(read, from + k, to))
      to = from + k
    } else {
      path.push(rangeRoot(read, from, from + k))
      from += k
      m -= k
      whole = false
    }
  }
  // The old root is known to who checks, unless it is only a part of the new tree's left side.
  if (!whole) path.push(rangeRoot(read, from, to))
  return path.reverse()
}

const fit = (hashes: readonly Uint8Array[]): boolean => hashes.every((h) => h.length === HASH_BYTES)

/** Whether `proof` shows that the leaf with this hash stands at `index` of the tree of `size` leaves with this root. */
export function isIncluded(of: {
  readonly index: number
  readonly size: number
  readonly leaf: Uint8Array
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}): boolean {
  const { index, size, leaf, proof, root } = of
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false
  if (proof.length > PROOF_HASHES_MAX || !fit([leaf, root, ...proof])) return false
  // RFC 9162 §2.1.3.2, with division where it shifts: sizes may exceed 32 bits.
  let [node, last, hash] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash)
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)]
    } else hash = nodeHash(hash, sibling)
    ;[node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  }
  return last === 0 && sameBytes(hash, root)
}

/** Whether `proof` shows that the tree of `size2` leaves begins with the tree of `size1` leaves. Nothing follows from size 0. */
export function isConsistent(of: {
  readonly size1: number
  readonly size2: number
  readonly root1: Uint8Array
  readonly root2: Uint8Array
  readonly proof: readonly Uint8Array[]
}): boolean {
  const { size1, size2, root1, root2, proof } = of
  if (!Number.isSafeInteger(size1) || !Number.isSafeInteger(size2) || size1 < 1 || size1 > size2) return false
  if (proof.length > PROOF_HASHES_MAX) return false
  // Nothing is hashed here: that a root is one at all is for who read it to know.
  if (size1 === size2) return proof.length === 0 && sameBytes(root1, root2)
  if (!fit([root1, root2, ...proof])) return false
  // RFC 9162 §2.1.4.2: an old tree of a power of two is itself the first hash.
  const path = Number.isInteger(Math.log2(size1)) ? [root1, ...proof] : proof
  if (path.length === 0 || proof.length === 0) return false
  let [node, last] = [size1 - 1, size2 - 1]
  while (node % 2 === 1) [node, last] = [(node - 1) / 2, Math.floor(last / 2)]
  let [old, now] = [path[0]!, path[0]!]
  for (const sibling of path.slice(1)) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      old = nodeHash(sibling, old)
      now = nodeHash(sibling, now)
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)]
    } else now = nodeHash(now, sibling)
    ;[node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  }
  return last === 0 && sameBytes(old, root1) && sameBytes(now, root2)
}
