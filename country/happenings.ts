/**
 * What the visitor of the control room lets happen: builds the event, has the registry report it, and keeps a log of
 * what was sent and what Hamroh answered.
 */
import type { DateText } from '../src/platform/clock.ts'
import type { CountryClock } from './country-clock.ts'
import { openJournal } from './office/journal.ts'
import { dateOf, dayNumber } from './people/days.ts'
import { agencyOf, type CloudEvent, type Newborn } from './people/events.ts'
import { listDistricts } from './people/places.ts'
import {
  birthEvent,
  type DemonstrationMother,
  demonstrationPeople,
  incomeEvent,
  moveEvent,
  newborn,
  type Population,
  retraction,
} from './population.ts'
import type { Told } from './words.ts'

export type Outcome = 'accepted' | 'duplicate' | 'refused' | 'waiting' | 'failed' | 'done'

export type Happening = {
  readonly id: number
  /** Country time. */
  readonly at: string
  readonly title: Told
  readonly outcome: Outcome
  /** What answers exactly: event type and id, or what was said by whoever refused. */
  readonly text: string
  /** Whom to sign in as to see what follows. */
  readonly sub?: string
}

export type Birth = {
  readonly n: number
  readonly mother: number
  readonly child: Newborn
  readonly birth_order: number
  /** The event in force: the birth, or its last correction. */
  readonly event: CloudEvent
  readonly versions: number
  readonly retracted: boolean
}

type Line = { readonly happening: Happening; readonly birth?: Birth; readonly event_number?: number }

/** Hands an event to the process that reports for its agency. */
export type Report = (agency: string, event: CloudEvent) => Promise<{ outcome: Outcome; text: string }>

/** What was typed and cannot be done; it is told on the page. */
export class MistakeError extends Error {
  readonly told: Told
  constructor(what: string, args?: Told['args']) {
    super(what)
    this.told = args ? { what, args } : { what }
  }
}

/** A birth is registered within a year here, so that no PINFL of the population is given again. */
const born_days_max = 365
const shown_max = 30

export type Happenings = ReturnType<typeof openHappenings>

export function openHappenings(of: {
  file: string
  clock: CountryClock
  population: Population
  report: Report
}) {
  const { clock, population } = of
  const { mothers } = demonstrationPeople(population)
  const happened: Happening[] = []
  const births = new Map<number, Birth>()
  let events = 0
  const apply = (line: Line): void => {
    // Journals of before held sentences instead of what to tell: they are left out of the list.
    if (typeof line.happening.title !== 'string') happened.unshift(line.happening)
    if (line.birth) births.set(line.birth.n, line.birth)
    events = line.event_number ?? events
  }
  const journal = openJournal<Line>(of.file, apply)
  const note = (what: Omit<Happening, 'id' | 'at'>, more: Omit<Line, 'happening'> = {}): Happening => {
    const happening = { id: happened.length + 1, at: clock.now().toISOString(), ...what }
    const line = { happening, ...more }
    journal.append(line)
    apply(line)
    return happening
  }
  const send: Send = async (event, title, more) => {
    const { outcome, text } = await of.report(agencyOf(event), event)
    const said = text === '' ? `${event.type} · ${event.id}` : text
    const { sub, birth } = more
    return note({ title, outcome, text: said, sub }, { ...(birth ? { birth } : {}), event_number: events })
  }
  const motherAt = (index: number): DemonstrationMother => {
    const mother = mothers.find((one) => one.index === index)
    if (!mother) throw new MistakeError('mistake.mother')
    return mother
  }
  return {
    mothers,
    list: (): readonly Happening[] => happened.slice(0, shown_max),
    find: (id: number): Happening | undefined => happened.find((one) => one.id === id),
    births: (): readonly Birth[] => [...births.values()].reverse().slice(0, shown_max),
    note,

    ...makeBirths({ clock, population, births, send, motherAt }),

    async income(typed: { mother: number; monthly_uzs: number }): Promise<Happening> {
      const mother = motherAt(typed.mother)
      if (!(Number.isInteger(typed.monthly_uzs) && typed.monthly_uzs >= 0 && typed.monthly_uzs <= 1e10))
        throw new MistakeError('mistake.income')
      const event = incomeEvent({
        id: `new-income-${++events}`,
        pinfl: mother.pinfl,
        monthly_uzs: typed.monthly_uzs,
        reported_at: clock.now().toISOString(),
      })
      const amount = typed.monthly_uzs.toLocaleString('en').replaceAll(',', '\u00a0')
      return send(
        event,
        { what: 'happened.income', args: { amount, mother: mother.name } },
        { sub: mother.sub },
      )
    },

    async move(typed: { mother: number; district: string }): Promise<Happening> {
      const mother = motherAt(typed.mother)
      const place = listDistricts().find((one) => one.code === typed.district)
      if (!place) throw new MistakeError('mistake.district')
      const number = ++events
      const event = moveEvent({
        id: `new-move-${number}`,
        pinfl: mother.pinfl,
        district: place.code,
        address: `Yangi hayot koʻchasi, ${number}-uy`,
        since: clock.today(),
        registered_at: clock.now().toISOString(),
      })
      return send(
        event,
        { what: 'happened.moved', args: { mother: mother.name, place: place.uz } },
        { sub: mother.sub },
      )
    },

    close: () => journal.close(),
  }
}

