/**
 * The HTTP interface for machines: agencies report events; operators look at health and metrics; the demonstration
 * moves its clock.
 *
 * In:  HTTP requests.
 * Out: JSON; every refusal is problem+json with a stable code.
 * Promise: what is answered as accepted is committed; no endpoint works without its key; nothing of a body is logged.
 */
import { Hono } from 'hono'
import { z } from 'zod'
import { agencyOf } from '../identity/identity.ts'
import type { Pack } from '../packs/packs.ts'
import type { Log } from '../platform/logs.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { Refusal } from '../platform/refusal.ts'
import { receiveEvents } from './cloudevents.ts'
import { openApi } from './openapi.ts'
import { problem } from './problem.ts'

export { councilRoutes } from './council.ts'
export { type MeServices, meRoutes } from './me.ts'
export { problem } from './problem.ts'
export { type SignInOptions, type SignInPort, signedInAs, signInRoutes } from './sign-in.ts'

export type ItemAnswer = {
  readonly id: string | null
  readonly status: 'accepted' | 'duplicate' | 'refused'
  readonly refusal?: Refusal
  readonly warnings?: readonly string[]
}

/** What the interface needs of the program. */
export type ApiServices = {
  readonly pack: Pack
  readonly log: Log
  readonly metrics: Metrics
  /** agency → SHA-256 of the key it reports with */
  readonly keys: ReadonlyMap<string, string>
  /** Takes events in; rejects when the database cannot be reached. */
  submit(reported: readonly { agency: string; item: unknown }[]): Promise<readonly ItemAnswer[]>
  /** Null when ready; otherwise what is missing. */
  ready(): Promise<string | null>
  /** Only in a demonstration. */
  readonly demonstration: null | {
    readonly key_sha256: string
    forward(days: number): Promise<Date>
    now(): Date
  }
}

export function apiRoutes(services: ApiServices): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.text('ok\n'))
  app.get('/readyz', async (c) => {
    const missing = await services.ready()
    return missing === null ? c.text('ready\n') : c.text(`${missing}\n`, 503)
  })
  app.get('/metrics', (c) =>
    c.text(services.metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4' }),
  )
  app.get('/openapi.json', (c) => c.json(openApi()))

  app.post('/v1/events', async (c) => {
    const agency = agencyOf(c.req.header('authorization'), services.keys)
    if (agency === null) return unauthenticated(c)
    const received = await receiveEvents(c)
    if (!received.ok) return problem(c, received.refusal)
    let answers: readonly ItemAnswer[]
    try {
      answers = await services.submit(received.value.items.map((item) => ({ agency, item })))
    } catch (error) {
      services.log.warn({ error, agency }, 'intake is unavailable')
      return problem(c, {
        code: 'unavailable',
        message:
          'The database cannot be reached. What of this request was kept is not known: send it again, nothing is stored twice.',
      })
    }
    if (!received.value.batched) {
      const [only] = answers
      if (only!.status === 'refused') return problem(c, only!.refusal!)
    }
    const count = (status: ItemAnswer['status']) => answers.filter((a) => a.status === status).length
    return c.json({
      accepted: count('accepted'),
      duplicates: count('duplicate'),
      refused: count('refused'),
      items: answers,
    })
  })

  app.get('/v1/event-types', (c) => {
    const agency = agencyOf(c.req.header('authorization'), services.keys)
    if (agency === null) return unauthenticated(c)
    const reports = services.pack.agencies.get(agency)?.reports ?? []
    return c.json(reports.map((type) => services.pack.events.get(type)).filter((t) => t !== undefined))
  })

  const { demonstration } = services
  if (demonstration) {
    const keys = new Map([['demonstration', demonstration.key_sha256]])
    app.get('/demonstration/clock', (c) => c.json({ now: demonstration.now().toISOString() }))
    app.post('/demonstration/clock', async (c) => {
      if (agencyOf(c.req.header('authorization'), keys) === null) return unauthenticated(c)
      const body = clockBody.safeParse(await c.req.json().catch(() => null))
      if (!body.success)
        return problem(c, {
          code: 'malformed_request',
          at: 'forward_days',
          message: 'Expected {"forward_days": 0 to 3660}.',
        })
      return c.json({ now: (await demonstration.forward(body.data.forward_days)).toISOString() })
    })
  }

  app.all('/v1/*', (c) =>
    problem(c, { code: 'not_found', message: 'There is no such operation. See /openapi.json.' }),
  )
  return app
}

const clockBody = z.strictObject({ forward_days: z.number().min(0).max(3660) })

const unauthenticated = (c: Parameters<typeof problem>[0]): Response =>
  problem(c, { code: 'unauthenticated', message: 'A key is needed: Authorization: Bearer <key>.' })
