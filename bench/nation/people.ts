/**
 * The people of the population bench, drawn from a seed straight into columns (rules reference, "Benchmark"). Each
 * person's draws depend on the seed and the person's number only.
 */
import { draws } from '../../country/people/random.ts'
import {
  type Arena,
  type Cell,
  type Column,
  type ColumnSpec,
  type Facts,
  type Items,
  itemsOf,
  lanes,
  openArena,
  type Population,
  roomFor,
  surveyed,
} from '../../src/rules/rules.ts'
import { as_of } from './rules.ts'

/** Days since 1970-01-01. */
const as_of_day = Date.parse(as_of) / 86_400_000

const day = { lane: 'i16', kind: 'day', offset: as_of_day } as const
const small = { lane: 'i8', kind: 'number', offset: 0 } as const
const amount = { lane: 'i32', kind: 'number', offset: 0 } as const

/** Absent where a closed registry has nothing, unknown where nobody asked. */
const specs = {
  birth_date: [day, 'absent'],
  sex: [small, 'absent'],
  citizenship: [small, 'absent'],
  id_card_expiry: [day, 'absent'],
  passport_expiry: [day, 'absent'],
  licence_expiry: [day, 'absent'],
  vehicle_insp_due: [day, 'absent'],
  disability_expiry: [day, 'absent'],
  tax_regime: [small, 'absent'],
  insurance_years: [small, 'unknown'],
  insured_months_12: [small, 'unknown'],
  household_income: [amount, 'unknown'],
  household_size: [small, 'unknown'],
  employment: [small, 'unknown'],
  unemployed_since: [day, 'unknown'],
  turnover_ytd: [amount, 'unknown'],
  turnover_12m: [amount, 'unknown'],
  utility_cost: [amount, 'unknown'],
  region: [small, 'unknown'],
} as const satisfies { readonly [key: string]: readonly [ColumnSpec, 'absent' | 'unknown'] }
type Key = keyof typeof specs
const keys = Object.keys(specs) as Key[]

/** One person's cells as codes: dates count from the day the bench looks at. */
type Person = { readonly [key in Key]: number | undefined } & { readonly children: readonly number[] }

export type PeopleOptions = {
  /** What nobody asked is then absent instead of unknown. */
  readonly has_unknowns?: boolean
  /** Columns to make; all by default. The draws stay the same. */
  readonly only?: readonly string[]
  readonly arena?: Arena
}

/** Draws `rows` people. */
export function drawPeople(seed: number, rows: number, options: PeopleOptions = {}): Population {
  const { has_unknowns = true, only, arena = openArena() } = options
  const wanted = keys.filter((key) => only?.includes(key) ?? true)
  const made = wanted.map((key) => {
    const [spec, missing] = specs[key]
    const none = lanes[spec.lane][has_unknowns ? missing : 'absent']
    return { key, spec, none, codes: roomFor(arena, rows, spec.lane) }
  })
  const sizes = new Uint8Array(rows)
  const births = new Int16Array(Math.ceil(rows * 0.6) + 100)
  let children = 0
  for (let row = 0; row < rows; row++) {
    const person = drawPerson(seed, row)
    for (const { key, none, codes } of made) codes[row] = person[key] ?? none
    sizes[row] = person.children.length
    for (const born of person.children) births[children++] = born
  }
  const columns = new Map(made.map(({ key, spec, codes }) => [key as string, surveyed(spec, codes)]))
  const lists: Map<string, ReturnType<typeof itemsOf>> = new Map()
  if (only?.includes('children') ?? true) {
    const codes = roomFor(arena, children, 'i16')
    codes.set(births.subarray(0, children))
    columns.set('children.birth_date', surveyed(day, codes))
    lists.set(
      'children',
      itemsOf(arena, rows, (row) => sizes[row]!),
    )
  }
  return { rows, arena, columns, lists }
}

