/**
 * The twenty rules as a careful engineer writes them for each database, for the day the bench looks at: dates worked
 * out beforehand, no `coalesce` where it is not needed, arrays opened only where one comparison with any() will not do.
 */

/** PostgreSQL, true only. */
export const postgres_by_hand: { readonly [id: string]: string } = {
  R01: `id_card_expiry >= date '2026-11-23' and id_card_expiry <= date '2027-01-22'`,
  R02: `id_card_expiry < date '2026-11-23' and birth_date <= date '2008-11-23'`,
  R03: `passport_expiry >= date '2026-11-23' and passport_expiry <= date '2027-02-21'`,
  R04: `licence_expiry <= date '2026-12-23'`,
  R05: `vehicle_insp_due <= date '2026-12-07'`,
  R06: `id_card_expiry is null and birth_date <= date '2012-11-23' and citizenship = 1`,
  R07: `sex = 1 and birth_date <= date '2009-11-23' and birth_date > date '2008-11-23'`,
  R08: `birth_date <= date '2008-11-23' and citizenship = 1`,
  R09: `(birth_date <= date '1966-11-23' and insurance_years >= 33)
     or (birth_date <= date '1963-11-23' and insurance_years >= 23)
     or (birth_date <= date '1961-11-23' and insurance_years >= 15)`,
  R10: `household_income < 1200000 * household_size and date '2023-11-23' < any("children.birth_date")`,
  R11: `cardinality("children.birth_date") >= 3
    and (select count(*) from unnest("children.birth_date") c where c > date '2008-11-23') >= 3`,
  R12: `date '2026-10-23' < any("children.birth_date")`,
  R13: `"children.birth_date" <> '{}' and exists
    (select from unnest("children.birth_date") c where c <= date '2021-11-23' and c > date '2020-11-23')`,
  R14: `disability_expiry >= date '2026-11-23' and disability_expiry <= date '2027-01-22'`,
  R15: `employment = 1 and insured_months_12 >= 6 and unemployed_since > date '2025-11-28'`,
  R16: `tax_regime = 2 and turnover_ytd > 530000000`,
  R17: `tax_regime = 2 and turnover_ytd > 424000000 and turnover_ytd <= 530000000`,
  R18: `tax_regime <> 4 and turnover_12m > 100000000`,
  R19: `utility_cost * 10 > household_income * 2`,
  R20: `disability_expiry >= date '2026-11-23' and household_income < 300000 * household_size`,
}

/**
 * DuckDB, true and unknown: null is unknown in an open world; where a closed world's null is absent, a comparison with
 * it is made false.
 */
export const duckdb_by_hand: { readonly [id: string]: string } = {
  ...postgres_by_hand,
  R01: `coalesce(${postgres_by_hand.R01}, false)`,
  R02: `coalesce(${postgres_by_hand.R02}, false)`,
  R03: `coalesce(${postgres_by_hand.R03}, false)`,
  R04: `coalesce(${postgres_by_hand.R04}, false)`,
  R05: `coalesce(${postgres_by_hand.R05}, false)`,
  R10: `len(list_filter("children.birth_date", lambda c: c > date '2023-11-23')) > 0
    and household_income < 1200000 * household_size`,
  R11: `case when len("children.birth_date") >= 3
    then len(list_filter("children.birth_date", lambda c: c > date '2008-11-23')) >= 3 else false end`,
  R12: `len(list_filter("children.birth_date", lambda c: c > date '2026-10-23')) > 0`,
  R13: `case when len("children.birth_date") > 0 then
    len(list_filter("children.birth_date", lambda c: c <= date '2021-11-23' and c > date '2020-11-23')) > 0
    else false end`,
  R14: `coalesce(${postgres_by_hand.R14}, false)`,
  R16: `coalesce(tax_regime = 2, false) and turnover_ytd > 530000000`,
  R17: `coalesce(tax_regime = 2, false) and turnover_ytd > 424000000 and turnover_ytd <= 530000000`,
  R18: `coalesce(tax_regime <> 4, false) and turnover_12m > 100000000`,
  R20: `coalesce(disability_expiry >= date '2026-11-23', false) and household_income < 300000 * household_size`,
}
