/** Who may call what: every operation of the OpenAPI document, by everybody; a new one without a row here fails. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Hono } from 'hono'
import { birthEvent, createPopulation, newborn } from '../country/population.ts'
import { apiRoutes, meRoutes, signedInAs } from '../src/api/api.ts'
import { openApi } from '../src/api/openapi.ts'
import { answerProposal, intake } from '../src/flow.ts'
import { startSession } from '../src/identity/identity.ts'
import { answerIntended, type JourneyContext } from '../src/journey-flow.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { openLog } from '../src/platform/logs.ts'
import { listProposals } from '../src/proposals/proposals.ts'
import { openWorld, subjectOf, type World } from './world.ts'

const KEY = 'key-of-zags-0123456789'
const CLOCK_KEY = 'key-of-the-clock-0123456789'
const hash = (key: string) => createHash('sha256').update(key).digest('hex')
const mothers = [...createPopulation({ people: 400 }).households()].flatMap((h) =>
  h.members.filter((m) => m.role === 'wife'),
)

let world: World
let app: Hono
const cookies: Record<string, string> = {}
const csrf: Record<string, string> = {}
let subject: SubjectId
let proposal: string
let hearing: string

before(async () => {
  world = await openWorld()
  const { engine, pack, database, clock } = world
  const who = { db: database.db, clock, secure: false }
  app = new Hono()
  // Declining needs no journey; what acceptance starts is tested with the journeys.
  app.route(
    '/',
    meRoutes({
      db: engine.db,
      person: (c) => signedInAs(c, who),
      answer: (given) => answerProposal(engine, null as unknown as JourneyContext, given),
      hear: (given) => answerIntended({ db: engine.db, clock, pack } as unknown as JourneyContext, given),
    }),
  )
  app.route(
    '/',
    apiRoutes({
      pack,
      log: openLog('silent'),
      metrics: engine.metrics,
      keys: new Map([['zags', hash(KEY)]]),
      submit: (reported) => intake(engine, reported),
      ready: () => Promise.resolve(null),
      demonstration: {
        key_sha256: hash(CLOCK_KEY),
        now: () => clock.now(),
        forward: () => Promise.resolve(clock.now()),
      },
    }),
  )
  for (const [n, mother] of mothers.slice(0, 2).entries()) {
    await intake(engine, [
      {
        agency: 'gcp',
        item: {
          specversion: '1.0',
          id: `p-${n}`,
          source: 's',
          type: 'uz.gcp.person.registered',
          time: '2026-11-01T04:00:00Z',
          data: {
            person: {
              pinfl: mother.pinfl,
              full_name: 'Ona',
              birth_date: mother.birth_date,
              sex: 'f',
              citizenship: 'uz',
            },
          },
        },
      },
    ])
    await intake(engine, [
      {
        agency: 'zags',
        item: birthEvent({
          n,
          child: newborn({ n, born_on: '2026-11-18', sex: 'f' }),
          mother_pinfl: mother.pinfl,
          birth_order: 1,
          registered_at: '2026-11-20T10:00:00+05:00',
        }),
      },
    ])
    const found = (await subjectOf(world, mother.pinfl))!
    const name = n === 0 ? 'citizen' : 'other citizen'
    cookies[name] =
      `hamroh=${await startSession(database.db, clock, { kind: 'citizen', subject: found, name: 'Ona' })}`
    if (n === 0) subject = found
  }
  cookies.officer = `hamroh=${await startSession(database.db, clock, { kind: 'officer', number: 'X-1', name: 'Xodim', agency: 'pension' })}`
  for (const [name, cookie] of Object.entries(cookies)) {
    const probe = new Hono().get('/', async (c) => c.text((await signedInAs(c, who))?.csrf ?? ''))
    csrf[name] = await (await probe.request('/', { headers: { cookie } })).text()
  }
  hearing = engine.ids()
  await engine.db.run(sql`
    insert into hearings (subject_id, id, case_id, intended, state, told, grounds_hash, told_by, told_at, answer_by)
    values (${subject}, ${hearing}, ${engine.ids()}, 'refused', 'open', '{"facts": []}', 'x', 'P-1', ${clock.now()}, '2026-12-01')`)
  proposal = (await listProposals(engine.db, subject, ['open']))[0]!.id
})
after(() => world.end())

const ACTORS = ['nobody', 'agency', 'clock', 'citizen', 'other citizen', 'officer'] as const
type Actor = (typeof ACTORS)[number]

const headersOf = (actor: Actor): Record<string, string> => ({
  ...(actor === 'agency' ? { authorization: `Bearer ${KEY}` } : {}),
  ...(actor === 'clock' ? { authorization: `Bearer ${CLOCK_KEY}` } : {}),
  ...(cookies[actor] ? { cookie: cookies[actor], 'x-csrf-token': csrf[actor]! } : {}),
})

/** Expected status for [nobody, agency, clock, citizen, other citizen, officer]. */
const matrix: Record<
  string,
  { path?: () => string; body?: string; type?: string; expect: readonly number[] }
