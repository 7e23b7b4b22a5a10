/** Where a part of a rule is written: file, line and column, and the line of text itself. */

import type { Draft } from '../checks/draft.ts'
import { placeInRule } from '../checks/rules.ts'

export type Where = { readonly file: string; readonly line: number; readonly column: number }

/** @param at a part of the rule, named as mistakes name it, and an offset into its text */
export function whereIn(
  draft: Draft,
  rule: string,
  at: { readonly where: string; readonly from: number },
): Where {
  const { sheet, line, column } = placeInRule(draft, draft.rules.entries.get(rule)!, at)
  return { file: sheet.file, line, column }
}
