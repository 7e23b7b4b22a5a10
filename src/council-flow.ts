/**
 * The council in the running program: composes its station with the way of an event, and goes on with what waits.
 */
import { join } from 'node:path'
import type { Signer } from './cases/cases.ts'
import {
  type CouncilContext,
  continuePublications,
  type Redetermine,
  refreshSnapshot,
} from './council/council.ts'
import type { Engine } from './flow.ts'
import { settle } from './intake.ts'
import type { Ground } from './main.ts'
import { machineClock } from './platform/clock.ts'
import { makeIds } from './platform/ids.ts'
import type { Log } from './platform/logs.ts'

/** The council of a ground: files under the data folder, reports and publications signed as decisions are. */
export function openCouncil(ground: Ground, signer: Signer): CouncilContext {
  const { settings, db, clock, log, pack } = ground
  return {
    db,
    folder: join(settings.HAMROH_DATA, 'snapshot'),
    clock,
    queue_clock: machineClock,
    ids: makeIds(clock),
    log,
    processing_purpose: `${pack.id}.purpose.engine`,
    book: ground.book,
    pack_folder: settings.PACK,
    signer,
  }
}

/** What a publication's run does with subjects: the same as a changed fact would, under the rules in force. */
export const redetermineWith =
  (engine: Engine): Redetermine =>
  (tx, causes, at) =>
    settle(tx, engine, causes, { at, run: engine.ids(), cancelled: [] })

export type CouncilWork = { stop(): Promise<void> }

const LOOK_MS = 500

/** Takes up what was published, goes on with what follows from it, and keeps the snapshot up to date. */
export function startCouncil(ctx: CouncilContext, engine: Engine, log: Log, snapshot_s: number): CouncilWork {
  const redetermine = redetermineWith(engine)
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  const every = (ms: number, what: string, round: () => Promise<void>) => {
    let busy = false
    const timer = setInterval(() => {
      if (busy || stopped) return
      busy = true
      const mine = round()
        .catch((error) => log.warn({ error }, `${what}; it is tried again`))
        .finally(() => {
          busy = false
        })
      running = Promise.all([running, mine]).then(() => {})
    }, ms)
    return () => clearInterval(timer)
  }
  const ends = [
    every(LOOK_MS, 'what follows from a publication could not be done', async () => {
      while (!stopped && (await continuePublications(ctx, redetermine)) > 0);
    }),
  ]
  if (snapshot_s > 0)
    ends.push(
      every(snapshot_s * 1000, 'the snapshot could not be brought up to date', async () => {
        await refreshSnapshot(ctx, ctx.book.now().pack)
      }),
    )
  return {
    stop: async () => {
      stopped = true
      for (const end of ends) end()
      await running
    },
  }
}
