import { type Db, sql } from '../platform/database.ts'

/**
 * The event graph: "because of" edges, walked both ways. The edges stand where their effect is stored (a fact names its
 * event, a determination its facts, a proposal its determination …); the view `because_of` shows them as one relation.
 */

/** Kinds of things with causes or effects, in the order in which one leads to the next. */
export const nodeKinds = [
  'event',
  'fact',
  'simulation',
  'publication',
  'determination',
  'proposal',
  'journey',
  'step',
  'case',
  'hearing',
  'decision',
  'access',
] as const

export type NodeKind = (typeof nodeKinds)[number]

export type Edge = {
  readonly cause_kind: NodeKind
  readonly cause_id: string
  readonly effect_kind: NodeKind
  readonly effect_id: string
  /** Whose: the subject the effect belongs to. */
  readonly subject_id: string
}

export type GraphKey = { readonly kind: NodeKind; readonly id: string }

export const WALK_EDGES_MAX = 2000
const DEPTH_MAX = 16

/** Every edge from X back to its causes, and theirs, within one subject's rows and the events they name. */
export function walkBack(db: Db, subject: string, from: GraphKey): Promise<Edge[]> {
  return db.rows<Edge>(sql`
    with recursive edges as materialized (select * from because_of where subject_id = ${subject}),
    walk as (
      select e.*, 1 as depth from edges e where e.effect_kind = ${from.kind} and e.effect_id = ${from.id}
      union
      select e.*, w.depth + 1 from walk w join edges e on e.effect_kind = w.cause_kind and e.effect_id = w.cause_id where w.depth < ${DEPTH_MAX}
    )
    select distinct cause_kind, cause_id, effect_kind, effect_id, subject_id from walk limit ${WALK_EDGES_MAX}`)
}

/** Every edge from X forward to all it caused, within one subject's rows. */
export function walkForward(db: Db, subject: string, from: GraphKey): Promise<Edge[]> {
  return db.rows<Edge>(sql`
    with recursive edges as materialized (select * from because_of where subject_id = ${subject}),
    walk as (
      select e.*, 1 as depth from edges e where e.cause_kind = ${from.kind} and e.cause_id = ${from.id}
      union
      select e.*, w.depth + 1 from walk w join edges e on e.cause_kind = w.effect_kind and e.cause_id = w.effect_id where w.depth < ${DEPTH_MAX}
    )
    select distinct cause_kind, cause_id, effect_kind, effect_id, subject_id from walk limit ${WALK_EDGES_MAX}`)
}

const CONCERNED_MAX = 50

/**
 * Whose rows have this thing at one end of an edge. Asked without a subject, so every table of the thing's kind is read
 * through: for people at the command line, never for a page.
 */
export async function subjectsAt(db: Db, of: GraphKey): Promise<string[]> {
  const rows = await db.rows<{ subject_id: string }>(sql`
    select subject_id from because_of where effect_kind = ${of.kind} and effect_id = ${of.id}
    union select subject_id from because_of where cause_kind = ${of.kind} and cause_id = ${of.id}
    order by 1 limit ${CONCERNED_MAX}`)
  return rows.map((row) => row.subject_id)
}
