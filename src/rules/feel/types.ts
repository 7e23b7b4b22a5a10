/** Static types of closed FEEL expressions. Every expression has one before it runs; nothing is converted. */

type ScalarKind = 'number' | 'string' | 'boolean' | 'date' | 'time' | 'date-time' | 'span' | 'months'

type Shape =
  | { readonly kind: ScalarKind }
  /** Of the items of an empty list: fits everywhere. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'list' | 'range'; readonly of: FeelType }
  | { readonly kind: 'context'; readonly entries: ReadonlyMap<string, FeelType> }

/** `optional`: a value may turn out to be absent. */
export type FeelType = Shape & { readonly optional?: boolean }

export const number: FeelType = { kind: 'number' }
export const string: FeelType = { kind: 'string' }
export const boolean: FeelType = { kind: 'boolean' }
export const nothing: FeelType = { kind: 'nothing' }
export const listOf = (of: FeelType): FeelType => ({ kind: 'list', of })
export const optional = (type: FeelType): FeelType => (type.optional ? type : { ...type, optional: true })
/** The same type, surely there. */
export const sure = (type: FeelType): FeelType => (type.optional ? { ...type, optional: false } : type)
export const itemOf = (type: FeelType): FeelType => (type.kind === 'list' ? type.of : type)

const words: { readonly [kind in Shape['kind']]: string } = {
  number: 'a number',
  string: 'a text',
  boolean: 'a condition',
  date: 'a date',
  time: 'a time',
  'date-time': 'a date and time',
  span: 'a duration of days and time',
  months: 'a duration of years and months',
  nothing: 'nothing',
  list: 'a list',
  range: 'a range',
  context: 'a context',
}

export function describeType(type: FeelType): string {
  if ((type.kind === 'list' || type.kind === 'range') && type.of.kind !== 'nothing')
    return `${words[type.kind]} of ${describeType(type.of).replace(/^an? /, '')}`
  return words[type.kind]
}

/** The one type that holds the values of both; undefined where there is none. */
export function unifyTypes(a: FeelType, b: FeelType): FeelType | undefined {
  const shape = unifyShapes(a, b)
  return shape && (a.optional || b.optional ? optional(shape) : shape)
}

function unifyShapes(a: FeelType, b: FeelType): FeelType | undefined {
  if (a.kind === 'nothing') return b
  if (b.kind === 'nothing') return a
  if (a.kind === 'context' && b.kind === 'context') return unifyContexts(a.entries, b.entries)
  if ((a.kind === 'list' || a.kind === 'range') && a.kind === b.kind) {
    const of = unifyTypes(a.of, b.of)
    return of && { kind: a.kind, of }
  }
  return a.kind === b.kind ? a : undefined
}

type Entries = ReadonlyMap<string, FeelType>

/** Contexts with different names unite; what is not in both may be absent. */
function unifyContexts(a: Entries, b: Entries): FeelType | undefined {
  const entries = new Map<string, FeelType>()
  for (const [name, type] of a) {
    const other = b.get(name)
    const both = other === undefined ? optional(type) : unifyTypes(type, other)
    if (both === undefined) return undefined
    entries.set(name, both)
  }
  for (const [name, type] of b) if (!a.has(name)) entries.set(name, optional(type))
  return { kind: 'context', entries }
}

const orderedKinds = new Set<string>([
  'number',
  'string',
  'date',
  'time',
  'date-time',
  'span',
  'months',
  'nothing',
])
export const isOrdered = (type: FeelType): boolean => orderedKinds.has(type.kind)

/**
 * Does a type fit a pattern of a built-in's parameter: `number`, `date|date-time`, `list<number>`, `any`, `ordered`?
 */
export function fits(pattern: string, type: FeelType): boolean {
  if (type.kind === 'nothing' || pattern === 'any') return true
  if (pattern.startsWith('list<')) return type.kind === 'list' && fits(pattern.slice(5, -1), type.of)
  return pattern.split('|').some((one) => (one === 'ordered' ? isOrdered(type) : one === type.kind))
}

/** Does every value of `given` belong to `type`? Used to compare what a case expects with what is promised. */
export function belongs(given: FeelType, type: FeelType): boolean {
  if (given.optional && !type.optional) return false
  if (given.kind === 'nothing') return true
  if (given.kind === 'list' && type.kind === 'list')
    return belongs(given.of, type.of.kind === 'nothing' ? nothing : type.of)
  if (given.kind === 'range' && type.kind === 'range') return belongs(given.of, type.of)
  if (given.kind === 'context' && type.kind === 'context') {
    const names = [...given.entries].every(([name, one]) => {
      const other = type.entries.get(name)
      return other !== undefined && belongs(one, other)
    })
    return names && [...type.entries].every(([name, one]) => one.optional || given.entries.has(name))
  }
  return given.kind === type.kind
}
