/**
 * Wake dates of a population: for each subject and rule the first day on which its outcome may change if no fact
 * changes. Never late: it is the earliest day on which any comparison the rule makes turns, any fact it reads begins,
 * ends or grows too old, or the law changes. It may be early, for a comparison that turns need not change the outcome.
 */
import { addDuration, addMonths, parseDay } from '../evaluator/calendar.ts'
import { decide } from '../evaluator/decide.ts'
import { type Program, programOf } from '../evaluator/program.ts'
import { nextChange } from '../evaluator/until.ts'
import type { Rule } from '../rules.ts'
import { frameAt } from './build.ts'
import { block_rows, type Column, type Items, lanes, type Population } from './columns.ts'
import { type FlipTable, flipTables, never_day, timedComparisons } from './flips.ts'
import { Unfit } from './scene.ts'

/** Stands for "not within a hundred years". */
export const never_wakes = 65_535

const horizon_months = 1_200

/** Days that a column brings about: by its code's place in a table. */
type Source = {
  readonly column: Column
  /** The list whose items the column is of. */
  readonly list: string | undefined
  /** Days from the plan's day for each code from `low` on; of a narrow column, for every code its lane has. */
  readonly low: number
  readonly days: Uint16Array
}

/** Tables of one column that a rule needs together, and what they are called. */
type Needed = {
  readonly column: Column
  readonly list: string | undefined
  readonly parts: Map<string, readonly FlipTable[]>
}

type RuleWake = {
  readonly name: string
  readonly program: Program
  /** What is the same for everybody: days until the law changes. */
  readonly law: number
  /** Positions among the plan's sources. */
  readonly sources: readonly number[]
  /** Why the evaluator looks for the day itself, subject by subject. */
  readonly scalar: string | undefined
}

export type WakePlan = {
  readonly day: number
  readonly rules: readonly RuleWake[]
  readonly sources: readonly Source[]
}

/**
 * Prepares the wake dates of these rules over a population.
 * @throws RangeError for a malformed day, or a rule that is evaluated once per item.
 */
export function wakePlanOf(rules: readonly Rule[], population: Population, asOf: string): WakePlan {
  const day = parseDay(asOf)
  if (day === undefined) throw new RangeError('asOf is no date of the form YYYY-MM-DD')
  const known = new Map<string, number>()
  const sources: Source[] = []
  const source = (key: string, make: () => Source): number => {
    const at = known.get(key) ?? sources.push(make()) - 1
    known.set(key, at)
    return at
  }
  return { day, sources, rules: rules.map((rule) => wakeOf(rule, population, day, source)) }
}

function wakeOf(
  rule: Rule,
  population: Population,
  day: number,
  source: (key: string, make: () => Source) => number,
): RuleWake {
  const program = programOf(rule)
  const name = rule.source.id
  if (program.is_per_item) throw new RangeError(`${name} is evaluated once per item of a list`)
  const horizon = addMonths(day, horizon_months, 'down')
  const law_day = program.law_days.find((at) => at > day && at <= horizon)
  const bare = { name, program, law: law_day ? law_day - day : never_wakes, sources: [], scalar: undefined }
  // Out of force the facts do not matter until the law itself changes.
  if (day >= program.effective_to) return { ...bare, law: never_wakes }
  if (day < program.effective_from) return bare
  const last = law_day ? law_day - 1 : horizon
  try {
    const needed = new Map<string, Needed>()
    const need = (
      key: string,
      list: string | undefined,
      part: string,
      tables: readonly FlipTable[],
    ): void => {
      const column = population.columns.get(key)
      if (!column || tables.length === 0) return
      const found = needed.get(key) ?? { column, list, parts: new Map() }
      found.parts.set(part, tables)
      needed.set(key, found)
    }
    for (const one of flipTables({ rule, program, population, day, last }, timedComparisons(program)))
      need(one.key, one.list, one.name, one.tables)
    for (const slot of program.readers.keys()) {
      for (const { key, list, table } of periodTables(population, program, slot, day, last))
        need(key, list, `${program.readers[slot]!.month_end}`, [table])
    }
    const sources = [...needed].map(([key, one]) =>
      source(`${key}:${last}:${[...one.parts.keys()].sort().join()}`, () => merged(one, day)),
    )
    return { ...bare, sources }
  } catch (error) {
    if (!(error instanceof Unfit)) throw error
    return { ...bare, scalar: error.message }
  }
}

