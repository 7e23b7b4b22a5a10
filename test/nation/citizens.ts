/**
 * The subjects of the simulation bench, in the shape the Uzbek pack's rules read: what is drawn for one person or
 * company, predicate by predicate. Imaginary throughout; every draw hangs on the seed and the subject's number only.
 */
import { draws } from '../../country/people/random.ts'

/** Day the bench looks at. */
export const as_of = '2026-11-24'
/** Days since 1970-01-01. */
export const as_of_day = Date.parse(as_of) / 86_400_000

/** A whole number: of days since 1970 for dates, 0 or 1 for truths, minor units for money, a place in the words for texts. */
export type Drawn = number | undefined
export type Item = { readonly [field: string]: Drawn }
export type Subject = { readonly [predicate: string]: Drawn | readonly Item[] }

const districts = 14
const per_district = 15
/** What texts can be, by predicate or `list.field`; codes take the vocabulary's own. */
export const texts: { readonly [key: string]: readonly string[] } = {
  residence_district: [
    ...['1703', '1706', '1708', '1710', '1712', '1714', '1718', '1722', '1724', '1726', '1727', '1730'],
    ...['1733', '1735'],
  ].flatMap((region) => Array.from({ length: per_district }, (_, at) => `${region}${200 + at}`)),
  'vehicles.name': ['Cobalt', 'Nexia', 'Matiz', 'Damas', 'Lacetti', 'Spark', 'Malibu', 'Tracker'],
  'bereavements.name': Array.from({ length: 200 }, (_, at) => `Name ${at}`),
  'director_of.name': Array.from({ length: 500 }, (_, at) => `Company ${at}`),
  'licences.name': Array.from({ length: 40 }, (_, at) => `Licence ${at}`),
  'leases.address': Array.from({ length: 500 }, (_, at) => `Street ${at}`),
}

type Dice = {
  /** Uniform in [0, 1). */
  u(): number
  /** The value with this chance, else nothing. */
  sometimes(chance: number, value: () => number): Drawn
  /** Days from so many before the day looked at to so many after it. */
  day(before: number, after: number): number
  below(end: number): number
}

function diceOf(seed: number, salt: number, row: number): Dice {
  const u = draws(seed, salt, row).share
  return {
    u,
    sometimes: (chance, value) => (u() < chance ? value() : undefined),
    day: (before, after) => as_of_day - before + Math.floor(u() * (before + after)),
    below: (end) => Math.floor(u() * end),
  }
}

const several = <T>(count: number, one: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => one(at))
const none: readonly Item[] = []
const som = 100

function vehicle({ u, day, below, sometimes }: Dice): Item {
  const manufactured_on = day(55 * 365, -30)
  const use = u()
  return {
    name: below(8),
    manufactured_on,
    use: use < 0.9 ? 0 : use < 0.99 ? 1 : 2,
    antique: u() < 0.001 ? 1 : 0,
    inspected_on: sometimes(0.95, () => day(900, 0)),
    insured_until: sometimes(0.9, () => day(60, 365)),
  }
}

