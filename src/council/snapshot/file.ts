/**
 * One file of a snapshot (docs/snapshot.md): a header that describes columns, then their raw codes, each section on a
 * multiple of 64 bytes, so that loading is one read into the arena and no copy. Every byte stands under a CRC-32: a
 * file cut short or with a flipped bit is refused with the place, never half read.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Column, ColumnInfo, Items, Population } from '../../rules/rules.ts'
import { type Arena, take } from '../../rules/rules.ts'

const MAGIC = 'HAMROHC1'
const FORMAT = 1
/** Magic, length of the header, its CRC-32. */
const PREFIX = 16
const ALIGN = 64
const HEADER_BYTES_MAX = 512 * 1024 * 1024

/** What a file says of itself. */
export type FileAbout = {
  readonly kind: 'person' | 'organisation'
  readonly shard: number
  readonly shards: number
  readonly vocabulary: string
  /** Day whose facts it holds. */
  readonly day: string
  /** Instant until which it knows. */
  readonly known_at: string
  /** CRC-32 of the file of subject ids that belongs to it. */
  readonly ids_crc: number
}

type Section = { readonly at: number; readonly bytes: number; readonly crc: number }
type ColumnEntry = Omit<ColumnInfo, 'low' | 'high'> & {
  readonly key: string
  /** Null where no value is known: JSON has no infinities. */
  readonly extent: readonly [number, number]
  readonly section: Section
}
type ListEntry = {
  readonly list: string
  readonly longest: number
  readonly starts: Section
  readonly parents: Section
}

type Header = FileAbout & {
  readonly format: number
  readonly rows: number
  readonly columns: readonly ColumnEntry[]
  readonly lists: readonly ListEntry[]
  readonly turns: Section
  readonly data_bytes: number
}

/** Columns of one shard, and for each row the first later day on which something told beforehand takes over. */
export type Shard = { readonly about: FileAbout; readonly population: Population; readonly turns: Int32Array }

/** `turns` of a row for which nothing was told beforehand. */
export const NEVER_TURNS = 0x7fffffff

/** A snapshot file that cannot be trusted: which, where and what is wrong. */
export class SnapshotError extends Error {}

const padded = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN
const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/** Writes a shard under a temporary name, brings it to the disk and renames it. @returns its size in bytes */
export function writeShard(path: string, { about, population, turns }: Shard): number {
  const parts: Uint8Array[] = []
  let at = 0
  const section = (array: ArrayBufferView): Section => {
    const bytes = new Uint8Array(padded(array.byteLength))
    bytes.set(bytesOf(array))
    parts.push(bytes)
    const found = { at, bytes: array.byteLength, crc: crc32(bytes) }
    at += bytes.length
    return found
  }
  const columns = [...population.columns].map(
    ([key, { codes, low, high, lane, kind, offset, has_absent, has_unknown, words }]): ColumnEntry => ({
      key,
      lane,
      kind,
      offset,
      has_absent,
      has_unknown,
      words,
      extent: [low, high],
      section: section(codes),
    }),
  )
  const lists = [...population.lists].map(
    ([list, { starts, parents, longest }]): ListEntry => ({
      list,
      longest,
      starts: section(starts),
      parents: section(parents),
    }),
  )
  const turning = section(turns)
  const header: Header = {
    format: FORMAT,
    ...about,
    rows: population.rows,
    columns,
    lists,
    turns: turning,
    data_bytes: at,
  }
  return writeParts(path, MAGIC, header, parts)
}

