/**
 * Takes a registry's file in: NDJSON of CloudEvents, or a CSV extract through a mapping of the pack.
 * Reads as a stream (constant memory), goes on after an interruption, and writes what was refused, with reasons, beside
 * the file. Everything goes through the same intake as HTTP; a record taken twice is a duplicate, never a second event.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { parse } from 'csv-parse'
import type { ItemResult, Reported } from './flow.ts'
import type { EventField, Extract, Pack } from './packs/packs.ts'

export const LINE_BYTES_MAX = 256 * 1024
const CHUNK = 1000
const HEAD_BYTES = 65_536

export type IngestOptions = {
  readonly file: string
  readonly agency: string
  /** Mapping for CSV; without it the file is NDJSON. */
  readonly extract: Extract | null
  readonly pack: Pack
  /** Forget an earlier, interrupted run. */
  readonly restart: boolean
  submit(reported: readonly Reported[]): Promise<ItemResult[]>
  /** Called after each committed chunk. */
  progress(state: IngestProgress): void
}

export type IngestProgress = {
  records: number
  accepted: number
  duplicates: number
  refused: number
  bytes: number
  bytes_all: number
}

type State = { file: string; counts: Omit<IngestProgress, 'bytes' | 'bytes_all'>; rejects_bytes: number }

/** One record of the file: an event, or why it is none. */
type Record = { readonly line: number; readonly bytes: number } & (
  | { readonly item: unknown }
  | { readonly bad: string }
)

export class IngestError extends Error {}

/**
 * Runs to the end of the file. The state stands in FILE.progress until then; rejects in FILE.rejects (NDJSON with line,
 * event id, reason; never the record itself: the line number finds it).
 * @throws IngestError when the file is another one than the interrupted run began with
 */
export async function ingest(options: IngestOptions): Promise<IngestProgress> {
  const bytes_all = statSync(options.file).size
  const print = fingerprint(options.file, bytes_all)
  const stateFile = `${options.file}.progress`
  const rejectsFile = `${options.file}.rejects`
  const state = readState(stateFile, print, options)
  const rejects = createWriteStream(rejectsFile, {
    flags: state.counts.records > 0 ? 'r+' : 'w',
    start: state.rejects_bytes,
  })
  const skip = state.counts.records
  let seen = 0
  let chunk: Record[] = []
  const flush = async () => {
    if (chunk.length === 0) return
    const lines = await submitChunk(options, chunk, state)
    if (lines !== '')
      await new Promise<void>((done, fail) => rejects.write(lines, (e) => (e ? fail(e) : done())))
    state.rejects_bytes += Buffer.byteLength(lines)
    // Written whole, then renamed: an interruption leaves the last good state.
    writeFileSync(`${stateFile}.new`, JSON.stringify(state))
    renameSync(`${stateFile}.new`, stateFile)
    options.progress({ ...state.counts, bytes: chunk.at(-1)!.bytes, bytes_all })
    chunk = []
  }
  for await (const record of options.extract
    ? csvRecords(options.file, options.extract, options.pack)
    : ndjsonRecords(options.file)) {
    if (++seen <= skip) continue
    chunk.push(record)
    if (chunk.length === CHUNK) await flush()
  }
  await flush()
  await new Promise<void>((done) => rejects.end(done))
  rmSync(stateFile, { force: true })
  if (state.counts.refused === 0) rmSync(rejectsFile, { force: true })
  return { ...state.counts, bytes: bytes_all, bytes_all }
}

async function submitChunk(options: IngestOptions, chunk: readonly Record[], state: State): Promise<string> {
  const good = chunk.filter((r) => 'item' in r)
  const answers = (await options.submit(good.map((r) => ({ agency: options.agency, item: r.item })))).values()
  let lines = ''
  for (const record of chunk) {
    state.counts.records++
    const answer: ItemResult =
      'item' in record
        ? answers.next().value!
        : {
            id: null,
            status: 'refused',
            refusal: { code: 'malformed_record', at: `line ${record.line}`, message: record.bad },
          }
    if (answer.status === 'accepted') state.counts.accepted++
    else if (answer.status === 'duplicate') state.counts.duplicates++
    else {
      state.counts.refused++
      lines += `${JSON.stringify({ line: record.line, id: answer.id, refusal: answer.refusal })}\n`
    }
  }
  return lines
}

/** Size and head of the file: enough to notice that it is another one. */
function fingerprint(file: string, size: number): string {
  const head = Buffer.alloc(Math.min(HEAD_BYTES, size))
  const fd = openSync(file, 'r')
  readSync(fd, head, 0, head.length, 0)
  closeSync(fd)
  return createHash('sha256').update(`${size} `).update(head).digest('hex')
}

function readState(stateFile: string, print: string, options: IngestOptions): State {
  const fresh: State = {
    file: print,
    counts: { records: 0, accepted: 0, duplicates: 0, refused: 0 },
    rejects_bytes: 0,
  }
  if (options.restart || !existsSync(stateFile)) return fresh
  const state = JSON.parse(readFileSync(stateFile, 'utf8')) as State
  if (state.file !== print) {
    throw new IngestError(
      `${options.file} is not the file an interrupted run began with. Use --restart to begin anew; nothing is stored twice.`,
    )
  }
  return state
}

