/** What a person is asked: the question, why, and the field to answer in. */
import { type Question, questionTo } from '../../src/cases/cases.ts'
import type { LocaleCode } from '../../src/packs/packs.ts'
import { dateIn } from '../../src/platform/clock.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import { journeysOf } from '../../src/routes/routes.ts'
import type { Rule } from '../../src/rules/rules.ts'
import type { PersonAsker, QuestionCard, QuestionField, QuestionView } from '../views.ts'
import { agencyView, citationView, type LiveContext, predicateValue, words } from './context.ts'
import { openOwn } from './reading.ts'

export function questionCard(live: LiveContext, locale: LocaleCode, q: Question): QuestionCard {
  const predicate = live.pack.vocabulary.get(q.predicate)
  return {
    id: q.id,
    text: words(live.pack, locale, predicate?.ask ?? predicate?.words ?? q.predicate),
    due_on: null,
  }
}

export async function questionPage(
  live: LiveContext,
  asker: PersonAsker,
  id: string,
): Promise<QuestionView | null> {
  const subject = asker.viewer.subject as SubjectId
  const { locale } = asker
  const question = await questionTo(live.db, subject, id)
  const predicate = question && live.pack.vocabulary.get(question.predicate)
  if (!question || !predicate) return null
  const journeys = await journeysOf(live.db, subject)
  const running = journeys.find((j) => j.steps.some((s) => s.id === question.step_id))
  const step = running?.steps.find((s) => s.id === question.step_id)
  const declared =
    running && live.pack.routes.get(running.journey.route_id)?.steps.find((s) => s.id === step?.step)
  const rule: Rule | undefined = live.pack.rules.get(declared?.rule ?? '')
  const told =
    question.answered_at === null
      ? undefined
      : (await openOwn(live, subject, subject, { predicates: [question.predicate] }))[0]
  return {
    ...questionCard(live, locale, question),
    today: dateIn(live.engine.clock.now(), live.pack.zone),
    label: words(live.pack, locale, predicate.words),
    field: fieldOf(live, locale, predicate.type, predicate.words),
    asked_by: agencyView(live.pack, locale, declared?.agency ?? question.asked_by),
    purpose: words(live.pack, locale, rule?.source.text.summary ?? declared?.words ?? ''),
    citation: citationView(live.pack, locale, declared?.legal),
    journey: running?.journey.id ?? null,
    answer: told ? predicateValue(live.pack, locale, predicate, told.value) : null,
  }
}

function fieldOf(
  live: LiveContext,
  locale: LocaleCode,
  type: Rule['source']['params'][string]['type'],
  label: string,
): QuestionField {
  switch (type.kind) {
    case 'money':
    case 'integer':
    case 'date':
    case 'boolean':
      return { kind: type.kind }
    case 'code':
      return {
        kind: 'code',
        options: type.values.map((value) => ({
          value,
          label: words(live.pack, locale, `${label}.${value}`),
        })),
      }
    default:
      return { kind: 'text', max: 500 }
  }
}
