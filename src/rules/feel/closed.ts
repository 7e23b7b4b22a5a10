/**
 * Closed expressions: FEEL over values that are all there. One expression is parsed, typed and worked out; a mistake
 * comes back with its place and a reason.
 */
import { absent } from '../evaluator/values.ts'
import { type Mistake, parseExpression, type SyntaxNode } from '../language/parse.ts'
import { type Checked, type Cx, Rejected, stepsMax } from './check.ts'
import { checkExpression } from './expressions.ts'
import { type Reason, Refused } from './refusal.ts'
import { boolean, type FeelType, listOf, nothing, number, optional, string, unifyTypes } from './types.ts'
import { type FeelContext, type FeelValue, isContext, isList, isRangeValue, writtenOf } from './values.ts'

export type ExpressionMistake = Mistake & { readonly reason: Reason }

export type Outcome =
  | { readonly ok: true; readonly value: FeelValue; readonly type: FeelType }
  | { readonly ok: false; readonly mistake: ExpressionMistake; readonly when: 'checked' | 'run' }

/** What an expression may read, and whether its text is data. */
export type Setting = {
  readonly context?: FeelContext
  /** Day number. */
  readonly today?: number | undefined
  /** Data: null is read as absent. */
  readonly is_data?: boolean
  /** The value must have a text: one third has none. */
  readonly is_written?: boolean
}

/** Checks and evaluates. Never throws on any text. */
export function evaluateClosed(text: string, setting: Setting = {}): Outcome {
  const parsed = parseExpression(text)
  if ('mistakes' in parsed) {
    const [mistake] = parsed.mistakes
    return { ok: false, when: 'checked', mistake: { ...mistake!, reason: 'syntax' } }
  }
  const context = setting.context ?? new Map<string, FeelValue>()
  let phase: 'checked' | 'run' = 'checked'
  try {
    const { checked, values } = checkNode(text, parsed.node, context, setting)
    phase = 'run'
    const value = checked.run({ values, steps: stepsMax })
    if (setting.is_written) mustHaveText(parsed.node, value)
    return { ok: true, type: checked.type, value }
  } catch (error) {
    if (!(error instanceof Rejected)) throw error
    const { node, reason, message, more } = error
    return { ok: false, when: phase, mistake: { from: node.from, to: node.to, message, reason, ...more } }
  }
}

function checkNode(
  text: string,
  node: SyntaxNode,
  context: FeelContext,
  setting: Setting,
): { checked: Checked; values: FeelValue[] } {
  const names = [...context.keys()]
  const scope = new Map(
    names.map((name, place) => {
      const type = typeOfValue(context.get(name)!)
      if (!type) throw new Rejected(node, 'types-differ', `the value of ${name} has no one type`)
      return [name, { type, place }]
    }),
  )
  const cx: Cx = {
    text,
    scopes: [scope],
    places: names.length,
    depth: 0,
    today: setting.today,
    is_data: setting.is_data ?? false,
    check: (inner) => checkExpression(cx, inner),
  }
  return { checked: cx.check(node), values: names.map((name) => context.get(name)!) }
}

/** The type of a value that comes from outside; undefined where it mixes types. */
export function typeOfValue(value: FeelValue): FeelType | undefined {
  if (value === absent) return optional(nothing)
  if (typeof value === 'boolean') return boolean
  if (typeof value === 'string') return string
  if (isList(value)) {
    const of = value.reduce<FeelType | undefined>((type, one) => {
      const next = typeOfValue(one)
      return type && next && unifyTypes(type, next)
    }, nothing)
    return of && listOf(of)
  }
  if (isContext(value)) {
    const entries = new Map<string, FeelType>()
    for (const [name, one] of value) {
      const type = typeOfValue(one)
      if (!type) return undefined
      entries.set(name, type)
    }
    return { kind: 'context', entries }
  }
  if (isRangeValue(value)) {
    const of = [typeOfValue(value.start), typeOfValue(value.end)].reduce((a, b) => a && b && unifyTypes(a, b))
    return of && { kind: 'range', of }
  }
  return 'over' in value ? number : { kind: value.kind }
}

function mustHaveText(node: SyntaxNode, value: FeelValue): void {
  try {
    writtenOf(value)
  } catch (error) {
    if (error instanceof Refused) throw new Rejected(node, error.reason, error.message)
    throw error
  }
}
