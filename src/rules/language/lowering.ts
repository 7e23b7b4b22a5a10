/** The state of one rule's lowering: what has been read so far, what is in scope, and the mistakes found. */
import type { RuleType, RuleVocabulary } from '../rules.ts'
import { keyOf } from './columns.ts'
import type { AtomNode, ListNode, Place, TruthNode, ValueNode } from './ir.ts'
import { suggestion } from './names.ts'
import { type Mistake, parts, type SyntaxNode } from './parse.ts'
import { literal, signOf, type Typing, typeOf } from './typing.ts'

/** Deeper nesting is refused: no condition of law is so deep, and every back end recurses over the form. */
export const depthMax = 64

/** A name that stands for a list item, or the bare field names inside a filter. */
export type Scope = {
  /** The name of the variable; undefined inside a filter, where fields are in scope bare and as `item.field`. */
  readonly name: string | undefined
  readonly slot: number
  readonly variable: number
  readonly predicate: string
}

type ListField = { readonly list: ListNode; readonly predicate: string; readonly scope: Scope }

export type Lowering = {
  readonly vocabulary: RuleVocabulary
  /** Each parameter as a typed node; undefined where its declaration is wrong, which is reported elsewhere. */
  readonly paramNodes: ReadonlyMap<string, ValueNode | undefined>
  /** Decimal digits of the currency: money is rounded to decimals of the major unit. */
  readonly money_digits: number
  /** The rule's calendar says which days offices work. */
  readonly has_working_days: boolean
  readonly facts: Map<string, { readonly slot: number; readonly fields: Map<string, number> }>
  readonly params: string[]
  readonly atoms: AtomNode[]
  readonly atom_keys: Map<string, AtomNode>
  readonly scopes: Scope[]
  variables: number
  timed: boolean
  /** The expression being lowered, and which of the rule's it is, as mistakes name it. */
  text: string
  where: string
  readonly places: Map<TruthNode, Place>
  mistakes: Mistake[]
  depth: number
  /** Inside an atom: conditions within it are part of it. */
  is_inside_atom: boolean
  first_read: string | undefined
  atom_reads: Set<number>
  tests_unknown: boolean
  /** The three readings of a syntax node; undefined when its mistake has been reported. */
  readonly value: (node: SyntaxNode) => ValueNode | undefined
  readonly truth: (node: SyntaxNode) => TruthNode | undefined
  readonly list: (node: SyntaxNode) => ListField | undefined
}

export const textOf = (cx: Lowering, node: SyntaxNode): string => cx.text.slice(node.from, node.to)

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** Where a node stands, for those who show the author's own text. */
export const placeOf = (cx: Lowering, is: Place['is'], node: SyntaxNode): Place => ({
  is,
  where: cx.where,
  from: node.from,
  to: node.to,
  text: oneLine(textOf(cx, node)),
})

/** Reports a mistake and gives undefined, so that callers can return it. */
export function fail(
  cx: Lowering,
  node: SyntaxNode,
  message: string,
  more?: { expected?: string; found?: string },
): undefined {
  cx.mistakes.push({ from: node.from, to: node.to, message, ...more })
  return undefined
}

/** A typed node, or the report of why it cannot be. */
export function typed(cx: Lowering, node: SyntaxNode, typing: Typing): ValueNode | undefined {
  return typeof typing === 'string' ? fail(cx, node, typing) : typing
}

/** The single word of a name node; FEEL's names of several words are not names here. */
export function wordOf(cx: Lowering, node: SyntaxNode): string | undefined {
  const words = parts(node).filter((part) => part.name === 'Identifier')
  if (words.length === 1 || node.name === 'Identifier') return textOf(cx, words[0] ?? node)
  const found = textOf(cx, node).replace(/\s+/g, ' ').slice(0, 80)
  const joined = words.map((word) => textOf(cx, word)).join('_')
  const hint =
    words[0] !== undefined && textOf(cx, words[0]) === 'not'
      ? '; write not(…) with parentheses'
      : suggestion(joined, Object.keys(cx.vocabulary))
  return fail(cx, node, `"${found}" is no name: names have no spaces${hint}`)
}

