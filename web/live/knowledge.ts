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
import { agencyView, citationView, hasWords, type LiveContext, words } from './context.ts'
import { hearingCard } from './hearing.ts'
import { eventTitle, factViews, openOwn } from './reading.ts'

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
  const views = (await factViews(live, asker.locale, facts)).sort(
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

/** Access entries, newest first, together by the case or journey they were for. */
export async function whoLookedPage(
  live: LiveContext,
  asker: PersonAsker,
  older: string | undefined,
): Promise<WhoLookedView> {
  const subject = subjectOf(asker)
  const entries = await listAccess(live.db, subject, {
    limit: PAGE + 1,
    by: 'others',
    ...(older === undefined ? {} : { before: older }),
  })
  const own = await listAccess(live.db, subject, { limit: OWN_SHOWN, by: 'own' })
  const page = entries.slice(0, PAGE)
  const decisions = await decisionsOf(live.db, subject)
  const groups = new Map<string, { link: Ref | null; entries: AccessView[] }>()
  for (const entry of page) {
    const key = entry.case_id ?? entry.journey_id ?? ''
    let group = groups.get(key)
    if (!group) {
      group = { link: linkOf(live, asker.locale, entry), entries: [] }
      groups.set(key, group)
    }
    const decision = decisions.find((d) => d.case_id === entry.case_id)
    group.entries.push(
      accessView(
        live,
        asker.locale,
        entry,
        decision
          ? { kind: 'decision', id: decision.id, title: titleOf(live, asker.locale, decision.rule_id) }
          : null,
      ),
    )
  }
  return {
    groups: [...groups.values()],
    own: own.map((e) => ({ id: e.id, at: e.at.toISOString(), fields: fieldsOf(live, asker.locale, e) })),
    older: entries.length > PAGE ? page.at(-1)!.id : null,
  }
}

const titleOf = (live: LiveContext, locale: LocaleCode, rule: string): string =>
  words(live.pack, locale, live.pack.rules.get(rule)?.source.text.title ?? rule)

function linkOf(live: LiveContext, locale: LocaleCode, entry: AccessEntry): Ref | null {
  const purpose = live.pack.purposes.get(entry.purpose)
  const title = purpose ? words(live.pack, locale, purpose.words) : entry.purpose
  if (entry.case_id !== null) return { kind: 'case', id: entry.case_id, title }
  return entry.journey_id === null ? null : { kind: 'journey', id: entry.journey_id, title }
}

function accessView(
  live: LiveContext,
  locale: LocaleCode,
  entry: AccessEntry,
  decision: Ref | null,
): AccessView {
  const { pack } = live
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
    agency: agency === null ? null : agencyView(pack, locale, agency),
    unit: null,
    role: role !== null && hasWords(pack, locale, role) ? words(pack, locale, role) : null,
    pseudonym: entry.actor_kind === 'officer' ? entry.actor : null,
    system: entry.channel,
    purpose: purpose ? words(pack, locale, purpose.words) : entry.purpose,
    purpose_code: entry.purpose,
    basis: purpose?.legal_basis ?? 'public_task',
    citation: citationView(purpose?.legal),
    fields: fieldsOf(live, locale, entry),
    automated: entry.automated,
    by_person: entry.actor_kind === 'person',
    decision,
  }
}

/** What was handed out, by name. */
const fieldsOf = (live: LiveContext, locale: LocaleCode, entry: AccessEntry): string[] =>
  entry.predicates.map((p) => words(live.pack, locale, live.pack.vocabulary.get(p)?.words ?? p))

// ── The event graph ──────────────────────────────────────────────────────────────────────────────────────────────

const NODES_MAX = 200

