import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { nodeKinds } from '../src/events/events.ts'
import { freshAccount } from './fixture/account.ts'
import { id } from './fixture/pieces.ts'
import { nameOf, type ScreenToOpen, screens } from './fixture/screens.ts'
import { ids } from './fixture/views.ts'
import { fixtureServices, freshState } from './fixture.ts'
import { ownPage } from './kit/address.ts'
import { previewApp } from './preview.ts'
import { locales, say } from './words/words.ts'

const as = (who: string, more: Record<string, string> = {}) => ({
  headers: { cookie: `who=${who}`, ...more },
})
const KEY = '0b0e7c4e-5d36-4f0a-9a44-6d3f0d5a9b11'

const post = (who: string, fields: Record<string, string>, more: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { cookie: `who=${who}`, 'content-type': 'application/x-www-form-urlencoded', ...more },
  body: new URLSearchParams(fields).toString(),
})

const signed = (who: string, fields: Record<string, string> = {}) =>
  post(who, { csrf: `token-of-${who}`, answer_key: KEY, ...fields })

/** The pages as they are after what the screen asks for. */
const appAt = (screen: ScreenToOpen) =>
  previewApp(fixtureServices({ ...freshState(), ...screen.after }), undefined, {
    ...freshAccount(),
    ...screen.account,
  })

test('every screen answers, in every language, and says which', async () => {
  for (const screen of screens)
    for (const lang of ['uz-Latn', 'uz-Cyrl', 'ru', 'en']) {
      const answer = await appAt(screen).request(
        screen.path,
        as(screen.who, { cookie: `who=${screen.who}; lang=${lang}` }),
      )
      assert.equal(answer.status, screen.status ?? 200, nameOf(screen))
      assert.equal(answer.headers.get('content-language'), lang)
      assert.match(await answer.text(), new RegExp(`<html lang="${lang}">`))
    }
})

