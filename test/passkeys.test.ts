/** Passkeys: adding one, signing in with one, confirming acts with one; and every way it must not work. */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, verify } from 'node:crypto'
import { after, before, test } from 'node:test'
import { listCases, standingDraft } from '../src/cases/cases.ts'
import { assuranceOf, passkeysPossible } from '../src/identity/identity.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { listProposals } from '../src/proposals/proposals.ts'
import { type Device, newDevice } from './authenticator.ts'
import { CLIENT, type FakeOidc, startFakeOidc } from './fake-oidc.ts'
import { type Browsing, browse, type IdentityWorld, ORIGIN, openIdentityWorld } from './identity-world.ts'
import { birth, born, motherKnown, mothers, told } from './journeys.ts'
import { subjectOf } from './world.ts'

let production: IdentityWorld
let mother: SubjectId
let oidc: FakeOidc
before(async () => {
  oidc = await startFakeOidc()
  production = await openIdentityWorld({
    DEMONSTRATION: '0',
    OIDC_ISSUER: oidc.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
  })
  mother = (await born(production.world, [], 1, 1)).mother
  await born(production.world, [], 1, 2)
})
after(async () => {
  await oidc.stop()
  await production.end()
})

const officer = { kind: 'officer', number: 'P-104', name: 'Officer One', agency: 'pension' } as const
const sure = { assurance: 'loa:substantial' } as const
const MINUTE_MS = 60_000

/** Adds a passkey as the page's script does, and returns its device. */
async function addPasskey(me: Browsing, device: Device = newDevice(ORIGIN)): Promise<Device> {
  const options = (await (await me.json('POST', '/v1/passkey-options')).json()) as { challenge: string }
  const added = await me.form('/passkeys', { credential: device.create(options) })
  assert.deepEqual(
    [added.status, added.headers.get('location')],
    [303, '/passkeys?done=passkey_added#result'],
  )
  return device
}
/** The form of the sign-in has no token: what binds it is a cookie. */
async function passkeySignIn(
  device: Device,
  made: (options: { challenge: string }) => string = (options) => device.get(options),
) {
  const me = await browse(production)
  const options = (await (await me.json('POST', '/auth/passkey/options')).json()) as { challenge: string }
  const send = (credential: string) =>
    production.app.request('/auth/passkey', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: [...me.cookies].map(([k, v]) => `${k}=${v}`).join('; '),
      },
      body: new URLSearchParams({ credential }).toString(),
    })
  const answer = await send(made(options))
  return { answer, options, send, location: answer.headers.get('location') }
}

test('where browsers do passkeys: a name over https, or this machine by its name', () => {
  for (const [url, possible] of [
    ['https://hamroh.example', true],
    ['http://localhost:4000', true],
    ['http://127.0.0.1:4000', false],
    ['https://10.0.0.1', false],
    ['http://hamroh.example', false],
    ['https://[::1]', false],
  ] as const)
    assert.equal(passkeysPossible(url), possible, url)
})

test('a civil servant whom only the provider confirms may add a first passkey and do nothing else, and signs in with it from then on', async () => {
  const first = await browse(production, officer, { assurance: 'loa:substantial', enrols: true })
  for (const path of ['/desk', '/sessions', '/council', '/inbox'])
    assert.match((await first.get(path)).headers.get('location') ?? '', /^\/sign-in/, path)
  for (const path of ['/v1/sessions', '/v1/simulations/00000000-0000-7000-8000-000000000000'])
    assert.equal((await first.get(path)).status, 401, path)
  assert.equal((await first.json('POST', '/v1/step-up', {})).status, 401)
  const page = await (await first.get('/passkeys')).text()
  assert.match(page, /data-passkey="add"/)
  const before = first.cookies.get('hamroh')
  const device = await addPasskey(first)
  assert.notEqual(first.cookies.get('hamroh'), before, 'the cookie is another one now')
  assert.match(
    (await first.get('/desk')).headers.get('location') ?? '',
    /^\/sign-in/,
    'and still only the passkey opens the desk',
  )

  const { answer, location } = await passkeySignIn(device)
  assert.deepEqual([answer.status, location], [303, '/desk'])
  const [row] = await production.world.database.db.rows<{
    method: string
    assurance: string
    enrols: boolean
  }>(sql`select method, assurance, enrols from web_sessions where method = 'passkey'`)
  assert.deepEqual(row, { method: 'passkey', assurance: 'loa:substantial', enrols: false })
})

