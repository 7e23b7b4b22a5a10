/** The command line as people call it: the real program, every command, its mistakes, and an ingest that is killed. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createPopulation, incomeEvent } from '../country/population.ts'
import { decisionsOf, listCases, standingDraft } from '../src/cases/cases.ts'
import { officerFinalises } from '../src/journey-flow.ts'
import { decisionSigner } from '../src/main.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { born, type JourneyWorld, openJourneyWorld, pensionOfficer, told } from './journeys.ts'
import { type Command, hamroh } from './program.ts'

let data: string
let world: JourneyWorld
let mother: SubjectId
let decision: string
let birth: string
const people = [...createPopulation({ people: 300 }).households()].flatMap((h) => h.members)

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'hamroh-cli-'))
  world = await openJourneyWorld({ signer: decisionSigner(data) })
  mother = (await born(world)).mother
  const [found] = (await listCases(world.ctx.db, 'pension', 1)).cases
  const draft_hash = (await standingDraft(world.ctx.db, found!))!.hash
  const granted = { case_id: found!.id, officer: pensionOfficer, outcome: 'granted', draft_hash } as const
  assert.ok((await officerFinalises(world.ctx, { ...granted, person_locale: 'en' })).ok)
  decision = (await decisionsOf(world.ctx.db, mother))[0]!.id
  const [event] = await world.ctx.db.rows<{ id: string }>(
    sql`select id from events where type = 'uz.zags.birth.registered'`,
  )
  birth = event!.id
  await told(
    world,
    people.map((p) => ({
      agency: 'gcp',
      item: {
        specversion: '1.0',
        id: `p-${p.pinfl}`,
        source: 's',
        type: 'uz.gcp.person.registered',
        time: '2026-11-01T04:00:00Z',
        data: {
          person: {
            pinfl: p.pinfl,
            full_name: p.full_name,
            birth_date: p.birth_date,
            sex: p.sex,
            citizenship: 'uz',
          },
        },
      },
    })),
  )
})
after(async () => {
  await world?.end()
  rmSync(data, { recursive: true, force: true })
})

const run = (args: readonly string[], more: Record<string, string> = {}): Promise<Command> =>
  hamroh(args, { DATABASE_URL: world.database.url, HAMROH_DATA: data, ...more })

/** One sentence of ours, and how this command is called; never a stack, never the list of everything. */
function refusedFor(done: Command, sentence: RegExp, usage: string, lines = 4): void {
  assert.deepEqual([done.code, done.out], [2, ''])
  assert.match(done.err, sentence)
  assert.ok(done.err.includes(`usage: hamroh ${usage}`), done.err)
  assert.ok(done.err.trim().split('\n').length <= lines, done.err)
}

test('help names every command; no command is an error that shows it; an unknown one is named', async () => {
  const help = await run(['help'])
  assert.equal(help.code, 0)
  for (const name of ['start', 'migrate', 'ingest', 'pack', 'graph', 'replay', 'sign-out', 'doctor'])
    assert.match(help.out, new RegExp(`^ {2}${name}`, 'm'))
  const nothing = await run([])
  assert.deepEqual([nothing.code, nothing.out], [2, help.out])
  for (const name of ['nonsense', 'constructor', '--x']) {
    const unknown = await run([name])
    assert.equal(unknown.code, 2)
    assert.ok(unknown.err.startsWith(`There is no command "${name}".`) && unknown.err.includes('migrate'))
  }
})

