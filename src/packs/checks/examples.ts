/** The form of worked examples: facts the rule reads, values of their types, money with the digits the currency has. */
import { minor } from '../examples.ts'
import type { Entry, Mistakes } from '../mistakes.ts'
import { foundText } from '../mistakes.ts'
import type { Path } from '../reading/sheet.ts'
import type { Draft, PredicateYaml, RuleYaml } from './draft.ts'

type Test = RuleYaml['tests'][number]
type TypeYaml = PredicateYaml['type']
type Check = { readonly draft: Draft; readonly mistakes: Mistakes; readonly entry: Entry<RuleYaml> }

export function checkExamples(draft: Draft, mistakes: Mistakes, entry: Entry<RuleYaml>): void {
  const check = { draft, mistakes, entry }
  const { tests, per } = entry.value
  const outcomes = new Set(tests.map((test) => test.expect.outcome))
  for (const needed of ['applies', 'does_not_apply'] as const) {
    if (outcomes.has(needed)) continue
    const who = needed === 'applies' ? 'gets it' : 'does not get it'
    mistakes.at(
      entry,
      ['tests'],
      { message: `have no example of one who ${who}`, expected: `one with outcome: ${needed}` },
      'key',
    )
  }
  const names = new Set<string>()
  for (const [i, test] of tests.entries()) {
    const at: Path = ['tests', i]
    if (names.has(test.name)) {
      mistakes.at(entry, [...at, 'name'], {
        message: 'is the name of another example',
        found: foundText(test.name),
      })
    }
    names.add(test.name)
    checkNamesOf(check, test, at)
    for (const [name, value] of Object.entries(test.facts)) {
      const type = draft.predicates.entries.get(name)?.value.type
      if (type !== undefined) checkValue(check, value, type, [...at, 'facts', name])
    }
    checkItem(check, test, at, per?.list)
    const { amount } = test.expect
    if (amount !== undefined && amount !== null) checkMoney(check, amount, [...at, 'expect', 'amount'])
  }
}

function checkNamesOf({ draft, mistakes, entry }: Check, test: Test, at: Path): void {
  const { facts } = entry.value
  const named: [string, Path][] = [
    ...Object.keys(test.facts).map((name): [string, Path] => [name, ['facts', name]]),
    ...Object.keys(test.observed ?? {}).map((name): [string, Path] => [name, ['observed', name]]),
    ...Object.keys(test.unknown ?? {}).map((name): [string, Path] => [name, ['unknown', name]]),
    ...(test.incomplete ?? []).map((name, n): [string, Path] => [name, ['incomplete', n]]),
    ...(test.expect.ask ?? []).map((name, n): [string, Path] => [name, ['expect', 'ask', n]]),
  ]
  for (const [name, path] of named) {
    if (!draft.predicates.is_whole || facts.includes(name)) continue
    const told = {
      message: 'is not a fact this rule reads',
      expected: facts.join(', '),
      found: foundText(name),
    }
    mistakes.at(entry, [...at, ...path], told, 'key')
  }
}

function checkItem({ mistakes, entry }: Check, test: Test, at: Path, list: string | undefined): void {
  if (list === undefined) {
    if (test.item !== undefined)
      mistakes.at(entry, [...at, 'item'], { message: 'is for rules with per only' })
    return
  }
  const records = Object.hasOwn(test.facts, list) ? test.facts[list] : undefined
  const items = Array.isArray(records) ? records.map((record, i) => String(record.item ?? i + 1)) : []
  if (items.length === 0) {
    mistakes.at(
      entry,
      [...at, 'facts'],
      { message: `has no item of ${list}, and the rule speaks of one`, expected: `${list}: a list` },
      'key',
    )
  } else if (test.item !== undefined && !items.includes(test.item)) {
    mistakes.at(entry, [...at, 'item'], {
      message: `names no item of ${list}`,
      expected: items.join(', '),
      found: foundText(test.item),
    })
  }
  for (const [i, item] of items.entries()) {
    if (items.indexOf(item) !== i)
      mistakes.at(entry, [...at, 'facts', list, i], {
        message: 'has the item of another record',
        found: foundText(item),
      })
  }
}

function checkValue(check: Check, value: unknown, type: TypeYaml, path: Path): void {
  const { mistakes, entry } = check
  if (value === 'absent') return
  if (typeof type === 'object' && type.kind === 'list') {
    checkRecords(check, value, type, path)
    return
  }
  const kind = typeof type === 'string' ? type : type.kind
  if (kind === 'money' && (typeof value === 'number' || typeof value === 'string')) {
    checkMoney(check, value, path)
  } else if (!fitsKind(value, type)) {
    const expected =
      typeof type === 'object' && type.kind === 'code' ? type.values.join(', ') : expectedOf[kind]
    mistakes.at(entry, path, {
      message: 'does not fit the type of the predicate',
      expected,
      found: foundText(value),
    })
  }
}

const expectedOf: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  decimal: 'a decimal number as text',
  money: 'an amount in major units',
  date: 'a date YYYY-MM-DD',
  string: 'a text',
}

function fitsKind(value: unknown, type: Exclude<TypeYaml, { kind: 'list' }>): boolean {
  switch (typeof type === 'string' ? type : type.kind) {
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
      return Number.isSafeInteger(value)
    case 'decimal':
      return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)
    case 'date':
      return typeof value === 'string' && isDate(value)
    case 'code':
      return (
        typeof value === 'string' && (type as { readonly values: readonly string[] }).values.includes(value)
      )
    case 'money':
      return false
    default:
      return typeof value === 'string'
  }
}

function checkRecords(
  check: Check,
  value: unknown,
  { fields }: Extract<TypeYaml, { kind: 'list' }>,
  path: Path,
): void {
  const { mistakes, entry } = check
  if (!Array.isArray(value)) {
    mistakes.at(entry, path, {
      message: 'does not fit the type of the predicate',
      expected: 'a list of records',
      found: foundText(value),
    })
    return
  }
  for (const [i, record] of (value as Record<string, unknown>[]).entries()) {
    for (const [field, inner] of Object.entries(record)) {
      if (field === 'item') continue
      const of = Object.hasOwn(fields, field) ? fields[field] : undefined
      if (of !== undefined) checkValue(check, inner, of, [...path, i, field])
      else
        mistakes.at(
          entry,
          [...path, i, field],
          {
            message: 'is no field of this predicate',
            expected: Object.keys(fields).join(', '),
            found: foundText(field),
          },
          'key',
        )
    }
  }
}

/** Money is written in major units, with no more digits than the currency has. */
function checkMoney({ draft, mistakes, entry }: Check, amount: number | string, path: Path): void {
  const digits = draft.pack?.value.currency.digits
  if (digits === undefined || !Number.isNaN(minor(amount, digits))) return
  mistakes.at(entry, path, {
    message: 'is no amount of the currency',
    expected: `a number with at most ${digits} digits after the point`,
    found: foundText(amount),
  })
}

/** Whether such a day exists: 2026-02-30 does not. */
function isDate(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`)
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}
