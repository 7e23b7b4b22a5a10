import { type Database, type Db, prepared, sql } from '../../platform/database.ts'
import type { SubjectId } from '../../platform/ids.ts'

/** A taken entry with all that its leaf needs: its fields, where its chain ends, and the subject's key. */
export type TakenRow = {
  readonly subject_id: string
  readonly id: string
  readonly at: Date
  readonly actor_kind: string
  readonly actor: string
  readonly actor_role: string | null
  readonly purpose: string
  /** JSON text. */
  readonly predicates: string
  readonly because: string | null
  readonly journey_id: string | null
  readonly case_id: string | null
  readonly channel: string
  readonly automated: boolean
  /** Of an entry to be sealed: its agency; null for others. */
  readonly agency: string | null
  readonly approver: string | null
  readonly unseal_on: string | null
  readonly month: string | null
  /** Of an entry that was sealed before: where. */
  readonly was_sealed_at: number | null
  readonly was_leaf: Buffer | null
  readonly seq: number | null
  readonly leaf: Buffer | null
  readonly generation: number | null
  readonly wrapped: Buffer | null
}

/** Two numbers nobody else locks: who sequences, and who asks the witnesses. */
const SEQUENCING = 0x68616d72
const WITNESSING = 0x68616d73

/** Whether this transaction may sequence: one at a time, over all processes. */
export const trySequencing = (tx: Db): Promise<boolean> => tryLock(tx, SEQUENCING)
export const tryWitnessing = (tx: Db): Promise<boolean> => tryLock(tx, WITNESSING)

async function tryLock(tx: Db, key: number): Promise<boolean> {
  const [row] = await tx.rows<{ got: boolean }>(sql`select pg_try_advisory_xact_lock(${key}::bigint) as got`)
  return row!.got
}

/** One writer of a folder at a time, also among processes that share it. @param folder its absolute path */
export async function lockFolder(tx: Db, folder: string): Promise<void> {
  await tx.rows(sql`select pg_advisory_xact_lock(hashtextextended(${folder}, 11))`)
}

/**
 * Takes entries out of the queue, oldest first as far as the queue knows. An entry that has its place already, or that
 * is not there any more, leaves the queue and is not returned.
 */
export const takeEntries = (tx: Db, limit: number): Promise<TakenRow[]> =>
  tx.rows<TakenRow>(
    prepared(
      'log.take',
      sql`
    with taken as (
      delete from access_queue where ctid = any (array(select ctid from access_queue limit ${limit}::int)) returning subject_id, id
    )
    select a.subject_id, a.id, a.at, a.actor_kind, a.actor, a.actor_role, a.purpose, array_to_json(a.predicates)::text as predicates,
      a.because, a.journey_id, a.case_id, a.channel, a.automated,
      null as agency, null as approver, null as unseal_on, null as month, null::bigint as was_sealed_at, null::bytea as was_leaf,
      head.subject_seq as seq, head.leaf, key.generation, key.wrapped
    from taken t
    join access_entries a on a.subject_id = t.subject_id and a.id = t.id
    left join lateral (
      select subject_seq, leaf from log_entries e where e.subject_id = t.subject_id order by subject_seq desc limit 1
    ) head on true
    left join lateral (
      select generation, wrapped from subject_keys k where k.subject_id = t.subject_id order by generation desc limit 1
    ) key on true
    where not exists (select from log_entries e where e.subject_id = t.subject_id and e.entry_id = t.id)
    order by a.id`,
    ),
  )

/** How many sealed entries are neither in the log nor shown: almost always none. */
export async function hasSealed(tx: Db): Promise<boolean> {
  const [row] = await tx.rows<{ some: boolean }>(
    prepared('log.has_sealed', sql`select exists (select from sealed_entries) as some`),
  )
  return row!.some
}

