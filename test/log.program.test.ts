/** The whole: the program with its synthetic country and two witnesses, checked from outside by the command line. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Country, startCountry } from '../country/country.ts'
import type { LogStatus } from '../src/trust/trust.ts'
import { hamroh } from './program.ts'

let data: string
let country: Country
before(async () => {
  data = mkdtempSync(join(tmpdir(), 'hamroh-log-program-'))
  chmodSync(data, 0o755)
  country = await startCountry({ data, people: 60, ports: { hamroh: 0, control: 0, identity: 0 } })
})
after(async () => {
  await country?.stop()
  rmSync(data, { recursive: true, force: true })
})

const status = async (): Promise<LogStatus> =>
  (await (await fetch(`${country.urls.hamroh}/log/status.json`)).json()) as LogStatus

test('what the program did to sixty people stands in a log that two witnesses saw and a stranger checks', async () => {
  let now = await status()
  for (let tries = 0; tries < 300; tries++) {
    now = await status()
    if (now.size && now.waiting === 0 && now.witnesses.every((w) => w.size === now.size)) break
    await sleep(100)
  }
  assert.ok(now.size! > 60, JSON.stringify(now))
  assert.deepEqual(now.quorum, { least: 2, of: 2 })
  const policy = join(data, 'trusted.policy')
  writeFileSync(policy, await (await fetch(`${country.urls.hamroh}/log/policy`)).text())
  const args = ['audit', 'verify', '--log', `${country.urls.hamroh}/log`, '--policy', policy]
  const { code, out, err } = await hamroh([...args, '--state', join(data, 'state.json')], {})
  assert.equal(code, 0, err)
  assert.match(out, /synthetic\.hamroh\.example\/log: \d+ entries/)
  for (const name of ['ombudsman', 'university']) assert.match(out, new RegExp(`seen by synthetic-${name}`))
})

test('its keys belong to its user alone, and its files may be kept by everybody', async () => {
  for (const key of ['log-key.pem', 'subject-keys.key'])
    assert.equal(statSync(join(data, key)).mode & 0o777, 0o600, key)
  const head = async (path: string) => (await fetch(`${country.urls.hamroh}/log/${path}`)).headers
  assert.equal((await head('checkpoint')).get('cache-control'), 'public, max-age=1')
  assert.match((await head('checkpoint')).get('content-type')!, /^text\/plain/)
  const { size } = await status()
  const tile = size! < 256 ? `tile/0/000.p/${size}` : 'tile/0/000'
  assert.match((await head(tile)).get('cache-control')!, /immutable/)
  assert.equal((await head(tile)).get('access-control-allow-origin'), '*')
  for (const path of [
    'tile/0/..%2f..%2f..%2flog-key.pem',
    'tile/../../log-key.pem',
    '.new',
    'tile/0/0',
    'keys',
  ])
    assert.equal((await fetch(`${country.urls.hamroh}/log/${path}`)).status, 404, path)
})
