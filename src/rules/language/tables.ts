/** Decision tables: lowered row by row, then checked as boxes for gaps, overlaps and rows nothing reaches. */
import type { TableSource } from '../rules.ts'
import { type Box, boxWithout, intersectBoxes, isBoxEmpty, union, without } from './boxes.ts'
import { columnOf, type Knowledge, mayBeAbsent, singleCut } from './columns.ts'
import { alternatives, type RawTest, unaryTest, within } from './comparisons.ts'
import type { Motion, Sign, TruthNode, ValueNode } from './ir.ts'
import { lowerWith, type Parse } from './lower.ts'
import { fail, type Lowering, textOf } from './lowering.ts'
import { parseCell, parseExpression, type SyntaxNode } from './parse.ts'
import { aligned, describe, gcd, together, typeOf, unify, whyNotComparable } from './typing.ts'
import { boxWords, type Heading } from './words.ts'

export const rowsMax = 200
const inputsMax = 8
const boxesMax = 2_000

/** Reports a mistake of one part of the table; offsets are within that part's text. */
export type Tell = (
  where: string,
  mistake: { from: number; to: number; message: string; expected?: string; found?: string },
) => void

type Column = Heading & { readonly node: ValueNode }
type Row = { readonly tests: readonly (TruthNode | undefined)[]; readonly output: ValueNode }

/** A table's node, and how to look it over once parameters are known; undefined when a part of it is wrong. */
export type LoweredTable = {
  readonly node: ValueNode
  readonly check: (about: Knowledge) => void
}

export function lowerTable(cx: Lowering, source: TableSource, tell: Tell): LoweredTable | undefined {
  const whole = (message: string): undefined => {
    tell('', { from: 0, to: 0, message })
    return undefined
  }
  if (source.rows.length === 0 || source.rows.length > rowsMax)
    return whole(`a table has 1 to ${rowsMax} rows`)
  if (source.inputs.length === 0 || source.inputs.length > inputsMax)
    return whole(`a table has 1 to ${inputsMax} inputs`)
  if ((source.hit === 'collect') !== (source.collect !== undefined))
    return whole('hit: collect, and only it, says how: collect: sum, min, max or count')
  const read = <T>(where: string, text: string, parse: Parse, lower: (node: SyntaxNode) => T | undefined) => {
    const { node, mistakes } = lowerWith(cx, text, parse, lower)
    for (const mistake of mistakes) tell(where, mistake)
    return node
  }
  const columns = source.inputs.map((text, at): Column | undefined => {
    const node = read(`inputs.${at}`, text, parseExpression, cx.value)
    const wanted = source.types?.[at]
    const type = wanted && typeOf(wanted)
    if (node && type && type.kind !== node.type.kind)
      tell(`inputs.${at}`, {
        from: 0,
        to: text.length,
        message: 'the table takes another type here',
        expected: describe(type),
        found: describe(node.type),
      })
    return node && { text: text.trim(), node }
  })
  const rows = source.rows.map(({ when, output }, at): Row | undefined => {
    if (when.length !== columns.length) {
      tell(`rows.${at}.when`, {
        from: 0,
        to: 0,
        message: 'a row has one test for each input',
        expected: `${columns.length} tests`,
        found: `${when.length}`,
      })
      return undefined
    }
    const tests = when.map((text, column) => {
      const input = columns[column]
      if (!input) return null
      return (
        read(`rows.${at}.when.${column}`, text, parseCell, (node) => cellOf(cx, input.node, node)) ?? null
      )
    })
    const value = read(`rows.${at}.output`, output, parseExpression, cx.value)
    if (!value || tests.includes(null)) return undefined
    return { tests: tests.map((test) => (test?.op === 'constant' ? undefined : test!)), output: value }
  })
  if (columns.includes(undefined) || rows.includes(undefined)) return undefined
  const outputs = united(rows as Row[], source, tell)
  if (!outputs) return undefined
  const lowered = (rows as Row[]).map((row, at) => ({ ...row, output: outputs[at]! }))
  const headings = columns as Column[]
  const node = nodeOf(source, lowered)
  for (const [at, row] of node.rows.entries())
    cx.places.set(row.when, {
      is: 'row',
      where: `${cx.where}.rows.${at}`,
      from: 0,
      to: 0,
      text: source.rows[at]!.when.join(' | '),
    })
  return {
    node,
    check: (about) => checkTable(cx, source, { columns: headings, rows: lowered, about, tell }),
  }
}

/** One cell as a condition on its input; `-` is any, and `absent` that there is none. */
function cellOf(cx: Lowering, input: ValueNode, node: SyntaxNode): TruthNode | undefined {
  if (node.name === 'Wildcard') return { op: 'constant', value: true }
  const all = node.name === 'not' ? (node.nextSibling?.nextSibling ?? node) : node
  const tests: RawTest[] = []
  let takes_absent = false
  for (const one of alternatives([all])) {
    if (textOf(cx, one).trim() === 'absent') {
      takes_absent = true
      continue
    }
    const test = unaryTest(cx, one)
    if (!test) return undefined
    tests.push(test)
  }
  if (takes_absent && !mayBeAbsent(input)) return fail(cx, node, 'this input is never absent')
  const absent: TruthNode = { op: 'state', test: 'absent', of: input }
  const present = tests.length > 0 ? within(cx, all, input, tests) : undefined
  if (tests.length > 0 && !present) return undefined
  const cell: TruthNode = present ? (takes_absent ? { op: 'or', of: [absent, present] } : present) : absent
  return node.name === 'not' ? { op: 'not', of: cell } : cell
}