/** Notes that the rule reads a predicate as a fact or a list, and gives its slot. */
export function readFact(cx: Lowering, predicate: string): number {
  const slot = slotOf(cx, predicate)
  cx.atom_reads.add(slot)
  return slot
}

function slotOf(cx: Lowering, predicate: string): number {
  cx.first_read ??= predicate
  const known = cx.facts.get(predicate)
  if (known) return known.slot
  const slot = cx.facts.size
  cx.facts.set(predicate, { slot, fields: new Map() })
  return slot
}

/** The declaration of a predicate; only own properties, so that `constructor` is no predicate. */
export const declared = (cx: Lowering, name: string): RuleVocabulary[string] | undefined =>
  Object.hasOwn(cx.vocabulary, name) ? cx.vocabulary[name] : undefined

/** Binds the items of a list to a name (or, without one, as a filter does) while `body` is lowered. */
export function inScope<T>(cx: Lowering, scope: Scope, body: () => T): T {
  cx.scopes.push(scope)
  try {
    return body()
  } finally {
    cx.scopes.pop()
  }
}

/** Every name that could stand where a name was not found. */
export function visibleNames(cx: Lowering): string[] {
  const names = Object.keys(cx.vocabulary)
  for (const scope of cx.scopes) {
    if (scope.name === undefined) names.push(...Object.keys(fieldsOf(cx, scope.predicate)))
    else names.push(scope.name)
  }
  for (const param of cx.paramNodes.keys()) names.push(`params.${param}`)
  return names
}

export function fieldsOf(cx: Lowering, predicate: string): { readonly [field: string]: RuleType } {
  const type = declared(cx, predicate)?.type
  return type?.kind === 'list' ? type.fields : {}
}

/** A field of the item that a scope binds. */
export function readField(
  cx: Lowering,
  node: SyntaxNode,
  scope: Scope,
  field: string,
): ValueNode | undefined {
  const fields = fieldsOf(cx, scope.predicate)
  const type = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (type === undefined) {
    const hint = suggestion(field, Object.keys(fields))
    return fail(cx, node, `an item of ${scope.predicate} has no field ${field}${hint}`, {
      expected: Object.keys(fields).join(', ') || 'no fields are declared',
      found: field,
    })
  }
  const static_type = typeOf(type)
  if (static_type === undefined) return fail(cx, node, `a field of type ${type.kind} must declare its unit`)
  slotOf(cx, scope.predicate)
  const numbers = cx.facts.get(scope.predicate)!.fields
  let number = numbers.get(field)
  if (number === undefined) {
    number = numbers.size
    numbers.set(field, number)
  }
  const name = `${scope.name ?? scope.predicate}.${field}`
  const base = { ...literal(static_type, 0), sign: signOf(type) }
  return { ...base, op: 'field', slot: scope.slot, variable: scope.variable, field: number, name }
}

/** Wraps a condition as an atom, unless it is already part of one. */
export function atom(
  cx: Lowering,
  node: SyntaxNode,
  build: () => TruthNode | undefined,
): TruthNode | undefined {
  if (cx.is_inside_atom) return build()
  cx.is_inside_atom = true
  cx.first_read = undefined
  cx.atom_reads = new Set()
  cx.tests_unknown = false
  const was_timed = cx.timed
  cx.timed = false
  const of = build()
  const timed = cx.timed
  cx.timed ||= was_timed
  cx.is_inside_atom = false
  if (of === undefined) return undefined
  if (cx.first_read === undefined) {
    return fail(cx, node, 'this condition reads no fact of anybody; periods of law belong into effective')
  }
  // Equal conditions are one: judged once, shown once.
  const key = keyOf(of)
  const known = cx.atom_keys.get(key)
  if (known) return known
  const text = oneLine(textOf(cx, node))
  const made: AtomNode = {
    op: 'atom',
    id: cx.atoms.length,
    predicate: cx.first_read,
    text,
    reads: [...cx.atom_reads],
    tests_unknown: cx.tests_unknown,
    timed,
    of,
  }
  cx.atoms.push(made)
  cx.atom_keys.set(key, made)
  cx.places.set(made, placeOf(cx, 'condition', node))
  return made
}
