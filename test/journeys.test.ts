/** Journeys over a real database and an agency over real HTTP: what a birth sets going, and how it is taken back. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { decisionsOf, listCases, questionsTo } from '../src/cases/cases.ts'
import { wake } from '../src/flow.ts'
import { journeyJobs, officerFinishes, officerRetries } from '../src/journey-flow.ts'
import { sql } from '../src/platform/database.ts'
import { stepHistory } from '../src/routes/routes.ts'
import { listAccess } from '../src/trust/trust.ts'
import {
  acceptBirth,
  answerAs,
  birth,
  birthRetracted,
  born,
  household,
  income,
  type JourneyWorld,
  moved,
  openJourneyWorld,
  statesOf,
  told,
  viewOf,
} from './journeys.ts'

let world: JourneyWorld
beforeEach(async () => {
  world = await openJourneyWorld()
})
afterEach(() => world.end())

const entryOf = (task: string) => [...world.agency.entries.values()].filter((e) => e.task === task)
const residence = { number: 'M-1', name: 'Officer', agency: 'mia' }

test('an accepted birth goes to the agencies in order, with what the purpose allows and no more', async () => {
  const { mother, journey } = await born(world)
  assert.deepEqual(statesOf(await viewOf(world, mother)), {
    residence: 'sending',
    polyclinic: 'blocked',
    kindergarten: 'blocked',
    'lump-sum': 'case',
    'child-benefit': 'asking',
  })
  await world.drain()
  const states = statesOf(await viewOf(world, mother))
  assert.deepEqual([states.residence, states.polyclinic, states.kindergarten], ['done', 'done', 'done'])
  const [sent] = entryOf('residence.register')
  assert.deepEqual(Object.keys(sent!.data).sort(), [
    'about.birth_date',
    'about.full_name',
    'about.pinfl',
    'subject.pinfl',
    'subject.residence_address',
    'subject.residence_district',
  ])
  const entries = (await listAccess(world.ctx.db, mother)).filter((e) => e.actor_kind === 'agency')
  assert.deepEqual(entries.map((e) => [e.actor, e.purpose, e.journey_id, e.automated]).sort(), [
    ['health', 'uz.purpose.polyclinic', journey, true],
    ['mia', 'uz.purpose.residence', journey, true],
    ['preschool', 'uz.purpose.kindergarten', journey, true],
  ])
})

test('accepting twice starts one journey', async () => {
  const { mother, journey } = await born(world)
  assert.equal((await acceptBirth(world)).journey, journey)
  assert.equal((await viewOf(world, mother)).steps.length, 5)
})

test('income that a registry reports before the person answers closes the question, and the step moves on', async () => {
  const { mother } = await born(world, [household(3)])
  const [question] = await questionsTo(world.ctx.db, mother)
  assert.equal(question!.predicate, 'household_income')
  await told(world, [income(1_500_000_00)])
  assert.deepEqual(await questionsTo(world.ctx.db, mother), [])
  assert.equal(statesOf(await viewOf(world, mother))['child-benefit'], 'case')
})

test('an answer moves the step on once; a value that is no money is refused', async () => {
  const { mother } = await born(world, [household(3)])
  const [question] = await questionsTo(world.ctx.db, mother)
  const wrong = await answerAs(world, mother, question!.id, -5)
  assert.equal(wrong.ok || wrong.refusal.code, 'value_refused')
  assert.deepEqual(await answerAs(world, mother, question!.id, 1_500_000_00), {
    ok: true,
    value: { repeated: false },
  })
  assert.deepEqual(await answerAs(world, mother, question!.id, 9), { ok: true, value: { repeated: true } })
  assert.equal(statesOf(await viewOf(world, mother))['child-benefit'], 'case')
})

test('who was asked and then does not qualify is refused by a human, not dropped by the machine', async () => {
  const { mother } = await born(world, [household(3)])
  await told(world, [income(90_000_000_00)])
  assert.equal(statesOf(await viewOf(world, mother))['child-benefit'], 'case')
})

test('a step whose rule does not apply from the start is skipped with the determination as its reason', async () => {
  const { mother } = await born(world, [household(3), income(90_000_000_00)], 3)
  const view = await viewOf(world, mother)
  const skipped = view.steps.filter((s) => s.state === 'skipped')
  assert.deepEqual(skipped.map((s) => s.step).sort(), ['child-benefit', 'lump-sum'])
  for (const step of skipped) assert.equal((step.reason as { code: string }).code, 'does_not_apply')
  await world.drain()
  assert.equal((await viewOf(world, mother)).journey.state, 'finished')
})

test('an agency that errs is tried again with the same key, and what it was told stays the same', async () => {
  let calls = 0
  world.agency.mood = ({ task }) => (task === 'residence.register' && ++calls <= 3 ? 'lost' : 'answer')
  world.agency.during = async () => {
    world.agency.during = null
    world.clock.forward(1000)
    await told(world, [moved()])
  }
  const { mother } = await born(world)
  await world.drain()
  assert.equal(calls, 4)
  const [entry] = entryOf('residence.register')
  assert.equal(entry!.done, 1)
  assert.equal(statesOf(await viewOf(world, mother)).residence, 'done')
})

test('an agency that never answers gives a human a task with a clock; retried, it goes on', async () => {
  world.agency.mood = ({ task }) => (task === 'residence.register' ? 'error before' : 'answer')
  const { mother } = await born(world)
  await world.drain()
  const before = await viewOf(world, mother)
  assert.equal(statesOf(before).residence, 'human')
  const { cases } = await listCases(world.ctx.db, 'mia', 10)
  assert.equal(cases.length, 1)
  assert.equal(cases[0]!.kind, 'task')
  assert.equal(cases[0]!.due_on, '2026-11-25')
  assert.equal((cases[0]!.reason as { code: string }).code, 'http_503')
  const step = before.steps.find((s) => s.step === 'residence')!
  assert.equal(step.attempts, 8)
  const history = await stepHistory(world.ctx.db, mother, [step.id])
  assert.deepEqual(history.at(-1)!.to_state, 'human')

  const stranger = await officerRetries(world.ctx, {
    case_id: cases[0]!.id,
    officer: { ...residence, agency: 'tax' },
  })
  assert.equal(stranger.ok || stranger.refusal.code, 'not_your_case')
  world.agency.mood = () => 'answer'
  const given = { case_id: cases[0]!.id, officer: residence }
  assert.ok((await officerRetries(world.ctx, given)).ok)
  assert.ok((await officerRetries(world.ctx, given)).ok)
  await world.drain()
  assert.equal(statesOf(await viewOf(world, mother)).polyclinic, 'done')
  assert.deepEqual((await listCases(world.ctx.db, 'mia', 10)).cases, [])
})

test('a refused task done by hand lets what waited for it go on', async () => {
  world.agency.mood = ({ task }) => (task === 'residence.register' ? 'refuse' : 'answer')
  const { mother } = await born(world)
  await world.drain()
  const [found] = (await listCases(world.ctx.db, 'mia', 10)).cases
  const given = { case_id: found!.id, officer: residence, reference: 'PAPER-1', note: '' }
  const unsaid = await officerFinishes(world.ctx, given)
  assert.equal(unsaid.ok || unsaid.refusal.code, 'note_needed')
  assert.ok((await officerFinishes(world.ctx, { ...given, note: 'Registered at the counter.' })).ok)
  await world.drain()
  const view = await viewOf(world, mother)
  assert.equal(view.steps.find((s) => s.step === 'residence')!.reference, 'PAPER-1')
  assert.equal(statesOf(view).kindergarten, 'done')
})

test('a task an agency works on is asked about until it is done; one it forgot is sent again', async () => {
  let polls = 0
  world.agency.mood = ({ method, task }) => {
    if (task !== 'residence.register') return 'answer'
    if (method === 'POST') return polls < 3 ? 'working' : 'answer'
    return ++polls === 3 ? 'forget' : 'working'
  }
  const { mother } = await born(world)
  await world.drain()
  assert.equal(statesOf(await viewOf(world, mother)).residence, 'done')
  assert.equal(entryOf('residence.register')[0]!.done, 1)
})

test('a step whose term has passed is flagged and a human looks after it, while the machine goes on', async () => {
  const { mother } = await born(world)
  world.agency.mood = ({ task }) => (task === 'residence.register' ? 'working' : 'answer')
  const { owner } = world.database
  const [job] = await owner.rows<{ payload: { subject_id: string; step_id: string } }>(
    sql`select payload from graphile_worker._private_jobs limit 1`,
  )
  await journeyJobs(world.ctx)['routes.call']!(job!.payload, 1)
  world.clock.forward(3 * 86_400_000)
  await wake(world.engine)
  const step = (await viewOf(world, mother)).steps.find((s) => s.step === 'residence')!
  assert.deepEqual([step.state, step.overdue], ['working', true])
  assert.equal((await listCases(world.ctx.db, 'mia', 10)).cases.length, 1)
  world.agency.mood = () => 'answer'
  await world.drain()
  assert.equal(statesOf(await viewOf(world, mother)).residence, 'done')
  assert.equal((await listCases(world.ctx.db, 'mia', 10)).cases.length, 0)
})

test('a retracted birth takes everything back, what depends on a step before the step', async () => {
  const { mother } = await born(world)
  await world.drain()
  world.clock.forward(60_000)
  await told(world, [birthRetracted()])
  const undoing = await viewOf(world, mother)
  assert.equal(undoing.journey.state, 'undoing')
  await world.drain()
  const view = await viewOf(world, mother)
  assert.equal(view.journey.state, 'undone')
  assert.ok(view.steps.every((s) => s.state === 'undone'))
  for (const entry of world.agency.entries.values()) assert.deepEqual([entry.done, entry.undone], [1, 1])
  const undos = world.agency.requests.filter((r) => r.endsWith('/undo')).length
  assert.equal(undos, 3)
  assert.deepEqual(await questionsTo(world.ctx.db, mother), [])
  for (const agency of ['pension', 'ihma'])
    assert.deepEqual((await listCases(world.ctx.db, agency, 9)).cases, [])
  const order = (
    await stepHistory(
      world.ctx.db,
      mother,
      view.steps.map((s) => s.id),
    )
  )
    .filter((h) => h.to_state === 'undone' && h.from_state === 'undoing')
    .map((h) => view.steps.find((s) => s.id === h.step_id)!.step)
  assert.equal(order.at(-1), 'residence')
})

test('a birth retracted while a call is in flight ends with nothing done', async () => {
  const { mother } = await born(world)
  world.agency.during = async (task) => {
    world.agency.during = null
    assert.equal(task, 'residence.register')
    world.clock.forward(1000)
    await told(world, [birthRetracted()])
  }
  await world.drain()
  assert.equal((await viewOf(world, mother)).journey.state, 'undone')
  for (const entry of world.agency.entries.values()) assert.equal(entry.done, entry.undone)
})

test('a birth retracted before anything was sent leaves a mark at the agency that refuses a late call', async () => {
  const { mother } = await born(world)
  await told(world, [birthRetracted()])
  await world.drain()
  assert.equal((await viewOf(world, mother)).journey.state, 'undone')
  for (const entry of world.agency.entries.values())
    assert.deepEqual([entry.done, entry.tombstone], [0, true])
})

test('an undo the agency refuses becomes a human task; done by hand, the journey ends', async () => {
  const { mother } = await born(world)
  await world.drain()
  world.agency.mood = ({ path, task }) =>
    path.endsWith('/undo') && task === 'polyclinic.detach' ? 'refuse' : 'answer'
  await told(world, [birthRetracted()])
  await world.drain()
  assert.equal((await viewOf(world, mother)).journey.state, 'undoing')
  const [found] = (await listCases(world.ctx.db, 'health', 9)).cases
  const officer = { number: 'H-1', name: 'Officer', agency: 'health' }
  assert.ok(
    (await officerFinishes(world.ctx, { case_id: found!.id, officer, reference: null, note: 'Detached.' }))
      .ok,
  )
  await world.drain()
  assert.equal((await viewOf(world, mother)).journey.state, 'undone')
  assert.deepEqual(await decisionsOf(world.ctx.db, mother), [])
})

test('a correction that leaves the child in place does not touch the journey', async () => {
  const { mother } = await born(world)
  await world.drain()
  const corrected = { ...(birth(1).item as { data: object }), id: 'b2', hamrohcorrects: 'b1' }
  await told(world, [{ agency: 'zags', item: corrected }])
  assert.equal((await viewOf(world, mother)).journey.state, 'running')
})
