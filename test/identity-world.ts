/** The program's whole application over a world with journeys, reached by a browser without its looks: for tests of who is who. */
import { createHash } from 'node:crypto'
import type { Hono } from 'hono'
import { makeApp } from '../src/app.ts'
import { type SignedIn, type SignInFacts, startSession } from '../src/identity/identity.ts'
import { IntakeQueue } from '../src/intake-queue.ts'
import { openLog } from '../src/platform/logs.ts'
import { readSettings } from '../src/platform/settings.ts'
import { type JourneyWorld, openJourneyWorld } from './journeys.ts'

export const ORIGIN = 'http://localhost:4000'

export type IdentityWorld = {
  readonly world: JourneyWorld
  readonly app: Hono
  /** What was logged as a failure: nothing should be. */
  readonly failures: readonly unknown[]
  end(): Promise<void>
}

/** @param env settings over those of a demonstration whose provider does not answer */
export async function openIdentityWorld(env: Record<string, string> = {}): Promise<IdentityWorld> {
  const world = await openJourneyWorld()
  const failures: unknown[] = []
  const { clock, engine, ctx, council } = world
  const ground = {
    ...world.ground,
    settings: readSettings({
      DEMONSTRATION: '1',
      OIDC_ISSUER: 'http://127.0.0.1:1',
      OIDC_CLIENT_ID: 'hamroh',
      OIDC_CLIENT_SECRET: 'x',
      SESSION_SECRET: 'x'.repeat(32),
      PUBLIC_URL: ORIGIN,
      ...env,
    }),
    log: openLog('error', (line) => failures.push(line)),
  }
  const app = makeApp({
    ground,
    engine,
    journeys: ctx,
    council,
    queue: new IntakeQueue(engine),
    log: null,
    session_clock: clock,
    wakeNow: () => Promise.resolve(),
  })
  return { world, app, failures, end: () => world.end() }
}

export type Browsing = {
  readonly cookies: Map<string, string>
  csrf: string
  get(path: string, headers?: Record<string, string>): Promise<Response>
  form(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Response>
  json(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
}

/** A browser, signed in as this person or as nobody. */
export async function browse(
  { world, app }: IdentityWorld,
  who?: SignedIn,
  facts: SignInFacts = {},
): Promise<Browsing> {
  const cookies = new Map<string, string>()
  const call = async (path: string, init: RequestInit & { headers: Record<string, string> }) => {
    const cookie = [...cookies].map(([k, v]) => `${k}=${v}`).join('; ')
    const answer = await app.request(path, { ...init, headers: { cookie, ...init.headers } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  const browsing: Browsing = {
    cookies,
    csrf: '',
    get: (path, headers = {}) => call(path, { headers }),
    form: (path, fields = {}, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams({
          csrf: browsing.csrf,
          answer_key: crypto.randomUUID(),
          ...fields,
        }).toString(),
      }),
    json: (method, path, body, headers = {}) =>
      call(path, {
        method,
        headers: { 'content-type': 'application/json', 'x-csrf-token': browsing.csrf, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  }
  if (who) {
    const token = await startSession(world.database.db, world.clock, who, {
      device: 'Chrome, Linux',
      ...facts,
    })
    cookies.set('hamroh', token)
    const page = await (await browsing.get(facts.enrols ? '/passkeys' : '/sessions')).text()
    browsing.csrf = /name="csrf" value="([^"]+)"/.exec(page)![1]!
  }
  return browsing
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
