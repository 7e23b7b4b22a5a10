/** A change of law from the question "what if" to the people it concerns: simulated, published, followed through. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { agencyOf, createPopulation, incomeEvent, populationEvents } from '../country/population.ts'
import {
  askSimulation,
  type CouncilContext,
  continuePublications,
  getPublication,
  getSimulation,
  openRuleBook,
  publish,
  type SimulationRequest,
  steerRun,
} from '../src/council/council.ts'
import { redetermineWith } from '../src/council-flow.ts'
import { currentDeterminations } from '../src/determinations/determinations.ts'
import { causesOf } from '../src/events/events.ts'
import { intake, wake } from '../src/flow.ts'
import { readRuleText } from '../src/packs/packs.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { listProposals } from '../src/proposals/proposals.ts'
import { author, head, type LawWorld, openLawWorld, RULE, threshold } from './law.ts'
import { subjectOf } from './world.ts'

const PEOPLE = 1500
let world: LawWorld
let council: CouncilContext
const adviser = author

before(async () => {
  world = await openLawWorld()
  council = world.council
  const results = await intake(
    world.engine,
    [...populationEvents({ people: PEOPLE })].map((item) => ({ agency: agencyOf(item), item })),
  )
  assert.ok(results.every((r) => r.status === 'accepted'))
  while ((await wake(world.engine)) > 0);
})
after(() => world.end())

const simulated = (request: SimulationRequest) => world.simulate(request)
const work = () => world.work()
const finish = () => world.finish()

async function standing(): Promise<Map<SubjectId, string>> {
  const rows = await world.database.db.rows<{ subject_id: SubjectId; outcome: string }>(
    sql`select subject_id, outcome from determinations where rule_id = ${RULE} and superseded_at is null`,
  )
  return new Map(rows.map((r) => [r.subject_id, r.outcome]))
}

const refusal = async (request: SimulationRequest, officer = adviser): Promise<string> => {
  const asked = await askSimulation(council, request, officer)
  return asked.ok ? 'accepted' : asked.refusal.code
}

test('what cannot be simulated is refused with the reason', async () => {
  const { rule: _, ...change } = threshold(700_000, '2027-01-01')
  assert.equal(await refusal({ rule: 'uz.no-such', ...change }), 'unknown_rule')
  assert.equal(
    await refusal({ rule: RULE, changes: [{ param: 'no_such', value: 1, from: '2027-01-01' }] }),
    'unknown_param',
  )
  assert.equal(await refusal(threshold(700_000, '2026-11-23')), 'date_in_past')
  assert.equal(await refusal({ ...threshold(700_000, '2027-01-01'), as_of: '2026-11-01' }), 'date_in_past')
  const twice = threshold(700_000, '2027-01-01').changes!
  assert.equal(await refusal({ rule: RULE, changes: [...twice, ...twice] }), 'overlapping_versions')
  assert.equal(
    await refusal({ rule: RULE, changes: [{ param: 'income_per_head', value: true, from: '2027-01-01' }] }),
    'rule_refused',
  )
  assert.equal(
    await refusal({ rule: RULE, changes: [{ param: 'income_per_head', value: 0.001, from: '2027-01-01' }] }),
    'rule_refused',
  )
  const text = readRuleText('packs/uz', RULE)!
  assert.equal(await refusal({ rule: RULE, text }), 'version_not_raised')
  assert.equal(await refusal({ rule: RULE, text: 'a: [' }), 'unknown_rule')
  assert.equal(
    await refusal({ rule: RULE, text: text.replace('version: 1', 'version: 2') }),
    'changes_nothing',
  )
  assert.equal(
    await refusal({ rule: RULE, text: text.replace('version: 1', 'version: 2').replace('< 18)', '< 18))') }),
    'rule_refused',
  )
  assert.equal(
    await refusal(threshold(700_000, '2027-01-01'), { ...adviser, agency: 'zags' }),
    'not_a_publisher',
  )
})

test('a report counts what the engine itself would say, hides the few, and is signed', async () => {
  const { report, report_hash } = await simulated(threshold(900_000, '2027-01-01'))
  const { days, differences, smallest_group } = report!
  assert.deepEqual(
    days.map((d) => [d.day, d.reason]),
    [
      ['2026-11-24', 'now'],
      ['2027-01-01', 'takes_effect'],
    ],
  )
  assert.deepEqual(differences, [
    { what: 'param', name: 'income_per_head', before: [], after: [{ from: '2027-01-01', value: 900_000 }] },
  ])
  const [now, then] = days as [(typeof days)[0], (typeof days)[0]]
  assert.equal(now.counts.gained, 0)
  const applying = [...(await standing()).values()].filter((o) => o === 'applies').length
  assert.equal(now.counts.before, applying)
  assert.ok(then.counts.gained! >= smallest_group, JSON.stringify(then.counts))
  assert.equal(then.counts.lost, 0)
  assert.ok(then.cost!.gained! > 0)
  for (const band of then.bands)
    for (const column of ['still', 'gained', 'lost', 'asked'] as const) {
      const numbers = band.rows.map((r) => r[column])
      assert.ok(
        numbers.every((n) => n === null || n === 0 || n >= smallest_group),
        `${band.id} ${column}`,
      )
      assert.notEqual(numbers.filter((n) => n === null).length, 1, `${band.id} ${column} gives one away`)
    }
  for (const { rows } of then.bands) {
    for (const { gained, still, cost } of rows)
      assert.deepEqual([cost!.gained === null, cost!.still === null], [gained === null, still === null])
    const together = rows.reduce((sum, { cost }) => sum + (cost!.gained ?? 0), 0)
    const is_whole = rows.every(({ cost }) => cost!.gained !== null)
    assert.ok(is_whole ? together === then.cost!.gained : together < then.cost!.gained!)
  }
  assert.equal(then.evaluated, 0, 'nobody had to be worked out row by row')
  const missed = then.misses.find((m) => m.predicate === 'household_income')!
  assert.ok(missed.before! > missed.after!, 'fewer miss it by their income alone')
  assert.match(report_hash!, /^[0-9a-f]{64}$/)
})

test('a change of law is simulated, published, followed through, and told to those it concerns', async () => {
  const { engine, database, clock } = world
  const before = await standing()
  const one = await simulated(threshold(900_000, '2027-01-01'))

  const denied = await publish(council, { simulation: one.id, officer: adviser })
  assert.equal(!denied.ok && denied.refusal.code, 'not_your_role')
  const none = await publish(council, { simulation: engine.ids(), officer: head })
  assert.equal(!none.ok && none.refusal.code, 'not_simulated')
  const silent = await simulated({
    ...threshold(950_000, '2027-01-01'),
    changes: [{ param: 'income_per_head', value: 950_000, from: '2027-01-01' }],
  })
  const nameless = await publish(council, { simulation: silent.id, officer: head })
  assert.equal(!nameless.ok && nameless.refusal.code, 'no_citation')
  const early = await simulated(threshold(950_000, '2026-11-24'))
  const failing = await publish(council, { simulation: early.id, officer: head })
  assert.equal(!failing.ok && failing.refusal.code, 'examples_fail')

  // Two heads press the button of two simulations at once: one change is published, the other must be looked at again.
  const other = await simulated(threshold(1_000_000, '2027-02-01'))
  const both = await Promise.all([
    publish(council, { simulation: one.id, officer: head }),
    publish(council, { simulation: other.id, officer: { ...head, number: 'IHMA-004' } }),
  ])
  assert.equal(both.filter((b) => b.ok).length, 1)
  const refused = both.find((b) => !b.ok)!
  assert.ok(!refused.ok && ['stale_report', 'run_under_way'].includes(refused.refusal.code))
  const done = both.find((b) => b.ok)!
  assert.ok(done.ok)
  const published = done.value.publication
  const again = await publish(council, { simulation: published.simulation, officer: head })
  assert.ok(again.ok && again.value.repeated && again.value.publication.id === published.id)
  const E = published.effects[0]!

  // Another process takes it up by itself.
  const elsewhere = await openRuleBook({
    db: database.db,
    folder: 'packs/uz',
    base: world.pack,
    clock,
    with_unconfirmed: true,
  })
  assert.equal(elsewhere.now().pack.rules.get(RULE)!.source.version, 2)
  assert.equal(world.engine.pack.rules.get(RULE)!.source.version, 2)

  // The run can be paused between two batches, and a batch that was cut off leaves nothing half done.
  await work()
  const paused = await steerRun(council, { publication: published.id, to: 'pause', officer: head })
  assert.ok(paused.ok)
  assert.equal(await work(), 0)
  const not_twice = await steerRun(council, { publication: published.id, to: 'pause', officer: head })
  assert.equal(!not_twice.ok && not_twice.refusal.code, 'no_such_state')
  assert.ok((await steerRun(council, { publication: published.id, to: 'resume', officer: head })).ok)
  await assert.rejects(
    continuePublications(council, async (tx, causes, at) => {
      await redetermineWith(engine)(tx, causes, at)
      throw new Error('the machine stopped')
    }),
    /stopped/,
  )
  await finish()
  const run = (await getPublication(database.db, published.id))!.run!
  assert.equal(run.state, 'done')
  assert.ok(run.affected > 0 && run.notices > 0 && run.done >= PEOPLE, JSON.stringify(run))

  // Who gains on the day has a determination that turns then, and exactly one notice that says so.
  const report = (await getSimulation(council, published.simulation))!.report!
  assert.equal(run.notices, report.days.at(-1)!.counts.gained)
  const told: SubjectId[] = []
  const everybody = await database.db.rows<{ subject_id: SubjectId }>(sql`select subject_id from subjects`)
  for (const { subject_id: subject } of everybody) {
    const notices = (await listProposals(database.db, subject, ['open'])).filter((p) => p.law_change !== null)
    assert.ok(notices.length <= 1)
    const [notice] = notices
    if (!notice) continue
    told.push(subject)
    assert.notEqual(before.get(subject), 'applies')
    assert.deepEqual(
      [notice.rule_id, notice.publication, notice.law_change, notice.due_on],
      [RULE, published.id, 'gained', E],
    )
    const edges = await causesOf(database.db, subject, { kind: 'proposal', id: notice.id })
    assert.ok(edges.some((e) => e.cause_kind === 'publication' && e.cause_id === published.id))
    assert.ok(edges.some((e) => e.cause_kind === 'simulation' && e.cause_id === published.simulation))
    const [now] = (await currentDeterminations(database.db, subject)).filter((d) => d.rule_id === RULE)
    assert.deepEqual([now!.outcome, now!.until, now!.publication], ['does_not_apply', E, published.id])
  }
  assert.equal(told.length, run.notices)

  // Nothing more is done when it is asked again, and on the day the determinations turn by themselves.
  assert.equal(await work(), 0)
  clock.forward(Date.parse(`${E}T00:00:01+05:00`) - clock.now().getTime())
  while ((await wake(engine)) > 0);
  for (const subject of told) {
    const [now] = (await currentDeterminations(database.db, subject)).filter((d) => d.rule_id === RULE)
    assert.deepEqual([now!.outcome, now!.publication], ['applies', published.id])
  }
  const applying = [...(await standing()).values()].filter((o) => o === 'applies').length
  assert.equal(applying, report.days.at(-1)!.counts.after)
})

test('whoever reports an event while law is published is judged by one law', async () => {
  const { engine, clock } = world
  const mothers = [...createPopulation({ people: PEOPLE }).households()]
    .flatMap((h) => h.members.filter((m) => m.role === 'wife'))
    .slice(0, 60)
  const next = await simulated(threshold(1_200_000, '2027-06-01'))
  const at = clock.now().toISOString()
  const [done] = await Promise.all([
    publish(council, { simulation: next.id, officer: head }),
    ...mothers.map((mother, n) =>
      intake(engine, [
        {
          agency: 'tax',
          item: incomeEvent({
            id: `race-${n}`,
            pinfl: mother.pinfl,
            monthly_uzs: 5_000_000,
            reported_at: at,
          }),
        },
      ]),
    ),
  ])
  assert.ok(done.ok, JSON.stringify(done))
  await finish()
  const hash = engine.pack.rules.get(RULE)!.hash
  for (const mother of mothers) {
    const subject = (await subjectOf(world, mother.pinfl))!
    for (const d of await currentDeterminations(engine.db, subject))
      if (d.rule_id === RULE && d.until !== null)
        assert.equal(d.rule_hash, hash, 'no one is left with the old law')
  }
})
