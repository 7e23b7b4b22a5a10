/**
 * Drafts: what is prepared for a civil servant, from the rule's trace and the pack's approved sentences, and nothing
 * else: no model, no clock, no database. The same facts give the same draft, byte for byte.
 */
import type { Clause, LocaleCode, Pack } from '../packs/packs.ts'
import { canonical, type Json, sha256 } from '../platform/canonical.ts'
import type { DateText } from '../platform/clock.ts'
import type { Citation, Determination, Facts, Rule } from '../rules/rules.ts'
import { type FailedCondition, failedIn, failedText, inWords } from './failing.ts'
import { citationText, fill, inEveryLanguage, moneyText, orWord, type Texts, wordsFor } from './wording.ts'

export type Sentence = {
  /** Approved clause it comes from; null for one a civil servant wrote. */
  readonly clause: string | null
  readonly text: Texts
  /** What it rests on. */
  readonly facts: readonly string[]
  readonly rule: string
  readonly law: readonly Citation[]
}

/** The prepared decision a civil servant starts from; never a decision. Only `finalise` makes one of it. */
export type Draft = {
  readonly kind: 'draft'
  readonly case_id: string
  readonly outcome: 'favourable' | 'adverse' | 'question'
  readonly rule: { readonly id: string; readonly version: number; readonly hash: string }
  readonly item: string
  /** Day the rule was asked about. */
  readonly as_of: DateText
  readonly amount: number | null
  /** What would have to be asked, for `question`. */
  readonly ask: readonly string[]
  readonly determination: Determination
  readonly sentences: readonly Sentence[]
  /** What stands against it; empty where the rule applies. */
  readonly failed: readonly FailedCondition[]
  readonly pack: { readonly id: string; readonly version: string; readonly hash: string }
  /** The civil servant who changed the prepared words, and the draft they changed. */
  readonly edited: { readonly by: string; readonly from: string } | null
}

/** Names for the letter; the empty text where nobody told one. */
export type Names = { readonly subject: string; readonly about: string }

/** Prepares the draft of a case from what its rule says. */
export function makeDraft(
  pack: Pack,
  of: {
    readonly case_id: string
    readonly rule: Rule
    readonly item: string
    readonly names: Names
    /** The cells the rule was evaluated with. */
    readonly facts: Facts
  },
  said: Determination,
): Draft {
  const { rule } = of
  const outcome = outcomeOf(said)
  const failed = inWords(pack, rule, failedIn(rule, of.facts, said))
  const clauses = [...pack.clauses.values()].filter((c) => c.rule === rule.source.id && c.outcome === outcome)
  // A rule a human must judge has no approved question to ask.
  const usable = outcome === 'question' && said.ask.length === 0 ? [] : clauses
  return {
    kind: 'draft',
    case_id: of.case_id,
    outcome,
    rule: { id: rule.source.id, version: rule.source.version, hash: rule.hash },
    item: of.item,
    as_of: said.as_of,
    amount: said.amount,
    ask: said.ask,
    determination: said,
    sentences: usable.map((clause) => sentence(pack, rule, clause, said, failed, of.names)),
    failed,
    pack: { id: pack.id, version: pack.version, hash: pack.hash },
    edited: null,
  }
}

function outcomeOf(said: Determination): Draft['outcome'] {
  switch (said.outcome) {
    case 'applies':
      return 'favourable'
    case 'does_not_apply':
      return 'adverse'
    case 'ask':
    case 'conflict':
    case 'human':
      return 'question'
  }
}

function sentence(
  pack: Pack,
  rule: Rule,
  clause: Clause,
  said: Determination,
  failed: readonly FailedCondition[],
  names: Names,
): Sentence {
  const text = inEveryLanguage(pack, (locale) =>
    fill(pack, locale, clause.words, slotTexts(pack, locale, rule, said, failed, names)),
  )
  return { clause: clause.id, text, facts: said.facts, rule: rule.source.id, law: rule.source.legal }
}

/** The slots a clause may use, written in one language (packs: docs on clauses). */
function slotTexts(
  pack: Pack,
  locale: LocaleCode,
  rule: Rule,
  said: Determination,
  failed: readonly FailedCondition[],
  names: Names,
): { readonly [slot: string]: string } {
  const asked = pack.vocabulary.get(said.ask[0] ?? '')
  return {
    person: names.subject || '—',
    child: names.about || '—',
    about: names.about || '—',
    amount: said.amount === null ? '—' : moneyText(pack, locale, said.amount),
    law: rule.source.legal.map((c) => citationText(pack, locale, c)).join('; '),
    reason: failedText(locale, failed, orWord[locale]) || '—',
    question: asked ? wordsFor(pack, locale, asked.ask ?? asked.words) : '—',
  }
}

/**
 * SHA-256 over what a draft says. The day it was prepared is left out: a draft that says the same tomorrow is the
 * same draft, and a civil servant who opened it yesterday has read it.
 */
export function draftHash(draft: Draft): string {
  const { as_of: _, determination, ...rest } = draft
  const { as_of: __, until: ___, ...said } = determination
  return sha256(canonical({ ...rest, determination: said } as unknown as Json))
}

/** The same draft in a civil servant's words. Sentences keep what they rest on; added ones rest on the whole rule. */
export function editDraft(
  draft: Draft,
  edit: {
    readonly by: string
    readonly reasons: { readonly [locale in LocaleCode]?: readonly string[] }
  },
): Draft {
  const lengths = Object.values(edit.reasons).map((lines) => lines?.length ?? 0)
  const count = Math.max(draft.sentences.length, ...lengths)
  const sentences: Sentence[] = []
  for (let i = 0; i < count; i++) {
    const before = draft.sentences[i]
    const text: { [locale in LocaleCode]?: string } = { ...before?.text }
    for (const [locale, lines] of Object.entries(edit.reasons) as [LocaleCode, readonly string[]][]) {
      // Fewer lines than before: the sentence was struck out in this language.
      text[locale] = lines[i] ?? ''
    }
    if (Object.values(text).every((t) => t.trim() === '')) continue
    sentences.push({
      clause: before?.clause ?? null,
      text,
      facts: before?.facts ?? draft.determination.facts,
      rule: draft.rule.id,
      law: before?.law ?? [],
    })
  }
  return { ...draft, sentences, edited: { by: edit.by, from: draft.edited?.from ?? draftHash(draft) } }
}

/** What a draft gives as reasons in one language. */
export const reasonsIn = (draft: Draft, locale: LocaleCode): string =>
  draft.sentences
    .map((s) => s.text[locale] ?? '')
    .filter((t) => t !== '')
    .join('\n')
