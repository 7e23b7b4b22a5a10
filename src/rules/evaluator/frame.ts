/** The facts of one subject made ready for one rule, and the state of one run over them. */
import type { Json } from '../../platform/canonical.ts'
import type { Cell, Facts, FixClass, ListItem, RuleType, TraceAtom } from '../rules.ts'
import { addDuration, type CalendarRules, type DurationValue, parseDay } from './calendar.ts'
import { absent, type Decoder, type Truth, unknown, type Value } from './values.ts'

export const never = Number.POSITIVE_INFINITY

/** When a piece of knowledge counts: from `from` until `to`, and from `stale` on it is too old to be known. */
type Period = {
  readonly from: number
  readonly to: number
  readonly stale: number
  readonly facts: readonly string[]
}

export type One = Period & {
  readonly value: Value
  readonly json: Json | undefined
  /** What holds outside the period: absent in a closed world, unknown in an open one. */
  readonly otherwise: typeof absent | typeof unknown
}

/** What a single-valued predicate is on a day. */
export function valueOn(one: One, day: number): Value {
  if (day < one.from || day >= one.to) return one.otherwise
  return day >= one.stale ? unknown : one.value
}

export const isUnknownOn = (one: One, day: number): boolean => valueOn(one, day) === unknown

export type Item = Period & {
  readonly key: string
  readonly values: readonly Value[]
  readonly json: readonly (Json | undefined)[]
}

export type Many = {
  readonly items: readonly Item[]
  readonly complete: boolean
  readonly facts: readonly string[]
}

/** How to read one predicate: made once per rule. */
export type Reader = {
  readonly predicate: string
  readonly world: 'closed' | 'open'
  readonly type: RuleType
  readonly fix: FixClass | null
  readonly agency: string | null
  readonly max_age: DurationValue | undefined
  readonly month_end: CalendarRules['month_end']
  /** Scalars. */
  readonly decode: Decoder
  /** Lists: the fields read. */
  readonly fields: readonly { readonly name: string; readonly decode: Decoder }[] | undefined
}

export type AtomResult = {
  readonly value: Truth
  readonly inputs: TraceAtom['inputs']
  /** Slots of predicates found unknown while it was evaluated; -1 for a parameter. */
  readonly unknowns: readonly number[]
}

type Input = TraceAtom['inputs'][number]

/** One run. `looked` and `inputs` are null where no trace is wanted; `watch` looks for the next turn in time. */
export type Frame = {
  today: number
  /** The day by which the law must have been published to count. */
  known: number
  readonly ones: readonly One[]
  readonly lists: readonly Many[]
  /** The item bound to each variable; null: there is none, so every field of it is absent. */
  readonly bound: (Item | null)[]
  looked: Set<string> | null
  inputs: Input[] | null
  unknowns: number[]
  /** What each atom came out as, by its id; with a trace, also what was unknown to it. */
  readonly truths: Truth[]
  readonly atoms: AtomResult[]
  readonly trace: TraceAtom[]
  /** 0: off. 1: note the sign of every timed comparison. 2: compare with what was noted. */
  watch: 0 | 1 | 2
  readonly marks: unknown[]
  mark_at: number
  has_moved: boolean
  /** While noting: the first later day on which a comparison turns, and whether all of them could tell. */
  hint: number
  is_hinted: boolean
  /** Which result was granted on the day the marks were noted, whose amount's comparisons are among them; -1: none. */
  marked_grant: number
}

/** Notes or compares one sign; what is compared always comes in the same order, because nothing is cut short. */
export function mark(frame: Frame, sign: unknown): void {
  if (frame.watch === 1) frame.marks[frame.mark_at++] = sign
  else if (frame.watch === 2 && frame.marks[frame.mark_at++] !== sign) frame.has_moved = true
}

