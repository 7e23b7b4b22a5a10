/** Which value a condition speaks of, and which set of its values makes the condition true. */
import { names, type Part, type Span, spans, union, without } from './boxes.ts'
import type { CompareOp, TruthNode, ValueNode } from './ir.ts'

/** A value that conditions cut into sets: equal nodes have equal keys. */
export type Column = { readonly key: string; readonly domain: Part }

/** What is known besides the form itself. */
export type Knowledge = {
  /** Least and greatest of a fact or field, as declared. */
  readonly bounds: (node: ValueNode) => Span
  /** The value of a parameter on the day looked at; undefined when it is not to be looked at. */
  readonly param: (slot: number) => bigint | string | undefined
}

/** A node without what differs between equal ones: variables are numbered as they come. */
export function keyOf(node: ValueNode | TruthNode): string {
  const variables = new Map<number, number>()
  return JSON.stringify(node, (name, value: unknown) => {
    if (name === 'variable' && typeof value === 'number') {
      if (!variables.has(value)) variables.set(value, variables.size)
      return variables.get(value)
    }
    if (name === 'id' || name === 'text' || name === 'key') return undefined
    return typeof value === 'bigint' ? `${value}n` : value
  })
}

/** A value written out, or a parameter of the day, as a whole number or a name. */
export function constantOf(node: ValueNode, about: Knowledge): bigint | string | undefined {
  switch (node.op) {
    case 'literal':
      if (node.type.kind === 'boolean') return node.value === 2 ? 'true' : 'false'
      return typeof node.value === 'number' ? BigInt(node.value) : node.value
    case 'param':
      return about.param(node.slot)
    case 'add':
    case 'subtract':
    case 'multiply': {
      const [a, b] = [constantOf(node.left, about), constantOf(node.right, about)]
      if (typeof a !== 'bigint' || typeof b !== 'bigint') return undefined
      return node.op === 'add' ? a + b : node.op === 'subtract' ? a - b : a * b
    }
    default:
      return undefined
  }
}

/** May it turn out that there is none? */
export function mayBeAbsent(node: ValueNode): boolean {
  switch (node.op) {
    case 'literal':
    case 'param':
    case 'today':
    case 'count':
    case 'sum':
      return false
    case 'add':
    case 'subtract':
    case 'multiply':
      return mayBeAbsent(node.left) || mayBeAbsent(node.right)
    case 'age':
      return mayBeAbsent(node.of)
    case 'shift':
      return mayBeAbsent(node.date) || mayBeAbsent(node.by)
    case 'choose':
      return mayBeAbsent(node.yes) || mayBeAbsent(node.no)
    case 'round':
      return mayBeAbsent(node.of) || (node.by !== undefined && mayBeAbsent(node.by))
    case 'least':
    case 'greatest':
      return node.among.some(mayBeAbsent)
    default:
      return true
  }
}

/** Every value it can have. */
export function columnOf(node: ValueNode, about: Knowledge): Column {
  const absent = mayBeAbsent(node)
  const { type } = node
  const key = keyOf(node)
  if (type.kind === 'boolean') return { key, domain: names(['true', 'false'], false, absent) }
  if (type.kind === 'code') return { key, domain: names(type.values, false, absent) }
  if (type.kind === 'string' || type.kind === 'subject') return { key, domain: names([], true, absent) }
  const declared = about.bounds(node)
  const proved = node.sign === 'positive' ? 1n : node.sign === 'nonnegative' ? 0n : null
  const low = declared.low ?? proved
  return { key, domain: spans([{ low, high: declared.high }], absent) }
}

/** A value without the factor that brought it to another scale. */
function peeled(node: ValueNode): { base: ValueNode; factor: bigint } {
  let [base, factor] = [node, 1n]
  while (base.op === 'multiply' && base.right.op === 'literal' && base.left.op !== 'literal') {
    const { value } = base.right
    if (typeof value !== 'bigint' || value <= 0n) break
    factor *= value
    base = base.left
  }
  return { base, factor }
}

