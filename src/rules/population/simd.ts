/**
 * The kernel in WebAssembly with 128-bit vectors, emitted straight from a plan: sixteen subjects a turn, cells
 * compared in the lane they are stored in, masks of one byte per subject. Columns' addresses and the law's thresholds
 * stand in the code, so a plan is compiled once per population and day (milliseconds).
 */
import type { BlockKernel } from './blocks.ts'
import { block_rows, type Population } from './columns.ts'
import {
  type Body,
  get,
  load8,
  load16,
  loop,
  moduleOf,
  number,
  scalar,
  set,
  store8,
  tee,
  unsigned,
  vec,
  when,
} from './encoder.ts'
import { type Locals, openLocals } from './locals.ts'
import type { Plan } from './plan.ts'
import { maskCode } from './vectors.ts'

export type Place = { readonly scratch: number; readonly out: number; readonly stride: number }

type Exports = {
  readonly rows: (first: number, rows: number, scratch: number) => void
  readonly tally: (address: number, rows: number, code: number) => number
  readonly [items: `items${number}`]: (from: number, to: number, scratch: number) => void
}

/** A kernel that writes its outputs from `place.out`, `place.stride` bytes apart. */
export function simdKernel(
  plan: Plan,
  population: Population,
  { scratch, out, stride }: Place,
): BlockKernel & { tally(base: number, output: number, code: number): number } {
  const lists = [...new Set(plan.counts.map(({ list }) => list))]
  const functions: { [name: string]: Body } = {
    rows: rowsBody(plan, population, out, stride),
    tally: tallyBody(),
  }
  for (const [at, list] of lists.entries()) functions[`items${at}`] = itemsBody(plan, population, list)
  const module = new WebAssembly.Module(moduleOf(functions))
  const made = new WebAssembly.Instance(module, { m: { m: population.arena.memory } })
  const { rows, tally, ...rest } = made.exports as unknown as Exports
  const items = lists.map((list, at) => ({
    starts: population.lists.get(list)!.starts,
    run: rest[`items${at}`]!,
  }))
  const bytes = plan.outputs.map(
    (_, at) => new Uint8Array(population.arena.memory.buffer, out + at * stride, population.rows),
  )
  return {
    run(base, size) {
      for (const { starts, run } of items) {
        const [from, to] = [starts[base]!, starts[base + size]!]
        if (to > from) run(from, to, scratch)
      }
      rows(base, size, scratch)
    },
    tally(base, output, code) {
      const size = Math.min(block_rows, population.rows - base)
      const whole = size - (size % 16)
      let found = whole > 0 ? tally(out + output * stride + base, whole, code) : 0
      for (let at = base + whole; at < base + size; at++) if (bytes[output]![at] === code) found++
      return found
    },
  }
}

/** Locals every function over rows or items has: its parameters, then counters. */
const first = 0
const last = 1
const scratch_at = 2
const i1 = 3
const i2 = 4
const i4 = 5
const i8 = 6
const temp_at = 7
const bits = 8
const parent = 9
const live = 10
const i32s = 8
const vectors_from = 11

/** The offsets of the row's cells, by the width of a lane. */
const steps = [
  ...get(i1),
  ...number(1),
  scalar.shl,
  ...set(i2),
  ...get(i1),
  ...number(2),
  scalar.shl,
  ...set(i4),
  ...get(i1),
  ...number(3),
  scalar.shl,
  ...set(i8),
]

const forward = (end: readonly number[]): number[] => [
  ...get(i1),
  ...number(16),
  scalar.add,
  ...tee(i1),
  ...end,
  scalar.lt_u,
]

const addresses = (population: Population) => ({
  of: (key: string): { local: number; address: number } => {
    if (key.startsWith('#')) return { local: temp_at, address: Number(key.slice(1)) * block_rows }
    const { lane, codes } = population.columns.get(key)!
    return { local: { i8: i1, i16: i2, i32: i4, f64: i8 }[lane], address: codes.byteOffset }
  },
})

