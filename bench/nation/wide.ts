/** The wide table of the baselines: a row per person, written once as CSV and read by both databases. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { lanes, type Population } from '../../src/rules/rules.ts'

/** Columns in order, with their PostgreSQL types; the children's birth dates stand in an array. */
export const wide_columns = {
  birth_date: 'date',
  sex: 'smallint',
  citizenship: 'smallint',
  id_card_expiry: 'date',
  passport_expiry: 'date',
  licence_expiry: 'date',
  vehicle_insp_due: 'date',
  disability_expiry: 'date',
  tax_regime: 'smallint',
  insurance_years: 'smallint',
  insured_months_12: 'smallint',
  household_income: 'bigint',
  household_size: 'smallint',
  employment: 'smallint',
  unemployed_since: 'date',
  turnover_ytd: 'bigint',
  turnover_12m: 'bigint',
  utility_cost: 'bigint',
  region: 'smallint',
  'children.birth_date': 'date[] not null',
} as const

/** The texts of all codes of a 16-bit column of days. */
const dayTexts = (offset: number): string[] =>
  Array.from({ length: 65_536 }, (_, at) =>
    new Date((at - 32_768 + offset) * 86_400_000).toISOString().slice(0, 10),
  )

/** Writes the people as CSV (all days count from one day, numbers from zero): an empty cell where a value is absent or unknown, arrays as `"{a,b}"`. */
export function writeCsv(people: Population, path: string): void {
  const plain = Object.keys(wide_columns).filter((key) => !key.includes('.'))
  const columns = plain.map((key) => people.columns.get(key)!)
  const births = people.columns.get('children.birth_date')!
  const { starts } = people.lists.get('children')!
  const texts = dayTexts(births.offset)
  const file = openSync(path, 'w', 0o644)
  let text = ''
  for (let row = 0; row < people.rows; row++) {
    for (const { lane, kind, codes } of columns) {
      const code = codes[row]!
      if (code === lanes[lane].absent || code === lanes[lane].unknown) text += ','
      else text += kind === 'day' ? `${texts[code + 32_768]},` : `${code},`
    }
    text += '"{'
    for (let at = starts[row]!; at < starts[row + 1]!; at++)
      text += (at > starts[row]! ? ',' : '') + texts[births.codes[at]! + 32_768]
    text += '}"\n'
    if (text.length > 1 << 18) {
      writeSync(file, text, null, 'latin1')
      text = ''
    }
  }
  writeSync(file, text, null, 'latin1')
  closeSync(file)
}
