import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChild } from './children.ts'
import { type Country, type CountryOptions, startCountry } from './country.ts'
import { tax_columns, taxLine, writeExtracts } from './extract.ts'
import { type FakeHamroh, startFakeHamroh } from './fake-hamroh.ts'
import { populationEvents } from './population.ts'

const data = mkdtempSync(join(tmpdir(), 'hamroh-country-'))
const any = Object.fromEntries(
  ['control', 'identity', 'registry', 'mia', 'health', 'preschool', 'pension', 'ihma'].map((place) => [
    place,
    0,
  ]),
)
let hamroh: FakeHamroh
let country: Country
let options: CountryOptions

before(async () => {
  hamroh = await startFakeHamroh()
  options = {
    data,
    people: 200,
    hamroh: 'external',
    ports: { ...any, hamroh: Number(new URL(hamroh.url).port) },
  }
  country = await startCountry(options)
})
after(async () => {
  await country?.stop()
  await hamroh?.stop()
  rmSync(data, { recursive: true, force: true })
})

test('the keys are made once and only the owner may read them', () => {
  const file = join(data, 'country', 'keys.json')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), country.keys)
  const agencies = JSON.parse(country.hamroh_env.AGENCIES!) as {
    [agency: string]: { key?: string; key_sha256: string }
  }
  assert.equal(Object.keys(agencies).length, 13)
  assert.equal(agencies.tax!.key, undefined)
  assert.match(agencies.mia!.key_sha256, /^[0-9a-f]{64}$/)
})

test('a second supervisor over the same folder is told to go', async () => {
  await assert.rejects(
    startCountry({ ...options, ports: { hamroh: 1 } }).then((other) => other.stop()),
    /already running/,
  )
})

test('the population is loaded once, each agency with its own key, strangers never named', async () => {
  hamroh.fail(1)
  const loaded = await country.load()
  const expected = [...populationEvents(country.population)]
  assert.deepEqual(loaded, { events: expected.length, refused: 0 })
  assert.equal(hamroh.events.length, expected.length)
  for (const { key, event } of hamroh.events)
    assert.equal(key, (country.keys.report as { [a: string]: string })[event.source.replace('urn:uz:', '')])
  const requests = hamroh.requests.count
  await country.load()
  assert.equal(hamroh.requests.count, requests)
})

/** A browser without script, as far as a sign-in needs it: follows redirects and keeps cookies of one host. */
function browser() {
  const cookies = new Map<string, string>()
  return async (url: string, form?: Record<string, string>): Promise<Response & { at: string }> => {
    let [at, body] = [url, form]
    for (let hops = 0; hops < 10; hops++) {
      const response = await fetch(at, {
        redirect: 'manual',
        method: body ? 'POST' : 'GET',
        headers: {
          cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join('; '),
          origin: new URL(at).origin,
          'accept-language': 'en',
        },
        ...(body ? { body: new URLSearchParams(body) } : {}),
      })
      for (const cookie of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
        if (value === '') cookies.delete(name!)
        else cookies.set(name!, value!)
      }
      const next = response.headers.get('location')
      if (!next || next.includes('/auth/callback')) return Object.assign(response, { at: next ?? at })
      at = new URL(next, at).href
      body = undefined
    }
    throw new Error('too many redirects')
  }
}

/** Pushes a request, as Hamroh does, and returns the address to send the browser to (RFC 9126). */
async function pushed(query: URLSearchParams): Promise<string> {
  const { identity } = country.urls
  const body = new URLSearchParams([...query, ...Object.entries(await hamroh.proof(identity))])
  body.delete('client_id')
  body.append('client_id', 'hamroh')
  const answer = await fetch(`${identity}/request`, { method: 'POST', body })
  const { request_uri, error } = (await answer.json()) as { request_uri: string; error?: string }
  return `${identity}/auth?${new URLSearchParams({ client_id: 'hamroh', request_uri: request_uri ?? `none: ${error}` })}`
}

