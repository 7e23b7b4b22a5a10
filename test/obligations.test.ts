/** What has no route, over time: opened ahead by the clock, closed by the registry, opened anew for the next day; ended by a death. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createPopulation } from '../country/population.ts'
import { findEvents } from '../src/events/events.ts'
import { intake, wake } from '../src/flow.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { answer, listProposals, type Proposal } from '../src/proposals/proposals.ts'
import { openWorld, subjectOf, type World } from './world.ts'

const ALL = ['open', 'accepted', 'declined', 'withdrawn', 'expired'] as const
const people = [...createPopulation({ people: 400 }).households()].flatMap((h) =>
  h.members.filter((m) => m.role === 'wife'),
)

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world.end())

let sent = 0
async function tell(agency: string, type: string, data: object, more: object = {}): Promise<string> {
  world.clock.forward(1000)
  const id = `o-${++sent}`
  const time = world.clock.now().toISOString()
  const item = { specversion: '1.0', id, source: `urn:uz:${agency}`, type, time, data, ...more }
  const [result] = await intake(world.engine, [{ agency, item }])
  assert.equal(result!.status, 'accepted', JSON.stringify(result))
  return id
}

let used = 0
async function newPerson(more: object = {}): Promise<{ pinfl: string; subject: SubjectId }> {
  const { pinfl, birth_date } = people[used++]!
  const person = { pinfl, full_name: 'Fuqaro', birth_date, sex: 'f', citizenship: 'uz', ...more }
  await tell('gcp', 'uz.gcp.person.registered', { person })
  return { pinfl, subject: (await subjectOf(world, pinfl))! }
}

const states = async (subject: SubjectId, rule: string) =>
  (await listProposals(world.engine.db, subject, ALL)).filter((p) => p.rule_id === rule).map((p) => p.state)
const open = async (subject: SubjectId) => listProposals(world.engine.db, subject, ['open'])
const accept = async (p: Proposal) => {
  const given = { subject: p.subject_id, id: p.id, answer: 'accept', key: 'k', by: p.subject_id } as const
  await world.engine.db.transaction((tx) => answer(tx, world.clock.now(), given))
}
const go = async (day: string) => {
  world.clock.set(`${day}T05:00:00Z`)
  while ((await wake(world.engine)) > 0);
}
const land = (pinfl: string, filed_until: string) =>
  tell('tax', 'uz.tax.return.accepted', {
    person: { pinfl },
    tax: 'land',
    filed_until,
    next_period: 'half-year',
  })

test('a card that ends is told of sixty days ahead and again when it has ended, by the clock alone', async () => {
  const { pinfl, subject } = await newPerson({ id_card_expiry: '2027-02-01' })
  assert.deepEqual(await open(subject), [])
  await go('2026-12-02')
  assert.deepEqual(await open(subject), [])
  await go('2026-12-03')
  const [ahead, ...none] = await open(subject)
  assert.deepEqual(
    [ahead!.rule_id, ahead!.due_on, none.length],
    ['uz.documents.id-card-expires', '2027-02-01', 0],
  )
  await go('2027-02-02')
  assert.deepEqual(
    (await open(subject)).map((p) => p.rule_id),
    ['uz.documents.id-card-expired'],
  )
  assert.deepEqual(await states(subject, 'uz.documents.id-card-expires'), ['expired'])
  await tell('gcp', 'uz.gcp.id-card.issued', {
    person: { pinfl },
    issued_on: '2027-02-02',
    valid_until: '2037-02-01',
  })
  assert.deepEqual(await open(subject), [], 'the registry tells of the new card, and nothing is left to do')
})

test('an accepted tax is offered again for its next day, and not before', async () => {
  const rule = 'uz.tax.land-individual'
  const { pinfl, subject } = await newPerson()
  await land(pinfl, '2026-12-31')
  await go('2027-03-16')
  const [due] = await open(subject)
  assert.deepEqual([due!.rule_id, due!.due_on], [rule, '2027-04-15'])
  await accept(due!)
  await land(pinfl, '2026-12-31')
  assert.deepEqual(await states(subject, rule), ['accepted'], 'told again, the same is not offered again')
  await land(pinfl, '2027-06-30')
  await go('2027-09-15')
  assert.deepEqual(await states(subject, rule), ['open', 'accepted'])
  assert.equal((await open(subject))[0]!.due_on, '2027-10-15')
})

test('after a death nothing is put before anybody about the deceased, until the death is retracted', async () => {
  const { pinfl, subject } = await newPerson({ id_card_expiry: '2027-09-20' })
  await land(pinfl, '2026-12-31')
  assert.deepEqual((await open(subject)).map((p) => p.rule_id).sort(), [
    'uz.documents.id-card-expires',
    'uz.tax.land-individual',
  ])
  const died = { certificate: 'I-SX 1', deceased: { pinfl }, died_on: '2027-09-14' }
  const id = await tell('zags', 'uz.zags.death.registered', died)
  assert.deepEqual(await open(subject), [])
  assert.deepEqual(await states(subject, 'uz.tax.land-individual'), ['withdrawn'])
  await land(pinfl, '2026-06-30')
  await go('2027-10-01')
  assert.deepEqual(await open(subject), [], 'neither news nor days bring anything')
  await tell('zags', 'uz.zags.death.registered', {}, { data: undefined, hamrohretracts: id })
  assert.deepEqual((await open(subject)).map((p) => p.rule_id).sort(), [
    'uz.documents.id-card-expired',
    'uz.tax.land-individual',
  ])
})

test('a death ends the parents’ matters of the child as well', async () => {
  const { pinfl, subject } = await newPerson()
  const child = people[used++]!
  const birth = { pinfl: child.pinfl, full_name: 'Bola', birth_date: '2011-11-01', sex: 'm', birth_order: 1 }
  await tell('zags', 'uz.zags.birth.registered', { certificate: 'I-SX 2', child: birth, mother: { pinfl } })
  assert.deepEqual(
    (await open(subject)).map((p) => p.rule_id),
    ['uz.documents.child-turns-16'],
  )
  await tell('zags', 'uz.zags.death.registered', {
    certificate: 'I-SX 3',
    deceased: { pinfl: child.pinfl },
    mother: { pinfl },
    died_on: '2027-10-01',
  })
  assert.deepEqual(await open(subject), [])
})

test('of several events taken in at once each proposal names the one it rests on', async () => {
  const { pinfl, subject } = await newPerson()
  const at = (id: string, agency: string, type: string, data: object) => ({
    agency,
    item: { specversion: '1.0', id, source: `urn:uz:${agency}`, type, time: '2026-11-20T04:00:00Z', data },
  })
  const car = (vehicle: string, insured_until: string) =>
    at(`several-${vehicle}`, 'yhxbb', 'uz.yhxbb.vehicle.recorded', {
      person: { pinfl },
      vehicle,
      name: vehicle,
      manufactured_on: '2020-01-01',
      use: 'private',
      antique: false,
      inspected_on: '2027-09-30',
      insured_until,
    })
  const licence = { person: { pinfl }, issued_on: '2017-10-01', valid_until: '2027-09-01' }
  const residence = { person: { pinfl }, district: '1726262', address: '1-uy', since: '2026-11-01' }
  const results = await intake(world.engine, [
    car('ended', '2027-09-20'),
    at('several-licence', 'yhxbb', 'uz.yhxbb.driving-licence.issued', licence),
    car('insured', '2028-09-20'),
    at('several-residence', 'mia', 'uz.mia.residence.registered', residence),
  ])
  assert.deepEqual(new Set(results.map((r) => r.status)), new Set(['accepted']))
  const events = await findEvents(
    world.engine.db,
    (await open(subject)).map((p) => p.event!),
  )
  const names = new Map(events.map((e) => [e.id, e.event_id]))
  assert.deepEqual((await open(subject)).map((p) => [p.rule_id, names.get(p.event!)]).sort(), [
    ['uz.documents.driving-licence-expired', 'several-licence'],
    ['uz.vehicles.osago-expired', 'several-ended'],
  ])
})
