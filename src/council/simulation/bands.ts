/** Which band each row of a shard is in: worked out once for each code of a column, or by where its number lies. */
import type { Band } from '../../packs/packs.ts'
import { type Column, lanes, type Population } from '../../rules/rules.ts'

/** The bands of a division, the last one for those of whom it is not known. */
export type Bands = {
  readonly id: string
  readonly rows: readonly { readonly value: string | null; readonly below: string | null }[]
  /** Number of the band of a row. Few rows are asked for: those of whom something becomes. */
  of(population: Population, today: string): (row: number) => number
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
      return column ? placer(column, other, placeIn(band, column, today)) : () => other
    },
  }
}

/** Each code that occurs is placed once, where a lane has few. */
function placer(column: Column, other: number, place: (value: number) => number): (row: number) => number {
  const { codes, offset, lane } = column
  const { absent, unknown } = lanes[lane]
  const placed = (code: number): number => {
    const at = code === absent || code === unknown ? -1 : place(code + offset)
    return at < 0 ? other : at
  }
  if (lane !== 'i8' && lane !== 'i16') return (row) => placed(codes[row]!)
  const known = new Int16Array(unknown - absent + 1).fill(-1)
  return (row) => {
    const at = codes[row]! - absent
    if (known[at]! < 0) known[at] = placed(at + absent)
    return known[at]!
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
