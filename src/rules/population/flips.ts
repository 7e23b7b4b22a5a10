/**
 * Flip tables: for each value of a column, the day on which a comparison with it turns. As days pass, the value at
 * which a comparison turns moves one way only, so one sweep over days and values fills a table.
 */
import type { Program } from '../evaluator/program.ts'
import type { CompareOp, ValueNode } from '../language/ir.ts'
import { type Node, partsOf } from '../language/parts.ts'
import type { Rule } from '../rules.ts'
import type { ColumnInfo, Population } from './columns.ts'
import { openMasks } from './masks.ts'
import { apart, decoded, directionIn, leastCode, signAsker } from './probe.ts'
import { type Leaf, leavesOf, type Scene, simple, unfit } from './scene.ts'

/** The day for each code from `low` on; outside it never turns. */
export type FlipTable = { readonly low: number; readonly days: Int32Array }

/** In a table: it does not turn. */
export const never_day = 2_147_483_647

type Comparison = { readonly by: CompareOp; readonly left: ValueNode; readonly right: ValueNode }

export type Question = {
  readonly rule: Rule
  readonly program: Program
  readonly population: Population
  /** Turns after `day`, up to and with `last`, are looked for. */
  readonly day: number
  readonly last: number
}

export type KeyedTables = {
  /** Equal for equal tables, whatever rule asks. */
  readonly name: string
  readonly key: string
  readonly list: string | undefined
  readonly tables: readonly FlipTable[]
}

/** Every comparison of a rule that can turn by the passing of days alone, wherever it stands. */
export function timedComparisons(program: Program): readonly Comparison[] {
  const { ir } = program
  if (ir.amount_timed) return unfit('an amount that changes as days pass')
  const found: Comparison[] = []
  for (const node of [ir.when, ...ir.exceptions]) collect(node, found)
  return found
}

/** Forms whose turns are the turns of the comparisons inside them. */
const transparent: ReadonlySet<Node['op']> = new Set([
  ...simple,
  'list-state',
  'some',
  'every',
  'count',
  'sum',
  'min',
  'max',
])

function collect(node: Node, found: Comparison[]): void {
  if (!transparent.has(node.op)) unfit('an expression whose turns are not known')
  if (node.op === 'compare' && node.timed) found.push(node)
  if (node.op === 'within')
    for (const { op, to, timed } of node.tests.flat())
      if (timed) found.push({ by: op, left: node.of, right: to })
  for (const part of partsOf(node)) collect(part, found)
}

/** The tables of comparisons over one column each. @throws Unfit where one reads more. */
export function flipTables(question: Question, comparisons: readonly Comparison[]): KeyedTables[] {
  return comparisons.map((given) => {
    // The least and the greatest of a field are the field of one of the items: all of them are looked at.
    const one = { by: given.by, left: itemwise(given.left), right: itemwise(given.right) }
    const scene = sceneOf(question, one)
    const leaves = [...leavesOf(scene, one.left), ...leavesOf(scene, one.right)]
    const [leaf] = leaves
    if (!leaf) return unfit('a comparison that turns for everybody at once')
    if (leaves.some(({ key }) => key !== leaf.key))
      unfit('a comparison of two columns that turns as days pass')
    const list = leaf.variable === undefined ? undefined : leaf.owner
    const info = question.population.columns.get(leaf.key)
    const tables = info && info.low <= info.high ? tablesFor(question, scene, leaf, one, info) : []
    return { name: nameOf(question, leaf, one), key: leaf.key, list, tables }
  })
}

/** `min(list.f)` and `max(list.f)` as the field of one item. */
function itemwise(node: ValueNode): ValueNode {
  switch (node.op) {
    case 'min':
    case 'max':
      return node.of
    case 'age':
      return { ...node, of: itemwise(node.of) }
    case 'add':
    case 'subtract':
    case 'multiply':
      return { ...node, left: itemwise(node.left), right: itemwise(node.right) }
    case 'shift':
      return { ...node, date: itemwise(node.date), by: itemwise(node.by) }
    default:
      return node
  }
}

