/** Rules: compiled by the language, every mistake brought back to its line; what is published; the examples' form. */
import {
  compileRule,
  type Rule,
  type RuleError,
  type RuleSource,
  type RuleVocabulary,
} from '../../rules/rules.ts'
import type { Entry, Mistakes } from '../mistakes.ts'
import { foundText, mistakeAt } from '../mistakes.ts'
import { type Path, placeInText, placeOf, type Sheet } from '../reading/sheet.ts'
import { typeFrom } from '../shapes/common.ts'
import type { Draft, RuleYaml } from './draft.ts'
import { checkExamples } from './examples.ts'
import { checkName, checkPublished } from './names.ts'
import { calendarFrom, checkTables, resultFrom, rowsEntry } from './tables.ts'

/** What the language needs to know of the vocabulary. */
export function ruleVocabulary(draft: Draft, digits: number): RuleVocabulary {
  return Object.fromEntries(
    [...draft.predicates.entries].map(([name, { value }]) => [
      name,
      {
        type: typeFrom(value.type, digits),
        world: value.world,
        ...(value.max_age === undefined ? {} : { max_age: value.max_age }),
        fix: value.fix,
        source: value.source,
      },
    ]),
  )
}

/** Checks every rule; compiled ones by id. */
export function checkRules(
  draft: Draft,
  mistakes: Mistakes,
  compile: typeof compileRule = compileRule,
): Map<string, Rule> {
  const compiled = new Map<string, Rule>()
  const digits = draft.pack?.value.currency.digits
  const vocabulary =
    draft.predicates.is_whole && digits !== undefined ? ruleVocabulary(draft, digits) : undefined
  for (const [id, entry] of draft.rules.entries) {
    checkStanding(draft, mistakes, entry)
    checkParams(mistakes, entry)
    for (const [i, predicate] of entry.value.facts.entries()) {
      checkName(mistakes, { entry, path: ['facts', i] }, draft.predicates, predicate, 'a predicate')
    }
    checkAdvice(draft, mistakes, entry)
    checkExamples(draft, mistakes, entry)
    checkTables(draft, mistakes, entry)
    if (!vocabulary || digits === undefined) continue
    const result = compile(sourceFrom(draft, entry.value, digits), vocabulary, {
      money_digits: digits,
    })
    if (result.ok) compiled.set(id, result.rule)
    else for (const error of result.errors) tellRuleError(draft, mistakes, entry, error)
  }
  checkProcessing(draft, mistakes)
  return compiled
}

/** The engine's own reading needs a purpose as well: it names every predicate that a rule reads or that silences. */
function checkProcessing(draft: Draft, mistakes: Mistakes): void {
  const purpose = draft.purposes.entries.get(`${draft.pack?.value.id}.purpose.engine`)
  if (!purpose) return
  const read = new Map([...draft.rules.entries].flatMap(([id, { value }]) => value.facts.map((f) => [f, id])))
  for (const [name, { value }] of draft.predicates.entries)
    if (value.silences) read.set(name, 'what silences')
  for (const [name, by] of read) {
    if (purpose.value.predicates.includes(name) || !draft.predicates.names.has(name)) continue
    mistakes.at(purpose, ['predicates'], {
      message: `leaves out ${name}, which ${by} reads`,
      expected: 'every predicate that a rule reads',
    })
  }
}

/** The rule as the language takes it: without examples and notes for authors, types in their full form. */
function sourceFrom(
  draft: Draft,
  { tests: _tests, note: _note, params, result, exceptions, calendar, ...rule }: RuleYaml,
  digits: number,
): RuleSource {
  const withoutNotes = Object.entries(params).map(([name, { type, values, ...param }]) => [
    name,
    { ...param, type: typeFrom(type, digits), values: values.map(({ note: _, ...version }) => version) },
  ])
  const others = exceptions?.map(({ result: own, ...exception }) => ({
    ...exception,
    ...(own && { result: resultFrom(draft, own, digits) }),
  }))
  return {
    ...rule,
    calendar: calendarFrom(draft, calendar),
    params: Object.fromEntries(withoutNotes),
    ...(others && { exceptions: others }),
    ...(result && { result: resultFrom(draft, result, digits) }),
  } as RuleSource
}

function checkStanding(draft: Draft, mistakes: Mistakes, entry: Entry<RuleYaml>): void {
  const { value } = entry
  if (draft.pack && value.calendar.zone !== draft.pack.value.zone) {
    mistakes.at(entry, ['calendar', 'zone'], {
      message: 'differs from the zone of the pack',
      expected: draft.pack.value.zone,
      found: foundText(value.calendar.zone),
    })
  }
  if (value.kind === 'obligation' || value.kind === 'entitlement' || value.kind === 'route') {
    if (value.result?.amount !== undefined && value.kind === 'route') {
      mistakes.at(entry, ['result', 'amount'], {
        message: 'a route gives nothing by itself: amounts belong to the rules of its steps',
      })
    }
  }
  checkSources(mistakes, entry)
  if (value.status !== 'published') return
  checkPublished(mistakes, entry, ['confidence'], value.confidence, draft)
  for (const [i, { confidence }] of value.legal.entries()) {
    checkPublished(mistakes, entry, ['legal', i, 'confidence'], confidence, draft)
  }
  for (const [i, { legal }] of (value.exceptions ?? []).entries()) {
    checkPublished(mistakes, entry, ['exceptions', i, 'legal', 'confidence'], legal.confidence, draft)
  }
  for (const [name, { values }] of Object.entries(value.params)) {
    for (const [i, version] of values.entries()) {
      const at: Path = ['params', name, 'values', i]
      if (version.status === 'published') {
        checkPublished(mistakes, entry, [...at, 'confidence'], version.confidence, draft)
        if (!version.legal)
          mistakes.at(entry, at, {
            message: 'has no legal, and what is published needs its source',
            expected: 'legal: { act, … }',
          })
        else checkPublished(mistakes, entry, [...at, 'legal', 'confidence'], version.legal.confidence, draft)
      } else if (i === 0) {
        // The first version is in force from the rule's first day; a later one may still be only announced.
        mistakes.at(entry, [...at, 'status'], {
          message: 'is not published, but the rule that reads it is',
          expected: 'published',
          found: foundText(version.status),
        })
      }
    }
  }
}

