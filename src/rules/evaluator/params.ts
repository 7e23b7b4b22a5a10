/** Parameters: versioned values of the law, checked at compile time and looked up by day. */
import type { Json } from '../../platform/canonical.ts'
import type { ValueNode } from '../language/ir.ts'
import { gcd, literal, numeral, signOfValue, typeOf } from '../language/typing.ts'
import type { ParamVersion, RuleType } from '../rules.ts'
import { parseDay, parseDuration } from './calendar.ts'
import { decoder, scaled, unknown, type Value } from './values.ts'

export type ParamVersionRead = {
  readonly from: number
  readonly value: Value
  /** As determinations carry it: money in whole minor units. */
  readonly json: Json
  /** Day from which it is known. */
  readonly published: number
  readonly source: ParamVersion
}

/** Versions in the order of their first day. */
export type ParamTable = { readonly name: string; readonly versions: readonly ParamVersionRead[] }

/** The version in force on a day, of those known by another; undefined before the first. */
export function paramAt(
  table: ParamTable,
  day: number,
  known = Number.POSITIVE_INFINITY,
): ParamVersionRead | undefined {
  for (let at = table.versions.length - 1; at >= 0; at--) {
    const version = table.versions[at]!
    if (version.from <= day && version.published <= known) return version
  }
  return undefined
}

type Declaration = { readonly type: RuleType; readonly values: readonly ParamVersion[] }

/** A parameter's typed node and its table of values, or what is wrong with its declaration. */
export function readParam(
  name: string,
  declared: Declaration,
  about: { readonly money_digits: number; readonly effective_from: number | undefined },
): {
  readonly node: ValueNode | undefined
  readonly table: ParamTable
  readonly mistakes: readonly string[]
} {
  const mistakes: string[] = []
  const versions: ParamVersionRead[] = []
  let before: number | undefined
  for (const source of declared.values) {
    const from = parseDay(source.from)
    const published =
      source.published_at === undefined ? Number.NEGATIVE_INFINITY : parseDay(source.published_at)
    const read = readValue(declared.type, source.value, about.money_digits)
    if (from === undefined)
      mistakes.push(`the version from ${source.from} has no date of the form YYYY-MM-DD`)
    else if (before !== undefined && from <= before)
      mistakes.push(`the version from ${source.from} is not later than the one before it`)
    if (typeof read === 'string') mistakes.push(`the value from ${source.from}: ${read}`)
    else if (published === undefined)
      mistakes.push(
        `the version from ${source.from} has a published_at that is no date of the form YYYY-MM-DD`,
      )
    else if (from !== undefined) versions.push({ from, ...read, published, source })
    before = from
  }
  if (declared.values.length === 0) mistakes.push('it has no values')
  const first = versions[0]
  if (
    mistakes.length === 0 &&
    first &&
    about.effective_from !== undefined &&
    first.from > about.effective_from
  ) {
    mistakes.push(`its first value is of ${first.source.from}, after the rule takes effect`)
  }
  const node = mistakes.length === 0 ? nodeOf(declared, versions, mistakes) : undefined
  return { node, table: { name, versions }, mistakes }
}

function readValue(type: RuleType, json: Json, moneyDigits: number): { value: Value; json: Json } | string {
  if (type.kind === 'money') {
    const minor = scaled(json, moneyDigits)
    if (minor === undefined)
      return `an amount in major units with at most ${moneyDigits} decimals is expected`
    if (minor > BigInt(Number.MAX_SAFE_INTEGER) || minor < BigInt(Number.MIN_SAFE_INTEGER))
      return 'the amount is too large'
    return { value: minor, json: Number(minor) }
  }
  if (type.kind === 'code' && !(typeof json === 'string' && type.values.includes(json)))
    return `one of ${type.values.join(', ')} is expected`
  const value = decoder(type)(json)
  return value === unknown ? `a value of type ${type.kind} within its range is expected` : { value, json }
}

/** What is proved of a parameter holds for every version of it. */
function nodeOf(
  declared: Declaration,
  versions: readonly ParamVersionRead[],
  mistakes: string[],
): ValueNode | undefined {
  if (declared.type.kind === 'duration') {
    const units = new Set(versions.map(({ source }) => parseDuration(source.value)?.unit))
    const [unit] = units
    if (units.size === 1 && unit) return literal({ kind: unit }, 0)
    mistakes.push('its values mix days with months')
    return undefined
  }
  const type = typeOf(declared.type)
  if (!type || type.kind === 'subject') {
    mistakes.push(`a parameter cannot be of type ${declared.type.kind}`)
    return undefined
  }
  if (type.kind !== 'number' && type.kind !== 'money') return literal(type, 0)
  const values = versions.map(({ value }) => value as bigint)
  const signs = values.map(signOfValue)
  return {
    ...numeral(0n, type.scale, type.kind),
    sign: signs.includes('any') ? 'any' : signs.includes('nonnegative') ? 'nonnegative' : 'positive',
    divisor: values.reduce(gcd, 0n),
  }
}
