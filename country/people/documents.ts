/** What registries know of documents, vehicles and taxes of people. Few of them end in these weeks, so that nobody drowns. */
import { dateOf, dayNumber } from './days.ts'
import { type CloudEvent, daysAgo, told } from './events.ts'
import type { Household, Person, World } from './households.ts'
import { type Draws, draws } from './random.ts'

const year_days = 365

/** Whole days since a person was born. */
export const ageDays = (world: World, person: Person): number =>
  dayNumber(world.as_of) - dayNumber(person.birth_date)

/** Driving licence, vehicle, e-signature of one adult. */
export function* documentEvents(world: World, person: Person): Generator<CloudEvent> {
  const draw = draws(world.seed, 50, person.index)
  const years = ageDays(world, person) / 365.25
  if (years < 20 || years > 72) return
  const owner = { person: { pinfl: person.pinfl } }
  if (draw.chance(0.24)) {
    const last = dayNumber(world.as_of) + draw.between(-25, 3500)
    yield told('yhxbb', {
      id: `driving-licence-${person.index}`,
      type: 'uz.yhxbb.driving-licence.issued',
      day: Math.min(last - 3652, dayNumber(world.as_of) - 1),
      draw: draw.next(),
      data: { ...owner, issued_on: dateOf(last - 3652), valid_until: dateOf(last) },
    })
    if (draw.chance(0.5)) yield vehicleEvent(world, draw, { owner, of: 'person', index: person.index })
  }
  if (draw.chance(0.07)) yield certificateEvent(world, draw, { owner, id: `certificate-${person.index}` })
}

/** A certificate of two years, in the middle of its life or near its end. */
export function certificateEvent(
  world: World,
  draw: Draws,
  of: { owner: Owner; id: string; issued_days_ago?: number },
): CloudEvent {
  const issued = daysAgo(world, of.issued_days_ago ?? draw.between(1, 728))
  return told('eimzo', {
    id: of.id,
    type: 'uz.eimzo.certificate.issued',
    day: issued,
    draw: draw.next(),
    data: { ...of.owner, issued_on: dateOf(issued), valid_until: dateOf(issued + 2 * year_days - 1) },
  })
}

export type Owner = { readonly person: { pinfl: string } } | { readonly company: { stir: string } }

const models = ['Cobalt', 'Nexia', 'Spark', 'Lacetti', 'Damas', 'Onix', 'Tracker', 'Matiz'] as const
const letters = 'ABCDEFGHJKLMNOPQRSTUVXYZ'

/** A vehicle: a private car, or what a company or a carrier drives for pay. */
export function vehicleEvent(
  world: World,
  draw: Draws,
  of: { owner: Owner; of: 'person' | 'company'; index: number },
): CloudEvent {
  const use = of.of === 'company' || draw.chance(0.04) ? 'commercial' : 'private'
  const is_old = use === 'private' && draw.chance(0.01)
  const made = daysAgo(world, is_old ? draw.between(18_150, 19_500) : draw.between(120, 8000))
  const term = use === 'commercial' ? 182 : dayNumber(world.as_of) - made > 5 * year_days ? 365 : 730
  const inspected = daysAgo(world, draw.between(0, term + 4), made)
  // Region 00 is on no plate.
  const letter = () => letters[draw.next() % letters.length]!
  const plate = `00 ${letter()} ${draw.between(100, 999)} ${letter()}${letter()}`
  return told('yhxbb', {
    id: `vehicle-${of.of}-${of.index}`,
    type: 'uz.yhxbb.vehicle.recorded',
    day: inspected,
    draw: draw.next(),
    data: {
      ...of.owner,
      vehicle: `V-${of.of === 'person' ? 'P' : 'C'}${of.index}`,
      name: `${is_old ? 'Volga' : draw.pick(models)}, ${plate}`,
      manufactured_on: dateOf(made),
      use,
      antique: is_old && draw.chance(0.3),
      inspected_on: dateOf(inspected),
      insured_until: dateOf(dayNumber(world.as_of) + draw.between(-6, 360)),
    },
  })
}

/** The head of a household pays property tax, often land tax: most have paid what was due, a few are late. */
export function* propertyTaxEvents(world: World, household: Household, head: Person): Generator<CloudEvent> {
  const draw = draws(world.seed, 51, household.index)
  for (const [tax, share] of [
    ['property', 0.42],
    ['land', 0.2],
  ] as const) {
    if (!draw.chance(share)) continue
    const [paid, before] = halvesPaid(world)
    yield taxEvent(world, draw, {
      owner: { person: { pinfl: head.pinfl } },
      id: `${tax}-tax-${head.index}`,
      tax,
      filed_until: draw.chance(0.04) ? before : paid,
      next_period: 'half-year',
    })
  }
}

/** Up to which half of a year both taxes are paid by who is in time, and by who missed the last day. */
function halvesPaid(world: World): readonly [string, string] {
  const year = Number(world.as_of.slice(0, 4))
  const day = world.as_of.slice(5)
  const halves = [
    `${year - 2}-12-31`,
    `${year - 1}-06-30`,
    `${year - 1}-12-31`,
    `${year}-06-30`,
    `${year}-12-31`,
  ]
  const paid = day > '10-15' ? 4 : day > '04-15' ? 3 : 2
  return [halves[paid]!, halves[paid - 1]!]
}

/** A return that was accepted in these weeks. */
export function taxEvent(
  world: World,
  draw: Draws,
  of: {
    owner: Owner
    id: string
    tax: string
    filed_until: string
    next_period: 'month' | 'quarter' | 'half-year' | 'year'
  },
): CloudEvent {
  const { owner, id, tax, filed_until, next_period } = of
  return told('tax', {
    id,
    type: 'uz.tax.return.accepted',
    day: daysAgo(world, draw.between(3, 40)),
    draw: draw.next(),
    data: { ...owner, tax, filed_until, next_period },
  })
}
