/** Forms as they arrive: parsed strictly, and only from our own pages. */
import { z } from 'zod'
import type { Act, Signed } from '../../src/identity/identity.ts'
import { accepted, type Outcome } from '../../src/platform/refusal.ts'
import { type Ctx, Stop, type Web } from './visit.ts'

/** The one-time key of a form. */
export const once = { answer_key: z.uuid() }

/**
 * The form of a POST, checked against its schema. The token must be the session's, and the browser must not say that
 * another site sent it; otherwise 403. A form that does not fit is 422: our own pages send no such form.
 */
export async function formOf<S extends z.ZodType>(c: Ctx, web: Web, schema: S): Promise<z.output<S>> {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new Stop(403)
  const body = await c.req.parseBody()
  const { csrf, ...fields } = body
  if (typeof csrf !== 'string' || csrf === '' || !(await web.options.checkCsrf(c, csrf))) throw new Stop(403)
  const parsed = schema.safeParse(fields)
  if (!parsed.success) throw new Stop(422)
  return parsed.data
}

/** What a passkey signed of a form, where its act asks for that. */
export const signature = { assertion: z.string().max(32_000).optional() }

/**
 * Checks what a passkey signed of this very form, before its act is done: the document names every field of it.
 * Refusals: `insufficient_user_authentication`, `step_up_refused`.
 */
export async function stepUpOf(c: Ctx, web: Web, act: Act, of: string): Promise<Outcome<Signed | null>> {
  const { account } = web.options
  if (!account) return accepted(null)
  const { csrf: _csrf, answer_key: _key, assertion, ...fields } = await c.req.parseBody()
  const texts = Object.entries(fields).filter(
    (field): field is [string, string] => typeof field[1] === 'string',
  )
  const given = typeof assertion === 'string' ? assertion : undefined
  return account.takeStepUp(c, { act, of, fields: Object.fromEntries(texts) }, given)
}

/** Text a person typed: no NUL (the database has none), line ends as one, bounded. */
export const typed = (max: number) =>
  z
    .string()
    .max(max * 2)
    .refine((text) => !text.includes('\0'))
    .transform((text) => text.replace(/\r\n?/g, '\n').trim())
    .pipe(z.string().max(max))
