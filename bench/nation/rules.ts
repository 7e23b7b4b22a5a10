/** The twenty rules of the population bench (rules reference, "Benchmark"), with their vocabulary and parameters. */
import { compileRule, type Rule, type RuleSource, type RuleVocabulary } from '../../src/rules/rules.ts'

export const as_of = '2026-11-23'

const date = { type: { kind: 'date' }, world: 'closed' } as const
const money = { type: { kind: 'money', min: 0 }, world: 'open' } as const
const code = (world: 'closed' | 'open', min: number, max: number) =>
  ({ type: { kind: 'integer', min, max }, world }) as const

export const vocabulary: RuleVocabulary = {
  birth_date: date,
  sex: code('closed', 0, 1),
  citizenship: code('closed', 1, 2),
  id_card_expiry: date,
  passport_expiry: date,
  licence_expiry: date,
  vehicle_insp_due: date,
  disability_expiry: date,
  tax_regime: code('closed', 1, 4),
  children: { type: { kind: 'list', fields: { birth_date: { kind: 'date' } } }, world: 'closed' },
  insurance_years: code('open', 0, 45),
  insured_months_12: code('open', 0, 12),
  household_income: money,
  household_size: code('open', 1, 40),
  employment: code('open', 0, 3),
  unemployed_since: { type: { kind: 'date' }, world: 'open' },
  turnover_ytd: money,
  turnover_12m: money,
  utility_cost: money,
  region: code('open', 1, 25),
}

/** Money in whole units, as the data set has it. */
export const money_digits = 0

export const thresholds = {
  child_threshold: 1_200_000,
  regime2_limit: 530_000_000,
  vat_threshold: 100_000_000,
  min_income: 300_000,
} as const
type Thresholds = { readonly [name in keyof typeof thresholds]: number }

/** Condition, and the predicates its conditions read first. */
const conditions: { readonly [id: string]: readonly [when: string, ...first: string[]] } = {
  R01: ['id_card_expiry >= today() and id_card_expiry <= today() + @"P60D"', 'id_card_expiry'],
  R02: ['id_card_expiry < today() and age(birth_date) >= 18', 'id_card_expiry', 'birth_date'],
  R03: ['passport_expiry >= today() and passport_expiry <= today() + @"P90D"', 'passport_expiry'],
  R04: ['licence_expiry <= today() + @"P30D"', 'licence_expiry'],
  R05: ['vehicle_insp_due <= today() + @"P14D"', 'vehicle_insp_due'],
  R06: [
    'absent(id_card_expiry) and age(birth_date) >= 14 and citizenship = 1',
    'id_card_expiry',
    'birth_date',
    'citizenship',
  ],
  R07: ['sex = 1 and age(birth_date) >= 17 and age(birth_date) < 18', 'sex', 'birth_date'],
  R08: ['age(birth_date) >= 18 and citizenship = 1', 'birth_date', 'citizenship'],
  R09: [
    '(age(birth_date) >= 60 and insurance_years >= 33) or (age(birth_date) >= 63 and insurance_years >= 23) or (age(birth_date) >= 65 and insurance_years >= 15)',
    'birth_date',
    'insurance_years',
  ],
  R10: [
    'count(children[age(birth_date) < 3]) >= 1 and household_income / household_size < params.child_threshold',
    'children',
    'household_income',
  ],
  R11: ['count(children[age(birth_date) < 18]) >= 3', 'children'],
  R12: ['some c in children satisfies c.birth_date + @"P1M" > today()', 'children'],
  R13: ['some c in children satisfies age(c.birth_date) >= 5 and age(c.birth_date) < 6', 'children'],
  R14: ['disability_expiry >= today() and disability_expiry <= today() + @"P60D"', 'disability_expiry'],
  R15: [
    'employment = 1 and insured_months_12 >= 6 and unemployed_since + @"P360D" > today()',
    'employment',
    'insured_months_12',
    'unemployed_since',
  ],
  R16: ['tax_regime = 2 and turnover_ytd > params.regime2_limit', 'tax_regime', 'turnover_ytd'],
  R17: [
    'tax_regime = 2 and turnover_ytd > 0.8 * params.regime2_limit and turnover_ytd <= params.regime2_limit',
    'tax_regime',
    'turnover_ytd',
  ],
  R18: [
    'present(tax_regime) and tax_regime != 4 and turnover_12m > params.vat_threshold',
    'tax_regime',
    'turnover_12m',
  ],
  R19: ['utility_cost > 0.2 * household_income', 'utility_cost'],
  R20: [
    'disability_expiry >= today() and household_income / household_size < params.min_income',
    'disability_expiry',
    'household_income',
  ],
}

/** One of the twenty rules, with the thresholds given or those of the benchmark. */
export function nationRule(id: string, changed: Partial<Thresholds> = {}): Rule {
  const [when, ...first] = conditions[id]!
  const values = { ...thresholds, ...changed }
  const params = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      {
        type: { kind: 'money' } as const,
        values: [{ from: '2020-01-01', value, status: 'published', confidence: 'synthetic' } as const],
      },
    ]),
  )
  const source: RuleSource = {
    id,
    version: 1,
    kind: 'notice',
    status: 'working',
    confidence: 'synthetic',
    subject: 'person',
    effective: { from: '2020-01-01', to: null },
    published_at: '2019-12-01',
    legal: [],
    calendar: { zone: 'Asia/Tashkent', leap_birthday: 'mar1', month_end: 'down' },
    params,
    facts: Object.keys(vocabulary).filter((name) =>
      new RegExp(`(?<![.\\w])${name}\\b`).test(
        when.replaceAll(/\[age\(birth_date\)/g, '[age(item.birth_date)'),
      ),
    ),
    when,
    text: { title: id, summary: id, why: Object.fromEntries(first.map((name) => [name, `${id}.${name}`])) },
  }
  const result = compileRule(source, vocabulary, { money_digits })
  if (!result.ok) throw new Error(`${id}: ${result.errors.map(({ message }) => message).join('; ')}`)
  return result.rule
}

export const nationRules = (): Rule[] => Object.keys(conditions).map((id) => nationRule(id))
