/** What a rule pays to chosen rows of a population, over strips. */
import { parseDay } from '../evaluator/calendar.ts'
import { programOf } from '../evaluator/program.ts'
import type { Rule } from '../rules.ts'
import type { Population } from './columns.ts'
import { decideRow } from './run.ts'
import { fitsStrips } from './strips/fits.ts'
import { openStrips, strip_rows } from './strips/strips.ts'

export type Amounts = {
  /** Whole minor units of each row, in the order asked: NaN where the rule does not apply or the amount is not known. */
  of(rows: Uint32Array): Float64Array
  /** How many rows the evaluator had to see so far. */
  evaluated(): number
}

/**
 * Prepares the amounts of a rule on a day; `population` is one of items for a rule that is evaluated once per item.
 * @throws RangeError for a malformed day, and from `of` for an amount of money beyond exact integers
 */
export function openAmounts(rule: Rule, population: Population, asOf: string): Amounts {
  const day = parseDay(asOf)
  if (day === undefined) throw new RangeError('asOf is no date of the form YYYY-MM-DD')
  const program = programOf(rule)
  const { ir } = program
  const results = [ir, ...ir.exception_results].flatMap((result) => (result?.amount ? [result.amount] : []))
  const fits = [ir.when, ...ir.exceptions, ...results].every((node) => fitsStrips(program, node, day))
  const strips = fits ? openStrips(population, day) : undefined
  const paid = strips?.amount(rule)
  const strip = new Float64Array(strip_rows)
  let evaluated = 0
  const byEvaluator = (row: number): number => {
    evaluated++
    const { amount } = decideRow(population, program, day, row)
    if (amount !== null && !Number.isSafeInteger(Number(amount)))
      throw new RangeError(`${rule.source.id}: an amount of money is beyond exact integers`)
    return amount === null ? Number.NaN : Number(amount)
  }
  return {
    of(rows) {
      if (!strips) return Float64Array.from(rows, byEvaluator)
      const found = new Float64Array(rows.length)
      for (let from = 0; from < rows.length; from += strip_rows) {
        const size = Math.min(strip_rows, rows.length - from)
        strips.read(rows, from, size)
        paid!(strip)
        found.set(strip.subarray(0, size), from)
        const beyond = strips.beyond()
        for (let at = 0; at < size; at++)
          if (beyond[at] === 1) found[from + at] = byEvaluator(rows[from + at]!)
      }
      return found
    },
    evaluated: () => evaluated,
  }
}
