/** The council's pages over the program: who sees them, and the way from a question to a publication by forms alone. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { agencyOf, populationEvents } from '../country/population.ts'
import { type CouncilContext, continuePublications, councilJobs } from '../src/council/council.ts'
import { redetermineWith } from '../src/council-flow.ts'
import { intake } from '../src/flow.ts'
import type { JourneyContext } from '../src/journey-flow.ts'
import { liveServices } from '../web/live/live.ts'
import type { Viewer } from '../web/views.ts'
import { webRoutes } from '../web/web.tsx'
import { openWorld, type World } from './world.ts'

let world: World
let council: CouncilContext
let app: ReturnType<typeof webRoutes>
let viewer: Viewer | null = null

const officer = (agency: string, role: string): Viewer => ({
  kind: 'officer',
  officer: `${agency}-${role}`,
  pseudonym: `${agency}-${role}`,
  agency,
  name: 'Xodim',
  role,
})

before(async () => {
  world = await openWorld()
  const { engine, database, book } = world
  council = world.council
  const services = liveServices({
    get pack() {
      return book.now().pack
    },
    engine,
    journeys: { name_predicate: 'full_name' } as JourneyContext,
    council,
    db: database.db,
    gate: database.gate,
    own_purpose: 'uz.purpose.own-memory',
  })
  app = webRoutes(services, {
    demonstration: true,
    zone: 'Asia/Tashkent',
    currency: { code: 'UZS', digits: 2 },
    session: async () => viewer,
    csrf: () => 'token',
    rememberLanguage: async () => {},
    checkCsrf: (_c, token) => token === 'token',
    signInUrl: '/in',
    signOutUrl: '/out',
    onError: (error) => {
      throw error
    },
  })
  await intake(
    engine,
    [...populationEvents({ people: 400 })].map((item) => ({ agency: agencyOf(item), item })),
  )
})
after(() => world.end())

const get = (path: string, lang = 'en') => app.request(path, { headers: { cookie: `lang=${lang}` } })
const post = (path: string, fields: Record<string, string> = {}) =>
  app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: 'lang=en' },
    body: new URLSearchParams({ csrf: 'token', answer_key: crypto.randomUUID(), ...fields }).toString(),
  })

const RULE = '/council/rule/uz.social.child-benefit'
const question = { param: 'income_per_head', value: '900 000', from: '2027-01-01', act: 'VMQ-654' }

test('only civil servants of a publisher see the council; for all others it is not there', async () => {
  viewer = null
  assert.equal((await get('/council')).status, 303)
  viewer = { kind: 'person', subject: world.engine.ids(), name: 'Ona', language: null }
  assert.equal((await get('/council')).status, 403)
  viewer = officer('pension', 'head')
  for (const path of ['/council', RULE, `/council/simulation/${world.engine.ids()}`])
    assert.equal((await get(path)).status, 404, path)
  assert.equal((await post(`${RULE}/simulate`, question)).status, 404)
  viewer = officer('ihma', 'officer')
  assert.equal((await get('/council')).status, 200)
})

/** Areas on the page with how many rules each shows, in order, an open one with a star. */
const areasOn = (page: string): string[] =>
  [
    ...page.matchAll(
      /<details class="council__group"( open="")? id="area-([a-z]+)">.*?council__area_count">(\d+)</g,
    ),
  ].map(([, open, id, n]) => `${id} ${n}${open === undefined ? '' : '*'}`)

test('rules stand by area, those of the own agency first and open; words or an area of the address find them', async () => {
  viewer = officer('ihma', 'author')
  const all = await (await get('/council')).text()
  assert.deepEqual(areasOn(all), [
    'social 6*',
    'tax 2',
    'yatt 5',
    'business 25',
    'family 3',
    'pension 7',
    'documents 11',
    'residence 1',
    'military 2',
    'vehicles 5',
  ])
  assert.match(
    all,
    /<option value="">All areas \(67\)<\/option><option value="social">Social protection \(6\)/,
  )
  assert.match(all, /Tax Committee answers for 12 of these/)
  assert.match(all, /No agency answers for these here/)
  viewer = officer('tax', 'head')
  assert.deepEqual(areasOn(await (await get('/council')).text()).slice(0, 3), [
    'tax 2*',
    'yatt 5*',
    'social 6',
  ])

  const pensions = await (await get('/council?area=pension')).text()
  assert.deepEqual(areasOn(pensions), ['pension 7*'])
  assert.match(pensions, /7 rules fit\.[\s\S]*Show all 67/)
  assert.match(pensions, /href="\/council\?area=pension&amp;lang=ru"/, 'another language keeps the area')
  const found = await (await get('/council?q=newborn+payment')).text()
  assert.deepEqual(areasOn(found), ['social 1*'])
  assert.match(found, /value="newborn payment"/)
  for (const [lang, words] of [
    ['uz-Latn', 'nafaqa bola'],
    ['uz-Cyrl', 'нафақа бола'],
    ['ru', 'детское пособие'],
    ['uz-Latn', "o'zgaradi nafaqa"],
  ] as const) {
    const page = await (await get(`/council?q=${encodeURIComponent(words)}`, lang)).text()
    assert.ok(areasOn(page).length > 0, `${lang}: ${words}`)
    assert.ok(areasOn(page).every((area) => area.endsWith('*')))
  }
  for (const nothing of ['q=xyzzy', 'area=none', 'area=%3Cb%3E&q=xyzzy']) {
    const page = await (await get(`/council?${nothing}`)).text()
    assert.match(page, /No rule fits\./)
    assert.deepEqual(areasOn(page), [])
  }
})

