/**
 * Tokens, cookies and requests as attackers make them: forged, replayed, written differently, meant for somebody else. None
 * opens anything, none fails the program.
 */
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type AgencyTokens, agencyOfToken, issueAgencyToken, takeTokenId } from '../src/identity/identity.ts'
import { isCompactToken } from '../src/platform/compact-token.ts'
import { sql } from '../src/platform/database.ts'
import { CLIENT, encoded, type FakeOidc, startFakeOidc } from './fake-oidc.ts'
import { type Browsing, browse, type IdentityWorld, ORIGIN, openIdentityWorld } from './identity-world.ts'
import { born } from './journeys.ts'

const officer = { kind: 'officer', number: 'P-104', name: 'Officer One', agency: 'pension' } as const
const claimed = { sub: 'o', name: 'Xodim', officer: { agency: 'pension', number: 'P-104' } }
const agencyKeys = [0, 1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const publicJwk = (n: number) => ({
  ...agencyKeys[n]!.publicKey.export({ format: 'jwk' }),
  kid: `key-${n}`,
  alg: 'ES256',
})

let oidc: FakeOidc
let it: IdentityWorld
before(async () => {
  oidc = await startFakeOidc()
  it = await openIdentityWorld({
    OIDC_ISSUER: oidc.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
    AGENCIES: JSON.stringify({
      zags: { jwks: { keys: [publicJwk(0), publicJwk(1)] } },
      tax: { jwks: { keys: [publicJwk(2)] } },
    }),
  })
})
after(async () => {
  await oidc.stop()
  await it.end()
})

const sessions = async (): Promise<number> =>
  (await it.world.database.db.rows(sql`select from web_sessions`)).length

/** Begins a sign-in, chooses somebody, and comes back, with the callback changed as a test wants. */
async function signIn(
  claims: object = claimed,
  change: (url: URL) => void = () => {},
  me?: Browsing,
): Promise<{ me: Browsing; location: string | null; status: number }> {
  const browsing = me ?? (await browse(it))
  const started = await browsing.get('/auth/start')
  const { code, state } = oidc.choose(started.headers.get('location')!, claims as Record<string, unknown>)
  const url = new URL(`${ORIGIN}/auth/callback?${new URLSearchParams({ code, state })}`)
  change(url)
  const answer = await browsing.get(url.pathname + url.search)
  return { me: browsing, location: answer.headers.get('location'), status: answer.status }
}

/** The same signature written in ways that a lenient decoder takes for the same bytes. */
const rewritten = (token: string): string[] => {
  const [head, body, signature] = token.split('.') as [string, string, string]
  const half = Math.floor(signature.length / 2)
  const inserted = (text: string) =>
    `${head}.${body}.${signature.slice(0, half)}${text}${signature.slice(half)}`
  return [
    ...[' ', '\n', '\t', '=', '\r\n', '\0', '%20', '.'].map(inserted),
    `${token}=`,
    `${token}==`,
    `${token}\n`,
    ` ${token}`,
    `${head}.${body}.${signature.replace(/-/g, '+').replace(/_/g, '/')}=`,
    `${head}.${body}`,
    `${head}.${body}.`,
    `${head}..${signature}`,
    `${token}.${signature}`,
  ]
}

const hmac = (text: string, secret: string): string =>
  createHmac('sha256', secret).update(text).digest('base64url')
const es256 = (claims: object, key: KeyObject, header: object = {}): string => {
  const text = [{ alg: 'ES256', typ: 'JWT', ...header }, claims].map(encoded).join('.')
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

test('the form of a token: three parts of base64url and nothing else', () => {
  const token = es256({ a: 1 }, agencyKeys[0]!.privateKey)
  assert.ok(isCompactToken(token))
  for (const other of rewritten(token)) assert.ok(!isCompactToken(other), JSON.stringify(other.slice(-40)))
  for (const other of [undefined, null, 7, {}, [token], '', 'a.b', `${'a'.repeat(9000)}.b.c`])
    assert.ok(!isCompactToken(other))
})

test('ID tokens that are forged, unsigned, signed with a public key, meant for others, over, or written differently sign nobody in', async () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const rs256 = (claims: object, key: KeyObject, header: object = {}) => {
    const text = [{ alg: 'RS256', typ: 'JWT', ...header }, claims].map(encoded).join('.')
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
  }
  const jwk = other.publicKey.export({ format: 'jwk' })
  type Forge = NonNullable<FakeOidc['forge']>
  const forgeries: [string, Forge][] = [
    ['alg none', (c) => `${encoded({ alg: 'none' })}.${encoded(c)}.`],
    ['alg none with a signature', (c) => `${encoded({ alg: 'none' })}.${encoded(c)}.AAAA`],
    [
      'HS256 with the public key as its secret',
      (c) => {
        const text = [{ alg: 'HS256' }, c].map(encoded).join('.')
        return `${text}.${hmac(text, oidc.public_pem)}`
      },
    ],
    [
      'HS256 with the client secret',
      (c) => {
        const text = [{ alg: 'HS256' }, c].map(encoded).join('.')
        return `${text}.${hmac(text, CLIENT.secret)}`
      },
    ],
    ['another key', (c) => rs256(c, other.privateKey)],
    ['another key that it carries itself', (c) => rs256(c, other.privateKey, { jwk })],
    ['another key that it links to', (c) => rs256(c, other.privateKey, { jku: 'http://127.0.0.1:1/jwks' })],
    [
      'claims changed under the signature',
      (c) => {
        const [head, , signature] = oidc.sign(c).split('.')
        return `${head}.${encoded({ ...c, officer: { agency: 'tax', number: 'T-1' } })}.${signature}`
      },
    ],
    ['another audience', (c) => oidc.sign({ ...c, aud: 'somebody-else' })],
    ['two audiences and no azp', (c) => oidc.sign({ ...c, aud: [CLIENT.id, 'somebody-else'] })],
    ['another issuer', (c) => oidc.sign({ ...c, iss: 'https://evil.example' })],
    ['another nonce', (c) => oidc.sign({ ...c, nonce: 'another' })],
    ['no nonce', ({ nonce: _nonce, ...c }) => oidc.sign(c)],
    ['over', (c) => oidc.sign({ ...c, iat: 1, exp: 600 })],
    ['no end', ({ exp: _exp, ...c }) => oidc.sign(c)],
    ['not yet', (c) => oidc.sign({ ...c, nbf: Math.floor(Date.now() / 1000) + 3600 })],
    ['nobody', ({ sub: _sub, ...c }) => oidc.sign(c)],
    ['a number for a name', (c) => oidc.sign({ ...c, name: 7 })],
    ['a name of NUL', (c) => oidc.sign({ ...c, name: 'a\0b' })],
    ['an officer of everything', (c) => oidc.sign({ ...c, officer: { agency: { $ne: null }, number: [] } })],
    ['no JSON', () => `${encoded({ alg: 'RS256' })}.bm8ganNvbg.AAAA`],
    ['empty', () => ''],
  ]
  const honest = await signIn()
  assert.equal(honest.location, '/desk')
  const before = await sessions()
  for (const [what, forge] of forgeries) {
    oidc.forge = forge
    const { location, status } = await signIn()
    assert.deepEqual([status, location], [303, '/sign-in?problem=sign_in_failed'], what)
  }
  for (const [n] of rewritten(oidc.sign({})).entries()) {
    oidc.forge = (claims) => rewritten(oidc.sign(claims))[n]!
    assert.equal((await signIn()).location, '/sign-in?problem=sign_in_failed', `rewritten ${n}`)
  }
  oidc.forge = null
  assert.equal(await sessions(), before)
})

test('answers of a provider that nobody asked for, or that come twice, changed or from another, sign nobody in', async () => {
  const before = await sessions()
  const changes: [string, (url: URL) => void, RegExp][] = [
    ['another state', (u) => u.searchParams.set('state', 'another'), /sign_in_failed/],
    ['no state', (u) => u.searchParams.delete('state'), /sign_in_failed/],
    ['two states', (u) => u.searchParams.append('state', 'another'), /sign_in_failed/],
    ['two codes', (u) => u.searchParams.append('code', 'another'), /sign_in_failed/],
    ['another issuer', (u) => u.searchParams.set('iss', 'https://evil.example'), /sign_in_failed/],
    ['a code of nobody', (u) => u.searchParams.set('code', 'made-up'), /sign_in_failed/],
    ['an error and a code', (u) => u.searchParams.set('error', 'server_error'), /sign_in_failed/],
    ['an implicit answer', (u) => u.searchParams.set('response', 'a.b.c'), /sign_in_failed/],
  ]
  for (const [what, change, problem] of changes)
    assert.match((await signIn(claimed, change)).location ?? '', problem, what)
  const { me } = await signIn(claimed, (u) => u.searchParams.set('state', 'another'))
  for (const cookie of ['', 'x', 'a.b', 'a.b.c', `${'A'.repeat(5000)}.x`, 'e30.AAAA']) {
    me.cookies.set('hamroh-sign-in', cookie)
    const answer = await me.get('/auth/callback?code=x&state=y')
    assert.equal(answer.headers.get('location'), '/sign-in?problem=sign_in_expired', cookie.slice(0, 20))
  }
  assert.equal(await sessions(), before)
})

test('a provider that describes itself as another is not believed', async () => {
  const liar = await startFakeOidc()
  liar.metadata = { issuer: oidc.issuer }
  const deceived = await openIdentityWorld({ OIDC_ISSUER: liar.issuer, OIDC_CLIENT_ID: CLIENT.id })
  try {
    const answer = await (await browse(deceived)).get('/auth/start')
    assert.equal(answer.headers.get('location'), '/sign-in?problem=sign_in_unavailable')
  } finally {
    await liar.stop()
    await deceived.end()
  }
})

test('a session planted before the sign-in is not the one after it, and is gone', async () => {
  const planted = await browse(it, officer)
  const value = planted.cookies.get('hamroh')!
  const victim = await browse(it)
  victim.cookies.set('hamroh', value)
  const { me, location } = await signIn(claimed, undefined, victim)
  assert.equal(location, '/desk')
  assert.notEqual(me.cookies.get('hamroh'), value)
  assert.equal((await planted.get('/desk')).status, 303, 'the planted session was ended')
})

// ── what a provider says about ended sessions ──

const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout'
const logoutClaims = (more: object = {}): Record<string, unknown> => ({
  iss: oidc.issuer,
  aud: CLIENT.id,
  iat: Math.floor(Date.now() / 1000),
  exp: Math.floor(Date.now() / 1000) + 120,
  jti: randomUUID(),
  sub: 'o',
  events: { [LOGOUT]: {} },
  ...more,
})
const logout = (token: string, fields: Record<string, string> = {}) =>
  it.app.request('/auth/backchannel-logout', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ logout_token: token, ...fields }).toString(),
  })
