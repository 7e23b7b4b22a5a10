/** The citizen's pages and what their forms do. Every action ends in another page (POST, redirect, GET). */
import { Hono } from 'hono'
import { z } from 'zod'
import { isUuid } from '../../src/platform/ids.ts'
import { kinds } from '../kit/address.ts'
import { parseMoney } from '../kit/format.ts'
import { formOf, once, signature, stepUpOf, typed } from '../kit/forms.ts'
import {
  anyoneSignedIn,
  type Ctx,
  type Env,
  found,
  idOf,
  personOf,
  readerOf,
  refusalText,
  Stop,
  signingOf,
  type Web,
} from '../kit/visit.ts'
import type { NodeKind, QuestionView } from '../views.ts'
import { say } from '../words/words.ts'
import { DecisionPage } from './decision/page.tsx'
import { HearingPage, type Typed as TypedAnswer } from './hearing/page.tsx'
import { InboxPage } from './inbox/page.tsx'
import { JourneyPage } from './journey/page.tsx'
import { MemoryPage } from './memory/page.tsx'
import { ProposalPage } from './proposal/page.tsx'
import { QuestionPage } from './question/page.tsx'
import { WhoLookedPage } from './who-looked/page.tsx'
import { WhyPage } from './why/page.tsx'

const isKind = (kind: string): kind is NodeKind => (kinds as readonly string[]).includes(kind)

export function citizenRoutes(web: Web): Hono<Env> {
  const { services } = web
  const app = new Hono<Env>()
  app.get('/inbox', async (c) => {
    // Whoever signs in is led here first; a civil servant's first page is the desk.
    if (c.get('visit').viewer?.kind === 'officer') return c.redirect('/desk', 303)
    const view = await services.inbox(personOf(c))
    return c.html(<InboxPage reader={await readerOf(c, web)} view={view} />)
  })
  app.get('/proposal/:id', (c) => showProposal(c, web))
  app.post('/proposal/:id/accept', async (c) => {
    const asker = personOf(c)
    const id = idOf(c)
    const { answer_key } = await formOf(c, web, z.strictObject({ ...once, ...signature }))
    const signed = await stepUpOf(c, web, 'proposal.accept', id)
    if (!signed.ok) return showProposal(c, web, refusalText(asker.locale, signed.refusal))
    const given = signed.value ? { signed: signed.value } : {}
    const outcome = await services.accept(asker, id, { answer_key, ...given })
    if (!outcome.ok) return showProposal(c, web, refusalText(asker.locale, outcome.refusal))
    const { journey } = outcome.value
    return c.redirect(journey ? `/journey/${journey}?done=accepted#result` : '/inbox?done=noted#result', 303)
  })
  app.post('/proposal/:id/decline', async (c) => {
    const asker = personOf(c)
    const id = idOf(c)
    const form = await formOf(c, web, z.strictObject(once))
    const outcome = await services.decline(asker, id, form)
    if (!outcome.ok) return showProposal(c, web, refusalText(asker.locale, outcome.refusal))
    return c.redirect('/inbox?done=declined#result', 303)
  })
  app.get('/journey/:id', (c) => showJourney(c, web))
  app.post('/journey/:id/claim', async (c) => {
    const asker = personOf(c)
    const id = idOf(c)
    const form = await formOf(c, web, z.strictObject({ ...once, step: z.string().min(1).max(120) }))
    const outcome = await services.claim(asker, id, form)
    if (!outcome.ok) return showJourney(c, web, refusalText(asker.locale, outcome.refusal))
    return c.redirect(`/journey/${id}?done=claimed#result`, 303)
  })
  app.get('/question/:id', (c) => showQuestion(c, web))
  app.post('/question/:id', (c) => answerQuestion(c, web))
  app.get('/hearing/:id', (c) => showHearing(c, web))
  app.post('/hearing/:id', (c) => hear(c, web))
  app.get('/decision/:id', async (c) => {
    const view = found(await services.decision(anyoneSignedIn(c), idOf(c)))
    return c.html(<DecisionPage reader={await readerOf(c, web)} view={view} />)
  })
  app.get('/memory', async (c) => {
    const asker = personOf(c)
    const query = z
      .object({
        known_on: z.iso.date().optional().catch(undefined),
        valid_on: z.iso.date().optional().catch(undefined),
      })
      .parse(c.req.query())
    const at = {
      ...(query.known_on ? { known_on: query.known_on } : {}),
      ...(query.valid_on ? { valid_on: query.valid_on } : {}),
    }
    return c.html(<MemoryPage reader={await readerOf(c, web)} view={await services.memory(asker, at)} />)
  })
  app.get('/who-looked', async (c) => {
    const older = c.req.query('older')
    if (older !== undefined && !isUuid(older)) throw new Stop(404)
    const view = await services.whoLooked(personOf(c), older === undefined ? {} : { older })
    return c.html(<WhoLookedPage reader={await readerOf(c, web)} view={view} />)
  })
  app.get('/why/:kind/:id', async (c) => {
    const kind = c.req.param('kind')
    if (!isKind(kind)) throw new Stop(404)
    const view = found(await services.why(anyoneSignedIn(c), kind, idOf(c)))
    return c.html(<WhyPage reader={await readerOf(c, web)} view={view} />)
  })
  return app
}

