/** `pack explain`: one rule and what it says of its worked examples, as data. */
import type { Determination, Explanation, Fix, Rule, RuleSource, Way } from '../../rules/rules.ts'
import { evaluate, explain, fixes, waysOpen } from '../../rules/rules.ts'
import { dayOf, differencesOf } from '../examples.ts'
import type { Example, Pack, Predicate } from '../packs.ts'

export type ExampleExplained = {
  readonly name: string
  readonly file: string
  readonly line: number
  /** What the example expects and the rule does not say; empty when it holds. */
  readonly differences: readonly string[]
  readonly determination: Determination
  readonly explanation: Explanation
  /** The ways to a yes that somebody can still go. */
  readonly ways: readonly Way[]
  /** What would make it apply: each set was applied and the whole rule evaluated again. */
  readonly fixes: readonly Fix[]
}

export type RuleExplained = {
  readonly rule: Omit<RuleSource, 'text'> & {
    readonly hash: string
    readonly title: string
    readonly summary: string
  }
  readonly reads: readonly Pick<Predicate, 'name' | 'type' | 'world' | 'max_age' | 'source' | 'fix'>[]
  readonly never_advised: readonly string[]
  readonly examples: readonly ExampleExplained[]
}

/**
 * @param word a text of the pack in the reader's language, by its key
 * @returns plain data, the same that `--json` writes
 */
export function explained(
  pack: Pack,
  rule: Rule,
  examples: readonly Example[],
  word: (key: string) => string,
): RuleExplained {
  const { text, ...source } = rule.source
  return {
    rule: { ...source, hash: rule.hash, title: word(text.title), summary: word(text.summary) },
    reads: rule.reads.map((name) => {
      const { type, world, max_age, source: agency, fix } = pack.vocabulary.get(name)!
      return { name, type, world, ...(max_age === undefined ? {} : { max_age }), source: agency, fix }
    }),
    never_advised: rule.source.advice?.no_suggest ?? [],
    examples: examples.map((example) => exampleExplained(rule, example)),
  }
}

function exampleExplained(rule: Rule, example: Example): ExampleExplained {
  const determination = evaluate(rule, example.facts, dayOf(example))
  const explanation = explain(rule, determination)
  const found = determination.outcome === 'applies' ? [] : fixes(rule, example.facts, dayOf(example))
  return {
    name: example.name,
    file: example.file,
    line: example.line,
    differences: differencesOf(rule, example),
    determination,
    explanation,
    ways: waysOpen(explanation, found),
    fixes: found,
  }
}
