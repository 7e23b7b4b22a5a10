/** The files of a pack by kind, each entry with its place; broken files leave their names, so that nothing is reported twice. */
import type { z } from 'zod'
import { type Entry, foundText, type Mistakes } from '../mistakes.ts'
import type { LocaleCode } from '../packs.ts'
import { readShape, valueAt } from '../reading/shape.ts'
import type { Path, Sheet } from '../reading/sheet.ts'
import {
  agenciesShape,
  calendarShape,
  packShape,
  purposesShape,
  vocabularyShape,
  wordsShape,
} from '../shapes/base.ts'
import { LOCALES } from '../shapes/common.ts'
import { eventShape, extractShape } from '../shapes/event.ts'
import { clausesShape, routeShape } from '../shapes/route.ts'
import { ruleShape } from '../shapes/rule.ts'
import { tablesShape } from '../shapes/table.ts'

export type PackYaml = z.infer<typeof packShape>
export type PredicateYaml = z.infer<typeof vocabularyShape>['predicates'][string]
export type AgencyYaml = z.infer<typeof agenciesShape>['agencies'][string]
export type PurposeYaml = z.infer<typeof purposesShape>['purposes'][string]
export type CalendarYaml = z.infer<typeof calendarShape>
export type EventYaml = z.infer<typeof eventShape>
export type ExtractYaml = z.infer<typeof extractShape>
export type RouteYaml = z.infer<typeof routeShape>
export type ClauseYaml = z.infer<typeof clausesShape>['clauses'][number]
export type RuleYaml = z.infer<typeof ruleShape>
export type TableYaml = z.infer<typeof tablesShape>['tables'][string]

/** Entries by name. `names` also holds those whose file has mistakes: they exist, only their content is unknown. */
export type Shelf<T> = {
  readonly entries: Map<string, Entry<T>>
  readonly names: Set<string>
  is_whole: boolean
}

export type Draft = {
  readonly pack: Entry<PackYaml> | undefined
  readonly calendar: Entry<CalendarYaml> | undefined
  readonly predicates: Shelf<PredicateYaml>
  readonly agencies: Shelf<AgencyYaml>
  readonly purposes: Shelf<PurposeYaml>
  readonly events: Shelf<EventYaml>
  readonly rules: Shelf<RuleYaml>
  /** By `<file>#<name>`, as rules refer to them. */
  readonly tables: Shelf<TableYaml>
  readonly routes: Shelf<RouteYaml>
  readonly clauses: Shelf<ClauseYaml>
  readonly extracts: Shelf<ExtractYaml>
  readonly words: ReadonlyMap<string, Entry<Readonly<Record<string, string>>>>
  /** Languages that have a file at all, broken or not. */
  readonly word_files: ReadonlySet<string>
}

const shelf = <T>(): Shelf<T> => ({ entries: new Map(), names: new Set(), is_whole: true })

