/**
 * Determinations: what each rule says of each subject, kept current.
 *
 * In:  subjects whose facts changed (which predicates), or whose day has come.
 * Out: what changed, and in the wake queue the next day each subject changes by the passage of time alone.
 * Promise: only rules that read a changed predicate are evaluated, for that subject only; nothing is overwritten; the
 *          same facts and day give the same determination (I8, I9).
 */

import { type Assertion, readForRules, ruleFacts, turningDays } from '../memory/memory.ts'
import type { Pack } from '../packs/packs.ts'
import { type DateText, dateIn, startOfDay } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import { setDueAtLatest } from '../platform/due.ts'
import type { Ids, SubjectId } from '../platform/ids.ts'
import {
  type Determination,
  evaluateOn,
  type Facts,
  items,
  type Outlook,
  outlook,
  type Rule,
} from '../rules/rules.ts'
import {
  currentOf,
  type DeterminationRow,
  findDetermination,
  insertDeterminations,
  supersede,
} from './store.ts'

export const WAKE = 'redetermine'

/** A wake-up because another subject's memory changed: which relation reads it, and the event that changed it. */
export const relatedRef = (relation: string, because: string): string => `${relation} ${because}`

/** What a wake-up is about: everything, or one relation because of an event. */
export function wakeCause(ref: string): {
  readonly predicates: ReadonlySet<string> | 'all'
  readonly because: string | null
} {
  const [relation, because] = ref.split(' ')
  return because === undefined
    ? { predicates: 'all', because: null }
    : { predicates: new Set([relation!]), because }
}

export type StoredDetermination = DeterminationRow

/** Why a subject is looked at again. */
export type Cause = {
  readonly subject: SubjectId
  readonly kind: 'person' | 'organisation'
  /** Predicates that changed; `all` when time did, or a new pack. */
  readonly predicates: ReadonlySet<string> | 'all'
  /** Event that changed them, the latest of several; null when time did, or a new law. */
  readonly because: string | null
  /** Where several events did, what each of them changed; the latest last. */
  readonly by?: ReadonlyMap<string, ReadonlySet<string>>
  /** Only these rules, whatever changed. */
  readonly rules?: ReadonlySet<string>
  /** Publication of the law that is looked at again. */
  readonly publication?: string
}

export type Change = {
  readonly subject: SubjectId
  readonly rule: Rule
  readonly item: string
  readonly because: string | null
  readonly before: StoredDetermination | null
  /** Null when the item it spoke of is gone. */
  readonly after: StoredDetermination | null
  /** The facts `after` rests on. */
  readonly facts: readonly Assertion[]
}

export type Run = { readonly pack: Pack; readonly index: RuleIndex; readonly at: Date; readonly ids: Ids }

/** Predicate → rules that read it: the static read sets, computed once for a pack. */
export type RuleIndex = {
  readonly rules: readonly Rule[]
  readonly by_predicate: ReadonlyMap<string, readonly Rule[]>
  /** Predicates after which no rule speaks of the subject any more (a death), by kind of subject. */
  readonly silencing: { readonly [kind in Cause['kind']]: readonly string[] }
  /** Published versions that take effect on a later day, by rule. */
  readonly coming: ReadonlyMap<string, Rule>
  /** Days on which a publication made a rule different, by rule, in order. */
  readonly laws: ReadonlyMap<string, readonly { readonly publication: string; readonly day: DateText }[]>
  /** What `affected` has worked out. */
  readonly affected: Map<string, Affected>
}

/** @param with_unconfirmed also rules not yet published: only in a demonstration */
export function indexRules(
  pack: Pack,
  with_unconfirmed: boolean,
  published: Pick<RuleIndex, 'coming' | 'laws'> = { coming: new Map(), laws: new Map() },
): RuleIndex {
  const rules = [...pack.rules.values()].filter((r) => with_unconfirmed || r.source.status === 'published')
  const by_predicate = new Map<string, Rule[]>()
  for (const rule of rules) {
    for (const predicate of rule.reads)
      by_predicate.set(predicate, [...(by_predicate.get(predicate) ?? []), rule])
  }
  const silencing = (kind: Cause['kind']) =>
    [...pack.vocabulary.values()]
      .filter((p) => p.silences && (p.subject === kind || p.subject === 'any'))
      .map((p) => p.name)
  return {
    rules,
    by_predicate,
    silencing: { person: silencing('person'), organisation: silencing('organisation') },
    ...published,
    affected: new Map(),
  }
}

