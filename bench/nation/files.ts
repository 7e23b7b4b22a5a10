/** Column files of the bench: the codes of each column as they are, and one description. Read back for cold runs. */
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { type ColumnInfo, itemsIn, openArena, type Population, roomFor } from '../../src/rules/rules.ts'

type Description = {
  readonly rows: number
  readonly columns: readonly (readonly [key: string, info: ColumnInfo, rows: number])[]
  readonly lists: readonly (readonly [key: string, longest: number, items: number])[]
}

/** Writes these columns, and the lists they belong to, each to a file of its own. */
export function saveColumns(people: Population, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const columns = [...people.columns].map(([key, { codes, ...info }]) => {
    save(join(folder, key), codes)
    return [key, info, codes.length] as const
  })
  const lists = [...people.lists].map(([key, { starts, parents, longest }]) => {
    save(join(folder, `${key}@starts`), starts)
    save(join(folder, `${key}@parents`), parents)
    return [key, longest, parents.length] as const
  })
  const description: Description = { rows: people.rows, columns, lists }
  writeFileSync(join(folder, 'columns.json'), JSON.stringify(description))
}

/** Reads the files into fresh memory. */
export function loadColumns(folder: string): Population {
  const { rows, columns, lists } = JSON.parse(
    readFileSync(join(folder, 'columns.json'), 'utf8'),
  ) as Description
  const arena = openArena()
  const read = columns.map(([key, info, size]) => {
    const codes = roomFor(arena, size, info.lane)
    load(join(folder, key), codes)
    return [key, { ...info, codes }] as const
  })
  const items = lists.map(([key, longest, size]) => {
    const found = itemsIn(arena, rows, size, longest)
    load(join(folder, `${key}@starts`), found.starts)
    load(join(folder, `${key}@parents`), found.parents)
    return [key, found] as const
  })
  return { rows, arena, columns: new Map(read), lists: new Map(items) }
}

/** Lets the system forget what it holds of the files, so that they are read from the disk again. */
export function forget(folder: string): void {
  execFileSync('sh', ['-c', `for f in "${folder}"/*; do dd if="$f" iflag=nocache count=0 status=none; done`])
}

const chunk = 1 << 26

type Numbers = { readonly buffer: ArrayBufferLike; readonly byteOffset: number; readonly byteLength: number }
const bytesOf = ({ buffer, byteOffset, byteLength }: Numbers): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

function save(path: string, numbers: Numbers): void {
  const file = openSync(path, 'w')
  const bytes = bytesOf(numbers)
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(chunk, bytes.length - at))
  fsyncSync(file)
  closeSync(file)
}

function load(path: string, into: Numbers): void {
  const file = openSync(path, 'r')
  const bytes = bytesOf(into)
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(file, bytes, at, Math.min(chunk, bytes.length - at), null)
    if (read === 0) throw new Error(`${path} is cut short`)
    at += read
  }
  closeSync(file)
}
