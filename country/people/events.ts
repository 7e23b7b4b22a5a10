/** What registries report, as CloudEvents of the sources `urn:uz:<agency>`. Nothing of it happened to anybody. */
import type { Json } from '../../src/platform/canonical.ts'
import type { DateText } from '../../src/platform/clock.ts'
import { dateOf, dayNumber, monthStart } from './days.ts'
import type { Household, Person } from './households.ts'
import { makeCertificate, makePinfl, makeStir } from './identifiers.ts'
import { fullName, mens_names, trades, womens_names } from './names.ts'
import { draws, mix } from './random.ts'

export type CloudEvent = {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly time: string
  readonly data?: { readonly [key: string]: Json }
  readonly hamrohcorrects?: string
  readonly hamrohretracts?: string
}

type World = { readonly seed: number; readonly as_of: DateText }

/** An event of an agency; `time` is an instant as RFC 3339. */
export function makeEvent(
  agency: string,
  of: { id: string; type: string; time: string; data: { readonly [key: string]: Json } },
): CloudEvent {
  return {
    specversion: '1.0',
    id: of.id,
    source: `urn:uz:${agency}`,
    type: of.type,
    time: of.time,
    data: of.data,
  }
}

/** The agency that reports an event, from its source. */
export const agencyOf = (event: CloudEvent): string => event.source.slice('urn:uz:'.length)

/** An event that says an earlier one of the same source never should have been. */
export const retraction = (of: CloudEvent, how: { id: string; time: string }): CloudEvent => ({
  specversion: '1.0',
  id: how.id,
  source: of.source,
  type: of.type,
  time: how.time,
  hamrohretracts: of.id,
})

/** An instant of a day during office hours in Tashkent, by a draw: offices are open from 9 to 17 (04:00 to 12:00 UTC). */
function officeTime(day: number, draw: number): string {
  const seconds = 4 * 3600 + (draw % (8 * 3600))
  const pad = (n: number) => String(n).padStart(2, '0')
  return `${dateOf(day)}T${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}Z`
}

/** A day some days before as_of, but not before `earliest` and always before as_of. */
export const daysAgo = (world: World, days: number, earliest = 0): number =>
  Math.min(dayNumber(world.as_of) - 1, Math.max(earliest, dayNumber(world.as_of) - days))

/** What a registry reports during the office hours of a day. */
export function told(
  agency: string,
  of: { id: string; type: string; day: number; draw: number; data: { readonly [key: string]: Json } },
): CloudEvent {
  const { id, type, data } = of
  return makeEvent(agency, { id, type, time: officeTime(of.day, of.draw), data })
}

/**
 * A person of the register with their document, which is valid for 10 years.
 * @param document whether it may be a passport of the 2011 type, or a card that has ended or is about to; the people of
 *   the stories have cards that hold for months
 */
export function personEvent(world: World, person: Person, document: 'any' | 'card' = 'any'): CloudEvent {
  const draw = draws(world.seed, 30, person.index)
  const grown = dayNumber(person.birth_date) + 16 * 366
  const days = draw.between(20, 3500)
  const chance = mix(world.seed, 41, person.index) % 100
  // The last passports of the 2011 type were issued some six years before the day of the population.
  const is_passport = document === 'any' && chance < 5 && daysAgo(world, 2200) > grown
  const any = is_passport
    ? 2200 + (days % 1470)
    : document === 'any' && chance < 9
      ? 3540 + (days % 145)
      : days
  const issued = daysAgo(world, any, grown)
  const expiry = Number(dateOf(issued).slice(0, 4)) + 10
  // The day before, so that a document issued on 29 February has an expiry that exists.
  const last = dateOf(dayNumber(`${expiry}-${dateOf(issued).slice(5)}`) - 1)
  return told('gcp', {
    id: `person-${person.index}`,
    type: 'uz.gcp.person.registered',
    day: issued,
    draw: draw.next(),
    data: {
      person: {
        pinfl: person.pinfl,
        full_name: person.full_name,
        birth_date: person.birth_date,
        sex: person.sex,
        citizenship: 'uz',
        passport: person.passport,
        ...(is_passport ? { passport_2011_expiry: last } : { id_card_expiry: last }),
      },
    },
  })
}

