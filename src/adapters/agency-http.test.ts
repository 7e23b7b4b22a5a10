import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { agencyHttp } from './agency-http.ts'

const KEY = '01920000-0000-7000-8000-000000000001'

async function over(t: TestContext, listener: RequestListener, timeout_ms = 5000) {
  const server = createServer(listener)
  await new Promise<void>((r) => server.listen(0, '127.0.0.1', r))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const port = agencyHttp({ mia: { url, key: 'key-of-hamroh-there' } })
  return {
    send: () => port.send({ agency: 'mia', key: KEY, timeout_ms, body: { b: 1, a: 2 } }),
    ask: () => port.ask({ agency: 'mia', key: KEY, timeout_ms }),
    undo: () => port.undo({ agency: 'mia', key: KEY, timeout_ms, body: {} }),
    unknown: () => port.send({ agency: 'nobody', key: KEY, timeout_ms, body: {} }),
  }
}

const answering = (status: number, body: string, headers: Record<string, string> = {}): RequestListener => {
  return (_req, res) => void res.writeHead(status, headers).end(body)
}

test('the request carries key, idempotency key and a canonical body', async (t) => {
  const seen: unknown[] = []
  const agency = await over(t, (req, res) => {
    let body = ''
    req.on('data', (c) => {
      body += c
    })
    req.on('end', () => {
      seen.push([req.method, req.url, req.headers.authorization, req.headers['idempotency-key'], body])
      res.end('{"status":"done","reference":"R-1","result":{"x":1}}')
    })
  })
  assert.deepEqual(await agency.send(), { is: 'done', reference: 'R-1', result: { x: 1 } })
  await agency.ask()
  await agency.undo()
  assert.deepEqual(seen, [
    ['POST', '/tasks', 'Bearer key-of-hamroh-there', KEY, '{"a":2,"b":1}'],
    ['GET', `/tasks/${KEY}`, 'Bearer key-of-hamroh-there', undefined, ''],
    ['POST', `/tasks/${KEY}/undo`, 'Bearer key-of-hamroh-there', KEY, '{}'],
  ])
})

const classes: readonly [string, RequestListener, string][] = [
  ['202', answering(202, '{"status":"working","reference":"W"}'), 'working'],
  ['a refusal', answering(200, '{"status":"refused","reason":{"code":"c","text":"t"}}'), 'refused'],
  ['409', answering(409, '{}'), 'conflict'],
  ['429', answering(429, ''), 'again'],
  ['500', answering(500, ''), 'again'],
  ['422', answering(422, ''), 'refused'],
  ['404', answering(404, ''), 'refused'],
  ['no JSON', answering(200, '<html>'), 'again'],
  ['another shape', answering(200, '{"status":"fine"}'), 'again'],
  ['too much', answering(200, `{"status":"done","reference":"${'x'.repeat(70_000)}"}`), 'again'],
  ['no end', (_req, res) => void res.writeHead(200).write('{'), 'again'],
  ['a broken connection', (_req, res) => void res.destroy(), 'again'],
]
for (const [name, listener, is] of classes)
  test(`${name} is answered as ${is}`, async (t) => {
    // Only who never ends is waited for in vain.
    const agency = await over(t, listener, name === 'no end' ? 300 : undefined)
    assert.equal((await agency.send()).is, is)
  })

test('a redirect is not followed: the key stays with its host', async (t) => {
  let elsewhere = 0
  const other = createServer((_req, res) => {
    elsewhere++
    res.end('{"status":"done"}')
  })
  await new Promise<void>((r) => other.listen(0, '127.0.0.1', r))
  t.after(() => other.close())
  const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/tasks`
  const agency = await over(t, answering(307, '', { location }))
  assert.equal((await agency.send()).is, 'again')
  assert.equal(elsewhere, 0)
})

test('Retry-After is heeded within reason', async (t) => {
  const soon = await (await over(t, answering(503, '', { 'retry-after': '7' }))).send()
  assert.equal(soon.is === 'again' && soon.after_ms, 7000)
  const never = await (await over(t, answering(503, '', { 'retry-after': '99999999' }))).send()
  assert.equal(never.is === 'again' && never.after_ms, 15 * 60_000)
})

test('a task nobody knows any more is lost; an agency without an address has no interface', async (t) => {
  const agency = await over(t, answering(404, ''))
  assert.deepEqual(await agency.ask(), { is: 'lost' })
  const answer = await agency.unknown()
  assert.equal(answer.is === 'refused' && answer.reason.code, 'no_interface')
})
