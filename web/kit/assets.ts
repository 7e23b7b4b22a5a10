/** Style sheets and the scripts: read once, named by their hash so that a browser may keep them for ever. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** Each screen and where its style sheet stands; `kit` belongs to all. */
const sheets = {
  inbox: 'citizen/inbox',
  proposal: 'citizen/proposal',
  journey: 'citizen/journey',
  question: 'citizen/question',
  hearing: 'citizen/hearing',
  decision: 'citizen/decision',
  memory: 'citizen/memory',
  'who-looked': 'citizen/who-looked',
  why: 'citizen/why',
  queue: 'desk/queue',
  case: 'desk/case',
  council: 'council/council',
  front: 'public/front',
  'sign-in': 'public/sign-in',
  sessions: 'account/sessions',
  passkeys: 'account/passkeys',
  problem: 'public/problem',
  about: 'public/about',
} as const

export type Screen = keyof typeof sheets
type Name = 'kit.css' | 'live.js' | 'passkey.js' | `${Screen}.css`
export type Asset = { readonly type: string; readonly plain: Buffer; readonly gzip: Buffer }

const urls = new Map<Name, string>()
const files = new Map<string, Asset>()

function add(name: Name, paths: readonly string[]): void {
  const plain = Buffer.concat(paths.map((path) => readFileSync(new URL(`../${path}`, import.meta.url))))
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 12)
  const [stem, ending] = name.split('.') as [string, string]
  const file = `${stem}.${hash}.${ending}`
  const type = ending === 'css' ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8'
  files.set(file, { type, plain, gzip: gzipSync(plain, { level: 9 }) })
  urls.set(name, `/assets/${file}`)
}

add('kit.css', ['kit/base.css', 'kit/page.css', 'kit/parts.css', 'kit/route-map.css'])
add('live.js', ['kit/live.js'])
add('passkey.js', ['kit/passkey.js'])
for (const [screen, folder] of Object.entries(sheets))
  add(
    `${screen as Screen}.css`,
    folder.startsWith('account/') ? ['account/account.css', `${folder}/page.css`] : [`${folder}/page.css`],
  )

/** The address of an asset in this version of the program. */
export function asset(name: Name): string {
  const url = urls.get(name)
  if (url === undefined) throw new Error(`no asset ${name}`)
  return url
}

/** The asset behind `/assets/<file>`, or null: an old page may name a file of the version before. */
export const findAsset = (file: string): Asset | null => files.get(file) ?? null
