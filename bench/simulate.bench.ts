/**
 * Simulation: changed rules of the Uzbek pack over a drawn nation in snapshot files, by the very path of
 * `hamroh simulate`: the change checked with the whole pack, files read, both versions run, counted and signed. Beside
 * it the same with every subject handed to the evaluator, on a sample and extrapolated. Fails unless both say the same
 * of every subject of the sample.
 */
import { join } from 'node:path'
import { type SimulationReport, simulateNow } from '../src/council/council.ts'
import { openCouncil } from '../src/council-flow.ts'
import { decisionSigner } from '../src/main.ts'
import { standingClock } from '../src/platform/clock.ts'
import { as_of } from '../test/nation/citizens.ts'
import { type Case, cases, requestOf } from '../test/nation/law-changes.ts'
import { packShelf, preparedChange, sampled } from '../test/nation/row-by-row.ts'
import { writeNation } from '../test/nation/snapshot-files.ts'
import { forget } from './nation/files.ts'
import type { BenchOptions, BenchResult } from './run.ts'
import { benchGround } from './server.ts'

const SEED = 20261124
/** At noon in Tashkent. */
const NOW = `${as_of}T07:00:00Z`

type Figures = { [key: string]: number }
type Timed = { readonly report: SimulationReport; readonly cpu_s: number; readonly wall_s: number }

export async function run({ small, people, say }: BenchOptions): Promise<BenchResult> {
  const nation = people ?? (small ? 100_000 : 1_000_000)
  const sample = small ? 2_000 : 10_000
  const { data, ground, end } = await benchGround()
  try {
    const council = { ...openCouncil(ground, decisionSigner(data)), clock: standingClock(NOW) }
    say(`writing ${nation.toLocaleString('en')} people and their companies as snapshot files …`)
    const { manifest, bytes } = writeNation(council.folder, ground.pack, { seed: SEED, people: nation, say })
    const size = (kind: 'person' | 'organisation'): number =>
      manifest.files.reduce((sum, f) => sum + (f.kind === kind ? f.rows : 0), 0)
    const figures: Figures = {
      people: size('person'),
      companies: size('organisation'),
      files_mb: bytes / 1e6,
      bytes_per_subject: bytes / (size('person') + size('organisation')),
    }
    const baselines: Figures = { sample_subjects: sample }
    const ratios: Figures = {}
    const simulate = async (one: Case): Promise<Timed> => {
      const before = process.cpuUsage()
      const began = performance.now()
      const request = requestOf(one, as_of)
      const done = await simulateNow(council, request, { number: 'bench', agency: '' }, () => {})
      if (!done.ok) throw new Error(`${one.name}: ${JSON.stringify(done.refusal)}`)
      if (!done.value.report) throw new Error(`${one.name}: ${done.value.problem}`)
      const { user, system } = process.cpuUsage(before)
      const wall_s = (performance.now() - began) / 1000
      return { report: done.value.report, cpu_s: (user + system) / 1e6, wall_s }
    }
    const first = cases[0]!
    // The pack is read and the database's plans are made once before anything is timed.
    await simulate(first)
    const shelf = packShelf(ground.pack)
    figures.check_cpu_s = checkCpu(shelf, first)
    forget(council.folder)
    const cold = await simulate(first)
    figures.cold_cpu_s = cold.cpu_s
    figures.cold_wall_s = cold.wall_s
    say(
      `${first.name}, files forgotten by the system: ${cold.cpu_s.toFixed(2)} s CPU, ${cold.wall_s.toFixed(2)} s`,
    )
    for (const one of cases) {
      const timed = await simulate(one)
      const rows = sampled(join(data, `sample-${one.name}`), shelf, one, { seed: SEED, sample })
      const subjects = timed.report.subjects
      const extrapolated = (rows.cpu_s / rows.subjects) * subjects
      say(
        `${one.name}: ${timed.cpu_s.toFixed(2)} s CPU, ${timed.wall_s.toFixed(2)} s; row by row ${extrapolated.toFixed(0)} s CPU (extrapolated from ${rows.subjects.toLocaleString('en')})`,
      )
      say(`  ${told(timed.report)}`)
      for (const line of rows.left) say(`  ${line}`)
      if (rows.evaluated > 0) say(`  handed to the evaluator: ${rows.evaluated} rows of the sample`)
      figures[`${one.name}_subjects`] = subjects
      figures[`${one.name}_cpu_s`] = timed.cpu_s
      figures[`${one.name}_wall_s`] = timed.wall_s
      baselines[`${one.name}_row_by_row_cpu_s_extrapolated`] = extrapolated
      ratios[one.name] = extrapolated / timed.cpu_s
    }
    figures.rss_mb = process.memoryUsage().rss / 1e6
    return { name: 'simulate', seed: SEED, figures, baselines, ratios }
  } finally {
    await end()
  }
}

/** The part of every simulation that does not depend on how many people there are: the changed pack checked as a whole. */
function checkCpu(shelf: Parameters<typeof preparedChange>[0], one: Case): number {
  let best = Number.POSITIVE_INFINITY
  for (let pass = 0; pass < 3; pass++) {
    const before = process.cpuUsage()
    preparedChange(shelf, one)
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1e6)
  }
  return best
}

/** What the report found on the first day. */
function told({ days }: SimulationReport): string {
  const { counts, cost } = days[0]!
  const paid = cost ? `, paid more ${cost.gained}, less ${cost.lost}, to the others ${cost.still}` : ''
  return `gained ${counts.gained}, lost ${counts.lost}, still ${counts.still}, asked ${counts.asked}, settled ${counts.settled}${paid}`
}