function writeParts(path: string, magic: string, header: unknown, parts: readonly Uint8Array[]): number {
  const text = Buffer.from(JSON.stringify(header))
  const head = Buffer.alloc(padded(PREFIX + text.length), ' ')
  head.write(magic, 0, 'latin1')
  head.writeUInt32LE(head.length - PREFIX, 8)
  text.copy(head, PREFIX)
  head.writeUInt32LE(crc32(head.subarray(PREFIX)), 12)
  const file = openSync(`${path}.new`, 'w', 0o600)
  try {
    let size = 0
    for (const part of [head, ...parts]) {
      for (let from = 0; from < part.length; ) from += writeSync(file, part, from)
      size += part.length
    }
    fsyncSync(file)
    renameSync(`${path}.new`, path)
    return size
  } finally {
    closeSync(file)
  }
}

/**
 * Reads a shard into the arena: all of it in one piece, or only the columns of some predicates.
 * @param only predicates; what else the file holds is neither read nor checked
 * @throws SnapshotError when it is cut, changed where it was read, of another format, or not what `expected` says
 */
export function readShard(
  path: string,
  arena: Arena,
  expected: Partial<FileAbout>,
  only?: ReadonlySet<string>,
): Shard {
  const file = openSync(path, 'r')
  try {
    const { header, data_at } = readHeader<Header>(path, file, MAGIC)
    if (header.format !== FORMAT)
      throw new SnapshotError(`${path}: format ${header.format}, and this program reads ${FORMAT}.`)
    for (const [name, value] of Object.entries(expected)) {
      const found = header[name as keyof FileAbout]
      if (found !== value)
        throw new SnapshotError(
          name === 'vocabulary'
            ? `${path}: made with another vocabulary (${String(found).slice(0, 12)}…, the pack has ${String(value).slice(0, 12)}…): build the snapshot again.`
            : `${path}: ${name} is ${found}, expected ${value}.`,
        )
    }
    const size = fstatSync(file).size
    if (size !== data_at + header.data_bytes)
      throw new SnapshotError(
        `${path}: ${size < data_at + header.data_bytes ? 'cut short' : 'too long'}: ${size} bytes, expected ${data_at + header.data_bytes}.`,
      )
    const read = (from: number, size: number): number => {
      const at = take(arena, size)
      readFully(path, file, new Uint8Array(arena.memory.buffer, at, size), data_at + from)
      return at
    }
    const whole = only ? undefined : read(0, header.data_bytes)
    const placeOf = ({ at, bytes }: Section): number =>
      whole === undefined ? read(at, padded(bytes)) : whole + at
    return { about: header, ...populationFrom(path, chosen(header, only), arena, placeOf) }
  } finally {
    closeSync(file)
  }
}

const views = { i8: Int8Array, i16: Int16Array, i32: Int32Array, f64: Float64Array } as const

/** The header without the columns and lists of other predicates. */
function chosen(header: Header, only: ReadonlySet<string> | undefined): Header {
  if (!only) return header
  // Predicates are plain words: what follows one is a field of its items, or their days.
  const is_wanted = (key: string): boolean => only.has(key.split(/[.@]/)[0]!)
  return {
    ...header,
    columns: header.columns.filter(({ key }) => is_wanted(key)),
    lists: header.lists.filter(({ list }) => is_wanted(list)),
  }
}

function populationFrom(
  path: string,
  header: Header,
  arena: Arena,
  placeOf: (section: Section) => number,
): { population: Population; turns: Int32Array } {
  const place = (section: Section, what: string): [ArrayBuffer, number] => {
    const at = placeOf(section)
    // Reading may have made the memory grow, and only then has its buffer the room.
    const { buffer } = arena.memory
    const bytes = new Uint8Array(buffer, at, padded(section.bytes))
    if (crc32(bytes) !== section.crc)
      throw new SnapshotError(
        `${path}: ${what}, at byte ${section.at} of the data: the checksum does not hold; build the snapshot again.`,
      )
    // A shared buffer is as good; the arrays' types ask for the other kind.
    return [buffer as ArrayBuffer, at]
  }
  const columns = new Map<string, Column>()
  for (const { key, extent, section, ...info } of header.columns) {
    const View = views[info.lane]
    const codes = new View(...place(section, `column ${key}`), section.bytes / View.BYTES_PER_ELEMENT)
    columns.set(key, { ...info, low: extent[0], high: extent[1], codes })
  }
  const lists = new Map<string, Items>()
  for (const { list, longest, starts, parents } of header.lists)
    lists.set(list, {
      starts: new Uint32Array(...place(starts, `list ${list}`), starts.bytes / 4),
      parents: new Uint16Array(...place(parents, `list ${list}`), parents.bytes / 2),
      longest,
    })
  const turns = new Int32Array(...place(header.turns, 'turns'), header.turns.bytes / 4)
  return { population: { rows: header.rows, arena, columns, lists }, turns }
}

