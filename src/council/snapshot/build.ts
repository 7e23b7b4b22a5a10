/**
 * From memory to the files of a snapshot: all of it, or only the subjects whose facts changed. Memory is read in
 * batches, a shard is held at a time: how many people there are changes how long it takes and not how much it holds.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readForRules, ruleFacts, turningDays } from '../../memory/memory.ts'
import type { Pack } from '../../packs/packs.ts'
import { allSubjects, countSubjects } from '../../people/people.ts'
import type { DateText } from '../../platform/clock.ts'
import type { Db } from '../../platform/database.ts'
import type { SubjectId } from '../../platform/ids.ts'
import {
  type Arena,
  type Facts,
  mergePopulations,
  openArena,
  type Population,
  populationOf,
} from '../../rules/rules.ts'
import { type FileAbout, type Ids, idAt, NEVER_TURNS, packIds, writeIds, writeShard } from './file.ts'
import type { ShardFile } from './manifest.ts'
import type { Scope } from './scope.ts'

/** Subjects read by one statement. */
const BATCH = 2000
export const ROWS_PER_SHARD = 1_000_000

/** Rows of several subjects, as columns, with their ids and turning days. */
export type Part = { readonly population: Population; readonly ids: Ids; readonly turns: Int32Array }

/** What the files of one run have in common. */
export type Writing = {
  readonly folder: string
  readonly generation: number
  readonly day: DateText
  readonly known_at: string
}

const DAY_MS = 86_400_000
export const dayNumber = (day: DateText): number => Date.parse(`${day}T00:00:00Z`) / DAY_MS
export const dayText = (day: number): DateText => new Date(day * DAY_MS).toISOString().slice(0, 10)

/** Stable: the last bits of an id are random, and stay when other subjects come. @param shards a power of two */
export const shardOf = (ids: Ids, row: number, shards: number): number =>
  ((ids[row * 16 + 14]! << 8) | ids[row * 16 + 15]!) & (shards - 1)

/** Enough shards that none grows beyond `rows_per_shard` soon. */
export function shardsFor(subjects: number, rows_per_shard: number): number {
  let shards = 1
  while ((subjects * 1.4) / shards > rows_per_shard && shards < 65_536) shards *= 2
  return shards
}

/** What memory hands to the rules of these subjects on a day, in batches. */
export async function readParts(
  db: Db,
  pack: Pack,
  scope: Scope,
  of: { readonly ids: Ids; readonly day: DateText; readonly arena: Arena; progress?(rows: number): void },
): Promise<Part[]> {
  const parts: Part[] = []
  const rows = of.ids.length / 16
  for (let from = 0; from < rows; from += BATCH) {
    const size = Math.min(BATCH, rows - from)
    const subjects = Array.from({ length: size }, (_, i) => idAt(of.ids, from + i) as SubjectId)
    const held = await readForRules(db, pack, [{ subjects, predicates: scope.predicates }], { day: of.day })
    const turns = new Int32Array(size).fill(NEVER_TURNS)
    const facts = subjects.map((subject, row): Facts => {
      const known = held.get(subject)!
      const [first] = turningDays(pack, known, of.day)
      if (first !== undefined) turns[row] = dayNumber(first)
      return ruleFacts(pack, scope.predicates, known, of.day)
    })
    parts.push({
      population: populationOf(facts, scope.vocabulary, of.arena),
      ids: of.ids.subarray(from * 16, (from + size) * 16),
      turns,
    })
    of.progress?.(size)
  }
  return parts
}

/** One row of a part. */
export type RowOf = { readonly part: number; readonly row: number }

