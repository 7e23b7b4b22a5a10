/** One of two threads that compare two versions of a rule over shared columns, every other block each. */
import { parentPort } from 'node:worker_threads'
import {
  block_rows,
  change_codes,
  changePlanOf,
  openRun,
  type Population,
  type Run,
} from '../../src/rules/rules.ts'
import { as_of, nationRule } from './rules.ts'

export type Ask =
  | {
      readonly what: 'prepare'
      readonly people: Population
      readonly child_threshold: number
      readonly out: number
      readonly scratch: number
    }
  | { readonly what: 'run'; readonly part: number; readonly parts: number }

/** How many subjects changed, by the code of the change. */
export type Answer = { readonly changed: readonly number[] }

let ready: { people: Population; run: Run } | undefined

parentPort!.on('message', (ask: Ask) => {
  if (ask.what === 'prepare') {
    const { people, child_threshold, out, scratch } = ask
    const plan = changePlanOf(nationRule('R10'), nationRule('R10', { child_threshold }), people, as_of)
    ready = { people, run: openRun(plan, people, 'wasm', { out, scratch }) }
    parentPort!.postMessage({ changed: [] } satisfies Answer)
    return
  }
  const { people, run } = ready!
  const codes = Object.values(change_codes)
  const changed = new Array<number>(8).fill(0)
  for (let base = ask.part * block_rows; base < people.rows; base += ask.parts * block_rows) {
    run.block(base)
    for (const code of codes) changed[code]! += run.tally(base, 0, code)
  }
  parentPort!.postMessage({ changed } satisfies Answer)
})
