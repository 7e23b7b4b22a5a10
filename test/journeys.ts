/** A world with journeys over a fake agency: from a reported birth to decisions, without a process and without waiting. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { agencyHttp } from '../src/adapters/agency-http.ts'
import {
  type CaseRow,
  type FinaliseInput,
  type HearingRow,
  type Intention,
  listCases,
  type Officer,
  openCaseFile,
  type Signer,
} from '../src/cases/cases.ts'
import { type Engine, type ItemResult, intake } from '../src/flow.ts'
import {
  acceptRoute,
  answerIntended,
  answerQuestion,
  type JourneyContext,
  journeyJobs,
  journeyReactions,
  makeJourneys,
  officerIntends,
} from '../src/journey-flow.ts'
import { tell } from '../src/memory/memory.ts'
import type { Pack } from '../src/packs/packs.ts'
import { lockSubjects } from '../src/people/people.ts'
import type { Json } from '../src/platform/canonical.ts'
import { machineClock } from '../src/platform/clock.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { answer, listProposals } from '../src/proposals/proposals.ts'
import { type JourneyView, journeysOf } from '../src/routes/routes.ts'
import { AGENCY_KEY, type FakeAgency, startFakeAgency } from './fake-agency.ts'
import { openWorld, subjectOf, type World } from './world.ts'

export type JourneyWorld = World & {
  readonly engine: Engine
  readonly ctx: JourneyContext
  readonly agency: FakeAgency
  /** Runs every job, as if no time had to pass, until there is none; `chaos` may run a job twice or crash it. */
  drain(chaos?: Chaos): Promise<number>
  report(events: readonly Reported[]): Promise<ItemResult[]>
}

export type Reported = { readonly agency: string; readonly item: object }
/** 0 ≤ n < 1 each time. */
export type Chaos = () => number

export const pensionOfficer: Officer = { number: 'P-104', name: 'Officer One', agency: 'pension' }
export const ihmaOfficer: Officer = { number: 'I-207', name: 'Officer Two', agency: 'ihma' }

const jobsMax = 3000

/** @param of the key decisions are signed with, where a test needs its own */
export async function openJourneyWorld(of: { readonly signer?: Signer } = {}): Promise<JourneyWorld> {
  const world = await openWorld()
  const agency = await startFakeAgency()
  const pack = hurried(world.pack)
  const addresses = Object.fromEntries(
    [...pack.agencies.keys()].map((code) => [code, { url: agency.url, key: AGENCY_KEY }]),
  )
  const ctx = makeJourneys({
    pack,
    clock: world.clock,
    queue_clock: machineClock,
    ids: world.engine.ids,
    random: () => 0,
    db: world.database.db,
    gate: world.database.gate,
    agencies: agencyHttp(addresses),
    signer: of.signer ?? newSigner(),
    processing_purpose: 'uz.purpose.engine',
    name_predicate: 'full_name',
  })
  const engine: Engine = { ...world.engine, pack, journeys: journeyReactions(ctx) }
  return {
    ...world,
    pack,
    engine,
    ctx,
    agency,
    drain: (chaos) => drain(world, ctx, chaos),
    report: (events) => intake(engine, events),
    end: async () => {
      await agency.stop()
      await world.end()
    },
  }
}

/** Short terms for tests: a call that is lost must not hold them up. */
function hurried(pack: Pack): Pack {
  const routes = new Map(
    [...pack.routes].map(([id, r]) => [
      id,
      { ...r, steps: r.steps.map((s) => ({ ...s, timeout_ms: 2000, attempts: 8 })) },
    ]),
  )
  return { ...pack, routes }
}

export function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    sign: (bytes) => sign(null, bytes, privateKey).toString('base64url'),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

