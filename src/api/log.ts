/**
 * The public side of the transparency log: its static files as they stand in the folder (C2SP tlog-tiles), how it does,
 * and a page with which anybody checks it. Nothing here is personal; everybody may read, mirror and keep all of it.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import type { TransparencyLog } from '../trust/trust.ts'
import { problem } from './problem.ts'

/** A page and what belongs to it, by the last part of its address; `audit` itself is the page. */
export type AuditorPage = ReadonlyMap<string, { readonly type: string; readonly body: string }>

const TILE = /^(?:\d{1,2}|entries)\/(?:x\d{3}\/){0,5}\d{3}(?:\.p\/\d{1,3})?$/
const EVER = 'public, max-age=31536000, immutable'
const SOON = 'public, max-age=1'

export function logRoutes(log: TransparencyLog, auditor: AuditorPage): Hono {
  const app = new Hono()
  const notFound = (c: Context) => problem(c, { code: 'not_found', message: 'The log has no such file.' })
  app.use('/log/*', async (c, next) => {
    await next()
    c.header('x-content-type-options', 'nosniff')
    // Whoever checks a log does so from a page of their own, not from ours.
    c.header('access-control-allow-origin', '*')
  })
  const file = async (c: Context, path: string, type: string, cache: string) => {
    try {
      const bytes = new Uint8Array(await readFile(join(log.folder, path)))
      return c.body(bytes, 200, { 'content-type': type, 'cache-control': cache })
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '')) return notFound(c)
      throw error
    }
  }
  app.get('/log/checkpoint', (c) => file(c, 'checkpoint', 'text/plain; charset=utf-8', SOON))
  app.get('/log/tile/:path{.+}', (c) => {
    const path = c.req.param('path')
    return TILE.test(path) ? file(c, `tile/${path}`, 'application/octet-stream', EVER) : notFound(c)
  })
  app.get('/log/policy', (c) => c.text(log.policy, 200, { 'cache-control': SOON }))
  app.get('/log/status.json', async (c) => c.json(await log.status(), 200, { 'cache-control': SOON }))
  app.get('/log/sealed.json', async (c) => {
    const counts = await log.sealed()
    return c.json({ sealed: counts }, 200, { 'cache-control': 'public, max-age=60' })
  })
  app.use('/log/audit/*', compress())
  app.get('/log/audit', (c) => page(c, 'audit'))
  app.get('/log/audit/:file', (c) => page(c, c.req.param('file')))
  const page = (c: Context, name: string) => {
    const part = auditor.get(name)
    if (!part) return notFound(c)
    return c.body(part.body, 200, {
      'content-type': part.type,
      'cache-control': 'public, max-age=60',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src *; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    })
  }
  app.all('/log/*', (c) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return notFound(c)
    c.header('allow', 'GET')
    return problem(c, { code: 'method_not_allowed', message: 'The log is only read.' })
  })
  return app
}