/** A person. Every second woman and man between 18 and 60 has children; 8 % of households told nobody what they earn. */
export function drawPerson(seed: number, row: number): Subject {
  const dice = diceOf(seed, 77, row)
  const { u, sometimes, day, below } = dice
  const born = as_of_day - Math.round(u() ** 0.9 * 85 * 365.25)
  const age = Math.floor((as_of_day - born) / 365.25)
  const is_adult = age >= 18
  const adults = (chance: number, value: () => number): Drawn =>
    is_adult ? sometimes(chance, value) : undefined
  const children = is_adult && age <= 60 && u() < 0.5 ? 1 + (u() < 0.55 ? 1 : 0) + (u() < 0.2 ? 1 : 0) : 0
  const role = below(2)
  const is_asked = u() < 0.92
  const yatt = adults(0.03, () => day(3000, 0))
  const wedding = adults(0.01, () => day(100, 0))
  return {
    birth_date: sometimes(0.999, () => born),
    sex: below(2),
    citizenship: u() < 0.97 ? 0 : 1,
    id_card_expiry: age >= 16 ? sometimes(0.85, () => day(200, 3450)) : undefined,
    residence_district: sometimes(0.98, () => below(districts * per_district)),
    children: several(children, (at) => ({
      birth_date: as_of_day - Math.floor(u() * Math.min(age - 17, 25) * 365),
      birth_order: at + 1,
      role,
    })),
    parents: is_adult ? none : several(2, (at) => ({ role: at })),
    spouse: is_adult && u() < 0.6 ? [{ married_on: day(12_000, 0) }] : none,
    household_size: is_asked ? 1 + below(7) : undefined,
    in_social_register: sometimes(0.1, () => 1),
    household_income: is_asked
      ? Math.min(20_000_000, Math.round(300_000 - 2_500_000 * Math.log(1 - 0.999 * u()))) * som
      : undefined,
    director_of: is_adult && u() < 0.02 ? [{ name: below(500) }] : none,
    benefit_paid:
      u() < 0.05
        ? several(1 + below(2), () => ({ benefit: below(2), amount: 360_000 * som, paid_on: day(400, 0) }))
        : none,
    passport_2011_expiry: sometimes(0.25, () => day(300, 2000)),
    driving_licence_expiry: adults(0.45, () => day(300, 3650)),
    esign_until: adults(0.2, () => day(100, 730)),
    surname_changed_on: adults(0.08, () => day(9000, 0)),
    vehicles: is_adult && u() < 0.25 ? several(u() < 0.1 ? 2 : 1, () => vehicle(dice)) : none,
    military_registered: is_adult ? sometimes(0.4, () => 1) : undefined,
    entered_unregistered_on: sometimes(0.005, () => day(100, 0)),
    service_months: adults(0.7, () => Math.floor(u() * Math.max(1, (age - 18) * 12))),
    pension_assigned_on: age >= 55 ? sometimes(0.8, () => day(7000, 0)) : undefined,
    pension_notice_on: sometimes(0.001, () => day(30, 0)),
    pension_recalculated_on: sometimes(0.02, () => day(1000, 0)),
    pension_uncollected_since: sometimes(0.001, () => day(1000, 0)),
    disability_group: sometimes(0.03, () => below(3)),
    child_benefit_from: children > 0 ? sometimes(0.2, () => day(400, 0)) : undefined,
    social_tax_paid_until: adults(0.05, () => day(400, 30)),
    self_employed_since: adults(0.05, () => day(1500, 0)),
    yatt_since: yatt,
    marriage_applications: wedding === undefined ? none : [{ applied_on: wedding }],
    died_on: sometimes(0.002, () => day(300, 0)),
    bereavements: u() < 0.02 ? [{ name: below(200), relation: below(3), died_on: day(400, 0) }] : none,
    tax_filings:
      is_adult && u() < 0.3
        ? [
            { tax: 0, filed_until: day(500, 0), next_period: 1 },
            { tax: 1, filed_until: day(500, 0), next_period: 1 },
            ...(yatt === undefined ? none : [{ tax: 2, filed_until: day(120, 0), next_period: 0 }]),
          ]
        : none,
    turnover: yatt === undefined ? undefined : Math.round(u() ** 2 * 1_300_000_000) * som,
  }
}

/** A company. */
export function drawCompany(seed: number, row: number): Subject {
  const dice = diceOf(seed, 78, row)
  const { u, sometimes, day, below } = dice
  return {
    director: several(u() < 0.1 ? 2 : 1, () => ({ since: day(4000, 0) })),
    registered_on: day(7000, 0),
    esign_until: sometimes(0.9, () => day(100, 730)),
    vehicles: u() < 0.2 ? several(1 + below(8), () => vehicle(dice)) : none,
    tax_filings: several(2 + below(5), () => ({
      tax: below(13),
      filed_until: day(200, 0),
      next_period: u() < 0.7 ? 0 : 1 + below(3),
    })),
    turnover: sometimes(0.95, () => Math.round(u() ** 3 * 20_000_000_000) * som),
    previous_year_income: sometimes(0.9, () => Math.round(u() ** 3 * 40_000_000_000) * som),
    licences:
      u() < 0.25
        ? several(1 + below(3), () => ({
            name: below(40),
            kind: below(3),
            valid_until: sometimes(0.95, () => day(200, 1800)),
          }))
        : none,
    business_steps: several(below(5), (at) => ({ step: at, done_on: day(3000, 0) })),
    leases:
      u() < 0.4
        ? several(1 + below(2), () => ({
            address: below(500),
            signed_on: day(2000, 0),
            registered: below(2),
          }))
        : none,
    korxona_reported_on: sometimes(0.7, () => day(1400, 0)),
    employees: sometimes(0.8, () => Math.floor(u() ** 4 * 500)),
  }
}
