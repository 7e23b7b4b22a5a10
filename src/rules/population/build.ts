/** From the facts of many subjects to columns, and from a row back to what the evaluator reads. */
import { addDuration } from '../evaluator/calendar.ts'
import { type Frame, type Item, type Many, type One, openFrame, type Reader } from '../evaluator/frame.ts'
import type { Program } from '../evaluator/program.ts'
import { absent, decoder, isRange, unknown, type Value, yes } from '../evaluator/values.ts'
import { typeOf } from '../language/typing.ts'
import type { Facts, RuleType, RuleVocabulary } from '../rules.ts'
import {
  type Arena,
  type Column,
  type Items,
  itemsOf,
  type Kind,
  laneFor,
  lanes,
  openArena,
  type Population,
  roomFor,
  surveyed,
} from './columns.ts'
import { decoded } from './probe.ts'

/**
 * Columns for these subjects, one row each, in this order. Predicates whose type no rule can read are left out.
 * @throws RangeError for a decimal beyond exact integers, naming its column.
 */
export function populationOf(
  subjects: readonly Facts[],
  vocabulary: RuleVocabulary,
  arena: Arena = openArena(),
): Population {
  const readers = readersOf(vocabulary)
  const frames = subjects.map((facts) => openFrame(readers, facts, 0))
  const columns = new Map<string, Column>()
  const lists = new Map<string, Items>()
  for (const [slot, reader] of readers.entries()) {
    const write = writer(arena, columns, vocabulary, reader)
    if (reader.fields)
      lists.set(
        reader.predicate,
        writeList(
          arena,
          write,
          frames.map((frame) => frame.lists[slot]!),
        ),
      )
    else
      write.cells(
        reader.predicate,
        vocabulary[reader.predicate]!.type,
        frames.map((frame) => frame.ones[slot]!),
      )
  }
  return { rows: subjects.length, arena, columns, lists }
}

/** Observation days are kept as they are: how long knowledge stays fresh is the rule's question. */
const as_observed = { unit: 'days', count: 0 } as const

function readersOf(vocabulary: RuleVocabulary): Reader[] {
  const readers: Reader[] = []
  for (const [predicate, { type, world }] of Object.entries(vocabulary)) {
    const base = {
      predicate,
      type,
      world,
      fix: null,
      agency: null,
      max_age: as_observed,
      month_end: 'down',
      decode: decoder(type),
    } as const
    if (type.kind === 'list') {
      const fields = Object.entries(type.fields)
        .filter(([, of]) => typeOf(of))
        .map(([name, of]) => ({ name, decode: decoder(of) }))
      readers.push({ ...base, fields })
    } else if (typeOf(type)) readers.push({ ...base, fields: undefined })
  }
  return readers
}

type Period = Pick<One, 'from' | 'to' | 'stale'>
type Writer = ReturnType<typeof writer>

function writer(
  arena: Arena,
  columns: Map<string, Column>,
  vocabulary: RuleVocabulary,
  { predicate }: Reader,
) {
  const column = (key: string, kind: Kind, values: readonly Value[]): void => {
    columns.set(key, columnOf(arena, key, kind, values))
  }
  const days = (part: string, found: readonly number[]): void => {
    if (!found.some(Number.isFinite)) return
    const values = found.map((day) => (Number.isFinite(day) ? day : day < 0 ? absent : unknown))
    column(`${predicate}@${part}`, 'day', values)
  }
  const periods = (found: readonly Period[]): void => {
    days(
      'from',
      found.map(({ from }) => from),
    )
    days(
      'to',
      found.map(({ to }) => to),
    )
    days(
      'observed',
      found.map(({ stale }) => stale),
    )
  }
  const cells = (key: string, type: RuleType, found: readonly One[]): void => {
    column(
      key,
      kindOf(type),
      found.map(({ value }) => value),
    )
    periods(found)
  }
  return { predicate, type: vocabulary[predicate]!.type, column, periods, cells }
}

