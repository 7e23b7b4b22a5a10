/** Who heads an organisation reads and answers what is put before it, under their own name; nobody else does. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createPopulation } from '../country/population.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { listAccess } from '../src/trust/trust.ts'
import { type LiveContext, liveServices } from '../web/live/live.ts'
import type { PersonAsker } from '../web/views.ts'
import { type JourneyWorld, openJourneyWorld } from './journeys.ts'
import { subjectOf } from './world.ts'

const people = [...createPopulation({ people: 400 }).households()].flatMap((h) =>
  h.members.filter((m) => m.role === 'wife'),
)
const [director, stranger] = [people[0]!, people[1]!]
const stir = '390000001'

let world: JourneyWorld
before(async () => {
  world = await openJourneyWorld()
})
after(() => world.end())

const event = (agency: string, id: string, type: string, data: object | undefined, more: object = {}) => ({
  agency,
  item: {
    specversion: '1.0',
    id,
    source: `urn:uz:${agency}`,
    type,
    time: '2026-11-20T04:00:00Z',
    data,
    ...more,
  },
})

async function report(...events: ReturnType<typeof event>[]): Promise<void> {
  const results = await world.report(events)
  assert.deepEqual([...new Set(results.map((r) => r.status))], ['accepted'], JSON.stringify(results))
}

function servicesAs(subject: SubjectId) {
  const { pack, engine, ctx, database, council } = world
  const live: LiveContext = {
    pack,
    engine,
    council,
    journeys: ctx,
    db: database.db,
    gate: database.gate,
    own_purpose: `${pack.id}.purpose.own-memory`,
  }
  const asker: PersonAsker = {
    viewer: { kind: 'person', subject, name: 'Fuqaro', language: null },
    locale: 'uz-Latn',
  }
  return { services: liveServices(live), asker }
}

test('a director sees the matters of the company and answers them, a stranger does not, and the log names who looked', async () => {
  const person = ({ pinfl, birth_date }: typeof director, id: string) =>
    event('gcp', id, 'uz.gcp.person.registered', {
      person: { pinfl, full_name: 'Fuqaro', birth_date, sex: 'f', citizenship: 'uz' },
    })
  await report(person(director, 'm-1'), person(stranger, 'm-2'))
  const company = { stir, name: 'Sinov MChJ', registered_on: '2024-03-01' }
  const founded = { company, director: { pinfl: director.pinfl } }
  await report(event('dxa', 'm-3', 'uz.dxa.company.registered', founded))
  const permit = {
    company: { stir },
    licence: 'P-1',
    name: 'Taksi',
    kind: 'permit',
    valid_until: '2026-12-10',
  }
  await report(event('dxa', 'm-4', 'uz.dxa.licence.granted', permit))

  const me = (await subjectOf(world, director.pinfl))!
  const { services, asker } = servicesAs(me)
  const [card, ...none] = (await services.inbox(asker)).proposals
  assert.deepEqual(
    [card!.about, card!.due_on, card!.kind, none.length],
    ['Sinov MChJ · Taksi', '2026-12-10', 'obligation', 0],
  )

  const other = servicesAs((await subjectOf(world, stranger.pinfl))!)
  assert.deepEqual((await other.services.inbox(other.asker)).proposals, [])
  assert.equal(await other.services.proposal(other.asker, card!.id), null)
  assert.equal(await other.services.why(other.asker, 'proposal', card!.id), null)
  const foreign = await other.services.accept(other.asker, card!.id, { answer_key: 'k' })
  assert.ok(!foreign.ok && foreign.refusal.code === 'not_found')

  const view = await services.proposal(asker, card!.id)
  assert.equal(view?.grounds.facts.length, 1)
  assert.ok((await services.accept(asker, card!.id, { answer_key: 'k' })).ok)
  const after = await services.inbox(asker)
  assert.deepEqual([after.proposals, after.noted.map((n) => n.id)], [[], [card!.id]])

  const [row] = await world.database.owner.rows<{ subject_id: SubjectId; answered_by: string }>({
    text: 'select subject_id, answered_by from proposals where id = $1',
    values: [card!.id],
  })
  assert.equal(row!.answered_by, me)
  const looks = await listAccess(world.database.db, row!.subject_id, { limit: 50, by: 'others' })
  const looked = looks.filter((l) => l.actor_kind === 'person')
  assert.ok(looked.length > 0 && looked.every((l) => l.actor === me && l.actor_role === 'director'))
})

test('who no longer heads the company sees nothing of it', async () => {
  await report(event('dxa', 'm-3-gone', 'uz.dxa.company.registered', undefined, { hamrohretracts: 'm-3' }))
  const { services, asker } = servicesAs((await subjectOf(world, director.pinfl))!)
  const inbox = await services.inbox(asker)
  assert.deepEqual([inbox.proposals, inbox.noted], [[], []])
})