test('words that are off are answered with a sentence and the command’s own usage', async () => {
  for (const name of ['start', 'migrate', 'doctor'])
    refusedFor(await run([name, 'more']), /takes nothing more, and was given "more"/, name)
  for (const args of [[], ['back'], ['back', 'decision'], ['sideways', 'decision', decision]])
    refusedFor(await run(['graph', ...args]), /back or forward, a kind and an id/, 'graph')
  refusedFor(await run(['graph', 'back', 'decision', 'x']), /"x" is not an id/, 'graph')
  refusedFor(await run(['graph', 'back', 'x', 'decision', decision]), /"x" is not an id/, 'graph')
  refusedFor(await run(['replay']), /the id of a decision/, 'replay')
  refusedFor(await run(['replay', 'x']), /"x" is not an id/, 'replay')
  refusedFor(await run(['replay', mother, decision, 'more']), /the id of a decision/, 'replay')
  // A verb that is named is told alone; else what there is to choose from stands in two lines each.
  const pack_lines = 20
  refusedFor(await run(['pack']), /needs one of check, test, schema, explain/, 'pack', pack_lines)
  refusedFor(
    await run(['pack', 'nonsense', 'packs/uz']),
    /has no "nonsense": it has check, test, schema, explain/,
    'pack',
    pack_lines,
  )
  refusedFor(await run(['pack', 'check']), /one FOLDER/, 'pack check')
  refusedFor(await run(['pack', 'test', 'packs/uz', 'packs/demo']), /one FOLDER/, 'pack test')
  for (const args of [[], ['a.ndjson'], ['--agency', 'tax'], ['a', 'b', '--agency', 'tax']])
    refusedFor(await run(['ingest', ...args]), /one FILE and --agency CODE/, 'ingest')
  refusedFor(await run(['ingest', 'a', '--agency', 'tax', '--nope']), /--nope/, 'ingest')
  refusedFor(await run(['ingest', 'a', '--agency', 'tax', '--extract']), /--extract/, 'ingest')
})

test('graph walks from a decision back to the events, and from an event forward to the decision', async () => {
  const back = await run(['graph', 'back', mother, 'decision', decision])
  assert.equal(back.code, 0, back.err)
  const lines = back.out.trim().split('\n')
  assert.ok(lines[0]!.startsWith(`decision ${decision}  uz.social.newborn-lump-sum, 20`), lines[0])
  assert.match(back.out, /^ {2}case /m)
  assert.match(back.out, /^ {4}step .*lump-sum \(pension\), /m)
  assert.match(back.out, /^ +journey .*uz\.route\.birth, running/m)
  assert.match(back.out, /^ +proposal .*uz\.family\.birth, accepted/m)
  assert.match(back.out, new RegExp(`^ +event ${birth} {2}uz\\.zags\\.birth\\.registered, `, 'm'))
  const forward = await run(['graph', 'forward', mother, 'event', birth])
  assert.equal(forward.code, 0, forward.err)
  assert.match(forward.out, new RegExp(`^ +decision ${decision} `, 'm'))
  assert.match(forward.out, /^ +access .*uz\.purpose\.lump-sum-decision, officer/m)
  for (const { out } of [back, forward])
    assert.doesNotMatch(out.replace(/[0-9a-f-]{36}/g, ''), /Dilnoza|Lola|893|\d{14}/, 'no values')
})

test('graph and replay find whose a thing is, and say when it is several people’s or nobody’s', async () => {
  const alone = await run(['graph', 'back', 'decision', decision])
  assert.deepEqual(alone, await run(['graph', 'back', mother, 'decision', decision]))
  const several = await run(['graph', 'forward', 'event', birth])
  assert.equal(several.code, 1)
  assert.match(several.out, /concerns several subjects; name one/)
  assert.ok(several.out.includes(`  ${mother}`))
  for (const done of [
    await run(['graph', 'back', 'decision', birth]),
    await run(['graph', 'back', mother, 'decision', birth]),
    await run(['replay', birth]),
    await run(['replay', mother, birth]),
  ]) {
    assert.equal(done.code, 1)
    assert.match(done.out, /^There is no (such )?decision/)
  }
  const beginning = await run(['graph', 'back', mother, 'event', birth])
  assert.deepEqual(
    [beginning.code, beginning.out],
    [1, 'Nothing is known behind this event: it is the beginning.\n'],
  )
  const kind = await run(['graph', 'back', 'thing', birth])
  assert.equal(kind.code, 2)
  assert.match(kind.out, /There is no kind thing\. Kinds: event, fact,/)
})

