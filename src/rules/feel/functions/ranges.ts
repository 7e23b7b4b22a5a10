/** FEEL's relations of points and ranges in order. A point is the range of itself alone. */
import { absent } from '../../evaluator/values.ts'
import { boolean, type FeelType, isOrdered, unifyTypes } from '../types.ts'
import { compareValues, type FeelRange, type FeelValue, isRangeValue } from '../values.ts'
import type { BuiltIn, BuiltIns } from './signature.ts'

const asRange = (value: FeelValue): FeelRange =>
  isRangeValue(value)
    ? value
    : { kind: 'range', start: value, end: value, start_included: true, end_included: true }

/** An end as a place in order: `side` tells an open end from a closed one at the same value. */
type Place = { readonly at: FeelValue; readonly side: number }

const startOf = (range: FeelRange): Place => ({ at: range.start, side: range.start_included ? 0 : 1 })
const endOf = (range: FeelRange): Place => ({ at: range.end, side: range.end_included ? 0 : -1 })

function compare(a: Place, b: Place, absent_a: number, absent_b: number): number {
  if (a.at === absent || b.at === absent) {
    const [x, y] = [a.at === absent ? absent_a : 0, b.at === absent ? absent_b : 0]
    return x - y
  }
  return (compareValues(a.at, b.at) ?? Number.NaN) || a.side - b.side
}

const starts = (a: FeelRange, b: FeelRange): number => compare(startOf(a), startOf(b), -1, -1)
const ends = (a: FeelRange, b: FeelRange): number => compare(endOf(a), endOf(b), 1, 1)
const endToStart = (a: FeelRange, b: FeelRange): number => compare(endOf(a), startOf(b), 1, -1)

function relation(
  run: (a: FeelRange, b: FeelRange) => boolean,
  params: readonly string[],
): readonly BuiltIn[] {
  return [
    {
      params,
      result: (types) => {
        const [a, b] = types.map((type) => (type.kind === 'range' ? type.of : type)) as [FeelType, FeelType]
        const both = unifyTypes(a, b)
        return both && isOrdered(both) ? boolean : 'these cannot be put in order'
      },
      run: (a: FeelValue, b: FeelValue) => run(asRange(a), asRange(b)),
    },
  ]
}

const either = ['point: any', 'range: any']
const ranges = ['range1: range', 'range2: range']
const includes = (a: FeelRange, b: FeelRange): boolean => starts(a, b) <= 0 && ends(a, b) >= 0
const meets = (a: FeelRange, b: FeelRange): boolean =>
  a.end_included && b.start_included && compareValues(a.end, b.start) === 0
const overlaps = (a: FeelRange, b: FeelRange): boolean => endToStart(a, b) >= 0 && endToStart(b, a) >= 0
const finishes = (a: FeelRange, b: FeelRange): boolean => ends(a, b) === 0 && starts(a, b) >= 0
const startsIn = (a: FeelRange, b: FeelRange): boolean => starts(a, b) === 0 && ends(a, b) <= 0

export const rangeFunctions: BuiltIns = {
  before: relation((a, b) => endToStart(a, b) < 0, either),
  after: relation((a, b) => endToStart(b, a) < 0, either),
  meets: relation(meets, ranges),
  'met by': relation((a, b) => meets(b, a), ranges),
  overlaps: relation(overlaps, ranges),
  'overlaps before': relation((a, b) => overlaps(a, b) && starts(a, b) < 0 && ends(a, b) < 0, ranges),
  'overlaps after': relation((a, b) => overlaps(a, b) && starts(a, b) > 0 && ends(a, b) > 0, ranges),
  finishes: relation(finishes, either),
  'finished by': relation((a, b) => finishes(b, a), ['range: range', 'value: any']),
  includes: relation(includes, ['range: range', 'value: any']),
  during: relation((a, b) => includes(b, a), either),
  starts: relation(startsIn, either),
  'started by': relation((a, b) => startsIn(b, a), ['range: range', 'value: any']),
  coincides: relation((a, b) => starts(a, b) === 0 && ends(a, b) === 0, either),
}
