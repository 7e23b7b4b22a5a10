/** Conditions over the cells of one row as pairs of masks, with the cells' validity and freshness. */
import { addDuration } from '../evaluator/calendar.ts'
import { maybe, type Truth, yes } from '../evaluator/values.ts'
import type { TruthNode, ValueNode } from '../language/ir.ts'
import { type ColumnInfo, lanes } from './columns.ts'
import type { Amount, AmountLane, Mask, Pair, Ref } from './masks.ts'
import { type CodeSet, codeSet, constantOf, leastCode } from './probe.ts'
import { type Leaf, leavesOf, type Scene, unfit } from './scene.ts'

/** A comparison, membership, boolean fact or test of state over facts, or over the fields of one item. */
export function cellCondition(scene: Scene, node: TruthNode): Pair {
  const leaves = leavesOf(scene, node)
  if (leaves.length === 1) return overOne(scene, node, leaves[0]!)
  if (leaves.length === 0) return unfit('a condition that reads nothing')
  if (node.op === 'compare')
    return compared(scene, leaves, [[{ by: node.by, left: node.left, right: node.right }]])
  if (node.op === 'within') {
    const tests = node.tests.map((test) => test.map(({ op, to }) => ({ by: op, left: node.of, right: to })))
    return compared(scene, leaves, tests)
  }
  return unfit(`${node.op} over several columns`)
}

/** When a cell counts at all, and when its knowledge is fresh enough. */
export type Presence = { readonly within: Mask; readonly fresh: Mask }

/** The validity and freshness of a fact, or of a list's items, on the plan's day. */
export function presence(scene: Scene, slot: number): Presence {
  const { masks, shape, program, day } = scene
  const { predicate, max_age, month_end } = program.readers[slot]!
  const ref = (part: string): Ref | undefined => {
    const info = shape.columns.get(`${predicate}@${part}`)
    return info && { key: `${predicate}@${part}`, info }
  }
  const from = ref('from')
  const to = ref('to')
  const observed = ref('observed')
  const last = Number.POSITIVE_INFINITY
  // "Always" and "never" hold on every day, also on one that the lane cannot hold.
  const codeIn = ({ info }: Ref, at: number): number =>
    Math.min(Math.max(at - info.offset, lanes[info.lane].absent), lanes[info.lane].unknown)
  const begun = from ? masks.range(from, Number.NEGATIVE_INFINITY, codeIn(from, day)) : masks.truth
  const lasting = to ? masks.range(to, codeIn(to, day + 1), last) : masks.truth
  let fresh = masks.truth
  if (observed && max_age) {
    const { low, high, offset } = observed.info
    const is_fresh = (code: number): boolean => addDuration(code + offset, max_age, month_end) > day
    const least = low > high || !is_fresh(high) ? last : is_fresh(low) ? low : leastCode(low, high, is_fresh)
    fresh = masks.range(observed, Math.min(least, lanes[observed.info.lane].unknown), last)
  }
  return { within: masks.and(begun, lasting), fresh }
}

/** Fields share their item's validity, which the list has already asked; of a row that is an item nobody has. */
function presenceOf(scene: Scene, leaf: Leaf): Presence {
  const found = presence(scene, leaf.slot)
  return leaf.variable === undefined || isOfRow(scene, leaf)
    ? found
    : { within: scene.masks.truth, fresh: found.fresh }
}

const isOfRow = ({ rows_of }: Scene, { owner, variable }: Leaf): boolean =>
  variable === 0 && rows_of === owner

function overOne(scene: Scene, node: TruthNode, leaf: Leaf): Pair {
  const { masks, shape } = scene
  const info = shape.columns.get(leaf.key)
  const set = codeSet(scene, leaf, node, info)
  const { within, fresh } = presenceOf(scene, leaf)
  const gone = noneMask(scene, leaf)
  const from = (least: Truth): Mask => {
    const otherwise = masks.or(
      masks.and(gone, masks.constant(set.absent >= least)),
      masks.and(masks.not(gone), masks.constant(set.unknown >= least)),
    )
    const untold = masks.constant((isClosed(scene, leaf) ? set.absent : set.unknown) >= least)
    const inside = info ? codesFrom(scene, { key: leaf.key, info }, set, least) : untold
    return masks.or(
      masks.and(within, fresh, inside),
      masks.and(within, masks.not(fresh), masks.constant(set.unknown >= least)),
      masks.and(masks.not(within), otherwise),
    )
  }
  return { sure: from(yes), possible: from(maybe) }
}

