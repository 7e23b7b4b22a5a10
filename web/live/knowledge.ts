/** What the state knows of a person, who looked, and why: memory, access entries, the event graph. */
import { decisionsOf, hearingsOf } from '../../src/cases/cases.ts'
import { determinationOf } from '../../src/determinations/determinations.ts'
import {
  causesOf,
  type Edge,
  effectsFrom,
  findEvents,
  type NodeKind as GraphKind,
} from '../../src/events/events.ts'
import type { Assertion } from '../../src/memory/memory.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import { dateIn, startOfDay } from '../../src/platform/clock.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import { listProposals } from '../../src/proposals/proposals.ts'
import { journeysOf } from '../../src/routes/routes.ts'
import { type AccessEntry, findAccess, listAccess } from '../../src/trust/trust.ts'
import type {
  AccessView,
  GraphNode,
  MemoryView,
  NodeKind,
  PersonAsker,
  Ref,
  WhoLookedView,
  WhyView,
} from '../views.ts'
import { say } from '../words/words.ts'
import { agencyView, citationView, hasWords, type LiveContext, predicateValue, words } from './context.ts'
import { articleOf } from './council.ts'
import { hearingCard } from './hearing.ts'
import { mandatesOf, ownSide, type Side } from './mandates.ts'
import { eventTitle, factViews, nameOf, openOwn } from './reading.ts'

const subjectOf = (asker: PersonAsker): SubjectId => asker.viewer.subject as SubjectId

/** The facts that held on a day as known on another, by the agency that is their source. */
export async function memoryPage(
  live: LiveContext,
  asker: PersonAsker,
  at: { known_on?: string; valid_on?: string },
): Promise<MemoryView> {
  const { pack, engine } = live
  const now = engine.clock.now()
  const today = dateIn(now, pack.zone)
  const valid_on = at.valid_on ?? today
  const known_on = at.known_on ?? today
  const subject = subjectOf(asker)
  const facts = await openOwn(live, subject, subject, {
    predicates: [...pack.vocabulary.keys()],
    valid_on,
    // "Known on a day" means by its end.
    ...(known_on < today
      ? { known_at: new Date(startOfDay(known_on, pack.zone).getTime() + DAY_MS - 1) }
      : {}),
  })
  const order = [...pack.vocabulary.keys()]
  const of = await childNames(live, subject, facts)
  const views = (await factViews(live, asker.locale, facts, of)).sort(
    (a, b) => order.indexOf(a.predicate) - order.indexOf(b.predicate),
  )
  const groups = new Map<string, typeof views>()
  for (const view of views) {
    const code = pack.vocabulary.get(view.predicate)?.source ?? view.source.code
    groups.set(code, [...(groups.get(code) ?? []), view])
  }
  return {
    today,
    known_on,
    valid_on,
    groups: [...groups].map(([code, list]) => ({
      title: agencyView(pack, asker.locale, code).name,
      facts: list,
    })),
  }
}

const DAY_MS = 86_400_000
const PAGE = 100
const OWN_SHOWN = 20
/** Names of so many children are looked up for one page. */
const CHILDREN_MAX = 20

