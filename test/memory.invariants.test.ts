/**
 * I2 and the order of arrival: random histories of a family, told tidily to one family and shuffled, repeated and split to
 * another, end in the same memory and the same open proposals.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { agencyOf } from '../country/people/events.ts'
import {
  birthEvent,
  type CloudEvent,
  createPopulation,
  incomeEvent,
  moveEvent,
  newborn,
  retraction,
} from '../country/population.ts'
import { intake } from '../src/flow.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { memoryOf, openProposalsOf, openWorld, subjectOf, type World } from './world.ts'

const HISTORIES = 220
const population = createPopulation({ people: 40_000 })

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world.end())

/** One thing that happens to a family; later ones may correct or retract an earlier one. */
type Happening =
  | { kind: 'birth'; twin: boolean }
  | { kind: 'income'; amount: number; minute: number }
  | { kind: 'move'; since: number; minute: number }
  | { kind: 'correct' | 'retract'; target: number }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('birth' as const), twin: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('income' as const),
      amount: fc.integer({ min: 0, max: 9 }),
      minute: fc.nat(5),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      since: fc.integer({ min: 1, max: 9 }),
      minute: fc.nat(5),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('correct' as const, 'retract' as const),
      target: fc.nat(20),
    }),
  },
)

type Family = { readonly number: number; readonly mother: string; readonly father: string }

const time = (minute: number) => new Date(Date.parse('2026-11-20T04:00:00Z') + minute * 60_000).toISOString()

/** The events of a history, for a family: the same for every family but for who it is. */
function tell(history: readonly Happening[], family: Family): CloudEvent[] {
  const events: CloudEvent[] = []
  let births = 0
  history.forEach((h, i) => {
    const id = `${h.kind}-${family.number}-${i}`
    const at = time(i * 10)
    if (h.kind === 'birth') {
      births++
      const child = {
        ...newborn({ n: 0, born_on: '2026-11-18', sex: 'f' }),
        pinfl: childPinfl(family.number, births),
        full_name: `Chaqaloq ${births}`,
      }
      events.push(
        birthEvent({
          n: i,
          id,
          child,
          mother_pinfl: family.mother,
          father_pinfl: family.father,
          birth_order: births,
          registered_at: at,
        }),
      )
    } else if (h.kind === 'income') {
      events.push(
        incomeEvent({
          id,
          pinfl: family.mother,
          monthly_uzs: h.amount * 500_000,
          reported_at: time(i * 10 + h.minute),
        }),
      )
    } else if (h.kind === 'move') {
      events.push(
        moveEvent({
          id,
          pinfl: family.mother,
          district: '1726262',
          address: `${h.since}-uy`,
          since: `2026-11-0${h.since}`,
          registered_at: time(i * 10 + h.minute),
        }),
      )
    } else if (events.length > 0) {
      const target = events[h.target % events.length]!
      if (h.kind === 'retract' || target.data === undefined) events.push(retraction(target, { id, time: at }))
      else events.push({ ...changed(target, i), id, time: at, hamrohcorrects: target.id } as CloudEvent)
    }
  })
  return events
}

function changed(target: CloudEvent, i: number): CloudEvent {
  const copy = structuredClone(target) as CloudEvent & {
    data: Record<string, unknown> & { child?: { full_name: string } }
    hamrohcorrects?: string
  }
  delete copy.hamrohcorrects
  if (copy.data.child) copy.data.child.full_name = `Tuzatilgan ${i}`
  if ('address' in copy.data) copy.data.address = `tuzatilgan ${i}`
  if ('household_income' in copy.data) copy.data.household_income = 77_700 + i
  return copy
}

/** Two families never share a child: the serial holds family and birth. */
function childPinfl(family: number, birth: number): string {
  const serial = family * 10 + birth
  const body =
    `618112600${String(Math.floor(serial / 1000)).padStart(1, '0')}${String(serial % 1000).padStart(3, '0')}`.slice(
      0,
      13,
    )
  let sum = 0
  for (let i = 0; i < 13; i++) sum += Number(body[i]) * [7, 3, 1][i % 3]!
  return `${body}${sum % 10}`
}

let families = 0
async function newFamily(): Promise<Family> {
  for (;;) {
    const household = population.householdOf(families * 7)
    families++
    const mother = household.members.find((m) => m.role === 'wife')
    const father = household.members.find((m) => m.role === 'husband')
    if (!mother || !father || (await subjectOf(world, mother.pinfl))) continue
    const register = [mother, father].map((p) => ({
      agency: 'gcp',
      item: {
        specversion: '1.0',
        id: `person-${p.index}`,
        source: 'urn:uz:gcp',
        type: 'uz.gcp.person.registered',
        time: '2026-11-01T04:00:00Z',
        data: {
          person: {
            pinfl: p.pinfl,
            full_name: p === mother ? 'Ona' : 'Ota',
            birth_date: '1995-05-05',
            sex: p.sex,
            citizenship: 'uz',
          },
        },
      },
    }))
    assert.deepEqual(
      (await intake(world.engine, register)).map((r) => r.status),
      ['accepted', 'accepted'],
    )
    return { number: families, mother: mother.pinfl, father: father.pinfl }
  }
}

