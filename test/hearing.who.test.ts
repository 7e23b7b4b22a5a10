/** Who may tell, hear and answer: a named civil servant of the case's agency, and the person themselves. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type HearingRow, hearingOf, hearingsOf } from '../src/cases/cases.ts'
import { answerIntended, officerFinalises, officerIntends } from '../src/journey-flow.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import {
  type AdverseCase,
  adverseCase,
  heard,
  ihmaOfficer,
  type JourneyWorld,
  openJourneyWorld,
} from './journeys.ts'

let world: JourneyWorld
let mine: AdverseCase
let stranger: SubjectId
let hearing: HearingRow
before(async () => {
  world = await openJourneyWorld()
  mine = await adverseCase(world, 1)
  const other = await adverseCase(world, 2)
  stranger = other.mother
  const opened = await officerIntends(world.ctx, mine.intends)
  assert.ok(opened.ok)
  hearing = opened.value.hearing
  await heard(world, other.intends)
})
after(() => world.end())

const strangers = [
  ['another agency', { ...ihmaOfficer, agency: 'pension' }],
  ['nobody named', { ...ihmaOfficer, name: '' }],
  ['no number', { ...ihmaOfficer, number: '' }],
] as const

for (const [who, officer] of strangers) {
  test(`${who} may not tell a person that something is intended`, async () => {
    const outcome = await officerIntends(world.ctx, { ...mine.intends, officer })
    assert.equal(outcome.ok || outcome.refusal.code, 'not_your_case')
  })
  test(`${who} may not refuse after somebody else has heard the person`, async () => {
    const outcome = await officerFinalises(world.ctx, { ...mine.refuses, officer })
    assert.equal(outcome.ok || outcome.refusal.code, 'not_your_case')
  })
}

const answer = { kind: 'statement', text: 'Men emas.', wrong_facts: [] } as const

test('nobody answers for another: somebody else’s hearing is not there', async () => {
  for (const subject of [stranger, '01940000-0000-7000-8000-000000000009' as SubjectId]) {
    const outcome = await answerIntended(world.ctx, { subject, id: hearing.id, answer })
    assert.equal(outcome.ok || outcome.refusal.code, 'not_found')
    assert.equal(await hearingOf(world.ctx.db, subject, hearing.id), null)
  }
  assert.equal(await hearingOf(world.ctx.db, mine.mother, 'nonsense'), null)
  assert.ok((await hearingsOf(world.ctx.db, stranger)).every((h) => h.id !== hearing.id))
})

test('another civil servant of the same agency may take the case up; the record names both', async () => {
  const done = await answerIntended(world.ctx, { subject: mine.mother, id: hearing.id, answer })
  assert.ok(done.ok)
  const officer = { ...ihmaOfficer, number: 'I-999', name: 'Officer Nine' }
  const considered = { 'uz-Latn': 'Tekshirildi.' }
  const decided = await officerFinalises(world.ctx, { ...mine.refuses, officer, considered })
  assert.ok(decided.ok)
  const { record } = decided.value.decision
  assert.equal(record.decided_by.number, 'I-999')
  assert.equal(record.heard.hearings[0]!.told_by, 'I-207')
})
