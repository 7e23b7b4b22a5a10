/** Published texts of a rule, compiled again from what was stored with the publication. */
import { languageVocabulary, type Pack } from '../../packs/packs.ts'
import { compileRule, type Rule, type RuleSource } from '../../rules/rules.ts'
import type { PublicationRow } from '../store.ts'

/** @throws Error when what was published once does not compile any more: a bug of the program, or a broken row */
export function compilePublished(pack: Pack, rule_id: string, source: unknown): Rule {
  const compiled = compileRule(source as RuleSource, languageVocabulary(pack), {
    money_digits: pack.currency.digits,
  })
  if (compiled.ok) return compiled.rule
  throw new Error(`${rule_id}: a published version no longer compiles: ${compiled.errors[0]!.message}`)
}

/** The rule before and after a publication, as it was published. */
export const versionsOf = (
  pack: Pack,
  { rule_id, before_source, source }: PublicationRow,
): { readonly before: Rule; readonly after: Rule } => ({
  before: compilePublished(pack, rule_id, before_source),
  after: compilePublished(pack, rule_id, source),
})
