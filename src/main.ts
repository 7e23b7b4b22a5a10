/**
 * The program from its beginning to its end: settings, database, stations, listening, stopping. What it answers over HTTP
 * is composed in app.ts. Run directly it is the program; tests call `start`.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type ServerType, serve } from '@hono/node-server'
import type { Hono } from 'hono'
import { agencyHttp } from './adapters/agency-http.ts'
import { makeApp } from './app.ts'
import type { Signer } from './cases/cases.ts'
import { publishPurposes } from './consent/consent.ts'
import { councilJobs, openRuleBook, type RuleBook } from './council/council.ts'
import { type CouncilWork, openCouncil, startCouncil } from './council-flow.ts'
import { eventReaders } from './events/events.ts'
import { type Engine, wake } from './flow.ts'
import { forgetOldSessions } from './identity/identity.ts'
import { IntakeQueue } from './intake-queue.ts'
import { type JourneyContext, journeyJobs, journeyReactions, makeJourneys } from './journey-flow.ts'
import { openLogOf } from './log-flow.ts'
import { loadPack, type Pack } from './packs/packs.ts'
import { type Clock, machineClock } from './platform/clock.ts'
import { type Database, openDatabase } from './platform/database.ts'
import { type DemonstrationClock, openDemonstrationClock } from './platform/demonstration-clock.ts'
import { type EmbeddedServer, startEmbedded } from './platform/embedded.ts'
import { makeIds } from './platform/ids.ts'
import { type Jobs, prepareJobs, startJobs } from './platform/jobs.ts'
import { errorText, guardOutput, type Log, openLog } from './platform/logs.ts'
import { type Metrics, openMetrics } from './platform/metrics.ts'
import { migrate, readMigrations } from './platform/migrate.ts'
import { readSettings, type Settings } from './platform/settings.ts'
import type { TransparencyLog } from './trust/trust.ts'

export const ROOT = join(import.meta.dirname, '..')

/** Everything opened and loaded, before anything listens: what `start` and the command line share. */
export type Ground = {
  readonly settings: Settings
  /** The rules in force; they may change while the program runs. */
  readonly book: RuleBook
  /** The pack with the rules in force. */
  readonly pack: Pack
  readonly clock: Clock
  readonly demonstration: DemonstrationClock | null
  readonly log: Log
  readonly metrics: Metrics
  readonly url: string
  readonly db: Database
  readonly gate: Database
  readonly embedded: EmbeddedServer | null
  close(): Promise<void>
}

/**
 * Opens database and pack.
 * @param limits a statement of a request that takes longer is ended; commands over everything have no such limit
 * @throws with a sentence for people when one of them cannot be used
 */