const signed = (more: object = {}, header: object = { typ: 'logout+jwt' }) =>
  oidc.sign(logoutClaims(more), header)

test('a logout token ends the sessions it names, once', async () => {
  const one = await signIn({ ...claimed, sub: 'a', sid: 's1' })
  const two = await signIn({ ...claimed, sub: 'a', sid: 's2' })
  const other = await signIn({ ...claimed, sub: 'b', sid: 's3' })
  const is_in = async ({ me }: { me: Browsing }) => (await me.get('/desk')).status === 200
  const token = signed({ sub: 'a', sid: 's1' })
  const answer = await logout(token)
  assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, 'no-store'])
  assert.deepEqual([await is_in(one), await is_in(two), await is_in(other)], [false, true, true])
  assert.equal((await logout(token)).status, 400, 'the same token again')
  assert.equal((await logout(signed({ sub: 'b', sid: 's2' }))).status, 200)
  assert.ok(await is_in(two), 'where both are named, both must fit')
  assert.equal((await logout(signed({ sub: undefined, sid: 's2' }))).status, 200)
  assert.ok(!(await is_in(two)))
  assert.equal((await logout(signed({ sub: 'b' }))).status, 200)
  assert.ok(!(await is_in(other)), 'all sessions of a subject')
})

test('forged logout tokens sign nobody out', async () => {
  const victim = await signIn({ ...claimed, sub: 'v', sid: 'sv' })
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const claims = () => logoutClaims({ sub: 'v', sid: 'sv' })
  const forged = (key: KeyObject, header: object) => {
    const text = [header, claims()].map(encoded).join('.')
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
  }
  const hs = [{ alg: 'HS256', typ: 'logout+jwt' }, claims()].map(encoded).join('.')
  const now = Math.floor(Date.now() / 1000)
  const tokens: [string, string][] = [
    ['alg none', `${encoded({ alg: 'none', typ: 'logout+jwt' })}.${encoded(claims())}.`],
    ['HS256 with the public key', `${hs}.${hmac(hs, oidc.public_pem)}`],
    ['HS256 with the client secret', `${hs}.${hmac(hs, CLIENT.secret)}`],
    ['another key', forged(other.privateKey, { alg: 'RS256', typ: 'logout+jwt' })],
    [
      'a key it carries itself',
      forged(other.privateKey, {
        alg: 'RS256',
        typ: 'logout+jwt',
        jwk: other.publicKey.export({ format: 'jwk' }),
      }),
    ],
    ['an ID token', oidc.sign({ ...claims(), events: undefined, nonce: 'n' })],
    ['another type', signed({ sub: 'v' }, { typ: 'JWT' })],
    ['a critical header nobody knows', signed({ sub: 'v' }, { typ: 'logout+jwt', crit: ['x'], x: 1 })],
    ['with a nonce', signed({ sub: 'v', nonce: 'n' })],
    ['no event', signed({ sub: 'v', events: {} })],
    ['another event', signed({ sub: 'v', events: { 'http://other': {} } })],
    ['an event that is no object', signed({ sub: 'v', events: { [LOGOUT]: 'yes' } })],
    ['an event that is a list', signed({ sub: 'v', events: { [LOGOUT]: [] } })],
    ['of nobody', signed({ sub: undefined })],
    ['without an id', signed({ sub: 'v', jti: undefined })],
    ['another audience', signed({ sub: 'v', aud: 'somebody-else' })],
    ['another issuer', signed({ sub: 'v', iss: 'https://evil.example' })],
    ['over', signed({ sub: 'v', iat: now - 900, exp: now - 600 })],
    ['without an end, long ago', signed({ sub: 'v', iat: now - 3600, exp: undefined })],
    ['from tomorrow', signed({ sub: 'v', iat: now + 86_400, exp: now + 90_000 })],
    ['numbers for names', signed({ sub: 7, sid: {} })],
    ['empty', ''],
    ['no JSON', `${encoded({ alg: 'RS256', typ: 'logout+jwt' })}.bm8ganNvbg.AAAA`],
    ...rewritten(signed({ sub: 'v' })).map((t): [string, string] => ['written differently', t]),
  ]
  for (const [what, token] of tokens) assert.equal((await logout(token)).status, 400, what)
  const twice = await it.app.request('/auth/backchannel-logout', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `logout_token=${signed({ sub: 'v' })}&logout_token=${signed({ sub: 'v' })}`,
  })
  assert.equal(twice.status, 400)
  assert.equal((await victim.me.get('/desk')).status, 200, 'nobody was signed out')
})

