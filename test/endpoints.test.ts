/**
 * Every route of the whole program, in one table: who may and who may not, and that nothing larger, nothing unknown and
 * no other method gets through. A new route without a row here fails.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Hono } from 'hono'
import { openApi } from '../src/api/openapi.ts'
import { makeApp } from '../src/app.ts'
import { decisionsOf, listCases, questionsTo, standingDraft } from '../src/cases/cases.ts'
import { askSimulation } from '../src/council/council.ts'
import { startSession } from '../src/identity/identity.ts'
import { IntakeQueue } from '../src/intake-queue.ts'
import { officerFinalises } from '../src/journey-flow.ts'
import { machineClock } from '../src/platform/clock.ts'
import { openDemonstrationClock } from '../src/platform/demonstration-clock.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { openLog } from '../src/platform/logs.ts'
import { readSettings } from '../src/platform/settings.ts'
import { listProposals } from '../src/proposals/proposals.ts'
import { openTransparencyLog, type TransparencyLog } from '../src/trust/trust.ts'
import { ownPage } from '../web/kit/address.ts'
import { asset } from '../web/kit/assets.ts'
import { born, type JourneyWorld, openJourneyWorld, pensionOfficer } from './journeys.ts'
import { allProofs, settled } from './log-world.ts'

const KEY = 'key-of-zags-0123456789'
const CLOCK_KEY = 'key-of-the-clock-0123456789'
const ONCE = '0b0e7c4e-5d36-4f0a-9a44-6d3f0d5a9b11'

let world: JourneyWorld
let app: Hono
let log: TransparencyLog
let log_data: string
/** Ids of things of the mother, by the name a row's path calls them. */
const ids: Record<string, string> = {}
const cookies: Record<string, string> = {}
const csrf: Record<string, string> = {}
const failures: unknown[] = []

before(async () => {
  world = await openJourneyWorld()
  const { clock, database, engine, ctx, council } = world
  world.agency.mood = ({ task }) => (task === 'residence.register' ? 'refuse' : 'answer')
  const { mother, journey } = await born(world)
  const other = (await born(world, [], 1, 2)).mother
  await world.drain()
  await openThings(mother, journey)
  const asked = await askSimulation(
    council,
    { rule: 'uz.yatt.limit-near', changes: [{ param: 'limit', value: 1_100_000_000, from: '2027-01-01' }] },
    { number: 'T-1', name: 'Xodim', agency: 'tax', role: 'head' },
  )
  assert.ok(asked.ok, JSON.stringify(asked))
  ids['own simulation'] = asked.value.id
  const keys = { zags: { key_sha256: createHash('sha256').update(KEY).digest('hex') } }
  const ground = {
    ...world.ground,
    settings: readSettings({
      DEMONSTRATION: '1',
      DEMONSTRATION_KEY: CLOCK_KEY,
      AGENCIES: JSON.stringify(keys),
      // Nobody answers there: the routes are all that is wanted of it.
      OIDC_ISSUER: 'http://127.0.0.1:1',
      OIDC_CLIENT_ID: 'x',
      OIDC_CLIENT_SECRET: 'x',
      SESSION_SECRET: 'x'.repeat(32),
      // Browsers do passkeys at a name only.
      PUBLIC_URL: 'http://localhost:4000',
    }),
    demonstration: await openDemonstrationClock(database.db),
    log: openLog('error', (line) => failures.push(line)),
  }
  const queue = new IntakeQueue(engine)
  log = await openTestLog(database.url, mother)
  const parts = { log, ground, engine, journeys: ctx, council, queue, session_clock: clock }
  app = makeApp({ ...parts, wakeNow: () => Promise.resolve() })
  for (const [name, who] of Object.entries({
    owner: { kind: 'citizen', subject: mother, name: 'Ona' },
    'other citizen': { kind: 'citizen', subject: other, name: 'Boshqa' },
    officer: { kind: 'officer', number: 'P-104', name: 'Xodim', agency: 'pension' },
    'task officer': { kind: 'officer', number: 'M-1', name: 'Xodim', agency: 'mia' },
    // Publishes law too, but answers for other rules than those asked for here.
    'other officer': { kind: 'officer', number: 'T-1', name: 'Xodim', agency: 'tax', role: 'head' },
  } as const)) {
    cookies[name] = `hamroh=${await startSession(database.db, clock, who)}`
    const page = await (await app.request('/', { headers: { cookie: cookies[name] } })).text()
    csrf[name] = /name="csrf" value="([^"]+)"/.exec(page)![1]!
  }
})
after(async () => {
  await log.stop()
  rmSync(log_data, { recursive: true, force: true })
  await world.end()
})

