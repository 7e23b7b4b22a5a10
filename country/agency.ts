/**
 * One agency of the synthetic country as an HTTP process. It speaks docs/agency-protocol.md §2 to Hamroh, reports what
 * it did back as events (§1), and can be told to misbehave. The registries (civil registry, persons, tax, companies)
 * run the same program without tasks, through `/report` alone.
 *
 *   country/agency.ts --agency mia --port 4301 --data data/country/mia --hamroh http://127.0.0.1:4000
 *
 * Keys come from the environment, because a command line is visible to everybody on a machine:
 * TASK_KEY (Hamroh's here), REPORT_KEY (this agency's at Hamroh), CONTROL_KEY (for behaviour, effects and reports).
 */
import { timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { canonical, type Json, sha256 } from '../src/platform/canonical.ts'
import { isUuid } from '../src/platform/ids.ts'
import { countryClock } from './country-clock.ts'
import { behaviourChange, openBehaviour } from './office/behaviour.ts'
import { type Ledger, openLedger } from './office/ledger.ts'
import { makeReporter } from './office/reporter.ts'
import { agencyOf, type CloudEvent } from './people/events.ts'
import { readArguments, readKey, runProcess } from './process.ts'

type Env = { Bindings: HttpBindings }

const taskRequest = z.strictObject({
  task: z.string().min(1).max(100),
  transaction_id: z.string().min(1).max(100),
  journey: z.string().min(1).max(100),
  purpose: z.strictObject({
    code: z.string().min(1).max(200),
    text: z.string().max(2000),
    legal_basis: z.string().max(100),
    legal: z.string().max(500),
  }),
  sender: z.string().min(1).max(100),
  data: z.record(
    z
      .string()
      .regex(/^[a-z_]+(\.[a-z_]+)*$/)
      .max(100),
    z.json(),
  ),
})

const undoRequest = z.strictObject({
  task: z.string().min(1).max(100),
  reason: z.strictObject({ event: z.string().max(200).nullish(), text: z.string().max(2000) }),
})

const reportRequest = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(200),
  source: z.string().regex(/^urn:uz:[a-z]+$/),
  type: z.string().min(1).max(200),
  time: z.iso.datetime(),
  data: z.record(z.string(), z.json()).optional(),
  hamrohcorrects: z.string().optional(),
  hamrohretracts: z.string().optional(),
})

/** How long `/report` waits for Hamroh's answer before it says "waiting". */
const report_wait_ms = 5000
const body_bytes_max = 256 * 1024

export type AgencyOptions = {
  readonly agency: string
  readonly data: string
  readonly hamroh: string
  readonly clock_file: string
  readonly task_key: string
  readonly report_key: string
  readonly control_key: string
}

/** An agency's HTTP interface over its ledger in `data`; `stop` ends reporting and closes the files. */
export function openAgency(options: AgencyOptions): { app: Hono<Env>; stop(): Promise<void> } {
  const clock = countryClock(options.clock_file)
  const behaviour = openBehaviour(join(options.data, 'behaviour.json'))
  let ledger: Ledger | undefined
  const waiting = new Map<string, Promise<unknown>>()
  const reporter = makeReporter({
    hamroh: options.hamroh,
    key: options.report_key,
    answered: (event, answer) => {
      ledger!.reported(event, answer)
      waiting.delete(event.id)
      // The id and the field names say enough; the event itself is about somebody.
      if (answer.status === 'refused')
        console.error(`Hamroh refused the report ${event.id} (${event.type}): ${answer.text ?? answer.http}`)
    },
  })
  ledger = openLedger({
    agency: options.agency,
    file: join(options.data, 'journal.ndjson'),
    now: clock.now,
    today: clock.today,
    report: (event) => waiting.set(event.id, reporter.push(event)),
  })

  const app = new Hono<Env>()
  app.get('/readyz', (c) => c.json({ status: 'ready', agency: options.agency }))
  app.use(
    '*',
    bodyLimit({ maxSize: body_bytes_max, onError: (c) => problem(c, 413, 'The request is too large.') }),
  )
  app.use('/tasks', bearer(options.task_key))
  app.use('/tasks/*', bearer(options.task_key))
  for (const path of ['/effects', '/behaviour', '/report']) app.use(path, bearer(options.control_key))
  taskRoutes(app, ledger, behaviour)
  controlRoutes(app, { ledger, behaviour, waiting, agency: options.agency, pending: reporter.pending })
  app.notFound((c) => problem(c, 404, 'There is nothing here.'))
  app.onError((error, c) => {
    console.error(error.stack)
    return problem(c, 500, 'The agency met a mistake of its own.')
  })
  return {
    app,
    stop: async () => {
      await reporter.stop()
      ledger.close()
    },
  }
}

