/** Proposals of one subject as the first page shows them: what is open, and what was noted and still stands. */
import { currentDeterminations, type StoredDetermination } from '../../src/determinations/determinations.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import { dateIn } from '../../src/platform/clock.ts'
import { isUuid, type SubjectId } from '../../src/platform/ids.ts'
import { listProposals, type Proposal } from '../../src/proposals/proposals.ts'
import { formatDate } from '../kit/format.ts'
import type { EventView, GoneView, NotedCard, ProposalCard, Text } from '../views.ts'
import { say } from '../words/words.ts'
import { agencyView, citationView, everyOf, type LiveContext, words } from './context.ts'
import { articleOf } from './council.ts'
import { type Side, textIn } from './mandates.ts'
import { eventViews, namesOf, openOwn } from './reading.ts'
import { stepView } from './steps.ts'

export const ruleTitle = (live: LiveContext, locale: LocaleCode, rule: string): string =>
  words(live.pack, locale, live.pack.rules.get(rule)?.source.text.title ?? rule)

/** The item of a list of related subjects is itself a subject: whom the rule speaks of. */
export function aboutOf(live: LiveContext, rule_id: string, item: string): SubjectId | null {
  const list = live.pack.rules.get(rule_id)?.source.per?.list
  return isUuid(item) && live.pack.vocabulary.get(list ?? '')?.relation !== undefined
    ? (item as SubjectId)
    : null
}

/** What the proposals of a side are about, by proposal: the organisation, a child by name, a car by its plate. */
export async function aboutTexts(
  live: LiveContext,
  side: Side,
  proposals: readonly Proposal[],
): Promise<Map<string, Text>> {
  const names = await namesOf(
    live,
    side.reader,
    proposals.map((p) => aboutOf(live, p.rule_id, p.item)),
  )
  const items = await itemTexts(live, side, proposals)
  return new Map(
    proposals.flatMap((p): [string, Text][] => {
      const of = names.get(aboutOf(live, p.rule_id, p.item) ?? '') ?? items.get(slotOf(live, p) ?? '')
      const text = [side.name, of].filter((part) => part !== null && part !== undefined).join(' · ')
      return text === '' ? [] : [[p.id, text]]
    }),
  )
}

/** The predicate and item a proposal speaks of, where that is a thing and no other subject. */
function slotOf(live: LiveContext, p: Proposal): string | null {
  const list = live.pack.rules.get(p.rule_id)?.source.per?.list
  return list === undefined || live.pack.vocabulary.get(list)?.relation !== undefined
    ? null
    : `${list} ${p.item}`
}

async function itemTexts(
  live: LiveContext,
  side: Side,
  proposals: readonly Proposal[],
): Promise<Map<string, Text>> {
  const slots = new Set(proposals.flatMap((p) => slotOf(live, p) ?? []))
  const predicates = [...new Set([...slots].map((slot) => slot.split(' ')[0]!))].filter((name) => {
    const type = live.pack.vocabulary.get(name)?.type
    return type?.kind === 'list' && Object.values(type.fields).some((of) => of.kind === 'string')
  })
  if (predicates.length === 0) return new Map()
  const facts = await openOwn(live, side.reader, side.subject, {
    predicates,
    ...(side.as ? { as: side.as } : {}),
  })
  return new Map(
    facts.flatMap((f): [string, Text][] => {
      const text = textIn(live.pack.vocabulary.get(f.predicate)!, f.value)
      return text === null ? [] : [[`${f.predicate} ${f.item}`, text]]
    }),
  )
}

/** What a proposal is shown with: what it is about, its events, and what the rules now say. */
export type Around = {
  readonly about: Text | null
  readonly events: ReadonlyMap<string, EventView>
  readonly standing: readonly StoredDetermination[]
}

export function proposalCard(
  live: LiveContext,
  locale: LocaleCode,
  p: Proposal,
  { about, events, standing }: Around,
): ProposalCard {
  const rule = live.pack.rules.get(p.rule_id)
  const route = p.route_id === null ? undefined : live.pack.routes.get(p.route_id)
  const steps = route
    ? route.steps.map((s) => stepView(live, locale, s, { standing, item: p.item, about }))
    : []
  const own = standing.find((d) => d.id === p.determination)
  const title = ruleTitle(live, locale, p.rule_id)
  const law = lawChange(live, locale, p)
  return {
    id: p.id,
    kind: p.kind,
    title: law?.title ?? title,
    summary: law?.summary ?? words(live.pack, locale, rule?.source.text.summary ?? ''),
    about,
    because: law?.because ?? events.get(p.event ?? '') ?? null,
    citation: law?.article ?? citationView(live.pack, locale, rule?.source.legal[0]),
    status: p.unconfirmed ? 'working' : 'published',
    // The day is part of what a notice says; nothing runs out on it.
    due_on: law ? null : p.due_on,
    gains: [
      ...(own?.amount && !law ? [{ title, amount: own.amount, every: everyOf(live, locale, rule) }] : []),
      ...steps.flatMap(({ title, amount, every }) => (amount === null ? [] : [{ title, amount, every }])),
    ],
    agencies: new Set(steps.filter((s) => s.expected !== false).map((s) => s.agency.code)).size,
  }
}