/** A log that has published what happened so far. */
async function openTestLog(url: string, mother: SubjectId): Promise<TransparencyLog> {
  log_data = mkdtempSync(join(tmpdir(), 'hamroh-endpoints-'))
  const opened = await openTransparencyLog(
    { url, data: log_data, origin: 'endpoints.example/log', origin_chosen: true },
    {
      clock: machineClock,
      today: () => '2026-11-24',
      log: openLog('error', (line) => failures.push(line)),
      metrics: world.engine.metrics,
    },
    { look_ms: 10, checkpoint_ms: 10 },
  )
  await settled(world.database.owner, () => opened)
  ids['log width'] = String(opened.shown()! % 256)
  ids.access = JSON.parse((await allProofs(opened, mother)).entries[0]!.entry).id
  return opened
}

/** A decision taken and a case open, a question asked, a task with a human: one of everything that has a page. */
async function openThings(
  mother: Awaited<ReturnType<typeof born>>['mother'],
  journey: string,
): Promise<void> {
  const { db } = world.ctx
  ids.journey = journey
  ids.proposal = (await listProposals(db, mother, ['accepted']))[0]!.id
  ids.question = (await questionsTo(db, mother))[0]!.id
  const { cases } = await listCases(db, 'pension', 10)
  const mine = cases.find((c) => c.subject_id === mother)!
  const draft_hash = (await standingDraft(db, mine))!.hash
  const granted = { case_id: mine.id, officer: pensionOfficer, outcome: 'granted', draft_hash } as const
  assert.ok((await officerFinalises(world.ctx, { ...granted, person_locale: 'en' })).ok)
  ids.decision = (await decisionsOf(db, mother))[0]!.id
  // Of the other mother: still to be decided.
  const open = cases.find((c) => c.subject_id !== mother)!
  ids.case = open.id
  ids.version = String((await standingDraft(db, open))!.version)
  const tasks = (await listCases(db, 'mia', 10)).cases.filter((c) => c.kind === 'task')
  ids.task = tasks[0]!.id
  ids['task to finish'] = tasks[1]!.id
}

// The owner comes last: what they do changes what the others would have met.
const ACTORS = [
  'nobody',
  'agency',
  'clock',
  'other citizen',
  'other officer',
  'task officer',
  'officer',
  'owner',
] as const
type Actor = (typeof ACTORS)[number]

type Row = {
  /** With `{name}` where an id of the mother's things stands. */
  readonly path?: string
  /** Fields of its form, or its JSON body; the form token is added. */
  readonly form?: Readonly<Record<string, string>>
  readonly json?: string
  readonly type?: string
  /** Whose operation it is. */
  readonly by?: Actor
  /** Status for [nobody, agency, clock, other citizen, other officer, task officer, officer, owner]. */
  readonly expect: readonly number[]
}
const everybody = (status: number) => ACTORS.map(() => status)
/** Citizens and civil servants alike. */
const anybodySignedIn = (status: number) => [401, 401, 401, status, status, status, status, status]
const anybodysPage = (status: number) => [303, 303, 303, status, status, status, status, status]
/** A page of one thing of a person: theirs alone. */
const theirs = [303, 303, 303, 404, 403, 403, 403, 200]
/** A hearing nobody has: who has one is tried in hearing.who.test.ts and in the browser. */
const nobodys = [303, 303, 303, 404, 403, 403, 403, 404]
const citizens = [303, 303, 303, 200, 403, 403, 403, 200]

