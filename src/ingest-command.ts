import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type IngestProgress, ingest } from './ingest.ts'
import { IngestError } from './ingest-records.ts'
import { IntakeQueue } from './intake-queue.ts'
import { makeEngine, openGround } from './main.ts'
import type { Extract, Pack } from './packs/packs.ts'
import { openLog } from './platform/logs.ts'
import { readSettings } from './platform/settings.ts'
import { UsageError } from './usage-error.ts'

/** How often a running ingest says where it is. */
const TOLD_EVERY_MS = 1000

type Say = { out(line: string): void; err(line: string): void }

/**
 * `hamroh ingest FILE --agency CODE`: the whole file, or the rest of one that was interrupted.
 * @returns 0 when everything was taken, 1 when something was refused
 */
export async function ingestCommand(args: readonly string[], { out, err }: Say): Promise<number> {
  const given = read(args)
  const ground = await openGround(readSettings(process.env), openLog('warn'))
  try {
    const { pack } = ground
    const extract = extractOf(pack, given)
    const queue = new IntakeQueue(makeEngine(ground))
    let told = 0
    const began = Date.now()
    const total = await ingest({
      file: given.file,
      agency: given.agency,
      extract,
      pack,
      restart: given.restart,
      submit: (reported) => queue.submit(reported),
      resumes: (records) => err(`Goes on after the ${records} records of an interrupted run.`),
      progress: (state) => {
        if (Date.now() - told < TOLD_EVERY_MS) return
        told = Date.now()
        err(line(state))
      },
    })
    out(`${line(total)} in ${((Date.now() - began) / 1000).toFixed(1)} s`)
    if (total.refused === 0) return 0
    for (const [code, n] of Object.entries(total.codes).sort((a, b) => b[1] - a[1])) out(`  ${code}: ${n}`)
    out(`Each refused record, by line, with its reason: ${given.file}.rejects`)
    return 1
  } finally {
    await ground.close()
  }
}

type Given = { file: string; agency: string; extract: string | null; restart: boolean }

function read(args: readonly string[]): Given {
  const options = {
    agency: { type: 'string' },
    extract: { type: 'string' },
    restart: { type: 'boolean', default: false },
  } as const
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`)
  }
  const { values, positionals } = parsed
  const [file] = positionals
  if (!file || positionals.length > 1 || !values.agency)
    throw new UsageError('ingest needs one FILE and --agency CODE.')
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found) throw new IngestError(`There is no file ${file}.`)
  if (!found.isFile()) throw new IngestError(`${file} is not a file.`)
  return { file, agency: values.agency, extract: values.extract ?? null, restart: values.restart ?? false }
}

/** The mapping asked for; null for NDJSON. @throws IngestError naming what the pack has instead */
function extractOf(pack: Pack, { agency, extract, file }: Given): Extract | null {
  const extracts = [...pack.extracts.keys()].join(', ') || 'none'
  if (!pack.agencies.has(agency))
    throw new IngestError(
      `The pack has no agency ${agency}. It has: ${[...pack.agencies.keys()].join(', ')}.`,
    )
  if (extract === null) {
    if (!file.toLowerCase().endsWith('.csv')) return null
    throw new IngestError(`A CSV file needs its mapping: --extract ID. The pack has: ${extracts}.`)
  }
  const found = pack.extracts.get(extract)
  if (!found) throw new IngestError(`The pack has no extract ${extract}. It has: ${extracts}.`)
  return found
}

const line = (p: IngestProgress): string =>
  `${Math.floor((100 * p.bytes) / Math.max(1, p.bytes_all))} %  ${p.records} records: ${p.accepted} accepted, ${p.duplicates} duplicates, ${p.refused} refused`
