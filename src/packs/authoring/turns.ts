/** The values of one fact at which a rule turns, all else as it is: found by asking the rule itself. */
import type { Json } from '../../platform/canonical.ts'
import type { DateText } from '../../platform/clock.ts'
import type { Cell, Facts, Rule, RuleType } from '../../rules/rules.ts'
import { dayAfter, evaluateOn } from '../../rules/rules.ts'
import { dayOf } from '../examples.ts'
import type { Example, Pack } from '../packs.ts'

/** A known value of an example: of a predicate, or of a field of one of its items. */
export type Place = {
  /** `income`, or `children.birth_date`: where values of the same kind stand. */
  readonly key: string
  readonly predicate: string
  readonly item: number | null
  readonly field: string
  readonly type: RuleType
  readonly value: Json
}

/** Every known value of an example that its rule reads. */
export function placesIn(pack: Pack, rule: Rule, { facts }: Pick<Example, 'facts'>): Place[] {
  return rule.reads.flatMap((predicate): Place[] => {
    const { type } = pack.vocabulary.get(predicate)!
    const cell = facts[predicate]
    if (cell?.state === 'known' && type.kind !== 'list')
      return [{ key: predicate, predicate, item: null, field: '', type, value: cell.value }]
    if (cell?.state !== 'list' || type.kind !== 'list') return []
    return cell.items.flatMap(({ value }, item) =>
      Object.entries(value).flatMap(([field, of]): Place[] =>
        of === null || type.fields[field] === undefined
          ? []
          : [{ key: `${predicate}.${field}`, predicate, item, field, type: type.fields[field], value: of }],
      ),
    )
  })
}

/** The facts with another value in that place. */
export function putAt(facts: Facts, { predicate, item, field }: Place, value: Json): Facts {
  const cell = facts[predicate]
  if (cell?.state === 'known') return { ...facts, [predicate]: { ...cell, value } }
  if (cell?.state !== 'list') return facts
  const items = cell.items.map((one, i) =>
    i === item ? { ...one, value: { ...one.value, [field]: value } } : one,
  )
  return { ...facts, [predicate]: { ...cell, items } }
}

/** Every other value of a type that has few; none where it has no end. */
export function othersAt({ type, value }: Place): Json[] {
  if (type.kind === 'boolean') return [value !== true]
  return type.kind === 'code' ? type.values.filter((other) => other !== value) : []
}

/** The facts with one more item, like the one of that place but for another value there; as they are where it is of none. */
export function addedAt(facts: Facts, { predicate, item, field }: Place, value: Json): Facts {
  const cell = facts[predicate]
  const like = cell?.state === 'list' && item !== null ? cell.items[item] : undefined
  if (cell?.state !== 'list' || !like) return facts
  const added = { ...like, item: `${cell.items.length + 1}`, value: { ...like.value, [field]: value } }
  return { ...facts, [predicate]: { ...cell, items: [...cell.items, added] } }
}

/** The facts without that value, as silence: the predicate, or the field of the item, is left out. */
export function leftOutAt(facts: Facts, { predicate, item, field }: Place): Facts {
  const cell = facts[predicate]
  if (cell?.state !== 'list')
    return Object.fromEntries(Object.entries(facts).filter(([name]) => name !== predicate))
  const items = cell.items.map((one, i) => {
    const { [field]: _, ...value } = one.value
    return i === item ? { ...one, value } : one
  })
  return { ...facts, [predicate]: { ...cell, items } }
}

/** An example as it would be on another day: every date in it as far from that day as it was from its own. */
export function movedTo(base: Example, day: DateText): Example {
  const by = dayNumber(day) - dayNumber(base.as_of)
  const moved = (value: Json): Json =>
    typeof value === 'string' && dayForm.test(value) ? dateOf(dayNumber(value) + by) : value
  const facts = Object.entries(base.facts).map(([name, cell]): [string, Cell] => {
    if (cell.state === 'known') {
      const observed = cell.observed_on === undefined ? {} : { observed_on: String(moved(cell.observed_on)) }
      return [name, { ...cell, ...observed, value: moved(cell.value) }]
    }
    if (cell.state !== 'list') return [name, cell]
    const items = cell.items.map((item) => ({
      ...item,
      ...(item.observed_on === undefined ? {} : { observed_on: String(moved(item.observed_on)) }),
      value: Object.fromEntries(Object.entries(item.value).map(([field, of]) => [field, moved(of)])),
    }))
    return [name, { ...cell, items }]
  })
  return { ...base, as_of: day, facts: Object.fromEntries(facts) }
}

