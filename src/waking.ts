/** What the clock makes due, in the running program. */
import { type Engine, wake } from './flow.ts'
import type { Log } from './platform/logs.ts'

/** How often the clock is looked at for what has become due. */
const WAKE_MS = 1000

export type Waking = { now(): Promise<void>; stop(): Promise<void> }

/** Does what has become due, once a second and whenever the demonstration's clock is moved. */
export function startWaking(engine: Engine, log: Log): Waking {
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
