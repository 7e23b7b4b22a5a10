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
import { canonical } from '../platform/canonical.ts'
import type { DateText } from '../platform/clock.ts'
import { dateIn } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import type { Cell, Facts, ListItem } from '../rules/rules.ts'
import { factsOf, holdingOf, insertFacts, supersedeFactsOf } from './store.ts'

/** One thing an event told about a subject; the gate hands out the same shape. */
export type Assertion = OpenedFact

export type NewFact = Omit<Assertion, 'recorded_at' | 'superseded_at'> & { readonly subject_id: SubjectId }

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

/**
 * What is known now and can hold on `day` or later (engine role only), every subject present in the map: the same to
 * `chooseFacts` on any such day as the whole history, however long that is.
 */
export async function readHolding(
  db: Db,
  pack: Pack,
  wanted: { readonly subjects: readonly SubjectId[]; readonly predicates: readonly string[] },
  day: DateText,
): Promise<Map<SubjectId, Assertion[]>> {
  const many = (name: string) => pack.vocabulary.get(name)?.cardinality === 'many'
  const single = wanted.predicates.filter((name) => !many(name))
  const found = await readFacts(db, wanted.subjects, wanted.predicates.filter(many))
  if (wanted.subjects.length === 0 || single.length === 0) return found
  for (const { subject_id, ...fact } of await holdingOf(db, wanted.subjects, single, day))
    found.get(subject_id)?.push(fact)
  return found
}

/** Days after `day` on which another of these assertions may be the one that holds. */
export function turningDays(assertions: readonly Assertion[], day: DateText): DateText[] {
  const days = assertions.flatMap((f) => (f.valid_to === null ? [f.valid_from] : [f.valid_from, f.valid_to]))
  return [...new Set(days.filter((d) => d > day))].sort()
}

/**
 * The facts that hold on a day: one for each slot (predicate and item). Of several assertions the one valid from the
 * latest day wins; then the predicate's own source; then the latest observation; then, so that the order of arrival
 * can never matter, the content itself.
 */
export function chooseFacts(pack: Pack, assertions: readonly Assertion[], as_of: DateText): Assertion[] {
  const slots = new Map<string, Assertion>()
  for (const fact of assertions) {
    if (fact.valid_from > as_of || (fact.valid_to !== null && fact.valid_to <= as_of)) continue
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
        ? listCell(pack, predicate, held.get(name) ?? [])
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

function listCell(pack: Pack, predicate: Predicate, facts: readonly Assertion[]): Cell {
  const items: ListItem[] = facts
    .filter((f) => f.state === 'known')
    .map((f) => ({ item: f.item, value: f.value as ListItem['value'], ...period(pack, f) }))
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
