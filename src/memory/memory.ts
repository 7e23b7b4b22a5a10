/**
 * Memory: what the state knows of a subject, from whom, since when.
 *
 * In:  assertions told by effective events; the end of their effect when an event is retracted or corrected.
 * Out: the facts that hold at (valid date, known date), and the cells the rules read.
 * Promise: nothing is overwritten. The state at (valid, known) is a pure function of the assertions known by then:
 *          it does not depend on the order in which events arrived (I2).
 * People and agencies do not come in here: they open memory through the gate (`consent`).
 */

import type { OpenedFact } from '../consent/consent.ts'
import type { Pack, Predicate } from '../packs/packs.ts'
import { canonical, type Json } from '../platform/canonical.ts'
import type { DateText } from '../platform/clock.ts'
import { dateIn } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { type Cell, dayAfter, type Facts, type ListItem } from '../rules/rules.ts'
import { linksAmong, readersOfRelated, relativesIn } from './related.ts'
import { factsOf, holdingOf, insertFacts, supersedeFactsOf } from './store.ts'

/** One thing an event told about a subject; the gate hands out the same shape. */
export type Assertion = OpenedFact & {
  /** Read along with a subject's own: whose memory it stands in. */
  readonly about?: SubjectId
}

export type NewFact = Omit<OpenedFact, 'recorded_at' | 'superseded_at'> & { readonly subject_id: SubjectId }

/** Remembers what events told. All become known at `recorded_at`. */
export const tell = (tx: Db, facts: readonly NewFact[], recorded_at: Date): Promise<void> =>
  insertFacts(tx, facts, recorded_at)

/** Ends the known period of everything these events told. Returns whom and what it concerned. */
export const forget = (
  tx: Db,
  events: readonly {
    readonly event: string
    readonly because: string
    readonly subjects: readonly SubjectId[]
  }[],
  at: Date,
): Promise<{ subject_id: SubjectId; predicate: string; event: string }[]> => supersedeFactsOf(tx, events, at)

/**
 * Assertions about subjects (engine role only), every subject present in the map.
 * @param known_at what was known at that instant; without it what is known now
 */
export async function readFacts(
  db: Db,
  subjects: readonly SubjectId[],
  predicates: readonly string[],
  known_at?: Date,
): Promise<Map<SubjectId, Assertion[]>> {
  const bySubject = new Map<SubjectId, Assertion[]>(subjects.map((s) => [s, []]))
  if (subjects.length === 0 || predicates.length === 0) return bySubject
  for (const { subject_id, ...fact } of await factsOf(db, subjects, predicates, known_at))
    bySubject.get(subject_id)?.push(fact)
  return bySubject
}

/** Some subjects, and what is wanted of each of them. */
export type Wanted = { readonly subjects: readonly SubjectId[]; readonly predicates: readonly string[] }

/**
 * What is known now and can hold on `day` or later (engine role only), every subject present in the map: the same to
 * `chooseFacts` on any such day as the whole history, however long that is.
 */
export async function readHolding(
  db: Db,
  pack: Pack,
  wanted: readonly Wanted[],
  day: DateText,
): Promise<Map<SubjectId, Assertion[]>> {
  const found = new Map<SubjectId, Assertion[]>(wanted.flatMap((w) => w.subjects.map((s) => [s, []])))
  const groups = wanted.filter((w) => w.subjects.length > 0 && w.predicates.length > 0)
  if (groups.length === 0) return found
  const named = (name: string) => ({ name, is_many: pack.vocabulary.get(name)?.cardinality === 'many' })
  const rows = await holdingOf(
    db,
    groups.map(({ subjects, predicates }) => ({ subjects, predicates: predicates.map(named) })),
    day,
  )
  for (const { subject_id, ...fact } of rows) found.get(subject_id)?.push(fact)
  return found
}

async function readKnown(
  db: Db,
  wanted: readonly Wanted[],
  known_at: Date,
): Promise<Map<SubjectId, Assertion[]>> {
  const found = new Map<SubjectId, Assertion[]>()
  for (const { subjects, predicates } of wanted)
    for (const [subject, facts] of await readFacts(db, subjects, predicates, known_at))
      found.set(subject, facts)
  return found
}

