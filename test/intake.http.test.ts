/**
 * What reaches `POST /v1/events`, over real HTTP on a real database: all three modes, and everything that must be
 * refused precisely while its good neighbours are kept.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type ServerType, serve } from '@hono/node-server'
import { birthEvent, type CloudEvent, createPopulation, incomeEvent, newborn } from '../country/population.ts'
import { apiRoutes } from '../src/api/api.ts'
import { IntakeQueue } from '../src/intake-queue.ts'
import { sql } from '../src/platform/database.ts'
import { openLog } from '../src/platform/logs.ts'
import { openWorld, subjectOf, type World } from './world.ts'

const KEYS = { zags: 'key-of-zags-0123456789', tax: 'key-of-tax-0123456789', gcp: 'key-of-gcp-0123456789' }
const naughty = JSON.parse(
  readFileSync(join(import.meta.dirname, 'vectors', 'naughty-strings.json'), 'utf8'),
) as string[]
const population = createPopulation({ people: 5000 })
const household = [...population.households()].find(
  (h) => h.members.some((m) => m.role === 'wife') && h.members.some((m) => m.role === 'husband'),
)!
const mother = household.members.find((m) => m.role === 'wife')!
const father = household.members.find((m) => m.role === 'husband')!

let world: World
let server: ServerType
let base: string

before(async () => {
  world = await openWorld()
  const queue = new IntakeQueue(world.engine)
  const app = apiRoutes({
    pack: world.pack,
    log: openLog('silent'),
    metrics: world.engine.metrics,
    keys: new Map(
      Object.entries(KEYS).map(([agency, key]) => [agency, createHash('sha256').update(key).digest('hex')]),
    ),
    submit: (reported) => queue.submit(reported),
    ready: () => Promise.resolve(null),
    demonstration: null,
  })
  await new Promise<void>((done) => {
    server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => done())
  })
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const person of [mother, father]) {
    const { status } = await send(
      'gcp',
      register(person.pinfl, person.full_name, person.birth_date, person.sex),
    )
    assert.equal(status, 200)
  }
})
after(async () => {
  server.close()
  await world.end()
})

const register = (pinfl: string, full_name: string, birth_date: string, sex: string) => ({
  specversion: '1.0',
  id: `person-${pinfl}`,
  source: 'urn:uz:gcp',
  type: 'uz.gcp.person.registered',
  time: '2026-11-01T04:00:00Z',
  data: { person: { pinfl, full_name, birth_date, sex, citizenship: 'uz' } },
})

type Answer = {
  status: number
  body: {
    code?: string
    at?: string
    accepted?: number
    duplicates?: number
    refused?: number
    items?: { id: string | null; status: string; refusal?: { code: string; at?: string; message: string } }[]
  }
}

async function post(
  agency: keyof typeof KEYS | null,
  body: string | Uint8Array,
  type: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${base}/v1/events`, {
    method: 'POST',
    body: body as BodyInit,
    headers: {
      'content-type': type,
      ...(agency ? { authorization: `Bearer ${KEYS[agency]}` } : {}),
      ...headers,
    },
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

const send = (agency: keyof typeof KEYS | null, event: unknown): Promise<Answer> =>
  post(agency, JSON.stringify(event), 'application/cloudevents+json')
const batch = (agency: keyof typeof KEYS, events: unknown[]): Promise<Answer> =>
  post(agency, JSON.stringify(events), 'application/cloudevents-batch+json')

let n = 0
const birth = (over: Partial<CloudEvent> = {}): CloudEvent => {
  n++
  const child = newborn({ n, born_on: '2026-11-18', sex: 'f' })
  return {
    ...birthEvent({
      n,
      id: `birth-${n}`,
      child,
      mother_pinfl: mother.pinfl,
      father_pinfl: father.pinfl,
      birth_order: 1,
      registered_at: '2026-11-20T10:00:00+05:00',
    }),
    ...over,
  }
}
const income = (id: string, over: object = {}) => ({
  ...incomeEvent({ id, pinfl: mother.pinfl, monthly_uzs: 900_000, reported_at: '2026-11-20T10:00:00+05:00' }),
  ...over,
})

async function stored(): Promise<number> {
  const [row] = await world.engine.db.rows<{ n: number }>(
    sql`select (select count(*) from events)::int + (select count(*) from facts)::int + (select count(*) from identifiers)::int as n`,
  )
  return row!.n
}

test('structured, batched and binary mode store the same kind of event', async () => {
  assert.equal((await send('zags', birth())).status, 200)
  const many = await batch('zags', [birth(), birth()])
  assert.deepEqual([many.status, many.body.accepted], [200, 2])
  const { data, ...attributes } = income('binary-1') as CloudEvent & { data: unknown }
  const headers = Object.fromEntries(
    Object.entries(attributes)
      .filter(([k]) => k !== 'datacontenttype')
      .map(([k, v]) => [`ce-${k}`, encodeURIComponent(String(v))]),
  )
  const binary = await post('tax', JSON.stringify(data), 'application/json', headers)
  assert.deepEqual([binary.status, binary.body.accepted], [200, 1])
})

test('the same event again is a duplicate; the same id with other content is a conflict; neither changes anything', async () => {
  const event = birth()
  assert.equal((await send('zags', event)).body.accepted, 1)
  const before = await stored()
  assert.equal((await send('zags', event)).body.duplicates, 1)
  const other = structuredClone(event) as CloudEvent & { data: { child: { full_name: string } } }
  other.data.child.full_name = 'Boshqa Ism'
  const conflict = await send('zags', other)
  assert.deepEqual([conflict.status, conflict.body.code], [409, 'event_conflict'])
  const stranger = structuredClone(event) as CloudEvent & { data: { child: object } }
  stranger.data.child = { ...newborn({ n: 999, born_on: '2026-11-17', sex: 'm' }), birth_order: 1 }
  assert.equal((await send('zags', stranger)).body.code, 'event_conflict')
  assert.equal(await stored(), before)
})

test('without a key, with a wrong one, or for a foreign type nothing is taken', async () => {
  const before = await stored()
  assert.equal((await send(null, birth())).status, 401)
  assert.equal(
    (
      await post(null, JSON.stringify(birth()), 'application/cloudevents+json', {
        authorization: 'Bearer wrong-key-0123456789',
      })
    ).status,
    401,
  )
  const foreign = await send('tax', birth())
  assert.deepEqual([foreign.status, foreign.body.code, foreign.body.at], [422, 'foreign_type', 'type'])
  assert.equal(await stored(), before)
})

test('each kind of mistake is refused by name and place, and stores nothing', async () => {
  const event = birth() as CloudEvent & {
    data: { child: Record<string, unknown>; mother: Record<string, unknown> }
  }
  const change = (edit: (e: typeof event) => void) => {
    const copy = structuredClone(event)
    edit(copy)
    return copy
  }
  const cases: [string, unknown, string, RegExp][] = [
    ['not an object', 'text', 'malformed_event', /event/],
    [
      'no id',
      change((e) => {
        delete (e as unknown as { id?: string }).id
      }),
      'malformed_event',
      /id/,
    ],
    [
      'old version',
      change((e) => {
        ;(e as { specversion: string }).specversion = '0.3'
      }),
      'malformed_event',
      /specversion/,
    ],
    [
      'unknown attribute',
      change((e) => {
        ;(e as unknown as { extra: number }).extra = 1
      }),
      'unknown_field',
      /event/,
    ],
    [
      'unknown type',
      change((e) => {
        ;(e as { type: string }).type = 'uz.zags.moon.landing'
      }),
      'unknown_type',
      /type/,
    ],
    [
      'future time',
      change((e) => {
        ;(e as { time: string }).time = '2026-12-24T00:00:00Z'
      }),
      'future_time',
      /time/,
    ],
    [
      'no time zone',
      change((e) => {
        ;(e as { time: string }).time = '2026-11-20T10:00:00'
      }),
      'malformed_event',
      /time/,
    ],
    [
      'future date',
      change((e) => {
        e.data.child.birth_date = '2026-12-01'
      }),
      'future_date',
      /data\.child\.birth_date/,
    ],
    [
      'no such date',
      change((e) => {
        e.data.child.birth_date = '2026-02-30'
      }),
      'malformed_data',
      /data\.child\.birth_date/,
    ],
    [
      'number as text',
      change((e) => {
        e.data.child.birth_order = '1'
      }),
      'malformed_data',
      /data\.child\.birth_order/,
    ],
    [
      'fraction',
      change((e) => {
        e.data.child.birth_order = 1.5
      }),
      'malformed_data',
      /data\.child\.birth_order/,
    ],
    [
      'huge number',
      change((e) => {
        e.data.child.birth_order = 1e300
      }),
      'malformed_data',
      /data\.child\.birth_order/,
    ],
    [
      'null',
      change((e) => {
        e.data.child.full_name = null
      }),
      'malformed_data',
      /data\.child\.full_name/,
    ],
    [
      'unknown field',
      change((e) => {
        e.data.child.hair = 'brown'
      }),
      'unknown_field',
      /data\.child/,
    ],
    [
      'nobody',
      change((e) => {
        ;(e as { data: unknown }).data = {}
      }),
      'malformed_data',
      /data/,
    ],
    [
      'no data',
      change((e) => {
        delete (e as { data?: unknown }).data
      }),
      'malformed_data',
      /data/,
    ],
    [
      'malformed identifier',
      change((e) => {
        e.data.mother.pinfl = '123'
      }),
      'malformed_identifier',
      /data\.mother\.pinfl/,
    ],
    [
      'a stranger',
      change((e) => {
        e.data.mother.pinfl = '42902040000030'
      }),
      'unknown_subject',
      /data\.mother\.pinfl/,
    ],
    [
      'one person twice',
      change((e) => {
        e.data.mother.pinfl = father.pinfl
      }),
      'same_subject_twice',
      /data\.father\.pinfl/,
    ],
    [
      'cancels itself',
      change((e) => {
        ;(e as unknown as { hamrohcorrects: string }).hamrohcorrects = e.id
      }),
      'cancels_itself',
      /id/,
    ],
    [
      'retraction with data',
      change((e) => {
        ;(e as unknown as { hamrohretracts: string }).hamrohretracts = 'x'
      }),
      'malformed_event',
      /data/,
    ],
    [
      'NUL',
      change((e) => {
        e.data.child.full_name = 'a\u0000b'
      }),
      'malformed_data',
      /data\.child\.full_name/,
    ],
    [
      'half a surrogate',
      change((e) => {
        e.data.child.full_name = 'a\ud800b'
      }),
      'malformed_data',
      /data\.child\.full_name/,
    ],
    [
      'NUL in the id',
      change((e) => {
        ;(e as { id: string }).id = 'a\u0000b'
      }),
      'malformed_event',
      /id/,
    ],
  ]
  const before = await stored()
  for (const [name, item, code, place] of cases) {
    const answer = await send('zags', item)
    assert.equal(answer.body.code, code, `${name}: ${JSON.stringify(answer.body)}`)
    assert.match(answer.body.at ?? '', place, name)
    assert.ok(answer.status >= 400 && answer.status < 500, name)
  }
  assert.equal(await stored(), before)
  // The same in one batch: each by itself refused, the good neighbour kept.
  const all = await batch('zags', [...cases.map(([, item]) => item), birth()])
  assert.deepEqual([all.status, all.body.accepted, all.body.refused], [200, 1, cases.length])
  assert.deepEqual(
    all.body.items!.slice(0, -1).map((i) => i.refusal!.code),
    cases.map(([, , code]) => code),
  )
})

test('bodies that are no JSON, too large or of another kind are refused whole', async () => {
  const before = await stored()
  const json = 'application/cloudevents+json'
  const refusals: [string | Uint8Array, string, number, string][] = [
    ['{"specversion":', json, 400, 'malformed_json'],
    [new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), json, 400, 'malformed_json'],
    ['', json, 400, 'malformed_json'],
    ['x'.repeat(10 * 1024 * 1024), json, 413, 'too_large'],
    [JSON.stringify(Array(100_001).fill({})), 'application/cloudevents-batch+json', 413, 'too_many_items'],
    ['{}', 'application/cloudevents-batch+json', 400, 'malformed_json'],
    ['{}', 'text/plain', 415, 'unsupported_media_type'],
    ['{}', 'application/json', 415, 'unsupported_media_type'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, json, 422, 'malformed_event'],
  ]
  for (const [body, type, status, code] of refusals) {
    const answer = await post('zags', body, type)
    assert.deepEqual([answer.status, answer.body.code], [status, code])
  }
  assert.equal(await stored(), before)
})

test('every naughty string in every text field is stored as it is or refused precisely, never a failure', async () => {
  const events: Record<string, unknown>[] = []
  const person = () => {
    const { pinfl, full_name, birth_date, sex } = newborn({ n: ++n, born_on: '2026-11-18', sex: 'm' })
    return { pinfl, full_name, birth_date, sex, citizenship: 'uz' }
  }
  const event = (fields: object, envelope: object = {}) =>
    events.push({
      ...register('', '', '', ''),
      id: `naughty-${events.length}`,
      data: { person: { ...person(), ...fields } },
      ...envelope,
    })
  for (const text of naughty) {
    for (const field of ['id', 'source', 'type', 'time', 'subject', 'dataschema', text])
      event({}, { [field]: text })
    for (const field of [
      'pinfl',
      'full_name',
      'birth_date',
      'sex',
      'citizenship',
      'passport',
      'id_card_expiry',
      text,
    ])
      event({ [field]: text })
  }
  const answer = await batch('gcp', events)
  assert.equal(answer.status, 200)
  for (const [i, item] of answer.body.items!.entries()) {
    assert.notEqual(item.refusal?.code, 'not_processed', JSON.stringify(events[i]))
    if (item.status === 'refused') assert.ok(item.refusal!.at && item.refusal!.message)
  }
  assert.ok(
    answer.body.accepted! > naughty.length,
    'names, ids and sources may be odd: most of them are kept',
  )
  const kept = await world.engine.db.rows<{ value: string }>(
    sql`select value #>> '{}' as value from facts where predicate = 'full_name'`,
  )
  const names = new Set(kept.map((k) => k.value))
  const sent = events
    .filter((_, i) => answer.body.items![i]!.status === 'accepted')
    .map((e) => (e.data as { person: { full_name: string } }).person.full_name)
  assert.ok(
    sent.every((name) => names.has(name)),
    'what was accepted is stored as it was sent',
  )
})

test('another agency can neither retract nor correct what this one reported', async () => {
  const event = income('target-1')
  assert.equal((await send('tax', event)).body.accepted, 1)
  const subject = (await subjectOf(world, mother.pinfl))!
  const effective = async () =>
    (
      await world.engine.db.rows<{ e: boolean }>(
        sql`select effective as e from events where event_id = 'target-1'`,
      )
    )[0]!.e
  await send('zags', {
    specversion: '1.0',
    id: 'theft-1',
    source: event.source,
    type: 'uz.zags.birth.registered',
    time: '2026-11-21T10:00:00Z',
    hamrohretracts: 'target-1',
  })
  assert.equal(await effective(), true)
  assert.equal(
    (
      await send('tax', {
        specversion: '1.0',
        id: 'own-1',
        source: event.source,
        type: event.type,
        time: '2026-11-21T10:00:00Z',
        hamrohretracts: 'target-1',
      })
    ).body.accepted,
    1,
  )
  assert.equal(await effective(), false)
  assert.ok(subject)
})
