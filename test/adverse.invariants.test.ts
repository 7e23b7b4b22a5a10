/**
 * I5: nothing adverse takes effect without a named human, reasons in the person's language, what to fix, where to
 * challenge, and the person having been told and heard. Attempted through every door: the functions, the forms of the
 * desk, the interface for machines, the passing of time, and the database itself.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Hono } from 'hono'
import { openApi } from '../src/api/openapi.ts'
import { decisionsOf, type FinaliseInput, type HearingRow, standingDraft } from '../src/cases/cases.ts'
import { wake } from '../src/flow.ts'
import { answerIntended, officerFinalises, officerIntends } from '../src/journey-flow.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { liveServices } from '../web/live/live.ts'
import type { Viewer } from '../web/views.ts'
import { webRoutes } from '../web/web.tsx'
import {
  type AdverseCase,
  adverseCase,
  heard,
  ihmaOfficer,
  type JourneyWorld,
  openJourneyWorld,
  statesOf,
  viewOf,
} from './journeys.ts'

let world: JourneyWorld
let desk: Hono
let family = 0
let viewer: Viewer
before(async () => {
  world = await openJourneyWorld()
  const live = liveServices({
    pack: world.pack,
    engine: world.engine,
    journeys: world.ctx,
    council: world.council,
    db: world.ctx.db,
    gate: world.ctx.gate,
    own_purpose: 'uz.purpose.own-memory',
  })
  desk = webRoutes(live, {
    demonstration: true,
    zone: world.pack.zone,
    currency: world.pack.currency,
    session: () => Promise.resolve(viewer),
    csrf: () => 'token',
    checkCsrf: (_c, token) => token === 'token',
    rememberLanguage: async () => {},
    signInUrl: '/auth/start',
    signOutUrl: '/auth/sign-out',
  }) as unknown as Hono
})
after(() => world.end())

const officer: Viewer = {
  kind: 'officer',
  officer: ihmaOfficer.number,
  pseudonym: ihmaOfficer.number,
  agency: 'ihma',
  name: ihmaOfficer.name,
}

async function posts(who: Viewer, path: string, fields: Record<string, string>): Promise<number> {
  viewer = who
  const body = new URLSearchParams({ csrf: 'token', answer_key: crypto.randomUUID(), ...fields })
  const answer = await desk.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
  })
  return answer.status
}

/** Posts the desk's form as it stands on the page of the newest draft. */
async function refusesByForm({ found }: AdverseCase, considered?: string): Promise<number> {
  const { version } = (await standingDraft(world.ctx.db, found))!
  const fields = { version: String(version), outcome: 'refused', ...(considered ? { considered } : {}) }
  return posts(officer, `/desk/case/${found.id}/finalise`, fields)
}

const codeOf = (outcome: { ok: true } | { ok: false; refusal: { code: string } }): string =>
  outcome.ok ? 'ok' : outcome.refusal.code

async function nothingHappened({ mother }: AdverseCase): Promise<void> {
  assert.deepEqual(await decisionsOf(world.ctx.db, mother), [])
  assert.equal(statesOf(await viewOf(world, mother))['child-benefit'], 'case')
}

test('I5: nothing adverse takes effect without the person having been told: by function or by form', async () => {
  const unheard = await adverseCase(world, ++family)
  assert.equal(codeOf(await officerFinalises(world.ctx, unheard.refuses)), 'hearing_needed')
  assert.equal(await refusesByForm(unheard, 'Koʻrib chiqdim.'), 422)
  await nothingHappened(unheard)
})

test('I5: nothing adverse takes effect without a named human', async () => {
  const nameless = await adverseCase(world, ++family)
  await heard(world, nameless.intends)
  for (const who of [{ name: '' }, { number: '' }]) {
    const outcome = await officerFinalises(world.ctx, {
      ...nameless.refuses,
      officer: { ...ihmaOfficer, ...who },
    })
    assert.equal(codeOf(outcome), 'not_your_case')
  }
  await nothingHappened(nameless)
})

