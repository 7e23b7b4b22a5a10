import type { Clock } from './clock.ts'
import { type Database, sql } from './database.ts'

/** The clock of a demonstration: the machine's, moved forward as the visitor wishes. The move outlives a restart. */
export type DemonstrationClock = Clock & { forward(days: number): Promise<Date> }

const DAY_MS = 86_400_000

export async function openDemonstrationClock(db: Database): Promise<DemonstrationClock> {
  const [row] = await db.rows<{ offset_ms: number }>(sql`select offset_ms from demonstration_clock`)
  let offset = row?.offset_ms ?? 0
  const now = () => new Date(Date.now() + offset)
  return {
    now,
    forward: async (days) => {
      const moved = offset + Math.round(days * DAY_MS)
      await db.run(sql`
        insert into demonstration_clock (offset_ms) values (${moved})
        on conflict (only_row) do update set offset_ms = excluded.offset_ms`)
      offset = moved
      return now()
    },
  }
}