type Send = (event: CloudEvent, title: Told, more: { sub: string; birth?: Birth }) => Promise<Happening>

/** A birth, its correction and its retraction, each reported by the civil registry. */
function makeBirths(of: {
  clock: CountryClock
  population: Population
  births: ReadonlyMap<number, Birth>
  send: Send
  motherAt: (index: number) => DemonstrationMother
}) {
  const { clock, population, births, send, motherAt } = of
  const birthAt = (n: number): Birth => {
    const birth = births.get(n)
    if (!birth) throw new MistakeError('mistake.unknown_birth')
    if (birth.retracted) throw new MistakeError('mistake.retracted')
    return birth
  }
  const living = (mother: number) => [...births.values()].filter((b) => b.mother === mother && !b.retracted)

  const retractionOf = (birth: Birth, version: number): CloudEvent => {
    const id = version === 1 ? `new-birth-${birth.n}` : `new-birth-${birth.n}-v${version}`
    return retraction({ ...birth.event, id }, { id: `${id}-retracted`, time: clock.now().toISOString() })
  }

  return {
    async birth(typed: { mother: number; sex: string; born_on: string }): Promise<Happening> {
      const mother = motherAt(typed.mother)
      const born_on = typed.born_on === '' ? clock.today() : dateIn(typed.born_on, clock.today())
      const parent = population.person(mother.index)
      const father = population.householdOf(mother.index).members.find((member) => member.role === 'husband')
      const n = births.size + 1
      const sex = typed.sex === 'm' ? 'm' : 'f'
      const child = newborn({ n, born_on, sex, parent, seed: population.seed, ...(father ? { father } : {}) })
      const birth_order = mother.children + living(mother.index).length + 1
      const event = birthEvent({
        n,
        child,
        mother_pinfl: mother.pinfl,
        father_pinfl: father?.pinfl,
        birth_order,
        registered_at: clock.now().toISOString(),
      })
      const birth = { n, mother: mother.index, child, birth_order, event, versions: 1, retracted: false }
      return send(
        event,
        { what: 'happened.birth', args: { child: child.full_name, mother: mother.name } },
        { sub: mother.sub, birth },
      )
    },

    async correct(typed: { n: number; name: string; birth_order: number }): Promise<Happening> {
      const birth = birthAt(typed.n)
      const mother = motherAt(birth.mother)
      const name = typed.name.trim().replace(/\s+/g, ' ')
      if (name === '' || name.length > 120) throw new MistakeError('mistake.name')
      if (!(Number.isInteger(typed.birth_order) && typed.birth_order >= 1 && typed.birth_order <= 20))
        throw new MistakeError('mistake.order')
      const child = { ...birth.child, full_name: name }
      const versions = birth.versions + 1
      const data = birth.event.data as { father?: { pinfl: string } }
      const event = birthEvent({
        n: birth.n,
        id: `new-birth-${birth.n}-v${versions}`,
        child,
        mother_pinfl: mother.pinfl,
        father_pinfl: data.father?.pinfl,
        birth_order: typed.birth_order,
        registered_at: clock.now().toISOString(),
        corrects: birth.event.id,
      })
      const corrected = { ...birth, child, birth_order: typed.birth_order, event, versions }
      return send(
        event,
        { what: 'happened.corrected', args: { child: name } },
        { sub: mother.sub, birth: corrected },
      )
    },

    async retract(n: number): Promise<Happening> {
      const birth = birthAt(n)
      const mother = motherAt(birth.mother)
      // A retracted correction lets what it corrected stand again: every version is retracted, the last one first.
      for (let version = birth.versions; version > 1; version--) {
        const done = await send(
          retractionOf(birth, version),
          {
            what: 'happened.correction_retracted',
            args: { n: version - 1, child: birth.child.full_name },
          },
          { sub: mother.sub },
        )
        if (done.outcome !== 'accepted' && done.outcome !== 'duplicate') return done
      }
      const gone = { ...birth, retracted: true }
      const title = { what: 'happened.retracted', args: { child: birth.child.full_name } }
      return send(retractionOf(birth, 1), title, { sub: mother.sub, birth: gone })
    },
  }
}

/** A date that was typed: it exists, is not in the future, and not long ago. */
function dateIn(typed: string, today: DateText): DateText {
  const exists = /^\d{4}-\d{2}-\d{2}$/.test(typed) && dateOf(dayNumber(typed)) === typed
  if (!exists) throw new MistakeError('mistake.date')
  if (typed > today) throw new MistakeError('mistake.future')
  if (dayNumber(today) - dayNumber(typed) > born_days_max) throw new MistakeError('mistake.long_ago')
  return typed
}
