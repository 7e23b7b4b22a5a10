/** A stand-in for the program behind the pages: one synthetic mother, one officer, kept in memory. For tests and the preview. */
import { accepted, refused } from '../src/platform/refusal.ts'
import { caseView, queue } from './fixture/desk.ts'
import { memory, whoLooked, why } from './fixture/knowledge.ts'
import { id } from './fixture/pieces.ts'
import { decision, ids, inbox, journey, proposal, questionView, undoing } from './fixture/views.ts'
import type { Services } from './views.ts'

/** What the stand-in remembers; tests read it to see what an action did, and count to see that it did so once. */
export type FixtureState = {
  accepted: boolean
  declined: boolean
  answered: boolean
  answer: number | null
  decided: boolean
  asked: boolean
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
    wanted === ids.journey ? journey(l, state.answered) : wanted === id(31) ? undoing(l) : null
  return {
    inbox: async ({ locale }) => inbox(locale, state),
    proposal: async ({ locale }, wanted) =>
      wanted === ids.proposal ? proposal(locale, proposalState()) : null,
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
    question: async ({ locale }, wanted) =>
      wanted === ids.question ? questionView(locale, state.answer) : null,
    async answer(_asker, _id, form) {
      act('answer', form.answer_key, () => {
        state.answered = true
        state.answer = Number(form.value)
      })
      return accepted({ journey: ids.journey })
    },
    decision: async ({ locale }, wanted) =>
      wanted === ids.decision
        ? decision(locale, 'granted')
        : wanted === ids.refusal
          ? decision(locale, 'refused')
          : null,
    memory: async ({ locale }, at) => memory(locale, at),
    whoLooked: async ({ locale }) => whoLooked(locale),
    async why({ locale }, kind, wanted) {
      const view = why(locale, { kind, id: wanted })
      return view.nodes.some((node) => node.kind === kind && node.id === wanted) ? view : null
    },
    ...deskServices(state, act),
    council: noCouncil,
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

const nothing = () => Promise.resolve(null)
const notHere = () =>
  Promise.resolve(refused({ code: 'not_a_publisher', message: 'This agency publishes no law.' }))
/** The synthetic officer belongs to no publisher. */
const noCouncil: Services['council'] = {
  home: nothing,
  rule: nothing,
  ask: notHere,
  simulation: nothing,
  publish: notHere,
  publication: nothing,
  steer: notHere,
}

type Act = (name: string, key: string, change: () => void) => void

const deskServices = (
  state: FixtureState,
  act: Act,
): Pick<Services, 'queue' | 'case' | 'saveDraft' | 'finalise' | 'ask' | 'retryTask' | 'finishTask'> => ({
  queue: async ({ locale }) => queue(locale, state.decided),
  case: async ({ locale }, wanted) => (wanted === ids.case ? caseView(locale, state) : null),
  async saveDraft(_asker, _id, form) {
    if (form.version !== 1) return refused({ code: 'stale', message: 'The draft has changed.' })
    state.acts.push(`save ${JSON.stringify(form.reasons)}`)
    return accepted(null)
  },
  async finalise(_asker, _id, form) {
    if (form.version !== 1) return refused({ code: 'stale', message: 'The draft has changed.' })
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
