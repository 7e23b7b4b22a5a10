/**
 * Notices that the law changed follow what is known of people: in whatever order their events and the publications come,
 * they end with the notice that is true, and what was withdrawn says why.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { causesOf } from '../src/events/events.ts'
import { intake, wake } from '../src/flow.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { answer, countLawNotices, listProposals, type Proposal } from '../src/proposals/proposals.ts'
import { event, type Reported } from './journeys.ts'
import { type LawWorld, nextText, openLawWorld, RULE, threshold, writtenThreshold } from './law.ts'
import { subjectOf } from './world.ts'

const E = '2027-01-01'
const ALL = ['open', 'accepted', 'declined', 'withdrawn', 'expired'] as const

let world: LawWorld
before(async () => {
  world = await openLawWorld()
})
after(() => world.end())

// ── People whose events are told in any order ──

const pinfl = (n: number) => `4120990${String(n).padStart(7, '0')}`
const child = (n: number) => `6101126${String(n).padStart(7, '0')}`

const known = (n: number): Reported =>
  event('gcp', 'uz.gcp.person.registered', `p${n}`, {
    person: { pinfl: pinfl(n), full_name: 'Ona', birth_date: '1990-09-12', sex: 'f', citizenship: 'uz' },
  })
const birth = (n: number): Reported =>
  event('zags', 'uz.zags.birth.registered', `b${n}`, {
    certificate: `I-TN ${n}`,
    child: {
      pinfl: child(n),
      full_name: 'Qiz',
      birth_date: '2026-11-10',
      sex: 'f',
      birth_order: 1,
    },
    mother: { pinfl: pinfl(n) },
  })
const household = (n: number): Reported =>
  event('ihma', 'uz.ihma.household.recorded', `h${n}`, {
    person: { pinfl: pinfl(n) },
    household: `H-${n}`,
    size: 3,
    in_register: false,
    since: '2025-12-01',
  })
/** @param at the later one is the one that is believed */
const income = (n: number, at: number, sum: number): Reported =>
  event(
    'tax',
    'uz.tax.income.reported',
    `i${n}-${at}`,
    {
      person: { pinfl: pinfl(n) },
      period_from: '2025-11-01',
      period_to: '2026-10-31',
      household_income: sum * 100,
    },
    { time: `2026-11-24T04:0${at}:00Z` },
  )
const gone = ({ agency, item }: Reported): Reported => {
  const { id, source, type } = item as { id: string; source: string; type: string }
  return {
    agency,
    item: {
      specversion: '1.0',
      id: `${id}-gone`,
      source,
      type,
      time: '2026-11-24T04:30:00Z',
      hamrohretracts: id,
    },
  }
}

const [LOW, BETWEEN, HIGH] = [1_800_000, 2_400_000, 9_000_000]

type Means = 'gained' | 'lost' | null

/** What is told of a person, and what a higher and a lower threshold mean to them in the end. */
const lives: readonly {
  readonly name: string
  readonly higher: Means
  readonly lower: Means
  /** Beside the birth and the household. */
  readonly told: (n: number) => readonly Reported[]
}[] = [
  { name: 'always low', higher: null, lower: 'lost', told: (n) => [income(n, 1, LOW)] },
  { name: 'between', higher: 'gained', lower: null, told: (n) => [income(n, 1, BETWEEN)] },
  {
    name: 'fell between',
    higher: 'gained',
    lower: null,
    told: (n) => [income(n, 1, HIGH), income(n, 2, BETWEEN)],
  },
  {
    name: 'rose between',
    higher: 'gained',
    lower: null,
    told: (n) => [income(n, 1, LOW), income(n, 2, BETWEEN)],
  },
  {
    name: 'rose beyond',
    higher: null,
    lower: null,
    told: (n) => [income(n, 1, BETWEEN), income(n, 2, HIGH)],
  },
  {
    name: 'fell below',
    higher: null,
    lower: 'lost',
    told: (n) => [income(n, 1, BETWEEN), income(n, 2, LOW)],
  },
  {
    name: 'an income retracted',
    higher: null,
    lower: null,
    told: (n) => [income(n, 1, BETWEEN), gone(income(n, 1, BETWEEN))],
  },
  {
    name: 'a higher income retracted',
    higher: 'gained',
    lower: null,
    told: (n) => [income(n, 1, BETWEEN), income(n, 2, HIGH), gone(income(n, 2, HIGH))],
  },
  {
    name: 'a higher income retracted, a low one left',
    higher: null,
    lower: 'lost',
    told: (n) => [income(n, 1, LOW), income(n, 2, HIGH), gone(income(n, 2, HIGH))],
  },
  {
    name: 'the birth retracted',
    higher: null,
    lower: null,
    told: (n) => [gone(birth(n)), income(n, 1, BETWEEN), income(n, 2, LOW)],
  },
]

