/** I4 and I9 on a real decision: it can be walked back to its event, facts and article, and replays byte for byte. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { after, before, test } from 'node:test'
import { agencyOf } from '../country/people/events.ts'
import { birthEvent, type CloudEvent, createPopulation, newborn, retraction } from '../country/population.ts'
import { listCases, replayDecision, type Signer, standingDraft } from '../src/cases/cases.ts'
import { currentDeterminations, determinationOf } from '../src/determinations/determinations.ts'
import { causesOf, effectsFrom, findEvents } from '../src/events/events.ts'
import { answerProposal, type Engine, intake } from '../src/flow.ts'
import { type JourneyContext, journeyReactions, makeJourneys, officerFinalises } from '../src/journey-flow.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { listProposals } from '../src/proposals/proposals.ts'
import { listAccess } from '../src/trust/trust.ts'
import { openWorld, subjectOf, type World } from './world.ts'

const OFFICER = { number: 'PENSION-001', name: 'Sinov Xodimi', agency: 'pension' }
const household = [...createPopulation({ people: 400 }).households()].find((h) =>
  h.members.some((m) => m.role === 'wife'),
)!
const mother = household.members.find((m) => m.role === 'wife')!
const birth = birthEvent({
  n: 1,
  child: newborn({ n: 1, born_on: '2026-11-18', sex: 'f' }),
  mother_pinfl: mother.pinfl,
  birth_order: 1,
  registered_at: '2026-11-20T10:00:00+05:00',
})

let world: World
let engine: Engine
let journeys: JourneyContext
let subject: SubjectId
let signer: Signer
let decision: string

const send = async (item: CloudEvent | object, agency: string) => {
  const [result] = await intake(engine, [{ agency, item }])
  assert.equal(result!.status, 'accepted', JSON.stringify(result))
}

before(async () => {
  world = await openWorld()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  signer = {
    sign: (bytes) => sign(null, bytes, privateKey).toString('base64url'),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
  const { database, pack, clock } = world
  journeys = makeJourneys({
    pack,
    clock,
    queue_clock: clock,
    ids: world.engine.ids,
    random: () => 0.5,
    db: database.db,
    gate: database.gate,
    signer,
    agencies: { send: never, ask: never, undo: never },
    processing_purpose: 'uz.purpose.engine',
    name_predicate: 'full_name',
  })
  engine = { ...world.engine, journeys: journeyReactions(journeys) }
  await send(
    {
      specversion: '1.0',
      id: 'p',
      source: 'urn:uz:gcp',
      type: 'uz.gcp.person.registered',
      time: '2026-11-01T04:00:00Z',
      data: {
        person: {
          pinfl: mother.pinfl,
          full_name: mother.full_name,
          birth_date: mother.birth_date,
          sex: 'f',
          citizenship: 'uz',
        },
      },
    },
    'gcp',
  )
  await send(birth, 'zags')
  subject = (await subjectOf(world, mother.pinfl))!
  const [proposal] = await listProposals(engine.db, subject, ['open'])
  const accepted = await answerProposal(engine, journeys, {
    subject,
    id: proposal!.id,
    answer: 'accept',
    key: 'k',
    by: subject,
  })
  assert.ok(accepted.ok)
  const [found] = (await listCases(engine.db, 'pension', 10)).cases
  const draft = await standingDraft(engine.db, found!)
  world.clock.forward(60_000)
  const done = await officerFinalises(journeys, {
    case_id: found!.id,
    officer: OFFICER,
    outcome: 'granted',
    draft_hash: draft!.hash,
    person_locale: 'uz-Latn',
  })
  assert.ok(done.ok, JSON.stringify(done))
  decision = done.value.decision.id
})
after(() => world.end())

// Calls to agencies are jobs; nobody works on them here.
const never = () => Promise.reject(new Error('no agency is called in this test'))

const replay = () =>
  replayDecision(engine.db, { pack: world.pack, trusted_keys: [signer.publicKey] }, { subject, id: decision })

test('I9: a decision replays byte for byte, also after facts have changed and the birth was retracted', async () => {
  assert.deepEqual(await replay(), { ok: true, value: { same: true, differences: [] } })
  world.clock.forward(86_400_000)
  await send(retraction(birth, { id: 'retracted', time: '2026-11-25T01:00:00Z' }), agencyOf(birth))
  assert.deepEqual(await replay(), { ok: true, value: { same: true, differences: [] } })
})

test('I9: a record that was tampered with does not replay', async () => {
  await world.database.owner.run(
    sql`update decisions set record = jsonb_set(record, '{effect,amount}', '999999999') where id = ${decision}`,
  )
  const tampered = await replay()
  assert.ok(tampered.ok && !tampered.value.same && tampered.value.differences.length > 0)
})

test('I4: from decision, proposal and access entry one can walk back to the event, the facts and the rule', async () => {
  const edges = await causesOf(engine.db, subject, { kind: 'decision', id: decision })
  const kinds = new Set(edges.map((e) => e.cause_kind))
  for (const kind of ['case', 'step', 'journey', 'proposal', 'determination', 'fact', 'event'] as const)
    assert.ok(kinds.has(kind), `no ${kind} behind the decision`)
  const events = await findEvents(
    engine.db,
    edges.filter((e) => e.cause_kind === 'event').map((e) => e.cause_id),
  )
  assert.ok(events.some((e) => e.event_id === birth.id))
  const said = await determinationOf(
    engine.db,
    subject,
    edges.find((e) => e.cause_kind === 'determination')!.cause_id,
  )
  assert.ok(
    [...world.pack.rules.values()].some((r) => r.hash === said!.rule_hash && r.source.legal.length > 0),
    'the rule version and its article',
  )
  const processed = (await listAccess(engine.db, subject)).find(
    (a) => a.actor_kind === 'engine' && a.because !== null,
  )!
  assert.ok(
    (await causesOf(engine.db, subject, { kind: 'access', id: processed.id })).some(
      (e) => e.cause_kind === 'event',
    ),
  )
})

test('I4: from the event one can walk forward to all it caused, and retracting it took the determinations back', async () => {
  const [event] = await engine.db.rows<{ id: string }>(
    sql`select id from events where event_id = ${birth.id}`,
  )
  const kinds = new Set(
    (await effectsFrom(engine.db, subject, { kind: 'event', id: event!.id })).map((e) => e.effect_kind),
  )
  for (const kind of ['fact', 'determination', 'proposal', 'journey', 'case', 'decision'] as const)
    assert.ok(kinds.has(kind), kind)
  assert.deepEqual(
    (await currentDeterminations(engine.db, subject)).filter((d) => d.outcome === 'applies'),
    [],
  )
  const [journey] = await engine.db.rows<{ state: string }>(sql`select state from journeys`)
  assert.ok(['undoing', 'undone'].includes(journey!.state))
})
