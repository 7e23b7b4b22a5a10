/** Companies, sole traders and the self-employed, as the registries tell of them: regimes, turnover, licences, first steps. */
import { dateOf, dayNumber } from './days.ts'
import { certificateEvent, type Owner, taxEvent, vehicleEvent } from './documents.ts'
import { type CloudEvent, companyEvent, daysAgo, told } from './events.ts'
import type { Person, World } from './households.ts'
import { type Draws, draws } from './random.ts'

const million = 1_000_000
/** Amounts of events are whole tiyin. */
const tiyin = (soum: number): number => soum * 100

/** A company with all that its registries know of it. */
export function* businessEvents(world: World, director: Person, story: boolean): Generator<CloudEvent> {
  const company = companyEvent(world, director, !story)
  yield company
  const { stir, registered_on } = (company.data as { company: { stir: string; registered_on: string } })
    .company
  const draw = draws(world.seed, 60, director.index)
  const firm: Firm = { world, draw, owner: { company: { stir } }, index: director.index }
  const days = dayNumber(world.as_of) - dayNumber(registered_on)
  if (days <= 60) yield* firstSteps(firm, days)
  else yield* settled(firm, days, story)
  yield* taxes(firm, story)
}

type Firm = {
  readonly world: World
  readonly draw: Draws
  readonly owner: Extract<Owner, { company: unknown }>
  readonly index: number
}

/** A company of a few weeks: some steps are done, some not; the lease may not be registered yet. */
function* firstSteps({ world, draw, owner, index }: Firm, days: number): Generator<CloudEvent> {
  for (const step of ['account', 'cash-register', 'e-invoices'] as const) {
    if (!draw.chance(0.5)) continue
    const done = daysAgo(world, draw.between(1, Math.max(1, days)))
    yield told('tax', {
      id: `step-${step}-${index}`,
      type: 'uz.dxa.step.done',
      day: done,
      draw: draw.next(),
      data: { ...owner, step, done_on: dateOf(done) },
    })
  }
  if (draw.chance(0.5))
    yield certificateEvent(world, draw, {
      owner,
      id: `company-certificate-${index}`,
      issued_days_ago: draw.between(1, Math.max(1, days)),
    })
  const signed = daysAgo(world, draw.between(1, Math.max(1, days)))
  yield told('tax', {
    id: `lease-${index}`,
    type: 'uz.tax.lease.recorded',
    day: signed,
    draw: draw.next(),
    data: {
      ...owner,
      lease: `L-${index}`,
      address: 'Hunarmandlar koʻchasi, 7-uy',
      signed_on: dateOf(signed),
      registered: draw.chance(0.5),
    },
  })
}

/** A company of some months or years: capital, certificate, licence, statistics, a vehicle. */
function* settled(firm: Firm, days: number, story: boolean): Generator<CloudEvent> {
  const { world, draw, owner, index } = firm
  if (days < 366 && draw.chance(0.7))
    yield told('dxa', {
      id: `step-charter-capital-${index}`,
      type: 'uz.dxa.step.done',
      day: daysAgo(world, draw.between(1, days)),
      draw: draw.next(),
      data: { ...owner, step: 'charter-capital', done_on: dateOf(daysAgo(world, days)) },
    })
  yield certificateEvent(world, draw, { owner, id: `company-certificate-${index}` })
  if (story || draw.chance(0.35)) yield licenceEvent(firm, story)
  if (draw.chance(0.3)) {
    const reported = daysAgo(world, draw.between(20, 1100))
    yield told('stat', {
      id: `stat-${index}`,
      type: 'uz.stat.report.accepted',
      day: reported,
      draw: draw.next(),
      data: { ...owner, reported_on: dateOf(reported), employees: draw.between(1, 14) },
    })
  }
  if (draw.chance(0.12)) yield vehicleEvent(world, draw, { owner, of: 'company', index })
}

/** The story's company has one that ends in six weeks; of the others half have no term. */
function licenceEvent({ world, draw, owner, index }: Firm, story: boolean): CloudEvent {
  const kind = story ? 'fixed-term' : draw.pick(['unlimited', 'unlimited', 'fixed-term', 'permit'] as const)
  const left = story ? 42 : draw.between(-12, 900)
  return told('dxa', {
    id: `licence-${index}`,
    type: 'uz.dxa.licence.granted',
    day: daysAgo(world, draw.between(950, 1700)),
    draw: draw.next(),
    data: {
      ...owner,
      licence: `P-${index}`,
      name: draw.pick([
        'Dorixona faoliyati',
        'Tibbiy faoliyat',
        'Yoʻlovchi tashish',
        'Qurilish-montaj ishlari',
      ]),
      kind,
      ...(kind === 'unlimited' ? {} : { valid_until: dateOf(dayNumber(world.as_of) + left) }),
    },
  })
}

