/**
 * A plan as PostgreSQL conditions over one wide table, a row per subject (docs/population.md says how it is laid out).
 * Days are compared with day literals and ages never computed, so that an index on a date column serves the rule.
 * Every text is true exactly where its mask holds; elsewhere it is false or null, which `where` and `filter` treat
 * alike.
 */
import { formatDay } from '../evaluator/calendar.ts'
import { type ColumnInfo, lanes, type Shape } from './columns.ts'
import { type Amount, ends, type Mask } from './masks.ts'
import type { Count, Plan } from './plan.ts'

/** For each output and code of the plan, the condition that holds for the subjects that get it. */
export type SqlOutput = {
  readonly name: string
  readonly codes: readonly { readonly code: number; readonly where: string }[]
}

type Writing = { readonly shape: Shape; readonly counts: ReadonlyMap<string, Count> }

/**
 * The conditions of a plan made with `is_wide`.
 * @throws RangeError where a text column holds words that are not known beforehand.
 */
export function sqlOf(plan: Plan, shape: Shape): readonly SqlOutput[] {
  const counts = new Map(plan.counts.map((count) => [`#${count.temp}`, count]))
  return plan.outputs.map(({ name, codes }) => ({
    name,
    codes: codes.map(({ code, mask }) => ({ code, where: conditionOf({ shape, counts }, mask) })),
  }))
}

/** A mask as a condition, where the counts it names are known. */
export const maskText = (shape: Shape, counts: readonly Count[], mask: Mask): string =>
  conditionOf({ shape, counts: new Map(counts.map((count) => [`#${count.temp}`, count])) }, mask)

function conditionOf(cx: Writing, mask: Mask): string {
  switch (mask.op) {
    case 'text':
      return mask.sql
    case 'constant':
      return mask.value ? 'true' : 'false'
    case 'range':
      return rangeOf(cx, mask)
    case 'compare':
      return `${amountOf(mask.left)} ${mask.by} ${amountOf(mask.right)}`
    case 'not':
      return `(${conditionOf(cx, mask.of)}) is not true`
    case 'and':
    case 'or': {
      // What costs least is asked first: the database stops at the first part that decides.
      const parts = [...mask.of].sort((a, b) => costOf(a) - costOf(b) || a.id - b.id)
      return parts.map((part) => inBrackets(conditionOf(cx, part), part)).join(` ${mask.op} `)
    }
  }
}

const inBrackets = (text: string, { op }: Mask): string =>
  op === 'and' || op === 'or' || op === 'range' ? `(${text})` : text

function costOf(mask: Mask): number {
  switch (mask.op) {
    case 'constant':
      return 0
    case 'range':
      return mask.column.key.startsWith('#') ? 100 : 1
    case 'compare':
      return 2
    case 'text':
      return 200
    case 'not':
      return costOf(mask.of)
    case 'and':
    case 'or':
      return mask.of.reduce((sum, part) => sum + costOf(part), 0)
  }
}

export const quoted = (key: string): string => `"${key.replaceAll('"', '""')}"`
/** The column that says that a missing value is unknown and not absent, where a column can miss both ways. */
export const unknownFlag = (key: string): string => `${key}@unknown`

function rangeOf(cx: Writing, mask: Extract<Mask, { op: 'range' }>): string {
  const { column, low, high } = mask
  const count = cx.counts.get(column.key)
  if (count) return countOf(cx, count, mask)
  const { info, key } = column
  const { absent, unknown } = lanes[info.lane]
  const name = quoted(key)
  const parts: string[] = []
  const from = Math.max(low, info.low)
  const to = Math.min(high, info.high)
  if (from <= to) parts.push(valuesOf(name, info, from, to))
  const has_absent = info.has_absent && low <= absent
  const has_unknown = info.has_unknown && high >= unknown
  const is_apart = info.has_absent && info.has_unknown
  if (has_absent && (has_unknown || !is_apart)) parts.push(`${name} is null`)
  else if (has_absent) parts.push(`${name} is null and not ${quoted(unknownFlag(key))}`)
  else if (has_unknown) parts.push(is_apart ? quoted(unknownFlag(key)) : `${name} is null`)
  return parts.join(' or ')
}

