/** Text for a terminal of 80 columns, without colour: paragraphs, tables, and where something stands. */

export const columns_max = 80

/** A paragraph in lines of at most 80 columns; later lines begin below the text of the first. Long words stay whole. */
export function paragraph(text: string, first = '', rest = ' '.repeat(first.length)): string[] {
  const lines: string[] = []
  let line = first
  let is_empty = true
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (!is_empty && widthOf(line) + 1 + widthOf(word) > columns_max) {
      lines.push(line)
      line = rest
      is_empty = true
    }
    line += is_empty ? word : ` ${word}`
    is_empty = false
  }
  return [...lines, line.trimEnd()]
}

/** Columns padded to their widest cell; the last is left as long as it is. */
export function table(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  )
  return rows.map((row) =>
    (
      indent + row.map((cell, i) => (i === row.length - 1 ? cell : padded(cell, widths[i]!))).join('  ')
    ).trimEnd(),
  )
}

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** Characters, not UTF-16 units: letters of every language of a pack are one column wide. */
const widthOf = (text: string): number => [...text].length

/** `3 rules`, `1 rule`. */
export const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

/** `97.5 %`, one decimal, rounded down: 100 % is said only where nothing is missing. 0 of 0 is all of it. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? '100 %' : `${(Math.floor((1000 * part) / whole) / 10).toString()} %`
