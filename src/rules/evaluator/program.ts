/** A compiled rule: all that can be worked out once, before any subject is seen. */
import type { RuleIr } from '../language/ir.ts'
import type { Rule, RuleSource } from '../rules.ts'
import type { closuresOf } from './closures.ts'
import type { Reader } from './frame.ts'
import type { ParamTable } from './params.ts'
import type { OfficeDays } from './workdays.ts'

export type ExceptionPlan = {
  readonly id: string
  readonly outcome: NonNullable<RuleSource['exceptions']>[number]['outcome']
  /** What it gives where it applies: 0 is the rule's own result, n that of exception n - 1. */
  readonly grant: number
  /** Positions of the exceptions that override this one. */
  readonly overridden_by: readonly number[]
}

export type Program = {
  readonly ir: RuleIr
  readonly readers: readonly Reader[]
  readonly params: readonly ParamTable[]
  readonly run: ReturnType<typeof closuresOf>
  readonly exceptions: readonly ExceptionPlan[]
  /** Positions of the exceptions that override the base itself. */
  readonly base_overridden_by: readonly number[]
  /** First day in force, and first day no longer. */
  readonly effective_from: number
  readonly effective_to: number
  readonly is_per_item: boolean
  /** The days on which no office works. */
  readonly office: OfficeDays
  /** Days on which the law itself changes, in order: effective dates and parameter versions. */
  readonly law_days: readonly number[]
}

/** The program inside a rule; rules are made by `compileRule` only. */
export const programOf = (rule: Rule): Program => rule.compiled as Program