test('replay proves a decision, and says what differs when its record was changed', async () => {
  const same = await run(['replay', decision])
  assert.deepEqual([same.code, same.err], [0, ''])
  assert.match(same.out, /^The same: .*byte for byte/)
  const record = sql`record = jsonb_set(record, '{effect,amount}', '1')`
  await world.database.owner.run(
    sql`create table kept as select record from decisions where id = ${decision}`,
  )
  await world.database.owner.run(sql`update decisions set ${record} where id = ${decision}`)
  const changed = await run(['replay', decision])
  assert.equal(changed.code, 1)
  assert.match(changed.out, /^Different: /)
  await world.database.owner.run(
    sql`update decisions set record = (select record from kept) where id = ${decision}`,
  )
})

test('doctor says what works, and what to do about what does not', async () => {
  const well = await run(['doctor'])
  assert.equal(well.code, 0, well.out)
  assert.match(well.out, /^ok {3}PostgreSQL \d+ \(DATABASE_URL\)$/m)
  const away = await run(['doctor'], { DATABASE_URL: 'postgres://x:y@127.0.0.1:1/z' })
  assert.equal(away.code, 1)
  assert.match(away.out, /^BAD {2}database\n {5}→ The database at 127\.0\.0\.1:1 cannot be reached/m)
  const pack = await run(['doctor'], { PACK: '/nowhere' })
  assert.match(pack.out, /^BAD {2}pack \/nowhere\n {5}→ .*hamroh pack check \/nowhere/m)
  const settings = await run(['doctor'], { PORT: 'abc' })
  assert.match(settings.out, /PORT: expected a whole number from 0 to 65535/)
})

test('migrate brings an empty database up to date, once, with the queue’s own tables', async () => {
  const { owner } = world.database
  const name = `hamroh_cli_${process.pid}`
  const statement = (text: string) => owner.run({ text, values: [] })
  await statement(`create database ${name}`)
  const url = world.database.url.replace(/\/[^/]+$/, `/${name}`)
  try {
    const first = await run(['migrate'], { DATABASE_URL: url })
    assert.deepEqual([first.code, first.err], [0, ''])
    assert.match(first.out, /^Applied migrations 1, 2/)
    const second = await run(['migrate'], { DATABASE_URL: url })
    assert.deepEqual([second.code, second.out], [0, 'The database is up to date.\n'])
    const ready = await run(['graph', 'back', 'event', birth], { DATABASE_URL: url })
    assert.deepEqual([ready.code, ready.out], [1, `There is no event ${birth}.\n`])
  } finally {
    await statement(`drop database ${name} with (force)`)
  }
  const away = await run(['migrate'], { DATABASE_URL: 'postgres://x:y@127.0.0.1:1/z' })
  assert.equal(away.code, 1)
  assert.match(away.err, /cannot be reached/)
  const old = await run(['start'], { PACK: '/nowhere' })
  assert.equal(old.code, 1)
  assert.match(old.err, /hamroh pack check \/nowhere/)
})

test('pack check and test say what is in order, and refuse a folder that is none', async () => {
  const check = await run(['pack', 'check', 'packs/uz'])
  assert.equal(check.code, 0)
  assert.match(check.out, /^packs\/uz: uz [\d.]+ is in order/)
  const examples = await run(['pack', 'test', 'packs/uz'])
  assert.equal(examples.code, 0)
  assert.match(examples.out, /^packs\/uz: (\d+) of \1 worked examples hold/)
  const none = await run(['pack', 'check', '/nowhere'])
  assert.equal(none.code, 1)
  assert.match(none.out, /there is no folder/)
})

// ── ingest ──────────────────────────────────────────────────────────────────────────────────────────────────

const RECORDS = 6000
const BROKEN_EVERY = 750

/** A file of incomes of known people, with a broken line now and then. */
function incomes(name: string, as: 'ndjson' | 'csv'): { file: string; broken: number[] } {
  const broken: number[] = []
  const lines = as === 'csv' ? ['id;reported_at;pinfl;period_from;period_to;income_tiyin'] : []
  for (let i = 0; i < RECORDS; i++) {
    const { pinfl } = people[i % people.length]!
    const event = incomeEvent({
      id: `${name}-${i}`,
      pinfl,
      monthly_uzs: 900_000 + i,
      reported_at: '2026-11-20T10:00:00+05:00',
    })
    if (i % BROKEN_EVERY === 7) broken.push(lines.push('"broken'))
    else if (as === 'ndjson') lines.push(JSON.stringify(event))
    else lines.push(`${name}-${i};2026-11-20T10:00:00+05:00;${pinfl};2025-11-01;2026-10-31;${i}`)
  }
  const file = join(data, `${name}.${as}`)
  writeFileSync(file, lines.join('\n'))
  return { file, broken }
}
const stored = async (name: string): Promise<number> =>
  (
    await world.ctx.db.rows<{ n: number }>(
      sql`select count(*)::int as n from events where event_id like ${`${name}-%`}`,
    )
  )[0]!.n

