import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '../src/platform/canonical.ts'
import { dateOf, dayNumber, monthStart } from './people/days.ts'
import { agencyOf } from './people/events.ts'
import { pinflCheckDigit, readPinfl } from './people/identifiers.ts'
import {
  birthEvent,
  type CloudEvent,
  createPopulation,
  demonstrationPeople,
  incomeEvent,
  newborn,
  populationEvents,
} from './population.ts'

const pinflsIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) =>
        key === 'pinfl' ? [inner as string] : key === 'stir' ? [] : pinflsIn(inner),
      )
    : []

test('days are counted as the calendar counts them', () => {
  for (let day = -15000; day < 40000; day += 37) {
    const date = new Date(day * 86_400_000).toISOString().slice(0, 10)
    assert.equal(dateOf(day), date)
    assert.equal(dayNumber(date), day)
  }
  assert.equal(monthStart('2026-11-24', -12), '2025-11-01')
  assert.equal(monthStart('2026-01-31', -1), '2025-12-01')
})

test('check digits agree with the published vectors', () => {
  for (const vector of ['30101900000011', '43112850000028', '52902040000035', '62902240000041'])
    assert.equal(pinflCheckDigit(vector), Number(vector[13]))
  assert.equal(readPinfl('30101990123458'), undefined)
})

test('the same seed gives the same history, another seed another', () => {
  const digest = (seed: number) =>
    sha256([...populationEvents({ seed, people: 400 })].map((e) => JSON.stringify(e)).join())
  assert.equal(digest(1), digest(1))
  assert.notEqual(digest(1), digest(2))
})

test('200,000 people have 200,000 well-formed PINFLs, all of the unused district', () => {
  const population = createPopulation({ people: 200_000 })
  const seen = new Set<string>()
  for (const household of population.households())
    for (const person of household.members) {
      const read = readPinfl(person.pinfl)
      assert.ok(
        read && read.birth_date === person.birth_date && read.sex === person.sex && read.district === 0,
      )
      seen.add(person.pinfl)
    }
  assert.equal(seen.size, 200_000)
})

test('a person is found by index and by PINFL without walking there, up to the last of a million', () => {
  const population = createPopulation({ people: 1_000_000 })
  for (const index of [0, 19, 20, 999, 1000, 123_456, 734_111, 999_999]) {
    const person = population.person(index)
    assert.equal(person.index, index)
    assert.deepEqual(population.findPerson(person.pinfl), person)
  }
  assert.equal(population.findPerson('30101900000011'), undefined)
  assert.throws(() => createPopulation({ people: 1_000_001 }), RangeError)
})

test('everybody an event names was registered by an earlier event, and ids repeat for no source', () => {
  const known = new Set<string>()
  const ids = new Set<string>()
  const as_of = '2026-11-24'
  for (const event of populationEvents({ people: 3000, as_of })) {
    const id = `${event.source} ${event.id}`
    assert.ok(!ids.has(id), id)
    ids.add(id)
    assert.ok(event.time < `${as_of}T00:00:00Z`, `${event.id} is dated ${event.time}`)
    const data = event.data as { person?: { pinfl: string }; child?: { pinfl: string } }
    if (event.type === 'uz.gcp.person.registered') known.add(data.person!.pinfl)
    if (event.type === 'uz.zags.birth.registered') known.add(data.child!.pinfl)
    for (const pinfl of pinflsIn(event.data)) assert.ok(known.has(pinfl), `${event.id} names a stranger`)
  }
  assert.equal(known.size, 3000)
})

test('families are plausible: ages of mothers, distance of siblings, no child too old or too young', () => {
  const population = createPopulation({ people: 20_000 })
  let children = 0
  const regions = new Set<string>()
  for (const { members, place } of population.households()) {
    regions.add(place.code.slice(0, 4))
    const wife = members.find((member) => member.role === 'wife')
    let previous = 0
    for (const child of members.filter((member) => member.role === 'child')) {
      children++
      const born = dayNumber(child.birth_date)
      const age_at_birth = (born - dayNumber(wife!.birth_date)) / 365.25
      assert.ok(age_at_birth >= 19 && age_at_birth <= 45, `a mother of ${age_at_birth}`)
      assert.ok(born - previous >= 500)
      previous = born
      const age = (dayNumber(population.as_of) - born) / 365.25
      assert.ok(age > 1.1 && age < 17.9, `a child of ${age}`)
    }
    assert.equal(new Set(members.map((member) => member.full_name)).size, members.length)
    for (const { full_name } of members) assert.doesNotMatch(full_name, /['`‘’]/)
  }
  assert.equal(regions.size, 14)
  assert.ok(children > 5000 && children < 10_000, `${children} children`)
})

test('income is known for about 60 % of the households, and about 3 % of the adults run a company', () => {
  const count = (type: string, events: CloudEvent[]) => events.filter((event) => event.type === type).length
  const events = [...populationEvents({ people: 20_000 })]
  const households = [...createPopulation({ people: 20_000 }).households()].length
  const income = count('uz.tax.income.reported', events) / households
  const companies = count('uz.dxa.company.registered', events) / count('uz.gcp.person.registered', events)
  assert.ok(income > 0.55 && income < 0.65, `income ${income}`)
  assert.ok(companies > 0.02 && companies < 0.04, `companies ${companies}`)
  assert.deepEqual(
    [...new Set(events.map(agencyOf))].sort(),
    'dxa eimzo gcp health ihma mia pension stat tax yhxbb zags'.split(' '),
  )
})

test('walking 300,000 people keeps memory flat', () => {
  let events = 0
  let peak = 0
  const start = process.memoryUsage().heapUsed
  for (const _ of populationEvents({ people: 300_000 }))
    if (++events % 20_000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed)
  assert.ok(events > 600_000)
  // Holding 300,000 people would take some 200 MB; what is seen here is the young generation.
  assert.ok(peak - start < 80 * 2 ** 20, `${Math.round((peak - start) / 2 ** 20)} MB`)
})

test('newborns of one day differ from one another and from the population', () => {
  const population = createPopulation({ people: 40 })
  const seen = new Set(Array.from({ length: 5000 }, (_, n) => newborn({ n, born_on: '2026-11-20' }).pinfl))
  assert.equal(seen.size, 5000)
  for (const pinfl of seen) {
    assert.ok(readPinfl(pinfl))
    assert.equal(population.findPerson(pinfl), undefined)
  }
})

test('the demonstration mothers cover the cases of the birth route', () => {
  const { mothers, officers } = demonstrationPeople()
  assert.equal(mothers.length, 13)
  assert.deepEqual([...new Set(mothers.map((mother) => mother.children))].sort(), [0, 1, 2, 3])
  assert.ok(officers.some((officer) => officer.agency === 'pension'))
  assert.equal(mothers[0]!.name.startsWith('Karimova Dilnoza '), true)
})

test('builders make the events of the demonstration', () => {
  const mother = demonstrationPeople().mothers[0]!
  const event = birthEvent({
    n: 7,
    child: newborn({ n: 7, born_on: '2026-11-20' }),
    mother_pinfl: mother.pinfl,
    birth_order: 1,
    registered_at: '2026-11-21T08:00:00Z',
  })
  assert.equal(event.type, 'uz.zags.birth.registered')
  assert.equal(event.hamrohcorrects, undefined)
  const income = incomeEvent({
    id: 'i',
    pinfl: mother.pinfl,
    monthly_uzs: 1_000_000,
    reported_at: '2026-11-21T08:00:00Z',
  })
  assert.equal(income.data?.household_income, 100_000_000)
  assert.equal(income.data?.period_to, '2026-10-31')
})
