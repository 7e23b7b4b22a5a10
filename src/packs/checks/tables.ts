/** Decision tables of rules: rows found where they stand, here or in a file, and mistakes told where they were written. */
import type { ResultSource, RuleSource, RuleType } from '../../rules/rules.ts'
import { type Entry, foundText, type Mistakes } from '../mistakes.ts'
import type { Path } from '../reading/sheet.ts'
import { typeFrom } from '../shapes/common.ts'
import type { Draft, RuleYaml, TableYaml } from './draft.ts'
import { checkName, checkPublished } from './names.ts'

type ResultYaml = NonNullable<RuleYaml['result']>
type TableUse = Exclude<NonNullable<ResultYaml['amount']>, string>

/** Every table a rule uses, with the path it stands at. */
export function usesOf(rule: RuleYaml): { readonly path: Path; readonly table: TableUse }[] {
  const results: [Path, ResultYaml | undefined][] = [
    [['result'], rule.result],
    ...(rule.exceptions ?? []).map(({ result }, i): [Path, ResultYaml | undefined] => [
      ['exceptions', i, 'result'],
      result,
    ]),
  ]
  return results.flatMap(([path, result]) =>
    (['amount', 'due'] as const).flatMap((name) => {
      const given = result?.[name]
      return given === undefined || typeof given === 'string' ? [] : [{ path: [...path, name], table: given }]
    }),
  )
}

/** Each table has its rows in one place, and a file it names is there. */
export function checkTables(draft: Draft, mistakes: Mistakes, entry: Entry<RuleYaml>): void {
  for (const { path, table } of usesOf(entry.value)) {
    if ((table.table === undefined) === (table.rows === undefined))
      mistakes.at(entry, path, {
        message: 'has its rows in one place: here under rows, or in a file under table',
        expected: 'rows, or table: file.yaml#name',
        found: table.table === undefined ? 'neither' : 'both',
      })
    if (table.table === undefined) continue
    checkName(mistakes, { entry, path: [...path, 'table'] }, draft.tables, table.table, 'a table')
    const file = draft.tables.entries.get(table.table)
    if (file && entry.value.status === 'published')
      checkPublished(mistakes, file, ['confidence'], file.value.confidence, draft)
    const columns = file?.value.inputs.length
    if (columns !== undefined && columns !== table.inputs.length)
      mistakes.at(entry, [...path, 'inputs'], {
        message: 'does not fit the table',
        expected: `${columns} inputs`,
        found: foundText(table.inputs.length),
      })
  }
}

/** What a table is to the language: rows and all; undefined when they are not to be had. */
function tableFrom(draft: Draft, { table, rows, ...use }: TableUse, digits: number): object | undefined {
  const file: TableYaml | undefined = table === undefined ? undefined : draft.tables.entries.get(table)?.value
  const found = rows ?? file?.rows
  const types: readonly RuleType[] | undefined = file?.inputs.map((type) => typeFrom(type, digits))
  return found && { ...use, ...(types && { types }), rows: found }
}

/** A result as the language takes it; a table without rows is left out, for its mistake has been told. */
export function resultFrom(draft: Draft, result: ResultYaml, digits: number): ResultSource {
  const entries = Object.entries(result).map(([name, given]) => [
    name,
    typeof given === 'object' ? tableFrom(draft, given, digits) : given,
  ])
  return Object.fromEntries(entries.filter(([, given]) => given !== undefined)) as ResultSource
}

/** The days on which no office works, as they are when the rule is published. */
export function calendarFrom(
  draft: Draft,
  { working_days, ...calendar }: RuleYaml['calendar'],
): RuleSource['calendar'] {
  const days = draft.calendar?.value
  const bare = calendar as RuleSource['calendar']
  if (working_days === undefined || !days) return bare
  const weekend = days.weekend.map((day) => weekdays.indexOf(day) + 1).sort()
  return { ...bare, working_days: { weekend, holidays: days.holidays.map(({ date }) => date).sort() } }
}

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']

/** Where a mistake of a table's row was written: in the rule, or in the file its rows stand in. */
export function rowsEntry(
  draft: Draft,
  entry: Entry<RuleYaml>,
  path: Path,
): { readonly entry: Entry<unknown>; readonly path: Path } {
  const use = usesOf(entry.value).find(
    (one) => one.path.every((part, at) => path[at] === part) && path[one.path.length] === 'rows',
  )
  const file = use?.table.table === undefined ? undefined : draft.tables.entries.get(use.table.table)
  return use && file ? { entry: file, path: path.slice(use.path.length) } : { entry, path }
}