/** What was read about whom, because of which event: to be written into the access log. */
export type Read = {
  readonly subject: SubjectId
  readonly because: string | null
  readonly predicates: readonly string[]
}

/** Evaluates again what these causes can have changed, stores what did change, and sets the next wake-ups. */
export async function determine(
  tx: Db,
  run: Run,
  causes: readonly Cause[],
): Promise<{ changes: Change[]; read: Read[] }> {
  const today = dateIn(run.at, run.pack.zone)
  const work = causes
    .map((cause) => ({ cause, ...affected(run.index, cause) }))
    .filter((w) => w.rules.length > 0)
  const read: Read[] = []
  if (work.length === 0) return { changes: [], read }

  const subjects = work.map((w) => w.cause.subject)
  // There are few different `reads`, each one array of the index: whoever wants the same is looked up together.
  const wanted = Map.groupBy(work, (w) => w.reads)
  const facts = await readForRules(
    tx,
    run.pack,
    [...wanted].map(([predicates, of]) => ({ subjects: of.map((w) => w.cause.subject), predicates })),
    { day: today },
  )
  const current = await currentOf(tx, subjects)
  const changes: Change[] = []
  const wakes: { subject: SubjectId; on: DateText; ref: string }[] = []
  for (const { cause, rules, reads } of work) {
    const known = facts.get(cause.subject)!
    const standing = current.get(cause.subject) ?? []
    read.push({ subject: cause.subject, because: cause.because, predicates: reads })
    read.push(...readOfOthers(known, cause.because))
    const cells = ruleFacts(run.pack, reads, known, today)
    const turning = turningDays(run.pack, known, today)
    const is_silent = run.index.silencing[cause.kind].some((name) => cells[name]!.state === 'known')
    const reading: Reading = { known, today, cells, turning, is_silent }
    let until: DateText | null = null
    for (const rule of rules) {
      for (const change of determineRule(run, cause, rule, reading, standing)) {
        if (change.changed) changes.push(change.changed)
        if (change.until !== null && (until === null || change.until < until)) until = change.until
      }
    }
    if (until !== null) wakes.push({ subject: cause.subject, on: until, ref: '' })
    // An item told beforehand (a list's, valid from a later day) has no determination yet that could wait for it.
    if (turning.length > 0 && rules.some((r) => r.source.per))
      wakes.push({ subject: cause.subject, on: turning[0]!, ref: turning[0]! })
  }
  await supersede(
    tx,
    changes.flatMap((c) => (c.before ? [c.before] : [])),
    run.at,
  )
  await insertDeterminations(
    tx,
    changes.flatMap((c) => (c.after ? [c.after] : [])),
  )
  // Rules not evaluated in this run keep their own next day: the subject wakes on the first of all, and then all are asked.
  await setDueAtLatest(
    tx,
    wakes.map((w) => ({
      due_at: startOfDay(w.on, run.pack.zone),
      kind: WAKE,
      subject_id: w.subject,
      ref: w.ref,
    })),
  )
  return { changes, read }
}

/** Whoever a relation leads to is read about as well. */
function readOfOthers(known: readonly Assertion[], because: string | null): Read[] {
  const others = new Map<SubjectId, Set<string>>()
  for (const { about, predicate } of known) {
    if (about === undefined) continue
    const predicates = others.get(about)
    if (predicates) predicates.add(predicate)
    else others.set(about, new Set([predicate]))
  }
  return [...others].map(([subject, predicates]) => ({
    subject,
    because,
    predicates: [...predicates].sort(),
  }))
}

type Affected = { readonly rules: readonly Rule[]; readonly reads: readonly string[] }

