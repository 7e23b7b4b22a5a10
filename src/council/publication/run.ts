/**
 * What follows from a publication: those for whom it changes something are found in the snapshot, get their
 * determinations and are told, in batches; then everybody else is looked at again, because the new law may turn for
 * them on another day than the old one. Each batch is one transaction: whatever is stopped or killed goes on from
 * there, and nobody is told twice.
 */
import type { Cause } from '../../determinations/determinations.ts'
import { lockSubjects, subjectsAfter } from '../../people/people.ts'
import type { DateText } from '../../platform/clock.ts'
import type { Db } from '../../platform/database.ts'
import type { SubjectId } from '../../platform/ids.ts'
import { differencesBetweenRules, type RuleSource } from '../../rules/rules.ts'
import type { CouncilContext } from '../context.ts'
import { BECOMES, countShard, openTally } from '../simulation/count.ts'
import { comparisonOn } from '../simulation/simulate.ts'
import { type LoadedShard, type OpenSnapshot, withSnapshot } from '../snapshot/snapshot.ts'
import {
  findPublicationRow,
  insertWork,
  isAnyDue,
  type PublicationRow,
  type PublicationRunRow,
  saveRun,
  takeRun,
  takeWork,
} from '../store.ts'
import { followNotices } from './notices.ts'
import { versionsOf } from './versions.ts'

/** What the way of an event does with subjects to look at again; flow.ts implements it. */
export type Redetermine = (
  tx: Db,
  causes: readonly Cause[],
  at: Date,
) => Promise<{ readonly changed: number; readonly kept: number }>

const BATCH = 200
/** Others are mostly found unchanged, which costs less. */
const BATCH_OTHERS = 500

/** Does the next piece of every run that is due. Call often. @returns how many subjects were worked out or found */
export async function continuePublications(ctx: CouncilContext, redetermine: Redetermine): Promise<number> {
  const now = ctx.queue_clock.now()
  const { pack, day } = await ctx.book.refresh()
  let done = 0
  if (await isAnyDue(ctx.db, day, now, ['waiting', 'scanning']))
    done += await withSnapshot(ctx, pack, (snapshot, tx) => scan(ctx, tx, snapshot))
  if (await isAnyDue(ctx.db, day, now, ['working']))
    done += await ctx.db.transaction((tx) => workOn(ctx, tx, redetermine))
  return done
}

/** Days on which the two versions are compared: today, and each on which something changed takes effect. */
const daysOf = ({ effective_on, effects }: PublicationRow, today: DateText): DateText[] =>
  [...new Set([today, effective_on, ...effects].filter((day) => day >= today))].sort()

/** Does not pin the rules: it may take long, and reads no more of them than the publication itself says. */
async function scan(ctx: CouncilContext, tx: Db, snapshot: OpenSnapshot): Promise<number> {
  const { pack, day } = ctx.book.now()
  const run = await takeRun(tx, day, ctx.queue_clock.now(), ['waiting', 'scanning'])
  if (!run) return 0
  const publication = (await findPublicationRow(tx, run.publication))!
  const versions = versionsOf(pack, publication)
  const differences = differencesBetweenRules(versions.before, versions.after)
  let affected = 0
  const kind = versions.after.source.subject
  for (const shard of snapshot.shards(kind)) {
    const rows = new Set<number>()
    for (const on of daysOf(publication, day)) {
      const comparison = comparisonOn({ ...versions, pack, differences }, on)
      const becomes = countShard(comparison, shard, openTally(comparison))
      for (const [row, what] of becomes.entries())
        if (BECOMES[what] !== 'nothing' && (BECOMES[what] !== 'still' || comparison.amounts_differ))
          rows.add(row)
    }
    affected += rows.size
    await insertWork(tx, publication.id, idsOf(shard, rows))
  }
  await saveRun(tx, {
    ...run,
    state: 'working',
    affected,
    subjects: snapshot.manifest.files.reduce((sum, f) => sum + (f.kind === kind ? f.rows : 0), 0),
    started_at: run.started_at ?? ctx.clock.now(),
  })
  return Math.max(1, affected)
}

const idsOf = (shard: LoadedShard, rows: ReadonlySet<number>): SubjectId[] =>
  [...rows].map((row) => shard.id(row))

async function workOn(ctx: CouncilContext, tx: Db, redetermine: Redetermine): Promise<number> {
  const { pack, index, day } = await ctx.book.pin(tx)
  const now = ctx.queue_clock.now()
  const run = await takeRun(tx, day, now, ['working'])
  if (!run) return 0
  const publication = (await findPublicationRow(tx, run.publication))!
  const affected = await takeWork(tx, run.publication, Math.min(BATCH, run.per_second))
  const others =
    affected.length > 0
      ? []
      : await subjectsAfter(
          tx,
          publicationKind(publication),
          run.cursor,
          Math.min(BATCH_OTHERS, run.per_second),
        )
  const subjects = affected.length > 0 ? affected : others
  if (subjects.length === 0) {
    await saveRun(tx, ended(ctx, run, publication, day))
    return 1
  }
  await lockSubjects(tx, subjects)
  const at = ctx.clock.now()
  const causes = causesFor(publication, subjects)
  const { changed, kept } = await redetermine(tx, causes, at)
  // Whom it changes nothing for has nothing to be told, unless their facts change meanwhile: then that tells them.
  const told =
    affected.length > 0 ? await followNotices(tx, { pack, index, at, ids: ctx.ids }, causes) : { opened: 0 }
  // Whoever was late does not make up for it: the rate is a limit, not a debt.
  const next_at = new Date(
    Math.max(now.getTime(), run.next_at.getTime()) + (subjects.length * 1000) / run.per_second,
  )
  await saveRun(tx, {
    ...run,
    cursor: others.at(-1) ?? run.cursor,
    done: run.done + others.length,
    changed: run.changed + changed,
    kept: run.kept + kept,
    notices: run.notices + told.opened,
    next_at,
  })
  return subjects.length
}

const publicationKind = (p: PublicationRow): 'person' | 'organisation' =>
  (p.source as unknown as RuleSource).subject

const causesFor = (publication: PublicationRow, subjects: readonly SubjectId[]): Cause[] =>
  subjects.map((subject) => ({
    subject,
    kind: publicationKind(publication),
    predicates: 'all',
    because: null,
    rules: new Set([publication.rule_id]),
    publication: publication.id,
  }))

/** A text for a later day is gone through once more on that day, when it is in force. */
function ended(
  ctx: CouncilContext,
  run: PublicationRunRow,
  publication: PublicationRow,
  day: DateText,
): PublicationRunRow {
  if (publication.effective_on > day && run.starts_on < publication.effective_on)
    return { ...run, state: 'waiting', starts_on: publication.effective_on, cursor: null, done: 0 }
  return { ...run, state: 'done', ended_at: ctx.clock.now() }
}
