/** The pages of a person's own account: where they are signed in, and their passkeys. Citizens and civil servants alike. */
import { Hono } from 'hono'
import { z } from 'zod'
import { isUuid } from '../../src/platform/ids.ts'
import type { Outcome } from '../../src/platform/refusal.ts'
import { formOf, once } from '../kit/forms.ts'
import { type Ctx, type Env, readerOf, refusalText, Stop, type Web } from '../kit/visit.ts'
import { PasskeysPage } from './passkeys/page.tsx'
import { SessionsPage } from './sessions/page.tsx'
import type { AccountServices } from './views.ts'

export function accountRoutes(web: Web): Hono<Env> {
  const app = new Hono<Env>()
  const { account } = web.options
  if (!account) return app
  app.get('/sessions', async (c) => {
    mustBeSignedIn(c)
    const sessions = await account.sessions(c)
    return c.html(<SessionsPage reader={await readerOf(c, web)} sessions={sessions} />)
  })
  app.post('/sessions/end-others', async (c) => {
    mustBeSignedIn(c)
    await formOf(c, web, z.strictObject(once))
    await account.endOthers(c)
    return c.redirect('/sessions?done=others_ended#result', 303)
  })
  app.post('/sessions/:id/end', async (c) => {
    mustBeSignedIn(c)
    await formOf(c, web, z.strictObject(once))
    const id = c.req.param('id')
    if (!isUuid(id) || !(await account.endSession(c, id))) throw new Stop(404)
    return c.redirect('/sessions?done=session_ended#result', 303)
  })
  app.get('/passkeys', (c) => showPasskeys(c, web, account))
  app.post('/passkeys', async (c) => {
    mustBeSignedIn(c)
    const form = await formOf(c, web, z.strictObject({ ...once, credential: z.string().max(100_000) }))
    return after(c, web, account, await account.addPasskey(c, form.credential), 'passkey_added')
  })
  app.post('/passkeys/:id/remove', async (c) => {
    mustBeSignedIn(c)
    await formOf(c, web, z.strictObject(once))
    const removed = await account.removePasskey(c, c.req.param('id'))
    if (!removed.ok && removed.refusal.code === 'passkey_unknown') throw new Stop(404)
    return after(c, web, account, removed, 'passkey_removed')
  })
  return app
}

function mustBeSignedIn(c: Ctx): void {
  if (c.get('visit').viewer === null) throw new Stop('sign-in')
}

async function after(
  c: Ctx,
  web: Web,
  account: AccountServices,
  outcome: Outcome<unknown>,
  done: string,
): Promise<Response> {
  if (!outcome.ok) return showPasskeys(c, web, account, refusalText(c.get('visit').locale, outcome.refusal))
  return c.redirect(`/passkeys?done=${done}#result`, 303)
}

async function showPasskeys(c: Ctx, web: Web, account: AccountServices, error?: string): Promise<Response> {
  mustBeSignedIn(c)
  const view = await account.passkeys(c)
  const reader = await readerOf(c, web, { path: '/passkeys', ...(error === undefined ? {} : { error }) })
  return c.html(<PasskeysPage reader={reader} view={view} />, error === undefined ? 200 : 422)
}
