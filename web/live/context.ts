/** What the live pages stand on, and the texts of the pack in the reader's language. */
import type { Engine } from '../../src/flow.ts'
import type { JourneyContext } from '../../src/journey-flow.ts'
import type { Agency, LocaleCode, Pack } from '../../src/packs/packs.ts'
import type { Json } from '../../src/platform/canonical.ts'
import type { DateText } from '../../src/platform/clock.ts'
import type { Database } from '../../src/platform/database.ts'
import type { Citation, RuleType } from '../../src/rules/rules.ts'
import type { AgencyView, CitationView, Text, Value } from '../views.ts'
import { say } from '../words/words.ts'

export type LiveContext = {
  readonly pack: Pack
  readonly engine: Engine
  readonly journeys: JourneyContext
  /** Role hamroh_engine: states of proposals, journeys and cases. Facts come through `gate`. */
  readonly db: Database
  readonly gate: Database
  /** Purpose under which a person reads their own memory. */
  readonly own_purpose: string
}

/** A text of the pack; its key where the pack has none, so that a gap is seen and not hidden. */
export const words = (pack: Pack, locale: LocaleCode, key: string): Text =>
  pack.words.get(locale)?.get(key) ?? key

export const hasWords = (pack: Pack, locale: LocaleCode, key: string): boolean =>
  pack.words.get(locale)?.has(key) ?? false

/** Source of facts that people told themselves (flow.ts, `declare`). */
const DECLARED = 'declared'

export function agencyView(pack: Pack, locale: LocaleCode, code: string): AgencyView {
  if (code === DECLARED) return { code, name: say(locale, 'memory.told_by_person') }
  const agency: Agency | undefined = pack.agencies.get(code)
  return { code, name: agency ? words(pack, locale, agency.words) : code }
}

export const citationView = (c: Citation | undefined): CitationView | null =>
  c === undefined
    ? null
    : {
        act: c.act,
        ...(c.date === undefined ? {} : { date: c.date }),
        ...(c.clause === undefined ? {} : { clause: c.clause }),
        ...(c.url === undefined ? {} : { url: c.url }),
        ...(c.confidence === undefined ? {} : { confidence: c.confidence }),
      }

/** A text in the reader's language, or in the one it was written in: a civil servant may have written in one only. */
export const inOneOf = (texts: { readonly [locale in LocaleCode]?: string }, locale: LocaleCode): Text =>
  texts[locale] || Object.values(texts).find((text) => text.trim() !== '') || ''

/** The sentences of a text, one a line. */
export const linesOf = (text: string): Text[] => text.split('\n').filter((line) => line.trim() !== '')

/** A value of a predicate as the page can write it. */
export function valueView(pack: Pack, locale: LocaleCode, type: RuleType, value: Json, label: string): Value {
  if (value === null || value === undefined) return { kind: 'absent' }
  switch (type.kind) {
    case 'money':
      return { kind: 'money', minor: Number(value) }
    case 'date':
      return { kind: 'date', date: String(value) as DateText }
    case 'integer':
      return { kind: 'number', number: Number(value) }
    case 'decimal':
      return { kind: 'number', number: String(value) }
    case 'boolean':
      return { kind: 'boolean', value: value === true }
    case 'code': {
      const key = `${label}.${String(value)}`
      return { kind: 'text', text: hasWords(pack, locale, key) ? words(pack, locale, key) : String(value) }
    }
    case 'list':
      return {
        kind: 'record',
        fields: Object.entries(value as { readonly [field: string]: Json }).map(([field, v]) => ({
          label: fieldLabel(pack, locale, label, field),
          value: valueView(pack, locale, type.fields[field] ?? { kind: 'string' }, v, `${label}.${field}`),
        })),
      }
    case 'string':
    case 'duration':
    case 'subject':
      return { kind: 'text', text: String(value) }
  }
}

/** A field of a record: the pack's word for it, or for the predicate of the same name. */
export function fieldLabel(pack: Pack, locale: LocaleCode, label: string, field: string): Text {
  for (const key of [`${label}.${field}`, `predicate.${field}`])
    if (hasWords(pack, locale, key)) return words(pack, locale, key)
  return field.replaceAll('_', ' ')
}
