/** One YAML file with the place of everything in it. */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml'
import type { PackMistake } from '../packs.ts'

export type Path = readonly (string | number)[]

export type Sheet = {
  /** Path inside the pack, with `/`. */
  readonly file: string
  readonly text: string
  readonly value: unknown
  readonly document: Document | undefined
  readonly lines: LineCounter
}

type Place = { readonly line: number; readonly column: number }

/** Names that mean something to JavaScript objects; no pack needs them. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])
// Control characters cannot be stored or shown; bidirectional overrides make a text read as what it is not.
const forbiddenCharacters = /[\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff]/u

/** Reads YAML 1.2 (core schema), without anchors, aliases, tags or several documents. Never throws. */
export function readSheet(file: string, text: string): { sheet: Sheet; mistakes: PackMistake[] } {
  const lines = new LineCounter()
  const empty: Sheet = { file, text, value: undefined, document: undefined, lines }
  const mistakes: PackMistake[] = []
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      stringKeys: true,
      version: '1.2',
      schema: 'core',
    })
    const sheet: Sheet = { ...empty, document: document as unknown as Document }
    for (const { pos, message } of [...document.errors, ...document.warnings]) {
      const place = at(lines, pos[0])
      mistakes.push({ file, ...place, field: '', message: `YAML: ${firstLine(message)}` })
    }
    if (mistakes.length > 0) return { sheet, mistakes }
    lookForTraps(sheet, mistakes)
    if (mistakes.length > 0) return { sheet, mistakes }
    return { sheet: { ...sheet, value: document.toJS({ maxAliasCount: 0 }) as unknown }, mistakes }
  } catch (error) {
    // A RangeError is the stack: no honest pack nests that deep. Anything else is told as the parser tells it.
    const message = error instanceof RangeError ? 'is nested too deeply' : `YAML: ${firstLine(String(error))}`
    return { sheet: empty, mistakes: [{ file, line: 1, column: 1, field: '', message }] }
  }
}

/** The parser repeats line and excerpt in its message; line and column are told apart. */
const firstLine = (message: string): string =>
  message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')

function lookForTraps(sheet: Sheet, mistakes: PackMistake[]): void {
  const report = (node: Node, parents: readonly unknown[], message: string) => {
    mistakes.push({
      file: sheet.file,
      ...at(sheet.lines, node.range?.[0] ?? 0),
      field: fieldText(pathTo(parents, node)),
      message,
    })
  }
  visit(sheet.document!, (_key, node, parents) => {
    if (isAlias(node)) report(node, parents, 'aliases (*name) are not allowed: write it out')
    else if ((isScalar(node) || isCollection(node)) && node.anchor) {
      report(node, parents, 'anchors (&name) are not allowed: write it out')
    } else if ((isScalar(node) || isCollection(node)) && node.tag) {
      report(node, parents, 'tags (!name) are not allowed')
    }
    if (!isScalar(node)) return
    const is_key = isPair(parents.at(-1)) && (parents.at(-1) as Pair).key === node
    if (is_key && forbiddenKeys.has(String(node.value)))
      report(node, parents, `${String(node.value)} cannot be a name`)
    if (typeof node.value !== 'string') return
    if (!node.value.isWellFormed()) report(node, parents, 'has half a surrogate pair, which is no character')
    else if (forbiddenCharacters.test(node.value.replace(/[\n\t]/g, ''))) {
      report(node, parents, 'has a control or text-direction character, which people cannot see')
    }
  })
}

function pathTo(parents: readonly unknown[], node: unknown): Path {
  const path: (string | number)[] = []
  const chain = [...parents, node]
  for (const [i, parent] of chain.entries()) {
    if (isPair(parent)) path.push(String(isScalar(parent.key) ? parent.key.value : '?'))
    else if (isSeq(parent) && i + 1 < chain.length) path.push(parent.items.indexOf(chain[i + 1] as never))
  }
  return path
}

/** A path as people write it: `params.minimum_wage.values[0].value`. */
export function fieldText(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    // Names with dots of their own are quoted, so that the path stays readable.
    else if (/^[^\s.[\]"]{1,120}$/u.test(part)) text += text === '' ? part : `.${part}`
    else text += `["${part.slice(0, 120).toWellFormed()}"]`
  }
  return text
}

function at(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

/** Where a field stands, or the nearest thing around it that exists. */
export function placeOf(sheet: Sheet, path: Path, on: 'key' | 'value' = 'value'): Place {
  return at(sheet.lines, offsetOf(sheet, path, on))
}

function offsetOf(sheet: Sheet, path: Path, on: 'key' | 'value'): number {
  let node: unknown = sheet.document?.contents
  let offset = (node as Node | null | undefined)?.range?.[0] ?? 0
  for (const [depth, part] of path.entries()) {
    const pair = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && item.key.value === part)
      : undefined
    const next = pair ? pair.value : isSeq(node) ? node.items[part as number] : undefined
    const key = (pair?.key as Scalar | undefined)?.range?.[0]
    const value = (next as Node | null | undefined)?.range?.[0]
    const is_last = depth === path.length - 1
    const here = is_last && on === 'key' ? (key ?? value) : (value ?? key)
    // A field that is missing is told at the name of what should hold it, which is where one looks for it.
    if (here === undefined)
      return on === 'key' || depth === 0 ? offset : offsetOf(sheet, path.slice(0, depth), 'key')
    offset = here
    node = next
  }
  return offset
}

/** Where a character of a text stands in the file: through block indents and folded lines. */
export function placeInText(sheet: Sheet, path: Path, offset: number): Place {
  const node = sheet.document?.getIn(path, true)
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return placeOf(sheet, path)
  const source = sheet.text
  const value = node.value
  let from = node.range[0]
  if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') from++
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') from = source.indexOf('\n', from) + 1
  let j = skipSpace(source, from)
  let i = skipSpace(value, 0)
  const last = Math.min(offset, value.trimEnd().length)
  while (i < last) {
    if (isSpace(value[i])) {
      i = skipSpace(value, i)
      j = skipSpace(source, j)
    } else if (value[i] === source[j]) {
      i++
      j++
    } else {
      // An escape: the text's beginning is the nearest honest answer.
      return at(sheet.lines, node.range[0])
    }
  }
  return at(sheet.lines, j)
}

const isSpace = (c: string | undefined): boolean => c === ' ' || c === '\n' || c === '\t' || c === '\r'

function skipSpace(text: string, from: number): number {
  let i = from
  while (isSpace(text[i])) i++
  return i
}
