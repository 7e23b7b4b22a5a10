/** A simulation from its question to its signed report. */
import type { Signer } from '../../cases/cases.ts'
import { keyId } from '../../cases/cases.ts'
import type { Pack } from '../../packs/packs.ts'
import { canonical, type Json, sha256 } from '../../platform/canonical.ts'
import { type OpenSnapshot, type SnapshotContext, withSnapshot } from '../snapshot/snapshot.ts'
import type { Prepared } from './change.ts'
import type { Costs } from './costs.ts'
import { BECOMES, type Comparison, countShard, openTally, type Tally } from './count.ts'
import { type Changes, type DayReport, REPORT_FORMAT, type SimulationReport } from './report.ts'
import { shown, suppressed } from './suppress.ts'

export type Signed = {
  readonly report: SimulationReport
  /** Canonical JSON: what is hashed and signed. */
  readonly text: string
  readonly hash: string
  readonly signature: string
}

/** Groups of fewer people are not shown where the pack says nothing else. */
const SMALLEST_GROUP = 10

/** Runs a prepared change over the snapshot, on the day asked and on each later day on which it takes effect. */
export async function simulate(
  ctx: SnapshotContext & { readonly signer: Signer },
  pack: Pack,
  prepared: Prepared,
  of: {
    readonly id: string
    readonly made_for: string
    progress(done: number, all: number): Promise<void> | void
  },
): Promise<Signed> {
  const days = [prepared.as_of, ...prepared.effects]
  // The changed pack has the same vocabulary; a band or a rule it adds may need more columns, and gets them.
  return withSnapshot(ctx, prepared.pack, async (snapshot) => {
    const comparisons = days.map((day) => comparisonOn(prepared, day))
    const tallies = comparisons.map(openTally)
    const all = snapshot.rows * days.length
    let done = 0
    const { subject } = prepared.after.source
    for (const shard of snapshot.shards(subject, readBy(prepared))) {
      for (const [at, comparison] of comparisons.entries()) {
        countShard(comparison, shard, tallies[at]!)
        done += shard.population.rows
        await of.progress(done, all)
        // Whoever waits for an answer of this process gets a turn between two shards.
        await new Promise((next) => setImmediate(next))
      }
    }
    const report = reportOf({
      prepared,
      pack,
      snapshot,
      tallies,
      ...of,
      now: ctx.clock.now(),
      signer: ctx.signer,
    })
    const text = canonical(report as unknown as Json)
    return { report, text, hash: sha256(text), signature: ctx.signer.sign(Buffer.from(text)) }
  })
}

/** What a comparison reads: what either version does, and the bands. */
function readBy({ before, after, pack }: Pick<Prepared, 'before' | 'after' | 'pack'>): ReadonlySet<string> {
  const bands = (pack.council?.bands ?? []).map(({ predicate }) => predicate)
  return new Set([...before.reads, ...after.reads, ...bands])
}

/** Until a new text takes effect the old one holds. */
export function comparisonOn(
  { before, after, pack, differences }: Pick<Prepared, 'before' | 'after' | 'pack' | 'differences'>,
  day: string,
): Comparison {
  const paid = JSON.stringify([before.source.result?.amount, after.source.result?.amount])
  const amounts_differ = differences.some(
    (d) => d.what === 'amount' || (d.what === 'param' && new RegExp(`params\\.${d.name}\\b`).test(paid)),
  )
  return { before, after: day < after.source.effective.from ? before : after, day, pack, amounts_differ }
}

