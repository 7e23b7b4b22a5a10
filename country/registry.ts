/**
 * The registries of the synthetic country (civil status, persons, tax, business, traffic, defence, e-signatures, statistics) as one HTTP process. They do no tasks
 * for Hamroh; they report. Each is the agency program under its own path: `POST /zags/report`.
 *
 *   country/registry.ts --port 4310 --data data/country --hamroh http://127.0.0.1:4000 --clock data/country/clock.json
 *
 * Keys from the environment: REPORT_KEYS (JSON: agency → its key at Hamroh), CONTROL_KEY.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { openAgency } from './agency.ts'
import { readArguments, readKey, runProcess } from './process.ts'

/** Agencies that report and have no tasks. */
export const registries = ['zags', 'gcp', 'tax', 'dxa', 'yhxbb', 'mudofaa', 'eimzo', 'stat'] as const

if (import.meta.main) {
  const given = readArguments(['port', 'data', 'hamroh', 'clock'])
  const keys = JSON.parse(readKey('REPORT_KEYS')) as { readonly [agency: string]: string }
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.get('/readyz', (c) => c.json({ status: 'ready', agencies: registries }))
  const opened = registries.map((agency) =>
    openAgency({
      agency,
      data: join(given.data, agency),
      hamroh: given.hamroh,
      clock_file: given.clock,
      // Nobody asks a registry for a task, so nobody knows this key.
      task_key: randomBytes(32).toString('hex'),
      report_key: keys[agency]!,
      control_key: readKey('CONTROL_KEY'),
    }),
  )
  for (const [i, agency] of registries.entries()) app.route(`/${agency}`, opened[i]!.app)
  runProcess({
    fetch: app.fetch,
    port: Number(given.port),
    stop: async () => {
      await Promise.all(opened.map((one) => one.stop()))
    },
  })
}
