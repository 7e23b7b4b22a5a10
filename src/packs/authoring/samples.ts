/**
 * Facts to try a rule with, beside its worked examples: around every day and every number at which it turns. Two rules
 * that no sample tells apart mean the same, as far as anybody can tell; a truth that no sample shows a condition in
 * cannot be, as far as anybody can tell. Seeded: the same rule and examples give the same samples.
 */
import type { Json } from '../../platform/canonical.ts'
import type { Cell, Facts, ListItem, Rule, RuleType } from '../../rules/rules.ts'
import { dayAfter, evaluateOn, timeline } from '../../rules/rules.ts'
import { dayOf } from '../examples.ts'
import type { Example, Pack } from '../packs.ts'
import { mayBeLeftOut, mayBeUnknown } from './knowable.ts'
import { addedAt, leftOutAt, movedTo, othersAt, type Place, placesIn, putAt, turnsAt } from './turns.ts'

export type Sample = Pick<Example, 'as_of' | 'facts' | 'item'>

/** Enough to find what differs, few enough to try a hundred variants in a second. */
const random_samples = 400
const bases_max = 6
const places_max = 10
/** Of so many examples, the copies in every other state of the law. */
const moved_max = 3
const back_years = 30
const ahead_years = 60

/** What lies around the turns of a rule's examples in time and in value, and mixtures of all; not the examples themselves. */
export function samplesOf(pack: Pack, rule: Rule, examples: readonly Example[]): readonly Sample[] {
  const near = spread(examples, bases_max)
  const bases = [...near, ...near.slice(0, moved_max).flatMap((base) => inOtherLaw(rule, base))]
  const found: Sample[] = []
  for (const base of bases) found.push(...besideDays(rule, base), ...onOtherWeekdays(base))
  const values = new Map<string, Json[]>()
  const learn = ({ key }: Place, value: Json): void => {
    const known = values.get(key)
    if (known) known.push(value)
    else values.set(key, [value])
  }
  for (const base of bases) {
    for (const place of placesIn(pack, rule, base).slice(0, places_max)) {
      for (const value of [...othersAt(place), ...turnsAt(rule, base, place)]) {
        learn(place, value)
        found.push({ ...base, facts: putAt(base.facts, place, value) })
        if (place.item !== null) found.push({ ...base, facts: addedAt(base.facts, place, value) })
      }
      if (isSilentAt(pack, place)) found.push({ ...base, facts: leftOutAt(base.facts, place) })
    }
    for (const facts of withFirstValues(pack, rule, base)) found.push({ ...base, facts })
  }
  for (const example of examples) for (const place of placesIn(pack, rule, example)) learn(place, place.value)
  const random = seeded(rule.source.id)
  const days = [...examples, ...found].map(({ as_of }) => as_of)
  for (let i = 0; i < random_samples && examples.length > 0; i++) {
    const base = pick(random, examples)
    const facts = mixed(pack, rule, { random, values, of: base.facts, day: base.as_of })
    found.push({ ...base, facts, as_of: random() < 0.5 ? base.as_of : pick(random, days) })
  }
  return found.filter((sample) => canRun(rule, sample))
}

/** May nothing be told there? Of a closed register silence means that there is none, of an open one that nobody knows. */
const isSilentAt = (pack: Pack, { predicate, item, field }: Place): boolean =>
  item === null || mayBeLeftOut(pack, predicate, field)

/** A few of many, evenly from the first to the last. */
const spread = <T>(all: readonly T[], most: number): T[] =>
  all.length <= most
    ? [...all]
    : Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]!)

/** An example, dates and all, moved to the first day of every version of a parameter, and the day before the next. */
function inOtherLaw({ source, params_read }: Rule, base: Example): Example[] {
  const versions = params_read.flatMap((name) => source.params[name]!.values.slice(1).map(({ from }) => from))
  const days = [...new Set(versions)].flatMap((from) => [dayAfter(from, '-P1D'), from])
  return days.map((day) => movedTo(base, day))
}

/** An example, dates and all, on each other day of the week: deadlines move where no office works. */
const onOtherWeekdays = (base: Example): Example[] =>
  [1, 2, 3, 4, 5, 6].map((days) => movedTo(base, dayAfter(base.as_of, `P${days}D`)))

/** As an example tells it: observed on its day. */
const toldOn = (observed_on: string, value: Json): Cell => ({ state: 'known', value, facts: [], observed_on })

