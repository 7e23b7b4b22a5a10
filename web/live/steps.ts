/** The steps of a route as a person sees them: what each would do, of whom it tells, what it would bring. */
import type { StoredDetermination } from '../../src/determinations/determinations.ts'
import type { LocaleCode, RouteStep } from '../../src/packs/packs.ts'
import type { StepView } from '../views.ts'
import { say } from '../words/words.ts'
import { agencyView, citationView, everyOf, type LiveContext, words } from './context.ts'

/** Whom a step is for: what the rules say of the reader, the item the route speaks of, and its name. */
export type ForWhom = {
  readonly standing: readonly StoredDetermination[]
  readonly item: string
  readonly about: string | null
}

export function stepView(
  live: LiveContext,
  locale: LocaleCode,
  step: RouteStep,
  { standing, item, about }: ForWhom,
): StepView {
  const { pack } = live
  const rule = step.rule === undefined ? undefined : pack.rules.get(step.rule)
  const said =
    rule && standing.find((d) => d.rule_id === rule.source.id && d.item === (rule.source.per ? item : ''))
  return {
    id: step.id,
    title: words(pack, locale, step.words),
    agency: agencyView(pack, locale, step.agency),
    kind: step.kind,
    after: step.after,
    days: step.days,
    sends: sendsOf(live, locale, step, about),
    amount: said?.outcome === 'applies' ? said.amount : null,
    every: everyOf(live, locale, rule),
    citation: citationView(pack, locale, step.legal),
    expected: !rule
      ? true
      : said?.outcome === 'applies'
        ? true
        : said && said.outcome !== 'does_not_apply'
          ? 'unknown'
          : false,
  }
}

/** What a step tells its agency: of the reader, and of whom the route is about. */
function sendsOf(
  live: LiveContext,
  locale: LocaleCode,
  step: RouteStep,
  about: string | null,
): StepView['sends'] {
  const { pack } = live
  const whose = [
    ['subject', say(locale, 'sends.you')],
    ['about', about ?? say(locale, 'sends.other')],
  ] as const
  return whose.flatMap(([who, of]) => {
    const names = step.send.flatMap((sent) =>
      sent.startsWith(`${who}.`) ? [sent.slice(who.length + 1)] : [],
    )
    const what = names.map((name) => {
      const predicate = pack.vocabulary.get(name)
      return words(pack, locale, predicate ? predicate.words : `identifier.${name}`)
    })
    return what.length === 0 ? [] : [{ of, what }]
  })
}