/** Returns by regime. Most are in time; one company in twenty has missed a day. */
function* taxes(firm: Firm, story: boolean): Generator<CloudEvent> {
  const { world, draw, owner, index } = firm
  const is_general = story || draw.chance(0.45)
  const is_late = !story && draw.chance(0.05)
  const returned = (tax: string, until: string, next_period: 'month' | 'quarter' | 'year' = 'month') =>
    taxEvent(world, draw, { owner, id: `${tax}-${index}`, tax, filed_until: until, next_period })
  const monthly = (tax: string, day: number) => returned(tax, monthFiled(world, day, is_late ? 1 : 0))
  yield monthly('payroll', 15)
  if (!is_general) {
    yield monthly('turnover', 15)
    yield turnoverEvent(
      firm,
      `company-of-${index}-turnover`,
      draw.chance(0.08) ? draw.between(4250, 5600) : draw.between(90, 3600),
    )
    return
  }
  yield monthly('vat', 20)
  const quarters = quarterFiled(world)
  yield returned('profit', quarters.until, quarters.next)
  if (draw.chance(0.4)) yield monthly('property-advance', 10)
  if (draw.chance(0.2)) yield monthly('land-advance', 10)
  if (draw.chance(0.06)) yield monthly('excise', 10)
  if (draw.chance(0.08)) yield monthly('non-resident', 20)
  if (draw.chance(0.05)) yield returned('pollution', quarters.until, 'quarter')
  if (story || !draw.chance(0.1)) return
  yield monthly('profit-advance', 23)
  const year = Number(world.as_of.slice(0, 4))
  yield told('tax', {
    id: `year-${index}`,
    type: 'uz.tax.year.closed',
    day: dayNumber(`${year}-03-01`) < dayNumber(world.as_of) ? dayNumber(`${year}-03-01`) : daysAgo(world, 2),
    draw: draw.next(),
    data: {
      ...owner,
      income: tiyin(draw.between(18_000, 60_000) * million),
      valid_from: `${year}-01-01`,
      valid_to: `${year + 1}-01-01`,
    },
  })
}

/** The last month filed by who files on the day itself: until that day of a month it is the month before the last. */
function monthFiled(world: World, day: number, months_late: number): string {
  const [year, month, today] = world.as_of.split('-').map(Number) as [number, number, number]
  const back = (today > day ? 0 : 1) + months_late
  const total = year * 12 + (month - 1) - back
  return dateOf(dayNumber(`${Math.floor(total / 12)}-${String((total % 12) + 1).padStart(2, '0')}-01`) - 1)
}

/** The last quarter filed, and what comes next: after the third quarter the return of the whole year. */
function quarterFiled(world: World): { until: string; next: 'quarter' | 'year' } {
  const year = Number(world.as_of.slice(0, 4))
  const day = world.as_of.slice(5)
  if (day > '10-20') return { until: `${year}-09-30`, next: 'year' }
  if (day > '07-20') return { until: `${year}-06-30`, next: 'quarter' }
  if (day > '04-20') return { until: `${year}-03-31`, next: 'quarter' }
  return { until: `${year - 1}-12-31`, next: 'quarter' }
}

function turnoverEvent(
  { world, draw, owner }: { world: World; draw: Draws; owner: Owner },
  id: string,
  millions: number,
): CloudEvent {
  const year = Number(world.as_of.slice(0, 4))
  return told('tax', {
    id,
    type: 'uz.tax.turnover.reported',
    day: daysAgo(world, draw.between(1, 9)),
    draw: draw.next(),
    data: {
      ...owner,
      turnover: tiyin(millions * million),
      year_from: `${year}-01-01`,
      year_to: `${year + 1}-01-01`,
    },
  })
}

/** Two adults in a hundred trade on their own account, and as many work for themselves. */
export function* traderEvents(world: World, person: Person): Generator<CloudEvent> {
  const draw = draws(world.seed, 61, person.index)
  const lot = draw.next() % 100
  if (lot > 3) return
  const owner = { person: { pinfl: person.pinfl } }
  const since = daysAgo(world, draw.between(20, 1500), dayNumber(person.birth_date) + 18 * 366)
  const at = { day: since, draw: draw.next() }
  if (lot > 1) {
    const paid = draw.chance(0.6) ? { social_tax_paid_until: `${world.as_of.slice(0, 4)}-12-31` } : {}
    yield told('tax', {
      id: `self-employment-${person.index}`,
      type: 'uz.tax.self-employment.recorded',
      ...at,
      data: { ...owner, since: dateOf(since), ...paid },
    })
    return
  }
  yield told('dxa', {
    id: `trader-${person.index}`,
    type: 'uz.dxa.trader.registered',
    ...at,
    data: { ...owner, since: dateOf(since) },
  })
  yield taxEvent(world, draw, {
    owner,
    id: `trader-turnover-tax-${person.index}`,
    tax: 'turnover',
    filed_until: monthFiled(world, 15, draw.chance(0.06) ? 1 : 0),
    next_period: 'month',
  })
  const millions = draw.chance(0.12) ? draw.between(790, 1080) : draw.between(20, 620)
  yield turnoverEvent({ world, draw, owner }, `trader-${person.index}-turnover`, millions)
}
