/**
 * Files as registries hand them over, for `hamroh ingest`: the tax registry's CSV extract (semicolons, header line) and
 * the history of every registry as NDJSON, one event a line.
 *
 *   node boot.js run country/extract.ts --folder data/extracts [--people 5000] [--seed 1] [--as-of 2026-11-20]
 */
import { once } from 'node:events'
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { agencyOf, type CloudEvent } from './people/events.ts'
import { type PopulationOptions, populationEvents } from './population.ts'

/** Header of the tax extract, as packs/uz/extracts/tax-income.yaml reads it. Income: a month's average in whole tiyin. */
export const tax_columns = ['id', 'reported_at', 'pinfl', 'period_from', 'period_to', 'income_tiyin'] as const

/** One line of the tax extract, without the line end. */
export function taxLine(event: CloudEvent): string {
  const data = event.data as {
    person: { pinfl: string }
    period_from: string
    period_to: string
    household_income: number
  }
  const values = [
    event.id,
    event.time,
    data.person.pinfl,
    data.period_from,
    data.period_to,
    data.household_income,
  ]
  return values.join(';')
}

/**
 * Writes `tax-income.csv`, `all.ndjson` and `<agency>.ndjson` into a folder; memory stays constant.
 * @returns how many events went into each file
 */
export async function writeExtracts(
  folder: string,
  options: PopulationOptions = {},
): Promise<{ [file: string]: number }> {
  mkdirSync(folder, { recursive: true })
  const files = new Map<string, WriteStream>()
  const counts: { [file: string]: number } = {}
  const write = async (file: string, line: string): Promise<void> => {
    let stream = files.get(file)
    if (!stream) {
      stream = createWriteStream(join(folder, file))
      files.set(file, stream)
      counts[file] = 0
      if (file.endsWith('.csv')) stream.write(`${tax_columns.join(';')}\n`)
    }
    counts[file] = counts[file]! + 1
    if (!stream.write(`${line}\n`)) await once(stream, 'drain')
  }
  for (const event of populationEvents(options)) {
    const line = JSON.stringify(event)
    await write('all.ndjson', line)
    await write(`${agencyOf(event)}.ndjson`, line)
    if (event.type === 'uz.tax.income.reported') await write('tax-income.csv', taxLine(event))
  }
  await Promise.all([...files.values()].map((stream) => new Promise<void>((done) => stream.end(done))))
  return counts
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string', default: 'data/extracts' },
      people: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      'as-of': { type: 'string', default: '2026-11-20' },
    },
  })
  const counts = await writeExtracts(values.folder, {
    people: Number(values.people),
    seed: Number(values.seed),
    as_of: values['as-of'],
  })
  for (const [file, count] of Object.entries(counts)) process.stdout.write(`${file}: ${count} events\n`)
}
