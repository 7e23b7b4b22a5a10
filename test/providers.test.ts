/**
 * Signing in and out over the providers of the synthetic country, as a browser without script does it: citizens over the
 * emulator of OneID, civil servants (and in the same country citizens too) over OpenID Connect. Ending a session here ends
 * it there, and the other way round.
 */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Country, startCountry } from '../country/country.ts'
import { openDatabase, sql } from '../src/platform/database.ts'
import { startEmbedded } from '../src/platform/embedded.ts'

let data: string
let country: Country

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'hamroh-providers-'))
  chmodSync(data, 0o755)
  const any = { hamroh: 0, control: 0, identity: 0, oneid: 0 }
  country = await startCountry({ data, people: 60, sign_in: 'oneid', ports: any })
})
after(async () => {
  await country?.stop()
  rmSync(data, { recursive: true, force: true })
})

type Page = { readonly at: string; readonly status: number; readonly text: string }

/** A browser that follows redirects and keeps cookies; hosts differ by port alone, as cookies do not. */
function browser() {
  const cookies = new Map<string, string>()
  const visited: string[] = []
  const go = async (url: string, form?: Record<string, string>): Promise<Page> => {
    let [at, body] = [url, form]
    for (let hops = 0; hops < 15; hops++) {
      visited.push(at)
      const response = await fetch(at, {
        method: body ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { 'accept-language': 'en', cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join('; ') },
        ...(body ? { body: new URLSearchParams(body) } : {}),
      })
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name)
        else cookies.set(name, value)
      }
      const next = response.headers.get('location')
      if (!next) return { at, status: response.status, text: await response.text() }
      at = new URL(next, at).href
      body = undefined
    }
    throw new Error('too many redirects')
  }
  return { go, cookies, visited }
}

/** The hidden fields of the form of a page that posts to this address. */
const fieldsOf = ({ text }: Page, action: RegExp): Record<string, string> => {
  const form = (text.match(/<form[\s\S]*?<\/form>/g) ?? []).find((f) => action.test(f))!
  return Object.fromEntries([...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map((m) => [m[1]!, m[2]!]))
}
const oneidSessions = async (): Promise<number> =>
  ((await (await fetch(`${country.urls.oneid}/emulator/sessions`)).json()) as { sessions: number }).sessions

type Row = { kind: string; assurance: string; method: string; provider_secret: string | null }
async function sessionRows(): Promise<Row[]> {
  const db = openDatabase({ url: (await startEmbedded(data)).url, max: 1 })
  try {
    return await db.rows<Row>(sql`
      select kind, assurance, method, provider_secret from hamroh.web_sessions order by started_at`)
  } finally {
    await db.end()
  }
}

test('a citizen signs in over OneID and out of it: the session there ends too, and the next person is asked who they are', async () => {
  const { hamroh, oneid } = country.urls
  const mother = country.people.mothers[0]!
  const { go, visited } = browser()
  const choice = await go(`${hamroh}/sign-in`)
  assert.match(choice.text, /href="\/auth\/oneid\/start\?next=%2Finbox"/)
  const choose = await go(`${hamroh}/auth/oneid/start?next=%2Finbox`)
  assert.match(choose.text, /This is an emulator of OneID/)
  const inbox = await go(choose.at, { sub: mother.sub })
  assert.equal(inbox.at, `${hamroh}/inbox`)
  assert.match(inbox.text, new RegExp(mother.name.toUpperCase().split(' ')[0]!))
  assert.equal(await oneidSessions(), 1)
  const [row] = await sessionRows()
  assert.deepEqual([row!.method, row!.assurance], ['oneid', 'loa:substantial'])
  assert.match(row!.provider_secret!, /^[\w-]{60,}$/, 'the access token lies there sealed')

  // Before signing out, whoever comes back is signed in as before without being asked: that is OneID's way.
  const again = await go(`${hamroh}/auth/oneid/start?next=%2Finbox`)
  assert.equal(again.at, `${hamroh}/inbox`)
  const out = await go(`${hamroh}/auth/sign-out`, fieldsOf(again, /sign-out/))
  assert.equal(out.at, `${hamroh}/`)
  assert.equal(await oneidSessions(), 0, 'one_log_out ended it')
  assert.deepEqual(await sessionRows(), [])
  const next = await go(`${hamroh}/auth/oneid/start?next=%2Finbox`)
  assert.match(next.at, new RegExp(`^${oneid}/interaction/`), 'the next person at this computer is asked')
  // Nothing of it stood in an address: no number of a person, no token.
  assert.ok(!visited.some((at) => at.includes(mother.pinfl) || /access_token|client_secret/.test(at)))
})

test('ending a session from another browser ends it at OneID too', async () => {
  const { hamroh } = country.urls
  const mother = country.people.mothers[2]!
  const [here, there] = [browser(), browser()]
  for (const { go } of [there, here]) {
    const choose = await go(`${hamroh}/auth/oneid/start?next=%2Fsessions`)
    await go(choose.at, { sub: mother.sub })
  }
  assert.equal(await oneidSessions(), 2)
  const page = await here.go(`${hamroh}/sessions`)
  const ended = await here.go(`${hamroh}/sessions/end-others`, fieldsOf(page, /end-others/))
  assert.match(ended.text, /Signed out everywhere else/)
  assert.equal(await oneidSessions(), 1)
  assert.match((await there.go(`${hamroh}/inbox`)).at, /\/sign-in/)
  await here.go(`${hamroh}/auth/sign-out`, fieldsOf(ended, /sign-out/))
  assert.equal(await oneidSessions(), 0)
})

test('somebody whom OneID has not verified is signed in at the lowest level', async () => {
  const { hamroh } = country.urls
  const { go } = browser()
  const choose = await go(`${hamroh}/auth/oneid/start?next=%2Fsessions`)
  // The emulator's own list: every tenth is not verified, and not every one of them is grown up.
  let page = choose
  for (const index of [9, 19, 29, 39, 49, 59]) {
    page = await go(choose.at, { sub: `citizen-${index}` })
    if (page.at === `${hamroh}/sessions`) break
  }
  assert.equal(page.at, `${hamroh}/sessions`)
  assert.match(page.text, /low: identity not verified/)
  await go(`${hamroh}/auth/sign-out`, fieldsOf(page, /sign-out/))
})

test('a OneID sign-in with a state of another browser, twice the code, or a made-up code is refused in words', async () => {
  const { hamroh } = country.urls
  const mine = browser()
  const choose = await mine.go(`${hamroh}/auth/oneid/start`)
  const response = await fetch(choose.at, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ sub: country.people.mothers[1]!.sub }),
  })
  const callback = response.headers.get('location')!
  const stolen = await browser().go(callback)
  assert.match(stolen.at, /\/sign-in\?problem=sign_in_expired$/)
  for (const change of [
    (url: URL) => url.searchParams.set('state', 'another'),
    (url: URL) => url.searchParams.append('state', 'another'),
    (url: URL) => url.searchParams.delete('state'),
    (url: URL) => url.searchParams.set('code', '00000000-0000-4000-8000-000000000000'),
    (url: URL) => url.searchParams.append('code', 'another'),
    (url: URL) => url.searchParams.set('code', 'x'.repeat(600)),
  ]) {
    const url = new URL(callback)
    change(url)
    const { go, cookies } = browser()
    for (const [name, value] of mine.cookies) cookies.set(name, value)
    assert.match((await go(url.href)).at, /\/sign-in\?problem=sign_in_(failed|expired)$/)
  }
})