function readHeader<T>(path: string, file: number, magic: string): { header: T; data_at: number } {
  const prefix = Buffer.alloc(PREFIX)
  readFully(path, file, prefix, 0)
  if (prefix.toString('latin1', 0, 8) !== magic)
    throw new SnapshotError(`${path}: is no snapshot file of this kind: it does not begin with ${magic}.`)
  const length = prefix.readUInt32LE(8)
  if (length > HEADER_BYTES_MAX) throw new SnapshotError(`${path}: the header claims ${length} bytes.`)
  const text = Buffer.alloc(length)
  readFully(path, file, text, PREFIX)
  if (crc32(text) !== prefix.readUInt32LE(12))
    throw new SnapshotError(`${path}: the header's checksum does not hold; build the snapshot again.`)
  return { header: JSON.parse(text.toString()) as T, data_at: PREFIX + length }
}

function readFully(path: string, file: number, into: Uint8Array, from: number): void {
  for (let at = 0; at < into.length; ) {
    const got = readSync(file, into, at, Math.min(into.length - at, 1 << 30), from + at)
    if (got === 0)
      throw new SnapshotError(`${path}: cut short: it ends at byte ${from + at}, ${into.length - at} early.`)
    at += got
  }
}

// ── Subject ids ─────────────────────────────────────────────────────────────────────────────────────────────
// Whose row is whose stands in a file of its own: without it the columns name nobody.

const IDS_MAGIC = 'HAMROHI1'
const ID_BYTES = 16
type IdsHeader = { readonly rows: number; readonly crc: number }

/** Subject ids of a shard, in the order of its rows: 16 bytes each. */
export type Ids = Uint8Array

export const idAt = (ids: Ids, row: number): string => {
  const hex = Buffer.from(ids.buffer, ids.byteOffset + row * ID_BYTES, ID_BYTES).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export function packIds(ids: readonly string[]): Ids {
  const bytes = new Uint8Array(ids.length * ID_BYTES)
  for (const [row, id] of ids.entries()) bytes.set(Buffer.from(id.replaceAll('-', ''), 'hex'), row * ID_BYTES)
  return bytes
}

/** @returns the CRC-32 that the file of columns repeats, and the size in bytes */
export function writeIds(path: string, ids: Ids): { crc: number; bytes: number } {
  const crc = crc32(ids)
  const header: IdsHeader = { rows: ids.length / ID_BYTES, crc }
  return { crc, bytes: writeParts(path, IDS_MAGIC, header, [ids]) }
}

/** @throws SnapshotError as `readShard` */
export function readIds(path: string): Ids {
  const file = openSync(path, 'r')
  try {
    const { header, data_at } = readHeader<IdsHeader>(path, file, IDS_MAGIC)
    const ids = new Uint8Array(header.rows * ID_BYTES)
    readFully(path, file, ids, data_at)
    if (fstatSync(file).size !== data_at + ids.length)
      throw new SnapshotError(`${path}: too long: bytes follow the ids of ${header.rows} rows.`)
    if (crc32(ids) !== header.crc)
      throw new SnapshotError(`${path}: the checksum of the ids does not hold; build the snapshot again.`)
    return ids
  } finally {
    closeSync(file)
  }
}
