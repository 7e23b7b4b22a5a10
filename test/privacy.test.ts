/**
 * Nothing personal leaves by a side door. The real program, with its own database, an agency and a sign-in provider over
 * HTTP, is given words that no program would say by itself, in every place where people, registries, agencies and
 * attackers can put any. None of them may turn up in what it prints, in its metrics, in a refusal, in an address it sends
 * a browser to, or in the queue's tables.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../country/children.ts'
import { type Database, openDatabase, sql } from '../src/platform/database.ts'
import { startEmbedded } from '../src/platform/embedded.ts'
import { AGENCY_KEY, type FakeAgency, type Mood, startFakeAgency } from './fake-agency.ts'
import { CLIENT, type FakeOidc, startFakeOidc } from './fake-oidc.ts'
import { hamroh, type Program, startProgram } from './program.ts'
import { type Answer, type Visitor, visitor } from './visitor.ts'

/** Every word that was planted, and where. Letters and digits alone: no encoding on the way can hide one. */
const planted = new Map<string, string>()
function plant(where: string): string {
  const word = `zq${planted.size + 1000}plantedqz`
  planted.set(word, where)
  return word
}
/** What attacks look like, around a planted word. */
const hostile = (where: string): string =>
  `${plant(where)}\n{"level":60,"msg":"forged"}\r\n\u2028<script>'"; drop table facts; --%s%n\${x}\u202e`
function pinfl(where: string): string {
  const digits = `41209909${String(planted.size).padStart(6, '0')}`
  planted.set(digits, where)
  return digits
}

const KEYS = Object.fromEntries(
  ['gcp', 'zags', 'mia', 'tax', 'health', 'preschool', 'pension', 'ihma'].map((a) => [
    a,
    `key-of-${a}-0123456789`,
  ]),
)
const CLOCK_KEY = 'key-of-the-clock-0123456789'
const MOTHER = pinfl('the mother’s PINFL in events')
const CHILD = pinfl('the child’s PINFL in events')

let data: string
let agency: FakeAgency
let oidc: FakeOidc
let program: Program
let owner: Database
let settings: Record<string, string> & { PORT: string }
let base: string
const answers: Answer[] = []
const commands: string[] = []
const someone = (): Visitor => visitor(base, (answer) => answers.push(answer))

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'hamroh-privacy-'))
  chmodSync(data, 0o755)
  agency = await startFakeAgency()
  oidc = await startFakeOidc()
  const port = await freePort(0)
  base = `http://127.0.0.1:${port}`
  settings = {
    PORT: `${port}`,
    PUBLIC_URL: base,
    HAMROH_DATA: data,
    LOG_LEVEL: 'trace',
    DEMONSTRATION: '1',
    DEMONSTRATION_KEY: CLOCK_KEY,
    AGENCIES: JSON.stringify(
      Object.fromEntries(
        Object.entries(KEYS).map(([code, key]) => [
          code,
          { key_sha256: createHash('sha256').update(key).digest('hex'), url: agency.url, key: AGENCY_KEY },
        ]),
      ),
    ),
    OIDC_ISSUER: oidc.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
    SESSION_SECRET: 'a secret of more than thirty-two characters',
  }
  program = await startProgram(settings)
  owner = openDatabase({ url: (await startEmbedded(data)).url, max: 2 })
  // Jobs that succeed are deleted: what they carried is kept here.
  await owner.run({ text: 'create table public.job_log (job text not null)', values: [] })
  await owner.run({
    text: `create function public.keep_job() returns trigger language plpgsql security definer as
      $$ begin insert into public.job_log values (to_jsonb(new)::text); return new; end $$`,
    values: [],
  })
  await owner.run({
    text: `create trigger keep_job after insert or update on graphile_worker._private_jobs
      for each row execute function public.keep_job()`,
    values: [],
  })
})
after(async () => {
  await owner?.end()
  await program?.stop()
  await Promise.all([agency?.stop(), oidc?.stop()])
  rmSync(data, { recursive: true, force: true })
})

const JSON_EVENT = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'

/** The program has the machine's clock, and law looks at how long ago something was. */
const daysAgo = (n: number) => new Date(Date.now() - n * 86_400_000)
const dayAgo = (n: number): string => daysAgo(n).toISOString().slice(0, 10)

