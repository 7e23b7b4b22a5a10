import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, freePort, startChild, stopChild, untilReady } from './children.ts'
import { type FakeHamroh, startFakeHamroh } from './fake-hamroh.ts'
import type { Behaviour } from './office/behaviour.ts'
import type { Effect } from './office/ledger.ts'
import { createPopulation } from './population.ts'

const keys = {
  task: 'task-key-of-the-test-0001',
  report: 'report-key-of-the-test-01',
  control: 'control-key-of-the-test-1',
}
const data = mkdtempSync(join(tmpdir(), 'hamroh-agency-'))
const person = createPopulation().person(1)
let hamroh: FakeHamroh

before(async () => {
  hamroh = await startFakeHamroh()
})
after(async () => {
  await hamroh.stop()
  rmSync(data, { recursive: true, force: true })
})

async function startAgency(agency: string, name = agency): Promise<{ child: Child; url: string }> {
  const port = await freePort(0)
  const folder = join(data, name)
  const child = startChild({
    name,
    file: 'country/agency.ts',
    args: [
      '--agency',
      agency,
      '--port',
      `${port}`,
      '--data',
      folder,
      '--hamroh',
      hamroh.url,
      '--clock',
      join(data, 'clock.json'),
    ],
    env: { TASK_KEY: keys.task, REPORT_KEY: keys.report, CONTROL_KEY: keys.control },
    log: join(data, `${name}.log`),
  })
  const url = `http://127.0.0.1:${port}`
  await untilReady(child, url)
  return { child, url }
}

const taskBody = (task: string, data: object = {}) => ({
  task,
  transaction_id: randomUUID(),
  journey: '01920000-0000-7000-8000-000000000001',
  purpose: {
    code: 'uz.purpose.birth-residence',
    text: '…',
    legal_basis: 'legal_obligation',
    legal: 'CM 550',
  },
  sender: 'hamroh',
  data: {
    'subject.pinfl': person.pinfl,
    'about.pinfl': person.pinfl,
    'subject.residence_district': '1726266',
    'subject.residence_address': 'Fidokor koʻchasi, 1-uy',
    ...data,
  },
})

const post = (url: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.task}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const ask = (url: string, key: string, body: unknown) => post(url, '/tasks', body, { 'idempotency-key': key })
const undo = (url: string, key: string, task: string) =>
  post(url, `/tasks/${key}/undo`, { task, reason: { event: 'e', text: 'never born' } })
const control = { authorization: `Bearer ${keys.control}`, 'content-type': 'application/json' }
const behave = async (url: string, by: Partial<Behaviour>) =>
  assert.equal(
    (await fetch(`${url}/behaviour`, { method: 'PUT', headers: control, body: JSON.stringify(by) })).status,
    200,
  )
const effects = async (url: string): Promise<Effect[]> =>
  ((await (await fetch(`${url}/effects`, { headers: control })).json()) as { effects: Effect[] }).effects
const reported = async (id: string, wait_ms = 5000) => {
  for (const until = Date.now() + wait_ms; Date.now() < until; await sleep(20)) {
    const found = hamroh.events.find(({ event }) => event.id === id)
    if (found) return found
  }
  throw new Error(`${id} was not reported`)
}

test('a task is done once, answers the same for ever, and is reported; other content under its key is refused', async () => {
  const { child, url } = await startAgency('mia')
  const key = randomUUID()
  const first = await (await ask(url, key, taskBody('residence.register'))).json()
  assert.equal((first as { status: string }).status, 'done')
  assert.deepEqual(await (await ask(url, key, taskBody('residence.register'))).json(), first)
  assert.deepEqual(
    await (await fetch(`${url}/tasks/${key}`, { headers: { authorization: `Bearer ${keys.task}` } })).json(),
    first,
  )
  assert.equal((await ask(url, key, taskBody('residence.register', { 'about.sex': 'f' }))).status, 409)
  const report = await reported(`task-${key}`)
  assert.equal(report.key, keys.report)
  assert.equal(report.event.type, 'uz.mia.residence.registered')
  assert.deepEqual(
    (await effects(url)).map(({ done, undone }) => ({ done, undone })),
    [{ done: 1, undone: false }],
  )
  await stopChild(child)
})

test('who has no key, no task, or sends a malformed body is turned away', async () => {
  const { child, url } = await startAgency('mia', 'mia-bad')
  const key = randomUUID()
  assert.equal((await fetch(`${url}/tasks`, { method: 'POST', body: '{}' })).status, 401)
  assert.equal(
    (await fetch(`${url}/effects`, { headers: { authorization: `Bearer ${keys.task}` } })).status,
    401,
  )
  assert.equal((await ask(url, 'not-a-uuid', taskBody('residence.register'))).status, 400)
  assert.equal((await ask(url, key, { ...taskBody('residence.register'), extra: 1 })).status, 400)
  assert.equal((await ask(url, key, 'x')).status, 400)
  const answer = await ask(url, key, taskBody('rocket.launch'))
  assert.equal(((await answer.json()) as { reason: { code: string } }).reason.code, 'unknown_task')
  const without = await ask(
    url,
    randomUUID(),
    taskBody('residence.register', { 'subject.residence_district': '' }),
  )
  assert.equal(((await without.json()) as { reason: { code: string } }).reason.code, 'incomplete')
  assert.equal(
    (await fetch(`${url}/tasks/${randomUUID()}`, { headers: { authorization: `Bearer ${keys.task}` } }))
      .status,
    404,
  )
  await stopChild(child)
})