function taskRoutes(app: Hono<Env>, ledger: Ledger, behaviour: ReturnType<typeof openBehaviour>): void {
  /** Behaves as told around one request; `act` runs at most once and answers are only lost after it. */
  async function behaving(c: Context<Env>, act: (slow_ms: number) => Response): Promise<Response> {
    const { latency_ms, error_rate, duplicate_rate, slow_rate, slow_ms, down } = behaviour.get()
    if (latency_ms > 0) await sleep(latency_ms)
    if (down) return hangUp(c)
    if (Math.random() < error_rate) return problem(c, 500, 'An error, as the control room asked.')
    const response = act(Math.random() < slow_rate ? slow_ms : 0)
    return Math.random() < duplicate_rate ? hangUp(c) : response
  }

  app.post('/tasks', async (c) => {
    const key = c.req.header('idempotency-key') ?? ''
    if (!isUuid(key)) return problem(c, 400, 'The header Idempotency-Key must be a UUID in lower case.')
    const body = await readBody(c, taskRequest)
    if (body instanceof Response) return body
    // The transaction and the words of the purpose may differ from attempt to attempt; what is asked may not.
    const { task, journey, sender, data } = body
    const hash = sha256(canonical({ task, journey, sender, data: data as Json, purpose: body.purpose.code }))
    return behaving(c, (slow_ms) => {
      const answer = ledger.perform(
        { key, task, journey, hash, data: data as { [name: string]: Json } },
        slow_ms,
      )
      if (!answer) return problem(c, 409, 'This Idempotency-Key was used with other content.')
      return c.json(answer, answer.status === 'working' ? 202 : 200)
    })
  })

  app.get('/tasks/:key', (c) =>
    behaving(c, () => {
      const answer = ledger.find(c.req.param('key'))
      if (!answer) return problem(c, 404, 'This agency never saw a task with this key.')
      return c.json(answer, answer.status === 'working' ? 202 : 200)
    }),
  )

  app.post('/tasks/:key/undo', async (c) => {
    const key = c.req.param('key')
    if (!isUuid(key)) return problem(c, 400, 'The key in the address must be a UUID in lower case.')
    const body = await readBody(c, undoRequest)
    if (body instanceof Response) return body
    return behaving(c, () => {
      const answer = ledger.undo(key, body.task)
      if (!answer) return problem(c, 409, 'This undo does not belong to the task of this key.')
      return c.json(answer)
    })
  })
}

function controlRoutes(
  app: Hono<Env>,
  of: {
    agency: string
    ledger: Ledger
    behaviour: ReturnType<typeof openBehaviour>
    waiting: ReadonlyMap<string, Promise<unknown>>
    pending: () => number
  },
): void {
  app.get('/behaviour', (c) => c.json(of.behaviour.get()))
  app.put('/behaviour', async (c) => {
    const body = await readBody(c, behaviourChange)
    return body instanceof Response ? body : c.json(of.behaviour.change(body))
  })
  app.get('/effects', (c) => {
    const answers = Object.entries(of.ledger.answers())
    return c.json({
      agency: of.agency,
      effects: of.ledger.effects(),
      reports: {
        pending: of.pending(),
        answered: answers.length,
        refused: answers
          .filter(([, answer]) => answer.status === 'refused')
          .map(([id, answer]) => ({ id, text: answer.text ?? '' })),
      },
    })
  })
  app.post('/report', async (c) => {
    const body = await readBody(c, reportRequest)
    if (body instanceof Response) return body
    const event = body as CloudEvent
    if (agencyOf(event) !== of.agency)
      return problem(c, 422, `This process reports only events of ${of.agency}; look at "source".`)
    of.ledger.queue(event)
    await Promise.race([of.waiting.get(event.id), sleep(report_wait_ms, undefined, { ref: false })])
    return c.json(of.ledger.answers()[event.id] ?? { status: 'waiting' })
  })
}

/** Lets pass who has the key; compares in constant time. */
export function bearer(key: string): MiddlewareHandler {
  const expected = Buffer.from(sha256(key))
  return async (c, next) => {
    const given = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
    if (!timingSafeEqual(Buffer.from(sha256(given)), expected))
      return problem(c, 401, 'The header Authorization needs "Bearer" and the key of the caller.')
    return next()
  }
}

async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T | Response> {
  const json: unknown = await c.req.json().catch(() => undefined)
  if (json === undefined) return problem(c, 400, 'The body is not JSON.')
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const mistakes = result.error.issues
    .slice(0, 10)
    .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  return problem(c, 400, mistakes.join('; '))
}

function problem(c: Context, status: 400 | 401 | 404 | 409 | 413 | 422 | 500, detail: string): Response {
  return c.body(JSON.stringify({ title: detail, status, detail }), status, {
    'content-type': 'application/problem+json',
  })
}

/** Closes the connection without an answer. */
function hangUp(c: Context<Env>): Response {
  c.env.incoming.socket.destroy()
  return RESPONSE_ALREADY_SENT
}

if (import.meta.main) {
  const given = readArguments(['agency', 'port', 'data', 'hamroh', 'clock'])
  const agency = openAgency({
    agency: given.agency,
    data: given.data,
    hamroh: given.hamroh,
    clock_file: given.clock,
    task_key: readKey('TASK_KEY'),
    report_key: readKey('REPORT_KEY'),
    control_key: readKey('CONTROL_KEY'),
  })
  runProcess({ fetch: agency.app.fetch, port: Number(given.port), stop: agency.stop })
}
