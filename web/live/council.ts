/** What the council's pages show, from its station: simulations, publications and what follows from them. */
import {
  askSimulation,
  type CouncilContext,
  getPublication,
  getSimulation,
  isOfPublisher,
  mayPropose,
  mayPublish,
  mayPublishProposed,
  type PublicationRow,
  type PublicationRunRow,
  publish,
  type Simulation,
  type SimulationReport,
  type SimulationRequest,
  steerRun,
} from '../../src/council/council.ts'
import type { Band, LocaleCode, Pack } from '../../src/packs/packs.ts'
import { isUuid } from '../../src/platform/ids.ts'
import { accepted } from '../../src/platform/refusal.ts'
import { countLawNotices } from '../../src/proposals/proposals.ts'
import type { Citation, Rule } from '../../src/rules/rules.ts'
import type {
  BandView,
  CountKey,
  DayView,
  PublicationView,
  RuleForm,
  SimulationView,
} from '../council/views.ts'
import type { CouncilPages, OfficerAsker, Text } from '../views.ts'
import { citationView, hasWords, type LiveContext, todayOf, token, words } from './context.ts'
import { changesOf, paramLabel, paramValue, publicationCard, simulationCard } from './council-cards.ts'
import { homeView } from './council-home.ts'
import { barOf, officerOf } from './council-rights.ts'

/** Every page is null for whoever is no civil servant of a publisher: it is not there for them. */
export function councilPages(live: LiveContext): CouncilPages {
  const { council } = live
  const allowed = (asker: OfficerAsker) => isOfPublisher(live.pack, officerOf(asker))
  return {
    home: async (asker, filter) => (allowed(asker) ? homeView(live, asker, filter) : null),
    rule: async (asker, id) => {
      const rule = live.pack.rules.get(id)
      return allowed(asker) && rule ? ruleForm(live, asker, rule) : null
    },
    ask: (asker, rule, form) => askSimulation(council, requestOf(live.pack, rule, form), officerOf(asker)),
    simulation: async (asker, id) => (allowed(asker) ? simulationView(live, asker, id) : null),
    publish: async (asker, id) => {
      const done = await publish(council, { simulation: id, officer: officerOf(asker) })
      return done.ok ? accepted({ id: done.value.publication.id }) : done
    },
    publication: async (asker, id) => (allowed(asker) ? publicationView(live, asker, id) : null),
    steer: (asker, id, to) => steerRun(council, { publication: id, to, officer: officerOf(asker) }),
  }
}

/** The change token of a page of the council, or null. */
export async function councilToken(
  live: LiveContext,
  asker: OfficerAsker,
  of: { readonly screen: 'simulation' | 'publication'; readonly id: string },
): Promise<string | null> {
  if (!isOfPublisher(live.pack, officerOf(asker)) || !isUuid(of.id)) return null
  if (of.screen === 'publication') {
    const found = await getPublication(live.db, of.id)
    return found && runToken(found.run)
  }
  const found = await getSimulation(live.council, of.id)
  return found && simulationToken(live.council, found)
}

// ── Asking ──────────────────────────────────────────────────────────────────────────────────────────────────

function ruleForm(live: LiveContext, asker: OfficerAsker, { source }: Rule): RuleForm {
  const { pack } = live
  const { locale } = asker
  const allowed = mayPropose(pack, officerOf(asker), source.id)
  const acts = new Map<string, Citation>()
  const cited = [
    ...source.legal,
    ...Object.values(source.params).flatMap((p) => p.values.flatMap((v) => v.legal ?? [])),
  ]
  for (const citation of cited) if (!acts.has(citation.act)) acts.set(citation.act, citation)
  return {
    id: source.id,
    title: words(pack, locale, source.text.title),
    summary: words(pack, locale, source.text.summary),
    version: source.version,
    status: source.status === 'published' ? 'published' : 'working',
    today: todayOf(live),
    bar: barOf(pack, locale, { what: 'propose', rule: source.id, allowed }),
    params: Object.entries(source.params).map(([name, { type, unit, values }]) => ({
      name,
      label: paramLabel(pack, locale, source.id, name),
      unit: unit ?? null,
      values: values.map((v) => ({
        value: paramValue(pack, locale, type, v.value, name),
        from: v.from,
        confidence: v.confidence,
      })),
    })),
    acts: [...acts.values()].map(({ act, date }) => ({
      act,
      name: hasWords(pack, locale, `act.${act}`) ? words(pack, locale, `act.${act}`) : act,
      date: date ?? null,
    })),
  }
}

/** What was typed, as the rule would write it: spaces are for the eye, a comma may stand for the point. */
function requestOf(
  pack: Pack,
  rule: string,
  form: { readonly param: string; readonly value: string; readonly from: string; readonly act: string },
): SimulationRequest {
  const type = pack.rules.get(rule)?.source.params[form.param]?.type
  const plain = form.value.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.')
  const is_number = type?.kind === 'money' || type?.kind === 'integer' || type?.kind === 'decimal'
  const known = pack.rules.get(rule)?.source.legal.find((c) => c.act === form.act)
  return {
    rule,
    changes: [
      {
        param: form.param,
        value: !is_number ? form.value : /^-?\d{1,15}$/.test(plain) ? Number(plain) : plain,
        from: form.from,
        ...(form.act === ''
          ? {}
          : {
              legal: {
                act: form.act,
                ...(known?.date ? { date: known.date } : {}),
                ...(known?.url ? { url: known.url } : {}),
              },
            }),
      },
    ],
  }
}