async function drain(world: World, ctx: JourneyContext, chaos?: Chaos): Promise<number> {
  const handlers = journeyJobs(ctx)
  const { owner } = world.database
  for (let ran = 0; ; ran++) {
    if (ran > jobsMax) throw new Error('the jobs do not come to an end')
    const [job] = await owner.rows<{ id: string; task: string; payload: { [key: string]: Json } }>(sql`
      delete from graphile_worker._private_jobs j using graphile_worker._private_tasks t
      where t.id = j.task_id and j.id = (select id from graphile_worker._private_jobs order by run_at, id limit 1)
      returning j.id, t.identifier as task, j.payload`)
    if (!job) return ran
    const handler = handlers[job.task]!
    await handler(job.payload, 1)
    // A worker that died after its work is done: the queue hands the job out again.
    if (chaos && chaos() < 0.3) await handler(job.payload, 2)
  }
}

// ── A small story ───────────────────────────────────────────────────────────────────────────────────────────

/** Family `n`: its own people, certificates and event ids, so that many live in one world. */
export const mothers = (n: number): string => `4120990${String(n).padStart(7, '0')}`
const childOf = (n: number): string => `6101126${String(n).padStart(7, '0')}`

export const event = (
  agency: string,
  type: string,
  id: string,
  data: object,
  more: object = {},
): Reported => ({
  agency,
  item: {
    specversion: '1.0',
    id,
    source: `urn:${agency}`,
    type,
    time: '2026-11-24T04:00:00Z',
    data,
    ...more,
  },
})

export const motherKnown = (n: number): readonly Reported[] => [
  event('gcp', 'uz.gcp.person.registered', `p${n}`, {
    person: {
      pinfl: mothers(n),
      full_name: 'Karimova Dilnoza',
      birth_date: '1990-09-12',
      sex: 'f',
      citizenship: 'uz',
    },
  }),
  event('mia', 'uz.mia.residence.registered', `r${n}`, {
    person: { pinfl: mothers(n) },
    district: '1726266',
    address: 'Bogʻbon koʻchasi, 5-uy',
    since: '2020-01-01',
  }),
]

/** She moves house after the birth. */
export const moved = (n = 1): Reported =>
  event('mia', 'uz.mia.residence.registered', `r${n}-2`, {
    person: { pinfl: mothers(n) },
    district: '1727220',
    address: 'Yangi koʻcha, 7-uy',
    since: '2026-11-20',
  })

export const birth = (order = 1, n = 1): Reported =>
  event('zags', 'uz.zags.birth.registered', `b${n}`, {
    certificate: `I-TN ${n}`,
    child: {
      pinfl: childOf(n),
      full_name: 'Karimova Lola',
      birth_date: '2026-11-10',
      sex: 'f',
      birth_order: order,
    },
    mother: { pinfl: mothers(n) },
  })

export const birthRetracted = (n = 1): Reported => ({
  agency: 'zags',
  item: {
    specversion: '1.0',
    id: `b${n}-gone`,
    source: 'urn:zags',
    type: 'uz.zags.birth.registered',
    time: '2026-11-24T04:30:00Z',
    hamrohretracts: `b${n}`,
  },
})

/** @param minor average income of the household per month, in tiyin */
export const income = (minor: number, n = 1): Reported =>
  event('tax', 'uz.tax.income.reported', `i${n}`, {
    person: { pinfl: mothers(n) },
    period_from: '2025-11-01',
    period_to: '2026-10-31',
    household_income: minor,
  })

export const household = (size: number, n = 1): Reported =>
  event('ihma', 'uz.ihma.household.recorded', `h${n}`, {
    person: { pinfl: mothers(n) },
    household: 'H-1',
    size,
    in_register: false,
    since: '2025-12-01',
  })

/** Reports events that must all be taken. */
export async function told(world: JourneyWorld, events: readonly Reported[]): Promise<void> {
  for (const result of await world.report(events))
    if (result.status === 'refused') throw new Error(JSON.stringify(result))
}

