/** What has a limit where no single request shows it. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { apiRoutes, type ItemAnswer } from '../src/api/api.ts'
import { openDatabase, sql } from '../src/platform/database.ts'
import { openLog } from '../src/platform/logs.ts'
import { openMetrics } from '../src/platform/metrics.ts'
import { testDatabase } from './database.ts'
import { getPack } from './world.ts'

const KEY = 'key-of-zags-0123456789'

async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    assert.ok(turns < 1000, 'it never came to this')
    await new Promise(setImmediate)
  }
}

test('so many batches at once and no more: the next is told to come back, and may when one is answered', async () => {
  const waiting: ((answers: readonly ItemAnswer[]) => void)[] = []
  const app = apiRoutes({
    pack: getPack('packs/demo'),
    log: openLog('silent'),
    metrics: openMetrics(),
    keys: new Map([['zags', createHash('sha256').update(KEY).digest('hex')]]),
    submit: () => new Promise((done) => waiting.push(done)),
    ready: () => Promise.resolve(null),
    demonstration: null,
  })
  const send = (type: string) =>
    app.request('/v1/events', {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': type },
      body: /batch/i.test(type) ? '[{}]' : '{}',
    })
  const batch = () => send('Application/CloudEvents-Batch+JSON; charset=utf-8')
  const first = [batch(), batch(), batch(), batch()]
  await until(() => waiting.length === 4)
  const fifth = await batch()
  assert.deepEqual([fifth.status, fifth.headers.get('retry-after')], [503, '5'])
  assert.match(await fifth.text(), /nothing of this one was read/)
  const single = send('application/cloudevents+json')
  await until(() => waiting.length === 5)
  for (const done of waiting) done([{ id: null, status: 'accepted' }])
  for (const answer of [...first, single]) assert.equal((await answer).status, 200)
  const again = batch()
  await until(() => waiting.length === 6)
  waiting.at(-1)!([{ id: null, status: 'accepted' }])
  assert.equal((await again).status, 200)
})

test('a batch that fails gives its place back', async () => {
  let fails = 0
  const app = apiRoutes({
    pack: getPack('packs/demo'),
    log: openLog('silent'),
    metrics: openMetrics(),
    keys: new Map([['zags', createHash('sha256').update(KEY).digest('hex')]]),
    submit: () => {
      fails++
      return Promise.reject(new Error('away'))
    },
    ready: () => Promise.resolve(null),
    demonstration: null,
  })
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/cloudevents-batch+json' }
  for (let n = 0; n < 6; n++) {
    await app.request('/v1/events', { method: 'POST', headers, body: '[{}]' })
    await app.request('/v1/events', { method: 'POST', headers, body: 'no JSON' })
  }
  assert.equal(fails, 6)
})

test('a statement that takes too long is ended, and its connection goes on', async (t) => {
  const database = await testDatabase()
  const db = openDatabase({ url: database.url, role: 'hamroh_engine', max: 1, statement_ms_max: 200 })
  t.after(async () => {
    await db.end()
    await database.end()
  })
  const code = await db.rows(sql`select pg_sleep(30)`).then(
    () => 'allowed',
    (error: { code?: string }) => error.code,
  )
  assert.equal(code, '57014')
  assert.deepEqual(await db.rows(sql`select 1 as n`), [{ n: 1 }])
})
