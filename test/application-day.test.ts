/** Claims are judged by the day the person applied: nobody loses a right by how long the state takes. */
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { listCases, openCaseFile, questionsTo } from '../src/cases/cases.ts'
import { officerFinalises } from '../src/journey-flow.ts'
import {
  answerAs,
  born,
  caseOf,
  household,
  ihmaOfficer,
  type JourneyWorld,
  openJourneyWorld,
  pensionOfficer,
} from './journeys.ts'

const DAYS_60_MS = 60 * 86_400_000

let world: JourneyWorld
let opened = false
beforeEach(async () => {
  if (opened) await world.end()
  opened = true
  world = await openJourneyWorld()
})
after(() => world.end())

test('a lump-sum applied for in time is granted though the civil servant decides two months later', async () => {
  const { mother } = await born(world, [], 1, 1)
  const applied = world.clock.now()
  world.clock.forward(DAYS_60_MS)
  const [found] = (await listCases(world.ctx.db, 'pension', 10)).cases
  const file = await openCaseFile(world.ctx, { case_id: found!.id, officer: pensionOfficer })
  assert.ok(file.ok)
  assert.equal(file.value.draft!.draft.outcome, 'favourable')
  const done = await officerFinalises(world.ctx, {
    case_id: found!.id,
    officer: pensionOfficer,
    outcome: 'granted',
    draft_hash: file.value.draft!.hash,
    person_locale: 'uz-Latn',
  })
  assert.ok(done.ok, JSON.stringify(done))
  assert.equal(done.value.decision.subject_id, mother)
  assert.equal(done.value.decision.as_of, applied.toISOString().slice(0, 10))
})

test('an answer given later counts for the application it was asked for', async () => {
  const { mother } = await born(world, [household(4, 2)], 1, 2)
  const [question] = await questionsTo(world.ctx.db, mother)
  world.clock.forward(DAYS_60_MS)
  const answered = await answerAs(world, mother, question!.id, 100_000_00)
  assert.ok(answered.ok, JSON.stringify(answered))
  const found = await caseOf(world, mother, 'ihma')
  assert.ok(found, 'the case is open')
  const file = await openCaseFile(world.ctx, { case_id: found.id, officer: ihmaOfficer })
  assert.ok(file.ok && file.value.draft!.draft.outcome === 'favourable')
})
