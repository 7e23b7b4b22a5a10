/**
 * `node boot.js run bench/fuzz.ts [--comparisons 1e9] [--seed 1]`: the differential check of `test/kernels.ts` for as
 * long as wanted (a thousand million takes some hours on one core; start one per core with seeds far apart). Ends at the
 * first cell in which a kernel differs from the evaluator, with the case cut down to what shows it.
 */
import { parseArgs } from 'node:util'
import { openArena } from '../src/rules/rules.ts'
import { compareRound, fullRound, shrunk, told } from '../test/kernels.ts'

const { values } = parseArgs({
  options: {
    comparisons: { type: 'string', default: '1e7' },
    seed: { type: 'string', default: '1' },
  },
})
const wanted = Number(values.comparisons)
const first = Number(values.seed)
if (!(wanted > 0) || !Number.isSafeInteger(first) || first < 1) {
  process.stderr.write('usage: node boot.js run bench/fuzz.ts [--comparisons 1e9] [--seed 1]\n')
  process.exit(2)
}

const began = performance.now()
const arena = openArena()
let cells = 0
let rules = 0
let next = 0
for (let seed = first; cells < wanted; seed++) {
  const round = fullRound(seed, { rules: 32, subjects: 1000 })
  const compared = compareRound(round, arena)
  cells += compared.cells
  rules += round.rules.length
  if (compared.mismatch) {
    process.stdout.write(`seed ${seed}: ${told(shrunk(compared.mismatch))}\n`)
    process.exit(1)
  }
  if (performance.now() - began > next || cells >= wanted) {
    next += 10_000
    process.stdout.write(
      `${cells.toLocaleString('en')} cells of ${rules} rules, up to seed ${seed}: 0 mismatches\n`,
    )
  }
}
