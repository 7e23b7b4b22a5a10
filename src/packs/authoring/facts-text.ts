/** Facts as a worked example writes them, on one line of YAML, so that an author can copy them. */
import type { Json } from '../../platform/canonical.ts'
import type { Cell, RuleType } from '../../rules/rules.ts'
import type { Pack } from '../packs.ts'
import type { Sample } from './samples.ts'

/** `asOf: 2026-12-10, facts: { income: 1200 }`: everything of an example but its name and what it expects. */
export function sampleText(pack: Pack, { as_of, item, facts }: Sample): string {
  const cells = Object.entries(facts)
  const told = (of: (cell: Cell, name: string) => string | null): string[] =>
    cells.flatMap(([name, cell]) => {
      const text = of(cell, name)
      return text === null ? [] : [`${name}: ${text}`]
    })
  const incomplete = cells.flatMap(([name, cell]) => (cell.state === 'list' && !cell.complete ? [name] : []))
  return [
    `asOf: ${as_of}`,
    ...(item === undefined ? [] : [`item: ${quoted(item)}`]),
    `facts: ${braced(told((cell, name) => factText(pack, name, cell)))}`,
    ...part(
      'observed',
      told((cell) => (observedOf(cell) === as_of ? null : observedOf(cell))),
    ),
    ...part(
      'unknown',
      told((cell, name) => unknownText(pack, name, cell)),
    ),
    ...(incomplete.length === 0 ? [] : [`incomplete: [${incomplete.join(', ')}]`]),
  ].join(', ')
}

const braced = (told: readonly string[]): string => (told.length === 0 ? '{}' : `{ ${told.join(', ')} }`)
const part = (name: string, told: readonly string[]): string[] =>
  told.length === 0 ? [] : [`${name}: ${braced(told)}`]

/** In an open world silence says that nobody was asked. */
function unknownText(pack: Pack, name: string, cell: Cell): string | null {
  if (cell.state !== 'unknown') return null
  return cell.reason === 'never-collected' && pack.vocabulary.get(name)!.world === 'open' ? null : cell.reason
}

/** Of a list, as its first item was: an example has one day for all of them. */
function observedOf(cell: Cell): string | null {
  if (cell.state === 'known') return cell.observed_on ?? null
  return cell.state === 'list' ? (cell.items[0]?.observed_on ?? null) : null
}

function factText(pack: Pack, name: string, cell: Cell): string | null {
  const { type, world } = pack.vocabulary.get(name)!
  switch (cell.state) {
    case 'known':
      return valueText(pack, cell.value, type)
    case 'absent':
      // In a closed world silence says it.
      return world === 'closed' ? null : 'absent'
    case 'unknown':
      return null
    case 'list': {
      const fields = type.kind === 'list' ? type.fields : {}
      const items = cell.items.map(({ item, value }, i) => {
        const own = item === `${i + 1}` ? [] : [`item: ${quoted(item)}`]
        return braced([
          ...own,
          ...Object.entries(value).map(([field, of]) => `${field}: ${valueText(pack, of, fields[field])}`),
        ])
      })
      return `[${items.join(', ')}]`
    }
  }
}

function valueText(pack: Pack, value: Json, type: RuleType | undefined): string {
  if (value === null) return 'absent'
  if (type?.kind === 'money' && typeof value === 'number') return inMajorUnits(value, pack.currency.digits)
  return type?.kind === 'string' || type?.kind === 'decimal' ? quoted(String(value)) : String(value)
}

/** A text as it stands where YAML takes it for one, else in quotes. */
const quoted = (text: string): string =>
  /^\p{L}[\p{L}\p{N} _-]*$/u.test(text) && !/^(true|false|null|absent)$/i.test(text)
    ? text
    : JSON.stringify(text)

/** Minor units as YAML writes money: major units, no grouping. */
export function inMajorUnits(minor: number, digits: number): string {
  const scale = 10 ** digits
  return minor % scale === 0 ? String(minor / scale) : (minor / scale).toFixed(digits)
}
