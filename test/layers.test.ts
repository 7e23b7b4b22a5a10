import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { layers } from '../src/layers.ts'

const ROOT = join(import.meta.dirname, '..')
const order = new Map<string, number>(layers.map(([name], i) => [name, i]))

type Import = { readonly file: string; readonly target: string; readonly typeOnly: boolean }

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+['"](\.[^'"]+)['"]|^\s*import\s+['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]\s*\)/gm

/** Every relative import of a file, as paths from the root. */
export function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map((m) => ({
    file,
    target: relative('.', join(dirname(file), (m[2] ?? m[3] ?? m[4])!)),
    typeOnly: Boolean(m[1]),
  }))
}

/** The only files that see both sides of a port, and of the pages. */
const WIRING = new Set(['src/main.ts', 'src/app.ts', 'src/account.ts'])

/** What is wrong with one import, or null. */
export function mistake({ file, target }: Import): string | null {
  const [fromTop, from = '', ...fromRest] = file.split('/')
  const [toTop, to = '', ...toRest] = target.split('/')
  if (fromTop === 'src' && toTop !== 'src') {
    return WIRING.has(file)
      ? null
      : `${file} imports ${target}: src/ knows nothing outside src/. Declare a port and let app.ts pass it in.`
  }
  if (toTop !== 'src' || toRest.length === 0) return null
  // The page that checks the log carries the verifier itself into the browser, and nothing of the server.
  if (file === 'web/public/audit/auditor.ts' && target.startsWith('src/trust/verify/')) return null
  const inside = fromTop === 'src' && fromRest.length > 0
  if (inside && from === to) return null
  const face = to === 'platform' || (toRest.length === 1 && toRest[0] === `${to}.ts`) || to === 'adapters'
  if (!face) return `${file} imports ${target}: go through its face, src/${to}/${to}.ts.`
  if (to === 'adapters' && !WIRING.has(file) && !file.includes('.test.'))
    return `${file} imports ${target}: only main.ts and app.ts know adapters.`
  if (!inside) return null
  const [mine, theirs] = [order.get(from), order.get(to)]
  if (mine === undefined) return `src/${from} is not named in src/layers.ts.`
  if (theirs === undefined) return `src/${to} is not named in src/layers.ts.`
  return theirs < mine
    ? null
    : `${file} imports ${target}: ${to} comes after ${from} in src/layers.ts. Data runs forward; compose in src/flow.ts.`
}

const files = globSync('{src,web,country,bench}/**/*.{ts,tsx}', { cwd: ROOT }).filter(
  (f) => !f.endsWith('.d.ts'),
)

test('every import goes to a folder above, through its face', () => {
  const mistakes = files
    .flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')).map(mistake))
    .filter((m) => m !== null)
  assert.deepEqual(mistakes, [])
})

test('the check itself finds planted imports', () => {
  const planted: [string, string, RegExp][] = [
    ['src/memory/x.ts', "import { a } from '../proposals/proposals.ts'", /comes after/],
    ['src/memory/x.ts', "import type { a } from '../events/store.ts'", /through its face/],
    ['src/rules/x.ts', "import { a } from '../../web/web.tsx'", /nothing outside/],
    ['src/cases/x.ts', "import { a } from '../adapters/oidc.ts'", /only main.ts/],
    ['web/x.tsx', "import { a } from '../src/memory/store.ts'", /through its face/],
    ['src/memory/x.ts', "const a = await import('../routes/routes.ts')", /comes after/],
  ]
  for (const [file, text, expected] of planted) {
    const [found] = importsOf(file, text).map(mistake)
    assert.match(found ?? 'nothing found', expected, `${file}: ${text}`)
  }
})

test('rules are pure: no database, clock, network or file', () => {
  // Fixtures of tests may read what the tests compare with.
  for (const file of files.filter((f) => f.startsWith('src/rules/') && !/\.(test|fixture)\./.test(f))) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    assert.ok(!/from 'node:(?!crypto)|from 'pg'|Date\.now|new Date\(\)|Math\.random|fetch\(/.test(text), file)
  }
})

test('the engine code holds no country word', () => {
  for (const file of files.filter((f) => f.startsWith('src/') && !f.includes('.test.'))) {
    const text = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    assert.ok(!/'uz\.[a-z]/.test(text), file)
  }
})

test('only store files and the instruments of the database speak SQL', () => {
  for (const file of files.filter(
    (f) => f.startsWith('src/') && !f.includes('.test.') && !f.startsWith('src/platform/'),
  )) {
    if (/\/(store|graph)\.ts$|-store\.ts$/.test(file)) continue
    const text = readFileSync(join(ROOT, file), 'utf8')
    assert.ok(
      !/\bsql`\s*(select|insert|update|delete|with)\b/i.test(text),
      `${file} speaks SQL: move the statement to the folder's store.ts`,
    )
  }
})