// ── agencies ──

const TOKEN = `${ORIGIN}/v1/token`
const claimsOf = (agency: string, more: object = {}): Record<string, unknown> => ({
  iss: agency,
  sub: agency,
  aud: TOKEN,
  jti: randomUUID(),
  exp: Math.floor(Date.now() / 1000) + 120,
  ...more,
})
const ask = (assertion: string, more: Record<string, string> = {}) =>
  it.app.request('/v1/token', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      ...more,
    }).toString(),
  })
const types = (authorization: string) => it.app.request('/v1/event-types', { headers: { authorization } })

test('an agency that signs an assertion gets a token of five minutes; both its keys do, and each assertion once', async () => {
  for (const n of [0, 1]) {
    for (const aud of [TOKEN, ORIGIN, [ORIGIN]]) {
      const answer = await ask(
        es256(claimsOf('zags', { aud }), agencyKeys[n]!.privateKey, { kid: `key-${n}` }),
      )
      assert.equal(answer.status, 200)
      const { access_token, token_type, expires_in } = (await answer.json()) as Record<string, string>
      assert.deepEqual(
        [token_type, expires_in, answer.headers.get('cache-control')],
        ['Bearer', 300, 'no-store'],
      )
      const told = await types(`Bearer ${access_token}`)
      assert.equal(told.status, 200)
      assert.ok(((await told.json()) as { type: string }[]).every(({ type }) => type.includes('.zags.')))
    }
  }
  const assertion = es256(claimsOf('zags'), agencyKeys[0]!.privateKey)
  assert.equal((await ask(assertion)).status, 200)
  const again = await ask(assertion)
  assert.deepEqual([again.status, ((await again.json()) as { error: string }).error], [400, 'invalid_client'])
})

