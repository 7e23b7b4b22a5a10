/** Forms as they arrive: parsed strictly, and only from our own pages. */
import { z } from 'zod'
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

/** Text a person typed: no NUL (the database has none), line ends as one, bounded. */
export const typed = (max: number) =>
  z
    .string()
    .max(max * 2)
    .refine((text) => !text.includes('\0'))
    .transform((text) => text.replace(/\r\n?/g, '\n').trim())
    .pipe(z.string().max(max))