/** The rules a cause can have changed, and all they read. There are few different sets of predicates: each is worked out once. */
function affected(index: RuleIndex, { predicates, kind, rules: only }: Cause): Affected {
  const key = `${kind} ${predicates === 'all' ? '*' : [...predicates].sort().join()} ${only ? [...only].sort().join() : ''}`
  let known = index.affected.get(key)
  if (!known) {
    const silencing = index.silencing[kind]
    const all =
      predicates === 'all' || silencing.some((name) => predicates.has(name))
        ? index.rules
        : [...new Set([...predicates].flatMap((p) => index.by_predicate.get(p) ?? []))]
    const rules = all.filter((r) => r.source.subject === kind && (!only || only.has(r.source.id)))
    known = { rules, reads: [...new Set([...rules.flatMap((r) => r.reads), ...silencing])].sort() }
    index.affected.set(key, known)
  }
  return known
}

/** What is known of a subject, and what the rules read of it today. */
type Reading = {
  readonly known: readonly Assertion[]
  readonly cells: Facts
  readonly today: DateText
  /** Later days on which another assertion takes over. */
  readonly turning: readonly DateText[]
  /** Nothing more is said of this subject; what stands is closed. */
  readonly is_silent: boolean
}

/**
 * What a rule says and the day that changes. The evaluator knows the facts that hold today; those told beforehand (valid
 * from a later day, or behind one that ends) take over on their days, so from each of those on it is asked again.
 */
function lookAhead(run: Run, rule: Rule, { known, cells, today, turning }: Reading, item: string): Outlook {
  const now = outlook(rule, cells, on(today, item))
  let { until } = now
  for (const day of turning) {
    if (until !== null && until <= day) break
    const then = outlook(rule, ruleFacts(run.pack, rule.reads, known, day), on(day, item))
    if (then.outcome !== now.outcome || then.amount !== now.amount) {
      until = day
      break
    }
    until = then.until
  }
  const turns = comingTurn(run, rule, known, item)
  if (turns !== null && (until === null || turns < until)) until = turns
  return until === now.until ? now : { ...now, until }
}

const on = (asOf: DateText, item: string) => (item === '' ? { asOf } : { asOf, item })

/** The day a version that is published already takes effect, if it will say something else then. */
function comingTurn(run: Run, rule: Rule, known: readonly Assertion[], item: string): DateText | null {
  const next = run.index.coming.get(rule.source.id)
  if (!next) return null
  const asOf = next.source.effective.from
  const then = (of: Rule) => outlook(of, ruleFacts(run.pack, of.reads, known, asOf), on(asOf, item))
  const [old, now] = [then(rule), then(next)]
  return old.outcome === now.outcome && old.amount === now.amount ? null : asOf
}

function* determineRule(
  run: Run,
  cause: Cause,
  rule: Rule,
  reading: Reading,
  standing: readonly StoredDetermination[],
): Generator<{ changed: Change | null; until: DateText | null }> {
  const before = new Map(standing.filter((d) => d.rule_id === rule.source.id).map((d) => [d.item, d]))
  const slots = reading.is_silent ? [] : rule.source.per ? items(rule, reading.cells) : ['']
  for (const item of slots) {
    const ahead = lookAhead(run, rule, reading, item)
    const last = before.get(item) ?? null
    before.delete(item)
    if (!last && saysNothing(run.index, rule, ahead, cause)) {
      yield { changed: null, until: ahead.until }
      continue
    }
    const said = { ...evaluateOn(rule, reading.cells, on(reading.today, item)), until: ahead.until }
    if (last && same(last, said)) {
      yield { changed: null, until: said.until }
      continue
    }
    const rests = new Set(said.facts)
    const facts = reading.known.filter((f) => rests.has(f.id))
    const because = becauseOf(cause, rule, facts)
    const after = row(run, { ...cause, because }, { said, item, last })
    yield {
      changed: { subject: cause.subject, rule, item, because, before: last, after, facts },
      until: said.until,
    }
  }
  // What is left spoke of an item that is no longer known, e.g. the child of a retracted birth, or of one who has died.
  for (const [item, last] of before) {
    yield {
      changed: {
        subject: cause.subject,
        rule,
        item,
        because: becauseOf(cause, rule, []),
        before: last,
        after: null,
        facts: [],
      },
      until: null,
    }
  }
}

