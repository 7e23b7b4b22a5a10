/** The council's pages and what their forms do. */
import { Hono } from 'hono'
import { z } from 'zod'
import { formOf, once, typed } from '../kit/forms.ts'
import { type Ctx, type Env, found, idOf, officerOf, readerOf, refusalText, type Web } from '../kit/visit.ts'
import { CouncilPage } from './council/page.tsx'
import { PublicationPage } from './publication/page.tsx'
import { RuleFormPage } from './simulation/form.tsx'
import { SimulationPage } from './simulation/page.tsx'

const question = z.strictObject({
  ...once,
  param: z.string().regex(/^[\w-]{1,100}$/),
  value: typed(40).pipe(z.string().min(1)),
  from: z.iso.date(),
  act: z.string().max(120),
})

export function councilRoutes(web: Web): Hono<Env> {
  const { council } = web.services
  const app = new Hono<Env>()
  app.get('/council', async (c) => {
    const view = found(await council.home(officerOf(c)))
    return c.html(<CouncilPage reader={await readerOf(c, web)} view={view} />)
  })
  app.get('/council/rule/:rule', (c) => showRule(c, web))
  app.post('/council/rule/:rule/simulate', async (c) => {
    const asker = officerOf(c)
    const form = await formOf(c, web, question)
    const asked = await council.ask(asker, c.req.param('rule'), form)
    if (asked.ok) return c.redirect(`/council/simulation/${asked.value.id}`, 303)
    return showRule(c, web, { error: refusalText(asker.locale, asked.refusal), typed: form })
  })
  app.get('/council/simulation/:id', (c) => showSimulation(c, web, { confirm: false }))
  app.get('/council/simulation/:id/publish', (c) => showSimulation(c, web, { confirm: true }))
  app.post('/council/simulation/:id/publish', async (c) => {
    const asker = officerOf(c)
    const id = idOf(c)
    await formOf(c, web, z.strictObject(once))
    const done = await council.publish(asker, id)
    if (done.ok) return c.redirect(`/council/publication/${done.value.id}?done=published#result`, 303)
    return showSimulation(c, web, { confirm: false, error: refusalText(asker.locale, done.refusal) })
  })
  app.get('/council/publication/:id', (c) => showPublication(c, web))
  app.post('/council/publication/:id/:to{pause|resume}', async (c) => {
    const asker = officerOf(c)
    const id = idOf(c)
    await formOf(c, web, z.strictObject(once))
    const to = c.req.param('to') === 'pause' ? 'pause' : 'resume'
    const done = await council.steer(asker, id, to)
    if (done.ok) return c.redirect(`/council/publication/${id}`, 303)
    return showPublication(c, web, refusalText(asker.locale, done.refusal))
  })
  return app
}

async function showRule(
  c: Ctx,
  web: Web,
  refused?: { error: string; typed: { readonly [field: string]: unknown } },
): Promise<Response> {
  const rule = c.req.param('rule') ?? ''
  const view = found(await web.services.council.rule(officerOf(c), rule))
  const reader = await readerOf(c, web, {
    path: `/council/rule/${encodeURIComponent(rule)}`,
    ...(refused ? { error: refused.error } : {}),
  })
  return c.html(
    <RuleFormPage reader={reader} view={view} typed={refused?.typed ?? {}} />,
    refused ? 422 : 200,
  )
}

async function showSimulation(
  c: Ctx,
  web: Web,
  how: { confirm: boolean; error?: string },
): Promise<Response> {
  const id = idOf(c)
  const view = found(await web.services.council.simulation(officerOf(c), id))
  const reader = await readerOf(c, web, {
    path: `/council/simulation/${id}`,
    ...(how.error === undefined ? {} : { error: how.error }),
  })
  return c.html(
    <SimulationPage reader={reader} view={view} confirm={how.confirm} />,
    how.error === undefined ? 200 : 422,
  )
}

async function showPublication(c: Ctx, web: Web, error?: string): Promise<Response> {
  const id = idOf(c)
  const view = found(await web.services.council.publication(officerOf(c), id))
  const reader = await readerOf(c, web, {
    path: `/council/publication/${id}${new URL(c.req.url).search}`,
    ...(error === undefined ? {} : { error }),
  })
  return c.html(<PublicationPage reader={reader} view={view} />, error === undefined ? 200 : 422)
}
