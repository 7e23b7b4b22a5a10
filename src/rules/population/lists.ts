/**
 * Conditions over lists: the items for which something surely, or possibly, holds are counted into temporary columns;
 * quantifiers and comparisons of counts are then ranges of these.
 */
import { truth } from '../evaluator/closures.ts'
import { openFrame } from '../evaluator/frame.ts'
import type { CompareOp, ListNode, TruthNode, ValueNode } from '../language/ir.ts'
import { completeMask, presence } from './atoms.ts'
import { lanes } from './columns.ts'
import type { Mask, Pair, Ref } from './masks.ts'
import { constantOf } from './probe.ts'
import { type Scene, unfit } from './scene.ts'

/** The longest list whose items are counted in one byte. */
export const items_max = 120

type Lower = (scene: Scene, node: TruthNode) => Pair
type Quantifier = Extract<TruthNode, { op: 'some' | 'every' }>

/** `some` and `every`. */
export function quantified(scene: Scene, node: Quantifier, lower: Lower): Pair {
  const { masks } = scene
  const { inside, items, complete } = opened(scene, node.list, lower)
  const satisfies = lower(inside, node.satisfies)
  if (node.op === 'some') {
    const sure = someOf(scene, node.list, masks.and(items.sure, satisfies.sure))
    const possible = someOf(scene, node.list, masks.and(items.possible, satisfies.possible))
    return { sure, possible: masks.or(possible, masks.not(complete)) }
  }
  const against = someOf(scene, node.list, masks.and(items.sure, masks.not(satisfies.possible)))
  const perhaps = someOf(scene, node.list, masks.and(items.possible, masks.not(satisfies.sure)))
  return { sure: masks.and(complete, masks.not(perhaps)), possible: masks.not(against) }
}

/** `absent`, `present` and `unknown` of a whole list. */
export function listState(scene: Scene, node: Extract<TruthNode, { op: 'list-state' }>): Pair {
  const { masks } = scene
  const list: ListNode = { slot: node.slot, variable: node.variable, filters: [] }
  const { items, complete } = opened(scene, list, () => unfit('a filter'))
  if (node.test === 'unknown') {
    const doubtful = someOf(scene, list, masks.and(items.possible, masks.not(items.sure)))
    const holds = masks.or(masks.not(complete), doubtful)
    return { sure: holds, possible: holds }
  }
  const sure = someOf(scene, list, items.sure)
  const possible = masks.or(someOf(scene, list, items.possible), masks.not(complete))
  return node.test === 'present'
    ? { sure, possible }
    : { sure: masks.not(possible), possible: masks.not(sure) }
}

/** The masks of the items that are in a list, surely and possibly, and of the subjects whose list is complete. */
export type Opened = { readonly inside: Scene; readonly items: Pair; readonly complete: Mask }

export function opened(scene: Scene, list: ListNode, lower: Lower): Opened {
  const { masks, shape, program } = scene
  if (scene.item) unfit('a list inside a list')
  if (scene.rows_of !== undefined) unfit('a list beside the rule’s own item')
  const { predicate, world } = program.readers[list.slot]!
  const inside: Scene = { ...scene, item: { variable: list.variable, predicate } }
  const there = shape.lists.get(predicate)
  if (!there) {
    const nobody = { sure: masks.falsehood, possible: masks.falsehood }
    return { inside, items: nobody, complete: masks.constant(world === 'closed') }
  }
  if (there.longest > items_max) unfit(`a list of more than ${items_max} items`)
  const { within, fresh } = presence(scene, list.slot)
  const filters = list.filters.map((filter) => lower(inside, filter))
  const items: Pair = {
    sure: masks.and(within, fresh, ...filters.map(({ sure }) => sure)),
    possible: masks.and(within, ...filters.map(({ possible }) => possible)),
  }
  return { inside, items, complete: completeMask(scene, list.slot) }
}

function someOf(scene: Scene, list: ListNode, items: Mask): Mask {
  return atLeast(scene, counted(scene, list, items), 1)
}

const counted = (scene: Scene, list: ListNode, items: Mask): Ref =>
  scene.counter(scene.program.readers[list.slot]!.predicate, items)

const atLeast = ({ masks }: Scene, column: Ref, count: number): Mask =>
  masks.range(column, count, lanes.i8.unknown)

type Comparison = { readonly by: CompareOp; readonly left: ValueNode; readonly right: ValueNode }