/** Sealed entries that have no place yet, with where the chain of their agency ends. */
export const takeSealed = (tx: Db, limit: number): Promise<TakenRow[]> =>
  tx.rows<TakenRow>(sql`
    select a.subject_id, a.id, a.at, a.actor_kind, a.actor, a.actor_role, a.purpose, array_to_json(a.predicates)::text as predicates,
      a.because, a.journey_id, a.case_id, a.channel, a.automated,
      a.agency, a.approver, a.unseal_on, date_trunc('month', a.sealed_at)::date as month, null::bigint as was_sealed_at, null::bytea as was_leaf,
      head.agency_seq as seq, head.leaf, key.generation, key.wrapped
    from sealed_entries a
    left join lateral (
      select agency_seq, leaf from log_sealed e where e.agency = a.agency order by agency_seq desc limit 1
    ) head on true
    left join lateral (
      select generation, wrapped from subject_keys k where k.subject_id = a.subject_id order by generation desc limit 1
    ) key on true
    where a.unsealed_at is null and not exists (select from log_sealed e where e.subject_id = a.subject_id and e.entry_id = a.id)
    order by a.id limit ${limit}`)

/** Of these entries, those that were sealed: by whom, and where they stand in the tree. */
export const sealedBefore = (tx: Db, subjects: readonly string[], ids: readonly string[]) =>
  tx.rows<{
    subject_id: string
    id: string
    agency: string
    approver: string
    unseal_on: string
    index: number
    leaf: Buffer
  }>(sql`
    select s.subject_id, s.id, s.agency, s.approver, s.unseal_on, l.index, l.leaf
    from unnest(${subjects}::uuid[], ${ids}::uuid[]) as n (subject_id, id)
    join sealed_entries s on s.subject_id = n.subject_id and s.id = n.id
    join log_sealed l on l.subject_id = s.subject_id and l.entry_id = s.id`)

export const sweep = async (tx: Db): Promise<number> => {
  const [row] = await tx.rows<{ n: number }>(sql`select sweep_access() as n`)
  return row!.n
}

export const unsealDue = async (tx: Db, today: string, at: Date, limit: number): Promise<number> => {
  const [row] = await tx.rows<{ n: number }>(
    sql`select unseal_due(${today}::date, ${at}, ${limit}::int) as n`,
  )
  return row!.n
}

export async function queueLength(db: Db, most: number): Promise<number> {
  const [row] = await db.rows<{ n: number }>(
    sql`select count(*)::int as n from (select from access_queue limit ${most}) q`,
  )
  return row!.n
}

/** Number of leaves: the index of the next one. */
export async function treeSize(db: Db): Promise<number> {
  const [row] = await db.rows<{ size: number }>(
    prepared('log.size', sql`select coalesce(max(index) + 1, 0)::bigint as size from log_leaves`),
  )
  return row!.size
}

export type NewKey = { readonly subject: string; readonly generation: number; readonly wrapped: Buffer }

export async function insertSubjectKeys(tx: Db, keys: readonly NewKey[], at: Date): Promise<void> {
  if (keys.length === 0) return
  const size = keys[0]!.wrapped.length
  await tx.run(
    prepared(
      'log.keys',
      sql`insert into subject_keys (subject_id, generation, wrapped, made_at)
        select subject_id, generation, substring(${Buffer.concat(keys.map((k) => k.wrapped))}::bytea from ((n - 1) * ${size}::int + 1)::int for ${size}::int), ${at}
        from unnest(${keys.map((k) => k.subject)}::uuid[], ${keys.map((k) => k.generation)}::int[]) with ordinality as g (subject_id, generation, n)`,
    ),
  )
}

export type NewLeaf = {
  readonly subject: string
  readonly entry: string
  readonly seq: number
  readonly generation: number
  readonly commitment: Uint8Array
  readonly leaf: Uint8Array
  readonly sealed: Uint8Array
}

