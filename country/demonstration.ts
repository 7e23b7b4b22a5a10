/**
 * `npm start`: the synthetic country and Hamroh in it, until Ctrl-C.
 *
 * Environment: HAMROH_DATA (default ./data), COUNTRY_PEOPLE (first start; default 5000), COUNTRY_SEED, PORT,
 * CONTROL_PORT, IDENTITY_PORT, PUBLIC_URL, COUNTRY_SIGN_IN (`oidc` or `oneid`: over what citizens sign in), and whatever Hamroh reads (docs/settings.md). A usual port that is taken is
 * replaced by a free one; a port given by hand is not. `--hamroh FILE` starts another program as Hamroh (tests do).
 */
import { parseArgs } from 'node:util'
import { type Country, type CountryOptions, startCountry } from './country.ts'

const started_at = Date.now()
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (stopping.signal.aborted) return
    process.stdout.write('\nStopping …\n')
    stopping.abort()
  })
const stop_wanted = new Promise<undefined>((settle) => {
  stopping.signal.addEventListener('abort', () => settle(undefined))
})

try {
  process.stdout.write('Starting the synthetic country …\n')
  const country = await startCountry(readOptions())
  welcome(country)
  const sentence = await Promise.race([country.broken, stop_wanted])
  if (sentence) process.stderr.write(`\n${sentence}\n`)
  await country.stop()
  process.exit(sentence ? 1 : 0)
} catch (error) {
  if (stopping.signal.aborted) process.exit(0)
  process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`)
  process.exit(1)
}

function readOptions(): CountryOptions {
  const { HAMROH_DATA, COUNTRY_PEOPLE, COUNTRY_SEED, PUBLIC_URL, PORT, CONTROL_PORT, IDENTITY_PORT } =
    process.env
  const number = (name: string, text: string | undefined): number | undefined => {
    if (text === undefined || text === '') return undefined
    if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} must be a whole number.`)
    return Number(text)
  }
  const [people, seed] = [number('COUNTRY_PEOPLE', COUNTRY_PEOPLE), number('COUNTRY_SEED', COUNTRY_SEED)]
  const ports = Object.entries({
    hamroh: number('PORT', PORT),
    control: number('CONTROL_PORT', CONTROL_PORT),
    identity: number('IDENTITY_PORT', IDENTITY_PORT),
  }).filter(([, port]) => port !== undefined)
  const sign_in = process.env.COUNTRY_SIGN_IN || 'oidc'
  if (sign_in !== 'oidc' && sign_in !== 'oneid') throw new Error('COUNTRY_SIGN_IN must be oidc or oneid.')
  const { hamroh } = parseArgs({ options: { hamroh: { type: 'string' } } }).values
  return {
    data: HAMROH_DATA || 'data',
    sign_in,
    ...(hamroh ? { hamroh_file: hamroh } : {}),
    ...(people === undefined ? {} : { people }),
    ...(seed === undefined ? {} : { seed }),
    ...(PUBLIC_URL ? { public_url: PUBLIC_URL } : {}),
    ports: Object.fromEntries(ports),
    say: (line) => process.stdout.write(`${line}\n`),
    progress,
    signal: stopping.signal,
  }
}

function progress(events: number): void {
  const line = `Loading the population: ${events.toLocaleString('en')} events`
  if (process.stdout.isTTY) process.stdout.write(`\r${line}`)
  else if (events % 5000 < 2000) process.stdout.write(`${line}\n`)
}

function welcome({ urls, people, population, hamroh_env }: Country): void {
  const seconds = ((Date.now() - started_at) / 1000).toFixed(1)
  const width = Math.max(
    ...people.mothers.map((mother) => mother.name.length),
    ...people.officers.map((o) => o.name.length),
  )
  const lines = [
    '',
    `Ready after ${seconds} s, with ${population.people.toLocaleString('en')} people who do not exist.`,
    '',
    `  Hamroh        ${hamroh_env.PUBLIC_URL}`,
    `  Control room  ${urls.control}   (let a child be born, move the clock, disturb an agency)`,
    `  The log       ${hamroh_env.PUBLIC_URL}/log/audit   (check it yourself)`,
    '',
    'Sign in as one of them; there is no password:',
    ...people.mothers.map((mother) => `  ${mother.name.padEnd(width)}  ${mother.tells.en}`),
    ...people.officers.map(
      (officer) => `  ${officer.name.padEnd(width)}  ${officer.agency}, ${officer.role}`,
    ),
    '',
    'Ctrl-C stops everything.',
    '',
  ]
  process.stdout.write(lines.join('\n'))
}