const always = { from: -never, to: never, stale: never }
const none: readonly never[] = []
const noList: Many = { items: none, complete: true, facts: none }
const anyList: Many = { items: none, complete: false, facts: none }
const noOne: One = { ...always, value: absent, json: undefined, otherwise: absent, facts: none }
const anyOne: One = { ...always, value: unknown, json: undefined, otherwise: unknown, facts: none }

/** Reads the cells a rule needs. A cell that is left out is absent in a closed world, unknown in an open one. */
export function openFrame(readers: readonly Reader[], facts: Facts, variables: number): Frame {
  const ones: One[] = []
  const lists: Many[] = []
  for (const reader of readers) {
    const cell = Object.hasOwn(facts, reader.predicate) ? facts[reader.predicate] : undefined
    ones.push(reader.fields ? noOne : readOne(reader, cell))
    lists.push(reader.fields ? readMany(reader, reader.fields, cell) : noList)
  }
  return {
    today: 0,
    known: never,
    ones,
    lists,
    bound: new Array(variables).fill(null),
    looked: null,
    inputs: null,
    unknowns: [],
    truths: [],
    atoms: [],
    trace: [],
    watch: 0,
    marks: [],
    mark_at: 0,
    has_moved: false,
    hint: never,
    is_hinted: true,
    marked_grant: -1,
  }
}

function readOne(reader: Reader, cell: Cell | undefined): One {
  if (cell === undefined) return reader.world === 'closed' ? noOne : anyOne
  switch (cell.state) {
    case 'known': {
      const value = cell.value === null ? absent : reader.decode(cell.value)
      const otherwise = reader.world === 'closed' ? absent : unknown
      return { ...periodOf(reader, cell), value, json: cell.value, otherwise }
    }
    case 'absent':
      return { ...noOne, facts: cell.facts }
    case 'unknown':
      return { ...anyOne, facts: cell.facts }
    case 'list':
      return anyOne
  }
}

function readMany(reader: Reader, fields: NonNullable<Reader['fields']>, cell: Cell | undefined): Many {
  if (cell === undefined) return reader.world === 'closed' ? noList : anyList
  switch (cell.state) {
    case 'list':
      return {
        items: cell.items.map((item) => readItem(reader, fields, item)),
        complete: cell.complete,
        facts: none,
      }
    case 'absent':
      return { ...noList, facts: cell.facts }
    case 'unknown':
      return { ...anyList, facts: cell.facts }
    case 'known': {
      // A predicate that holds one record is a list of one.
      if (typeof cell.value !== 'object' || cell.value === null || Array.isArray(cell.value))
        return { ...anyList, facts: cell.facts }
      const item = { ...cell, item: '', value: cell.value as ListItem['value'] }
      return { items: [readItem(reader, fields, item)], complete: true, facts: none }
    }
  }
}

function readItem(reader: Reader, fields: NonNullable<Reader['fields']>, item: ListItem): Item {
  const json: (Json | undefined)[] = []
  const values: Value[] = []
  for (const field of fields) {
    const given = Object.hasOwn(item.value, field.name) ? item.value[field.name] : undefined
    json.push(given)
    values.push(given === undefined ? unknown : given === null ? absent : field.decode(given))
  }
  return { ...periodOf(reader, item), key: item.item, values, json }
}

function periodOf(reader: Reader, told: Omit<ListItem, 'item' | 'value'>): Period {
  const observed = told.observed_on === undefined ? undefined : dayOf(told.observed_on, reader)
  return {
    from: told.valid_from === undefined ? -never : dayOf(told.valid_from, reader),
    to: told.valid_to === undefined ? never : dayOf(told.valid_to, reader),
    stale:
      observed === undefined || !reader.max_age
        ? never
        : addDuration(observed, reader.max_age, reader.month_end),
    facts: told.facts,
  }
}

function dayOf(text: string, reader: Reader): number {
  const day = parseDay(text)
  if (day === undefined)
    throw new RangeError(`a period or observation of ${reader.predicate} has no date of the form YYYY-MM-DD`)
  return day
}