function writeList(arena: Arena, write: Writer, found: readonly Many[]): Items {
  const { predicate, type } = write
  const items = found.flatMap((list) => list.items)
  if (type.kind === 'list') {
    const fields = Object.entries(type.fields).filter(([, of]) => typeOf(of))
    for (const [at, [name, of]] of fields.entries()) {
      write.column(
        `${predicate}.${name}`,
        kindOf(of),
        items.map(({ values }) => values[at]!),
      )
    }
  }
  write.periods(items)
  if (found.some(({ complete }) => !complete))
    write.column(
      `${predicate}@complete`,
      'boolean',
      found.map(({ complete }) => (complete ? yes : 0)),
    )
  return itemsOf(arena, found.length, (row) => found[row]!.items.length)
}

/** What codes of a declared type stand for. @throws RangeError for a type that has no column. */
export function kindOf(type: RuleType): Kind {
  switch (type.kind) {
    case 'boolean':
      return 'boolean'
    case 'date':
    case 'duration':
      return 'day'
    case 'integer':
    case 'decimal':
    case 'money':
      return 'number'
    case 'string':
    case 'code':
    case 'subject':
      return 'word'
    default:
      throw new RangeError(`facts of type ${type.kind} have no column`)
  }
}

function columnOf(arena: Arena, key: string, kind: Kind, values: readonly Value[]): Column {
  const words = new Map<string, number>()
  const numbers = values.map((value): number | undefined => {
    if (value === absent || value === unknown || isRange(value)) return undefined
    if (kind === 'boolean') return value === yes ? 1 : 0
    if (typeof value === 'string') return words.get(value) ?? words.set(value, words.size).size - 1
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw new RangeError(`${key}: a value beyond exact integers`)
    return number
  })
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const number of numbers) {
    if (number === undefined) continue
    low = Math.min(low, number)
    high = Math.max(high, number)
  }
  const { lane, offset } = low > high ? laneFor(0, 0) : laneFor(low, high)
  const codes = roomFor(arena, values.length, lane)
  for (const [row, number] of numbers.entries()) {
    codes[row] =
      number === undefined ? lanes[lane][values[row] === absent ? 'absent' : 'unknown'] : number - offset
  }
  return surveyed({ lane, kind, offset, words: [...words.keys()] }, codes)
}

/** The evaluator's frame of one row: what it reads is exactly what the kernels read. */
export function frameAt(population: Population, program: Program, row: number): Frame {
  const frame = openFrame(program.readers, {}, program.ir.variables)
  const { columns, lists } = population
  for (const [slot, reader] of program.readers.entries()) {
    const { predicate, world, fields } = reader
    const periodAt = periodReader(population, reader)
    const items = lists.get(predicate)
    if (!fields) {
      const value = columns.get(predicate)
      if (!value) continue
      const otherwise = world === 'closed' ? absent : unknown
      const one: One = { ...periodAt(row), value: cell(value, row), json: undefined, otherwise, facts: [] }
      ;(frame.ones as One[])[slot] = one
    } else if (items) {
      const complete = columns.get(`${predicate}@complete`)
      const found: Item[] = []
      for (let at = items.starts[row]!; at < items.starts[row + 1]!; at++) {
        const values = fields.map(({ name }) => {
          const column = columns.get(`${predicate}.${name}`)
          return column ? cell(column, at) : unknown
        })
        found.push({ ...periodAt(at), key: `${at}`, values, json: [], facts: [] })
      }
      const many: Many = { items: found, complete: !complete || cell(complete, row) === yes, facts: [] }
      ;(frame.lists as Many[])[slot] = many
    }
  }
  return frame
}

function cell(column: Column, row: number): Value {
  const code = column.codes[row]!
  const { absent: none, unknown: open } = lanes[column.lane]
  return code === none ? absent : code === open ? unknown : decoded(column, code)
}

function periodReader(
  { columns }: Population,
  { predicate, max_age, month_end }: Reader,
): (row: number) => Period {
  const [from, to, observed] = ['from', 'to', 'observed'].map((part) => columns.get(`${predicate}@${part}`))
  const day = (column: Column | undefined, row: number, otherwise: number): number => {
    const found = column && cell(column, row)
    return typeof found === 'number' ? found : otherwise
  }
  const never = Number.POSITIVE_INFINITY
  return (row) => {
    const seen = day(observed, row, never)
    return {
      from: day(from, row, -never),
      to: day(to, row, never),
      stale: max_age && seen !== never ? addDuration(seen, max_age, month_end) : never,
    }
  }
}
