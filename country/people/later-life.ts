/** Benefits, pensions, disability, marriage, death and coming home: told of a few people, as life would. */
import { dateOf, dayNumber } from './days.ts'
import { ageDays } from './documents.ts'
import { type CloudEvent, daysAgo, told, weddingDay } from './events.ts'
import type { Household, Person, World } from './households.ts'
import { makeCertificate } from './identifiers.ts'
import { type Draws, draws, mix } from './random.ts'

/** Pension, disability, an entry from abroad: what is told of one adult. */
export function* lifeEvents(world: World, person: Person): Generator<CloudEvent> {
  const draw = draws(world.seed, 55, person.index)
  const data = { person: { pinfl: person.pinfl } }
  yield* pensionEvents(world, person, draw)
  if (draw.chance(0.0015))
    yield told('mia', {
      id: `entry-${person.index}`,
      type: 'uz.mia.entry.recorded',
      day: daysAgo(world, draw.between(1, 12)),
      draw: draw.next(),
      data: { ...data, entered_on: dateOf(daysAgo(world, draw.between(12, 20))) },
    })
}

/**
 * Nearly all who are old enough have their pension; of the others and of those who soon will be the fund tells the years
 * of service. A disability of the first two groups brings a pension earlier.
 */
function* pensionEvents(world: World, person: Person, draw: Draws): Generator<CloudEvent> {
  const today = dayNumber(world.as_of)
  const of_age = dayNumber(person.birth_date) + Math.ceil((person.sex === 'm' ? 60 : 55) * 365.25)
  const data = { person: { pinfl: person.pinfl } }
  const assigned = (calculated: number, since: number) =>
    told('pension', {
      id: `pension-${person.index}`,
      type: 'uz.pension.pension.assigned',
      day: calculated,
      draw: draw.next(),
      data: { ...data, assigned_on: dateOf(since), calculated_on: dateOf(calculated) },
    })
  if (of_age < today) {
    if (draw.chance(0.95)) {
      yield assigned(Math.min(of_age + 5, today - 1), Math.min(of_age, today - 1))
      if (draw.chance(0.012))
        yield told('pension', {
          id: `uncollected-${person.index}`,
          type: 'uz.pension.pension.uncollected',
          day: daysAgo(world, 3),
          draw: draw.next(),
          data: { ...data, since: dateOf(daysAgo(world, draw.between(40, 600), of_age)) },
        })
    } else yield* serviceEvents(world, person, draw)
    return
  }
  if (of_age - today < 400) yield* serviceEvents(world, person, draw)
  if (!draw.chance(0.012)) return
  const since = daysAgo(world, draw.between(10, 728))
  if (draw.chance(0.8)) yield assigned(since, since)
  yield told('health', {
    id: `disability-${person.index}`,
    type: 'uz.health.disability.determined',
    day: since,
    draw: draw.next(),
    data: {
      ...data,
      group: draw.pick(['first', 'second', 'second', 'third'] as const),
      since: dateOf(since),
    },
  })
}

function* serviceEvents(world: World, person: Person, draw: Draws): Generator<CloudEvent> {
  const data = { person: { pinfl: person.pinfl } }
  yield told('pension', {
    id: `service-${person.index}`,
    type: 'uz.pension.service.recorded',
    day: daysAgo(world, draw.between(5, 60)),
    draw: draw.next(),
    data: { ...data, months: draw.between(40, 430) },
  })
  if (!draw.chance(0.1)) return
  const notified = daysAgo(world, draw.between(1, 9))
  yield told('pension', {
    id: `pension-notice-${person.index}`,
    type: 'uz.pension.pension.notified',
    day: notified,
    draw: draw.next(),
    data: { ...data, notified_on: dateOf(notified) },
  })
}

/** What is told of a household: child benefit, a surname that changed with a marriage, a death among the old. */
export function* householdLifeEvents(world: World, household: Household): Generator<CloudEvent> {
  const { members, in_register, income } = household
  const draw = draws(world.seed, 56, household.index)
  const of = (role: Person['role']) => members.find((member) => member.role === role)
  const [husband, wife, grandfather, grandmother] = [
    of('husband'),
    of('wife'),
    of('grandfather'),
    of('grandmother'),
  ]
  if (wife && in_register && income !== undefined && of('child') && draw.chance(0.7)) {
    const from = daysAgo(world, draw.between(3, 368))
    yield told('ihma', {
      id: `child-benefit-${wife.index}`,
      type: 'uz.ihma.child-benefit.assigned',
      day: from,
      draw: draw.next(),
      data: { person: { pinfl: wife.pinfl }, from: dateOf(from) },
    })
  }
  if (husband && wife) yield* surnameEvents(world, household, wife)
  const old = grandfather ?? grandmother
  if (old && husband && draw.chance(0.02)) {
    const died_on = daysAgo(world, draw.between(2, 75))
    const spouse = old === grandfather ? grandmother : undefined
    yield* deathEvents(died_on, draw, old, [
      ['parent', husband],
      ...(spouse ? [['spouse', spouse] as const] : []),
    ])
  }
}

function* surnameEvents(world: World, household: Household, wife: Person): Generator<CloudEvent> {
  const day = weddingDay(world, household, wife)
  if (dayNumber(world.as_of) - day > 200 || mix(world.seed, 57, household.index) % 2 === 0) return
  yield told('zags', {
    id: `surname-${wife.index}`,
    type: 'uz.zags.surname.changed',
    day: Math.min(day + 1, dayNumber(world.as_of) - 1),
    draw: mix(world.seed, 58, household.index),
    data: { person: { pinfl: wife.pinfl }, full_name: wife.full_name, changed_on: dateOf(day) },
  })
}

/** The record of a death, and one message to each of the nearest: what the deceased was to them. */
function* deathEvents(
  died_on: number,
  draw: Draws,
  deceased: Person,
  nearest: readonly (readonly ['spouse' | 'parent' | 'child', Person])[],
): Generator<CloudEvent> {
  const who = { deceased: { pinfl: deceased.pinfl }, died_on: dateOf(died_on) }
  const at = { day: died_on + 1, draw: draw.next() }
  yield told('zags', {
    id: `death-${deceased.index}`,
    type: 'uz.zags.death.registered',
    ...at,
    data: { ...who, certificate: makeCertificate(3_000_000 + deceased.index) },
  })
  for (const [relation, { pinfl, index }] of nearest)
    yield told('zags', {
      id: `death-${deceased.index}-told-${index}`,
      type: 'uz.zags.death.told',
      ...at,
      data: { ...who, name: deceased.full_name, relative: { pinfl }, relation },
    })
}

/** Two who live alone, next to each other, and have applied to marry. */
export function marriageApplicationEvent(world: World, one: Person, other: Person): CloudEvent | undefined {
  const draw = draws(world.seed, 59, one.index)
  const apart = Math.abs(dayNumber(one.birth_date) - dayNumber(other.birth_date))
  const young = [one, other].every((person) => ageDays(world, person) < 45 * 365)
  if (one.sex === other.sex || apart > 12 * 365 || !young || !draw.chance(0.5)) return undefined
  const applied = daysAgo(world, draw.between(2, 50))
  return told('zags', {
    id: `application-${one.index}`,
    type: 'uz.zags.marriage.applied',
    day: applied,
    draw: draw.next(),
    data: {
      application: `A-${one.index}`,
      spouse_a: { pinfl: one.pinfl },
      spouse_b: { pinfl: other.pinfl },
      applied_on: dateOf(applied),
    },
  })
}
