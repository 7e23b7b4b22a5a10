/** What a schema says of a file, told by file, line and field. */
import type { z } from 'zod'
import { foundText, mistakeAt, type Told } from '../mistakes.ts'
import type { PackMistake } from '../packs.ts'
import { type Path, placeOf, type Sheet } from './sheet.ts'

type Issue = z.core.$ZodIssue

/** The value in its declared form, or every mistake against the schema. */
export function readShape<T>(
  sheet: Sheet,
  schema: z.ZodType<T>,
): { value: T | undefined; mistakes: PackMistake[] } {
  const parsed = schema.safeParse(sheet.value)
  if (parsed.success) return { value: parsed.data, mistakes: [] }
  return { value: undefined, mistakes: parsed.error.issues.flatMap((issue) => tell(sheet, issue, [])) }
}

function tell(sheet: Sheet, issue: Issue, above: Path): PackMistake[] {
  const path = [...above, ...issue.path.filter((part) => typeof part !== 'symbol')]
  const value = valueAt(sheet.value, path)
  const found = foundText(value)
  const report = (on: 'key' | 'value', told: Told, where: Path = path) => [
    mistakeAt(sheet, where, placeOf(sheet, where, on), told),
  ]
  if (value === undefined && issue.code !== 'unrecognized_keys' && issue.code !== 'invalid_key') {
    return report('value', { message: 'is missing', expected: expectation(issue), found })
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.flatMap((key) =>
        report('key', { message: 'is not known here', found: foundText(key) }, [...path, key]),
      )
    case 'invalid_key':
      return report('key', {
        message: 'is no name that can stand here',
        expected: expectation(issue.issues[0]),
        found: foundText(path.at(-1)),
      })
    case 'invalid_union':
      return tellUnion(sheet, issue, path)
    case 'custom':
      return report('value', { message: issue.message, found })
    default:
      return report('value', { message: messageOf(issue), expected: expectation(issue), found })
  }
}

/** Of the forms a thing may have, speak of the one that was most likely meant: the one that got furthest. */
function tellUnion(
  sheet: Sheet,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
): PackMistake[] {
  const value = valueAt(sheet.value, path)
  const branches = issue.errors.filter((branch) => branch.length > 0)
  const reach = (branch: readonly Issue[]) => Math.max(...branch.map((i) => i.path.length))
  const furthest = [...branches].sort((a, b) => reach(b) - reach(a))[0]
  if (furthest && reach(furthest) > 0) return furthest.flatMap((inner) => tell(sheet, inner, path))
  const expected = [...new Set(branches.flat().map(expectation))]
    .filter((text) => text !== undefined)
    .join(' or ')
  const options =
    'options' in issue && Array.isArray(issue.options) ? issue.options.map(String).join(', ') : expected
  return [
    mistakeAt(sheet, path, placeOf(sheet, path), {
      message: 'cannot stand here',
      expected: options || undefined,
      found: foundText(value),
    }),
  ]
}

function messageOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return 'has the wrong type'
    case 'too_small':
      return 'is too small or too short'
    case 'too_big':
      return 'is too big or too long'
    case 'invalid_format':
      return 'has the wrong form'
    case 'invalid_value':
      return 'is not one of the values that can stand here'
    default:
      return issue.message
  }
}

const formats: Readonly<Record<string, string>> = {
  date: 'a date YYYY-MM-DD',
  url: 'a web address',
  regex: '',
}
const types: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
}

function expectation(issue: Issue | undefined): string | undefined {
  if (!issue) return undefined
  switch (issue.code) {
    case 'invalid_type':
      return types[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values.map(String).join(', ')
    case 'too_small':
      return `at least ${issue.minimum}${unit(issue.origin)}`
    case 'too_big':
      return `at most ${issue.maximum}${unit(issue.origin)}`
    case 'invalid_format':
      // Schemas of this folder say in words what a pattern means.
      return issue.message.startsWith('Invalid') ? formats[issue.format] || issue.message : issue.message
    case 'invalid_union':
      return (
        issue.errors
          .flat()
          .map(expectation)
          .filter((text) => text !== undefined)
          .join(' or ') || undefined
      )
    default:
      return undefined
  }
}

const unit = (origin: string): string =>
  origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : ''

/** What stands at a path of plain JSON, or undefined. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined
    here = (here as Record<string | number, unknown>)[part]
  }
  return here
}