/** From when on a reading speaks: what can hold on a day or later as known now, or everything known at an instant. */
export type When = { readonly day: DateText } | { readonly known_at: Date }

/**
 * All that rules with these predicates read of each subject, its own and what its relations carry of others (marked with
 * `about`); engine role only, every subject present in the map.
 */
export async function readForRules(
  db: Db,
  pack: Pack,
  wanted: readonly Wanted[],
  when: When,
): Promise<Map<SubjectId, Assertion[]>> {
  const read = (groups: readonly Wanted[]) =>
    'day' in when ? readHolding(db, pack, groups, when.day) : readKnown(db, groups, when.known_at)
  const own = await read(wanted)
  const links = linksAmong(pack, [...new Set(wanted.flatMap((w) => w.predicates))])
  if (links.length === 0) return own
  const others = [...new Set([...own.values()].flatMap((facts) => relativesIn(facts, links)))]
  const fields = [...new Set(links.flatMap((l) => l.fields.map(([, p]) => p)))]
  const theirs = await read([{ subjects: others, predicates: fields }])
  for (const facts of own.values())
    for (const about of new Set(relativesIn(facts, links)))
      for (const fact of theirs.get(about) ?? []) facts.push({ ...fact, about })
  return own
}

/** Subjects that read one of the changed predicates of another, by a relation: whom, which relation, because of whom. */
export async function readersOf(
  db: Db,
  pack: Pack,
  changed: ReadonlyMap<SubjectId, ReadonlySet<string>>,
): Promise<{ readonly reader: SubjectId; readonly relation: string; readonly of: SubjectId }[]> {
  const links = readersOfRelated(pack)
  if (links.size === 0) return []
  const backs = [...changed].flatMap(([of, predicates]) =>
    [...predicates].flatMap((p) => (links.get(p) ?? []).map((link) => ({ of, link }))),
  )
  const inverses = [...new Set(backs.map((b) => b.link.inverse))]
  const facts = await readFacts(db, [...new Set(backs.map((b) => b.of))], inverses)
  return backs.flatMap(({ of, link }) =>
    relativesIn(
      (facts.get(of) ?? []).filter((f) => f.predicate === link.inverse),
      [{ ...link, relation: link.inverse }],
    ).map((reader) => ({ reader, relation: link.relation, of })),
  )
}

/** Days after `day` on which another of these assertions may be the one that holds, or a related one is too old. */
export function turningDays(pack: Pack, assertions: readonly Assertion[], day: DateText): DateText[] {
  const days = assertions.flatMap((f) => [
    f.valid_from,
    ...(f.valid_to === null ? [] : [f.valid_to]),
    ...(f.about === undefined ? [] : [staleOn(pack, f) ?? f.valid_from]),
  ])
  return [...new Set(days.filter((d) => d > day))].sort()
}

/** The first day a fact is too old to be known; null when it never is. */
function staleOn(pack: Pack, fact: Assertion): DateText | null {
  const max_age = pack.vocabulary.get(fact.predicate)?.max_age
  return max_age === undefined ? null : dayAfter(dateIn(fact.observed_at, pack.zone), max_age)
}

/**
 * The facts that hold on a day: one for each slot (predicate and item). Of several assertions the one valid from the
 * latest day wins; then the predicate's own source; then the latest observation; then, so that the order of arrival
 * can never matter, the content itself.
 */
export function chooseFacts(pack: Pack, assertions: readonly Assertion[], as_of: DateText): Assertion[] {
  const slots = new Map<string, Assertion>()
  for (const fact of assertions) {
    if (
      fact.about !== undefined ||
      fact.valid_from > as_of ||
      (fact.valid_to !== null && fact.valid_to <= as_of)
    )
      continue
    const slot = `${fact.predicate}\u0000${fact.item}`
    const holder = slots.get(slot)
    if (!holder || wins(pack.vocabulary.get(fact.predicate), fact, holder)) slots.set(slot, fact)
  }
  return [...slots.values()]
}

