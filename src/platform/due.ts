import { type Db, sql } from './database.ts'
import type { SubjectId } from './ids.ts'

/** What must happen when its time comes. A local queue over all subjects, moved by the clock that is handed in. */
export type Due = {
  readonly due_at: Date
  readonly kind: string
  readonly subject_id: SubjectId
  readonly ref: string
}

/** Sets the time of each (kind, subject, ref); a later call for the same one moves it. */
export const setDue = (tx: Db, rows: readonly Due[]): Promise<void> => put(tx, rows, false)

/** As `setDue`, but what is due earlier stays so: for who knows only of a part of what the time was set for. */
export const setDueAtLatest = (tx: Db, rows: readonly Due[]): Promise<void> => put(tx, rows, true)

async function put(tx: Db, rows: readonly Due[], keep_earlier: boolean): Promise<void> {
  if (rows.length === 0) return
  await tx.run(sql`
    insert into due_work (due_at, kind, subject_id, ref)
    select * from unnest(${rows.map((r) => r.due_at)}::timestamptz[], ${rows.map((r) => r.kind)}::text[],
                         ${rows.map((r) => r.subject_id)}::uuid[], ${rows.map((r) => r.ref)}::text[])
    on conflict (kind, subject_id, ref) do update
      set due_at = case when ${keep_earlier} then least(due_work.due_at, excluded.due_at) else excluded.due_at end`)
}

/** It need not happen any more. */
export async function clearDue(tx: Db, kind: string, subject_id: SubjectId, ref: string): Promise<void> {
  await tx.run(sql`delete from due_work where kind = ${kind} and subject_id = ${subject_id} and ref = ${ref}`)
}

/**
 * Takes what is due by `now`, oldest first, out of the queue. It is gone when this transaction commits, so the work
 * must be done in the same one; two processes never take the same row.
 */
export async function takeDue(tx: Db, now: Date, limit: number): Promise<Due[]> {
  return tx.rows<Due>(sql`
    delete from due_work where (kind, subject_id, ref) in (
      select kind, subject_id, ref from due_work where due_at <= ${now} order by due_at limit ${limit} for update skip locked)
    returning due_at, kind, subject_id, ref`)
}
