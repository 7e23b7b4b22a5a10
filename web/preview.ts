/**
 * Looks at the pages without the program: `node --import ./tsx-hook.js web/preview.ts [port]`, then /sign-in.
 * Synthetic people only; loopback only; everything is forgotten when it stops.
 */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { LocaleCode } from '../src/packs/packs.ts'
import { type AccountState, accountFixture, freshAccount } from './fixture/account.ts'
import { mother, officer } from './fixture/pieces.ts'
import { fixtureServices } from './fixture.ts'
import { ownPage } from './kit/address.ts'
import type { Services } from './views.ts'
import { webRoutes } from './web.tsx'

/** The pages over stand-in services; who is signed in is a plain cookie. For tests and the preview alone. */
export function previewApp(
  services: Services = fixtureServices(),
  onError?: (error: unknown) => void,
  account: AccountState = freshAccount(),
): Hono {
  const app = new Hono()
  app.get('/demo-in/:who', (c) => {
    setCookie(c, 'who', c.req.param('who'), { path: '/', sameSite: 'Lax', httpOnly: true })
    return c.redirect(ownPage(c.req.query('next')), 303)
  })
  app.post('/demo-out', (c) => {
    setCookie(c, 'who', '', { path: '/', maxAge: 0 })
    return c.redirect('/', 303)
  })
  const languages = new Map<string, LocaleCode>()
  const pages = webRoutes(services, {
    demonstration: true,
    controlUrl: '/demo',
    zone: 'Asia/Tashkent',
    currency: { code: 'UZS', digits: 2, names: { ru: 'сум', en: 'soʻm' } },
    session: async (c) => {
      const who = getCookie(c, 'who')
      if (who === 'mother') return { ...mother, language: languages.get(mother.subject) ?? null }
      return who === 'officer' ? officer : null
    },
    rememberLanguage: async (subject, locale) => void languages.set(subject, locale),
    csrf: (c) => `token-of-${getCookie(c, 'who')}`,
    checkCsrf: (c, token) => token === `token-of-${getCookie(c, 'who')}`,
    signInUrl: '/demo-in/mother',
    signInDeskUrl: '/demo-in/officer',
    signOutUrl: '/demo-out',
    account: accountFixture(account),
    passkeys: {
      possible: true,
      get officers_need() {
        return account.required
      },
    },
    liveSeconds: 1,
    ...(onError ? { onError } : {}),
  })
  app.route('/', pages)
  return app
}

if (import.meta.main) {
  const port = Number(process.argv[2] ?? 8090)
  serve({ fetch: previewApp(fixtureServices(), console.error).fetch, port, hostname: '127.0.0.1' }, () =>
    console.log(`http://127.0.0.1:${port}/sign-in`),
  )
}
