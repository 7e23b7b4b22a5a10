/**
 * Masks: for every subject (or item) one bit, as a graph over columns. Equal masks are one node however many rules
 * ask for them; what the columns' extents settle is folded away while the graph is built.
 */
import { type ColumnInfo, lanes } from './columns.ts'

/** A column of the population, or a temporary one that the kernel fills block by block (`#0`, `#1`, …). */
export type Ref = { readonly key: string; readonly info: ColumnInfo }

export type Amount =
  | { readonly op: 'column'; readonly column: Ref }
  | { readonly op: 'constant'; readonly value: number }
  | { readonly op: 'add' | 'subtract' | 'multiply'; readonly left: Amount; readonly right: Amount }

/** In which arithmetic a comparison is exact: proved from the extents; `wide` is for SQL alone. */
export type AmountLane = 'i32' | 'f64' | 'wide'

export type Mask = { readonly id: number } & (
  | { readonly op: 'constant'; readonly value: boolean }
  /** The cell's code lies between two codes, ends included; the codes of absent and unknown count. */
  | { readonly op: 'range'; readonly column: Ref; readonly low: number; readonly high: number }
  /** Has a meaning only where every cell it reads is known. */
  | {
      readonly op: 'compare'
      readonly by: '<' | '<=' | '='
      readonly left: Amount
      readonly right: Amount
      readonly lane: AmountLane
    }
  | { readonly op: 'and' | 'or'; readonly of: readonly Mask[] }
  | { readonly op: 'not'; readonly of: Mask }
)
type Range = Extract<Mask, { op: 'range' }>

/** A Kleene truth as two masks: surely true, and not surely false. They are one node where nothing is unknown. */
export type Pair = { readonly sure: Mask; readonly possible: Mask }

export type Masks = ReturnType<typeof openMasks>

/** The lowest and the highest code that occurs in a column. */
export function ends(info: ColumnInfo): { readonly first: number; readonly last: number } {
  const is_known = info.low <= info.high
  const { absent, unknown } = lanes[info.lane]
  return {
    first: info.has_absent ? absent : is_known ? info.low : unknown,
    last: info.has_unknown ? unknown : is_known ? info.high : absent,
  }
}

/** The lowest code that occurs, not below this one; undefined when there is none. */
function up(info: ColumnInfo, code: number): number | undefined {
  const { absent, unknown } = lanes[info.lane]
  if (info.has_absent && code <= absent) return absent
  if (info.low <= info.high && code <= info.high) return Math.max(code, info.low)
  return info.has_unknown ? unknown : undefined
}

function down(info: ColumnInfo, code: number): number | undefined {
  const { absent, unknown } = lanes[info.lane]
  if (info.has_unknown && code >= unknown) return unknown
  if (info.low <= info.high && code >= info.low) return Math.min(code, info.high)
  return info.has_absent ? absent : undefined
}

const after = (info: ColumnInfo, code: number): number | undefined =>
  code === lanes[info.lane].absent
    ? up(info, info.low <= info.high ? info.low : lanes[info.lane].unknown)
    : code === lanes[info.lane].unknown
      ? undefined
      : up(info, code + 1)
const before = (info: ColumnInfo, code: number): number | undefined =>
  code === lanes[info.lane].unknown
    ? down(info, info.low <= info.high ? info.high : lanes[info.lane].absent)
    : code === lanes[info.lane].absent
      ? undefined
      : down(info, code - 1)

type Bare = Mask extends infer M ? (M extends Mask ? Omit<M, 'id'> : never) : never

