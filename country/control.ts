/**
 * The control room of the demonstration: a page of forms that lets things happen in the synthetic country, disturbs
 * its agencies and moves the clock. Works without script.
 *
 *   country/control.ts --port 4100 --data data/country/control --hamroh URL --public URL --clock FILE
 *     --seed 1 --people 5000 --as-of 2026-11-20
 *
 * Keys from the environment: CONTROL_KEY (at the agencies), DEMONSTRATION_KEY (at Hamroh); AGENCY_URLS is JSON.
 */
import { join } from 'node:path'
import { type Context, Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { jsx } from 'hono/jsx'
import { type CountryClock, countryClock } from './country-clock.ts'
import {
  type Happening,
  type Happenings,
  MistakeError,
  type Outcome,
  openHappenings,
  type Report,
} from './happenings.ts'
import type { Behaviour } from './office/behaviour.ts'
import { offices } from './office/offices.ts'
import { problemText } from './office/reporter.ts'
import type { AgencyState } from './pages/agency-cards.tsx'
import { ControlPage } from './pages/control-pages.tsx'
import { pageHeaders, style } from './pages/frame.tsx'
import { dayNumber } from './people/days.ts'
import { getPlace, listDistricts, placeNames } from './people/places.ts'
import { createPopulation, officers } from './population.ts'
import { readArguments, readKey, runProcess } from './process.ts'
import { readerOf, type Told } from './words.ts'

type Control = {
  readonly hamroh: string
  readonly public_url: string
  readonly clock: CountryClock
  readonly happenings: Happenings
  readonly agency_urls: { readonly [agency: string]: string }
  readonly control_key: string
  readonly demonstration_key: string
}

const agency_wait_ms = 1000
const days_max = 3660

/** Reports through the agency's own process when it has one, else through the registries'. */
export function makeReport(urls: { readonly [agency: string]: string }, control_key: string): Report {
  return async (agency, event) => {
    const url = urls[agency] ?? `${urls.registry}/${agency}`
    try {
      const response = await fetch(`${url}/report`, {
        method: 'POST',
        headers: { authorization: `Bearer ${control_key}`, 'content-type': 'application/json' },
        body: JSON.stringify(event),
      })
      const text = await response.text()
      if (!response.ok) return { outcome: 'failed', text: problemText(text) }
      const answer = JSON.parse(text) as { status: Outcome; text?: string }
      return { outcome: answer.status, text: answer.text ?? '' }
    } catch {
      return {
        outcome: 'failed',
        text: 'The process of the registry does not answer; try again in a moment.',
      }
    }
  }
}

/** The control room's HTTP interface. */
export function openControl(control: Control): Hono {
  const { happenings, clock } = control
  const app = new Hono()
  const headers = pageHeaders()
  app.get('/readyz', (c) => c.json({ status: 'ready' }))
  app.get('/country.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }))

  async function page(c: Context, mistake?: Told): Promise<Response> {
    const reader = readerOf(c)
    if (reader instanceof Response) return reader
    const agencies = await Promise.all(Object.keys(offices).map((agency) => stateOf(control, agency)))
    const html = await jsx(ControlPage, {
      // What a form answers is no page to come back to in another language.
      reader: c.req.method === 'GET' ? reader : { ...reader, path: '/' },
      hamroh: control.public_url,
      now: clock.now(),
      today: clock.today(),
      mothers: happenings.mothers,
      officers,
      births: happenings.births(),
      happenings: happenings.list(),
      shown: happenings.find(Number(c.req.query('shown'))),
      mistake,
      agencies,
      regions,
    }).toString()
    return c.html(html, mistake === undefined ? 200 : 422, headers)
  }

  app.get('/', (c) => page(c))
  app.use(csrf())
  /** Lets something happen and shows it; a mistake in what was typed is said on the page, and nothing happens. */
  const form = (path: string, act: (typed: (name: string) => string) => Promise<Happening>) =>
    app.post(path, async (c) => {
      const body = await c.req.parseBody()
      const typed = (name: string): string => {
        const value = body[name]
        return typeof value === 'string' ? value.slice(0, 200) : ''
      }
      try {
        const { id } = await act(typed)
        return c.redirect(`/?shown=${id}#shown`, 303)
      } catch (error) {
        if (error instanceof MistakeError) return page(c, error.told)
        throw error
      }
    })

  form('/birth', (typed) =>
    happenings.birth({ mother: whole(typed('mother')), sex: typed('sex'), born_on: typed('born_on') }),
  )
  form('/correct', (typed) =>
    happenings.correct({
      n: whole(typed('n')),
      name: typed('name'),
      birth_order: whole(typed('birth_order')),
    }),
  )
  form('/retract', (typed) => happenings.retract(whole(typed('n'))))
  form('/income', (typed) =>
    happenings.income({ mother: whole(typed('mother')), monthly_uzs: whole(typed('monthly_uzs')) }),
  )
  form('/move', (typed) => happenings.move({ mother: whole(typed('mother')), district: typed('district') }))
  form('/clock', (typed) => forward(control, typed('by')))
  form('/behaviour', (typed) => behave(control, typed))
  return app
}

const whole = (text: string): number => (/^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN)

/** Days to the same day of the next month, or to its last day where there is none. */
function daysToNextMonth(today: string): number {
  const [year, month, day] = today.split('-').map(Number) as [number, number, number]
  const next = new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 7)
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return dayNumber(`${next}-${String(Math.min(day, last)).padStart(2, '0')}`) - dayNumber(today)
}

/** Moves Hamroh's clock and, when that went well, the country's. */
async function forward(control: Control, by: string): Promise<Happening> {
  const { clock, happenings } = control
  const days = by === 'month' ? daysToNextMonth(clock.today()) : whole(by)
  if (!(days >= 1 && days <= days_max)) throw new MistakeError('mistake.clock', { max: days_max })
  const title = { what: 'happened.clock', args: { days } }
  const response = await fetch(`${control.hamroh}/demonstration/clock`, {
    method: 'POST',
    headers: { authorization: `Bearer ${control.demonstration_key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ forward_days: days }),
  }).catch(() => undefined)
  const body = await response?.text().catch(() => '')
  if (!response?.ok) {
    const text = response ? problemText(body ?? '') : 'Hamroh does not answer.'
    return happenings.note({ title, outcome: 'failed', text })
  }
  const now = nowIn(body ?? '')
  if (now) clock.moveTo(now)
  else clock.forward(days)
  return happenings.note({ title, outcome: 'done', text: clock.now().toISOString() })
}

/** The time Hamroh says it is now, when it says so. */
function nowIn(body: string): Date | undefined {
  try {
    const { now } = JSON.parse(body) as { now?: unknown }
    const instant = new Date(typeof now === 'string' ? now : Number.NaN)
    return Number.isNaN(instant.getTime()) ? undefined : instant
  } catch {
    return undefined
  }
}

async function behave(control: Control, typed: (name: string) => string): Promise<Happening> {
  const agency = typed('agency')
  if (!offices[agency]) throw new MistakeError('mistake.agency')
  const healed = { latency_ms: 0, error_rate: 0, duplicate_rate: 0, slow_rate: 0, down: false }
  const change = typed('heal') === '1' ? healed : readBehaviour(typed)
  const response = await askAgency(control, agency, '/behaviour', {
    method: 'PUT',
    body: JSON.stringify(change),
  })
  const title = { what: 'happened.behaviour', args: { agency } }
  return response?.ok
    ? control.happenings.note({ title, outcome: 'done', text: JSON.stringify(change) })
    : control.happenings.note({ title, outcome: 'failed', text: 'The process does not answer.' })
}

function readBehaviour(typed: (name: string) => string): Omit<Behaviour, 'slow_ms'> {
  const between = (name: string, max: number): number => {
    const value = whole(typed(name))
    if (!(value >= 0 && value <= max)) throw new MistakeError('mistake.between', { field: name, max })
    return value
  }
  return {
    down: typed('down') !== '',
    latency_ms: between('latency_ms', 60_000),
    error_rate: between('error_rate', 100) / 100,
    duplicate_rate: between('duplicate_rate', 100) / 100,
    slow_rate: between('slow_rate', 100) / 100,
  }
}

async function askAgency(
  control: Control,
  agency: string,
  path: string,
  init: RequestInit = {},
): Promise<Response | undefined> {
  return fetch(`${control.agency_urls[agency]}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${control.control_key}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(agency_wait_ms),
  }).catch(() => undefined)
}

async function stateOf(control: Control, code: string): Promise<AgencyState> {
  const read = async <T>(path: string): Promise<T | undefined> => {
    const response = await askAgency(control, code, path)
    return response?.ok ? ((await response.json()) as T) : undefined
  }
  type Effects = { effects: readonly { done: number; undone: boolean }[]; reports: { pending: number } }
  const [behaviour, seen] = await Promise.all([read<Behaviour>('/behaviour'), read<Effects>('/effects')])
  const done = seen?.effects.filter((effect) => effect.done > 0) ?? []
  return {
    code,
    behaviour,
    done: done.length,
    undone: done.filter((effect) => effect.undone).length,
    pending: seen?.reports.pending ?? 0,
  }
}

const regions = [...new Set(listDistricts().map((place) => place.code.slice(0, 4)))].map((code) => ({
  name: placeNames(getPlace(code)),
  districts: listDistricts().filter((place) => place.code.startsWith(code)),
}))

if (import.meta.main) {
  const given = readArguments(['port', 'data', 'hamroh', 'public', 'clock', 'seed', 'people', 'as-of'])
  const clock = countryClock(given.clock)
  const population = createPopulation({
    seed: Number(given.seed),
    people: Number(given.people),
    as_of: given['as-of'],
  })
  const agency_urls = JSON.parse(readKey('AGENCY_URLS')) as { [agency: string]: string }
  const control_key = readKey('CONTROL_KEY')
  const happenings = openHappenings({
    file: join(given.data, 'journal.ndjson'),
    clock,
    population,
    report: makeReport(agency_urls, control_key),
  })
  const app = openControl({
    hamroh: given.hamroh,
    public_url: given.public,
    clock,
    happenings,
    agency_urls,
    control_key,
    demonstration_key: readKey('DEMONSTRATION_KEY'),
  })
  runProcess({ fetch: app.fetch, port: Number(given.port), stop: async () => happenings.close() })
}
