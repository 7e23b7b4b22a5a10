/**
 * Small numbers are not shown: who knows that one person in a district gained something may know which. And what is
 * not shown must not follow from what is: where one number of a column is hidden its total gives it away, so another
 * is hidden with it, until those hidden together are enough people again.
 */

/** A column's numbers, each null where it may not be shown. @param smallest groups of fewer people, but more than none, are hidden */
export function suppressed(numbers: readonly number[], smallest: number): (number | null)[] {
  const hidden = new Set(numbers.flatMap((n, at) => (n > 0 && n < smallest ? [at] : [])))
  if (hidden.size > 0) {
    const rest = numbers
      .map((n, at) => ({ n, at }))
      .filter(({ n, at }) => n > 0 && !hidden.has(at))
      .sort((a, b) => a.n - b.n)
    const together = () => [...hidden].reduce((sum, at) => sum + numbers[at]!, 0)
    while (rest.length > 0 && (hidden.size < 2 || together() < smallest)) hidden.add(rest.shift()!.at)
    // With nobody else to hide behind, the zeros hide too: then nobody knows where the few are.
    if (hidden.size < 2 || together() < smallest) for (const at of numbers.keys()) hidden.add(at)
  }
  return numbers.map((n, at) => (hidden.has(at) ? null : n))
}

/** One number by itself. */
export const shown = (n: number, smallest: number): number | null => (n > 0 && n < smallest ? null : n)
