/** `hamroh pack explain|timeline|coverage|mutate|watch`: what those who write rules ask of them. */
import { parseArgs } from 'node:util'
import { type ReadingWithPlaces, readWithPlaces } from '../load.ts'
import { describeMistakes } from '../mistakes.ts'
import { type Choice, chooseExamples, chooseLanguage, chooseRule } from './choose.ts'
import { coverageLines, coverageOf } from './coverage.ts'
import { explained } from './explain.ts'
import { explainLines } from './explain-text.ts'
import { mutated } from './mutate.ts'
import { mutateLines } from './mutate-text.ts'
import { speechOf } from './say.ts'
import { timelineLines, timelineOfExample, years_max } from './timeline.ts'
import { watchPack } from './watch.ts'

export type Lines = { readonly out: (line: string) => void; readonly err: (line: string) => void }

type Options = {
  readonly json?: boolean
  readonly language?: string
  readonly years?: string
  readonly least?: string
}
type Option = keyof Options

type Verb = {
  readonly words: string
  readonly does: string
  /** How many words may stand after FOLDER, least and most. */
  readonly names: readonly [number, number]
  readonly options: readonly Option[]
  run(asked: Asked): number | Promise<number>
}

type Asked = Lines & {
  readonly folder: string
  readonly names: readonly string[]
  readonly options: Options
}

/** By name, in the order in which an author meets them. */
export const authorVerbs: { readonly [verb: string]: Verb } = {
  explain: {
    words: 'explain FOLDER RULE [EXAMPLE] [--language CODE] [--json]',
    does: 'what a rule reads and rests on; why each example comes out so, and what would change it',
    names: [1, 2],
    options: ['language', 'json'],
    run: explainCommand,
  },
  timeline: {
    words: 'timeline FOLDER RULE [EXAMPLE] [--years N] [--json]',
    does: 'how an example goes on as days pass, if nothing else changes',
    names: [1, 2],
    options: ['years', 'json'],
    run: timelineCommand,
  },
  watch: {
    words: 'watch FOLDER',
    does: 'check and run the worked examples at every save, until Ctrl-C',
    names: [0, 0],
    options: [],
    run: ({ folder, out }) => watchPack(folder, out),
  },
  coverage: {
    words: 'coverage FOLDER [--least PERCENT] [--json]',
    does: 'which conditions no example shows true, false or unknown',
    names: [0, 0],
    options: ['least', 'json'],
    run: coverageCommand,
  },
  mutate: {
    words: 'mutate FOLDER [RULE] [--least PERCENT] [--json]',
    does: 'small slips in rules that no example would notice',
    names: [0, 1],
    options: ['least', 'json'],
    run: mutateCommand,
  },
}

/**
 * Runs a verb with what stands after it.
 * @returns the exit code: 0 good, 1 refused, failed or below --least; undefined: the words are off, which `err` was told
 */
export async function runAuthorVerb(
  verb: string,
  args: readonly string[],
  lines: Lines,
): Promise<number | undefined> {
  const { names, options, run } = authorVerbs[verb]!
  const off = (message: string): undefined => {
    lines.err(message)
    return undefined
  }
  let given: { readonly values: Options; readonly positionals: string[] }
  try {
    given = parsed(args)
  } catch (error) {
    return off(`pack ${verb}: ${error instanceof Error ? error.message : String(error)}`)
  }
  const [folder, ...rest] = given.positionals
  if (folder === undefined || folder === '') return off(`pack ${verb} needs the FOLDER of a pack.`)
  if (rest.length < names[0]) return off(`pack ${verb} needs a RULE after the folder.`)
  if (rest.length > names[1])
    return off(`pack ${verb} takes nothing more, and was given ${JSON.stringify(rest[names[1]])}.`)
  for (const name of Object.keys(given.values) as Option[])
    if (!options.includes(name)) return off(`pack ${verb} has no option --${name}.`)
  const { years, least } = given.values
  if (years !== undefined && !(/^\d{1,3}$/.test(years) && Number(years) >= 1 && Number(years) <= years_max))
    return off(`--years is a whole number from 1 to ${years_max}, and was given ${JSON.stringify(years)}.`)
  if (least !== undefined && !(/^\d{1,3}(\.\d{1,2})?$/.test(least) && Number(least) <= 100))
    return off(`--least is a share from 0 to 100, and was given ${JSON.stringify(least)}.`)
  return run({ ...lines, folder, names: rest, options: given.values })
}