/** The mother accepts the route she was offered, in one transaction as the flow does it. */
export async function acceptBirth(
  world: JourneyWorld,
  n = 1,
): Promise<{ mother: SubjectId; journey: string }> {
  const mother = (await subjectOf(world, mothers(n)))!
  const journey = await world.ctx.db.transaction(async (tx) => {
    await lockSubjects(tx, [mother])
    const [proposal] = await listProposals(tx, mother, ['open', 'accepted'])
    if (!proposal) throw new Error('no proposal')
    const given = { subject: mother, id: proposal.id, answer: 'accept', key: 'k', by: mother } as const
    const answered = await answer(tx, world.clock.now(), given)
    if (!answered.ok) throw new Error(answered.refusal.message)
    const started = await acceptRoute(tx, world.ctx, answered.value.proposal)
    if (!started.ok) throw new Error(started.refusal.message)
    return started.value!.id
  })
  return { mother, journey }
}

/** A birth told, offered and accepted; nothing sent yet. */
export async function born(
  world: JourneyWorld,
  more: readonly Reported[] = [],
  order = 1,
  n = 1,
): Promise<{ mother: SubjectId; journey: string }> {
  await told(world, [...motherKnown(n), ...more, birth(order, n)])
  world.clock.forward(60_000)
  return acceptBirth(world, n)
}

export async function viewOf(world: JourneyWorld, subject: SubjectId): Promise<JourneyView> {
  return (await journeysOf(world.ctx.db, subject))[0]!
}

/** The one case of a person on an agency's desk. */
export const caseOf = async (
  world: JourneyWorld,
  subject: SubjectId,
  agency: string,
): Promise<CaseRow | undefined> =>
  (await listCases(world.ctx.db, agency, 200)).cases.find((found) => found.subject_id === subject)

export const statesOf = (view: JourneyView): Record<string, string> =>
  Object.fromEntries(view.steps.map((s) => [s.step, s.state]))

export type AdverseCase = {
  readonly n: number
  readonly mother: SubjectId
  readonly found: CaseRow
  /** What a civil servant posts to tell of a refusal, and then to refuse. */
  readonly intends: Intention
  readonly refuses: FinaliseInput
}

/** A family whose income turns out too high after the birth: child benefit would be refused. */
export async function adverseCase(world: JourneyWorld, n: number): Promise<AdverseCase> {
  const { mother } = await born(world, [household(3, n)], 3, n)
  await told(world, [income(90_000_000_00, n)])
  const found = (await caseOf(world, mother, 'ihma'))!
  const file = await openCaseFile(world.ctx, { case_id: found.id, officer: ihmaOfficer })
  if (!file.ok) throw new Error(file.refusal.message)
  const by = { case_id: found.id, officer: ihmaOfficer, person_locale: 'uz-Latn' } as const
  const draft_hash = file.value.draft!.hash
  return {
    n,
    mother,
    found,
    intends: { ...by, intended: 'refused', draft_hash },
    refuses: { ...by, outcome: 'refused', draft_hash },
  }
}

/** The person has been told, and says that there is nothing to add. */
export async function heard(world: JourneyWorld, intends: Intention): Promise<HearingRow> {
  const opened = await officerIntends(world.ctx, intends)
  if (!opened.ok) throw new Error(opened.refusal.message)
  const { subject_id: subject, id } = opened.value.hearing
  const answer = { kind: 'nothing_to_add', text: '', wrong_facts: [] } as const
  const answered = await answerIntended(world.ctx, { subject, id, answer })
  if (!answered.ok) throw new Error(answered.refusal.message)
  return answered.value.hearing
}

/** An answer told to memory directly, as an event of the person would. */
export async function answerAs(
  world: JourneyWorld,
  subject: SubjectId,
  question_id: string,
  value: Json,
): ReturnType<typeof answerQuestion> {
  return answerQuestion(world.ctx, { subject, question_id, value }, async (tx, given) => {
    const id = world.ctx.ids()
    const at = world.clock.now()
    await tell(
      tx,
      [
        {
          subject_id: given.subject,
          id: world.ctx.ids(),
          predicate: given.predicate,
          item: '',
          state: 'known',
          value: given.value,
          valid_from: given.valid_from,
          valid_to: null,
          source: 'person',
          event: id,
          observed_at: at,
        },
      ],
      at,
    )
    return id
  })
}
