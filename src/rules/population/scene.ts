/** Where a condition is read while a plan is made: the rule, the day, and the list item, if inside a list. */
import type { Build } from '../evaluator/closures.ts'
import { type Frame, type Item, type One, openFrame } from '../evaluator/frame.ts'
import type { Program } from '../evaluator/program.ts'
import type { Value } from '../evaluator/values.ts'
import type { ValueNode } from '../language/ir.ts'
import { type Node, partsOf } from '../language/parts.ts'
import type { Shape } from './columns.ts'
import type { Mask, Masks, Ref } from './masks.ts'

/** Why a condition has no form in columns; the evaluator then takes it row by row. */
export class Unfit extends Error {}

export const unfit = (why: string): never => {
  throw new Unfit(`not in the column profile: ${why}`)
}

export type Scene = {
  readonly masks: Masks
  readonly shape: Shape
  readonly program: Program
  readonly build: Build
  readonly day: number
  /** The kernels need a proof that arithmetic stays exact in their lanes; a database's own integers do not. */
  readonly is_wide: boolean
  /** Rows are items of this list, the rule's own; facts of their subjects stand beside them. */
  readonly rows_of: string | undefined
  /** Inside a list: only the item's fields can be read. */
  readonly item: { readonly variable: number; readonly predicate: string } | undefined
  /** What has been counted so far. */
  readonly counts: readonly { readonly temp: number; readonly list: string; readonly mask: Mask }[]
  /** The number of items for which a mask holds, as a temporary column. */
  readonly counter: (predicate: string, mask: Mask) => Ref
}

/** One thing a condition reads of a row. */
export type Leaf = {
  readonly key: string
  /** Where its periods and observation days are. */
  readonly owner: string
  readonly slot: number
  /** Fields: which variable, and which field of it. */
  readonly variable: number | undefined
  readonly field: number
}

/** Everything a condition reads of a row, each once. Refuses lists: they have a form of their own. */
export function leavesOf(scene: Scene, node: Node): readonly Leaf[] {
  const found = new Map<string, Leaf>()
  visit(node, (leaf) => {
    const made = leafOf(scene, leaf)
    found.set(made.key, made)
  })
  return [...found.values()]
}

type Read = Extract<ValueNode, { op: 'fact' | 'field' }>

function leafOf({ program, item, rows_of, is_wide }: Scene, node: Read): Leaf {
  const owner = program.readers[node.slot]!.predicate
  if (node.op === 'fact') {
    // A database reads the subject's row beside its item's.
    if (item && !is_wide) unfit('an item is judged by a fact of its subject')
    return { key: owner, owner, slot: node.slot, variable: undefined, field: 0 }
  }
  const is_row = rows_of === owner && node.variable === 0
  if (!is_row && item?.variable !== node.variable) unfit('an item is judged by an item of another list')
  const { name } = program.readers[node.slot]!.fields![node.field]!
  return { key: `${owner}.${name}`, owner, slot: node.slot, variable: node.variable, field: node.field }
}

/** Forms over what a row itself says: no lists, and nothing the kernels have no instruction for. */
export const simple: ReadonlySet<Node['op']> = new Set([
  'literal',
  'param',
  'today',
  'constant',
  'fact',
  'field',
  'age',
  'add',
  'subtract',
  'multiply',
  'shift',
  'choose',
  'not',
  'and',
  'or',
  'either',
  'atom',
  'compare',
  'within',
  'holds',
  'state',
])

/** Calls back for every fact and field read; refuses what the profile has not. */
function visit(node: Node, read: (leaf: Read) => void): void {
  if (!simple.has(node.op)) unfit(`${node.op} inside another expression`)
  if (node.op === 'fact' || node.op === 'field') return read(node)
  for (const part of partsOf(node)) visit(part, read)
}

const always = {
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
  stale: Number.POSITIVE_INFINITY,
  facts: [],
}

/** The evaluator's frame on the plan's day with nothing known, and a way to say what one leaf is. */
export function stage(
  { program, day }: Scene,
  leaf: Leaf | undefined,
): { readonly frame: Frame; set(value: Value): void } {
  const frame = openFrame(program.readers, {}, program.ir.variables)
  frame.today = day
  if (!leaf) return { frame, set: () => undefined }
  if (leaf.variable === undefined) {
    const one: { -readonly [K in keyof One]: One[K] } = {
      ...frame.ones[leaf.slot]!,
      ...always,
    }
    ;(frame.ones as One[])[leaf.slot] = one
    return {
      frame,
      set: (value) => {
        one.value = value
      },
    }
  }
  const values: Value[] = []
  const item: Item = { ...always, key: '', values, json: [] }
  frame.bound[leaf.variable] = item
  return {
    frame,
    set: (value) => {
      values[leaf.field] = value
    },
  }
}
