/** Two versions of a rule compared by meaning, and a rule taken apart into its conditions. */
import { canonical, type Json } from '../platform/canonical.ts'
import { type Program, programOf } from './evaluator/program.ts'
import { maybe, no, type Truth, yes } from './evaluator/values.ts'
import type { TruthNode } from './language/ir.ts'
import type { Rule, RuleSource } from './rules.ts'

type Dated = { readonly from: string; readonly value: Json }

/** One thing that a new version changes. Values are as the rule writes them: money in major units. */
export type RuleDifference =
  /** Versions of a parameter that only one of the two has. */
  | {
      readonly what: 'param'
      readonly name: string
      readonly before: readonly Dated[]
      readonly after: readonly Dated[]
    }
  | {
      readonly what: 'condition' | 'exception'
      readonly side: 'added' | 'removed'
      readonly text: string
      readonly predicate: string | null
    }
  /** The same conditions, joined in another way; or what is given, until when, and to whom it speaks. */
  | {
      readonly what: 'joined' | 'amount' | 'due' | 'effective' | 'per' | 'calendar'
      readonly before: string
      readonly after: string
    }

/** What a new version of a rule means otherwise; empty when it means the same. Words and citations carry no meaning. */
export function differencesBetweenRules(before: Rule, after: Rule): RuleDifference[] {
  const conditions = conditionDifferences(before, after)
  return [
    ...paramDifferences(before.source, after.source),
    ...conditions,
    ...exceptionDifferences(before.source, after.source),
    ...textDifferences(before.source, after.source, conditions.length > 0),
  ]
}

function paramDifferences(before: RuleSource, after: RuleSource): RuleDifference[] {
  const names = [...new Set([...Object.keys(before.params), ...Object.keys(after.params)])].sort()
  return names.flatMap((name): RuleDifference[] => {
    const versions = (source: RuleSource): Dated[] =>
      (source.params[name]?.values ?? []).map(({ from, value }) => ({ from, value }))
    const [old, now] = [versions(before), versions(after)]
    const only = (of: Dated[], others: Dated[]) =>
      of.filter((v) => !others.some((o) => canonical(o) === canonical(v)))
    const [gone, come] = [only(old, now), only(now, old)]
    return gone.length + come.length === 0 ? [] : [{ what: 'param', name, before: gone, after: come }]
  })
}

function conditionDifferences(before: Rule, after: Rule): RuleDifference[] {
  const atoms = (rule: Rule) => programOf(rule).ir.atoms
  const only = (of: Rule, other: Rule, side: 'added' | 'removed'): RuleDifference[] =>
    atoms(of)
      .filter((a) => !atoms(other).some((o) => o.text === a.text))
      .map(({ text, predicate }) => ({ what: 'condition', side, text, predicate }))
  return [...only(before, after, 'removed'), ...only(after, before, 'added')]
}

function exceptionDifferences(before: RuleSource, after: RuleSource): RuleDifference[] {
  const told = (source: RuleSource) =>
    (source.exceptions ?? []).map(
      (e) => `${e.id}, over ${e.overrides}: ${oneLine(e.when)} → ${e.outcome.replaceAll('_', ' ')}`,
    )
  const only = (of: string[], others: string[], side: 'added' | 'removed'): RuleDifference[] =>
    of.filter((t) => !others.includes(t)).map((text) => ({ what: 'exception', side, text, predicate: null }))
  return [...only(told(before), told(after), 'removed'), ...only(told(after), told(before), 'added')]
}

function textDifferences(before: RuleSource, after: RuleSource, conditionsDiffer: boolean): RuleDifference[] {
  const pairs: [Extract<RuleDifference, { before: string }>['what'], (s: RuleSource) => string][] = [
    ['amount', (s) => textOf(s.result?.amount)],
    ['due', (s) => textOf(s.result?.due)],
    ['effective', (s) => `${s.effective.from} – ${s.effective.to ?? ''}`],
    ['per', (s) => (s.per ? `${s.per.list} as ${s.per.as}` : '')],
    ['calendar', (s) => canonical(s.calendar)],
  ]
  if (!conditionsDiffer) pairs.unshift(['joined', (s) => oneLine(s.when)])
  return pairs.flatMap(([what, read]): RuleDifference[] => {
    const [old, now] = [read(before), read(after)]
    return old === now ? [] : [{ what, before: old, after: now }]
  })
}

/** An expression in one line; a table as canonical JSON. */
const textOf = (of: NonNullable<RuleSource['result']>['amount']): string =>
  of === undefined ? '' : typeof of === 'string' ? oneLine(of) : canonical(of as unknown as Json)

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** A rule's conditions, each as a rule of its own, and what the whole says when each comes out in a given way. */
export type Conditions = {
  readonly atoms: readonly { readonly text: string; readonly predicate: string; readonly rule: Rule }[]
  /** Without the exceptions. Truths by position of the atom: 0 false, 1 unknown, 2 true. */
  says(truths: ArrayLike<number>): Truth
}

/** For counting over a population who misses a rule by which condition. */
export function conditionsOf(rule: Rule): Conditions {
  const program = programOf(rule)
  const { atoms, when } = program.ir
  const place = new Map(atoms.map((atom, at) => [atom.id, at]))
  return {
    atoms: atoms.map((atom) => {
      const alone: Program = {
        ...program,
        ir: { ...program.ir, when: atom, exceptions: [] },
        exceptions: [],
        base_overridden_by: [],
        // Whether an item is there is no condition of the rule.
        is_per_item: false,
        effective_from: Number.NEGATIVE_INFINITY,
        effective_to: Number.POSITIVE_INFINITY,
      }
      return { text: atom.text, predicate: atom.predicate, rule: { ...rule, compiled: alone } }
    }),
    says: (truths) => join(when, (id) => truths[place.get(id)!] as Truth),
  }
}

function join(node: TruthNode, of: (atom: number) => Truth): Truth {
  switch (node.op) {
    case 'constant':
      return node.value ? yes : no
    case 'and':
      return Math.min(...node.of.map((part) => join(part, of))) as Truth
    case 'or':
      return Math.max(...node.of.map((part) => join(part, of))) as Truth
    case 'not':
      return (2 - join(node.of, of)) as Truth
    case 'either': {
      const [when, left, right] = [join(node.when, of), join(node.yes, of), join(node.no, of)]
      return when === yes ? left : when === no ? right : left === right ? left : maybe
    }
    case 'atom':
      return of(node.id)
    default:
      throw new Error(`a ${node.op} stands outside a condition`)
  }
}
