/** The items of a list as a population of its own, one row each: for rules that are evaluated once per item. */
import { type Column, type Items, type Population, roomFor } from './columns.ts'

const memories = new WeakMap<Population, Map<string, Population>>()

/**
 * One row per item, in the order of the list: its fields, and what is known of the subject whose it is. A subject's
 * column is copied to its items when a kernel first reads it.
 * @returns undefined where the population has no such list, so that nobody has an item
 */
export function itemsPopulation(population: Population, list: string): Population | undefined {
  const items = population.lists.get(list)
  if (!items) return undefined
  const known = memories.get(population) ?? new Map<string, Population>()
  memories.set(population, known)
  const made = known.get(list) ?? madeOf(population, list, items)
  known.set(list, made)
  return made
}

function madeOf(population: Population, list: string, { starts }: Items): Population {
  const { rows, arena, columns } = population
  const total = starts[rows]!
  const subjects = new Uint32Array(total)
  for (let row = 0; row < rows; row++) subjects.fill(row, starts[row]!, starts[row + 1]!)
  const of_items = new Map<string, Column>()
  for (const [key, column] of columns) {
    if (key.startsWith(`${list}.`) || periods.some((part) => key === `${list}@${part}`)) {
      of_items.set(key, column)
      continue
    }
    // Another list's items have no place beside these.
    const owner = key.split(/[.@]/)[0]!
    if (population.lists.has(owner) && !(owner === list && key.endsWith('@complete'))) continue
    of_items.set(
      key,
      gathered(column, subjects, () => roomFor(arena, total, column.lane)),
    )
  }
  return {
    rows: total,
    arena,
    columns: of_items,
    lists: new Map(),
    owners: { list, of: population, subjects },
  }
}

const periods = ['from', 'to', 'observed']

function gathered(column: Column, subjects: Uint32Array, room: () => Column['codes']): Column {
  let made: Column['codes'] | undefined
  const { codes, ...info } = column
  return {
    ...info,
    get codes() {
      if (!made) {
        made = room()
        for (let at = 0; at < subjects.length; at++) made[at] = codes[subjects[at]!]!
      }
      return made
    },
  }
}