/** A comparison of a count with something that is the same for everybody; undefined for any other condition. */
export function countCondition(scene: Scene, node: TruthNode, lower: Lower): Pair | undefined {
  const { masks } = scene
  if (node.op === 'compare')
    return hasCount(node.left) || hasCount(node.right) ? countTest(scene, node, lower) : undefined
  if (node.op !== 'within' || !(hasCount(node.of) || node.tests.flat().some(({ to }) => hasCount(to))))
    return undefined
  const tests = node.tests.map((test) =>
    test.map(({ op, to }) => countTest(scene, { by: op, left: node.of, right: to }, lower)),
  )
  // One end unknown leaves all of it unknown.
  if (node.tests.flat().some(({ to }) => typeof constantOf(scene, to) === 'symbol'))
    return { sure: masks.falsehood, possible: masks.truth }
  return {
    sure: masks.or(...tests.map((test) => masks.and(...test.map(({ sure }) => sure)))),
    possible: masks.or(...tests.map((test) => masks.and(...test.map(({ possible }) => possible)))),
  }
}

function hasCount(node: ValueNode): boolean {
  switch (node.op) {
    case 'count':
      return true
    case 'add':
    case 'subtract':
    case 'multiply':
      return hasCount(node.left) || hasCount(node.right)
    default:
      return false
  }
}

function countTest(scene: Scene, { by, left, right }: Comparison, lower: Lower): Pair {
  const { masks } = scene
  const found: ListNode[] = []
  const pseudo = scene.program.readers.length
  const [a, b] = [replaced(left, pseudo, found), replaced(right, pseudo, found)]
  const list = found[0]
  if (found.length !== 1 || !list) return unfit('a comparison of two lists')
  const signs = signsOf(scene, pseudo, a, b)
  if (signs === undefined) return { sure: masks.falsehood, possible: masks.truth }
  const { items, complete } = opened(scene, list, lower)
  const sure = counted(scene, list, items.sure)
  const possible = counted(scene, list, items.possible)
  // The least counts from which the difference is not below zero, and above zero.
  const level = signs.findIndex((sign) => sign >= 0)
  const above = signs.findIndex((sign) => sign > 0)
  const reaches = (column: Ref, count: number): Mask =>
    count < 0 ? masks.falsehood : atLeast(scene, column, count)
  const is_from = (count: number): Pair => ({
    sure: reaches(sure, count),
    possible: masks.or(reaches(possible, count), masks.not(complete)),
  })
  const not = (pair: Pair): Pair => ({ sure: masks.not(pair.possible), possible: masks.not(pair.sure) })
  const both = (x: Pair, y: Pair): Pair => ({
    sure: masks.and(x.sure, y.sure),
    possible: masks.and(x.possible, y.possible),
  })
  switch (by) {
    case '>=':
      return is_from(level)
    case '<':
      return not(is_from(level))
    case '>':
      return is_from(above)
    case '<=':
      return not(is_from(above))
    case '=':
      return both(is_from(level), not(is_from(above)))
    case '!=':
      return not(both(is_from(level), not(is_from(above))))
    default:
      return unfit(`the comparison ${by}`)
  }
}

/** The sign of the difference for 0, 1, 2 … items; undefined when a constant in it is unknown. */
function signsOf(scene: Scene, pseudo: number, left: ValueNode, right: ValueNode): number[] | undefined {
  const { program, day } = scene
  const counter = { ...program.readers[0]!, predicate: '', world: 'open', fields: undefined } as const
  const readers = [...program.readers, counter]
  const build = { ...scene.build, readers }
  const frame = openFrame(readers, {}, program.ir.variables)
  frame.today = day
  const one = { ...frame.ones[pseudo]! }
  ;(frame.ones as (typeof one)[])[pseudo] = one
  const runs = (['<', '<='] as const).map((by) =>
    truth(build, { op: 'compare', by, left, right, timed: false }),
  )
  const signs: number[] = []
  for (let count = 0; count <= items_max; count++) {
    Object.assign(one, { value: BigInt(count) })
    const [below, notAbove] = runs.map((run) => run(frame))
    if (below === 1) return undefined
    signs.push(below === 2 ? -1 : notAbove === 2 ? 0 : 1)
    if (count > 0 && signs[count]! < signs[count - 1]!) unfit('a comparison that falls as a list grows')
  }
  return signs
}

/** The value with its count replaced by a fact, so that it can be asked for any number of items. */
function replaced(node: ValueNode, slot: number, found: ListNode[]): ValueNode {
  const { type, motion, sign, partial, divisor } = node
  switch (node.op) {
    case 'count':
      found.push(node.list)
      return { type, motion, sign, partial, divisor, op: 'fact', slot }
    case 'add':
    case 'subtract':
    case 'multiply':
      return { ...node, left: replaced(node.left, slot, found), right: replaced(node.right, slot, found) }
    case 'literal':
    case 'param':
    case 'today':
      return node
    default:
      return unfit(`${node.op} beside a count`)
  }
}
