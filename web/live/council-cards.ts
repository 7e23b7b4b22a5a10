/** Parts of the council's pages that several of them show: cards of simulations and publications, and what they change. */
import type { PublicationRow, Simulation, SimulationReport } from '../../src/council/council.ts'
import { type LocaleCode, minorUnits, type Pack } from '../../src/packs/packs.ts'
import type { Json } from '../../src/platform/canonical.ts'
import type { RuleType } from '../../src/rules/rules.ts'
import type { ChangeView, SimulationCard } from '../council/views.ts'
import type { Text, Value } from '../views.ts'
import { say } from '../words/words.ts'
import { fieldLabel, valueView, words } from './context.ts'

const ruleTitle = (pack: Pack, locale: LocaleCode, id: string): Text =>
  words(pack, locale, pack.rules.get(id)?.source.text.title ?? id)

export const publicationCard = (pack: Pack, locale: LocaleCode, row: PublicationRow) => ({
  id: row.id,
  rule: ruleTitle(pack, locale, row.rule_id),
  version: row.version,
  published_at: row.published_at.toISOString(),
  proposed_by: row.proposed_by,
  published_by: row.published_by,
})

export function simulationCard(pack: Pack, locale: LocaleCode, s: Simulation): SimulationCard {
  return {
    id: s.id,
    rule: ruleTitle(pack, locale, s.rule_id),
    changes: s.report
      ? changesOf(pack, locale, s.rule_id, s.report.differences)
      : askedChanges(pack, locale, s),
    state: s.state,
    asked_at: s.asked_at.toISOString(),
    asked_by: s.asked_by,
  }
}

const typeOfParam = (pack: Pack, rule: string, name: string): RuleType =>
  pack.rules.get(rule)?.source.params[name]?.type ?? { kind: 'string' }

const askedChanges = (pack: Pack, locale: LocaleCode, s: Simulation): ChangeView[] =>
  (s.request.changes ?? []).map(({ param, value, from }) => ({
    label: paramLabel(pack, locale, s.rule_id, param),
    value: paramValue(pack, locale, typeOfParam(pack, s.rule_id, param), value, param),
    from,
    removed: false,
  }))

export function changesOf(
  pack: Pack,
  locale: LocaleCode,
  rule: string,
  differences: SimulationReport['differences'],
): ChangeView[] {
  return differences.flatMap((d): ChangeView[] => {
    if (d.what === 'param') {
      const view = (removed: boolean) => (v: (typeof d.before)[number]) => ({
        label: paramLabel(pack, locale, rule, d.name),
        value: paramValue(pack, locale, typeOfParam(pack, rule, d.name), v.value as Json, d.name),
        from: v.from,
        removed,
      })
      return [...d.before.map(view(true)), ...d.after.map(view(false))]
    }
    const text = 'text' in d ? d.text : d.after
    const removed = 'side' in d && d.side === 'removed'
    return [
      {
        label: say(locale, `council.difference.${d.what}`),
        value: { kind: 'text', text },
        from: null,
        removed,
      },
    ]
  })
}

export const paramLabel = (pack: Pack, locale: LocaleCode, rule: string, name: string): Text =>
  fieldLabel(pack, locale, `param.${rule}`, name)

/** A value as the rule writes it: money in major units. */
export function paramValue(pack: Pack, locale: LocaleCode, type: RuleType, value: Json, name: string): Value {
  if (type.kind !== 'money') return valueView(pack, locale, type, value, name)
  return { kind: 'money', minor: minorUnits(value as number | string, pack.currency.digits) }
}
