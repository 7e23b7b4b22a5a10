/** The council's first page: rules by area, those first that the reader's agency answers for, and what was done lately. */
import {
  getPublication,
  latestSimulations,
  listPublications,
  type PublicationRow,
  publisherOf,
} from '../../src/council/council.ts'
import { type LocaleCode, type Pack, ruleArea } from '../../src/packs/packs.ts'
import type { CouncilHome, RuleFilter, RuleGroup } from '../council/views.ts'
import type { OfficerAsker } from '../views.ts'
import { agencyView, type LiveContext, words } from './context.ts'
import { publicationCard, simulationCard } from './council-cards.ts'

export async function homeView(
  live: LiveContext,
  { locale, viewer }: OfficerAsker,
  filter: RuleFilter,
): Promise<CouncilHome> {
  const { pack, council } = live
  const rules = rulesOf(pack, locale)
  const wanted = rules.filter(
    (rule) => (filter.area === null || rule.area === filter.area) && fits(rule, filter.words),
  )
  const publications = await Promise.all(
    (await listPublications(live.db)).map(async (row: PublicationRow) => ({
      ...publicationCard(pack, locale, row),
      state: (await getPublication(live.db, row.id))?.run?.state ?? ('done' as const),
    })),
  )
  return {
    filter,
    count: rules.length,
    found: wanted.length,
    areas: (pack.council?.areas ?? []).map(({ id, words: key }) => ({
      id,
      title: words(pack, locale, key),
      count: rules.filter((r) => r.area === id).length,
    })),
    groups: groupsOf(pack, locale, viewer.agency, wanted),
    simulations: (await latestSimulations(council)).map((s) => simulationCard(pack, locale, s)),
    publications,
  }
}

type Named = RuleGroup['rules'][number] & { readonly area: string; readonly publisher: string | null }

const rulesOf = (pack: Pack, locale: LocaleCode): Named[] =>
  [...pack.rules.values()]
    .map(
      ({ source }): Named => ({
        id: source.id,
        title: words(pack, locale, source.text.title),
        status: source.status === 'published' ? 'published' : 'working',
        area: ruleArea(source.id),
        publisher: publisherOf(pack, source.id)?.agency ?? null,
        answers: null,
      }),
    )
    .sort((a, b) => a.title.localeCompare(b.title, locale))

/** Every word of the question stands in the rule's name or its id, whichever apostrophe it is written with. */
function fits({ id, title }: Named, question: string): boolean {
  const text = fold(`${title} ${id}`)
  return fold(question)
    .split(/\s+/)
    .every((word) => text.includes(word))
}

const fold = (text: string): string =>
  text.toLowerCase().replace(/[\u02bb\u02bc'\u2018\u2019`\u00b4\u2032]/g, '')

/** In the pack's order, but what the reader's own agency answers for first. */
function groupsOf(pack: Pack, locale: LocaleCode, own: string, rules: readonly Named[]): RuleGroup[] {
  const groups = (pack.council?.areas ?? []).flatMap(({ id, words: key }): RuleGroup[] => {
    const mine = rules.filter((rule) => rule.area === id)
    if (mine.length === 0) return []
    const answers = pack.council!.publishers.find((p) => p.areas.includes(id))?.agency ?? null
    const name = (agency: string | null) =>
      agency === null || agency === answers ? null : agencyView(pack, locale, agency).name
    return [
      {
        id,
        title: words(pack, locale, key),
        is_own: answers === own,
        answers: answers === null ? null : agencyView(pack, locale, answers).name,
        rules: mine.map((rule) => ({
          id: rule.id,
          title: rule.title,
          status: rule.status,
          answers: name(rule.publisher),
        })),
      },
    ]
  })
  return [...groups.filter((g) => g.is_own), ...groups.filter((g) => !g.is_own)]
}