test('assertions that are forged, borrowed, over, too long or written differently give no token', async () => {
  const key = agencyKeys[0]!.privateKey
  const now = Math.floor(Date.now() / 1000)
  const used = es256(claimsOf('zags'), key)
  assert.equal((await ask(used)).status, 200)
  // The last letter of a signature has bits nobody reads: another text, the same bytes.
  const last = used.at(-1)!
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const twin = used.slice(0, -1) + ALPHABET[ALPHABET.indexOf(last) ^ 1]
  assert.deepEqual(
    Buffer.from(twin.split('.')[2]!, 'base64url'),
    Buffer.from(used.split('.')[2]!, 'base64url'),
  )
  const hs = [{ alg: 'HS256' }, claimsOf('zags')].map(encoded).join('.')
  const pem = agencyKeys[0]!.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const assertions: [string, string][] = [
    ['the same bytes in another text', twin],
    ['alg none', `${encoded({ alg: 'none' })}.${encoded(claimsOf('zags'))}.`],
    ['HS256 with the public key', `${hs}.${hmac(hs, pem)}`],
    ['another agency’s key', es256(claimsOf('zags'), agencyKeys[2]!.privateKey)],
    ['in another’s name', es256(claimsOf('tax'), key)],
    ['of an agency without keys', es256(claimsOf('pension'), key)],
    ['iss is not sub', es256(claimsOf('zags', { sub: 'tax' }), key)],
    ['for another address', es256(claimsOf('zags', { aud: 'https://evil.example' }), key)],
    ['for nobody', es256(claimsOf('zags', { aud: undefined }), key)],
    ['over', es256(claimsOf('zags', { exp: now - 60 }), key)],
    ['without an end', es256(claimsOf('zags', { exp: undefined }), key)],
    ['an hour long', es256(claimsOf('zags', { exp: now + 3600 }), key)],
    ['not yet', es256(claimsOf('zags', { nbf: now + 600 }), key)],
    ['without an id', es256(claimsOf('zags', { jti: undefined }), key)],
    ['an id of one letter', es256(claimsOf('zags', { jti: 'x' }), key)],
    ['an id that is a list', es256(claimsOf('zags', { jti: ['xxxxxxxxxx'] }), key)],
    ['a name that is a path', es256(claimsOf('../zags'), key)],
    ['a key it carries itself', es256(claimsOf('zags'), agencyKeys[2]!.privateKey, { jwk: publicJwk(2) })],
    ['empty', ''],
    ...rewritten(es256(claimsOf('zags'), key)).map((t): [string, string] => ['written differently', t]),
  ]
  for (const [what, assertion] of assertions) {
    const answer = await ask(assertion)
    assert.equal(answer.status, 400, what)
    assert.ok(!('access_token' in ((await answer.json()) as object)), what)
  }
  for (const more of [
    { grant_type: 'password' },
    { grant_type: '' },
    { client_assertion_type: 'urn:x' },
  ] as Record<string, string>[])
    assert.equal((await ask(es256(claimsOf('zags'), key), more)).status, 400)
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: es256(claimsOf('zags'), key),
  })
  body.append('grant_type', 'client_credentials')
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  assert.equal(
    (await it.app.request('/v1/token', { method: 'POST', headers: form, body: `${body}` })).status,
    400,
  )
  for (const header of [
    'Bearer',
    'Bearer ',
    `Bearer ${'x'.repeat(43)}`,
    `bearer ${'x'.repeat(43)}`,
    'Basic eDp4',
    `Bearer ${used}`,
  ])
    assert.equal((await types(header)).status, 401, header.slice(0, 20))
})

