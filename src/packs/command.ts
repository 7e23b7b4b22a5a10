/** `hamroh pack …`: check, test and describe a pack from the command line; what authors ask of rules is in authoring/. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { authorVerbs, runAuthorVerb } from './authoring/command.ts'
import { runExamples } from './examples.ts'
import { readPack } from './load.ts'
import { describeMistakes } from './mistakes.ts'
import type { Pack } from './packs.ts'
import { jsonSchemas } from './shapes/schemas.ts'

type Out = (line: string) => void

const usage = [
  'hamroh pack check FOLDER\n    every mistake of a pack, with file, line and field',
  'hamroh pack test FOLDER\n    check, then run the worked examples of its rules',
  ...Object.values(authorVerbs).map(({ words, does }) => `hamroh pack ${words}\n    ${does}`),
  'hamroh pack schema [FOLDER]\n    write the JSON Schemas for editors (default: packs/schemas)',
]

/** Where the schemas that are kept in the repository stand. */
export const schemaFolder = fileURLToPath(new URL('../../packs/schemas', import.meta.url))

/** See `packCommand` of the face. */
export async function runPackCommand(args: readonly string[], out: Out, err: Out): Promise<number> {
  const [verb, folder, ...rest] = args
  // Whoever named a verb is told how that one is called; whoever named none, how all are.
  const off = (): number => {
    const own = usage.find((line) => verb !== undefined && line.startsWith(`hamroh pack ${verb} `))
    for (const line of own ? [`usage: ${own}`] : ['usage: hamroh pack VERB …', ...usage]) err(line)
    return 2
  }
  if (verb !== undefined && Object.hasOwn(authorVerbs, verb))
    return (await runAuthorVerb(verb, args.slice(1), { out, err })) ?? off()
  if (verb === 'schema' && rest.length === 0) return writeSchemas(folder ?? schemaFolder, out)
  if (verb !== 'check' && verb !== 'test') {
    const known = ['check', 'test', 'schema', ...Object.keys(authorVerbs)].join(', ')
    err(
      verb === undefined
        ? `pack needs one of ${known}.`
        : `pack has no ${JSON.stringify(verb)}: it has ${known}.`,
    )
    return off()
  }
  if (folder === undefined || rest.length > 0) {
    err(`pack ${verb} needs one FOLDER.`)
    return off()
  }
  const reading = readPack(folder)
  if (!reading.ok) {
    for (const line of describeMistakes(reading.mistakes)) out(line)
    const n = reading.mistakes.length
    out(`${folder}: refused, ${n} ${n === 1 ? 'mistake' : 'mistakes'}`)
    return 1
  }
  return verb === 'test' ? testLoaded(folder, reading.pack, out) : describe(folder, reading.pack, out)
}

function describe(folder: string, pack: Pack, out: Out): number {
  const sizes = {
    predicates: pack.vocabulary.size,
    agencies: pack.agencies.size,
    purposes: pack.purposes.size,
    'event types': pack.events.size,
    rules: pack.rules.size,
    routes: pack.routes.size,
    clauses: pack.clauses.size,
    languages: pack.locales.length,
  }
  const counts = Object.entries(sizes).map(([what, size]) => `${what} ${size}`)
  out(`${folder}: ${pack.id} ${pack.version} is in order: ${counts.join(', ')}`)
  const working = [...pack.rules.values()]
    .filter(({ source }) => source.status !== 'published')
    .map(({ source }) => `${source.id} (${source.confidence})`)
  if (working.length > 0) out(`  not published, so they never notify a real person: ${working.join(', ')}`)
  out(`  sha256 ${pack.hash}`)
  return 0
}

function testLoaded(folder: string, pack: Pack, out: Out): number {
  const results = runExamples(pack)
  const failed = results.filter(({ passed }) => !passed)
  for (const { file, line, rule, name, differences } of failed) {
    out(`${file}:${line} ${rule}: ${name}`)
    for (const difference of differences) out(`    ${difference}`)
  }
  out(`${folder}: ${results.length - failed.length} of ${results.length} worked examples hold`)
  return failed.length === 0 ? 0 : 1
}

function writeSchemas(folder: string, out: Out): number {
  mkdirSync(folder, { recursive: true })
  for (const [file, schema] of jsonSchemas()) {
    writeFileSync(join(folder, file), `${JSON.stringify(schema, null, 2)}\n`)
    out(join(folder, file))
  }
  return 0
}
