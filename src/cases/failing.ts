/**
 * What stands against a person, and what would put it right: only the conditions that decided, grouped by alternative,
 * each with the verified fixes that settle it.
 */
import type { Pack } from '../packs/packs.ts'
import type { Json } from '../platform/canonical.ts'
import {
  type Determination,
  explain,
  type Facts,
  type Fix,
  fixes,
  type Reason,
  type Rule,
  type TruthValue,
  waysOpen,
} from '../rules/rules.ts'
import { inEveryLanguage, notInForce, type Texts, unmetText, wordsFor } from './wording.ts'

/** A condition that kept a rule from applying, without words: those may change with the pack, what failed may not. */
export type Failed = {
  /** From 0. All conditions of one alternative would have to turn; one alternative is enough. */
  readonly alternative: number
  /** `base`, or the id of the exception it belongs to; null for what lies outside the rule's conditions. */
  readonly part: string | null
  /** The predicate it speaks of; empty where the rule itself was not in force. */
  readonly predicate: string
  readonly value: TruthValue
  /** What the rule needs it to be. */
  readonly needed: boolean
  readonly your_value: readonly { readonly name: string; readonly state: string; readonly value?: Json }[]
  /** The condition as the rule writes it. */
  readonly required: string
  /** Each has been applied and the whole rule evaluated again. Empty: nothing anybody can do on purpose, or may advise. */
  readonly how_to_fix: readonly Fix[]
  /** The agencies whose records it rests on: they correct what is wrong there. */
  readonly records_of: readonly string[]
}

/** The same with the condition in words, as it reads when it holds. */
export type FailedCondition = Failed & { readonly what: Texts }

/** More alternatives than this are no help to a reader. */
const ALTERNATIVES_MAX = 8

/** What kept a rule from applying; empty when it applies. @param facts the cells it was evaluated with */
export function failedIn(rule: Rule, facts: Facts, said: Determination): Failed[] {
  if (said.outcome === 'applies') return []
  const at = said.item === null ? { asOf: said.as_of } : { asOf: said.as_of, item: said.item }
  const known = fixes(rule, facts, at)
  const ways = waysOpen(explain(rule, said), known).slice(0, ALTERNATIVES_MAX)
  return ways.flatMap((way, alternative) =>
    [...way.failed, ...way.open].map((reason) => ({ alternative, ...failedOf(rule, reason, known) })),
  )
}

function failedOf(rule: Rule, reason: Reason, known: readonly Fix[]): Omit<Failed, 'alternative'> {
  const { value } = reason
  if (reason.is === 'condition') {
    const { part, predicate, text, needed, inputs, reads, atom } = reason
    return {
      part,
      predicate,
      value,
      needed,
      your_value: inputs.map((input) => ({
        name: input.name,
        state: input.state,
        ...(input.value === undefined ? {} : { value: input.value }),
      })),
      required: text,
      how_to_fix: known.filter((fix) => fix.settles.includes(atom)),
      records_of: [...new Set(reads.flatMap(({ source }) => source ?? []))],
    }
  }
  // What lies outside the conditions only time can settle.
  const how_to_fix = known.filter(({ changes }) => changes.length === 1 && changes[0]!.do === 'wait')
  const outside = { part: null, value, needed: true, your_value: [], how_to_fix, records_of: [] }
  if (reason.is === 'item') return { ...outside, predicate: reason.list, required: reason.list }
  const { from, to } = rule.source.effective
  return { ...outside, predicate: '', required: `${from}/${to ?? '..'}` }
}

/** Failed conditions in the pack's words. */
export const inWords = (pack: Pack, rule: Rule, failed: readonly Failed[]): FailedCondition[] =>
  failed.map((one) => ({ ...one, what: wordsOf(pack, rule, one) }))

function wordsOf(pack: Pack, rule: Rule, { part, predicate }: Failed): Texts {
  if (predicate === '') {
    const { from, to } = rule.source.effective
    return inEveryLanguage(pack, (locale) => notInForce(locale, from, to))
  }
  const why = part === null ? undefined : rule.source.text.why[predicate]
  const key = why ?? pack.vocabulary.get(predicate)?.words ?? predicate
  return inEveryLanguage(pack, (locale) => wordsFor(pack, locale, key))
}

/** In one sentence: either this, or that; what is said twice in one alternative, once. */
export function failedText(locale: keyof Texts, failed: readonly FailedCondition[], or: string): string {
  const alternatives = [...new Set(failed.map((one) => one.alternative))]
  const texts = alternatives.map((alternative) => {
    const own = failed.filter((one) => one.alternative === alternative)
    return [...new Set(own.map((one) => unmetText(locale, one, one.what[locale] ?? '')))].join('; ')
  })
  return [...new Set(texts)].join(` ${or} `)
}