/** The day a couple married (days since 1970-01-01): before their first child, or within the last years. */
export function weddingDay(world: World, household: Household, wife: Person): number {
  const first = household.members.find((member) => member.role === 'child')
  const draw = draws(world.seed, 31, household.index)
  const adult = dayNumber(wife.birth_date) + Math.round(18.3 * 365.25)
  const day = first
    ? dayNumber(first.birth_date) - draw.between(290, 640)
    : dayNumber(world.as_of) - draw.between(60, 1400)
  return Math.max(adult, day)
}

export function marriageEvent(
  world: World,
  household: Household,
  of: { husband: Person; wife: Person },
): CloudEvent {
  const day = weddingDay(world, household, of.wife)
  return makeEvent('zags', {
    id: `marriage-${household.index}`,
    type: 'uz.zags.marriage.registered',
    time: officeTime(day, mix(world.seed, 32, household.index)),
    data: {
      certificate: makeCertificate(1_000_000 + household.index),
      spouse_a: { pinfl: of.husband.pinfl },
      spouse_b: { pinfl: of.wife.pinfl },
      married_on: dateOf(day),
    },
  })
}

export function childBirthEvent(
  world: World,
  of: { child: Person; mother: Person; father: Person | undefined; birth_order: number },
): CloudEvent {
  const draw = draws(world.seed, 33, of.child.index)
  return makeEvent('zags', {
    id: `birth-${of.child.index}`,
    type: 'uz.zags.birth.registered',
    time: officeTime(dayNumber(of.child.birth_date) + draw.between(1, 20), draw.next()),
    data: {
      certificate: makeCertificate(of.child.index),
      child: {
        pinfl: of.child.pinfl,
        full_name: of.child.full_name,
        birth_date: of.child.birth_date,
        sex: of.child.sex,
        birth_order: of.birth_order,
      },
      mother: { pinfl: of.mother.pinfl },
      ...(of.father ? { father: { pinfl: of.father.pinfl } } : {}),
    },
  })
}

export function residenceEvent(world: World, household: Household, person: Person): CloudEvent {
  const draw = draws(world.seed, 34, person.index)
  const moved_in = draws(world.seed, 35, household.index).between(90, 3600)
  const since = daysAgo(world, moved_in, dayNumber(person.birth_date) + draw.between(3, 30))
  return makeEvent('mia', {
    id: `residence-${person.index}`,
    type: 'uz.mia.residence.registered',
    time: officeTime(since, draw.next()),
    data: {
      person: { pinfl: person.pinfl },
      district: household.place.code,
      address: household.address,
      since: dateOf(since),
    },
  })
}

export function householdEvent(world: World, household: Household, head: Person): CloudEvent {
  const draw = draws(world.seed, 36, household.index)
  const since = daysAgo(world, draw.between(15, 300), 0)
  return makeEvent('ihma', {
    id: `household-${head.index}`,
    type: 'uz.ihma.household.recorded',
    time: officeTime(since, draw.next()),
    data: {
      person: { pinfl: head.pinfl },
      household: `H-${String(household.index).padStart(7, '0')}`,
      size: household.members.length,
      in_register: household.in_register,
      since: dateOf(since),
    },
  })
}

export function householdIncomeEvent(world: World, person: Person, monthly_uzs: number): CloudEvent {
  const draw = draws(world.seed, 37, person.index)
  const day = daysAgo(world, draw.between(1, 3), 0)
  return incomeEvent({
    id: `income-${person.index}`,
    pinfl: person.pinfl,
    monthly_uzs,
    reported_at: officeTime(day, draw.next()),
  })
}

/**
 * An income report of the tax registry: the average of the twelve whole months before the report.
 * @param of.monthly_uzs household income a month in whole soʻm; the event carries tiyin
 * @param of.reported_at instant, RFC 3339
 */
export function incomeEvent(of: {
  id: string
  pinfl: string
  monthly_uzs: number
  reported_at: string
}): CloudEvent {
  const reported_on = of.reported_at.slice(0, 10)
  return makeEvent('tax', {
    id: of.id,
    type: 'uz.tax.income.reported',
    time: of.reported_at,
    data: {
      person: { pinfl: of.pinfl },
      period_from: monthStart(reported_on, -12),
      period_to: dateOf(dayNumber(monthStart(reported_on, 0)) - 1),
      household_income: of.monthly_uzs * 100,
    },
  })
}

