/**
 * The HTTP interface for machines: agencies report events; operators look at health and metrics; the demonstration
 * moves its clock.
 *
 * In:  HTTP requests.
 * Out: JSON; every refusal is problem+json with a stable code.
 * Promise: what is answered as accepted is committed; no endpoint works without its key; nothing of a body is logged.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { type AgencyTokens, agencyOf, agencyOfToken } from '../identity/identity.ts'
import type { Pack } from '../packs/packs.ts'
import type { Log } from '../platform/logs.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { Refusal } from '../platform/refusal.ts'
import { BATCH_TYPE, mediaType, readBody, receiveEvents } from './cloudevents.ts'
import { openApi } from './openapi.ts'
import { problem, safeJson } from './problem.ts'
import { tokenRoute } from './token.ts'

export { type Account, type AccountContext, type ActNamed, accountRoutes, openAccount } from './account.ts'
export { type Browsers, signedInAs } from './browsers.ts'
export { councilRoutes } from './council.ts'
export { type AuditorPage, logRoutes } from './log.ts'
export { type MeServices, meRoutes } from './me.ts'
export { problem } from './problem.ts'
export { type SignInOptions, signInRoutes } from './sign-in.ts'

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
  /** Agencies that sign an assertion and get a short-lived token; the stronger way. */
  readonly tokens?: AgencyTokens
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

/** Batches may be large: more than this many at once would fill the memory, so further ones are told to come back. */
const BATCHES_MAX = 4
const CLOCK_BYTES_MAX = 1024

export function apiRoutes(services: ApiServices): Hono {
  const app = new Hono()
  let batches = 0
  app.get('/healthz', (c) => c.text('ok\n'))
  app.get('/readyz', async (c) => {
    const missing = await services.ready()
    return missing === null ? c.text('ready\n') : c.text(`${missing}\n`, 503)
  })
  app.get('/metrics', (c) =>
    c.text(services.metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4' }),
  )
  app.get('/openapi.json', (c) => c.json(openApi()))

  const agencyAsking = async (c: Context): Promise<string | null> => {
    const header = c.req.header('authorization')
    return (
      agencyOf(header, services.keys) ?? (services.tokens ? agencyOfToken(services.tokens, header) : null)
    )
  }
  if (services.tokens) tokenRoute(app, services.tokens)

  app.post('/v1/events', async (c) => {
    const agency = await agencyAsking(c)
    if (agency === null) return unauthenticated(c)
    if (mediaType(c) !== BATCH_TYPE) return takeEvents(c, services, agency)
    if (batches >= BATCHES_MAX)
      return problem(c, {
        code: 'unavailable',
        message: `${BATCHES_MAX} batches are being taken in; nothing of this one was read.`,
        next: 'Send it again when the first are answered.',
      })
    batches++
    try {
      return await takeEvents(c, services, agency)
    } finally {
      batches--
    }
  })

  app.get('/v1/event-types', async (c) => {
    const agency = await agencyAsking(c)
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
      const text = await readBody(c, CLOCK_BYTES_MAX)
      if (!text.ok) return problem(c, text.refusal)
      const body = clockBody.safeParse(safeJson(text.value))
      if (!body.success)
        return problem(c, {
          code: 'malformed_request',
          at: 'forward_days',
          message: 'Expected {"forward_days": 0 to 3660}.',
        })
      return c.json({ now: (await demonstration.forward(body.data.forward_days)).toISOString() })
    })
  }

  for (const [path, methods] of operations())
    if (demonstration || !path.startsWith('/demonstration/'))
      app.all(path, (c) => methodNotAllowed(c, methods))
  app.all('/v1/*', (c) =>
    problem(c, { code: 'not_found', message: 'There is no such operation. See /openapi.json.' }),
  )
  return app
}

async function takeEvents(c: Context, services: ApiServices, agency: string): Promise<Response> {
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
}

/** Every path of the interface with the methods it takes, from its own description. */
function operations(): [path: string, methods: string[]][] {
  const { paths } = openApi() as { paths: { [path: string]: object } }
  return Object.entries(paths).map(([path, methods]) => [
    path.replace(/\{(\w+)\}/g, ':$1'),
    Object.keys(methods).map((method) => method.toUpperCase()),
  ])
}

function methodNotAllowed(c: Context, methods: readonly string[]): Response {
  c.header('Allow', methods.join(', '))
  return problem(c, {
    code: 'method_not_allowed',
    message: `This operation takes ${methods.join(' or ')}.`,
    next: 'See /openapi.json.',
  })
}

const clockBody = z.strictObject({ forward_days: z.number().min(0).max(3660) })

const unauthenticated = (c: Parameters<typeof problem>[0]): Response =>
  problem(c, { code: 'unauthenticated', message: 'A key is needed: Authorization: Bearer <key>.' })