test('an undo takes the effect back once and retracts its report; an undo that came first leaves a tombstone', async () => {
  const { child, url } = await startAgency('health')
  const [key, early] = [randomUUID(), randomUUID()]
  await ask(url, key, taskBody('polyclinic.attach'))
  assert.equal((await undo(url, key, 'kindergarten.dequeue')).status, 409)
  for (let i = 0; i < 2; i++)
    assert.deepEqual(await (await undo(url, key, 'polyclinic.detach')).json(), { status: 'done' })
  const { event } = await reported(`task-${key}-undone`)
  assert.equal(event.hamrohretracts, `task-${key}`)
  assert.equal(event.data, undefined)

  assert.deepEqual(await (await undo(url, early, 'polyclinic.detach')).json(), { status: 'done' })
  const late = (await (await ask(url, early, taskBody('polyclinic.attach'))).json()) as {
    status: string
    reason: { code: string }
  }
  assert.deepEqual([late.status, late.reason.code], ['refused', 'undone'])
  const done = await effects(url)
  assert.deepEqual(
    [done.find((e) => e.key === key)?.undone, done.find((e) => e.key === early)?.done],
    [true, 0],
  )
  await stopChild(child)
})

test('kill -9 at any moment loses nothing that was answered and repeats nothing', async () => {
  let { child, url } = await startAgency('pension')
  await behave(url, { duplicate_rate: 0.3, error_rate: 0.2, slow_rate: 0.3, slow_ms: 30 })
  hamroh.fail(5)
  const pay = taskBody('benefit.pay-lump-sum', { 'decision.amount': 89_281_000 })
  const tasks = Array.from({ length: 12 }, () => ({
    key: randomUUID(),
    reference: undefined as string | undefined,
  }))
  for (let round = 0; round < 4; round++) {
    const asking = Promise.all(
      tasks.map(async (task) => {
        const answer = await ask(url, task.key, pay).catch(() => undefined)
        if (answer?.status !== 200) return
        const { reference } = (await answer.json()) as { reference: string }
        if (task.reference) assert.equal(reference, task.reference)
        task.reference = reference
      }),
    )
    await sleep(5 + round * 25)
    child.process.kill('SIGKILL')
    await Promise.all([asking, child.ended])
    // What a crash in the middle of a write leaves behind.
    if (round === 1) appendFileSync(join(data, 'pension', 'journal.ndjson'), '{"kind":"answe')
    ;({ child, url } = await startAgency('pension'))
  }
  await behave(url, { duplicate_rate: 0, error_rate: 0, slow_rate: 0 })
  for (const task of tasks) {
    let status = 202
    for (; status === 202; await sleep(10)) ({ status } = await ask(url, task.key, pay))
    await reported(`task-${task.key}`)
  }
  const done = await effects(url)
  assert.deepEqual(
    done.map((effect) => effect.done),
    tasks.map(() => 1),
  )
  const ids = hamroh.events.map(({ event }) => event.id)
  assert.equal(new Set(ids).size, ids.length)
  await stopChild(child)
})

test('down closes the connection; a lost answer is still an effect; slow work is asked for again', async () => {
  const { child, url } = await startAgency('preschool')
  const key = randomUUID()
  await behave(url, { down: true })
  await assert.rejects(ask(url, key, taskBody('kindergarten.enqueue')))
  assert.equal((await effects(url)).length, 0)
  await behave(url, { down: false, duplicate_rate: 1 })
  await assert.rejects(ask(url, key, taskBody('kindergarten.enqueue')))
  assert.equal((await effects(url))[0]?.done, 1)
  await behave(url, { duplicate_rate: 0, slow_rate: 1, slow_ms: 50 })
  const slow = randomUUID()
  assert.equal((await ask(url, slow, taskBody('kindergarten.enqueue'))).status, 202)
  assert.equal((await undo(url, slow, 'kindergarten.dequeue')).status, 200)
  await sleep(80)
  assert.equal((await effects(url)).find((e) => e.key === slow)?.done, 0)
  await stopChild(child)
})

test('a report is kept until Hamroh answers, and its refusal is remembered, not repeated', async () => {
  const { child, url } = await startAgency('mia', 'mia-report')
  hamroh.fail(2)
  const event = (id: string, type: string) => ({
    specversion: '1.0',
    id,
    source: 'urn:uz:mia',
    type,
    time: '2026-11-20T08:00:00Z',
    data: {},
  })
  const report = async (body: object) =>
    (await (
      await fetch(`${url}/report`, { method: 'POST', headers: control, body: JSON.stringify(body) })
    ).json()) as { status: string }
  assert.equal((await report(event('move-1', 'uz.mia.residence.registered'))).status, 'accepted')
  hamroh.refuse('uz.mia.wrong')
  assert.equal((await report(event('move-2', 'uz.mia.wrong'))).status, 'refused')
  const before = hamroh.requests.count
  assert.equal((await report(event('move-2', 'uz.mia.wrong'))).status, 'refused')
  assert.equal(hamroh.requests.count, before)
  assert.equal(
    (
      await fetch(`${url}/report`, {
        method: 'POST',
        headers: control,
        body: JSON.stringify({ ...event('x', 'y'), source: 'urn:uz:tax' }),
      })
    ).status,
    422,
  )
  await stopChild(child)
})
