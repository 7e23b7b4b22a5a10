import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const rate = z.number().min(0).max(1)

/** How an agency misbehaves; every field may be left out of a change. */
export const behaviourChange = z.strictObject({
  /** Waits this long before it answers. */
  latency_ms: z.number().int().min(0).max(60_000).optional(),
  /** Part of the requests that are answered with 500 before anything is done. */
  error_rate: rate.optional(),
  /** Part of the requests that are done, but whose answer is lost: the connection closes. */
  duplicate_rate: rate.optional(),
  /** Part of the tasks that are answered with 202 and done a while later. */
  slow_rate: rate.optional(),
  slow_ms: z.number().int().min(1).max(600_000).optional(),
  /** True: connections are closed without an answer, as if nobody were there. */
  down: z.boolean().optional(),
})

export type Behaviour = Required<{
  -readonly [K in keyof z.infer<typeof behaviourChange>]: NonNullable<z.infer<typeof behaviourChange>[K]>
}>

const good: Behaviour = {
  latency_ms: 0,
  error_rate: 0,
  duplicate_rate: 0,
  slow_rate: 0,
  slow_ms: 2000,
  down: false,
}

/** The behaviour an agency had when it was last set; kept in a file, so that a restart does not heal it. */
export function openBehaviour(file: string): {
  get(): Behaviour
  change(by: z.infer<typeof behaviourChange>): Behaviour
} {
  mkdirSync(dirname(file), { recursive: true })
  let now: Behaviour = { ...good }
  if (existsSync(file)) Object.assign(now, behaviourChange.parse(JSON.parse(readFileSync(file, 'utf8'))))
  return {
    get: () => now,
    change: (by) => {
      now = {
        ...now,
        ...(Object.fromEntries(Object.entries(by).filter(([, v]) => v !== undefined)) as Partial<Behaviour>),
      }
      writeFileSync(file, JSON.stringify(now))
      return now
    },
  }
}
