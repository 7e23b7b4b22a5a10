/** Signing in to the real program over a real provider, and all that can go wrong with it: each said in words. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { freePort } from '../country/children.ts'
import type { Key } from '../web/words/keys.ts'
import { locales, say } from '../web/words/words.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { CLIENT, type FakeOidc, startFakeOidc } from './fake-oidc.ts'
import { type Program, startProgram } from './program.ts'
import { type Answer, type Visitor, visitor } from './visitor.ts'

const KEY = 'key-of-gcp-0123456789'
const officer = { sub: 'o', name: 'Xodim', officer: { agency: 'pension', number: 'P-1' } }

let data: string
let database: TestDatabase
let oidc: FakeOidc
let program: Program
let base: string

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'hamroh-sign-in-'))
  database = await testDatabase()
  oidc = await startFakeOidc()
  // Looked for at the first sign-in, so the program must start without it.
  oidc.there = false
  const port = await freePort(0)
  base = `http://127.0.0.1:${port}`
  program = await startProgram({
    PORT: `${port}`,
    PUBLIC_URL: base,
    HAMROH_DATA: data,
    DATABASE_URL: database.url,
    // Civil servants may use the provider's sign-in only there.
    DEMONSTRATION: '1',
    AGENCIES: JSON.stringify({ gcp: { key_sha256: createHash('sha256').update(KEY).digest('hex') } }),
    OIDC_ISSUER: oidc.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
    SESSION_SECRET: 'a secret of more than thirty-two characters',
  })
})
after(async () => {
  await program?.stop()
  await oidc?.stop()
  await database?.end()
  rmSync(data, { recursive: true, force: true })
})

/** Follows a redirect to the sign-in page, which must say this in every language. */
async function saysWhy(who: Visitor, led: Answer, code: string): Promise<void> {
  assert.deepEqual([led.status, led.location], [303, `/sign-in?problem=${code}`])
  for (const locale of locales) {
    who.cookies.set('lang', locale)
    const page = await who.get(led.location)
    assert.equal(page.status, 200)
    assert.ok(page.text.includes(say(locale, `sign_in.problem.${code}` as Key)), `${locale} ${code}`)
  }
}

test('a provider that does not answer', async () => {
  const who = visitor(base)
  await saysWhy(who, await who.get('/auth/start'), 'sign_in_unavailable')
  oidc.there = true
  assert.match((await who.get('/auth/start')).location, new RegExp(`^${oidc.issuer}/auth`))
})

test('a sign-in that nobody began here', async () => {
  const who = visitor(base)
  await saysWhy(who, await who.get('/auth/callback?code=x&state=y'), 'sign_in_expired')
})

test('a visitor who turns back at the provider', async () => {
  const who = visitor(base)
  const { state } = oidc.choose((await who.get('/auth/start')).location, {})
  const query = new URLSearchParams({ error: 'access_denied', state })
  await saysWhy(who, await who.get(`/auth/callback?${query}`), 'sign_in_cancelled')
})

test('a provider that does not confirm the code, or says nothing that is understood', async () => {
  const who = visitor(base)
  oidc.says = { status: 400, body: '{"error":"invalid_grant"}' }
  await saysWhy(who, await who.signIn(oidc, officer), 'sign_in_failed')
  oidc.says = null
  await saysWhy(who, await who.signIn(oidc, { sub: 'somebody' }), 'sign_in_failed')
})

test('somebody whom no registry and no agency has made known', async () => {
  const who = visitor(base)
  await saysWhy(
    who,
    await who.signIn(oidc, { sub: 'x', name: 'X', pinfl: '31201900000011' }),
    'sign_in_unknown',
  )
  const stranger = { ...officer, officer: { agency: 'nowhere', number: '1' } }
  await saysWhy(who, await who.signIn(oidc, stranger), 'sign_in_unknown')
})

test('signing out with the form of another session says so and does not sign out; with one’s own it does', async () => {
  const who = visitor(base)
  assert.equal((await who.signIn(oidc, officer)).location, '/desk')
  await saysWhy(who, await who.post('/auth/sign-out', { form: { csrf: 'another' } }), 'bad_form_token')
  const desk = await who.get('/desk')
  assert.equal(desk.status, 200)
  const out = await who.post('/auth/sign-out', { form: who.fieldsOf(desk, '/auth/sign-out') })
  assert.deepEqual([out.status, out.location], [303, '/'])
  assert.equal((await who.get('/desk')).status, 303)
})

/** Makes somebody known to the registries and returns their claims. */
async function known(pinfl: string): Promise<{ sub: string; name: string; pinfl: string }> {
  const event = {
    specversion: '1.0',
    id: `p-${pinfl}`,
    source: 's',
    type: 'uz.gcp.person.registered',
    time: '2026-11-01T04:00:00Z',
    data: { person: { pinfl, full_name: 'Ona', birth_date: '1990-09-12', sex: 'f', citizenship: 'uz' } },
  }
  const told = await visitor(base).post('/v1/events', {
    headers: { 'content-type': 'application/cloudevents+json', authorization: `Bearer ${KEY}` },
    body: JSON.stringify(event),
  })
  assert.equal(told.status, 200, told.text)
  return { sub: pinfl, name: 'Ona', pinfl }
}
const langOf = (page: Answer): string => /<html lang="([^"]+)"/.exec(page.text)?.[1] ?? ''

test('a language chosen while signed in is the person’s on every later visit and every browser', async () => {
  const mother = await known('41209900000001')
  const phone = visitor(base)
  await phone.signIn(oidc, mother)
  assert.equal(langOf(await phone.get('/inbox', { headers: { 'accept-language': 'en' } })), 'en')
  await phone.get('/inbox?lang=ru')
  assert.equal(langOf(await phone.get('/inbox')), 'ru')
  const library = visitor(base)
  library.cookies.set('lang', 'en')
  await library.signIn(oidc, mother)
  assert.equal(langOf(await library.get('/inbox')), 'ru', 'not that of whoever sat there before')
  await library.post('/auth/sign-out', {
    form: library.fieldsOf(await library.get('/inbox'), '/auth/sign-out'),
  })
  assert.equal(langOf(await library.get('/')), 'en')
})

test('a language chosen before the first sign-in is the person’s from then on', async () => {
  const father = await known('31209900000002')
  const phone = visitor(base)
  await phone.get('/?lang=uz-Cyrl')
  assert.equal(langOf(await phone.get('/')), 'uz-Cyrl')
  await phone.signIn(oidc, father)
  const other = visitor(base)
  await other.signIn(oidc, father)
  assert.equal(langOf(await other.get('/inbox', { headers: { 'accept-language': 'en' } })), 'uz-Cyrl')
})

test('a civil servant’s language is that of their browser', async () => {
  const desk = visitor(base)
  await desk.get('/?lang=ru')
  await desk.signIn(oidc, officer)
  assert.equal(langOf(await desk.get('/desk')), 'ru')
  const other = visitor(base)
  await other.signIn(oidc, officer)
  assert.equal(langOf(await other.get('/desk', { headers: { 'accept-language': 'en' } })), 'en')
})
