/** The words of the country's own pages, in the languages of Hamroh's pages: `words/<locale>.yaml`. */
import type { Context } from 'hono'
import { type Args, openWords } from '../src/platform/words.ts'
import { localeOf, localeWanted, rememberHere } from '../web/kit/visit.ts'
import { locales } from '../web/words/words.ts'

export type Locale = (typeof locales)[number]

/** A text in every language. */
export type InEachLanguage = { readonly [locale in Locale]: string }

/** A message in the reader's language; its keys are checked by a test that renders every page. */
export type Say = (key: string, args?: Args) => string

/** A message not yet in any language: what was done, or what was wrong. */
export type Told = { readonly what: string; readonly args?: Args }

const words = openWords<Locale, string>(new URL('./words/', import.meta.url), locales)

export const sayIn =
  (locale: Locale): Say =>
  (key, args) =>
    words.say(locale, key, args)

/** The same made in every language. */
export const inEachLanguage = (make: (say: Say, locale: Locale) => string): InEachLanguage =>
  Object.fromEntries(locales.map((locale) => [locale, make(sayIn(locale), locale)])) as InEachLanguage

/** Who reads a page, and where it lies: a choice of language made at Hamroh holds here too, for cookies know no ports. */
export type Reader = { readonly locale: Locale; readonly say: Say; readonly path: string }

/** The reader of a page that is made outside the application, by the headers of the request. */
export function readerOfHeaders(headers: { readonly [name: string]: unknown }): Reader {
  const text = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined)
  const locale = localeWanted(
    /(?:^|; )lang=([\w-]+)/.exec(text('cookie') ?? '')?.[1],
    text('accept-language'),
  )
  return { locale, say: sayIn(locale), path: '/' }
}

/** The reader of a request, or the answer that sets the language it asks for. */
export function readerOf(c: Context): Reader | Response {
  const url = new URL(c.req.url)
  const lang = url.searchParams.get('lang')
  if (lang !== null && c.req.method === 'GET') {
    const chosen = locales.find((locale) => locale === lang)
    if (chosen) rememberHere(c, chosen)
    url.searchParams.delete('lang')
    // Two slashes would lead to another site.
    return c.redirect(`/${url.pathname.replace(/^\/+/, '')}${url.search}`, 303)
  }
  const locale = localeOf(c, null)
  return { locale, say: sayIn(locale), path: url.pathname + url.search }
}