/** Of several events the one this rule speaks because of: that told what it now rests on, else that changed what it reads. */
function becauseOf({ because, by }: Cause, rule: Rule, facts: readonly Assertion[]): string | null {
  if (!by || by.size === 1) return because
  const told = new Set(facts.map((f) => f.event))
  const latest = (wanted: (event: string, predicates: ReadonlySet<string>) => boolean) =>
    [...by].findLast(([event, predicates]) => wanted(event, predicates))?.[0]
  return (
    latest((event) => told.has(event)) ??
    latest((_, predicates) => rule.reads.some((name) => predicates.has(name))) ??
    because
  )
}

/**
 * "Does not apply" about somebody nothing was ever said of needs no row, whether or not a day will change that: the wake
 * queue holds the day. Most rules say this of most people. But where published law may turn it, that is what the person
 * is told, and the notice rests on the row: while the publication is followed through, and until its last day has come.
 */
function saysNothing(index: RuleIndex, rule: Rule, { outcome, until }: Outlook, cause: Cause): boolean {
  if (outcome !== 'does_not_apply') return false
  if (until === null) return true
  const last = index.laws.get(rule.source.id)?.at(-1)
  return cause.publication === undefined && (last === undefined || last.day < until)
}

function same(last: StoredDetermination, d: Determination): boolean {
  return (
    last.outcome === d.outcome &&
    last.rule_hash === d.rule_hash &&
    last.until === d.until &&
    last.amount === d.amount &&
    last.due_on === d.due &&
    last.ask.join() === d.ask.join() &&
    [...last.facts].sort().join() === [...d.facts].sort().join()
  )
}

type Said = {
  readonly said: Determination
  readonly item: string
  readonly last: StoredDetermination | null
}

function row(run: Run, cause: Cause, { said: d, item, last }: Said): StoredDetermination {
  return {
    subject_id: cause.subject,
    id: run.ids(),
    rule_id: d.rule,
    rule_hash: d.rule_hash,
    item,
    outcome: d.outcome,
    as_of: d.as_of,
    until: d.until,
    ask: d.ask,
    amount: d.amount,
    due_on: d.due,
    facts: d.facts,
    because: cause.because,
    publication: cause.publication ?? (cause.because === null ? lawSince(run.index, d, last) : null),
    recorded_at: run.at,
  }
}

/** What time alone seems to change may be a law that was published before and takes effect now. */
function lawSince(index: RuleIndex, d: Determination, last: StoredDetermination | null): string | null {
  const since = (index.laws.get(d.rule) ?? []).filter(
    ({ day }) => day <= d.as_of && (last === null || day > last.as_of),
  )
  return since.at(-1)?.publication ?? null
}

/** What stands now for a subject. */
export async function currentDeterminations(
  db: Db,
  subject: SubjectId,
): Promise<readonly StoredDetermination[]> {
  return (await currentOf(db, [subject])).get(subject) ?? []
}

/** The same of several subjects at once. */
export const standingDeterminations = (
  db: Db,
  subjects: readonly SubjectId[],
): Promise<ReadonlyMap<SubjectId, readonly StoredDetermination[]>> => currentOf(db, subjects)

/** Whether a change is one for the person: another outcome or another amount, not only another text or day. */
export const isOutcomeChanged = ({ before, after }: Change): boolean =>
  (before?.outcome ?? 'does_not_apply') !== (after?.outcome ?? 'does_not_apply') ||
  (before?.amount ?? null) !== (after?.amount ?? null)

/** One determination of a subject, standing or superseded; null when it is not theirs. */
export const determinationOf = (
  db: Db,
  subject: SubjectId,
  id: string,
): Promise<StoredDetermination | null> => findDetermination(db, subject, id)
