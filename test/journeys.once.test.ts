/**
 * I7: each agency effect happens once, whatever is retried, repeated or crashed. Agencies lose answers, err before and
 * after the deed, work for a while, forget; jobs run twice; a birth may be retracted at any moment.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import type { Mood } from './fake-agency.ts'
import {
  birthRetracted,
  born,
  type JourneyWorld,
  openJourneyWorld,
  statesOf,
  told,
  viewOf,
} from './journeys.ts'

const HISTORIES = 60

const moods: readonly Mood[] = [
  'answer',
  'answer',
  'answer',
  'lost',
  'error before',
  'error after',
  'working',
  'garbage',
  'forget',
]

/** A small seeded generator: the same number gives the same history. */
function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

let world: JourneyWorld
let family = 0
before(async () => {
  world = await openJourneyWorld()
})
after(() => world.end())

test('I7: every effect once, and every journey comes to an end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), fc.boolean(), async (seed, retract) => {
      const random = seeded(seed)
      const n = ++family
      const ends = 30 + Math.floor(random() * 20)
      const before = new Set(world.agency.entries.keys())
      let asked = 0
      // Trouble ends at some time: only then is an end promised.
      world.agency.mood = () => (++asked > ends ? 'answer' : moods[Math.floor(random() * moods.length)]!)
      const { mother } = await born(world, [], 3, n)
      const moment = Math.floor(random() * 6)
      let tasks = 0
      world.agency.during = async () => {
        if (!retract || tasks++ !== moment) return
        world.clock.forward(1000)
        await told(world, [birthRetracted(n)])
      }
      await world.drain(random)
      if (retract && tasks <= moment) await told(world, [birthRetracted(n)])
      await world.drain(random)
      const view = await viewOf(world, mother)
      for (const [key, entry] of world.agency.entries) {
        if (before.has(key)) continue
        assert.ok(entry.done <= 1, `${entry.task} was done ${entry.done} times`)
        if (retract && view.journey.state === 'undone')
          assert.equal(entry.undone, entry.done, `${entry.task} was not taken back`)
      }
      const stuck = view.steps.some((s) => s.state === 'human') || view.journey.state === 'undoing'
      if (!stuck && retract) assert.equal(view.journey.state, 'undone', JSON.stringify(statesOf(view)))
      if (!retract)
        for (const step of view.steps)
          assert.ok(
            ['done', 'skipped', 'human', 'blocked', 'asking'].includes(step.state),
            `${step.step}: ${step.state}`,
          )
    }),
    { numRuns: HISTORIES },
  )
})
