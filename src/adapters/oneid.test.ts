/** The OneID adapter against a server that answers as the real one was seen to, and as no server should. */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { openOneId } from './oneid.ts'

type Said = { readonly status?: number; readonly body: unknown; readonly wait_ms?: number }
let says: Record<string, Said>
let asked: { readonly url: string; readonly method: string; readonly form: URLSearchParams }[]
let url: string
const server = createServer((req, res) => {
  void textOf(req).then((text) => {
    const form = new URLSearchParams(text)
    asked.push({ url: req.url!, method: req.method!, form })
    const {
      status = 200,
      body,
      wait_ms = 0,
    } = says[form.get('grant_type') ?? ''] ?? { body: {}, status: 404 }
    setTimeout(() => {
      const headers = status === 302 ? { location: 'http://127.0.0.1:1/' } : {}
      res.writeHead(status, { 'content-type': 'application/json', ...headers })
      res.end(typeof body === 'string' ? body : JSON.stringify(body))
    }, wait_ms)
  })
})
async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
before(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sso/oauth/Authorization.do`
})
after(() => {
  server.close()
  server.closeAllConnections()
})

const person = {
  ret_cd: '0',
  valid: 'true',
  pin: '41209900000001',
  user_id: 'login',
  full_name: 'KARIMOVA DILNOZA AKMAL QIZI',
  sur_name: 'KARIMOVA',
  first_name: 'DILNOZA',
  mid_name: 'AKMAL QIZI',
  birth_date: '1990-09-12',
  auth_method: 'LOGINPASSMETHOD',
  sess_id: 's',
}
const NOW = Date.parse('2026-11-24T05:00:00Z')
beforeEach(() => {
  asked = []
  says = {
    one_authorization_code: { body: { access_token: 'token-0001', expires_in: NOW + 60_000 } },
    one_access_token_identify: { body: person },
    one_log_out: { body: {} },
  }
})

const adapter = () =>
  openOneId(
    {
      url,
      client_id: 'hamroh',
      client_secret: 'secret-of-hamroh',
      scope: 'hamroh',
      redirect_uri: 'https://hamroh.example/auth/oneid/callback',
      secret: 's'.repeat(32),
    },
    () => NOW,
  )

/** Signs in with what the server says now. */
async function signIn(change: (back: URL) => void = () => {}) {
  const oneid = adapter()
  const begun = await oneid.begin('/inbox')
  assert.ok(begun.ok)
  const there = new URL(begun.value.url)
  const back = new URL('https://hamroh.example/auth/oneid/callback?code=code-1')
  back.searchParams.set('state', there.searchParams.get('state')!)
  change(back)
  return oneid.finish(back, begun.value.cookie)
}
const codeOf = (outcome: Awaited<ReturnType<typeof signIn>>) => (outcome.ok ? 'in' : outcome.refusal.code)

test('the browser is sent with what the protocol asks for, and no secret', async () => {
  const begun = await adapter().begin('/inbox')
  assert.ok(begun.ok)
  const { searchParams } = new URL(begun.value.url)
  assert.deepEqual([...searchParams.keys()].sort(), [
    'client_id',
    'redirect_uri',
    'response_type',
    'scope',
    'state',
  ])
  assert.equal(searchParams.get('response_type'), 'one_code')
  assert.match(searchParams.get('state')!, /^[\w-]{32}$/)
})

test('code, token, identity: each a POST whose body alone holds what is secret', async () => {
  const done = await signIn()
  assert.ok(done.ok)
  assert.deepEqual(done.value, {
    claims: { kind: 'citizen', pinfl: person.pin, name: person.full_name },
    return_to: '/inbox',
    assurance: 'loa:substantial',
    provider: { issuer: url, subject: null, session: null, secret: 'token-0001' },
  })
  assert.deepEqual(
    asked.map(({ method, form }) => [method, form.get('grant_type')]),
    [
      ['POST', 'one_authorization_code'],
      ['POST', 'one_access_token_identify'],
    ],
  )
  for (const { url: path, form } of asked) {
    assert.equal(path, '/sso/oauth/Authorization.do')
    assert.equal(form.get('client_secret'), 'secret-of-hamroh')
  }
  assert.equal(await adapter().end('token-0001'), null)
  assert.deepEqual(
    [asked[2]!.form.get('grant_type'), asked[2]!.form.get('access_token')],
    ['one_log_out', 'token-0001'],
  )
})

test('every variant that was seen is understood', async () => {
  for (const expires_in of [NOW + 1000, String(NOW + 1000), 3600, '3600', undefined, 'soon']) {
    says.one_authorization_code = { body: { access_token: 'token-0001', expires_in } }
    assert.equal(codeOf(await signIn()), 'in', String(expires_in))
  }
  for (const [fields, assurance] of [
    [{ valid: 'true' }, 'loa:substantial'],
    [{ valid: true }, 'loa:substantial'],
    [{ valid: 'TRUE' }, 'loa:substantial'],
    [{ valid: 'true', auth_method: 'PKCSMETHOD' }, 'loa:high'],
    [{ valid: 'false', auth_method: 'PKCSMETHOD' }, 'loa:low'],
    [{ valid: 'false' }, 'loa:low'],
    [{ valid: false }, 'loa:low'],
    [{ valid: 1 }, 'loa:low'],
    [{ valid: undefined }, 'loa:low'],
    [{ ret_cd: 0 }, 'loa:substantial'],
    [{ ret_cd: undefined }, 'loa:substantial'],
    [{ legal_info: 'none', validation_method: null }, 'loa:substantial'],
  ] as const) {
    says.one_access_token_identify = { body: { ...person, ...fields } }
    const done = await signIn()
    assert.equal(done.ok && done.value.assurance, assurance, JSON.stringify(fields))
  }
  const { full_name: _f, sur_name: _s, first_name: _n, mid_name: _m, ...nameless } = person
  says.one_access_token_identify = {
    body: { ...nameless, surname: 'KARIMOVA', firstname: 'DILNOZA', lastname: 'AKMAL QIZI' },
  }
  const renamed = await signIn()
  assert.equal(renamed.ok && renamed.value.claims.name, 'KARIMOVA DILNOZA AKMAL QIZI')
  says.one_access_token_identify = { body: nameless }
  assert.equal(codeOf(await signIn()), 'in', 'somebody without a name is somebody')
})

test('what is wrong, over, or nobody’s signs nobody in', async () => {
  for (const body of [
    { ...person, ret_cd: '1' },
    { ...person, ret_cd: 7 },
    { ...person, pin: undefined },
    { ...person, pin: 41209900000001 },
    { ...person, pin: '4120990000000' },
    { ...person, pin: '41209900000001\n' },
    [],
    null,
    'no json {',
    '',
  ]) {
    says.one_access_token_identify = { body }
    assert.equal(codeOf(await signIn()), 'sign_in_failed', JSON.stringify(body))
  }
  says.one_access_token_identify = { body: person }
  for (const body of [
    {},
    { access_token: '' },
    { access_token: 7 },
    { access_token: 'x'.repeat(600) },
    { access_token: 'token-0001', expires_in: NOW - 1 },
    { access_token: 'token-0001', expires_in: 0 },
  ]) {
    says.one_authorization_code = { body }
    assert.equal(codeOf(await signIn()), 'sign_in_failed', JSON.stringify(body).slice(0, 60))
  }
  for (const status of [400, 401, 403, 404, 302]) {
    says.one_authorization_code = { status, body: { access_token: 'token-0001' } }
    assert.equal(codeOf(await signIn()), 'sign_in_failed', `${status}`)
  }
  says.one_authorization_code = { status: 500, body: {} }
  assert.equal(codeOf(await signIn()), 'sign_in_unavailable')
  says.one_authorization_code = { body: { access_token: 'token-0001', more: 'x'.repeat(100_000) } }
  assert.equal(codeOf(await signIn()), 'sign_in_unavailable', 'more than anybody should say')
})

test('an answer to nobody’s question is not taken to the provider at all', async () => {
  for (const change of [
    (b: URL) => b.searchParams.set('state', 'x'),
    (b: URL) => b.searchParams.append('state', 'x'),
    (b: URL) => b.searchParams.delete('state'),
    (b: URL) => b.searchParams.delete('code'),
    (b: URL) => b.searchParams.append('code', 'x'),
    (b: URL) => b.searchParams.set('code', 'a b\nc'),
    (b: URL) => b.searchParams.set('error', 'access_denied'),
  ])
    assert.notEqual(codeOf(await signIn(change)), 'in')
  assert.deepEqual(asked, [])
})

test('signing out says so when the provider does not answer, and the caller goes on', async () => {
  says.one_log_out = { status: 503, body: {} }
  await assert.rejects(adapter().end('token-0001'))
  assert.equal(await adapter().end(null), null)
})
