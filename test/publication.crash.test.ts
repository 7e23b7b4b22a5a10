/**
 * What follows from a publication under `kill -9`: the program and once the database are killed at random moments of the
 * run, most of them in the middle of a batch. Started again, the run goes on by itself; in the end each person concerned
 * has exactly one notice, nobody else has any, nothing was done twice, and the page's numbers are those of the database.
 */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { freePort } from '../country/children.ts'
import { agencyOf, populationEvents } from '../country/population.ts'
import type { PublicationRunRow } from '../src/council/council.ts'
import { intake, wake } from '../src/flow.ts'
import { startSession } from '../src/identity/identity.ts'
import { makeEngine, openGround } from '../src/main.ts'
import { readForRules, ruleFacts } from '../src/memory/memory.ts'
import { type DateText, dateIn, machineClock } from '../src/platform/clock.ts'
import { type Database, openDatabase, sql } from '../src/platform/database.ts'
import { type EmbeddedServer, startEmbedded } from '../src/platform/embedded.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { openLog } from '../src/platform/logs.ts'
import { readSettings } from '../src/platform/settings.ts'
import { evaluate, type Rule } from '../src/rules/rules.ts'
import { author, head, RULE, threshold } from './law.ts'
import { type Program, startProgram } from './program.ts'
import { getPack } from './world.ts'

const PEOPLE = 1200
/** Slow enough that there is a run to be killed. */
const PER_SECOND = 80
const ZONE = 'Asia/Tashkent'
const TODAY = dateIn(new Date(), ZONE)
const EFFECT: DateText = dateIn(new Date(Date.now() + 45 * 86_400_000), ZONE)

let data: string
let server: EmbeddedServer
let program: Program
let port: number
const cookies = new Map<string, { readonly cookie: string; readonly csrf: string }>()

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'hamroh-law-crash-'))
  chmodSync(data, 0o755)
  // What is acknowledged must be on disk: the server is killed as well.
  server = await startEmbedded(data, { fsync: 'on' })
  port = await freePort(0)
  await populate()
  program = await startHamroh()
})
after(async () => {
  await program?.kill()
  await server?.stop()
  rmSync(data, { recursive: true, force: true })
})

const environment = () => ({
  PORT: `${port}`,
  DATABASE_URL: server.url,
  HAMROH_DATA: data,
  DEMONSTRATION: '1',
  SNAPSHOT_SECONDS: '0',
  LOG_LEVEL: 'error',
})
const startHamroh = () => startProgram(environment())

async function populate(): Promise<void> {
  const ground = await openGround(readSettings(environment()), openLog('silent'))
  const engine = makeEngine(ground)
  const events = [...populationEvents({ people: PEOPLE, as_of: TODAY })]
  const results = await intake(
    engine,
    events.map((item) => ({ agency: agencyOf(item), item })),
  )
  assert.ok(results.every((r) => r.status === 'accepted'))
  while ((await wake(engine)) > 0);
  for (const officer of [author, head]) {
    const cookie = `hamroh=${await startSession(ground.db, machineClock, { kind: 'officer', ...officer })}`
    const [session] = await ground.db.rows<{ csrf: string }>(
      sql`select csrf from web_sessions where officer_number = ${officer.number}`,
    )
    cookies.set(officer.number, { cookie, csrf: session!.csrf })
  }
  await ground.close()
}

async function call(who: typeof head, path: string, body?: object): Promise<Response> {
  const { cookie, csrf } = cookies.get(who.number)!
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { cookie: `${cookie}; lang=en`, 'x-csrf-token': csrf, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
}

/** Asks again and again until it is so; each question is a round trip, so nothing is waited for by the clock. */
async function until<T>(what: string, ask: () => Promise<T | null>, tries = 200_000): Promise<T> {
  const end = Date.now() + 120_000
  for (let n = 0; n < tries && Date.now() < end; n++) {
    const found = await ask()
    if (found !== null) return found
  }
  return assert.fail(`${what}: it never came to that. The program said: ${program.printed().slice(-2000)}`)
}

async function published(): Promise<string> {
  const asked = await call(author, '/v1/simulations', threshold(900_000, EFFECT))
  const { id } = (await asked.json()) as { id: string }
  assert.equal(asked.status, 202)
  await until('the simulation ends', async () => {
    const { state } = (await (await call(author, `/v1/simulations/${id}`)).json()) as { state: string }
    assert.notEqual(state, 'failed')
    return state === 'done' ? state : null
  })
  const done = await call(head, '/v1/publications', { simulation: id, per_second: PER_SECOND })
  const text = await done.text()
  assert.equal(done.status, 201, text)
  return (JSON.parse(text) as { id: string }).id
}

const runOf = async (db: Database, publication: string): Promise<PublicationRunRow> =>
  (
    await db.rows<PublicationRunRow>(sql`select * from publication_runs where publication = ${publication}`)
  )[0]!

/** Whether somebody is in the middle of a piece of the run: then its row is locked. */
const isInHand = async (db: Database, publication: string): Promise<boolean> =>
  (await db.rows(sql`select from publication_runs where publication = ${publication} for update skip locked`))
    .length === 0

async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase({ url: server.url, max: 1, onError: () => {} })
  try {
    return await work(db)
  } finally {
    await db.end()
  }
}

type Kill = {
  readonly what: 'program' | 'database'
  readonly when: string
  /** Whether this is the moment, once a piece is in hand. */
  readonly at: (run: PublicationRunRow) => boolean
}

