/**
 * The public files of the log in a folder: tiles, entry bundles and the checkpoint (C2SP tlog-tiles). All of them follow
 * from the database and can be made again; a checkpoint is replaced only after every tile it needs is on disk.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { sameBytes } from '../verify/bytes.ts'
import { readHead, type TreeHead } from '../verify/checkpoint.ts'
import { HASH_BYTES, leafHash, type NodeReader } from '../verify/merkle.ts'
import { readNote } from '../verify/note.ts'
import {
  readBundle,
  readTile,
  TILE_WIDTH,
  type TileKind,
  TreeEdge,
  tilePath,
  tileReader,
  writeBundle,
} from '../verify/tiles.ts'

/** Files written at a time: each waits for the disk, so several wait together. */
const WRITES_AT_ONCE = 16

export type LogFiles = {
  readonly folder: string
  /** Leaves in the tree so far; may be ahead of what is published. */
  readonly size: number
  /** The checkpoint the folder shows, or null. */
  readonly published: (TreeHead & { readonly note: string }) | null
  /** Appends commitments, 32 bytes each. Nothing is written yet. */
  append(commitments: Uint8Array): void
  root(): Uint8Array
  /** Writes the tiles of the tree as it is; resolves when the disk has them. */
  write(): Promise<void>
  /**
   * Shows a checkpoint, which must be of exactly the tree that was written.
   * @returns false when the folder shows a larger one already: it is left as it is
   */
  show(note: string): Promise<boolean>
  /** Complete subtrees of the tree of `size` leaves, from the files; of no larger tree than was written. */
  reader(size: number): NodeReader
}

/**
 * Opens the folder and takes up where its files end. Files that do not fit their checkpoint count as none: the tree then
 * begins anew, from the database.
 */
export function openLogFiles(folder: string): LogFiles {
  const path = resolve(folder)
  clearLeft(path)
  const found = readFolder(path)
  const edge = found?.edge ?? new TreeEdge()
  let published = found ? { ...found.head, note: found.note } : null
  /** Entries of the bundle that is not full yet. */
  let rest = found?.rest ?? []
  /** Full files that were not written yet, by path. */
  let waiting = new Map<string, Uint8Array>()
  let on_disk = found ? edge.size : -1
  return {
    folder: path,
    get size() {
      return edge.size
    },
    get published() {
      return published
    },
    append: (commitments) => {
      for (let at = 0; at < commitments.length; at += HASH_BYTES) {
        const entry = commitments.slice(at, at + HASH_BYTES)
        rest.push(entry)
        for (const tile of edge.append(leafHash(entry)))
          waiting.set(tilePath(tile.level, tile.index), joined(tile.hashes))
        if (rest.length === TILE_WIDTH) {
          waiting.set(tilePath('entries', edge.size / TILE_WIDTH - 1), writeBundle(rest))
          rest = []
        }
      }
    },
    root: () => edge.root(),
    write: async () => {
      if (on_disk === edge.size) return
      const size = edge.size
      await writeAll(path, [...waiting, ...partials(edge, rest)])
      // A full tile makes its partial ones useless; a reader who comes late takes the full one.
      for (const tile of waiting.keys()) await rm(join(path, `${tile}.p`), { recursive: true, force: true })
      waiting = new Map()
      on_disk = size
    },
    show: async (note) => {
      const head = readHead(readNote(note).text)
      if (head.size !== on_disk) throw new Error(`a checkpoint of ${head.size} for a tree of ${on_disk}`)
      const shown = readCheckpoint(path)
      if (shown && shown.head.size > head.size) return false
      await writeAll(path, [['checkpoint', Buffer.from(note)]])
      published = { ...head, note }
      return true
    },
    reader: (size) => tileReader(size, (level, index, width) => loadTile(path, level, index, width)),
  }
}

const joined = (hashes: readonly Uint8Array[]): Uint8Array => Buffer.concat(hashes)

function partials(edge: TreeEdge, rest: readonly Uint8Array[]): [string, Uint8Array][] {
  const files = edge.levels.flatMap((row, level): [string, Uint8Array][] => {
    const index = Math.floor(edge.size / TILE_WIDTH ** (level + 1))
    return row.length === 0 ? [] : [[tilePath(level, index, row.length), joined(row)]]
  })
  if (rest.length > 0)
    files.push([tilePath('entries', Math.floor(edge.size / TILE_WIDTH), rest.length), writeBundle(rest)])
  return files
}

function readCheckpoint(folder: string): { readonly head: TreeHead; readonly note: string } | null {
  try {
    const note = readFileSync(join(folder, 'checkpoint'), 'utf8')
    return { head: readHead(readNote(note).text), note }
  } catch {
    return null
  }
}

/** A partial file may have given way to the full one. */
function readEither(folder: string, kind: TileKind, index: number, width: number) {
  const read = (w: number) => ({
    bytes: new Uint8Array(readFileSync(join(folder, tilePath(kind, index, w)))),
    w,
  })
  try {
    return read(width)
  } catch (error) {
    if (width === TILE_WIDTH || (error as { code?: string }).code !== 'ENOENT') throw error
    return read(TILE_WIDTH)
  }
}

function loadTile(folder: string, level: number, index: number, width: number): Uint8Array[] {
  const { bytes, w } = readEither(folder, level, index, width)
  return readTile(bytes, w).slice(0, width)
}

function readFolder(folder: string) {
  const shown = readCheckpoint(folder)
  if (!shown) return null
  const { size, root } = shown.head
  try {
    const edge = TreeEdge.of(size, (level, index, width) => loadTile(folder, level, index, width))
    const width = size % TILE_WIDTH
    const bundle = () => readBundle(readEither(folder, 'entries', Math.floor(size / TILE_WIDTH), width).bytes)
    const rest = width === 0 ? [] : bundle().slice(0, width)
    const fits = rest.length === width && rest.every((e, i) => sameBytes(leafHash(e), edge.levels[0]![i]!))
    return fits && sameBytes(edge.root(), root) ? { ...shown, edge, rest } : null
  } catch {
    return null
  }
}

/** Files that are being written; a process that was killed leaves some. */
const NEW = '.new'
const LEFT_MS = 3_600_000

function clearLeft(folder: string): void {
  try {
    for (const name of readdirSync(join(folder, NEW))) {
      const file = join(folder, NEW, name)
      if (Date.now() - statSync(file).mtimeMs > LEFT_MS) rmSync(file, { force: true })
    }
  } catch {
    // There is nothing left, or somebody else is clearing it.
  }
}

let written = 0

/** Writes each file aside, waits until the disk has it, and moves it to its place; then the folders. */
async function writeAll(folder: string, files: readonly (readonly [string, Uint8Array])[]): Promise<void> {
  const folders = new Set<string>()
  await mkdir(join(folder, NEW), { recursive: true })
  let next = 0
  const writer = async () => {
    while (next < files.length) {
      const [name, bytes] = files[next++]!
      const file = join(folder, name)
      const parent = dirname(file)
      if (!folders.has(parent)) {
        await mkdir(parent, { recursive: true })
        folders.add(parent)
      }
      const beside = join(folder, NEW, `${process.pid}-${written++}`)
      const handle = await open(beside, 'w', 0o644)
      try {
        await handle.writeFile(bytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(beside, file)
    }
  }
  await Promise.all(Array.from({ length: Math.min(WRITES_AT_ONCE, files.length) }, writer))
  for (const parent of folders) await syncFolder(parent)
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