function valuesOf(name: string, info: ColumnInfo, from: number, to: number): string {
  if (from === info.low && to === info.high) return `${name} is not null`
  if (info.kind === 'boolean') return from + info.offset === 1 ? name : `not ${name}`
  if (info.kind === 'word') {
    const words = info.words.slice(from + info.offset, to + info.offset + 1)
    return `${name} in (${words.map((word) => `'${word.replaceAll("'", "''")}'`).join(', ')})`
  }
  const literal = (code: number): string => literalOf(info, code)
  if (from === to) return `${name} = ${literal(from)}`
  if (from === info.low) return `${name} <= ${literal(to)}`
  if (to === info.high) return `${name} >= ${literal(from)}`
  return `${name} >= ${literal(from)} and ${name} <= ${literal(to)}`
}

function literalOf({ kind, offset }: ColumnInfo, code: number): string {
  const value = code + offset
  const day = kind === 'day' ? formatDay(value) : undefined
  return day === undefined ? `${value}` : `date '${day}'`
}

/** A number or day of the table as a number, so that it can be added and compared. */
export const columnText = (key: string, info: ColumnInfo): string =>
  amountOf({ op: 'column', column: { key, info } })

/** Days as numbers, so that they can be added and compared; the factors of products as 64-bit integers. */
function amountOf(amount: Amount, is_factor = false): string {
  if (amount.op === 'constant') return `${amount.value}::bigint`
  if (amount.op === 'column') {
    const { key, info } = amount.column
    if (info.kind === 'day') return `(${quoted(key)} - date '1970-01-01')`
    return is_factor ? `${quoted(key)}::bigint` : quoted(key)
  }
  const sign = { add: '+', subtract: '-', multiply: '*' }[amount.op]
  // A 64-bit constant makes the result one; two columns might stay in 32 bits and overflow.
  const is_bare = amount.left.op !== 'constant' && amount.right.op !== 'constant'
  return `(${amountOf(amount.left, is_bare)} ${sign} ${amountOf(amount.right, is_bare)})`
}

/** The arrays that hold a list's items, one element per item in each. */
export function arraysOf({ columns }: Shape, list: string): string[] {
  const days = ['from', 'to', 'observed'].map((part) => `${list}@${part}`)
  return [...columns].flatMap(([key, info]) => {
    if (!key.startsWith(`${list}.`) && !days.includes(key)) return []
    return info.has_absent && info.has_unknown ? [key, unknownFlag(key)] : [key]
  })
}

/** A list's items as rows, a column per field of theirs. */
export function unnested(shape: Shape, list: string): string {
  const fields = arraysOf(shape, list).map(quoted)
  if (fields.length === 0) throw new RangeError(`the table has no column for the items of ${list}`)
  return `unnest(${fields.join(', ')}) as item(${fields.join(', ')})`
}

/** How many items pass, asked of the arrays of the list's fields; an array that is too short is never opened. */
function countOf(
  cx: Writing,
  { list, mask }: Count,
  { column, low, high }: Extract<Mask, { op: 'range' }>,
): string {
  const { first, last } = ends(column.info)
  const items = unnested(cx.shape, list)
  const [array] = arraysOf(cx.shape, list).map(quoted)
  const size = `cardinality(${array})`
  const parts: string[] = []
  const one = low === 1 && high === last ? anyOf(list, mask) : undefined
  if (one !== undefined) return one
  const all = mask.op === 'constant' && mask.value
  const from = `from ${items} where ${conditionOf(cx, mask)}`
  if (low !== first) {
    parts.push(`${size} >= ${low}`)
    if (!all && low === 1) parts.push(`exists (select ${from})`)
    else if (!all) parts.push(`(select count(*) ${from}) >= ${low}`)
  }
  if (high !== last) {
    const few = `(${size} <= ${high} or (select count(*) ${from}) <= ${high})`
    parts.push(all ? `${size} <= ${high}` : few)
  }
  return parts.join(' and ')
}

/** Some item is over, or under, one bound: no subquery is needed. */
function anyOf(list: string, mask: Mask): string | undefined {
  // A fact of the subject stands in no array.
  if (mask.op !== 'range' || !/^[.@]/.test(mask.column.key.slice(list.length))) return undefined
  if (!mask.column.key.startsWith(list)) return undefined
  const { column, low, high } = mask
  const { info } = column
  const from = Math.max(low, info.low)
  const to = Math.min(high, info.high)
  const { absent, unknown } = lanes[info.lane]
  const takes_none = (info.has_absent && low <= absent) || (info.has_unknown && high >= unknown)
  const is_one_sided = (from === info.low) !== (to === info.high)
  if (takes_none || !is_one_sided || info.kind === 'word' || info.kind === 'boolean') return undefined
  const bound = from === info.low ? `${literalOf(info, to)} >=` : `${literalOf(info, from)} <=`
  return `${bound} any(${quoted(column.key)})`
}