test('over the provider a civil servant comes to add a passkey, and once there is one, is told to use it', async () => {
  const claims = {
    sub: 'o9',
    name: 'Officer Nine',
    acr: 'loa:high',
    officer: { agency: 'pension', number: 'P-109', role: 'officer' },
  }
  const overProvider = async (me: Browsing, given: object = claims) => {
    const started = await me.get('/auth/start')
    const chosen = oidc.choose(started.headers.get('location')!, given as Record<string, unknown>)
    return me.get(`/auth/callback?${new URLSearchParams(chosen)}`)
  }
  const me = await browse(production)
  assert.equal((await overProvider(me)).headers.get('location'), '/passkeys')
  assert.equal((await me.get('/desk')).status, 303)
  const page = await (await me.get('/passkeys')).text()
  me.csrf = /name="csrf" value="([^"]+)"/.exec(page)![1]!
  const device = await addPasskey(me)
  const again = await browse(production)
  const told = await overProvider(again, { ...claims, officer: { ...claims.officer, role: 'head' } })
  assert.equal(told.headers.get('location'), '/sign-in?problem=passkey_needed')
  assert.equal(again.cookies.get('hamroh'), undefined, 'the provider’s word alone begins no session')
  assert.equal((await passkeySignIn(device)).location, '/desk')
  const [row] = await production.world.database.db.rows<object>(
    sql`select officer_role, assurance, method from web_sessions where officer_number = 'P-109' and method = 'passkey'`,
  )
  assert.deepEqual(
    row,
    { officer_role: 'head', assurance: 'loa:high', method: 'passkey' },
    'as what the provider last said',
  )
  const citizen = await overProvider(await browse(production), {
    sub: 'c',
    name: 'Ona',
    acr: 'loa:substantial',
    pinfl: mothers(1),
  })
  assert.equal(citizen.headers.get('location'), '/inbox', 'citizens need none')
})

test('who is not surely enough known is not signed in, over the provider or with a passkey', async () => {
  for (const [acr, location] of [
    [undefined, '/sign-in?problem=assurance_too_low'],
    ['loa:low', '/sign-in?problem=assurance_too_low'],
    ['urn:something-new', '/sign-in?problem=assurance_too_low'],
    ['http://eidas.europa.eu/LoA/substantial', '/inbox'],
    ['loa:high', '/inbox'],
  ] as const) {
    const me = await browse(production)
    const started = await me.get('/auth/start')
    const claims = { sub: 'c', name: 'Ona', pinfl: mothers(1), ...(acr ? { acr } : {}) }
    const chosen = oidc.choose(started.headers.get('location')!, claims)
    const answer = await me.get(`/auth/callback?${new URLSearchParams(chosen)}`)
    assert.equal(answer.headers.get('location'), location, acr)
  }
  const device = await addPasskey(
    await browse(production, { kind: 'citizen', subject: mother, name: 'Ona' }, { assurance: 'loa:low' }),
  )
  assert.equal((await passkeySignIn(device)).location, '/sign-in?problem=assurance_too_low')
  assert.equal(
    assuranceOf(undefined, { '': 'loa:substantial' }),
    'loa:substantial',
    'a provider that says none',
  )
  assert.equal(assuranceOf('__proto__'), 'loa:low')
})