/** The graph around one thing of a person: back to its causes, and forward to all it caused. */
export async function whyPage(
  live: LiveContext,
  locale: LocaleCode,
  subject: SubjectId,
  kind: NodeKind,
  id: string,
): Promise<WhyView | null> {
  const from = { kind, id }
  const edges = [...(await causesOf(live.db, subject, from)), ...(await effectsFrom(live.db, subject, from))]
  // What processing left in the access log would hide the rest; it is shown only when asked for.
  const shown = withoutSteps(edges).filter((e) => kind === 'access' || e.effect_kind !== 'access')
  const keys = new Map<string, { kind: NodeKind; id: string }>()
  for (const e of shown) {
    keys.set(`${e.cause_kind} ${e.cause_id}`, { kind: e.cause_kind as NodeKind, id: e.cause_id })
    keys.set(`${e.effect_kind} ${e.effect_id}`, { kind: e.effect_kind as NodeKind, id: e.effect_id })
  }
  if (keys.size === 0) return null
  const nodes = await nodeViews(live, locale, subject, [...keys.values()].slice(0, NODES_MAX))
  const there = new Set(nodes.map((n) => n.id))
  return {
    focus: { kind, id },
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
  subject: SubjectId,
  keys: readonly { kind: NodeKind; id: string }[],
): Promise<GraphNode[]> {
  const of = (kind: GraphKind) => keys.filter((k) => k.kind === kind).map((k) => k.id)
  const events = new Map((await findEvents(live.db, of('event'))).map((e) => [e.id, e]))
  const wanted = new Set(of('fact'))
  const facts = new Map(
    (wanted.size === 0
      ? []
      : await openOwn(live, subject, subject, { predicates: [...live.pack.vocabulary.keys()] })
    ).map((f) => [f.id, f]),
  )
  const titles = await titlesOf(live, locale, subject, keys)
  return keys.map((key): GraphNode => {
    const event = events.get(key.id)
    if (event) {
      return {
        ...key,
        title: eventTitle(live, locale, event.type),
        on: dateIn(event.occurred_at, live.pack.zone),
        note: event.effective ? null : '✕',
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
        note: null,
        agency: agencyView(live.pack, locale, fact.source),
      }
    }
    const known = titles.get(key.id)
    return {
      ...key,
      title: known?.title ?? '',
      on: known?.on ?? null,
      note: known?.note ?? null,
      agency: null,
    }
  })
}

type Title = { readonly title: string; readonly on: string | null; readonly note: string | null }

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
    titles.set(p.id, { title: titleOf(live, locale, p.rule_id), on: day(p.opened_at), note: null })
  }
  for (const { journey, steps } of await journeysOf(db, subject)) {
    const route = pack.routes.get(journey.route_id)
    titles.set(journey.id, {
      title: route ? words(pack, locale, route.words) : journey.route_id,
      on: day(journey.started_at),
      note: null,
    })
    for (const step of steps) {
      const declared = route?.steps.find((s) => s.id === step.step)
      if (step.case_id !== null && declared)
        titles.set(step.case_id, { title: words(pack, locale, declared.words), on: null, note: null })
    }
  }
  for (const d of await decisionsOf(db, subject))
    titles.set(d.id, { title: titleOf(live, locale, d.rule_id), on: day(d.decided_at), note: null })
  for (const h of await hearingsOf(db, subject))
    titles.set(h.id, { title: hearingCard(live, locale, h).title, on: day(h.told_at), note: null })
  for (const { id } of keys.filter((k) => k.kind === 'determination')) {
    const d = await determinationOf(db, subject, id)
    if (d) titles.set(id, { title: titleOf(live, locale, d.rule_id), on: d.as_of, note: null })
  }
  for (const { id } of keys.filter((k) => k.kind === 'access').slice(0, NODES_MAX)) {
    const entry = await findAccess(db, subject, id)
    const purpose = entry && pack.purposes.get(entry.purpose)
    if (entry)
      titles.set(id, {
        title: purpose ? words(pack, locale, purpose.words) : entry.purpose,
        on: day(entry.at),
        note: null,
      })
  }
  return titles
}