const rows: Record<string, Row> = {
  // ── machines ──
  'GET /healthz': { expect: everybody(200) },
  'GET /readyz': { expect: everybody(200) },
  'GET /metrics': { expect: everybody(200) },
  'GET /openapi.json': { expect: everybody(200) },
  'POST /v1/events': {
    by: 'agency',
    json: '{"specversion":"1.0"}',
    type: 'application/cloudevents+json',
    expect: [401, 422, 401, 401, 401, 401, 401, 401],
  },
  'GET /v1/event-types': { expect: [401, 200, 401, 401, 401, 401, 401, 401] },
  'GET /demonstration/clock': { expect: everybody(200) },
  'POST /demonstration/clock': {
    by: 'clock',
    json: '{"forward_days":0}',
    expect: [401, 401, 200, 401, 401, 401, 401, 401],
  },
  'GET /v1/me/proposals': { expect: [401, 401, 401, 200, 401, 401, 401, 200] },
  'POST /v1/me/proposals/:id/answer': {
    path: '/v1/me/proposals/{proposal}/answer',
    by: 'owner',
    json: '{"answer":"accept","key":"k"}',
    expect: [401, 401, 401, 404, 401, 401, 401, 200],
  },
  'GET /v1/me/hearings': { expect: [401, 401, 401, 200, 401, 401, 401, 200] },
  'POST /v1/me/hearings/:id/answer': {
    path: '/v1/me/hearings/{decision}/answer',
    by: 'owner',
    json: '{"kind":"nothing_to_add"}',
    expect: [401, 401, 401, 404, 401, 401, 401, 404],
  },
  // Who may what about law is tried in council.who.test.ts; here the other officer may, but not with this rule.
  'POST /v1/simulations': {
    by: 'officer',
    json: '{"rule":"uz.social.child-benefit","changes":[{"param":"income_per_head","value":900000,"from":"2027-01-01"}]}',
    expect: [401, 401, 401, 403, 403, 403, 403, 403],
  },
  'GET /v1/simulations/:id': {
    path: '/v1/simulations/{proposal}',
    expect: [401, 401, 401, 403, 404, 403, 403, 403],
  },
  'POST /v1/publications': {
    by: 'officer',
    json: '{"simulation":"{own simulation}"}',
    expect: [401, 401, 401, 403, 403, 403, 403, 403],
  },
  'GET /v1/publications/:id': {
    path: '/v1/publications/{proposal}',
    expect: [401, 401, 401, 403, 404, 403, 403, 403],
  },
  'POST /v1/publications/:id/:to{pause|resume}': {
    path: '/v1/publications/{proposal}/pause',
    by: 'officer',
    json: '{}',
    expect: [401, 401, 401, 403, 404, 403, 403, 403],
  },
  'GET /v1/me/accesses/proofs': { expect: [401, 401, 401, 200, 401, 401, 401, 200] },
  'GET /v1/me/accesses/:id/proof': {
    path: '/v1/me/accesses/{access}/proof',
    expect: [401, 401, 401, 404, 401, 401, 401, 200],
  },
  // ── the transparency log ──
  'GET /log/checkpoint': { expect: everybody(200) },
  'GET /log/tile/:path{.+}': { path: '/log/tile/entries/000.p/{log width}', expect: everybody(200) },
  'GET /log/policy': { expect: everybody(200) },
  'GET /log/status.json': { expect: everybody(200) },
  'GET /log/sealed.json': { expect: everybody(200) },
  'GET /log/audit': { expect: everybody(200) },
  'GET /log/audit/:file': { path: '/log/audit/audit.js', expect: everybody(200) },
  'GET /v1/me/graph/:direction/:kind/:id': {
    path: '/v1/me/graph/back/proposal/{proposal}',
    expect: [401, 401, 401, 404, 401, 401, 401, 200],
  },
  'POST /v1/token': {
    by: 'nobody',
    form: { grant_type: 'client_credentials', client_assertion: 'a.b.c' },
    expect: everybody(400),
  },
  // ── one's own account ──
  'GET /v1/sessions': { expect: anybodySignedIn(200) },
  'DELETE /v1/sessions': { expect: anybodySignedIn(200) },
  'DELETE /v1/sessions/:id': { path: '/v1/sessions/{proposal}', expect: anybodySignedIn(404) },
  'GET /v1/passkeys': { expect: anybodySignedIn(200) },
  'POST /v1/passkey-options': { expect: anybodySignedIn(200) },
  'POST /v1/passkeys': { by: 'owner', json: '{"credential":"{}"}', expect: anybodySignedIn(422) },
  'DELETE /v1/passkeys/:id': { path: '/v1/passkeys/of-nobody', expect: anybodySignedIn(404) },
  'POST /v1/step-up': {
    by: 'owner',
    json: `{"act":"proposal.accept","of":"${ONCE}"}`,
    expect: anybodySignedIn(404),
  },
  // ── signing in ──
  'GET /auth/start': { expect: everybody(303) },
  'GET /auth/callback': { expect: everybody(303) },
  'POST /auth/passkey/options': { expect: everybody(200) },
  'POST /auth/passkey': { by: 'nobody', form: { credential: '{}' }, expect: everybody(303) },
  'POST /auth/backchannel-logout': {
    by: 'nobody',
    form: { logout_token: 'a.b.c' },
    expect: everybody(400),
  },
  'POST /auth/sign-out': { by: 'owner', path: '/auth/sign-out', form: {}, expect: everybody(303) },
  // ── pages for everybody ──
  'GET /': { expect: everybody(200) },
  'GET /about': { expect: everybody(200) },
  'GET /sign-in': { expect: everybody(200) },
  'GET /assets/:file': { path: asset('kit.css'), expect: everybody(200) },
  // ── one's own account, as pages ──
  'GET /sessions': { expect: anybodysPage(200) },
  'POST /sessions/end-others': { by: 'owner', form: { answer_key: ONCE }, expect: anybodysPage(303) },
  'POST /sessions/:id/end': {
    by: 'owner',
    path: '/sessions/{proposal}/end',
    form: { answer_key: ONCE },
    expect: anybodysPage(404),
  },
  'GET /passkeys': { expect: anybodysPage(200) },
  'POST /passkeys': {
    by: 'owner',
    form: { answer_key: ONCE, credential: '{}' },
    expect: anybodysPage(422),
  },
  'POST /passkeys/:id/remove': {
    by: 'owner',
    path: '/passkeys/of-nobody/remove',
    form: { answer_key: ONCE },
    expect: anybodysPage(404),
  },
  // ── a person's pages ──
  // A civil servant's first page is the desk.
  'GET /inbox': { expect: [303, 303, 303, 200, 303, 303, 303, 200] },
  'GET /memory': { expect: citizens },
  'GET /who-looked': { expect: citizens },
  'GET /proposal/:id': { path: '/proposal/{proposal}', expect: theirs },
  'POST /proposal/:id/accept': {
    by: 'owner',
    path: '/proposal/{proposal}/accept',
    form: { answer_key: ONCE },
    expect: [303, 303, 303, 404, 403, 403, 403, 303],
  },
  'POST /proposal/:id/decline': {
    by: 'owner',
    path: '/proposal/{proposal}/decline',
    form: { answer_key: ONCE },
    // It was accepted: the refusal is shown on the page.
    expect: [303, 303, 303, 404, 403, 403, 403, 422],
  },
  'GET /journey/:id': { path: '/journey/{journey}', expect: theirs },
  'GET /question/:id': { path: '/question/{question}', expect: theirs },
  'POST /question/:id': {
    by: 'owner',
    path: '/question/{question}',
    form: { answer_key: ONCE, value: '3' },
    expect: [303, 303, 303, 404, 403, 403, 403, 303],
  },
  'POST /journey/:id/claim': {
    by: 'owner',
    path: '/journey/{journey}/claim',
    form: { answer_key: ONCE, step: 'lump-sum' },
    expect: [303, 303, 303, 404, 403, 403, 403, 303],
  },
  'GET /hearing/:id': { path: '/hearing/{decision}', expect: nobodys },
  'POST /hearing/:id': {
    by: 'owner',
    path: '/hearing/{decision}',
    form: { answer_key: ONCE, kind: 'nothing_to_add', text: '' },
    expect: nobodys,
  },
  'GET /decision/:id': {
    path: '/decision/{decision}',
    expect: [303, 303, 303, 404, 404, 404, 404, 200],
  },
  'GET /why/:kind/:id': {
    path: '/why/decision/{decision}',
    expect: [303, 303, 303, 404, 404, 404, 404, 200],
  },
  'GET /live/:screen': { path: '/live/inbox', expect: [401, 401, 401, 200, 404, 404, 404, 200] },
  'GET /live/:screen/:id': {
    path: '/live/journey/{journey}',
    expect: [401, 401, 401, 404, 404, 404, 404, 200],
  },
  // ── the desk ──
  'GET /desk': { expect: [303, 303, 303, 403, 200, 200, 200, 403] },
  'GET /desk/case/:id': { path: '/desk/case/{case}', expect: [303, 303, 303, 403, 404, 404, 200, 403] },
  'POST /desk/case/:id/draft': {
    by: 'officer',
    path: '/desk/case/{case}/draft',
    form: { answer_key: ONCE, version: '{version}', 'reason.en.0': 'A sentence.' },
    expect: [303, 303, 303, 403, 404, 404, 303, 403],
  },
  'POST /desk/case/:id/finalise': {
    by: 'officer',
    path: '/desk/case/{case}/finalise',
    // By now the draft is another one, so not even its own officer decides on this.
    form: { answer_key: ONCE, version: '{version}', outcome: 'granted' },
    expect: [303, 303, 303, 403, 404, 404, 422, 403],
  },
  'POST /desk/case/:id/intend': {
    by: 'officer',
    path: '/desk/case/{case}/intend',
    form: { answer_key: ONCE, version: '{version}', intended: 'refused', reasons: 'Why.', to_fix: 'How.' },
    expect: [303, 303, 303, 403, 404, 404, 422, 403],
  },
  'POST /desk/case/:id/ask': {
    by: 'officer',
    path: '/desk/case/{case}/ask',
    form: { answer_key: ONCE, predicate: 'household_size' },
    expect: [303, 303, 303, 403, 404, 404, 303, 403],
  },
  'POST /desk/task/:id/retry': {
    by: 'task officer',
    path: '/desk/task/{task}/retry',
    form: { answer_key: ONCE },
    expect: [303, 303, 303, 403, 404, 303, 404, 403],
  },
  'POST /desk/task/:id/done': {
    by: 'task officer',
    path: '/desk/task/{task to finish}/done',
    form: { answer_key: ONCE, reference: 'R-1' },
    expect: [303, 303, 303, 403, 404, 303, 404, 403],
  },
}

