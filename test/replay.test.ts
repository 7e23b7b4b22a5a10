/** I9: facts as known then and the rule as it was then give the same decision, byte for byte; tampering shows. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import {
  type DecisionRow,
  decisionsOf,
  listCases,
  replayDecision,
  standingDraft,
} from '../src/cases/cases.ts'
import { officerFinalises } from '../src/journey-flow.ts'
import type { Pack } from '../src/packs/packs.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import {
  birthRetracted,
  born,
  heard,
  household,
  ihmaOfficer,
  income,
  type JourneyWorld,
  newSigner,
  openJourneyWorld,
  pensionOfficer,
  told,
} from './journeys.ts'

let world: JourneyWorld
let family = 0
before(async () => {
  world = await openJourneyWorld()
})
after(() => world.end())

const replay = (row: DecisionRow, pack: Pack = world.pack) =>
  replayDecision(
    world.ctx.db,
    { pack, trusted_keys: [world.ctx.signer.publicKey] },
    { subject: row.subject_id, id: row.id },
  )

async function decide(mother: SubjectId, agency: 'pension' | 'ihma'): Promise<DecisionRow> {
  const found = (await listCases(world.ctx.db, agency, 200)).cases.find((c) => c.subject_id === mother)!
  const { draft, hash } = (await standingDraft(world.ctx.db, found))!
  const officer = agency === 'pension' ? pensionOfficer : ihmaOfficer
  const by = { case_id: found.id, officer, draft_hash: hash, person_locale: 'uz-Latn' } as const
  const outcome = draft.outcome === 'favourable' ? 'granted' : 'refused'
  if (outcome === 'refused') await heard(world, { ...by, intended: 'refused' })
  const done = await officerFinalises(world.ctx, { ...by, outcome })
  assert.ok(done.ok, JSON.stringify(done))
  return (await decisionsOf(world.ctx.db, mother))[0]!
}

test('I9: a decision follows again, whatever becomes known, retracted or changed in the pack afterwards', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 4_000_000_00 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      // Also within the same millisecond as the decision.
      fc.constantFrom(0, 1000),
      async (money, size, retract, later_ms) => {
        const n = ++family
        const { mother } = await born(world, [household(size, n)], 3, n)
        await told(world, [income(money, n)])
        const row = await decide(mother, 'ihma')
        assert.deepEqual(await replay(row), { ok: true, value: { same: true, differences: [] } })
        world.clock.forward(later_ms)
        const later = household(size + 1, n)
        await told(world, [{ ...later, item: { ...later.item, id: `h${n}-later` } }])
        if (retract) await told(world, [birthRetracted(n)])
        const changed = new Map(
          [...world.pack.vocabulary].map(([k, p]) => [k, { ...p, world: 'open' as const }]),
        )
        const pack: Pack = {
          ...world.pack,
          vocabulary: changed,
          rules: new Map(),
          words: new Map(),
          holidays: new Set(),
        }
        assert.deepEqual(await replay(row, pack), { ok: true, value: { same: true, differences: [] } })
      },
    ),
    { numRuns: 25 },
  )
})

const tampered: readonly [string, (id: string) => ReturnType<typeof sql>, string][] = [
  [
    'the amount',
    (id) => sql`update decisions set record = jsonb_set(record, '{effect,amount}', '99') where id = ${id}`,
    'hash',
  ],
  [
    'the column of who decided',
    (id) => sql`update decisions set decided_by = 'P-999' where id = ${id}`,
    'row.decided_by',
  ],
  [
    'a fact',
    (id) =>
      sql`update facts set value = '{"role":"mother","birth_date":"2026-11-10","birth_order":3}'
          where predicate = 'children' and subject_id = (select subject_id from decisions where id = ${id})`,
    'computed.',
  ],
  [
    'the rule',
    (id) =>
      sql`update rule_versions set source = jsonb_set(source, '{when}', '"true"') where hash = (select rule_hash from decisions where id = ${id})`,
    'rule',
  ],
  [
    'the stored hash',
    (id) => sql`update decisions set record_hash = repeat('0', 64) where id = ${id}`,
    'hash',
  ],
]
for (const [what, change, expected] of tampered)
  test(`tampering with ${what} is found`, async () => {
    const n = ++family
    const { mother } = await born(world, [], 1, n)
    const row = await decide(mother, 'pension')
    const [rule] = await world.database.owner.rows<{ source: object }>(
      sql`select source from rule_versions where hash = ${row.rule_hash}`,
    )
    await world.database.owner.run(change(row.id))
    const found = await replay(row)
    assert.ok(found.ok && !found.value.same)
    assert.ok(
      found.value.differences.some((d) => d.startsWith(expected)),
      found.value.differences.join(),
    )
    await world.database.owner.run(
      sql`update rule_versions set source = ${JSON.stringify(rule!.source)}::jsonb where hash = ${row.rule_hash}`,
    )
  })

test('the outcome column cannot even be made a refusal: nobody was heard', async () => {
  const n = ++family
  const { mother } = await born(world, [], 1, n)
  const { id } = await decide(mother, 'pension')
  const change = sql`update decisions set outcome = 'refused' where id = ${id}`
  await assert.rejects(world.database.owner.run(change), { code: '23514' })
})

test('a signature of another key counts for nothing', async () => {
  const n = ++family
  const { mother } = await born(world, [], 1, n)
  const row = await decide(mother, 'pension')
  const ctx = { pack: world.pack, trusted_keys: [newSigner().publicKey] }
  const found = await replayDecision(world.ctx.db, ctx, { subject: row.subject_id, id: row.id })
  assert.deepEqual(found.ok && found.value.differences, ['key'])
})

test('the engine itself cannot change a decision', async () => {
  await assert.rejects(world.ctx.db.run(sql`update decisions set record = '{}'`), { code: '42501' })
})
