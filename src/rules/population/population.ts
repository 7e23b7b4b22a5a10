/**
 * Rules over a whole population: columns, plans and kernels (docs/population.md).
 *
 * In:  compiled rules, columns of many subjects, a day.
 * Out: one byte per subject and rule, the same outcome `evaluate` gives for that subject.
 * Promise: pure like the rest of the folder; nothing is approximated: what has no form in columns goes to the
 *          evaluator row by row, and the plan says so.
 */
export { type Amounts, openAmounts } from './amounts.ts'
export { populationOf } from './build.ts'
export {
  type Arena,
  block_rows,
  type Column,
  type ColumnInfo,
  type ColumnSpec,
  type Items,
  itemsIn,
  itemsOf,
  lanes,
  openArena,
  type Population,
  roomFor,
  type Shape,
  surveyed,
  take,
} from './columns.ts'
export { itemsPopulation } from './items.ts'
export { change_codes, changePlanOf, outcome_codes, type Plan, planOf } from './plan.ts'
export { factsAt, mergePopulations, type Picks } from './rows.ts'
export { openRun, type Run, runAll, takeOut, takeScratch } from './run.ts'
export { arraysOf, quoted, sqlOf, unknownFlag } from './sql.ts'
export { never_wakes, openWake, type WakePlan, wakePlanOf } from './wake.ts'
