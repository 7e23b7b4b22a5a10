import { readFileSync } from 'node:fs'
import { html } from 'hono/html'
import type { Child, FC } from 'hono/jsx'

/** The one style sheet of the country's pages. */
export const style = readFileSync(new URL('./country.css', import.meta.url), 'utf8')

/** A whole page under the label that says what it is: nothing here is real. */
export const Frame: FC<{ lang: string; title: string; label: Child; wide?: boolean; children?: Child }> = (
  page,
) => (
  <>
    {html`<!doctype html>`}
    <html lang={page.lang}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{page.title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/country.css" />
      </head>
      <body>
        <p class="label" role="note">
          {page.label}
        </p>
        <main class={page.wide ? 'wide' : ''}>{page.children}</main>
      </body>
    </html>
  </>
)

/** A part of a page with a heading of its own. */
export const Card: FC<{ title: string; id: string; children?: Child }> = ({ title, id, children }) => (
  <section class="card" aria-labelledby={id}>
    <h2 id={id}>{title}</h2>
    {children}
  </section>
)

/** Security headers of a page: no script at all, forms to these origins only. */
export const pageHeaders = (...form_origins: readonly string[]): Record<string, string> => ({
  'content-security-policy': `default-src 'none'; style-src 'self'; img-src data:; form-action 'self' ${form_origins.join(' ')}; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
})
