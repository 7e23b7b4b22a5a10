import { type Db, prepared, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { AccessEntry, Lookers, Processing } from './trust.ts'

export async function insertProcessing(
  tx: Db,
  run: { id: string; at: Date; purpose: string },
  entries: readonly Processing[],
): Promise<void> {
  if (entries.length === 0) return
  // Most subjects of a run are looked at for the same predicates: each list is said once, and named by number.
  const lists = new Map<string, number>()
  const list = entries.map((e) => {
    const text = e.predicates.join()
    const n = lists.get(text) ?? lists.size + 1
    lists.set(text, n)
    return n
  })
  await tx.run(
    prepared(
      'trust.processing',
      // What was written is queued for the log, by the same statement.
      sql`with written as (
            insert into access_entries (subject_id, id, at, actor_kind, actor, purpose, predicates, because, channel, automated)
            select subject_id, id, ${run.at}, 'engine', ${run.id}, ${run.purpose}, string_to_array((${[...lists.keys()]}::text[])[list], ','), because, 'engine', true
            from unnest(${entries.map((e) => e.subject)}::uuid[], ${entries.map((e) => e.id)}::uuid[],
                        ${entries.map((e) => e.because)}::uuid[], ${list}::int[]) as n (subject_id, id, because, list)
            returning subject_id, id)
          insert into access_queue select subject_id, id from written`,
    ),
  )
}

const COLUMNS = sql`id, at, actor_kind, actor, actor_role, purpose, predicates, because, journey_id, case_id, channel, automated`

export const entriesOf = (
  db: Db,
  subject: SubjectId,
  limit: number,
  before: string | null,
  by: Lookers,
): Promise<AccessEntry[]> =>
  db.rows<AccessEntry>(sql`
    select ${COLUMNS} from access_entries where subject_id = ${subject} and (${before}::uuid is null or id < ${before}::uuid)
      and (${by} = 'all' or (actor_kind = 'person' and actor = ${subject}::text) = (${by} = 'own'))
    order by id desc limit ${limit}`)

export async function entryOf(db: Db, subject: SubjectId, id: string): Promise<AccessEntry | null> {
  const [row] = await db.rows<AccessEntry>(
    sql`select ${COLUMNS} from access_entries where subject_id = ${subject} and id = ${id}`,
  )
  return row ?? null
}