const event = (type: string, id: string, body: object, more: object = {}) => ({
  specversion: '1.0',
  id,
  source: 'urn:test',
  type,
  time: daysAgo(2).toISOString(),
  data: body,
  ...more,
})

async function report(
  by: string,
  body: string | Uint8Array,
  type: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const authorization = `Bearer ${KEYS[by] ?? by}`
  return someone().post('/v1/events', { headers: { 'content-type': type, authorization, ...headers }, body })
}
const tell = async (by: string, what: object): Promise<void> => {
  const answer = await report(by, JSON.stringify(what), JSON_EVENT)
  assert.equal(answer.status, 200, answer.text)
}

const person = (of: { pinfl: string; name: string }) => ({
  person: { pinfl: of.pinfl, full_name: of.name, birth_date: '1990-09-12', sex: 'f', citizenship: 'uz' },
})

/** Meanwhile every insert into a table fails as a database does that quotes the row in its message. */
async function whileBroken(table: string, work: () => Promise<void>, when = 'true'): Promise<void> {
  const words = hostile('a database error').replaceAll("'", '’').replaceAll('%', '')
  const run = (text: string) => owner.run({ text, values: [] })
  await run(`create or replace function public.break_it() returns trigger language plpgsql as
    $$ begin raise exception E'${words} %', to_jsonb(new) using detail = to_jsonb(new)::text; end $$`)
  await run(
    `create trigger break_it before insert on hamroh.${table} for each row when (${when}) execute function public.break_it()`,
  )
  try {
    await work()
  } finally {
    await run(`drop trigger break_it on hamroh.${table}`)
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await holds()) return
    await sleep(100)
  }
  assert.fail(`it never came to this: ${what}`)
}

test('events in all three modes, good and malformed', async () => {
  await tell(
    'gcp',
    event(
      'uz.gcp.person.registered',
      plant('an event id'),
      person({ pinfl: MOTHER, name: hostile('a name') }),
    ),
  )
  await tell(
    'mia',
    event('uz.mia.residence.registered', 'r1', {
      person: { pinfl: MOTHER },
      district: '1726266',
      address: hostile('an address'),
      since: '2020-01-01',
    }),
  )
  await tell(
    'ihma',
    event('uz.ihma.household.recorded', 'h1', {
      person: { pinfl: MOTHER },
      household: plant('a household'),
      size: 3,
      in_register: false,
      since: dayAgo(200),
    }),
  )
  const birth = {
    certificate: plant('a certificate'),
    child: {
      pinfl: CHILD,
      full_name: plant('the child’s name'),
      birth_date: dayAgo(10),
      sex: 'f',
      birth_order: 1,
    },
    mother: { pinfl: MOTHER },
  }
  const good = event('uz.zags.birth.registered', 'b1', birth)
  const { data: body, ...attributes } = good
  const ce = Object.fromEntries(
    Object.entries(attributes).map(([k, v]) => [`ce-${k}`, encodeURIComponent(String(v))]),
  )
  const binary = await report('zags', JSON.stringify(body), 'application/json', ce)
  assert.equal(binary.status, 200, binary.text)
  const said = { ...birth, certificate: plant('a contradicting certificate') }
  // Of the child: the mother's is unknown, and she will be asked.
  const income = (of: object, more: object = {}) =>
    event(
      'uz.tax.income.reported',
      plant('an id'),
      {
        person: { pinfl: CHILD },
        period_from: dayAgo(400),
        period_to: dayAgo(35),
        household_income: 100,
        ...of,
      },
      more,
    )
  const wrong: object[] = [
    { ...good, data: said },
    { ...good, id: 'b2', [plant('an unknown attribute')]: plant('its value') },
    { ...good, id: 'b3', type: plant('an unknown type') },
    { ...good, id: 'b4', time: plant('a time') },
    { ...good, id: 'b5', specversion: plant('a version') },
    { ...good, id: 'b6', data: plant('data that are text') },
    { ...good, id: 'b7', data: { ...birth, [plant('an unknown field')]: plant('its value') } },
    { ...good, id: 'b8', data: { ...birth, mother: { pinfl: pinfl('somebody nobody knows') } } },
    {
      ...good,
      id: 'b9',
      data: { ...birth, mother: { pinfl: `9${plant('a malformed PINFL').slice(0, 20)}` } },
    },
    { ...good, id: 'b10', data: { ...birth, child: { ...birth.child, birth_date: plant('a date') } } },
    { ...good, id: 'b11', data: { ...birth, child: { ...birth.child, sex: plant('a code') } } },
    {
      ...good,
      id: 'b12',
      data: { ...birth, child: { ...birth.child, full_name: `${plant('a long name')}${'x'.repeat(500)}` } },
    },
    {
      ...good,
      id: 'b13',
      data: { ...birth, child: { ...birth.child, full_name: `${plant('a name with NUL')}\0` } },
    },
    { ...good, id: 'b14', hamrohretracts: plant('a target'), hamrohcorrects: plant('another target') },
    { ...good, id: 'b15', data: { ...birth, child: { ...birth.child, birth_date: '2099-01-01' } } },
    { ...good, id: 'b16', data: { ...birth, mother: { pinfl: CHILD } } },
    income({ household_income: plant('an amount') }),
    income({}, { source: hostile('a source'), dataschema: plant('a schema'), subject: plant('a subject') }),
    income({}, { time: '2099-01-01T00:00:00Z' }),
    event('uz.tax.income.reported', 'cancelling', undefined as never, {
      hamrohretracts: plant('an unknown target'),
    }),
  ]
  for (const item of wrong) {
    for (const by of ['zags', 'tax']) await report(by, JSON.stringify(item), JSON_EVENT)
    const { data: its, ...rest } = item as { data?: unknown } & Record<string, unknown>
    const headers = Object.fromEntries(
      Object.entries(rest).map(([k, v]) => [`ce-${k}`, encodeURIComponent(String(v))]),
    )
    await report('zags', JSON.stringify(its) ?? '', 'application/json', headers)
  }
  const batch = await report(
    'zags',
    JSON.stringify([...wrong, plant('an item that is text'), null, 7]),
    BATCH,
  )
  assert.equal(batch.status, 200)
  for (const item of (JSON.parse(batch.text) as { items: { refusal?: object }[] }).items)
    answers.push({
      ...batch,
      asked: 'an item of a batch',
      status: 422,
      type: 'application/problem+json',
      text: JSON.stringify(item.refusal ?? {}),
    })
})

