import { readFileSync } from 'node:fs'
import { html } from 'hono/html'
import type { Child, FC } from 'hono/jsx'
import { locales } from '../../web/words/words.ts'
import type { Locale, Reader } from '../words.ts'

/** The one style sheet of the country's pages. */
export const style = readFileSync(new URL('./country.css', import.meta.url), 'utf8')

/** Names of the languages, each in itself: the short one is seen on small screens, the full one is heard. */
const names: { readonly [locale in Locale]: readonly [name: string, short: string] } = {
  'uz-Latn': ['Oʻzbekcha', 'Oʻz'],
  'uz-Cyrl': ['Ўзбекча', 'Ўз'],
  ru: ['Русский', 'Ру'],
  en: ['English', 'En'],
}

type Props = {
  readonly reader: Reader
  readonly title: string
  /** What this page is, before the word that nothing here is real. */
  readonly label: string
  readonly wide?: boolean
  /** Where Hamroh is; left out where leaving would lose something. */
  readonly hamroh?: string
  readonly children?: Child
}

/** A whole page under the label that says what it is: nothing here is real. */
export const Frame: FC<Props> = ({ reader, title, label, wide, hamroh, children }) => (
  <>
    {html`<!doctype html>`}
    <html lang={reader.locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} — Hamroh`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/country.css" />
      </head>
      <body>
        <header>
          <p class="label">
            <strong>{label}</strong> {reader.say('label.more')}
          </p>
          <div class="bar">
            {hamroh && (
              <a class="logo" href={hamroh}>
                <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
                  <path d="M7 27C7 16 18 17 18 5" />
                  <path d="M14 27C14 18 25 17 25 5" />
                </svg>
                Hamroh
              </a>
            )}
            <nav class="languages" aria-label={reader.say('language')}>
              {locales.map((locale) => (
                <a
                  href={inLanguage(reader.path, locale)}
                  hreflang={locale}
                  lang={locale}
                  aria-current={locale === reader.locale ? 'true' : undefined}
                >
                  <span class="languages-name">{names[locale][0]}</span>
                  <span class="languages-short" aria-hidden="true">
                    {names[locale][1]}
                  </span>
                </a>
              ))}
            </nav>
          </div>
        </header>
        <main class={wide ? 'wide' : ''}>{children}</main>
      </body>
    </html>
  </>
)

function inLanguage(path: string, locale: Locale): string {
  const url = new URL(path, 'http://page')
  url.searchParams.set('lang', locale)
  return url.pathname + url.search
}

/** A part of a page with a heading of its own. */
export const Card: FC<{ title: string; id: string; class?: string; children?: Child }> = (of) => (
  <section class={`card ${of.class ?? ''}`} aria-labelledby={of.id}>
    <h2 id={of.id}>{of.title}</h2>
    {of.children}
  </section>
)

/** Security headers of a page: no script at all, forms to these origins only. */
export const pageHeaders = (...form_origins: readonly string[]): Record<string, string> => ({
  'content-security-policy': `default-src 'none'; style-src 'self'; img-src data:; form-action 'self' ${form_origins.join(' ')}; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
})
