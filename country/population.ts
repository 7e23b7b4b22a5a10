/**
 * The people of the synthetic country, and what its registries know of them as events.
 *
 * In:  a seed, how many people, and the day from which ages are counted.
 * Out: households, people by index or PINFL, the registries' history as CloudEvents in a tidy order, and the
 *      demonstration people.
 * Promise: the same options give the same bytes; nothing is held in memory; no identifier can be a real person's.
 */
import type { DateText } from '../src/platform/clock.ts'
import { businessEvents, traderEvents } from './people/business.ts'
import { ageDays, documentEvents, propertyTaxEvents } from './people/documents.ts'
import {
  type CloudEvent,
  childBirthEvent,
  householdEvent,
  householdIncomeEvent,
  marriageEvent,
  personEvent,
  residenceEvent,
} from './people/events.ts'
import {
  findPerson,
  type Household,
  householdOf,
  listHouseholds,
  type Person,
  people_max,
} from './people/households.ts'
import { householdLifeEvents, lifeEvents, marriageApplicationEvent } from './people/later-life.ts'
import { placeNames } from './people/places.ts'
import { mix } from './people/random.ts'
import { story_blocks } from './people/stories.ts'
import type { InEachLanguage } from './words.ts'

export { agencyOf, birthEvent, incomeEvent, moveEvent, newborn, retraction } from './people/events.ts'
export type { CloudEvent, Household, Person }

export type PopulationOptions = {
  /** Default 1. */
  readonly seed?: number
  /** 40 … 1,000,000; default 5,000. */
  readonly people?: number
  /** The day of which the registries' state is shown; nothing is dated later. Default 2026-11-20. */
  readonly as_of?: DateText
}

export type Population = {
  readonly seed: number
  readonly people: number
  readonly as_of: DateText
  person(index: number): Person
  householdOf(index: number): Household
  households(): Iterable<Household>
  findPerson(pinfl: string): Person | undefined
  events(): Iterable<CloudEvent>
}

/** Checks the options and gives access to the people they describe; throws RangeError for a size out of range. */
export function createPopulation(options: PopulationOptions = {}): Population {
  const { seed = 1, people = 5000, as_of = '2026-11-20' } = options
  if (!Number.isInteger(people) || people < 40 || people > people_max)
    throw new RangeError(`A population has 40 to ${people_max} people, not ${people}.`)
  const world = { seed, as_of }
  return {
    seed,
    people,
    as_of,
    person: (index) => {
      if (index < 0 || index >= people)
        throw new RangeError(`There are people 0 to ${people - 1}, not ${index}.`)
      return householdOf(world, index).members.find((member) => member.index === index)!
    },
    householdOf: (index) => householdOf(world, index),
    households: () => listHouseholds(world, people),
    findPerson: (pinfl) => {
      const person = findPerson(world, pinfl)
      return person && person.index < people ? person : undefined
    },
    events: () => populationEvents({ seed, people, as_of }),
  }
}

/**
 * The registries' history of the population, household by household: adults, marriage, children by their births,
 * residence, household, income, documents, vehicles, taxes, pensions, companies. Whoever an event names was registered
 * by an earlier one. Of the people of the stories no more is told than their stories need.
 */
export function* populationEvents(options: PopulationOptions = {}): Generator<CloudEvent> {
  const population = createPopulation(options)
  for (const household of population.households()) yield* householdEvents(population, household)
}

/** The events of one household, in a tidy order. */
export function* householdEvents(
  world: { seed: number; as_of: DateText },
  household: Household,
): Generator<CloudEvent> {
  const { members, story } = household
  const of = (role: Person['role']) => members.find((member) => member.role === role)
  const husband = of('husband')
  const wife = of('wife')
  for (const member of members)
    if (member.role !== 'child') yield personEvent(world, member, story ? 'card' : 'any')
  if (husband && wife) yield marriageEvent(world, household, { husband, wife })
  const children = members.filter((member) => member.role === 'child')
  for (const [i, child] of children.entries())
    if (wife) yield childBirthEvent(world, { child, mother: wife, father: husband, birth_order: i + 1 })
  for (const member of members) yield residenceEvent(world, household, member)
  const heads = [husband, wife, of('single')].filter((member) => member !== undefined)
  for (const head of heads) yield householdEvent(world, household, head)
  const payer = wife ?? heads[0]
  if (payer && household.income !== undefined) yield householdIncomeEvent(world, payer, household.income)
  if (!story) yield* everydayEvents(world, household, heads[0])
  for (const member of members)
    if (story?.director ? member.role === 'wife' : !story && isDirector(world, member))
      yield* businessEvents(world, member, story !== undefined)
}

