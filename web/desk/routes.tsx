/** The desk's pages and what their forms do. A decision is always one officer's own button. */
import { Hono } from 'hono'
import { z } from 'zod'
import type { LocaleCode } from '../../src/packs/packs.ts'
import type { Outcome } from '../../src/platform/refusal.ts'
import { formOf, once, signature, stepUpOf, typed } from '../kit/forms.ts'
import {
  type Ctx,
  type Env,
  found,
  idOf,
  officerOf,
  readerOf,
  refusalText,
  Stop,
  signingOf,
  type Web,
} from '../kit/visit.ts'
import { locales } from '../words/words.ts'
import { CasePage, type Typed } from './case/page.tsx'
import { QueuePage } from './queue/page.tsx'

const version = z.coerce.number().int().min(0).max(1_000_000)
const REASON_CHARS_MAX = 1000
const REASONS_CHARS_MAX = 4000
const FIX_CHARS_MAX = 2000

export function deskRoutes(web: Web): Hono<Env> {
  const { services } = web
  const app = new Hono<Env>()
  app.get('/desk', (c) => showQueue(c, web))
  app.get('/desk/case/:id', (c) => showCase(c, web))
  app.post('/desk/case/:id/draft', async (c) => {
    const asker = officerOf(c)
    const id = idOf(c)
    const form = await formOf(c, web, draftForm)
    const reasons = reasonsOf(form)
    const outcome = await services.saveDraft(asker, id, { version: form.version, reasons })
    return after(c, web, outcome, 'saved', { draft: reasons })
  })
  app.post('/desk/case/:id/intend', (c) => intend(c, web))
  app.post('/desk/case/:id/finalise', (c) => finalise(c, web))
  app.post('/desk/case/:id/ask', async (c) => {
    const asker = officerOf(c)
    const id = idOf(c)
    const schema = z.strictObject({ ...once, predicate: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/) })
    return after(c, web, await services.ask(asker, id, await formOf(c, web, schema)), 'asked')
  })
  app.post('/desk/task/:id/retry', async (c) => {
    const asker = officerOf(c)
    const id = idOf(c)
    const outcome = await services.retryTask(asker, id, await formOf(c, web, z.strictObject(once)))
    return afterTask(c, web, outcome, 'retried')
  })
  app.post('/desk/task/:id/done', async (c) => {
    const asker = officerOf(c)
    const id = idOf(c)
    const schema = z.strictObject({ ...once, reference: typed(100).pipe(z.string().min(1)) })
    return afterTask(c, web, await services.finishTask(asker, id, await formOf(c, web, schema)), 'finished')
  })
  return app
}

/** A sentence of an edited draft: its language and place. */
const SENTENCE = new RegExp(`^reason\\.(${locales.join('|')})\\.(\\d{1,2})$`)
const draftForm = z
  .object({ ...once, version })
  .catchall(typed(REASON_CHARS_MAX))
  .refine((form) =>
    Object.keys(form).every((name) => name === 'answer_key' || name === 'version' || SENTENCE.test(name)),
  )

/** The sentences of an edit, by language and in order; an emptied sentence is left out. */
export function reasonsOf(form: { readonly [field: string]: unknown }): {
  [locale in LocaleCode]?: string[]
} {
  const reasons: { [locale in LocaleCode]?: string[] } = {}
  const fields = Object.entries(form)
    .map(([name, text]) => ({ match: SENTENCE.exec(name), text }))
    .filter((field) => field.match !== null)
    .sort((a, b) => Number(a.match?.[2]) - Number(b.match?.[2]))
  for (const { match, text } of fields) {
    if (typeof text !== 'string' || text === '') continue
    const locale = match?.[1] as LocaleCode
    reasons[locale] = [...(reasons[locale] ?? []), text]
  }
  return reasons
}

async function finalise(c: Ctx, web: Web): Promise<Response> {
  const asker = officerOf(c)
  const id = idOf(c)
  const schema = z.strictObject({
    ...once,
    version,
    outcome: z.enum(['granted', 'refused']),
    considered: typed(REASONS_CHARS_MAX).optional(),
    ...signature,
  })
  const { considered, assertion: _assertion, ...form } = await formOf(c, web, schema)
  const signed = await stepUpOf(c, web, 'decision.finalise', id)
  const given = {
    ...form,
    ...(considered ? { considered } : {}),
    ...(signed.ok && signed.value ? { signed: signed.value } : {}),
  }
  const outcome = signed.ok ? await web.services.finalise(asker, id, given) : signed
  if (!outcome.ok)
    return showCase(c, web, {
      error: refusalText(asker.locale, outcome.refusal),
      typed: considered === undefined ? {} : { considered },
    })
  return c.redirect(`/desk/case/${id}?done=decided#result`, 303)
}

/** Something adverse is intended: the person is told, with reasons and with what they can put right. */
async function intend(c: Ctx, web: Web): Promise<Response> {
  const asker = officerOf(c)
  const id = idOf(c)
  const schema = z.strictObject({
    ...once,
    version,
    intended: z.enum(['refused', 'less']),
    reasons: typed(REASONS_CHARS_MAX),
    to_fix: typed(FIX_CHARS_MAX),
  })
  const form = await formOf(c, web, schema)
  return after(c, web, await web.services.intend(asker, id, form), 'told', form)
}

/** The case's page again; what was refused keeps what was typed, whatever the case has become meanwhile. */
async function after(
  c: Ctx,
  web: Web,
  outcome: Outcome<unknown>,
  done: string,
  typed: Typed = {},
): Promise<Response> {
  if (outcome.ok) return c.redirect(`/desk/case/${idOf(c)}?done=${done}#result`, 303)
  return showCase(c, web, { error: refusalText(officerOf(c).locale, outcome.refusal), typed })
}

async function afterTask(c: Ctx, web: Web, outcome: Outcome<unknown>, done: string): Promise<Response> {
  if (outcome.ok) return c.redirect(`/desk?done=${done}#result`, 303)
  // Another agency's task is not found: whether it is there is not for them to know.
  if (outcome.refusal.code === 'not_your_case' || outcome.refusal.code === 'not_found') throw new Stop(404)
  return showQueue(c, web, refusalText(officerOf(c).locale, outcome.refusal))
}

async function showQueue(c: Ctx, web: Web, error?: string): Promise<Response> {
  const view = await web.services.queue(officerOf(c))
  const reader = await readerOf(c, web, { path: '/desk', ...(error === undefined ? {} : { error }) })
  return c.html(<QueuePage reader={reader} view={view} />, error === undefined ? 200 : 422)
}

async function showCase(c: Ctx, web: Web, refused?: { error: string; typed: Typed }): Promise<Response> {
  const id = idOf(c)
  const view = found(await web.services.case(officerOf(c), id))
  const reader = await readerOf(c, web, {
    path: `/desk/case/${id}`,
    signing: await signingOf(c, web, 'decision.finalise', id),
    ...(refused ? { error: refused.error } : {}),
  })
  return c.html(<CasePage reader={reader} view={view} typed={refused?.typed ?? {}} />, refused ? 422 : 200)
}
