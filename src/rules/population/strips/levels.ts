/**
 * Where expressions stand: at the root, an entry a row; inside a list, an entry an item of it for each entry outside.
 * What is worked out once in a run stays for all who ask.
 */
import { addDuration } from '../../evaluator/calendar.ts'
import type { Reader } from '../../evaluator/frame.ts'
import { type Column, lanes, type Population } from '../columns.ts'
import { leastCode } from '../probe.ts'
import { type Batch, exact, none, open, openBatch, openPlaces, openTruths, type Words } from './batch.ts'

/** What all levels of one preparation share. */
export type Ground = {
  readonly population: Population
  readonly day: number
  readonly words: Words
  /** Counts the runs. */
  epoch: number
  readonly levels: Level[]
}

export type Level = {
  readonly ground: Ground
  /** None at the root. */
  readonly outer: Level | undefined
  /** The list whose items the entries are, if they are any. */
  readonly list: string | undefined
  readonly depth: number
  /** Brings the level up to this run. */
  ready(): void
  size: number
  /** The population's row of each entry. */
  subjects: Uint32Array
  /** Place of each entry's item in the list. */
  items: Uint32Array
  /** The outer level's entry of each. */
  up: Uint32Array
  /** Entries whose numbers left exact doubles. */
  beyond: Uint8Array
  readonly inner: Map<string, Level>
  readonly batches: Map<string, () => Batch>
  readonly truths: Map<string, () => Uint8Array>
}

/** The level of a run's rows. `list`: of items, one a row. */
export function rootLevel(ground: Ground, list: string | undefined): Level {
  const level = newLevel(ground, undefined, list)
  level.ready = () => undefined
  return level
}

function newLevel(ground: Ground, outer: Level | undefined, list: string | undefined): Level {
  const level: Level = {
    ground,
    outer,
    list,
    depth: outer ? outer.depth + 1 : 0,
    ready: () => undefined,
    size: 0,
    subjects: new Uint32Array(0),
    items: new Uint32Array(0),
    up: new Uint32Array(0),
    beyond: new Uint8Array(0),
    inner: new Map(),
    batches: new Map(),
    truths: new Map(),
  }
  ground.levels.push(level)
  return level
}

/** The level of the items of a list that hold on the day, for each entry of another. */
export function innerLevel(outer: Level, list: string): Level {
  const known = outer.inner.get(list)
  if (known) return known
  const { ground } = outer
  const { population, day } = ground
  const level = newLevel(ground, outer, list)
  outer.inner.set(list, level)
  const found = population.lists.get(list)
  const is_out = outsider(population, list, day)
  const [subjects, items, up, beyond] = [openPlaces(), openPlaces(), openPlaces(), openTruths()]
  level.ready = once(ground, () => {
    outer.ready()
    let size = 0
    let room = level.items.length
    for (let at = 0; found && at < outer.size; at++) {
      const subject = outer.subjects[at]!
      const end = found.starts[subject + 1]!
      const begin = found.starts[subject]!
      if (size + end - begin > room) {
        level.subjects = subjects(size + end - begin)
        level.items = items(size + end - begin)
        level.up = up(size + end - begin)
        room = level.items.length
      }
      for (let item = begin; item < end; item++) {
        if (is_out?.(item)) continue
        level.subjects[size] = subject
        level.items[size] = item
        level.up[size++] = at
      }
    }
    level.size = size
    level.beyond = beyond(size)
    level.beyond.fill(0, 0, size)
  })
  return level
}

/** Once in each run. */
export function once<T>(ground: Ground, make: () => T): () => T {
  let at = -1
  let made: T
  return () => {
    if (at !== ground.epoch) {
      at = ground.epoch
      made = make()
    }
    return made
  }
}

/** Marks outer entries whose inner ones left exact doubles. */
export function foldBeyond({ levels }: Ground): void {
  for (const { outer, beyond, up, size } of [...levels].reverse()) {
    if (!outer) continue
    for (let at = 0; at < size; at++) if (beyond[at] === 1) outer.beyond[up[at]!] = 1
  }
}

type Test = (at: number) => boolean

/** Is a fact, or an item, outside its period on the day? Undefined: none is. */
export function outsider({ columns }: Population, owner: string, day: number): Test | undefined {
  const [from, to] = [columns.get(`${owner}@from`), columns.get(`${owner}@to`)]
  // Most periods have begun and not ended for everybody: then no cell is looked at.
  const later = from && from.high + from.offset > day ? dayTest(from, day + 1, no_day) : undefined
  const ended = to && to.low + to.offset <= day ? dayTest(to, -no_day, day) : undefined
  return later && ended ? (at) => later(at) || ended(at) : (later ?? ended)
}

const no_day = 2_147_483_647

/** Is there a day in the cell, and between these two? */
function dayTest({ codes, offset, lane, low, high }: Column, first: number, last: number): Test | undefined {
  if (low > high) return undefined
  const { absent, unknown } = lanes[lane]
  const [from, to] = [Math.max(first - offset, absent + 1), Math.min(last - offset, unknown - 1)]
  return (at) => {
    const code = codes[at]!
    return code >= from && code <= to && code !== absent && code !== unknown
  }
}

/** Is the knowledge of a fact, or an item, too old on the day? Undefined: none is. */
export function staleness({ columns }: Population, reader: Reader, day: number): Test | undefined {
  const { predicate, max_age, month_end } = reader
  const observed = columns.get(`${predicate}@observed`)
  if (!observed || !max_age || observed.low > observed.high) return undefined
  const { codes, offset, lane, low, high } = observed
  const is_fresh = (code: number): boolean => addDuration(code + offset, max_age, month_end) > day
  if (is_fresh(low)) return undefined
  const least = is_fresh(high) ? leastCode(low, high, is_fresh) : high + 1
  const { absent } = lanes[lane]
  // The code of unknown, which says never, is above all others.
  return (at) => codes[at]! < least && codes[at]! !== absent
}

/** Cells of a column as values; `missing` is what there is without a column. */
export function cellsOf(
  ground: Ground,
  key: string,
  missing: typeof none | typeof open,
): (into: Batch, cells: Uint32Array, size: number) => void {
  const column = ground.population.columns.get(key)
  if (!column) return ({ states }, _, size) => void states.fill(missing, 0, size)
  const { codes, lane, kind, offset, words } = column
  const ends = lanes[lane]
  const renamed = kind === 'word' ? words.map((word) => ground.words.of(word)) : undefined
  // Truths count by twos.
  const factor = kind === 'boolean' ? 2 : 1
  return (into, cells, size) => {
    const { states, lows, highs } = into
    for (let at = 0; at < size; at++) {
      const code = codes[cells[at]!]!
      if (code === ends.absent) states[at] = none
      else if (code === ends.unknown) states[at] = open
      else {
        const value = renamed ? renamed[code + offset]! : (code + offset) * factor
        states[at] = exact
        lows[at] = value
        highs[at] = value
      }
    }
  }
}

/** What an outer level knows, for the entries of an inner one. */
export function carried(level: Level, from: Level, batch: () => Batch): () => Batch {
  if (level === from) return batch
  const outer = carried(level.outer!, from, batch)
  const room = openBatch()
  return once(level.ground, () => {
    level.ready()
    const given = outer()
    const into = room(level.size)
    for (let at = 0; at < level.size; at++) {
      const there = level.up[at]!
      into.states[at] = given.states[there]!
      into.lows[at] = given.lows[there]!
      into.highs[at] = given.highs[there]!
    }
    return into
  })
}
