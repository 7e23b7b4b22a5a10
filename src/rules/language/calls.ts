/** Built-in functions over facts: which of the common table may stand in a rule, and what is known of their result. */
import { builtIns } from '../feel/functions/all.ts'
import type { BuiltIn } from '../feel/functions/signature.ts'
import { partsOfKind } from '../feel/functions/times.ts'
import { type FeelType, fits } from '../feel/types.ts'
import type { Call } from './functions.ts'
import type { Motion, Type, ValueNode } from './ir.ts'
import { fail, type Lowering } from './lowering.ts'
import type { SyntaxNode } from './parse.ts'
import { apart, describe, literal } from './typing.ts'

/** The type a built-in sees; undefined where rules have a type FEEL has not. */
function feelTypeOf(type: Type): FeelType | undefined {
  switch (type.kind) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'date':
    case 'months':
      return { kind: type.kind }
    case 'days':
      return { kind: 'span' }
    default:
      return undefined
  }
}

function ruleTypeOf(type: FeelType, scale: number): Type | undefined {
  switch (type.kind) {
    case 'number':
      return { kind: 'number', scale }
    case 'string':
    case 'boolean':
    case 'date':
    case 'months':
      return { kind: type.kind }
    default:
      return undefined
  }
}

/** A built-in over values of the rule. Refused with its reason where it has no meaning over unknowns, or in time. */
export function builtInCall(cx: Lowering, node: SyntaxNode, call: Call): ValueNode | undefined {
  const { name, given } = call
  if (!builtIns[name]!.some((one) => one.in_rules !== undefined))
    return fail(
      cx,
      node,
      `${name}() has no meaning over what may be unknown: it stands only over values that are written out`,
    )
  const args: ValueNode[] = []
  for (const each of given) {
    const value = cx.value(each)
    if (!value) return undefined
    args.push(value)
  }
  const form = builtIns[name]!.find((one) => one.in_rules !== undefined && takes(one, args))
  if (form) return strict(cx, node, name, args, form)
  return fail(cx, node, `${name}() does not take this`, {
    expected: builtIns[name]!.map((one) => `${name}(${one.params.join(', ')})`).join(' or '),
    found: args.map(({ type }) => describe(type)).join(', ') || 'nothing',
  })
}

function takes(form: BuiltIn, args: readonly ValueNode[]): boolean {
  if (form.params.length !== args.length) return false
  return form.params.every((param, at) => {
    const type = feelTypeOf(args[at]!.type)
    return type !== undefined && fits(param.split(': ')[1]!, type)
  })
}

function strict(
  cx: Lowering,
  node: SyntaxNode,
  name: string,
  args: readonly ValueNode[],
  form: BuiltIn,
): ValueNode | undefined {
  if (args.some(({ partial }) => partial))
    return fail(cx, node, `${name}() does not take what may be only partly known`)
  if (name === 'modulo' && args[1]!.sign !== 'positive')
    return fail(cx, node, 'modulo() needs a divisor proved to be above zero')
  const motion = motionOf(form, args)
  if (motion === 'unclear')
    return fail(cx, node, `${name}() may turn more than once as days pass, so its next change cannot be told`)
  const types = args.map((arg) => feelTypeOf(arg.type)!)
  const result = typeof form.result === 'function' ? form.result(types, []) : form.result
  const scale = Math.max(0, ...args.map(({ type }) => ('scale' in type ? type.scale : 0)))
  const type = typeof result === 'string' ? undefined : ruleTypeOf(result, keepsScale.has(name) ? scale : 0)
  if (!type) return fail(cx, node, `${name}() gives nothing a rule can use`)
  const sign = nonnegative.has(name) ? 'nonnegative' : 'any'
  return { ...literal(type, 0), op: 'call', name, args, motion, sign }
}

const keepsScale = new Set(['abs', 'modulo'])
const nonnegative = new Set(['abs', 'modulo', 'string length', 'day of year', 'week of year'])

function motionOf(form: BuiltIn, args: readonly ValueNode[]): Motion {
  if (form.in_rules === 'between') return apart(args[1]!.motion, args[0]!.motion)
  return args.every(({ motion }) => motion === 0) ? 0 : 'unclear'
}

/** `birth_date.year`: of these parts only the year never turns back. */
export function partCall(cx: Lowering, node: SyntaxNode, of: ValueNode, part: string): ValueNode | undefined {
  if (of.type.kind !== 'date' || !Object.hasOwn(partsOfKind.date!, part))
    return fail(cx, node, `${describe(of.type)} has no ${part}`)
  if (of.motion !== 0 && part !== 'year')
    return fail(cx, node, `the ${part} of a day that moves turns back, so its next change cannot be told`)
  const type: Type = { kind: 'number', scale: 0 }
  if (of.partial) return fail(cx, node, `the ${part} of a date that may be only partly known cannot be told`)
  return { ...literal(type, 0), op: 'call', name: `.${part}`, args: [of], motion: of.motion }
}
