/**
 * Syntax tree to a typed, runnable form of a closed expression. What has no type is refused here with its reason, so
 * that nothing is left to fail later but division by a variable, numbers without end, and too many steps.
 */
import { parts, type SyntaxNode } from '../language/parse.ts'
import { type Reason, Refused } from './refusal.ts'
import { describeType, type FeelType } from './types.ts'
import type { FeelValue } from './values.ts'

/** Values of the variables while it runs, each in a place of its own, and the steps left. */
export type Env = { readonly values: FeelValue[]; steps: number }
export type Run = (env: Env) => FeelValue

/** A checked expression. `constant`: it reads no name, and this is what it is. */
export type Checked = {
  readonly type: FeelType
  readonly run: Run
  readonly constant: FeelValue | undefined
}

export type Binding = { readonly type: FeelType; readonly place: number }

export type Cx = {
  readonly text: string
  /** Innermost last. */
  readonly scopes: ReadonlyMap<string, Binding>[]
  places: number
  depth: number
  /** Day number of today(); undefined where there is none. */
  readonly today: number | undefined
  /** Reading data, in which null says that there is none. */
  readonly is_data: boolean
  readonly check: (node: SyntaxNode) => Checked
}

/** The one way out of checking: caught in closed.ts. */
export class Rejected extends Error {
  readonly node: SyntaxNode
  readonly reason: Reason
  readonly more: { readonly expected?: string; readonly found?: string }
  constructor(
    node: SyntaxNode,
    reason: Reason,
    message: string,
    more: { readonly expected?: string; readonly found?: string } = {},
  ) {
    super(message)
    this.node = node
    this.reason = reason
    this.more = more
  }
}

export const textAt = (cx: Cx, node: SyntaxNode): string => cx.text.slice(node.from, node.to)
/** A name of one or several words, spaces between them counted as one. */
export const nameAt = (cx: Cx, node: SyntaxNode): string => textAt(cx, node).replace(/\s+/g, ' ').trim()
export const constant = (type: FeelType, value: FeelValue): Checked => ({
  type,
  run: () => value,
  constant: value,
})

const noEnv = (): Env => ({ values: [], steps: stepsMax })
/** Every item visited is a step: more than this is no rule but a program. */
export const stepsMax = 100_000

export function step(env: Env): void {
  if (--env.steps < 0) throw new Refused('steps', `the expression takes more than ${stepsMax} steps`)
}

/** A node of its parts; what is made of constants alone is worked out at once, and refused at once where it fails. */
export function made(node: SyntaxNode, type: FeelType, from: readonly Checked[], run: Run): Checked {
  const guarded: Run = (env) => {
    try {
      return run(env)
    } catch (error) {
      if (error instanceof Refused) throw new Rejected(node, error.reason, error.message)
      throw error
    }
  }
  if (!from.every((part) => part.constant !== undefined)) return { type, run: guarded, constant: undefined }
  return constant(type, guarded(noEnv()))
}

/** A place for one more variable. */
export const bind = (cx: Cx, type: FeelType): Binding => ({ type, place: cx.places++ })

export function within<T>(cx: Cx, names: ReadonlyMap<string, Binding>, body: () => T): T {
  cx.scopes.push(names)
  try {
    return body()
  } finally {
    cx.scopes.pop()
  }
}

/** The named children of a node, brackets and commas left out. */
export const operands = (node: SyntaxNode): SyntaxNode[] =>
  parts(node).filter((part) => !marks.has(part.name))
const marks = new Set(['(', ')', '[', ']', '{', '}', ',', '.', ':'])

/** A checked expression that is a condition. @throws Rejected otherwise. */
export function condition(cx: Cx, node: SyntaxNode): Checked {
  const checked = cx.check(node)
  if (checked.type.kind === 'boolean' || checked.type.kind === 'nothing') return checked
  throw new Rejected(node, 'argument-type', 'a condition is expected here', {
    expected: 'a condition',
    found: describeType(checked.type),
  })
}