test('bodies, headers and keys that are no events at all', async () => {
  const bodies: (string | Uint8Array)[] = [
    `{"${plant('broken JSON')}`,
    `["${plant('a batch that is cut off')}"`,
    new Uint8Array([...Buffer.from(plant('not UTF-8')), 0xff, 0xfe]),
    `${plant('a body that is too large')}${'x'.repeat(300_000)}`,
    '',
  ]
  for (const body of bodies)
    for (const type of [JSON_EVENT, BATCH, 'application/json', `text/${plant('a content type')}`]) {
      await report('zags', body, type)
      await report('zags', body, type, { 'ce-specversion': '1.0', 'ce-id': plant('an id in a header') })
    }
  await report('zags', '{}', 'application/json', {
    'ce-specversion': '1.0',
    [`ce-${plant('the name of a header')}`]: `%ZZ${plant('a header badly encoded')}`,
  })
  await report(plant('a key that is none'), '{}', JSON_EVENT)
  await report('zags', '{}', JSON_EVENT, {
    'user-agent': plant('a user agent'),
    cookie: `hamroh=${plant('a cookie')}; lang=${plant('a language')}`,
    'x-forwarded-for': plant('an address of a proxy'),
    'x-request-id': plant('a request id'),
  })
  for (const raw of [
    `GET /${plant('a broken request line')} HTTP/9\r\n\r\n`,
    `POST /v1/events HTTP/1.1\r\nhost: x\r\n${plant('a header')}\u0001: y\r\n\r\n`,
    `POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n{"${plant('a request cut off')}`,
    `GET /inbox HTTP/1.1\r\nhost: ${plant('a host')} x\r\n\r\n`,
    `GET http://[${plant('an impossible address')}/ HTTP/1.1\r\nhost: x\r\n\r\n`,
    `GET / HTTP/1.1\r\nhost: x\r\nx: ${plant('headers too long')}${'y'.repeat(20_000)}\r\n\r\n`,
  ])
    await new Promise<void>((done) => {
      const socket = connect(Number(settings.PORT), '127.0.0.1', () => {
        socket.write(raw)
        setTimeout(() => socket.destroy(), 200)
      })
      let text = ''
      socket.on('data', (part) => {
        text += part
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        answers.push({ asked: 'raw', status: 400, type: 'application/problem+json', location: '', text })
        done()
      })
    })
})