/** What is not told of a fact is absent in a closed world; an item's field is unknown. */
const isClosed = ({ program }: Scene, leaf: Leaf): boolean =>
  leaf.variable === undefined && program.readers[leaf.slot]!.world === 'closed'

/** Where a cell outside its period is absent: in a closed world; of a row that is an item, where the list is complete. */
const noneMask = (scene: Scene, leaf: Leaf): Mask =>
  isOfRow(scene, leaf) ? completeMask(scene, leaf.slot) : scene.masks.constant(isClosed(scene, leaf))

/** Whose list holds everything there is. */
export function completeMask({ masks, shape, program }: Scene, slot: number): Mask {
  const key = `${program.readers[slot]!.predicate}@complete`
  const info = shape.columns.get(key)
  return info ? masks.range({ key, info }, 1 - info.offset, 1 - info.offset) : masks.truth
}

function codesFrom({ masks }: Scene, column: Ref, set: CodeSet, least: Truth): Mask {
  const { absent, unknown } = lanes[column.info.lane]
  const parts = set.segments
    .filter((segment) => segment.truth >= least)
    .map(({ low, high }) => masks.range(column, low, high))
  if (set.absent >= least && column.info.has_absent) parts.push(masks.range(column, absent, absent))
  if (set.unknown >= least && column.info.has_unknown) parts.push(masks.range(column, unknown, unknown))
  return masks.or(...parts)
}

type Comparison = {
  readonly by: '=' | '!=' | '<' | '<=' | '>' | '>='
  readonly left: ValueNode
  readonly right: ValueNode
}

/** Any of the tests, each a conjunction: false where an operand is absent, else unknown where one is unknown. */
function compared(scene: Scene, leaves: readonly Leaf[], tests: readonly (readonly Comparison[])[]): Pair {
  const { masks } = scene
  const states = leaves.map((leaf) => stateOf(scene, leaf))
  const present = masks.and(...states.map(({ absent }) => masks.not(absent)))
  const ends = tests.flat().flatMap(({ left, right }) => [left, right])
  if (ends.some((end) => hasOpenConstant(scene, end))) return { sure: masks.falsehood, possible: present }
  const known = masks.and(...states.map((state) => state.known))
  const holds = masks.or(...tests.map((test) => masks.and(...test.map((one) => comparisonMask(scene, one)))))
  return {
    sure: masks.and(known, holds),
    possible: masks.and(present, masks.or(holds, masks.not(known))),
  }
}

/** Reads a parameter that has no version yet. */
function hasOpenConstant(scene: Scene, node: ValueNode): boolean {
  switch (node.op) {
    case 'param':
      return typeof constantOf(scene, node) === 'symbol'
    case 'add':
    case 'subtract':
    case 'multiply':
      return hasOpenConstant(scene, node.left) || hasOpenConstant(scene, node.right)
    case 'shift':
      return hasOpenConstant(scene, node.date) || hasOpenConstant(scene, node.by)
    case 'age':
      return hasOpenConstant(scene, node.of)
    default:
      return false
  }
}

/** Where a cell is known, and where it is absent; elsewhere it is unknown. */
export function stateOf(scene: Scene, leaf: Leaf): { readonly known: Mask; readonly absent: Mask } {
  const { masks, shape } = scene
  const info = shape.columns.get(leaf.key)
  const { within, fresh } = presenceOf(scene, leaf)
  if (!info) {
    const absent = isOfRow(scene, leaf)
      ? masks.and(masks.not(within), noneMask(scene, leaf))
      : masks.constant(isClosed(scene, leaf))
    return { known: masks.falsehood, absent }
  }
  const column = { key: leaf.key, info }
  const { absent } = lanes[info.lane]
  const none = info.has_absent ? masks.range(column, absent, absent) : masks.falsehood
  return {
    known: masks.and(within, fresh, knownMask(scene, column)),
    absent: masks.or(masks.and(within, fresh, none), masks.and(masks.not(within), noneMask(scene, leaf))),
  }
}