/** A notice that the law changed: what it means for the reader, from when, by which act. */
export function lawChange(live: LiveContext, locale: LocaleCode, p: Proposal) {
  const row = live.council.book.now().publications.find(({ id }) => id === p.publication)
  if (p.law_change === null || !row) return null
  const title = ruleTitle(live, locale, p.rule_id)
  const date = formatDate(locale, p.due_on ?? row.effective_on)
  const said = say(locale, `notice.law.${p.law_change}`, { title, date })
  return {
    title: say(locale, 'notice.law.title', { title }),
    // What no longer holds is quoted, never said again.
    summary: isGone(p) ? say(locale, 'notice.gone.said', { text: said }) : said,
    because: {
      id: row.id,
      title: say(locale, 'notice.law.because'),
      on: dateIn(row.published_at, live.pack.zone),
      agency: agencyView(live.pack, locale, row.agency),
    },
    article: citationView(live.pack, locale, articleOf(row)),
  }
}

const isGone = (p: Proposal): boolean =>
  p.law_change !== null && (p.state === 'withdrawn' || p.state === 'expired')

/** Why a notice of changed law holds no more; null of one that does, and of every other proposal. */
export function goneView(
  live: LiveContext,
  locale: LocaleCode,
  p: Proposal,
  { about, events }: Pick<Around, 'about' | 'events'>,
): GoneView | null {
  if (!isGone(p)) return null
  return {
    id: p.id,
    title: lawChange(live, locale, p)?.title ?? ruleTitle(live, locale, p.rule_id),
    about,
    why: p.closed_because !== null ? 'facts' : p.replaced_by !== null ? 'law' : 'time',
    because: events.get(p.closed_because ?? '') ?? null,
    on: dateIn(p.updated_at, live.pack.zone),
    newer: p.replaced_by,
  }
}

/** Notices that no longer hold, shown beside what does; the newest of them. */
const GONE_MAX = 5

/** Accepted without a route, and not done yet: the rule still applies, so its day is kept before the reader's eyes. */
const isNoted = (p: Proposal, standing: readonly StoredDetermination[]): boolean =>
  p.state === 'accepted' &&
  p.route_id === null &&
  p.kind !== 'notice' &&
  standing.some(
    (d) => d.rule_id === p.rule_id && d.item === p.item && d.outcome === 'applies' && d.due_on === p.due_on,
  )

/** The open and the noted proposals of one side and what no longer holds of what it was told, newest first. */
export async function offersOf(
  live: LiveContext,
  locale: LocaleCode,
  side: Side,
): Promise<{
  readonly open: readonly ProposalCard[]
  readonly noted: readonly NotedCard[]
  readonly gone: readonly GoneView[]
}> {
  const [found, standing] = await Promise.all([
    listProposals(live.db, side.subject, ['open', 'accepted', 'withdrawn', 'expired']),
    currentDeterminations(live.db, side.subject),
  ])
  const open = found.filter((p) => p.state === 'open')
  const noted = found.filter((p) => isNoted(p, standing))
  const gone = found.filter(isGone).slice(0, GONE_MAX)
  const abouts = await aboutTexts(live, side, [...open, ...noted, ...gone])
  const events = await eventViews(
    live,
    locale,
    [...open, ...gone].flatMap((p) => [p.event, p.closed_because]),
  )
  const about = (p: Proposal) => abouts.get(p.id) ?? null
  return {
    open: open.map((p) => proposalCard(live, locale, p, { about: about(p), events, standing })),
    noted: noted.map((p) => ({
      id: p.id,
      title: ruleTitle(live, locale, p.rule_id),
      about: about(p),
      due_on: p.due_on,
    })),
    gone: gone.flatMap((p) => goneView(live, locale, p, { about: about(p), events }) ?? []),
  }
}
