/** Why a civil servant may not propose or publish, as the council's pages say it. */
import { type CouncilOfficer, publisherOf } from '../../src/council/council.ts'
import type { LocaleCode, Pack } from '../../src/packs/packs.ts'
import type { Outcome } from '../../src/platform/refusal.ts'
import type { Bar } from '../council/views.ts'
import type { OfficerAsker } from '../views.ts'
import { agencyView, words } from './context.ts'

export const officerOf = ({ viewer }: OfficerAsker): CouncilOfficer => ({
  number: viewer.pseudonym,
  name: viewer.name,
  agency: viewer.agency,
  role: viewer.role ?? null,
})

/** What stands in the way, and who may; null when nothing does. */
export function barOf(
  pack: Pack,
  locale: LocaleCode,
  of: { readonly what: 'propose' | 'publish'; readonly rule: string; readonly allowed: Outcome<null> },
): Bar {
  if (of.allowed.ok) return null
  const { code } = of.allowed.refusal
  const answers = publisherOf(pack, of.rule)
  const agency = answers ? agencyView(pack, locale, answers.agency).name : ''
  const roles = (answers?.[of.what] ?? []).map((role) => words(pack, locale, `servant.${role}`)).join(', ')
  const why =
    code === 'same_person' || code === 'nobody_proposed'
      ? code
      : !answers
        ? 'nobody_answers'
        : code === 'not_your_rule'
          ? 'rule'
          : of.what
  return { why, agency, roles }
}
