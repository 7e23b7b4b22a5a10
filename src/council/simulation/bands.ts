/** Which band each row of a shard is in: worked out once for each code of a column, or by where its number lies. */
import type { Band } from '../../packs/packs.ts'
import { type Column, lanes, type Population } from '../../rules/rules.ts'

/** The bands of a division, the last one for those of whom it is not known. */
export type Bands = {
  readonly id: string
  readonly rows: readonly { readonly value: string | null; readonly below: string | null }[]
  /** Number of the band of each row. */
  of(population: Population, today: string): Uint8Array
}

export function bandsOf(band: Band): Bands {
  const firsts: readonly (string | number)[] = band.by === 'code' ? band.codes : band.from
  const rows = [
    ...firsts.map((value, at) => ({
      value: String(value),
      below: band.by === 'code' || at + 1 === firsts.length ? null : String(firsts[at + 1]),
    })),
    { value: null, below: null },
  ]
  const other = rows.length - 1
  return {
    id: band.id,
    rows,
    of: (population, today) => {
      const column = population.columns.get(band.predicate)
      const found = new Uint8Array(population.rows).fill(other)
      if (column) fill(found, column, placeIn(band, column, today))
      return found
    },
  }
}

function fill(found: Uint8Array, column: Column, place: (value: number) => number): void {
  const { codes, offset } = column
  const { absent, unknown } = lanes[column.lane]
  const other = found[0]!
  for (let row = 0; row < found.length; row++) {
    const code = codes[row]!
    if (code === absent || code === unknown) continue
    const at = place(code + offset)
    found[row] = at < 0 ? other : at
  }
}

/** The band of a value of the column; -1 for none. */
function placeIn(band: Band, column: Column, today: string): (value: number) => number {
  if (band.by === 'code') {
    const of_word = column.words.map((word) => band.codes.findIndex((code) => word.startsWith(code)))
    return (word) => of_word[word] ?? -1
  }
  // A person is as old as `from` when born on this day or before it: later bands have earlier days.
  if (band.by === 'age') {
    const born = band.from.map((years) => yearsBefore(today, years))
    return (day) => born.findLastIndex((last) => day <= last)
  }
  return (number) => band.from.findLastIndex((from) => number >= from)
}

const DAY_MS = 86_400_000

/** A day too many or too few at 29 February moves nobody's right: bands are for counting. */
function yearsBefore(today: string, years: number): number {
  const [year, month, day] = today.split('-').map(Number) as [number, number, number]
  return Date.UTC(year - years, month - 1, day) / DAY_MS
}
