import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { ItemResult, Reported } from './flow.ts'
import { type IngestOptions, ingest } from './ingest.ts'
import { IngestError, LINE_BYTES_MAX } from './ingest-records.ts'
import { loadPack, type Pack } from './packs/packs.ts'

let folder: string
let pack: Pack
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'hamroh-ingest-'))
  const loaded = loadPack('packs/uz')
  assert.ok(loaded.ok)
  pack = loaded.pack
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** Takes everything with an id, once; remembers what it was given. */
function taker() {
  const seen: unknown[] = []
  const known = new Set<string>()
  const submit = async (reported: readonly Reported[]): Promise<ItemResult[]> =>
    reported.map(({ item }) => {
      seen.push(item)
      const id = (item as { id?: string }).id ?? null
      if (id === null)
        return { id, status: 'refused', refusal: { code: 'malformed_event', at: 'id', message: 'No id.' } }
      if (known.has(id)) return { id, status: 'duplicate' }
      known.add(id)
      return { id, status: 'accepted' }
    })
  return { seen, known, submit }
}

const options = (
  file: string,
  submit: IngestOptions['submit'],
  more: Partial<IngestOptions> = {},
): IngestOptions => ({
  file,
  agency: 'tax',
  extract: null,
  pack,
  restart: false,
  submit,
  resumes: () => {},
  progress: () => {},
  ...more,
})

test('NDJSON: good lines are taken, bad ones are written beside the file with line and reason', async () => {
  const file = join(folder, 'a.ndjson')
  writeFileSync(
    file,
    `{"id":"1"}\n\nnot json\n{"id":"2"}\n{"noid":1}\n${'x'.repeat(LINE_BYTES_MAX + 10)}\n{"id":"1"}\n{"id":"3"}`,
  )
  const { submit } = taker()
  const total = await ingest(options(file, submit))
  assert.deepEqual([total.accepted, total.duplicates, total.refused], [3, 1, 3])
  const rejects = readFileSync(`${file}.rejects`, 'utf8')
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l) as { line: number; refusal: { code: string } })
  assert.deepEqual(
    rejects.map((r) => [r.line, r.refusal.code]),
    [
      [3, 'malformed_record'],
      [5, 'malformed_event'],
      [6, 'malformed_record'],
    ],
  )
  assert.ok(!existsSync(`${file}.progress`), 'nothing is left to resume')
})

test('an interrupted run goes on where it was; nothing is taken twice, no reject lost', async () => {
  const file = join(folder, 'b.ndjson')
  writeFileSync(
    file,
    Array.from({ length: 3500 }, (_, i) => (i % 500 === 7 ? 'broken' : `{"id":"${i}"}`)).join('\n'),
  )
  const { submit, seen } = taker()
  let chunks = 0
  const failing = options(file, (r) =>
    ++chunks === 3 ? Promise.reject(new Error('the database went away')) : submit(r),
  )
  await assert.rejects(ingest(failing), /went away/)
  const total = await ingest(options(file, submit))
  assert.deepEqual([total.records, total.accepted, total.duplicates, total.refused], [3500, 3493, 0, 7])
  assert.equal(seen.length, 3493)
  assert.equal(readFileSync(`${file}.rejects`, 'utf8').trim().split('\n').length, 7)
})

test('another file under the same name is noticed, unless the run begins anew', async () => {
  const file = join(folder, 'c.ndjson')
  writeFileSync(file, Array.from({ length: 2500 }, (_, i) => `{"id":"${i}"}`).join('\n'))
  const { submit } = taker()
  let chunks = 0
  await assert.rejects(
    ingest(options(file, (r) => (++chunks === 2 ? Promise.reject(new Error('away')) : submit(r)))),
  )
  writeFileSync(file, '{"id":"other"}\n')
  await assert.rejects(ingest(options(file, submit)), IngestError)
  assert.equal((await ingest(options(file, submit, { restart: true }))).accepted, 1)
})

test('a CSV extract becomes events through its mapping; corrupt lines are refused, their neighbours kept', async () => {
  const file = join(folder, 'tax.csv')
  const head = 'id;reported_at;pinfl;period_from;period_to;income_tiyin'
  const line = (id: number) =>
    `T-${id};2026-11-02T09:15:00+05:00;62902240000041;2025-11-01;2026-10-31;465000000`
  writeFileSync(
    file,
    [`\uFEFF${head}`, line(1), 'T-2;too;few', line(3), `${line(4)};one more`, '"T-5;never closed', ''].join(
      '\n',
    ),
  )
  const { submit, seen } = taker()
  const total = await ingest(options(file, submit, { extract: pack.extracts.get('uz.extract.tax-income')! }))
  assert.deepEqual([total.accepted, total.refused], [2, 3])
  assert.deepEqual(seen[0], {
    specversion: '1.0',
    id: 'T-1',
    source: 'urn:uz:tax',
    type: 'uz.tax.income.reported',
    time: '2026-11-02T09:15:00+05:00',
    data: {
      person: { pinfl: '62902240000041' },
      period_from: '2025-11-01',
      period_to: '2026-10-31',
      household_income: 465_000_000,
    },
  })
})

