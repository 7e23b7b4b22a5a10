/** The list of a snapshot's files: it is renamed into place last, so that a snapshot is the old one or the new one. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { SnapshotError } from './file.ts'

const shard = z.strictObject({
  kind: z.enum(['person', 'organisation']),
  shard: z.int().min(0),
  /** Names without folder; the file of ids is kept apart, so that it can be protected by itself. */
  columns: z.string().regex(/^[a-z0-9.-]+$/),
  ids: z.string().regex(/^[a-z0-9.-]+$/),
  rows: z.int().min(0),
  bytes: z.int().min(0),
  /** First day on which something told beforehand takes over in a row; null: none. */
  turns_on: z.iso.date().nullable(),
})

const manifest = z.strictObject({
  format: z.literal(1),
  snapshot: z.uuid(),
  /** Rises with every change of a file. */
  generation: z.int().min(1),
  pack: z.string(),
  vocabulary: z.strictObject({ person: z.string(), organisation: z.string() }),
  shards: z.strictObject({ person: z.int().min(1), organisation: z.int().min(1) }),
  day: z.iso.date(),
  known_at: z.iso.datetime(),
  files: z.array(shard),
})

export type ShardFile = z.infer<typeof shard>
export type Manifest = z.infer<typeof manifest>

const NAME = 'manifest.json'

/** Null when there is none yet. @throws SnapshotError when it is none of ours */
export function readManifest(folder: string): Manifest | null {
  const path = join(folder, NAME)
  if (!existsSync(path)) return null
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new SnapshotError(`${path}: is not JSON; build the snapshot again.`)
  }
  const read = manifest.safeParse(value)
  if (!read.success)
    throw new SnapshotError(
      `${path}: ${read.error.issues[0]!.path.join('.')}: ${read.error.issues[0]!.message}; build the snapshot again.`,
    )
  return read.data
}

export function writeManifest(folder: string, value: Manifest): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, NAME)
  const file = openSync(`${path}.new`, 'w', 0o600)
  writeSync(file, `${JSON.stringify(value, null, 1)}\n`)
  fsyncSync(file)
  closeSync(file)
  renameSync(`${path}.new`, path)
  // The rename itself is on the disk only when its folder is.
  const directory = openSync(folder, 'r')
  fsyncSync(directory)
  closeSync(directory)
}

export const forgetManifest = (folder: string): void => rmSync(join(folder, NAME), { force: true })

/** Removes what no manifest names: files of earlier generations, and of writes that were interrupted. */
export function tidy(folder: string, { files }: Manifest): void {
  const named = new Set([NAME, ...files.flatMap((f) => [f.columns, f.ids])])
  for (const name of readdirSync(folder)) if (!named.has(name)) rmSync(join(folder, name), { force: true })
}
