/**
 * The page with which a stranger checks the log: one HTML file, one style sheet and one script that holds the verifier
 * as it stands in `src/trust/verify`. It loads nothing else and may be saved and used from a disk.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { transformSync } from 'oxc-transform'

const require = createRequire(import.meta.url)
const here = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

/** Modules in an order in which each comes after those it imports. */
const NOBLE = ['utils', '_u64', '_md', 'sha2', 'hmac']
const VERIFIER = [
  'bytes',
  'merkle',
  'note',
  'policy',
  'checkpoint',
  'tlog-proof',
  'tiles',
  'log-check',
  'person',
]

type Part = { readonly type: string; readonly body: string }

/** The parts of the page by the last word of their address. Made once, at start. */
export function auditorPage(): ReadonlyMap<string, Part> {
  // The library's inner modules are not among those it exports by name.
  const noble = dirname(require.resolve('@noble/hashes/sha2.js'))
  const modules = [
    ...NOBLE.map((name) => ({
      name,
      text: readFileSync(join(noble, `${name}.js`), 'utf8'),
    })),
    ...VERIFIER.map((name) => ({ name, text: here(`../../../src/trust/verify/${name}.ts`) })),
    { name: 'auditor', text: here('auditor.ts') },
  ]
  const script = `'use strict'\n;(() => {\nconst modules = {}\n${modules.map(moduleText).join('')}})()\n`
  return new Map([
    ['audit', { type: 'text/html; charset=utf-8', body: here('auditor.html') }],
    [
      'audit.css',
      { type: 'text/css; charset=utf-8', body: `${here('../../kit/base.css')}\n${here('auditor.css')}` },
    ],
    ['audit.js', { type: 'text/javascript; charset=utf-8', body: script }],
  ])
}

const nameOf = (from: string): string => basename(from).replace(/\.[jt]s$/, '')

/**
 * A module as a function of its own whose exports are kept by name: all a bundler would do for modules without cycles
 * that export only declarations, which is how ours are written.
 * @throws Error when a module exports or imports in another way
 */
function moduleText({ name, text }: { readonly name: string; readonly text: string }): string {
  const { code, errors } = transformSync(`${name}.ts`, text, { typescript: { onlyRemoveTypeImports: true } })
  if (errors.length > 0) throw new SyntaxError(`${name}: ${errors.map((e) => e.message).join('; ')}`)
  const names: string[] = []
  const body = code
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\/\/.*\n/gm, '')
    .replace(/^import \* as (\w+) from "([^"]+)";?$/gm, (_, as, from) => `const ${as} = modules[${q(from)}]`)
    .replace(/^import \{([^}]*)\} from "([^"]+)";?$/gm, (_, list: string, from) => {
      return `const {${list.replace(/\bas\b/g, ':').replace(/(\w+)\s+:\s+(\w+)/g, '$1: $2')}} = modules[${q(from)}]`
    })
    .replace(/^export (const|let|class|function|async function) ([\w$]+)/gm, (_, kind, exported) => {
      names.push(exported)
      return `${kind} ${exported}`
    })
  const listed = /^export \{([^}]*)\};?$/m.exec(body)
  if (listed) names.push(...listed[1]!.split(',').map((n) => n.trim()))
  const whole = body.replace(/^export \{[^}]*\};?$/m, '')
  if (/^(import|export)\b/m.test(whole))
    throw new SyntaxError(`${name} imports or exports in a way the page cannot carry`)
  return `modules[${q(name)}] = (() => {\n${whole}\nreturn { ${names.join(', ')} }\n})()\n`
}

const q = (from: string): string => JSON.stringify(nameOf(from))
