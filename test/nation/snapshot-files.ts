/**
 * A nation straight into snapshot files of the product's own format, shard by shard: what a country's memory would
 * have been read into, without the memory. No more than one shard is held at a time.
 */
import { join } from 'node:path'
import { ROWS_PER_SHARD, shardsFor } from '../../src/council/snapshot/build.ts'
import { NEVER_TURNS, writeIds, writeShard } from '../../src/council/snapshot/file.ts'
import { type Manifest, type ShardFile, writeManifest } from '../../src/council/snapshot/manifest.ts'
import { type Scope, scopeOf } from '../../src/council/snapshot/scope.ts'
import type { Pack } from '../../src/packs/packs.ts'
import { laneFor } from '../../src/rules/population/columns.ts'
import {
  type Arena,
  type Column,
  type Items,
  itemsOf,
  lanes,
  openArena,
  type Population,
  type RuleType,
  roomFor,
  surveyed,
} from '../../src/rules/rules.ts'
import {
  as_of,
  as_of_day,
  type Drawn,
  drawCompany,
  drawPerson,
  type Item,
  type Subject,
  texts,
} from './citizens.ts'

/** Companies beside people. */
const people_per_company = 40
/** Rows that are really drawn; a larger nation has them several times, under other ids. */
export const drawn_max = 1_000_000

const draws = { person: drawPerson, organisation: drawCompany } as const