const uuid = '01a20c22-fff7-7000-a7ed-a5cbad165f2d'
const pages = [
  '/',
  '/about',
  '/sign-in',
  '/inbox',
  '/memory',
  '/who-looked',
  '/desk',
  `/proposal/${uuid}`,
  `/why/fact/${uuid}`,
]

test('addresses of pages and of the API, with and without a session', async () => {
  const mother = someone()
  await mother.signIn(oidc, { sub: plant('a sub'), name: plant('a name at sign-in'), pinfl: MOTHER })
  for (const who of [someone(), mother]) {
    for (const page of pages)
      for (const [name, value] of [
        [plant('a query name'), plant('a query value')],
        ['next', `/${plant('a path to go on to')}`],
        ['next', `/inbox?x=${plant('a query to go on to')}`],
        ['next', `//${plant('another site')}.example`],
        ['problem', plant('a problem')],
        ['done', plant('something done')],
        ['login_hint', plant('a hint')],
        ['known_on', plant('a day')],
        ['valid_on', plant('another day')],
        ['older', plant('a cursor')],
        ['lang', plant('a language')],
      ] as const) {
        await who.get(`${page}?${new URLSearchParams([[name, value]])}`)
        await who.get(
          `${page}?${new URLSearchParams([
            [name, value],
            ['lang', 'ru'],
          ])}`,
        )
      }
    for (const start of [
      '/inbox',
      '/proposal',
      '/journey',
      '/question',
      '/decision',
      '/why/fact',
      '/desk/case',
      '/desk/task',
      '/live',
      '/live/journey',
      '/assets',
      '/auth',
      '/v1',
      '/v1/me',
      '/v1/me/graph/back/fact',
      '/demonstration',
      '',
    ])
      for (const method of ['GET', 'POST', 'PUT', 'DELETE'])
        await who.call(
          method,
          `${start}/${plant(`a path under ${start}`)}${method === 'GET' ? '?lang=en' : ''}`,
        )
    const token = { 'x-csrf-token': who.fieldsOf(await mother.get('/inbox'), '/auth/sign-out').csrf! }
    for (const body of [
      `{"${plant('no JSON for the API')}`,
      JSON.stringify({ answer: plant('an answer'), key: 'k' }),
      JSON.stringify({ answer: 'accept', key: `${plant('a key with NUL')}\0` }),
      JSON.stringify({ answer: 'accept', key: plant('a key'), more: plant('more') }),
    ])
      await who.post(`/v1/me/proposals/${uuid}/answer`, {
        headers: { 'content-type': 'application/json', ...token },
        body,
      })
    await who.post('/demonstration/clock', {
      headers: { authorization: `Bearer ${CLOCK_KEY}` },
      body: JSON.stringify({ forward_days: plant('days'), x: plant('a field') }),
    })
    await who.get('/demonstration/clock')
  }
})

