/**
 * What a value can be, as sets: intervals of whole numbers (everything ordered is one here, scaled) or sets of names,
 * each with or without "absent". Boxes are such sets for several values at once.
 */

export type Span = { readonly low: bigint | null; readonly high: bigint | null }

export type Part =
  | { readonly kind: 'spans'; readonly absent: boolean; readonly spans: readonly Span[] }
  /** `all_but`: every name except those listed. */
  | {
      readonly kind: 'names'
      readonly absent: boolean
      readonly names: ReadonlySet<string>
      readonly all_but: boolean
    }

export const spans = (list: readonly Span[], absent = false): Part => ({ kind: 'spans', absent, spans: list })
export const names = (list: Iterable<string>, all_but = false, absent = false): Part => ({
  kind: 'names',
  absent,
  names: new Set(list),
  all_but,
})

export const isEmpty = (part: Part): boolean =>
  !part.absent && (part.kind === 'spans' ? part.spans.length === 0 : !part.all_but && part.names.size === 0)

/** Both are of one kind, for they speak of one value. */
export function intersect(a: Part, b: Part): Part {
  const absent = a.absent && b.absent
  if (a.kind === 'spans' && b.kind === 'spans') {
    const both = a.spans.flatMap((x) => b.spans.flatMap((y) => overlap(x, y)))
    return spans(both, absent)
  }
  if (a.kind !== 'names' || b.kind !== 'names') return spans([])
  if (a.all_but && b.all_but) return names([...a.names, ...b.names], true, absent)
  const [listed, other] = a.all_but ? [b, a] : [a, b]
  return names(
    [...listed.names].filter((name) => other.names.has(name) !== other.all_but),
    false,
    absent,
  )
}

function overlap(a: Span, b: Span): Span[] {
  const low = a.low === null ? b.low : b.low === null || a.low > b.low ? a.low : b.low
  const high = a.high === null ? b.high : b.high === null || a.high < b.high ? a.high : b.high
  return low !== null && high !== null && low > high ? [] : [{ low, high }]
}

/** What is in the whole but not in the part. */
export function without(whole: Part, part: Part): Part {
  const absent = whole.absent && !part.absent
  if (whole.kind === 'names' && part.kind === 'names') {
    const rest = names(part.names, !part.all_but)
    return { ...intersect(whole, rest), absent }
  }
  if (whole.kind !== 'spans' || part.kind !== 'spans') return whole
  let left: readonly Span[] = whole.spans
  for (const taken of part.spans) left = left.flatMap((span) => cut(span, taken))
  return spans(left, absent)
}

function cut(span: Span, taken: Span): Span[] {
  if (overlap(span, taken).length === 0) return [span]
  const pieces: Span[] = []
  if (taken.low !== null && (span.low === null || span.low < taken.low))
    pieces.push({ low: span.low, high: taken.low - 1n })
  if (taken.high !== null && (span.high === null || span.high > taken.high))
    pieces.push({ low: taken.high + 1n, high: span.high })
  return pieces
}

export const union = (a: Part, b: Part): Part => {
  const absent = a.absent || b.absent
  if (a.kind === 'spans' && b.kind === 'spans') {
    const rest = b.spans.flatMap((span) =>
      a.spans.reduce<Span[]>((left, x) => left.flatMap((y) => cut(y, x)), [span]),
    )
    return spans([...a.spans, ...rest], absent)
  }
  if (a.kind !== 'names' || b.kind !== 'names') return a
  if (!a.all_but && !b.all_but) return names([...a.names, ...b.names], false, absent)
  const [open, other] = a.all_but ? [a, b] : [b, a]
  const kept = [...open.names].filter((name) => other.names.has(name) === other.all_but)
  return names(kept, true, absent)
}

/** One set for each of the same columns. */
export type Box = readonly Part[]

export const isBoxEmpty = (box: Box): boolean => box.some(isEmpty)
export const intersectBoxes = (a: Box, b: Box): Box => a.map((part, at) => intersect(part, b[at]!))

/** What is left of a box: disjoint boxes, each with one column cut. */
export function boxWithout(whole: Box, taken: Box): Box[] {
  if (isBoxEmpty(intersectBoxes(whole, taken))) return [whole]
  const pieces: Box[] = []
  const inner = [...whole]
  for (const [at, part] of whole.entries()) {
    const outside = without(part, taken[at]!)
    if (!isEmpty(outside)) pieces.push(inner.map((one, column) => (column === at ? outside : one)))
    inner[at] = intersect(part, taken[at]!)
  }
  return pieces
}
