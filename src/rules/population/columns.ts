/**
 * Columns: what is known of many subjects, one array per predicate, the same day numbers and scaled integers as the
 * evaluator's. A cell is a code in the narrowest lane that holds the column: value minus the column's offset. The
 * lane's lowest code says absent, its highest unknown, so that the state of a cell costs no memory of its own.
 *
 * Keys of columns: `p` a fact, `p@from`, `p@to`, `p@observed` its days; `l.f` a field of a list's items, child-major,
 * `l@from`, `l@to`, `l@observed` the items' days; `l@complete` one flag per subject. A column of days is left out
 * where no row has one; the flags where every list is complete. In `@from` the lowest code is "always", in `@to` and
 * `@observed` the highest is "never".
 */

export type Lane = 'i8' | 'i16' | 'i32' | 'f64'

/** What codes stand for: truths (0, 1), day numbers or days, scaled integers, positions in the column's words. */
export type Kind = 'boolean' | 'day' | 'number' | 'word'

/** All a compiler needs to know of a column. */
export type ColumnInfo = {
  readonly lane: Lane
  readonly kind: Kind
  /** Value = code + offset. */
  readonly offset: number
  /** Least and greatest code of a known value; the first is greater than the second when there is none. */
  readonly low: number
  readonly high: number
  readonly has_absent: boolean
  readonly has_unknown: boolean
  readonly words: readonly string[]
}

type Codes = Int8Array | Int16Array | Int32Array | Float64Array
export type Column = ColumnInfo & { readonly codes: Codes }

/** Items of a list predicate, child-major: those of subject s are `starts[s]` to `starts[s + 1]`. */
export type Items = {
  readonly starts: Uint32Array
  /** The subject of each item, counted from the start of its block. */
  readonly parents: Uint16Array
  readonly longest: number
}

/** What a plan is made for; `Population` is one, and so is the description of a table. */
export type Shape = {
  readonly columns: ReadonlyMap<string, ColumnInfo>
  readonly lists: ReadonlyMap<string, { readonly longest: number }>
  /** Where the rows are the items of a list: which. */
  readonly owners?: { readonly list: string }
}

/** Whose the rows are, where they are items: the population of the subjects, and the row of each item's. */
export type Owners = { readonly list: string; readonly of: Population; readonly subjects: Uint32Array }

export type Population = {
  readonly rows: number
  readonly arena: Arena
  readonly columns: ReadonlyMap<string, Column>
  readonly lists: ReadonlyMap<string, Items>
  readonly owners?: Owners
}

/** Subjects are worked on in blocks, so that what is intermediate stays in the processor's cache. */
export const block_rows = 65_536

export const lanes = {
  i8: { bytes: 1, absent: -128, unknown: 127 },
  i16: { bytes: 2, absent: -32_768, unknown: 32_767 },
  i32: { bytes: 4, absent: -2_147_483_648, unknown: 2_147_483_647 },
  f64: { bytes: 8, absent: Number.NEGATIVE_INFINITY, unknown: Number.POSITIVE_INFINITY },
} as const

const views = { i8: Int8Array, i16: Int16Array, i32: Int32Array, f64: Float64Array } as const

/** Memory that columns, kernels and worker threads share: at most 4 GB, some 80 million subjects of 45 bytes. */
export type Arena = { readonly memory: WebAssembly.Memory; top: number }

const page = 65_536
const pages_max = 65_536

export function openArena(): Arena {
  return { memory: new WebAssembly.Memory({ initial: 1, maximum: pages_max, shared: true }), top: 0 }
}

/**
 * Takes bytes, aligned and padded to 64 so that a vector may read past the end; fresh bytes are zero.
 * @returns the offset of the first one.
 * @throws RangeError when 4 GB are spent: split the population into shards.
 */
export function take(arena: Arena, bytes: number): number {
  const at = arena.top
  const top = at + Math.ceil((bytes + 64) / 64) * 64
  const missing = Math.ceil(top / page) - arena.memory.buffer.byteLength / page
  if (top > page * pages_max) throw new RangeError('a shard of columns ends at 4 GB: split the population')
  if (missing > 0) arena.memory.grow(missing)
  arena.top = top
  return at
}

/** The narrowest lane for values from `low` to `high`, and the offset that centres them in it. */
export function laneFor(low: number, high: number): { readonly lane: Lane; readonly offset: number } {
  for (const lane of ['i8', 'i16', 'i32'] as const) {
    const { absent, unknown } = lanes[lane]
    if (low > absent && high < unknown) return { lane, offset: 0 }
    if (lane !== 'i32' && high - low <= unknown - absent - 2) return { lane, offset: low - absent - 1 }
  }
  return { lane: 'f64', offset: 0 }
}

export type ColumnSpec = Pick<ColumnInfo, 'lane' | 'kind' | 'offset'> & { readonly words?: readonly string[] }

/** Room for a column; its codes are to be written before `surveyed`. */
export function roomFor(arena: Arena, rows: number, lane: Lane): Codes {
  const at = take(arena, rows * lanes[lane].bytes)
  return new views[lane](arena.memory.buffer, at, rows)
}

/** The column of these codes, its extent read from them. */
export function surveyed(spec: ColumnSpec, codes: Codes): Column {
  const { absent, unknown } = lanes[spec.lane]
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let absents = 0
  let unknowns = 0
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at]!
    if (code === absent) absents++
    else if (code === unknown) unknowns++
    else {
      if (code < low) low = code
      if (code > high) high = code
    }
  }
  if (low > high) [low, high] = [1, 0]
  return { words: [], ...spec, codes, low, high, has_absent: absents > 0, has_unknown: unknowns > 0 }
}

/** Room for a list's items; starts and parents are to be written. */
export function itemsIn(arena: Arena, rows: number, items: number, longest: number): Items {
  // Taking may grow the memory, and only then has its buffer the room.
  const at = take(arena, items * 2)
  const parents = new Uint16Array(arena.memory.buffer, at, items)
  return { starts: new Uint32Array(new SharedArrayBuffer((rows + 1) * 4)), parents, longest }
}

/** Lists from the number of items of each subject. */
export function itemsOf(arena: Arena, rows: number, sizes: (row: number) => number): Items {
  let total = 0
  let longest = 0
  for (let row = 0; row < rows; row++) {
    total += sizes(row)
    longest = Math.max(longest, sizes(row))
  }
  const items = itemsIn(arena, rows, total, longest)
  const { starts, parents } = items
  for (let row = 0; row < rows; row++) {
    const from = starts[row]!
    const to = from + sizes(row)
    starts[row + 1] = to
    for (let at = from; at < to; at++) parents[at] = row % block_rows
  }
  return items
}