function reportOf(of: {
  readonly prepared: Prepared
  readonly pack: Pack
  readonly snapshot: OpenSnapshot
  readonly tallies: readonly Tally[]
  readonly id: string
  readonly made_for: string
  readonly now: Date
  readonly signer: Signer
}): SimulationReport {
  const { prepared, pack, snapshot } = of
  const { before, after } = prepared
  const smallest = pack.council?.smallest_group ?? SMALLEST_GROUP
  return {
    format: REPORT_FORMAT,
    id: of.id,
    rule: prepared.rule,
    before: { version: before.source.version, hash: before.hash },
    after: { version: after.source.version, hash: after.hash, text_sha256: prepared.text_sha256 },
    differences: prepared.differences as SimulationReport['differences'],
    examples: { hold: prepared.examples.hold, fail: [...prepared.examples.fail] },
    pack: { id: pack.id, hash: pack.hash },
    snapshot: {
      id: snapshot.manifest.snapshot,
      generation: snapshot.manifest.generation,
      known_at: snapshot.manifest.known_at,
      day: snapshot.manifest.day,
      rows: snapshot.rows,
    },
    subjects: of.tallies[0]!.subjects,
    smallest_group: smallest,
    days: of.tallies.map((tally, at) =>
      dayReport(tally, prepared, at === 0 ? 'now' : 'takes_effect', smallest),
    ),
    made_at: of.now.toISOString(),
    made_for: of.made_for,
    key: keyId(of.signer.publicKey),
  }
}

type Becomes = (typeof BECOMES)[number]
const place = (what: Becomes): number => BECOMES.indexOf(what)

function dayReport(
  tally: Tally,
  { after }: Prepared,
  reason: DayReport['reason'],
  smallest: number,
): DayReport {
  const counts = countsOf(tally, smallest)
  const paid = after.source.result?.amount !== undefined
  return {
    day: tally.day,
    reason,
    counts,
    bands: tally.bands.map((band, at) => ({
      id: band.id,
      rows: bandRows(tally, { rows: band.rows, band: at, paid }, counts, smallest),
    })),
    misses: [...tally.misses].map(([text, { predicate, before, after }]) => ({
      text,
      predicate,
      before: shown(before, smallest),
      after: shown(after, smallest),
    })),
    cost: paid ? costOf(tally.cost, counts) : null,
    turning: shown(tally.turning, smallest),
    evaluated: tally.evaluated,
  }
}

/**
 * before = still + lost + those who would be asked; after = still + gained: a hidden part hides the sum it would follow
 * from.
 */
function countsOf({ before, after, becomes }: Tally, smallest: number): Changes {
  const of = (what: Becomes) => shown(becomes[place(what)]!, smallest)
  const [still, gained, lost, asked, settled] = [
    of('still'),
    of('gained'),
    of('lost'),
    of('asked'),
    of('settled'),
  ]
  return {
    before: lost === null || asked === null ? null : shown(before, smallest),
    after: gained === null ? null : shown(after, smallest),
    still,
    gained,
    lost,
    asked,
    settled,
  }
}

function bandRows(
  tally: Tally,
  { rows, band, paid }: { rows: Tally['bands'][number]['rows']; band: number; paid: boolean },
  totals: Changes,
  smallest: number,
): DayReport['bands'][number]['rows'] {
  const column = (what: 'still' | 'gained' | 'lost' | 'asked'): (number | null)[] => {
    const numbers = rows.map((_, row) => tally.by_band[band]![row]![place(what)]!)
    return totals[what] === null ? numbers.map(() => null) : suppressed(numbers, smallest)
  }
  const [still, gained, lost, asked] = [column('still'), column('gained'), column('lost'), column('asked')]
  return rows.map(({ value, below }, row) => {
    const [s, g, l, a] = [still[row]!, gained[row]!, lost[row]!, asked[row]!]
    const count = { value, below, still: s, gained: g, lost: l, asked: a }
    return paid ? { ...count, cost: costOf(tally.cost_by_band[band]![row]!, count) } : count
  })
}

/** What is paid to people whose number is hidden is hidden with it. */
const costOf = (
  cost: Costs,
  counts: Pick<Changes, 'gained' | 'lost' | 'asked' | 'still'>,
): { gained: number | null; lost: number | null; still: number | null } => ({
  gained: counts.gained === null ? null : cost.gained,
  lost: counts.lost === null || counts.asked === null ? null : cost.lost,
  still: counts.still === null ? null : cost.still,
})