test('I5: nothing adverse takes effect without reasons in the person’s language, a cure, and a place to challenge', async () => {
  const bare = await adverseCase(world, ++family)
  const intend = (more: object, pack = world.pack) =>
    officerIntends({ ...world.ctx, pack }, { ...bare.intends, ...more })
  assert.equal(codeOf(await intend({ reasons: {} })), 'reasons_needed')
  assert.equal(codeOf(await intend({ reasons: { en: 'Only in English.' } })), 'reasons_needed')
  assert.equal(codeOf(await intend({}, { ...world.pack, remedies: [] })), 'no_remedy_declared')
  const { hearing: _, ...deaf } = world.pack
  assert.equal(codeOf(await intend({}, deaf)), 'no_hearing_declared')
  const { version } = (await standingDraft(world.ctx.db, bare.found))!
  const form = { version: String(version), intended: 'refused', reasons: '  ', to_fix: '' }
  assert.equal(await posts(officer, `/desk/case/${bare.found.id}/intend`, form), 422)
  assert.equal(codeOf(await officerFinalises(world.ctx, bare.refuses)), 'hearing_needed')
  await nothingHappened(bare)
})

test('I5: nothing adverse takes effect while the person may still answer, nor without taking up what they said', async () => {
  const talking = await adverseCase(world, ++family)
  const { version } = (await standingDraft(world.ctx.db, talking.found))!
  const draft = (await standingDraft(world.ctx.db, talking.found))!.draft
  const reasons = draft.sentences.map((s) => s.text['uz-Latn']).join('\n')
  const form = { version: String(version), intended: 'refused', reasons, to_fix: '' }
  assert.equal(await posts(officer, `/desk/case/${talking.found.id}/intend`, form), 303)
  assert.equal(codeOf(await officerFinalises(world.ctx, talking.refuses)), 'being_heard')
  assert.equal(await refusesByForm(talking, 'Koʻrib chiqdim.'), 422)
  const [hearing] = await world.ctx.db.rows<HearingRow>(
    sql`select * from hearings where subject_id = ${talking.mother} and state = 'open'`,
  )
  const person: Viewer = { kind: 'person', subject: talking.mother, name: 'Ona', language: null }
  const said = { kind: 'statement', text: 'Men roziman deb aytmadim.' }
  assert.equal(await posts(person, `/hearing/${hearing!.id}`, said), 303)
  assert.equal(await refusesByForm(talking), 422, 'what was said is not taken up')
  assert.equal(await refusesByForm(talking, '   '), 422)
  await nothingHappened(talking)
  assert.equal(await refusesByForm(talking, 'Koʻrib chiqdim.'), 303)
  const [decision] = await decisionsOf(world.ctx.db, talking.mother)
  assert.equal(decision!.outcome, 'refused')
})

test('I5: nothing adverse takes effect for other reasons, or on other grounds, than the person was heard on', async () => {
  const other = await adverseCase(world, ++family)
  await heard(world, other.intends)
  const reasons = { 'uz-Latn': 'Butunlay boshqa sabab.' }
  assert.equal(codeOf(await officerFinalises(world.ctx, { ...other.refuses, reasons })), 'reasons_not_told')
  // A hearing about something else, as if the grounds had been exchanged under it.
  await world.database.owner.run(
    sql`update hearings set grounds_hash = 'other' where subject_id = ${other.mother}`,
  )
  assert.equal(codeOf(await officerFinalises(world.ctx, other.refuses)), 'hearing_needed')
  await nothingHappened(other)
})

test('I5: nothing adverse takes effect by the passing of time', async () => {
  const silent = await adverseCase(world, ++family)
  assert.ok((await officerIntends(world.ctx, silent.intends)).ok)
  const before = world.clock.now()
  for (let day = 0; day < 90; day++) {
    world.clock.forward(86_400_000)
    while ((await wake(world.engine)) > 0);
  }
  await nothingHappened(silent)
  world.clock.set(before)
})