test('who may not propose reads why and who may, and finds no form', async () => {
  for (const [who, says] of [
    [
      officer('ihma', 'officer'),
      /Changes of this rule are proposed at National Agency for Social Protection by: author of changes, head/,
    ],
    [
      officer('tax', 'head'),
      /National Agency for Social Protection answers for this rule: only there can it be changed/,
    ],
  ] as const) {
    viewer = who
    const page = await (await get(RULE)).text()
    assert.match(page, says)
    assert.doesNotMatch(page, /name="value"/)
    const sent = await post(`${RULE}/simulate`, question)
    assert.equal(sent.status, 403, 'nor by sending the form')
  }
  viewer = officer('ihma', 'author')
  assert.match(await (await get(RULE)).text(), /name="value"/)
  const pension = await (await get('/council/rule/uz.pension.full')).text()
  assert.match(pension, /No agency answers for this rule here|This rule has no values to change/)
})

const simulated = async (): Promise<string> => {
  const asked = await post(`${RULE}/simulate`, question)
  assert.equal(asked.status, 303)
  const at = asked.headers.get('location')!
  assert.match(await (await get(at)).text(), /<progress/)
  await councilJobs(council)['council.simulate']!({ id: at.split('/').at(-1)! }, 1)
  return at
}

test('whoever proposed a change reads that another person publishes it, and cannot do it by sending the form', async () => {
  viewer = officer('ihma', 'head')
  const at = await simulated()
  const page = await (await get(at)).text()
  assert.match(page, /Proposed by ihma-head/)
  assert.match(page, /You proposed this change yourself\. Another person publishes it/)
  assert.doesNotMatch(page, /Go on to publish/)
  const sent = await post(`${at}/publish`)
  assert.equal(sent.status, 403)
  assert.match(await sent.text(), /You proposed this change yourself\. Another person has to publish it/)
  viewer = officer('tax', 'head')
  assert.match(await (await get(at)).text(), /answers for this rule: only there can it be changed/)
  assert.equal((await post(`${at}/publish`)).status, 403, 'the head of another agency neither')
})

test('a question, its report as table and chart, the two steps of publishing, and what follows', async () => {
  viewer = officer('ihma', 'author')
  const past = await post(`${RULE}/simulate`, { ...question, from: '2020-01-01' })
  assert.equal(past.status, 422)
  const again = await past.text()
  assert.match(again, /That day is past/)
  assert.match(again, /value="900 000"/, 'what was typed stays')
  const at = await simulated()
  const report = await (await get(at)).text()
  assert.match(report, /<table[\s\S]*<svg|<svg[\s\S]*<table/)
  assert.match(report, /At National Agency for Social Protection this is published by: head of the agency/)
  assert.equal((await post(`${at}/publish`)).status, 403, 'an author cannot publish by sending the form')

  viewer = officer('ihma', 'head')
  assert.doesNotMatch(await (await get(at)).text(), /Publish this change/)
  assert.match(
    await (await get(`${at}/publish`)).text(),
    /Publish this change[\s\S]*Proposed by ihma-author[\s\S]*signed in the name of Xodim/,
  )
  const done = await post(`${at}/publish`)
  assert.equal(done.status, 303)
  const publication = done.headers.get('location')!.split('?')[0]!
  const token = async () => (await get(publication.replace('/council', '/live'))).text()
  const waiting = await token()
  for (let n = 0; n < 500 && (await continuePublications(council, redetermineWith(world.engine))) > 0; n++);
  assert.notEqual(await token(), waiting, 'an open page hears of the progress')
  for (const lang of ['uz-Latn', 'uz-Cyrl', 'ru', 'en'])
    assert.equal((await get(publication, lang)).status, 200)
})
