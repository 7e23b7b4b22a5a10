/**
 * Conditions over one column: which of its codes make them true. Found by asking the evaluator itself, so that leap
 * days, month ends and exact fractions are right by construction: a comparison is asked once on each side of the code
 * where it turns, and that code is found by bisection. So `age(x) >= 18` becomes "x at most 2008-11-23".
 */
import { truth, value } from '../evaluator/closures.ts'
import { absent, no, type Truth, unknown, type Value, yes } from '../evaluator/values.ts'
import type { TruthNode, ValueNode } from '../language/ir.ts'
import type { ColumnInfo } from './columns.ts'
import { type Leaf, type Scene, stage, unfit } from './scene.ts'

type Segment = { readonly low: number; readonly high: number; readonly truth: Truth }

/** What a condition says for every code of a column. */
export type CodeSet = {
  readonly segments: readonly Segment[]
  readonly absent: Truth
  readonly unknown: Truth
}

/** A column with no more codes than this is asked code by code. */
const codes_each = 300
const words_each = 65_536

/** `info` is undefined where the population has no such column: then nothing is known of anybody. */
export function codeSet(scene: Scene, leaf: Leaf, node: TruthNode, info: ColumnInfo | undefined): CodeSet {
  const { frame, set } = stage(scene, leaf)
  const run = truth(scene.build, node)
  const ask = (value: Value): Truth => {
    set(value)
    return run(frame)
  }
  const segments: { low: number; high: number; truth: Truth }[] = []
  if (info && info.low <= info.high) {
    const starts = [info.low, ...turns(scene, leaf, node, info)]
    for (const [at, low] of starts.entries()) {
      const high = (starts[at + 1] ?? info.high + 1) - 1
      const found = ask(decoded(info, low))
      const last = segments.at(-1)
      if (last?.truth === found) last.high = high
      else segments.push({ low, high, truth: found })
    }
  }
  return { segments, absent: ask(absent), unknown: ask(unknown) }
}

/** The evaluator's value that a code stands for. */
export function decoded(info: ColumnInfo, code: number): Value {
  const number = code + info.offset
  switch (info.kind) {
    case 'boolean':
      return number === 1 ? yes : no
    case 'day':
      return number
    case 'number':
      return BigInt(number)
    case 'word':
      return info.words[number]!
  }
}

/** Codes above the lowest at which the condition may turn, in order. */
function turns(scene: Scene, leaf: Leaf, node: TruthNode, info: ColumnInfo): number[] {
  const size = info.high - info.low
  if (size <= codes_each || (info.kind === 'word' && size <= words_each)) {
    return Array.from({ length: size }, (_, at) => info.low + at + 1)
  }
  if (info.kind === 'word') unfit('more texts than can be asked one by one')
  const found = new Set<number>()
  for (const [left, right] of comparisonsOf(node)) {
    for (const code of signTurns(scene, leaf, [left, right], info)) found.add(code)
  }
  return [...found].sort((a, b) => a - b)
}

/** The pairs of values a condition compares. */
export function comparisonsOf(node: TruthNode): (readonly [ValueNode, ValueNode])[] {
  switch (node.op) {
    case 'compare':
      return [[node.left, node.right]]
    case 'within':
      return node.tests.flat().map(({ to }) => [node.of, to] as const)
    case 'holds':
    case 'state':
      return []
    default:
      return unfit(`${node.op} over one column`)
  }
}

/** Codes at which the difference of two values changes its sign: two at most, for it never turns back. */
function signTurns(
  scene: Scene,
  leaf: Leaf,
  [left, right]: readonly [ValueNode, ValueNode],
  info: ColumnInfo,
): number[] {
  const sign = signAsker(scene, leaf, left, right)
  const direction = apart(directionIn(scene, left), directionIn(scene, right))
  const at = (code: number): number | undefined => sign(decoded(info, code))
  const [lowest, highest] = [at(info.low), at(info.high)]
  if (lowest === undefined || highest === undefined || lowest === highest) {
    if (direction === undefined && lowest !== undefined) unfit('a comparison that may turn more than once')
    return []
  }
  if (direction === undefined) unfit('a comparison that may turn more than once')
  const found: number[] = []
  for (const level of lowest < highest ? [0, 1] : [0, -1]) {
    const is_past = (code: number): boolean => (lowest < highest ? at(code)! >= level : at(code)! <= level)
    if (is_past(info.low) || !is_past(info.high)) continue
    found.push(leastCode(info.low, info.high, is_past))
  }
  return found
}

/** The least code above `low` for which a step function holds; it must hold at `high`, and not at `low`. */
export function leastCode(low: number, high: number, holds: (code: number) => boolean): number {
  let before = low
  let after = high
  while (after - before > 1) {
    const middle = before + Math.floor((after - before) / 2)
    if (holds(middle)) after = middle
    else before = middle
  }
  return after
}

/** The sign of left minus right for a value of the leaf; undefined when either is not known exactly. */
export function signAsker(
  scene: Scene,
  leaf: Leaf,
  left: ValueNode,
  right: ValueNode,
): (value: Value, day?: number) => -1 | 0 | 1 | undefined {
  const { frame, set } = stage(scene, leaf)
  const runLeft = value(scene.build, left)
  const runRight = value(scene.build, right)
  return (given, day = scene.day) => {
    frame.today = day
    set(given)
    const a = runLeft(frame)
    const b = runRight(frame)
    if (typeof a === 'object' || typeof b === 'object' || typeof a === 'symbol' || typeof b === 'symbol')
      return undefined
    return a < b ? -1 : a > b ? 1 : 0
  }
}

type Direction = -1 | 0 | 1 | undefined

const together = (a: Direction, b: Direction): Direction => (a === 0 ? b : b === 0 || a === b ? a : undefined)
const reversed = (a: Direction): Direction => (a === undefined ? a : ((0 - a) as Direction))
export const apart = (a: Direction, b: Direction): Direction => together(a, reversed(b))

/** How a value moves as the one leaf in it grows; undefined: nobody can say. */
export function directionIn(scene: Scene, node: ValueNode): Direction {
  switch (node.op) {
    case 'literal':
    case 'param':
    case 'today':
      return 0
    case 'fact':
    case 'field':
      return 1
    case 'age':
      return reversed(directionIn(scene, node.of))
    case 'add':
      return together(directionIn(scene, node.left), directionIn(scene, node.right))
    case 'subtract':
      return apart(directionIn(scene, node.left), directionIn(scene, node.right))
    case 'multiply': {
      const left = directionIn(scene, node.left)
      const right = directionIn(scene, node.right)
      if (left === 0) return scaledBy(scene, node.left, right)
      return right === 0 ? scaledBy(scene, node.right, left) : undefined
    }
    case 'shift': {
      const by = directionIn(scene, node.by)
      return together(directionIn(scene, node.date), node.direction === 1 ? by : reversed(by))
    }
    default:
      return undefined
  }
}

function scaledBy(scene: Scene, factor: ValueNode, direction: Direction): Direction {
  const found = constantOf(scene, factor)
  if (typeof found !== 'bigint') return direction === 0 ? 0 : undefined
  return found > 0n ? direction : found === 0n ? 0 : reversed(direction)
}

/** The value of an expression that reads nothing of a row. */
export function constantOf(scene: Scene, node: ValueNode): Value {
  return value(scene.build, node)(stage(scene, undefined).frame)
}