const OF_EACH = 10

/** The same numbers in every run of the test; `seed` stands in what fails. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function shuffled<T>(list: readonly T[], next: () => number): T[] {
  const all = [...list]
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(next() * (at + 1))
    ;[all[at], all[other]] = [all[other]!, all[at]!]
  }
  return all
}

async function send(items: readonly Reported[], to = world): Promise<void> {
  to.clock.forward(1000)
  for (const result of await intake(to.engine, items))
    assert.notEqual(result.status, 'refused', JSON.stringify(result))
}

const noticesOf = async (subject: SubjectId, of = world): Promise<Proposal[]> =>
  (await listProposals(of.database.db, subject, ALL)).filter((p) => p.law_change !== null)
const live = (notices: readonly Proposal[]) =>
  notices.filter((p) => !['withdrawn', 'expired'].includes(p.state))

for (const [way, asked] of [
  ['higher', threshold(900_000, E)],
  // A value alone would leave the pack's examples untrue.
  [
    'lower',
    {
      rule: RULE,
      text: nextText((body) =>
        body.replace(
          '  base_under_3:',
          `${writtenThreshold(550_000, E)}
  base_under_3:`,
        ),
      ),
    },
  ],
] as const)
  test(`a ${way} threshold: in whatever order events and publication come, each ends with the notice that is true, and each that is gone says why`, async () => {
    const mine = way === 'higher' ? world : await openLawWorld()
    const next = dice(20261124)
    const people = lives.flatMap((life) => Array.from({ length: OF_EACH }, () => life))
    const told = people.map((life, n) => shuffled([birth(n), household(n), ...life.told(n)], next))
    await send(
      people.map((_, n) => known(n)),
      mine,
    )
    // Before the publication, between it and its run, in the middle of the run, and after it.
    const phases: Reported[][] = [[], [], [], []]
    for (const events of told) {
      const cuts = events.map(() => Math.floor(next() * phases.length)).sort()
      for (const [i, one] of events.entries()) phases[cuts[i]!]!.push(one)
    }
    const sendAll = async (phase: number) => {
      for (const one of phases[phase]!) await send([one], mine)
    }
    await sendAll(0)
    const published = await mine.publish(asked)
    await sendAll(1)
    await mine.work()
    await sendAll(2)
    await mine.finish()
    await sendAll(3)

    let withdrawn = 0
    const counted = { told: 0, gone: 0 }
    for (const [n, life] of people.entries()) {
      const subject = (await subjectOf(mine, pinfl(n)))!
      const notices = await noticesOf(subject, mine)
      const says = `${life.name}, person ${n}: ${told[n]!.map(({ item }) => (item as { id: string }).id).join(' ')}`
      assert.deepEqual(
        live(notices).map((p) => [p.state, p.law_change, p.due_on, p.publication]),
        life[way] ? [['open', life[way], E, published.id]] : [],
        says,
      )
      if (notices.length > 0) counted.told++
      if (notices.length > 0 && live(notices).length === 0) counted.gone++
      withdrawn += await checkReasons(mine, subject, notices)
    }
    assert.ok(withdrawn > 2, `${withdrawn} were withdrawn: the orders were different enough`)
    assert.deepEqual(await countLawNotices(mine.database.db, published.id), counted)
    if (mine !== world) await mine.end()
  })

/** What is gone names the event that made it so; what is open rests on what stands. @returns how many are gone */
async function checkReasons(
  mine: LawWorld,
  subject: SubjectId,
  notices: readonly Proposal[],
): Promise<number> {
  for (const { id, state, determination, closed_because } of notices) {
    const edges = await causesOf(mine.database.db, subject, { kind: 'proposal', id })
    assert.ok(edges.some((e) => e.cause_kind === 'determination'))
    if (state === 'open') {
      const [row] = await mine.database.db.rows<{ superseded_at: Date | null }>(
        sql`select superseded_at from determinations where subject_id = ${subject} and id = ${determination}`,
      )
      assert.equal(row!.superseded_at, null)
    } else {
      assert.ok(state === 'withdrawn' && closed_because)
      assert.ok(edges.some((e) => e.cause_kind === 'event' && e.cause_id === closed_because))
    }
  }
  return notices.filter((p) => p.state !== 'open').length
}