// ── the council: the other officer is head of an agency that publishes law, and simulated a change of a rule of their
// own; who may what about which rule, by every role, is tried in council.who.test.ts ──
const OUTSIDERS = [303, 303, 303, 403, 404, 404, 404, 403]
const readBy = (other: number) =>
  OUTSIDERS.map((status, i) => (ACTORS[i] === 'other officer' ? other : status))
Object.assign(rows, {
  'GET /council': { expect: readBy(200) },
  'GET /council/rule/:rule': { path: '/council/rule/uz.social.child-benefit', expect: readBy(200) },
  'GET /council/simulation/:id': { path: '/council/simulation/{own simulation}', expect: readBy(200) },
  'GET /council/simulation/:id/publish': {
    path: '/council/simulation/{own simulation}/publish',
    expect: readBy(200),
  },
  'GET /council/publication/:id': { path: '/council/publication/{proposal}', expect: OUTSIDERS },
  'POST /council/rule/:rule/simulate': {
    by: 'officer',
    path: '/council/rule/uz.social.child-benefit/simulate',
    form: { answer_key: ONCE, param: 'income_per_head', value: '900000', from: '2027-01-01', act: '' },
    // Another agency answers for that rule.
    expect: readBy(403),
  },
  'POST /council/simulation/:id/publish': {
    by: 'officer',
    path: '/council/simulation/{own simulation}/publish',
    form: { answer_key: ONCE },
    // Whoever proposed it does not publish it.
    expect: readBy(403),
  },
  'POST /council/publication/:id/:to{pause|resume}': {
    by: 'officer',
    path: '/council/publication/{proposal}/pause',
    form: { answer_key: ONCE },
    expect: OUTSIDERS,
  },
} satisfies Record<string, Row>)

