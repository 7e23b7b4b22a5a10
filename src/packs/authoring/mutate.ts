/** `pack mutate`: each rule with one small slip at a time, held against its worked examples: one of them must fail. */
import type { Determination, Rule, Variant } from '../../rules/rules.ts'
import { evaluate, variantsOf } from '../../rules/rules.ts'
import type { Draft } from '../checks/draft.ts'
import { dayOf, differencesOf } from '../examples.ts'
import { vocabularyOf } from '../load.ts'
import type { Example, Pack } from '../packs.ts'
import { type Sample, samplesOf } from './samples.ts'
import { type Where, whereIn } from './where.ts'

/** Facts on which the rule and its mutant say different things. */
export type Witness = {
  readonly sample: Sample
  /** The worked example that shows it, if only it stated more of what it expects. */
  readonly example: string | null
  readonly rule: Said
  readonly mutant: Said | null
}

export type Said = Pick<Determination, 'outcome' | 'until' | 'amount' | 'due' | 'ask'>

export type Mutant = Where & {
  readonly rule: string
  readonly slip: Variant['slip']
  /** The part of the rule it is in. */
  readonly part: string
  /** The lines of text before and after; nothing after where an exception was left out. */
  readonly before: string
  readonly after: string
  /** Null where no tried facts tell it from the rule. */
  readonly witness: Witness | null
}

export type RuleMutated = {
  readonly rule: string
  /** Mutants that an example noticed. */
  readonly noticed: number
  /** Texts that are no rule, so that the check would have refused them. */
  readonly refused: number
  /** Mutants that every example holds for, and that mean something else. */
  readonly survivors: readonly Mutant[]
  /** Those that no tried facts tell from the rule: they probably mean the same. */
  readonly same: readonly Mutant[]
}

/** Every mutant of one rule. The same pack gives the same answer. @param draft where the pack's texts are written */
export function mutated(pack: Pack, draft: Draft, id: string): RuleMutated {
  const rule = pack.rules.get(id)!
  const examples = pack.examples.get(id) ?? []
  const survivors: Mutant[] = []
  const same: Mutant[] = []
  let [noticed, refused] = [0, 0]
  let samples: readonly Sample[] | undefined
  for (const variant of variantsOf(rule, vocabularyOf(pack), { money_digits: pack.currency.digits })) {
    const compiled = variant.compile()
    if (!compiled.ok) refused++
    else if (examples.some((example) => differencesOf(compiled.rule, example).length > 0)) noticed++
    else {
      // Trying hundreds of facts costs more than running examples: only for what survived.
      samples ??= samplesOf(pack, rule, examples)
      const witness = witnessFor(rule, compiled.rule, { examples, samples })
      const { slip, where: part } = variant
      const mutant = {
        ...whereIn(draft, id, { where: variant.where, from: variant.at }),
        rule: id,
        slip,
        part,
        ...excerpts(variant),
        witness,
      }
      if (witness === null) same.push(mutant)
      else survivors.push(mutant)
    }
  }
  return { rule: id, noticed, refused, survivors, same }
}

type Trial = { readonly examples: readonly Example[]; readonly samples: readonly Sample[] }

function witnessFor(rule: Rule, mutant: Rule, { examples, samples }: Trial): Witness | null {
  const told = (sample: Sample, example: string | null): Witness | null => {
    const [own, other] = [saidOf(rule, sample), saidOf(mutant, sample)]
    if (own === null || JSON.stringify(own) === JSON.stringify(other)) return null
    return { sample, example, rule: own, mutant: other }
  }
  for (const example of examples) {
    const found = told(example, example.name)
    if (found) return found
  }
  const found: Witness[] = []
  for (const sample of samples) {
    const one = told(sample, null)
    if (one) found.push(one)
    if (found.length === witnesses_max) break
  }
  return found.sort((a, b) => plainness(a) - plainness(b))[0] ?? null
}

/** Of so many witnesses the plainest is shown. */
const witnesses_max = 6

/** Who reads it looks for another outcome first, and for few facts. */
function plainness({ sample, rule, mutant }: Witness): number {
  const same_outcome = rule.outcome === mutant?.outcome ? 10_000 : 0
  return same_outcome + JSON.stringify(sample.facts).length
}

/** Null where it cannot be worked out: an amount beyond exact integers. */
function saidOf(rule: Rule, sample: Sample): Said | null {
  try {
    const { outcome, until, amount, due, ask } = evaluate(rule, sample.facts, dayOf(sample))
    return { outcome, until, amount, due, ask }
  } catch {
    return null
  }
}

/** Of a long text only the lines that differ. */
function excerpts({ before, after, from, to }: Variant): { before: string; after: string } {
  const start = before.lastIndexOf('\n', from - 1) + 1
  const ending = before.indexOf('\n', to)
  const end = ending < 0 ? before.length : ending
  const cut = (text: string, last: number): string =>
    text.slice(start, Math.max(start, last)).replace(/\s+/g, ' ').trim()
  return { before: cut(before, end), after: cut(after, end + after.length - before.length) }
}
