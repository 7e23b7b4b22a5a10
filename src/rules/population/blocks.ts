/**
 * The kernel in plain JavaScript: one loop per mask over some thousand rows, a byte per row, joined four rows at a
 * time. No code is generated. It runs where there is no vector instruction set, and is the WebAssembly kernel's twin.
 */
import type { Column, Population } from './columns.ts'
import { type Amount, ends, type Mask } from './masks.ts'
import type { Plan } from './plan.ts'

/** Few enough that a strip's masks stay in the cache together. */
const strip_rows = 4_096

/** Works on rows (or items) from `first`; `base` is the first row of the block, where temporary columns begin. */
type Step = (first: number, rows: number, base: number) => void
type Bytes = { readonly bytes: Uint8Array; readonly words: Uint32Array }

export type BlockKernel = { run(base: number, rows: number): void }

/** A kernel that writes `outs[i]` for the plan's output `i`, using `temps[i]` for its temporary columns. */
export function blockKernel(
  plan: Plan,
  population: Population,
  temps: readonly Int8Array[],
  outs: readonly Uint8Array[],
): BlockKernel {
  const subjects = stepsFor(population, temps)
  for (const [at, { codes }] of plan.outputs.entries()) {
    const found = codes.map(({ code, mask }) => ({ code, words: subjects.mask(mask).words }))
    const { buffer, byteOffset, length } = outs[at]!
    // What lies behind the last row is padding.
    const out = new Uint32Array(buffer, byteOffset, (length + 3) >> 2)
    subjects.steps.push((first, rows) => writeCodes(out, found, first, rows))
  }
  const lists = [...new Set(plan.counts.map(({ list }) => list))].map((list) => {
    const items = population.lists.get(list)!
    const made = stepsFor(population, temps)
    for (const { temp, mask } of plan.counts.filter((count) => count.list === list)) {
      const { bytes } = made.mask(mask)
      made.steps.push((first, rows) => scatter(temps[temp]!, items.parents, bytes, first, rows))
    }
    return { starts: items.starts, steps: made.steps }
  })
  const inStrips = (steps: readonly Step[], from: number, to: number, base: number): void => {
    for (let first = from; first < to; first += strip_rows) {
      const rows = Math.min(strip_rows, to - first)
      for (const step of steps) step(first, rows, base)
    }
  }
  return {
    run(base, rows) {
      for (const { starts, steps } of lists) inStrips(steps, starts[base]!, starts[base + rows]!, base)
      inStrips(subjects.steps, base, base + rows, base)
    },
  }
}

/** Four rows at a time: a mask's byte is 0 or 1, so a product with a code stays within its byte. */
function writeCodes(
  out: Uint32Array,
  found: readonly { readonly code: number; readonly words: Uint32Array }[],
  first: number,
  rows: number,
): void {
  const [head, ...rest] = found
  const from = first >> 2
  const size = (rows + 3) >> 2
  if (!head) {
    out.fill(0, from, from + size)
    return
  }
  for (let at = 0; at < size; at++) out[from + at] = head.words[at]! * head.code
  for (const { code, words } of rest) orScaled(out, from, size, words, code)
}

function orScaled(out: Uint32Array, from: number, size: number, words: Uint32Array, code: number): void {
  for (let at = 0; at < size; at++) out[from + at]! |= words[at]! * code
}

function scatter(
  into: Int8Array,
  parents: Uint16Array,
  bytes: Uint8Array,
  first: number,
  rows: number,
): void {
  for (let at = 0; at < rows; at++) into[parents[first + at]!]! += bytes[at]!
}

/** Steps that fill one buffer per mask, in the order masks need each other. */
function stepsFor(population: Population, temps: readonly Int8Array[]) {
  const steps: Step[] = []
  const made = new Map<number, Bytes>()
  const mask = (node: Mask): Bytes => {
    const known = made.get(node.id)
    if (known) return known
    const bytes = new Uint8Array(strip_rows)
    const buffer = { bytes, words: new Uint32Array(bytes.buffer) }
    made.set(node.id, buffer)
    const step = stepOf(node, buffer, { population, temps, mask })
    steps.push(step)
    return buffer
  }
  return { steps, mask }
}

type Making = {
  readonly population: Population
  readonly temps: readonly Int8Array[]
  readonly mask: (node: Mask) => Bytes
}

function stepOf(node: Mask, { bytes, words }: Bytes, making: Making): Step {
  switch (node.op) {
    case 'constant': {
      const value = node.value ? 1 : 0
      return () => void bytes.fill(value)
    }
    case 'range': {
      const { first, last } = ends(node.column.info)
      const low = node.low === first ? Number.NEGATIVE_INFINITY : node.low
      const high = node.high === last ? Number.POSITIVE_INFINITY : node.high
      return rangeStep(node.column.key, low, high, bytes, making)
    }
    case 'compare': {
      const left = amountStep(node.left, making)
      const right = amountStep(node.right, making)
      const test = tests[node.by]
      return (first, rows, base) => {
        left.run(first, rows, base)
        right.run(first, rows, base)
        test(bytes, left.numbers, right.numbers, rows)
      }
    }
    case 'text':
      throw new TypeError('a plan made for a database has no kernel')
    case 'not': {
      const of = making.mask(node.of).words
      return () => {
        for (let at = 0; at < words.length; at++) words[at] = of[at]! ^ 0x01010101
      }
    }
    case 'and':
    case 'or': {
      const parts = node.of.map((part) => making.mask(part).words)
      const join = node.op === 'and' ? joinAnd : joinOr
      const [first, ...rest] = parts
      return () => {
        words.set(first!)
        for (const part of rest) join(words, part)
      }
    }
  }
}

