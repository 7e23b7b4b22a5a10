/** What the live pages stand on, and the texts of the pack in the reader's language. */
import { IntlMessageFormat } from 'intl-messageformat'
import type { CouncilContext } from '../../src/council/council.ts'
import type { Engine } from '../../src/flow.ts'
import type { JourneyContext } from '../../src/journey-flow.ts'
import type { Agency, LocaleCode, Pack, Predicate } from '../../src/packs/packs.ts'
import { type Json, sha256 } from '../../src/platform/canonical.ts'
import { type DateText, dateIn } from '../../src/platform/clock.ts'
import type { Database } from '../../src/platform/database.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import type { Citation, Rule, RuleType } from '../../src/rules/rules.ts'
import type { Currency } from '../kit/format.ts'
import type { AgencyView, CitationView, PersonAsker, Text, Value } from '../views.ts'
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
  readonly council: CouncilContext
}

/** A text of the pack; its key where the pack has none, so that a gap is seen and not hidden. */
export const words = (pack: Pack, locale: LocaleCode, key: string): Text =>
  pack.words.get(locale)?.get(key) ?? key

/** A text of the pack with its placeholders filled. */
export function fill(
  pack: Pack,
  locale: LocaleCode,
  key: string,
  slots: { readonly [name: string]: string | number },
): Text {
  const message = words(pack, locale, key)
  return message.includes('{')
    ? String(new IntlMessageFormat(message, locale, undefined, { ignoreTag: true }).format(slots))
    : message
}

/** The pack's currency with its name in each language. */
export const currencyOf = (pack: Pack): Currency => ({
  ...pack.currency,
  names: Object.fromEntries(
    pack.locales.map((locale) => [locale, words(pack, locale, `currency.${pack.currency.code}`)]),
  ),
})

export const hasWords = (pack: Pack, locale: LocaleCode, key: string): boolean =>
  pack.words.get(locale)?.has(key) ?? false

export const idOf = (asker: PersonAsker): SubjectId => asker.viewer.subject as SubjectId

/** The day of the state's clock. */
export const todayOf = (live: LiveContext): DateText => dateIn(live.engine.clock.now(), live.pack.zone)

/** A version of what a page shows: another token, another page. */
export const token = (parts: unknown): string => sha256(JSON.stringify(parts)).slice(0, 16)

/** A case's short number: people stand in the queue by it; a name is read when the case is opened, and that is written down. */
export const numberOf = (found: { readonly id: string }): Text => `№ ${found.id.slice(-8)}`

/** How often a rule's amount is paid, in words; null: once. */
export const everyOf = (live: LiveContext, locale: LocaleCode, rule: Rule | undefined): Text | null =>
  rule?.source.text.every === undefined ? null : words(live.pack, locale, rule.source.text.every)

/** Source of facts that people told themselves (flow.ts, `declare`). */
const DECLARED = 'declared'

export function agencyView(pack: Pack, locale: LocaleCode, code: string): AgencyView {
  if (code === DECLARED) return { code, name: say(locale, 'memory.told_by_person') }
  const agency: Agency | undefined = pack.agencies.get(code)
  return { code, name: agency ? words(pack, locale, agency.words) : code }
}

/** Where something is written, by the name the pack gives the act. */
export function citationView(pack: Pack, locale: LocaleCode, c: Citation | undefined): CitationView | null {
  if (c === undefined) return null
  const key = `act.${c.act}`
  return {
    ...(hasWords(pack, locale, key)
      ? { act: words(pack, locale, key) }
      : { act: c.act, ...(c.date === undefined ? {} : { date: c.date }) }),
    ...(c.clause === undefined ? {} : { clause: c.clause }),
    ...(c.url === undefined ? {} : { url: c.url }),
    ...(c.confidence === undefined ? {} : { confidence: c.confidence }),
  }
}

/** A text in the reader's language, or in the one it was written in: a civil servant may have written in one only. */
export const inOneOf = (texts: { readonly [locale in LocaleCode]?: string }, locale: LocaleCode): Text =>
  texts[locale] || Object.values(texts).find((text) => text.trim() !== '') || ''

/** The sentences of a text, one a line. */
export const linesOf = (text: string): Text[] => text.split('\n').filter((line) => line.trim() !== '')

/** A value of a predicate as the page can write it. A code of another register is shown by its name. */
export const predicateValue = (
  pack: Pack,
  locale: LocaleCode,
  predicate: Predicate | undefined,
  value: Json,
): Value => {
  if (!predicate) return { kind: 'absent' }
  const named = `${predicate.value_words}.${String(value)}`
  return predicate.value_words !== undefined && hasWords(pack, locale, named)
    ? { kind: 'text', text: words(pack, locale, named) }
    : valueView(pack, locale, predicate.type, value, predicate.words)
}

/** A value of a type as the page can write it; `label` is the words key of what it is a value of. */
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
        // In the order the pack declares them, not in the one they happened to be reported in.
        fields: Object.entries(type.fields).flatMap(([field, of]) => {
          const said = (value as { readonly [field: string]: Json })[field]
          return said === undefined
            ? []
            : [
                {
                  label: fieldLabel(pack, locale, label, field),
                  value: valueView(pack, locale, of, said, `${label}.${field}`),
                },
              ]
        }),
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