test('an agency’s token ends after five minutes, and with its agency', async () => {
  const { clock, database } = it.world
  const audiences = [ORIGIN]
  const of = (keys: AgencyTokens['keys']): AgencyTokens => ({ db: database.db, clock, keys, audiences })
  const keys = new Map([['zags', { keys: [publicJwk(0)] }]])
  const exp = Math.floor(clock.now().getTime() / 1000) + 200
  const issued = await issueAgencyToken(
    of(keys),
    es256(claimsOf('zags', { exp, aud: ORIGIN }), agencyKeys[0]!.privateKey),
  )
  assert.ok(issued.ok)
  const header = `Bearer ${issued.value}`
  assert.equal(await agencyOfToken(of(keys), header), 'zags')
  assert.equal(await agencyOfToken(of(new Map()), header), null, 'the agency was taken out')
  clock.forward(299_000)
  assert.equal(await agencyOfToken(of(keys), header), 'zags')
  clock.forward(2000)
  assert.equal(await agencyOfToken(of(keys), header), null)
  const until = new Date(clock.now().getTime() + 1000)
  const taken = await Promise.all(
    Array.from({ length: 20 }, () => takeTokenId(database.db, { issuer: 'i', id: 'one', until })),
  )
  assert.equal(taken.filter(Boolean).length, 1, 'of twenty at once, one takes an id')
})