const filled = (text: string): string =>
  text.replace(/\{([^}]+)\}/g, (_, name: string) => ids[name] ?? `no ${name}`)
const methodOf = (name: string) => name.split(' ')[0]!
const pathOf = (name: string, row: Row): string => filled(row.path ?? name.split(' ')[1]!)

function headersOf(actor: Actor, row: Row): Record<string, string> {
  return {
    ...(actor === 'agency' ? { authorization: `Bearer ${KEY}` } : {}),
    ...(actor === 'clock' ? { authorization: `Bearer ${CLOCK_KEY}` } : {}),
    ...(cookies[actor] ? { cookie: cookies[actor], 'x-csrf-token': csrf[actor]! } : {}),
    ...(row.form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    ...(row.json ? { 'content-type': row.type ?? 'application/json' } : {}),
  }
}
function bodyOf(actor: Actor, row: Row, more: Record<string, string> = {}): string {
  if (row.json)
    return row.json
      .replace('{own simulation}', () => ids['own simulation']!)
      .replace(
        /\}$/,
        Object.keys(more)
          .map((k) => `,"${k}":"x"}`)
          .join('') || '}',
      )
  const fields = Object.entries({ ...row.form, ...more }).map(([k, v]) => [k, filled(v)])
  return new URLSearchParams([['csrf', csrf[actor] ?? ''], ...fields]).toString()
}
const isForMachines = (path: string) => /^\/(v1|log|healthz|readyz|metrics|openapi|demonstration)/.test(path)
const takesBody = (row: Row): boolean => row.form !== undefined || row.json !== undefined
const call = async (actor: Actor, name: string, row: Row, body = bodyOf(actor, row)) =>
  app.request(pathOf(name, row), {
    method: methodOf(name),
    headers: headersOf(actor, row),
    ...(takesBody(row) ? { body } : {}),
  })