function wins(predicate: Predicate | undefined, a: Assertion, b: Assertion): boolean {
  if (a.valid_from !== b.valid_from) return a.valid_from > b.valid_from
  const authoritative = (f: Assertion) => f.source === predicate?.source
  if (authoritative(a) !== authoritative(b)) return authoritative(a)
  const observed = a.observed_at.getTime() - b.observed_at.getTime()
  if (observed !== 0) return observed > 0
  return content(a) > content(b)
}

const content = (f: Assertion): string => `${f.state}${canonical(f.value)}${f.source}${f.valid_to ?? ''}`

/** What the rules read of these predicates on a day: known, absent (closed world) or unknown (open world). */
export function ruleFacts(
  pack: Pack,
  predicates: readonly string[],
  assertions: readonly Assertion[],
  as_of: DateText,
): Facts {
  const held = new Map<string, Assertion[]>()
  for (const fact of chooseFacts(pack, assertions, as_of)) {
    const list = held.get(fact.predicate)
    if (list) list.push(fact)
    else held.set(fact.predicate, [fact])
  }
  const facts: Record<string, Cell> = {}
  for (const name of predicates) {
    const predicate = pack.vocabulary.get(name)
    if (!predicate) throw new Error(`the pack has no predicate ${name}`)
    facts[name] =
      predicate.cardinality === 'many'
        ? listCell(pack, predicate, held.get(name) ?? [], relatedCells(pack, predicate, assertions, as_of))
        : oneCell(pack, predicate, held.get(name)?.[0])
  }
  return facts
}

function oneCell(pack: Pack, predicate: Predicate, fact: Assertion | undefined): Cell {
  if (!fact) {
    return predicate.world === 'closed'
      ? { state: 'absent', facts: [] }
      : { state: 'unknown', reason: 'never-collected', facts: [] }
  }
  if (fact.state === 'absent') return { state: 'absent', facts: [fact.id] }
  return { state: 'known', value: fact.value, ...period(pack, fact) }
}

type Related = (item: string) => { readonly value: ListItem['value']; readonly facts: readonly string[] }
const unrelated: Related = () => ({ value: {}, facts: [] })

/** What the items' fields read from the other subjects' memories come to on a day. */
function relatedCells(
  pack: Pack,
  predicate: Predicate,
  assertions: readonly Assertion[],
  as_of: DateText,
): Related {
  if (predicate.related === undefined) return unrelated
  const fields = Object.entries(predicate.related)
  return (item) => {
    const theirs = assertions.filter((f) => f.about === item).map(({ about: _, ...fact }) => fact)
    const held = new Map(chooseFacts(pack, theirs, as_of).map((f) => [f.predicate, f]))
    const value: { [field: string]: Json } = {}
    const facts: string[] = []
    for (const [field, name] of fields) {
      const fact = held.get(name)
      if (fact) facts.push(fact.id)
      const stale = fact && staleOn(pack, fact)
      const cell =
        typeof stale === 'string' && stale <= as_of ? null : oneCell(pack, pack.vocabulary.get(name)!, fact)
      // A field left out is unknown; one of null is absent.
      if (cell?.state === 'absent') value[field] = null
      else if (cell?.state === 'known') value[field] = cell.value
    }
    return { value, facts }
  }
}

function listCell(pack: Pack, predicate: Predicate, facts: readonly Assertion[], related: Related): Cell {
  const items: ListItem[] = facts
    .filter((f) => f.state === 'known')
    .map((f) => {
      const other = related(f.item)
      const own = period(pack, f)
      return {
        item: f.item,
        value: { ...(f.value as ListItem['value']), ...other.value },
        ...own,
        facts: [...own.facts, ...other.facts],
      }
    })
    // One order for one content: the trace and the decision record must not depend on the order of arrival.
    .sort((a, b) => (a.item < b.item ? -1 : 1))
  return { state: 'list', items, complete: predicate.world === 'closed' }
}

const period = (pack: Pack, f: Assertion) => ({
  facts: [f.id],
  observed_on: dateIn(f.observed_at, pack.zone),
  valid_from: f.valid_from,
  ...(f.valid_to === null ? {} : { valid_to: f.valid_to }),
})
