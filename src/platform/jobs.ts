import { randomInt } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { type LogFunctionFactory, Logger, type Runner, run, runMigrations } from 'graphile-worker'
import pg from 'pg'
import type { Json } from './canonical.ts'
import { type Db, sql } from './database.ts'
import { errorKind, type Log } from './logs.ts'

/**
 * Jobs: work that leaves the process or may wait, enqueued inside the transaction that causes it, done at least once.
 * Payloads hold ids only, never personal data.
 */
export type Job = {
  readonly task: string
  readonly payload: { readonly [key: string]: Json }
  /** Two jobs with one key are one job. */
  readonly key?: string
  readonly run_at?: Date
  readonly max_attempts?: number
}

export type JobHandler = (payload: { readonly [key: string]: Json }, attempt: number) => Promise<void>
export type JobHandlers = { readonly [task: string]: JobHandler }

/** Enqueues jobs; they exist when the transaction commits, and never if it does not. */
export async function enqueue(tx: Db, jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) {
    await tx.rows(sql`select enqueue_job(${job.task}, ${JSON.stringify(job.payload)}::json, ${job.key ?? null},
      ${job.run_at ?? null}::timestamptz, ${job.max_attempts ?? null}::int)`)
  }
}

/** Brings the queue's own tables up to date; call once at start, as the owner. */
export async function prepareJobs(url: string, log: Log): Promise<void> {
  await runMigrations({ connectionString: url, logger: workerLogger(log) })
}

class JobFailed extends Error {
  override readonly name = 'JobFailed'
}

export type Jobs = {
  /** Takes no new job, lets those in hand finish (or gives them back after `grace_ms`). */
  stop(): Promise<void>
}

const SWEEP_MS = 10_000
/** Longer than a process needs from its first job to its registration. */
const REGISTERED_S = 10
const POLL_MS = 1000

/**
 * Starts working on jobs. Each process holds an advisory lock while it lives; the jobs of a process that died are freed
 * at the next sweep, because a journey may not wait the library's four hours.
 */
export async function startJobs(
  url: string,
  handlers: JobHandlers,
  log: Log,
  concurrency = 8,
): Promise<Jobs> {
  const life = await openLife(url, log)
  const events = new EventEmitter()
  const ids: string[] = []
  events.on('worker:create', ({ worker }: { worker: { workerId: string } }) => ids.push(worker.workerId))
  const pool = new pg.Pool({ connectionString: url, max: concurrency + 2, application_name: 'hamroh jobs' })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const runner: Runner = await run({
    pgPool: pool,
    concurrency,
    pollInterval: POLL_MS,
    noHandleSignals: true,
    logger: workerLogger(log),
    events: events as never,
    taskList: Object.fromEntries(
      Object.entries(handlers).map(([task, handler]) => [
        task,
        async (payload: unknown, { job }: { job: { attempts: number; max_attempts: number } }) => {
          try {
            await handler(payload as { [key: string]: Json }, job.attempts)
          } catch (error) {
            log.warn({ error, task, attempt: job.attempts, attempts_max: job.max_attempts }, 'a job failed')
            // The queue keeps the message beside the job, and a database's message may quote the row it is about.
            throw new JobFailed(errorKind(error))
          }
        },
      ]),
    ),
  })
  await life.register(ids)
  let ended = false
  runner.promise.catch((error) => !ended && log.error({ error }, 'the job runner stopped'))
  return {
    stop: async () => {
      if (ended) return
      ended = true
      await runner.stop().catch(() => {})
      await life.end()
      await pool.end().catch(() => {})
    },
  }
}

type Life = { register(workers: readonly string[]): Promise<void>; end(): Promise<void> }

/** The connection that holds the advisory lock, opened again when it breaks, and the sweep for the dead. */
async function openLife(url: string, log: Log): Promise<Life> {
  const key = randomInt(2 ** 47)
  let workers: readonly string[] = []
  let client: pg.Client | null = null
  const connect = async (): Promise<pg.Client> => {
    if (client) return client
    const fresh = new pg.Client({
      connectionString: url,
      application_name: 'hamroh job life',
      options: '-c search_path=hamroh',
    })
    const lost = () => {
      if (client === fresh) client = null
    }
    fresh.on('error', lost)
    fresh.on('end', lost)
    await fresh.connect()
    await fresh.query('select pg_advisory_lock($1)', [key])
    client = fresh
    return fresh
  }
  const round = async () => {
    const connection = await connect()
    await connection.query(
      'insert into worker_processes select unnest($1::text[]), $2 on conflict do nothing',
      [workers, key],
    )
    await freeDeadWorkers(connection, key, log)
  }
  await round()
  const sweep = setInterval(() => {
    round().catch((error) => log.warn({ error }, 'the sweep for dead workers failed; it is tried again'))
  }, SWEEP_MS)
  return {
    register: async (ids) => {
      workers = ids
      await round()
    },
    end: async () => {
      clearInterval(sweep)
      await client?.query('delete from worker_processes where process_key = $1', [key]).catch(() => {})
      await client?.end().catch(() => {})
    },
  }
}

async function freeDeadWorkers(life: pg.Client, own: number, log: Log): Promise<void> {
  const { rows } = await life.query<{ key: string; workers: string[] }>(
    'select process_key::text as key, array_agg(worker_id) as workers from worker_processes where process_key <> $1 group by 1',
    [own],
  )
  for (const { key, workers } of rows) {
    const dead = (await life.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [key]))
      .rows[0]!.got
    if (!dead) continue
    await life.query('select graphile_worker.force_unlock_workers($1)', [workers])
    await life.query('delete from worker_processes where process_key = $1', [key])
    await life.query('select pg_advisory_unlock($1)', [key])
    log.warn({ workers: workers.length }, 'freed the jobs of a process that died')
  }
  // A process may die between taking its first jobs and registering: nobody knows those workers, so they are dead.
  const { rows: strangers } = await life.query<{ worker: string }>(
    `select distinct locked_by as worker from graphile_worker._private_jobs
     where locked_at < now() - make_interval(secs => $1) and locked_by not in (select worker_id from worker_processes)`,
    [REGISTERED_S],
  )
  if (strangers.length === 0) return
  await life.query('select graphile_worker.force_unlock_workers($1)', [strangers.map((s) => s.worker)])
  log.warn({ workers: strangers.length }, 'freed the jobs of workers that never registered')
}

function workerLogger(log: Log): Logger {
  const factory: LogFunctionFactory = () => (level, message, meta) => {
    // The library's own lines name job ids and tasks, never payloads; its info lines are chatter. A job that failed was
    // logged where it failed, and behind a first line stand stacks and messages that may quote anything.
    if (meta?.failure) return
    const worker = message.split('\n', 1)[0]!.slice(0, 200)
    if (level === 'error') log.error({ worker }, 'job worker')
    else if (level === 'warning') log.warn({ worker }, 'job worker')
  }
  return new Logger(factory)
}
