/** Who may ask what a changed law would do, who may publish it, and who may stop what follows: every operation, by everybody. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Hono } from 'hono'
import { agencyOf, populationEvents } from '../country/population.ts'
import { councilRoutes, signedInAs } from '../src/api/api.ts'
import { openApi } from '../src/api/openapi.ts'
import { type CouncilContext, councilJobs } from '../src/council/council.ts'
import { intake } from '../src/flow.ts'
import { startSession } from '../src/identity/identity.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { openWorld, type World } from './world.ts'

let world: World
let council: CouncilContext
let app: Hono
const cookies: Record<string, string> = {}
const csrf: Record<string, string> = {}

before(async () => {
  world = await openWorld()
  const { engine, database, clock } = world
  const who = { db: database.db, clock, secure: false }
  council = world.council
  app = new Hono()
  app.route('/', councilRoutes({ council, person: (c) => signedInAs(c, who) }))
  await intake(
    engine,
    [...populationEvents({ people: 60 })].map((item) => ({ agency: agencyOf(item), item })),
  )
  const officer = (agency: string, role: string) =>
    startSession(database.db, clock, {
      kind: 'officer',
      number: `${agency}-${role}`,
      name: 'Xodim',
      agency,
      role,
    })
  cookies.citizen = await startSession(database.db, clock, {
    kind: 'citizen',
    subject: engine.ids() as SubjectId,
    name: 'Ona',
  })
  cookies['head of another agency'] = await officer('pension', 'head')
  cookies['officer of a publisher'] = await officer('ihma', 'officer')
  cookies['head of a publisher'] = await officer('ihma', 'head')
  for (const [name, token] of Object.entries(cookies)) {
    cookies[name] = `hamroh=${token}`
    const probe = new Hono().get('/', async (c) => c.text((await signedInAs(c, who))?.csrf ?? ''))
    csrf[name] = await (await probe.request('/', { headers: { cookie: cookies[name] } })).text()
  }
})
after(() => world.end())

const ACTORS = [
  'nobody',
  'citizen',
  'head of another agency',
  'officer of a publisher',
  'head of a publisher',
] as const

const send = (actor: string, method: string, path: string, body?: unknown, token = csrf[actor]) =>
  app.request(path, {
    method,
    headers: {
      ...(cookies[actor] ? { cookie: cookies[actor], 'x-csrf-token': token ?? '' } : {}),
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

const question = {
  rule: 'uz.social.child-benefit',
  changes: [{ param: 'income_per_head', value: 900_000, from: '2027-01-01', legal: { act: 'VMQ-654' } }],
}

test('each operation is for whom it is, and its answer says why not', async () => {
  const asked = await send('officer of a publisher', 'POST', '/v1/simulations', question)
  assert.equal(asked.status, 202)
  const { id } = (await asked.json()) as { id: string }
  assert.equal(asked.headers.get('location'), `/v1/simulations/${id}`)
  await councilJobs(council)['council.simulate']!({ id }, 1)
  const found = (await (await send('officer of a publisher', 'GET', `/v1/simulations/${id}`)).json()) as {
    state: string
    report: { rule: string }
  }
  assert.deepEqual([found.state, found.report.rule], ['done', question.rule])

  /** [nobody, citizen, other head, officer, head] */
  const matrix: [string, string, unknown, readonly number[]][] = [
    ['POST', '/v1/simulations', question, [401, 403, 403, 202, 202]],
    ['GET', `/v1/simulations/${id}`, undefined, [401, 403, 403, 200, 200]],
    ['POST', '/v1/publications', { simulation: id }, [401, 403, 403, 403, 201]],
  ]
  const check = async ([method, path, body, expected]: (typeof matrix)[number]) => {
    for (const [i, actor] of ACTORS.entries()) {
      const response = await send(actor, method, path, body)
      assert.equal(response.status, expected[i], `${actor}: ${method} ${path}: ${await response.text()}`)
    }
  }
  for (const row of matrix) await check(row)
  const [publication] = world.book.now().publications
  const path = `/v1/publications/${publication!.id}`
  await check(['GET', path, undefined, [401, 403, 403, 200, 200]])
  await check(['POST', `${path}/pause`, undefined, [401, 403, 403, 403, 200]])
  await check(['POST', `${path}/resume`, undefined, [401, 403, 403, 403, 200]])
})

test('without the form token of this session nothing is asked and nothing published', async () => {
  for (const token of ['', csrf['officer of a publisher']!])
    for (const path of ['/v1/simulations', '/v1/publications'])
      assert.equal((await send('head of a publisher', 'POST', path, question, token)).status, 403)
})

test('what does not fit is refused with the place, what does not exist is not found', async () => {
  const head = 'head of a publisher'
  const code = async (response: Response | Promise<Response>) =>
    ((await (await response).json()) as { code: string }).code
  for (const body of [{}, { rule: 'x' }, { ...question, text: 'x' }, { ...question, more: 1 }, 'text', null])
    assert.equal(await code(send(head, 'POST', '/v1/simulations', body)), 'malformed_request')
  assert.equal(
    await code(send(head, 'POST', '/v1/simulations', { ...question, rule: 'uz.none' })),
    'unknown_rule',
  )
  assert.equal(
    await code(send(head, 'POST', '/v1/publications', { simulation: world.engine.ids() })),
    'not_simulated',
  )
  assert.equal(await code(send(head, 'POST', '/v1/publications', { simulation: 'x' })), 'malformed_request')
  for (const path of [`/v1/simulations/${world.engine.ids()}`, '/v1/simulations/x', '/v1/publications/x'])
    assert.equal(await code(send(head, 'GET', path)), 'not_found')
  const large = { ...question, changes: undefined, text: 'x'.repeat(400_000) }
  assert.equal(await code(send(head, 'POST', '/v1/simulations', large)), 'too_large')
})

test('every operation of the council is in the OpenAPI document', () => {
  const { paths } = openApi() as unknown as { paths: Record<string, object> }
  const described = Object.keys(paths).filter((p) => /simulations|publications/.test(p))
  assert.deepEqual(described, [
    '/v1/simulations',
    '/v1/simulations/{id}',
    '/v1/publications',
    '/v1/publications/{id}',
    '/v1/publications/{id}/pause',
    '/v1/publications/{id}/resume',
  ])
})
