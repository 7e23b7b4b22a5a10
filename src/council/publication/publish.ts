/** Publishing a changed rule: only what was simulated as it is and proposed by somebody else, by who answers for it, once. */
import { isSignedBy, keyId, type Signer } from '../../cases/cases.ts'
import type { Pack } from '../../packs/packs.ts'
import { canonical, type Json, sha256 } from '../../platform/canonical.ts'
import { type DateText, dateIn } from '../../platform/clock.ts'
import { accepted, type Outcome, refused } from '../../platform/refusal.ts'
import type { RuleSource } from '../../rules/rules.ts'
import type { CouncilContext } from '../context.ts'
import {
  type Prepared,
  prepareChange,
  type SimulationRequest,
  simulationRequest,
} from '../simulation/change.ts'
import { type SimulationReport, simulationReport } from '../simulation/report.ts'
import {
  findSimulation,
  insertPublication,
  insertRun,
  isRunning,
  lockRules,
  type PublicationRow,
  type SimulationRow,
} from '../store.ts'
import { shelfOf } from './book.ts'
import { type CouncilOfficer, mayPublish, mayPublishProposed } from './rights.ts'

export const PUBLICATION_FORMAT = 'hamroh.publication.2'

/** Subjects a second that a run works out, unless the publisher says otherwise. */
export const PER_SECOND = 500
const PER_SECOND_MAX = 100_000

/**
 * Publishes what a simulation answered for. Either the publication, its run and nothing else changed commit together,
 * or nothing does. The same simulation again gives the publication that stands.
 * Refusals: those of `mayPublishProposed`, `not_simulated`, `report_broken`, `stale_report`, `examples_fail`, `no_citation`,
 * `run_under_way`, and those of `prepareChange`.
 */
export async function publish(
  ctx: CouncilContext,
  given: { readonly simulation: string; readonly officer: CouncilOfficer; readonly per_second?: number },
): Promise<Outcome<{ readonly publication: PublicationRow; readonly repeated: boolean }>> {
  const { officer } = given
  const at_all = mayPublish(ctx.book.now().pack, officer)
  if (!at_all.ok) return at_all
  const done = await ctx.db.transaction(async (tx) => {
    await lockRules(tx)
    const force = await ctx.book.pin(tx)
    const simulation = await findSimulation(tx, given.simulation)
    if (simulation) {
      const allowed = mayPublishProposed(force.pack, officer, simulation)
      if (!allowed.ok) return allowed
    }
    const standing = force.publications.find((p) => p.simulation === given.simulation)
    if (standing) return accepted({ publication: standing, repeated: true })
    if (simulation && (await isRunning(tx, simulation.rule_id)))
      return refused({
        code: 'run_under_way',
        at: 'simulation',
        message: `What followed from the last publication of ${simulation.rule_id} is not done yet.`,
        next: 'Wait until its run has ended.',
      })
    const checked = check(ctx, simulation, force.pack)
    if (!checked.ok) return checked
    const today = dateIn(ctx.clock.now(), force.pack.zone)
    const request = simulationRequest.parse(simulation!.request)
    const prepared = prepareChange(shelfOf(force, ctx.pack_folder), againOf(request), today)
    if (!prepared.ok) return prepared
    const fit = fits(simulation!, prepared.value)
    if (!fit.ok) return fit
    const row = rowOf(ctx, {
      prepared: prepared.value,
      simulation: simulation!,
      officer,
      position: force.position + 1,
      today,
    })
    await insertPublication(tx, row)
    const per_second = Math.min(Math.max(1, given.per_second ?? PER_SECOND), PER_SECOND_MAX)
    await insertRun(tx, { publication: row.id, starts_on: today, per_second, at: ctx.queue_clock.now() })
    return accepted({ publication: row, repeated: false })
  })
  if (done.ok) await ctx.book.refresh()
  return done
}

/** The day compared first does not matter to what is published. */
const againOf = ({ as_of: _, ...request }: SimulationRequest): SimulationRequest => request

