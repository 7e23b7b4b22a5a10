/** Worked examples: written as a lawyer reads them, run as tests. */
import type { Json } from '../platform/canonical.ts'
import type { DateText } from '../platform/clock.ts'
import {
  type Cell,
  type Determination,
  evaluate,
  type Facts,
  type ListItem,
  type Rule,
  type RuleType,
} from '../rules/rules.ts'
import type { Draft, RuleYaml } from './checks/draft.ts'
import type { Entry } from './mistakes.ts'
import type { Example, ExampleResult, Pack } from './packs.ts'
import { placeOf } from './reading/sheet.ts'
import { typeFrom } from './shapes/common.ts'

type Test = RuleYaml['tests'][number]
type Declared = { readonly type: RuleType; readonly world: 'closed' | 'open' }

/** The examples of a rule with facts as the evaluator takes them: money in minor units, every fact with its state. */
export function examplesOf(entry: Entry<RuleYaml>, draft: Draft, digits: number): Example[] {
  const declared = new Map(
    entry.value.facts.flatMap((name): [string, Declared][] => {
      const predicate = draft.predicates.entries.get(name)?.value
      return predicate ? [[name, { type: typeFrom(predicate.type, digits), world: predicate.world }]] : []
    }),
  )
  return entry.value.tests.map((test, i) => {
    const facts: Record<string, Cell> = {}
    for (const [name, of] of declared) facts[name] = cellOf(test, name, of, digits)
    const item = test.item ?? firstItem(facts, entry.value.per?.list)
    const { amount, ...expect } = test.expect
    return {
      name: test.name,
      file: entry.sheet.file,
      line: placeOf(entry.sheet, ['tests', i]).line,
      as_of: test.asOf,
      ...(item === undefined ? {} : { item }),
      facts,
      expect: {
        ...withoutUndefined(expect),
        ...(amount === undefined ? {} : { amount: amount === null ? null : minor(amount, digits) }),
      },
    } as Example
  })
}

const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T

function firstItem(facts: Facts, list: string | undefined): string | undefined {
  const cell = list === undefined ? undefined : facts[list]
  return cell?.state === 'list' ? cell.items[0]?.item : undefined
}

function cellOf(test: Test, name: string, { type, world }: Declared, digits: number): Cell {
  const reason = test.unknown?.[name]
  if (reason) return { state: 'unknown', reason, facts: [] }
  const given = Object.hasOwn(test.facts, name) ? test.facts[name] : undefined
  const observed_on = test.observed?.[name] ?? test.asOf
  const id = `example:${name}`
  if (type.kind === 'list') {
    if (given === 'absent') return { state: 'absent', facts: [id] }
    const records = Array.isArray(given) ? given : []
    const complete = test.incomplete?.includes(name) ? false : given !== undefined || world === 'closed'
    return {
      state: 'list',
      complete,
      items: records.map((record, i) => itemOf(record, i, { name, type, observed_on, digits })),
    }
  }
  if (given === undefined) {
    return world === 'closed'
      ? { state: 'absent', facts: [] }
      : { state: 'unknown', reason: 'never-collected', facts: [] }
  }
  if (given === 'absent') return { state: 'absent', facts: [id] }
  return { state: 'known', value: inMinorUnits(given as Json, type, digits), facts: [id], observed_on }
}

type Listed = {
  readonly name: string
  readonly type: Extract<RuleType, { kind: 'list' }>
  readonly observed_on: string
  readonly digits: number
}

function itemOf(
  record: Readonly<Record<string, Json>>,
  i: number,
  { name, type, observed_on, digits }: Listed,
): ListItem {
  const { item, ...fields } = record
  const value = Object.entries(fields).map(([field, inner]) => {
    const of = Object.hasOwn(type.fields, field) ? type.fields[field] : undefined
    return [field, inner === 'absent' ? null : of ? inMinorUnits(inner, of, digits) : inner]
  })
  const key = item === undefined ? `${i + 1}` : String(item)
  return { item: key, value: Object.fromEntries(value), facts: [`example:${name}:${key}`], observed_on }
}

const inMinorUnits = (value: Json, type: RuleType, digits: number): Json =>
  type.kind === 'money' && (typeof value === 'number' || typeof value === 'string')
    ? minor(value, digits)
    : value

/** Major units as YAML writes them to whole minor units; NaN, which no fact fits, when there are more digits. */
export function minor(amount: number | string, digits: number): number {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d*?)0*)?$/.exec(String(amount)) ?? []
  if (whole === undefined || fraction.length > digits) return Number.NaN
  const value = Number(whole + fraction.padEnd(digits, '0'))
  return Number.isSafeInteger(value) ? (sign === '-' ? -value : value) : Number.NaN
}

/** See `testPack` of the face. */
export function runExamples(pack: Pack): ExampleResult[] {
  return [...pack.examples].flatMap(([id, examples]) =>
    examples.map((example) => {
      const differences = differencesOf(pack.rules.get(id)!, example)
      const { name, file, line } = example
      return { rule: id, name, file, line, passed: differences.length === 0, differences }
    }),
  )
}

/** What an example expects and a rule does not say, in words; empty when it holds. */
export const differencesOf = (rule: Rule, example: Example): string[] =>
  compare(example, outcomeOf(rule, example))

/** The day an example is about, and its item, as the evaluator takes them. */
export const dayOf = (
  example: Pick<Example, 'as_of' | 'item'>,
): { readonly asOf: DateText; readonly item?: string } => ({
  asOf: example.as_of,
  ...(example.item === undefined ? {} : { item: example.item }),
})

function outcomeOf(rule: Rule, example: Example): Determination | string {
  try {
    return evaluate(rule, example.facts, dayOf(example))
  } catch (error) {
    // An example may name an item or a day that is none: that is its author's mistake, not the program's.
    return error instanceof Error ? error.message : String(error)
  }
}

function compare({ expect }: Example, got: Determination | string): string[] {
  if (typeof got === 'string') return [got]
  const differences: string[] = []
  for (const key of ['outcome', 'until', 'ask', 'amount', 'due'] as const) {
    const expected = expect[key]
    if (expected === undefined) continue
    const [a, b] = [JSON.stringify(sorted(expected)), JSON.stringify(sorted(got[key]))]
    if (a !== b)
      differences.push(`${key}: expected ${a}, got ${b}${key === 'amount' ? ' (minor units)' : ''}`)
  }
  return differences
}

const sorted = (value: unknown): unknown => (Array.isArray(value) ? [...value].sort() : value)
