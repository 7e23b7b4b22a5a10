/** How long a browser stays signed in: as long as a human does something, and never longer than half a day. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Hono } from 'hono'
import { makeApp } from '../src/app.ts'
import { forgetOldSessions, startSession } from '../src/identity/identity.ts'
import { IntakeQueue } from '../src/intake-queue.ts'
import { sql } from '../src/platform/database.ts'
import { born, type JourneyWorld, openJourneyWorld } from './journeys.ts'

const MINUTE_MS = 60_000
const ACT = { 'x-hamroh-asks': 'after-an-act' }
const BY_ITSELF = { 'x-hamroh-asks': 'by-itself' }

let world: JourneyWorld
let app: Hono
let mother: string
before(async () => {
  world = await openJourneyWorld()
  const { clock, engine, ground, ctx } = world
  const queue = new IntakeQueue(engine)
  app = makeApp({
    ground,
    engine,
    journeys: ctx,
    council: world.council,
    queue,
    log: null,
    session_clock: clock,
    wakeNow: () => Promise.resolve(),
  })
  mother = (await born(world)).mother
})
after(() => world.end())

/** Signs somebody in and returns how they, or their open page, ask for something. */
async function signedIn(kind: 'citizen' | 'officer') {
  const who =
    kind === 'citizen'
      ? ({ kind, subject: mother as never, name: 'Ona' } as const)
      : ({ kind, number: 'P-1', name: 'Xodim', agency: 'pension' } as const)
  const cookie = `hamroh=${await startSession(world.database.db, world.clock, who)}`
  const get = async (path: string, headers: Record<string, string> = {}) =>
    (await app.request(path, { headers: { cookie, ...headers } })).status
  const home = kind === 'citizen' ? '/inbox' : '/desk'
  const live = kind === 'citizen' ? '/live/inbox' : '/live/queue'
  return { get, home, live }
}
const pass = (minutes: number) => world.clock.forward(minutes * MINUTE_MS)
const sessions = async () =>
  (await world.database.db.rows<{ n: number }>(sql`select count(*)::int as n from web_sessions`))[0]!.n

for (const [kind, idle] of [
  ['citizen', 30],
  ['officer', 15],
] as const) {
  test(`a ${kind}’s open page keeps asking, and the session still ends ${idle} minutes after the last human act`, async () => {
    const { get, home, live } = await signedIn(kind)
    assert.equal(await get(home), 200)
    for (let minute = 1; minute <= idle; minute++) {
      pass(1)
      assert.equal(await get(live), 200, `minute ${minute}`)
      assert.equal(await get(live, BY_ITSELF), 200)
      assert.equal(await get(home, BY_ITSELF), 200, 'the page fetches itself again when something changed')
    }
    const before = await sessions()
    pass(1)
    assert.equal(await get(live, BY_ITSELF), 401)
    assert.equal(await get(home), 303, 'and to a human it is over too')
    assert.equal(await sessions(), before - 1, 'nothing is kept of it')
  })

  test(`a ${kind} who opens pages, or types into one, stays signed in`, async () => {
    const { get, home, live } = await signedIn(kind)
    for (let n = 0; n < 6; n++) {
      pass(idle - 1)
      assert.equal(await get(n % 2 ? home : live, n % 2 ? {} : ACT), 200)
    }
    pass(idle + 1)
    assert.equal(await get(home), 303)
  })

  test(`a ${kind} is signed out after twelve hours, whatever they do`, async () => {
    const { get, home } = await signedIn(kind)
    for (let minute = 0; minute < 12 * 60; minute += 10) {
      assert.equal(await get(home), 200, `minute ${minute}`)
      pass(10)
    }
    pass(1)
    assert.equal(await get(home), 303)
  })
}

test('a person’s own interface ends with the session as well', async () => {
  const { get } = await signedIn('citizen')
  pass(29)
  assert.equal(await get('/v1/me/proposals'), 200)
  pass(31)
  assert.equal(await get('/v1/me/proposals'), 401)
})

test('a browser that never comes back leaves nothing behind', async () => {
  const { db } = world.database
  const forget = () => forgetOldSessions(db, world.clock)
  pass(24 * 60)
  await forget()
  assert.equal(await sessions(), 0)
  const citizen = await signedIn('citizen')
  await signedIn('officer')
  assert.equal(await forget(), 0)
  pass(16)
  assert.equal(await forget(), 1, 'the civil servant’s')
  assert.equal(await citizen.get(citizen.home), 200)
  for (let n = 0; n < 26; n++) {
    pass(28)
    assert.equal(await citizen.get(citizen.live, ACT), n < 25 ? 200 : 401)
    if (n < 25) assert.equal(await forget(), 0, `${n}`)
  }
  await signedIn('citizen')
  pass(31)
  assert.equal(await forget(), 1)
  assert.equal(await sessions(), 0)
})
