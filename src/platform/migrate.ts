import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

/** Forward-only migrations: `sql/0001_name.sql`, whose first line says `-- compatible` or `-- breaking`. */

export type Migration = {
  readonly number: number
  readonly name: string
  readonly breaking: boolean
  readonly text: string
}

const FILE = /^(\d{4})_([a-z0-9_]+)\.sql$/

/** The migrations of a folder in order. @throws Error naming the file when numbers have a gap or the first line is not as agreed */
export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder)
    .filter((file) => FILE.test(file))
    .sort()
    .map((file, index) => {
      const text = readFileSync(join(folder, file), 'utf8')
      const [, number, name] = FILE.exec(file)!
      const mark = text.split('\n', 1)[0]
      if (Number(number) !== index + 1) throw new Error(`${file}: the migration before it is missing`)
      if (mark !== '-- compatible' && mark !== '-- breaking')
        throw new Error(`${file}: its first line must be "-- compatible" or "-- breaking"`)
      return { number: index + 1, name: name!, breaking: mark === '-- breaking', text }
    })
}

/**
 * Brings the database up to the last migration, each in a transaction of its own.
 * Safe when several processes start at once: the migration's row is inserted first, so the others wait on it and then
 * find the work done. Returns the numbers applied by this call.
 * @throws Error when the server is too old, the database newer than these files, or a statement fails (nothing of that migration is kept)
 */
export async function migrate(url: string, migrations: readonly Migration[]): Promise<number[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'hamroh migrate' })
  client.on('error', () => {})
  await client.connect()
  try {
    await checkVersion(client)
    await createLedger(client)
    const applied: number[] = []
    for (const migration of migrations) {
      if (await apply(client, migration)) applied.push(migration.number)
    }
    const { rows } = await client.query<{ newest: number }>(
      'select max(number)::int as newest from hamroh_migrations.applied',
    )
    const newest = rows[0]!.newest
    if (newest > migrations.length) {
      throw new Error(
        `The database is at migration ${newest}, this program knows ${migrations.length}: install the newer program.`,
      )
    }
    return applied
  } finally {
    await client.end()
  }
}

const VERSION_MIN = 15

async function checkVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ v: string }>("select current_setting('server_version_num') as v")
  const version = Math.floor(Number(rows[0]!.v) / 10_000)
  if (version < VERSION_MIN)
    throw new Error(`This is PostgreSQL ${version}: Hamroh needs ${VERSION_MIN} or newer.`)
}

async function createLedger(client: pg.Client): Promise<void> {
  // Two processes creating it at once collide on the catalogue's unique index: that is a normal outcome.
  for (let tries = 0; ; tries++) {
    try {
      await client.query(`
        create schema if not exists hamroh_migrations;
        create table if not exists hamroh_migrations.applied (
          number integer primary key, name text not null, breaking boolean not null, applied_at timestamptz not null default now())`)
      return
    } catch (error) {
      const code = (error as { code?: string }).code ?? ''
      if (tries >= 5 || !['23505', '42P06', '42P07'].includes(code)) throw error
    }
  }
}

async function apply(client: pg.Client, m: Migration): Promise<boolean> {
  await client.query('begin')
  try {
    const inserted = await client.query(
      'insert into hamroh_migrations.applied (number, name, breaking) values ($1, $2, $3) on conflict do nothing',
      [m.number, m.name, m.breaking],
    )
    if (inserted.rowCount === 1) await client.query(m.text)
    await client.query('commit')
    return inserted.rowCount === 1
  } catch (error) {
    await client.query('rollback')
    throw new Error(`Migration ${m.number} (${m.name}) failed: ${(error as Error).message}`, { cause: error })
  }
}
