/** Memory as a person opens it: through the gate, so that every page that shows facts leaves an access entry. */
import { openMemory } from '../../src/consent/consent.ts'
import { findEvents } from '../../src/events/events.ts'
import { type Assertion, chooseFacts } from '../../src/memory/memory.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import { type DateText, dateIn } from '../../src/platform/clock.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import type { EventView, FactView } from '../views.ts'
import { say } from '../words/words.ts'
import { agencyView, type LiveContext, predicateValue, words } from './context.ts'

export type OpenOptions = {
  readonly predicates: readonly string[]
  readonly journey_id?: string | null
  readonly valid_on?: DateText
  readonly known_at?: Date
}

/**
 * What holds of a subject, opened by a person for themselves or as their child's parent; empty when the gate refuses,
 * e.g. because a retracted birth left nobody who says they are the parent.
 */
export async function openOwn(
  live: LiveContext,
  reader: SubjectId,
  subject: SubjectId,
  options: OpenOptions,
): Promise<Assertion[]> {
  const { engine, pack } = live
  const parent = [...pack.vocabulary.values()].find((p) => p.relation === 'parent')?.name
  const opened = await openMemory(
    live.gate,
    { clock: engine.clock, ids: engine.ids, zone: pack.zone },
    {
      subject,
      actor_kind: 'person',
      actor: reader,
      ...(reader === subject || parent === undefined ? {} : { actor_role: 'parent', via: parent }),
      purpose: live.own_purpose,
      predicates: options.predicates,
      ...(options.journey_id ? { journey_id: options.journey_id } : {}),
      channel: 'web',
      automated: false,
      ...(options.valid_on ? { valid_on: options.valid_on } : {}),
      ...(options.known_at ? { known_at: options.known_at } : {}),
    },
  )
  if (!opened.ok) return []
  return chooseFacts(pack, opened.value.facts, options.valid_on ?? dateIn(engine.clock.now(), pack.zone))
}

/** What somebody is called, or null when nobody told. */
export async function nameOf(
  live: LiveContext,
  reader: SubjectId,
  subject: SubjectId | null,
  journey_id?: string | null,
): Promise<string | null> {
  if (subject === null) return null
  const predicate = live.journeys.name_predicate
  const [fact] = await openOwn(live, reader, subject, {
    predicates: [predicate],
    journey_id: journey_id ?? null,
  })
  return fact && fact.state === 'known' ? String(fact.value) : null
}

/** What several subjects are called; those without a name are left out. */
export async function namesOf(
  live: LiveContext,
  reader: SubjectId,
  subjects: readonly (SubjectId | null)[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for (const subject of new Set(subjects)) {
    const name = await nameOf(live, reader, subject)
    if (subject !== null && name !== null) names.set(subject, name)
  }
  return names
}

/** What happened, in words; what is no registry's event is the person's own answer. */
export function eventTitle(
  live: LiveContext,
  locale: LocaleCode,
  event: { readonly type: string; readonly cancel_kind: 'correct' | 'retract' | null },
): string {
  const declared = live.pack.events.get(event.type)
  const title = declared ? words(live.pack, locale, declared.words) : say(locale, 'memory.own_answer')
  return event.cancel_kind === null ? title : say(locale, `event.${event.cancel_kind}`, { event: title })
}

/** Events by id, as pages name them. */
export async function eventViews(
  live: LiveContext,
  locale: LocaleCode,
  ids: readonly (string | null)[],
): Promise<Map<string, EventView>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))]
  const views = new Map<string, EventView>()
  if (wanted.length === 0) return views
  for (const event of await findEvents(live.db, wanted)) {
    views.set(event.id, {
      id: event.id,
      title: eventTitle(live, locale, event),
      on: dateIn(event.occurred_at, live.pack.zone),
      agency: agencyView(live.pack, locale, event.agency),
      retracted: !event.effective,
    })
  }
  return views
}

/** Facts as pages show them, with the event that told each. */
export async function factViews(
  live: LiveContext,
  locale: LocaleCode,
  facts: readonly Assertion[],
  of: ReadonlyMap<string, string> = new Map(),
): Promise<FactView[]> {
  const { pack } = live
  const events = await eventViews(
    live,
    locale,
    facts.map((f) => f.event),
  )
  return facts.map((f): FactView => {
    const predicate = pack.vocabulary.get(f.predicate)
    const who = of.get(f.id)
    return {
      id: f.id,
      predicate: f.predicate,
      label: words(pack, locale, predicate?.words ?? f.predicate),
      value:
        f.state === 'absent' || !predicate
          ? { kind: 'absent' }
          : predicateValue(pack, locale, predicate, f.value),
      source: agencyView(pack, locale, f.source),
      valid_from: f.valid_from,
      valid_to: f.valid_to,
      observed_on: dateIn(f.observed_at, pack.zone),
      recorded_at: f.recorded_at.toISOString(),
      because: events.get(f.event) ?? null,
      ...(who === undefined ? {} : { of: who }),
    }
  })
}
