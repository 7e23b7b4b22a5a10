/** `hamroh simulate …` and `hamroh snapshot …`: the council at the command line. */
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  type Changes,
  checkSnapshot,
  type DayReport,
  exportParquet,
  exportSnapshot,
  parseChange,
  refreshSnapshot,
  type Simulation,
  type SimulationReport,
  simulateNow,
  simulationRequest,
  withSnapshot,
} from './council/council.ts'
import { openCouncil } from './council-flow.ts'
import { decisionSigner, type Ground } from './main.ts'
import { UsageError } from './usage-error.ts'

type Lines = { out(line: string): void; err(line: string): void }

/** `simulate`. @throws UsageError when the words are off */
export async function simulateCommand(
  ground: Ground,
  args: readonly string[],
  { out, err }: Lines,
): Promise<number> {
  let given: ReturnType<typeof options>
  try {
    given = options(args)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
  const { rule, change = [], file, act } = given
  if (rule === undefined) throw new UsageError('simulate needs --rule ID.')
  if (file !== undefined && !existsSync(file)) {
    err(`There is no file ${file}.`)
    return 1
  }
  const changes = change.map(parseChange)
  const wrong = changes.find((c) => !c.ok)
  if (wrong && !wrong.ok)
    throw new UsageError(`${wrong.refusal.at}: ${wrong.refusal.message} ${wrong.refusal.next ?? ''}`)
  const request = simulationRequest.safeParse({
    rule,
    ...(changes.length > 0
      ? { changes: changes.map((c) => ({ ...(c.ok ? c.value : {}), ...(act ? { legal: { act } } : {}) })) }
      : {}),
    ...(file === undefined ? {} : { text: readFileSync(file, 'utf8') }),
    ...(given['as-of'] === undefined ? {} : { as_of: given['as-of'] }),
  })
  if (!request.success) throw new UsageError(`simulate: ${request.error.issues[0]!.message}.`)
  const council = openCouncil(ground, decisionSigner(ground.settings.HAMROH_DATA))
  const simulated = await simulateNow(
    council,
    request.data,
    { number: 'command line', agency: '' },
    (done, all) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor((100 * done) / Math.max(1, all))} %`)
    },
  )
  if (!simulated.ok) {
    const { code, message, next, facts } = simulated.refusal
    err(`${code}: ${message}${next ? `\n${next}` : ''}`)
    for (const line of (facts?.mistakes as string[] | undefined) ?? []) err(`  ${line}`)
    return 1
  }
  if (given.json)
    out(
      JSON.stringify({
        report: simulated.value.report,
        sha256: simulated.value.report_hash,
        signature: simulated.value.signature,
      }),
    )
  else for (const line of table(ground, simulated.value)) out(line)
  return 0
}

const options = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      rule: { type: 'string' },
      change: { type: 'string', multiple: true },
      file: { type: 'string' },
      act: { type: 'string' },
      'as-of': { type: 'string' },
      json: { type: 'boolean' },
    },
  }).values

const HIDDEN = '·'
const number = (n: number | null): string => (n === null ? HIDDEN : n.toLocaleString('en'))

/** The report for a terminal: the same numbers as the page. */
function table(ground: Ground, { report, report_hash, id }: Simulation): string[] {
  if (!report) return ['The simulation has no report.']
  const lines = [
    `${report.rule}, version ${report.before.version} → ${report.after.version}, over ${number(report.subjects)} subjects known on ${report.snapshot.day}`,
    ...report.differences.map((d) => `  ${differenceLine(d)}`),
  ]
  for (const day of report.days) lines.push('', ...dayLines(ground, day))
  if (report.examples.fail.length > 0)
    lines.push(
      '',
      'Worked examples that do not hold any more; nothing can be published with them:',
      ...report.examples.fail.map((f) => `  ${f}`),
    )
  lines.push(
    '',
    `${HIDDEN} is fewer than ${report.smallest_group}, or would give such a number away.`,
    `Simulation ${id}, SHA-256 ${report_hash}`,
  )
  return lines
}

function differenceLine(d: SimulationReport['differences'][number]): string {
  switch (d.what) {
    case 'param':
      return `params.${d.name}: ${[...d.before.map((v) => `− ${v.value} from ${v.from}`), ...d.after.map((v) => `+ ${v.value} from ${v.from}`)].join(', ')}`
    case 'condition':
    case 'exception':
      return `${d.what} ${d.side}: ${d.text}`
    default:
      return `${d.what}: ${d.before} → ${d.after}`
  }
}

const ROWS: readonly [keyof Changes, string][] = [
  ['before', 'applies before'],
  ['after', 'applies after'],
  ['still', 'still applies'],
  ['gained', 'newly applies'],
  ['lost', 'no longer applies'],
  ['asked', 'newly asked'],
  ['settled', 'no longer asked'],
]

function dayLines(ground: Ground, day: DayReport): string[] {
  const { code, digits } = ground.pack.currency
  const lines = [`On ${day.day}${day.reason === 'takes_effect' ? ', when it takes effect' : ''}`]
  for (const [key, words] of ROWS) lines.push(`  ${words.padEnd(20)}${number(day.counts[key]).padStart(12)}`)
  const money = (n: number | null) =>
    n === null ? HIDDEN : `${(n / 10 ** digits).toLocaleString('en')} ${code}`
  if (day.cost) {
    lines.push(
      `  paid: gained ${money(day.cost.gained)}, no longer ${money(day.cost.lost)}, to the others ${money(day.cost.still)} more`,
    )
  }
  if (day.evaluated) lines.push(`  handed to the evaluator one by one: ${number(day.evaluated)} rows`)
  for (const miss of day.misses)
    lines.push(`  miss it only by ${miss.text}: ${number(miss.before)} → ${number(miss.after)}`)
  for (const band of day.bands) {
    lines.push(
      `  ${band.id.padEnd(20)}${'still'.padStart(12)}${'newly'.padStart(12)}${'no longer'.padStart(12)}${'asked'.padStart(12)}`,
    )
    for (const row of band.rows) {
      if ([row.still, row.gained, row.lost, row.asked].every((n) => n === 0)) continue
      const name =
        row.value === null
          ? 'not known'
          : row.below === null
            ? row.value
            : range(row.value, Number(row.below) - 1)
      lines.push(
        `    ${name.padEnd(18)}${[row.still, row.gained, row.lost, row.asked].map((n) => number(n).padStart(12)).join('')}${row.cost ? `  paid ${money(more(row.cost))} more` : ''}`,
      )
    }
  }
  return lines
}

/** All in all, each time it is paid; hidden where a part of it is. */
const more = ({ gained, lost, still }: NonNullable<DayReport['cost']>): number | null =>
  gained === null || lost === null || still === null ? null : gained - lost + still

const range = (first: string, last: number): string => (Number(first) === last ? first : `${first} – ${last}`)

/** `snapshot`. @throws UsageError when the words are off */
export async function snapshotCommand(
  ground: Ground,
  [verb, ...args]: readonly string[],
  { out, err }: Lines,
): Promise<number> {
  const council = openCouncil(ground, decisionSigner(ground.settings.HAMROH_DATA))
  switch (verb) {
    case 'refresh': {
      const manifest = await refreshSnapshot(council, ground.pack)
      const rows = manifest.files.reduce((sum, f) => sum + f.rows, 0)
      const bytes = manifest.files.reduce((sum, f) => sum + f.bytes, 0)
      out(
        `${rows} rows in ${manifest.files.length} files, ${(bytes / 1e6).toFixed(1)} MB, as known on ${manifest.day}, generation ${manifest.generation}.`,
      )
      return 0
    }
    case 'check': {
      const { rows, broken } = checkSnapshot(council, ground.pack)
      for (const line of broken) err(line)
      if (broken.length === 0) out(`Every file is whole: ${rows} rows.`)
      return broken.length === 0 ? 0 : 1
    }
    case 'export': {
      const [flag, folder, ...rest] = args
      const write = flag === '--csv' ? exportSnapshot : flag === '--parquet' ? exportParquet : null
      if (!write || !folder || rest.length > 0)
        throw new UsageError('snapshot export needs --csv FOLDER or --parquet FOLDER.')
      for (const { file, rows } of await withSnapshot(council, ground.pack, async (s) => write(s, folder)))
        out(`${file}: ${rows} rows`)
      return 0
    }
    default:
      throw new UsageError('snapshot needs refresh, check or export.')
  }
}
