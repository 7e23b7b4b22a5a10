/**
 * The synthetic country as a whole: its agencies, registries, sign-in and control room as processes, and Hamroh beside
 * them.
 *
 * In:  a data folder; ports and the size of the population, if others than usual are wanted.
 * Out: where everything answers, the keys, the demonstration people, and a way to stop.
 * Promise: what was made once (keys, population, what agencies did) is the same at the next start; stopping leaves no
 *          process behind; an agency that dies is started again.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sha256 } from '../src/platform/canonical.ts'
import { dateIn } from '../src/platform/clock.ts'
import {
  type Child,
  freePort,
  lastLines,
  type Program,
  startChild,
  stopChild,
  untilReady,
} from './children.ts'
import { zone } from './country-clock.ts'
import { type Keys, openKeys, reporting_agencies, working_agencies } from './keys.ts'
import { type Loaded, loadPopulation } from './loading.ts'
import { ONEID_PATH } from './oneid.ts'
import { demonstrationPeople } from './population.ts'
import { prepareWitnesses, witness_names } from './witness.ts'

const places = [
  'hamroh',
  'control',
  'identity',
  'oneid',
  'registry',
  ...working_agencies,
  ...witness_names,
] as const
type PlaceName = (typeof places)[number]

const usual_ports: { readonly [P in PlaceName]: number } = {
  hamroh: 4000,
  control: 4100,
  identity: 4200,
  oneid: 4201,
  mia: 4301,
  health: 4302,
  preschool: 4303,
  pension: 4304,
  ihma: 4305,
  registry: 4310,
  ombudsman: 4320,
  university: 4321,
}

export type CountryOptions = {
  /** Hamroh's data folder; the country lives in `country/` under it. */
  readonly data: string
  /** Size of the population at the first start; afterwards what was made stays. Default 5,000. */
  readonly people?: number
  readonly seed?: number
  /** Over what citizens sign in: OpenID Connect (default), or an emulator of OneID. Civil servants use the former. */
  readonly sign_in?: 'oidc' | 'oneid'
  /** A port given here is taken or the start fails (0: any); others are the usual ones, or free ones when those are taken. */
  readonly ports?: { readonly [P in PlaceName]?: number }
  /** `start` (default): src/main.ts is started and the population loaded. `external`: the caller starts it with `hamroh_env`. */
  readonly hamroh?: 'start' | 'external'
  /** More environment for the Hamroh that is started, e.g. DATABASE_URL. */
  readonly env?: { readonly [name: string]: string | undefined }
  /** Where people meet Hamroh; default http://127.0.0.1:<port>. */
  readonly public_url?: string
  /** Program started as Hamroh, for tests. Default src/main.ts. */
  readonly hamroh_file?: string
  readonly say?: (line: string) => void
  readonly progress?: (events: number) => void
  /** Ends a start that is still under way. */
  readonly signal?: AbortSignal
}

export type Country = {
  readonly urls: {
    readonly hamroh: string
    readonly control: string
    readonly identity: string
    readonly oneid: string
    readonly registry: string
    readonly agencies: { readonly [agency: string]: string }
    /** Witnesses of the log, made up like everybody here. */
    readonly witnesses: { readonly [name: string]: string }
  }
  readonly keys: Keys
  readonly people: ReturnType<typeof demonstrationPeople>
  readonly population: { readonly seed: number; readonly people: number; readonly as_of: string }
  /** What Hamroh has to find in its environment to live in this country. */
  readonly hamroh_env: { readonly [name: string]: string }
  /** Process by name (hamroh, mia, …); a restarted one is a new object. */
  child(name: string): Child | undefined
  /** Loads the population; does nothing when that was done before. */
  load(): Promise<Loaded>
  /** Kept with a sentence when Hamroh, or an agency again and again, ended by itself. */
  readonly broken: Promise<string>
  stop(): Promise<void>
}

