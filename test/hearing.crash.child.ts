/**
 * Tells, answers and refuses, over and over, until it is killed; says on its output what was acknowledged. Started by
 * hearing.crash.test.ts with the database, the day and the cases in its environment.
 */
import {
  type FinaliseInput,
  type HearingRow,
  hearingsOf,
  type Intention,
  standingDraft,
} from '../src/cases/cases.ts'
import { answerIntended, makeJourneys, officerFinalises, officerIntends } from '../src/journey-flow.ts'
import { standingClock } from '../src/platform/clock.ts'
import { openDatabase } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { makeIds } from '../src/platform/ids.ts'
import { newSigner } from './journeys.ts'
import { getPack } from './world.ts'

type Given = {
  readonly url: string
  readonly now: string
  readonly cases: readonly {
    readonly mother: SubjectId
    readonly intends: Intention
    readonly refuses: FinaliseInput
  }[]
}

const { url, now, cases } = JSON.parse(process.env.CRASH_CHILD ?? '{}') as Given
const clock = standingClock(now)
const never = () => Promise.reject(new Error('no agency is called here'))
const ctx = makeJourneys({
  pack: getPack(),
  clock,
  queue_clock: clock,
  ids: makeIds(clock),
  random: () => 0,
  db: openDatabase({ url, role: 'hamroh_engine', max: 4 }),
  gate: openDatabase({ url, role: 'hamroh_gate', max: 4 }),
  agencies: { send: never, ask: never, undo: never },
  signer: newSigner(),
  processing_purpose: 'uz.purpose.engine',
  name_predicate: 'full_name',
})

/** Said only after the commit: what was said may not be lost. */
const acknowledge = (what: string, id: string): void => {
  process.stdout.write(`${what} ${id}\n`)
}

for (let turn = 0; ; turn++) {
  const { mother, intends, refuses } = cases[Math.floor(Math.random() * cases.length)]!
  const told = await officerIntends(ctx, intends)
  if (told.ok) acknowledge('told', told.value.hearing.id)
  const open: HearingRow | undefined = (await hearingsOf(ctx.db, mother)).find((h) => h.state === 'open')
  if (open && turn % 2 === 0) {
    const answer = { kind: 'statement', text: 'Men roziman deb aytmadim.', wrong_facts: [] } as const
    const answered = await answerIntended(ctx, { subject: mother, id: open.id, answer })
    if (answered.ok) acknowledge('answered', open.id)
  }
  if (turn % 3 === 0) {
    const draft = await standingDraft(ctx.db, { subject_id: mother, id: intends.case_id })
    const input = { ...refuses, draft_hash: draft!.hash, considered: { 'uz-Latn': 'Koʻrib chiqildi.' } }
    const decided = await officerFinalises(ctx, input)
    if (decided.ok) acknowledge('decided', decided.value.decision.id)
  }
}
