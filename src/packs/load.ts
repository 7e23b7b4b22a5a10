/** Folder to pack: read, check whole, and only then build. */
import { canonical, type Json, sha256 } from '../platform/canonical.ts'
import type { Rule, RuleVocabulary } from '../rules/rules.ts'
import { checkCouncil } from './checks/council.ts'
import { type Draft, draftOf, type Shelf } from './checks/draft.ts'
import { checkEvents } from './checks/events.ts'
import { checkBase, checkFiction } from './checks/names.ts'
import { checkRoutes } from './checks/routes.ts'
import { checkRules } from './checks/rules.ts'
import { weekdays } from './checks/tables.ts'
import { checkWords } from './checks/words.ts'
import { examplesOf } from './examples.ts'
import { gatherMistakes, inReadingOrder } from './mistakes.ts'
import type {
  Clause,
  EventType,
  HearingTerm,
  LocaleCode,
  Pack,
  PackReading,
  Predicate,
  Remedy,
  Route,
} from './packs.ts'
import { type PackFile, readFolder } from './reading/files.ts'
import { readSheet, type Sheet } from './reading/sheet.ts'
import { afresh, type Work } from './reading/work.ts'
import { typeFrom } from './shapes/common.ts'

/** See `loadPack` of the face. */
export function readPack(folder: string, texts?: ReadonlyMap<string, string>): PackReading {
  const reading = readWithPlaces(folder, texts)
  return reading.ok ? { ok: true, pack: reading.pack } : reading
}

/** A pack with the place of everything in it, or its mistakes. */
export type ReadingWithPlaces =
  | { readonly ok: true; readonly pack: Pack; readonly draft: Draft }
  | Extract<PackReading, { ok: false }>

/** The same, with the place of everything: for tools that point at lines. `work`: what was done before need not be done again. */
export function readWithPlaces(
  folder: string,
  texts: ReadonlyMap<string, string> = new Map(),
  work: Work = afresh,
): ReadingWithPlaces {
  const { files: inFolder, mistakes: ofFolder } = readFolder(folder)
  const files = withRules(inFolder, texts)
  const mistakes = gatherMistakes()
  for (const mistake of ofFolder) mistakes.add(mistake)
  const sheets: Sheet[] = []
  for (const { file, text } of files) {
    const { sheet, mistakes: found } = work.readSheet(file, text)
    for (const mistake of found) mistakes.add(mistake)
    // An empty file is a value too: the schema then says what is missing in it.
    sheets.push(found.length === 0 && sheet.value === undefined ? { ...sheet, value: null } : sheet)
  }
  const draft = draftOf(sheets, mistakes)
  checkBase(draft, mistakes)
  if (draft.pack) checkCouncil(draft, mistakes)
  checkEvents(draft, mistakes)
  const rules = checkRules(draft, mistakes, work.compileRule)
  checkRoutes(draft, mistakes)
  checkWords(draft, mistakes)
  checkFiction(mistakes, draft)
  if (mistakes.list.length > 0) return { ok: false, mistakes: inReadingOrder(mistakes.list) }
  const contents = Object.fromEntries(sheets.map(({ file, value }) => [file, value as Json]))
  return { ok: true, draft, pack: build(draft, rules, sha256(canonical(contents))) }
}

/** The files with other texts for these rules; a rule that has no file gets one. */
function withRules(files: readonly PackFile[], rules: ReadonlyMap<string, string>): readonly PackFile[] {
  if (rules.size === 0) return files
  const left = new Map(rules)
  const replaced = files.map((file): PackFile => {
    const id = file.file.startsWith('rules/') ? ruleIn(file.text) : undefined
    const text = id === undefined ? undefined : left.get(id)
    if (text === undefined) return file
    left.delete(id!)
    return { file: file.file, text }
  })
  return [...replaced, ...[...left].map(([id, text]) => ({ file: `rules/${id}.yaml`, text }))]
}

function ruleIn(text: string): string | undefined {
  const { value } = readSheet('', text).sheet
  const id = (value as { readonly id?: unknown } | null | undefined)?.id
  return typeof id === 'string' ? id : undefined
}

/** See `readRuleText` of the face. */
export function ruleTextIn(folder: string, id: string): string | null {
  const found = readFolder(folder).files.find(
    ({ file, text }) => file.startsWith('rules/') && ruleIn(text) === id,
  )
  return found?.text ?? null
}

/** See `languageVocabulary` of the face. */
export const vocabularyOf = (pack: Pack): RuleVocabulary =>
  Object.fromEntries(
    [...pack.vocabulary].map(([name, { type, world, max_age, fix, source }]) => [
      name,
      { type, world, ...(max_age === undefined ? {} : { max_age }), fix, source },
    ]),
  )

function build(draft: Draft, rules: ReadonlyMap<string, Rule>, hash: string): Pack {
  const { id, version, zone, currency, locales, imaginary, remedies, hearing, council } = draft.pack!.value
  return {
    id,
    version,
    hash,
    zone,
    currency,
    locales,
    imaginary: imaginary === true,
    remedies: (remedies ?? []) as readonly Remedy[],
    ...(council ? { council } : {}),
    ...(hearing ? { hearing: hearing as HearingTerm } : {}),
    vocabulary: mapOf(
      draft.predicates,
      (value, name) => ({ ...value, name, type: typeFrom(value.type, currency.digits) }) as Predicate,
    ),
    agencies: mapOf(draft.agencies, (value, code) => ({ code, ...value })),
    purposes: mapOf(draft.purposes, (value, code) => ({ code, ...value })) as Pack['purposes'],
    events: mapOf(draft.events, (value) => value as EventType),
    rules,
    routes: mapOf(
      draft.routes,
      (value) => ({ ...value, hash: sha256(canonical(value as unknown as Json)) }) as unknown as Route,
    ),
    clauses: mapOf(draft.clauses, (value) => value as Clause),
    extracts: mapOf(draft.extracts, (value) => value),
    holidays: new Set(draft.calendar!.value.holidays.map(({ date }) => date)),
    weekend: new Set(draft.calendar!.value.weekend.map((day) => weekdays.indexOf(day) + 1)),
    words: new Map(
      locales.map((locale): [LocaleCode, Map<string, string>] => [
        locale,
        new Map(Object.entries(draft.words.get(locale)!.value)),
      ]),
    ),
    examples: mapOf(draft.rules, (_, rule) =>
      examplesOf(draft.rules.entries.get(rule)!, draft, currency.digits),
    ),
  }
}

const mapOf = <T, U>(shelf: Shelf<T>, make: (value: T, name: string) => U): Map<string, U> =>
  new Map([...shelf.entries].map(([name, { value }]) => [name, make(value, name)]))
