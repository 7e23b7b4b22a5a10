import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { Citizen } from '../identity/identity.ts'
import type { SubjectId } from '../platform/ids.ts'
import { isUuid } from '../platform/ids.ts'
import { PROOFS_PAGE_MAX, type ProofFile } from '../trust/trust.ts'
import { problem } from './problem.ts'

/** What proves a person's own access entries. */
export type AccessServices = {
  /** One page, in the order of their chain; null while the log has published nothing. */
  proofs(
    subject: SubjectId,
    page: { readonly after: number; readonly limit: number },
  ): Promise<ProofFile | null>
  /** One entry's proof as text; null when it is not theirs, or not published yet. */
  proof(subject: SubjectId, entry: string): Promise<string | null>
}

const whole = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number)
const page = z.strictObject({
  /** Place in the chain behind which the page begins. */
  after: whole.default(0),
  limit: whole.refine((n) => n >= 1 && n <= PROOFS_PAGE_MAX).default(PROOFS_PAGE_MAX),
})

/** Adds what a signed-in person may ask about who looked at their data. */
export function accessRoutes(
  app: Hono,
  services: AccessServices,
  citizen: (c: Context) => Promise<Citizen | Response>,
): void {
  app.get('/v1/me/accesses/proofs', async (c) => {
    const me = await citizen(c)
    if (me instanceof Response) return me
    const asked = page.safeParse(c.req.query())
    if (!asked.success)
      return problem(c, {
        code: 'malformed_request',
        at: 'query',
        message: `Expected after=PLACE in your chain and limit=1 to ${PROOFS_PAGE_MAX}.`,
      })
    const file = await services.proofs(me.subject, asked.data)
    c.header('cache-control', 'private, no-store')
    if (file) return c.json(file)
    return problem(c, {
      code: 'unavailable',
      message: 'The log has published nothing yet.',
      next: 'Ask again in a few seconds.',
    })
  })

  app.get('/v1/me/accesses/:id/proof', async (c) => {
    const me = await citizen(c)
    if (me instanceof Response) return me
    const id = c.req.param('id')
    const text = isUuid(id) ? await services.proof(me.subject, id) : null
    if (text === null)
      return problem(c, { code: 'not_found', message: 'You have no such entry in the published log.' })
    return c.text(text, 200, {
      'cache-control': 'private, no-store',
      'content-disposition': `attachment; filename="${id}.tlog-proof"`,
    })
  })
}
