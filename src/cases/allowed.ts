/** What may be decided: what keeps an outcome from being decided, told as a refusal to the civil servant. */
import type { LocaleCode, Pack } from '../packs/packs.ts'
import type { Refusal } from '../platform/refusal.ts'
import { type Draft, reasonsIn } from './draft.ts'
import type { CaseRow } from './store.ts'
import { clean } from './texts.ts'
import type { Texts } from './wording.ts'

/** Why a case cannot be worked on towards a decision in its state; null when it can. */
export function stateRefusal(found: CaseRow): Refusal | null {
  if (found.kind !== 'decision') return { code: 'case_closed', message: 'This is a task, nothing to decide.' }
  switch (found.state) {
    case 'open':
      return null
    case 'asking':
      return {
        code: 'waiting_for_answer',
        message: 'The person was asked and has not answered yet.',
        next: 'Wait for the answer; the draft is prepared anew then.',
      }
    case 'decided':
    case 'closed':
      return { code: 'case_closed', message: `This case is ${found.state}.` }
  }
}

/**
 * Whether an outcome goes against the person: a refusal, or a grant of less than a draft of this case once said.
 * @param most the most that any draft of the case would have given, minor units
 */
export function adverseIn(
  outcome: 'granted' | 'refused',
  prepared: Draft,
  most: number | null,
): 'refused' | 'less' | null {
  if (outcome === 'refused') return 'refused'
  return most !== null && (prepared.amount ?? 0) < most ? 'less' : null
}

/** Whether a draft can be granted, and would give less than one before it. */
export const grantsLess = (prepared: Draft, most: number | null): boolean =>
  againstGranting(prepared) === null && adverseIn('granted', prepared, most) === 'less'

/** What keeps a draft from being granted. */
export function againstGranting({ determination, ask }: Draft): Refusal | null {
  switch (determination.outcome) {
    case 'applies':
    case 'human':
      return null
    case 'does_not_apply':
      return {
        code: 'rule_does_not_allow',
        message: 'By the rule this cannot be granted.',
        next: 'If a fact is wrong, have its registry correct it; the draft is prepared anew then.',
      }
    case 'ask':
    case 'conflict':
      return {
        code: 'facts_missing',
        message: 'Something the rule needs is unknown or contradictory.',
        next: 'Ask the person or wait for the registry.',
        facts: { ask: [...ask] },
      }
  }
}

/** Texts as civil servants write them; null when all can be stored and shown. */
export const textRefusal = (texts: readonly (string | undefined)[]): Refusal | null =>
  texts.every((text) => clean(text ?? ''))
    ? null
    : { code: 'text_refused', message: 'A text is too long or holds control characters.' }

/** What keeps something adverse from being intended in these words. */
export function againstIntending(
  pack: Pack,
  draft: Draft,
  words: {
    readonly person_locale: LocaleCode
    readonly intended: 'refused' | 'less'
    readonly reasons: Texts
    readonly to_fix: Texts
  },
): Refusal | null {
  const { person_locale, intended, reasons, to_fix } = words
  const unclean = textRefusal([...Object.values(reasons), ...Object.values(to_fix)])
  if (unclean) return unclean
  const own = (texts: Texts): string => texts[person_locale]?.trim() ?? ''
  // The words of a favourable draft, or of a question, are no reasons for a refusal.
  const prepared = draft.outcome === 'adverse' ? '' : reasonsIn(draft, person_locale).trim()
  if (own(reasons) === '' || own(reasons) === prepared)
    return {
      code: 'reasons_needed',
      at: `reasons.${person_locale}`,
      message: 'What goes against a person needs its reasons in the language the person reads.',
    }
  if (intended === 'refused' && draft.failed.length === 0 && own(to_fix) === '')
    return {
      code: 'what_to_fix_needed',
      at: `to_fix.${person_locale}`,
      message: 'A refusal says what the person can put right.',
    }
  if (!pack.hearing)
    return {
      code: 'no_hearing_declared',
      message: 'The pack does not say how people are heard, so nothing can be refused.',
      next: 'Add `hearing` to the pack.',
    }
  return againstRefusing(pack)
}

/** What keeps anything from being refused at all. */
export const againstRefusing = (pack: Pack): Refusal | null =>
  (pack.remedies ?? []).length > 0
    ? null
    : {
        code: 'no_remedy_declared',
        message: 'The pack names no place where a refusal can be challenged, so nothing can be refused.',
        next: 'Add `remedies` to the pack.',
      }
