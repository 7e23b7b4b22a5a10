/**
 * `node boot.js run bench/fuzz.ts [--comparisons 1e9 | --wakes 1e9] [--seed 1]`: checks over random rules and random
 * subjects for as long as wanted; start one per core with seeds far apart.
 *
 * --comparisons: the differential check of `test/kernels.ts`, cell by cell against the evaluator, each round on many days;
 * a thousand million takes about half an hour on one core. --wakes: whoever sleeps on a later day must have the outcome of today
 * (`test/wakes.ts`); a thousand million takes some minutes. Ends at the first that fails, told with its rule and facts.
 */
import { parseArgs } from 'node:util'
import { mix } from '../country/people/random.ts'
import { dayAfter, openArena } from '../src/rules/rules.ts'
import { compareRound, edgeDays, fullRound, shrunk, told } from '../test/kernels.ts'
import { sleepersOf, wakeRound } from '../test/wakes.ts'

const { values } = parseArgs({
  options: {
    comparisons: { type: 'string', default: '1e7' },
    wakes: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
})
const wanted = Number(values.wakes ?? values.comparisons)
const first = Number(values.seed)
if (!(wanted > 0) || !Number.isSafeInteger(first) || first < 1) {
  process.stderr.write('usage: node boot.js run bench/fuzz.ts [--comparisons 1e9 | --wakes 1e9] [--seed 1]\n')
  process.exit(2)
}

const began = performance.now()
let next = 0

/** Now and then, and at the end. */
function tell(line: () => string, is_last: boolean): void {
  const spent_ms = performance.now() - began
  if (spent_ms <= next && !is_last) return
  next = spent_ms + 10_000
  process.stdout.write(`${line()}\n`)
}

const shown = (n: number): string => n.toLocaleString('en')

function fail(line: string): never {
  process.stdout.write(`${line}\n`)
  process.exit(1)
}

const days_each = 24

/** Days near and far from the round's own, other ones for each seed. */
function furtherDays(seed: number): string[] {
  const spread = Array.from({ length: days_each }, (_, n) => mix(seed, 5, n))
  return spread.map((draw, n) => {
    const later = n % 3 === 0 ? 0 : (draw >>> 8) % (n % 3 === 1 ? 60 : 4000)
    return dayAfter(edgeDays[draw % edgeDays.length]!, `P${later}D`)
  })
}

function compareCells(): void {
  const arena = openArena()
  let [cells, rules] = [0, 0]
  for (let seed = first; cells < wanted; seed++) {
    const round = fullRound(seed, { rules: 32, subjects: 2000 })
    const compared = compareRound(round, arena, furtherDays(seed))
    cells += compared.cells
    rules += round.rules.length
    if (compared.mismatch) fail(`seed ${seed}: ${told(shrunk(compared.mismatch))}`)
    tell(() => `${shown(cells)} cells of ${rules} rules, up to seed ${seed}: 0 mismatches`, cells >= wanted)
  }
}

/** So many subjects sleep together; they are drawn anew after some rounds. */
const sleepers_count = 20_000
const rounds_each = 5

function checkWakes(): void {
  let [checks, rules, woken, exact] = [0, 0, 0, 0]
  let sleepers = sleepersOf(first, sleepers_count)
  for (let seed = first; checks < wanted; seed++) {
    if (seed > first && (seed - first) % rounds_each === 0) sleepers = sleepersOf(seed, sleepers_count)
    const found = wakeRound(seed, sleepers, { rules: 32, days: 120 })
    checks += found.checks
    rules += found.rules
    woken += found.woken
    exact += found.exact
    if (found.late) fail(`seed ${seed}: a wake date is late: ${JSON.stringify(found.late)}`)
    const share = Math.round((100 * exact) / Math.max(1, woken))
    tell(
      () =>
        `${shown(checks)} checks of ${rules} rules, up to seed ${seed}: 0 late; ${share} % of ${shown(woken)} wake-ups turn the outcome`,
      checks >= wanted,
    )
  }
}

if (values.wakes === undefined) compareCells()
else checkWakes()