test('a passkey sign-in is good once, for its own browser, for five minutes, with its holder verified', async () => {
  const me = await browse(production, officer, sure)
  const device = await addPasskey(me)
  const refusedAs = async (made: Parameters<typeof passkeySignIn>[1], problem: string, what: string) => {
    const { answer, location } = await passkeySignIn(device, made)
    assert.deepEqual([answer.status, location], [303, `/sign-in?problem=${problem}`], what)
    assert.deepEqual(
      answer.headers.getSetCookie().filter((line) => /^hamroh=./.test(line)),
      [],
      what,
    )
  }
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  await refusedAs((o) => device.get(o, { verified: false }), 'passkey_refused', 'nobody was verified')
  await refusedAs((o) => device.get(o, { origin: 'https://evil.example' }), 'passkey_refused', 'another site')
  await refusedAs((o) => device.get(o, { rp_id: 'evil.example' }), 'passkey_refused', 'another name')
  await refusedAs((o) => device.get(o, { challenge: 'x'.repeat(43) }), 'passkey_refused', 'another challenge')
  await refusedAs((o) => device.get(o, { signed_by: stranger }), 'passkey_refused', 'another key')
  await refusedAs((o) => device.get(o, { type: 'webauthn.create' }), 'passkey_refused', 'another ceremony')
  await refusedAs((o) => device.create(o), 'passkey_refused', 'a registration instead')
  await refusedAs((o) => device.get(o, { id: 'x'.repeat(22) }), 'passkey_unknown', 'an unknown passkey')
  await refusedAs(() => '{}', 'passkey_refused', 'nothing')
  await refusedAs(() => '[', 'passkey_refused', 'no JSON')
  await refusedAs(
    (o) => newDevice(ORIGIN).get(o, { id: device.id }),
    'passkey_refused',
    'a device that says it is another',
  )

  const good = await passkeySignIn(device)
  assert.equal(good.location, '/desk')
  const replayed = await good.send(device.get(good.options))
  assert.equal(replayed.headers.get('location'), '/sign-in?problem=passkey_refused', 'the challenge was used')
  await refusedAs(
    (o) => device.get(o, { counter: 1 }),
    'passkey_refused',
    'a counter that went back: a copied key',
  )
  const late = await passkeySignIn(device, (o) => {
    production.world.clock.forward(6 * MINUTE_MS)
    return device.get(o)
  })
  assert.equal(late.location, '/sign-in?problem=sign_in_expired')
  const elsewhere = await production.app.request('/auth/passkey', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ credential: device.get(good.options) }).toString(),
  })
  assert.equal(elsewhere.headers.get('location'), '/sign-in?problem=sign_in_expired', 'another browser')
})

test('adding and removing a passkey needs a young sign-in, and touches nobody else’s', async () => {
  const me = await browse(production, { kind: 'citizen', subject: mother, name: 'Ona' }, sure)
  const other = await browse(production, { ...officer, number: 'P-106' }, sure)
  const device = await addPasskey(me)
  assert.equal((await other.json('DELETE', `/v1/passkeys/${device.id}`)).status, 404)
  assert.equal((await other.form(`/passkeys/${device.id}/remove`)).status, 404)
  const stolen = (await (await other.json('POST', '/v1/passkey-options')).json()) as { challenge: string }
  assert.equal(
    (await other.form('/passkeys', { credential: device.create(stolen) })).status,
    422,
    'a credential has one holder',
  )
  const mine = (await (await me.json('POST', '/v1/passkey-options')).json()) as { challenge: string }
  assert.equal(
    (await other.form('/passkeys', { credential: newDevice(ORIGIN).create(mine) })).status,
    422,
    'a challenge belongs to its session',
  )
  production.world.clock.forward(16 * MINUTE_MS)
  const stale = await me.json('POST', '/v1/passkey-options')
  assert.equal(stale.status, 401)
  assert.match(stale.headers.get('www-authenticate')!, /insufficient_user_authentication/)
  assert.equal((await me.form(`/passkeys/${device.id}/remove`)).status, 422)
  assert.match(await (await me.get('/passkeys')).text(), /sign-in\?next=%2Fpasskeys/)
  const again = await browse(production, { kind: 'citizen', subject: mother, name: 'Ona' }, sure)
  assert.equal((await again.json('DELETE', `/v1/passkeys/${device.id}`)).status, 200)
  assert.equal((await passkeySignIn(device)).location, '/sign-in?problem=passkey_unknown')
})

const acceptance = (id: string, key: string, assertion?: string) =>
  [
    'POST',
    `/v1/me/proposals/${id}/answer`,
    { answer: 'accept', key, ...(assertion === undefined ? {} : { assertion }) },
  ] as const

