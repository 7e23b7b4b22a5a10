/** Brings the registries' history into Hamroh, as the registries would: batch by batch, each agency with its own key. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { problemText } from './office/reporter.ts'
import { agencyOf, type CloudEvent } from './people/events.ts'
import { type PopulationOptions, populationEvents } from './population.ts'

export const batch_events = 1000
const attempts_max = 60

/** Agencies in the order their batches have to arrive: persons, births and companies first, then what names them. */
const first = ['gcp', 'zags', 'dxa'] as const

export type Loaded = { readonly events: number; readonly refused: number; readonly first_refusal?: string }

/**
 * Streams the population's events to Hamroh. An interrupted load goes on after the last chunk that was answered.
 * @param of.mark file that remembers how far the load came; leave out to load from the beginning
 * @param of.world names what is loaded where; another world begins anew
 * @param of.progress called with the number of events sent so far
 * @throws Error when Hamroh cannot be reached for a minute, or refuses a whole batch
 */
export async function loadPopulation(of: {
  hamroh: string
  keys: { readonly [agency: string]: string }
  population: PopulationOptions
  mark?: string
  world?: string
  progress?: (events: number) => void
  signal?: AbortSignal
}): Promise<Loaded> {
  const before = readMark(of.mark, of.world)
  if (before?.done) return { events: before.events, refused: before.refused }
  let { chunks, events, refused } = { chunks: 0, events: 0, refused: 0 }
  let first_refusal: string | undefined
  for (const chunk of chunksOf(populationEvents(of.population))) {
    of.signal?.throwIfAborted()
    chunks++
    events += chunk.size
    if (before && chunks <= before.chunks) {
      refused = before.refused
      continue
    }
    const send = async (agency: string, batch: readonly CloudEvent[]): Promise<Refusals> =>
      sendBatch({ hamroh: of.hamroh, key: of.keys[agency]!, batch, signal: of.signal })
    const sendAll = async (agency: string) => {
      const batch = chunk.by_agency.get(agency)
      if (!batch) return
      let refusals = await send(agency, batch)
      // What one batch brings (a company and its licence) is taken in side by side: who came too early comes again.
      const early = batch.filter(({ id }) => refusals.get(id)?.code === 'unknown_subject')
      if (early.length > 0) {
        for (const { id } of early) refusals.delete(id)
        refusals = new Map([...refusals, ...(await send(agency, early))])
      }
      refused += refusals.size
      for (const [id, refusal] of refusals) first_refusal ??= `${id}: ${JSON.stringify(refusal)}`
    }
    for (const agency of first) await sendAll(agency)
    const others = [...chunk.by_agency.keys()].filter((agency) => !first.some((one) => one === agency))
    await Promise.all(others.map(sendAll))
    writeMark(of.mark, { world: of.world, chunks, events, refused, done: false })
    of.progress?.(events)
  }
  writeMark(of.mark, { world: of.world, chunks, events, refused, done: true })
  return { events, refused, ...(first_refusal === undefined ? {} : { first_refusal }) }
}

type Chunk = { readonly by_agency: ReadonlyMap<string, CloudEvent[]>; readonly size: number }

/** Groups events by agency until one has a full batch. Within a chunk, nobody is named who is not established in it or before. */
function* chunksOf(events: Iterable<CloudEvent>): Generator<Chunk> {
  let by_agency = new Map<string, CloudEvent[]>()
  let size = 0
  for (const event of events) {
    const agency = agencyOf(event)
    const batch = by_agency.get(agency) ?? []
    by_agency.set(agency, batch)
    batch.push(event)
    size++
    if (batch.length < batch_events) continue
    yield { by_agency, size }
    by_agency = new Map()
    size = 0
  }
  if (size > 0) yield { by_agency, size }
}

async function sendBatch(of: {
  hamroh: string
  key: string
  batch: readonly CloudEvent[]
  signal: AbortSignal | undefined
}): Promise<Refusals> {
  let last = 'no answer'
  for (let attempt = 0; attempt < attempts_max; attempt++) {
    of.signal?.throwIfAborted()
    const response = await fetch(`${of.hamroh}/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${of.key}`, 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(of.batch),
    }).catch(() => undefined)
    const body = await response?.text().catch(() => undefined)
    if (response?.ok && body !== undefined) return readAnswer(body)
    if (response && response.status < 500 && response.status !== 429)
      throw new Error(`Hamroh refused a batch (${response.status}): ${problemText(body ?? '')}`)
    last = response ? `${response.status}: ${problemText(body ?? '')}` : 'no connection'
    await sleep(1000)
  }
  throw new Error(`Hamroh took no events for ${attempts_max} s (${last}).`)
}

/** What Hamroh said of each event it refused, by the event's id. */
type Refusals = Map<string, { readonly code?: string }>

function readAnswer(body: string): Refusals {
  const { items } = JSON.parse(body) as {
    items: readonly { id: string; status: string; refusal?: { code?: string } }[]
  }
  return new Map(
    items.flatMap(({ id, status, refusal = {} }) => (status === 'refused' ? [[id, refusal]] : [])),
  )
}

type Mark = { world: string | undefined; chunks: number; events: number; refused: number; done: boolean }

function readMark(file: string | undefined, world: string | undefined): Mark | undefined {
  if (file === undefined || !existsSync(file)) return undefined
  const mark = JSON.parse(readFileSync(file, 'utf8')) as Mark
  return mark.world === world ? mark : undefined
}

function writeMark(file: string | undefined, mark: Mark): void {
  if (file === undefined) return
  writeFileSync(`${file}.new`, JSON.stringify(mark))
  renameSync(`${file}.new`, file)
}
