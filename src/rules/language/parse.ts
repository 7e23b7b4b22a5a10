/** Text to syntax tree, by the grammar of lezer-feel alone: what it means is decided by the lowering, never here. */
import { parser } from '@bpmn-io/lezer-feel'

const grammar = parser.configure({ top: 'Expression' })
const cellGrammar = parser.configure({ top: 'UnaryTests' })

/** Longer is no condition of law a person can review. */
export const expressionCharsMax = 4_000
const syntaxErrorsMax = 5

type Tree = ReturnType<typeof grammar.parse>
export type SyntaxNode = Tree['topNode']

export type Mistake = {
  readonly from: number
  readonly to: number
  readonly message: string
  readonly expected?: string
  readonly found?: string
}

/** The one expression in a text, or every place where it is not FEEL. Never throws. */
export const parseExpression = (text: string): Parsed => parsed(grammar, text)

/** The unary tests of a table's cell. */
export const parseCell = (text: string): Parsed => parsed(cellGrammar, text)

type Parsed = { readonly node: SyntaxNode } | { readonly mistakes: readonly Mistake[] }

function parsed(by: typeof grammar, text: string): Parsed {
  if (text.length > expressionCharsMax) {
    const message = `the expression has ${text.length} characters; ${expressionCharsMax} are the limit`
    return { mistakes: [{ from: expressionCharsMax, to: text.length, message }] }
  }
  if (text.trim() === '')
    return { mistakes: [{ from: 0, to: text.length, message: 'the expression is empty' }] }
  const tree = by.parse(text)
  const mistakes: Mistake[] = []
  tree.iterate({
    enter(at) {
      if (mistakes.length >= syntaxErrorsMax) return false
      if (!at.type.isError) return true
      mistakes.push(syntaxMistake(text, at.from, at.to))
      return false
    },
  })
  if (mistakes.length > 0) return { mistakes }
  const node = parts(tree.topNode)[0]
  return node === undefined
    ? { mistakes: [{ from: 0, to: text.length, message: 'the expression holds only comments' }] }
    : { node }
}

function syntaxMistake(text: string, from: number, to: number): Mistake {
  const found = text.slice(from, to).trim().slice(0, 40)
  if (found === '') {
    const end = text.slice(from).trim() === ''
    return {
      from,
      to,
      message: end ? 'the expression ends too early' : 'something is missing here',
      expected: 'an expression',
    }
  }
  return { from, to, message: `this cannot stand here`, found }
}

/** The children that carry meaning: comments left out. */
export function parts(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = []
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name !== 'LineComment' && child.name !== 'BlockComment') found.push(child)
  }
  return found
}

/** The node inside any number of parentheses. */
export function unwrap(node: SyntaxNode): SyntaxNode {
  let inner = node
  while (inner.name === 'ParenthesizedExpression') {
    const [, only] = parts(inner)
    if (only === undefined) return inner
    inner = only
  }
  return inner
}