/** In the order of the run; where among all others each comes is drawn anew every time, and printed when it fails. */
function planned(): Kill[] {
  const drawn = Array.from({ length: 4 }, () => Math.floor(Math.random() * PEOPLE * 0.7)).sort(
    (a, b) => a - b,
  )
  return [
    { what: 'program', when: 'as soon as it is published', at: () => true },
    { what: 'program', when: 'while those it concerns are told', at: (r) => r.state === 'working' },
    ...drawn.map(
      (done, i): Kill => ({
        what: i === 1 ? 'database' : 'program',
        when: `after ${done} others`,
        at: (r) => r.done >= done && r.notices > 0,
      }),
    ),
  ]
}

async function killDatabase(): Promise<void> {
  const before = server.url
  process.kill(server.pid()!, 'SIGKILL')
  server = await startEmbedded(data)
  // Another port is told to a program by its environment; on the same one it must come back by itself.
  if (server.url === before) return
  await program.kill()
  program = await startHamroh()
}

test('a run that is killed again and again goes on by itself: one notice for each, nothing twice, nothing missed', {
  timeout: 400_000,
}, async () => {
  const publication = await published()
  const kills = planned()
  const survived: string[] = []
  let cut = 0
  for (const { what, when, at } of kills) {
    const run = await withDatabase((db) =>
      until(`a piece in hand ${when}`, async () => {
        const now = await runOf(db, publication)
        if (now.state === 'done') return now
        return at(now) && (await isInHand(db, publication)) ? now : null
      }),
    )
    if (run.state === 'done') break
    if (what === 'database') await killDatabase()
    else await program.kill()
    const left = await withDatabase((db) => runOf(db, publication))
    if (left.state === run.state && left.done === run.done && left.notices === run.notices) cut++
    if (what === 'program') program = await startHamroh()
    survived.push(`${what} ${when}`)
  }
  assert.ok(cut >= 3, `${cut} of ${kills.length} kills cut a piece off in the middle`)
  assert.equal(survived.length, kills.length, `the run was over too soon: ${survived.join(', ')}`)
  const run = await withDatabase((db) =>
    until('the run ends', async () => {
      const now = await runOf(db, publication)
      return now.state === 'done' ? now : null
    }),
  )
  const page = await (await call(head, `/council/publication/${publication}`)).text()
  await withDatabase((db) => checkEverybody(db, { publication, run, page, survived }))
})

type Ended = {
  readonly publication: string
  readonly run: PublicationRunRow
  readonly page: string
  readonly survived: readonly string[]
}

async function checkEverybody(db: Database, { publication, run, page, survived }: Ended): Promise<void> {
  const concerned = await whomItConcerns(db)
  assert.ok(concerned.gained.size > 20, `${concerned.gained.size} gain`)
  const notices = await db.rows<{ subject_id: SubjectId; state: string; law_change: string }>(
    sql`select subject_id, state, law_change from proposals where publication = ${publication} and law_change is not null`,
  )
  const says = survived.join(', ')
  assert.deepEqual(
    notices.map((n) => n.subject_id).sort(),
    [...concerned.gained].sort(),
    `exactly one notice for each, after: ${says}`,
  )
  assert.ok(notices.every((n) => n.state === 'open' && n.law_change === 'gained'))

  const [written] = await db.rows<{ rows: number; twice: number }>(sql`
    select coalesce(sum(n), 0)::int as rows, (count(*) filter (where n > 1))::int as twice
    from (select count(*) as n from determinations where publication = ${publication} group by subject_id, item) as each`)
  const [old] = await db.rows<{ n: number }>(sql`
    select count(*)::int as n from determinations d join publications p on p.id = ${publication}
    where d.rule_id = p.rule_id and d.superseded_at is null and d.rule_hash <> p.rule_hash`)
  const [people] = await db.rows<{ n: number }>(
    sql`select count(*)::int as n from subjects where kind = 'person'`,
  )
  assert.equal(written!.twice, 0, `nobody’s determination was written twice, after: ${says}`)
  assert.equal(old!.n, 0, 'nobody is left with the old text')
  assert.deepEqual(
    [run.done, run.affected, run.notices, run.changed, run.changed + run.kept],
    [people!.n, concerned.all.size, notices.length, 0, written!.rows],
  )
  assert.deepEqual(countsOn(page), {
    Affected: run.affected,
    Told: notices.length,
    'No longer holds for': 0,
    'Outcome changed': 0,
    'Outcome kept, only written anew': written!.rows,
  })
}

/** From the facts alone, with both texts of the rule: whom the change concerns on any day, and who gains by it. */
async function whomItConcerns(
  db: Database,
): Promise<{ readonly all: Set<SubjectId>; readonly gained: Set<SubjectId> }> {
  const pack = getPack()
  const old = pack.rules.get(RULE)!
  const ground = await openGround(readSettings(environment()), openLog('silent'))
  const changed = ground.book.now().pack.rules.get(RULE)!
  await ground.close()
  const subjects = (
    await db.rows<{ subject_id: SubjectId }>(sql`select subject_id from subjects where kind = 'person'`)
  ).map((r) => r.subject_id)
  const held = await readForRules(db, pack, [{ subjects, predicates: [...old.reads] }], { day: TODAY })
  const all = new Set<SubjectId>()
  const gained = new Set<SubjectId>()
  for (const subject of subjects)
    for (const asOf of [TODAY, EFFECT]) {
      const facts = ruleFacts(pack, old.reads, held.get(subject)!, asOf)
      const says = (rule: Rule) => evaluate(rule, facts, { asOf }).outcome
      if (says(old) === says(changed)) continue
      all.add(subject)
      if (says(changed) === 'applies') gained.add(subject)
    }
  return { all, gained }
}

const countsOn = (page: string): Record<string, number> =>
  Object.fromEntries(
    [...page.matchAll(/<dt>([^<]+)<\/dt><dd>([\d,]+)<\/dd>/g)].map(([, name, n]) => [
      name,
      Number(n!.replaceAll(',', '')),
    ]),
  )