/** What is never advised must be read, or the author meant another; what nobody may advise must be listed. */
function checkAdvice(draft: Draft, mistakes: Mistakes, entry: Entry<RuleYaml>): void {
  const { facts, advice } = entry.value
  const never = advice?.no_suggest ?? []
  for (const [i, predicate] of never.entries()) {
    const path: Path = ['advice', 'no_suggest', i]
    checkName(mistakes, { entry, path }, draft.predicates, predicate, 'a predicate')
    if (draft.predicates.names.has(predicate) && !facts.includes(predicate))
      mistakes.at(entry, path, {
        message: 'is never suggested by a rule that does not read it',
        expected: facts.join(', ') || 'a rule that reads something',
        found: foundText(predicate),
      })
  }
  for (const [i, predicate] of facts.entries()) {
    if (draft.predicates.entries.get(predicate)?.value.suggest !== false || never.includes(predicate))
      continue
    mistakes.at(entry, ['facts', i], {
      message: 'may never be advised to change, so advice.no_suggest must name it where people see it',
      expected: `advice: { no_suggest: [${[...never, predicate].join(', ')}] }`,
    })
  }
}

/** Every value says where it is from, or that it is only an illustration. */
function checkSources(mistakes: Mistakes, entry: Entry<RuleYaml>): void {
  for (const [name, { values }] of Object.entries(entry.value.params)) {
    for (const [i, { legal, note }] of values.entries()) {
      if (legal === undefined && note === undefined)
        mistakes.at(entry, ['params', name, 'values', i], {
          message: 'has neither a source nor a note that says what it is',
          expected: 'legal: { act, … }, or note',
        })
    }
  }
}

function checkParams(mistakes: Mistakes, entry: Entry<RuleYaml>): void {
  for (const [name, { values }] of Object.entries(entry.value.params)) {
    for (const [i, { from }] of values.entries()) {
      const before = values[i - 1]
      if (before && from <= before.from) {
        mistakes.at(entry, ['params', name, 'values', i, 'from'], {
          message: 'overlaps the version before: versions follow each other in time',
          expected: `a date after ${before.from}`,
          found: foundText(from),
        })
      }
    }
    const first = values[0]!
    if (first.from > entry.value.effective.from) {
      mistakes.at(entry, ['params', name, 'values', 0, 'from'], {
        message: 'begins after the rule does, which leaves days without a value',
        expected: `${entry.value.effective.from} or earlier`,
        found: foundText(first.from),
      })
    }
  }
}

function tellRuleError(draft: Draft, mistakes: Mistakes, entry: Entry<RuleYaml>, error: RuleError): void {
  const { sheet, path, line, column } = placeInRule(draft, entry, error)
  mistakes.add(mistakeAt(sheet, path, { line, column }, error))
}

/**
 * Where a part of a rule is written, named as mistakes name it (`RuleError.where`), and a place in its text: in the
 * rule's file, or in the table's that its rows stand in. Lines and columns count from 1.
 */
export function placeInRule(
  draft: Draft,
  entry: Entry<RuleYaml>,
  at: { readonly where: string; readonly from: number },
): { readonly sheet: Sheet; readonly path: Path; readonly line: number; readonly column: number } {
  const written = rowsEntry(draft, entry, pathOf(entry.value, at.where))
  const { sheet } = written.entry
  const path = [...written.entry.path, ...written.path]
  const text = written.path.reduce<unknown>(
    (here, part) => (here as Record<string | number, unknown> | undefined)?.[part],
    written.entry.value,
  )
  const place = typeof text === 'string' ? placeInText(sheet, path, at.from) : placeOf(sheet, path, 'key')
  return { sheet, path, ...place }
}

/** `exceptions.<id>.when`, `params.<name>`, `result.amount.rows.1.when.0` to paths of the file. */
function pathOf({ exceptions }: RuleYaml, where: string): Path {
  const parts = (text: string): Path =>
    text.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  if (!where.startsWith('exceptions.')) return parts(where)
  const rest = where.slice('exceptions.'.length)
  const all = exceptions ?? []
  const exact = all.findIndex(({ id }) => id === rest)
  if (exact >= 0) return ['exceptions', exact, 'id']
  // Ids may hold dots: the longest that fits is meant.
  const ids = all.map(({ id }) => id).filter((id) => rest.startsWith(`${id}.`))
  const id = ids.sort((a, b) => b.length - a.length)[0]
  if (id === undefined) return ['exceptions']
  return ['exceptions', all.findIndex((one) => one.id === id), ...parts(rest.slice(id.length + 1))]
}