function rowsBody(plan: Plan, population: Population, out: number, stride: number): Body {
  const locals = openLocals(vectors_from, addresses(population).of)
  const body: number[] = [
    ...steps,
    ...get(i1),
    ...get(first),
    scalar.sub,
    ...get(scratch_at),
    scalar.add,
    ...set(temp_at),
  ]
  for (const [at, { codes }] of plan.outputs.entries()) {
    body.push(...get(i1), ...written(locals, codes), ...vec.store(out + at * stride))
  }
  const code = [
    ...locals.prologue(),
    ...get(first),
    ...set(i1),
    // `last` came in as the number of rows.
    ...get(first),
    ...get(last),
    scalar.add,
    ...set(last),
    ...loop(body, forward(get(last))),
  ]
  return { params: 3, has_result: false, i32s, v128s: locals.count(), code }
}

function written(locals: Locals, codes: Plan['outputs'][number]['codes']): number[] {
  if (codes.length === 0) return locals.splat('i8', 0)
  return codes.flatMap(({ code, mask }, at) => [
    ...maskCode(locals, mask),
    ...locals.splat('i8', code),
    ...vec.and,
    ...(at > 0 ? vec.or : []),
  ])
}

/** Items pass or not, sixteen a turn; those that pass are counted at their subject's place, one by one. */
function itemsBody(plan: Plan, population: Population, list: string): Body {
  const locals = openLocals(vectors_from, addresses(population).of)
  const { parents } = population.lists.get(list)!
  const body: number[] = [
    ...steps,
    // Bits of the items that are there: fewer than sixteen in the last turn.
    ...number(0xffff),
    ...number(1),
    ...get(last),
    ...get(i1),
    scalar.sub,
    scalar.shl,
    ...number(1),
    scalar.sub,
    ...get(last),
    ...get(i1),
    scalar.sub,
    ...number(16),
    0x4f,
    scalar.select,
    ...set(live),
  ]
  for (const { temp, mask } of plan.counts.filter((count) => count.list === list)) {
    const count = [
      ...get(bits),
      scalar.ctz,
      ...number(1),
      scalar.shl,
      ...get(i2),
      scalar.add,
      ...load16(parents.byteOffset),
      ...get(scratch_at),
      scalar.add,
      ...tee(parent),
      ...get(parent),
      ...load8(temp * block_rows),
      ...number(1),
      scalar.add,
      ...store8(temp * block_rows),
    ]
    const again = [...get(bits), ...get(bits), ...number(1), scalar.sub, scalar.and, ...tee(bits)]
    body.push(...maskCode(locals, mask), ...vec.bitmask8, ...get(live), scalar.and, ...set(bits))
    body.push(...when(get(bits), loop(count, again)))
  }
  const code = [...locals.prologue(), ...get(first), ...set(i1), ...loop(body, forward(get(last)))]
  return { params: 3, has_result: false, i32s, v128s: locals.count(), code }
}

/** How many of `last` bytes from `first` are the code in the third parameter; a multiple of sixteen. */
function tallyBody(): Body {
  const [wanted, sums, total] = [vectors_from, vectors_from + 1, vectors_from + 2]
  const [end, stop] = [i2, i4]
  const turn = [
    ...get(sums),
    ...get(i1),
    ...vec.load(0),
    ...get(wanted),
    ...vec.i8.eq,
    ...vec.sub8,
    ...set(sums),
  ]
  // A byte holds 255 turns.
  const flush = [
    ...vec.bytes(new Uint8Array(16)),
    ...set(sums),
    ...get(i1),
    ...number(255 * 16),
    scalar.add,
    ...get(end),
    ...get(end),
    ...get(i1),
    scalar.sub,
    ...number(255 * 16),
    scalar.lt_u,
    0x45,
    scalar.select,
    ...set(stop),
    ...loop(turn, forward(get(stop))),
    ...get(total),
    ...get(sums),
    ...vec.wider16,
    ...vec.wider32,
    ...vec.add32,
    ...set(total),
  ]
  const sum = [0, 1, 2, 3].flatMap((lane) => [
    ...get(total),
    ...vec.extract32(lane),
    ...(lane > 0 ? [scalar.add] : []),
  ])
  const code = [
    ...get(scratch_at),
    0xfd,
    ...unsigned(0x0f),
    ...set(wanted),
    ...get(first),
    ...set(i1),
    ...get(first),
    ...get(last),
    scalar.add,
    ...set(end),
    ...loop(flush, [...get(i1), ...get(end), scalar.lt_u]),
    ...sum,
  ]
  return { params: 3, has_result: true, i32s, v128s: 3, code }
}