export type Cut = { readonly column: Column; readonly part: Part }

const flipped: { readonly [by in CompareOp]: CompareOp } = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

/** The values for which a comparison is true. Absent is in none of them. */
export function cutOf(by: CompareOp, left: ValueNode, right: ValueNode, about: Knowledge): Cut {
  const [a, b] = [constantOf(left, about), constantOf(right, about)]
  if (b !== undefined && a === undefined) return cutAt(by, left, b, about)
  if (a !== undefined && b === undefined) return cutAt(flipped[by], right, a, about)
  // Two values that both vary: what counts is which is greater, -1, 0 or 1.
  const [x, y] = [keyOf(left), keyOf(right)]
  const [op, key] = x <= y ? [by, `${x} ? ${y}`] : [flipped[by], `${y} ? ${x}`]
  const absent = mayBeAbsent(left) || mayBeAbsent(right)
  return {
    column: { key, domain: spans([{ low: -1n, high: 1n }], absent) },
    part: spans(spansOf(op, 0n, 1n)),
  }
}

function cutAt(by: CompareOp, node: ValueNode, at: bigint | string, about: Knowledge): Cut {
  const { base, factor } = peeled(node)
  const column = columnOf(base, about)
  if (typeof at === 'string') return { column, part: names([at], by === '!=') }
  return { column, part: spans(spansOf(by, at, factor)) }
}

/** Whole x with x * factor `by` at. */
function spansOf(by: CompareOp, at: bigint, factor: bigint): Span[] {
  const rest = ((at % factor) + factor) % factor
  const floor = (at - rest) / factor
  const ceiling = rest === 0n ? floor : floor + 1n
  switch (by) {
    case '<':
      return [{ low: null, high: ceiling - 1n }]
    case '<=':
      return [{ low: null, high: floor }]
    case '>':
      return [{ low: floor + 1n, high: null }]
    case '>=':
      return [{ low: ceiling, high: null }]
    case '=':
      return rest === 0n ? [{ low: floor, high: floor }] : []
    case '!=':
      return rest === 0n
        ? [
            { low: null, high: floor - 1n },
            { low: floor + 1n, high: null },
          ]
        : [{ low: null, high: null }]
  }
}

/** The cut a condition makes in one value alone; undefined when it speaks of several, or of what is no value. */
export function singleCut(node: TruthNode, about: Knowledge): Cut | undefined {
  switch (node.op) {
    case 'atom':
      return singleCut(node.of, about)
    case 'compare':
      return cutOf(node.by, node.left, node.right, about)
    case 'within':
      return withinCut(node, about)
    case 'holds': {
      const column = columnOf(node.of, about)
      return { column, part: names(['true']) }
    }
    case 'state': {
      if (node.test === 'unknown') return undefined
      const column = columnOf(node.of, about)
      const none: Part = column.domain.kind === 'spans' ? spans([], true) : names([], false, true)
      return { column, part: node.test === 'absent' ? none : without(column.domain, none) }
    }
    case 'not': {
      const of = singleCut(node.of, about)
      return of && { column: of.column, part: without(of.column.domain, of.part) }
    }
    default:
      return undefined
  }
}

function withinCut(node: Extract<TruthNode, { op: 'within' }>, about: Knowledge): Cut | undefined {
  let found: Cut | undefined
  for (const test of node.tests) {
    let part: Part | undefined
    for (const { op, to } of test) {
      const cut = cutOf(op, node.of, to, about)
      found ??= { column: cut.column, part: cut.part.kind === 'spans' ? spans([]) : names([]) }
      if (cut.column.key !== found.column.key) return undefined
      part = part === undefined ? cut.part : without(part, without(cut.column.domain, cut.part))
    }
    if (found && part) found = { column: found.column, part: union(found.part, part) }
  }
  return found
}