test('every page forbids foreign and inline code, frames, referrers and caches', async () => {
  for (const screen of screens) {
    const { path } = screen
    const answer = await appAt(screen).request(path, as(screen.who))
    const policy = answer.headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'/)
    assert.match(policy, /script-src 'self'(;|$)/)
    assert.match(policy, /style-src 'self'(;|$)/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.ok(!policy.includes('unsafe'), path)
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
    assert.equal(answer.headers.get('cache-control'), 'private, no-store', path)
    const html = await answer.text()
    assert.ok(!/ style=|<style|<script(?![^>]* src=)| on[a-z]+=/.test(html), path)
    assert.ok(!/(src|href)="https?:/.test(html.replace(/<a [^>]*>/g, '')), `${path} loads from elsewhere`)
  }
})

test('a first view weighs at most 14 KB compressed, with at most 3 KB of script in 4 requests', async () => {
  const measured = new Set<string>()
  for (const screen of screens) {
    const app = appAt(screen)
    const html = await (await app.request(screen.path, as(screen.who))).text()
    const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '')
    // The page itself is one request more; its icon stands in it.
    assert.ok(files.length <= 3, nameOf(screen))
    for (const file of files) measured.add(/^\/assets\/([a-z-]+)\./.exec(file)?.[1] ?? file)
    let bytes = gzipSync(html).length
    for (const file of files) {
      const answer = await app.request(file, { headers: { 'accept-encoding': 'gzip' } })
      const size = (await answer.arrayBuffer()).byteLength
      assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable')
      if (file.endsWith('.js')) assert.ok(size <= 3 * 1024, `${file}: ${size}`)
      bytes += size
    }
    assert.ok(bytes <= 14 * 1024, `${nameOf(screen)}: ${bytes} bytes`)
  }
  const folders = globSync('*/*/page.css', { cwd: import.meta.dirname }).map((file) => file.split('/')[1]!)
  assert.deepEqual(
    folders.filter((folder) => !measured.has(folder)),
    [],
    'every screen is in the list of fixture/screens.ts',
  )
})

test('pages and assets come compressed to those who take it', async () => {
  const answer = await previewApp().request('/inbox', as('mother', { 'accept-encoding': 'gzip' }))
  assert.equal(answer.headers.get('content-encoding'), 'gzip')
  assert.match(gunzipSync(Buffer.from(await answer.arrayBuffer())).toString(), /<\/html>/)
})

test('every form carries the token of the session and a key of its own', async () => {
  for (const screen of screens) {
    const { who } = screen
    const html = await (await appAt(screen).request(screen.path, as(who))).text()
    for (const form of html.match(/<form method="post"[\s\S]*?<\/form>/g) ?? []) {
      // Who signs in has no session yet: what binds that form to its browser is a cookie of its own.
      if (form.includes('action="/auth/passkey"')) continue
      assert.match(form, new RegExp(`name="csrf" value="token-of-${who}"`))
      if (!form.includes('action="/demo-out"')) assert.match(form, /name="answer_key" value="[0-9a-f-]{36}"/)
    }
  }
})

const actions: readonly (readonly [path: string, who: string, fields: Record<string, string>])[] = [
  [`/proposal/${ids.proposal}/accept`, 'mother', {}],
  [`/proposal/${ids.proposal}/decline`, 'mother', {}],
  [`/journey/${id(32)}/claim`, 'mother', { step: 'child-benefit' }],
  [`/question/${ids.question}`, 'mother', { value: '1 200 000' }],
  [`/hearing/${ids.hearing}`, 'mother', { kind: 'nothing_to_add', text: '' }],
  [
    `/desk/case/${ids.case}/intend`,
    'officer',
    { version: '1', intended: 'refused', reasons: 'A', to_fix: 'B' },
  ],
  [`/desk/case/${ids.case}/draft`, 'officer', { version: '1', 'reason.uz-Latn.0': 'A' }],
  [`/desk/case/${ids.case}/finalise`, 'officer', { version: '1', outcome: 'granted' }],
  [`/desk/case/${ids.case}/ask`, 'officer', { predicate: 'in_social_register' }],
  [`/desk/task/${ids.task}/retry`, 'officer', {}],
  [`/desk/task/${ids.task}/done`, 'officer', { reference: 'A-1' }],
]

test('who may act: a form without the right token, of another site, or of another kind of person does nothing', async () => {
  for (const [path, who, fields] of actions) {
    const state = freshState()
    const app = previewApp(fixtureServices(state))
    const other = who === 'mother' ? 'officer' : 'mother'
    const sent = { answer_key: KEY, ...fields }
    assert.equal((await app.request(path, post(who, sent))).status, 403, path)
    assert.equal((await app.request(path, post(who, { ...sent, csrf: 'token-of-other' }))).status, 403, path)
    const cross = post(who, { ...sent, csrf: `token-of-${who}` }, { 'sec-fetch-site': 'cross-site' })
    assert.equal((await app.request(path, cross)).status, 403, path)
    assert.equal((await app.request(path, signed(other, fields))).status, 403, path)
    assert.equal((await app.request(path, signed('nobody', fields))).status, 303, path)
    assert.deepEqual(state.acts, [], path)
  }
})

test('each action leads to a page that says what it did', async () => {
  for (const [path, who, fields] of actions) {
    const state = freshState()
    const app = previewApp(fixtureServices(state))
    const answer = await app.request(path, signed(who, fields))
    assert.equal(answer.status, 303, path)
    assert.equal(state.acts.length, 1, path)
    const to = answer.headers.get('location') ?? ''
    assert.match(to, /\?done=\w+#result$/)
    const html = await (await app.request(to.replace('#result', ''), as(who))).text()
    assert.match(html, /id="result" role="status" tabindex="-1"/)
  }
})

test('the same form sent twice takes effect once', async () => {
  const state = freshState()
  const app = previewApp(fixtureServices(state))
  for (let n = 0; n < 3; n++)
    assert.equal((await app.request(`/proposal/${ids.proposal}/accept`, signed('mother'))).status, 303)
  assert.deepEqual(state.acts, ['accept'])
})

test('a refused action shows why, takes the focus and keeps what was typed', async () => {
  const state = freshState()
  const app = previewApp(fixtureServices(state))
  const bad = await app.request(
    `/question/${ids.question}`,
    signed('mother', { value: 'a lot "of" <money>' }),
  )
  assert.equal(bad.status, 422)
  const html = await bad.text()
  assert.match(html, /role="alert" tabindex="-1" autofocus/)
  assert.match(html, /value="a lot &quot;of&quot; &lt;money&gt;"/)
  const intention = { version: '1', intended: 'refused', reasons: 'Because', to_fix: ' ' }
  const unfinished = await app.request(`/desk/case/${ids.case}/intend`, signed('officer', intention))
  assert.equal(unfinished.status, 422)
  assert.match(await unfinished.text(), />Because<\/textarea>/)
  const path = `/desk/case/${ids.case}/finalise`
  const unheard = await app.request(path, signed('officer', { version: '1', outcome: 'refused' }))
  assert.equal(unheard.status, 422)
  const silent = { kind: 'statement', text: '  ', [`wrong.${id(101)}`]: 'on' }
  const empty = await app.request(`/hearing/${ids.hearing}`, signed('mother', silent))
  assert.equal(empty.status, 422)
  const kept = await empty.text()
  assert.match(kept, /value="statement"[^>]* checked/)
  assert.match(kept, new RegExp(`name="wrong.${id(101)}"[^>]* checked`))
  const none = await app.request(`/hearing/${ids.hearing}`, signed('mother', { text: 'Something' }))
  assert.equal(none.status, 422)
  assert.match(await none.text(), />Something<\/textarea>/)
  const stale = await app.request(path, signed('officer', { version: '7', outcome: 'granted' }))
  assert.equal(stale.status, 422)
  assert.deepEqual(state.acts, [])
})

test('money is taken in the way people write it, in minor units', async () => {
  const state = freshState()
  await previewApp(fixtureServices(state)).request(
    `/question/${ids.question}`,
    signed('mother', { value: '1 200 000,50' }),
  )
  assert.equal(state.answer, 120_000_050)
})

test('the sentences of an edited draft arrive in order and by language', async () => {
  const state = freshState()
  const fields = {
    version: '1',
    'reason.ru.1': 'Б',
    'reason.uz-Latn.0': 'A',
    'reason.ru.0': 'А',
    'reason.ru.2': '',
  }
  await previewApp(fixtureServices(state)).request(`/desk/case/${ids.case}/draft`, signed('officer', fields))
  assert.deepEqual(state.acts, ['save {"uz-Latn":["A"],"ru":["А","Б"]}'])
})

test('malformed forms are refused whole', async () => {
  const state = freshState()
  const app = previewApp(fixtureServices(state))
  const accept = `/proposal/${ids.proposal}/accept`
  for (const fields of [{ answer_key: 'x' }, { extra: '1' }])
    assert.equal((await app.request(accept, signed('mother', fields))).status, 422)
  const done = `/desk/task/${ids.task}/done`
  for (const reference of ['', 'a\0b', 'x'.repeat(101)])
    assert.equal((await app.request(done, signed('officer', { reference }))).status, 422)
  const large = signed('mother', { value: 'x'.repeat(300_000) })
  assert.equal((await app.request(`/question/${ids.question}`, large)).status, 413)
  assert.deepEqual(state.acts, [])
})

test('what is not there, or is nobody’s id, is a 404 page in the reader’s language', async () => {
  const app = previewApp()
  const paths = [
    `/proposal/${id(999)}`,
    '/proposal/1',
    `/why/nothing/${id(10)}`,
    '/nowhere',
    `/decision/${id(998)}`,
  ]
  for (const path of [...paths, "/journey/'; drop table", '/who-looked?older=%00']) {
    const answer = await app.request(encodeURI(path), as('mother', { 'accept-language': 'ru' }))
    assert.equal(answer.status, 404, path)
    assert.match(await answer.text(), /Такой страницы нет/)
  }
})

test('every kind of thing in the event graph has its page of causes, and its address comes back after sign-in', async () => {
  const services = fixtureServices(freshState())
  const app = previewApp({ ...services, why: (asker) => services.why(asker, 'decision', ids.decision) })
  for (const kind of nodeKinds) {
    const path = `/why/${kind}/${ids.decision}`
    const [shown, kept] = kind === 'step' ? [404, '/'] : [200, path]
    assert.equal((await app.request(path, as('mother'))).status, shown, path)
    assert.equal(ownPage(path), kept)
  }
})

test('who may look: people see their pages, officers the desk, nobody is led to sign in', async () => {
  const app = previewApp()
  assert.equal((await app.request('/desk', as('mother'))).status, 403)
  const led = await app.request('/inbox', as('officer'))
  assert.deepEqual([led.status, led.headers.get('location')], [303, '/desk'])
  assert.equal((await app.request('/memory', as('officer'))).status, 403)
  const answer = await app.request(`/proposal/${ids.proposal}?x=1`, as('nobody'))
  assert.equal(answer.status, 303)
  assert.equal(
    answer.headers.get('location'),
    `/sign-in?next=${encodeURIComponent(`/proposal/${ids.proposal}`)}`,
  )
})

test('signing in never leads to another site', async () => {
  const app = previewApp()
  for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', '/\tevil']) {
    const html = await (await app.request(`/sign-in?next=${encodeURIComponent(next)}`)).text()
    assert.ok(html.includes('href="/demo-in/mother?next=%2Finbox"'), next)
  }
  const choice = await app.request('http://localhost//evil.example/?lang=ru')
  assert.equal(choice.headers.get('location'), '/')
})

const signInProblems = [
  'sign_in_unavailable',
  'sign_in_expired',
  'sign_in_cancelled',
  'sign_in_failed',
  'sign_in_unknown',
  'bad_form_token',
  'session_over',
  'passkey_needed',
  'passkey_refused',
  'passkey_unknown',
  'confirm_at_provider',
  'assurance_too_low',
] as const

test('why signing in did not work stands on the page in every language, and what a link says is never repeated', async () => {
  const app = previewApp()
  const saying = async (code: string, lang: string) => {
    const html = await (
      await app.request(`/sign-in?problem=${code}`, as('nobody', { cookie: `lang=${lang}` }))
    ).text()
    return { html, alert: /role="alert"[^>]*>([\s\S]*?)<\/div>/.exec(html)?.[1] ?? '' }
  }
  for (const locale of locales) {
    const other = say(locale, 'sign_in.problem.other')
    const sentences = new Set([other])
    for (const code of signInProblems) {
      const sentence = say(locale, `sign_in.problem.${code}`)
      sentences.add(sentence)
      assert.ok((await saying(code, locale)).alert.includes(`<p>${sentence}</p>`), `${locale} ${code}`)
    }
    assert.equal(sentences.size, signInProblems.length + 1, 'each problem has a sentence of its own')
    for (const code of ['nonsense', 'Planted%3Cb%3E', '__proto__', '', 'sign_in_failed.x']) {
      const { html, alert } = await saying(code, locale)
      assert.ok(alert.includes(`<p>${other}</p>`), `${locale} ${code}`)
      assert.ok(!/Planted|nonsense|__proto__/.test(html))
    }
  }
  assert.doesNotMatch(await (await app.request('/sign-in')).text(), /role="alert"/)
})

test('a language is chosen by link and kept, else the browser’s is taken', async () => {
  const app = previewApp()
  const answer = await app.request('/memory?valid_on=2026-01-01&lang=ru', as('mother'))
  assert.equal(answer.status, 303)
  assert.equal(answer.headers.get('location'), '/memory?valid_on=2026-01-01')
  assert.match(answer.headers.get('set-cookie') ?? '', /lang=ru.*SameSite=Lax/)
  for (const [asked, given] of [
    ['ru-RU,ru;q=0.9,en;q=0.8', 'ru'],
    ['de, uz-Cyrl;q=0.4, en;q=0.3', 'uz-Cyrl'],
    ['kaa', 'uz-Latn'],
    ['en;q=0, uz', 'uz-Latn'],
    ['', 'uz-Latn'],
  ] as const) {
    const page = await app.request('/', { headers: { 'accept-language': asked } })
    assert.equal(page.headers.get('content-language'), given, asked)
  }
})

test('a signed-in person’s language is theirs on every browser, and no other site can change it', async () => {
  const app = previewApp()
  const langOf = async (headers: Record<string, string>) =>
    (await app.request('/inbox', { headers })).headers.get('content-language')
  const choose = (lang: string, more: Record<string, string>) =>
    app.request(`/inbox?lang=${lang}`, as('mother', { cookie: 'who=mother', ...more }))
  assert.equal(await langOf({ cookie: 'who=mother; lang=en' }), 'en', 'nothing chosen yet: the browser’s')
  await choose('ru', { 'sec-fetch-site': 'same-origin' })
  assert.equal(await langOf({ cookie: 'who=mother' }), 'ru', 'another browser')
  assert.equal(await langOf({ cookie: 'who=mother; lang=en', 'accept-language': 'en' }), 'ru')
  const crossed = await choose('en', { 'sec-fetch-site': 'cross-site' })
  assert.equal(crossed.headers.get('set-cookie'), null)
  await choose('nonsense', {})
  assert.equal(await langOf({ cookie: 'who=mother' }), 'ru')
  assert.equal(await langOf({ cookie: 'who=officer; lang=en' }), 'en', 'nobody else’s')
})

test('a letter stands in the reader’s language, each of the four', async () => {
  const app = previewApp()
  for (const lang of locales) {
    const html = await (
      await app.request(`/decision/${ids.refusal}`, as('mother', { cookie: `who=mother; lang=${lang}` }))
    ).text()
    assert.ok(html.includes(`<html lang="${lang}"`), lang)
    assert.ok(html.includes(say(lang, 'decision.to_fix')) && html.includes(say(lang, 'decision.free')), lang)
    const ids_used = [...html.matchAll(/ id="([^"]+)"/g)].map((m) => m[1])
    assert.equal(new Set(ids_used).size, ids_used.length, 'no id twice')
  }
})

test('the change token tells when a page is no longer true, and only to those whose page it is', async () => {
  const state = freshState()
  const app = previewApp(fixtureServices(state))
  const token = async () => (await app.request('/live/inbox', as('mother'))).text()
  const before = await token()
  assert.equal(await token(), before)
  await app.request(`/proposal/${ids.proposal}/accept`, signed('mother'))
  assert.notEqual(await token(), before)
  assert.equal((await app.request('/live/inbox', as('nobody'))).status, 401)
  assert.equal((await app.request('/live/queue', as('mother'))).status, 404)
  assert.equal((await app.request(`/live/journey/${id(999)}`, as('mother'))).status, 404)
})

test('an error behind a page becomes a 503 page that shows nothing of it', async () => {
  const errors: unknown[] = []
  const services = {
    ...fixtureServices(),
    inbox: async () => {
      throw new Error('secret 30101012345678')
    },
  }
  const answer = await previewApp(services, (error) => errors.push(error)).request('/inbox', as('mother'))
  assert.equal(answer.status, 503)
  assert.ok(!(await answer.text()).includes('30101012345678'))
  assert.equal(errors.length, 1)
})
