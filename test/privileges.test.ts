/** What the two database roles can and cannot do: tried on every table, as the roles themselves. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Database, openDatabase, sql } from '../src/platform/database.ts'
import { type TestDatabase, testDatabase } from './database.ts'

let database: TestDatabase
let tables: string[]
before(async () => {
  database = await testDatabase()
  tables = (
    await database.owner.rows<{ name: string }>(
      sql`select relname as name from pg_class where relnamespace = 'hamroh'::regnamespace and relkind = 'r'`,
    )
  ).map((r) => r.name)
})
after(() => database.end())

const attempt = (db: Database, text: string): Promise<string> =>
  db.rows({ text, values: [] }).then(
    () => 'allowed',
    (error: { code?: string }) => error.code ?? 'failed',
  )

test('I3: the gate role can read no table with personal data, only run the gate', async () => {
  assert.equal(await attempt(database.gate, 'select * from because_of'), '42501')
  const readable = new Set(['purposes', 'rule_versions'])
  for (const table of tables) {
    for (const statement of [
      `select * from ${table}`,
      `select count(*) from ${table}`,
      `insert into ${table} default values`,
      `delete from ${table}`,
      `truncate ${table}`,
    ]) {
      const allowed = readable.has(table) && statement.startsWith('select')
      assert.equal(await attempt(database.gate, statement), allowed ? 'allowed' : '42501', statement)
    }
  }
})

test('the engine role can neither change history nor the schema', async () => {
  for (const table of [
    'events',
    'facts',
    'access_entries',
    'decisions',
    'hearings',
    'participants',
    'determinations',
    'step_history',
    'rule_versions',
    'identifiers',
    'signed_acts',
  ]) {
    assert.equal(await attempt(database.db, `delete from ${table}`), '42501', table)
    assert.equal(await attempt(database.db, `truncate ${table}`), '42501', table)
  }
  for (const statement of [
    "update facts set value = '1'",
    'update facts set recorded_at = now()',
    "update events set data = '{}'",
    "update access_entries set actor = 'nobody'",
    "update decisions set record = '{}'",
    'update decisions set hearing_id = null',
    "update hearings set told = '{}'",
    'update hearings set answer_by = current_date',
    "update signed_acts set document = ''",
    "update passkeys set public_key = ''",
    "update passkeys set holder = 'somebody else'",
    'update used_token_ids set until = now()',
    'update identifiers set subject_id = gen_random_uuid()',
    'create table hamroh.x (a int)',
    'drop table facts',
    'alter table facts add column x int',
    'select * from graphile_worker._private_jobs',
  ]) {
    assert.equal(await attempt(database.db, statement), '42501', statement)
  }
})

test('the sequencer reads access entries, appends to the log, and neither changes it nor reads anything else', async () => {
  const sequencer = openDatabase({ url: database.url, role: 'hamroh_sequencer', max: 1 })
  const readable = new Set([
    'access_entries',
    'access_queue',
    'sealed_entries',
    'log_keys',
    'subject_keys',
    'log_leaves',
    'log_entries',
    'log_sealed',
    'log_checkpoints',
    'log_published',
    'log_witnesses',
  ])
  const clearable = new Set(['access_queue', 'log_published'])
  for (const table of tables) {
    const tried = await attempt(sequencer, `select * from ${table}`)
    assert.equal(tried, readable.has(table) ? 'allowed' : '42501', table)
    const deleted = await attempt(sequencer, `delete from ${table}`)
    assert.equal(deleted, clearable.has(table) ? 'allowed' : '42501', table)
    assert.equal(await attempt(sequencer, `truncate ${table}`), '42501', table)
  }
  for (const statement of [
    "update log_leaves set commitment = ''",
    "update log_entries set sealed = ''",
    'update log_checkpoints set size = 0',
    'update subject_keys set wrapped = null',
    "insert into access_entries (actor) values ('nobody')",
    'insert into access_queue values (gen_random_uuid(), gen_random_uuid())',
    'select erase_accesses(gen_random_uuid(), now())',
    "select seal_entry(gen_random_uuid(), gen_random_uuid(), 'a', 'b', now(), current_date)",
    "select * from gate_open(gen_random_uuid(), gen_random_uuid(), now(), 'officer', 'o', null, 'p', '{}', null, null, 'web', false, current_date, now(), null)",
  ])
    assert.equal(await attempt(sequencer, statement), '42501', statement)
  await sequencer.end()
  // And nobody else touches the log.
  for (const role of [database.db, database.gate])
    for (const table of ['log_leaves', 'log_entries', 'subject_keys', 'log_checkpoints', 'sealed_entries'])
      for (const statement of [
        `select * from ${table}`,
        `delete from ${table}`,
        `insert into ${table} default values`,
      ])
        assert.equal(await attempt(role, statement), '42501', statement)
  assert.equal(await attempt(database.db, 'delete from access_queue'), '42501')
})

test('I3: a read through the gate that cannot write its entry returns nothing', async () => {
  await database.owner.run(sql`alter table access_entries add constraint no_more check (false) not valid`)
  await database.db.run(
    sql`insert into purposes values ('p', 'public_task', '{}', 'a', '{full_name}') on conflict do nothing`,
  )
  const open = sql`select * from gate_open(gen_random_uuid(), gen_random_uuid(), now(), 'officer', 'o-1', null, 'p', '{full_name}', null, null, 'web', false, current_date, now(), null)`
  assert.equal(await attempt(database.gate, open.text), '23514')
  await database.owner.run(sql`alter table access_entries drop constraint no_more`)
  assert.equal(await attempt(database.gate, open.text), 'allowed')
})

test('the gate hands out only what the purpose allows, and only to the person themselves as a person', async () => {
  const open = (purpose: string, actorKind: string) =>
    `select * from gate_open(gen_random_uuid(), gen_random_uuid(), now(), '${actorKind}', 'somebody', null, '${purpose}', '{full_name,children}', null, null, 'web', false, current_date, now(), null)`
  assert.equal(await attempt(database.gate, open('no-such-purpose', 'officer')), 'HG001')
  assert.equal(await attempt(database.gate, open('p', 'person')), 'HG002')
})
