/** A transparency log over a database of its own: reads through the real gate, a folder of public files, and witnesses. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ServerType, serve } from '@hono/node-server'
import { openWitness, witnessKey } from '../country/witness.ts'
import { machineClock } from '../src/platform/clock.ts'
import { type Database, sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { openLog } from '../src/platform/logs.ts'
import { type Metrics, openMetrics } from '../src/platform/metrics.ts'
import {
  folderSource,
  openTransparencyLog,
  type Policy,
  type ProofFile,
  readPolicy,
  readVkey,
  type TransparencyLog,
  type Trust,
} from '../src/trust/trust.ts'
import { type TestDatabase, testDatabase } from './database.ts'

export const ORIGIN = 'log.example/test'
const PURPOSE = 'test.look'

export type LogWorld = {
  readonly database: TestDatabase
  readonly data: string
  readonly folder: string
  readonly log: TransparencyLog
  readonly metrics: Metrics
  readonly logged: unknown[]
  /** Day by which sealed entries are shown. */
  today: string
  trust(policy?: Policy | null): Promise<Trust>
  /** Waits until everything that was read stands under the published checkpoint. */
  settled(): Promise<void>
  /** Stops the log and starts it on the same data, or other settings. */
  restart(settings?: Partial<Parameters<typeof openTransparencyLog>[0]>): Promise<TransparencyLog>
  end(): Promise<void>
}

export async function openLogWorld(of: { readonly policy?: string } = {}): Promise<LogWorld> {
  const database = await testDatabase()
  const data = mkdtempSync(join(tmpdir(), 'hamroh-log-'))
  const policy_file = of.policy === undefined ? undefined : join(data, 'policy')
  if (policy_file) writeFileSync(policy_file, of.policy!)
  await givePurpose(database.db)
  const metrics = openMetrics()
  const logged: unknown[] = []
  const world = { today: '2026-11-24' }
  const open = (more: Partial<Parameters<typeof openTransparencyLog>[0]> = {}) =>
    openTransparencyLog(
      { url: database.url, data, origin: ORIGIN, origin_chosen: false, policy_file, ...more },
      {
        clock: machineClock,
        today: () => world.today as never,
        log: openLog('warn', (line) => logged.push(line)),
        metrics,
      },
      { look_ms: 10, checkpoint_ms: 20 },
    )
  let log = await open()
  const self: LogWorld = Object.assign(world, {
    database,
    data,
    folder: join(data, 'log'),
    get log() {
      return log
    },
    metrics,
    logged,
    trust: async (policy: Policy | null = null): Promise<Trust> => ({
      keys: (await log.status()).keys.map(readVkey),
      policy,
    }),
    settled: () => settled(database.owner, () => log),
    restart: async (more?: Partial<Parameters<typeof openTransparencyLog>[0]>) => {
      await log.stop()
      log = await open(more)
      return log
    },
    end: async () => {
      await log.stop()
      await database.end()
      rmSync(data, { recursive: true, force: true })
    },
  })
  // Object.assign would copy the getter's value of now.
  Object.defineProperty(self, 'log', { get: () => log })
  return self
}

export async function givePurpose(db: Database): Promise<void> {
  await db.run(
    sql`insert into purposes values (${PURPOSE}, 'public_task', '{}', 'agency', '{full_name}') on conflict do nothing`,
  )
}

const WAIT_MS = 20_000

export async function settled(owner: Database, log: () => TransparencyLog): Promise<void> {
  const until = Date.now() + WAIT_MS
  for (;;) {
    const [row] = await owner.rows<{ entries: number; leaves: number }>(sql`
      select (select count(*) from access_queue)::int as entries, (select count(*) from log_leaves)::int as leaves`)
    const { size, halted } = await log().status()
    if (row!.entries === 0 && size === row!.leaves && shownSize(log()) === size) return
    assert.ok(Date.now() < until, `the log does not settle: ${JSON.stringify({ ...row, size, halted })}`)
    await sleep(10)
  }
}

const shownSize = (log: TransparencyLog): number | null => log.shown()

/** One read of a subject's memory through the gate by a civil servant; returns the id of its access entry. */
export async function look(gate: Database, subject: string, id: string = randomUUID()): Promise<string> {
  await gate.rows(sql`
    select * from gate_open(${id}, ${subject}, now(), 'officer', 'P-1', 'clerk', ${PURPOSE}, '{full_name}', null, null, 'web', false, current_date, now(), null)`)
  return id
}

/** All pages of a person's proofs in one file. */
export async function allProofs(log: TransparencyLog, subject: string, limit = 500): Promise<ProofFile> {
  const entries: ProofFile['entries'][number][] = []
  for (let after = 0; ; ) {
    const page = await log.proofs(subject as SubjectId, { after, limit })
    assert.ok(page)
    entries.push(...page.entries)
    if (page.next === null) return { ...page, entries }
    after = page.next
  }
}

export type TestWitness = {
  readonly name: string
  readonly vkey: string
  readonly url: string
  readonly data: string
  stop(): Promise<void>
  start(): Promise<void>
}

/** A witness of the country, in this process, on a port that stays its own. */
export async function startWitness(name: string, logs: () => readonly string[]): Promise<TestWitness> {
  const data = mkdtempSync(join(tmpdir(), 'hamroh-witness-'))
  const { vkey } = witnessKey(data, name)
  const port = await freePort()
  let server: ServerType | null = null
  const start = async () => {
    const app = openWitness({ name, data, logs: logs().map(readVkey) })
    server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
    await new Promise<void>((done) => server!.once('listening', () => done()))
  }
  const stop = async () => {
    const closing = server
    server = null
    if (closing && 'closeAllConnections' in closing) closing.closeAllConnections()
    await new Promise<void>((done) => (closing ? closing.close(() => done()) : done()))
  }
  return { name, vkey, url: `http://127.0.0.1:${port}`, data, start, stop }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

export const policyOf = (witnesses: readonly TestWitness[], count: string): string =>
  `${witnesses.map((w) => `witness ${w.name} ${w.vkey} ${w.url}\n`).join('')}group all-of-them ${count} ${witnesses.map((w) => w.name).join(' ')}\nquorum all-of-them\n`

export { folderSource, readPolicy }
