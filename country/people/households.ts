/**
 * Who lives with whom. Person i and their household follow from (seed, as_of, i) alone; nothing is kept.
 *
 * How a million PINFLs stay apart without a set of those already given: people live in blocks of 20 (some households
 * each). Person i has the serial i mod 1000, and the day of birth is ≡ offset(i mod 1000) + 617 · ⌊i / 1000⌋ (mod 1000).
 * Two people with one PINFL would have the same serial, hence the same offset, and the same day of birth, hence the
 * same ⌊i / 1000⌋ (617 has an inverse mod 1000): they are one person. All of a household share the residue but for a
 * jitter of ±240 days that hangs on the serial, so siblings are 520 to 1,480 days apart. The district is always 000.
 */
import type { DateText } from '../../src/platform/clock.ts'
import { dateOf, dayNumber } from './days.ts'
import { makePassport, makePinfl, readPinfl } from './identifiers.ts'
import { fullName, mens_names, type Name, nameOf, streets, surnames, womens_names } from './names.ts'
import { districtFor, getPlace, type Place } from './places.ts'
import { type Draws, draws, mix } from './random.ts'
import { type Story, story_blocks, storySize } from './stories.ts'

/** More cannot be told apart by the scheme above. */
export const people_max = 1_000_000
const block_size = 20
const jitter_days = 240
/** No child of the population is younger, so that every birth of the demonstration is news. */
const youngest_days = 430

export type Role = 'husband' | 'wife' | 'grandmother' | 'grandfather' | 'child' | 'single'

export type Person = {
  readonly index: number
  readonly household: number
  readonly role: Role
  readonly sex: 'm' | 'f'
  readonly pinfl: string
  readonly full_name: string
  readonly full_name_cyrillic: string
  readonly given: Name
  readonly surname: Name
  readonly birth_date: DateText
  readonly passport: string
}

export type Household = {
  readonly index: number
  /** Index of the first member; members are numbered on from it. */
  readonly first: number
  readonly members: readonly Person[]
  readonly place: Place
  readonly address: string
  readonly in_register: boolean
  /** Average a month in soʻm, or undefined when no registry knows it. */
  readonly income?: number
  readonly story?: Story
}

export type World = { readonly seed: number; readonly as_of: DateText }

const sizes: readonly (readonly number[])[] = [
  [4, 5, 6, 5],
  [3, 4, 5, 6, 2],
  [7, 4, 5, 4],
  [1, 5, 6, 4, 4],
  [2, 3, 5, 4, 6],
  [6, 6, 5, 3],
  [1, 1, 2, 4, 5, 7],
  [4, 4, 4, 5, 3],
]
const households_per_block = 8

/** The household in which person `index` (0 … 999,999) lives. */
export function householdOf(world: World, index: number): Household {
  const block = Math.floor(index / block_size)
  const stories = story_blocks[block]
  const pattern = stories ? stories.map(storySize) : sizes[mix(world.seed, 1, block) % sizes.length]!
  let first = block * block_size
  let position = 0
  while (index >= first + pattern[position]!) first += pattern[position++]!
  return makeHousehold(world, {
    index: block * households_per_block + position,
    first,
    size: pattern[position]!,
    story: stories?.[position],
  })
}

/** Every household of the first `people` people, in order; the last one may be cut short. */
export function* listHouseholds(world: World, people: number): Generator<Household> {
  for (let index = 0; index < people; ) {
    const household = householdOf(world, index)
    index += household.members.length
    if (index <= people) yield household
    else yield { ...household, members: household.members.filter((member) => member.index < people) }
  }
}

/** The person a PINFL of this population belongs to, or undefined. */
export function findPerson(world: World, pinfl: string): Person | undefined {
  const read = readPinfl(pinfl)
  if (read?.district !== 0) return undefined
  const offset = modulo(dayNumber(read.birth_date) - residue(world.seed, read.serial), 1000)
  // 953 is the inverse of 617 modulo 1000.
  const index = ((offset * 953) % 1000) * 1000 + read.serial
  const person = householdOf(world, index).members.find((member) => member.index === index)
  return person?.pinfl === pinfl ? person : undefined
}

/** What a serial adds to the day of birth, modulo 1000: alike for a household, but for the jitter. */
const residue = (seed: number, serial: number): number => blockResidue(seed, serial) + jitter(seed, serial)
const blockResidue = (seed: number, serial: number): number =>
  mix(seed, 2, Math.floor(serial / block_size)) % 1000
const jitter = (seed: number, serial: number): number =>
  (mix(seed, 3, serial) % (2 * jitter_days + 1)) - jitter_days
const modulo = (n: number, m: number): number => ((n % m) + m) % m

/** Members and the age of each, counted in windows of 1000 days before the household's anchor day. */
type Plan = { readonly role: Role; readonly sex: 'm' | 'f'; readonly windows: number }

