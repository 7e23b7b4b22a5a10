/**
 * Proposals: what the state puts before a person.
 *
 * In:  changed determinations; a person's answer.
 * Out: proposals opened, updated, withdrawn, expired; one answer each.
 * Promise: one live proposal for one rule and item; the same rule firing again never makes a second; a declined one is
 *          not offered again unless the facts it rests on change, an accepted one without a route only for another day or
 *          after it had ceased to apply; answering twice is answering once.
 */

import type { Change } from '../determinations/determinations.ts'
import type { Assertion } from '../memory/memory.ts'
import type { Pack } from '../packs/packs.ts'
import { canonical, sha256 } from '../platform/canonical.ts'
import type { DateText } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import type { Ids, SubjectId } from '../platform/ids.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import {
  answerRow,
  type Closing,
  closeRows,
  findRow,
  insertRows,
  latestOf,
  linkRow,
  listRows,
  slot,
  unanswered,
  updateRows,
} from './store.ts'

export { followLawNotices, type LawNotice } from './law-notices.ts'
export { countLawNotices, openLawNotices } from './store.ts'

export type ProposalState = 'open' | 'accepted' | 'declined' | 'withdrawn' | 'expired'

export type LawChange = 'gained' | 'lost' | 'asked'

export type Proposal = {
  readonly subject_id: SubjectId
  readonly id: string
  readonly kind: 'route' | 'entitlement' | 'obligation' | 'notice'
  readonly rule_id: string
  readonly rule_hash: string
  readonly item: string
  readonly route_id: string | null
  readonly determination: string
  /** Event because of which it was opened or last changed; null when time did. */
  readonly event: string | null
  /** Publication of changed law it rests on, and for notices what that means: it begins, ends, or must be asked. */
  readonly publication: string | null
  readonly law_change: LawChange | null
  readonly facts_digest: string
  readonly state: ProposalState
  readonly unconfirmed: boolean
  readonly opened_at: Date
  readonly updated_at: Date
  readonly due_on: DateText | null
  readonly answered_at: Date | null
  readonly answered_by: string | null
  readonly answer_key: string | null
  readonly journey_id: string | null
  /** Event because of which it was withdrawn, and the proposal that came in its place. */
  readonly closed_because: string | null
  readonly replaced_by: string | null
}

export type Reaction = { readonly opened: number; readonly updated: number; readonly closed: number }

/** Lets changed determinations open, update or close proposals, in the transaction that stored them. */
export async function reactToChanges(
  tx: Db,
  run: { pack: Pack; at: Date; ids: Ids },
  changes: readonly Change[],
): Promise<Reaction> {
  const relevant = changes.filter((c) => proposes(run.pack, c))
  if (relevant.length === 0) return { opened: 0, updated: 0, closed: 0 }
  const latest = await latestOf(
    tx,
    relevant.map((c) => ({ subject_id: c.subject, rule_id: c.rule.source.id, item: c.item })),
  )
  const open: Proposal[] = []
  const update: Proposal[] = []
  const close: Closing[] = []
  for (const change of relevant) {
    const last = latest.get(slot(change.subject, change.rule.source.id, change.item)) ?? null
    const applies = change.after?.outcome === 'applies'
    if (applies && last?.state === 'open') update.push(fresh(run, change, last))
    else if (applies && mayOffer(last, change)) open.push(fresh(run, change, null))
    else if (!applies && last?.state === 'open')
      close.push({
        ...last,
        state: change.because === null ? 'expired' : 'withdrawn',
        closed_because: change.because,
        replaced_by: null,
      })
  }
  await closeRows(tx, close, run.at)
  await updateRows(tx, update)
  await insertRows(tx, open)
  return { opened: open.length, updated: update.length, closed: close.length }
}

/** A rule that is a step of a route is worked on in its journey; by itself it proposes nothing. */
function proposes(pack: Pack, change: Change): boolean {
  let within = stepRules.get(pack)
  if (!within) {
    within = new Set(
      [...pack.routes.values()].flatMap((r) =>
        r.steps.flatMap((s) => (s.rule === undefined ? [] : [s.rule])),
      ),
    )
    stepRules.set(pack, within)
  }
  return !within.has(change.rule.source.id)
}