function check(
  ctx: { readonly signer: Signer },
  simulation: SimulationRow | null,
  pack: Pack,
): Outcome<SimulationReport> {
  if (simulation?.state !== 'done')
    return refused({
      code: 'not_simulated',
      at: 'simulation',
      message: simulation ? `The simulation is ${simulation.state}.` : 'There is no such simulation.',
      next: 'Nothing is published without the report of a simulation of exactly this change.',
    })
  const { report, report_hash, signature } = simulation
  const read = simulationReport.safeParse(JSON.parse(report!))
  if (
    !read.success ||
    sha256(report!) !== report_hash ||
    !isSignedBy(ctx.signer.publicKey, Buffer.from(report!), signature!)
  )
    return refused({
      code: 'report_broken',
      at: 'simulation',
      message: 'The report is not what was signed here.',
      next: 'Simulate the change again.',
    })
  if (read.data.pack.hash !== pack.hash)
    return refused({
      code: 'stale_report',
      at: 'simulation',
      message: 'Something else was published, or the pack was changed, since this was simulated.',
      next: 'Simulate the change again.',
    })
  return accepted(read.data)
}

function fits(simulation: SimulationRow, prepared: Prepared): Outcome<null> {
  if (
    simulation.text_sha256 !== prepared.text_sha256 ||
    simulation.before_hash !== prepared.before.hash ||
    simulation.after_hash !== prepared.after.hash
  )
    return refused({
      code: 'stale_report',
      at: 'simulation',
      message: 'The report is of another change than this one would be now.',
      next: 'Simulate the change again.',
    })
  if (prepared.examples.fail.length > 0)
    return refused({
      code: 'examples_fail',
      at: 'rule',
      message: `${prepared.examples.fail.length} worked examples of the rule do not hold any more: ${prepared.examples.fail[0]}`,
      next: 'Publish a new text of the rule whose examples say what the changed law says.',
      facts: { examples: [...prepared.examples.fail] },
    })
  if (!articleOf(prepared))
    return refused({
      code: 'no_citation',
      at: 'changes[0].legal',
      message: 'A publication names the act that changes the law.',
      next: 'Simulate again with the act and its date.',
    })
  return accepted(null)
}

type Article = RuleSource['legal'][number]

/** The act that made the change: of the newest value of a changed parameter, or the first of a new text. */
function articleOf({ differences, after }: Prepared): Article | undefined {
  for (const d of differences) {
    if (d.what !== 'param') continue
    const added = d.after.map(({ from }) => from)
    const version = after.source.params[d.name]?.values.findLast((v) => added.includes(v.from))
    return version?.legal
  }
  return after.source.legal[0]
}

function rowOf(
  ctx: CouncilContext,
  of: {
    readonly prepared: Prepared
    readonly simulation: SimulationRow
    readonly officer: CouncilOfficer
    readonly position: number
    readonly today: DateText
  },
): PublicationRow {
  const { prepared, simulation, officer } = of
  const { before, after } = prepared
  const id = ctx.ids()
  const at = ctx.clock.now()
  // A new text has a first day of its own; new values of a parameter bring their own days and stand in the rule at once.
  const effective_on = after.source.effective.from > of.today ? after.source.effective.from : of.today
  const record = canonical({
    format: PUBLICATION_FORMAT,
    id,
    position: of.position,
    rule: prepared.rule,
    before: { version: before.source.version, hash: before.hash },
    after: { version: after.source.version, hash: after.hash, text_sha256: prepared.text_sha256 },
    article: articleOf(prepared) as unknown as Json,
    effective_on,
    effects: [...prepared.effects],
    report: { simulation: simulation.id, sha256: simulation.report_hash, signature: simulation.signature },
    examples: prepared.examples.hold,
    proposed_by: { number: simulation.asked_by, agency: simulation.agency },
    published_by: { number: officer.number, agency: officer.agency, role: officer.role },
    published_at: at.toISOString(),
    key: keyId(ctx.signer.publicKey),
  })
  return {
    id,
    position: of.position,
    rule_id: prepared.rule,
    version: after.source.version,
    rule_hash: after.hash,
    rule_text: prepared.text,
    before_hash: before.hash,
    before_source: before.source as unknown as Json,
    source: after.source as unknown as Json,
    effective_on,
    effects: [...prepared.effects],
    simulation: simulation.id,
    record,
    record_hash: sha256(record),
    signature: ctx.signer.sign(Buffer.from(record)),
    agency: officer.agency,
    proposed_by: simulation.asked_by,
    published_by: officer.number,
    published_at: at,
  }
}