/** Conditions are read where their leaf stands: among facts, or inside its list. */
function sceneOf({ rule, program, population, day }: Question, { left, right }: Comparison): Scene {
  const { readers, params } = program
  const field = fieldIn(left) ?? fieldIn(right)
  const item = field && { variable: field.variable, predicate: readers[field.slot]!.predicate }
  const build = { readers, params, calendar: rule.source.calendar, office: program.office }
  const counter = (): never => unfit('a count that turns as days pass')
  return {
    masks: openMasks(),
    shape: population,
    program,
    build,
    day,
    is_wide: false,
    rows_of: undefined,
    item,
    counts: [],
    counter,
  }
}

function fieldIn(node: ValueNode): Extract<ValueNode, { op: 'field' }> | undefined {
  switch (node.op) {
    case 'field':
      return node
    case 'age':
      return fieldIn(node.of)
    case 'add':
    case 'subtract':
    case 'multiply':
      return fieldIn(node.left) ?? fieldIn(node.right)
    case 'shift':
      return fieldIn(node.date) ?? fieldIn(node.by)
    default:
      return undefined
  }
}

function nameOf({ rule, program, last }: Question, leaf: Leaf, one: Comparison): string {
  // Positions belong to one rule: the column's key and the parameter's values stand for them.
  const plain = (key: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return `${value}n`
    if (key === 'slot' || key === 'variable' || key === 'field' || key === 'name') return undefined
    const node = value as ValueNode | null
    if (typeof node !== 'object' || node?.op !== 'param') return value
    return program.params[node.slot]!.versions.map(({ from, json }) => [from, json])
  }
  return JSON.stringify([leaf.key, one, rule.source.calendar, last], plain)
}

function tablesFor(
  question: Question,
  scene: Scene,
  leaf: Leaf,
  one: Comparison,
  info: ColumnInfo,
): FlipTable[] {
  const direction = apart(directionIn(scene, one.left), directionIn(scene, one.right))
  if (direction === undefined || direction === 0) return unfit('a comparison whose turns are not known')
  const sign = signAsker(scene, leaf, one.left, one.right)
  const levels = levelsOf(one.by, direction)
  if (sign(decoded(info, info.low), question.day) === undefined) return []
  return levels.flatMap((level) => {
    /** Is this code on the far side of the turning point, on this day? */
    const isPast = (code: number, day: number): boolean => {
      const found = sign(decoded(info, code), day)!
      return direction === 1 ? found >= level : found <= level
    }
    return sweep(isPast, info, question.day, question.last)
  })
}

/** The signs at which an operator's answer changes: below zero to not below, and not above to above. */
function levelsOf(by: CompareOp, direction: 1 | -1): readonly number[] {
  const [below, above] = direction === 1 ? [0, 1] : [-1, 0]
  switch (by) {
    case '<':
    case '>=':
      return [below]
    case '<=':
    case '>':
      return [above]
    default:
      return [below, above]
  }
}

/** Follows the turning point, the least code that is past, from day to day through the column's codes. */
function sweep(
  isPast: (code: number, day: number) => boolean,
  { low, high }: ColumnInfo,
  day: number,
  last: number,
): FlipTable[] {
  const turningPoint = (at: number): number =>
    isPast(low, at) ? low : isPast(high, at) ? leastCode(low, high, (code) => isPast(code, at)) : high + 1
  const start = turningPoint(day)
  const end = last > day ? turningPoint(last) : start
  if (start === end) return []
  const first = Math.min(start, end)
  const days = new Int32Array(Math.abs(end - start)).fill(never_day)
  let point = start
  for (let at = day + 1; at <= last && point !== end; at++) {
    if (end < start) for (; point > end && isPast(point - 1, at); point--) days[point - 1 - first] = at
    else for (; point < end && !isPast(point, at); point++) days[point - first] = at
  }
  return [{ low: first, days }]
}
