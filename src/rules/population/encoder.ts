/** WebAssembly modules as bytes: just what the kernel needs of the binary format (WebAssembly 2.0, chapter 5). */

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low + 128 : low)
  } while (rest > 0)
  return bytes
}

/** Signed LEB128 of a 32-bit integer. */
export function signed(value: number): number[] {
  const bytes: number[] = []
  let rest = value | 0
  for (;;) {
    const low = rest & 127
    rest >>= 7
    const is_last = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)
    bytes.push(is_last ? low : low | 128)
    if (is_last) return bytes
  }
}

const vector = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
]
const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
]
const name = (text: string): number[] => {
  const bytes = [...new TextEncoder().encode(text)]
  return [...unsigned(bytes.length), ...bytes]
}

const i32 = 0x7f
const v128 = 0x7b

export type Body = {
  /** Parameters, all i32. */
  readonly params: number
  readonly has_result: boolean
  /** Locals after the parameters: first i32, then v128. */
  readonly i32s: number
  readonly v128s: number
  readonly code: readonly number[]
}

/** A module that imports `m.m`, a shared memory of up to 4 GB, and exports these functions. */
export function moduleOf(functions: { readonly [name: string]: Body }): Uint8Array<ArrayBuffer> {
  const all = Object.entries(functions)
  const types = all.map(([, { params, has_result }]) => [
    0x60,
    ...vector(Array.from({ length: params }, () => [i32])),
    ...vector(has_result ? [[i32]] : []),
  ])
  const memory = [...name('m'), ...name('m'), 0x02, 0x03, ...unsigned(1), ...unsigned(65_536)]
  const bodies = all.map(([, { i32s, v128s, code }]) => {
    const locals = vector([
      [...unsigned(i32s), i32],
      [...unsigned(v128s), v128],
    ])
    const body = [...locals, ...code, 0x0b]
    return [...unsigned(body.length), ...body]
  })
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(all.map((_, at) => unsigned(at)))),
    ...section(7, vector(all.map(([text], at) => [...name(text), 0x00, ...unsigned(at)]))),
    ...section(10, vector(bodies)),
  ])
}

/** Instructions by their opcodes; vector ones stand behind the prefix 0xfd. */
export const get = (local: number): number[] => [0x20, ...unsigned(local)]
export const set = (local: number): number[] => [0x21, ...unsigned(local)]
export const tee = (local: number): number[] => [0x22, ...unsigned(local)]
export const number = (value: number): number[] => [0x41, ...signed(value)]
/** A loop that runs its body until `again` (leaving an i32) is zero; it runs at least once. */
export const loop = (body: readonly number[], again: readonly number[]): number[] => [
  0x03,
  0x40,
  ...body,
  ...again,
  0x0d,
  0x00,
  0x0b,
]
export const when = (condition: readonly number[], body: readonly number[]): number[] => [
  ...condition,
  0x04,
  0x40,
  ...body,
  0x0b,
]
export const scalar = {
  eqz: 0x45,
  lt_u: 0x49,
  lt_s: 0x48,
  ctz: 0x68,
  add: 0x6a,
  sub: 0x6b,
  mul: 0x6c,
  and: 0x71,
  shl: 0x74,
  select: 0x1b,
} as const
const access =
  (opcode: number, align: number) =>
  (offset: number): number[] => [opcode, ...unsigned(align), ...unsigned(offset)]
export const load8 = access(0x2d, 0)
export const load16 = access(0x2f, 1)
export const store8 = access(0x3a, 0)

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)]
const simdAccess =
  (opcode: number) =>
  (offset: number): number[] => [...simd(opcode), 0, ...unsigned(offset)]
export const vec = {
  load: simdAccess(0x00),
  load8x8: simdAccess(0x01),
  load16x4: simdAccess(0x03),
  store: simdAccess(0x0b),
  bytes: (of: ArrayLike<number>): number[] => [...simd(0x0c), ...Array.from(of)],
  shuffle: (lanes: readonly number[]): number[] => [...simd(0x0d), ...lanes],
  not: simd(0x4d),
  and: simd(0x4e),
  andnot: simd(0x4f),
  or: simd(0x50),
  bitmask8: simd(0x64),
  narrow16: simd(0x65),
  narrow32: simd(0x85),
  add8: simd(0x6e),
  sub8: simd(0x71),
  wider16: simd(0x7d),
  wider32: simd(0x7f),
  low16: simd(0xa7),
  high16: simd(0xa8),
  add32: simd(0xae),
  sub32: simd(0xb1),
  mul32: simd(0xb5),
  add64: simd(0xf0),
  sub64: simd(0xf1),
  mul64: simd(0xf2),
  double: simd(0xfe),
  i8: { eq: simd(0x23), lt: simd(0x25), gt: simd(0x27) },
  i16: { eq: simd(0x2d), lt: simd(0x2f), gt: simd(0x31) },
  i32: { eq: simd(0x37), lt: simd(0x39), gt: simd(0x3b), le: simd(0x3d) },
  f64: { eq: simd(0x47), lt: simd(0x49), gt: simd(0x4a), le: simd(0x4b), ge: simd(0x4c) },
  extract32: (lane: number): number[] => [...simd(0x1b), lane],
} as const