function joinAnd(into: Uint32Array, part: Uint32Array): void {
  for (let at = 0; at < into.length; at++) into[at]! &= part[at]!
}

function joinOr(into: Uint32Array, part: Uint32Array): void {
  for (let at = 0; at < into.length; at++) into[at]! |= part[at]!
}

function columnAt({ population, temps }: Making, key: string): { codes: Column['codes']; is_temp: boolean } {
  if (key.startsWith('#')) return { codes: temps[Number(key.slice(1))]!, is_temp: true }
  return { codes: population.columns.get(key)!.codes, is_temp: false }
}

function rangeStep(key: string, low: number, high: number, into: Uint8Array, making: Making): Step {
  const { codes, is_temp } = columnAt(making, key)
  // One loop per kind of array, so that each is compiled for its own.
  const test =
    codes instanceof Int8Array
      ? range8
      : codes instanceof Int16Array
        ? range16
        : codes instanceof Int32Array
          ? range32
          : rangeWide
  return (first, rows, base) =>
    (test as typeof rangeWide)(into, codes as Float64Array, is_temp ? first - base : first, rows, low, high)
}

function range8(
  into: Uint8Array,
  codes: Int8Array,
  first: number,
  rows: number,
  low: number,
  high: number,
): void {
  const [from, to] = [Math.max(low, -129) | 0, Math.min(high, 128) | 0]
  for (let at = 0; at < rows; at++) {
    const code = codes[first + at]!
    // The sign bit of either difference says that the code is outside.
    into[at] = ~((code - from) | (to - code)) >>> 31
  }
}

function range16(
  into: Uint8Array,
  codes: Int16Array,
  first: number,
  rows: number,
  low: number,
  high: number,
): void {
  const [from, to] = [Math.max(low, -32_769) | 0, Math.min(high, 32_768) | 0]
  for (let at = 0; at < rows; at++) {
    const code = codes[first + at]!
    into[at] = ~((code - from) | (to - code)) >>> 31
  }
}

function range32(
  into: Uint8Array,
  codes: Int32Array,
  first: number,
  rows: number,
  low: number,
  high: number,
): void {
  const [from, to] = [Math.max(low, -2_147_483_648) | 0, Math.min(high, 2_147_483_647) | 0]
  for (let at = 0; at < rows; at++) {
    const code = codes[first + at]!
    into[at] = Number(code >= from) & Number(code <= to)
  }
}

function rangeWide(
  into: Uint8Array,
  codes: Float64Array,
  first: number,
  rows: number,
  low: number,
  high: number,
): void {
  for (let at = 0; at < rows; at++) {
    const code = codes[first + at]!
    into[at] = Number(code >= low) & Number(code <= high)
  }
}

type Numbers = { readonly numbers: Float64Array; readonly run: Step }

/** Amounts are proved to stay within exact integers, so doubles hold them. */
function amountStep(amount: Amount, making: Making): Numbers {
  const numbers = new Float64Array(strip_rows)
  switch (amount.op) {
    case 'constant':
      numbers.fill(amount.value)
      return { numbers, run: () => undefined }
    case 'column': {
      const { key, info } = amount.column
      const { codes, is_temp } = columnAt(making, key)
      const { offset } = info
      const run: Step = (first, rows, base) => {
        const start = is_temp ? first - base : first
        for (let at = 0; at < rows; at++) numbers[at] = codes[start + at]! + offset
      }
      return { numbers, run }
    }
    case 'add':
    case 'subtract':
    case 'multiply': {
      const left = amountStep(amount.left, making)
      const right = amountStep(amount.right, making)
      const apply = operations[amount.op]
      const run: Step = (first, rows, base) => {
        left.run(first, rows, base)
        right.run(first, rows, base)
        apply(numbers, left.numbers, right.numbers, rows)
      }
      return { numbers, run }
    }
  }
}

type Operation = (into: Float64Array, a: Float64Array, b: Float64Array, rows: number) => void
const operations: { readonly [op in 'add' | 'subtract' | 'multiply']: Operation } = {
  add: (into, a, b, rows) => {
    for (let at = 0; at < rows; at++) into[at] = a[at]! + b[at]!
  },
  subtract: (into, a, b, rows) => {
    for (let at = 0; at < rows; at++) into[at] = a[at]! - b[at]!
  },
  multiply: (into, a, b, rows) => {
    for (let at = 0; at < rows; at++) into[at] = a[at]! * b[at]!
  },
}

type Test = (into: Uint8Array, a: Float64Array, b: Float64Array, rows: number) => void
const tests: { readonly [by in '<' | '<=' | '=']: Test } = {
  '<': (into, a, b, rows) => {
    for (let at = 0; at < rows; at++) into[at] = Number(a[at]! < b[at]!)
  },
  '<=': (into, a, b, rows) => {
    for (let at = 0; at < rows; at++) into[at] = Number(a[at]! <= b[at]!)
  },
  '=': (into, a, b, rows) => {
    for (let at = 0; at < rows; at++) into[at] = Number(a[at]! === b[at]!)
  },
}
