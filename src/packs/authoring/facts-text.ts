/** Facts as a worked example would write them, on one line, so that an author can copy them. */
import type { Json } from '../../platform/canonical.ts'
import type { Cell, Facts, RuleType } from '../../rules/rules.ts'
import type { Pack } from '../packs.ts'
import type { Sample } from './samples.ts'

/** `asOf: 2026-12-10, facts: { income: 1200 }`, with what YAML says apart (observed, unknown, incomplete) in words. */
export function sampleText(pack: Pack, { as_of, item, facts }: Sample): string {
  return `asOf: ${as_of}, ${item === undefined ? '' : `item: ${item}, `}${factsText(pack, facts)}`
}

/** Facts as an example would write them, on one line. */
function factsText(pack: Pack, facts: Facts): string {
  const told = Object.entries(facts).flatMap(([name, cell]) => {
    const text = cellText(pack, name, cell)
    return text === null ? [] : [`${name}: ${text}`]
  })
  return told.length === 0 ? 'facts: {}' : `facts: { ${told.join(', ')} }`
}

function cellText(pack: Pack, name: string, cell: Cell): string | null {
  const { type, world } = pack.vocabulary.get(name)!
  switch (cell.state) {
    case 'known':
      return valueText(pack, cell.value, type)
    case 'absent':
      return world === 'closed' ? null : 'absent'
    case 'unknown':
      return world === 'open' ? null : `unknown (${cell.reason})`
    case 'list': {
      const fields = type.kind === 'list' ? type.fields : {}
      const items = cell.items.map(
        ({ value }) =>
          `{ ${Object.entries(value)
            .map(([field, of]) => `${field}: ${valueText(pack, of, fields[field])}`)
            .join(', ')} }`,
      )
      return `[${items.join(', ')}]${cell.complete ? '' : ' (incomplete)'}`
    }
  }
}

const valueText = (pack: Pack, value: Json, type: RuleType | undefined): string =>
  value === null
    ? 'absent'
    : type?.kind === 'money' && typeof value === 'number'
      ? inMajorUnits(value, pack.currency.digits)
      : String(value)

/** Minor units as YAML writes money: major units, no grouping. */
export function inMajorUnits(minor: number, digits: number): string {
  const scale = 10 ** digits
  return minor % scale === 0 ? String(minor / scale) : (minor / scale).toFixed(digits)
}