> = {
  'post /v1/events': {
    body: '{}',
    type: 'application/cloudevents+json',
    expect: [401, 422, 401, 401, 401, 401],
  },
  'get /v1/event-types': { expect: [401, 200, 401, 401, 401, 401] },
  'get /v1/me/proposals': { expect: [401, 401, 401, 200, 200, 401] },
  'post /v1/me/proposals/{id}/answer': {
    path: () => `/v1/me/proposals/${proposal}/answer`,
    body: '{"answer":"decline","key":"k"}',
    expect: [401, 401, 401, 200, 404, 401],
  },
  'get /v1/me/hearings': { expect: [401, 401, 401, 200, 200, 401] },
  'post /v1/me/hearings/{id}/answer': {
    path: () => `/v1/me/hearings/${hearing}/answer`,
    body: '{"kind":"nothing_to_add"}',
    expect: [401, 401, 401, 200, 404, 401],
  },
  'get /v1/me/graph/{direction}/{kind}/{id}': {
    path: () => `/v1/me/graph/back/proposal/${proposal}`,
    expect: [401, 401, 401, 200, 404, 401],
  },
  'get /healthz': { expect: [200, 200, 200, 200, 200, 200] },
  'get /readyz': { expect: [200, 200, 200, 200, 200, 200] },
  'get /metrics': { expect: [200, 200, 200, 200, 200, 200] },
  'get /demonstration/clock': { expect: [200, 200, 200, 200, 200, 200] },
  'post /demonstration/clock': { body: '{"forward_days":0}', expect: [401, 401, 200, 401, 401, 401] },
}

const { paths } = openApi() as unknown as { paths: Record<string, Record<string, unknown>> }
// What the council offers has its own actors, and its own test: council.who.test.ts.
const operations = Object.entries(paths)
  .filter(([path]) => !/^\/v1\/(simulations|publications)/.test(path))
  .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))

test('every operation of the OpenAPI document has a row, and every row an operation', () => {
  assert.deepEqual(operations.sort(), Object.keys(matrix).sort())
})

for (const [operation, row] of Object.entries(matrix)) {
  test(`${operation}: who may and who may not`, async () => {
    const [method, path] = operation.split(' ') as [string, string]
    for (const [i, actor] of ACTORS.entries()) {
      const response = await app.request(row.path?.() ?? path, {
        method: method.toUpperCase(),
        headers: {
          ...headersOf(actor),
          ...(row.body ? { 'content-type': row.type ?? 'application/json' } : {}),
        },
        ...(row.body ? { body: row.body } : {}),
      })
      assert.equal(response.status, row.expect[i], `${actor}: ${await response.text()}`)
    }
  })
}

test('an answer without the form token, or with another session’s, changes nothing', async () => {
  for (const token of ['', csrf['other citizen']!]) {
    const response = await app.request(`/v1/me/proposals/${proposal}/answer`, {
      method: 'POST',
      headers: { cookie: cookies.citizen!, 'x-csrf-token': token },
      body: '{"answer":"accept","key":"k"}',
    })
    assert.equal(response.status, 403)
  }
})
