/**
 * Addresses of our own pages. A browser is only ever sent on to one of these, written anew from its known parts: never
 * to another site, and never with words that somebody put into a link, where every log on the way would keep them.
 */
import { nodeKinds } from '../../src/events/events.ts'
import { isUuid } from '../../src/platform/ids.ts'
import type { NodeKind } from '../views.ts'
import { hasWords } from '../words/words.ts'

const pages = new Set([
  '/',
  '/about',
  '/sign-in',
  '/inbox',
  '/memory',
  '/who-looked',
  '/desk',
  '/council',
  '/sessions',
  '/passkeys',
])

/** Kinds of things whose causes have a page, in the order in which one leads to the next. */
export const kinds: readonly NodeKind[] = nodeKinds.filter((kind) => kind !== 'step')

/** Pages of one thing; its id follows. */
const things = new RegExp(
  `^/(?:proposal|journey|question|hearing|decision|desk/case|council/(?:simulation|publication)|why/(?:${kinds.join('|')}))/([^/]+)(?<on>/publish)?$`,
)

/** Rules are named by the pack: `uz.social.child-benefit`. */
const rules = /^\/council\/rule\/[a-z][a-z0-9-]*(?:\.[a-z0-9-]+){1,6}$/

const day = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text)

/** What a page's address may ask for beside the page, and what that may be. */
const queries: { readonly [name: string]: (value: string) => boolean } = {
  known_on: day,
  valid_on: day,
  older: isUuid,
  area: (value) => /^[a-z][a-z0-9-]{0,40}$/.test(value),
  next: (value) => ownPage(value) === value,
  problem: (value) => hasWords(`sign_in.problem.${value}`),
  login_hint: isHint,
}

/** How the demonstration names its people at sign-in; no national identifier has this form. */
export function isHint(text: string): boolean {
  return /^(citizen|officer)(-[a-z]{1,12})?-\d{1,7}$/.test(text)
}

/** The page an address names, with the queries it knows; `/` when it names none of ours. */
export function ownPage(address: string | undefined | null): string {
  if (!address?.startsWith('/') || address.length > 1000) return '/'
  let url: URL
  try {
    url = new URL(address, 'http://own.invalid')
  } catch {
    return '/'
  }
  if (url.host !== 'own.invalid' || !isPage(url.pathname)) return '/'
  const kept = [...url.searchParams].filter(
    ([name, value]) => Object.hasOwn(queries, name) && queries[name]!(value),
  )
  return kept.length === 0 ? url.pathname : `${url.pathname}?${new URLSearchParams(kept)}`
}

function isPage(path: string): boolean {
  if (pages.has(path) || rules.test(path)) return true
  const [, id, on] = things.exec(path) ?? []
  return id !== undefined && isUuid(id) && (on === undefined || path.startsWith('/council/simulation/'))
}
