/** A stand-in for the program behind the pages: one synthetic mother, one officer, kept in memory. For tests and the preview. */
import { accepted, refused } from '../src/platform/refusal.ts'
import type { HearingAnswerView } from './citizen/hearing/views.ts'
import type { DeskServices } from './desk/views.ts'
import { council_ids, councilHome, publication, ruleForm, simulation } from './fixture/council.ts'
import { caseView, queue, refusedCase } from './fixture/desk.ts'
import { hearing } from './fixture/hearing.ts'
import { memory, whoLooked, why } from './fixture/knowledge.ts'
import { gone, gone_id } from './fixture/notice.ts'
import { id } from './fixture/pieces.ts'
import {
  decision,
  ids,
  inbox,
  journey,
  leftOut,
  obligation,
  proposal,
  questionView,
  undoing,
} from './fixture/views.ts'
import type { Services } from './views.ts'

/** What the stand-in remembers; tests read it to see what an action did, and count to see that it did so once. */
export type FixtureState = {
  accepted: boolean
  declined: boolean
  answered: boolean
  answer: number | null
  decided: boolean
  asked: boolean
  /** Something adverse was told, and what the person said to it. */
  intended: boolean
  heard: { readonly kind: HearingAnswerView['kind']; readonly text: string } | null
  /** A day on which nothing has happened yet. */
  empty: boolean
  keys: Set<string>
  acts: string[]
}

export const freshState = (): FixtureState => ({
  accepted: false,
  declined: false,
  answered: false,
  answer: null,
  decided: false,
  asked: false,
  intended: false,
  heard: null,
  empty: false,
  keys: new Set(),
  acts: [],
})

/** Services over that memory. */
export function fixtureServices(state: FixtureState = freshState()): Services {
  const act = (name: string, key: string, change: () => void) => {
    if (state.keys.has(key)) return
    state.keys.add(key)
    state.acts.push(name)
    change()
  }
  const proposalState = () => (state.accepted ? 'accepted' : state.declined ? 'declined' : 'open')
  const journeyOf = (l: Parameters<typeof journey>[0], wanted: string) =>
    wanted === ids.journey
      ? journey(l, state.answered)
      : wanted === id(31)
        ? undoing(l)
        : wanted === id(32)
          ? leftOut(l)
          : null
  return {
    inbox: async ({ locale }) => inbox(locale, state),
    proposal: async ({ locale }, wanted) =>
      wanted === ids.proposal
        ? proposal(locale, proposalState())
        : wanted === ids.obligation
          ? obligation(locale, state.accepted ? 'accepted' : 'open')
          : wanted === gone_id
            ? gone(locale, obligation(locale, 'withdrawn'))
            : null,
    async accept(_asker, _id, form) {
      if (state.declined) return refused({ code: 'already_answered', message: 'It was declined before.' })
      act('accept', form.answer_key, () => {
        state.accepted = true
      })
      return accepted({ journey: ids.journey })
    },
    async decline(_asker, _id, form) {
      if (state.accepted) return refused({ code: 'already_answered', message: 'It was accepted before.' })
      act('decline', form.answer_key, () => {
        state.declined = true
      })
      return accepted(null)
    },
    journey: async ({ locale }, wanted) => journeyOf(locale, wanted),
    async claim(_asker, _journey, form) {
      act(`claim ${form.step}`, form.answer_key, () => {})
      return accepted(null)
    },
    question: async ({ locale }, wanted) =>
      wanted === ids.question ? questionView(locale, state.answer) : null,
    async answer(_asker, _id, form) {
      act('answer', form.answer_key, () => {
        state.answered = true
        state.answer = Number(form.value)
      })
      return accepted({ journey: ids.journey })
    },
    hearing: async ({ locale }, wanted) => (wanted === ids.hearing ? hearing(locale, state.heard) : null),
    async hear(_asker, _id, form) {
      if (form.kind === 'statement' && form.text === '')
        return refused({ code: 'text_needed', message: 'Say something.' })
      act(`hear ${form.kind}`, form.answer_key, () => {
        state.heard = form
      })
      return accepted(null)
    },
    decision: async ({ locale }, wanted) =>
      wanted === ids.decision
        ? decision(locale, 'granted')
        : wanted === ids.refusal
          ? decision(locale, 'refused')
          : null,
    memory: async ({ locale }, at) => {
      const view = memory(locale, at)
      return state.empty ? { ...view, groups: [] } : view
    },
    whoLooked: async ({ locale }) =>
      state.empty ? { groups: [], other: [], own: [], older: null } : whoLooked(locale),
    async why({ locale }, kind, wanted) {
      const view = why(locale, { kind, id: wanted })
      return view.nodes.some((node) => node.kind === kind && node.id === wanted) ? view : null
    },
    ...deskServices(state, act),
    council,
    async change({ locale, viewer }, live) {
      if (viewer.kind === 'person') {
        if (live.screen === 'inbox') return inbox(locale, state).token
        return live.screen === 'journey' ? (journeyOf(locale, live.id)?.token ?? null) : null
      }
      if (live.screen === 'queue') return queue(locale, state.decided).token
      return live.screen === 'case' && live.id === ids.case ? caseView(locale, state).token : null
    },
  }
}

