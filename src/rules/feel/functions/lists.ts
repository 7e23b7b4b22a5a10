/** FEEL's functions of lists. Items that are absent add nothing to sums, least and greatest. */
import { absent } from '../../evaluator/values.ts'
import { divide, type Fraction, order, plus, times } from '../fraction.ts'
import { boolean, type FeelType, itemOf, listOf, nothing, number, optional, unifyTypes } from '../types.ts'
import { compareValues, type FeelValue, isAlike, isList } from '../values.ts'
import { type BuiltIn, type BuiltIns, count, type ResultRule, wholeOf } from './signature.ts'

type List = readonly FeelValue[]

const there = (list: List): Fraction[] => list.filter((one) => one !== absent) as Fraction[]
const sumOf = (list: readonly Fraction[]): FeelValue =>
  list.length === 0 ? absent : list.reduce((a, b) => plus(a, b))

const overNumbers = (run: (list: readonly Fraction[]) => FeelValue, result: FeelType): readonly BuiltIn[] => [
  { params: ['list: list<number>'], many: true, result, run: (list: List) => run(there(list)) },
]

function median(list: readonly Fraction[]): FeelValue {
  const sorted = [...list].sort(order)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return absent
  if (sorted.length % 2 === 1) return sorted[middle]!
  return divide(plus(sorted[middle - 1]!, sorted[middle]!), count(2))
}

function mode(list: readonly Fraction[]): FeelValue {
  const sorted = [...list].sort(order)
  const often = new Map<string, { value: Fraction; times: number }>()
  for (const value of sorted) {
    const key = `${value.over}/${value.under}`
    often.set(key, { value, times: (often.get(key)?.times ?? 0) + 1 })
  }
  const most = Math.max(0, ...[...often.values()].map((one) => one.times))
  return [...often.values()].filter((one) => one.times === most).map((one) => one.value)
}

const extreme = (direction: 1 | -1): readonly BuiltIn[] => [
  {
    params: ['list: list<ordered>'],
    many: true,
    result: ([list]) => optional(itemOf(list!)),
    run: (list: List) => {
      const [first = absent, ...rest] = there(list) as FeelValue[]
      return rest.reduce<FeelValue>((a, b) => ((compareValues(b, a) ?? 0) * direction > 0 ? b : a), first)
    },
  },
]

const truths = (decisive: boolean): readonly BuiltIn[] => [
  {
    params: ['list: list<boolean>'],
    many: true,
    result: boolean,
    run: (list: List) => list.some((one) => (one === true) === decisive) === decisive,
  },
]

const sameList: BuiltIn['result'] = ([list]) => list!
const united = (types: readonly FeelType[]): FeelType | string => {
  const all = types.reduce<FeelType | undefined>((a, b) => a && unifyTypes(a, b), listOf(nothing))
  return all ?? 'the lists hold things of different types'
}
const withItem =
  (at: number): ResultRule =>
  (types) =>
    united([types[0]!, listOf(types[at]!)])

/** The same where the place asked for may not be there. */
const withItemAt: ResultRule = (types) => {
  const both = withItem(2)(types, [])
  return typeof both === 'string' ? both : optional(both)
}

function distinct(list: List): FeelValue[] {
  const found: FeelValue[] = []
  for (const one of list) if (!found.some((other) => isAlike(one, other))) found.push(one)
  return found
}

const flatType = (type: FeelType): FeelType => (type.kind === 'list' ? flatType(type.of) : type)
const flat = (list: List): FeelValue[] => list.flatMap((one) => (isList(one) ? flat(one) : [one]))

/** The place of position n: from 1 on, or from -1 at the end; undefined where there is none. */
export function placeOf(position: Fraction, length: number): number | undefined {
  const at = position.under === 1n ? Number(position.over) : 0
  const place = at > 0 ? at - 1 : length + at
  return at === 0 || place < 0 || place >= length ? undefined : place
}

