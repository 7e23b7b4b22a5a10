/** Rows of columns again: what the evaluator is given for one subject, and one population from rows of several. */
import { formatDay } from '../evaluator/calendar.ts'
import type { Cell, Facts, ListItem, RuleType, RuleVocabulary } from '../rules.ts'
import {
  type Arena,
  type Column,
  type Items,
  itemsOf,
  laneFor,
  lanes,
  type Population,
  roomFor,
  surveyed,
} from './columns.ts'

/**
 * The facts of one row, as `evaluate` takes them: it says of them what it says of the facts the row was made from.
 * Items are named by their position, and no fact has an id: the columns hold what rules read and nothing else.
 */
export function factsAt(population: Population, vocabulary: RuleVocabulary, row: number): Facts {
  const facts: Record<string, Cell> = {}
  for (const [predicate, { type }] of Object.entries(vocabulary)) {
    const items = population.lists.get(predicate)
    if (type.kind === 'list' && items) facts[predicate] = listAt(population, predicate, type, items, row)
    else {
      const column = population.columns.get(predicate)
      if (column) facts[predicate] = cellAt(population, predicate, type, column, row)
    }
  }
  return facts
}

type Fields = Extract<RuleType, { kind: 'list' }>

function listAt(population: Population, predicate: string, type: Fields, items: Items, row: number): Cell {
  const from = items.starts[row]!
  const found: ListItem[] = []
  for (let at = from; at < items.starts[row + 1]!; at++) {
    const value: Record<string, ListItem['value'][string]> = {}
    for (const [field, of] of Object.entries(type.fields)) {
      const column = population.columns.get(`${predicate}.${field}`)
      const code = column && codeAt(column, at)
      if (column && code === 'absent') value[field] = null
      else if (column && typeof code === 'number') value[field] = jsonOf(column, of, code)
    }
    found.push({ item: String(at - from), value, facts: [], ...periodAt(population, predicate, at) })
  }
  const complete = population.columns.get(`${predicate}@complete`)
  return { state: 'list', items: found, complete: !complete || codeAt(complete, row) === 1 }
}

function cellAt(
  population: Population,
  predicate: string,
  type: RuleType,
  column: Column,
  row: number,
): Cell {
  const code = codeAt(column, row)
  if (code === 'unknown') return { state: 'unknown', reason: 'never-collected', facts: [] }
  const period = periodAt(population, predicate, row)
  if (code === 'absent')
    // An end makes a difference to what is absent too: where it has one, it is told as a value that is none.
    return Object.keys(period).length === 0
      ? { state: 'absent', facts: [] }
      : { state: 'known', value: null, facts: [], ...period }
  return { state: 'known', value: jsonOf(column, type, code), facts: [], ...period }
}

type Code = number | 'absent' | 'unknown'

/** Value of a cell: the number its code stands for, without the column's offset. */
function codeAt(column: Column, row: number): Code {
  const code = column.codes[row]!
  const { absent, unknown } = lanes[column.lane]
  return code === absent ? 'absent' : code === unknown ? 'unknown' : code + column.offset
}

function jsonOf(column: Column, type: RuleType, number: number): ListItem['value'][string] {
  switch (type.kind) {
    case 'boolean':
      return number === 1
    case 'date':
      return formatDay(number) ?? null
    case 'duration':
      return `P${number}D`
    case 'decimal':
      return decimalText(number, type.scale)
    case 'integer':
    case 'money':
      return number
    default:
      return column.words[number]!
  }
}