/** Puts leaves at the end of the tree, and each at the end of its subject's chain. */
export async function appendLeaves(tx: Db, first: number, leaves: readonly NewLeaf[]): Promise<void> {
  if (leaves.length === 0) return
  // One value each for all bytes: as elements of arrays they would travel as text, quoted.
  let end = 0
  const ends = leaves.map((leaf) => {
    end += leaf.sealed.length
    return end
  })
  await tx.run(
    prepared(
      'log.append',
      sql`
    with given as (
      select *, lag(stop, 1, 0) over (order by n) as start from unnest(
        ${leaves.map((l) => l.subject)}::uuid[], ${leaves.map((l) => l.entry)}::uuid[], ${leaves.map((l) => l.seq)}::int[],
        ${leaves.map((l) => l.generation)}::int[], ${ends}::int[]) with ordinality as g (subject_id, entry_id, seq, generation, stop, n)
    ), placed as (
      insert into log_leaves (index, commitment)
      select ${first}::bigint + n - 1, substring(${Buffer.concat(leaves.map((l) => l.commitment))}::bytea from ((n - 1) * 32 + 1)::int for 32) from given
    )
    insert into log_entries (subject_id, entry_id, subject_seq, index, leaf, generation, sealed)
    select subject_id, entry_id, seq, ${first}::bigint + n - 1,
      substring(${Buffer.concat(leaves.map((l) => l.leaf))}::bytea from ((n - 1) * 32 + 1)::int for 32), generation,
      substring(${Buffer.concat(leaves.map((l) => l.sealed))}::bytea from start + 1 for stop - start)
    from given`,
    ),
  )
}

/** The same for one sealed entry, on the chain of its agency: these are few. */
export async function appendSealed(
  tx: Db,
  index: number,
  leaf: NewLeaf,
  of: { readonly agency: string; readonly month: string },
): Promise<void> {
  const bytes = (b: Uint8Array) => Buffer.from(b)
  await tx.run(
    sql`insert into log_leaves (index, commitment) values (${index}::bigint, ${bytes(leaf.commitment)}::bytea)`,
  )
  await tx.run(sql`
    insert into log_sealed (subject_id, entry_id, agency, agency_seq, month, index, leaf, generation, sealed)
    values (${leaf.subject}, ${leaf.entry}, ${of.agency}, ${leaf.seq}, ${of.month}::date, ${index}::bigint, ${bytes(leaf.leaf)}::bytea, ${leaf.generation}, ${bytes(leaf.sealed)}::bytea)`)
}

/** Commitments [from, to) one after the other, 32 bytes each. */
export async function commitmentsOf(db: Db, from: number, to: number): Promise<Buffer> {
  const [row] = await db.rows<{ all: Buffer | null }>(
    prepared(
      'log.commitments',
      sql`select string_agg(commitment, ''::bytea order by index) as all from log_leaves where index >= ${from}::bigint and index < ${to}::bigint`,
    ),
  )
  return row!.all ?? Buffer.alloc(0)
}

export type CheckpointRow = {
  readonly size: number
  readonly root: Buffer
  readonly note: string
  readonly signed_at: Date
}

/** The checkpoint signed last, or null. */
export async function findCheckpoint(db: Db): Promise<CheckpointRow | null> {
  const [row] = await db.rows<CheckpointRow>(
    prepared(
      'log.checkpoint',
      sql`select size, root, note, signed_at from log_checkpoints order by size desc limit 1`,
    ),
  )
  return row ?? null
}

export async function insertCheckpoint(tx: Db, row: CheckpointRow): Promise<void> {
  await tx.run(
    sql`insert into log_checkpoints (size, root, note, signed_at) values (${row.size}::bigint, ${row.root}::bytea, ${row.note}, ${row.signed_at})`,
  )
}

export type PublishedRow = {
  readonly size: number
  readonly published_at: Date
  readonly note: string
  readonly enough: boolean
}

export async function findPublished(db: Db): Promise<PublishedRow | null> {
  const [row] = await db.rows<PublishedRow>(
    prepared(
      'log.published',
      sql`select size, published_at, note, enough from log_published order by size desc, published_at desc limit 1`,
    ),
  )
  return row ?? null
}

/** When enough witnesses last saw the log, or null. */
export async function lastEnough(db: Db): Promise<Date | null> {
  const [row] = await db.rows<{ at: Date }>(
    sql`select published_at as at from log_published where enough order by size desc, published_at desc limit 1`,
  )
  return row?.at ?? null
}

export async function insertPublished(tx: Db, row: PublishedRow): Promise<void> {
  await tx.run(
    sql`insert into log_published (size, published_at, note, enough) values (${row.size}::bigint, ${row.published_at}, ${row.note}, ${row.enough}) on conflict do nothing`,
  )
}

