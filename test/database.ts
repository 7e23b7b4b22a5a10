import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Database, openDatabase } from '../src/platform/database.ts'
import { startEmbedded } from '../src/platform/embedded.ts'
import { prepareJobs } from '../src/platform/jobs.ts'
import { openLog } from '../src/platform/logs.ts'
import { migrate, readMigrations } from '../src/platform/migrate.ts'

/**
 * A real database for one test file, cloned from a template that holds every migration.
 * The server is the embedded one, shared by all test files of a run through TEST_DATABASE_URL (the runner starts it);
 * a file run by itself starts its own. TEST_DATABASE_URL may also name another PostgreSQL, with a user who may create databases.
 */
export type TestDatabase = {
  readonly url: string
  readonly owner: Database
  readonly db: Database
  readonly gate: Database
  end(): Promise<void>
}

const MIGRATIONS = readMigrations('sql')
/** Named by what it holds: a server that outlives a run may keep the template of other migrations. */
const TEMPLATE = `hamroh_template_${createHash('sha256').update(JSON.stringify(MIGRATIONS)).digest('hex').slice(0, 12)}`

export async function testDatabase(): Promise<TestDatabase> {
  const server = await testServer()
  const name = `hamroh_test_${randomBytes(6).toString('hex')}`
  await asAdmin(server.url, async (client) => {
    await ensureTemplate(client, server.url)
    await client.query(`create database ${name} template ${TEMPLATE}`)
  })
  const url = withDatabase(server.url, name)
  const owner = openDatabase({ url, max: 4 })
  const db = openDatabase({ url, role: 'hamroh_engine' })
  const gate = openDatabase({ url, role: 'hamroh_gate', max: 4 })
  return {
    url,
    owner,
    db,
    gate,
    end: async () => {
      await Promise.all([owner.end(), db.end(), gate.end()])
      await asAdmin(server.url, (client) => client.query(`drop database if exists ${name} with (force)`))
      await server.stop()
    },
  }
}

/** Version of a server, e.g. 15.18. */
export async function serverVersion(url: string): Promise<string> {
  return asAdmin(url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]!.server_version
  })
}

/** The server tests run on; `stop` is a no-op for a shared one. Durability is off: tests of crashes start their own. */
export async function testServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const shared = process.env.TEST_DATABASE_URL
  if (shared) return { url: shared, stop: async () => {} }
  const folder = join(tmpdir(), `hamroh-test-${process.pid}-${randomBytes(4).toString('hex')}`)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const server = await startEmbedded(folder, {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '300',
  })
  return {
    url: server.url,
    stop: async () => {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function ensureTemplate(client: pg.Client, url: string): Promise<void> {
  // One file at a time makes it; the others wait here and find it.
  await client.query('select pg_advisory_lock(4021)')
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [TEMPLATE])
    if (rowCount) return
    await client.query(`drop database if exists ${TEMPLATE}_new`)
    await client.query(`create database ${TEMPLATE}_new`)
    const target = withDatabase(url, `${TEMPLATE}_new`)
    await migrate(target, MIGRATIONS)
    await prepareJobs(target, openLog('silent'))
    await client.query(`alter database ${TEMPLATE}_new rename to ${TEMPLATE}`)
  } finally {
    await client.query('select pg_advisory_unlock(4021)')
  }
}

async function asAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: withDatabase(url, 'postgres') })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

export function withDatabase(url: string, name: string): string {
  const parsed = new URL(url)
  parsed.pathname = `/${name}`
  return parsed.href
}
