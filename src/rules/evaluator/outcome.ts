/**
 * From truths to an outcome, by default logic: a base, and exceptions that replace what they override whenever their
 * condition holds. Two that apply with no order between them are a conflict.
 */
import type { Determination } from '../rules.ts'
import type { Program } from './program.ts'
import { maybe, no, type Truth, yes } from './values.ts'

export type Settled = {
  readonly outcome: Determination['outcome']
  readonly exception: string | null
  /** Which result is given where it applies: 0 is the rule's own. */
  readonly grant: number
}

/** Truths of the item being there, of the base, and of each exception. */
export type Truths = { readonly is_there: Truth; readonly base: Truth; readonly exceptions: readonly Truth[] }

const applies: Settled = { outcome: 'applies', exception: null, grant: 0 }
const doesNotApply: Settled = { outcome: 'does_not_apply', exception: null, grant: 0 }
const ask: Settled = { outcome: 'ask', exception: null, grant: 0 }
const conflict: Settled = { outcome: 'conflict', exception: null, grant: 0 }
const plain: readonly Settled[] = [doesNotApply, ask, applies]

/** The outcome. With something unknown it is known only if it comes out the same whichever way that turns. */
export function settle(program: Program, truths: Truths): Settled {
  if (truths.is_there === no) return doesNotApply
  const found = program.exceptions.length === 0 ? plain[truths.base]! : settleOpen(program, truths)
  if (truths.is_there === maybe && found.outcome !== 'does_not_apply') return ask
  return found
}

function settleOpen(program: Program, { base, exceptions }: Truths): Settled {
  const open: number[] = []
  for (let at = 0; at < exceptions.length; at++) if (exceptions[at] === maybe) open.push(at)
  if (open.length === 0 && base !== maybe) return resolve(program, base, exceptions)
  const trial = [...exceptions]
  let agreed: Settled | undefined
  for (const tried of base === maybe ? [no, yes] : [base]) {
    for (let turn = 0; turn < 1 << open.length; turn++) {
      open.forEach((at, bit) => {
        trial[at] = turn & (1 << bit) ? yes : no
      })
      const found = resolve(program, tried as Truth, trial)
      if (agreed === undefined) agreed = found
      // Two results are not the same result, though both apply.
      else if (agreed.outcome !== found.outcome || agreed.grant !== found.grant) return ask
      else if (agreed.exception !== found.exception) agreed = { ...agreed, exception: null }
    }
  }
  return agreed ?? ask
}

function resolve(program: Program, base: Truth, exceptions: readonly Truth[]): Settled {
  return overriding(program, program.base_overridden_by, exceptions) ?? plain[base]!
}

/** The one exception among these that applies, itself possibly overridden; undefined when none does. */
function overriding(
  program: Program,
  among: readonly number[],
  truths: readonly Truth[],
): Settled | undefined {
  let found: Settled | undefined
  for (const at of among) {
    const plan = program.exceptions[at]!
    const own =
      truths[at] === yes ? { outcome: plan.outcome, exception: plan.id, grant: plan.grant } : undefined
    const result = overriding(program, plan.overridden_by, truths) ?? own
    if (result === undefined) continue
    if (found !== undefined) return conflict
    found = result
  }
  return found
}
