/** The 20 rules of the benchmark and people drawn from a seed: made-up conditions in the shape of real ones. */
import type { Cell, Facts, RuleSource, RuleVocabulary } from '../src/rules/rules.ts'

export const AS_OF = '2026-11-23'
const AS_OF_DAY = Date.UTC(2026, 10, 23) / 86_400_000

const date = { type: { kind: 'date' }, world: 'closed' } as const
const count = { kind: 'integer', min: 0 } as const
const code = (world: 'closed' | 'open') => ({ type: count, world }) as const
const money = { type: { kind: 'money', min: 0 }, world: 'open' } as const

export const vocabulary: RuleVocabulary = {
  birth_date: date,
  sex: code('closed'),
  citizenship: code('closed'),
  id_card_expiry: date,
  passport_expiry: date,
  licence_expiry: date,
  vehicle_insp_due: date,
  disability_expiry: date,
  tax_regime: code('closed'),
  children: { type: { kind: 'list', fields: { birth_date: { kind: 'date' } } }, world: 'closed' },
  insurance_years: code('open'),
  insured_months_12: code('open'),
  household_income: money,
  household_size: { type: { kind: 'integer', min: 1 }, world: 'open' },
  employment: code('open'),
  unemployed_since: { type: { kind: 'date' }, world: 'open' },
  turnover_ytd: money,
  turnover_12m: money,
  utility_cost: money,
}

const param = (value: number): RuleSource['params'][string] => ({
  type: { kind: 'money', min: 0 },
  values: [{ from: '2020-01-01', value, status: 'published', confidence: 'V3' }],
})
const params: RuleSource['params'] = {
  child_threshold: param(1_200_000),
  regime2_limit: param(530_000_000),
  vat_threshold: param(100_000_000),
  min_income: param(300_000),
}

const soon = (name: string, days: number): string =>
  `${name} >= today() and ${name} <= today() + @"P${days}D"`
const conditions = [
  soon('id_card_expiry', 60),
  'id_card_expiry < today() and age(birth_date) >= 18',
  soon('passport_expiry', 90),
  'licence_expiry <= today() + @"P30D"',
  'vehicle_insp_due <= today() + @"P14D"',
  'absent(id_card_expiry) and age(birth_date) >= 14 and citizenship = 1',
  'sex = 1 and age(birth_date) >= 17 and age(birth_date) < 18',
  'age(birth_date) >= 18 and citizenship = 1',
  '(age(birth_date) >= 60 and insurance_years >= 33) or (age(birth_date) >= 63 and insurance_years >= 23) or (age(birth_date) >= 65 and insurance_years >= 15)',
  'count(children[age(birth_date) < 3]) >= 1 and household_income / household_size < params.child_threshold',
  'count(children[age(birth_date) < 18]) >= 3',
  'some c in children satisfies c.birth_date + @"P1M" > today()',
  'some c in children satisfies (age(c.birth_date) >= 5 and age(c.birth_date) < 6)',
  soon('disability_expiry', 60),
  'employment = 1 and insured_months_12 >= 6 and unemployed_since + @"P360D" > today()',
  'tax_regime = 2 and turnover_ytd > params.regime2_limit',
  'tax_regime = 2 and turnover_ytd > 0.8 * params.regime2_limit and turnover_ytd <= params.regime2_limit',
  'present(tax_regime) and tax_regime != 4 and turnover_12m > params.vat_threshold',
  'utility_cost > 0.2 * household_income',
  'disability_expiry >= today() and household_income / household_size < params.min_income',
] as const

const namesIn = (text: string): string[] =>
  Object.keys(vocabulary).filter((name) => new RegExp(`(?<![.\\w])${name}\\b`).test(text))

