import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { describeMistakes, loadPack } from './packs.ts'
import { changedDemo, demoFolder } from './planted.fixture.ts'

const naughty = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'test', 'vectors', 'naughty-strings.json'), 'utf8'),
) as string[]

/** One file of every kind. */
const files = [
  'pack.yaml',
  'vocabulary.yaml',
  'agencies.yaml',
  'purposes.yaml',
  'calendar.yaml',
  'events/birth.yaml',
  'rules/grant.yaml',
  'routes/birth.yaml',
  'clauses/grant.yaml',
  'extracts/income.yaml',
  'words/en.yaml',
]

type Path = readonly (string | number)[]

/** The path of every value and, apart from them, of every key. */
function places(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key]
    return [here, ...places(inner, here)]
  })
}

function replaced(value: unknown, path: Path, put: unknown): unknown {
  const [first, ...rest] = path
  if (first === undefined) return put
  if (Array.isArray(value)) return value.map((inner, i) => (i === first ? replaced(inner, rest, put) : inner))
  const entries = Object.entries(value as Record<string, unknown>)
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, key === first ? replaced(inner, rest, put) : inner]),
  )
}

function renamed(value: unknown, path: Path, key: string): unknown {
  const parent = path.slice(0, -1)
  const last = path.at(-1)
  const at = (here: unknown, rest: Path): unknown => {
    const [first, ...more] = rest
    if (first === undefined) {
      if (typeof here !== 'object' || here === null || Array.isArray(here)) return here
      return Object.fromEntries(Object.entries(here).map(([k, inner]) => [k === last ? key : k, inner]))
    }
    if (Array.isArray(here)) return here.map((inner, i) => (i === first ? at(inner, more) : inner))
    return Object.fromEntries(
      Object.entries(here as Record<string, unknown>).map(([k, inner]) => [
        k,
        k === first ? at(inner, more) : inner,
      ]),
    )
  }
  return at(value, parent)
}

/** Loads; whatever comes back must be a pack or mistakes with places that exist, in text that can be printed. */
function check(folder: string, what: string): void {
  const reading = loadPack(folder)
  if (reading.ok) return
  assert.ok(reading.mistakes.length > 0, what)
  for (const { file, line, column, message } of reading.mistakes) {
    assert.ok(line >= 1 && column >= 1 && message !== '' && file !== '', what)
  }
  for (const line of describeMistakes(reading.mistakes)) {
    assert.ok(line.isWellFormed(), what)
    assert.ok(line.length < 10_000, what)
  }
}

test('every naughty string in a field or name of every kind of file is a value or a mistake, never a failure', () => {
  const pack = changedDemo({})
  try {
    // Each string goes to another place of another file; the step has no divisor in common with their number.
    const spots = files.flatMap((file) => {
      const value = parse(readFileSync(join(demoFolder, file), 'utf8')) as unknown
      return places(value).map((path) => ({ file, value, path }))
    })
    for (const [i, text] of naughty.entries()) {
      const { file, value, path } = spots[(i * 101) % spots.length]!
      const planted = i % 3 === 0 ? renamed(value, path, text) : replaced(value, path, text)
      writeFileSync(join(pack.folder, file), stringify(planted))
      check(pack.folder, `${file} ${path.join('.')} ${JSON.stringify(text)}`)
      writeFileSync(join(pack.folder, file), readFileSync(join(demoFolder, file)))
    }
  } finally {
    pack.remove()
  }
})

test('values of any type anywhere, and cut or scrambled files, are mistakes with a place', () => {
  const pack = changedDemo({})
  try {
    const spot = fc.constantFrom(...files).chain((file) => {
      const text = readFileSync(join(demoFolder, file), 'utf8')
      const value = parse(text) as unknown
      const typed = fc
        .tuple(fc.constantFrom(...places(value)), fc.jsonValue({ maxDepth: 3 }))
        .map(([path, put]) => stringify(replaced(value, path, put)))
      const cut = fc
        .tuple(fc.nat(text.length), fc.nat(40), fc.string({ unit: 'binary', maxLength: 20 }))
        .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length))
      return fc.tuple(fc.constant(file), fc.oneof(typed, cut))
    })
    fc.assert(
      fc.property(spot, ([file, text]) => {
        writeFileSync(join(pack.folder, file), text)
        check(pack.folder, `${file}\n${text}`)
        writeFileSync(join(pack.folder, file), readFileSync(join(demoFolder, file)))
      }),
      { numRuns: 200 },
    )
  } finally {
    pack.remove()
  }
})
