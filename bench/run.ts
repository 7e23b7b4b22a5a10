/**
 * `npm run bench -- NAME [--small] [--json] [--people N]`: every claim of speed as a command that measures it beside its baseline,
 * in the same run on the same machine. `--small` ends within 40 s on two cores; `--json` prints as its last line one
 * object {name, seed, figures, baselines, ratios}. Absolute times belong to the machine: compare the ratios.
 */
import { cpus, loadavg } from 'node:os'

export type BenchResult = {
  readonly name: string
  readonly seed: number
  readonly figures: Readonly<Record<string, number>>
  readonly baselines: Readonly<Record<string, number>>
  readonly ratios: Readonly<Record<string, number>>
}

export type BenchOptions = {
  readonly small: boolean
  /** How many people, where the bench takes that. */
  readonly people?: number
  say(line: string): void
}

const benches: Readonly<Record<string, () => Promise<{ run(options: BenchOptions): Promise<BenchResult> }>>> =
  {
    intake: () => import('./intake.bench.ts'),
    population: () => import('./population.bench.ts'),
    simulate: () => import('./simulate.bench.ts'),
    subject: () => import('./subject.bench.ts'),
    trust: () => import('./trust.bench.ts'),
  }

const args = process.argv.slice(2)
const at = args.indexOf('--people')
const people = at < 0 ? undefined : Number(args.splice(at, 2)[1])
const name = args.find((a) => !a.startsWith('--'))
const unknown = args.filter((a) => a.startsWith('--') && !['--small', '--json'].includes(a))
const is_odd = people !== undefined && !(Number.isSafeInteger(people) && people > 0 && name === 'simulate')
if (!name || !benches[name] || unknown.length > 0 || is_odd) {
  process.stderr.write(
    `usage: npm run bench -- NAME [--small] [--json]; simulate also takes --people N\nNAME is one of: ${Object.keys(benches).join(', ')}\n`,
  )
  process.exit(2)
}
const json = args.includes('--json')
const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`)
say(
  `${name}: Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model ?? '?'}), load ${loadavg()[0]!.toFixed(2)}`,
)
const result = await (await benches[name]()).run({
  small: args.includes('--small'),
  ...(people === undefined ? {} : { people }),
  say,
})
for (const group of ['figures', 'baselines', 'ratios'] as const) {
  say(`${group}:`)
  for (const [key, value] of Object.entries(result[group]))
    say(`  ${key.padEnd(32)} ${Number(value.toPrecision(4))}`)
}
if (json) process.stdout.write(`${JSON.stringify(result)}\n`)
process.exit(0)
