/** A snapshot for other programs: CSV, one file for each kind of subject and one for each list. And a check of its files. */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Pack } from '../../packs/packs.ts'
import type { Cell, Facts } from '../../rules/rules.ts'
import { factsAt } from '../../rules/rules.ts'
import { SnapshotError } from './file.ts'
import { readManifest } from './manifest.ts'
import { KINDS, type Scope } from './scope.ts'
import { type OpenSnapshot, openSnapshot, type SnapshotContext } from './snapshot.ts'

/**
 * Writes the snapshot as CSV (RFC 4180, UTF-8). Rows are numbered; subject ids are left out, so that the files name
 * nobody by themselves. What is unknown is written `?`, what is absent is empty.
 * @returns the files with their rows
 */
export async function exportSnapshot(
  snapshot: OpenSnapshot,
  folder: string,
): Promise<{ file: string; rows: number }[]> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const written: { file: string; rows: number }[] = []
  for (const kind of KINDS) {
    const scope = snapshot.scope(kind)
    const tables = openTables(folder, scope)
    let row = 0
    for (const shard of snapshot.shards(kind))
      for (let at = 0; at < shard.population.rows; at++) {
        const facts = factsAt(shard.population, scope.vocabulary, at)
        row++
        for (const table of tables) await table.add(row, facts)
      }
    for (const table of tables) written.push(await table.end())
  }
  return written
}

type Table = {
  add(row: number, facts: Facts): Promise<void>
  end(): Promise<{ file: string; rows: number }>
}

function openTables(folder: string, { kind, predicates, vocabulary }: Scope): Table[] {
  const singles = predicates.filter((p) => vocabulary[p]!.type.kind !== 'list')
  const lists = predicates.filter((p) => vocabulary[p]!.type.kind === 'list')
  const main = openTable(
    join(folder, `${kind}.csv`),
    ['row', ...singles.flatMap((p) => [p, `${p}.observed`])],
    (row, facts) => [[String(row), ...singles.flatMap((p) => cellTexts(facts[p]))]],
  )
  return [
    main,
    ...lists.map((list) => {
      const type = vocabulary[list]!.type
      const fields = type.kind === 'list' ? Object.keys(type.fields) : []
      return openTable(join(folder, `${kind}.${list}.csv`), ['row', 'complete', ...fields], (row, facts) => {
        const cell = facts[list]
        if (cell?.state !== 'list') return []
        return cell.items.map(({ value }) => [
          String(row),
          String(cell.complete),
          ...fields.map((f) => (value[f] === undefined ? '?' : text(value[f]))),
        ])
      })
    }),
  ]
}

function openTable(
  file: string,
  head: readonly string[],
  rows: (row: number, facts: Facts) => string[][],
): Table {
  const stream = createWriteStream(file, { mode: 0o600 })
  let count = 0
  const line = (fields: readonly string[]) => `${fields.map(quoted).join(',')}\r\n`
  stream.write(line(head))
  return {
    add: async (row, facts) => {
      const lines = rows(row, facts)
      count += lines.length
      if (lines.length > 0) await write(stream, lines.map(line).join(''))
    },
    end: () =>
      new Promise((done, fail) => {
        stream.once('error', fail)
        stream.end(() => done({ file, rows: count }))
      }),
  }
}

const write = (stream: WriteStream, lines: string): Promise<void> =>
  new Promise((done, fail) => stream.write(lines, (error) => (error ? fail(error) : done())))

function cellTexts(cell: Cell | undefined): [string, string] {
  if (cell?.state === 'known') return [text(cell.value), cell.observed_on ?? '']
  return [cell?.state === 'absent' ? '' : '?', '']
}

const text = (value: unknown): string => (value === null ? '' : String(value))

/** A text that a spreadsheet would take for a formula is quoted with an apostrophe before it. */
const quoted = (field: string): string => {
  const safe = /^[=+\-@\t\r]/.test(field) && !/^-?\d+(\.\d+)?$/.test(field) ? `'${field}` : field
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Reads every file of the standing snapshot. @returns what is wrong with which; empty when all is whole */
export function checkSnapshot(
  ctx: Pick<SnapshotContext, 'folder'>,
  pack: Pack,
): { readonly rows: number; readonly broken: readonly string[] } {
  const broken: string[] = []
  let rows = 0
  try {
    const manifest = readManifest(ctx.folder)
    if (!manifest) return { rows, broken: [`${ctx.folder}: there is no snapshot yet.`] }
    for (const file of manifest.files) {
      try {
        const one = openSnapshot(ctx, pack, { ...manifest, files: [file] })
        for (const shard of one.shards(file.kind)) {
          rows += shard.population.rows
          // Asking for one reads the file of ids.
          if (shard.population.rows > 0) shard.id(0)
        }
      } catch (error) {
        if (!(error instanceof SnapshotError)) throw error
        broken.push(error.message)
      }
    }
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error
    broken.push(error.message)
  }
  return { rows, broken }
}