/** A graph of masks to build on. */
export function openMasks() {
  const nodes: Mask[] = []
  const byKey = new Map<string, Mask>()
  const node = (key: string, bare: Bare): Mask => {
    const found = byKey.get(key)
    if (found) return found
    const made = { id: nodes.length, ...bare } as Mask
    nodes.push(made)
    byKey.set(key, made)
    return made
  }
  const constant = (value: boolean): Mask => node(`${value}`, { op: 'constant', value })
  const falsehood = constant(false)
  const truth = constant(true)

  function range(column: Ref, from: number, to: number): Mask {
    const { info } = column
    const low = up(info, from)
    const high = down(info, to)
    if (low === undefined || high === undefined || low > high) return falsehood
    const { first, last } = ends(info)
    if (low === first && high === last) return truth
    return node(`${column.key}[${low},${high}]`, { op: 'range', column, low, high })
  }

  function compare(by: '<' | '<=' | '=', left: Amount, right: Amount, lane: AmountLane): Mask {
    const key = `${amountKey(left)}${by}${amountKey(right)}:${lane}`
    return node(key, { op: 'compare', by, left, right, lane })
  }

  function not(of: Mask): Mask {
    if (of.op === 'constant') return constant(!of.value)
    if (of.op === 'not') return of.of
    if (of.op === 'range') {
      const { info } = of.column
      const { first, last } = ends(info)
      const below = before(info, of.low)
      const above = after(info, of.high)
      if (below === undefined && above !== undefined) return range(of.column, above, last)
      if (above === undefined && below !== undefined) return range(of.column, first, below)
    }
    return node(`!${of.id}`, { op: 'not', of })
  }

  function join(op: 'and' | 'or', given: readonly Mask[]): Mask {
    const [neutral, decisive] = op === 'and' ? [truth, falsehood] : [falsehood, truth]
    const parts = new Set<Mask>()
    const open = [...given].reverse()
    const ranges = new Map<string, Range[]>()
    while (open.length > 0) {
      const part = open.pop()!
      if (part === decisive) return decisive
      if (part.op === op) open.push(...part.of)
      else if (part.op === 'range')
        ranges.set(part.column.key, [...(ranges.get(part.column.key) ?? []), part])
      else if (part !== neutral) parts.add(part)
    }
    for (const of of ranges.values()) {
      for (const merged of op === 'and' ? [common(of)] : united(of)) {
        if (merged === decisive) return decisive
        if (merged !== neutral) parts.add(merged)
      }
    }
    for (const part of parts) {
      if (parts.has(not(part))) return decisive
      // a and (a or b) is a.
      if ((part.op === 'and' || part.op === 'or') && part.of.some((inner) => parts.has(inner)))
        parts.delete(part)
    }
    const of = [...parts].sort((a, b) => a.id - b.id)
    if (of.length === 0) return neutral
    if (of.length === 1) return of[0]!
    // One form for both ways to write it, so that a mask and its opposite are recognised.
    if (of.every((part) => part.op === 'not'))
      return not(
        join(
          op === 'and' ? 'or' : 'and',
          of.map((part) => (part as { of: Mask }).of),
        ),
      )
    return node(`${op}(${of.map(({ id }) => id)})`, { op, of })
  }

  const common = (of: readonly Range[]): Mask =>
    range(of[0]!.column, Math.max(...of.map(({ low }) => low)), Math.min(...of.map(({ high }) => high)))

  function united(of: readonly Range[]): Mask[] {
    const { column } = of[0]!
    const found: { low: number; high: number }[] = []
    for (const { low, high } of [...of].sort((a, b) => a.low - b.low)) {
      const last = found.at(-1)
      const next = last && after(column.info, last.high)
      if (last && (low <= last.high || (next !== undefined && low <= next)))
        last.high = Math.max(last.high, high)
      else found.push({ low, high })
    }
    return found.map(({ low, high }) => range(column, low, high))
  }

  return {
    nodes: nodes as readonly Mask[],
    falsehood,
    truth,
    constant,
    range,
    compare,
    not,
    and: (...of: readonly Mask[]) => join('and', of),
    or: (...of: readonly Mask[]) => join('or', of),
  }
}

export function amountKey(amount: Amount): string {
  if (amount.op === 'column') return amount.column.key
  if (amount.op === 'constant') return String(amount.value)
  return `(${amountKey(amount.left)} ${amount.op} ${amountKey(amount.right)})`
}
