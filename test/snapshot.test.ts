/**
 * The snapshot says of everybody what the engine says, whatever was corrected or retracted and however often only what
 * changed was read again; and a file that is not whole is refused.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { draws } from '../country/people/random.ts'
import {
  agencyOf,
  birthEvent,
  type CloudEvent,
  createPopulation,
  incomeEvent,
  newborn,
  populationEvents,
  retraction,
} from '../country/population.ts'
import {
  openSnapshot,
  refreshSnapshot,
  type SnapshotContext,
  SnapshotError,
  withSnapshot,
} from '../src/council/council.ts'
import { readShard } from '../src/council/snapshot/file.ts'
import { currentDeterminations, type StoredDetermination } from '../src/determinations/determinations.ts'
import { intake, wake } from '../src/flow.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import {
  evaluate,
  factsAt,
  items,
  openArena,
  openRun,
  outcome_codes,
  planOf,
  runAll,
} from '../src/rules/rules.ts'
import { openWorld, type World } from './world.ts'

const PEOPLE = 600
let world: World
let context: SnapshotContext
let folder: string

before(async () => {
  world = await openWorld()
  // Several shards although the people are few.
  folder = world.council.folder
  context = { ...world.council, rows_per_shard: 200 }
  await report([...populationEvents({ people: PEOPLE })])
})
after(() => world.end())

async function report(events: readonly CloudEvent[]): Promise<void> {
  const results = await intake(
    world.engine,
    events.map((item) => ({ agency: agencyOf(item), item })),
  )
  for (const r of results) assert.notEqual(r.status, 'refused', JSON.stringify(r))
}

async function settled(): Promise<void> {
  while ((await wake(world.engine)) > 0);
}

const OUTCOMES = Object.fromEntries(Object.entries(outcome_codes).map(([name, code]) => [code, name]))

/** Every outcome of every rule for every subject, by both readings of the files; and by the engine. */
async function compare(): Promise<{ subjects: number; cells: number; applying: number }> {
  const day = world.clock.now().toISOString().slice(0, 10)
  let [subjects, cells, applying] = [0, 0, 0]
  await withSnapshot(context, world.pack, async (snapshot) => {
    for (const shard of snapshot.shards('person')) {
      const { population } = shard
      const plain = [...world.pack.rules.values()].filter(
        (r) => r.source.subject === 'person' && !r.source.per,
      )
      const plan = planOf(plain, population, day)
      const run = openRun(plan, population)
      runAll(run, population)
      for (let row = 0; row < population.rows; row++) {
        const stored = await currentDeterminations(world.engine.db, shard.id(row))
        const said = (rule: string, item?: string): StoredDetermination['outcome'] =>
          stored.find((d) => d.rule_id === rule && (item === undefined || d.item === item))?.outcome ??
          'does_not_apply'
        subjects++
        const facts = factsAt(population, snapshot.scope('person').vocabulary, row)
        for (const [at, rule] of plain.entries()) {
          const outcome = OUTCOMES[run.outs[at]![row]!]
          assert.equal(outcome, said(rule.source.id), `${rule.source.id} by columns`)
          assert.equal(evaluate(rule, facts, { asOf: day }).outcome, outcome, `${rule.source.id} by row`)
          cells++
          if (outcome === 'applies') applying++
        }
        for (const rule of world.pack.rules.values()) {
          if (!rule.source.per || rule.source.subject !== 'person') continue
          const by_row = items(rule, facts)
            .map((item) => evaluate(rule, facts, { asOf: day, item }).outcome)
            .filter((o) => o !== 'does_not_apply')
          const by_engine = stored
            .filter((d) => d.rule_id === rule.source.id && d.outcome !== 'does_not_apply')
            .map((d) => d.outcome)
          assert.deepEqual(by_row.sort(), by_engine.sort(), rule.source.id)
          cells++
        }
      }
    }
  })
  return { subjects, cells, applying }
}

test('a snapshot says of everybody what the engine says, through corrections, retractions and time', async () => {
  await settled()
  const first = await compare()
  assert.ok(first.subjects >= PEOPLE && first.applying > 20, JSON.stringify(first))
  const population = createPopulation({ people: PEOPLE })
  const mothers = [...population.households()].flatMap((h) => h.members.filter((m) => m.role === 'wife'))
  const draw = draws(7, 1, 1)
  const reported: CloudEvent[] = []
  for (let round = 0; round < 6; round++) {
    const events: CloudEvent[] = []
    for (let n = 0; n < 25; n++) {
      const mother = mothers[draw.between(0, mothers.length - 1)]!
      const key = round * 100 + n
      const at = world.clock.now().toISOString()
      const today = at.slice(0, 10)
      const kind = draw.between(0, 3)
      if (kind === 0)
        events.push(
          birthEvent({
            n: key,
            id: `snapshot-birth-${key}`,
            child: newborn({ n: key, born_on: today, sex: 'f' }),
            mother_pinfl: mother.pinfl,
            birth_order: draw.between(1, 3),
            registered_at: at,
          }),
        )
      else if (kind === 3 && reported.length > 0) {
        const of = reported.splice(draw.between(0, reported.length - 1), 1)[0]!
        events.push(retraction(of, { id: `snapshot-gone-${key}`, time: at }))
      } else
        events.push(
          incomeEvent({
            id: `snapshot-income-${key}`,
            pinfl: mother.pinfl,
            monthly_uzs: draw.between(0, 1) === 0 ? 600_000 : 9_000_000,
            reported_at: at,
          }),
        )
    }
    await report(events)
    reported.push(...events.filter((e) => !('hamrohretracts' in e)))
    if (round % 2 === 1) world.clock.forward(draw.between(20, 200) * 86_400_000)
    await settled()
    await compare()
  }
  const manifest = await refreshSnapshot(context, world.pack)
  assert.ok(manifest.generation > 5, 'it was refreshed, not built again and again')
  assert.ok(manifest.files.filter((f) => f.kind === 'person').length > 1, 'in several shards')
  const others = readdirSync(folder).filter(
    (name) => name !== 'manifest.json' && !manifest.files.some((f) => f.columns === name || f.ids === name),
  )
  assert.deepEqual(others, [], 'nothing of earlier generations is left')
  for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name)
})