/** Whose item of a relation a fact tells of: children by name, where their parent may read it. */
async function childNames(
  live: LiveContext,
  subject: SubjectId,
  facts: readonly Assertion[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  const children = facts.filter((f) => live.pack.vocabulary.get(f.predicate)?.relation === 'child')
  for (const fact of children.slice(0, CHILDREN_MAX)) {
    const name = await nameOf(live, subject, fact.item as SubjectId)
    if (name !== null) names.set(fact.id, name)
  }
  return names
}

/** Access entries, newest first, together by the case or journey they were for. */
export async function whoLookedPage(
  live: LiveContext,
  asker: PersonAsker,
  older: string | undefined,
): Promise<WhoLookedView> {
  const subject = subjectOf(asker)
  const { locale } = asker
  const entries = await listAccess(live.db, subject, {
    limit: PAGE + 1,
    by: 'others',
    ...(older === undefined ? {} : { before: older }),
  })
  const own = await listAccess(live.db, subject, { limit: OWN_SHOWN, by: 'own' })
  const page = entries.slice(0, PAGE)
  const decisions = await decisionsOf(live.db, subject)
  const titles = await titlesOf(live, locale, subject, [])
  const groups = new Map<string, AccessEntry[]>()
  for (const entry of page) {
    const matter = entry.case_id ?? entry.journey_id ?? ''
    groups.set(matter, [...(groups.get(matter) ?? []), entry])
  }
  const views = (of: readonly AccessEntry[]) =>
    looksOf(live, of).map((look) => {
      const decision = decisions.find((d) => d.case_id === look[0].case_id)
      return accessView(live, locale, look, decision ? refTo(live, locale, decision) : null)
    })
  return {
    groups: [...groups].flatMap(([id, of]) => {
      const first = of[0]!
      if (id === '') return []
      const kind = first.case_id === null ? ('journey' as const) : ('case' as const)
      const title = titles.get(id)?.title ?? purposeOf(live, locale, first)
      return [{ link: { kind, id, title }, entries: views(of) }]
    }),
    other: views(groups.get('') ?? []),
    own: own.map((e) => ({ id: e.id, at: e.at.toISOString(), fields: fieldsOf(live, locale, [e]) })),
    older: entries.length > PAGE ? page.at(-1)!.id : null,
  }
}

const refTo = (
  live: LiveContext,
  locale: LocaleCode,
  decision: { readonly id: string; readonly rule_id: string },
): Ref => ({ kind: 'decision', id: decision.id, title: titleOf(live, locale, decision.rule_id) })

const titleOf = (live: LiveContext, locale: LocaleCode, rule: string): string =>
  words(live.pack, locale, live.pack.rules.get(rule)?.source.text.title ?? rule)

const purposeOf = (live: LiveContext, locale: LocaleCode, entry: AccessEntry): string =>
  words(live.pack, locale, live.pack.purposes.get(entry.purpose)?.words ?? entry.purpose)

/** The entries of one look: the same reader, for the same purpose, on the same day. The newest stands first. */
type Look = readonly [AccessEntry, ...AccessEntry[]]

function looksOf(live: LiveContext, entries: readonly AccessEntry[]): readonly Look[] {
  const looks = new Map<string, [AccessEntry, ...AccessEntry[]]>()
  for (const entry of entries) {
    const day = dateIn(entry.at, live.pack.zone)
    // The engine signs with its run; to a reader all runs are the same machine.
    const who = entry.actor_kind === 'engine' ? 'engine' : `${entry.actor} ${entry.actor_role}`
    const key = [day, entry.actor_kind, who, entry.purpose, entry.channel].join('|')
    const look = looks.get(key)
    if (look) look.push(entry)
    else looks.set(key, [entry])
  }
  return [...looks.values()]
}

function accessView(live: LiveContext, locale: LocaleCode, look: Look, decision: Ref | null): AccessView {
  const { pack } = live
  const [entry, ...also] = look
  const purpose = pack.purposes.get(entry.purpose)
  const agency =
    entry.actor_kind === 'agency'
      ? entry.actor
      : entry.actor_kind === 'person'
        ? null
        : (purpose?.agency ?? null)
  const role = entry.actor_role === null ? null : `role.${entry.actor_role}`
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    also: also.map((e) => ({ id: e.id, at: e.at.toISOString() })),
    agency: agency === null ? null : agencyView(pack, locale, agency),
    unit: null,
    role: role !== null && hasWords(pack, locale, role) ? words(pack, locale, role) : null,
    pseudonym: entry.actor_kind === 'officer' ? entry.actor : null,
    system: entry.channel,
    purpose: purposeOf(live, locale, entry),
    purpose_code: entry.purpose,
    basis: purpose?.legal_basis ?? 'public_task',
    citation: citationView(pack, locale, purpose?.legal),
    fields: fieldsOf(live, locale, look),
    automated: entry.automated,
    by_person: entry.actor_kind === 'person',
    decision,
  }
}

/** What was handed out, by name, each once. */
const fieldsOf = (live: LiveContext, locale: LocaleCode, entries: readonly AccessEntry[]): string[] => [
  ...new Set(
    entries.flatMap((e) =>
      e.predicates.map((p) => words(live.pack, locale, live.pack.vocabulary.get(p)?.words ?? p)),
    ),
  ),
]

// ── The event graph ──────────────────────────────────────────────────────────────────────────────────────────────

const NODES_MAX = 200

/** The graph around one thing of a person, or of an organisation they head: back to its causes, and forward to all it caused. */
export async function whyPage(
  live: LiveContext,
  locale: LocaleCode,
  reader: SubjectId,
  from: { readonly kind: NodeKind; readonly id: string },
): Promise<WhyView | null> {
  const own = await graphOf(live, locale, ownSide(reader), from)
  if (own) return own
  for (const side of await mandatesOf(live, reader)) {
    const theirs = await graphOf(live, locale, side, from)
    if (theirs) return theirs
  }
  return null
}

async function graphOf(
  live: LiveContext,
  locale: LocaleCode,
  side: Side,
  from: { readonly kind: NodeKind; readonly id: string },
): Promise<WhyView | null> {
  const { subject } = side
  const edges = [...(await causesOf(live.db, subject, from)), ...(await effectsFrom(live.db, subject, from))]
  // What processing left in the access log would hide the rest; it is shown only when asked for.
  const shown = withoutSteps(edges).filter((e) => from.kind === 'access' || e.effect_kind !== 'access')
  const keys = new Map<string, { kind: NodeKind; id: string }>()
  for (const e of shown) {
    keys.set(`${e.cause_kind} ${e.cause_id}`, { kind: e.cause_kind as NodeKind, id: e.cause_id })
    keys.set(`${e.effect_kind} ${e.effect_id}`, { kind: e.effect_kind as NodeKind, id: e.effect_id })
  }
  if (keys.size === 0) return null
  const nodes = await nodeViews(live, locale, side, [...keys.values()].slice(0, NODES_MAX))
  const there = new Set(nodes.map((n) => n.id))
  return {
    focus: from,
    nodes,
    edges: shown.flatMap((e) =>
      there.has(e.cause_id) && there.has(e.effect_id) ? [{ from: e.cause_id, to: e.effect_id }] : [],
    ),
  }
}

