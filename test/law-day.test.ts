/**
 * A text of a rule with a first day to come: published today it tells those it will concern and does nothing else; on its
 * day the determinations turn by the wake queue alone, and nobody is told twice.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { agencyOf, incomeEvent, populationEvents } from '../country/population.ts'
import { getPublication, getSimulation } from '../src/council/council.ts'
import { intake, wake } from '../src/flow.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { listProposals } from '../src/proposals/proposals.ts'
import { type LawWorld, nextText, openLawWorld, RULE, writtenThreshold } from './law.ts'

const E = '2027-01-01'
const PEOPLE = 1200
let world: LawWorld

before(async () => {
  world = await openLawWorld()
  const results = await intake(
    world.engine,
    [...populationEvents({ people: PEOPLE })].map((item) => ({ agency: agencyOf(item), item })),
  )
  assert.ok(results.every((r) => r.status === 'accepted'))
  await awake()
})
after(() => world.end())

/** Does what is due. @returns how many were woken */
async function awake(): Promise<number> {
  for (let woken = 0; ; ) {
    const n = await wake(world.engine)
    if (n === 0) return woken
    woken += n
  }
}

/** The second text of the rule, with a higher threshold and a first day to come. */
const laterText = (): string =>
  nextText((body) =>
    body
      .replace('effective: { from: 2025-07-01', `effective: { from: ${E}`)
      .replace(
        / {6}- from: 2025-07-01\n {8}value: 648000\n(?: {8}.*\n)*/,
        `${writtenThreshold(900_000, '2025-07-01')}\n`,
      ),
  )

/** What is said of everybody now. "Does not apply" may stand as a row or as none. */
async function outcomes(): Promise<Map<SubjectId, string>> {
  const rows = await world.database.db.rows<{ subject_id: SubjectId; outcome: string }>(sql`
    select subject_id, outcome from determinations where rule_id = ${RULE} and superseded_at is null and outcome <> 'does_not_apply' order by 1`)
  return new Map(rows.map((r) => [r.subject_id, r.outcome]))
}

const proposals = (kind: 'law' | 'other') =>
  world.database.db.rows<{
    subject_id: SubjectId
    id: string
    state: string
    due_on: string
    law_change: string
  }>(sql`
    select subject_id, id, state, due_on, law_change from proposals where (law_change is not null) = ${kind === 'law'} order by id`)

const openNotices = async () => (await proposals('law')).filter((p) => p.state === 'open')

test('published today, it only tells whom it will concern; on its day determinations turn without a look at anybody else', async () => {
  const { database, clock, book } = world
  const [said, offered] = [await outcomes(), await proposals('other')]
  const published = await world.publish({ rule: RULE, text: laterText() })
  assert.equal(published.effective_on, E)
  await world.finish()
  const report = (await getSimulation(world.council, published.simulation))!.report!
  const { gained, after: applying } = report.days.at(-1)!.counts
  assert.ok(gained! >= 10)

  // Today: the old text holds, nothing is due, nobody's matters moved.
  assert.equal(book.now().pack.rules.get(RULE)!.source.version, 1)
  assert.deepEqual(await outcomes(), said)
  assert.deepEqual(await proposals('other'), offered)
  const notices = await proposals('law')
  assert.equal(notices.length, gained)
  assert.ok(notices.every((n) => n.state === 'open' && n.law_change === 'gained' && n.due_on === E))
  const { run } = (await getPublication(database.db, published.id))!
  assert.deepEqual([run!.state, run!.starts_on, run!.changed], ['waiting', E, 0], 'it waits for its day')
  const told = new Set(notices.map((n) => n.subject_id))
  const due = await database.db.rows<{ subject_id: SubjectId }>(
    sql`select distinct subject_id from due_work where kind = 'redetermine' and due_at <= ${`${E}T00:00:00+05:00`}`,
  )
  const waking = new Set(due.map((d) => d.subject_id))
  assert.ok(
    [...told].every((subject) => waking.has(subject)),
    'each has a day in the wake queue',
  )

  // Whose income turns out higher before the day is told that it no longer holds; all others stay as they are.
  const [richer] = told
  const [known] = await database.db.rows<{ value: string }>(
    sql`select value from identifiers where subject_id = ${richer!} and kind = 'pinfl'`,
  )
  const item = incomeEvent({
    id: 'richer',
    pinfl: known!.value,
    monthly_uzs: 90_000_000,
    reported_at: clock.now().toISOString(),
  })
  assert.equal((await intake(world.engine, [{ agency: 'tax', item }]))[0]!.status, 'accepted')
  const gone = (await listProposals(database.db, richer!, ['withdrawn'])).filter((p) => p.law_change !== null)
  assert.deepEqual([gone.length, gone[0]!.closed_because !== null], [1, true])
  told.delete(richer!)
  const standing = notices.filter((n) => n.subject_id !== richer)

  // The last second before.
  clock.set(`${E}T00:00:00+05:00`)
  clock.forward(-1000)
  await awake()
  const before = await outcomes()
  assert.ok([...told].every((subject) => before.get(subject) !== 'applies'))
  assert.equal(book.now().pack.rules.get(RULE)!.source.version, 1)

  // The day itself: only who is due is looked at.
  const [left] = await database.db.rows<{ n: number }>(
    sql`select count(*)::int as n from due_work where due_at <= ${`${E}T00:00:00+05:00`}`,
  )
  clock.forward(1000)
  assert.equal(await awake(), left!.n)
  assert.ok(left!.n < PEOPLE / 2, `${left!.n} of ${PEOPLE} were woken`)
  const then = await outcomes()
  assert.ok([...told].every((subject) => then.get(subject) === 'applies'))
  assert.equal([...then.values()].filter((o) => o === 'applies').length, applying! - 1)
  const turned = await database.db.rows<{ subject_id: SubjectId; rule_hash: string; publication: string }>(
    sql`select subject_id, rule_hash, publication from determinations where rule_id = ${RULE} and superseded_at is null and subject_id = any (${[...told]}::uuid[])`,
  )
  for (const row of turned)
    assert.deepEqual([row.rule_hash, row.publication], [published.rule_hash, published.id])
  assert.deepEqual(await openNotices(), standing, 'a notice stays as it was told')

  // The second time through, on its day, finds nothing new to tell.
  await world.finish()
  const ended = (await getPublication(database.db, published.id))!.run!
  assert.deepEqual([ended.state, ended.notices], ['done', gained])
  assert.deepEqual(await openNotices(), standing)
  assert.deepEqual(await outcomes(), then)
})
