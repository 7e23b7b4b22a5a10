/**
 * The static files of a log (C2SP tlog-tiles v0.1.0): their paths, the bundles of entries, and the growing right edge of
 * the tree, from which tiles and roots come. Pure; the log that writes and the verifier that reads use the same lines.
 */
import { sameBytes } from './bytes.ts'
import { emptyRoot, HASH_BYTES, type NodeReader, nodeHash } from './merkle.ts'
import { Refused } from './note.ts'

/** Hashes of a full tile, entries of a full bundle. */
export const TILE_WIDTH = 256
const TILE_HEIGHT = 8
export const ENTRY_BYTES_MAX = 65_535

export type TileKind = number | 'entries'

/** Path of a tile under the log's prefix, e.g. `tile/0/x001/234.p/17`. @param width 1 to 256; below 256 the tile is partial */
export function tilePath(kind: TileKind, index: number, width = TILE_WIDTH): string {
  const digits = String(index)
  const parts = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g)!
  const path = parts.map((part, i) => (i < parts.length - 1 ? `x${part}` : part)).join('/')
  return `tile/${kind}/${path}${width < TILE_WIDTH ? `.p/${width}` : ''}`
}

/** Width of the tile at this level and index in a tree of `size` leaves; 0 when there is none. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level)
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH))
}

/** A bundle of entries: each with its length before it, in two bytes, big-endian. */
export function writeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, e) => sum + 2 + e.length, 0))
  let at = 0
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX) throw new RangeError('an entry of the log is too long')
    bytes[at] = entry.length >> 8
    bytes[at + 1] = entry.length & 0xff
    bytes.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bytes
}

/** The entries of a bundle. @throws Refused when its lengths do not fit it */
export function readBundle(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = at + 2 <= bytes.length ? (bytes[at]! << 8) | bytes[at + 1]! : Number.POSITIVE_INFINITY
    if (at + 2 + length > bytes.length) throw new Refused('A file of entries of the log is cut off.')
    entries.push(bytes.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return entries
}

/** The hashes of a tile. @throws Refused when there are not `width` of them */
export function readTile(bytes: Uint8Array, width: number): Uint8Array[] {
  if (bytes.length !== width * HASH_BYTES)
    throw new Refused('A tile of the log has not the size it must have.')
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
}

/** Root over a power of two of hashes. */
function subtreeRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, i) => nodeHash(row[2 * i]!, row[2 * i + 1]!))
  return row[0]!
}

export type FullTile = {
  readonly level: number
  readonly index: number
  readonly hashes: readonly Uint8Array[]
}

/**
 * The right edge of a tree: at each level the hashes of its partial tile, which is all that growing needs. Appending a
 * leaf costs two hashes on average.
 */
export class TreeEdge {
  size = 0
  /** Partial tile by level, each shorter than 256. */
  readonly levels: Uint8Array[][] = []

  /** Appends a leaf by its hash; returns the tiles that became full, lowest level first. */
  append(leaf: Uint8Array): FullTile[] {
    const full: FullTile[] = []
    this.size++
    let hash = leaf
    for (let level = 0; ; level++) {
      this.levels[level] ??= []
      const row = this.levels[level]!
      row.push(hash)
      if (row.length < TILE_WIDTH) return full
      full.push({ level, index: this.size / TILE_WIDTH ** (level + 1) - 1, hashes: row })
      this.levels[level] = []
      hash = subtreeRoot(row)
    }
  }

  /** Root of the tree as it is (RFC 6962 §2.1). */
  root(): Uint8Array {
    let root: Uint8Array | null = null
    // From the smallest complete subtree at the right end to the largest at the left.
    for (const row of this.levels) {
      let end = row.length
      for (let span = 1; span <= row.length; span *= 2) {
        if ((row.length & span) === 0) continue
        const peak = subtreeRoot(row.slice(end - span, end))
        root = root === null ? peak : nodeHash(peak, root)
        end -= span
      }
    }
    return root ?? emptyRoot()
  }

  /** An edge of its own with the same leaves. */
  copy(): TreeEdge {
    const edge = new TreeEdge()
    edge.size = this.size
    edge.levels.push(...this.levels.map((row) => [...row]))
    return edge
  }

  /** The edge of a tree of `size` leaves from its partial tiles; `read` gives the hashes of one. */
  static of(size: number, read: (level: number, index: number, width: number) => Uint8Array[]): TreeEdge {
    const edge = new TreeEdge()
    edge.size = size
    for (let level = 0; TILE_WIDTH ** level <= size; level++) {
      const hashes = Math.floor(size / TILE_WIDTH ** level)
      const width = hashes % TILE_WIDTH
      edge.levels.push(width === 0 ? [] : [...read(level, (hashes - width) / TILE_WIDTH, width)])
    }
    return edge
  }
}

const TILES_KEPT_MAX = 1024

/**
 * Reads any complete subtree of a tree of `size` leaves from its tiles, for making proofs. Keeps the tiles it met.
 * @param load the hashes of one tile
 */
export function tileReader(
  size: number,
  load: (level: number, index: number, width: number) => Uint8Array[],
): NodeReader {
  const kept = new Map<string, Uint8Array[][]>()
  return (level, index) => {
    const [tile_level, height] = [Math.floor(level / TILE_HEIGHT), level % TILE_HEIGHT]
    const across = TILE_WIDTH / 2 ** height
    const [tile, place] = [Math.floor(index / across), index % across]
    const key = `${tile_level} ${tile}`
    let rows = kept.get(key)
    if (!rows) {
      rows = [load(tile_level, tile, tileWidth(tile_level, tile, size))]
      if (kept.size >= TILES_KEPT_MAX) kept.clear()
      kept.set(key, rows)
    }
    for (let h = rows.length; h <= height; h++) {
      const below = rows[h - 1]!
      rows.push(
        Array.from({ length: below.length >> 1 }, (_, i) => nodeHash(below[2 * i]!, below[2 * i + 1]!)),
      )
    }
    const hash = rows[height]![place]
    if (!hash) throw new RangeError(`the tree of ${size} has no complete subtree ${index} at level ${level}`)
    return hash
  }
}

/** Whether two rows of hashes are the same. */
export const sameHashes = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.length === b.length && a.every((hash, i) => sameBytes(hash, b[i]!))
