/** What the rule left out can be claimed: a human decides on it, and hears the person before refusing. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openCaseFile } from '../src/cases/cases.ts'
import { claimLeftOut, officerFinalises } from '../src/journey-flow.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import {
  birthRetracted,
  born,
  caseOf,
  heard,
  type JourneyWorld,
  openJourneyWorld,
  pensionOfficer,
  statesOf,
  told,
  viewOf,
} from './journeys.ts'

let world: JourneyWorld
let family = 0
before(async () => {
  world = await openJourneyWorld()
})
after(() => world.end())

const claim = (subject: SubjectId, journey_id: string, step = 'lump-sum') =>
  claimLeftOut(world.ctx, { subject, journey_id, step })

/** A second child in a family that is not in the social register: by the rule there is no lump sum. */
async function leftOut() {
  const n = ++family
  const { mother, journey } = await born(world, [], 2, n)
  assert.equal(statesOf(await viewOf(world, mother))['lump-sum'], 'skipped')
  return { n, mother, journey }
}

test('a second child not in the register: claimed, told, heard, and refused with what would put it right', async () => {
  const { mother, journey } = await leftOut()
  const clicks = await Promise.all([1, 2, 3].map(() => claim(mother, journey)))
  assert.deepEqual(clicks.map((c) => c.ok && c.value.repeated).sort(), [false, true, true])
  assert.equal(statesOf(await viewOf(world, mother))['lump-sum'], 'case')
  const found = (await caseOf(world, mother, 'pension'))!
  const file = await openCaseFile(world.ctx, { case_id: found.id, officer: pensionOfficer })
  assert.ok(file.ok)
  const { draft, hash } = file.value.draft!
  assert.equal(draft.outcome, 'adverse')
  assert.deepEqual(
    draft.failed.map((f) => [f.required, f.how_to_fix[0]?.changes[0]]),
    [
      [
        'in_social_register = true',
        {
          do: 'change',
          predicate: 'in_social_register',
          field: null,
          needed: { is: true },
          fix: 'act',
          source: 'ihma',
        },
      ],
    ],
  )
  const by = {
    case_id: found.id,
    officer: pensionOfficer,
    draft_hash: hash,
    person_locale: 'uz-Latn',
  } as const
  await heard(world, { ...by, intended: 'refused' })
  const done = await officerFinalises(world.ctx, { ...by, outcome: 'refused' })
  assert.ok(done.ok)
  assert.equal(statesOf(await viewOf(world, mother))['lump-sum'], 'refused')
})

test('a journey that had come to its end goes on with the claim', async () => {
  const n = ++family
  const { mother, journey } = await born(world, [], 2, n)
  await world.drain()
  const before = await viewOf(world, mother)
  // As it stands when every other step is over.
  assert.equal(before.journey.state, 'running')
  await world.ctx.db.run(
    sql`update journeys set state = 'finished', ended_at = ${world.clock.now()} where subject_id = ${mother} and id = ${journey}`,
  )
  assert.ok((await claim(mother, journey)).ok)
  const { journey: after } = await viewOf(world, mother)
  assert.deepEqual([after.state, after.ended_at], ['running', null])
})

test('only what the rule left out can be claimed, by the person whose journey it is, while it is not taken back', async () => {
  const { n, mother, journey } = await leftOut()
  const other = await leftOut()
  const codeOf = (outcome: { ok: true } | { ok: false; refusal: { code: string } }) =>
    outcome.ok ? 'ok' : outcome.refusal.code
  assert.equal(codeOf(await claim(other.mother, journey)), 'not_found')
  assert.equal(codeOf(await claim(mother, journey, 'nothing')), 'not_found')
  assert.equal(codeOf(await claim(mother, journey, 'residence')), 'step_past_it')
  await told(world, [birthRetracted(n)])
  assert.equal(codeOf(await claim(mother, journey)), 'step_past_it')
  assert.equal(await caseOf(world, mother, 'pension'), undefined)
})
