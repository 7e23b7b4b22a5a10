/**
 * Hearings under `kill -9`: two processes tell, answer and refuse the same cases while they are killed again and again.
 * Nothing acknowledged is lost, nothing is there half, and what was interrupted is done whole by the next post.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { decisionsOf, type HearingRow } from '../src/cases/cases.ts'
import { officerFinalises } from '../src/journey-flow.ts'
import { sql } from '../src/platform/database.ts'
import { type AdverseCase, adverseCase, heard, type JourneyWorld, openJourneyWorld } from './journeys.ts'

const KILLS = 8
const CASES = 24

let world: JourneyWorld
const cases: AdverseCase[] = []
before(async () => {
  world = await openJourneyWorld()
  for (let n = 1; n <= CASES; n++) cases.push(await adverseCase(world, n))
})
after(() => world.end())

const said = new Map<string, Set<string>>()

/** A process at work, killed in the middle of something: at once after it has acknowledged so many things. */
async function workAndDie(acknowledged: number): Promise<void> {
  const given = { url: world.database.url, now: world.clock.now().toISOString(), cases }
  const script = join('test', 'hearing.crash.child.ts')
  const child = spawn(process.execPath, ['--import', './tsx-hook.js', script], {
    env: { ...process.env, CRASH_CHILD: JSON.stringify(given) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let rest = ''
  let seen = 0
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    // A line cut off by the kill was not said.
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [what = '', id = ''] = line.split(' ')
      said.set(what, (said.get(what) ?? new Set()).add(id))
      if (++seen === acknowledged) child.kill('SIGKILL')
    }
  })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  assert.equal(signal, 'SIGKILL', 'it worked until it was killed')
}

test(`I5: ${KILLS} × kill -9 while people are told and heard lose nothing that was acknowledged`, {
  timeout: 300_000,
}, async () => {
  for (let n = 0; n < KILLS / 2; n++) await Promise.all([workAndDie(7 + n), workAndDie(9 + 2 * n)])
  const { db } = world.ctx
  const hearings = await db.rows<HearingRow>(sql`select * from hearings`)
  const decisions = await db.rows<{ id: string; hearing_id: string; case_id: string }>(
    sql`select id, hearing_id, case_id from decisions`,
  )
  const state = new Map(hearings.map((h) => [h.id, h.state]))
  for (const id of said.get('told') ?? []) assert.ok(state.has(id), 'what was told is there')
  for (const id of said.get('answered') ?? []) assert.equal(state.get(id), 'answered')
  const decided = new Set(decisions.map((d) => d.id))
  for (const id of said.get('decided') ?? []) assert.ok(decided.has(id), 'what was decided is there')
  assert.equal(decisions.length, new Set(decisions.map((d) => d.case_id)).size, 'one decision a case')
  for (const d of decisions) assert.equal(state.get(d.hearing_id), 'answered')
  const due = await db.rows<{ ref: string }>(sql`select ref from due_work where kind = 'hearing-lapses'`)
  assert.deepEqual(
    due.map((d) => d.ref).sort(),
    hearings.flatMap((h) => (h.state === 'open' ? [h.id] : [])).sort(),
    'a clock runs for each that is open, and for no other',
  )
  assert.ok((said.get('told')?.size ?? 0) > 5 && (said.get('answered')?.size ?? 0) > 3, 'something happened')
  await finishAll(new Set(decisions.map((d) => d.case_id)))
})

/** What the kills left in the middle is brought to its end by the same posts. */
async function finishAll(done: ReadonlySet<string>): Promise<void> {
  for (const one of cases) {
    if (!done.has(one.found.id)) {
      const [open] = await world.ctx.db.rows<HearingRow>(
        sql`select * from hearings where subject_id = ${one.mother} and state = 'answered'`,
      )
      if (!open) await heard(world, one.intends)
      const considered = { 'uz-Latn': 'Koʻrib chiqildi.' }
      const refused = await officerFinalises(world.ctx, { ...one.refuses, considered })
      assert.ok(refused.ok, JSON.stringify(refused))
    }
    assert.equal((await decisionsOf(world.ctx.db, one.mother)).length, 1)
  }
}