test('I5: nothing adverse takes effect through the interface for machines: it has no such operation', () => {
  const { paths } = openApi() as { paths: Record<string, Record<string, { operationId: string }>> }
  const changing = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId }]) =>
      method === 'get' ? [] : [`${path} ${operationId}`],
    ),
  )
  assert.deepEqual(changing.sort(), [
    '/demonstration/clock moveDemonstrationClock',
    '/v1/events reportEvents',
    '/v1/me/hearings/{id}/answer answerMyHearing',
    '/v1/me/proposals/{id}/answer answerMyProposal',
    // One's own account: what is ended or removed there is one's own.
    '/v1/passkey-options beginMyPasskey',
    '/v1/passkeys addMyPasskey',
    '/v1/passkeys/{id} removeMyPasskey',
    // Publishing changes the law for everybody, by a named head; it decides on nobody.
    '/v1/publications publish',
    '/v1/publications/{id}/pause pausePublicationRun',
    '/v1/publications/{id}/resume resumePublicationRun',
    '/v1/sessions endMyOtherSessions',
    '/v1/sessions/{id} endMySession',
    '/v1/simulations askSimulation',
    '/v1/step-up askStepUp',
    '/v1/token issueAgencyToken',
  ])
})

test('I5: nothing adverse takes effect by a person’s own post to the desk', async () => {
  const own = await adverseCase(world, ++family)
  await heard(world, own.intends)
  const person: Viewer = { kind: 'person', subject: own.mother, name: 'Ona', language: null }
  const fields = { version: '1', outcome: 'refused' }
  assert.equal(await posts(person, `/desk/case/${own.found.id}/finalise`, fields), 403)
  await nothingHappened(own)
})

test('I5: the database stores no refusal without a hearing that is over, and none that is over opens again', async () => {
  const direct = await adverseCase(world, ++family)
  const opened = await officerIntends(world.ctx, direct.intends)
  assert.ok(opened.ok)
  const { id: hearing } = opened.value.hearing
  const insert = (hearing_id: string | null): Promise<string> =>
    world.ctx.db
      .run(sql`
        insert into decisions (subject_id, id, case_id, outcome, rule_id, rule_hash, hearing_id, as_of, known_at, record, record_hash,
          signature, decided_by, decided_at)
        values (${direct.mother}, ${world.ctx.ids()}, ${direct.found.id}, 'refused', 'r', 'h', ${hearing_id}, '2026-11-24', now(), '{}',
          'h', 's', 'I-207', now())`)
      .then(
        () => 'stored',
        (error: { code?: string }) => error.code ?? 'failed',
      )
  assert.equal(await insert(null), '23514')
  assert.equal(await insert(world.ctx.ids()), '23503')
  assert.equal(await insert(hearing), '23503', 'the person may still answer')
  const answer = { kind: 'nothing_to_add', text: '', wrong_facts: [] } as const
  assert.ok((await answerIntended(world.ctx, { subject: direct.mother, id: hearing, answer })).ok)
  await nothingHappened(direct)
  assert.ok((await officerFinalises(world.ctx, direct.refuses)).ok)
  const reopen = world.ctx.db.run(
    sql`update hearings set state = 'open' where subject_id = ${direct.mother} and id = ${hearing}`,
  )
  await assert.rejects(reopen, { code: '23503' })
})

test('I5: with all of it a refusal takes effect, and its record shows each part', async () => {
  const whole = await adverseCase(world, ++family)
  await heard(world, whole.intends)
  const done = await officerFinalises(world.ctx, whole.refuses satisfies FinaliseInput)
  assert.ok(done.ok)
  const { record } = done.value.decision
  assert.equal(record.decided_by.role, 'civil-servant')
  assert.ok(record.reasons['uz-Latn'] && record.remedy.length > 0 && record.failed_conditions.length > 0)
  assert.equal(record.heard.answer, 'nothing_to_add')
  assert.equal(record.heard.hearings.length, 1)
  assert.equal(statesOf(await viewOf(world, whole.mother as SubjectId))['child-benefit'], 'refused')
})
