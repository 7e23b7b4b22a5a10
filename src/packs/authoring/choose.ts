/** What somebody at the command line means: a rule or an example by its name, or by enough of it. */
import type { Example, LocaleCode, Pack } from '../packs.ts'

export type Choice<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly lines: readonly string[] }

const no = (...lines: string[]): Choice<never> => ({ ok: false, lines })
const listed_max = 8

/** A rule's id by the id itself, or by its last parts: `child-benefit` for `uz.social.child-benefit`, if only one ends so. */
export function chooseRule(pack: Pack, wanted: string): Choice<string> {
  if (pack.rules.has(wanted)) return { ok: true, value: wanted }
  const ids = [...pack.rules.keys()]
  const ending = ids.filter((id) => id.endsWith(`.${wanted}`))
  if (ending.length === 1) return { ok: true, value: ending[0]! }
  if (ending.length > 1) return no(`More than one rule ends in ${quoted(wanted)}: ${ending.join(', ')}`)
  const near = nearest(wanted, ids)
  return no(
    `There is no rule ${quoted(wanted)} in ${pack.id}${near === undefined ? '.' : `; did you mean ${near}?`}`,
    `Its rules: ${shortList(ids)}`,
  )
}

/** The examples meant: all without a name; else one by its name, a part of it that no other has, or its number from 1. */
export function chooseExamples(
  pack: Pack,
  rule: string,
  wanted: string | undefined,
): Choice<readonly Example[]> {
  const examples = pack.examples.get(rule) ?? []
  if (wanted === undefined) return { ok: true, value: examples }
  const exact = examples.filter(({ name }) => name === wanted)
  const text = wanted.trim().toLowerCase()
  const part = text === '' ? [] : examples.filter(({ name }) => name.toLowerCase().includes(text))
  const numbered = /^\d{1,4}$/.test(wanted) ? examples.slice(Number(wanted) - 1, Number(wanted)) : []
  for (const found of [exact, numbered, part]) if (found.length === 1) return { ok: true, value: found }
  const names = (of: readonly Example[]): string[] =>
    of.map((one) => `${examples.indexOf(one) + 1}. ${one.name}`)
  if (part.length > 1)
    return no(`More than one example of ${rule} has ${quoted(wanted)} in its name:`, ...names(part))
  const near = nearest(
    wanted,
    examples.map(({ name }) => name),
  )
  return no(
    `${rule} has no example ${quoted(wanted)}${near === undefined ? '.' : `; did you mean ${quoted(near)}?`}`,
    'Its examples, which can be named by their number as well:',
    ...names(examples),
  )
}

/** The language asked for; without one, the pack's first. */
export function chooseLanguage(pack: Pack, wanted: string | undefined): Choice<LocaleCode> {
  const known = pack.locales.find((locale) => locale === wanted)
  if (known !== undefined) return { ok: true, value: known }
  if (wanted !== undefined)
    return no(`${pack.id} has no language ${quoted(wanted)}.`, `Its languages: ${pack.locales.join(', ')}`)
  return { ok: true, value: pack.locales[0] ?? 'en' }
}

const quoted = (text: string): string =>
  JSON.stringify(text.length > 80 ? `${text.slice(0, 80).toWellFormed()}…` : text)

const shortList = (names: readonly string[]): string =>
  names.slice(0, listed_max).join(', ') + (names.length > listed_max ? `, … (${names.length} in all)` : '')

/** Alike enough to be what was meant: half of the pairs of letters are the same. */
const alike_least = 0.5

function nearest(wanted: string, names: readonly string[]): string | undefined {
  const scored = names.map((name) => ({ name, alike: alike(wanted, name) }))
  const best = scored.reduce((a, b) => (b.alike > a.alike ? b : a), { name: '', alike: 0 })
  return best.alike >= alike_least ? best.name : undefined
}

/** Share of the pairs of neighbouring letters that two texts have in common (Dice); takes names of any length. */
function alike(a: string, b: string): number {
  const [left, right] = [pairsOf(a), pairsOf(b)]
  const all = left.length + right.length
  let common = 0
  for (const pair of left) {
    const at = right.indexOf(pair)
    if (at < 0) continue
    right.splice(at, 1)
    common++
  }
  return all === 0 ? 0 : (2 * common) / all
}

/** Longer is no name. */
const chars_max = 300
const pairsOf = (text: string): string[] => {
  const letters = text.slice(0, chars_max).toLowerCase()
  return Array.from({ length: Math.max(0, letters.length - 1) }, (_, i) => letters.slice(i, i + 2))
}
