/**
 * A snapshot as Parquet: one file for each kind of subject and one for each list, in the columns of docs/population.md
 * under the names its SQL uses, so that a condition made for the wide table can be asked of the files as it stands.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import {
  type Column,
  type Items,
  lanes,
  type Population,
  type RuleType,
  type RuleVocabulary,
  unknownFlag,
} from '../../rules/rules.ts'
import { KINDS } from './scope.ts'
import type { OpenSnapshot } from './snapshot.ts'

/** Rows written at a time: what is boxed for the writer stays within some ten megabytes. */
const GROUP_ROWS = 50_000

/**
 * Writes the snapshot as Parquet (Snappy). Rows are numbered and subject ids left out, as in the CSV. A value that is
 * absent or unknown is null; `p@unknown` says which. Dates are dates, money whole minor units, decimals decimals.
 * @returns the files with their rows
 */
export function exportParquet(snapshot: OpenSnapshot, folder: string): { file: string; rows: number }[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const written: { file: string; rows: number }[] = []
  for (const kind of KINDS) {
    const { vocabulary } = snapshot.scope(kind)
    const tables = tablesOf(kind, vocabulary).map((table) => ({ ...table, out: openTable(folder, table) }))
    let row = 1
    for (const { population } of snapshot.shards(kind)) {
      for (const { out, rows } of tables) out.add(population, rows(population), row)
      row += population.rows
    }
    for (const { out } of tables) written.push(out.end())
  }
  return written
}

/** A column of a file: what it is called, and its values in some rows of a population. */
type Field = {
  readonly schema: SchemaElement
  values(population: Population, rows: Rows): unknown[]
}

/** Rows (or items) from one on; `first` is the number of the population's first subject in the file. */
type Rows = { readonly from: number; readonly size: number; readonly first: number }

type Table = {
  readonly name: string
  readonly fields: readonly Field[]
  /** How many rows a population has in it. */
  rows(population: Population): number
}

function tablesOf(kind: string, vocabulary: RuleVocabulary): Table[] {
  const singles: Field[] = [{ schema: int32('row', 'REQUIRED'), values: (_, at) => numbered(at) }]
  const tables: Table[] = [{ name: kind, fields: singles, rows: ({ rows }) => rows }]
  for (const [predicate, { type, world }] of Object.entries(vocabulary)) {
    if (type.kind !== 'list') {
      singles.push(...cells(predicate, type, world === 'closed'), ...days(predicate))
      continue
    }
    const fields = Object.entries(type.fields).flatMap(([field, of]) =>
      cells(`${predicate}.${field}`, of, false),
    )
    tables.push({
      name: `${kind}.${predicate}`,
      fields: [owner(predicate), complete(predicate), ...fields, ...days(predicate)],
      rows: ({ lists }) => lists.get(predicate)?.parents.length ?? 0,
    })
  }
  return tables
}

const int32 = (name: string, repetition_type: 'OPTIONAL' | 'REQUIRED' = 'OPTIONAL'): SchemaElement => ({
  name,
  type: 'INT32',
  repetition_type,
})
const date = (name: string): SchemaElement => ({ ...int32(name), converted_type: 'DATE' })
const flag = (name: string): SchemaElement => ({ name, type: 'BOOLEAN', repetition_type: 'REQUIRED' })

