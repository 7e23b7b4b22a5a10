/** Masks and amounts as vector instructions. */
import type { ColumnInfo } from './columns.ts'
import { vec } from './encoder.ts'
import type { Locals } from './locals.ts'
import { type Amount, amountKey, ends, type Mask } from './masks.ts'

/** Instructions that leave a mask of sixteen bytes, each 0 or -1, on the stack. */
export function maskCode(locals: Locals, node: Mask): number[] {
  return locals.once(`m${node.id}`, () => {
    switch (node.op) {
      case 'constant':
        return locals.splat('i8', node.value ? -1 : 0)
      case 'range':
        return rangeCode(locals, node)
      case 'compare':
        return compareCode(locals, node)
      case 'text':
        throw new TypeError('a plan made for a database has no kernel')
      case 'not':
        return [...maskCode(locals, node.of), ...vec.not]
      case 'and': {
        // "And not" is one instruction, so what is negated comes last.
        const head = node.of.find(({ op }) => op !== 'not') ?? node.of[0]!
        const rest = node.of.filter((part) => part !== head)
        const step = (part: Mask): number[] =>
          part.op === 'not'
            ? [...maskCode(locals, part.of), ...vec.andnot]
            : [...maskCode(locals, part), ...vec.and]
        return [...maskCode(locals, head), ...rest.flatMap(step)]
      }
      case 'or':
        return node.of.flatMap((part, at) => [...maskCode(locals, part), ...(at > 0 ? vec.or : [])])
    }
  })
}

function rangeCode(locals: Locals, { column, low, high }: Extract<Mask, { op: 'range' }>): number[] {
  const { info, key } = column
  const { first, last } = ends(info)
  const { lane } = info
  const test = (at: number, code: number, by: readonly number[]): number[] => [
    ...locals.load(key, at),
    ...locals.splat(lane, code),
    ...by,
  ]
  // Whole numbers have a strict comparison of one instruction, doubles also one that is not strict.
  const isFrom = (at: number): number[] =>
    lane === 'f64' ? test(at, low, vec.f64.ge) : test(at, low - 1, vec[lane].gt)
  const isUpTo = (at: number): number[] =>
    lane === 'f64' ? test(at, high, vec.f64.le) : test(at, high + 1, vec[lane].lt)
  const part = (at: number): number[] => {
    if (low === high) return test(at, low, vec[lane].eq)
    if (low === first) return isUpTo(at)
    return high === last ? isFrom(at) : [...isFrom(at), ...isUpTo(at), ...vec.and]
  }
  if (lane === 'i8') return part(0)
  if (lane === 'i16') return [...part(0), ...part(1), ...vec.narrow16]
  return lane === 'i32' ? narrowed4(part) : narrowed8(part)
}

function compareCode(locals: Locals, node: Extract<Mask, { op: 'compare' }>): number[] {
  const { left, right, by, lane } = node
  if (lane === 'wide') throw new TypeError('a plan made for a database has no kernel')
  const test = { '<': vec[lane].lt, '<=': vec[lane].le, '=': vec[lane].eq }[by]
  const part = (at: number): number[] => [
    ...amountCode(locals, left, lane, at),
    ...amountCode(locals, right, lane, at),
    ...test,
  ]
  return lane === 'i32' ? narrowed4(part) : narrowed8(part)
}

/** Four rows (part 0 to 3) as integers, or two (0 to 7) as doubles. */
function amountCode(locals: Locals, of: Amount, lane: 'i32' | 'f64', part: number): number[] {
  return locals.once(`${lane}${part}=${amountKey(of)}`, () => {
    if (of.op === 'constant') return locals.splat(lane, of.value)
    if (of.op === 'column') {
      const { key, info } = of.column
      return lane === 'i32' ? integers(locals, key, info, part) : doubles(locals, key, info, part)
    }
    const left = amountCode(locals, of.left, lane, part)
    return [...left, ...amountCode(locals, of.right, lane, part), ...arithmetic[lane][of.op]]
  })
}

function integers(locals: Locals, key: string, { lane, offset }: ColumnInfo, part: number): number[] {
  const codes = locals.once(`codes${part}:${key}`, () => {
    if (lane === 'i32') return locals.load(key, part)
    if (lane === 'i16') return locals.load(key, part, 'load16x4', 8)
    return [...locals.load(key, part >> 1, 'load8x8', 8), ...(part % 2 === 0 ? vec.low16 : vec.high16)]
  })
  return offset === 0 ? codes : [...codes, ...locals.splat('i32', offset), ...vec.add32]
}

function doubles(locals: Locals, key: string, info: ColumnInfo, part: number): number[] {
  const { lane, offset } = info
  // The offset is added as a double: with it a code may leave 32 bits.
  const four = (): number[] => integers(locals, key, { ...info, offset: 0 }, part >> 1)
  const pair = part % 2 === 0 ? four : (): number[] => [...four(), ...four(), ...vec.shuffle(upper)]
  const codes = lane === 'f64' ? locals.load(key, part) : [...pair(), ...vec.double]
  return offset === 0 ? codes : [...codes, ...locals.splat('f64', offset), ...vec.add64]
}

const upper = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31]
const evens = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27]

const arithmetic = {
  i32: { add: vec.add32, subtract: vec.sub32, multiply: vec.mul32 },
  f64: { add: vec.add64, subtract: vec.sub64, multiply: vec.mul64 },
} as const

/** Four masks of four lanes as one of sixteen. */
const narrowed4 = (part: (at: number) => number[]): number[] => [
  ...part(0),
  ...part(1),
  ...vec.narrow32,
  ...part(2),
  ...part(3),
  ...vec.narrow32,
  ...vec.narrow16,
]

/** Eight masks of two lanes as one of sixteen. */
const narrowed8 = (part: (at: number) => number[]): number[] =>
  narrowed4((at) => [...part(2 * at), ...part(2 * at + 1), ...vec.shuffle(evens)])