test('a sign-in that goes wrong in every way', async () => {
  const q = (fields: Record<string, string>) => `/auth/callback?${new URLSearchParams(fields)}`
  const lost = someone()
  await lost.get(q({ code: plant('a code'), state: plant('a state') }))
  lost.cookies.set('hamroh-sign-in', `${plant('a cookie of a sign-in')}.x`)
  await lost.get(q({ code: plant('a code'), state: plant('a state') }))
  await lost.get(
    `/auth/start?${new URLSearchParams({ next: `/memory/${plant('a page to return to')}`, login_hint: plant('a hint') })}`,
  )
  await lost.get(
    q({ error: plant('an error'), error_description: hostile('its description'), state: plant('a state') }),
  )
  for (const body of [
    `{"error":"${plant('an error of the token endpoint')}","error_description":"${plant('its words')}"}`,
    plant('a token endpoint without JSON'),
    JSON.stringify({ access_token: 'x', token_type: 'bearer', id_token: plant('a broken token') }),
  ]) {
    oidc.says = { status: body.includes('id_token') ? 200 : 400, body }
    await someone().signIn(oidc, { sub: 'x' })
  }
  oidc.says = null
  for (const claims of [
    { sub: plant('a sub alone') },
    { sub: 'x', name: hostile('a name'), pinfl: pinfl('somebody unknown who signs in') },
    { sub: 'x', name: `${plant('a name with NUL')}\0`, pinfl: MOTHER },
    {
      sub: 'x',
      name: plant('an officer’s name'),
      officer: { agency: plant('an unknown agency'), number: plant('a number') },
    },
    {
      sub: 'x',
      name: `${plant('an officer with NUL')}\0`,
      officer: { agency: 'pension', number: `${plant('a number')}\0` },
    },
  ])
    await someone().signIn(oidc, claims)
  await someone().post('/auth/sign-out', { form: { csrf: plant('a form token') } })
  const mother = someone()
  await mother.signIn(oidc, { sub: 'x', name: 'Ona', pinfl: MOTHER })
  await mother.post('/auth/sign-out', { form: { csrf: plant('a form token'), more: plant('a field') } })
  // Another program of its own, whose provider cannot be found.
  oidc.there = false
  const port = await freePort(0)
  const other = await startProgram({ ...settings, PORT: `${port}`, PUBLIC_URL: `http://127.0.0.1:${port}` })
  try {
    const stranded = visitor(`http://127.0.0.1:${port}`, (answer) => answers.push(answer))
    await stranded.get(`/auth/start?login_hint=${plant('a hint')}`)
    await stranded.get(q({ code: plant('a code'), state: 'x' }))
  } finally {
    oidc.there = true
    assert.equal(await other.stop(), 0)
    commands.push(other.printed())
  }
})

/** What agencies say to each task, one answer after the other; the last one again and again. */
const says: Record<string, (() => Mood)[]> = {
  'residence.register': [
    () => ({
      status: 200,
      body: JSON.stringify({
        status: 'refused',
        reason: { code: plant('an agency’s code'), text: hostile('an agency’s reason') },
      }),
    }),
  ],
  'polyclinic.attach': [
    () => ({ status: 500, body: plant('a body of a 500'), headers: { 'retry-after': '0.01' } }),
    () => ({ status: 200, body: plant('an endless answer').repeat(10_000) }),
    () => ({
      status: 200,
      body: JSON.stringify({
        status: 'done',
        reference: plant('an agency’s reference'),
        result: { [plant('a key of a result')]: plant('a result') },
      }),
    }),
  ],
  'kindergarten.enqueue': [
    () => ({
      status: 302,
      body: '',
      headers: { location: `http://127.0.0.1:1/${plant('a redirect of an agency')}` },
    }),
    () => ({ status: 200, body: `<html>${plant('an answer that is no JSON')}` }),
    () => ({ status: 422, body: plant('a body of a 422') }),
  ],
  'benefit.pay-lump-sum': [
    () => ({ status: 200, body: JSON.stringify({ status: plant('an unknown status') }) }),
    () => ({
      status: 200,
      body: JSON.stringify({
        status: 'done',
        reference: `${plant('a reference with NUL')}\0`,
        result: { x: `${plant('a result with half a letter')}\ud800` },
      }),
    }),
  ],
}

const motherSignedIn = async (): Promise<Visitor> => {
  const mother = someone()
  await mother.signIn(oidc, { sub: 'x', name: plant('the mother’s name at sign-in'), pinfl: MOTHER })
  return mother
}
const officerSignedIn = async (of: string): Promise<Visitor> => {
  const officer = someone()
  const claims = { agency: of, number: `${of.toUpperCase()}-001` }
  await officer.signIn(oidc, { sub: 'x', name: plant('an officer’s name'), officer: claims })
  return officer
}
const linkIn = (page: Answer, to: string): string =>
  new RegExp(`${to}/[0-9a-f-]{36}`).exec(page.text)?.[0] ?? assert.fail(`${page.asked} leads to no ${to}`)