test('one corrupt CSV line costs its neighbours nothing, whatever is wrong with it', async () => {
  const head = 'id;reported_at;pinfl;period_from;period_to;income_tiyin'
  const good = (id: string) =>
    `${id};2026-11-02T09:15:00+05:00;62902240000041;2025-11-01;2026-10-31;465000000`
  const bad: [string | Buffer, string][] = [
    ['"T-1;never closed', 'A quote is never closed on its line.'],
    ['T-1;"x"y;;;;', 'A quote stands where none may.'],
    ['T-"1;;;;;', 'A quote stands where none may.'],
    ['T-1;', 'The line has another number of columns than the head.'],
    [`${good('T-1')};`, 'The line has another number of columns than the head.'],
    [`T-1;${'x'.repeat(LINE_BYTES_MAX)};;;;`, `The line is longer than ${LINE_BYTES_MAX} bytes.`],
    [Buffer.from([0x54, 0xff, 0xfe]), 'The line is not UTF-8.'],
  ]
  for (const [n, [line, reason]] of bad.entries()) {
    const file = join(folder, `corrupt-${n}.csv`)
    const parts = [`${head}\r\n${good('T-a')}\r\n`, line, `\n\n${good('T-b')}\n${good('"T;""c"""')}`]
    writeFileSync(file, Buffer.concat(parts.map((part) => Buffer.from(part as string))))
    const { submit, seen } = taker()
    const total = await ingest(
      options(file, submit, { extract: pack.extracts.get('uz.extract.tax-income')! }),
    )
    assert.deepEqual([total.accepted, total.refused, total.codes], [3, 1, { malformed_record: 1 }], reason)
    assert.deepEqual(
      seen.map((item) => (item as { id: string }).id),
      ['T-a', 'T-b', 'T;"c"'],
    )
    const reject = JSON.parse(readFileSync(`${file}.rejects`, 'utf8')) as {
      line: number
      refusal: { message: string }
    }
    assert.deepEqual([reject.line, reject.refusal.message], [3, reason])
  }
})

test('an interrupted CSV goes on where it was; corrupt lines are counted once, in the order of the file', async () => {
  const file = join(folder, 'resumed.csv')
  const lines = Array.from({ length: 3500 }, (_, i) =>
    i % 500 === 7
      ? `"broken ${i}`
      : `T-${i};2026-11-02T09:15:00+05:00;62902240000041;2025-11-01;2026-10-31;${i}`,
  )
  const head = 'id;reported_at;pinfl;period_from;period_to;income_tiyin'
  writeFileSync(file, [head, ...lines].join('\n'))
  const { submit, seen } = taker()
  const extract = pack.extracts.get('uz.extract.tax-income')!
  let chunks = 0
  const failing: IngestOptions['submit'] = (r) =>
    ++chunks === 3 ? Promise.reject(new Error('the database went away')) : submit(r)
  await assert.rejects(ingest(options(file, failing, { extract })), /went away/)
  const resumed: number[] = []
  const total = await ingest(options(file, submit, { extract, resumes: (n) => resumed.push(n) }))
  assert.deepEqual(resumed, [2000])
  assert.deepEqual([total.records, total.accepted, total.duplicates, total.refused], [3500, 3493, 0, 7])
  assert.equal(new Set(seen.map((item) => (item as { id: string }).id)).size, 3493)
  const rejected = readFileSync(`${file}.rejects`, 'utf8').trim().split('\n')
  assert.deepEqual(
    rejected.map((line) => (JSON.parse(line) as { line: number }).line),
    [0, 1, 2, 3, 4, 5, 6].map((n) => n * 500 + 7 + 2),
  )
})

test('an extract without a column it needs is refused by name, before anything is taken', async () => {
  const file = join(folder, 'no-column.csv')
  writeFileSync(file, 'id;pinfl\n1;2\n')
  const { submit, seen } = taker()
  await assert.rejects(
    ingest(options(file, submit, { extract: pack.extracts.get('uz.extract.tax-income')! })),
    /reported_at/,
  )
  assert.equal(seen.length, 0)
})