const stepRules = new WeakMap<Pack, Set<string>>()

function mayOffer(last: Proposal | null, change: Change): boolean {
  if (last === null) return true
  // Accepted is under way or done. Whatever follows from a route is its journey's affair; what has no route (a tax, a
  // document) comes anew when it had ceased to apply in between, or for another day.
  if (last.state === 'accepted')
    return (
      last.route_id === null && (change.before?.outcome !== 'applies' || last.due_on !== change.after!.due_on)
    )
  if (last.state === 'declined') return last.facts_digest !== digest(change.facts)
  return true
}

function fresh(run: { pack: Pack; at: Date; ids: Ids }, change: Change, last: Proposal | null): Proposal {
  const d = change.after!
  const { source } = change.rule
  const route = [...run.pack.routes.values()].find((r) => r.trigger === source.id)
  return {
    subject_id: change.subject,
    id: last?.id ?? run.ids(),
    kind: source.kind,
    rule_id: source.id,
    rule_hash: d.rule_hash,
    item: change.item,
    route_id: route?.id ?? null,
    determination: d.id,
    event: change.because ?? last?.event ?? null,
    publication: d.publication ?? (change.because === null ? (last?.publication ?? null) : null),
    law_change: null,
    facts_digest: digest(change.facts),
    state: 'open',
    unconfirmed: source.status !== 'published' || route?.status === 'working',
    opened_at: last?.opened_at ?? run.at,
    updated_at: run.at,
    due_on: d.due_on,
    ...unanswered,
  }
}

/** What was known, not under which id it was told: a repeated or corrected-to-the-same event changes nothing. */
const digest = (facts: readonly Assertion[]): string =>
  sha256(
    canonical(
      facts.map((f) => canonical([f.predicate, f.item, f.state, f.value, f.valid_from, f.valid_to])).sort(),
    ),
  )

export type Answer = 'accept' | 'decline'
export type Answered = { readonly proposal: Proposal; readonly repeated: boolean }

/**
 * Records a person's answer. The caller holds the subject's lock.
 * The same answer again (same key, or the same state already reached) is a repetition, not an error.
 * Refusals: `not_found`, `already_answered` (the other way), `no_longer_open`.
 */
export async function answer(
  tx: Db,
  at: Date,
  given: { subject: SubjectId; id: string; answer: Answer; key: string; by: string },
): Promise<Outcome<Answered>> {
  const proposal = await findRow(tx, given.subject, given.id)
  if (!proposal) return refused({ code: 'not_found', message: 'There is no such proposal.' })
  const wanted = given.answer === 'accept' ? 'accepted' : 'declined'
  if (proposal.state === wanted) return accepted({ proposal, repeated: true })
  if (proposal.state === 'accepted' || proposal.state === 'declined') {
    return refused({ code: 'already_answered', message: `This proposal was already ${proposal.state}.` })
  }
  if (proposal.state !== 'open') {
    return refused({
      code: 'no_longer_open',
      message: `This proposal was ${proposal.state}.`,
      next: 'Look at your inbox: the situation has changed.',
    })
  }
  await answerRow(tx, given.subject, given.id, wanted, at, given.by, given.key)
  return accepted({
    proposal: { ...proposal, state: wanted, answered_at: at, answered_by: given.by, answer_key: given.key },
    repeated: false,
  })
}

/** Ties an accepted proposal to the journey it started. */
export const linkJourney = (tx: Db, subject: SubjectId, id: string, journey: string): Promise<void> =>
  linkRow(tx, subject, id, journey)

export const PROPOSALS_MAX = 200

/** A subject's proposals, newest first. */
export const listProposals = (
  db: Db,
  subject: SubjectId,
  states: readonly ProposalState[],
): Promise<Proposal[]> => listRows(db, subject, states, PROPOSALS_MAX)

export const findProposal = (db: Db, subject: SubjectId, id: string): Promise<Proposal | null> =>
  findRow(db, subject, id)
