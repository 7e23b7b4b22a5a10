/** Words: every key in every language, messages that can be formatted, the same placeholders everywhere. */
import { IntlMessageFormat } from 'intl-messageformat'
import type { Entry, Mistakes } from '../mistakes.ts'
import { foundText } from '../mistakes.ts'
import type { Path } from '../reading/sheet.ts'
import type { Draft, PredicateYaml } from './draft.ts'
import { usesOf } from './tables.ts'

type Wanted = {
  readonly key: string
  readonly entry: Entry<unknown>
  readonly path: Path
  readonly slots: readonly string[]
  /** Placeholders a message may have and need not. */
  readonly may: readonly string[]
}

export function checkWords(draft: Draft, mistakes: Mistakes): void {
  const locales = draft.pack?.value.locales
  if (!locales) return
  const wanted = wantedWords(draft)
  // A key that many entries ask for is missing once: at the first that asks.
  const told = new Set<string>()
  const keys = new Set(wanted.map((w) => w.key))
  const written = new Map(
    [...draft.words].map(([locale, entry]) => [locale, messagesOf(locale, entry, mistakes)]),
  )
  for (const locale of draft.words.keys()) {
    if (!(locales as readonly string[]).includes(locale)) {
      mistakes.at(draft.words.get(locale)!, [], {
        message: 'is a language the pack does not list',
        expected: locales.join(', '),
        found: foundText(locale),
      })
    }
  }
  for (const locale of locales) {
    const sheet = draft.words.get(locale)
    const messages = written.get(locale)
    if (!sheet || !messages) {
      // A words file with a mistake of its own is not reported as missing as well.
      if (!draft.word_files.has(locale))
        mistakes.at(draft.pack!, ['locales'], {
          message: `lists ${locale}, but there is no words/${locale}.yaml`,
        })
      continue
    }
    for (const { key, entry, path, slots, may } of wanted) {
      const message = messages.get(key)
      if (!message) {
        const missing = `${locale} ${key}`
        if (told.has(missing)) continue
        told.add(missing)
        if (!Object.hasOwn(sheet.value, key))
          mistakes.at(entry, path, {
            message: `has no words in words/${locale}.yaml`,
            expected: `the key ${key}`,
            found: 'nothing',
          })
        continue
      }
      comparePlaceholders(mistakes, sheet, key, { found: message, slots, may })
    }
    for (const key of Object.keys(sheet.value)) {
      if (!keys.has(key) && isWholeDraft(draft))
        mistakes.at(sheet, [key], { message: 'is used by nothing in the pack', found: foundText(key) }, 'key')
    }
  }
}

const isWholeDraft = (draft: Draft): boolean =>
  [
    draft.predicates,
    draft.agencies,
    draft.purposes,
    draft.events,
    draft.rules,
    draft.routes,
    draft.clauses,
  ].every((shelf) => shelf.is_whole)

/** The placeholders of each message that can be read at all. */
function messagesOf(
  locale: string,
  entry: Entry<Readonly<Record<string, string>>>,
  mistakes: Mistakes,
): Map<string, Set<string>> {
  const messages = new Map<string, Set<string>>()
  for (const [key, text] of Object.entries(entry.value)) {
    try {
      const slots = new Set<string>()
      collect(new IntlMessageFormat(text, locale).getAst(), slots)
      messages.set(key, slots)
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n')[0]! : 'cannot be read'
      mistakes.at(entry, [key], { message: `is no ICU message: ${why}`, found: foundText(text) })
    }
  }
  return messages
}

type Ast = ReturnType<IntlMessageFormat['getAst']>

function collect(ast: Ast, slots: Set<string>): void {
  for (const element of ast) {
    // 0 is text and 7 the # of a plural; everything else names an argument.
    if (element.type !== 0 && element.type !== 7) slots.add(element.value)
    if ('options' in element)
      for (const option of Object.values(element.options)) collect(option.value, slots)
    if ('children' in element) collect(element.children, slots)
  }
}

function comparePlaceholders(
  mistakes: Mistakes,
  sheet: Entry<unknown>,
  key: string,
  { found, slots, may }: Pick<Wanted, 'slots' | 'may'> & { readonly found: ReadonlySet<string> },
): void {
  const missing = slots.filter((slot) => !found.has(slot))
  const strange = [...found].filter((slot) => !slots.includes(slot) && !may.includes(slot))
  const list = (names: readonly string[]) => names.map((name) => `{${name}}`).join(' ') || 'no placeholder'
  if (missing.length > 0 || strange.length > 0) {
    mistakes.at(sheet, [key], {
      message: 'has other placeholders than it is given',
      expected: list([...slots, ...may]),
      found: list([...found]),
    })
  }
}