/** Puts rows of parts together and writes them as the files of a shard. */
export function writeMerged(
  parts: readonly Part[],
  picks: readonly RowOf[],
  arena: Arena,
  writing: Writing,
  about: ShardAbout,
): ShardFile {
  const chosen = {
    parts: Uint16Array.from(picks, (p) => p.part),
    rows: Uint32Array.from(picks, (p) => p.row),
  }
  const population = mergePopulations(
    parts.map((p) => p.population),
    chosen,
    arena,
  )
  const turns = Int32Array.from(picks, ({ part, row }) => parts[part]!.turns[row]!)
  const ids = new Uint8Array(picks.length * 16)
  for (const [to, { part, row }] of picks.entries())
    ids.set(parts[part]!.ids.subarray(row * 16, row * 16 + 16), to * 16)
  const stem = `${about.kind}-${String(about.shard).padStart(5, '0')}.${writing.generation}`
  const written = writeIds(join(writing.folder, `${stem}.ids`), ids)
  const bytes = writeShard(join(writing.folder, `${stem}.columns`), {
    about: { ...about, day: writing.day, known_at: writing.known_at, ids_crc: written.crc },
    population,
    turns,
  })
  const first = turns.reduce((least, day) => Math.min(least, day), NEVER_TURNS)
  return {
    kind: about.kind,
    shard: about.shard,
    columns: `${stem}.columns`,
    ids: `${stem}.ids`,
    rows: picks.length,
    bytes: bytes + written.bytes,
    turns_on: first === NEVER_TURNS ? null : dayText(first),
  }
}

type ShardAbout = Pick<FileAbout, 'kind' | 'shard' | 'shards' | 'vocabulary'>

/** Reads every subject of a kind and writes its shards. */
export async function buildKind(
  db: Db,
  pack: Pack,
  scope: Scope,
  writing: Writing,
  how: { readonly rows_per_shard: number; progress(rows: number): void },
): Promise<{ shards: number; files: ShardFile[] }> {
  const shards = shardsFor(await countSubjects(db, scope.kind), how.rows_per_shard)
  await spool(db, scope, writing, shards)
  const files: ShardFile[] = []
  const [reading, merging] = [openArena(), openArena()]
  for (let shard = 0; shard < shards; shard++) {
    const path = spoolFile(writing, scope, shard)
    const ids = existsSync(path) ? new Uint8Array(readFileSync(path)) : new Uint8Array(0)
    rmSync(path, { force: true })
    reading.top = 0
    merging.top = 0
    const parts = await readParts(db, pack, scope, {
      ids,
      day: writing.day,
      arena: reading,
      progress: how.progress,
    })
    const empty: Part[] = [
      { population: populationOf([], scope.vocabulary, reading), ids: packIds([]), turns: new Int32Array(0) },
    ]
    const picks = parts.flatMap(({ turns }, part) => Array.from(turns, (_, row): RowOf => ({ part, row })))
    files.push(
      writeMerged(parts.length > 0 ? parts : empty, picks, merging, writing, {
        kind: scope.kind,
        shard,
        shards,
        vocabulary: scope.hash,
      }),
    )
  }
  return { shards, files }
}

const spoolFile = (writing: Writing, scope: Scope, shard: number): string =>
  join(writing.folder, `${scope.kind}-${shard}.spool`)

/** Whose row stands in which shard, on the disk: the whole country's ids are never in memory together. */
async function spool(db: Db, scope: Scope, writing: Writing, shards: number): Promise<void> {
  mkdirSync(writing.folder, { recursive: true, mode: 0o700 })
  for (let shard = 0; shard < shards; shard++) rmSync(spoolFile(writing, scope, shard), { force: true })
  for await (const page of allSubjects(db, scope.kind)) {
    const packed = packIds(page)
    const by_shard = new Map<number, Uint8Array[]>()
    for (let row = 0; row < page.length; row++) {
      const shard = shardOf(packed, row, shards)
      const list = by_shard.get(shard)
      const id = packed.subarray(row * 16, row * 16 + 16)
      if (list) list.push(id)
      else by_shard.set(shard, [id])
    }
    for (const [shard, ids] of by_shard)
      appendFileSync(spoolFile(writing, scope, shard), Buffer.concat(ids), { mode: 0o600 })
  }
}
