/** What a data folder of an earlier version lacks is made, and what Hamroh cannot place yet is sent again. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openKeys, reporting_agencies } from './keys.ts'
import { loadPopulation } from './loading.ts'
import type { CloudEvent } from './people/events.ts'
import { populationEvents } from './population.ts'

test('an agency that joined the country later gets its key, the others keep theirs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hamroh-keys-'))
  try {
    const file = join(folder, 'keys.json')
    const { report, ...keys } = openKeys(file)
    const { yhxbb: _, ...earlier } = report
    writeFileSync(file, JSON.stringify({ ...keys, report: earlier }))
    const now = openKeys(file)
    assert.deepEqual({ ...now.report, yhxbb: '' }, { ...report, yhxbb: '' })
    assert.match(now.report.yhxbb, /^[0-9a-f]{64}$/)
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), now)
    assert.deepEqual(openKeys(file), now)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('an event that names a subject not known yet is sent once more; what is refused again counts as refused', async () => {
  const sent: string[] = []
  const seen = new Set<string>()
  const hamroh = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      const events = JSON.parse(Buffer.concat(parts).toString()) as CloudEvent[]
      const items = events.map(({ id, type, source }) => {
        sent.push(`${source} ${id}`)
        const is_early = type === 'uz.mia.residence.registered' && !seen.has(id)
        seen.add(id)
        if (is_early || id === 'residence-7')
          return { id, status: 'refused', refusal: { code: 'unknown_subject' } }
        return id === 'residence-8'
          ? { id, status: 'refused', refusal: { code: 'malformed_data' } }
          : { id, status: 'accepted' }
      })
      response.end(JSON.stringify({ items }))
    })
  })
  await new Promise<void>((ready) => hamroh.listen(0, '127.0.0.1', ready))
  try {
    const population = { people: 100, as_of: '2026-11-24' }
    const loaded = await loadPopulation({
      hamroh: `http://127.0.0.1:${(hamroh.address() as AddressInfo).port}`,
      keys: Object.fromEntries(reporting_agencies.map((agency) => [agency, 'key'])),
      population,
    })
    const events = [...populationEvents(population)]
    const residences = events.filter((e) => e.type === 'uz.mia.residence.registered').length
    assert.equal(loaded.events, events.length)
    assert.equal(sent.length, events.length + residences)
    assert.deepEqual([loaded.refused, loaded.first_refusal], [2, 'residence-7: {"code":"unknown_subject"}'])
  } finally {
    hamroh.close()
  }
})
