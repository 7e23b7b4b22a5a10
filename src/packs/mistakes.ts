import type { PackMistake } from './packs.ts'
import type { Path, Sheet } from './reading/sheet.ts'
import { fieldText, placeOf } from './reading/sheet.ts'

/** More mistakes than this help nobody: the first ones usually cause the rest. */
export const MISTAKES_MAX = 500
const FOUND_CHARS_MAX = 60

export type Told = {
  readonly message: string
  readonly expected?: string | undefined
  /** What stood there, already shortened by `foundText`. */
  readonly found?: string | undefined
}

/** Where a thing of the pack is written, so that a mistake found much later still names file, line and field. */
export type Entry<T> = { readonly value: T; readonly sheet: Sheet; readonly path: Path }

/** Gathers mistakes; each check is handed the same one, so that all of them come back together. */
export type Mistakes = {
  readonly list: PackMistake[]
  /** A mistake about an entry, or about a part of it; `on: 'key'` points at the name instead of the value. */
  at(entry: Entry<unknown>, part: Path, told: Told, on?: 'key' | 'value'): void
  add(mistake: PackMistake): void
}

export function gatherMistakes(): Mistakes {
  const list: PackMistake[] = []
  const add = (mistake: PackMistake) => {
    if (list.length < MISTAKES_MAX) list.push(mistake)
  }
  return {
    list,
    add,
    at: (entry, part, told, on = 'value') => {
      const path = [...entry.path, ...part]
      add(mistakeAt(entry.sheet, path, placeOf(entry.sheet, path, on), told))
    },
  }
}

export function mistakeAt(
  sheet: Sheet,
  path: Path,
  place: { readonly line: number; readonly column: number },
  { message, expected, found }: Told,
): PackMistake {
  return {
    file: sheet.file,
    ...place,
    field: fieldText(path),
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
  }
}

/** What stood there, in few words. Packs hold no personal data, so values may be shown; control characters are escaped. */
export function foundText(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'an empty value'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a mapping'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > FOUND_CHARS_MAX ? `${text.slice(0, FOUND_CHARS_MAX).toWellFormed()}…` : text
}

/** In the order a person reads: by file, then line. */
export const inReadingOrder = (mistakes: readonly PackMistake[]): PackMistake[] =>
  [...mistakes].sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * The mistakes as lines of text for a terminal: `file:line:column field: message (expected …, found …)`, so that
 * editors make them clickable.
 */
export function describeMistakes(mistakes: readonly PackMistake[]): string[] {
  const lines = mistakes.map(({ file, line, column, field, message, expected, found }) => {
    const more = [
      ...(expected === undefined ? [] : [`expected ${expected}`]),
      ...(found === undefined ? [] : [`found ${found}`]),
    ]
    const where = field === '' ? '' : ` ${field}:`
    return `${file}:${line}:${column}${where} ${message}${more.length > 0 ? ` (${more.join(', ')})` : ''}`
  })
  if (mistakes.length >= MISTAKES_MAX) lines.push(`… only the first ${MISTAKES_MAX} mistakes are listed`)
  return lines
}
