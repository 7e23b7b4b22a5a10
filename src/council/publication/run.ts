/**
 * What follows from a publication: those for whom it changes something are found in the snapshot, get their
 * determinations and are told, in batches; then everybody else is looked at again, because the new law may turn for
 * them on another day than the old one. Each batch is one transaction: whatever is stopped or killed goes on from
 * there, and nobody is told twice.
 */
import { type Cause, currentDeterminations } from '../../determinations/determinations.ts'
import { readForRules, ruleFacts } from '../../memory/memory.ts'
import { languageVocabulary, type Pack } from '../../packs/packs.ts'
import { lockSubjects, subjectsAfter } from '../../people/people.ts'
import type { DateText } from '../../platform/clock.ts'
import type { Db } from '../../platform/database.ts'
import type { SubjectId } from '../../platform/ids.ts'
import { type LawChange, type LawNotice, openLawNotices } from '../../proposals/proposals.ts'
import {
  compileRule,
  differencesBetweenRules,
  evaluate,
  type Rule,
  type RuleSource,
} from '../../rules/rules.ts'
import type { CouncilContext } from '../context.ts'
import { BECOMES, countShard, openTally, slotsOf } from '../simulation/count.ts'
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

/** What the way of an event does with subjects to look at again; flow.ts implements it. */
export type Redetermine = (
  tx: Db,
  causes: readonly Cause[],
  at: Date,
) => Promise<{ readonly changed: number }>

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

/** The rule before and after a publication, as it was published. */
function versionsOf(pack: Pack, publication: PublicationRow): { before: Rule; after: Rule } {
  const compile = (source: unknown): Rule => {
    const compiled = compileRule(source as RuleSource, languageVocabulary(pack), {
      money_digits: pack.currency.digits,
    })
    if (!compiled.ok)
      throw new Error(
        `${publication.rule_id}: a published version no longer compiles: ${compiled.errors[0]!.message}`,
      )
    return compiled.rule
  }
  return { before: compile(publication.before_source), after: compile(publication.source) }
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
      const becomes = countShard(comparison, snapshot, shard, openTally(comparison))
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
  const { pack, day } = await ctx.book.pin(tx)
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
  const { changed } = await redetermine(tx, causesFor(publication, subjects), at)
  const notices =
    affected.length > 0 ? await tell(ctx, tx, { pack, publication, day, at, subjects: affected }) : 0
  // Whoever was late does not make up for it: the rate is a limit, not a debt.
  const next_at = new Date(
    Math.max(now.getTime(), run.next_at.getTime()) + (subjects.length * 1000) / run.per_second,
  )
  await saveRun(tx, {
    ...run,
    cursor: others.at(-1) ?? run.cursor,
    done: run.done + others.length,
    changed: run.changed + changed,
    notices: run.notices + notices,
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

type Telling = {
  readonly pack: Pack
  readonly publication: PublicationRow
  readonly day: DateText
  readonly at: Date
  readonly subjects: readonly SubjectId[]
}

async function tell(
  ctx: CouncilContext,
  tx: Db,
  { pack, publication, day, at, subjects }: Telling,
): Promise<number> {
  const versions = versionsOf(pack, publication)
  const predicates = [...new Set([...versions.before.reads, ...versions.after.reads])]
  const held = await readForRules(tx, pack, [{ subjects, predicates }], { day })
  const notices: LawNotice[] = []
  for (const subject of subjects) {
    for (const on of daysOf(publication, day)) {
      const says = (rule: Rule) => {
        const facts = ruleFacts(pack, rule.reads, held.get(subject)!, on)
        return slotsOf(rule, facts).map((slot) => evaluate(rule, facts, { asOf: on, ...slot }).outcome)
      }
      const after = on < versions.after.source.effective.from ? versions.before : versions.after
      const means = meaning(says(versions.before), says(after))
      if (!means) continue
      const standing = (await currentDeterminations(tx, subject)).find(
        (d) => d.rule_id === publication.rule_id,
      )
      if (standing)
        notices.push({
          subject,
          rule: versions.after,
          publication: publication.id,
          means,
          determination: standing.id,
          on,
        })
      break
    }
  }
  return openLawNotices(tx, { pack, at, ids: ctx.ids }, notices)
}

type Outcomes = readonly ReturnType<typeof evaluate>['outcome'][]

function meaning(before: Outcomes, after: Outcomes): LawChange | null {
  const had = before.includes('applies')
  const has = after.includes('applies')
  if (has && !had) return 'gained'
  const asked = after.includes('ask') && !before.includes('ask')
  if (had && !has) return asked ? 'asked' : 'lost'
  return asked && !has ? 'asked' : null
}