async function* ndjsonRecords(file: string): AsyncGenerator<Record> {
  let line = 0
  let bytes = 0
  let rest: Buffer[] = []
  let held = 0
  const record = (buffer: Buffer): Record | null => {
    line++
    const text = buffer.toString('utf8').trim()
    if (text === '') return null
    if (text.includes('\uFFFD') && !isUtf8(buffer)) return { line, bytes, bad: 'The line is not UTF-8.' }
    try {
      return { line, bytes, item: JSON.parse(text) as unknown }
    } catch {
      return { line, bytes, bad: 'The line is not JSON.' }
    }
  }
  for await (const part of createReadStream(file, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = part.indexOf(10); end !== -1; end = part.indexOf(10, from)) {
      const size = held + end - from
      bytes += end - from + 1
      const whole = size > LINE_BYTES_MAX ? null : Buffer.concat([...rest, part.subarray(from, end)])
      const found: Record | null = whole
        ? record(whole)
        : { line: ++line, bytes, bad: `The line is longer than ${LINE_BYTES_MAX} bytes.` }
      rest = []
      held = 0
      from = end + 1
      if (found) yield found
    }
    const tail = part.subarray(from)
    bytes += tail.length
    held += tail.length
    // A line without end may not fill the memory: what is beyond the limit is counted, not kept.
    if (held <= LINE_BYTES_MAX) rest.push(tail)
    else rest = []
  }
  if (held > LINE_BYTES_MAX)
    yield { line: ++line, bytes, bad: `The line is longer than ${LINE_BYTES_MAX} bytes.` }
  else {
    const last = record(Buffer.concat(rest))
    if (last) yield last
  }
}

function isUtf8(buffer: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(buffer)
    return true
  } catch {
    return false
  }
}

type CsvRow = {
  readonly info: {
    readonly lines: number
    readonly bytes: number
    readonly error?: Error & { code?: string }
  }
  readonly record: { readonly [column: string]: string }
}

async function* csvRecords(file: string, extract: Extract, pack: Pack): AsyncGenerator<Record> {
  const skipped: Record[] = []
  const rows = createReadStream(file).pipe(
    parse({
      delimiter: extract.delimiter,
      columns: true,
      bom: true,
      info: true,
      skip_empty_lines: true,
      max_record_size: LINE_BYTES_MAX,
      skip_records_with_error: true,
      on_skip: (error) => {
        const { lines = 0, bytes = 0 } = (error ?? {}) as { lines?: number; bytes?: number }
        skipped.push({
          line: lines,
          bytes,
          bad: CSV_MISTAKES[error?.code ?? ''] ?? 'The line is not CSV of this form.',
        })
        return undefined
      },
    }),
  )
  const build = rowReader(extract, pack)
  let checked = false
  for await (const { info, record } of rows as AsyncIterable<CsvRow>) {
    if (!checked) {
      const missing = [extract.event_id, extract.time, ...Object.values(extract.columns)].filter(
        (c) => !Object.hasOwn(record, c),
      )
      if (missing.length > 0)
        throw new IngestError(
          `The extract has no column ${missing.join(', ')} (delimiter "${extract.delimiter}").`,
        )
      checked = true
    }
    yield* skipped.splice(0)
    yield { line: info.lines, bytes: info.bytes, item: build(record) }
  }
  yield* skipped
}

const CSV_MISTAKES: { readonly [code: string]: string } = {
  CSV_RECORD_INCONSISTENT_COLUMNS: 'The line has another number of columns than the head.',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'The line has another number of columns than the head.',
  CSV_INVALID_CLOSING_QUOTE: 'A quote stands where none may.',
  INVALID_OPENING_QUOTE: 'A quote stands where none may.',
  CSV_QUOTE_NOT_CLOSED: 'A quote is never closed.',
  CSV_MAX_RECORD_SIZE: `The record is longer than ${LINE_BYTES_MAX} bytes.`,
}

/** Columns to a CloudEvent. A value that does not parse stays text: the event type's schema then refuses it by field. */
function rowReader(extract: Extract, pack: Pack): (row: { readonly [column: string]: string }) => unknown {
  const type = pack.events.get(extract.type)
  if (!type) throw new IngestError(`The pack has no event type ${extract.type}.`)
  const columns = Object.entries(extract.columns).map(([path, column]) => ({
    path: path.split('.'),
    column,
    field: fieldAt(type.data, path.split('.')),
  }))
  return (row) => {
    const data: { [key: string]: unknown } = {}
    for (const { path, column, field } of columns) {
      const text = row[column] ?? ''
      if (text === '' && field?.optional) continue
      let here = data
      for (const name of path.slice(0, -1)) {
        here[name] ??= {}
        here = here[name] as { [key: string]: unknown }
      }
      here[path.at(-1)!] = convert(text, field)
    }
    return {
      specversion: '1.0',
      id: row[extract.event_id],
      source: extract.source,
      type: extract.type,
      time: row[extract.time],
      data,
    }
  }
}

function convert(text: string, field: EventField | undefined): unknown {
  if ((field?.type === 'integer' || field?.type === 'money') && /^-?\d{1,16}$/.test(text)) return Number(text)
  if (field?.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function fieldAt(
  fields: { readonly [name: string]: EventField },
  path: readonly string[],
): EventField | undefined {
  const field = fields[path[0]!]
  return path.length > 1 && field?.type === 'object' ? fieldAt(field.fields, path.slice(1)) : field
}