// ── cookies, headers, paths, bodies ──

test('cookies of other shapes open nothing and break nothing', async () => {
  const good = (await browse(it, officer)).cookies.get('hamroh')!
  const shapes = [
    '',
    'x',
    good.slice(1),
    `${good}x`,
    good.toUpperCase(),
    `${good}%00`,
    encodeURIComponent(`${good}\0`),
    '%',
    '%zz',
    '__proto__',
    '../../etc/passwd',
    "' or 1=1 --",
    'a'.repeat(8000),
    `${good},${good}`,
    '\ud83d\ude00'.normalize(),
    'null',
    '[object Object]',
  ]
  for (const shape of shapes)
    for (const name of ['hamroh', '__Host-hamroh', 'hamroh-sign-in', 'hamroh-passkey', 'lang'])
      for (const path of ['/desk', '/sessions', '/v1/sessions', '/auth/callback?code=a&state=b']) {
        const value = Buffer.from(shape, 'utf8').toString('latin1')
        const answer = await it.app.request(path, { headers: { cookie: `${name}=${value}` } })
        assert.ok(
          [303, 401].includes(answer.status),
          `${name}=${shape.slice(0, 30)} ${path}: ${answer.status}`,
        )
      }
})

test('over https the cookie is bound to the host and travels no other way', async () => {
  const secure = await openIdentityWorld({
    PUBLIC_URL: 'https://hamroh.example',
    OIDC_ISSUER: oidc.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
  })
  try {
    const me = await browse(secure)
    const started = await me.get('/auth/start')
    const { code, state } = oidc.choose(started.headers.get('location')!, claimed)
    const answer = await me.get(`/auth/callback?${new URLSearchParams({ code, state })}`)
    const lines = [...started.headers.getSetCookie(), ...answer.headers.getSetCookie()]
    assert.ok(lines.some((line) => line.startsWith('__Host-hamroh=')))
    for (const line of lines)
      assert.match(
        line,
        /^__Host-[\w-]+=[^;]*;(?=.*Path=\/)(?=.*Secure)(?=.*HttpOnly)(?=.*SameSite=Lax)(?!.*Domain)/,
      )
    assert.equal((await me.get('/desk')).status, 200)
    // Without its prefix the same value is nobody's: another host of the domain could have planted it.
    const value = me.cookies.get('__Host-hamroh')!
    const planted = await secure.app.request('/desk', { headers: { cookie: `hamroh=${value}` } })
    assert.equal(planted.status, 303)
  } finally {
    await secure.end()
  }
})

