/** A snapshot as one thing: kept up to date from memory's changes, opened shard by shard, refused when it is broken. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Pack } from '../../packs/packs.ts'
import { type SubjectKind, subjectKinds } from '../../people/people.ts'
import { type Clock, dateIn } from '../../platform/clock.ts'
import type { Database, Db } from '../../platform/database.ts'
import type { Ids as MakeIds, SubjectId } from '../../platform/ids.ts'
import type { Log } from '../../platform/logs.ts'
import { type Arena, openArena } from '../../rules/rules.ts'
import {
  countChanges,
  insertSnapshotRun,
  lastSnapshotRun,
  lockSnapshot,
  type SnapshotRunRow,
  takeChanges,
} from '../store.ts'
import {
  buildKind,
  dayNumber,
  type Part,
  ROWS_PER_SHARD,
  type RowOf,
  readParts,
  shardOf,
  type Writing,
  writeMerged,
} from './build.ts'
import { type Ids, idAt, packIds, readIds, readShard, type Shard, SnapshotError } from './file.ts'
import {
  forgetManifest,
  type Manifest,
  readManifest,
  type ShardFile,
  tidy,
  writeManifest,
} from './manifest.ts'
import { KINDS, type Scope, scopeOf } from './scope.ts'

export type SnapshotContext = {
  readonly db: Database
  /** Where the files stand. */
  readonly folder: string
  readonly clock: Clock
  readonly ids: MakeIds
  readonly log: Log
  /** Purpose under which a run reads memory. */
  readonly processing_purpose: string
  readonly rows_per_shard?: number
}

/** When more than this share of the rows changed, reading everything again is quicker. */
const REBUILD_SHARE = 0.3
const CHANGES_MIN = 50_000

/**
 * Brings the snapshot up to what is known now and holds today, building it where there is none or where its files
 * cannot be used. One process at a time, whichever machine it is on.
 * @returns the manifest that stands now
 */
export async function refreshSnapshot(
  ctx: SnapshotContext,
  pack: Pack,
  progress: (rows: number) => void = () => {},
): Promise<Manifest> {
  return ctx.db.transaction((tx) => refreshLocked(tx, ctx, pack, progress))
}

/**
 * Refreshes and then works on the files, which stay as they are until the work is done: nobody else writes them
 * meanwhile. When a file turns out to be broken, all is built again from memory and the work begins anew, once.
 */
export async function withSnapshot<T>(
  ctx: SnapshotContext,
  pack: Pack,
  work: (snapshot: OpenSnapshot, tx: Db) => Promise<T>,
  progress: (rows: number) => void = () => {},
): Promise<T> {
  const attempt = () =>
    ctx.db.transaction(async (tx) => {
      const manifest = await refreshLocked(tx, ctx, pack, progress)
      return work(openSnapshot(ctx, pack, manifest), tx)
    })
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error
    ctx.log.warn({ error: error.message }, 'a snapshot file cannot be used; all of it is built again')
    forgetManifest(ctx.folder)
    return attempt()
  }
}

async function refreshLocked(
  tx: Db,
  ctx: SnapshotContext,
  pack: Pack,
  progress: (rows: number) => void,
): Promise<Manifest> {
  await lockSnapshot(tx)
  const now = ctx.clock.now()
  const day = dateIn(now, pack.zone)
  const scopes = KINDS.map((kind) => scopeOf(pack, kind))
  const standing = await usable(tx, ctx, scopes)
  if (standing && standing.day <= day) {
    try {
      return await refresh(tx, ctx, pack, { scopes, standing, now, day, progress })
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error
      ctx.log.warn({ error: error.message }, 'a snapshot file cannot be used; all of it is built again')
    }
  }
  return build(tx, ctx, pack, { scopes, now, day, progress })
}

/** The manifest, if its files are of this vocabulary and no older than what the database says was written. */
async function usable(tx: Db, ctx: SnapshotContext, scopes: readonly Scope[]): Promise<Manifest | null> {
  try {
    const manifest = readManifest(ctx.folder)
    if (!manifest || scopes.some((s) => manifest.vocabulary[s.kind] !== s.hash)) return null
    const last = await lastSnapshotRun(tx)
    // A later generation was written and its transaction lost: those files know at least as much.
    if (last && (last.snapshot !== manifest.snapshot || last.generation > manifest.generation)) return null
    const rows = manifest.files.reduce((sum, f) => sum + f.rows, 0)
    const most = Math.max(CHANGES_MIN, Math.ceil(rows * REBUILD_SHARE))
    return (await countChanges(tx, most)) < most ? manifest : null
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error
    ctx.log.warn({ error: error.message }, 'the snapshot cannot be used; it is built again')
    return null
  }
}