const parsed = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      language: { type: 'string' },
      years: { type: 'string' },
      least: { type: 'string' },
    },
  })

type Read = Extract<ReadingWithPlaces, { ok: true }>

/** The pack, or undefined when it was refused, with its mistakes told. */
function read({ folder, err }: Asked): Read | undefined {
  const reading = readWithPlaces(folder)
  if (reading.ok) return reading
  for (const line of describeMistakes(reading.mistakes)) err(line)
  err(`${folder}: refused; put these right first`)
  return undefined
}

/** What was chosen, or undefined with the reason told. */
function chosen<T>(choice: Choice<T>, { err }: Asked): T | undefined {
  if (choice.ok) return choice.value
  for (const line of choice.lines) err(line)
  return undefined
}

/** What explain and timeline speak of. */
function ruleAndExamples(asked: Asked) {
  const reading = read(asked)
  const id = reading && chosen(chooseRule(reading.pack, asked.names[0]!), asked)
  if (!reading || id === undefined) return undefined
  const examples = chosen(chooseExamples(reading.pack, id, asked.names[1]), asked)
  const language = chosen(chooseLanguage(reading.pack, asked.options.language), asked)
  if (!examples || !language) return undefined
  const { pack } = reading
  return { pack, rule: pack.rules.get(id)!, examples, speech: speechOf(pack, language) }
}

function explainCommand(asked: Asked): number {
  const about = ruleAndExamples(asked)
  if (!about) return 1
  const { pack, rule, examples, speech } = about
  const said = explained(pack, rule, examples, speech.word)
  if (asked.options.json) asked.out(JSON.stringify(said, null, 2))
  else for (const line of explainLines(pack, rule, said, speech)) asked.out(line)
  return 0
}

const years_usual = 10

function timelineCommand(asked: Asked): number {
  const about = ruleAndExamples(asked)
  if (!about) return 1
  const { rule, examples, speech } = about
  const years = Number(asked.options.years ?? years_usual)
  const found = examples.map((example) => timelineOfExample(rule, example, years))
  if (asked.options.json) asked.out(JSON.stringify({ rule: rule.source.id, timelines: found }, null, 2))
  else
    for (const line of found.flatMap((one, at) => [...(at === 0 ? [] : ['']), ...timelineLines(one, speech)]))
      asked.out(line)
  return 0
}

function coverageCommand(asked: Asked): number {
  const reading = read(asked)
  if (!reading) return 1
  const found = coverageOf(reading.pack, reading.draft)
  if (asked.options.json) asked.out(JSON.stringify(found, null, 2))
  else for (const line of coverageLines(asked.folder, found)) asked.out(line)
  return reaches(asked, found.shown, found.possible)
}

function mutateCommand(asked: Asked): number {
  const started = performance.now()
  const reading = read(asked)
  if (!reading) return 1
  const { pack, draft } = reading
  const wanted = asked.names[0]
  const id = wanted === undefined ? undefined : chosen(chooseRule(pack, wanted), asked)
  if (wanted !== undefined && id === undefined) return 1
  const found = (id === undefined ? [...pack.rules.keys()] : [id]).map((one) => mutated(pack, draft, one))
  const seconds = (performance.now() - started) / 1000
  if (asked.options.json) asked.out(JSON.stringify({ rules: found }, null, 2))
  else for (const line of mutateLines(pack, asked.folder, found, seconds)) asked.out(line)
  const noticed = found.reduce((sum, one) => sum + one.noticed, 0)
  return reaches(asked, noticed, noticed + found.reduce((sum, one) => sum + one.survivors.length, 0))
}

/** Exit code 1 where a share is below what was asked for; without --least nothing is. */
function reaches({ options: { least }, err }: Asked, part: number, whole: number): number {
  if (least === undefined || part * 100 >= Number(least) * whole) return 0
  err(`This is below the ${least} % asked for.`)
  return 1
}