/** Values are numbers but for truths, whole numbers of 64 bits and texts. */
function schemaOf(
  name: string,
  type: RuleType,
): { schema: SchemaElement; of(column: Column): (code: number) => unknown } {
  const whole = { name, type: 'INT64', repetition_type: 'OPTIONAL' } as const
  const number =
    ({ offset }: Column) =>
    (code: number) =>
      code + offset
  const big =
    ({ offset }: Column) =>
    (code: number) =>
      BigInt(code + offset)
  switch (type.kind) {
    case 'boolean':
      return {
        schema: { name, type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
        of:
          ({ offset }) =>
          (code) =>
            code + offset === 1,
      }
    case 'date':
      return { schema: date(name), of: number }
    case 'duration':
      return { schema: int32(name), of: number }
    case 'integer':
    case 'money':
      return { schema: whole, of: big }
    case 'decimal':
      return { schema: { ...whole, converted_type: 'DECIMAL', scale: type.scale, precision: 18 }, of: big }
    default:
      return {
        schema: { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
        of:
          ({ words, offset }) =>
          (code) =>
            words[code + offset],
      }
  }
}

/** The values of a key, and which of the missing ones are unknown. */
function cells(key: string, type: RuleType, is_closed: boolean): Field[] {
  const { schema, of } = schemaOf(key, type)
  return [
    {
      schema,
      values: ({ columns }, { from, size }) => {
        const column = columns.get(key)
        if (!column) return new Array<null>(size).fill(null)
        const value = of(column)
        const { absent, unknown } = lanes[column.lane]
        return Array.from({ length: size }, (_, at) => {
          const code = column.codes[from + at]!
          return code === absent || code === unknown ? null : value(code)
        })
      },
    },
    {
      schema: flag(unknownFlag(key)),
      values: ({ columns }, { from, size }) => {
        const column = columns.get(key)
        if (!column) return new Array<boolean>(size).fill(!is_closed)
        const { unknown } = lanes[column.lane]
        return Array.from({ length: size }, (_, at) => column.codes[from + at] === unknown)
      },
    },
  ]
}

/** From when until when it holds, and when it was observed: null where it always did, never ends, or nobody said. */
function days(predicate: string): Field[] {
  return ['from', 'to', 'observed'].map((part) => {
    const [values] = cells(`${predicate}@${part}`, { kind: 'date' }, true)
    return values!
  })
}

const numbered = ({ from, size, first }: Rows): number[] =>
  Array.from({ length: size }, (_, at) => first + from + at)

/** The number of the subject whose item it is. */
function owner(list: string): Field {
  return {
    schema: int32('row', 'REQUIRED'),
    values: ({ lists, rows }, { from, size, first }) => {
      let subject = ownerOf(lists.get(list)!, rows, from)
      const { starts } = lists.get(list)!
      return Array.from({ length: size }, (_, at) => {
        while (starts[subject + 1]! <= from + at) subject++
        return first + subject
      })
    },
  }
}

/** The last subject whose items begin at an item or before it. */
function ownerOf({ starts }: Items, rows: number, item: number): number {
  let [low, high] = [0, rows]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= item) low = middle
    else high = middle
  }
  return low
}

function complete(list: string): Field {
  const rows = owner(list)
  return {
    schema: flag('complete'),
    values: (population, at) => {
      const column = population.columns.get(`${list}@complete`)
      if (!column) return new Array<boolean>(at.size).fill(true)
      return rows
        .values(population, { ...at, first: 0 })
        .map((subject) => column.codes[subject as number]! + column.offset === 1)
    },
  }
}

function openTable(folder: string, { name, fields }: Table) {
  const file = join(folder, `${name}.parquet`)
  const out = fileWriter(file)
  const root: SchemaElement = { name: 'root', num_children: fields.length }
  const writer = new ParquetWriter({
    writer: out,
    schema: [root, ...fields.map(({ schema }) => schema)],
    createdBy: 'hamroh',
  })
  let written = 0
  return {
    /** `first`: the number of the population's first subject. */
    add(population: Population, rows: number, first: number): void {
      for (let from = 0; from < rows; from += GROUP_ROWS) {
        const at = { from, size: Math.min(GROUP_ROWS, rows - from), first }
        const columnData = fields.map(({ schema, values }) => ({
          name: schema.name,
          data: values(population, at),
        }))
        void writer.write({ columnData, rowGroupSize: GROUP_ROWS })
      }
      written += rows
    },
    end(): { file: string; rows: number } {
      void writer.finish()
      return { file, rows: written }
    },
  }
}

/** What the library writes, brought to the disk after each group; only the owner can read the file. */
function fileWriter(path: string): ByteWriter {
  const file = openSync(path, 'w', 0o600)
  const writer = new ByteWriter(1 << 20)
  const flush = (): void => {
    const bytes = writer.getBytes()
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    writer.index = 0
  }
  return Object.assign(writer, {
    flush,
    finish: () => {
      flush()
      fsyncSync(file)
      closeSync(file)
    },
  })
}