export async function openGround(
  settings: Settings,
  log = openLog(settings.LOG_LEVEL),
  limits: { readonly statement_ms_max?: number } = {},
): Promise<Ground> {
  const loaded = loadPack(settings.PACK)
  if (!loaded.ok)
    throw new Error(
      `The pack ${settings.PACK} cannot be used; each mistake is named by: hamroh pack check ${settings.PACK}`,
    )
  const embedded = settings.DATABASE_URL ? null : await startEmbedded(settings.HAMROH_DATA)
  const url = settings.DATABASE_URL ?? embedded!.url
  const onError = (error: Error) => log.warn({ error }, 'a database connection broke')
  const db = openDatabase({
    url,
    role: 'hamroh_engine',
    max: 16,
    onError,
    applicationName: 'hamroh engine',
    ...limits,
  })
  const gate = openDatabase({
    url,
    role: 'hamroh_gate',
    max: 8,
    onError,
    applicationName: 'hamroh gate',
    ...limits,
  })
  const close = async () => {
    await Promise.all([db.end(), gate.end()])
    await embedded?.leave()
  }
  try {
    const applied = await migrate(url, readMigrations(join(ROOT, 'sql')))
    if (applied.length > 0) log.info({ applied }, 'migrated')
    await prepareJobs(url, log)
    const demonstration = settings.DEMONSTRATION ? await openDemonstrationClock(db) : null
    await publishPurposes(db, loaded.pack)
    const metrics = openMetrics()
    const clock = demonstration ?? machineClock
    const book = await openRuleBook({
      db,
      folder: settings.PACK,
      base: loaded.pack,
      clock,
      with_unconfirmed: settings.DEMONSTRATION,
    })
    return {
      settings,
      book,
      get pack() {
        return book.now().pack
      },
      clock,
      demonstration,
      log,
      metrics,
      url,
      db,
      gate,
      embedded,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The engine over a ground; `journeys` may be left out where nothing leaves the process (imports, benchmarks). */
export function makeEngine(ground: Ground, journeys?: Engine['journeys']): Engine {
  const { book } = ground
  return {
    get pack() {
      return book.now().pack
    },
    get index() {
      return book.now().index
    },
    readers: eventReaders(ground.pack),
    clock: ground.clock,
    ids: makeIds(ground.clock),
    db: book.pinning(ground.db),
    log: ground.log,
    metrics: ground.metrics,
    processing_purpose: `${ground.pack.id}.purpose.engine`,
    journeys: journeys ?? noJourneys,
  }
}

const nothing = () => Promise.resolve()
const noJourneys: Engine['journeys'] = { onFactsChanged: nothing, onEventCancelled: nothing, onDue: nothing }

/** The journeys of a ground: agencies as the settings name them, decisions signed with the key in the data folder. */
export function openJourneys(ground: Ground): JourneyContext {
  const { settings, pack } = ground
  const addresses = Object.entries(settings.AGENCIES).flatMap(([code, a]) =>
    a.url && a.key ? [[code, { url: a.url, key: a.key }] as const] : [],
  )
  return makeJourneys({
    get pack() {
      return ground.pack
    },
    clock: ground.clock,
    queue_clock: machineClock,
    ids: makeIds(ground.clock),
    random: Math.random,
    db: ground.book.pinning(ground.db),
    gate: ground.gate,
    agencies: agencyHttp(Object.fromEntries(addresses)),
    signer: decisionSigner(settings.HAMROH_DATA),
    processing_purpose: `${pack.id}.purpose.engine`,
    name_predicate: NAME_PREDICATE,
  })
}

/** How the vocabulary calls what a person is called. */
const NAME_PREDICATE = 'full_name'

/** Ed25519, made at the first start and kept in the data folder: back it up, decisions are checked against it. */
export function decisionSigner(data: string): Signer {
  const file = join(data, 'decision-key.pem')
  if (!existsSync(file)) {
    mkdirSync(data, { recursive: true })
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  }
  const key = createPrivateKey(readFileSync(file))
  return {
    sign: (bytes) => sign(null, bytes, key).toString('base64url'),
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  }
}

export type Running = {
  readonly port: number
  /** Takes no new work, finishes or returns what is in hand, closes everything. Safe to call twice. */
  stop(): Promise<void>
}

/** How often the clock is looked at for what has become due. */
const WAKE_MS = 1000
const FORGET_MS = 60_000
const DRAIN_MS = 8000
const STATEMENT_MS_MAX = 60_000

/** Starts the program with these settings and resolves when it answers. @throws with a sentence for people */
export async function start(settings: Settings, log = openLog(settings.LOG_LEVEL)): Promise<Running> {
  const ground = await openGround(settings, log, { statement_ms_max: STATEMENT_MS_MAX })
  let jobs: Jobs | null = null
  let waking: Waking | null = null
  let working: CouncilWork | null = null
  let server: ServerType | null = null
  let transparency: TransparencyLog | null = null
  try {
    const journeys = openJourneys(ground)
    const engine = makeEngine(ground, journeyReactions(journeys))
    const council = openCouncil(ground, journeys.signer)
    jobs = await startJobs(ground.url, { ...journeyJobs(journeys), ...councilJobs(council) }, log)
    waking = startWaking(engine, log)
    working = startCouncil(council, engine, log, settings.SNAPSHOT_SECONDS)
    transparency = await openLogOf(ground)
    const app = makeApp({
      log: transparency,
      ground,
      engine,
      journeys,
      council,
      queue: new IntakeQueue(engine),
      session_clock: machineClock,
      wakeNow: waking.now,
    })
    server = await listen(app, settings)
    const { port } = server.address() as AddressInfo
    const forgetting = startForgetting(ground.db, log)
    log.info({ port, pack: `${ground.pack.id} ${ground.pack.version}` }, 'Hamroh listens')
    let stopping: Promise<void> | null = null
    const parts = { server, jobs, waking, working, forgetting, transparency, ground, log }
    return { port, stop: () => (stopping ??= stopAll(parts)) }
  } catch (error) {
    server?.close()
    await Promise.all([waking?.stop(), working?.stop(), transparency?.stop()])
    await jobs?.stop()
    await ground.close()
    throw error
  }
}

type Parts = {
  readonly server: ServerType
  readonly jobs: Jobs
  readonly waking: Waking
  readonly working: CouncilWork
  readonly forgetting: { stop(): Promise<void> }
  readonly transparency: TransparencyLog
  readonly ground: Ground
  readonly log: Log
}

async function stopAll(parts: Parts): Promise<void> {
  const { server, jobs, waking, working, forgetting, transparency, ground, log } = parts
  log.info('stopping')
  // No new connections; requests under way end by themselves, the last ones are cut after a while.
  const closed = new Promise<void>((done) => server.close(() => done()))
  if ('closeIdleConnections' in server) server.closeIdleConnections()
  const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), DRAIN_MS)
  await Promise.all([waking.stop(), working.stop(), forgetting.stop()])
  await jobs.stop()
  await closed
  clearTimeout(cut)
  // Last: what was read on the way down still gets its place if there is time, and at the next start if not.
  await transparency.stop()
  await ground.close()
  log.info('stopped')
}

/** Forgets what has no more use, once a minute. */
function startForgetting(db: Database, log: Log): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    running = forgetOldSessions(db, machineClock).catch((error) =>
      log.warn({ error }, 'old sessions were not forgotten; it is tried again'),
    )
  }, FORGET_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}

