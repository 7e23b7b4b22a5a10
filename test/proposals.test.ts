/** Proposals over time: no duplicates, one answer, nothing offered again without new facts, expiry by the clock alone. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { agencyOf } from '../country/people/events.ts'
import { birthEvent, type CloudEvent, createPopulation, newborn, retraction } from '../country/population.ts'
import { intake, wake } from '../src/flow.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { answer, listProposals, type Proposal } from '../src/proposals/proposals.ts'
import { openWorld, subjectOf, type World } from './world.ts'

const ALL = ['open', 'accepted', 'declined', 'withdrawn', 'expired'] as const
const mothers = [...createPopulation({ people: 2000 }).households()].flatMap((h) =>
  h.members.filter((m) => m.role === 'wife'),
)

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world.end())

async function send(item: CloudEvent | object, agency: string): Promise<void> {
  world.clock.forward(1000)
  const [result] = await intake(world.engine, [{ agency, item }])
  assert.equal(result!.status, 'accepted', JSON.stringify(result))
}

let used = 0
async function newMother(): Promise<{
  subject: SubjectId
  birth: CloudEvent
  again(over?: object): CloudEvent
}> {
  const n = used++
  const mother = mothers[n]!
  await send(
    {
      specversion: '1.0',
      id: `p-${n}`,
      source: 'urn:uz:gcp',
      type: 'uz.gcp.person.registered',
      time: '2026-11-01T04:00:00Z',
      data: {
        person: {
          pinfl: mother.pinfl,
          full_name: 'Ona',
          birth_date: mother.birth_date,
          sex: 'f',
          citizenship: 'uz',
        },
      },
    },
    'gcp',
  )
  const make = (over: object = {}) => ({
    ...birthEvent({
      n,
      id: `b-${n}`,
      child: newborn({ n, born_on: '2026-11-18', sex: 'f' }),
      mother_pinfl: mother.pinfl,
      birth_order: 1,
      registered_at: '2026-11-20T10:00:00+05:00',
    }),
    ...over,
  })
  const birth = make()
  await send(birth, 'zags')
  return { subject: (await subjectOf(world, mother.pinfl))!, birth, again: make }
}

const proposals = (subject: SubjectId) => listProposals(world.engine.db, subject, ALL)
const states = async (subject: SubjectId) => (await proposals(subject)).map((p) => p.state)
const give = (p: Proposal, wanted: 'accept' | 'decline', key = 'k') =>
  world.engine.db.transaction((tx) =>
    answer(tx, world.clock.now(), { subject: p.subject_id, id: p.id, answer: wanted, key, by: p.subject_id }),
  )

test('one birth opens one proposal, however often and in however many words it is told', async () => {
  const { subject, birth, again } = await newMother()
  await intake(world.engine, [
    { agency: 'zags', item: birth },
    { agency: 'zags', item: birth },
  ])
  assert.deepEqual(await states(subject), ['open'])
  await send(again({ id: 'c-1', time: '2026-11-21T10:00:00+05:00', hamrohcorrects: birth.id }), 'zags')
  const [only, ...more] = await proposals(subject)
  assert.equal(more.length, 0, 'a correction updates the proposal')
  assert.equal(only!.state, 'open')
  assert.equal(only!.due_on, '2026-12-18')
})

test('an answer counts once; the other answer afterwards is refused', async () => {
  const { subject } = await newMother()
  const [proposal] = await proposals(subject)
  const first = await give(proposal!, 'decline')
  assert.ok(first.ok && !first.value.repeated)
  const second = await give(proposal!, 'decline', 'another key')
  assert.ok(second.ok && second.value.repeated)
  const other = await give(proposal!, 'accept')
  assert.ok(!other.ok && other.refusal.code === 'already_answered')
})

test('a declined proposal is not offered again when the same is told anew, but is when the facts change', async () => {
  const { subject, birth, again } = await newMother()
  await give((await proposals(subject))[0]!, 'decline')
  await send(again({ id: 'same-1', time: '2026-11-21T10:00:00+05:00', hamrohcorrects: birth.id }), 'zags')
  assert.deepEqual(await states(subject), ['declined'])
  const other = structuredClone(again()) as CloudEvent & { data: { child: { birth_order: number } } }
  other.data.child.birth_order = 2
  await send({ ...other, id: 'other-1', time: '2026-11-22T10:00:00+05:00', hamrohcorrects: 'same-1' }, 'zags')
  assert.deepEqual(await states(subject), ['open', 'declined'])
})

test('a retracted birth withdraws its proposal, and a withdrawn one cannot be accepted', async () => {
  const { subject, birth } = await newMother()
  const [proposal] = await proposals(subject)
  await send(retraction(birth, { id: `r-${birth.id}`, time: '2026-11-21T10:00:00+05:00' }), agencyOf(birth))
  assert.deepEqual(await states(subject), ['withdrawn'])
  const late = await give(proposal!, 'accept')
  assert.ok(!late.ok && late.refusal.code === 'no_longer_open')
})

test('I8: a proposal expires on its day by the clock alone, not a day earlier or later', async () => {
  const { subject } = await newMother()
  const drain = async () => {
    while ((await wake(world.engine)) > 0);
  }
  world.clock.set('2026-12-18T18:59:59Z')
  await drain()
  assert.deepEqual(await states(subject), ['open'], 'the last minute of 18 December in Tashkent')
  world.clock.set('2026-12-18T19:00:00Z')
  await drain()
  assert.deepEqual(await states(subject), ['expired'])
})
