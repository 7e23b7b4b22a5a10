/** An imaginary country's rules for the tests of this folder: the vocabulary, short ways to write rules and cells. */
import type { Json } from '../platform/canonical.ts'
import type { Cell, Rule, RuleError, RuleSource, RuleVocabulary } from './rules.ts'
import { compileRule } from './rules.ts'

export const vocabulary: RuleVocabulary = {
  birth_date: { type: { kind: 'date' }, world: 'closed', fix: 'never', source: 'registry' },
  card_expiry: { type: { kind: 'date' }, world: 'closed', fix: 'renew', source: 'office' },
  is_registered: { type: { kind: 'boolean' }, world: 'closed', fix: 'act', source: 'office' },
  is_working: { type: { kind: 'boolean' }, world: 'open', fix: 'declare', source: 'labour' },
  income: { type: { kind: 'money', min: 0 }, world: 'open', max_age: 'P12M', fix: 'declare', source: 'tax' },
  rent: { type: { kind: 'money' }, world: 'open', fix: 'declare', source: 'tax' },
  size: { type: { kind: 'integer', min: 1, max: 40 }, world: 'open', fix: 'act', source: 'office' },
  score: { type: { kind: 'integer' }, world: 'open', fix: 'event' },
  share: { type: { kind: 'decimal', scale: 2 }, world: 'open', fix: 'declare' },
  name: { type: { kind: 'string' }, world: 'closed' },
  term: { type: { kind: 'duration', unit: 'days' }, world: 'open' },
  status: {
    type: { kind: 'code', values: ['single', 'married', 'widowed'] },
    world: 'open',
    fix: 'act',
    source: 'registry',
  },
  guardian: { type: { kind: 'subject' }, world: 'closed' },
  children: {
    type: {
      kind: 'list',
      fields: {
        birth_date: { kind: 'date' },
        in_state_care: { kind: 'boolean' },
        birth_order: { kind: 'integer', min: 1 },
      },
    },
    world: 'closed',
  },
  payments: {
    type: {
      kind: 'list',
      fields: {
        amount: { kind: 'money', min: 0 },
        balance: { kind: 'money' },
        paid_on: { kind: 'date' },
        benefit: { kind: 'code', values: ['lump-sum', 'monthly'] },
      },
    },
    world: 'open',
    max_age: 'P6M',
  },
}

/** A rule of one condition; facts and words are filled in from what the compiler says is read. */
export function source(
  when: string,
  more: Partial<RuleSource> = {},
  words: RuleVocabulary = vocabulary,
): RuleSource {
  const bare: RuleSource = {
    id: 'test.rule',
    version: 1,
    kind: 'entitlement',
    status: 'working',
    confidence: 'V3',
    subject: 'person',
    effective: { from: '2020-01-01', to: null },
    published_at: '2019-12-01',
    legal: [],
    calendar: {
      zone: 'Asia/Tashkent',
      leap_birthday: 'mar1',
      month_end: 'down',
      working_days: { weekend: [6, 7], holidays: ['2024-01-01', '2024-03-21', '2026-12-08'] },
    },
    params: {},
    facts: [],
    when,
    text: { title: 't', summary: 's', why: {} },
    ...more,
  }
  if (more.facts && more.text) return bare
  const result = compileRule(bare, words)
  if (result.ok) return bare
  const named = (where: string, pattern: RegExp): string[] =>
    result.errors.flatMap((error) =>
      error.where === where ? (pattern.exec(error.message)?.slice(1) ?? []) : [],
    )
  const facts = more.facts ?? named('facts', /^(\w+) is read/)
  const why = Object.fromEntries(named('text.why', /no key for (\w+)/).map((key) => [key, `w.${key}`]))
  return { ...bare, facts, text: more.text ?? { ...bare.text, why } }
}

/** Compiles a condition that must be good. */
export function ruleOf(
  when: string,
  more: Partial<RuleSource> = {},
  words: RuleVocabulary = vocabulary,
): Rule {
  const result = compileRule(source(when, more, words), words)
  if (!result.ok)
    throw new Error(`${when}: ${result.errors.map((e) => `${e.where} ${e.from}: ${e.message}`).join('; ')}`)
  return result.rule
}

/** The mistakes of a condition that must be bad. */
export function errorsOf(when: string, more: Partial<RuleSource> = {}): readonly RuleError[] {
  const result = compileRule(source(when, more), vocabulary)
  if (result.ok) throw new Error(`this should not compile: ${when}`)
  return result.errors
}

export const known = (value: Json, more: Partial<Extract<Cell, { state: 'known' }>> = {}): Cell => ({
  state: 'known',
  value,
  facts: [],
  ...more,
})
export const gone: Cell = { state: 'absent', facts: [] }
export const unclear: Cell = { state: 'unknown', reason: 'never-collected', facts: [] }

export const list = (items: readonly { readonly [field: string]: Json }[], complete = true): Cell => ({
  state: 'list',
  complete,
  items: items.map((value, at) => ({ item: `i${at + 1}`, value, facts: [`f-i${at + 1}`] })),
})