/** R01 to R20. In a filter of children `birth_date` is the child's; `facts` and words follow what each rule reads. */
export const sources: readonly RuleSource[] = conditions.map((when, at) => ({
  id: `bench.r${String(at + 1).padStart(2, '0')}`,
  version: 1,
  kind: 'notice',
  status: 'working',
  confidence: 'V3',
  subject: 'person',
  effective: { from: '2020-01-01', to: null },
  published_at: '2019-12-01',
  legal: [],
  calendar: { zone: 'Asia/Tashkent', leap_birthday: 'mar1', month_end: 'down' },
  params: Object.fromEntries(Object.entries(params).filter(([name]) => when.includes(`params.${name}`))),
  facts: namesIn(when.replaceAll(/children\[[^\]]*\]/g, 'children')),
  when,
  text: { title: 't', summary: 's', why: {} },
}))

/** A stream of even draws in [0, 1) from a seed (mulberry32). */
function draws(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const dayText = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10)
const known = (value: string | number, id: string): Cell => ({ state: 'known', value, facts: [id] })

/** One person, as rules.md draws them: some facts absent, some unknown by being left out. */
function person(u: () => number, n: number): Facts {
  const facts: { [name: string]: Cell } = {}
  const put = (name: string, value: string | number): void => {
    facts[name] = known(value, `f${n}-${name}`)
  }
  const putDay = (name: string, day: number): void => put(name, dayText(Math.round(day)))
  const chance = (share: number): boolean => u() < share
  const born = AS_OF_DAY - Math.round(u() ** 0.9 * 85 * 365.25)
  const age = (AS_OF_DAY - born) / 365.25
  const is_adult = age >= 18
  putDay('birth_date', born)
  put('sex', chance(0.5) ? 1 : 0)
  put('citizenship', chance(0.97) ? 1 : 2)
  if (age >= 14 && chance(0.93)) putDay('id_card_expiry', AS_OF_DAY - 200 + u() * 3650)
  if (chance(0.45)) putDay('passport_expiry', AS_OF_DAY - 100 + u() * 3650)
  if (is_adult && chance(0.55)) putDay('licence_expiry', AS_OF_DAY - 300 + u() * 10_000)
  if (is_adult && chance(0.35)) putDay('vehicle_insp_due', AS_OF_DAY - 30 + u() * 730)
  if (chance(0.07)) putDay('disability_expiry', AS_OF_DAY - 30 + u() * 1500)
  const has_business = is_adult && chance(0.1)
  if (has_business) put('tax_regime', 1 + Math.floor(4 * u()))
  facts.children = childrenOf(u, n, age)
  if (is_adult) {
    put('insurance_years', Math.min(45, Math.max(0, Math.round((age - 20) * u()))))
    put('insured_months_12', Math.floor(13 * u()))
  }
  if (chance(0.92)) {
    put('household_income', Math.round(300_000 - 2_500_000 * Math.log(1 - 0.999 * u())) * 100)
    put('household_size', 1 + Math.floor(5 * u()))
  }
  const job = u()
  if (age >= 18 && age <= 65 && job < 0.95) {
    put('employment', job < 0.75 ? 0 : job < 0.87 ? 1 : 2)
    if (job >= 0.75 && job < 0.87) putDay('unemployed_since', AS_OF_DAY - u() * 900)
  }
  if (has_business && chance(0.9)) {
    const share = u() ** 2
    put('turnover_ytd', Math.round(share * 900_000_000) * 100)
    put('turnover_12m', Math.round(share * 1_000_000_000) * 100)
  }
  if (chance(0.85)) put('utility_cost', Math.round(50_000 + 600_000 * u()) * 100)
  return facts
}

function childrenOf(u: () => number, n: number, age: number): Cell {
  const chances = age >= 18 && age <= 60 && u() < 0.45 ? [1, 0.55, 0.15] : []
  const items = chances
    .filter((share) => u() < share)
    .map((_, at) => ({
      item: `c${n}-${at}`,
      value: { birth_date: dayText(Math.round(AS_OF_DAY - u() * Math.min(age - 17, 25) * 365)) },
      facts: [`f${n}-c${at}`],
    }))
  return { state: 'list', items, complete: true }
}

/** People drawn from a seed. */
export function people(seed: number, size: number): Facts[] {
  const u = draws(seed)
  return Array.from({ length: size }, (_, n) => person(u, n))
}
