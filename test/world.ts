import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publishPurposes } from '../src/consent/consent.ts'
import { type CouncilContext, openRuleBook, type RuleBook } from '../src/council/council.ts'
import type { Engine } from '../src/flow.ts'
import { decisionSigner, type Ground, makeEngine } from '../src/main.ts'
import { type Assertion, chooseFacts, readFacts } from '../src/memory/memory.ts'
import { loadPack, type Pack } from '../src/packs/packs.ts'
import { findSubjects } from '../src/people/people.ts'
import { canonical, type Json } from '../src/platform/canonical.ts'
import { type Clock, type DateText, machineClock, standingClock } from '../src/platform/clock.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { openLog } from '../src/platform/logs.ts'
import { openMetrics } from '../src/platform/metrics.ts'
import { readSettings } from '../src/platform/settings.ts'
import { listProposals } from '../src/proposals/proposals.ts'
import { type TestDatabase, testDatabase } from './database.ts'

/** An engine over a database of its own, with a clock that stands still until moved: whole-system tests without a process. */
export type World = {
  readonly database: TestDatabase
  readonly engine: Engine
  /** What the engine stands on, for the application over it. */
  readonly ground: Ground
  readonly book: RuleBook
  /** Its files stand in a folder of their own, which goes with the world. */
  readonly council: CouncilContext
  readonly pack: Pack
  readonly clock: ReturnType<typeof standingClock>
  end(): Promise<void>
}

export const START = '2026-11-24T05:00:00Z'

export function getPack(folder = 'packs/uz'): Pack {
  const loaded = loadPack(folder)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes.slice(0, 3)))
  return loaded.pack
}

export async function openWorld(start = START, folder = 'packs/uz'): Promise<World> {
  const database = await testDatabase()
  const pack = getPack(folder)
  const clock = standingClock(start)
  await publishPurposes(database.db, pack)
  const log = openLog('silent')
  const book = await openRuleBook({
    db: database.db,
    folder,
    base: pack,
    clock,
    with_unconfirmed: true,
  })
  const ground: Ground = {
    book,
    settings: readSettings({ DEMONSTRATION: '1', DATABASE_URL: database.url }),
    pack,
    clock: clock as Clock,
    demonstration: null,
    log,
    metrics: openMetrics(),
    url: database.url,
    db: database.db,
    gate: database.gate,
    embedded: null,
    close: () => Promise.resolve(),
  }
  const engine = makeEngine(ground)
  const files = mkdtempSync(join(tmpdir(), 'hamroh-council-'))
  const council: CouncilContext = {
    db: database.db,
    folder: files,
    clock,
    queue_clock: machineClock,
    ids: engine.ids,
    log,
    processing_purpose: engine.processing_purpose,
    book,
    pack_folder: folder,
    signer: decisionSigner(files),
  }
  const end = async () => {
    await database.end()
    rmSync(files, { recursive: true, force: true })
  }
  return { database, engine, ground, book, council, pack, clock, end }
}

/** The subject of a PINFL, or undefined. */
export async function subjectOf(world: World, pinfl: string): Promise<SubjectId | undefined> {
  return (await findSubjects(world.engine.db, [{ kind: 'pinfl', value: pinfl }])).get(`pinfl:${pinfl}`)
}

/**
 * What the state knows of these people on a day, as known at an instant, in a form that two histories can be compared
 * by: no ids, no instants of recording; subjects by the names given.
 */
export async function memoryOf(
  world: World,
  people: ReadonlyMap<SubjectId, string>,
  at: { valid_on: DateText; known_at?: Date },
): Promise<string[]> {
  const predicates = [...world.pack.vocabulary.keys()]
  const facts = await readFacts(world.engine.db, [...people.keys()], predicates, at.known_at)
  const name = (text: string) => people.get(text as SubjectId) ?? text
  const lines: string[] = []
  for (const [subject, assertions] of facts) {
    for (const f of chooseFacts(world.pack, assertions, at.valid_on)) {
      lines.push(
        canonical([
          people.get(subject)!,
          f.predicate,
          name(f.item),
          f.state,
          rename(f.value, name),
          f.valid_from,
          f.valid_to,
          f.source,
          f.observed_at.toISOString(),
        ]),
      )
    }
  }
  return lines.sort()
}

const rename = (value: Json, name: (text: string) => string): Json =>
  JSON.parse(JSON.stringify(value), (_, v) => (typeof v === 'string' ? name(v) : v)) as Json

/** Open proposals of these people, comparable across histories. */
export async function openProposalsOf(
  world: World,
  people: ReadonlyMap<SubjectId, string>,
): Promise<string[]> {
  const lines: string[] = []
  for (const [subject, who] of people) {
    for (const p of await listProposals(world.engine.db, subject, ['open'])) {
      lines.push(canonical([who, p.rule_id, people.get(p.item as SubjectId) ?? p.item, p.state, p.due_on]))
    }
  }
  return lines.sort()
}

export const digestOfText = (text: string): string => createHash('sha256').update(text).digest('hex')
export type { Assertion }