async function signIn(sub: string, go = browser()): Promise<{ [claim: string]: unknown }> {
  const verifier = randomBytes(32).toString('base64url')
  const redirect_uri = `${hamroh.url}/auth/callback`
  const query = new URLSearchParams({
    client_id: 'hamroh',
    response_type: 'code',
    scope: 'openid profile',
    redirect_uri,
    state: 'a-state',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    login_hint: sub,
  })
  const page = await go(await pushed(query))
  const html = await page.text()
  assert.equal(page.status, 200)
  assert.match(html, /Nobody here is real/)
  assert.doesNotMatch(html, /<script/)
  const back = new URL((await go(page.at, { sub })).at)
  assert.equal(back.searchParams.get('state'), 'a-state')
  const answer = await fetch(`${country.urls.identity}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code')!,
      redirect_uri,
      code_verifier: verifier,
      ...(await hamroh.proof(country.urls.identity)),
    }),
  })
  const tokens = (await answer.json()) as { id_token: string }
  assert.equal(answer.status, 200, JSON.stringify(tokens))
  return JSON.parse(Buffer.from(tokens.id_token.split('.')[1]!, 'base64url').toString()) as {
    [claim: string]: unknown
  }
}

test('a mother and then an officer sign in through the same browser, and each is asked who they are', async () => {
  const go = browser()
  const mother = country.people.mothers[0]!
  const her = await signIn(mother.sub, go)
  assert.deepEqual(
    [her.sub, her.pinfl, her.name, her.officer],
    [mother.sub, mother.pinfl, mother.name, undefined],
  )
  const officer = country.people.officers[0]!
  const his = await signIn(officer.sub, go)
  assert.deepEqual([his.sub, his.pinfl], [officer.sub, undefined])
  assert.deepEqual(his.officer, { agency: officer.agency, role: officer.role, number: officer.number })
})

test('somebody outside the demonstration is found by a search that forgives apostrophes', async () => {
  const go = browser()
  const query = new URLSearchParams({
    client_id: 'hamroh',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${hamroh.url}/auth/callback`,
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  })
  const { at } = await go(await pushed(query))
  const found = await (await go(`${at}?q=yo'ldosh`)).text()
  assert.match(found, /Yoʻldosheva Nilufar/)
  assert.match(await (await go(`${at}?q=nobodyatall`)).text(), /Nobody was found/)
  const stranger = await go(at, { sub: 'citizen-999999' })
  assert.match(await stranger.text(), /Who are you/)
})