test('pages, answers and events while the database fails', async () => {
  const mother = await motherSignedIn()
  const proposal = linkIn(await mother.get('/inbox'), '/proposal')
  const accept = mother.fieldsOf(await mother.get(proposal), `${proposal}/accept`)
  await whileBroken('access_entries', async () => {
    assert.equal((await mother.get('/memory')).status, 503)
    assert.equal((await mother.get(proposal)).status, 503)
  })
  await whileBroken('journeys', async () => {
    assert.equal((await mother.post(`${proposal}/accept`, { form: accept })).status, 503)
    const byApi = await mother.post(`/v1/me/proposals/${proposal.split('/')[2]}/answer`, {
      headers: { 'x-csrf-token': accept.csrf! },
      body: JSON.stringify({ answer: 'accept', key: plant('a key of an answer that fails') }),
    })
    assert.equal(byApi.status, 503)
  })
  await whileBroken('web_sessions', async () => {
    assert.match(
      (await someone().signIn(oidc, { sub: 'x', name: plant('a name'), pinfl: MOTHER })).location,
      /problem=/,
    )
  })
  await whileBroken('facts', async () => {
    const moved = event('uz.mia.residence.registered', 'r2', {
      person: { pinfl: MOTHER },
      district: '1727220',
      address: plant('an address that cannot be kept'),
      since: dayAgo(30),
    })
    assert.equal((await report('mia', JSON.stringify(moved), JSON_EVENT)).status, 503)
  })
})

test('a journey whose agencies answer anything and whose jobs fail', async () => {
  const asked: Record<string, number> = {}
  agency.mood = ({ task }) => {
    const moods = says[task]!
    const n = asked[task] ?? 0
    asked[task] = n + 1
    return moods[Math.min(n, moods.length - 1)]!()
  }
  const mother = await motherSignedIn()
  const proposal = linkIn(await mother.get('/inbox'), '/proposal')
  // What the agency said cannot be stored: the job fails, and is tried again.
  await whileBroken(
    'step_history',
    async () => {
      const accept = mother.fieldsOf(await mother.get(proposal), `${proposal}/accept`)
      assert.equal((await mother.post(`${proposal}/accept`, { form: accept })).status, 303)
      await until('a job has failed inside the database', async () => {
        const failed = sql`select from graphile_worker._private_jobs where last_error is not null`
        return (await owner.rows(failed)).length > 0
      })
    },
    "new.note ->> 'input' = 'answered'",
  )
  const mia = await officerSignedIn('mia')
  await until('the refused task is with a human', async () =>
    (await mia.get('/desk')).text.includes('/done"'),
  )
  const desk = await mia.get('/desk')
  const task = `${linkIn(desk, '/desk/task')}/done`
  const form = () => ({ ...mia.fieldsOf(desk, task), reference: plant('a reference by hand') })
  await whileBroken('step_history', async () => {
    assert.equal((await mia.post(task, { form: form() })).status, 503)
  })
  await mia.post(task, { form: { ...form(), more: plant('an unknown field') } })
  assert.equal((await mia.post(task, { form: form() })).status, 303)
  const preschool = await officerSignedIn('preschool')
  await until('a task that never succeeds is with a human', async () =>
    (await preschool.get('/desk')).text.includes('/retry"'),
  )
})

test('what a civil servant writes', async () => {
  const pension = await officerSignedIn('pension')
  const found = linkIn(await pension.get('/desk'), '/desk/case')
  const draft = pension.fieldsOf(await pension.get(found), `${found}/draft`)
  const edited = { ...draft, 'reason.uz-Latn.0': hostile('edited reasons') }
  await pension.post(`${found}/draft`, {
    form: { ...edited, [plant('a field of a draft')]: plant('its value') },
  })
  await pension.post(`${found}/draft`, { form: edited })
  await pension.post(`${found}/draft`, { form: { ...draft, 'reason.en.0': plant('a stale draft') } })
  const form = pension.fieldsOf(await pension.get(found), `${found}/finalise`)
  const decide = (fields: Record<string, string>) =>
    pension.post(`${found}/finalise`, { form: { ...form, ...fields } })
  await decide({ outcome: 'refused', reasons: plant('reasons of a refusal'), to_fix: '' })
  await decide({ outcome: plant('an outcome') })
  await pension.post(`${found}/ask`, { form: { ...form, predicate: plant('a predicate') } })
  await whileBroken('decisions', async () => {
    assert.equal((await decide({ outcome: 'granted' })).status, 503)
  })
  assert.equal((await decide({ outcome: 'granted' })).status, 303)
})

