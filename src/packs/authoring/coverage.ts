/** `pack coverage`: which truths the worked examples show each condition in, and what example would show the rest. */
import type { Rule, TruthValue, WrittenCondition } from '../../rules/rules.ts'
import { truthsOf, writtenConditions } from '../../rules/rules.ts'
import type { Draft } from '../checks/draft.ts'
import { dayOf } from '../examples.ts'
import type { Example, Pack } from '../packs.ts'
import { sampleText } from './facts-text.ts'
import { mayBeLeftOut, mayBeUnknown } from './knowable.ts'
import { counted, percent } from './lines.ts'
import { type Sample, samplesOf } from './samples.ts'
import { type Where, whereIn } from './where.ts'

export const truths = ['true', 'false', 'unknown'] as const satisfies readonly TruthValue[]

export type ConditionCovered = Where & {
  readonly rule: string
  /** Which expression of the rule, and whether it is a condition, an `if` or a row of a table. */
  readonly part: string
  readonly is: WrittenCondition['is']
  readonly text: string
  /** How many examples show it so. */
  readonly seen: { readonly [truth in TruthValue]: number }
  /** Truths it cannot have, with why. */
  readonly cannot: { readonly [truth in TruthValue]?: string }
  /** Truths it can have and no example shows, with what kind of example would. */
  readonly missing: { readonly [truth in TruthValue]?: string }
}

export type Coverage = {
  readonly conditions: readonly ConditionCovered[]
  /** Truths that can be, and those of them that examples show. */
  readonly possible: number
  readonly shown: number
}

/** Over every rule of a pack, in its order. */
export function coverageOf(pack: Pack, draft: Draft): Coverage {
  const conditions = [...pack.rules.keys()].flatMap((id) => conditionsCovered(pack, draft, id))
  const shown = conditions.flatMap(({ seen }) => truths.filter((truth) => seen[truth] > 0)).length
  const missing = conditions.reduce((sum, one) => sum + Object.keys(one.missing).length, 0)
  return { conditions, possible: shown + missing, shown }
}

function conditionsCovered(pack: Pack, draft: Draft, id: string): ConditionCovered[] {
  const rule = pack.rules.get(id)!
  const examples = pack.examples.get(id) ?? []
  const written = writtenConditions(rule)
  const seen = tally(rule, written.length, examples)
  const is_whole = seen.every((counts) => truths.every((truth) => counts[truth] > 0))
  // Trying hundreds of facts costs more than running examples: only where something is missing.
  const samples = is_whole ? [] : samplesOf(pack, rule, examples)
  const tried = firstThatShow(rule, written.length, samples)
  return written.map((condition, at): ConditionCovered => {
    const cannot: { [truth in TruthValue]?: string } = {}
    const missing: { [truth in TruthValue]?: string } = {}
    for (const truth of truths) {
      if (seen[at]![truth] > 0) continue
      const shows = tried[at]![truth]
      if (shows !== undefined) missing[truth] = wantedFor(pack, condition, truth, shows)
      else cannot[truth] = whyNot(pack, condition, truth, samples.length)
    }
    const { is, where, text } = condition
    return {
      ...whereIn(draft, id, condition),
      rule: id,
      part: where,
      is,
      text,
      seen: seen[at]!,
      cannot,
      missing,
    }
  })
}

type Counts = { [truth in TruthValue]: number }

function tally(rule: Rule, size: number, of: readonly Pick<Example, 'as_of' | 'item' | 'facts'>[]): Counts[] {
  const counts = Array.from({ length: size }, (): Counts => ({ true: 0, false: 0, unknown: 0 }))
  for (const one of of) {
    for (const [at, truth] of truthsOf(rule, one.facts, dayOf(one)).entries())
      if (truth !== null) counts[at]![truth]++
  }
  return counts
}

/** For each condition and truth, the first sample that shows it so. */
function firstThatShow(
  rule: Rule,
  size: number,
  samples: readonly Sample[],
): { [truth in TruthValue]?: Sample }[] {
  const found = Array.from({ length: size }, (): { [truth in TruthValue]?: Sample } => ({}))
  for (const sample of samples) {
    for (const [at, truth] of truthsOf(rule, sample.facts, dayOf(sample)).entries())
      if (truth !== null) found[at]![truth] ??= sample
  }
  return found
}

/** The predicates and fields a condition reads that the state may not know. */
const openIn = (pack: Pack, { reads }: WrittenCondition): string[] =>
  reads.filter((name) => {
    const [predicate = '', field] = name.split('.')
    return field === undefined ? mayBeUnknown(pack, predicate) : mayBeLeftOut(pack, predicate, field)
  })

function whyNot(pack: Pack, condition: WrittenCondition, truth: TruthValue, tried: number): string {
  if (truth === 'unknown' && openIn(pack, condition).length === 0)
    return `${condition.reads.join(', ')}: of a closed register, and no event leaves it out`
  return `none of ${tried} tried facts come out so`
}

function wantedFor(pack: Pack, condition: WrittenCondition, truth: TruthValue, shows: Sample): string {
  const { is, where, text } = condition
  const open = openIn(pack, condition).join(' or ')
  const what =
    truth === 'unknown'
      ? `${open || text} is not known`
      : is === 'row'
        ? `this row ${truth === 'true' ? 'decides' : 'does not match'}`
        : `this is ${truth}`
  // What is given is looked at only where it is given.
  const applies = /(^|\.)result\./.test(where) ? ' and the rule applies' : ''
  return `an example in which ${what}${applies}, such as ${sampleText(pack, shows)}`
}

/** Each condition that lacks something, and the share of all. */
export function coverageLines(folder: string, { conditions, possible, shown }: Coverage): string[] {
  const lacking = conditions.filter(({ missing }) => Object.keys(missing).length > 0)
  const rules = new Set(conditions.map(({ rule }) => rule)).size
  const cannot = conditions.reduce((sum, one) => sum + Object.keys(one.cannot).length, 0)
  return [
    ...lacking.flatMap(({ file, line, column, rule, text, seen, cannot: not, missing }) => [
      `${file}:${line}:${column} ${rule}: ${text}`,
      `    seen ${truths.map((truth) => `${truth} ${seen[truth] || (truth in not ? 'cannot be' : 0)}`).join(', ')}`,
      ...Object.entries(missing).map(([truth, wanted]) => `    ${truth}: ${wanted}`),
    ]),
    `${folder}: ${shown} of ${possible} (${percent(shown, possible)}) of what ${counted(conditions.length, 'condition')} of ${counted(rules, 'rule')} can be is shown by examples; ${cannot} cannot be`,
  ]
}
