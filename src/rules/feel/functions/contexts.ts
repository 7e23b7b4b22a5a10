/** FEEL's functions of contexts. The names in question are written out, so that every type stays known. */
import { absent } from '../../evaluator/values.ts'
import { type FeelType, listOf, nothing, optional, string, sure, unifyTypes } from '../types.ts'
import { type FeelContext, type FeelValue, isContext, isList } from '../values.ts'
import type { BuiltIn, BuiltIns } from './signature.ts'

const noName = 'the name must be written out, so that the type is known'

const entriesOf = (type: FeelType): ReadonlyMap<string, FeelType> =>
  type.kind === 'context' ? type.entries : new Map()

function valuesType(type: FeelType): FeelType | undefined {
  return [...entriesOf(type).values()].reduce<FeelType | undefined>(
    (a, b) => a && unifyTypes(a, sure(b)),
    nothing,
  )
}

function putType(type: FeelType, path: readonly string[], value: FeelType): FeelType | string {
  const [name, ...rest] = path
  if (name === undefined) return 'context put() needs at least one name'
  if (type.kind !== 'context') return `${name} cannot be put into what is no context`
  const inner = rest.length === 0 ? value : putType(type.entries.get(name) ?? emptyContext, rest, value)
  if (typeof inner === 'string') return inner
  return { kind: 'context', entries: new Map([...type.entries, [name, inner]]) }
}

const emptyContext: FeelType = { kind: 'context', entries: new Map() }

function put(into: FeelContext, path: readonly string[], value: FeelValue): FeelContext {
  const [name, ...rest] = path
  const found = into.get(name!)
  const inner = rest.length === 0 ? value : put(found && isContext(found) ? found : new Map(), rest, value)
  return new Map([...into, [name!, inner]])
}

function merged(type: FeelType): FeelType | string {
  if (type.kind === 'context') return type
  if (type.kind !== 'list' || (type.of.kind !== 'context' && type.of.kind !== 'nothing'))
    return 'context merge() takes contexts'
  return type.of.kind === 'context' ? type.of : emptyContext
}

const getEntries = (param: string): BuiltIn => ({
  params: [param],
  result: ([type]) => {
    const value = valuesType(type!)
    if (value === undefined) return 'the values of this context are of different types'
    return listOf({
      kind: 'context',
      entries: new Map([
        ['key', string],
        ['value', value],
      ]),
    })
  },
  run: (context: FeelContext) =>
    [...context].map(
      ([key, value]) =>
        new Map<string, FeelValue>([
          ['key', key],
          ['value', value],
        ]),
    ),
})

function fromEntries(given: FeelValue | undefined): Map<string, FeelValue> | undefined {
  if (given === undefined || typeof given === 'symbol' || !isList(given)) return undefined
  const made = new Map<string, FeelValue>()
  for (const one of given) {
    const key = isContext(one) ? one.get('key') : undefined
    const value = isContext(one) ? one.get('value') : undefined
    if (typeof key !== 'string' || value === undefined || made.has(key)) return undefined
    made.set(key, value)
  }
  return made
}

export const contextFunctions: BuiltIns = {
  'get entries': [getEntries('m: context')],
  'get value': [
    {
      params: ['m: context', 'key: string'],
      result: ([type], [, key]) =>
        typeof key === 'string' ? optional(entriesOf(type!).get(key) ?? nothing) : noName,
      run: (context: FeelContext, key: string) => context.get(key) ?? absent,
    },
  ],
  'context put': [
    {
      params: ['context: context', 'key: string', 'value: any'],
      result: ([type, , value], [, key]) =>
        typeof key === 'string' ? putType(type!, [key], value!) : noName,
      run: (context: FeelContext, key: string, value: FeelValue) => put(context, [key], value),
    },
    {
      params: ['context: context', 'keys: list<string>', 'value: any'],
      result: ([type, , value], [, keys]) =>
        keys !== undefined && typeof keys !== 'symbol' && isList(keys)
          ? putType(type!, keys as string[], value!)
          : noName,
      run: (context: FeelContext, keys: readonly string[], value: FeelValue) => put(context, keys, value),
    },
  ],
  'context merge': [
    {
      params: ['contexts: list<context>'],
      result: ([type]) => merged(type!),
      run: (contexts: readonly FeelContext[]) => new Map(contexts.flatMap((one) => [...one])),
    },
    {
      params: ['contexts: context'],
      result: ([type]) => merged(type!),
      run: (context: FeelContext) => context,
    },
  ],
  context: [
    {
      params: ['entries: list<context>'],
      result: ([type], [entries]) => {
        const made = fromEntries(entries)
        const value = type!.kind === 'list' ? entriesOf(type!.of).get('value') : undefined
        if (made === undefined || value === undefined)
          return 'entries are written out, each with a key of its own and a value'
        return { kind: 'context', entries: new Map([...made.keys()].map((key) => [key, value])) }
      },
      run: (entries: FeelValue) => fromEntries(entries) ?? new Map(),
    },
  ],
}
