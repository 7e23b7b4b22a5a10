/**
 * Reads the settings, opens the database, wires the stations, listens.
 * Run directly it is the program; tests call `start`.
 */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import { apiRoutes } from './api/api.ts'
import { publishPurposes } from './consent/consent.ts'
import { indexRules } from './determinations/determinations.ts'
import { eventReaders } from './events/events.ts'
import { type Engine, wake } from './flow.ts'
import { IntakeQueue } from './intake-queue.ts'
import { loadPack, type Pack } from './packs/packs.ts'
import { type Clock, machineClock } from './platform/clock.ts'
import { type Database, openDatabase, sql } from './platform/database.ts'
import { type DemonstrationClock, openDemonstrationClock } from './platform/demonstration-clock.ts'
import { type EmbeddedServer, startEmbedded } from './platform/embedded.ts'
import { makeIds } from './platform/ids.ts'
import { type Jobs, prepareJobs, startJobs } from './platform/jobs.ts'
import { type Log, openLog } from './platform/logs.ts'
import { type Metrics, openMetrics } from './platform/metrics.ts'
import { migrate, readMigrations } from './platform/migrate.ts'
import { readSettings, type Settings, SettingsError } from './platform/settings.ts'

export const ROOT = join(import.meta.dirname, '..')

/** Everything opened and loaded, before anything listens: what `start` and the command line share. */
export type Ground = {
  readonly settings: Settings
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

/** Opens database and pack. @throws with a sentence for people when one of them cannot be used */
export async function openGround(settings: Settings, log = openLog(settings.LOG_LEVEL)): Promise<Ground> {
  const loaded = loadPack(settings.PACK)
  if (!loaded.ok)
    throw new Error(
      `The pack ${settings.PACK} has ${loaded.mistakes.length} mistakes; see: hamroh pack check ${settings.PACK}`,
    )
  const embedded = settings.DATABASE_URL ? null : await startEmbedded(settings.HAMROH_DATA)
  const url = settings.DATABASE_URL ?? embedded!.url
  const onError = (error: Error) => log.warn({ error }, 'a database connection broke')
  const db = openDatabase({ url, role: 'hamroh_engine', max: 16, onError, applicationName: 'hamroh engine' })
  const gate = openDatabase({ url, role: 'hamroh_gate', max: 8, onError, applicationName: 'hamroh gate' })
  const close = async () => {
    await Promise.all([db.end(), gate.end()])
    if (embedded?.started) await embedded.stop()
  }
  try {
    const applied = await migrate(url, readMigrations(join(ROOT, 'sql')))
    if (applied.length > 0) log.info({ applied }, 'migrated')
    await prepareJobs(url, log)
    const demonstration = settings.DEMONSTRATION ? await openDemonstrationClock(db) : null
    await publishPurposes(db, loaded.pack)
    const metrics = openMetrics()
    return {
      settings,
      pack: loaded.pack,
      clock: demonstration ?? machineClock,
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
  return {
    pack: ground.pack,
    index: indexRules(ground.pack, ground.settings.DEMONSTRATION),
    readers: eventReaders(ground.pack),
    clock: ground.clock,
    ids: makeIds(ground.clock),
    db: ground.db,
    log: ground.log,
    metrics: ground.metrics,
    processing_purpose: `${ground.pack.id}.purpose.engine`,
    journeys: journeys ?? noJourneys,
  }
}

const nothing = () => Promise.resolve()
const noJourneys: Engine['journeys'] = { onFactsChanged: nothing, onEventCancelled: nothing, onDue: nothing }

export type Running = {
  readonly url: string
  readonly port: number
  readonly ground: Ground
  stop(): Promise<void>
}