function drawPerson(seed: number, row: number): Person {
  const u = draws(seed, 77, row).share
  const sometimes = (is_asked: boolean, chance: number, value: () => number): number | undefined =>
    is_asked && u() < chance ? value() : undefined
  const birth_date = -Math.round(u() ** 0.9 * 85 * 365.25)
  const age = Math.floor(-birth_date / 365.25)
  const is_adult = age >= 18
  const sex = u() < 0.5 ? 0 : 1
  const citizenship = u() < 0.97 ? 1 : 2
  const id_card_expiry = sometimes(age >= 14, 0.93, () => -200 + Math.floor(u() * 3650))
  const passport_expiry = sometimes(true, 0.45, () => -100 + Math.floor(u() * 3650))
  const licence_expiry = sometimes(is_adult, 0.55, () => -300 + Math.floor(u() * 10_000))
  const vehicle_insp_due = sometimes(is_adult, 0.35, () => -30 + Math.floor(u() * 730))
  const disability_expiry = sometimes(true, 0.07, () => -30 + Math.floor(u() * 1500))
  const tax_regime = sometimes(is_adult, 0.1, () => 1 + Math.floor(4 * u()))
  const children: number[] = []
  if (age >= 18 && age <= 60) {
    const born = (): number => -Math.floor(u() * Math.min(age - 17, 25) * 365)
    if (u() < 0.45) {
      children.push(born())
      if (u() < 0.55) children.push(born())
      if (u() < 0.15) children.push(born())
    }
  }
  const insurance_years = is_adult ? Math.min(45, Math.max(0, Math.round((age - 20) * u()))) : undefined
  const insured_months_12 = is_adult ? Math.floor(13 * u()) : undefined
  const is_asked = u() < 0.92
  const income = Math.round(300_000 - 2_500_000 * Math.log(1 - 0.999 * u()))
  const size = 1 + Math.floor(5 * u())
  const work = u()
  const employment =
    age >= 18 && age <= 65 && work < 0.95 ? (work < 0.75 ? 0 : work < 0.87 ? 1 : 2) : undefined
  const since = -Math.floor(u() * 900)
  const turnover = u() ** 2
  const has_turnover = tax_regime !== undefined && u() < 0.9
  return {
    birth_date,
    sex,
    citizenship,
    id_card_expiry,
    passport_expiry,
    licence_expiry,
    vehicle_insp_due,
    disability_expiry,
    tax_regime,
    children,
    insurance_years,
    insured_months_12,
    household_income: is_asked ? income : undefined,
    household_size: is_asked ? size : undefined,
    employment,
    unemployed_since: employment === 1 ? since : undefined,
    turnover_ytd: has_turnover ? Math.round(turnover * 900_000_000) : undefined,
    turnover_12m: has_turnover ? Math.round(turnover * 1_000_000_000) : undefined,
    utility_cost: sometimes(true, 0.85, () => Math.round(50_000 + 600_000 * u())),
    region: 1 + Math.floor(25 * u()),
  }
}

/** The same people as `drawPeople`, as the cells of one subject each: what nobody has is left out. */
export function drawFacts(seed: number, rows: number): Facts[] {
  return Array.from({ length: rows }, (_, row) => {
    const { children, ...codes } = drawPerson(seed, row)
    const facts: { [name: string]: Cell } = {}
    for (const key of keys) {
      const code = codes[key]
      if (code === undefined) continue
      const value = specs[key][0].kind === 'day' ? dayText(code) : code
      facts[key] = { state: 'known', value, facts: [`f${row}-${key}`] }
    }
    const items = children.map((born, at) => ({
      item: `c${row}-${at}`,
      value: { birth_date: dayText(born) },
      facts: [`f${row}-c${at}`],
    }))
    facts.children = { state: 'list', items, complete: true }
    return facts
  })
}

const dayText = (code: number): string => new Date((as_of_day + code) * 86_400_000).toISOString().slice(0, 10)

/** The same people again and again until there are so many: for sizes where drawing each would take minutes. */
export function repeatPeople(people: Population, rows: number): Population {
  const arena = openArena()
  const columns = new Map<string, Column>()
  const lists = new Map<string, Items>()
  const times = Math.ceil(rows / people.rows)
  for (const [key, items] of people.lists) {
    const sizeOf = (row: number): number => {
      const at = row % people.rows
      return items.starts[at + 1]! - items.starts[at]!
    }
    lists.set(key, itemsOf(arena, rows, sizeOf))
  }
  for (const [key, column] of people.columns) {
    const list = lists.get(key.split('.')[0]!)
    const codes = roomFor(arena, list ? list.parents.length : rows, column.lane)
    for (let time = 0; time < times; time++) {
      const from = time * column.codes.length
      codes.set(column.codes.subarray(0, codes.length - from), from)
    }
    columns.set(key, { ...column, codes })
  }
  return { rows, arena, columns, lists }
}