async function aCase(of: IdentityWorld) {
  await of.world.drain()
  const { cases } = await listCases(of.world.database.db, 'pension', 20)
  const found = cases.find((c) => c.kind !== 'task' && c.state === 'open')!
  const draft = (await standingDraft(of.world.database.db, found))!
  return { id: found.id, subject: found.subject_id, version: String(draft.version), hash: draft.hash }
}

test('in production a civil servant’s decision needs a passkey; what was signed is stored with it and anybody can check it', async () => {
  const found = await aCase(production)
  const me = await browse(production, officer, sure)
  const fields = { version: found.version, outcome: 'granted' }
  const finalise = (assertion?: string, more: Record<string, string> = {}) =>
    me.form(`/desk/case/${found.id}/finalise`, {
      ...fields,
      ...more,
      ...(assertion === undefined ? {} : { assertion }),
    })
  const decided = async () =>
    (await production.world.database.db.rows(sql`select from decisions where case_id = ${found.id}`)).length
  const device = await addPasskey(me)
  const page = await (await me.get(`/desk/case/${found.id}`)).text()
  assert.match(page, /data-act="decision.finalise"/)
  assert.ok(!/data-optional/.test(page))

  const without = await finalise()
  assert.equal(without.status, 422)
  assert.equal(await decided(), 0)
  const ask = async (given: Record<string, string> = fields, act = 'decision.finalise') =>
    (await (await me.json('POST', '/v1/step-up', { act, of: found.id, fields: given })).json()) as {
      options: { challenge: string }
      document: string
      nonce: string
    }
  const refusals: [string, () => Promise<Response>][] = [
    [
      'signed for a refusal, sent as a grant',
      async () => finalise(device.get((await ask({ ...fields, outcome: 'refused' })).options)),
    ],
    [
      'signed without what was typed beside it',
      async () => finalise(device.get((await ask()).options), { considered: 'Other words.' }),
    ],
    [
      'signed for another version of the draft',
      async () => finalise(device.get((await ask({ ...fields, version: '99' })).options)),
    ],
    ['nobody verified', async () => finalise(device.get((await ask()).options, { verified: false }))],
    [
      'another site',
      async () => finalise(device.get((await ask()).options, { origin: 'https://evil.example' })),
    ],
    ['another device', async () => finalise(newDevice(ORIGIN).get((await ask()).options))],
    ['no assertion at all', () => finalise('{}')],
    ['a challenge nobody gave', () => finalise(device.get({ challenge: 'x'.repeat(43) }))],
    [
      'older than five minutes',
      async () => {
        const asked = await ask()
        production.world.clock.forward(5 * MINUTE_MS + 1000)
        return finalise(device.get(asked.options))
      },
    ],
    [
      'a challenge that a later one has replaced',
      async () => {
        const asked = await ask()
        await ask()
        return finalise(device.get(asked.options))
      },
    ],
  ]
  for (const [what, send] of refusals) {
    assert.equal((await send()).status, 422, what)
    assert.equal(await decided(), 0, what)
  }

  const asked = await ask()
  const assertion = device.get(asked.options)
  const cookie = me.cookies.get('hamroh')
  const done = await finalise(assertion)
  assert.deepEqual(
    [done.status, done.headers.get('location')],
    [303, `/desk/case/${found.id}?done=decided#result`],
  )
  assert.notEqual(me.cookies.get('hamroh'), cookie, 'the session goes on under another cookie')
  const old = await production.app.request('/desk', { headers: { cookie: `hamroh=${cookie}` } })
  assert.equal(old.status, 303, 'and the old one opens nothing')
  assert.equal(await decided(), 1)
  assert.equal((await finalise(assertion)).status, 422, 'once')

  const [kept] = await production.world.database.owner.rows<Record<string, never>>(
    sql`select * from signed_acts where subject_id = ${found.subject} and of_id = ${found.id}`,
  )
  const act = kept as unknown as Record<
    'document' | 'nonce' | 'client_data' | 'authenticator_data' | 'signature' | 'holder',
    string
  > & { public_key: Buffer }
  assert.deepEqual(JSON.parse(act.document), {
    act: 'decision.finalise',
    of: found.id,
    by: 'officer:pension:P-104',
    facts: { draft_hash: found.hash },
    fields,
  })
  // As a stranger would check it, with nothing but the row.
  const client = Buffer.from(act.client_data, 'base64url')
  const digest = createHash('sha256')
    .update(act.document)
    .update(Buffer.from(act.nonce, 'base64url'))
    .digest()
  assert.equal(JSON.parse(client.toString()).challenge, digest.toString('base64url'))
  const signed = Buffer.concat([
    Buffer.from(act.authenticator_data, 'base64url'),
    createHash('sha256').update(client).digest(),
  ])
  const cose = act.public_key
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: cose.subarray(10, 42).toString('base64url'),
    y: cose.subarray(45, 77).toString('base64url'),
  }
  assert.ok(verify('sha256', signed, { key: jwk, format: 'jwk' }, Buffer.from(act.signature, 'base64url')))
})