const knownMask = ({ masks }: Scene, column: Ref): Mask =>
  column.info.low <= column.info.high
    ? masks.range(column, column.info.low, column.info.high)
    : masks.falsehood

function comparisonMask(scene: Scene, { by, left, right }: Comparison): Mask {
  const { masks } = scene
  const a = amountOf(scene, left)
  const b = amountOf(scene, right)
  const lane = laneOf(scene, [a, b])
  switch (by) {
    case '<':
    case '<=':
    case '=':
      return masks.compare(by, a.amount, b.amount, lane)
    case '>':
      return masks.compare('<', b.amount, a.amount, lane)
    case '>=':
      return masks.compare('<=', b.amount, a.amount, lane)
    case '!=':
      return masks.not(masks.compare('=', a.amount, b.amount, lane))
    default:
      return unfit(`the comparison ${by}`)
  }
}

/** An amount, with the extent of it and of everything it is made of. */
type Bounded = {
  readonly amount: Amount
  readonly low: number
  readonly high: number
  readonly widest: number
}

const bounded = (amount: Amount, low: number, high: number, widest = 0): Bounded => ({
  amount,
  low,
  high,
  widest: Math.max(widest, Math.abs(low), Math.abs(high)),
})

function amountOf(scene: Scene, node: ValueNode): Bounded {
  if (leavesOf(scene, node).length === 0) {
    const found = constantOf(scene, node)
    if (typeof found !== 'bigint' && typeof found !== 'number') return unfit('a constant that is no number')
    const value = Number(found)
    if (!Number.isSafeInteger(value)) return unfit('a constant beyond exact integers')
    return bounded({ op: 'constant', value }, value, value)
  }
  switch (node.op) {
    case 'fact':
    case 'field': {
      const leaf = leavesOf(scene, node)[0]!
      const info = scene.shape.columns.get(leaf.key) ?? nothing
      if (info.kind !== 'day' && info.kind !== 'number') return unfit('a comparison of texts of two columns')
      const [low, high] = info.low <= info.high ? [info.low + info.offset, info.high + info.offset] : [0, 0]
      return bounded({ op: 'column', column: { key: leaf.key, info } }, low, high)
    }
    case 'add':
    case 'subtract':
    case 'multiply':
      return combined(node.op, amountOf(scene, node.left), amountOf(scene, node.right))
    case 'shift':
      if (node.by.type.kind !== 'days') return unfit('months added to a date that is compared with another')
      return combined(
        node.direction === 1 ? 'add' : 'subtract',
        amountOf(scene, node.date),
        amountOf(scene, node.by),
      )
    default:
      return unfit(`${node.op} compared with another column`)
  }
}

const nothing: ColumnInfo = {
  lane: 'i8',
  kind: 'number',
  offset: 0,
  low: 1,
  high: 0,
  has_absent: true,
  has_unknown: true,
  words: [],
}

function combined(op: 'add' | 'subtract' | 'multiply', a: Bounded, b: Bounded): Bounded {
  const amount: Amount = { op, left: a.amount, right: b.amount }
  const widest = Math.max(a.widest, b.widest)
  if (op === 'add') return bounded(amount, a.low + b.low, a.high + b.high, widest)
  if (op === 'subtract') return bounded(amount, a.low - b.high, a.high - b.low, widest)
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
  return bounded(amount, Math.min(...corners), Math.max(...corners), widest)
}

function laneOf(scene: Scene, sides: readonly Bounded[]): AmountLane {
  const widest = Math.max(...sides.map((side) => side.widest))
  if (scene.is_wide) return 'wide'
  if (widest < 2 ** 31 && sides.every(({ amount }) => isNarrow(amount))) return 'i32'
  return widest <= Number.MAX_SAFE_INTEGER ? 'f64' : unfit('an amount that may leave exact arithmetic')
}

const isNarrow = (amount: Amount): boolean =>
  amount.op === 'constant' ||
  (amount.op === 'column'
    ? amount.column.info.lane !== 'f64'
    : isNarrow(amount.left) && isNarrow(amount.right))
