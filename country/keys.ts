import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

/** All agencies of the country, and which of them do tasks for Hamroh. */
export const reporting_agencies = [
  'gcp',
  'zags',
  'mia',
  'health',
  'preschool',
  'pension',
  'ihma',
  'tax',
  'dxa',
  'yhxbb',
  'mudofaa',
  'eimzo',
  'stat',
] as const
export const working_agencies = ['mia', 'health', 'preschool', 'pension', 'ihma'] as const

const key = z.string().min(32)
const schema = z.strictObject({
  /** agency → the key by which it reports to Hamroh */
  report: z.record(z.enum(reporting_agencies), key),
  /** agency → the key by which Hamroh asks it for tasks */
  task: z.record(z.enum(working_agencies), key),
  /** The control room's key at the agencies. */
  control: key,
  /** The control room's key at Hamroh: may move the clock. */
  demonstration: key,
  /** Hamroh's secret at the emulator of OneID, which knows nothing better. */
  client_secret: key,
  session_secret: key,
  cookie: key,
})

export type Keys = z.infer<typeof schema>

/**
 * The keys of a data folder: made at the first start, then read; an agency that has joined the country since gets one.
 * Only the owner may read the file.
 */
export function openKeys(file: string): Keys {
  const made = () => randomBytes(32).toString('hex')
  const each = <const Name extends string>(names: readonly Name[]) =>
    Object.fromEntries(names.map((name) => [name, made()])) as { [N in Name]: string }
  const keep = (keys: Keys) => writeFileSync(file, JSON.stringify(keys, undefined, 2), { mode: 0o600 })
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true })
    keep({
      report: each(reporting_agencies),
      task: each(working_agencies),
      control: made(),
      demonstration: made(),
      client_secret: made(),
      session_secret: made(),
      cookie: made(),
    })
  }
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<Keys>
  const result = schema.safeParse({ ...kept, report: { ...each(reporting_agencies), ...kept.report } })
  if (!result.success)
    throw new Error(`${file} does not hold the country's keys; remove it to make new ones.`)
  if (Object.keys(result.data.report).length > Object.keys(kept.report ?? {}).length) keep(result.data)
  return result.data
}
