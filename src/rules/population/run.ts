/** A plan over a population: block by block, by either kernel, with the evaluator's help where the plan asks for it. */
import { decide } from '../evaluator/decide.ts'
import { type Program, programOf } from '../evaluator/program.ts'
import { type BlockKernel, blockKernel } from './blocks.ts'
import { frameAt } from './build.ts'
import { block_rows, type Population, take } from './columns.ts'
import { type Fallback, outcome_codes, type Plan } from './plan.ts'
import { simdKernel } from './simd.ts'
import { openStrips, strip_rows } from './strips/strips.ts'

export type Engine = 'wasm' | 'js'

/** Where a run writes; threads that share a population each need their own scratch, and may share `out`. */
export type Room = { readonly scratch: number; readonly out: number }

export type Run = {
  /** Per output, one byte for each subject. */
  readonly outs: readonly Uint8Array[]
  /** Works out one block; `base` is a multiple of `block_rows`. */
  block(base: number): void
  /** How many subjects of a block got a code, from what is still in the cache. */
  tally(base: number, output: number, code: number): number
  /** How many rows were handed to the evaluator so far, each once for each rule that asked for it. */
  evaluated(): number
}

/** Bytes from one output's column to the next. */
const strideOf = (population: Population): number => Math.ceil((population.rows + 64) / 64) * 64

export function takeScratch(plan: Plan, population: Population): number {
  return take(population.arena, (plan.temps + 1) * block_rows)
}

export function takeOut(plan: Plan, population: Population): number {
  return take(population.arena, plan.outputs.length * strideOf(population))
}

/** Makes a plan ready to run over a population. `room` defaults to fresh memory of its arena. */
export function openRun(plan: Plan, population: Population, engine: Engine = 'wasm', room?: Room): Run {
  const scratch = room?.scratch ?? takeScratch(plan, population)
  const out = room?.out ?? takeOut(plan, population)
  const { buffer } = population.arena.memory
  const stride = strideOf(population)
  const { rows } = population
  const outs = plan.outputs.map((_, at) => new Uint8Array(buffer, out + at * stride, rows))
  const temps = Array.from(
    { length: plan.temps },
    (_, at) => new Int8Array(buffer, scratch + at * block_rows, block_rows),
  )
  const fallbacks = byRule(plan.fallbacks)
  const fillStrips = stripsFor(plan, population, temps)
  let evaluated = 0
  const kernel: BlockKernel & { tally?: Run['tally'] } =
    engine === 'js'
      ? blockKernel(plan, population, temps, outs)
      : simdKernel(plan, population, { scratch, out, stride })
  return {
    outs,
    block(base) {
      const size = Math.min(block_rows, rows - base)
      for (const { temp } of plan.counts) temps[temp]!.fill(0)
      evaluated += fillStrips(base, size)
      for (const [program, of] of fallbacks)
        for (let at = 0; at < size; at++) askEvaluator(population, plan.day, program, of, temps, base, at)
      evaluated += size * fallbacks.size
      kernel.run(base, size)
    },
    evaluated: () => evaluated,
    tally(base, output, code) {
      if (kernel.tally) return kernel.tally(base, output, code)
      const codes = outs[output]!
      let found = 0
      for (let at = base; at < Math.min(base + block_rows, rows); at++) if (codes[at] === code) found++
      return found
    },
  }
}

/** Runs every block. */
export function runAll(run: Run, population: Population): void {
  for (let base = 0; base < population.rows; base += block_rows) run.block(base)
}

function byRule(fallbacks: readonly Fallback[]): ReadonlyMap<Program, readonly Fallback[]> {
  const found = new Map<Program, Fallback[]>()
  for (const one of fallbacks) {
    const program = programOf(one.rule)
    found.set(program, [...(found.get(program) ?? []), one])
  }
  return found
}

/** Fills the temporary columns of what is worked out over strips. @returns how many rows the evaluator had to see */
function stripsFor(
  { strips, day }: Plan,
  population: Population,
  temps: readonly Int8Array[],
): (base: number, size: number) => number {
  if (strips.length === 0) return () => 0
  const prepared = openStrips(population, day)
  const made = strips.map(({ rule, atom, temp }) => ({ temp, truths: prepared.truth(rule, atom) }))
  const again = byRule(
    strips.map(({ temp, rule, atom, reason }) => ({ temp, rule, atom: atom.id, text: atom.text, reason })),
  )
  const rows = new Uint32Array(block_rows)
  return (base, size) => {
    let evaluated = 0
    for (let at = 0; at < size; at++) rows[at] = base + at
    for (let from = 0; from < size; from += strip_rows) {
      const count = Math.min(strip_rows, size - from)
      prepared.read(rows, from, count)
      for (const { temp, truths } of made) temps[temp]!.set(truths().subarray(0, count), from)
      const beyond = prepared.beyond()
      for (let at = 0; at < count; at++) {
        if (beyond[at] === 0) continue
        for (const [program, of] of again) {
          askEvaluator(population, day, program, of, temps, base, from + at)
          evaluated++
        }
      }
    }
    return evaluated
  }
}

function askEvaluator(
  population: Population,
  day: number,
  program: Program,
  fallbacks: readonly Fallback[],
  temps: readonly Int8Array[],
  base: number,
  at: number,
): void {
  const { outcome, frame } = decideRow(population, program, day, base + at)
  for (const { temp, atom } of fallbacks)
    temps[temp]![at] = atom === undefined ? outcome_codes[outcome] : frame.truths[atom]!
}

/** One row by the evaluator: of a population of items, the item and its subject. */
export function decideRow(population: Population, program: Program, day: number, row: number) {
  const { owners } = population
  const frame = owners
    ? frameAt(owners.of, program, owners.subjects[row]!)
    : frameAt(population, program, row)
  return { frame, ...decide(program, frame, day, owners ? String(row) : null) }
}