test('every route of the program has a row, and every row a route', () => {
  const routes = new Set(
    app.routes
      .filter((route) => route.method !== 'ALL')
      .flatMap(({ method, path }) =>
        path.endsWith('?')
          ? [`${method} ${path.replace(/\/:\w+\?$/, '')}`, `${method} ${path.slice(0, -1)}`]
          : [`${method} ${path}`],
      ),
  )
  assert.deepEqual([...routes].sort(), Object.keys(rows).sort())
})

test('the description for machines names every operation of theirs, and no other', () => {
  const { paths } = openApi() as unknown as { paths: Record<string, object> }
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )
  // A path that stands for two words is two operations.
  const machines = Object.keys(rows)
    .filter((name) => isForMachines(name.split(' ')[1]!))
    .flatMap((name) => {
      const words = /:\w+\{([\w|]+)\}/.exec(name)
      if (words) return words[1]!.split('|').map((word) => name.replace(words[0], word))
      // One that stands for several parts of an address is still one.
      return [name.replace('{.+}', '')]
    })
  assert.deepEqual(described.sort(), machines.sort())
})

test('every page is an address that signing in and choosing a language lead back to', () => {
  const others = /^\/(auth|assets|live)\//
  const pages = Object.entries(rows)
    .filter(([name]) => methodOf(name) === 'GET')
    .map(([name, row]) => pathOf(name, row))
    .filter((path) => !isForMachines(path) && !others.test(path))
  assert.ok(pages.length > 10)
  assert.deepEqual(
    pages.filter((path) => ownPage(path) !== path),
    [],
    'name them in web/kit/address.ts',
  )
})