test('what a person answers', async () => {
  const mother = await motherSignedIn()
  const question = linkIn(await mother.get('/inbox'), '/question')
  const form = mother.fieldsOf(await mother.get(question), question)
  const answer = (fields: Record<string, string>) => mother.post(question, { form: { ...form, ...fields } })
  await answer({ value: hostile('an answer') })
  await answer({ value: '1', [plant('a field of an answer')]: plant('its value') })
  await answer({ csrf: plant('a form token') })
  await answer({ value: plant('a form that is too large').repeat(20_000) })
  const upload = new FormData()
  upload.set('csrf', form.csrf!)
  upload.set('value', new Blob([plant('a file')]), plant('the name of a file'))
  await mother.post(question, { body: upload })
  planted.set('918273645', 'an income that was answered')
  await whileBroken('facts', async () => {
    assert.equal((await answer({ value: '918273645' })).status, 503)
  })
  assert.equal((await answer({ value: '918273645' })).status, 303)
})

test('files of registries, with rejects', async () => {
  const file = (name: string, lines: readonly string[]) => {
    writeFileSync(join(data, name), lines.join('\n'))
    return join(data, name)
  }
  const ndjson = file('people.ndjson', [
    JSON.stringify(
      event(
        'uz.gcp.person.registered',
        'n1',
        person({ pinfl: pinfl('a PINFL in a file'), name: hostile('a name in a file') }),
      ),
    ),
    `{"${plant('a broken line')}`,
    JSON.stringify(
      event(
        'uz.gcp.person.registered',
        'n2',
        person({ pinfl: plant('a bad PINFL').slice(0, 14), name: plant('a name') }),
      ),
    ),
    plant('no JSON'),
  ])
  const head = 'id;reported_at;pinfl;period_from;period_to;income_tiyin'
  const csv = file('tax.csv', [
    head,
    `t1;${daysAgo(1).toISOString()};${MOTHER};${dayAgo(400)};${dayAgo(35)};77`,
    `t2;${plant('a time in a file')};${plant('a PINFL in a file')};x;y;${plant('an amount in a file')}`,
    `${plant('a short line')};x`,
    `"${plant('a quote that is never closed')}`,
  ])
  const run = async (args: readonly string[]) => {
    const done = await hamroh(args, settings)
    commands.push(done.out + done.err)
    return done
  }
  assert.match((await run(['ingest', ndjson, '--agency', 'gcp'])).out, /1 accepted, 0 duplicates, 3 refused/)
  await whileBroken('facts', async () => {
    await run(['ingest', csv, '--agency', 'tax', '--extract', 'uz.extract.tax-income'])
  })
  assert.match(
    (await run(['ingest', csv, '--agency', 'tax', '--extract', 'uz.extract.tax-income', '--restart'])).out,
    /refused/,
  )
  for (const name of [ndjson, csv])
    commands.push(readFileSync(`${name}.rejects`, 'utf8').replace(/"id":"[^"]*"/g, ''))
})

/** Planted words that stand in a text. */
const within = (text: string): string[] => {
  const low = text.toLowerCase()
  return [...planted].filter(([word]) => low.includes(word)).map(([, where]) => where)
}

test('what was planted arrived: the places where it belongs hold it', async () => {
  const dump = async (table: string) =>
    JSON.stringify(await owner.rows({ text: `select to_jsonb(t) from hamroh.${table} t`, values: [] }))
  const kept = within(
    (
      await Promise.all(
        ['facts', 'events', 'steps', 'cases', 'drafts', 'web_sessions', 'identifiers', 'step_history'].map(
          dump,
        ),
      )
    ).join(),
  )
  for (const where of [
    'a name',
    'an address',
    'the child’s name',
    'an agency’s reason',
    'an agency’s reference',
    'edited reasons',
    'a reference by hand',
    'a name in a file',
    'a PINFL in a file',
    'an income that was answered',
  ])
    assert.ok(kept.includes(where), `${where} was to be stored`)
})

test('the program printed nothing of it, whatever failed', async () => {
  const printed = program.printed()
  for (const failure of ['a page failed', 'an event could not be processed', 'a job failed'])
    assert.match(printed, new RegExp(failure), 'these failures were to be logged')
  assert.deepEqual(within(printed), [])
  assert.deepEqual(within(commands.join('\n')), [])
  for (const line of printed.trim().split('\n'))
    assert.ok(!line.includes('"msg":"forged"'), 'no line of the log is an attacker’s')
})

test('the database server’s own log holds nothing of it', () => {
  const log = readFileSync(join(data, 'postgres', 'server.log'), 'utf8')
  assert.match(log, /ready to accept connections/)
  assert.deepEqual(within(log), [])
})

test('metrics hold nothing of it', async () => {
  const metrics = await someone().get('/metrics')
  assert.match(metrics.text, /hamroh_events_total/)
  assert.deepEqual(within(metrics.text), [])
})

test('passkeys, tokens and logout tokens that are words', async () => {
  const who = someone()
  await who.post('/auth/passkey/options', { body: plant('a body nobody asked for') })
  for (const form of [
    { credential: hostile('a credential') },
    { credential: JSON.stringify({ id: plant('the id of a credential'), type: plant('its type') }) },
    { credential: '{}', next: `/${plant('a page to go on to')}` },
    { credential: '{}', [plant('a field nobody asked for')]: plant('its value') },
  ])
    await who.post('/auth/passkey', { form })
  const word = (where: string) =>
    Buffer.from(JSON.stringify({ iss: plant(where), sub: plant(where) })).toString('base64url')
  for (const token of [
    plant('a token'),
    `${word('a head')}.${word('a body')}.AAAA`,
    hostile('a token of attacks'),
  ]) {
    await who.post('/auth/backchannel-logout', { form: { logout_token: token } })
    const form = {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: token,
      [plant('another field of a token request')]: plant('its value'),
    }
    await who.post('/v1/token', { form })
  }
  await who.post('/v1/token', { form: { grant_type: plant('a grant type') } })
  await who.get(
    `/auth/callback?${new URLSearchParams({ code: plant('a code'), state: plant('a state'), iss: plant('an issuer') })}`,
  )
  for (const path of ['/v1/sessions', '/v1/passkeys'])
    await who.call('DELETE', `${path}/${plant('an id in an address of the account')}`)
})

test('no refusal and no problem page repeats what was sent', () => {
  const said = answers.filter(
    (a) => a.type.includes('problem+json') || [400, 403, 404, 413, 500, 503].includes(a.status),
  )
  assert.ok(said.some((a) => a.type.includes('problem+json')) && said.some((a) => a.type.includes('html')))
  // The head of a page calls people by their own name.
  const own = /<a class="kit-who__name"[\s\S]*?<\/a>/g
  for (const answer of said)
    assert.deepEqual(within(answer.text.replace(own, '')), [], `${answer.asked} (${answer.status})`)
  assert.deepEqual([...new Set(answers.filter((a) => a.status === 500).map((a) => a.asked))], [])
})

test('no address a browser is sent to repeats what was sent', () => {
  const sent = answers.filter((a) => a.location !== '')
  assert.ok(sent.length > 20)
  for (const answer of sent)
    assert.deepEqual(within(answer.location), [], `${answer.asked} → ${answer.location}`)
})

test('no address at an agency names a person', () => {
  assert.ok(agency.requests.length > 0)
  assert.deepEqual(within(agency.requests.join('\n')), [])
})

test('jobs carry ids alone, and say of a failure what kind it was, not what it was about', async () => {
  const kept = await owner.rows<{ job: string }>({ text: 'select job from public.job_log', values: [] })
  const jobs = kept.map((row) => JSON.parse(row.job) as { payload: object; last_error: string | null })
  assert.ok(
    jobs.some((job) => job.last_error !== null),
    'a job was to fail',
  )
  assert.deepEqual(within(JSON.stringify(jobs)), [])
  for (const { payload } of jobs) assert.deepEqual(Object.keys(payload).sort(), ['step_id', 'subject_id'])
})
