import { type Context, Hono } from 'hono'
import { z } from 'zod'
import {
  askSimulation,
  type CouncilContext,
  type CouncilOfficer,
  getPublication,
  getSimulation,
  isOfPublisher,
  publish,
  type Simulation,
  simulationRequest,
  steerRun,
} from '../council/council.ts'
import type { Person } from '../identity/identity.ts'
import { isUuid } from '../platform/ids.ts'
import { readBody, safeJson } from './cloudevents.ts'
import { problem } from './problem.ts'

/**
 * Simulations and publications, for programs that act for a signed-in civil servant of an agency that publishes law.
 * Whatever changes something also needs the session's form token in `X-CSRF-Token`.
 */
export type CouncilServices = {
  readonly council: CouncilContext
  person(c: Context): Promise<Person | null>
}

const publicationBody = z.strictObject({
  simulation: z.uuid(),
  per_second: z.int().min(1).max(100_000).optional(),
})
/** A rule's text is the largest thing that is sent. */
const BODY_BYTES_MAX = 300_000

export function councilRoutes({ council, person }: CouncilServices): Hono {
  const app = new Hono()
  const officer = async (c: Context): Promise<CouncilOfficer | Response> => {
    const who = await person(c)
    if (who === null) return problem(c, { code: 'unauthenticated', message: 'Sign in as a civil servant.' })
    if (who.kind !== 'officer' || !isOfPublisher(council.book.now().pack, who))
      return problem(c, {
        code: 'not_a_publisher',
        message: 'Only civil servants of an agency that publishes law here may do this.',
      })
    if (c.req.method !== 'GET' && c.req.header('x-csrf-token') !== who.csrf)
      return problem(c, { code: 'bad_form_token', message: 'The X-CSRF-Token of this session is needed.' })
    return { number: who.number, name: who.name, agency: who.agency, role: who.role }
  }
  const body = async <T>(c: Context, schema: z.ZodType<T>): Promise<T | Response> => {
    const text = await readBody(c, BODY_BYTES_MAX)
    if (!text.ok) return problem(c, text.refusal)
    const read = schema.safeParse(safeJson(text.value))
    if (read.success) return read.data
    const [issue] = read.error.issues
    return problem(c, {
      code: 'malformed_request',
      at: issue!.path.join('.') || 'body',
      message: `The request does not fit: ${issue!.message}.`,
      next: 'See /openapi.json.',
    })
  }
  const notFound = (c: Context) => problem(c, { code: 'not_found', message: 'There is no such thing.' })

  app.post('/v1/simulations', async (c) => {
    const who = await officer(c)
    if (who instanceof Response) return who
    const request = await body(c, simulationRequest)
    if (request instanceof Response) return request
    const asked = await askSimulation(council, request, who)
    if (!asked.ok) return problem(c, asked.refusal)
    return c.json({ id: asked.value.id, state: 'waiting' }, 202, {
      location: `/v1/simulations/${asked.value.id}`,
    })
  })

  app.get('/v1/simulations/:id', async (c) => {
    const who = await officer(c)
    if (who instanceof Response) return who
    const id = c.req.param('id')
    const found = isUuid(id) ? await getSimulation(council, id) : null
    return found ? c.json(shown(found)) : notFound(c)
  })

  app.post('/v1/publications', async (c) => {
    const who = await officer(c)
    if (who instanceof Response) return who
    const given = await body(c, publicationBody)
    if (given instanceof Response) return given
    const { simulation, per_second } = given
    const done = await publish(council, { simulation, officer: who, ...(per_second ? { per_second } : {}) })
    if (!done.ok) return problem(c, done.refusal)
    const { publication, repeated } = done.value
    return c.json(
      { id: publication.id, record: JSON.parse(publication.record), repeated },
      repeated ? 200 : 201,
    )
  })

  app.get('/v1/publications/:id', async (c) => {
    const who = await officer(c)
    if (who instanceof Response) return who
    const id = c.req.param('id')
    const found = isUuid(id) ? await getPublication(council.db, id) : null
    if (!found) return notFound(c)
    const { record, record_hash, signature } = found.row
    return c.json({ id, record: JSON.parse(record), record_hash, signature, run: found.run })
  })

  app.post('/v1/publications/:id/:to{pause|resume}', async (c) => {
    const who = await officer(c)
    if (who instanceof Response) return who
    const { id, to } = c.req.param()
    if (!isUuid(id)) return notFound(c)
    const done = await steerRun(council, {
      publication: id,
      to: to === 'pause' ? 'pause' : 'resume',
      officer: who,
    })
    return done.ok ? c.json({ id, done: to }) : problem(c, done.refusal)
  })
  return app
}

const shown = (s: Simulation) => ({
  id: s.id,
  rule: s.rule_id,
  request: s.request,
  state: s.state,
  progress: { done: s.rows_done, all: s.rows_all },
  problem: s.problem,
  report: s.report,
  report_sha256: s.report_hash,
  signature: s.signature,
  asked_by: s.asked_by,
  asked_at: s.asked_at.toISOString(),
})
