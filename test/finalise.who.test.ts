/** Who may work on a case: a named civil servant of its agency, and nobody else (I5). */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { decisionsOf, getCase, listCases, openCaseFile, standingDraft } from '../src/cases/cases.ts'
import {
  officerAsks,
  officerEdits,
  officerFinalises,
  officerFinishes,
  officerRetries,
} from '../src/journey-flow.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { listAccess } from '../src/trust/trust.ts'
import { born, type JourneyWorld, openJourneyWorld, pensionOfficer } from './journeys.ts'

let world: JourneyWorld
let mother: SubjectId
let case_id: string
let draft_hash: string
before(async () => {
  world = await openJourneyWorld()
  mother = (await born(world)).mother
  const [found] = (await listCases(world.ctx.db, 'pension', 1)).cases
  case_id = found!.id
  draft_hash = (await standingDraft(world.ctx.db, found!))!.hash
})
after(() => world.end())

const strangers = [
  ['another agency', { ...pensionOfficer, agency: 'ihma' }],
  ['nobody named', { ...pensionOfficer, name: '' }],
  ['no number', { ...pensionOfficer, number: '' }],
] as const

for (const [who, officer] of strangers) {
  const given = { case_id: '', officer }
  const actions = {
    finalise: () =>
      officerFinalises(world.ctx, { ...given, case_id, outcome: 'granted', draft_hash, person_locale: 'en' }),
    ask: () => officerAsks(world.ctx, { ...given, case_id, predicate: 'household_income' }),
    edit: () => officerEdits(world.ctx, { ...given, case_id, draft_hash, reasons: { en: ['x'] } }),
    retry: () => officerRetries(world.ctx, { ...given, case_id }),
    finish: () => officerFinishes(world.ctx, { ...given, case_id, reference: null, note: 'n' }),
    open: () => openCaseFile(world.ctx, { ...given, case_id }),
  }
  for (const [action, act] of Object.entries(actions))
    test(`${who} may not ${action}`, async () => {
      const outcome = await act()
      assert.equal(outcome.ok || outcome.refusal.code, 'not_your_case')
    })
}

test('a case that is not there is answered the same whatever was asked for', async () => {
  for (const id of ['nonsense', '01920000-0000-7000-8000-000000000000']) {
    const outcome = await openCaseFile(world.ctx, { case_id: id, officer: pensionOfficer })
    assert.equal(outcome.ok || outcome.refusal.code, 'not_found')
  }
})

test('another agency does not see the case in its queue, nor by its number', async () => {
  assert.equal(await getCase(world.ctx.db, 'tax', case_id), null)
  assert.ok(!(await listCases(world.ctx.db, 'ihma', 200)).cases.some((c) => c.id === case_id))
})

test('after all of that nothing was decided, and nobody read anything', async () => {
  assert.deepEqual(await decisionsOf(world.ctx.db, mother), [])
  assert.deepEqual(
    (await listAccess(world.ctx.db, mother)).filter((e) => e.actor_kind === 'officer'),
    [],
  )
})

test('a civil servant of the agency may', async () => {
  const outcome = await officerFinalises(world.ctx, {
    case_id,
    officer: pensionOfficer,
    outcome: 'granted',
    draft_hash,
    person_locale: 'en',
  })
  assert.ok(outcome.ok)
})
