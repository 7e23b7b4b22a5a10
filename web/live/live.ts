/**
 * The live pages: every service of `web/views.ts` over the program's stations.
 * What a service may show is decided by whose it is: a row that is not the asker's is not found.
 */
import { getCase, listCases, questionsTo, reasonsIn, standingDraft } from '../../src/cases/cases.ts'
import { answerProposal, declare } from '../../src/flow.ts'
import type { Signed } from '../../src/identity/identity.ts'
import {
  answerIntended,
  answerQuestion,
  claimLeftOut,
  officerAsks,
  officerEdits,
  officerFinalises,
  officerFinishes,
  officerIntends,
  officerRetries,
} from '../../src/journey-flow.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import { accepted, type Outcome, refused } from '../../src/platform/refusal.ts'
import { journeyView } from '../../src/routes/routes.ts'
import type { DeskServices } from '../desk/views.ts'
import type { OfficerAsker, PersonAsker, Services } from '../views.ts'
import { inboxToken, inboxView, proposalView } from './citizen.ts'
import type { LiveContext } from './context.ts'
import { councilPages, councilToken } from './council.ts'
import { decisionPage } from './decision.ts'
import { casePage, caseTokenFor, personLocale, queueToken, queueView } from './desk.ts'
import { hearingPage } from './hearing.ts'
import { journeyPage, journeyToken } from './journey.ts'
import { memoryPage, whoLookedPage, whyPage } from './knowledge.ts'
import { findWithin } from './mandates.ts'
import { questionPage } from './question.ts'

export { currencyOf, type LiveContext } from './context.ts'

const subjectOf = (asker: PersonAsker): SubjectId => asker.viewer.subject as SubjectId

export function liveServices(live: LiveContext): Services {
  return {
    inbox: (asker) => inboxView(live, asker),
    proposal: (asker, id) => proposalView(live, asker, id),
    accept: async (asker, id, form) => {
      const signed = form.signed ? { signed: form.signed } : {}
      const done = await answer(live, asker, { id, answer: 'accept', key: form.answer_key, ...signed })
      return done.ok ? accepted({ journey: done.value.journey_id }) : done
    },
    decline: async (asker, id, form) => {
      const done = await answer(live, asker, { id, answer: 'decline', key: form.answer_key })
      return done.ok ? accepted(null) : done
    },
    journey: (asker, id) => journeyPage(live, asker, id),
    claim: async (asker, journey_id, form) => {
      const claim = { subject: subjectOf(asker), journey_id, step: form.step }
      const done = await claimLeftOut(live.journeys, claim)
      return done.ok ? accepted(null) : done
    },
    question: (asker, id) => questionPage(live, asker, id),
    answer: async (asker, id, form) => {
      const subject = subjectOf(asker)
      const done = await answerQuestion(
        live.journeys,
        { subject, question_id: id, value: form.value },
        (tx, given) => declare(live.engine, tx, given),
      )
      if (!done.ok) return done
      const page = await questionPage(live, asker, id)
      return accepted({ journey: page?.journey ?? null })
    },
    hearing: (asker, id) => hearingPage(live, asker, id),
    hear: async (asker, id, form) => {
      const { kind, text, wrong_facts } = form
      const answer = { kind, text, wrong_facts }
      const done = await answerIntended(live.journeys, { subject: subjectOf(asker), id, answer })
      return done.ok ? accepted(null) : done
    },
    decision: (asker, id) => decisionPage(live, asker, id),
    memory: (asker, at) => memoryPage(live, asker, at),
    whoLooked: (asker, page) => whoLookedPage(live, asker, page.older),
    // A civil servant sees the grounds of a case on the case itself; the graph of a person is the person's.
    why: async (asker, kind, id) =>
      asker.viewer.kind === 'person'
        ? whyPage(live, asker.locale, asker.viewer.subject as SubjectId, { kind, id })
        : null,
    ...deskServices(live),
    council: councilPages(live),
    change: async (asker, wanted) => {
      if (asker.viewer.kind === 'person') {
        const subject = asker.viewer.subject as SubjectId
        if (wanted.screen === 'inbox') return inboxToken(live, subject)
        if (wanted.screen !== 'journey') return null
        const running = await journeyView(live.db, subject, wanted.id)
        return running && journeyToken(running, await questionsTo(live.db, subject))
      }
      const officer = { viewer: asker.viewer, locale: asker.locale }
      if (wanted.screen === 'simulation' || wanted.screen === 'publication')
        return councilToken(live, officer, wanted)
      if (wanted.screen === 'queue')
        return queueToken(live, (await listCases(live.db, asker.viewer.agency, 100)).cases)
      return wanted.screen === 'case' ? caseTokenFor(live, officer, wanted.id) : null
    },
  }
}