type Work = {
  readonly scopes: readonly Scope[]
  readonly now: Date
  readonly day: string
  progress(rows: number): void
}

async function build(tx: Db, ctx: SnapshotContext, pack: Pack, work: Work): Promise<Manifest> {
  const { now, day, progress } = work
  const { folder } = ctx
  forgetManifest(folder)
  // What commits from here on is in the queue again; what committed before is read below.
  await takeChanges(tx)
  const writing: Writing = { folder, generation: 1, day, known_at: now.toISOString() }
  const rows_per_shard = ctx.rows_per_shard ?? ROWS_PER_SHARD
  const built = new Map<SubjectKind, Awaited<ReturnType<typeof buildKind>>>()
  for (const scope of work.scopes)
    built.set(scope.kind, await buildKind(tx, pack, scope, writing, { rows_per_shard, progress }))
  const of = (kind: SubjectKind) => built.get(kind)!
  const manifest: Manifest = {
    format: 1,
    snapshot: randomUUID(),
    generation: 1,
    pack: pack.id,
    vocabulary: hashes(work.scopes),
    shards: { person: of('person').shards, organisation: of('organisation').shards },
    day,
    known_at: now.toISOString(),
    files: [...of('person').files, ...of('organisation').files],
  }
  await commit(tx, ctx, manifest, {
    kind: 'build',
    subjects: sumRows(manifest.files),
    scopes: work.scopes,
    now,
  })
  return manifest
}

const hashes = (scopes: readonly Scope[]): Manifest['vocabulary'] => ({
  person: scopes.find((s) => s.kind === 'person')!.hash,
  organisation: scopes.find((s) => s.kind === 'organisation')!.hash,
})

const sumRows = (files: readonly ShardFile[]): number => files.reduce((sum, f) => sum + f.rows, 0)

async function commit(
  tx: Db,
  ctx: SnapshotContext,
  manifest: Manifest,
  run: {
    readonly kind: SnapshotRunRow['kind']
    readonly subjects: number
    readonly scopes: readonly Scope[]
    readonly now: Date
  },
): Promise<void> {
  writeManifest(ctx.folder, manifest)
  tidy(ctx.folder, manifest)
  await insertSnapshotRun(tx, {
    id: ctx.ids(),
    snapshot: manifest.snapshot,
    generation: manifest.generation,
    kind: run.kind,
    at: run.now,
    day: manifest.day,
    subjects: run.subjects,
    purpose: ctx.processing_purpose,
    predicates: [...new Set(run.scopes.flatMap((s) => s.predicates))].sort(),
  })
}

async function refresh(
  tx: Db,
  ctx: SnapshotContext,
  pack: Pack,
  work: Work & { readonly standing: Manifest },
): Promise<Manifest> {
  const { standing, day, now } = work
  const changed = await takeChanges(tx)
  const kinds = await subjectKinds(tx, changed)
  const generation = standing.generation + 1
  const writing: Writing = { folder: ctx.folder, generation, day, known_at: now.toISOString() }
  const files: ShardFile[] = []
  let read = 0
  const arenas = { old: openArena(), fresh: openArena(), merged: openArena() }
  for (const file of standing.files) {
    const scope = work.scopes.find((s) => s.kind === file.kind)!
    const shards = standing.shards[file.kind]
    const mine = packIds(changed.filter((s) => kinds.get(s) === file.kind))
    const of_shard = rowsWhere(mine, (row) => shardOf(mine, row, shards) === file.shard)
    const is_due = file.turns_on !== null && file.turns_on <= day
    if (of_shard.length === 0 && !is_due) {
      files.push(file)
      continue
    }
    for (const arena of Object.values(arenas)) arena.top = 0
    const old = readPart(ctx.folder, file, scope, shards, arenas.old)
    const again = is_due ? withDue(of_shard, old, dayNumber(day)) : of_shard
    const parts = await readParts(tx, pack, scope, {
      ids: again,
      day,
      arena: arenas.fresh,
      progress: work.progress,
    })
    read += again.length / 16
    const about = { kind: file.kind, shard: file.shard, shards, vocabulary: scope.hash }
    files.push(writeMerged([old, ...parts], picksOf(old, parts), arenas.merged, writing, about))
  }
  if (read === 0 && standing.day === day) return standing
  const manifest: Manifest = { ...standing, generation, day, known_at: writing.known_at, files }
  await commit(tx, ctx, manifest, { kind: 'refresh', subjects: read, scopes: work.scopes, now })
  return manifest
}

