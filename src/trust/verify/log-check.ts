/**
 * Checks a whole log from its public files alone: signatures, every entry and tile up to the root, and that it still is
 * the log it was. Runs in Node and browsers unchanged; where files come from is handed in.
 */
import { sameBytes } from './bytes.ts'
import { type CheckedCheckpoint, checkCheckpoint, type TreeHead } from './checkpoint.ts'
import { emptyRoot, leafHash } from './merkle.ts'
import { Refused, type VerifierKey } from './note.ts'
import type { Policy } from './policy.ts'
import { type FullTile, readBundle, readTile, sameHashes, TILE_WIDTH, TreeEdge, tilePath } from './tiles.ts'

/** One public file by its path under the log's prefix, or null when there is none. */
export type LogSource = (path: string) => Promise<Uint8Array | null>

export type Trust = {
  /** The log's keys. */
  readonly keys: readonly VerifierKey[]
  /** Witnesses and quorum; null: no cosignature is asked for. */
  readonly policy: Policy | null
}

/** A checkpoint that was seen before or elsewhere, already checked by whoever hands it in. */
export type Seen = TreeHead & {
  /** Where it was seen, for the sentence when the log does not fit it. */
  readonly where: string
}

/** The entry at `index` must be this one. */
export type Expected = { readonly index: number; readonly entry: Uint8Array; readonly where: string }

export type CheckedLog = { readonly checkpoint: CheckedCheckpoint; readonly entries: number }

/**
 * Checks the log.
 * @param of.seen every one of these checkpoints must be an earlier state of this log
 * @param of.expected entries that must stand in it
 * @param of.progress called after each bundle with the number of entries read
 * @throws Refused with what is wrong
 */
export async function checkLog(
  source: LogSource,
  trust: Trust,
  of: {
    readonly seen?: readonly Seen[]
    readonly expected?: readonly Expected[]
    readonly progress?: (entries: number, size: number) => void
  } = {},
): Promise<CheckedLog> {
  const note = await source('checkpoint')
  if (note === null) throw new Refused('There is no checkpoint at this address: no log, or not reachable.')
  const checkpoint = await checkCheckpoint(note, trust.keys, trust.policy)
  const { size } = checkpoint
  const roots = rootsWanted(checkpoint, of.seen ?? [])
  const expected = new Map((of.expected ?? []).map((e) => [e.index, e]))
  for (const e of expected.values())
    if (e.index >= size) throw new Refused(`The log ends before ${e.where}: it was cut off.`)
  const edge = new TreeEdge()
  const tiles = tileChecker(source, size)
  const look = () => {
    for (const seen of roots.get(edge.size) ?? [])
      if (!sameBytes(edge.root(), seen.root))
        throw new Refused(`The log is not the one seen ${seen.where}: its first ${seen.size} entries differ.`)
  }
  look()
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH)
    const entries = readBundle(await bundle(source, index, width)).slice(0, width)
    if (entries.length !== width) throw new Refused(`Entries are missing from bundle ${index} of the log.`)
    for (const [i, entry] of entries.entries()) {
      const place = index * TILE_WIDTH + i
      const wanted = expected.get(place)
      if (wanted && !sameBytes(wanted.entry, entry))
        throw new Refused(`At place ${place} the log holds something else than ${wanted.where}.`)
      for (const tile of edge.append(leafHash(entry))) await tiles.full(tile)
      look()
    }
    of.progress?.(edge.size, size)
  }
  await tiles.rest(edge)
  if (!sameBytes(edge.root(), checkpoint.root))
    throw new Refused('The entries of the log do not give the root its checkpoint states.')
  return { checkpoint, entries: size }
}

/** Roots to be compared on the way, by size. */
function rootsWanted(now: CheckedCheckpoint, seen: readonly Seen[]): Map<number, Seen[]> {
  const wanted = new Map<number, Seen[]>()
  for (const s of seen) {
    if (s.origin !== now.origin)
      throw new Refused(`What was seen ${s.where} is another log’s: ${s.origin}, not ${now.origin}.`)
    if (s.size > now.size)
      throw new Refused(
        `The log has ${now.size} entries, and had ${s.size} when seen ${s.where}: it was cut off.`,
      )
    if (s.size === 0 && !sameBytes(s.root, emptyRoot()))
      throw new Refused(`The root seen ${s.where} is none.`)
    wanted.set(s.size, [...(wanted.get(s.size) ?? []), s])
  }
  return wanted
}

/** A partial file may have given way to the full one since the checkpoint was read (tlog-tiles, Partial Tiles). */
async function either(source: LogSource, kind: number | 'entries', index: number, width: number) {
  const exact = await source(tilePath(kind, index, width))
  if (exact !== null || width === TILE_WIDTH) return { bytes: exact, width }
  return { bytes: await source(tilePath(kind, index)), width: TILE_WIDTH }
}

async function bundle(source: LogSource, index: number, width: number): Promise<Uint8Array> {
  const { bytes } = await either(source, 'entries', index, width)
  if (bytes === null) throw new Refused(`The entries of bundle ${index} are missing from the log.`)
  return bytes
}

/** Compares the tiles the log serves with those its entries give. */
function tileChecker(source: LogSource, size: number) {
  const check = async (level: number, index: number, hashes: readonly Uint8Array[]) => {
    const { bytes, width } = await either(source, level, index, hashes.length)
    if (bytes === null) throw new Refused(`Tile ${index} at level ${level} is missing from the log.`)
    if (!sameHashes(readTile(bytes, width).slice(0, hashes.length), hashes))
      throw new Refused(`Tile ${index} at level ${level} is not what the entries of the log give.`)
  }
  return {
    full: (tile: FullTile) => check(tile.level, tile.index, tile.hashes),
    rest: async (edge: TreeEdge) => {
      for (const [level, row] of edge.levels.entries())
        if (row.length > 0) await check(level, Math.floor(size / TILE_WIDTH ** (level + 1)), row)
    },
  }
}
