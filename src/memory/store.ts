import type { DateText } from '../platform/clock.ts'
import { type Db, jsonTexts, prepared, sql } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { Assertion, NewFact } from './memory.ts'

export async function insertFacts(tx: Db, facts: readonly NewFact[], recorded_at: Date): Promise<void> {
  if (facts.length === 0) return
  await tx.run(
    prepared(
      'memory.tell',
      sql`insert into facts (subject_id, id, predicate, item, state, value, valid_from, valid_to, source, event, observed_at, recorded_at)
          select subject_id, id, predicate, item, state, value, valid_from, valid_to, source, event, observed_at, ${recorded_at}
          from unnest(${facts.map((f) => f.subject_id)}::uuid[], ${facts.map((f) => f.id)}::uuid[], ${facts.map((f) => f.predicate)}::text[],
                      ${facts.map((f) => f.item)}::text[], ${facts.map((f) => f.state)}::text[],
                      ${jsonTexts(facts.map((f) => (f.state === 'absent' ? null : JSON.stringify(f.value))))}::jsonb[],
                      ${facts.map((f) => f.valid_from)}::date[], ${facts.map((f) => f.valid_to)}::date[], ${facts.map((f) => f.source)}::text[],
                      ${facts.map((f) => f.event)}::uuid[], ${facts.map((f) => f.observed_at.toISOString())}::timestamptz[])
            as n (subject_id, id, predicate, item, state, value, valid_from, valid_to, source, event, observed_at)`,
    ),
  )
}

export function supersedeFactsOf(
  tx: Db,
  events: readonly {
    readonly event: string
    readonly because: string
    readonly subjects: readonly SubjectId[]
  }[],
  at: Date,
): Promise<{ subject_id: SubjectId; predicate: string; event: string }[]> {
  // By subject, as every statement on this table: the event alone has no index.
  const rows = events.flatMap((e) => e.subjects.map((subject) => ({ ...e, subject })))
  return tx.rows(sql`
    update facts f set superseded_at = ${at}, superseded_by = n.because
    from unnest(${rows.map((r) => r.subject)}::uuid[], ${rows.map((r) => r.event)}::uuid[], ${rows.map((r) => r.because)}::uuid[]) as n (subject_id, event, because)
    where f.subject_id = n.subject_id and f.event = n.event and f.superseded_at is null
    returning f.subject_id, f.predicate, f.event`)
}

type FactRow = Assertion & { readonly subject_id: SubjectId }

export function factsOf(
  db: Db,
  subjects: readonly SubjectId[],
  predicates: readonly string[],
  known_at?: Date,
): Promise<FactRow[]> {
  if (known_at) {
    return db.rows<FactRow>(sql`
      select subject_id, id, predicate, item, state, value, valid_from, valid_to, source, event, observed_at, recorded_at, superseded_at
      from facts where subject_id = any (${subjects}::uuid[]) and predicate = any (${predicates}::text[])
        and recorded_at <= ${known_at} and (superseded_at is null or superseded_at > ${known_at})`)
  }
  return db.rows<FactRow>(
    prepared(
      'memory.now',
      sql`select subject_id, id, predicate, item, state, value, valid_from, valid_to, source, event, observed_at, recorded_at, superseded_at
          from facts where subject_id = any (${subjects}::uuid[]) and predicate = any (${predicates}::text[]) and superseded_at is null`,
    ),
  )
}

/**
 * What can hold on `day` or later. Of a predicate of one value that is everything from the newest assertion on that has
 * begun by then and has no end: what is older can never hold again while that one stands. Each subject is looked up under
 * the predicates of its own group alone: a chunk's subjects want few each and many together.
 */
export function holdingOf(
  db: Db,
  groups: readonly {
    readonly subjects: readonly SubjectId[]
    readonly predicates: readonly { readonly name: string; readonly is_many: boolean }[]
  }[],
  day: DateText,
): Promise<FactRow[]> {
  const subjects = groups.flatMap((g, n) => g.subjects.map((id) => ({ id, n })))
  const predicates = groups.flatMap((g, n) => g.predicates.map((p) => ({ ...p, n })))
  return db.rows<FactRow>(
    prepared(
      'memory.holding',
      sql`select f.subject_id, f.id, f.predicate, f.item, f.state, f.value, f.valid_from, f.valid_to, f.source, f.event, f.observed_at, f.recorded_at, f.superseded_at
          from unnest(${subjects.map((s) => s.id)}::uuid[], ${subjects.map((s) => s.n)}::int[]) as s (subject_id, n)
          join unnest(${predicates.map((p) => p.name)}::text[], ${predicates.map((p) => p.is_many)}::boolean[],
                      ${predicates.map((p) => p.n)}::int[]) as p (predicate, is_many, n) on p.n = s.n
          left join lateral (
            select n.valid_from from facts n
            where not p.is_many and n.subject_id = s.subject_id and n.predicate = p.predicate and n.superseded_at is null
              and n.valid_to is null and n.valid_from <= ${day}::date
            order by n.valid_from desc limit 1) as newest on true
          cross join lateral (
            select * from facts h
            where h.subject_id = s.subject_id and h.predicate = p.predicate and h.superseded_at is null
              and h.valid_from >= coalesce(newest.valid_from, '-infinity') and (h.valid_to is null or h.valid_to > ${day}::date)
            offset 0) as f`,
    ),
  )
}
