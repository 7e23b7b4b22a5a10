/** A rule about a parent that reads the child's own memory: a change of the child's wakes the parent, nobody else. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createPopulation } from '../country/population.ts'
import { currentDeterminations } from '../src/determinations/determinations.ts'
import { intake, wake } from '../src/flow.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { listProposals } from '../src/proposals/proposals.ts'
import { listAccess } from '../src/trust/trust.ts'
import { openWorld, subjectOf, type World } from './world.ts'

let world: World
before(async () => {
  world = await openWorld('2026-11-24T05:00:00Z', 'packs/demo')
})
after(() => world.end())

const people = [...createPopulation({ people: 200 }).households()].flatMap((h) => h.members)
let used = 0
let sent = 0

type Sent = { readonly id: string }
async function send(agency: string, type: string, data: object | null, more: object = {}): Promise<Sent> {
  world.clock.forward(1000)
  const id = `related-${++sent}`
  const item = {
    specversion: '1.0',
    id,
    source: `urn:demo:${agency}`,
    type,
    time: '2026-11-23T04:00:00Z',
    ...(data ? { data } : {}),
    ...more,
  }
  const [answer] = await intake(world.engine, [{ agency, item }])
  assert.equal(answer!.status, 'accepted', JSON.stringify(answer))
  return { id }
}

async function family(): Promise<{ mother: SubjectId; child: SubjectId; child_pinfl: string }> {
  const [parent, newborn] = [people[used++]!, people[used++]!]
  await send('town-hall', 'demo.person', {
    person: { pinfl: parent.pinfl, full_name: 'Parent', birth_date: '1990-02-03' },
  })
  await send('town-hall', 'demo.birth', {
    child: { pinfl: newborn.pinfl, full_name: 'Child', birth_date: '2020-03-01', birth_order: 1 },
    mother: { pinfl: parent.pinfl },
  })
  return {
    mother: (await subjectOf(world, parent.pinfl))!,
    child: (await subjectOf(world, newborn.pinfl))!,
    child_pinfl: newborn.pinfl,
  }
}

const care = (pinfl: string, more: object = {}) =>
  send('clinic', 'demo.care', { person: { pinfl }, since: '2026-11-01', ...more })
const wakeAll = async () => {
  while ((await wake(world.engine)) > 0);
}
const respite = async (mother: SubjectId) =>
  (await currentDeterminations(world.engine.db, mother)).find((d) => d.rule_id === 'demo.respite')

test('what changes in the child’s memory reaches the parent’s determination, with the event as its cause', async () => {
  const { mother, child, child_pinfl } = await family()
  assert.equal((await respite(mother))?.outcome ?? 'does_not_apply', 'does_not_apply')
  const { id } = await care(child_pinfl)
  await wakeAll()
  const found = (await respite(mother))!
  assert.deepEqual([found.outcome, found.until], ['applies', '2038-03-01'])
  const [cause] = await world.engine.db.rows<{ event_id: string }>(
    sql`select event_id from events where id = ${found.because}`,
  )
  assert.equal(cause!.event_id, id)
  const [proposal] = await listProposals(world.engine.db, mother, ['open'])
  assert.deepEqual([proposal!.rule_id, proposal!.event], ['demo.respite', found.because])
  const entries = await listAccess(world.engine.db, child)
  assert.ok(
    entries.some((e) => e.predicates.join() === 'in_care' && e.because === found.because),
    'the child’s log says that it was read',
  )
})

test('the end of it, and a retraction of it, reach the parent too; the same event twice changes nothing', async () => {
  const { mother, child_pinfl } = await family()
  const first = await care(child_pinfl)
  await wakeAll()
  const before = await respite(mother)
  assert.equal(before?.outcome, 'applies')
  await send('clinic', 'demo.care', null, { hamrohretracts: first.id, time: '2026-11-23T05:00:00Z' })
  await wakeAll()
  assert.equal((await respite(mother))?.outcome ?? 'does_not_apply', 'does_not_apply')
  await care(child_pinfl, { ended: '2026-11-20' })
  await wakeAll()
  assert.equal((await respite(mother))?.outcome ?? 'does_not_apply', 'does_not_apply')
})

test('told of the child before the birth is known, it counts from the birth on', async () => {
  const [parent, newborn] = [people[used++]!, people[used++]!]
  for (const [p, born] of [
    [parent, '1990-02-03'],
    [newborn, '2020-03-01'],
  ] as const)
    await send('town-hall', 'demo.person', {
      person: { pinfl: p.pinfl, full_name: 'Somebody', birth_date: born },
    })
  await care(newborn.pinfl)
  await wakeAll()
  await send('town-hall', 'demo.birth', {
    child: { pinfl: newborn.pinfl, full_name: 'Child', birth_date: '2020-03-01', birth_order: 1 },
    mother: { pinfl: parent.pinfl },
  })
  const mother = (await subjectOf(world, parent.pinfl))!
  assert.equal((await respite(mother))?.outcome, 'applies')
})

test('a change that no rule reads through a relation wakes nobody', async () => {
  const { child_pinfl } = await family()
  await wakeAll()
  await send('town-hall', 'demo.move', { person: { pinfl: child_pinfl }, address: '5', since: '2026-11-02' })
  const [due] = await world.engine.db.rows<{ n: number }>(
    sql`select count(*)::int as n from due_work where due_at <= ${world.clock.now()}`,
  )
  assert.equal(due!.n, 0)
})
