/**
 * Takes a registry's file in: NDJSON of CloudEvents, or a CSV extract through a mapping of the pack.
 * Reads as a stream (constant memory), goes on after an interruption, and writes what was refused, with reasons, beside
 * the file. Everything goes through the same intake as HTTP; a record taken twice is a duplicate, never a second event.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
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
import type { ItemResult, Reported } from './flow.ts'
import { csvRecords, type FileRecord, IngestError, ndjsonRecords } from './ingest-records.ts'
import type { Extract, Pack } from './packs/packs.ts'

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
  /** Called once when an interrupted run goes on, with how many records it had taken. */
  resumes(records: number): void
  /** Called after each committed chunk. */
  progress(state: IngestProgress): void
}

export type IngestProgress = {
  records: number
  accepted: number
  duplicates: number
  refused: number
  /** How many were refused with which code. */
  codes: { [code: string]: number }
  bytes: number
  bytes_all: number
}

type State = { file: string; counts: Omit<IngestProgress, 'bytes' | 'bytes_all'>; rejects_bytes: number }

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
  if (skip > 0) options.resumes(skip)
  let seen = 0
  let chunk: FileRecord[] = []
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

async function submitChunk(
  options: IngestOptions,
  chunk: readonly FileRecord[],
  state: State,
): Promise<string> {
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
      const { code } = answer.refusal!
      state.counts.refused++
      state.counts.codes[code] = (state.counts.codes[code] ?? 0) + 1
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
    counts: { records: 0, accepted: 0, duplicates: 0, refused: 0, codes: {} },
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