test('over OpenID Connect: pushed request, signed client, assurance kept; signing out leads to the provider, which ends its session', async () => {
  const { hamroh, identity } = country.urls
  const officer = country.people.officers[0]!
  const { go, visited } = browser()
  const choose = await go(`${hamroh}/auth/start?next=%2Fsessions`)
  const authorise = visited.find((at) => at.startsWith(`${identity}/auth`))!
  assert.deepEqual([...new URL(authorise).searchParams.keys()].sort(), ['client_id', 'request_uri'])
  const sessions = await go(choose.at, { sub: officer.sub })
  assert.equal(sessions.at, `${hamroh}/sessions`)
  assert.match(sessions.text, /substantial/)
  assert.match(readFileSync(join(data, 'client-keys.json'), 'utf8'), /"d":/)
  const keys = (await (await fetch(`${hamroh}/auth/jwks.json`)).json()) as { keys: object[] }
  assert.ok(keys.keys.length === 1 && !('d' in keys.keys[0]!), 'only the public part is published')

  const asked = await go(`${hamroh}/auth/sign-out`, fieldsOf(sessions, /sign-out/))
  assert.match(asked.at, new RegExp(`^${identity}/session/end`))
  assert.match(asked.text, /Sign out here too/)
  assert.ok(!/id_token/.test(asked.at), 'the address names no person')
  const left = await go(`${identity}/session/end/confirm`, {
    ...fieldsOf(asked, /session\/end\/confirm/),
    logout: 'yes',
  })
  assert.equal(left.at, `${hamroh}/`)
  assert.match((await go(`${hamroh}/desk`)).at, /\/sign-in/)
})

test('a session that ends at the provider ends here: the logout token of the provider is taken', async () => {
  const { hamroh, identity } = country.urls
  const { go } = browser()
  const desk = await go((await go(`${hamroh}/auth/start?next=%2Fdesk`)).at, {
    sub: country.people.officers[1]!.sub,
  })
  assert.equal(desk.at, `${hamroh}/desk`)
  // Straight at the provider, without a word to Hamroh.
  const asked = await go(`${identity}/session/end`)
  await go(`${identity}/session/end/confirm`, {
    ...fieldsOf(asked, /session\/end\/confirm/),
    logout: 'yes',
  })
  assert.match((await go(`${hamroh}/desk`)).at, /\/sign-in\?next=%2Fdesk/)
})
