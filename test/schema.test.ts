import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { sql } from '../src/platform/database.ts'
import { migrate, readMigrations } from '../src/platform/migrate.ts'
import { testDatabase } from './database.ts'
import { dumpSchema, SCHEMA_FILE } from './schema-dump.ts'

test('sql/schema.sql is the sum of the migrations', async (t) => {
  const database = await testDatabase()
  t.after(() => database.end())
  const actual = await dumpSchema(database.owner)
  assert.equal(actual, readFileSync(SCHEMA_FILE, 'utf8'), 'run: node boot.js run test/schema-dump.ts')
})

test('every table and its purpose is described in the database itself', async (t) => {
  const database = await testDatabase()
  t.after(() => database.end())
  const silent = await database.owner.rows<{ name: string }>(sql`
    select relname as name from pg_class where relnamespace = 'hamroh'::regnamespace and relkind = 'r' and obj_description(oid) is null`)
  assert.deepEqual(silent.map((r) => r.name).sort(), [])
})

test('subject-owned tables begin with subject_id, and their keys contain it', async (t) => {
  const database = await testDatabase()
  t.after(() => database.end())
  const local = [
    'due_work',
    'demonstration_clock',
    'worker_processes',
    'identifiers',
    'purposes',
    'rule_versions',
    'events',
    'web_sessions',
    'snapshot_changes',
    'snapshot_runs',
    'simulations',
    'publications',
    'publication_runs',
    'publication_work',
    'passkeys',
    'passkey_challenges',
    'used_token_ids',
    'agency_tokens',
    'access_queue',
    'log_keys',
    'log_leaves',
    'log_checkpoints',
    'log_published',
    'log_witnesses',
  ]
  const wrong = await database.owner.rows<{ name: string; def: string }>(sql`
    select c.relname as name, pg_get_constraintdef(k.oid) as def from pg_class c
    left join pg_constraint k on k.conrelid = c.oid and k.contype in ('p', 'u', 'f')
    where c.relnamespace = 'hamroh'::regnamespace and c.relkind = 'r' and not (c.relname = any (${local}::text[]))
      and (k.oid is null or pg_get_constraintdef(k.oid) not like '%(subject_id%' or
           (select attname from pg_attribute where attrelid = c.oid and attnum = 1) <> 'subject_id')`)
  assert.deepEqual(wrong, [])
})

test('two processes migrating at once both succeed, and each migration runs once', async (t) => {
  const database = await testDatabase()
  t.after(() => database.end())
  await database.owner.run(sql`drop schema hamroh cascade`)
  await database.owner.run(sql`drop schema hamroh_migrations cascade`)
  const migrations = readMigrations('sql')
  const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url, migrations)))
  assert.deepEqual(
    applied.flat().sort((a, b) => a - b),
    migrations.map((m) => m.number),
  )
})

test('a database newer than the program is refused with what to do', async (t) => {
  const database = await testDatabase()
  t.after(() => database.end())
  await database.owner.run(
    sql`insert into hamroh_migrations.applied (number, name, breaking) values (9000, 'later', true)`,
  )
  await assert.rejects(migrate(database.url, readMigrations('sql')), /install the newer program/)
})
