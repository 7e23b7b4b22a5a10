import { type Db, sql } from '../platform/database.ts'

/** Remembers an id; false when it was there before. */
export async function insertUsedId(
  db: Db,
  of: { readonly issuer: string; readonly id_hash: string; readonly until: Date },
): Promise<boolean> {
  const added = await db.run(sql`
    insert into used_token_ids (issuer, id_hash, until) values (${of.issuer}, ${of.id_hash}, ${of.until})
    on conflict do nothing`)
  return added === 1
}

export async function insertAgencyToken(
  db: Db,
  of: { readonly token_hash: string; readonly agency: string; readonly until: Date },
): Promise<void> {
  await db.run(sql`
    insert into agency_tokens (token_hash, agency, until) values (${of.token_hash}, ${of.agency}, ${of.until})`)
}

export async function findAgencyToken(db: Db, token_hash: string, at: Date): Promise<string | null> {
  const [row] = await db.rows<{ agency: string }>(
    sql`select agency from agency_tokens where token_hash = ${token_hash} and until > ${at}`,
  )
  return row?.agency ?? null
}

/** Forgets what is over: ids whose token would be refused anyway, tokens nobody can use. */
export async function deleteOldTokens(db: Db, at: Date): Promise<void> {
  await db.run(sql`delete from used_token_ids where until < ${at}`)
  await db.run(sql`delete from agency_tokens where until < ${at}`)
}
