/** Checks that hold for one state of the law at a time: tables without gaps, exceptions that exclude each other. */

import { formatDay } from '../evaluator/calendar.ts'
import { type ParamTable, paramAt } from '../evaluator/params.ts'
import type { RuleError, RuleSource } from '../rules.ts'
import type { Knowledge } from './columns.ts'
import type { TruthNode } from './ir.ts'
import { knowledgeOf } from './knowledge.ts'
import type { Lowering } from './lowering.ts'
import { areDisjoint } from './regions.ts'
import type { Check } from './results.ts'

type ByLaw = {
  readonly cx: Lowering
  readonly lowered: { readonly checks: readonly Check[]; readonly exceptions: readonly TruthNode[] }
  readonly source: RuleSource
  readonly errors: RuleError[]
  readonly tables: ReadonlyMap<string, ParamTable>
  /** The first day in force. */
  readonly from: number
}

/** Looks at the rule as it is on its first day, and on every later one on which a parameter changes. */
export function checkByLaw({ cx, lowered, source, errors, tables, from }: ByLaw): void {
  const later = [...tables.values()].flatMap(({ versions }) => versions.map((version) => version.from))
  const days = [...new Set([from, ...later.filter((day) => day > from)])].sort((a, b) => a - b)
  for (const day of days) {
    const about = knowledgeOf(cx, (slot) => {
      const table = tables.get(cx.params[slot]!)
      const value = table && paramAt(table, day)?.value
      if (typeof value === 'number') return BigInt(value)
      return typeof value === 'bigint' || typeof value === 'string' ? value : undefined
    })
    const before = errors.length
    for (const check of lowered.checks) check(about)
    checkExceptions(source, lowered.exceptions, about, errors)
    if (errors.length === before) continue
    if (day === from) return
    // The mistake is one of this state of the law alone, so its first day belongs to it.
    for (const error of errors.splice(before))
      errors.push({ ...error, message: `${error.message} (as parameters are from ${formatDay(day)})` })
    return
  }
}

/** Two exceptions that could apply together with no order between them: nobody could tell what holds. */
function checkExceptions(
  source: RuleSource,
  conditions: readonly TruthNode[],
  about: Knowledge,
  errors: RuleError[],
): void {
  const declared = source.exceptions ?? []
  // Until it is published, a rule may still be simulated with what is unproved: it then says `conflict` where it is one.
  if (source.status !== 'published' || conditions.length !== declared.length) return
  const under = (id: string): number[] =>
    declared.flatMap((one, at) => (one.id === id ? [at] : one.overrides === id ? under(one.id) : []))
  for (const [at, one] of declared.entries()) {
    for (const other of declared.slice(0, at).filter(({ overrides }) => overrides === one.overrides)) {
      const clash = under(one.id).flatMap((a) =>
        under(other.id).flatMap((b) =>
          areDisjoint(conditions[a]!, conditions[b]!, about) ? [] : [[a, b] as const],
        ),
      )[0]
      if (!clash) continue
      const [a, b] = clash.map((place) => declared[place]!.id)
      errors.push({
        where: `exceptions.${one.id}`,
        from: 0,
        to: 0,
        message: `${a} and ${b} may apply together, and neither overrides the other: order them, or let their conditions exclude each other`,
      })
    }
  }
}
