import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { type HearingAnswer, type HearingRow, hearingsOf } from '../cases/cases.ts'
import { causesOf, effectsFrom, type NodeKind, nodeKinds } from '../events/events.ts'
import type { Citizen, Person, Signed } from '../identity/identity.ts'
import type { Database } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { isUuid } from '../platform/ids.ts'
import { accepted, type Outcome } from '../platform/refusal.ts'
import { listProposals, type Proposal } from '../proposals/proposals.ts'
import { type AccessServices, accessRoutes } from './accesses.ts'
import { readBody } from './cloudevents.ts'
import { problem, safeJson } from './problem.ts'

/**
 * A signed-in person's own proposals and event graph, for programs that act in their browser. Who they are comes from
 * the session cookie; whatever changes something also needs the session's form token in `X-CSRF-Token`.
 */
export type MeServices = AccessServices & {
  readonly db: Database
  person(c: Context): Promise<Person | null>
  answer(given: {
    readonly subject: SubjectId
    readonly id: string
    readonly answer: 'accept' | 'decline'
    readonly key: string
    readonly by: string
    readonly signed?: Signed
  }): Promise<
    Outcome<{ readonly proposal: Proposal; readonly journey_id: string | null; readonly repeated: boolean }>
  >
  /** Checks what a passkey signed for accepting a proposal; null when nothing was, and nothing needs to be. */
  takeStepUp(
    c: Context,
    person: Person,
    wanted: { readonly act: 'proposal.accept'; readonly of: string; readonly fields: Record<string, string> },
    assertion: string | undefined,
  ): Promise<Outcome<Signed | null>>
  /** Hears what a person says to something that is intended against them. */
  hear(given: {
    readonly subject: SubjectId
    readonly id: string
    readonly answer: HearingAnswer
  }): Promise<Outcome<{ readonly hearing: HearingRow; readonly repeated: boolean }>>
}

const storable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
const key = z.string().min(1).max(100).refine(storable)
const answerBody = z.strictObject({
  answer: z.enum(['accept', 'decline']),
  key,
  /** What a passkey signed, as JSON text: see POST /v1/step-up. */
  assertion: z.string().max(32_000).optional(),
})
const hearingBody = z.strictObject({
  kind: z.enum(['statement', 'fact_wrong', 'nothing_to_add']),
  text: z.string().max(10_000).refine(storable).default(''),
  wrong_facts: z.array(z.uuid()).max(100).default([]),
})
const BODY_BYTES_MAX = 65_536

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

  /** What changes something: by the citizen themselves, from their own session, with a body that fits. */
  const acting = async <S extends z.ZodType>(
    c: Context,
    schema: S,
    expected: string,
  ): Promise<{ readonly me: Citizen; readonly body: z.output<S> } | Response> => {
    const me = await citizen(c)
    if (me instanceof Response) return me
    if (c.req.header('x-csrf-token') !== me.csrf)
      return problem(c, { code: 'bad_form_token', message: 'The X-CSRF-Token of this session is needed.' })
    const text = await readBody(c, BODY_BYTES_MAX)
    if (!text.ok) return problem(c, text.refusal)
    const body = schema.safeParse(safeJson(text.value))
    if (body.success) return { me, body: body.data }
    return problem(c, { code: 'malformed_request', at: 'body', message: `Expected ${expected}.` })
  }

  app.post('/v1/me/proposals/:id/answer', async (c) => {
    const given = await acting(c, answerBody, '{"answer": "accept" or "decline", "key": text}')
    if (given instanceof Response) return given
    const id = c.req.param('id')
    if (!isUuid(id)) return notFound(c)
    const { subject } = given.me
    const { assertion, ...said } = given.body
    const signed =
      said.answer === 'accept'
        ? await services.takeStepUp(c, given.me, { act: 'proposal.accept', of: id, fields: {} }, assertion)
        : accepted(null)
    if (!signed.ok) return problem(c, signed.refusal)
    const done = await services.answer({
      subject,
      id,
      by: subject,
      ...said,
      ...(signed.value ? { signed: signed.value } : {}),
    })
    if (!done.ok) return problem(c, done.refusal)
    return c.json({
      proposal: shown(done.value.proposal),
      journey_id: done.value.journey_id,
      repeated: done.value.repeated,
    })
  })

  app.get('/v1/me/hearings', async (c) => {
    const me = await citizen(c)
    if (me instanceof Response) return me
    return c.json({ hearings: (await hearingsOf(services.db, me.subject)).map(shownHearing) })
  })

  app.post('/v1/me/hearings/:id/answer', async (c) => {
    const expected =
      '{"kind": "statement", "fact_wrong" or "nothing_to_add", "text": text, "wrong_facts": [fact ids]}'
    const given = await acting(c, hearingBody, expected)
    if (given instanceof Response) return given
    const id = c.req.param('id')
    if (!isUuid(id)) return notFound(c)
    const done = await services.hear({ subject: given.me.subject, id, answer: given.body })
    if (!done.ok) return problem(c, done.refusal)
    return c.json({ hearing: shownHearing(done.value.hearing), repeated: done.value.repeated })
  })

  accessRoutes(app, services, citizen)

  app.get('/v1/me/graph/:direction/:kind/:id', async (c) => {
    const me = await citizen(c)
    if (me instanceof Response) return me
    const { direction, kind, id } = c.req.param()
    if (
      !['back', 'forward'].includes(direction) ||
      !(nodeKinds as readonly string[]).includes(kind) ||
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
  // Of a notice that the law changed: what it means; of what was withdrawn: because of which event, and what came instead.
  publication: p.publication,
  law_change: p.law_change,
  closed_because: p.closed_because,
  replaced_by: p.replaced_by,
})

/** All that the person was told, and what they said to it. */
const shownHearing = (h: HearingRow) => ({
  id: h.id,
  case: h.case_id,
  intended: h.intended,
  state: h.state,
  told: h.told,
  told_by: h.told_by,
  told_at: h.told_at.toISOString(),
  answer_by: h.answer_by,
  answer: h.answer,
  answered_at: h.answered_at?.toISOString() ?? null,
  ended_because: h.ended_because,
})
