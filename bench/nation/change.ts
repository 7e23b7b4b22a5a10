/** A changed law over the whole nation: one threshold moved, both versions over every person, on two threads. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { change_codes, changePlanOf, type Population, takeOut, takeScratch } from '../../src/rules/rules.ts'
import type { Answer, Ask } from './change-worker.ts'
import { forget, loadColumns, saveColumns } from './files.ts'
import { as_of, nationRule, thresholds } from './rules.ts'

const threads = 2
const child_threshold = Math.round(thresholds.child_threshold * 1.17)

/** The columns the changed rule reads. */
export const change_columns = ['children', 'household_income', 'household_size']

export type ChangeFigures = {
  readonly warm_s: number
  readonly warm_cpu_s: number
  readonly cold_s: number
  readonly newly_affected: number
  readonly no_longer_affected: number
  readonly newly_asked: number
}

/** Measures warm (columns and kernel in memory) and cold (new threads, columns from files the system has forgotten). */
export async function lawChange(people: Population, folder: string, runs: number): Promise<ChangeFigures> {
  saveColumns(people, folder)
  const warm = await openThreads(people)
  let warm_s = Number.POSITIVE_INFINITY
  let warm_cpu_s = 0
  let changed: readonly number[] = []
  for (let run = 0; run < runs; run++) {
    const before = process.cpuUsage()
    const began = performance.now()
    changed = await warm.run()
    const seconds = (performance.now() - began) / 1000
    const { user, system } = process.cpuUsage(before)
    if (seconds < warm_s) [warm_s, warm_cpu_s] = [seconds, (user + system) / 1e6]
  }
  await warm.end()
  forget(folder)
  const began = performance.now()
  const workers = startThreads()
  const loaded = loadColumns(folder)
  const cold = await openThreads(loaded, workers)
  const again = await cold.run()
  const cold_s = (performance.now() - began) / 1000
  await cold.end()
  if (String(again) !== String(changed)) throw new Error('the change differs when it is read from files')
  const of = (...names: (keyof typeof change_codes)[]): number =>
    names.reduce((sum, name) => sum + changed[change_codes[name]]!, 0)
  return {
    warm_s,
    warm_cpu_s,
    cold_s,
    newly_affected: of('does_not_apply→applies', 'ask→applies'),
    no_longer_affected: of('applies→does_not_apply', 'applies→ask'),
    newly_asked: of('does_not_apply→ask', 'applies→ask'),
  }
}

const startThreads = (): Worker[] =>
  Array.from({ length: threads }, () => new Worker(new URL('./change-worker.ts', import.meta.url)))

async function openThreads(people: Population, workers = startThreads()) {
  const plan = changePlanOf(nationRule('R10'), nationRule('R10', { child_threshold }), people, as_of)
  const out = takeOut(plan, people)
  const rooms = workers.map(() => takeScratch(plan, people))
  const ask = async (worker: Worker, what: Ask): Promise<Answer> => {
    worker.postMessage(what)
    // Rejects when the worker reports an error instead.
    const [answer] = (await once(worker, 'message')) as [Answer]
    return answer
  }
  await Promise.all(
    workers.map((worker, at) =>
      ask(worker, { what: 'prepare', people, child_threshold, out, scratch: rooms[at]! }),
    ),
  )
  return {
    run: async (): Promise<readonly number[]> => {
      const parts = await Promise.all(
        workers.map((worker, part) => ask(worker, { what: 'run', part, parts: threads })),
      )
      return parts.reduce(
        (sum, { changed }) => sum.map((n, at) => n + changed[at]!),
        new Array<number>(8).fill(0),
      )
    },
    end: () => Promise.all(workers.map((worker) => worker.terminate())),
  }
}
