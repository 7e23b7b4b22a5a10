/** The frame of every page: header, the demonstration's banner, the result of the last action, footer. */

import { html } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { LocaleCode } from '../../src/packs/packs.ts'
import type { Key } from '../words/keys.ts'
import { locales } from '../words/words.ts'
import { asset, type Screen } from './assets.ts'
import type { Reader } from './reader.ts'

type Props = {
  readonly reader: Reader
  readonly title: string
  readonly screen: Screen
  readonly wide?: boolean
  readonly children?: Child
}

/** Names of the languages, each in itself; the short one stands on small screens, the full one is what is heard. */
export const names: { readonly [locale in LocaleCode]: readonly [name: string, short: string] } = {
  'uz-Latn': ['Oʻzbekcha', 'Oʻz'],
  'uz-Cyrl': ['Ўзбекча', 'Ўз'],
  ru: ['Русский', 'Ру'],
  en: ['English', 'En'],
}

const icon =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='%2312407f'/><path d='M8 26C8 16 24 16 24 6' fill='none' stroke='%23f2b134' stroke-width='4' stroke-linecap='round'/></svg>"

/** A whole document. The only place that writes `<html>`. */
export const Page = ({ reader, title, screen, wide, children }: Props) => (
  <>
    {html`<!doctype html>`}
    <html lang={reader.locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} — Hamroh`}</title>
        <link rel="icon" href={icon} />
        <link rel="stylesheet" href={asset('kit.css')} />
        <link rel="stylesheet" href={asset(`${screen}.css`)} />
        <script type="module" src={asset('live.js')} />
      </head>
      <body class="kit-body">
        <a class="kit-skip" href="#main">
          {reader.say('frame.skip')}
        </a>
        <Header reader={reader} />
        <main id="main" class={wide ? 'kit-main kit-main--wide' : 'kit-main'} tabindex={-1}>
          <Result reader={reader} />
          {children}
        </main>
        <Footer reader={reader} />
      </body>
    </html>
  </>
)

const Header = ({ reader }: { reader: Reader }) => (
  <header class="kit-header">
    {reader.demonstration && (
      <p class="kit-demo">
        <span>
          <strong>{reader.say('frame.demonstration')}</strong> {reader.say('frame.demonstration_more')}
        </span>
        {reader.control_url && <a href={reader.control_url}>{reader.say('frame.control')}</a>}
      </p>
    )}
    <div class="kit-header__row">
      <a class="kit-logo" href={home(reader)}>
        <svg class="kit-logo__mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
          <path d="M7 27C7 16 18 17 18 5" />
          <path d="M14 27C14 18 25 17 25 5" />
        </svg>
        Hamroh
      </a>
      <Languages reader={reader} />
      {reader.viewer && (
        <form class="kit-who" method="post" action={reader.sign_out_url}>
          <Csrf reader={reader} />
          <a class="kit-who__name" href="/sessions" title={reader.say('frame.account')}>
            {reader.viewer.name}
          </a>
          <button class="kit-who__out" type="submit">
            {reader.say('frame.sign_out')}
          </button>
        </form>
      )}
    </div>
    {reader.viewer?.kind === 'person' && <Menu reader={reader} of={menu} />}
    {reader.viewer?.kind === 'officer' && reader.viewer.publisher && <Menu reader={reader} of={publishers} />}
  </header>
)

const home = (reader: Reader) =>
  reader.viewer === null ? '/' : reader.viewer.kind === 'person' ? '/inbox' : '/desk'

const menu: readonly { readonly href: string; readonly key: Key }[] = [
  { href: '/inbox', key: 'inbox.title' },
  { href: '/memory', key: 'memory.menu' },
  { href: '/who-looked', key: 'who.menu' },
]

const publishers: typeof menu = [
  { href: '/desk', key: 'queue.title' },
  { href: '/council', key: 'council.title' },
]

const Menu = ({ reader, of }: { reader: Reader; of: typeof menu }) => (
  <nav class="kit-menu" aria-label={reader.say('frame.menu')}>
    {of.map(({ href, key }) => (
      <a href={href} aria-current={reader.path.split('?')[0] === href ? 'page' : undefined}>
        {reader.say(key)}
      </a>
    ))}
  </nav>
)

const Languages = ({ reader }: { reader: Reader }) => (
  <nav class="kit-languages" aria-label={reader.say('frame.language')}>
    {locales.map((locale) => (
      <a
        href={inLanguage(reader.path, locale)}
        hreflang={locale}
        lang={locale}
        aria-current={locale === reader.locale ? 'true' : undefined}
      >
        <span class="kit-languages__name">{names[locale][0]}</span>
        <span class="kit-languages__short" aria-hidden="true">
          {names[locale][1]}
        </span>
      </a>
    ))}
  </nav>
)

function inLanguage(path: string, locale: LocaleCode): string {
  const url = new URL(path, 'http://page')
  url.searchParams.delete('done')
  url.searchParams.set('lang', locale)
  return url.pathname + url.search
}

/** What the last action did, or why it was refused. It takes the focus: by the fragment of the address, or by autofocus. */
const Result = ({ reader }: { reader: Reader }) => {
  if (reader.error !== null)
    return (
      <div class="kit-result kit-result--bad" id="result" role="alert" tabindex={-1} autofocus>
        <strong>{reader.say('frame.refused')}</strong>
        <p>{reader.error}</p>
      </div>
    )
  if (reader.done === null) return null
  return (
    <div class="kit-result" id="result" role="status" tabindex={-1}>
      <p>{reader.say(reader.done)}</p>
    </div>
  )
}

const Footer = ({ reader }: { reader: Reader }) => (
  <footer class="kit-footer">
    <p>{reader.say('frame.footer')}</p>
    <a href="/about">{reader.say('about.title')}</a>
  </footer>
)

/** The hidden field that proves a form came from our own page. */
export const Csrf = ({ reader }: { reader: Reader }) => (
  <input type="hidden" name="csrf" value={reader.csrf} />
)

/** A form that posts: token, one-time answer key, and whatever it asks. */
export const Form = ({
  reader,
  action,
  children,
  class: name,
}: {
  reader: Reader
  action: string
  class?: string
  children?: Child
}) => (
  <form method="post" action={action} class={name}>
    <Csrf reader={reader} />
    <input type="hidden" name="answer_key" value={reader.answer_key} />
    {children}
  </form>
)

/** A part of the page that refreshes itself when `token` is no longer true. Works as a plain part without script. */
export const Live = ({
  reader,
  of,
  token,
  children,
}: {
  reader: Reader
  of: string
  token: string
  children?: Child
}) => (
  <>
    <div data-live={`/live/${of}`} data-token={token} data-every={String(reader.live_seconds)}>
      {children}
    </div>
    <p class="kit-hidden" role="status" data-live-said={reader.say('frame.refreshed')} />
  </>
)
