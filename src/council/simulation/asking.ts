/** Simulations asked for and worked out as jobs: the answer waits in the table, whoever asked may go away meanwhile. */

import type { Json } from '../../platform/canonical.ts'
import { dateIn } from '../../platform/clock.ts'
import { enqueue, type JobHandlers } from '../../platform/jobs.ts'
import { accepted, type Outcome } from '../../platform/refusal.ts'
import type { CouncilContext } from '../context.ts'
import { shelfOf } from '../publication/book.ts'
import { type CouncilOfficer, mayPropose } from '../publication/rights.ts'
import {
  endSimulation,
  findSimulation,
  insertSimulation,
  listSimulations,
  type SimulationRow,
  setProgress,
} from '../store.ts'
import { type Prepared, prepareChange, type SimulationRequest, simulationRequest } from './change.ts'
import { type SimulationReport, simulationReport } from './report.ts'
import { simulate } from './simulate.ts'

const TASK = 'council.simulate'

/** Checks a change with the rules in force. Refusals: see `prepareChange`. */
export async function checkChange(
  ctx: CouncilContext,
  request: SimulationRequest,
): Promise<Outcome<Prepared>> {
  const force = await ctx.book.refresh()
  return prepareChange(shelfOf(force, ctx.pack_folder), request, dateIn(ctx.clock.now(), force.pack.zone))
}

/**
 * Takes a question "what if" and enqueues its answer, in one transaction.
 * Refusals: those of `mayPropose`, and those of `prepareChange`.
 */
export async function askSimulation(
  ctx: CouncilContext,
  request: SimulationRequest,
  officer: CouncilOfficer,
): Promise<Outcome<{ readonly id: string }>> {
  const allowed = mayPropose(ctx.book.now().pack, officer, request.rule)
  if (!allowed.ok) return allowed
  const prepared = await checkChange(ctx, request)
  if (!prepared.ok) return prepared
  return accepted({ id: await store(ctx, request, prepared.value, officer, true) })
}

async function store(
  ctx: CouncilContext,
  request: SimulationRequest,
  { rule, text, text_sha256, before, after }: Prepared,
  by: Pick<CouncilOfficer, 'number' | 'agency'>,
  as_job: boolean,
): Promise<string> {
  const id = ctx.ids()
  await ctx.db.transaction(async (tx) => {
    await insertSimulation(tx, {
      id,
      rule_id: rule,
      request: JSON.parse(JSON.stringify(request)) as Json,
      rule_text: text,
      text_sha256,
      before_hash: before.hash,
      after_hash: after.hash,
      asked_by: by.number,
      agency: by.agency,
      asked_at: ctx.clock.now(),
    })
    if (as_job) await enqueue(tx, [{ task: TASK, payload: { id }, key: `${TASK}:${id}`, max_attempts: 5 }])
  })
  return id
}

export const councilJobs = (ctx: CouncilContext): JobHandlers => ({
  [TASK]: (payload) => workOut(ctx, String(payload.id)),
})

/** At most so often is the progress written. */
const TELL_MS = 500

/**
 * Works one simulation out. Done again after a crash it gives the same answer over newer facts; an ended one stays.
 * @param tell told how far it is
 * @param checked the change as it was checked a moment ago; left out: it is checked with the rules now in force
 */
async function workOut(
  ctx: CouncilContext,
  id: string,
  tell: (done: number, all: number) => void = () => {},
  checked?: Outcome<Prepared>,
): Promise<void> {
  const row = await findSimulation(ctx.db, id)
  if (!row || row.state === 'done' || row.state === 'failed') return
  const prepared = checked ?? (await checkChange(ctx, simulationRequest.parse(row.request)))
  if (!prepared.ok) {
    await endSimulation(ctx.db, id, { problem: prepared.refusal.message }, ctx.clock.now())
    return
  }
  await setProgress(ctx.db, id, 0, 0)
  let told = ctx.queue_clock.now().getTime()
  const signed = await simulate(ctx, ctx.book.now().pack, prepared.value, {
    id,
    made_for: row.asked_by,
    progress: async (done, all) => {
      tell(done, all)
      const now = ctx.queue_clock.now().getTime()
      if (now - told < TELL_MS) return
      told = now
      await setProgress(ctx.db, id, done, all)
    },
  })
  await endSimulation(
    ctx.db,
    id,
    { report: signed.text, report_hash: signed.hash, signature: signed.signature },
    ctx.clock.now(),
  )
}

/** For the command line: asks and works out at once. */
export async function simulateNow(
  ctx: CouncilContext,
  request: SimulationRequest,
  by: Pick<CouncilOfficer, 'number' | 'agency'>,
  tell: (done: number, all: number) => void,
): Promise<Outcome<Simulation>> {
  const prepared = await checkChange(ctx, request)
  if (!prepared.ok) return prepared
  const id = await store(ctx, request, prepared.value, by, false)
  await workOut(ctx, id, tell, prepared)
  return accepted((await getSimulation(ctx, id))!)
}

export type Simulation = Omit<SimulationRow, 'report' | 'request'> & {
  readonly request: SimulationRequest
  readonly report: SimulationReport | null
}

const read = (row: SimulationRow): Simulation => ({
  ...row,
  request: simulationRequest.parse(row.request),
  report: row.report === null ? null : simulationReport.parse(JSON.parse(row.report)),
})

/** A simulation with its report; null when there is none of this id. */
export async function getSimulation(ctx: Pick<CouncilContext, 'db'>, id: string): Promise<Simulation | null> {
  const row = await findSimulation(ctx.db, id)
  return row && read(row)
}

const LISTED_MAX = 50

export const latestSimulations = async (ctx: Pick<CouncilContext, 'db'>): Promise<Simulation[]> =>
  (await listSimulations(ctx.db, LISTED_MAX)).map(read)