export const listFunctions: BuiltIns = {
  count: [
    { params: ['list: list<any>'], many: true, result: number, run: (list: List) => count(list.length) },
  ],
  sum: overNumbers(sumOf, optional(number)),
  product: overNumbers(
    (list) => (list.length === 0 ? absent : list.reduce((a, b) => times(a, b))),
    optional(number),
  ),
  mean: overNumbers(
    (list) => (list.length === 0 ? absent : divide(sumOf(list) as Fraction, count(list.length))),
    optional(number),
  ),
  median: overNumbers(median, optional(number)),
  mode: overNumbers(mode, listOf(number)),
  min: extreme(-1),
  max: extreme(1),
  all: truths(false),
  any: truths(true),
  'list contains': [
    {
      params: ['list: list<any>', 'element: any'],
      result: (types) => {
        const both = withItem(1)(types, [])
        return typeof both === 'string' ? both : boolean
      },
      run: (list: List, element: FeelValue) => list.some((one) => isAlike(one, element)),
    },
  ],
  sublist: [
    {
      params: ['list: list<any>', 'start position: number', 'length?: number'],
      result: sameList,
      run: (list: List, start: Fraction, length?: Fraction) => {
        const from = placeOf(start, list.length)
        if (from === undefined) return []
        return list.slice(from, length === undefined ? undefined : from + Math.max(0, wholeOf(length)))
      },
    },
  ],
  append: [
    {
      params: ['list: list<any>', 'item: any'],
      result: withItem(1),
      run: (list: List, item: FeelValue) => [...list, item],
    },
  ],
  concatenate: [
    {
      params: ['list: list<any>'],
      many: true,
      result: ([lists]) =>
        lists!.kind === 'list' && lists!.of.kind === 'list' ? lists!.of : 'concatenate() takes lists',
      run: (lists: readonly List[]) => lists.flat(),
    },
  ],
  union: [
    {
      params: ['list: list<any>'],
      many: true,
      result: ([lists]) =>
        lists!.kind === 'list' && lists!.of.kind === 'list' ? lists!.of : 'union() takes lists',
      run: (lists: readonly List[]) => distinct(lists.flat()),
    },
  ],
  'insert before': [
    {
      params: ['list: list<any>', 'position: number', 'newItem: any'],
      result: withItemAt,
      run: (list: List, position: Fraction, item: FeelValue) => {
        const at = placeOf(position, list.length)
        return at === undefined ? absent : [...list.slice(0, at), item, ...list.slice(at)]
      },
    },
  ],
  'list replace': [
    {
      params: ['list: list<any>', 'position: number', 'newItem: any'],
      result: withItemAt,
      run: (list: List, position: Fraction, item: FeelValue) => {
        const at = placeOf(position, list.length)
        return at === undefined ? absent : list.map((one, place) => (place === at ? item : one))
      },
    },
  ],
  remove: [
    {
      params: ['list: list<any>', 'position: number'],
      result: ([list]) => optional(list!),
      run: (list: List, position: Fraction) => {
        const at = placeOf(position, list.length)
        return at === undefined ? absent : list.filter((_, place) => place !== at)
      },
    },
  ],
  reverse: [{ params: ['list: list<any>'], result: sameList, run: (list: List) => [...list].reverse() }],
  'index of': [
    {
      params: ['list: list<any>', 'match: any'],
      result: (types) => {
        const both = withItem(1)(types, [])
        return typeof both === 'string' ? both : listOf(number)
      },
      run: (list: List, match: FeelValue) =>
        list.flatMap((one, at) => (isAlike(one, match) ? [count(at + 1)] : [])),
    },
  ],
  'distinct values': [{ params: ['list: list<any>'], result: sameList, run: distinct }],
  flatten: [{ params: ['list: list<any>'], result: ([list]) => listOf(flatType(list!)), run: flat }],
  sort: [
    {
      params: ['list: list<ordered>'],
      result: sameList,
      run: (list: List) => [...list].sort((a, b) => compareValues(a, b) ?? 0),
    },
  ],
}