test('what was read and no longer holds is withdrawn while the change is news, and told anew when it holds again', async () => {
  const n = 900
  await send([known(n), birth(n), household(n), income(n, 1, BETWEEN)])
  const subject = (await subjectOf(world, pinfl(n)))!
  const [first] = await noticesOf(subject)
  assert.equal(first!.state, 'open', 'told although their facts came after the run')
  const read = await world.engine.db.transaction((tx) =>
    answer(tx, world.clock.now(), { subject, id: first!.id, answer: 'accept', key: 'k', by: subject }),
  )
  assert.ok(read.ok)
  await send([income(n, 2, HIGH)])
  const [now, ...more] = await noticesOf(subject)
  assert.deepEqual([now!.id, now!.state, more.length], [first!.id, 'withdrawn', 0])
  assert.ok(now!.closed_because && now!.answered_at, 'that it was read stays')
  await send([gone(income(n, 2, HIGH))])
  assert.deepEqual(
    (await noticesOf(subject)).map((p) => p.state),
    ['open', 'withdrawn'],
  )
})

test('a later change of the same rule withdraws what the first one said, and its own notice stands in its place', async () => {
  const n = 901
  await send([known(n), birth(n), household(n), income(n, 1, BETWEEN)])
  const subject = (await subjectOf(world, pinfl(n)))!
  const [first] = await noticesOf(subject)
  const [text] = world.book.now().publications.map((p) => p.rule_text)
  const back = await world.publish({
    rule: RULE,
    text: text!.replace('version: 2', 'version: 3').replace('value: 900000', 'value: 648000'),
  })
  await world.finish()
  const [second, old] = await noticesOf(subject)
  assert.deepEqual([second!.law_change, second!.publication, second!.state], ['lost', back.id, 'open'])
  assert.deepEqual(
    [old!.id, old!.state, old!.replaced_by, old!.closed_because],
    [first!.id, 'withdrawn', second!.id, null],
  )
})

test('on its day a notice stays, rests on what stands then, and later facts no longer tell anybody of old news', async () => {
  const n = 902
  await world.publish(threshold(950_000, '2027-02-01'))
  await world.finish()
  await send([known(n), birth(n), household(n), income(n, 1, BETWEEN)])
  const subject = (await subjectOf(world, pinfl(n)))!
  assert.deepEqual(
    (await noticesOf(subject)).map((p) => [p.state, p.law_change, p.due_on]),
    [['open', 'gained', '2027-02-01']],
  )
  world.clock.set('2027-01-31T19:00:00Z')
  while ((await wake(world.engine)) > 0);
  const [then] = await noticesOf(subject)
  assert.deepEqual([then!.state, then!.due_on], ['open', '2027-02-01'])
  const [rests] = await world.database.db.rows<{ outcome: string }>(
    sql`select outcome from determinations where subject_id = ${subject} and id = ${then!.determination} and superseded_at is null`,
  )
  assert.equal(rests!.outcome, 'applies')
  // A family that moves between the thresholds after the day has a new right, not news of a change.
  await send([known(903), birth(903), household(903), income(903, 1, BETWEEN)])
  assert.deepEqual(await noticesOf((await subjectOf(world, pinfl(903)))!), [])
  await send([income(n, 2, HIGH)])
  assert.deepEqual(
    (await noticesOf(subject)).map((p) => p.state),
    ['withdrawn'],
    'an unread one still follows',
  )
})
