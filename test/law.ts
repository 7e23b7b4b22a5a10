/** A world in which law is changed: questions answered at once, publications followed through without waiting. */
import assert from 'node:assert/strict'
import {
  askSimulation,
  type CouncilContext,
  type CouncilOfficer,
  continuePublications,
  councilJobs,
  getSimulation,
  type PublicationRow,
  publish,
  type Simulation,
  type SimulationRequest,
} from '../src/council/council.ts'
import { redetermineWith } from '../src/council-flow.ts'
import { openWorld, type World } from './world.ts'

export const RULE = 'uz.social.child-benefit'
export const head: CouncilOfficer = { number: 'IHMA-002', name: 'Rahbar', agency: 'ihma', role: 'head' }
export const author: CouncilOfficer = { ...head, number: 'IHMA-003', name: 'Muallif', role: 'author' }

export type LawWorld = World & {
  simulate(request: SimulationRequest): Promise<Simulation>
  /** Simulated by the author, published by the head. */
  publish(request: SimulationRequest): Promise<PublicationRow>
  /** One piece of what follows. @returns how many subjects */
  work(): Promise<number>
  /** All of it. */
  finish(): Promise<void>
}

export async function openLawWorld(start?: string): Promise<LawWorld> {
  const world = await openWorld(start)
  let queue = Date.now()
  const council: CouncilContext = {
    ...world.council,
    // A queue's clock that runs a second each time it is looked at: the rate never makes a test wait.
    queue_clock: {
      now: () => {
        queue += 1000
        return new Date(queue)
      },
    },
  }
  const simulate = async (request: SimulationRequest) => {
    const asked = await askSimulation(council, request, author)
    assert.ok(asked.ok, JSON.stringify(asked))
    await councilJobs(council)['council.simulate']!({ id: asked.value.id }, 1)
    const found = await getSimulation(council, asked.value.id)
    assert.equal(found?.state, 'done', found?.problem ?? '')
    return found!
  }
  const work = () => continuePublications(council, redetermineWith(world.engine))
  return {
    ...world,
    council,
    simulate,
    publish: async (request) => {
      const { id } = await simulate(request)
      const done = await publish(council, { simulation: id, officer: head })
      assert.ok(done.ok, JSON.stringify(done))
      return done.value.publication
    },
    work,
    finish: async () => {
      for (let n = 0; (await work()) > 0; n++) assert.ok(n < 2000)
    },
  }
}

/** Another threshold of the income by head, from a day on. */
export const threshold = (value: number, from: string): SimulationRequest => ({
  rule: RULE,
  changes: [{ param: 'income_per_head', value, from, legal: { act: 'VMQ-654', date: '2021-10-21' } }],
})
