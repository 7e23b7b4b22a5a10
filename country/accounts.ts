/** Who may sign in: everybody of the population who is grown up, and the civil servants of the demonstration. */
import { placeNames } from './people/places.ts'
import {
  citizenSub,
  createPopulation,
  demonstrationPeople,
  officers,
  type Population,
  type PopulationOptions,
} from './population.ts'
import { type InEachLanguage, inEachLanguage } from './words.ts'

export type Account = {
  readonly sub: string
  readonly name: string
  /** What people read beside the name. */
  readonly tells: InEachLanguage
  readonly pinfl?: string
  readonly officer?: { readonly agency: string; readonly role: string; readonly number: string }
}

export type Accounts = {
  readonly mothers: readonly Account[]
  readonly officers: readonly Account[]
  find(sub: string): Account | undefined
  /** At most 20 people whose name or place holds every word of the question, whichever apostrophes it writes. */
  search(question: string): readonly Account[]
}

/** Beyond this many people a search looks at the first ones only, to stay quick. */
const searched_people_max = 50_000
const found_max = 20

export function openAccounts(options: PopulationOptions): Accounts {
  const population = createPopulation(options)
  const mothers = demonstrationPeople(options).mothers.map((mother) => ({
    sub: mother.sub,
    name: mother.name,
    pinfl: mother.pinfl,
    tells: inEachLanguage((_say, locale) => `${mother.place[locale]} · ${mother.tells[locale]}`),
  }))
  const servants = officers.map(({ sub, name, agency, role, number }) => ({
    sub,
    name,
    officer: { agency, role, number },
    tells: inEachLanguage((say) => `${say(`agency.${agency}`)}, ${say(`role.${role}`)}`),
  }))
  const fixed = new Map<string, Account>([...mothers, ...servants].map((account) => [account.sub, account]))
  return {
    mothers,
    officers: servants,
    find: (sub) => fixed.get(sub) ?? findCitizen(population, sub),
    search: (question) => search(population, [...fixed.values()], question),
  }
}

function findCitizen(population: Population, sub: string): Account | undefined {
  const index = Number(/^citizen-(\d{1,6})$/.exec(sub)?.[1] ?? Number.NaN)
  if (!(index < population.people)) return undefined
  const person = population.person(index)
  if (person.role === 'child') return undefined
  const { place } = population.householdOf(index)
  return { sub, name: person.full_name, pinfl: person.pinfl, tells: placeNames(place) }
}

function search(population: Population, first: readonly Account[], question: string): readonly Account[] {
  const words = fold(question).split(/\s+/).filter(Boolean).slice(0, 6)
  if (words.length === 0) return []
  const fits = (text: string) => words.every((word) => text.includes(word))
  const found = first.filter(({ name, tells }) => fits(fold([name, ...Object.values(tells)].join(' '))))
  const seen = new Set(found.map((account) => account.sub))
  for (const { members, place, first: index } of population.households()) {
    if (found.length >= found_max || index > searched_people_max) break
    for (const person of members) {
      const sub = citizenSub(person.index)
      if (person.role === 'child' || seen.has(sub)) continue
      const { full_name, full_name_cyrillic } = person
      const names = [full_name, full_name_cyrillic, ...Object.values(placeNames(place))]
      if (fits(fold(names.join(' '))))
        found.push({
          sub,
          name: person.full_name,
          pinfl: person.pinfl,
          tells: placeNames(place),
        })
    }
  }
  return found.slice(0, found_max)
}

/** Lower case without apostrophes of any kind, so that o', oʻ and o find one another. */
const fold = (text: string): string =>
  text.toLowerCase().replace(/[\u02bb\u02bc'\u2018\u2019`\u00b4\u2032\uff07]/g, '')