/** Starts the country; see CountryOptions. Throws an Error with a sentence (and log lines) when a process does not start. */
export async function startCountry(options: CountryOptions): Promise<Country> {
  const folder = resolve(options.data, 'country')
  mkdirSync(folder, { recursive: true })
  const unlock = lock(folder)
  const guard = makeGuard(options.say ?? (() => {}))
  const stop = async () => {
    await guard.stop()
    unlock()
  }
  options.signal?.addEventListener('abort', () => void guard.stop(), { once: true })
  try {
    const population = openPopulation(folder, options)
    const keys = openKeys(join(folder, 'keys.json'))
    const ports = await choosePorts(options)
    const urls = urlsOf(ports, options.public_url)
    const witnessed = prepareWitnesses({ data: resolve(options.data), folder, urls: urls.witnesses })
    const hamroh_env = {
      ...hamrohEnvironment({ options, keys, urls, port: ports.hamroh }),
      ...witnessed.hamroh_env,
    }
    const sign_in = options.sign_in ?? 'oidc'
    const programs = listPrograms({ folder, keys, urls, ports, population, logs: witnessed.logs, sign_in })
    const waits = programs.map((program) => guard.start(program, urlOf(urls, program.name)))
    if (options.hamroh !== 'external') {
      const log = join(folder, 'log', 'hamroh.log')
      const file = options.hamroh_file ?? 'src/main.ts'
      waits.push(
        guard.start({ name: 'hamroh', file, env: { ...options.env, ...hamroh_env }, log }, urls.hamroh),
      )
    }
    await Promise.all(waits)
    const load = () =>
      loadPopulation({
        hamroh: urls.hamroh,
        keys: keys.report,
        population,
        mark: join(folder, 'loaded.json'),
        world: sha256(
          JSON.stringify([population, options.env?.DATABASE_URL ?? process.env.DATABASE_URL ?? '']),
        ),
        ...(options.progress ? { progress: options.progress } : {}),
        ...(options.signal ? { signal: options.signal } : {}),
      })
    if (options.hamroh !== 'external') reportRefused(await load(), options.say)
    const people = demonstrationPeople(population)
    return {
      urls,
      keys,
      people,
      population,
      hamroh_env,
      child: guard.child,
      load,
      broken: guard.broken,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function reportRefused(loaded: Loaded, say: CountryOptions['say']): void {
  if (loaded.first_refusal === undefined) return
  say?.(
    `Hamroh refused ${loaded.refused} of ${loaded.events} events of the population, first ${loaded.first_refusal}`,
  )
}

/** Folders this very process holds; the file speaks to other processes. */
const held = new Set<string>()

/** Two supervisors over one folder would write the same journals: the second is told where the first is. */
function lock(folder: string): () => void {
  const file = join(folder, 'supervisor.pid')
  const other = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (held.has(folder) || (other > 0 && other !== process.pid && isSupervisor(other)))
    throw new Error(
      `The country in ${folder} is already running (process ${other}). Stop it, or set HAMROH_DATA.`,
    )
  writeFileSync(file, `${process.pid}`)
  held.add(folder)
  return () => {
    held.delete(folder)
    rmSync(file, { force: true })
  }
}

/** Whether a process lives and is a Node program; a number from before a reboot may belong to anything. */
function isSupervisor(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !existsSync('/proc/self/cmdline') || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node')
  } catch {
    return false
  }
}

/** The population is chosen at the first start: its ages count from that day. */
function openPopulation(folder: string, options: CountryOptions): Country['population'] {
  const file = join(folder, 'country.json')
  if (!existsSync(file)) {
    const { seed = 1, people = 5000 } = options
    writeFileSync(file, JSON.stringify({ seed, people, as_of: dateIn(new Date(), zone) }))
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Country['population']
}

async function choosePorts(options: CountryOptions): Promise<{ [P in PlaceName]: number }> {
  const chosen = new Map<PlaceName, number>()
  for (const place of places) {
    const explicit = options.ports?.[place] || undefined
    // A Hamroh that the caller runs may listen already.
    if (explicit !== undefined && place === 'hamroh' && options.hamroh === 'external') {
      chosen.set(place, explicit)
      continue
    }
    let port = await freePort(options.ports?.[place] ?? usual_ports[place])
    while ([...chosen.values()].includes(port)) port = await freePort(0)
    if (explicit !== undefined && port !== explicit)
      throw new Error(
        `Port ${explicit}, wanted for ${place}, is taken. Stop what listens there, or choose another.`,
      )
    chosen.set(place, port)
  }
  return Object.fromEntries(chosen) as { [P in PlaceName]: number }
}

function urlsOf(
  ports: { [P in PlaceName]: number },
  public_url?: string,
): Country['urls'] & { public: string } {
  const at = (place: PlaceName) => `http://127.0.0.1:${ports[place]}`
  return {
    hamroh: at('hamroh'),
    public: (public_url ?? at('hamroh')).replace(/\/$/, ''),
    control: at('control'),
    identity: at('identity'),
    oneid: at('oneid'),
    registry: at('registry'),
    agencies: Object.fromEntries(working_agencies.map((agency) => [agency, at(agency)])),
    witnesses: Object.fromEntries(witness_names.map((name) => [name, at(name)])),
  }
}

const urlOf = (urls: Country['urls'], name: string): string =>
  urls.agencies[name] ?? urls.witnesses[name] ?? (urls as unknown as { [name: string]: string })[name]!

function hamrohEnvironment(of: {
  options: CountryOptions
  keys: Keys
  urls: ReturnType<typeof urlsOf>
  port: number
}): { [name: string]: string } {
  const { keys, urls, options } = of
  const agencies = reporting_agencies.map((agency) => {
    const url = urls.agencies[agency]
    const works = url === undefined ? {} : { url, key: keys.task[agency as keyof Keys['task']] }
    return [agency, { key_sha256: sha256(keys.report[agency]), ...works }]
  })
  return {
    PORT: `${of.port}`,
    PUBLIC_URL: urls.public,
    HAMROH_DATA: resolve(options.data),
    DEMONSTRATION: '1',
    DEMONSTRATION_KEY: keys.demonstration,
    AGENCIES: JSON.stringify(Object.fromEntries(agencies)),
    OIDC_ISSUER: urls.identity,
    OIDC_CLIENT_ID: 'hamroh',
    // Without a secret Hamroh proves itself with a key of its own.
    OIDC_ACR_VALUES: 'loa:substantial',
    ...(options.sign_in === 'oneid'
      ? {
          ONEID_URL: `${urls.oneid}${ONEID_PATH}`,
          ONEID_CLIENT_ID: 'hamroh',
          ONEID_CLIENT_SECRET: keys.client_secret,
        }
      : {}),
    SESSION_SECRET: keys.session_secret,
    CONTROL_URL: urls.control,
  }
}

function listPrograms(of: {
  folder: string
  keys: Keys
  urls: ReturnType<typeof urlsOf>
  ports: { [P in PlaceName]: number }
  population: Country['population']
  sign_in: 'oidc' | 'oneid'
  /** File with the keys of the logs witnesses know. */
  logs: string
}): Program[] {
  const { folder, keys, urls, ports, population, logs } = of
  const log = (name: string) => join(folder, 'log', `${name}.log`)
  const clock = join(folder, 'clock.json')
  const world = [
    '--seed',
    `${population.seed}`,
    '--people',
    `${population.people}`,
    '--as-of',
    population.as_of,
  ]
  const common = ['--hamroh', urls.hamroh, '--clock', clock]
  const agencies = working_agencies.map((name) => ({
    name,
    file: 'country/agency.ts',
    args: ['--agency', name, '--port', `${ports[name]}`, '--data', join(folder, name), ...common],
    env: { TASK_KEY: keys.task[name], REPORT_KEY: keys.report[name], CONTROL_KEY: keys.control },
    log: log(name),
  }))
  const identity = [
    ...['--issuer', urls.identity, '--public', urls.public],
    ...['--hamroh', urls.hamroh, '--client', 'hamroh'],
  ]
  const oneid = ['--hamroh', urls.public, '--client', 'hamroh']
  const witnesses = witness_names.map((name) => ({
    name,
    file: 'country/witness.ts',
    args: ['--name', name, '--port', `${ports[name]}`, '--data', join(folder, name), '--logs', logs],
    log: log(name),
  }))
  return [
    ...agencies,
    ...witnesses,
    {
      name: 'registry',
      file: 'country/registry.ts',
      args: ['--port', `${ports.registry}`, '--data', folder, ...common],
      env: { REPORT_KEYS: JSON.stringify(keys.report), CONTROL_KEY: keys.control },
      log: log('registry'),
    },
    {
      name: 'identity',
      file: 'country/identity-provider.ts',
      args: ['--port', `${ports.identity}`, '--data', join(folder, 'identity'), ...identity, ...world],
      env: { COOKIE_KEY: keys.cookie },
      log: log('identity'),
    },
    ...(of.sign_in === 'oneid'
      ? [
          {
            name: 'oneid',
            file: 'country/oneid.ts',
            args: ['--port', `${ports.oneid}`, ...oneid, ...world],
            env: { ONEID_CLIENT_SECRET: keys.client_secret },
            log: log('oneid'),
          },
        ]
      : []),
    {
      name: 'control',
      file: 'country/control.ts',
      args: [
        '--port',
        `${ports.control}`,
        '--data',
        join(folder, 'control'),
        '--public',
        urls.public,
        ...common,
        ...world,
      ],
      env: {
        CONTROL_KEY: keys.control,
        DEMONSTRATION_KEY: keys.demonstration,
        AGENCY_URLS: JSON.stringify({ ...urls.agencies, registry: urls.registry }),
      },
      log: log('control'),
    },
  ]
}

const restarts_max = 10

/** Starts programs, starts them again when they die, and stops them all: Hamroh first, so that it loses no answer. */
function makeGuard(say: (line: string) => void) {
  const children = new Map<string, Child>()
  let stopping = false
  let breakWith: (sentence: string) => void = () => {}
  const broken = new Promise<string>((settle) => {
    breakWith = settle
  })
  // If this process ends without stopping (an uncaught mistake), the children are told as well.
  const last_word = () => {
    for (const { process: child } of children.values()) child.kill('SIGTERM')
  }
  process.once('exit', last_word)

  async function start(program: Program, url: string, restarts = 0): Promise<void> {
    if (stopping) throw new Error('The country is being stopped.')
    const child = startChild(program)
    let ready = false
    children.set(program.name, child)
    void child.ended.then(async ({ code, signal }) => {
      if (stopping || !ready) return
      const how = `${program.name} ended unexpectedly (${signal ?? `exit code ${code}`})`
      if (program.name === 'hamroh') return breakWith(`${how}. Its last words:\n${lastLines(child.log)}`)
      if (restarts >= restarts_max)
        return breakWith(`${how} for the ${restarts + 1}th time:\n${lastLines(child.log)}`)
      say(`${how} and is started again.`)
      await sleep(200)
      if (!stopping)
        await start(program, url, restarts + 1).catch((error: Error) => {
          if (!stopping) breakWith(error.message)
        })
    })
    await untilReady(child, url)
    ready = true
  }

  const stopAll = async (): Promise<void> => {
    stopping = true
    const hamroh = children.get('hamroh')
    if (hamroh) await stopChild(hamroh)
    await Promise.all([...children.values()].map((child) => stopChild(child)))
    process.off('exit', last_word)
  }
  let stopped: Promise<void> | undefined

  return {
    start,
    broken,
    child: (name: string) => children.get(name),
    /** Safe to call twice: the second waits for the first, and no process is told twice. */
    stop: () => {
      stopped ??= stopAll()
      return stopped
    },
  }
}