/** The outputs brought to one type. */
function united(rows: readonly Row[], source: TableSource, tell: Tell): ValueNode[] | undefined {
  let all: ValueNode[] = [rows[0]!.output]
  for (const [at, { output }] of rows.entries()) {
    if (at === 0) continue
    const both = unify(all[0]!, output)
    if (typeof both === 'string') {
      tell(`rows.${at}.output`, {
        from: 0,
        to: source.rows[at]!.output.length,
        message: `the rows give different types: ${both}`,
        expected: describe(all[0]!.type),
        found: describe(output.type),
      })
      return undefined
    }
    all = [...all.map((one) => aligned(one, both.left)), both.right]
  }
  const { kind } = all[0]!.type
  const fits = source.hit !== 'collect' || kind === 'number' || kind === 'money' || kind === 'date'
  const why = source.collect === 'sum' && kind === 'date' ? 'dates have no sum' : undefined
  if (fits && why === undefined && whyNotComparable('=', all[0]!.type) === undefined) return all
  tell('', { from: 0, to: 0, message: why ?? `collect does not take ${describe(all[0]!.type)}` })
  return undefined
}

function nodeOf(source: TableSource, rows: readonly Row[]): Extract<ValueNode, { op: 'table' }> {
  const outputs = rows.map(({ output }) => output)
  const first = outputs[0]!
  const is_count = source.collect === 'count'
  const sign = outputs.some((one) => one.sign === 'any') ? 'any' : 'nonnegative'
  const motion: Motion = outputs.map((one) => one.motion).reduce(together)
  const base = {
    op: 'table' as const,
    type: is_count ? ({ kind: 'number', scale: 0 } as const) : first.type,
    motion: is_count ? (0 as const) : motion,
    sign: (is_count ? 'nonnegative' : sign) as Sign,
    partial: source.hit === 'collect' || outputs.some((one) => one.partial),
    divisor: is_count ? 1n : outputs.map((one) => one.divisor).reduce(gcd),
    rows: rows.map(({ tests, output }) => ({ when: conjunction(tests), output })),
  }
  return source.hit === 'collect'
    ? { ...base, hit: 'collect', collect: source.collect! }
    : { ...base, hit: source.hit }
}

function conjunction(tests: Row['tests']): TruthNode {
  const of = tests.filter((test) => test !== undefined)
  return of.length === 0 ? { op: 'constant', value: true } : of.length === 1 ? of[0]! : { op: 'and', of }
}

type Checking = {
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  readonly about: Knowledge
  readonly tell: Tell
}

/** Each row as the box of what it takes; then what is left over, what is taken twice, and what takes nothing. */
function checkTable(cx: Lowering, source: TableSource, { columns, rows, about, tell }: Checking): void {
  const domain = columns.map(({ node }) => columnOf(node, about).domain)
  const boxes: Box[] = []
  for (const [at, { tests }] of rows.entries()) {
    const box = tests.map((test, column) => {
      if (test === undefined) return domain[column]!
      const cut = cellCut(test, about)
      return cut?.column.key === columnOf(columns[column]!.node, about).key ? cut.part : undefined
    })
    const odd = box.indexOf(undefined)
    if (odd >= 0) {
      const text = source.rows[at]!.when[odd]!
      tell(`rows.${at}.when.${odd}`, {
        from: 0,
        to: text.length,
        message:
          'a test of a table compares with values written out or parameters, so that gaps can be found',
        found: text.slice(0, 60),
      })
      return
    }
    boxes.push(intersectBoxes(box as Box, domain))
  }
  const words = (box: Box): string => boxWords(box, domain, columns, cx.money_digits)
  const row = (at: number, message: string): void => tell(`rows.${at}`, { from: 0, to: 0, message })
  let left: readonly Box[] = [domain]
  for (const [at, box] of boxes.entries()) {
    if (isBoxEmpty(box))
      row(at, 'nothing ever matches this row: its tests lie outside what the inputs can be')
    else if (source.hit === 'first' && left.every((one) => isBoxEmpty(intersectBoxes(one, box))))
      row(at, 'nothing reaches this row: the rows before it take all it would match')
    left = left.flatMap((one) => boxWithout(one, box))
    if (left.length > boxesMax) {
      tell('', { from: 0, to: 0, message: 'the table is too finely cut to be looked over: split it' })
      return
    }
    if (source.hit !== 'unique') continue
    const other = boxes.slice(0, at).findIndex((before) => !isBoxEmpty(intersectBoxes(before, box)))
    if (other >= 0) row(at, `overlaps row ${other + 1} where ${words(intersectBoxes(boxes[other]!, box))}`)
  }
  if (source.hit !== 'collect' && left.length > 0)
    tell('', { from: 0, to: 0, message: `no row matches where ${words(left[0]!)}` })
}

/** A cell, also one that takes absent beside values. */
function cellCut(test: TruthNode, about: Knowledge): ReturnType<typeof singleCut> {
  if (test.op === 'not') {
    const of = cellCut(test.of, about)
    return of && { column: of.column, part: without(of.column.domain, of.part) }
  }
  if (test.op !== 'or') return singleCut(test, about)
  const [a, b] = test.of.map((one) => singleCut(one, about))
  return a && b && a.column.key === b.column.key
    ? { column: a.column, part: union(a.part, b.part) }
    : undefined
}
