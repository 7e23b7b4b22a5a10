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
  /** For SQL alone: a condition as it stands there. */
  | { readonly op: 'text'; readonly sql: string }
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

type Interval = { readonly low: number; readonly high: number }
/** Codes of one column: intervals in order, none touching the next; only codes that can occur are ends. */
type CodeSet = { readonly column: Ref; readonly of: readonly Interval[] }

/** The codes that can occur, in order: that of absent, the known ones, that of unknown. */
function occurring(info: ColumnInfo): Interval[] {
  const { absent, unknown } = lanes[info.lane]
  const found: Interval[] = []
  if (info.has_absent) found.push({ low: absent, high: absent })
  if (info.low <= info.high) found.push({ low: info.low, high: info.high })
  if (info.has_unknown) found.push({ low: unknown, high: unknown })
  return found
}

/** The codes between two that can occur, as intervals with the gaps between kinds of codes closed. */
function present(info: ColumnInfo, low: number, high: number): Interval[] {
  const cut = occurring(info)
    .map((one) => ({ low: Math.max(one.low, low), high: Math.min(one.high, high) }))
    .filter((one) => one.low <= one.high)
  return closed(info, cut)
}

/** Joins intervals between which no code can occur. */
function closed(info: ColumnInfo, intervals: readonly Interval[]): Interval[] {
  const found: { low: number; high: number }[] = []
  for (const { low, high } of [...intervals].sort((a, b) => a.low - b.low)) {
    const last = found.at(-1)
    if (last && (low <= last.high || low === nextCode(info, last.high))) last.high = Math.max(last.high, high)
    else found.push({ low, high })
  }
  return found
}

/** The least code that can occur above this one; undefined when there is none. */
function nextCode(info: ColumnInfo, code: number): number | undefined {
  for (const { low, high } of occurring(info)) {
    if (low > code) return low
    if (code < high) return code + 1
  }
  return undefined
}

const united = (info: ColumnInfo, a: readonly Interval[], b: readonly Interval[]): Interval[] =>
  closed(info, [...a, ...b])

const common = (info: ColumnInfo, a: readonly Interval[], b: readonly Interval[]): Interval[] =>
  closed(
    info,
    a.flatMap((x) => b.flatMap((y) => present(info, Math.max(x.low, y.low), Math.min(x.high, y.high)))),
  )

function complement(info: ColumnInfo, of: readonly Interval[]): Interval[] {
  const found: Interval[] = []
  for (const whole of occurring(info)) {
    let low: number | undefined = whole.low
    for (const gone of of) {
      if (low === undefined || gone.high < low || gone.low > whole.high) continue
      if (gone.low > low) found.push({ low, high: gone.low - 1 })
      low = gone.high < whole.high ? gone.high + 1 : undefined
    }
    if (low !== undefined) found.push({ low, high: whole.high })
  }
  return closed(info, found)
}

/** The codes of a mask that asks one column only by ranges. */
function setOf(mask: Mask): CodeSet | undefined {
  if (mask.op === 'range') return { column: mask.column, of: [mask] }
  if (mask.op === 'not') {
    const inner = setOf(mask.of)
    return inner && { column: inner.column, of: complement(inner.column.info, inner.of) }
  }
  if (mask.op !== 'or') return undefined
  const [first] = mask.of
  if (first?.op !== 'range') return undefined
  const ranges = mask.of.filter((part) => part.op === 'range' && part.column.key === first.column.key)
  return ranges.length === mask.of.length ? { column: first.column, of: ranges as Range[] } : undefined
}

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

  function range(column: Ref, low: number, high: number): Mask {
    return ofSet({ column, of: present(column.info, low, high) })
  }

  const single = (column: Ref, { low, high }: Interval): Mask =>
    node(`${column.key}[${low},${high}]`, { op: 'range', column, low, high })

  /** A set of codes has one form: nothing, everything, a range, all but a range, or several ranges. */
  function ofSet({ column, of }: CodeSet): Mask {
    const [first, ...more] = of
    const rest = complement(column.info, of)
    if (!first) return falsehood
    if (rest.length === 0) return truth
    if (more.length === 0) return single(column, first)
    if (rest.length === 1) return negated(single(column, rest[0]!))
    const parts = of.map((one) => single(column, one))
    return node(`or(${parts.map(({ id }) => id)})`, { op: 'or', of: parts })
  }

  const negated = (of: Mask): Mask => node(`!${of.id}`, { op: 'not', of })

  function compare(by: '<' | '<=' | '=', left: Amount, right: Amount, lane: AmountLane): Mask {
    const key = `${amountKey(left)}${by}${amountKey(right)}:${lane}`
    return node(key, { op: 'compare', by, left, right, lane })
  }

  function text(sql: string): Mask {
    if (sql === 'true' || sql === 'false') return constant(sql === 'true')
    return node(`text ${sql}`, { op: 'text', sql })
  }

  function not(of: Mask): Mask {
    if (of.op === 'constant') return constant(!of.value)
    const set = setOf(of)
    if (set) return ofSet({ column: set.column, of: complement(set.column.info, set.of) })
    return of.op === 'not' ? of.of : negated(of)
  }

  function join(op: 'and' | 'or', given: readonly Mask[]): Mask {
    const [neutral, decisive] = op === 'and' ? [truth, falsehood] : [falsehood, truth]
    const parts = new Set<Mask>()
    const sets = new Map<string, CodeSet>()
    const open = [...given].reverse()
    while (open.length > 0) {
      const part = open.pop()!
      const set = setOf(part)
      if (set) {
        const before = sets.get(set.column.key)
        const both = op === 'and' ? common : united
        sets.set(set.column.key, before ? { ...set, of: both(set.column.info, before.of, set.of) } : set)
      } else if (part.op === op) open.push(...part.of)
      else if (part !== neutral) parts.add(part)
    }
    for (const set of sets.values()) {
      const one = ofSet(set)
      if (one !== neutral) parts.add(one)
    }
    if (parts.has(decisive)) return decisive
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
    if (of.every((part) => part.op === 'not')) {
      const inner = of.map((part) => (part as { of: Mask }).of)
      return not(join(op === 'and' ? 'or' : 'and', inner))
    }
    return node(`${op}(${of.map(({ id }) => id)})`, { op, of })
  }

  return {
    nodes: nodes as readonly Mask[],
    falsehood,
    truth,
    constant,
    range,
    compare,
    text,
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