/** Whoever heads an organisation answers for it, in their own name. */
async function answer(
  live: LiveContext,
  asker: PersonAsker,
  given: {
    readonly id: string
    readonly answer: 'accept' | 'decline'
    readonly key: string
    readonly signed?: Signed
  },
): ReturnType<typeof answerProposal> {
  const found = await findWithin(live, asker, given.id)
  return answerProposal(live.engine, live.journeys, {
    ...given,
    subject: found?.side.subject ?? subjectOf(asker),
    by: asker.viewer.subject,
  })
}

const officerOf = (asker: OfficerAsker) => ({
  number: asker.viewer.pseudonym,
  name: asker.viewer.name,
  agency: asker.viewer.agency,
})

function deskServices(live: LiveContext): DeskServices {
  /** The hash of the draft a form was made from; a newer draft makes the form stale. */
  const hashOf = async (asker: OfficerAsker, id: string, version: number): Promise<Outcome<string>> => {
    const found = await getCase(live.db, asker.viewer.agency, id)
    const standing = found && (await standingDraft(live.db, found))
    if (!standing) return refused({ code: 'not_found', message: 'There is no such case.' })
    return standing.version === version
      ? accepted(standing.hash)
      : refused({ code: 'draft_changed', message: 'The draft has changed since this page was opened.' })
  }
  return {
    queue: (asker) => queueView(live, asker),
    case: (asker, id) => casePage(live, asker, id),
    saveDraft: async (asker, id, form) => {
      const hash = await hashOf(asker, id, form.version)
      if (!hash.ok) return hash
      const done = await officerEdits(live.journeys, {
        case_id: id,
        officer: officerOf(asker),
        draft_hash: hash.value,
        reasons: form.reasons,
      })
      return done.ok ? accepted(null) : done
    },
    intend: async (asker, id, form) => {
      const found = await getCase(live.db, asker.viewer.agency, id)
      const standing = found && (await standingDraft(live.db, found))
      const hash = await hashOf(asker, id, form.version)
      if (!hash.ok) return hash
      if (!found) return refused({ code: 'not_found', message: 'There is no such case.' })
      const locale = await personLocale(live, found.subject_id)
      // The draft's own words stand in every language; the civil servant's only in the one they wrote in.
      const is_own = standing !== null && form.reasons !== reasonsIn(standing.draft, locale)
      const done = await officerIntends(live.journeys, {
        case_id: id,
        officer: officerOf(asker),
        intended: form.intended,
        draft_hash: hash.value,
        person_locale: locale,
        ...(is_own ? { reasons: { [locale]: form.reasons } } : {}),
        ...(form.to_fix === '' ? {} : { to_fix: { [locale]: form.to_fix } }),
      })
      return done.ok ? accepted(null) : done
    },
    finalise: async (asker, id, form) => {
      const hash = await hashOf(asker, id, form.version)
      if (!hash.ok) return hash
      const found = await getCase(live.db, asker.viewer.agency, id)
      if (!found) return refused({ code: 'not_found', message: 'There is no such case.' })
      const locale = await personLocale(live, found.subject_id)
      const decision = {
        case_id: id,
        officer: officerOf(asker),
        outcome: form.outcome,
        draft_hash: hash.value,
        person_locale: locale,
        ...(form.considered ? { considered: { [locale]: form.considered } } : {}),
      }
      const done = await officerFinalises(live.journeys, decision, form.signed)
      return done.ok ? accepted({ decision: id }) : done
    },
    ask: (asker, id, form) =>
      officerAsks(live.journeys, { case_id: id, predicate: form.predicate, officer: officerOf(asker) }),
    retryTask: (asker, id) => officerRetries(live.journeys, { case_id: id, officer: officerOf(asker) }),
    finishTask: (asker, id, form) =>
      officerFinishes(live.journeys, {
        case_id: id,
        officer: officerOf(asker),
        reference: form.reference,
        note: form.reference,
      }),
  }
}