/** What is told where an example tells nothing: one value for each predicate that has none. */
function withFirstValues(pack: Pack, rule: Rule, base: Example): Facts[] {
  return rule.reads.flatMap((name): Facts[] => {
    const { type } = pack.vocabulary.get(name)!
    const value = base.facts[name]?.state === 'known' ? undefined : firstValue(type, base.as_of)
    return value === undefined ? [] : [{ ...base.facts, [name]: toldOn(base.as_of, value) }]
  })
}

function firstValue(type: RuleType, day: string): Json | undefined {
  switch (type.kind) {
    case 'boolean':
      return true
    case 'code':
      return type.values[0]
    case 'date':
      return day
    case 'integer':
    case 'money':
      return type.min ?? 0
    default:
      return undefined
  }
}

/** The same facts on every day on which something turns, and on the days beside it. */
function besideDays(rule: Rule, base: Example): Sample[] {
  const start = dayAfter(base.as_of, `-P${back_years}Y`)
  const horizon = dayAfter(base.as_of, `P${ahead_years}Y`)
  const at = { ...dayOf(base), asOf: start }
  return timeline(rule, base.facts, at, horizon).flatMap(({ from }) =>
    ['-P1D', 'P0D', 'P1D'].map((by) => ({ ...base, as_of: dayAfter(from, by) })),
  )
}

/**
 * A sample whose item does not exist would only show how the evaluator refuses it; on a day outside the law nothing is
 * said, and parameters may have no value.
 */
function canRun(rule: Rule, sample: Sample): boolean {
  const { from, to } = rule.source.effective
  if (sample.as_of < from || (to !== null && sample.as_of >= to)) return false
  try {
    evaluateOn(rule, sample.facts, dayOf(sample))
    return true
  } catch {
    return false
  }
}

type Mixing = {
  readonly random: () => number
  /** Values met so far, by place. */
  readonly values: ReadonlyMap<string, readonly Json[]>
  readonly of: Facts
  readonly day: string
}

/** An example's facts with some of them replaced: by values that other examples or turns have, or by none at all. */
function mixed(pack: Pack, rule: Rule, mixing: Mixing): Facts {
  const { random, of } = mixing
  const facts: Record<string, Cell> = { ...of }
  for (const name of rule.reads) {
    if (random() < 0.5) continue
    const { type } = pack.vocabulary.get(name)!
    facts[name] =
      type.kind === 'list' ? mixedList(pack, name, type, mixing) : mixedOne(pack, name, type, mixing)
  }
  return facts
}

function mixedOne(pack: Pack, name: string, type: RuleType, mixing: Mixing): Cell {
  const { random } = mixing
  const turn = random()
  if (turn < 0.15) return { state: 'absent', facts: [] }
  if (turn < 0.3 && mayBeUnknown(pack, name))
    return { state: 'unknown', reason: 'never-collected', facts: [] }
  const value = valueFor(type, mixing.values.get(name) ?? [], mixing)
  return value === undefined ? { state: 'absent', facts: [] } : toldOn(mixing.day, value)
}

const items_max = 4

function mixedList(
  pack: Pack,
  name: string,
  type: Extract<RuleType, { kind: 'list' }>,
  mixing: Mixing,
): Cell {
  const { random, of } = mixing
  const before = of[name]
  const own = before?.state === 'list' ? before.items : []
  const fresh = (i: number): ListItem => ({
    item: `${i + 1}`,
    facts: [],
    observed_on: mixing.day,
    value: Object.fromEntries(
      Object.entries(type.fields).flatMap(([field, of_type]): [string, Json][] => {
        if (random() < 0.15 && mayBeLeftOut(pack, name, field)) return []
        const value = valueFor(of_type, mixing.values.get(`${name}.${field}`) ?? [], mixing)
        return value === undefined ? [] : [[field, value]]
      }),
    ),
  })
  const count = Math.floor(random() * (items_max + 1))
  const items = Array.from({ length: count }, (_, i) => (random() < 0.4 && own[i] ? own[i] : fresh(i)))
  return { state: 'list', items, complete: !(mayBeUnknown(pack, name) && random() < 0.3) }
}

/** A value met before, or any the type has; undefined where the type says nothing of its values. */
function valueFor(type: RuleType, known: readonly Json[], { random, day }: Mixing): Json | undefined {
  if (type.kind === 'boolean') return random() < 0.5
  if (type.kind === 'code') return pick(random, type.values)
  if (known.length === 0) return firstValue(type, day)
  return pick(random, known)
}

const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)]!

/** A small generator (mulberry32) whose seed is the rule's name. */
function seeded(name: string): () => number {
  let state = [...name].reduce(
    (hash, letter) => Math.imul(hash ^ letter.codePointAt(0)!, 16777619),
    2166136261,
  )
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
