/** What stands against a person and what would put it right, in the reader's words: from the data of a record alone. */
import type { FailedCondition } from '../../src/cases/cases.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import type { Json } from '../../src/platform/canonical.ts'
import type { Fix, FixChange, Needed, Rule, RuleType } from '../../src/rules/rules.ts'
import type { AdviceView, FailingView, NeededView } from '../citizen/hearing/views.ts'
import type { Text, Value } from '../views.ts'
import { agencyView, fieldLabel, type LiveContext, valueView, words } from './context.ts'
import { inputViews } from './grounds.ts'

/** More ways to put one thing right than this are no help. */
const ADVICE_MAX = 4

export function failingViews(
  live: LiveContext,
  locale: LocaleCode,
  rule: Rule | undefined,
  failed: readonly FailedCondition[],
): FailingView[] {
  const alternatives = [...new Set(failed.map((one) => one.alternative))]
  return alternatives.map((alternative) => {
    const own = failed.filter((one) => one.alternative === alternative)
    return {
      conditions: own.map((one) => ({
        text: one.what[locale] ?? one.predicate,
        says: null,
        source: one.required,
        value: one.value,
        inputs: rule
          ? inputViews(
              live,
              locale,
              rule,
              one.your_value.map(({ name, state, value }) => ({
                name,
                state: state === 'known' || state === 'absent' ? state : 'unknown',
                ...(value === undefined ? {} : { value }),
                facts: [],
              })),
            )
          : [],
        how: one.value === 'unknown' ? 'unknown' : one.needed ? 'not_met' : 'against',
        records_of: one.records_of.map((code) => agencyView(live.pack, locale, code)),
      })),
      advice: adviceOf(live, locale, own),
    }
  })
}

/** The fixes of one alternative, each once. */
function adviceOf(
  live: LiveContext,
  locale: LocaleCode,
  own: readonly FailedCondition[],
): FailingView['advice'] {
  const fixes = new Map<string, Fix>()
  for (const fix of own.flatMap((one) => one.how_to_fix)) fixes.set(JSON.stringify(fix.changes), fix)
  return [...fixes.values()]
    .slice(0, ADVICE_MAX)
    .map(({ changes }) => changes.map((change) => adviceView(live, locale, change)))
}

function adviceView(live: LiveContext, locale: LocaleCode, change: FixChange): AdviceView {
  const { pack } = live
  if (change.do === 'wait') return { kind: 'wait', until: change.until }
  const predicate = pack.vocabulary.get(change.predicate)
  const type: RuleType = predicate?.type ?? { kind: 'string' }
  const label = predicate?.words ?? change.predicate
  if (change.do === 'tell') {
    const needed = change.needed && neededView(live, locale, type, change.needed, label)
    return { kind: 'tell', what: words(pack, locale, predicate?.ask ?? label), needed }
  }
  const { field, fix, source } = change
  const of_field = field !== null && type.kind === 'list' ? type.fields[field] : undefined
  const what: Text = field === null ? words(pack, locale, label) : fieldLabel(pack, locale, label, field)
  return {
    kind: fix,
    what,
    needed: neededView(live, locale, of_field ?? type, change.needed, field ? `${label}.${field}` : label),
    agency: source === null ? null : agencyView(pack, locale, source),
  }
}

function neededView(
  live: LiveContext,
  locale: LocaleCode,
  type: RuleType,
  needed: Needed,
  label: string,
): NeededView {
  const view = (value: Json): Value =>
    value === null ? { kind: 'absent' } : valueView(live.pack, locale, type, value, label)
  if ('is' in needed) return { kind: 'is', value: view(needed.is) }
  return {
    kind: 'between',
    from: needed.at_least === undefined ? null : view(needed.at_least),
    to: needed.at_most === undefined ? null : view(needed.at_most),
  }
}