// ── Reports ─────────────────────────────────────────────────────────────────────────────────────────────────

const COUNTS: readonly CountKey[] = ['gained', 'lost', 'asked', 'settled', 'still', 'before', 'after']

async function simulationView(
  live: LiveContext,
  asker: OfficerAsker,
  id: string,
): Promise<SimulationView | null> {
  const found = await getSimulation(live.council, id)
  if (!found) return null
  const { pack } = live
  const { locale } = asker
  const { report } = found
  return {
    ...simulationCard(pack, locale, found),
    done: found.rows_done,
    all: found.rows_all,
    problem: found.problem,
    report: report && {
      subjects: report.subjects,
      known_on: report.snapshot.day,
      smallest: report.smallest_group,
      days: report.days.map((d) => dayView(pack, locale, report.rule, d)),
      failing: report.examples.fail,
      hash: found.report_hash ?? '',
      article: citationView(pack, locale, found.request.changes?.[0]?.legal as Citation | undefined),
    },
    bar: barOf(pack, locale, {
      what: 'publish',
      rule: found.rule_id,
      allowed: mayPublishProposed(pack, officerOf(asker), found),
    }),
    publication: publicationOf(live.council, id),
    token: simulationToken(live.council, found),
  }
}

const publicationOf = (council: CouncilContext, simulation: string): string | null =>
  council.book.now().publications.find((p) => p.simulation === simulation)?.id ?? null

const simulationToken = (council: CouncilContext, s: Simulation): string =>
  token([s.state, s.rows_done, s.rows_all, publicationOf(council, s.id)])

function dayView(pack: Pack, locale: LocaleCode, rule: string, d: SimulationReport['days'][number]): DayView {
  const why = pack.rules.get(rule)?.source.text.why
  return {
    day: d.day,
    reason: d.reason,
    counts: COUNTS.map((key) => ({ key, count: d.counts[key] })).filter(
      ({ key, count }) => count !== 0 || ['gained', 'before', 'after'].includes(key),
    ),
    bands: d.bands.flatMap((band) => bandView(pack, locale, band) ?? []),
    misses: d.misses.map((m) => ({
      text: words(pack, locale, why?.[m.predicate] ?? m.predicate),
      source: m.text,
      before: m.before,
      after: m.after,
    })),
    cost: d.cost,
  }
}

function bandView(
  pack: Pack,
  locale: LocaleCode,
  { id, rows }: SimulationReport['days'][number]['bands'][number],
): BandView | null {
  const band = pack.council?.bands.find((b) => b.id === id)
  if (!band) return null
  return {
    id,
    title: words(pack, locale, band.words),
    rows: rows.map(({ value, below, ...counts }) => ({
      label: bandLabel(pack, locale, band, value, below),
      ...counts,
    })),
  }
}

function bandLabel(
  pack: Pack,
  locale: LocaleCode,
  band: Band,
  value: string | null,
  below: string | null,
): Text | null {
  if (value === null) return null
  if (band.by === 'code') return words(pack, locale, `${band.words}.${value}`)
  if (below === null) return `${value}+`
  return Number(below) - 1 === Number(value) ? value : `${value}–${Number(below) - 1}`
}

// ── Publications ────────────────────────────────────────────────────────────────────────────────────────────

/** The act a publication names. */
export const articleOf = (row: PublicationRow): Citation | undefined =>
  (JSON.parse(row.record) as { readonly article?: Citation }).article

async function publicationView(
  live: LiveContext,
  asker: OfficerAsker,
  id: string,
): Promise<PublicationView | null> {
  const found = await getPublication(live.db, id)
  if (!found) return null
  const { row, run } = found
  const { pack } = live
  const notices = await countLawNotices(live.db, id)
  const simulation = await getSimulation(live.council, row.simulation)
  return {
    ...publicationCard(pack, asker.locale, row),
    state: run?.state ?? 'done',
    changes: simulation?.report
      ? changesOf(pack, asker.locale, row.rule_id, simulation.report.differences)
      : [],
    article: citationView(pack, asker.locale, articleOf(row)),
    effects: row.effects,
    simulation: row.simulation,
    hash: row.record_hash,
    key: row.signature,
    run: {
      affected: run?.affected ?? 0,
      subjects: run?.subjects ?? 0,
      done: run?.done ?? 0,
      notices: notices.told,
      gone: notices.gone,
      changed: run?.changed ?? 0,
      kept: run?.kept ?? 0,
    },
    may_steer: mayPublish(pack, officerOf(asker), row.rule_id).ok,
    token: runToken(run),
  }
}

const runToken = (run: PublicationRunRow | null): string =>
  token(run && [run.state, run.affected, run.done, run.notices, run.changed, run.kept])