test('a sign-in that is not pushed, or without PKCE, is refused, and one that was lost says how to go on', async () => {
  const query = new URLSearchParams({
    client_id: 'hamroh',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${hamroh.url}/auth/callback`,
  })
  const refused = await browser()(`${country.urls.identity}/auth?${query}`)
  assert.match(refused.at, /error=invalid_request/)
  assert.match(await pushed(query), /none%3A\+invalid_request/)
  const lost = await fetch(`${country.urls.identity}/interaction/nothing-of-the-kind`, {
    headers: { 'accept-language': 'en' },
  })
  assert.equal(lost.status, 400)
  assert.match(await lost.text(), /start again/)
})

test('the signing key survives a restart of the provider', async () => {
  const jwks = async () => (await fetch(`${country.urls.identity}/jwks`)).json()
  const keys = await jwks()
  const before_restart = country.child('identity')!
  before_restart.process.kill('SIGKILL')
  await before_restart.ended
  for (let i = 0; i < 200 && !(await jwks().catch(() => undefined)); i++) await sleep(50)
  assert.deepEqual(await jwks(), keys)
})

test('the control room works without script: a birth, its correction and retraction, an income, a move', async () => {
  const go = browser()
  const { control } = country.urls
  const page = await (await go(control)).text()
  assert.match(page, /Synthetic country/)
  assert.doesNotMatch(page, /<script/)
  const mother = country.people.mothers[0]!
  const last = () => hamroh.events.at(-1)!.event

  const born = await (
    await go(`${control}/birth`, { mother: `${mother.index}`, sex: 'f', born_on: '' })
  ).text()
  assert.match(born, /was born to Karimova Dilnoza/)
  assert.match(born, /Hamroh accepted the event/)
  const birth = last()
  assert.equal((birth.data!.child as { birth_order: number }).birth_order, 1)
  assert.equal((birth.data!.mother as { pinfl: string }).pinfl, mother.pinfl)
  assert.ok(birth.data?.father)

  await go(`${control}/correct`, { n: '1', name: 'Karimova Lola Jasur qizi', birth_order: '2' })
  assert.equal(last().hamrohcorrects, birth.id)
  assert.deepEqual(
    { ...(birth.data?.child as object), full_name: 'Karimova Lola Jasur qizi', birth_order: 2 },
    last().data?.child,
  )
  const corrected = last()
  await go(`${control}/retract`, { n: '1' })
  // The correction first, then the birth itself: a retracted correction alone would let the birth stand again.
  assert.deepEqual(
    hamroh.events.slice(-2).map(({ event }) => event.hamrohretracts),
    [corrected.id, birth.id],
  )
  assert.match(await (await go(`${control}/retract`, { n: '1' })).text(), /already retracted/)

  await go(`${control}/income`, { mother: `${mother.index}`, monthly_uzs: '900000' })
  assert.equal(last().data?.household_income, 90_000_000)
  await go(`${control}/move`, { mother: `${mother.index}`, district: '1703401' })
  assert.deepEqual([last().source, last().data?.district], ['urn:uz:mia', '1703401'])
  assert.match(
    await (await go(`${control}/move`, { mother: '1', district: '0' })).text(),
    /Choose one of the districts/,
  )
  const count = hamroh.events.length
  assert.match(
    await (await go(`${control}/birth`, { mother: '1', sex: 'f', born_on: '2999-01-01' })).text(),
    /future/,
  )
  assert.equal(hamroh.events.length, count)
})

test('the control room disturbs an agency, heals it, and moves the clock of everything', async () => {
  const go = browser()
  const { control } = country.urls
  const knobs = {
    agency: 'health',
    latency_ms: '250',
    error_rate: '20',
    duplicate_rate: '0',
    slow_rate: '0',
    down: 'on',
  }
  await go(`${control}/behaviour`, knobs)
  const headers = { authorization: `Bearer ${country.keys.control}` }
  const behaviour = async () => (await fetch(`${country.urls.agencies.health}/behaviour`, { headers })).json()
  assert.deepEqual(await behaviour(), {
    latency_ms: 250,
    error_rate: 0.2,
    duplicate_rate: 0,
    slow_rate: 0,
    slow_ms: 2000,
    down: true,
  })
  await go(`${control}/behaviour`, { agency: 'health', heal: '1' })
  assert.equal(((await behaviour()) as { down: boolean }).down, false)
  await go(`${control}/clock`, { by: '7' })
  assert.deepEqual(hamroh.forwarded, [7])
  assert.match(await (await go(`${control}/clock`, { by: '-1' })).text(), /1 to 3660 days/)
})

test('forms from another site are turned away', async () => {
  const response = await fetch(`${country.urls.control}/retract`, {
    method: 'POST',
    headers: { origin: 'http://evil.example' },
    body: new URLSearchParams({ n: '1' }),
  })
  assert.equal(response.status, 403)
})

test('an agency that dies is started again; a stop leaves nothing behind, and a second start knows everything', async () => {
  const agency = country.child('mia')!
  agency.process.kill('SIGKILL')
  await agency.ended
  for (let i = 0; i < 200 && country.child('mia') === agency; i++) await sleep(50)
  assert.notEqual(country.child('mia'), agency)
  await country.stop()
  for (const name of ['mia', 'health', 'registry', 'identity', 'control'])
    assert.throws(() => process.kill(country.child(name)!.process.pid!, 0), /ESRCH/)
  assert.equal(existsSync(join(data, 'country', 'supervisor.pid')), false)
  const { keys, people } = country
  country = await startCountry(options)
  assert.deepEqual([country.keys, country.people], [keys, people])
  assert.match(await (await browser()(country.urls.control)).text(), /was retracted/)
})

/** A program that stands in for src/main.ts. */
function writeFakeMain(): string {
  const main = join(data, 'main.ts')
  const fake = new URL('./fake-hamroh.ts', import.meta.url).href
  writeFileSync(
    main,
    `import { startFakeHamroh } from '${fake}'
     await startFakeHamroh(Number(process.env.PORT))
     process.on('SIGTERM', () => process.exit(0))
     console.log('I saw ' + Object.keys(JSON.parse(process.env.AGENCIES)).length + ' agencies')`,
  )
  return main
}

test('npm start says where everything is, and SIGTERM ends every process with code 0', async () => {
  const folder = join(data, 'started')
  const demonstration = startChild({
    name: 'demonstration',
    file: 'country/demonstration.ts',
    args: ['--hamroh', writeFakeMain()],
    env: { HAMROH_DATA: folder, COUNTRY_PEOPLE: '60', PORT: '0', CONTROL_PORT: '0', IDENTITY_PORT: '0' },
    log: join(data, 'demonstration.log'),
  })
  const said = () => readFileSync(demonstration.log, 'utf8')
  for (let i = 0; i < 400 && !said().includes('Ctrl-C stops'); i++) await sleep(50)
  assert.match(said(), /Ready after [\d.]+ s, with 60 people who do not exist/)
  assert.match(said(), /Karimova Dilnoza Islom qizi +first child, income known/)
  const [, control] = /Control room {2}(http\S+)/.exec(said())!
  assert.equal((await fetch(control!)).status, 200)
  demonstration.process.kill('SIGTERM')
  assert.deepEqual(await demonstration.ended, { code: 0, signal: null })
  await assert.rejects(fetch(control!))
  assert.doesNotMatch(said(), /unexpectedly/)
})

test('a Hamroh that dies is not started again: the supervisor says so with its last words', async () => {
  const main = writeFakeMain()
  const started = await startCountry({
    data: join(data, 'other'),
    people: 40,
    ports: { ...any, hamroh: 0 },
    hamroh_file: main,
  })
  try {
    assert.deepEqual(await started.load(), {
      events: [...populationEvents(started.population)].length,
      refused: 0,
    })
    started.child('hamroh')!.process.kill('SIGKILL')
    assert.match(await started.broken, /hamroh ended unexpectedly \(SIGKILL\)[\s\S]*I saw 13 agencies/)
  } finally {
    await started.stop()
  }
})

test('extracts hold the same events as the history', async () => {
  const folder = join(data, 'extracts')
  const counts = await writeExtracts(folder, { people: 100 })
  const events = [...populationEvents({ people: 100 })]
  assert.equal(counts['all.ndjson'], events.length)
  const lines = readFileSync(join(folder, 'all.ndjson'), 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    events,
  )
  const csv = readFileSync(join(folder, 'tax-income.csv'), 'utf8').trimEnd().split('\n')
  assert.equal(csv[0], tax_columns.join(';'))
  assert.deepEqual(csv.slice(1), events.filter((e) => e.type === 'uz.tax.income.reported').map(taxLine))
})