/** Steps are places on the way, not things of their own: their edges are joined through. */
function withoutSteps(edges: readonly Edge[]): Edge[] {
  const into = edges.filter((e) => e.effect_kind === 'step')
  return edges.flatMap((e) => {
    if (e.effect_kind === 'step') return []
    if (e.cause_kind !== 'step') return [e]
    return into
      .filter((i) => i.effect_id === e.cause_id)
      .map((i) => ({ ...e, cause_kind: i.cause_kind, cause_id: i.cause_id }))
  })
}

async function nodeViews(
  live: LiveContext,
  locale: LocaleCode,
  { reader, subject, as }: Side,
  keys: readonly { kind: NodeKind; id: string }[],
): Promise<GraphNode[]> {
  const of = (kind: GraphKind) => keys.filter((k) => k.kind === kind).map((k) => k.id)
  const events = new Map((await findEvents(live.db, of('event'))).map((e) => [e.id, e]))
  const wanted = new Set(of('fact'))
  const facts = new Map(
    (wanted.size === 0
      ? []
      : await openOwn(live, reader, subject, {
          predicates: [...live.pack.vocabulary.keys()],
          ...(as ? { as } : {}),
        })
    ).map((f) => [f.id, f]),
  )
  const titles = await titlesOf(live, locale, subject, keys)
  return keys.map((key): GraphNode => {
    const event = events.get(key.id)
    if (event) {
      return {
        ...key,
        title: eventTitle(live, locale, event),
        on: dateIn(event.occurred_at, live.pack.zone),
        retracted: !event.effective,
        agency: agencyView(live.pack, locale, event.agency),
      }
    }
    const fact = facts.get(key.id)
    if (fact) {
      const predicate = live.pack.vocabulary.get(fact.predicate)
      return {
        ...key,
        title: words(live.pack, locale, predicate?.words ?? fact.predicate),
        on: fact.valid_from,
        value: predicateValue(live.pack, locale, predicate, fact.value),
        agency: agencyView(live.pack, locale, fact.source),
      }
    }
    const known = titles.get(key.id)
    // A fact that memory does not give any more was told by an event that is no longer in effect.
    if (!known && key.kind === 'fact')
      return { ...key, title: say(locale, 'why.gone'), on: null, retracted: true, agency: null }
    return { ...key, title: known?.title ?? '', on: known?.on ?? null, agency: null }
  })
}

type Title = { readonly title: string; readonly on: string | null }

/** What a person's proposals, journeys, cases, decisions, determinations and entries are called. */
async function titlesOf(
  live: LiveContext,
  locale: LocaleCode,
  subject: SubjectId,
  keys: readonly { kind: NodeKind; id: string }[],
): Promise<Map<string, Title>> {
  const { db, pack } = live
  const titles = new Map<string, Title>()
  const day = (at: Date) => dateIn(at, pack.zone)
  for (const p of await listProposals(db, subject, [
    'open',
    'accepted',
    'declined',
    'withdrawn',
    'expired',
  ])) {
    titles.set(p.id, { title: titleOf(live, locale, p.rule_id), on: day(p.opened_at) })
  }
  for (const { journey, steps } of await journeysOf(db, subject)) {
    const route = pack.routes.get(journey.route_id)
    titles.set(journey.id, {
      title: route ? words(pack, locale, route.words) : journey.route_id,
      on: day(journey.started_at),
    })
    for (const step of steps) {
      const declared = route?.steps.find((s) => s.id === step.step)
      if (step.case_id !== null && declared)
        titles.set(step.case_id, { title: words(pack, locale, declared.words), on: null })
    }
  }
  for (const d of await decisionsOf(db, subject))
    titles.set(d.id, { title: titleOf(live, locale, d.rule_id), on: day(d.decided_at) })
  for (const h of await hearingsOf(db, subject))
    titles.set(h.id, { title: hearingCard(live, locale, h).title, on: day(h.told_at) })
  for (const { id } of keys.filter((k) => k.kind === 'determination')) {
    const d = await determinationOf(db, subject, id)
    if (d) titles.set(id, { title: titleOf(live, locale, d.rule_id), on: d.as_of })
  }
  for (const p of live.council.book.now().publications) {
    const article = citationView(pack, locale, articleOf(p))
    const title = [titleOf(live, locale, p.rule_id), article?.act].filter(Boolean).join(' · ')
    titles.set(p.id, { title, on: day(p.published_at) })
    titles.set(p.simulation, { title: titleOf(live, locale, p.rule_id), on: null })
  }
  for (const { id } of keys.filter((k) => k.kind === 'access').slice(0, NODES_MAX)) {
    const entry = await findAccess(db, subject, id)
    const purpose = entry && pack.purposes.get(entry.purpose)
    if (entry)
      titles.set(id, {
        title: purpose ? words(pack, locale, purpose.words) : entry.purpose,
        on: day(entry.at),
      })
  }
  return titles
}