test('nothing to do changes no file', async () => {
  const one = await refreshSnapshot(context, world.pack)
  assert.deepEqual(await refreshSnapshot(context, world.pack), one)
})

test('a file cut short, changed in any byte, or of another vocabulary is refused', async () => {
  const manifest = await refreshSnapshot(context, world.pack)
  const file = manifest.files.find((f) => f.kind === 'person')!
  const path = join(folder, file.columns)
  const whole = readFileSync(path)
  const expected = { vocabulary: manifest.vocabulary.person }
  readShard(path, openArena(), expected)
  const broken = join(folder, 'broken.columns')
  const draw = draws(3, 1, 1)
  const refusal = (bytes: Buffer): string => {
    writeFileSync(broken, bytes)
    try {
      readShard(broken, openArena(), expected)
      return ''
    } catch (error) {
      assert.ok(error instanceof SnapshotError, String(error))
      return error.message
    }
  }
  for (let n = 0; n < 400; n++) {
    const flipped = Buffer.from(whole)
    const at = draw.between(0, whole.length - 1)
    flipped[at] = flipped[at]! ^ (1 << draw.between(0, 7))
    assert.notEqual(refusal(flipped), '', `a flipped bit in byte ${at} of ${whole.length}`)
  }
  for (const size of [0, 5, 16, 100, whole.length >> 1, whole.length - 1])
    assert.match(refusal(whole.subarray(0, size)), /cut short/, `cut to ${size}`)
  assert.match(refusal(Buffer.concat([whole, Buffer.from('x')])), /too long/)
  // Who asks for some predicates gets these alone, each under its own checksum.
  const only = new Set(['children', 'household_income'])
  const part = readShard(path, openArena(), expected, only).population
  assert.deepEqual([...part.lists.keys()], ['children'])
  const keys = new Set([...part.columns.keys()].map((key) => key.split(/[.@]/)[0]!))
  assert.deepEqual([...keys].sort(), [...only])
  const { columns } = readShard(path, openArena(), expected).population
  for (const [key, column] of part.columns) assert.deepEqual(column.codes, columns.get(key)!.codes, key)
  for (let n = 0; n < 200; n++) {
    const flipped = Buffer.from(whole)
    flipped[draw.between(0, whole.length - 1)]! ^= 1 << draw.between(0, 7)
    writeFileSync(broken, flipped)
    try {
      const found = readShard(broken, openArena(), expected, only).population
      for (const [key, column] of found.columns) assert.deepEqual(column.codes, columns.get(key)!.codes, key)
    } catch (error) {
      assert.ok(error instanceof SnapshotError, String(error))
    }
  }
  rmSync(broken)
  assert.throws(() => readShard(path, openArena(), { vocabulary: 'another' }), /another vocabulary/)

  // Whoever works on a broken snapshot gets one built again from memory.
  writeFileSync(path, whole.subarray(0, whole.length - 1))
  assert.throws(() => [...openSnapshot(context, world.pack, manifest).shards('person')], /cut short/)
  await compare()
  assert.notEqual((await refreshSnapshot(context, world.pack)).snapshot, manifest.snapshot)
})

test('ids and columns stand apart: the columns name nobody', async () => {
  rmSync(join(folder, 'manifest.json'))
  const manifest = await refreshSnapshot(context, world.pack)
  const { subjects } = await compare()
  const [file] = manifest.files
  const columns = readFileSync(join(folder, file!.columns))
  const id = await withSnapshot(context, world.pack, async (s) => {
    for (const shard of s.shards('person')) return shard.id(0) as SubjectId
    return null
  })
  assert.ok(subjects > 0 && id)
  assert.equal(columns.includes(Buffer.from(id.replaceAll('-', ''), 'hex')), false)
  assert.equal(columns.includes(id), false)
  const names = [...createPopulation({ people: PEOPLE }).households()].map((h) => h.members[0]!.full_name)
  assert.equal(
    names.some((name) => columns.includes(name)),
    false,
  )
})
