/**
 * What publications mean for people, kept true: the rule as it was before a publication and the law as it stands now are
 * asked of what is known of them. It is looked at when a publication is followed through, and again whenever something
 * changes that either version reads; so whoever is told first and whose income is told first end with the same notice.
 */
import {
  type Cause,
  type Read,
  type Run,
  standingDeterminations,
} from '../../determinations/determinations.ts'
import { type Assertion, readForRules, ruleFacts } from '../../memory/memory.ts'
import type { Pack } from '../../packs/packs.ts'
import { type DateText, dateIn } from '../../platform/clock.ts'
import type { Db } from '../../platform/database.ts'
import {
  followLawNotices,
  type LawChange,
  type LawNotice,
  openLawNotices,
} from '../../proposals/proposals.ts'
import { evaluate, type Rule } from '../../rules/rules.ts'
import { slotsOf } from '../simulation/count.ts'
import { findPublicationRow, type PublicationRow, unfinishedRuns } from '../store.ts'
import { compilePublished } from './versions.ts'

/**
 * Opens, keeps, replaces or withdraws the notices of those whose facts, day or law changed, in the transaction that
 * changed them and under the subjects' locks.
 * @returns how many were opened, and what was read of whom
 */
export async function followNotices(
  tx: Db,
  run: Run,
  causes: readonly Cause[],
): Promise<{ readonly opened: number; readonly read: readonly Read[] }> {
  const none = { opened: 0, read: [] }
  if (run.index.laws.size === 0) return none
  const today = dateIn(run.at, run.pack.zone)
  const laws = await touchedLaws(tx, run, causes)
  if (laws.length === 0) return none
  const pairs = await worthALook(tx, laws, today)
  if (pairs.length === 0) return none
  const subjects = [...new Set(pairs.map((p) => p.cause.subject))]
  const predicates = [...new Set(pairs.flatMap((p) => [...p.law.rule.reads, ...p.law.before.reads]))]
  const held = await readForRules(tx, run.pack, [{ subjects, predicates }], { day: today })
  const standing = await standingDeterminations(tx, subjects)
  const notices = pairs.map(({ law, cause, is_news }): LawNotice => {
    const { subject, because } = cause
    const rests = standing.get(subject)?.find((d) => d.rule_id === law.rule.source.id)
    // Of whom the rule says nothing at all (or nothing any more), it says nothing new either.
    const says = rests ? meaningFor(run, law, held.get(subject)!, today) : null
    return {
      subject,
      rule: law.rule,
      publication: law.id,
      says: says && { ...says, determination: rests!.id, applies: rests!.outcome === 'applies' },
      is_news,
      because,
    }
  })
  const opened = await followLawNotices(tx, { today, at: run.at, ids: run.ids }, notices)
  const read = subjects.map((subject): Read => {
    const because = pairs.find((p) => p.cause.subject === subject)!.cause.because
    return { subject, because, predicates: [...predicates].sort() }
  })
  return { opened, read }
}

/** A publication as notices need it. */
type Law = {
  readonly id: string
  /** As it was before it. */
  readonly before: Rule
  /** As it stands now, whatever was published after it. */
  readonly rule: Rule
  /** Days on which it makes the law another, in order. */
  readonly days: readonly DateText[]
}

type Pair = { readonly law: Law; readonly cause: Cause; readonly is_news: boolean }

/** Compiled once for a set of rules in force: publications never change. */
const known = new WeakMap<Pack, Map<string, Omit<Law, 'rule'>>>()
/** Publications that are followed through stay so. */
const finished = new Set<string>()

async function lawOf(tx: Db, pack: Pack, id: string, rule: Rule): Promise<Law> {
  const laws = known.get(pack) ?? new Map<string, Omit<Law, 'rule'>>()
  known.set(pack, laws)
  let law = laws.get(id)
  if (!law) {
    const row = (await findPublicationRow(tx, id))!
    law = { id, before: compilePublished(pack, row.rule_id, row.before_source), days: effectsOf(row) }
    laws.set(id, law)
  }
  return { ...law, rule }
}

const effectsOf = ({ effective_on, effects }: PublicationRow): DateText[] =>
  [...new Set([effective_on, ...effects])].sort()

/** For each cause the published laws of which either version reads what changed. */
async function touchedLaws(
  tx: Db,
  { pack, index }: Run,
  causes: readonly Cause[],
): Promise<{ readonly law: Law; readonly cause: Cause }[]> {
  const touched: { law: Law; cause: Cause }[] = []
  for (const [rule_id, days] of index.laws) {
    const rule = pack.rules.get(rule_id)
    if (!rule) continue
    for (const id of new Set(days.map((d) => d.publication))) {
      const law = await lawOf(tx, pack, id, rule)
      const reads = new Set([...rule.reads, ...law.before.reads, ...index.silencing[rule.source.subject]])
      for (const cause of causes) {
        if (cause.kind !== rule.source.subject || (cause.rules && !cause.rules.has(rule_id))) continue
        if (cause.predicates === 'all' || [...cause.predicates].some((name) => reads.has(name)))
          touched.push({ law, cause })
      }
    }
  }
  return touched
}

/** What is no news any more is only looked at where a notice of it stands open. */
async function worthALook(
  tx: Db,
  laws: readonly { readonly law: Law; readonly cause: Cause }[],
  today: DateText,
): Promise<Pair[]> {
  const ids = [...new Set(laws.map(({ law }) => law.id))]
  const unsure = ids.filter((id) => !finished.has(id))
  const running = unsure.length === 0 ? [] : await unfinishedRuns(tx, unsure)
  for (const id of unsure) if (!running.includes(id)) finished.add(id)
  const isNews = (law: Law) => law.days.at(-1)! > today || running.includes(law.id)
  const old = laws.filter(({ law }) => !isNews(law))
  const open = new Set(
    old.length === 0
      ? []
      : (
          await openLawNotices(
            tx,
            [...new Set(old.map(({ law }) => law.id))],
            [...new Set(old.map(({ cause }) => cause.subject))],
          )
        ).map((n) => `${n.subject_id} ${n.publication}`),
  )
  return laws.flatMap(({ law, cause }): Pair[] => {
    const is_news = isNews(law)
    return is_news || open.has(`${cause.subject} ${law.id}`) ? [{ law, cause, is_news }] : []
  })
}

/** The first day, from today on, on which the law as it stands says something else than the rule did before. */
function meaningFor(
  { pack, index }: Run,
  { before, rule, days }: Law,
  held: readonly Assertion[],
  today: DateText,
): { readonly means: LawChange; readonly on: DateText } | null {
  const coming = index.coming.get(rule.source.id)
  for (const on of [today, ...days.filter((day) => day > today)]) {
    const says = (of: Rule) => {
      const facts = ruleFacts(pack, of.reads, held, on)
      return slotsOf(of, facts).map((at) => evaluate(of, facts, { asOf: on, ...at }).outcome)
    }
    const means = meaning(says(before), says(coming && on >= coming.source.effective.from ? coming : rule))
    if (means) return { means, on }
  }
  return null
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