// What is refused comes first, while the things are still there to be asked for.
for (const [name, row] of Object.entries(rows).filter(([, row]) => takesBody(row))) {
  test(`${name}: a body beyond its limit is not read, an unknown field not taken`, async () => {
    const actor = row.by!
    const large = await call(actor, name, row, `${bodyOf(actor, row)}${' '.repeat(300_000)}`)
    const unknown = await call(actor, name, row, bodyOf(actor, row, { unknown_field: 'x' }))
    if (name === 'POST /auth/sign-out') {
      // It says so on the sign-in page, and signs nobody out.
      for (const answer of [large, unknown])
        assert.equal(answer.headers.get('location'), '/sign-in?problem=bad_form_token')
      return
    }
    if (name === 'POST /auth/passkey') {
      assert.equal(large.status, 413)
      assert.equal(unknown.headers.get('location'), '/sign-in?problem=passkey_refused')
      return
    }
    // Who may not at all is told so before anything of the body is read.
    const may_not = row.expect[ACTORS.indexOf(actor)] === 403
    assert.equal(large.status, may_not ? 403 : 413)
    assert.ok((may_not ? [403] : [400, 422]).includes(unknown.status), `${unknown.status}`)
  })
}

for (const [name, row] of Object.entries(rows)) {
  test(`${name}: no other method does anything`, async () => {
    const known = Object.keys(rows).filter((other) => pathOf(other, rows[other]!) === pathOf(name, row))
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      if (known.some((other) => methodOf(other) === method)) continue
      const answer = await app.request(pathOf(name, row), { method, headers: headersOf('owner', row) })
      const machine = isForMachines(pathOf(name, row))
      assert.equal(answer.status, machine ? 405 : 404, method)
      if (machine) assert.ok(known.every((other) => answer.headers.get('allow')!.includes(methodOf(other))))
    }
  })
}

for (const [name, row] of Object.entries(rows).filter(([name]) => name !== 'POST /auth/sign-out'))
  test(`${name}: who may and who may not`, async () => {
    const met: number[] = []
    for (const actor of ACTORS) met.push((await call(actor, name, row)).status)
    assert.deepEqual(
      Object.fromEntries(ACTORS.map((a, i) => [a, met[i]])),
      Object.fromEntries(ACTORS.map((a, i) => [a, row.expect[i]])),
    )
  })

for (const [name, row] of Object.entries(rows).filter(([, row]) => row.form && row.expect.includes(303)))
  test(`${name}: without the session’s own token, or from another site, nothing is done`, async () => {
    if (name.startsWith('POST /auth/')) return
    const actor = row.by!
    const without = bodyOf(actor, row).replace(/csrf=[^&]*/, 'csrf=another')
    assert.equal((await call(actor, name, row, without)).status, 403)
    const crossed = await app.request(pathOf(name, row), {
      method: methodOf(name),
      headers: { ...headersOf(actor, row), 'sec-fetch-site': 'cross-site' },
      body: bodyOf(actor, row),
    })
    assert.equal(crossed.status, 403)
  })

test('an answer by the interface without the session’s form token, or with another’s, changes nothing', async () => {
  for (const token of ['', csrf['other citizen']!]) {
    const answer = await app.request(`/v1/me/proposals/${ids.proposal}/answer`, {
      method: 'POST',
      headers: { cookie: cookies.owner!, 'x-csrf-token': token },
      body: '{"answer":"accept","key":"k"}',
    })
    assert.equal(answer.status, 403)
  }
})

test('POST /auth/sign-out: everybody may, and each signs out only themselves', async () => {
  const row = rows['POST /auth/sign-out']!
  for (const actor of ['nobody', 'other citizen', 'officer'] as const)
    assert.equal((await call(actor, 'POST /auth/sign-out', row)).headers.get('location'), '/')
  assert.equal((await call('other citizen', 'GET /inbox', rows['GET /inbox']!)).status, 303)
  assert.equal((await call('owner', 'GET /inbox', rows['GET /inbox']!)).status, 200)
})

test('what was refused was refused on purpose: nothing failed on the way', () => {
  assert.deepEqual(failures, [])
})