const council: Services['council'] = {
  home: async ({ locale }, filter) => councilHome(locale, filter),
  rule: async ({ locale }, rule) => (rule === council_ids.rule ? ruleForm(locale) : null),
  ask: async () => accepted({ id: council_ids.simulation }),
  simulation: async ({ locale }, wanted) => (wanted === council_ids.simulation ? simulation(locale) : null),
  publish: async () => accepted({ id: council_ids.publication }),
  publication: async ({ locale }, wanted) =>
    wanted === council_ids.publication ? publication(locale) : null,
  steer: async () => accepted(null),
}

type Act = (name: string, key: string, change: () => void) => void

const deskServices = (state: FixtureState, act: Act): DeskServices => ({
  queue: async ({ locale }) => {
    const view = queue(locale, state.decided)
    return state.empty ? { ...view, cases: [], tasks: [] } : view
  },
  case: async ({ locale }, wanted) =>
    wanted === ids.case
      ? caseView(locale, state)
      : wanted === ids.refused_case
        ? refusedCase(locale, state)
        : null,
  async saveDraft(_asker, _id, form) {
    if (form.version !== 1) return refused({ code: 'draft_changed', message: 'The draft has changed.' })
    state.acts.push(`save ${JSON.stringify(form.reasons)}`)
    return accepted(null)
  },
  async intend(_asker, _id, form) {
    if (form.version !== 1) return refused({ code: 'draft_changed', message: 'The draft has changed.' })
    if (form.reasons === '') return refused({ code: 'reasons_needed', message: 'Reasons are needed.' })
    if (form.to_fix === '')
      return refused({ code: 'what_to_fix_needed', message: 'Say what can be put right.' })
    act('intend', form.answer_key, () => {
      state.intended = true
    })
    return accepted(null)
  },
  async finalise(_asker, _id, form) {
    if (form.version !== 1) return refused({ code: 'draft_changed', message: 'The draft has changed.' })
    if (form.outcome === 'refused' && !state.heard)
      return refused({ code: 'hearing_needed', message: 'The person has not been heard.' })
    act(form.outcome, form.answer_key, () => {
      state.decided = true
    })
    return accepted({ decision: ids.decision })
  },
  async ask(_asker, _id, form) {
    act('ask', form.answer_key, () => {
      state.asked = true
    })
    return accepted(null)
  },
  async retryTask(_asker, _id, form) {
    act('retry', form.answer_key, () => {})
    return accepted(null)
  },
  async finishTask(_asker, _id, form) {
    act(`finish ${form.reference}`, form.answer_key, () => {})
    return accepted(null)
  },
})