/** Forgets old publications of a checkpoint; what was signed is kept in `log_checkpoints`. */
export async function forgetPublished(tx: Db, before: Date): Promise<void> {
  await tx.run(sql`
    delete from log_published where published_at < ${before}
      and (size, published_at) not in (select size, published_at from log_published where enough order by size desc, published_at desc limit 1)
      and size < (select max(size) from log_published)`)
}

export type WitnessRow = {
  readonly witness: string
  readonly size: number
  readonly line: string
  readonly seen_at: Date
}

export const listWitnesses = (db: Db): Promise<WitnessRow[]> =>
  db.rows<WitnessRow>(sql`select witness, size, line, seen_at from log_witnesses order by witness`)

export async function upsertWitnesses(tx: Db, rows: readonly WitnessRow[]): Promise<void> {
  for (const row of rows)
    await tx.run(sql`
      insert into log_witnesses (witness, size, line, seen_at) values (${row.witness}, ${row.size}::bigint, ${row.line}, ${row.seen_at})
      on conflict (witness) do update set size = excluded.size, line = excluded.line, seen_at = excluded.seen_at`)
}

export type KeyRow = { readonly kind: 'log' | 'data'; readonly id: string; readonly vkey: string | null }

export const listKeys = (db: Db): Promise<KeyRow[]> =>
  db.rows<KeyRow>(sql`select kind, id, vkey from log_keys order by added_at, id`)

export async function insertKeys(tx: Db, rows: readonly KeyRow[], at: Date): Promise<void> {
  for (const row of rows)
    await tx.run(
      sql`insert into log_keys (kind, id, vkey, added_at) values (${row.kind}, ${row.id}, ${row.vkey}, ${at}) on conflict do nothing`,
    )
}

/** An entry of a subject in the log, with the key it is under. */
export type ProvedRow = {
  readonly entry_id: string
  readonly subject_seq: number
  readonly index: number
  readonly sealed: Buffer | null
  readonly wrapped: Buffer | null
}

const PROVED = sql`e.entry_id, e.subject_seq, e.index, e.sealed, k.wrapped`

/** A subject's entries after `after` in their chain, of those below `size` in the tree. */
export const provedOf = (
  db: Db,
  subject: SubjectId,
  of: { readonly after: number; readonly size: number; readonly limit: number },
): Promise<ProvedRow[]> =>
  db.rows<ProvedRow>(sql`
    select ${PROVED} from log_entries e
    join subject_keys k on k.subject_id = e.subject_id and k.generation = e.generation
    where e.subject_id = ${subject} and e.subject_seq > ${of.after} and e.index < ${of.size}::bigint
    order by e.subject_seq limit ${of.limit}`)

export async function findProved(db: Db, subject: SubjectId, entry: string): Promise<ProvedRow | null> {
  const [row] = await db.rows<ProvedRow>(sql`
    select ${PROVED} from log_entries e
    join subject_keys k on k.subject_id = e.subject_id and k.generation = e.generation
    where e.subject_id = ${subject} and e.entry_id = ${entry}`)
  return row ?? null
}

/** How many of a subject's entries are written and not among the first `size` leaves. */
export async function countWaiting(db: Db, subject: SubjectId, size: number): Promise<number> {
  const [row] = await db.rows<{ n: number }>(sql`
    select ((select count(*) from access_entries where subject_id = ${subject})
          - (select count(*) from access_entries a join log_entries e on e.subject_id = a.subject_id and e.entry_id = a.id
             where a.subject_id = ${subject} and e.index < ${size}::bigint))::int as n`)
  return row!.n
}

/** Sealed entries by agency and month. */
export const countSealed = (db: Db): Promise<{ agency: string; month: string; entries: number }[]> =>
  db.rows(sql`
    select agency, to_char(month, 'YYYY-MM') as month, count(*)::int as entries from log_sealed group by 1, 2 order by 1, 2`)

/** Erases what the log knows of a subject. @param owner connections of the owner: nobody else may */
export async function eraseAccesses(owner: Database, subject: SubjectId, at: Date): Promise<void> {
  await owner.rows(sql`select erase_accesses(${subject}, ${at})`)
}
