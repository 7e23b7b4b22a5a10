/**
 * The schema as one readable text, from the catalogue: `sql/schema.sql` is the checked sum of the migrations, so that a
 * review of a migration sees its result. The embedded server ships no pg_dump.
 *
 *   node boot.js run test/schema-dump.ts        writes sql/schema.sql
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Db, sql } from '../src/platform/database.ts'
import { testDatabase } from './database.ts'

export const SCHEMA_FILE = join(import.meta.dirname, '..', 'sql', 'schema.sql')

type Line = { line: string }

export async function dumpSchema(db: Db): Promise<string> {
  const tables = await db.rows<{ name: string; comment: string | null }>(sql`
    select c.relname as name, obj_description(c.oid) as comment from pg_class c
    where c.relnamespace = 'hamroh'::regnamespace and c.relkind = 'r' order by 1`)
  const parts: string[] = []
  for (const table of tables) {
    const id = `hamroh.${table.name}`
    const columns = await db.rows<Line>(sql`
      select '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
             || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') || coalesce('  -- ' || col_description(a.attrelid, a.attnum), '') as line
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = ${id}::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`)
    const constraints = await db.rows<Line>(sql`
      select '  ' || pg_get_constraintdef(oid) as line from pg_constraint where conrelid = ${id}::regclass and contype in ('p', 'u', 'f', 'c') order by contype desc, conname`)
    const indexes = await db.rows<Line>(sql`
      select pg_get_indexdef(i.indexrelid) || ';' as line from pg_index i
      where i.indrelid = ${id}::regclass and not exists (select from pg_constraint c where c.conindid = i.indexrelid) order by 1`)
    const grants = await db.rows<Line>(sql`
      select 'grant ' || string_agg(lower(privilege_type), ', ' order by privilege_type) || ' to ' || grantee || ';' as line
      from information_schema.role_table_grants where table_schema = 'hamroh' and table_name = ${table.name} and grantee like 'hamroh\\_%' group by grantee order by 1`)
    const body = [...columns, ...constraints].map((l) => l.line)
    // The comment of a column stands behind it, so the comma must come before the comment.
    const listed = body.map((line, i) =>
      i === body.length - 1 ? line : line.includes('  -- ') ? line.replace('  -- ', ',  -- ') : `${line},`,
    )
    parts.push(
      `${table.comment ? `-- ${table.comment}\n` : ''}table ${table.name} (\n${listed.join('\n')}\n)\n${[...indexes, ...grants].map((l) => `${l.line}\n`).join('')}`,
    )
  }
  const functions = await db.rows<Line>(sql`
    select pg_get_functiondef(oid) || ';' as line from pg_proc where pronamespace = 'hamroh'::regnamespace order by proname`)
  const views = await db.rows<Line>(sql`
    select 'view ' || viewname || E' as\\n' || definition as line from pg_views where schemaname = 'hamroh' order by 1`)
  return `${[...parts, ...views.map((v) => v.line), ...functions.map((f) => f.line)].join('\n').trim()}\n`
}

if (import.meta.main) {
  const database = await testDatabase()
  writeFileSync(SCHEMA_FILE, await dumpSchema(database.owner))
  await database.end()
}
