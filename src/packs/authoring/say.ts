/** The pack's own words for people, filled with an example's values, in one language. */
import { IntlMessageFormat } from 'intl-messageformat'
import type { Json } from '../../platform/canonical.ts'
import type { Needed, Reason, Rule, RuleType, TraceAtom } from '../../rules/rules.ts'
import type { LocaleCode, Pack } from '../packs.ts'

export type Speech = {
  /** The words of a key; the key itself where the pack has none, so that a gap is seen and not hidden. */
  word(key: string): string
  /** The name of a predicate, or of a field of its items as `predicate.field`. */
  name(path: string): string
  /** Minor units as an amount with its currency. */
  money(minor: number): string
  /** A value as an author reads it; codes keep their own name, which is what a rule's text says. */
  value(value: Json | undefined, type: RuleType | undefined): string
  /** What a condition asks, or came to, as people read it. */
  sentence(
    rule: Rule,
    atom: {
      readonly predicate: string
      readonly text: string
      readonly value: string
      readonly inputs: TraceAtom['inputs']
    },
  ): string
  /** The operands that were looked at: `c.birth_date = 2026-11-10`. */
  inputs(rule: Rule, inputs: Extract<Reason, { is: 'condition' }>['inputs']): string
  /** `at most 5,000 UZS`. */
  needed(needed: Needed, type: RuleType | undefined): string
}

/** Opens the words of a loaded pack in one of its languages. */
export function speechOf(pack: Pack, language: LocaleCode): Speech {
  const words = pack.words.get(language) ?? new Map<string, string>()
  const word = (key: string, slots: { readonly [name: string]: string | number } = {}): string => {
    const message = words.get(key) ?? key
    if (!message.includes('{')) return message
    return String(new IntlMessageFormat(message, language, undefined, { ignoreTag: true }).format(slots))
  }
  const money = (minor: number): string => `${majorText(minor, pack.currency.digits)} ${pack.currency.code}`
  const value: Speech['value'] = (of, type) => {
    if (of === null) return 'absent'
    if (type?.kind === 'money' && typeof of === 'number') return money(of)
    if (Array.isArray(of)) return `${of.length} of them`
    return typeof of === 'object' ? JSON.stringify(of) : String(of)
  }
  const speech: Speech = {
    word,
    name: (path) => {
      const [predicate = '', field] = path.split('.')
      const key = pack.vocabulary.get(predicate)?.words ?? predicate
      return word(field === undefined ? key : `${key}.${field}`)
    },
    money,
    value,
    sentence: (rule, atom) => {
      const key = rule.source.text.says?.[atom.text]
      return key === undefined
        ? word(rule.source.text.why[atom.predicate] ?? atom.predicate)
        : word(
            key,
            slotsOf(atom, (name, of) => value(of, typeOf(pack, rule, name))),
          )
    },
    inputs: (rule, inputs) =>
      inputs
        .map(
          ({ name, state, value: of }) =>
            `${name} = ${state === 'known' ? value(of, typeOf(pack, rule, name)) : state}`,
        )
        .join(', '),
    needed: (needed, type) => {
      if ('is' in needed) return value(needed.is, type)
      const ends = [
        needed.at_least === undefined ? '' : `at least ${value(needed.at_least, type)}`,
        needed.at_most === undefined ? '' : `at most ${value(needed.at_most, type)}`,
      ]
      return ends.filter((end) => end !== '').join(', ') || 'any value'
    },
  }
  return speech
}

/** A condition's sentence may use the names it reads, and its truth; what was not looked at has no value to name. */
function slotsOf(
  {
    text,
    value,
    inputs,
  }: { readonly text: string; readonly value: string; readonly inputs: TraceAtom['inputs'] },
  say: (name: string, value: Json | undefined) => string,
): { [name: string]: string | number } {
  const slots: { [name: string]: string | number } = {}
  for (const { name, state, value: of } of inputs) {
    const slot = name.split('.').at(-1)!
    const said =
      state !== 'known' ? '—' : typeof of === 'number' && !/ /.test(say(name, of)) ? of : say(name, of)
    slots[slot] = Object.hasOwn(slots, slot) ? `${slots[slot]}, ${said}` : said
  }
  for (const name of text.match(/[a-z_][a-z0-9_]*/g) ?? []) slots[name] ??= '—'
  return { ...slots, truth: value }
}

/** The type of what a trace names: `household_income`, `params.limit`, `child.birth_date`. */
function typeOf(pack: Pack, { source }: Rule, name: string): RuleType | undefined {
  const [head = '', field] = name.split('.')
  if (head === 'params') return source.params[field ?? '']?.type
  const own = pack.vocabulary.get(head)?.type
  if (field === undefined) return own
  const lists = [own, source.per?.as === head ? pack.vocabulary.get(source.per.list)?.type : undefined]
  const of_items = source.facts.map((fact) => pack.vocabulary.get(fact)?.type)
  // The variable of a `some` or `every` is not named in the trace: any list of the rule with such a field will do.
  const list = [...lists, ...of_items].find(
    (type) => type?.kind === 'list' && Object.hasOwn(type.fields, field),
  )
  return list?.kind === 'list' ? list.fields[field] : undefined
}

/** Whole minor units as major ones, exact and grouped: `1,234.50`. */
function majorText(minor: number, digits: number): string {
  const whole = BigInt(Math.abs(minor))
  const scale = 10n ** BigInt(digits)
  const fraction = whole % scale === 0n ? '' : `.${(whole % scale).toString().padStart(digits, '0')}`
  return `${minor < 0 ? '−' : ''}${(whole / scale).toLocaleString('en')}${fraction}`
}