function readPart(folder: string, file: ShardFile, scope: Scope, shards: number, arena: Arena): Part {
  const shard = readColumns(folder, file, { vocabulary: scope.hash, shards, arena, only: undefined })
  return { population: shard.population, turns: shard.turns, ids: readIdsOf(folder, file, shard) }
}

function readColumns(
  folder: string,
  file: ShardFile,
  of: {
    readonly vocabulary: string
    readonly shards: number
    readonly arena: Arena
    readonly only: ReadonlySet<string> | undefined
  },
): Shard {
  const { vocabulary, shards, arena, only } = of
  const path = join(folder, file.columns)
  const expected = { vocabulary, kind: file.kind, shard: file.shard, shards }
  return openOr(path, () => readShard(path, arena, expected, only))
}

function readIdsOf(folder: string, file: ShardFile, { population }: Shard): Ids {
  const path = join(folder, file.ids)
  const ids = openOr(path, () => readIds(path))
  if (ids.length / 16 !== population.rows)
    throw new SnapshotError(
      `${path}: names ${ids.length / 16} subjects, its columns have ${population.rows} rows.`,
    )
  return ids
}

function openOr<T>(path: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT')
      throw new SnapshotError(`${path}: the manifest names it and it is not there.`)
    throw error
  }
}

function rowsWhere(ids: Ids, is_wanted: (row: number) => boolean): Ids {
  const rows: Uint8Array[] = []
  for (let row = 0; row < ids.length / 16; row++)
    if (is_wanted(row)) rows.push(ids.subarray(row * 16, row * 16 + 16))
  return new Uint8Array(Buffer.concat(rows))
}

/** The changed subjects, and those for whom something told beforehand has begun since. */
function withDue(changed: Ids, old: Part, day: number): Ids {
  const known = new Set(Array.from({ length: changed.length / 16 }, (_, row) => idAt(changed, row)))
  const due = rowsWhere(old.ids, (row) => old.turns[row]! <= day && !known.has(idAt(old.ids, row)))
  return new Uint8Array(Buffer.concat([changed, due]))
}

/** Each row of the old part, or what replaces it; then those that are new. Part 0 is the old one. */
function picksOf(old: Part, fresh: readonly Part[]): RowOf[] {
  const replacing = new Map<string, RowOf>()
  for (const [at, part] of fresh.entries())
    for (let row = 0; row < part.turns.length; row++)
      replacing.set(idAt(part.ids, row), { part: at + 1, row })
  const picks: RowOf[] = []
  for (let row = 0; row < old.turns.length; row++) {
    const id = idAt(old.ids, row)
    const found = replacing.get(id)
    picks.push(found ?? { part: 0, row })
    if (found) replacing.delete(id)
  }
  return [...picks, ...replacing.values()]
}

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────

export type OpenSnapshot = {
  readonly manifest: Manifest
  readonly rows: number
  /**
   * The files of a kind, one after the other, each in memory only until the next is asked for.
   * @param only predicates whose columns are read; left out: all
   */
  shards(kind: SubjectKind, only?: ReadonlySet<string>): Generator<LoadedShard>
  scope(kind: SubjectKind): Scope
}

/** Ids are read when the first is asked for: who counts people needs none. */
export type LoadedShard = Shard & { readonly file: ShardFile; id(row: number): SubjectId }

/** @throws SnapshotError from `shards`, and from `id`, when a file is broken */
export function openSnapshot(
  ctx: Pick<SnapshotContext, 'folder'>,
  pack: Pack,
  manifest: Manifest,
): OpenSnapshot {
  const scope = (kind: SubjectKind) => scopeOf(pack, kind)
  function* shards(kind: SubjectKind, only?: ReadonlySet<string>): Generator<LoadedShard> {
    const arena = openArena()
    for (const file of manifest.files) {
      if (file.kind !== kind) continue
      arena.top = 0
      const vocabulary = manifest.vocabulary[kind]
      const shard = readColumns(ctx.folder, file, { vocabulary, shards: manifest.shards[kind], arena, only })
      let ids: Ids | undefined
      const id = (row: number): SubjectId => {
        ids ??= readIdsOf(ctx.folder, file, shard)
        return idAt(ids, row) as SubjectId
      }
      yield { ...shard, file, id }
    }
  }
  return { manifest, rows: sumRows(manifest.files), shards, scope }
}
