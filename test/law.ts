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
import { readRuleText } from '../src/packs/packs.ts'
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

/**
 * The next text of the rule, for what a single value cannot say: its body changed, with examples that hold under any
 * threshold between 400 000 and 3 000 000 from the first day of 2027.
 */
export function nextText(change: (body: string) => string): string {
  const text = readRuleText('packs/uz', RULE)!
  const body = change(text.slice(0, text.indexOf('tests:'))).replace('version: 1\n', 'version: 2\n')
  const child = 'children: [{ birth_date: 2026-12-10, birth_order: 1, role: mother }]'
  return `${body}tests:
  - name: a family with a newborn and little income gets it
    asOf: 2027-01-10
    facts: { ${child}, household_income: 1200000, household_size: 3 }
    expect: { outcome: applies, amount: 360000 }
  - name: a family with more income does not
    asOf: 2027-01-10
    facts: { ${child}, household_income: 9000000, household_size: 3 }
    expect: { outcome: does_not_apply }
  - name: on the first day it holds
    asOf: 2027-01-01
    facts: { ${child}, household_income: 1200000, household_size: 3 }
    expect: { outcome: applies }
  - name: income that no registry told is asked for
    asOf: 2027-01-10
    facts: { ${child}, household_size: 3 }
    expect: { outcome: ask, ask: [household_income] }
`
}

/** A new value of the threshold as a text of the rule writes it. */
export const writtenThreshold = (value: number, from: string): string =>
  `      - { from: ${from}, value: ${value}, status: working, confidence: BG, legal: { act: VMQ-654, date: 2021-10-21, confidence: V2 } }`
