import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { causesOf, effectsFrom, type NodeKind } from '../events/events.ts'
import type { Citizen, Person } from '../identity/identity.ts'
import type { Database } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { isUuid } from '../platform/ids.ts'
import type { Outcome } from '../platform/refusal.ts'
import { listProposals, type Proposal } from '../proposals/proposals.ts'
import { readBody } from './cloudevents.ts'
import { problem, safeJson } from './problem.ts'

/**
 * A signed-in person's own proposals and event graph, for programs that act in their browser. Who they are comes from
 * the session cookie; whatever changes something also needs the session's form token in `X-CSRF-Token`.
 */
export type MeServices = {
  readonly db: Database
  person(c: Context): Promise<Person | null>
  answer(given: {
    readonly subject: SubjectId
    readonly id: string
    readonly answer: 'accept' | 'decline'
    readonly key: string
    readonly by: string
  }): Promise<
    Outcome<{ readonly proposal: Proposal; readonly journey_id: string | null; readonly repeated: boolean }>
  >
}

const KINDS = [
  'event',
  'fact',
  'determination',
  'proposal',
  'journey',
  'step',
  'case',
  'decision',
  'access',
] as const
const key = z
  .string()
  .min(1)
  .max(100)
  .refine((text) => !text.includes('\0') && text.isWellFormed())
const answerBody = z.strictObject({ answer: z.enum(['accept', 'decline']), key })
const BODY_BYTES_MAX = 4096

export function meRoutes(services: MeServices): Hono {
  const app = new Hono()
  const notFound = (c: Context) =>
    problem(c, { code: 'not_found', message: 'There is no such thing of yours.' })
  const citizen = async (c: Context): Promise<Citizen | Response> => {
    const person = await services.person(c)
    if (person?.kind === 'citizen') return person
    return problem(c, { code: 'unauthenticated', message: 'Sign in as a citizen.' })
  }

  app.get('/v1/me/proposals', async (c) => {
    const me = await citizen(c)
    if (me instanceof Response) return me
    const found = await listProposals(services.db, me.subject, [
      'open',
      'accepted',
      'declined',
      'withdrawn',
      'expired',
    ])
    return c.json({ proposals: found.map(shown) })
  })

  app.post('/v1/me/proposals/:id/answer', async (c) => {
    const me = await citizen(c)
    if (me instanceof Response) return me
    if (c.req.header('x-csrf-token') !== me.csrf)
      return problem(c, { code: 'bad_form_token', message: 'The X-CSRF-Token of this session is needed.' })
    const text = await readBody(c, BODY_BYTES_MAX)
    if (!text.ok) return problem(c, text.refusal)
    const body = answerBody.safeParse(safeJson(text.value))
    if (!body.success)
      return problem(c, {
        code: 'malformed_request',
        at: 'body',
        message: 'Expected {"answer": "accept" or "decline", "key": text}.',
      })
    const id = c.req.param('id')
    if (!isUuid(id)) return notFound(c)
    const done = await services.answer({ subject: me.subject, id, by: me.subject, ...body.data })
    if (!done.ok) return problem(c, done.refusal)
    return c.json({
      proposal: shown(done.value.proposal),
      journey_id: done.value.journey_id,
      repeated: done.value.repeated,
    })
  })

  app.get('/v1/me/graph/:direction/:kind/:id', async (c) => {
    const me = await citizen(c)
    if (me instanceof Response) return me
    const { direction, kind, id } = c.req.param()
    if (
      !['back', 'forward'].includes(direction) ||
      !(KINDS as readonly string[]).includes(kind) ||
      !isUuid(id)
    )
      return notFound(c)
    const walk = direction === 'back' ? causesOf : effectsFrom
    const edges = await walk(services.db, me.subject, { kind: kind as NodeKind, id })
    if (edges.length === 0) return notFound(c)
    return c.json({
      from: { kind, id },
      edges: edges.map((e) => ({
        cause: { kind: e.cause_kind, id: e.cause_id },
        effect: { kind: e.effect_kind, id: e.effect_id },
      })),
    })
  })
  return app
}

const shown = (p: Proposal) => ({
  id: p.id,
  kind: p.kind,
  rule: p.rule_id,
  rule_hash: p.rule_hash,
  route: p.route_id,
  state: p.state,
  unconfirmed: p.unconfirmed,
  event: p.event,
  opened_at: p.opened_at.toISOString(),
  due_on: p.due_on,
  journey_id: p.journey_id,
})