/** Sends everything until nothing is refused as a stranger's any more, as a registry does. */
async function deliver(chunks: readonly (readonly CloudEvent[])[]): Promise<void> {
  let waiting: CloudEvent[] = []
  for (const chunk of chunks) waiting = await send([...waiting, ...chunk])
  for (let round = 0; waiting.length > 0; round++) {
    assert.ok(round < 20, `never accepted: ${waiting.map((e) => e.id).join()}`)
    waiting = await send(waiting)
  }
}

async function send(events: readonly CloudEvent[]): Promise<CloudEvent[]> {
  world.clock.forward(1000)
  const results = await intake(
    world.engine,
    events.map((item) => ({ agency: agencyOf(item), item })),
  )
  return events.filter((_, i) => {
    const { status, refusal } = results[i]!
    if (status === 'refused') assert.equal(refusal!.code, 'unknown_subject', JSON.stringify(refusal))
    return status === 'refused'
  })
}

async function peopleOf(family: Family, births: number): Promise<Map<SubjectId, string>> {
  const people = new Map<SubjectId, string>([
    [(await subjectOf(world, family.mother))!, 'mother'],
    [(await subjectOf(world, family.father))!, 'father'],
  ])
  for (let b = 1; b <= births; b++) {
    const child = await subjectOf(world, childPinfl(family.number, b))
    if (child) people.set(child, `child ${b}`)
  }
  return people
}

test(`I2: ${HISTORIES} random histories, shuffled, repeated, corrected and retracted, end in the memory and proposals of the tidy one`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 1, maxLength: 9 }),
      fc.infiniteStream(fc.nat(1_000_000)),
      async (history, stream) => {
        const draw = () => stream.next().value
        const births = history.filter((h) => h.kind === 'birth').length
        const [tidy, untidy] = [await newFamily(), await newFamily()]
        await deliver(tell(history, tidy).map((e) => [e]))

        // Each event once to three times, in any order, in chunks of any size.
        const deck = tell(history, untidy).flatMap((e) =>
          Array.from({ length: 1 + (draw() % 3) }, () => ({ e, key: draw() })),
        )
        const order = deck.sort((a, b) => a.key - b.key).map((x) => x.e)
        const chunks: CloudEvent[][] = []
        while (order.length > 0) chunks.push(order.splice(0, 1 + (draw() % 4)))
        await deliver(chunks)

        const [a, b] = [await peopleOf(tidy, births), await peopleOf(untidy, births)]
        for (const valid_on of ['2026-11-03', '2026-11-19', '2026-11-24', '2027-03-01']) {
          assert.deepEqual(
            await memoryOf(world, b, { valid_on }),
            await memoryOf(world, a, { valid_on }),
            `valid on ${valid_on}`,
          )
        }
        assert.deepEqual(await openProposalsOf(world, b), await openProposalsOf(world, a))
      },
    ),
    { numRuns: HISTORIES, endOnFailure: true },
  )
})

test('I2: what was known at an instant stays answerable: later events, corrections and retractions do not change it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 2, maxLength: 9 }), async (history) => {
      const family = await newFamily()
      const births = history.filter((h) => h.kind === 'birth').length
      const seen: { known_at: Date; memory: string[] }[] = []
      const names = async () => peopleOf(family, births)
      for (const event of tell(history, family)) {
        await deliver([[event]])
        seen.push({
          known_at: world.clock.now(),
          memory: await memoryOf(world, await names(), { valid_on: '2026-11-24' }),
        })
        world.clock.forward(1000)
      }
      const people = await names()
      for (const { known_at, memory } of seen) {
        assert.deepEqual(await memoryOf(world, people, { valid_on: '2026-11-24', known_at }), memory)
      }
    }),
    { numRuns: 40, endOnFailure: true },
  )
})

test('I2: retracting an event and replaying without it give the same memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        happening.filter((h) => h.kind !== 'correct' && h.kind !== 'retract'),
        { minLength: 1, maxLength: 6 },
      ),
      fc.nat(5),
      async (history, pick) => {
        const [whole, without] = [await newFamily(), await newFamily()]
        const events = tell(history, whole)
        const gone = pick % events.length
        await deliver(events.map((e) => [e]))
        await deliver([[retraction(events[gone]!, { id: `gone-${whole.number}`, time: time(500) })]])
        await deliver(
          tell(history, without)
            .filter((_, i) => i !== gone)
            .map((e) => [e]),
        )
        const births = history.filter((h) => h.kind === 'birth').length
        const [a, b] = [await peopleOf(whole, births), await peopleOf(without, births)]
        assert.deepEqual(
          await memoryOf(world, a, { valid_on: '2026-11-24' }),
          await memoryOf(world, b, { valid_on: '2026-11-24' }),
        )
        assert.deepEqual(await openProposalsOf(world, a), await openProposalsOf(world, b))
      },
    ),
    { numRuns: 60, endOnFailure: true },
  )
})
