/** Where somebody is signed in: seen in words, ended one by one or all but this, by nobody else; pages and interface alike. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { deviceOf, startSession } from '../src/identity/identity.ts'
import { signOutCommand } from '../src/identity-command.ts'
import { sql } from '../src/platform/database.ts'
import { UsageError } from '../src/usage-error.ts'
import { browse, type IdentityWorld, openIdentityWorld } from './identity-world.ts'
import { born } from './journeys.ts'

let it: IdentityWorld
let mother: Awaited<ReturnType<typeof born>>['mother']
before(async () => {
  it = await openIdentityWorld()
  mother = (await born(it.world)).mother
})
after(() => it.end())

const officer = { kind: 'officer', number: 'P-104', name: 'Officer One', agency: 'pension' } as const
const citizen = () => ({ kind: 'citizen', subject: mother, name: 'Ona' }) as const
type Listed = { id: string; device: string; assurance: string; is_this: boolean; method: string }
const listed = async (me: Awaited<ReturnType<typeof browse>>) =>
  ((await (await me.get('/v1/sessions')).json()) as { sessions: Listed[] }).sessions

test('a browser in two words, and nothing else of what it says of itself', () => {
  for (const [agent, device] of [
    [
      'Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36',
      'Chrome, Android',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1',
      'Safari, iPhone',
    ],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0', 'Firefox, Windows'],
    ['Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 YaBrowser/24.6 Safari/537.36', 'Yandex, Windows'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/126.0 Safari/537.36 Edg/126.0', 'Edge, Mac'],
    ['curl/8.0 <script>', ''],
    ['', ''],
    [undefined, ''],
  ] as const) {
    assert.equal(deviceOf(agent), device, agent)
  }
})

test('a person sees their sessions, this one marked, and ends another; nobody sees or ends those of somebody else', async () => {
  const phone = await browse(it, citizen(), { device: 'Chrome, Android', assurance: 'loa:high' })
  const library = await browse(it, citizen(), { device: 'Firefox, Windows' })
  const stranger = await browse(it, officer)
  const seen = await listed(phone)
  assert.deepEqual(seen.map(({ device, assurance, is_this }) => [device, assurance, is_this]).sort(), [
    ['Chrome, Android', 'loa:high', true],
    ['Firefox, Windows', 'loa:low', false],
  ])
  assert.equal((await listed(stranger)).length, 1)
  const there = seen.find((s) => !s.is_this)!.id
  const page = await (await phone.get('/sessions', { 'accept-language': 'en' })).text()
  assert.match(page, /This browser/)
  assert.match(page, new RegExp(`/sessions/${there}/end`))
  assert.ok(!page.includes(phone.cookies.get('hamroh')!), 'no cookie stands on a page')

  assert.equal((await stranger.form(`/sessions/${there}/end`)).status, 404)
  assert.equal((await stranger.json('DELETE', `/v1/sessions/${there}`)).status, 404)
  assert.equal((await library.get('/inbox')).status, 200)
  assert.equal((await phone.form(`/sessions/${there}/end`, { csrf: library.csrf })).status, 403)
  assert.equal(
    (await phone.json('DELETE', `/v1/sessions/${there}`, undefined, { 'x-csrf-token': 'x' })).status,
    403,
  )
  const ended = await phone.form(`/sessions/${there}/end`)
  assert.equal(ended.headers.get('location'), '/sessions?done=session_ended#result')
  assert.equal((await library.get('/inbox')).status, 303)
  assert.equal((await phone.json('DELETE', `/v1/sessions/${there}`)).status, 404, 'it is gone')
})

test('all others end at once, and this one goes on', async () => {
  const here = await browse(it, citizen())
  const others = await Promise.all([1, 2, 3].map(() => browse(it, citizen())))
  const stranger = await browse(it, officer)
  assert.equal(
    (await here.form('/sessions/end-others')).headers.get('location'),
    '/sessions?done=others_ended#result',
  )
  for (const other of others) assert.equal((await other.get('/inbox')).status, 303)
  assert.equal((await here.get('/inbox')).status, 200)
  assert.equal((await stranger.get('/desk')).status, 200)
  await browse(it, citizen())
  assert.deepEqual(await (await here.json('DELETE', '/v1/sessions')).json(), { ended: 1 })
})

test('two civil servants of one number in two agencies are two people', async () => {
  const one = await browse(it, { ...officer, number: '7' })
  const other = await browse(it, { ...officer, number: '7', agency: 'ihma' })
  assert.equal((await listed(one)).length, 1)
  await one.form('/sessions/end-others')
  assert.equal((await other.get('/desk')).status, 200)
})

test('a cookie is 256 random bits, kept as a hash alone; the name of a session opens nothing', async () => {
  const { db } = it.world.database
  const tokens = await Promise.all(
    Array.from({ length: 50 }, () => startSession(db, it.world.clock, officer)),
  )
  assert.equal(new Set(tokens).size, 50)
  for (const token of tokens) assert.equal(Buffer.from(token, 'base64url').length, 32)
  const rows = await db.rows<{ row: string; id: string }>(
    sql`select row_to_json(s)::text as row, id from web_sessions s`,
  )
  for (const { row, id } of rows) {
    assert.ok(!tokens.some((token) => row.includes(token)))
    assert.equal((await it.app.request('/desk', { headers: { cookie: `hamroh=${id}` } })).status, 303)
  }
})

test('an operator signs out somebody who left, with their passkeys, and everybody', async () => {
  const { db } = it.world.database
  const said: string[] = []
  const command = (...args: string[]) => signOutCommand({ db }, args, (line) => said.push(line))
  const leaves = await browse(it, { ...officer, number: 'L-1' })
  const stays = await browse(it, officer)
  await db.run(sql`
    insert into passkeys (credential_id, holder, kind, agency, officer_number, name, assurance, public_key, counter,
      transports, synced, device, added_at, confirmed_at)
    values ('c', 'officer:pension:L-1', 'officer', 'pension', 'L-1', 'X', 'loa:low', '\\x00', 0, '{}', false, '', now(), now())`)
  assert.equal(await command('officer', 'pension', 'L-1', '--passkeys'), 0)
  assert.equal(said.pop(), 'Signed out: 1 sessions. Removed: 1 passkeys.')
  assert.equal((await leaves.get('/desk')).status, 303)
  assert.equal((await stays.get('/desk')).status, 200)
  await command('everybody')
  assert.equal((await stays.get('/desk')).status, 303)
  for (const args of [[], ['nobody'], ['citizen', 'x'], ['officer', 'pension'], ['everybody', '--passkeys']])
    await assert.rejects(command(...args), UsageError)
})

test('what is over is forgotten: challenges, ids of tokens, tokens of agencies', async () => {
  const { db } = it.world.database
  const { forgetOldSessions } = await import('../src/identity/identity.ts')
  const past = new Date(it.world.clock.now().getTime() - 1000)
  await db.run(sql`insert into used_token_ids values ('i', 'h', ${past})`)
  await db.run(sql`insert into agency_tokens values ('h', 'zags', ${past})`)
  await db.run(
    sql`insert into passkey_challenges (challenge, session_id, use, expires_at) values ('c', gen_random_uuid(), 'enrol', ${past})`,
  )
  await forgetOldSessions(db, it.world.clock)
  for (const table of ['used_token_ids', 'agency_tokens', 'passkey_challenges'])
    assert.deepEqual(await db.rows({ text: `select from ${table}`, values: [] }), [], table)
  assert.deepEqual(it.failures, [])
})