/** Reads every sheet by the schema of its place. Sheets whose YAML is broken have no value: they only leave gaps. */
export function draftOf(sheets: readonly Sheet[], mistakes: Mistakes): Draft {
  const byFile = new Map(sheets.map((sheet) => [sheet.file, sheet]))
  const read = <T>(sheet: Sheet | undefined, shape: z.ZodType<T>): Entry<T> | undefined => {
    if (sheet?.value === undefined) return undefined
    const { value, mistakes: found } = readShape(sheet, shape)
    for (const mistake of found) mistakes.add(mistake)
    return value === undefined ? undefined : { value, sheet, path: [] }
  }

  const table = <T>(
    file: string,
    key: string,
    shape: z.ZodType<Record<string, Record<string, T>>>,
  ): Shelf<T> => {
    const made = shelf<T>()
    const sheet = byFile.get(file)
    const entry = read(sheet, shape)
    made.is_whole = entry !== undefined
    for (const name of keysOf(valueAt(sheet?.value, [key]))) made.names.add(name)
    for (const [name, value] of Object.entries(entry?.value[key] ?? {})) {
      made.entries.set(name, { value, sheet: sheet!, path: [key, name] })
    }
    return made
  }

  /** One thing a file. */
  const files = <T extends object>(folder: string, key: string & keyof T, shape: z.ZodType<T>): Shelf<T> => {
    const made = shelf<T>()
    for (const sheet of sheets) {
      if (!sheet.file.startsWith(`${folder}/`)) continue
      const entry = read(sheet, shape)
      const name = valueAt(sheet.value, [key])
      if (!entry) made.is_whole = false
      if (typeof name === 'string') place(made, { name, entry, key: [key], sheet }, mistakes)
    }
    return made
  }

  const clauses = shelf<ClauseYaml>()
  for (const sheet of sheets.filter((s) => s.file.startsWith('clauses/'))) {
    const entry = read(sheet, clausesShape)
    if (!entry) clauses.is_whole = false
    const raw = valueAt(sheet.value, ['clauses'])
    for (const [i] of (Array.isArray(raw) ? raw : []).entries()) {
      const path: Path = ['clauses', i]
      const name = valueAt(sheet.value, [...path, 'id'])
      const value = entry?.value.clauses[i]
      const one = value && { value, sheet, path }
      if (typeof name === 'string')
        place(clauses, { name, entry: one, key: [...path, 'id'], sheet }, mistakes)
    }
  }

  const tables = shelf<TableYaml>()
  for (const sheet of sheets.filter((s) => s.file.startsWith('tables/'))) {
    const entry = read(sheet, tablesShape)
    if (!entry) tables.is_whole = false
    for (const name of keysOf(valueAt(sheet.value, ['tables']))) {
      const value = entry?.value.tables[name]
      const full = `${sheet.file.slice('tables/'.length)}#${name}`
      tables.names.add(full)
      if (value) tables.entries.set(full, { value, sheet, path: ['tables', name] })
    }
  }

  return {
    tables,
    pack: read(byFile.get('pack.yaml'), packShape),
    calendar: read(byFile.get('calendar.yaml'), calendarShape),
    predicates: table('vocabulary.yaml', 'predicates', vocabularyShape),
    agencies: table('agencies.yaml', 'agencies', agenciesShape),
    purposes: table('purposes.yaml', 'purposes', purposesShape),
    events: files('events', 'type', eventShape),
    rules: files('rules', 'id', ruleShape),
    routes: files('routes', 'id', routeShape),
    extracts: files('extracts', 'id', extractShape),
    clauses,
    words: readWords(sheets, read, mistakes),
    word_files: new Set(
      sheets.flatMap(({ file }) =>
        file.startsWith('words/') ? [file.slice('words/'.length, -'.yaml'.length)] : [],
      ),
    ),
  }
}

type Placing<T> = {
  readonly name: string
  readonly entry: Entry<T> | undefined
  readonly key: Path
  readonly sheet: Sheet
}

function place<T>(on: Shelf<T>, { name, entry, key, sheet }: Placing<T>, mistakes: Mistakes): void {
  if (on.names.has(name)) {
    mistakes.at({ value: name, sheet, path: key }, [], {
      message: 'is taken: another entry has this name',
      found: foundText(name),
    })
    return
  }
  on.names.add(name)
  if (entry) on.entries.set(name, entry)
}

function readWords(
  sheets: readonly Sheet[],
  read: (sheet: Sheet, shape: z.ZodType<Record<string, string>>) => Entry<Record<string, string>> | undefined,
  mistakes: Mistakes,
): Map<string, Entry<Readonly<Record<string, string>>>> {
  const words = new Map<string, Entry<Readonly<Record<string, string>>>>()
  for (const sheet of sheets) {
    if (!sheet.file.startsWith('words/')) continue
    const locale = sheet.file.slice('words/'.length, -'.yaml'.length)
    if (!isLocale(locale)) {
      const told = {
        message: 'is named after no language that is known',
        expected: LOCALES.join(', '),
        found: foundText(locale),
      }
      mistakes.at({ value: null, sheet, path: [] }, [], told)
      continue
    }
    const entry = read(sheet, wordsShape)
    if (entry) words.set(locale, entry)
  }
  return words
}

const isLocale = (text: string): text is LocaleCode => (LOCALES as readonly string[]).includes(text)

const keysOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
