/** What a snapshot holds of each kind of subject, and the hash by which a file of another vocabulary is refused. */
import { languageVocabulary, type Pack } from '../../packs/packs.ts'
import type { SubjectKind } from '../../people/people.ts'
import { canonical, type Json, sha256 } from '../../platform/canonical.ts'
import type { RuleVocabulary } from '../../rules/rules.ts'

export type Scope = {
  readonly kind: SubjectKind
  /** In the order of the vocabulary. */
  readonly predicates: readonly string[]
  readonly vocabulary: RuleVocabulary
  /** SHA-256 of all that gives the columns their meaning. */
  readonly hash: string
}

export const KINDS: readonly SubjectKind[] = ['person', 'organisation']

/**
 * Everything rules can read of this kind of subject. Free texts (names, addresses) are left out unless a rule or a band
 * of the council reads them: a snapshot holds no more of a person than it is for.
 */
export function scopeOf(pack: Pack, kind: SubjectKind): Scope {
  const wanted = new Set([...pack.rules.values()].flatMap((rule) => rule.reads))
  for (const { predicate } of pack.council?.bands ?? []) wanted.add(predicate)
  const predicates = [...pack.vocabulary.values()]
    .filter(({ subject }) => subject === kind || subject === 'any')
    .filter(({ name, type }) => wanted.has(name) || type.kind !== 'string')
    .map(({ name }) => name)
  const all = languageVocabulary(pack)
  const vocabulary = Object.fromEntries(predicates.map((name) => [name, all[name]!]))
  const types = predicates.map((name) => [name, all[name]!.type, all[name]!.world])
  const meaning = { kind, types, digits: pack.currency.digits } as unknown as Json
  return { kind, predicates, vocabulary, hash: sha256(canonical(meaning)) }
}