/** @param may_be_new whether the company may have been opened in these weeks: one in twelve then was */
export function companyEvent(world: World, director: Person, may_be_new: boolean): CloudEvent {
  const draw = draws(world.seed, 38, director.index)
  const days = draw.between(30, 2400)
  const is_new = may_be_new && mix(world.seed, 42, director.index) % 12 === 0
  const grown = dayNumber(director.birth_date) + 18 * 366
  const registered = daysAgo(world, is_new ? 3 + (days % 50) : days, grown)
  return told('dxa', {
    id: `company-${director.index}`,
    type: 'uz.dxa.company.registered',
    day: registered,
    draw: draw.next(),
    data: {
      company: {
        stir: makeStir(director.index),
        name: `“${draw.pick(trades)} ${director.index}” MChJ`,
        registered_on: dateOf(registered),
      },
      director: { pinfl: director.pinfl },
    },
  })
}

export type Newborn = {
  readonly pinfl: string
  readonly full_name: string
  readonly birth_date: DateText
  readonly sex: 'm' | 'f'
}

/**
 * The n-th newborn of a day: PINFLs differ for every n of one day (1,000 of each sex with district 000, then 900 and
 * on), and from everybody in the population, whose youngest was born long before.
 */
export function newborn(of: {
  n: number
  born_on: DateText
  seed?: number
  sex?: 'm' | 'f'
  parent?: Person
  /** The father's given name, for the patronymic; default: drawn. */
  father?: Person
}): Newborn {
  const draw = draws(of.seed ?? 1, 40, of.n)
  const sex = of.sex ?? (of.n % 2 === 0 ? 'f' : 'm')
  // With the sex given, n counts within that sex; otherwise the sexes take turns.
  const place = of.sex ? of.n : Math.floor(of.n / 2)
  const district = place < 1000 ? 0 : 899 + Math.floor(place / 1000)
  if (district > 999)
    throw new RangeError(`No PINFL is left for newborn ${of.n} of one day; spread them over days.`)
  const given = draw.pick(sex === 'f' ? womens_names : mens_names)
  const father = of.father?.given ?? draw.pick(mens_names)
  const surname = of.father?.surname ?? of.parent?.surname ?? (['Sinovov', 'Синовов'] as const)
  return {
    pinfl: makePinfl(of.born_on, sex, place % 1000, district),
    full_name: fullName({ surname, given, father, sex }).latin,
    birth_date: of.born_on,
    sex,
  }
}

/**
 * A birth as the civil registry reports it.
 * @param of.n number of the birth, unique among all births made with this builder: gives id and certificate
 * @param of.registered_at instant, RFC 3339
 */
export function birthEvent(of: {
  n: number
  child: Newborn
  mother_pinfl: string
  father_pinfl?: string | undefined
  birth_order: number
  registered_at: string
  id?: string
  corrects?: string
}): CloudEvent {
  const event = makeEvent('zags', {
    id: of.id ?? `new-birth-${of.n}`,
    type: 'uz.zags.birth.registered',
    time: of.registered_at,
    data: {
      certificate: makeCertificate(2_000_000 + of.n),
      child: { ...of.child, birth_order: of.birth_order },
      mother: { pinfl: of.mother_pinfl },
      ...(of.father_pinfl === undefined ? {} : { father: { pinfl: of.father_pinfl } }),
    },
  })
  return of.corrects === undefined ? event : { ...event, hamrohcorrects: of.corrects }
}

/** A move: the same registry entry as any residence, with a new address. */
export function moveEvent(of: {
  id: string
  pinfl: string
  district: string
  address: string
  since: DateText
  registered_at: string
}): CloudEvent {
  return makeEvent('mia', {
    id: of.id,
    type: 'uz.mia.residence.registered',
    time: of.registered_at,
    data: { person: { pinfl: of.pinfl }, district: of.district, address: of.address, since: of.since },
  })
}