/** What registries tell of a household that is nobody's story. */
function* everydayEvents(
  world: { seed: number; as_of: DateText },
  household: Household,
  head: Person | undefined,
): Generator<CloudEvent> {
  yield* householdLifeEvents(world, household)
  const alone = household.members.find((member) => member.role === 'single')
  const before = alone && alone.index > 0 ? householdOf(world, alone.index - 1).members.at(-1) : undefined
  const application =
    alone && before?.role === 'single' ? marriageApplicationEvent(world, alone, before) : undefined
  if (application) yield application
  if (head) yield* propertyTaxEvents(world, household, head)
  for (const member of household.members) {
    if (member.role === 'child') {
      // From sixteen on a child has an ID card; one in five has not fetched it yet.
      if (ageDays(world, member) > 16 * 365.25 + 5 && mix(world.seed, 21, member.index) % 5 > 0)
        yield personEvent(world, member, 'card')
      continue
    }
    yield* lifeEvents(world, member)
    yield* documentEvents(world, member)
    if (ageDays(world, member) < 62 * 365) yield* traderEvents(world, member)
  }
}

/** Three adults in a hundred run a company. */
function isDirector(world: { seed: number; as_of: DateText }, person: Person): boolean {
  return (
    person.role !== 'child' &&
    ageDays(world, person) < 65 * 365 &&
    mix(world.seed, 20, person.index) % 100 < 3
  )
}

export type DemonstrationMother = {
  readonly sub: string
  readonly index: number
  readonly pinfl: string
  readonly name: string
  readonly name_cyrillic: string
  readonly children: number
  readonly place: InEachLanguage
  readonly tells: InEachLanguage
}

export type Officer = {
  readonly sub: string
  readonly name: string
  readonly agency: string
  readonly role: 'officer' | 'head' | 'author'
  /** Service number. */
  readonly number: string
}

/** The civil servants of the demonstration; two where a decision may be challenged before a second human. */
export const officers: readonly Officer[] = [
  officer('pension', 1, 'officer', 'Saidova Kamola Anvar qizi'),
  officer('pension', 2, 'head', 'Murodov Davron Erkin oʻgʻli'),
  officer('ihma', 1, 'officer', 'Nazarova Umida Botir qizi'),
  officer('ihma', 2, 'head', 'Oripov Shuhrat Olim oʻgʻli'),
  // Whoever proposes a change of law is another than whoever publishes it.
  officer('ihma', 3, 'author', 'Ismoilova Feruza Rustam qizi'),
  officer('tax', 1, 'author', 'Boltayev Jahongir Komil oʻgʻli'),
  officer('tax', 2, 'head', 'Sattorova Dilbar Hamid qizi'),
  officer('mia', 1, 'officer', 'Qodirov Aziz Nodir oʻgʻli'),
  officer('health', 1, 'officer', 'Yusupova Lobar Islom qizi'),
  officer('preschool', 1, 'officer', 'Hakimova Oydin Farhod qizi'),
]

function officer(agency: string, n: number, role: Officer['role'], name: string): Officer {
  return { sub: `officer-${agency}-${n}`, name, agency, role, number: `${agency.toUpperCase()}-00${n}` }
}

/** Stable name of a citizen at the identity provider: says nothing about the person. */
export const citizenSub = (index: number): string => `citizen-${index}`

/** The people a visitor meets: thirteen mothers with different rights, and the civil servants. */
export function demonstrationPeople(options: PopulationOptions = {}): {
  readonly mothers: readonly DemonstrationMother[]
  readonly officers: readonly Officer[]
} {
  const population = createPopulation(options)
  const mothers: DemonstrationMother[] = []
  for (let index = 0; index < story_blocks.length * 20; ) {
    const household = population.householdOf(index)
    index += household.members.length
    const mother = household.members.find((member) => member.role === 'wife')!
    mothers.push({
      sub: citizenSub(mother.index),
      index: mother.index,
      pinfl: mother.pinfl,
      name: mother.full_name,
      name_cyrillic: mother.full_name_cyrillic,
      children: household.members.filter((member) => member.role === 'child').length,
      place: placeNames(household.place),
      tells: household.story!.tells,
    })
  }
  return { mothers, officers }
}