/** Every key something of the pack asks for, with where it does. */
function wantedWords(draft: Draft): Wanted[] {
  const wanted: Wanted[] = []
  const want = (
    entry: Entry<unknown>,
    path: Path,
    key: string,
    slots: readonly string[] = [],
    may: readonly string[] = [],
  ) => wanted.push({ key, entry, path, slots, may })
  const { pack } = draft
  if (pack) want(pack, ['currency'], `currency.${pack.value.currency.code}`, [], ['count'])
  for (const entry of draft.predicates.entries.values()) {
    const { words, ask, type, value_words } = entry.value
    want(entry, ['words'], words)
    if (ask !== undefined) want(entry, ['ask'], ask)
    if (value_words !== undefined)
      for (const key of keysUnder(draft, value_words)) want(entry, ['value_words'], key)
    for (const key of wordsOfType(words, type)) want(entry, ['type'], key)
  }
  for (const entry of draft.agencies.entries.values()) want(entry, ['words'], entry.value.words)
  for (const entry of draft.purposes.entries.values()) {
    want(entry, ['words'], entry.value.words)
    want(entry, ['legal', 'act'], `act.${entry.value.legal.act}`)
  }
  for (const entry of draft.events.entries.values()) {
    want(entry, ['words'], entry.value.words)
    want(entry, ['legal', 'act'], `act.${entry.value.legal.act}`)
    for (const [i, { role }] of entry.value.participants.entries())
      want(entry, ['participants', i, 'role'], `role.${role}`)
  }
  for (const entry of draft.rules.entries.values()) {
    const { text, legal, exceptions, params } = entry.value
    want(entry, ['text', 'title'], text.title)
    want(entry, ['text', 'summary'], text.summary)
    for (const [predicate, key] of Object.entries(text.why)) want(entry, ['text', 'why', predicate], key)
    for (const [atom, key] of Object.entries(text.says ?? {}))
      want(entry, ['text', 'says', atom], key, [], ['truth', ...namesIn(atom)])
    for (const name of ['every', 'if_nothing'] as const)
      if (text[name] !== undefined) want(entry, ['text', name], text[name])
    for (const [i, { act }] of legal.entries()) want(entry, ['legal', i, 'act'], `act.${act}`)
    for (const [i, exception] of (exceptions ?? []).entries())
      want(entry, ['exceptions', i, 'legal', 'act'], `act.${exception.legal.act}`)
    for (const { path, table } of usesOf(entry.value))
      for (const [i, { legal: source }] of (table.rows ?? []).entries())
        if (source) want(entry, [...path, 'rows', i, 'legal', 'act'], `act.${source.act}`)
    for (const [name, { values }] of Object.entries(params)) {
      want(entry, ['params', name], `param.${entry.value.id}.${name}`)
      for (const [i, { legal: source }] of values.entries())
        if (source) want(entry, ['params', name, 'values', i, 'legal', 'act'], `act.${source.act}`)
    }
  }
  for (const entry of draft.tables.entries.values()) {
    for (const [i, { legal }] of entry.value.rows.entries())
      if (legal) want(entry, ['rows', i, 'legal', 'act'], `act.${legal.act}`)
  }
  for (const entry of draft.routes.entries.values()) {
    want(entry, ['words'], entry.value.words)
    for (const [i, { act }] of entry.value.legal.entries()) want(entry, ['legal', i, 'act'], `act.${act}`)
    for (const [i, step] of entry.value.steps.entries()) {
      want(entry, ['steps', i, 'words'], step.words)
      want(entry, ['steps', i, 'legal', 'act'], `act.${step.legal.act}`)
      for (const [at, sent] of step.send.entries()) {
        const name = sent.split('.').at(-1)!
        if (!draft.predicates.names.has(name)) want(entry, ['steps', i, 'send', at], `identifier.${name}`)
      }
    }
  }
  for (const [i, { words, legal }] of (draft.pack?.value.remedies ?? []).entries()) {
    want(draft.pack!, ['remedies', i, 'words'], words)
    if (legal) want(draft.pack!, ['remedies', i, 'legal', 'act'], `act.${legal.act}`)
  }
  for (const [i, area] of (draft.pack?.value.council?.areas ?? []).entries())
    want(draft.pack!, ['council', 'areas', i, 'words'], area.words)
  for (const [i, publisher] of (draft.pack?.value.council?.publishers ?? []).entries())
    for (const what of ['propose', 'publish'] as const)
      for (const [at, role] of publisher[what].entries())
        want(draft.pack!, ['council', 'publishers', i, what, at], `servant.${role}`)
  for (const [i, band] of (draft.pack?.value.council?.bands ?? []).entries()) {
    const path: Path = ['council', 'bands', i, 'words']
    want(draft.pack!, path, band.words)
    if (band.by === 'code') for (const code of band.codes) want(draft.pack!, path, `${band.words}.${code}`)
  }
  for (const entry of draft.clauses.entries.values())
    want(entry, ['words'], entry.value.words, entry.value.slots)
  return wanted
}

/** Every key under a prefix that any language has: where one language names a value, all do. */
const keysUnder = (draft: Draft, prefix: string): ReadonlySet<string> =>
  new Set(
    [...draft.words.values()].flatMap(({ value }) =>
      Object.keys(value).filter((key) => key.startsWith(`${prefix}.`)),
    ),
  )

/** What a sentence about a condition may speak of: the names the condition itself speaks of. */
const namesIn = (atom: string): readonly string[] => atom.match(/[a-z_][a-z0-9_]*/g) ?? []

/** `<words>.<value>` for codes, `<words>.<field>` and `<words>.<field>.<value>` for the fields of items. */
function wordsOfType(words: string, type: PredicateYaml['type']): string[] {
  if (typeof type === 'object' && type.kind === 'list') {
    return Object.entries(type.fields).flatMap(([field, of]) => [
      `${words}.${field}`,
      ...typeKeys(`${words}.${field}`, of),
    ])
  }
  return typeKeys(words, type)
}

function typeKeys(
  words: string,
  type: string | { readonly kind: string; readonly values?: readonly string[] },
): string[] {
  return typeof type === 'object' && type.kind === 'code'
    ? (type.values ?? []).map((value) => `${words}.${value}`)
    : []
}