test('headers and paths that try to be something else change nobody’s rights', async () => {
  const me = await browse(it, officer)
  const nobody = await browse(it)
  const tricks: Record<string, string>[] = [
    { 'x-forwarded-host': 'evil.example' },
    { 'x-forwarded-proto': 'javascript' },
    { 'x-original-url': '/desk' },
    { 'x-rewrite-url': '/desk' },
    { 'x-http-method-override': 'DELETE' },
    { 'x-forwarded-for': '127.0.0.1' },
    { authorization: 'Bearer null' },
    { 'x-csrf-token': '__proto__' },
    { host: 'evil.example' },
    { 'accept-language': 'a'.repeat(4000) },
    { 'user-agent': '\u00ff'.repeat(500) },
  ]
  for (const headers of tricks)
    for (const path of [
      '/desk',
      '/v1/sessions',
      '/auth/start?next=//evil.example',
      '/sign-in?next=https://evil.example',
    ]) {
      const answer = await nobody.get(path, headers)
      assert.ok(answer.status < 500 && (answer.status !== 200 || path.startsWith('/sign-in')), path)
      const location = answer.headers.get('location') ?? '/'
      assert.ok(location.startsWith('/') || location.startsWith(oidc.issuer), location)
      assert.ok(!location.startsWith('//'))
    }
  for (const path of [
    '//evil.example/desk',
    '/desk/..%2f..%2fetc',
    '/desk%00',
    '/DESK',
    '/desk/case/..',
    '/desk/case/%00',
    '/sessions/%2e%2e/end',
    '/v1/sessions/%2e%2e%2f',
    '/v1/sessions/__proto__',
    '/passkeys/constructor',
    `/desk/case/${'9'.repeat(3000)}`,
    '/v1/me/graph/back/__proto__/x',
    '/auth/%6aackpot',
    '/assets/..%2fsrc%2fmain.ts',
  ]) {
    const answer = await me.get(path)
    assert.ok([303, 400, 401, 403, 404, 405].includes(answer.status), `${path}: ${answer.status}`)
  }
})

test('fields that nobody asked for are refused, whoever they name', async () => {
  const { mother } = await born(it.world, [], 1, 1)
  const me = await browse(it, { kind: 'citizen', subject: mother, name: 'Ona' })
  const stranger = randomUUID()
  const bodies: [string, object][] = [
    ['/v1/step-up', { act: 'proposal.accept', of: stranger, subject: stranger }],
    ['/v1/step-up', { act: 'proposal.accept', of: stranger, holder: 'officer:pension:P-104' }],
    ['/v1/step-up', { act: 'proposal.accept', of: stranger, fields: {}, session: stranger }],
    ['/v1/step-up', { act: 'decision.everything', of: stranger }],
    ['/v1/step-up', { act: 'proposal.accept', of: 'not-an-id' }],
    ['/v1/step-up', { act: 'proposal.accept', of: stranger, fields: { a: 1 } }],
    ['/v1/passkeys', { credential: '{}', holder: 'officer:pension:P-104' }],
    ['/v1/passkeys', { credential: '{}', assurance: 'loa:high' }],
    ['/v1/passkeys', { credential: {} }],
    [`/v1/me/proposals/${stranger}/answer`, { answer: 'accept', key: 'k', subject: stranger }],
    [`/v1/me/proposals/${stranger}/answer`, { answer: 'accept', key: 'k', by: stranger }],
    [
      `/v1/me/proposals/${stranger}/answer`,
      { answer: 'accept', key: 'k', signed: { act: 'proposal.accept' } },
    ],
  ]
  for (const [path, body] of bodies)
    assert.equal((await me.json('POST', path, body)).status, 400, JSON.stringify(body))
  for (const text of [
    '',
    'null',
    '[]',
    '"x"',
    '{"__proto__":{"act":"x"}}',
    '{',
    `{"act":${'['.repeat(5000)}`,
  ]) {
    const answer = await it.app.request('/v1/step-up', {
      method: 'POST',
      headers: { cookie: `hamroh=${me.cookies.get('hamroh')}`, 'x-csrf-token': me.csrf },
      body: text,
    })
    assert.equal(answer.status, 400, text.slice(0, 30))
  }
  const form = { credential: '{}', holder: 'officer:pension:P-104' }
  assert.equal((await me.form('/passkeys', form)).status, 422)
})

test('nothing failed on the way', () => {
  assert.deepEqual(it.failures, [])
})
