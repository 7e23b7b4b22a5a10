import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonical, type Json } from './canonical.ts'
import { dateIn, standingClock, startOfDay } from './clock.ts'
import { sql } from './database.ts'
import { isUuid, makeIds } from './ids.ts'
import { errorKind, errorText, openLog, safeError } from './logs.ts'
import { openMetrics } from './metrics.ts'
import { readSettings, SettingsError } from './settings.ts'

test('canonical JSON is the same for the same value, however its keys are ordered', () => {
  assert.equal(canonical({ b: 1, a: [true, null, 'x'], c: undefined }), '{"a":[true,null,"x"],"b":1}')
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonical(value as Json)
      // −0 has no JSON form of its own (RFC 8785 §3.2.2.3).
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      assert.equal(canonical(JSON.parse(text) as Json), text)
    }),
  )
})

test('a day begins at local midnight', () => {
  assert.equal(startOfDay('2026-11-24', 'Asia/Tashkent').toISOString(), '2026-11-23T19:00:00.000Z')
  assert.equal(startOfDay('2026-03-29', 'Europe/Berlin').toISOString(), '2026-03-28T23:00:00.000Z')
  assert.equal(dateIn(new Date('2026-11-23T19:00:00Z'), 'Asia/Tashkent'), '2026-11-24')
  assert.equal(dateIn(new Date('2026-11-23T18:59:59Z'), 'Asia/Tashkent'), '2026-11-23')
})

test('ids rise, also within one millisecond, and are UUIDs of version 7', () => {
  const ids = makeIds(standingClock('2026-11-24T00:00:00Z'))
  const made = Array.from({ length: 10_000 }, ids)
  assert.deepEqual([...made].sort(), made)
  assert.equal(new Set(made).size, made.length)
  assert.ok(made.every((id) => isUuid(id) && id[14] === '7' && '89ab'.includes(id[19]!)))
})

test('values never become part of a statement, nested statements keep their own', () => {
  const inner = sql`x = ${"'; drop table facts; --"}`
  assert.deepEqual(sql`select ${1} where ${inner} and y = ${2}`, {
    text: 'select $1 where x = $2 and y = $3',
    values: [1, "'; drop table facts; --", 2],
  })
  assert.throws(() => sql`select ${undefined}`, /undefined/)
})

test('every mistake in the settings is named at once, and no value repeated', () => {
  const secret = 'hunter2-secret'
  const read = () =>
    readSettings({
      PORT: 'x',
      DATABASE_URL: secret,
      AGENCIES: '{',
      DEMONSTRATION_KEY: 'k'.repeat(20),
      LOG_LEVEL: 'loud',
    })
  assert.throws(read, (error: Error) => {
    assert.ok(error instanceof SettingsError)
    for (const name of ['PORT', 'DATABASE_URL', 'AGENCIES', 'LOG_LEVEL'])
      assert.match(error.message, new RegExp(name))
    assert.ok(!error.message.includes(secret))
    return true
  })
  assert.throws(() => readSettings({ DEMONSTRATION_KEY: 'k'.repeat(20) }), /only with DEMONSTRATION=1/)
  assert.equal(readSettings({ PORT: '' }).PORT, 4000)
})

test('a database error is logged by code and place, never with the row it quotes', () => {
  const lines: string[] = []
  const log = openLog('info', (line) => lines.push(line))
  const error = Object.assign(new Error('duplicate key: Key (value)=(30101900000011) exists'), {
    code: '23505',
    detail: 'Key (value)=(30101900000011)',
    table: 'identifiers',
  })
  log.error({ error }, 'failed')
  assert.ok(!lines.join().includes('30101900000011'))
  assert.deepEqual(safeError(error), { type: 'Error', code: '23505', table: 'identifiers' })
})

test('an error is logged by place alone, also when its message has lines of its own, or when it is none', () => {
  const lines: string[] = []
  const log = openLog('info', (line) => lines.push(line))
  log.error({ error: new TypeError('secret one\n    at secret two (secret.ts:1:1)') }, 'failed')
  log.error({ error: Object.assign(new Error('x'), { name: 'secret name', code: 'secret code' }) }, 'failed')
  log.error({ error: 'secret text' }, 'failed')
  log.error({ error: { secret: 1 } }, 'failed')
  assert.ok(!lines.join().includes('secret'), lines.join())
  const [first] = lines.map((line) => JSON.parse(line) as { error: { type: string; at: string[] } })
  assert.equal(first!.error.type, 'TypeError')
  assert.match(first!.error.at[0]!, /platform\.test\.ts/)
})

test('an operator at the terminal reads what can be mended, and no row', () => {
  const error = (code: string, message: string) => Object.assign(new Error(message), { code })
  assert.equal(errorText(new Error('Port 4000 is taken.')), 'Port 4000 is taken.')
  assert.equal(errorText(error('28P01', 'password authentication failed')), 'password authentication failed')
  assert.doesNotMatch(errorText(error('23505', 'Key (value)=(30101900000011)')), /3010/)
  assert.match(errorText(error('23505', 'x')), /23505/)
  assert.equal(errorKind(error('23505', 'Key (value)=(30101900000011)')), 'Error 23505')
})

test('what libraries print and what nobody catches goes through the log', () => {
  const logs = join(import.meta.dirname, 'logs.ts')
  const program = `const { guardOutput, openLog } = await import(${JSON.stringify(logs)})
    guardOutput(openLog('info'))
    console.error('secret', new RangeError('secret'))
    setTimeout(() => { throw new Error('secret') })`
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  assert.equal(done.status, 1)
  assert.ok(!(done.stdout + done.stderr).includes('secret'), done.stdout + done.stderr)
  const said = done.stdout.trim().split('\n')
  assert.deepEqual(
    // In any order: the last line of a program that ends is written out at once, before one the pipe had no room for.
    said.map((line) => (JSON.parse(line) as { error: { type: string } }).error.type).sort(),
    ['Error', 'RangeError'],
  )
})

test('metrics are valid Prometheus text', () => {
  const metrics = openMetrics()
  metrics.count('a_total', 'A.', { status: 'x"y\n' }, 2)
  metrics.observe('b_seconds', 'B.', 0.02)
  metrics.gauge('c', 'C.', () => 7)
  const text = metrics.text()
  assert.match(text, /^# TYPE a_total counter\na_total\{status="x_y_"\} 2$/m)
  assert.match(text, /b_seconds_bucket\{le="0.025"\} 1/)
  assert.match(text, /^c 7$/m)
})