for (const as of ['ndjson', 'csv'] as const)
  test(`ingest of ${as}: killed with -9 in the middle, it goes on where it was; nothing is lost, taken twice or rejected twice`, async () => {
    const { file, broken } = incomes(`killed-${as}`, as)
    const args = [
      'ingest',
      file,
      '--agency',
      'tax',
      ...(as === 'csv' ? ['--extract', 'uz.extract.tax-income'] : []),
    ]
    const killed = await hamroh(args, { DATABASE_URL: world.database.url, HAMROH_DATA: data }, (child) => {
      const watch = setInterval(() => {
        if (!existsSync(`${file}.progress`)) return
        child.kill('SIGKILL')
        clearInterval(watch)
      }, 1)
      child.on('exit', () => clearInterval(watch))
    })
    assert.equal(killed.code, null, 'it was killed')
    const before = await stored(`killed-${as}`)
    assert.ok(before > 0 && before < RECORDS, `${before} were stored`)
    const resumed = await run(args)
    assert.equal(resumed.code, 1, 'something was refused')
    assert.match(resumed.err, /^Goes on after the \d+000 records of an interrupted run\./)
    assert.match(resumed.err, /\d+ % {2}\d+ records: \d+ accepted/, 'progress is shown')
    const good = RECORDS - broken.length
    assert.equal(await stored(`killed-${as}`), good)
    const said = /100 % {2}(\d+) records: (\d+) accepted, (\d+) duplicates, (\d+) refused/.exec(resumed.out)!
    // What was committed in the moment of the kill is found again as duplicates, and counted as such.
    assert.deepEqual(
      [Number(said[1]), Number(said[2]) + Number(said[3]), Number(said[4])],
      [RECORDS, good, broken.length],
    )
    assert.match(resumed.out, new RegExp(`^ {2}malformed_record: ${broken.length}$`, 'm'))
    assert.match(resumed.out, /Each refused record, by line, with its reason: .*\.rejects/)
    const rejects = readFileSync(`${file}.rejects`, 'utf8').trim().split('\n')
    assert.deepEqual(
      rejects.map((line) => (JSON.parse(line) as { line: number }).line),
      broken,
    )
    assert.ok(!existsSync(`${file}.progress`), 'nothing is left to resume')
    const again = await run(args)
    assert.match(again.out, new RegExp(`${RECORDS} records: 0 accepted, ${good} duplicates`))
  })

test('ingest says what is wrong with a file, an agency or a mapping before it takes anything', async () => {
  const file = join(data, 'one.ndjson')
  writeFileSync(file, '{}\n')
  const csv = join(data, 'one.csv')
  writeFileSync(csv, 'id;pinfl\n1;2\n')
  for (const [args, sentence] of [
    [[join(data, 'none'), '--agency', 'tax'], /^There is no file .*none\.$/m],
    [[data, '--agency', 'tax'], /is not a file\.$/m],
    [[file, '--agency', 'nobody'], /^The pack has no agency nobody\. It has: gcp, /m],
    [[file, '--agency', 'tax', '--extract', 'nope'], /^The pack has no extract nope\. It has: uz\.extract/m],
    [[csv, '--agency', 'tax'], /^A CSV file needs its mapping: --extract ID\. The pack has: uz\.extract/m],
    [
      [csv, '--agency', 'tax', '--extract', 'uz.extract.tax-income'],
      /^The extract has no column reported_at/m,
    ],
  ] as const) {
    const done = await run(['ingest', ...args])
    assert.deepEqual([done.code, done.out], [1, ''])
    assert.match(done.err, sentence)
  }
})