test('a challenge given to one session or for one holder is worth nothing in another', async () => {
  const found = await aCase(production)
  const mine = await browse(production, officer, sure)
  const device = await addPasskey(mine)
  const elsewhere = await browse(production, officer, sure)
  const colleague = await browse(production, { ...officer, number: 'P-107' }, sure)
  await addPasskey(colleague)
  const wanted = {
    act: 'decision.finalise',
    of: found.id,
    fields: { version: found.version, outcome: 'granted' },
  }
  const { options } = (await (await mine.json('POST', '/v1/step-up', wanted)).json()) as {
    options: { challenge: string }
  }
  const assertion = device.get(options)
  for (const other of [elsewhere, colleague])
    assert.equal(
      (await other.form(`/desk/case/${found.id}/finalise`, { ...wanted.fields, assertion })).status,
      422,
    )
  const theirs = (await (await colleague.json('POST', '/v1/step-up', wanted)).json()) as {
    options: { challenge: string }
  }
  const borrowed = device.get(theirs.options)
  assert.equal(
    (await colleague.form(`/desk/case/${found.id}/finalise`, { ...wanted.fields, assertion: borrowed }))
      .status,
    422,
    'another’s passkey',
  )
})

test('accepting a proposal: offered by default; where it is required a program is told so as RFC 9470 says', async () => {
  const strict = await openIdentityWorld({ STEP_UP: '{"proposal.accept":"required"}' })
  try {
    await told(strict.world, [...motherKnown(1), birth(1, 1)])
    const mother = (await subjectOf(strict.world, mothers(1)))!
    const me = await browse(strict, { kind: 'citizen', subject: mother, name: 'Ona' }, sure)
    const [proposal] = await listProposals(strict.world.database.db, mother, ['open'])
    assert.ok(proposal)
    const refused = await me.json(...acceptance(proposal.id, 'k1'))
    assert.equal(refused.status, 401)
    assert.match(
      refused.headers.get('www-authenticate')!,
      /^Bearer error="insufficient_user_authentication", .*max_age="300"$/,
    )
    assert.equal(((await refused.json()) as { code: string }).code, 'insufficient_user_authentication')
    const wanted = { act: 'proposal.accept', of: proposal.id }
    assert.equal((await me.json('POST', '/v1/step-up', wanted)).status, 422, 'no passkey yet')
    const device = await addPasskey(me)
    const asked = (await (await me.json('POST', '/v1/step-up', wanted)).json()) as {
      options: { challenge: string }
    }
    const done = await me.json(...acceptance(proposal.id, 'k2', device.get(asked.options)))
    assert.equal(done.status, 200)
    const declined = await me.json('POST', `/v1/me/proposals/${proposal.id}/answer`, {
      answer: 'decline',
      key: 'k3',
    })
    assert.equal(declined.status, 409, 'to decline nothing is signed; it was accepted')
    assert.deepEqual(strict.failures, [])
  } finally {
    await strict.end()
  }
})

test('a civil servant whom the provider has not confirmed for 30 days is sent there first', async () => {
  const other = { ...officer, number: 'P-105' }
  const me = await browse(production, other, sure)
  const device = await addPasskey(me)
  production.world.clock.forward(31 * 24 * 60 * MINUTE_MS)
  assert.equal((await passkeySignIn(device)).location, '/sign-in?problem=confirm_at_provider')
})

test('nothing failed on the way', () => {
  assert.deepEqual(production.failures, [])
})