/**
 * The values around every turn of outcome or amount: the last before it, the first after it, and one more. Between two
 * values of the net that say the same a turn and its return would be missed: the net is as fine as law is, a tenth of a
 * number or thirty days.
 */
export function turnsAt(rule: Rule, base: Example, place: Place): Json[] {
  const axis = axisOf(place, base.as_of)
  if (axis === undefined) return []
  const say = (at: number): string => {
    const { outcome, amount } = evaluateOn(rule, putAt(base.facts, place, axis.value(at)), dayOf(base))
    return `${outcome} ${amount}`
  }
  const found = new Set<number>()
  let before = { at: axis.net[0]!, said: say(axis.net[0]!) }
  for (const at of axis.net.slice(1)) {
    const said = say(at)
    if (said !== before.said) {
      const turn = firstOther(before.at, at, (middle) => say(middle) !== before.said)
      for (const beside of [turn - 2, turn - 1, turn, turn + 1]) if (axis.holds(beside)) found.add(beside)
    }
    before = { at, said }
  }
  return [...found].map(axis.value)
}

/** The first whole number after `from`, up to `to`, that differs; `to` does and `from` does not. */
function firstOther(from: number, to: number, differs: (at: number) => boolean): number {
  let [low, high] = [from, to]
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2)
    if (differs(middle)) high = middle
    else low = middle
  }
  return high
}

type Axis = {
  /** Whole numbers, rising. */
  readonly net: readonly number[]
  readonly value: (at: number) => Json
  readonly holds: (at: number) => boolean
}

const near_months = 15 * 12
const far_years = 110

function axisOf({ type, value }: Place, as_of: DateText): Axis | undefined {
  switch (type.kind) {
    case 'date': {
      const [zero, own] = [dayNumber(as_of), dayNumber(String(value))]
      const days = [
        ...Array.from({ length: 2 * near_months + 1 }, (_, i) => zero + (i - near_months) * 30),
        ...Array.from({ length: far_years }, (_, i) => zero - Math.round((i + 1) * 365.25)),
        own - 30,
        own,
        own + 30,
      ]
      return {
        net: rising(days),
        value: dateOf,
        holds: () => true,
      }
    }
    case 'integer':
    case 'money': {
      const low = type.min ?? -1_000_000
      const high = type.kind === 'integer' ? (type.max ?? 1e9) : 1e15
      const within = (at: number): boolean => at >= low && at <= high
      const net = [low, high, ...tenths, ...tenths.map((n) => 0 - n), Number(value)]
      return { net: rising(net.filter(within)), value: (at) => at, holds: within }
    }
    case 'decimal': {
      const scaled = (text: string | undefined, without: number): number =>
        text === undefined ? without : Math.round(Number(text) * 10 ** type.scale)
      const [low, high] = [scaled(type.min, -1e12), scaled(type.max, 1e12)]
      const within = (at: number): boolean => at >= low && at <= high
      const net = [low, high, ...tenths, ...tenths.map((n) => 0 - n), scaled(String(value), 0)]
      const text = (at: number): string => (at / 10 ** type.scale).toFixed(type.scale)
      return { net: rising(net.filter(within)), value: text, holds: within }
    }
    // Texts and what has no order: the mixtures of examples are enough for what packs say of them.
    default:
      return undefined
  }
}

/** From 0 to a thousand million million, each at most a fifth more than the one before. */
const tenths: readonly number[] = [
  0,
  ...Array.from({ length: 15 }, (_, power) =>
    [10, 12, 14, 16, 18, 20, 24, 28, 32, 36, 40, 45, 50, 60, 70, 80, 90].map((n) =>
      Math.round((n * 10 ** power) / 10),
    ),
  ).flat(),
]

const rising = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b)

const dayForm = /^\d{4}-\d{2}-\d{2}$/
const epoch = '1970-01-01'
const dateOf = (day: number): DateText => dayAfter(epoch, `${day < 0 ? '-' : ''}P${Math.abs(day)}D`)
const dayNumber = (day: DateText): number => Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000)