/** Writes the files of so many people and their companies. @returns the manifest, and bytes on the disk */
export function writeNation(
  folder: string,
  pack: Pack,
  of: {
    readonly seed: number
    readonly people: number
    /** Companies; left out: one for so many people. */
    readonly companies?: number
    say(line: string): void
  },
): { readonly manifest: Manifest; readonly bytes: number } {
  const scopes = { person: scopeOf(pack, 'person'), organisation: scopeOf(pack, 'organisation') }
  const rows = {
    person: of.people,
    organisation: of.companies ?? Math.ceil(of.people / people_per_company),
  }
  const shards = {
    person: shardsFor(rows.person, ROWS_PER_SHARD),
    organisation: shardsFor(rows.organisation, ROWS_PER_SHARD),
  }
  const manifest: Manifest = {
    format: 1,
    snapshot: '00000000-0000-4000-8000-000000000001',
    generation: 1,
    pack: pack.id,
    vocabulary: { person: scopes.person.hash, organisation: scopes.organisation.hash },
    shards,
    day: as_of,
    known_at: `${as_of}T00:00:00.000Z`,
    files: [],
  }
  const files: ShardFile[] = []
  // The folder comes with the first manifest; the one that counts is written last.
  writeManifest(folder, manifest)
  const arena = openArena()
  for (const kind of ['person', 'organisation'] as const) {
    const each = Math.ceil(rows[kind] / shards[kind])
    const different = Math.max(1, Math.floor(drawn_max / each))
    // Shards that are alike are drawn once: they differ by their number and their ids.
    for (let like = 0; like < Math.min(different, shards[kind]); like++) {
      arena.top = 0
      const population = drawShard(scopes[kind], { seed: of.seed, first: like * each, rows: each, arena })
      for (let shard = like; shard < shards[kind]; shard += different)
        files.push(writeOne(folder, manifest, scopes[kind], shard, population))
      of.say(
        `  ${kind}: ${like + 1} of ${Math.min(different, shards[kind])} different shards of ${shards[kind]} written`,
      )
    }
  }
  const whole = { ...manifest, files }
  writeManifest(folder, whole)
  return { manifest: whole, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function writeOne(
  folder: string,
  { day, known_at, shards }: Manifest,
  { kind, hash }: Scope,
  shard: number,
  population: Population,
): ShardFile {
  const stem = `${kind}-${String(shard).padStart(5, '0')}.1`
  const ids = idsOf(population.rows, shard)
  const written = writeIds(join(folder, `${stem}.ids`), ids)
  const turns = new Int32Array(population.rows).fill(NEVER_TURNS)
  const about = { kind, shard, shards: shards[kind], vocabulary: hash, day, known_at, ids_crc: written.crc }
  const bytes = writeShard(join(folder, `${stem}.columns`), { about, population, turns })
  return {
    kind,
    shard,
    columns: `${stem}.columns`,
    ids: `${stem}.ids`,
    rows: population.rows,
    bytes: bytes + written.bytes,
    turns_on: null,
  }
}

/** Version 7 in form; the last bits say the shard, as those of real ids do. */
function idsOf(rows: number, shard: number): Uint8Array {
  const ids = new Uint8Array(rows * 16)
  const view = new DataView(ids.buffer)
  for (let row = 0; row < rows; row++) {
    view.setUint32(row * 16, row)
    ids[row * 16 + 6] = 0x70
    ids[row * 16 + 8] = 0x80
    view.setUint16(row * 16 + 14, shard)
  }
  return ids
}

type Drawing = { readonly seed: number; readonly first: number; readonly rows: number; readonly arena: Arena }

/** Columns as memory's facts would give them: values, days from which they hold, days on which they were observed. */
export function drawShard({ kind, vocabulary }: Scope, { seed, first, rows, arena }: Drawing): Population {
  const subjects: Subject[] = []
  for (let row = 0; row < rows; row++) subjects.push(draws[kind](seed, first + row))
  const columns = new Map<string, Column>()
  const lists = new Map<string, Items>()
  for (const [predicate, { type, world }] of Object.entries(vocabulary)) {
    if (type.kind === 'list') {
      const found = subjects.map((subject) => (subject[predicate] ?? []) as readonly Item[])
      lists.set(
        predicate,
        itemsOf(arena, rows, (row) => found[row]!.length),
      )
      const items = found.flat()
      for (const [field, of] of Object.entries(type.fields))
        columns.set(
          `${predicate}.${field}`,
          columnOf(
            arena,
            `${predicate}.${field}`,
            of,
            'unknown',
            items.map((item) => item[field]),
          ),
        )
      addDays(
        arena,
        columns,
        predicate,
        items.map(() => true),
      )
    } else {
      const values = subjects.map((subject) => subject[predicate] as Drawn)
      const otherwise = world === 'closed' ? 'absent' : 'unknown'
      columns.set(predicate, columnOf(arena, predicate, type, otherwise, values))
      addDays(
        arena,
        columns,
        predicate,
        values.map((value) => value !== undefined),
      )
    }
  }
  return { rows, arena, columns, lists }
}

function columnOf(
  arena: Arena,
  key: string,
  type: RuleType,
  otherwise: 'absent' | 'unknown',
  values: readonly Drawn[],
): Column {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value === undefined) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  const { lane, offset } = low > high ? laneFor(0, 0) : laneFor(low, high)
  const codes = roomFor(arena, values.length, lane)
  const missing = lanes[lane][otherwise]
  for (let at = 0; at < values.length; at++) {
    const value = values[at]
    codes[at] = value === undefined ? missing : value - offset
  }
  return surveyed({ lane, offset, ...kindOf(key, type) }, codes)
}

function kindOf(key: string, type: RuleType): Pick<Column, 'kind' | 'words'> {
  if (type.kind === 'code') return { kind: 'word', words: type.values }
  if (type.kind === 'boolean') return { kind: 'boolean', words: [] }
  if (type.kind === 'date') return { kind: 'day', words: [] }
  if (type.kind === 'integer' || type.kind === 'money') return { kind: 'number', words: [] }
  return { kind: 'word', words: texts[key] ?? [] }
}

/** Every fact holds from some day and was observed on one; 4 % of all knowledge is older than a year. */
function addDays(
  arena: Arena,
  columns: Map<string, Column>,
  owner: string,
  is_told: readonly boolean[],
): void {
  if (!is_told.includes(true)) return
  for (const part of ['from', 'observed'] as const) {
    const none = part === 'from' ? lanes.i16.absent : lanes.i16.unknown
    const codes = roomFor(arena, is_told.length, 'i16')
    let state = owner.length * 7919 + (part === 'from' ? 1 : 2)
    for (let at = 0; at < codes.length; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
      codes[at] = is_told[at] ? 0 - ((state >>> 8) % 380) : none
    }
    columns.set(`${owner}@${part}`, surveyed({ lane: 'i16', kind: 'day', offset: as_of_day }, codes))
  }
}
