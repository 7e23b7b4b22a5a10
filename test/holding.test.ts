/** What the rules read: the newest of a long history, and what was told beforehand on the day it begins. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { draws } from '../country/people/random.ts'
import { birthEvent, createPopulation, newborn } from '../country/population.ts'
import { currentDeterminations, determine } from '../src/determinations/determinations.ts'
import { intake, wake } from '../src/flow.ts'
import { chooseFacts, type NewFact, readFacts, readHolding, tell, turningDays } from '../src/memory/memory.ts'
import { canonical } from '../src/platform/canonical.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { openWorld, subjectOf, type World } from './world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world.end())

const day = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000).toISOString().slice(0, 10)

/** A history of one subject: beginnings, ends, sources and observations often equal, so that every tie-break is met. */
function history(seed: number, subject: SubjectId): NewFact[] {
  const draw = draws(seed, 1, 1)
  return Array.from({ length: draw.between(1, 30) }, () => {
    const from = draw.between(0, 20)
    const predicate = ['household_income', 'household_size', 'in_social_register', 'children'][
      draw.between(0, 3)
    ]!
    return {
      subject_id: subject,
      id: world.engine.ids(),
      predicate,
      item: predicate === 'children' ? `child-${draw.between(0, 2)}` : '',
      state: 'known' as const,
      value: draw.between(1, 5),
      valid_from: day(from),
      valid_to: draw.between(0, 2) === 0 ? day(from + draw.between(1, 8)) : null,
      source: draw.between(0, 1) === 0 ? 'tax' : 'ihma',
      event: world.engine.ids(),
      observed_at: new Date(Date.UTC(2026, 0, 1 + draw.between(0, 3))),
    }
  })
}

test('each subject is read under the predicates of its own group alone', async () => {
  const { db } = world.engine
  const [one, other] = [world.engine.ids() as SubjectId, world.engine.ids() as SubjectId]
  await db.transaction((tx) => tell(tx, [...history(91, one), ...history(91, other)], world.clock.now()))
  const read = await readHolding(
    db,
    world.pack,
    [
      { subjects: [one], predicates: ['household_income', 'children'] },
      { subjects: [other], predicates: ['household_size'] },
    ],
    day(0),
  )
  const named = (subject: SubjectId) => [...new Set(read.get(subject)!.map((f) => f.predicate))].sort()
  assert.deepEqual(named(one), ['children', 'household_income'])
  assert.deepEqual(named(other), ['household_size'])
})

test('on any later day the short reading says what the whole history says', async () => {
  const { db } = world.engine
  const subjects = Array.from({ length: 60 }, () => world.engine.ids() as SubjectId)
  const told = subjects.flatMap((s, i) => history(i + 1, s))
  await db.transaction((tx) => tell(tx, told, world.clock.now()))
  const predicates = ['household_income', 'household_size', 'in_social_register', 'children']
  const whole = await readFacts(db, subjects, predicates)
  let shorter = 0
  for (let today = 0; today < 30; today += 3) {
    const short = await readHolding(db, world.pack, [{ subjects, predicates }], day(today))
    for (const subject of subjects) {
      const [all, few] = [whole.get(subject)!, short.get(subject)!]
      if (few.length < all.length) shorter++
      for (let later = today; later < 32; later++) {
        const said = (of: typeof all) =>
          chooseFacts(world.pack, of, day(later))
            .map((f) =>
              canonical([
                f.predicate,
                f.item,
                f.value,
                f.valid_from,
                f.valid_to,
                f.source,
                f.observed_at.toISOString(),
              ]),
            )
            .sort()
        assert.deepEqual(said(few), said(all), `read on ${day(today)}, asked about ${day(later)}`)
      }
    }
  }
  assert.ok(shorter > 100, 'the short reading leaves something out')
})

test('I8: a fact told beforehand turns the determination on the day it begins, by a wake-up and not by looking', async () => {
  const { engine } = world
  const mother = createPopulation({ people: 400 })
    .householdOf(0)
    .members.find((m) => m.role === 'wife')!
  const registered = {
    specversion: '1.0',
    id: 'ahead-mother',
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
  }
  const birth = birthEvent({
    n: 7,
    id: 'ahead-birth',
    child: newborn({ n: 7, born_on: '2026-11-18', sex: 'f' }),
    mother_pinfl: mother.pinfl,
    birth_order: 2,
    registered_at: '2026-11-20T04:00:00Z',
  })
  for (const [agency, item] of [
    ['gcp', registered],
    ['zags', birth],
  ] as const)
    assert.equal((await intake(engine, [{ agency, item }]))[0]!.status, 'accepted')
  const subject = (await subjectOf(world, mother.pinfl))!
  const lumpSum = async () =>
    (await currentDeterminations(engine.db, subject)).find((d) => d.rule_id === 'uz.social.newborn-lump-sum')
  assert.equal((await lumpSum())?.outcome ?? 'does_not_apply', 'does_not_apply')

  // The register tells on 24 November that the family is in it from 1 December on.
  const at = world.clock.now()
  await engine.db.transaction(async (tx) => {
    await tell(
      tx,
      [
        {
          subject_id: subject,
          id: engine.ids(),
          predicate: 'in_social_register',
          item: '',
          state: 'known',
          value: true,
          valid_from: '2026-12-01',
          valid_to: null,
          source: 'ihma',
          event: engine.ids(),
          observed_at: at,
        },
      ],
      at,
    )
    await determine(tx, { pack: world.pack, index: engine.index, at, ids: engine.ids }, [
      { subject, kind: 'person', predicates: new Set(['in_social_register']), because: null },
    ])
  })
  const [due] = await world.database.owner.rows<{ first: Date }>(
    sql`select min(due_at) as first from due_work where subject_id = ${subject}`,
  )
  assert.equal(await lumpSum(), undefined, 'that it does not apply needs no row')
  assert.equal(due!.first.toISOString(), '2026-11-30T19:00:00.000Z', 'the wake queue holds the day')
  assert.deepEqual(
    turningDays(
      world.pack,
      (await readFacts(engine.db, [subject], ['in_social_register'])).get(subject)!,
      '2026-11-24',
    ),
    ['2026-12-01'],
  )
  world.clock.forward(Date.parse('2026-12-01T00:00:00+05:00') - world.clock.now().getTime())
  while ((await wake(engine)) > 0);
  assert.deepEqual([(await lumpSum())?.outcome, (await lumpSum())?.until], ['applies', '2026-12-19'])
})
