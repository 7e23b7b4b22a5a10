/**
 * One command line: `hamroh COMMAND …`. Each command says what it did, or in one sentence what is wrong and what to do;
 * exit code 0, 1 (refused or failed) or 2 (the command's words are off).
 */
import { resolve } from 'node:path'
import { auditCommand } from './audit-command.ts'
import { simulateCommand, snapshotCommand } from './council-command.ts'
import { doctor } from './doctor.ts'
import { signOutCommand } from './identity-command.ts'
import { ingestCommand } from './ingest-command.ts'
import { replay, walk } from './inspect.ts'
import { type Ground, openGround, ROOT, main as startProgram } from './main.ts'
import { packCommand } from './packs/packs.ts'
import { isUuid } from './platform/ids.ts'
import { prepareJobs } from './platform/jobs.ts'
import { errorText, openLog } from './platform/logs.ts'
import { migrate, readMigrations } from './platform/migrate.ts'
import { readSettings } from './platform/settings.ts'
import { UsageError } from './usage-error.ts'

type Command = {
  readonly words: string
  readonly does: string
  run(args: readonly string[]): Promise<number>
}

const out = (line: string): void => void process.stdout.write(`${line}\n`)
const err = (line: string): void => void process.stderr.write(`${line}\n`)

const COMMANDS: { readonly [name: string]: Command } = {
  start: {
    words: 'start',
    does: 'run Hamroh with the settings of the environment (docs/settings.md)',
    run: async (args) => {
      none(args)
      await startProgram()
      return 0
    },
  },
  migrate: {
    words: 'migrate',
    does: 'bring the database up to this version',
    run: async (args) => {
      none(args)
      return migrateCommand()
    },
  },
  ingest: {
    words: 'ingest FILE --agency CODE [--extract ID] [--restart]',
    does: "take a registry's NDJSON file, or CSV through a mapping of the pack; goes on where it was interrupted",
    run: (args) => ingestCommand(args, { out, err }),
  },
  pack: {
    words: 'pack check|test|explain|timeline|watch|coverage|mutate|schema FOLDER …',
    does: 'check a country pack, run its worked examples, and ask of its rules what their authors need to know',
    run: (args) => packCommand(args, out, err),
  },
  graph: {
    words: 'graph back|forward [SUBJECT] KIND ID',
    does: 'what a thing rests on, back to the events; or all it caused. KIND: event, decision, proposal …',
    run: graphCommand,
  },
  replay: {
    words: 'replay [SUBJECT] DECISION',
    does: 'prove that a decision follows again from its facts and rule; its number stands in the letter',
    run: replayCommand,
  },
  simulate: {
    words:
      'simulate --rule ID (--change params.NAME=VALUE@DATE … | --file RULE.yaml) [--act ACT] [--as-of DATE] [--json]',
    does: 'what a changed rule would do, to how many people, before it is published',
    run: (args) => onGround((ground) => simulateCommand(ground, args, { out, err })),
  },
  snapshot: {
    words: 'snapshot refresh|check|export --csv|--parquet FOLDER',
    does: "bring the council's snapshot up to date, look whether it is whole, hand it on",
    run: (args) => onGround((ground) => snapshotCommand(ground, args, { out, err })),
  },
  audit: {
    words:
      'audit verify --log URL|FOLDER --key VKEY | --policy FILE [--proofs FILE …] [--seen CHECKPOINT …] [--state FILE]',
    does: 'check a transparency log, and your own entries in it, from public files alone',
    run: (args) => auditCommand(args, out, err),
  },
  'sign-out': {
    words: 'sign-out everybody | officer AGENCY NUMBER [--passkeys] | citizen SUBJECT [--passkeys]',
    does: 'end sessions, and remove passkeys, of somebody who left or lost a device; or the sessions of everybody',
    run: (args) => onGround((ground) => signOutCommand(ground, args, out)),
  },
  doctor: {
    words: 'doctor',
    does: 'what works here and what does not',
    run: async (args) => {
      none(args)
      return doctor(out)
    },
  },
}

// Whoever reads the first lines only (`| head`) closes the pipe: no mistake of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.exitCode = await main(process.argv.slice(2))

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help') {
    out(help())
    return name === undefined ? 2 : 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command) {
    err(`There is no command ${JSON.stringify(name)}.\n\n${help()}`)
    return 2
  }
  try {
    return await command.run(args)
  } catch (error) {
    if (error instanceof UsageError) {
      err(`${error.message}\n\nusage: hamroh ${command.words}\n  ${command.does}`)
      return 2
    }
    err(errorText(error))
    return 1
  }
}

function help(): string {
  const lines = Object.values(COMMANDS).map(({ words, does }) => `  ${words}\n      ${does}`)
  return `usage: hamroh COMMAND\n\n${lines.join('\n')}\n`
}

function none(args: readonly string[]): void {
  if (args.length > 0)
    throw new UsageError(`This command takes nothing more, and was given ${JSON.stringify(args[0])}.`)
}

async function migrateCommand(): Promise<number> {
  const settings = readSettings(process.env)
  const log = openLog('warn')
  if (!settings.DATABASE_URL) {
    // Opening it brings it up to date.
    await (await openGround(settings, log)).close()
    out('The embedded database is up to date.')
    return 0
  }
  const applied = await migrate(settings.DATABASE_URL, readMigrations(resolve(ROOT, 'sql')))
  await prepareJobs(settings.DATABASE_URL, log)
  out(applied.length > 0 ? `Applied migrations ${applied.join(', ')}.` : 'The database is up to date.')
  return 0
}

async function graphCommand(args: readonly string[]): Promise<number> {
  const [direction, ...rest] = args
  const [subject, kind, id] = rest.length === 2 ? [null, ...rest] : rest
  if ((direction !== 'back' && direction !== 'forward') || rest.length < 2 || rest.length > 3)
    throw new UsageError('graph needs back or forward, a kind and an id.')
  for (const given of [subject, id])
    if (given !== null && !isUuid(given!))
      throw new UsageError(`${JSON.stringify(given)} is not an id: ids are UUIDs.`)
  return onGround((ground) => walk(ground, { direction, subject: subject!, kind: kind!, id: id! }, out))
}

async function replayCommand(args: readonly string[]): Promise<number> {
  const [subject, decision] = args.length === 1 ? [null, args[0]!] : [args[0]!, args[1]!]
  if (args.length < 1 || args.length > 2) throw new UsageError('replay needs the id of a decision.')
  for (const given of args)
    if (!isUuid(given)) throw new UsageError(`${JSON.stringify(given)} is not an id: ids are UUIDs.`)
  return onGround((ground) => replay(ground, { subject, decision }, out))
}

async function onGround(work: (ground: Ground) => Promise<number>): Promise<number> {
  const ground = await openGround(readSettings(process.env), openLog('warn'))
  try {
    return await work(ground)
  } finally {
    await ground.close()
  }
}
