/**
 * Notices that the law changed. One says what a publication means for one subject, and rests on what the changed rule
 * says of them: when that becomes another, the notice is withdrawn or another comes in its place. None is ever lost; the
 * one that no longer holds keeps the event that made it so.
 */
import type { DateText } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import type { Ids, SubjectId } from '../platform/ids.ts'
import type { Rule } from '../rules/rules.ts'
import type { LawChange, Proposal } from './proposals.ts'
import { type Closing, closeRows, insertRows, latestOf, slot, unanswered, updateRows } from './store.ts'

/** What a published change of law means for one subject now. */
export type LawNotice = {
  readonly subject: SubjectId
  readonly rule: Rule
  readonly publication: string
  /** Null: nothing. */
  readonly says: {
    readonly means: LawChange
    /** Day from which it means that. */
    readonly on: DateText
    /** What the changed rule says of them today. */
    readonly determination: string
    /** Whether it applies to them today. */
    readonly applies: boolean
  } | null
  /** Whether the change is still news: only then is anybody told, or told again after they have read it. */
  readonly is_news: boolean
  /** Event because of which it is looked at; null when time or the publication itself is the reason. */
  readonly because: string | null
}

type Run = { readonly today: DateText; readonly at: Date; readonly ids: Ids }

/**
 * Brings the notices of these subjects to what is true now. It does not matter whether the rule is a step of a route: who
 * is in no journey has to hear of it all the more. However often it is repeated, one notice lives for each publication
 * and subject. The caller holds the subjects' locks.
 * @returns how many were opened
 */
export async function followLawNotices(tx: Db, run: Run, notices: readonly LawNotice[]): Promise<number> {
  const latest = await latestOf(
    tx,
    notices.map((n) => ({ subject_id: n.subject, rule_id: n.rule.source.id, item: itemOf(n) })),
  )
  const open: Proposal[] = []
  const update: Proposal[] = []
  const close: { readonly last: Proposal; readonly because: string | null; readonly by: string | null }[] = []
  for (const notice of notices) {
    const last = latest.get(slot(notice.subject, notice.rule.source.id, itemOf(notice))) ?? null
    const is_live = last !== null && last.state !== 'withdrawn' && last.state !== 'expired'
    // What was read long ago was true then, and is the reader's past.
    if (is_live && last.state !== 'open' && !notice.is_news) continue
    if (is_live && notice.says && saysStill(last, notice.says, run.today)) {
      if (last.state === 'open' && last.determination !== notice.says.determination)
        update.push({ ...last, determination: notice.says.determination, updated_at: run.at })
      continue
    }
    const next = notice.says && mayTell(notice, is_live) ? fresh(run, notice, notice.says) : null
    if (next) open.push(next)
    if (is_live) close.push({ last, because: notice.because, by: next?.id ?? null })
  }
  const rows = close.map(({ last, because, by }): Closing => {
    // Where a later change of the same rule says something, that is what came in its place.
    const replaced_by =
      by ?? open.find((p) => p.subject_id === last.subject_id && p.rule_id === last.rule_id)?.id ?? null
    const state = because === null && replaced_by === null ? 'expired' : 'withdrawn'
    return { ...last, state, closed_because: because, replaced_by }
  })
  await closeRows(tx, rows, run.at)
  await updateRows(tx, update)
  await insertRows(tx, open)
  return open.length
}

/** Later facts tell nobody that they lose what they never had nor were told of. */
const mayTell = ({ says, is_news, because }: LawNotice, is_live: boolean): boolean =>
  is_news && (is_live || because === null || says?.means !== 'lost' || says.applies)

const itemOf = (n: LawNotice): string => `publication:${n.publication}`

/** A day that has come since is the same day: what was to begin has begun. */
const saysStill = (last: Proposal, says: NonNullable<LawNotice['says']>, today: DateText): boolean =>
  last.law_change === says.means &&
  (last.due_on === says.on || (says.on === today && last.due_on !== null && last.due_on < today))

const fresh = (run: Run, n: LawNotice, says: NonNullable<LawNotice['says']>): Proposal => ({
  subject_id: n.subject,
  id: run.ids(),
  kind: 'notice',
  rule_id: n.rule.source.id,
  rule_hash: n.rule.hash,
  item: itemOf(n),
  route_id: null,
  determination: says.determination,
  event: n.because,
  publication: n.publication,
  law_change: says.means,
  facts_digest: '',
  state: 'open',
  unconfirmed: n.rule.source.status !== 'published',
  opened_at: run.at,
  updated_at: run.at,
  due_on: says.on,
  ...unanswered,
})