type Waking = { now(): Promise<void>; stop(): Promise<void> }

/** Does what has become due, once a second and whenever the demonstration's clock is moved. */
function startWaking(engine: Engine, log: Log): Waking {
  let running: Promise<void> = Promise.resolve()
  let stopped = false
  const round = async () => {
    while (!stopped && (await wake(engine)) > 0);
  }
  const now = () => {
    running = running
      .then(round)
      .catch((error) => log.warn({ error }, 'what is due could not be done; it stays due'))
    return running
  }
  const timer = setInterval(() => void now(), WAKE_MS)
  return {
    now,
    stop: () => {
      stopped = true
      clearInterval(timer)
      return running
    },
  }
}

/**
 * Whoever opens connections and says nothing, or says it a letter at a time, holds none of them for long: headers within 5
 * seconds, a whole request within 10, looked at every second (Node's own limits are 60 and 300 seconds, looked at every 30).
 */
const HEADERS_MS = 5000
const REQUEST_MS = 10_000
const IDLE_CONNECTION_MS = 5000
const LOOK_MS = 1000

function listen(app: Hono, settings: Settings): Promise<ServerType> {
  return new Promise((done, fail) => {
    const server = serve({
      fetch: app.fetch,
      hostname: settings.HOST,
      port: settings.PORT,
      serverOptions: {
        headersTimeout: HEADERS_MS,
        requestTimeout: REQUEST_MS,
        connectionsCheckingInterval: LOOK_MS,
        keepAliveTimeout: IDLE_CONNECTION_MS,
        maxHeaderSize: 16_384,
      },
    })
    server.once('listening', () => done(server))
    server.once('error', (error: Error & { code?: string }) =>
      fail(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${settings.PORT} is taken. Set PORT to another one.`)
          : error,
      ),
    )
  })
}

/** The program: settings from the environment, a clean stop on SIGTERM and Ctrl-C, also while it is still starting. */
export async function main(): Promise<void> {
  let running: Promise<Running> | null = null
  let is_stopping = false
  const stop = () => {
    if (is_stopping) return
    is_stopping = true
    // What is being started must be whole before it can be taken down without leaving a server behind.
    Promise.resolve(running)
      .then((r) => r?.stop())
      .then(
        () => process.exit(0),
        (error: Error) => {
          process.stderr.write(`The stop was not clean: ${errorText(error)}\n`)
          process.exit(1)
        },
      )
  }
  // Heard for good: with nobody listening, a second signal would end the process in the middle of its clean stop.
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // A supervisor that died takes its end of the channel with it.
  process.once('disconnect', stop)
  try {
    const settings = readSettings(process.env)
    const log = openLog(settings.LOG_LEVEL)
    guardOutput(log)
    running = start(settings, log)
    await running
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`)
    process.exit(1)
  }
}

if (import.meta.main) await main()
