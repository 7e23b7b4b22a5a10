/**
 * One command line: `hamroh COMMAND …`. Each command says what it did, or in one sentence what is wrong and what to do;
 * exit code 0, 1 (refused or failed) or 2 (the command's words are off).
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { runCouncil } from './council-command.ts'
import { doctor } from './doctor.ts'
import { IngestError, ingest } from './ingest.ts'
import { replay, walk } from './inspect.ts'
import { IntakeQueue } from './intake-queue.ts'
import { makeEngine, openGround, ROOT, main as startProgram } from './main.ts'
import { packCommand } from './packs/packs.ts'
import { isUuid } from './platform/ids.ts'
import { openLog } from './platform/logs.ts'
import { migrate, readMigrations } from './platform/migrate.ts'
import { readSettings } from './platform/settings.ts'

const USAGE = `usage: hamroh COMMAND

  start                                 run Hamroh with the settings of the environment (docs/settings.md)
  migrate                               bring the database up to this version
  ingest FILE --agency CODE [--extract ID] [--restart]
                                        take a registry's NDJSON file, or CSV through a mapping of the pack
  pack check|test|schema FOLDER         check a country pack, run its worked examples, write its JSON Schemas
  graph back SUBJECT KIND ID            what X rests on, back to the events
  graph forward SUBJECT KIND ID         all X caused
  replay SUBJECT DECISION               prove that a decision follows again from its facts and rule
  simulate --rule ID (--change params.NAME=VALUE@DATE … | --file RULE.yaml) [--act ACT] [--as-of DATE] [--json]
                                        what a changed rule would do, to how many people, before it is published
  snapshot refresh|check|export --csv FOLDER
                                        bring the council's snapshot up to date, look whether it is whole, hand it on
  doctor                                what works here and what does not
`

const out = (line: string): void => void process.stdout.write(`${line}\n`)
const err = (line: string): void => void process.stderr.write(`${line}\n`)

process.exitCode = await main(process.argv.slice(2))

async function main([command, ...args]: string[]): Promise<number> {
  try {
    switch (command) {
      case 'start':
        await startProgram()
        return 0
      case 'migrate':
        return await migrateCommand()
      case 'ingest':
        return await ingestCommand(args)
      case 'pack':
        return await packCommand(args, out)
      case 'graph':
        return await graphCommand(args)
      case 'replay':
        return await replayCommand(args)
      case 'simulate':
      case 'snapshot':
        return await councilCommand(command, args)
      case 'doctor':
        return await doctor(out)
      case 'help':
      case '--help':
      case undefined:
        out(USAGE)
        return command === undefined ? 2 : 0
      default:
        return usage(`There is no command ${JSON.stringify(command)}.`)
    }
  } catch (error) {
    err((error as Error).message)
    return 1
  }
}

function usage(text: string): number {
  err(`${text}\n\n${USAGE}`)
  return 2
}

async function migrateCommand(): Promise<number> {
  const settings = readSettings(process.env)
  if (settings.DATABASE_URL) {
    const applied = await migrate(settings.DATABASE_URL, readMigrations(resolve(ROOT, 'sql')))
    out(applied.length > 0 ? `Applied migrations ${applied.join(', ')}.` : 'The database is up to date.')
    return 0
  }
  const ground = await openGround(settings, openLog('warn'))
  await ground.close()
  out('The embedded database is up to date.')
  return 0
}

async function ingestCommand(args: readonly string[]): Promise<number> {
  const flags = new Map<string, string>()
  const files: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '--restart') flags.set('restart', '1')
    else if (arg === '--agency' || arg === '--extract') flags.set(arg.slice(2), args[++i] ?? '')
    else if (arg.startsWith('--')) return usage(`ingest has no option ${arg}.`)
    else files.push(arg)
  }
  const [file] = files
  const agency = flags.get('agency')
  if (!file || files.length > 1 || !agency) return usage('ingest needs one FILE and --agency CODE.')
  if (!existsSync(file)) {
    err(`There is no file ${file}.`)
    return 1
  }
  const ground = await openGround(readSettings(process.env), openLog('warn'))
  try {
    const { pack } = ground
    const id = flags.get('extract')
    const extract = id === undefined ? null : pack.extracts.get(id)
    if (extract === undefined)
      throw new IngestError(
        `The pack has no extract ${id}. It has: ${[...pack.extracts.keys()].join(', ') || 'none'}.`,
      )
    if (!pack.agencies.has(agency))
      throw new IngestError(
        `The pack has no agency ${agency}. It has: ${[...pack.agencies.keys()].join(', ')}.`,
      )
    const engine = makeEngine(ground)
    const queue = new IntakeQueue(engine)
    let told = 0
    const began = Date.now()
    const line = (p: {
      records: number
      accepted: number
      duplicates: number
      refused: number
      bytes: number
      bytes_all: number
    }) =>
      `${Math.floor((100 * p.bytes) / Math.max(1, p.bytes_all))} %  ${p.records} records: ${p.accepted} accepted, ${p.duplicates} duplicates, ${p.refused} refused`
    const total = await ingest({
      file,
      agency,
      extract,
      pack,
      restart: flags.has('restart'),
      submit: (reported) => queue.submit(reported),
      progress: (p) => {
        if (Date.now() - told < 1000) return
        told = Date.now()
        err(line(p))
      },
    })
    out(`${line(total)} in ${((Date.now() - began) / 1000).toFixed(1)} s`)
    if (total.refused > 0) out(`Reasons, a line each: ${file}.rejects`)
    return total.refused > 0 ? 1 : 0
  } finally {
    await ground.close()
  }
}

async function graphCommand([direction, subject, kind, id]: readonly string[]): Promise<number> {
  if (
    (direction !== 'back' && direction !== 'forward') ||
    !subject ||
    !kind ||
    !id ||
    !isUuid(subject) ||
    !isUuid(id)
  ) {
    return usage('graph needs back or forward, a subject id, a kind and an id.')
  }
  const ground = await openGround(readSettings(process.env), openLog('warn'))
  try {
    return await walk(ground, { direction, subject, kind, id }, out)
  } finally {
    await ground.close()
  }
}

async function replayCommand([subject, decision]: readonly string[]): Promise<number> {
  if (!subject || !decision || !isUuid(subject) || !isUuid(decision))
    return usage('replay needs a subject id and a decision id.')
  const ground = await openGround(readSettings(process.env), openLog('warn'))
  try {
    return await replay(ground, { subject, decision }, out)
  } finally {
    await ground.close()
  }
}

async function councilCommand(command: 'simulate' | 'snapshot', args: readonly string[]): Promise<number> {
  const ground = await openGround(readSettings(process.env), openLog('warn'))
  try {
    const told = await runCouncil(ground, command, args, { out, err })
    return typeof told === 'string' ? usage(told) : told
  } finally {
    await ground.close()
  }
}
