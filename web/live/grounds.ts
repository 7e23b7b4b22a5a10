/** Why: the event, the facts, the conditions in words, the rule and its articles. */
import type { Assertion } from '../../src/memory/memory.ts'
import { ruleFacts } from '../../src/memory/memory.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import type { DateText } from '../../src/platform/clock.ts'
import { type Determination, evaluate, type Rule, type TraceAtom } from '../../src/rules/rules.ts'
import { valueText } from '../kit/parts.tsx'
import type { ConditionView, EventView, Grounds, RuleView, Value } from '../views.ts'
import { type Say, say } from '../words/words.ts'
import {
  citationView,
  currencyOf,
  fieldLabel,
  fill,
  type LiveContext,
  predicateValue,
  valueView,
  words,
} from './context.ts'
import { factViews } from './reading.ts'

/** What a rule says of these facts on a day. */
export function ask(
  live: LiveContext,
  rule: Rule,
  facts: readonly Assertion[],
  item: string,
  as_of: DateText,
): Determination {
  const cells = ruleFacts(live.pack, rule.reads, facts, as_of)
  return evaluate(rule, cells, rule.source.per ? { asOf: as_of, item } : { asOf: as_of })
}

export function ruleView(
  live: LiveContext,
  locale: LocaleCode,
  rule: Rule,
  params: Determination['params'],
): RuleView {
  const { pack } = live
  return {
    id: rule.source.id,
    title: words(pack, locale, rule.source.text.title),
    version: rule.source.version,
    hash: rule.hash,
    status: rule.source.status === 'published' ? 'published' : 'working',
    citations: rule.source.legal.map((c) => citationView(pack, locale, c)!),
    params: params.map((p) => ({
      label: fieldLabel(pack, locale, `param.${rule.source.id}`, p.name),
      value: valueView(pack, locale, rule.source.params[p.name]?.type ?? { kind: 'string' }, p.value, p.name),
      from: p.from,
      confidence: p.confidence,
    })),
  }
}

export function conditionViews(
  live: LiveContext,
  locale: LocaleCode,
  rule: Rule,
  trace: readonly TraceAtom[],
): ConditionView[] {
  return trace.map((atom) => {
    const inputs = inputViews(live, locale, rule, atom.inputs)
    const named = inputs.map(({ value }, i) => ({ name: atom.inputs[i]!.name, value }))
    return {
      text: words(live.pack, locale, rule.source.text.why[atom.predicate] ?? atom.predicate),
      says: sentence(live, locale, rule, atom, named),
      source: atom.text,
      value: atom.value,
      inputs,
    }
  })
}

/** What a condition came to, with the values that were looked at, where the pack has words for it. */
function sentence(
  live: LiveContext,
  locale: LocaleCode,
  rule: Rule,
  atom: TraceAtom,
  inputs: readonly { readonly name: string; readonly value: Value }[],
): string | null {
  const key = rule.source.text.says?.[atom.text]
  if (key === undefined) return null
  const writing = {
    locale,
    currency: currencyOf(live.pack),
    say: ((of, args) => say(locale, of, args)) satisfies Say,
  }
  const slots: { [name: string]: string | number } = {}
  for (const { name, value } of inputs) {
    const slot = name.split('.').at(-1)!
    const said = value.kind === 'number' ? value.number : valueText(writing, value)
    slots[slot] = Object.hasOwn(slots, slot) ? `${slots[slot]}, ${said}` : said
  }
  // What was not looked at, because another value already decided, has no value to name.
  for (const name of atom.text.match(/[a-z_][a-z0-9_]*/g) ?? []) slots[name] ??= '—'
  return fill(live.pack, locale, key, { ...slots, truth: atom.value })
}

/** What a condition looked at, in words. */
export const inputViews = (
  live: LiveContext,
  locale: LocaleCode,
  rule: Rule,
  inputs: TraceAtom['inputs'],
): ConditionView['inputs'] =>
  inputs.map((input) => ({
    label: inputLabel(live, locale, rule, input.name),
    value: inputValue(live, locale, rule, input),
    fact: input.facts[0] ?? null,
  }))

/** `child.birth_date`, `household_income`, `params.income_per_head`, `today()`: in words where the pack has them. */
function inputLabel(live: LiveContext, locale: LocaleCode, rule: Rule, name: string): string {
  const [head = '', field] = name.split('.')
  const item =
    field !== undefined && rule.source.per?.as === head
      ? live.pack.vocabulary.get(rule.source.per.list)
      : undefined
  if (item) return fieldLabel(live.pack, locale, item.words, field!)
  if (head === 'params' && field !== undefined)
    return fieldLabel(live.pack, locale, `param.${rule.source.id}`, field)
  const predicate = live.pack.vocabulary.get(name)
  return predicate
    ? words(live.pack, locale, predicate.words)
    : fieldLabel(live.pack, locale, name, name.split('.').at(-1)!)
}

function inputValue(
  live: LiveContext,
  locale: LocaleCode,
  rule: Rule,
  input: TraceAtom['inputs'][number],
): Value {
  if (input.state === 'absent') return { kind: 'absent' }
  if (input.state === 'unknown') return { kind: 'unknown', reason: 'never-collected' }
  const [head = '', field] = input.name.split('.')
  const predicate =
    live.pack.vocabulary.get(head) ??
    (rule.source.per?.as === head ? live.pack.vocabulary.get(rule.source.per.list) : undefined)
  const type =
    head === 'params'
      ? rule.source.params[field ?? '']?.type
      : field !== undefined && predicate?.type.kind === 'list'
        ? predicate.type.fields[field]
        : predicate?.type
  const value = input.value ?? null
  if (!type || (type.kind === 'list' && (typeof value !== 'object' || Array.isArray(value))))
    return loose(value)
  if (field === undefined && predicate) return predicateValue(live.pack, locale, predicate, value)
  const label = predicate?.words ?? input.name
  return valueView(live.pack, locale, type, value, predicate ? `${label}.${field}` : label)
}

function loose(value: TraceAtom['inputs'][number]['value']): Value {
  if (typeof value === 'string')
    return /^\d{4}-\d{2}-\d{2}$/.test(value) ? { kind: 'date', date: value } : { kind: 'text', text: value }
  if (typeof value === 'number') return { kind: 'number', number: value }
  if (typeof value === 'boolean') return { kind: 'boolean', value }
  if (Array.isArray(value)) return { kind: 'number', number: value.length }
  return { kind: 'absent' }
}

/** The whole answer to "why did I get this", from the facts a determination rests on. */
export async function groundsOf(
  live: LiveContext,
  locale: LocaleCode,
  of: {
    readonly rule: Rule
    readonly item: string
    readonly as_of: DateText
    readonly facts: readonly Assertion[]
    readonly event: EventView | null
    readonly named?: ReadonlyMap<string, string>
  },
): Promise<Grounds> {
  const said = ask(live, of.rule, of.facts, of.item, of.as_of)
  const rests = new Set(said.facts)
  return {
    event: of.event,
    facts: await factViews(
      live,
      locale,
      of.facts.filter((f) => rests.has(f.id)),
      of.named,
    ),
    conditions: conditionViews(live, locale, of.rule, said.trace),
    rule: ruleView(live, locale, of.rule, said.params),
  }
}
