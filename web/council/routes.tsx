/** The council's pages and what their forms do. */
import { Hono } from 'hono'
import { z } from 'zod'
import type { Refusal } from '../../src/platform/refusal.ts'
import { formOf, once, typed } from '../kit/forms.ts'
import { type Ctx, type Env, found, idOf, officerOf, readerOf, refusalText, type Web } from '../kit/visit.ts'
import { CouncilPage } from './council/page.tsx'
import { PublicationPage } from './publication/page.tsx'
import { RuleFormPage } from './simulation/form.tsx'
import { SimulationPage } from './simulation/page.tsx'
import type { RuleFilter } from './views.ts'

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
    const view = found(await council.home(officerOf(c), filterOf(c)))
    return c.html(<CouncilPage reader={await readerOf(c, web)} view={view} />)
  })
  app.get('/council/rule/:rule', (c) => showRule(c, web))
  app.post('/council/rule/:rule/simulate', async (c) => {
    const asker = officerOf(c)
    const form = await formOf(c, web, question)
    const asked = await council.ask(asker, c.req.param('rule'), form)
    if (asked.ok) return c.redirect(`/council/simulation/${asked.value.id}`, 303)
    return showRule(c, web, { refusal: asked.refusal, typed: form })
  })
  app.get('/council/simulation/:id', (c) => showSimulation(c, web, { confirm: false }))
  app.get('/council/simulation/:id/publish', (c) => showSimulation(c, web, { confirm: true }))
  app.post('/council/simulation/:id/publish', async (c) => {
    const asker = officerOf(c)
    const id = idOf(c)
    await formOf(c, web, z.strictObject(once))
    const done = await council.publish(asker, id)
    if (done.ok) return c.redirect(`/council/publication/${done.value.id}?done=published#result`, 303)
    return showSimulation(c, web, { confirm: false, refusal: done.refusal })
  })
  app.get('/council/publication/:id', (c) => showPublication(c, web))
  app.post('/council/publication/:id/:to{pause|resume}', async (c) => {
    const asker = officerOf(c)
    const id = idOf(c)
    await formOf(c, web, z.strictObject(once))
    const to = c.req.param('to') === 'pause' ? 'pause' : 'resume'
    const done = await council.steer(asker, id, to)
    if (done.ok) return c.redirect(`/council/publication/${id}`, 303)
    return showPublication(c, web, done.refusal)
  })
  return app
}

/** What was looked for; whatever cannot be an area is none. */
const filterOf = (c: Ctx): RuleFilter => ({
  words: (c.req.query('q') ?? '').trim().slice(0, 80),
  area: /^[a-z][a-z0-9-]{0,40}$/.exec(c.req.query('area') ?? '')?.[0] ?? null,
})

/** Who may not at all, and whose act another person's has to be, is told so as such. */
const FORBIDDEN = new Set([
  'not_a_publisher',
  'not_your_role',
  'not_your_rule',
  'same_person',
  'nobody_proposed',
])

const statusOf = (refusal: Refusal | undefined) =>
  refusal === undefined ? 200 : FORBIDDEN.has(refusal.code) ? 403 : 422

async function showRule(
  c: Ctx,
  web: Web,
  refused?: { refusal: Refusal; typed: { readonly [field: string]: unknown } },
): Promise<Response> {
  const rule = c.req.param('rule') ?? ''
  const asker = officerOf(c)
  const view = found(await web.services.council.rule(asker, rule))
  const reader = await readerOf(c, web, {
    path: `/council/rule/${encodeURIComponent(rule)}`,
    ...(refused ? { error: refusalText(asker.locale, refused.refusal) } : {}),
  })
  return c.html(
    <RuleFormPage reader={reader} view={view} typed={refused?.typed ?? {}} />,
    statusOf(refused?.refusal),
  )
}

async function showSimulation(
  c: Ctx,
  web: Web,
  how: { confirm: boolean; refusal?: Refusal },
): Promise<Response> {
  const id = idOf(c)
  const asker = officerOf(c)
  const view = found(await web.services.council.simulation(asker, id))
  const reader = await readerOf(c, web, {
    path: `/council/simulation/${id}`,
    ...(how.refusal ? { error: refusalText(asker.locale, how.refusal) } : {}),
  })
  return c.html(<SimulationPage reader={reader} view={view} confirm={how.confirm} />, statusOf(how.refusal))
}

async function showPublication(c: Ctx, web: Web, refusal?: Refusal): Promise<Response> {
  const id = idOf(c)
  const asker = officerOf(c)
  const view = found(await web.services.council.publication(asker, id))
  const reader = await readerOf(c, web, {
    path: `/council/publication/${id}${new URL(c.req.url).search}`,
    ...(refusal ? { error: refusalText(asker.locale, refusal) } : {}),
  })
  return c.html(<PublicationPage reader={reader} view={view} />, statusOf(refusal))
}
