/**
 * I1 and I7 under fire: while events and journeys pour in, the program and the database are killed with `kill -9` again
 * and again. Nothing acknowledged is lost, no agency effect happens twice, every journey comes to its end.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Country, startCountry } from '../country/country.ts'
import { agencyOf } from '../country/people/events.ts'
import {
  birthEvent,
  type CloudEvent,
  createPopulation,
  incomeEvent,
  newborn,
  type Person,
} from '../country/population.ts'
import { answerProposal } from '../src/flow.ts'
import { makeEngine, openGround, openJourneys } from '../src/main.ts'
import { type Database, openDatabase, sql } from '../src/platform/database.ts'
import { type EmbeddedServer, startEmbedded } from '../src/platform/embedded.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { openLog } from '../src/platform/logs.ts'
import { readSettings } from '../src/platform/settings.ts'

const KILLS = 20
const PEOPLE = 400
const BORN_ON = '2026-11-21'

let data: string
let country: Country
let database: EmbeddedServer
let hamroh: ChildProcess | null = null
let wanted = true
const acknowledged = new Set<string>()

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'hamroh-crash-'))
  chmodSync(data, 0o755)
  country = await startCountry({
    data,
    people: PEOPLE,
    hamroh: 'external',
    ports: { hamroh: 0, control: 0, identity: 0 },
  })
  // Killed servers must start again quickly, but every acknowledged commit must be on disk.
  database = await startEmbedded(data, { fsync: 'on' })
  startHamroh()
  await ready()
  await country.load()
})
after(async () => {
  wanted = false
  hamroh?.kill('SIGKILL')
  await country?.stop()
  await database?.stop()
  rmSync(data, { recursive: true, force: true })
})

function startHamroh(): void {
  const child = spawn(process.execPath, ['--import', './tsx-hook.js', 'src/main.ts'], {
    env: {
      ...process.env,
      ...country.hamroh_env,
      DATABASE_URL: database.url,
      LOG_LEVEL: 'error',
      TEST_DATABASE_URL: '',
    },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  hamroh = child
  child.on('exit', () => {
    if (wanted && hamroh === child) setTimeout(startHamroh, 100)
  })
}

async function ready(): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const ok = await fetch(`${country.urls.hamroh}/readyz`).then(
      (r) => r.ok,
      () => false,
    )
    if (ok) return
    await pause(100)
  }
  assert.fail('Hamroh did not come back')
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** Sends until it is acknowledged, as a registry does. */
async function report(event: CloudEvent): Promise<void> {
  const key = country.keys.report[agencyOf(event) as keyof typeof country.keys.report]
  for (let tries = 0; tries < 600; tries++) {
    const status = await fetch(`${country.urls.hamroh}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', authorization: `Bearer ${key}` },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(5000),
    }).then(
      async (r) => ({ code: r.status, body: await r.text() }),
      () => null,
    )
    if (status?.code === 200) {
      acknowledged.add(`${event.source} ${event.id}`)
      return
    }
    assert.ok(status === null || status.code >= 500, `refused: ${status?.body}`)
    await pause(50)
  }
  assert.fail(`${event.id} was never acknowledged`)
}

/** Kills the program, the database, or both, at a random moment; the database is started again by hand. */
async function killSomething(n: number): Promise<void> {
  await pause(100 + Math.random() * 500)
  const target = n % 3
  if (target !== 1) hamroh?.kill('SIGKILL')
  if (target !== 0) {
    const pid = database.pid()
    if (pid) process.kill(pid, 'SIGKILL')
    await pause(100)
    const before = database.url
    database = await startEmbedded(data)
    // Another port: the program is told by its environment, so it starts anew.
    if (database.url !== before) hamroh?.kill('SIGKILL')
  }
  await ready()
}

test(`I1, I7: ${KILLS} × kill -9 of program and database lose nothing acknowledged, repeat no effect, and end every journey`, {
  timeout: 400_000,
}, async () => {
  const population = createPopulation({ ...country.population })
  const mothers: Person[] = []
  for (const household of population.households()) {
    const wife = household.members.find((m) => m.role === 'wife')
    if (wife) mothers.push(wife)
    if (mothers.length === 40) break
  }
  let killing = true
  const killer = (async () => {
    for (let n = 0; n < KILLS; n++) await killSomething(n)
    killing = false
  })()
  const births = mothers.map((mother, n) => ({
    mother,
    event: birthEvent({
      n,
      id: `crash-birth-${n}`,
      child: newborn({ n, born_on: BORN_ON, sex: 'm', parent: mother }),
      mother_pinfl: mother.pinfl,
      birth_order: 1,
      registered_at: '2026-11-22T10:00:00+05:00',
    }),
  }))
  const load = (async () => {
    for (let i = 0; killing || i < births.length; i++) {
      const birth = births[i]
      if (birth) {
        await report(birth.event)
        await accept(birth.mother)
      }
      await report(
        incomeEvent({
          id: `crash-income-${i}`,
          pinfl: mothers[i % mothers.length]!.pinfl,
          monthly_uzs: 9_000_000 + i,
          reported_at: '2026-11-22T11:00:00+05:00',
        }),
      )
    }
  })()
  await Promise.all([killer, load])
  await settled()
  await checkNothingLost()
  await checkEffectsOnce()
})

/** Accepts the route that stands open, through the same function the page uses, trying again while the database is away. */
async function accept(mother: Person): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      if (await tryAccept(mother)) return
    } catch {
      // The database was killed under us: the person would press again.
    }
    await pause(100)
  }
  assert.fail('a proposal was never accepted')
}

async function tryAccept(mother: Person): Promise<boolean> {
  const settings = readSettings({ ...country.hamroh_env, DATABASE_URL: database.url, HAMROH_DATA: data })
  const ground = await openGround(settings, openLog('silent'))
  try {
    const [open] = await ground.db.rows<{ subject_id: SubjectId; id: string }>(sql`
      select p.subject_id, p.id from proposals p join identifiers i on i.subject_id = p.subject_id
      where i.kind = 'pinfl' and i.value = ${mother.pinfl} and p.state = 'open' and p.route_id is not null`)
    const [started] = await ground.db.rows(sql`
      select j.id from journeys j join identifiers i on i.subject_id = j.subject_id where i.kind = 'pinfl' and i.value = ${mother.pinfl}`)
    if (started) return true
    if (!open) return false
    const journeys = openJourneys(ground)
    const done = await answerProposal(makeEngine(ground), journeys, {
      subject: open.subject_id,
      id: open.id,
      answer: 'accept',
      key: open.id,
      by: 'test',
    })
    return done.ok
  } finally {
    await ground.close()
  }
}

/** No step is on its way to an agency any more; those that wait for a person may. */
async function settled(): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const db = openDatabase({ url: database.url, max: 1 })
    const [row] = await db.rows<{ n: number }>(sql`
      select count(*)::int as n from steps where state in ('sending', 'working', 'blocked', 'undoing')`)
    await db.end()
    if (row!.n === 0) return
    await pause(200)
  }
  const db = openDatabase({ url: database.url, max: 1 })
  const steps = await db.rows(sql`select state, step, count(*)::int as n from steps group by 1, 2`)
  const jobs = await db
    .rows({
      text: 'select run_at, attempts, locked_by, last_error from graphile_worker._private_jobs limit 5',
      values: [],
    })
    .catch((e: Error) => e.message)
  await db.end()
  assert.fail(`steps are still on their way: ${JSON.stringify({ steps, jobs })}`)
}

async function checkNothingLost(): Promise<void> {
  const db: Database = openDatabase({ url: database.url, max: 1 })
  const stored = await db.rows<{ key: string; n: number }>(
    sql`select source || ' ' || event_id as key, count(*)::int as n from events group by 1`,
  )
  const known = new Map(stored.map((r) => [r.key, r.n]))
  assert.deepEqual(
    [...acknowledged].filter((key) => known.get(key) !== 1),
    [],
    'every acknowledged event is stored once',
  )
  const [facts] = await db.rows<{ n: number }>(sql`
    select count(*)::int as n from (select subject_id, predicate, item, event from facts group by 1, 2, 3, 4 having count(*) > 1) twice`)
  assert.equal(facts!.n, 0, 'no event told a fact twice')
  const [journeys] = await db.rows<{ n: number }>(sql`select count(*)::int as n from journeys`)
  assert.equal(journeys!.n, 40, 'one journey for each acceptance')
  await db.end()
}

/** The agencies themselves say how often each task had its effect. */
async function checkEffectsOnce(): Promise<void> {
  for (const [agency, url] of Object.entries(country.urls.agencies)) {
    const answer = await fetch(`${url}/effects`, {
      headers: { authorization: `Bearer ${country.keys.control}` },
    })
    assert.equal(answer.status, 200)
    const { effects } = (await answer.json()) as {
      effects: { key: string; done: number; task: string; journey: string }[]
    }
    const perJourney = new Map<string, number>()
    for (const e of effects) {
      assert.ok(e.done <= 1, `${agency} did ${e.task} ${e.done} times`)
      const key = `${e.journey} ${e.task}`
      perJourney.set(key, (perJourney.get(key) ?? 0) + e.done)
    }
    assert.deepEqual(
      [...perJourney].filter(([, n]) => n > 1),
      [],
      `${agency}: one effect for each task of a journey`,
    )
  }
}