function makeHousehold(
  world: World,
  at: { index: number; first: number; size: number; story: Story | undefined },
): Household {
  const { story } = at
  const draw = draws(world.seed, 10, at.index)
  const plans = story ? planStory(story, draw) : plan(at.size, draw)
  const limit = dayNumber(world.as_of) - youngest_days - jitter_days
  const serial = at.first % 1000
  const wanted = blockResidue(world.seed, serial) + 617 * Math.floor(at.first / 1000)
  const anchor = limit - modulo(limit - wanted, 1000)
  const surname = story ? nameOf(surnames, story.surname) : draw.pick(surnames)
  const maiden = draw.pick(surnames)
  const place = story ? getPlace(story.district) : districtFor(draw.next(), draw.next())
  const address = `${draw.pick(streets)} koʻchasi, ${draw.between(1, 96)}-uy, ${draw.between(1, 48)}-xonadon`
  const in_register = story ? story.in_register : draw.chance(0.12)
  const income = story ? story.income : incomeOf(draw, plans.length, in_register)
  const people = nameMembers(world, { ...at, plans, anchor, surname, maiden })
  return {
    index: at.index,
    first: at.first,
    members: people,
    place,
    address,
    in_register,
    ...(income === undefined ? {} : { income }),
    ...(story ? { story } : {}),
  }
}

/** Six households in ten have an income that the tax registry knows: few low, most middling, a long tail. */
function incomeOf(draw: Draws, size: number, in_register: boolean): number | undefined {
  const known = draw.chance(0.6)
  const spread = (draw.next() / 2 ** 32) ** 3
  const per_head = in_register ? 240_000 + 330_000 * spread : 620_000 + 5_900_000 * spread
  return known ? Math.round((per_head * size) / 1000) * 1000 : undefined
}

function plan(size: number, draw: Draws): readonly Plan[] {
  if (size === 1)
    return [{ role: 'single', sex: draw.chance(0.45) ? 'm' : 'f', windows: draw.between(7, 28) }]
  if (size === 2 && draw.chance(0.4)) return couple(draw, { wife: draw.between(18, 26), husband: true })
  const alone = size <= 3 && draw.chance(0.22)
  const elders = size === 7 ? (draw.chance(0.6) ? 2 : 1) : size >= 4 && draw.chance(0.35) ? 1 : 0
  return family(draw, {
    husband: !alone,
    children: size - (alone ? 1 : 2) - elders,
    grandmother: elders > 0,
    grandfather: elders > 1,
  })
}

const planStory = (story: Story, draw: Draws): readonly Plan[] =>
  family(draw, { ...story, grandfather: false, youngest: story.children > 2 ? 0 : 1 })

function family(
  draw: Draws,
  of: { husband: boolean; children: number; grandmother: boolean; grandfather: boolean; youngest?: number },
): readonly Plan[] {
  const youngest = of.youngest ?? draw.between(0, Math.min(2, 5 - of.children))
  const oldest = youngest + of.children - 1
  // A mother is 21 to 31 when her first child is born; without children she is 22 to 32.
  const wife = of.children === 0 ? draw.between(7, 9) : oldest + draw.between(8, 11)
  const plans: Plan[] = [...couple(draw, { wife, husband: of.husband })]
  const elder = Math.min(30, wife + draw.between(8, 10))
  if (of.grandmother) plans.push({ role: 'grandmother', sex: 'f', windows: elder })
  if (of.grandfather) plans.push({ role: 'grandfather', sex: 'm', windows: Math.min(30, elder + 1) })
  for (let windows = oldest; windows >= youngest && of.children > 0; windows--)
    plans.push({ role: 'child', sex: draw.chance(0.515) ? 'm' : 'f', windows })
  return plans
}

function couple(draw: Draws, of: { wife: number; husband: boolean }): Plan[] {
  const wife: Plan = { role: 'wife', sex: 'f', windows: of.wife }
  return of.husband ? [{ role: 'husband', sex: 'm', windows: of.wife + draw.between(0, 2) }, wife] : [wife]
}

function nameMembers(
  world: World,
  of: {
    index: number
    first: number
    story: Story | undefined
    plans: readonly Plan[]
    anchor: number
    surname: Name
    maiden: Name
  },
): readonly Person[] {
  // Three generations: the children's patronymic is their father's given name, his is the grandfather's.
  const names = draws(world.seed, 11, of.index)
  const story_father = of.story && nameOf(mens_names, of.story.father)
  const father = story_father ?? names.pick(mens_names)
  const grandfather = names.pick(mens_names)
  const used = new Set<Name>()
  return of.plans.map((member, i) => {
    const given = givenName(of.story, member, { father, grandfather, names, used })
    used.add(given)
    const parent =
      member.role === 'child' ? father : member.role === 'husband' ? grandfather : names.pick(mens_names)
    const surname = member.role === 'grandmother' && of.story?.husband === false ? of.maiden : of.surname
    const index = of.first + i
    const serial = index % 1000
    const birth_date = dateOf(of.anchor + jitter(world.seed, serial) - 1000 * member.windows)
    const full = fullName({ surname, given, father: parent, sex: member.sex })
    return {
      index,
      household: of.index,
      role: member.role,
      sex: member.sex,
      pinfl: makePinfl(birth_date, member.sex, serial),
      full_name: full.latin,
      full_name_cyrillic: full.cyrillic,
      given,
      surname,
      birth_date,
      passport: makePassport(index),
    }
  })
}

function givenName(
  story: Story | undefined,
  member: Plan,
  of: { father: Name; grandfather: Name; names: Draws; used: ReadonlySet<Name> },
): Name {
  if (member.role === 'husband') return of.father
  if (member.role === 'grandfather') return of.grandfather
  if (story && member.role === 'wife') return nameOf(womens_names, story.mother)
  const pool = member.sex === 'f' ? womens_names : mens_names
  let given = of.names.pick(pool)
  // Two of one household do not share a name.
  while (of.used.has(given)) given = of.names.pick(pool)
  return given
}