/** The proposal's page; with an error, as the answer to a form that was refused. */
async function showProposal(c: Ctx, web: Web, error?: string): Promise<Response> {
  const id = idOf(c)
  const view = found(await web.services.proposal(personOf(c), id))
  const reader = await readerOf(c, web, {
    path: `/proposal/${id}`,
    signing: view.state === 'open' ? await signingOf(c, web, 'proposal.accept', id) : null,
    ...(error === undefined ? {} : { error }),
  })
  return c.html(<ProposalPage reader={reader} view={view} />, error === undefined ? 200 : 422)
}

async function showJourney(c: Ctx, web: Web, error?: string): Promise<Response> {
  const id = idOf(c)
  const view = found(await web.services.journey(personOf(c), id))
  const reader = await readerOf(c, web, { path: `/journey/${id}`, ...(error === undefined ? {} : { error }) })
  return c.html(<JourneyPage reader={reader} view={view} />, error === undefined ? 200 : 422)
}

async function showQuestion(c: Ctx, web: Web, refused?: { error: string; typed: string }): Promise<Response> {
  const asker = personOf(c)
  const view = found(await web.services.question(asker, idOf(c)))
  const reader = await readerOf(c, web, refused ? { error: refused.error } : {})
  return c.html(
    <QuestionPage reader={reader} view={view} typed={refused?.typed ?? ''} />,
    refused ? 422 : 200,
  )
}

async function answerQuestion(c: Ctx, web: Web): Promise<Response> {
  const asker = personOf(c)
  const id = idOf(c)
  const form = await formOf(c, web, z.strictObject({ ...once, value: z.string().max(2000).default('') }))
  const view = found(await web.services.question(asker, id))
  const value = parseAnswer(view, form.value, web.options.currency.digits)
  if (value === null)
    return showQuestion(c, web, { error: say(asker.locale, 'refusal.value_refused'), typed: form.value })
  const outcome = await web.services.answer(asker, id, { answer_key: form.answer_key, value })
  if (!outcome.ok)
    return showQuestion(c, web, { error: refusalText(asker.locale, outcome.refusal), typed: form.value })
  const to = outcome.value.journey ? `/journey/${outcome.value.journey}` : '/inbox'
  return c.redirect(`${to}?done=answered#result`, 303)
}

async function showHearing(
  c: Ctx,
  web: Web,
  refused?: { error: string; typed: TypedAnswer },
): Promise<Response> {
  const id = idOf(c)
  const view = found(await web.services.hearing(personOf(c), id))
  const reader = await readerOf(c, web, {
    path: `/hearing/${id}`,
    ...(refused ? { error: refused.error } : {}),
  })
  return c.html(<HearingPage reader={reader} view={view} typed={refused?.typed ?? {}} />, refused ? 422 : 200)
}

const WORDS_CHARS_MAX = 4000
const wrongName = /^wrong\.([0-9a-f-]{36})$/

const HEARD_FIELDS = new Set(['answer_key', 'kind', 'text'])

async function hear(c: Ctx, web: Web): Promise<Response> {
  const asker = personOf(c)
  const id = idOf(c)
  const schema = z
    .object({
      ...once,
      kind: z.enum(['statement', 'fact_wrong', 'nothing_to_add']).optional(),
      text: typed(WORDS_CHARS_MAX).default(''),
    })
    .catchall(z.string().max(10))
    .refine((form) => Object.keys(form).every((name) => HEARD_FIELDS.has(name) || wrongName.test(name)))
  const { answer_key, kind, text, ...rest } = await formOf(c, web, schema)
  const wrong_facts = Object.keys(rest).flatMap((name) => wrongName.exec(name)?.[1] ?? [])
  const answer = { kind, text, wrong_facts }
  if (kind === undefined)
    return showHearing(c, web, { error: say(asker.locale, 'refusal.choose_answer'), typed: answer })
  const outcome = await web.services.hear(asker, id, { answer_key, kind, text, wrong_facts })
  if (!outcome.ok)
    return showHearing(c, web, { error: refusalText(asker.locale, outcome.refusal), typed: answer })
  return c.redirect(`/hearing/${id}?done=heard#result`, 303)
}

/** What was typed, as the field's kind means it; null when it is not one. @param digits of the currency's minor unit */
export function parseAnswer(
  view: Pick<QuestionView, 'field'>,
  text: string,
  digits: number,
): string | number | boolean | null {
  const { field } = view
  const answer = text.trim()
  switch (field.kind) {
    case 'money':
      return parseMoney(answer, digits)
    case 'integer':
      return /^\d{1,9}$/.test(answer) ? Number(answer) : null
    case 'date':
      return z.iso.date().safeParse(answer).success ? answer : null
    case 'boolean':
      return answer === 'true' ? true : answer === 'false' ? false : null
    case 'text':
      return answer.length > 0 && answer.length <= field.max && !answer.includes('\0') ? answer : null
    case 'code':
      return field.options.some((option) => option.value === answer) ? answer : null
  }
}
