/**
 * A civil servant's words for a draft: who may write them, what saving does, and that of two who write at once nobody
 * overwrites the other unseen and nobody loses what they wrote. Through the pages, over live data.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Hono } from 'hono'
import { sql } from '../src/platform/database.ts'
import { liveServices } from '../web/live/live.ts'
import type { Services, Viewer } from '../web/views.ts'
import { webRoutes } from '../web/web.tsx'
import { say } from '../web/words/words.ts'
import { birthRetracted, born, type JourneyWorld, openJourneyWorld, told } from './journeys.ts'

const officer = (number: string, agency = 'pension'): Viewer => ({
  kind: 'officer',
  officer: number,
  pseudonym: number,
  agency,
  name: `Officer ${number}`,
})
const viewers: Record<string, Viewer> = {
  first: officer('P-1'),
  second: officer('P-2'),
  stranger: officer('T-1', 'tax'),
  citizen: { kind: 'person', subject: '01a20c22-fff7-7000-a7ed-a5cbad165f2d', name: 'X', language: null },
}

let world: JourneyWorld
let services: Services
let app: Hono
before(async () => {
  world = await openJourneyWorld()
  const { pack, engine, ctx, council } = world
  const own_purpose = `${pack.id}.purpose.own-memory`
  services = liveServices({ pack, engine, journeys: ctx, council, db: ctx.db, gate: ctx.gate, own_purpose })
  app = webRoutes(services, {
    demonstration: true,
    zone: pack.zone,
    currency: pack.currency,
    session: async (c) => viewers[c.req.header('who') ?? ''] ?? null,
    rememberLanguage: () => assert.fail('nobody chose a language'),
    csrf: () => 'token',
    checkCsrf: (_, token) => token === 'token',
    signInUrl: '/auth/start',
    signOutUrl: '/auth/sign-out',
    onError: (error) => assert.fail(String(error)),
  }) as unknown as Hono
})
after(() => world.end())

let family = 0
async function openCase(): Promise<{ n: number; id: string }> {
  const queue = async () => (await services.queue({ viewer: viewers.first as never, locale: 'en' })).cases
  const before = new Set((await queue()).map((c) => c.id))
  await born(world, [], 1, ++family)
  return { n: family, id: (await queue()).find((c) => !before.has(c.id))!.id }
}

const headers = (who: string) => ({
  who,
  cookie: 'lang=en',
  'content-type': 'application/x-www-form-urlencoded',
})
const page = async (who: string, id: string): Promise<string> =>
  (await app.request(`/desk/case/${id}`, { headers: headers(who) })).text()
const versionIn = (html: string): string => /name="version" value="(\d+)"/.exec(html)![1]!
async function post(who: string, path: string, fields: Record<string, string>) {
  const body = new URLSearchParams({ csrf: 'token', answer_key: crypto.randomUUID(), ...fields }).toString()
  const answer = await app.request(path, { method: 'POST', headers: headers(who), body })
  return { status: answer.status, html: await answer.text() }
}
const save = (who: string, id: string, version: string, sentence: string) =>
  post(who, `/desk/case/${id}/draft`, { version, 'reason.en.0': sentence })
const drafts = async (id: string) =>
  (
    await world.ctx.db.rows<{ text: string }>(
      sql`select body::text as text from drafts where case_id = ${id} order by id`,
    )
  ).map((row) => row.text)
const textareas = (html: string): string[] =>
  [...html.matchAll(/<textarea[^>]*>([\s\S]*?)<\/textarea>/g)].map((m) => m[1]!)

test('what is saved stands in the draft, under a new version; the one before is kept', async () => {
  const { id } = await openCase()
  const version = versionIn(await page('first', id))
  assert.equal((await save('first', id, version, 'Written by the first.')).status, 303)
  const html = await page('second', id)
  assert.ok(html.includes('Written by the first.'))
  assert.equal(Number(versionIn(html)), Number(version) + 1)
  const kept = await drafts(id)
  assert.equal(kept.length, 2)
  assert.ok(!kept[0]!.includes('Written by the first.'))
})

test('a save on an older draft is refused, says why, and keeps what was typed; sent again knowingly, it stands', async () => {
  const { id } = await openCase()
  const version = versionIn(await page('first', id))
  assert.equal((await save('first', id, version, 'Written by the first.')).status, 303)
  const stale = await save('second', id, version, 'Written by the second.')
  assert.equal(stale.status, 422)
  assert.ok(stale.html.includes(say('en', 'refusal.draft_changed')))
  assert.ok(stale.html.includes('Written by the first.'), 'the new draft is there to read')
  assert.ok(textareas(stale.html).includes('Written by the second.'))
  assert.match(stale.html, /id="edit" open/)
  assert.equal((await drafts(id)).length, 2, 'nothing was stored')
  const again = await save('second', id, versionIn(stale.html), 'Written by the second.')
  assert.equal(again.status, 303)
  assert.ok((await page('first', id)).includes('Written by the second.'))
  assert.ok(
    (await drafts(id)).some((draft) => draft.includes('Written by the first.')),
    'nothing is overwritten',
  )
})

test('two saves at once: one stands, the other is refused with its words kept', async () => {
  const { id } = await openCase()
  const version = versionIn(await page('first', id))
  const answers = await Promise.all(
    ['first', 'second', 'first', 'second'].map((who, n) => save(who, id, version, `Sentence ${n}.`)),
  )
  assert.deepEqual(answers.map((a) => a.status).sort(), [303, 422, 422, 422])
  for (const [n, answer] of answers.entries())
    if (answer.status === 422) assert.ok(textareas(answer.html).includes(`Sentence ${n}.`))
  assert.equal((await drafts(id)).length, 2)
})

test('the same words saved again make no new draft', async () => {
  const { id } = await openCase()
  for (let n = 0; n < 3; n++)
    assert.equal((await save('first', id, versionIn(await page('first', id)), 'The same words.')).status, 303)
  assert.equal((await drafts(id)).length, 2)
})

test('text that cannot be stored is refused with its reason and stays in the form', async () => {
  const { id } = await openCase()
  const refused = await save('first', id, versionIn(await page('first', id)), 'with a bell \u0007')
  assert.equal(refused.status, 422)
  assert.ok(refused.html.includes(say('en', 'refusal.text_refused')))
  assert.ok(textareas(refused.html).some((text) => text.includes('with a bell')))
})

test('when the case is over, what was typed is still shown', async () => {
  const decided = await openCase()
  const html = await page('first', decided.id)
  const form = { version: versionIn(html), outcome: 'granted' }
  assert.equal((await post('first', `/desk/case/${decided.id}/finalise`, form)).status, 303)
  const late = await save('second', decided.id, versionIn(html), 'Too late.')
  assert.equal(late.status, 422)
  assert.match(late.html, /class="case__kept">Too late\./)
  const gone = await openCase()
  const version = versionIn(await page('first', gone.id))
  await told(world, [birthRetracted(gone.n)])
  const closed = await save('second', gone.id, version, 'Closed meanwhile.')
  assert.equal(closed.status, 422)
  assert.ok(
    closed.html.includes('Closed meanwhile.') && closed.html.includes(say('en', 'refusal.case_closed')),
  )
})

test('who may: nobody but a civil servant of the case’s agency, from our own page', async () => {
  const { id } = await openCase()
  const version = versionIn(await page('first', id))
  for (const [who, status] of [
    ['nobody', 303],
    ['citizen', 403],
    ['stranger', 404],
  ] as const)
    assert.equal((await save(who, id, version, 'X')).status, status, who)
  const path = `/desk/case/${id}/draft`
  assert.equal((await post('first', path, { version, csrf: 'another', 'reason.en.0': 'X' })).status, 403)
  assert.equal((await drafts(id)).length, 1)
})
