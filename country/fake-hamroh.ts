/** A small stand-in for Hamroh in the country's own tests: takes events as docs/agency-protocol.md §1 says, and keeps them. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { SignJWT } from 'jose'
import { canonical, type Json } from '../src/platform/canonical.ts'
import type { CloudEvent } from './people/events.ts'

export type FakeHamroh = {
  readonly url: string
  readonly events: readonly { readonly key: string; readonly event: CloudEvent }[]
  readonly requests: { count: number }
  readonly forwarded: number[]
  /** The next requests for events are answered 503. */
  fail(requests: number): void
  /** The fields by which it proves itself to the sign-in provider (private_key_jwt). */
  proof(audience: string): Promise<Record<string, string>>
  /** Events of these types are refused. */
  refuse(type: string): void
  stop(): Promise<void>
}

export async function startFakeHamroh(port = 0): Promise<FakeHamroh> {
  const events: { key: string; event: CloudEvent }[] = []
  const seen = new Map<string, string>()
  const refused = new Set<string>()
  const requests = { count: 0 }
  const forwarded: number[] = []
  let failures = 0

  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const app = new Hono()
  app.get('/readyz', (c) => c.json({ status: 'ready' }))
  app.get('/auth/jwks.json', (c) =>
    c.json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'fake', alg: 'ES256', use: 'sig' }] }),
  )
  app.post('/auth/backchannel-logout', (c) => c.body(null, 200))
  app.post('/demonstration/clock', async (c) => {
    forwarded.push(((await c.req.json()) as { forward_days: number }).forward_days)
    return c.json({ now: new Date().toISOString() })
  })
  app.post('/v1/events', async (c) => {
    requests.count++
    if (failures > 0) {
      failures--
      return c.json({ title: 'busy' }, 503, { 'retry-after': '1' })
    }
    const key = (c.req.header('authorization') ?? '').replace('Bearer ', '')
    const body = (await c.req.json()) as CloudEvent | CloudEvent[]
    const items = [body].flat().map((event) => ({ id: event.id, status: take(key, event) }))
    const status = !Array.isArray(body) && items[0]?.status === 'refused' ? 422 : 200
    return status === 422 ? c.json({ detail: 'refused by the test' }, 422) : c.json({ items })
  })

  function take(key: string, event: CloudEvent): 'accepted' | 'duplicate' | 'refused' {
    const id = `${event.source} ${event.id}`
    const content = canonical(event as unknown as Json)
    if (seen.has(id)) return seen.get(id) === content ? 'duplicate' : 'refused'
    if (refused.has(event.type)) return 'refused'
    seen.set(id, content)
    events.push({ key, event })
    return 'accepted'
  }

  const listener = getRequestListener(app.fetch)
  const server: Server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((settle) => server.listen(port, '127.0.0.1', settle))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : port}`,
    events,
    requests,
    forwarded,
    fail: (n) => {
      failures = n
    },
    proof: async (audience) => ({
      client_id: 'hamroh',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await new SignJWT({ jti: randomUUID() })
        .setProtectedHeader({ alg: 'ES256', kid: 'fake' })
        .setIssuer('hamroh')
        .setSubject('hamroh')
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(privateKey),
    }),
    refuse: (type) => refused.add(type),
    stop: () =>
      new Promise((settle) => {
        server.close(() => settle())
        server.closeAllConnections()
      }),
  }
}
