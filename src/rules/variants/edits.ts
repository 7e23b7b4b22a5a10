/**
 * One text, slightly wrong: every small slip an author could have made in it, each as one replacement. What the slip
 * means is not looked at here; text that is no rule any more is refused by the compiler like any other.
 */
import { unquoted } from '../language/literals.ts'
import { parseCell, parseExpression, parts, type SyntaxNode } from '../language/parse.ts'
import { nearNumbers, nearTimes } from './shifts.ts'

/** What kind of slip it is. */
export type Slip =
  | 'comparison'
  | 'logic'
  | 'quantifier'
  | 'negation'
  | 'state'
  | 'value'
  | 'sign'
  | 'branches'
  | 'bound'
  | 'function'
  | 'dropped'

export type Edit = {
  readonly slip: Slip
  readonly from: number
  readonly to: number
  readonly put: string
  /** Where a reader looks for it, if not at `from`. */
  readonly at?: number
}

/** Other values of the codes a value is one of. */
export type CodesBeside = (value: string) => readonly string[]

/** Every edit of an expression, or of the cell of a decision table, in the order of the text. */
export function editsOf(text: string, is_cell: boolean, beside: CodesBeside): readonly Edit[] {
  const parsed = is_cell ? parseCell(text) : parseExpression(text)
  if ('mistakes' in parsed) return []
  const found: Edit[] = []
  const visit = (node: SyntaxNode): void => {
    found.push(...slipsAt(text, node, beside))
    for (let child = node.firstChild; child; child = child.nextSibling) visit(child)
  }
  // A cell that begins with `not` is several nodes side by side.
  visit(parsed.node.parent ?? parsed.node)
  return found.sort((a, b) => a.from - b.from || a.to - b.to)
}

const swaps: { readonly [token: string]: string } = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '=': '!=',
  '!=': '=',
  and: 'or',
  or: 'and',
  some: 'every',
  every: 'some',
  absent: 'present',
  present: 'absent',
  true: 'false',
  false: 'true',
  '+': '-',
  '-': '+',
  '[': '(',
  ']': ')',
  '(': '[',
  ')': ']',
}

/** Functions that are easily taken for each other. */
const functions: { readonly [name: string]: string } = {
  min: 'max',
  max: 'min',
  floor: 'ceiling',
  ceiling: 'floor',
  'round up': 'round down',
  'round down': 'round up',
  'round half up': 'round half down',
  'round half down': 'round half up',
  'next working day': 'previous working day',
  'previous working day': 'next working day',
}

function slipsAt(text: string, node: SyntaxNode, beside: CodesBeside): Edit[] {
  const of = (one: SyntaxNode): string => text.slice(one.from, one.to)
  const put = (slip: Slip, one: SyntaxNode, by: unknown): Edit[] =>
    // A function may be called by the name of something every object has.
    typeof by !== 'string' ? [] : [{ slip, from: one.from, to: one.to, put: by }]
  const swap = (slip: Slip, one: SyntaxNode | undefined): Edit[] =>
    one ? put(slip, one, swaps[of(one)]) : []
  const inner = parts(node)
  switch (node.name) {
    case 'CompareOp':
      return swap('comparison', node)
    case 'and':
      return node.parent?.name === 'Conjunction' ? swap('logic', node) : []
    case 'or':
      return swap('logic', node)
    case 'Conjunction':
    case 'Disjunction':
      return node.parent?.name === node.name ? [] : dropped(operandsOf(node))
    case 'PositiveUnaryTests':
      return inner.length > 1 ? dropped(inner) : []
    case 'QuantifiedExpression':
      return swap('quantifier', inner[0])
    case 'FunctionInvocation':
      return called(inner, of, put, swap)
    case 'not':
      // Only a table's cell has it as a word of its own.
      return put('negation', node, '').map((edit) => ({
        ...edit,
        to: node.parent!.to,
        put: insideOf(node, of),
      }))
    case 'BooleanLiteral':
      return swap('value', node)
    case 'NumericLiteral':
      return nearNumbers(of(node)).flatMap((near) => put('value', node, near))
    case 'StringLiteral':
      return textSlips(node, of, beside)
    case 'ArithmeticExpression':
      return inner.length === 3 && /^[+-]$/.test(of(inner[1]!)) ? swap('sign', inner[1]) : []
    case 'IfExpression': {
      const [, , , yes, , no] = inner
      if (!yes || !no) return []
      const between = text.slice(yes.to, no.from)
      return [{ slip: 'branches', from: yes.from, to: no.to, put: `${of(no)}${between}${of(yes)}` }]
    }
    case 'Interval':
      return [inner[0], inner.at(-1)].flatMap((end) => swap('bound', end))
    case 'Comparison':
      return between(node, inner, of)
    default:
      return []
  }
}

type Of = (node: SyntaxNode) => string
type Put = (slip: Slip, node: SyntaxNode, by: string | undefined) => Edit[]

function called(
  inner: readonly SyntaxNode[],
  of: Of,
  put: Put,
  swap: (slip: Slip, one: SyntaxNode) => Edit[],
): Edit[] {
  const name = inner[0]!
  switch (of(name)) {
    case 'not':
      return put('negation', name, '')
    case 'absent':
    case 'present':
      return swap('state', name)
    default:
      return put('function', name, functions[of(name)])
  }
}

/** What stands in the parentheses after a cell's `not`. */
function insideOf(not: SyntaxNode, of: Of): string {
  const tests = not.nextSibling?.nextSibling
  return tests ? of(tests) : ''
}

/** A text may be a date, a duration, or one of some codes. */
function textSlips(node: SyntaxNode, of: Of, beside: CodesBeside): Edit[] {
  const value = unquoted(of(node))
  if (value === undefined) return []
  const near = inTime(node) ? nearTimes(value) : beside(value)
  return near.map((other) => ({ slip: 'value', from: node.from, to: node.to, put: JSON.stringify(other) }))
}

function inTime(node: SyntaxNode): boolean {
  const above = node.parent
  return above?.name === 'AtLiteral' || above?.parent?.name === 'DateTimeLiteral'
}

/** The operands of a chain of `and` or `or`, from its left spine. */
function operandsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = []
  let inner = node
  while (inner.name === node.name) {
    const [left, , right] = parts(inner)
    if (!left || !right) return []
    found.unshift(right)
    inner = left
  }
  return [inner, ...found]
}

/** Each left out, with the word or comma beside it. */
function dropped(operands: readonly SyntaxNode[]): Edit[] {
  return operands.map((operand, at) => {
    const before = operands[at - 1]
    return before
      ? { slip: 'dropped', from: before.to, to: operand.to, put: '', at: operand.from }
      : { slip: 'dropped', from: operand.from, to: operands[1]!.from, put: '' }
  })
}

/** `between` takes both its ends: once without the lower, once without the upper. */
function between(node: SyntaxNode, inner: readonly SyntaxNode[], of: Of): Edit[] {
  const [value, word, low, , high] = inner
  if (word?.name !== 'between' || !value || !low || !high) return []
  const range = (open: string, close: string): Edit => ({
    slip: 'bound',
    from: node.from,
    to: node.to,
    put: `(${of(value)} in ${open}${of(low)}..${of(high)}${close})`,
  })
  return [range('(', ']'), range('[', ')')]
}
