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
import { sql } from '../src/platform/database.ts'
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
  const officer = (agency: string, role: string | null) =>
    startSession(database.db, clock, {
      kind: 'officer',
      number: `${agency}-${role}`,
      name: 'Xodim',
      agency,
      ...(role === null ? {} : { role }),
    })
  cookies.citizen = await startSession(database.db, clock, {
    kind: 'citizen',
    subject: engine.ids() as SubjectId,
    name: 'Ona',
  })
  cookies['head of another agency'] = await officer('pension', 'head')
  cookies['officer of a publisher'] = await officer('ihma', 'officer')
  cookies['officer without a role'] = await officer('ihma', null)
  cookies['author of another area'] = await officer('tax', 'author')
  cookies['head of another area'] = await officer('tax', 'head')
  cookies['author of the area'] = await officer('ihma', 'author')
  cookies['head of the area'] = await officer('ihma', 'head')
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
  'officer without a role',
  'author of another area',
  'head of another area',
  'author of the area',
  'head of the area',
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

const codeOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { code?: string }).code ?? 'done'

async function simulated(actor: string, body: object): Promise<string> {
  const asked = await send(actor, 'POST', '/v1/simulations', body)
  assert.equal(asked.status, 202, await asked.clone().text())
  const { id } = (await asked.json()) as { id: string }
  assert.equal(asked.headers.get('location'), `/v1/simulations/${id}`)
  await councilJobs(council)['council.simulate']!({ id }, 1)
  return id
}

test('each operation is for whom it is, and its answer says why not', async () => {
  const id = await simulated('author of the area', question)
  const found = (await (await send('officer of a publisher', 'GET', `/v1/simulations/${id}`)).json()) as {
    state: string
    report: { rule: string }
  }
  assert.deepEqual([found.state, found.report.rule], ['done', question.rule])

  const codes = (last: readonly (number | string)[]) => [401, 'not_a_publisher', 'not_a_publisher', ...last]
  /** What each of ACTORS is told: a status, or the code of a 403. */
  const matrix: [string, string, unknown, readonly (number | string)[]][] = [
    [
      'POST',
      '/v1/simulations',
      question,
      codes(['not_your_role', 'not_your_role', 'not_your_rule', 'not_your_rule', 202, 202]),
    ],
    ['GET', `/v1/simulations/${id}`, undefined, codes([200, 200, 200, 200, 200, 200])],
    [
      'POST',
      '/v1/publications',
      { simulation: id },
      codes(['not_your_role', 'not_your_role', 'not_your_role', 'not_your_rule', 'not_your_role', 201]),
    ],
  ]
  const check = async ([method, path, body, expected]: (typeof matrix)[number]) => {
    for (const [i, actor] of ACTORS.entries()) {
      const response = await send(actor, method, path, body)
      const wanted = expected[i]!
      const says = `${actor}: ${method} ${path}: ${await response.clone().text()}`
      assert.equal(response.status, typeof wanted === 'string' ? 403 : wanted, says)
      if (typeof wanted === 'string') assert.equal(await codeOf(response), wanted, says)
    }
  }
  for (const row of matrix) await check(row)
  const [publication] = world.book.now().publications
  assert.deepEqual([publication!.proposed_by, publication!.published_by], ['ihma-author', 'ihma-head'])
  const path = `/v1/publications/${publication!.id}`
  await check(['GET', path, undefined, codes([200, 200, 200, 200, 200, 200])])
  const steering = codes([
    'not_your_role',
    'not_your_role',
    'not_your_role',
    'not_your_rule',
    'not_your_role',
    200,
  ])
  await check(['POST', `${path}/pause`, undefined, steering])
  await check(['POST', `${path}/resume`, undefined, steering])
})

const taxes = {
  rule: 'uz.yatt.limit-near',
  changes: [{ param: 'limit', value: 1_100_000_000, from: '2027-01-01', legal: { act: 'PQ-247' } }],
}
const wages = {
  rule: 'uz.social.newborn-lump-sum',
  changes: [{ param: 'minimum_wage', value: 1_400_000, from: '2027-01-01', legal: { act: 'VMQ-327' } }],
}

test('whoever proposed a change cannot publish it, whatever their role; nor can the head of another agency', async () => {
  const own = await simulated('head of the area', wages)
  const mine = await send('head of the area', 'POST', '/v1/publications', { simulation: own })
  assert.deepEqual([mine.status, await codeOf(mine)], [403, 'same_person'])
  assert.equal(
    await codeOf(await send('head of the area', 'POST', '/v1/simulations', taxes)),
    'not_your_rule',
    'who handles benefits proposes no tax rule',
  )
  const tax = await simulated('author of another area', taxes)
  const other = await send('head of the area', 'POST', '/v1/publications', { simulation: tax })
  assert.deepEqual([other.status, await codeOf(other)], [403, 'not_your_rule'])
  const nobodys = await send('head of the area', 'POST', '/v1/simulations', {
    ...question,
    rule: 'uz.pension.full',
  })
  assert.deepEqual([nobodys.status, await codeOf(nobodys)], [403, 'not_your_rule'])
})

test('the database itself takes no publication by whoever proposed it, by nobody, or of another agency', async () => {
  const id = await simulated('author of the area', wages)
  const put = (proposed_by: string, published_by: string, agency = 'ihma') =>
    world.database.db.run(sql`
      insert into publications (id, position, rule_id, version, rule_hash, rule_text, before_hash, before_source, source, effective_on, effects,
                                simulation, record, record_hash, signature, agency, proposed_by, published_by, published_at)
      values (${world.engine.ids()}, 9999, 'r', 9999, 'x', 'x', 'x', '{}', '{}', '2027-01-01', '{}', ${id}, '', '', '', ${agency}, ${proposed_by}, ${published_by}, now())`)
  await assert.rejects(put('ihma-author', 'ihma-author'), /publications_four_eyes/)
  await assert.rejects(put('ihma-author', ' IHMA-Author '), /publications_four_eyes/)
  await assert.rejects(put('somebody', 'ihma-author'), /publications_proposer/, 'another name does not help')
  await assert.rejects(put('ihma-author', ' '), /publications_by_somebody/)
  await assert.rejects(put('ihma-author', 'tax-head', 'tax'), /publications_proposer/)
  await assert.rejects(
    world.database.db.run(sql`update simulations set asked_by = 'somebody' where id = ${id}`),
    /permission denied/,
    'who proposed it stays',
  )
})

test('without the form token of this session nothing is asked and nothing published', async () => {
  for (const token of ['', csrf['officer of a publisher']!])
    for (const path of ['/v1/simulations', '/v1/publications'])
      assert.equal((await send('head of the area', 'POST', path, question, token)).status, 403)
})

test('what does not fit is refused with the place, what does not exist is not found', async () => {
  const head = 'head of the area'
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