/** One table of all, so that a subject's cell is looked up once. */
function merged({ column, list, parts }: Needed, day: number): Source {
  const tables = [...parts.values()].flat()
  const { absent, unknown } = lanes[column.lane]
  const is_narrow = column.lane === 'i8' || column.lane === 'i16'
  const low = is_narrow ? absent : Math.min(...tables.map((table) => table.low))
  const high = is_narrow ? unknown : Math.max(...tables.map((table) => table.low + table.days.length - 1))
  const days = new Uint16Array(high - low + 1).fill(never_wakes)
  for (const table of tables) {
    for (const [at, turns] of table.days.entries()) {
      const place = table.low + at - low
      if (turns !== never_day && turns - day < days[place]!) days[place] = turns - day
    }
  }
  return { column, list, low, days }
}

/** The days on which what is known of a predicate begins, ends, or grows too old. */
function* periodTables(
  population: Population,
  program: Program,
  slot: number,
  day: number,
  last: number,
): Generator<{ readonly key: string; readonly list: string | undefined; readonly table: FlipTable }> {
  const { predicate, max_age, month_end, fields } = program.readers[slot]!
  const list = fields ? predicate : undefined
  const of = function* (part: string, dayOf: (known: number) => number) {
    const key = `${predicate}@${part}`
    const column = population.columns.get(key)
    if (!column || column.low > column.high) return
    const days = new Int32Array(column.high - column.low + 1)
    for (let code = column.low; code <= column.high; code++) {
      const at = dayOf(code + column.offset)
      days[code - column.low] = at > day && at <= last ? at : never_day
    }
    yield { key, list, table: { low: column.low, days } }
  }
  yield* of('from', (known) => known)
  yield* of('to', (known) => known)
  if (max_age) yield* of('observed', (seen) => addDuration(seen, max_age, month_end))
}

export type WakeRun = {
  /** Per rule, for each subject, in how many days it is to be looked at again; or `never_wakes`. */
  readonly days: readonly Uint16Array[]
  /** Works out one block; `base` is a multiple of `block_rows`. */
  block(base: number): void
}

/** Few enough that what every source gives for them stays in the cache. */
const strip_rows = 8_192

/** Makes a wake plan ready to run. */
export function openWake(plan: WakePlan, population: Population): WakeRun {
  const days = plan.rules.map(() => new Uint16Array(population.rows))
  const buffers = plan.sources.map(() => new Uint16Array(strip_rows))
  const strip = (first: number, rows: number): void => {
    for (const [at, source] of plan.sources.entries()) fill(buffers[at]!, source, population, first, rows)
    for (const [at, rule] of plan.rules.entries()) {
      const into = days[at]!.subarray(first, first + rows)
      if (rule.scalar !== undefined) askEvaluator(into, rule.program, plan.day, population, first)
      else {
        into.fill(rule.law)
        for (const one of rule.sources) least(into, buffers[one]!)
      }
    }
  }
  return {
    days,
    block(base) {
      const end = Math.min(base + block_rows, population.rows)
      for (let first = base; first < end; first += strip_rows) strip(first, Math.min(strip_rows, end - first))
    },
  }
}

/** The sign of the difference chooses, so that no branch has to be foreseen. */
function least(into: Uint16Array, other: Uint16Array): void {
  const rows = into.length
  for (let at = 0; at < rows; at++) {
    const day = into[at]!
    const difference = other[at]! - day
    into[at] = day + (difference & (difference >> 31))
  }
}

function fill(into: Uint16Array, source: Source, { lists }: Population, first: number, rows: number): void {
  const { column, list, low, days } = source
  // Columns of days are of 8, 16 or 32 bits; the loops are the same.
  const codes = column.codes as Int16Array
  if (list !== undefined) {
    into.fill(never_wakes)
    return lookUpItems(into, codes, source, lists.get(list)!, first, rows)
  }
  if (column.lane === 'i8' || column.lane === 'i16') {
    for (let row = 0; row < rows; row++) into[row] = days[codes[first + row]! - low]!
    return
  }
  for (let row = 0; row < rows; row++) {
    const at = codes[first + row]! - low
    into[row] = at >= 0 && at < days.length ? days[at]! : never_wakes
  }
}

function lookUpItems(
  into: Uint16Array,
  codes: Int16Array,
  { low, days }: Source,
  { starts, parents }: Items,
  first: number,
  rows: number,
): void {
  const [from, to] = [starts[first]!, starts[first + rows]!]
  const before = first % block_rows
  for (let item = from; item < to; item++) {
    const at = codes[item]! - low
    const row = parents[item]! - before
    if (at >= 0 && at < days.length && days[at]! < into[row]!) into[row] = days[at]!
  }
}

function askEvaluator(
  into: Uint16Array,
  program: Program,
  day: number,
  population: Population,
  first: number,
): void {
  for (let at = 0; at < into.length; at++) {
    const frame = frameAt(population, program, first + at)
    frame.watch = 1
    const now = decide(program, frame, day, null)
    const change = nextChange(program, frame, { day, item: null, now })
    into[at] = change === null ? never_wakes : change - day
  }
}