function decimalText(number: number, scale: number): string {
  const digits = String(Math.abs(number)).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${number < 0 ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`
}

function periodAt(
  { columns }: Population,
  predicate: string,
  at: number,
): { observed_on?: string; valid_from?: string; valid_to?: string } {
  const day = (part: string): string | undefined => {
    const column = columns.get(`${predicate}@${part}`)
    const code = column && codeAt(column, at)
    return typeof code === 'number' ? formatDay(code) : undefined
  }
  const [observed_on, valid_from, valid_to] = [day('observed'), day('from'), day('to')]
  return {
    ...(observed_on === undefined ? {} : { observed_on }),
    ...(valid_from === undefined ? {} : { valid_from }),
    ...(valid_to === undefined ? {} : { valid_to }),
  }
}

/** Which row of which population becomes each row of the new one. */
export type Picks = { readonly parts: Uint16Array; readonly rows: Uint32Array }

/**
 * One population from rows of several that were made with the same vocabulary. The parts may share an arena with each
 * other, not with the result.
 * @throws RangeError when a column changes its kind between the parts: they are of different vocabularies
 */
export function mergePopulations(parts: readonly Population[], picks: Picks, arena: Arena): Population {
  const rows = picks.rows.length
  const lists = new Map<string, Items>()
  const columns = new Map<string, Column>()
  const names = new Set(parts.flatMap((part) => [...part.lists.keys()]))
  const places: Place = { parts: picks.parts, rows: picks.rows }
  const of_items = new Map<string, Place>()
  for (const list of names) {
    const starts = parts.map((part) => part.lists.get(list)!.starts)
    const items = itemsOf(arena, rows, (row) => {
      const [of, at] = [starts[picks.parts[row]!]!, picks.rows[row]!]
      return of[at + 1]! - of[at]!
    })
    lists.set(list, items)
    of_items.set(list, itemPlaces(picks, starts, items))
  }
  for (const key of new Set(parts.flatMap((part) => [...part.columns.keys()]))) {
    const list = /^(.+?)(?:\.|@(?:from|to|observed)$)/.exec(key)?.[1]
    const place = of_items.get(list ?? '') ?? places
    const merged = mergedColumn(
      parts.map((part) => part.columns.get(key)),
      key,
      place,
      arena,
    )
    if (merged) columns.set(key, merged)
  }
  return { rows, arena, columns, lists }
}

type Place = { readonly parts: Uint16Array; readonly rows: Uint32Array }

function itemPlaces(picks: Picks, starts: readonly Uint32Array[], items: Items): Place {
  const total = items.starts[picks.rows.length]!
  const place = { parts: new Uint16Array(total), rows: new Uint32Array(total) }
  for (let row = 0; row < picks.rows.length; row++) {
    const part = picks.parts[row]!
    let at = starts[part]![picks.rows[row]!]!
    for (let to = items.starts[row]!; to < items.starts[row + 1]!; to++) {
      place.parts[to] = part
      place.rows[to] = at++
    }
  }
  return place
}

/** In between, a cell is a number with the signs of the widest lane: −∞ absent, ∞ unknown. */
const none = lanes.f64.absent
const open = lanes.f64.unknown

function mergedColumn(
  found: readonly (Column | undefined)[],
  key: string,
  place: Place,
  arena: Arena,
): Column | undefined {
  const kinds = new Set(found.flatMap((column) => (column ? [column.kind] : [])))
  const [kind] = kinds
  if (kind === undefined || kinds.size > 1)
    throw new RangeError(`${key}: columns of different kinds are not of one vocabulary`)
  const words = new Map<string, number>()
  const otherwise = key.endsWith('@complete') ? 1 : key.endsWith('@from') ? none : open
  const readers = found.map((column) => reader(column, otherwise, words))
  const values = new Float64Array(place.rows.length)
  let [low, high] = [open as number, none as number]
  for (let at = 0; at < values.length; at++) {
    const value = readers[place.parts[at]!]!(place.rows[at]!)
    values[at] = value
    if (value === none || value === open) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  const part = /@(from|to|observed|complete)$/.exec(key)?.[1]
  // Left out as it is where such a column is made: nobody has a day, or every list is complete.
  if (part === 'complete' ? low === 1 : part !== undefined && low > high) return undefined
  const { lane, offset } = low > high ? laneFor(0, 0) : laneFor(low, high)
  const codes = roomFor(arena, values.length, lane)
  const { absent, unknown } = lanes[lane]
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    codes[at] = value === none ? absent : value === open ? unknown : value - offset
  }
  return surveyed({ lane, kind, offset, words: [...words.keys()] }, codes)
}

function reader(
  column: Column | undefined,
  otherwise: number,
  words: Map<string, number>,
): (at: number) => number {
  if (!column) return () => otherwise
  const { codes, offset, kind } = column
  const { absent, unknown } = lanes[column.lane]
  return (at) => {
    const code = codes[at]!
    if (code === absent) return none
    if (code === unknown) return open
    if (kind !== 'word') return code + offset
    const word = column.words[code + offset]!
    return words.get(word) ?? words.set(word, words.size).size - 1
  }
}
