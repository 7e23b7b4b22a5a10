/** The v128 locals of one function: constants made before its loop, and everything worked out once per turn. */
import { type Lane, lanes } from './columns.ts'
import { get, set, tee, vec } from './encoder.ts'

/** Where the cells of a column stand: a fixed address, and the local that holds the row's offset. */
export type Address = { readonly local: number; readonly address: number }

type Load = 'load' | 'load8x8' | 'load16x4'

export type Locals = ReturnType<typeof openLocals>

/** Locals are numbered from `from`. Every instruction list leaves one vector on the stack. */
export function openLocals(from: number, addressOf: (key: string) => Address) {
  let next = from
  const known = new Map<string, number>()
  const constants = new Map<string, { readonly local: number; readonly bytes: Uint8Array }>()

  /** Instructions that need not be repeated: the second time their vector is taken from its local. */
  const once = (key: string, make: () => number[]): number[] => {
    const local = known.get(key)
    if (local !== undefined) return get(local)
    const code = make()
    known.set(key, next)
    return [...code, ...tee(next++)]
  }
  const splat = (lane: Lane, value: number): number[] => {
    const bytes = splatted(lane, value)
    const key = bytes.join()
    const made = constants.get(key) ?? { local: next++, bytes }
    constants.set(key, made)
    return get(made.local)
  }
  /** Part `part` of `bytes` bytes each, from the row's cell on. */
  const load = (key: string, part: number, what: Load = 'load', bytes = 16): number[] =>
    once(`${what}${part}:${key}`, () => {
      const { local, address } = addressOf(key)
      return [...get(local), ...vec[what](address + part * bytes)]
    })
  return {
    once,
    splat,
    load,
    /** How many locals were needed. */
    count: () => next - from,
    /** Instructions before the loop, once everything has been asked for. */
    prologue: () =>
      [...constants.values()].flatMap(({ local, bytes }) => [...vec.bytes(bytes), ...set(local)]),
  }
}

function splatted(lane: Lane, value: number): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < 16; at += lanes[lane].bytes) {
    if (lane === 'i8') view.setInt8(at, value)
    else if (lane === 'i16') view.setInt16(at, value, true)
    else if (lane === 'i32') view.setInt32(at, value, true)
    else view.setFloat64(at, value, true)
  }
  return bytes
}
