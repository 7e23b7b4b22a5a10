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
import { type Path, placeInText, placeOf } from '../reading/sheet.ts'
import { typeFrom } from '../shapes/common.ts'
import type { Draft, RuleYaml } from './draft.ts'
import { checkExamples } from './examples.ts'
import { checkName, checkPublished } from './names.ts'

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
export function checkRules(draft: Draft, mistakes: Mistakes): Map<string, Rule> {
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
    if (!vocabulary || digits === undefined) continue
    const result = compileRule(sourceFrom(entry.value, digits), vocabulary, { money_digits: digits })
    if (result.ok) compiled.set(id, result.rule)
    else for (const error of result.errors) tellRuleError(mistakes, entry, error)
  }
  return compiled
}

/** The rule as the language takes it: without examples and notes for authors, types in their full form. */
export function sourceFrom(
  { tests: _tests, note: _note, params, ...rule }: RuleYaml,
  digits: number,
): RuleSource {
  const withoutNotes = Object.entries(params).map(([name, { type, values, ...param }]) => [
    name,
    { ...param, type: typeFrom(type, digits), values: values.map(({ note: _, ...version }) => version) },
  ])
  return { ...rule, params: Object.fromEntries(withoutNotes) } as RuleSource
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

function tellRuleError(mistakes: Mistakes, entry: Entry<RuleYaml>, error: RuleError): void {
  const path = pathOf(entry.value, error.where)
  const text = path.reduce<unknown>(
    (here, part) => (here as Record<string | number, unknown> | undefined)?.[part],
    entry.value,
  )
  const place =
    typeof text === 'string' ? placeInText(entry.sheet, path, error.from) : placeOf(entry.sheet, path, 'key')
  mistakes.add(mistakeAt(entry.sheet, path, place, error))
}

/** `exceptions.<id>.when` and `params.<name>` to paths of the file. */
function pathOf({ exceptions }: RuleYaml, where: string): Path {
  if (!where.startsWith('exceptions.')) return where.split('.')
  const rest = where.slice('exceptions.'.length)
  const is_when = rest.endsWith('.when')
  const id = is_when ? rest.slice(0, -'.when'.length) : rest
  const i = (exceptions ?? []).findIndex((exception) => exception.id === id)
  return i < 0 ? ['exceptions'] : ['exceptions', i, ...(is_when ? ['when'] : ['id'])]
}
