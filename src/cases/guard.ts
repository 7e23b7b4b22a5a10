import { lockSubjects } from '../people/people.ts'
import type { Db } from '../platform/database.ts'
import { isUuid } from '../platform/ids.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import type { Officer } from './context.ts'
import { type CaseRow, findCase } from './store.ts'

/** Only somebody named, of the agency the case belongs to. */
export const mayWorkOn = (officer: Officer, found: Pick<CaseRow, 'agency'>): boolean =>
  officer.agency === found.agency && officer.number !== '' && officer.name !== ''

/**
 * A case for a civil servant, under its subject's lock.
 * Refusals: `not_found`, `not_your_case` (another agency's).
 */
export async function lockCase(tx: Db, case_id: string, officer: Officer): Promise<Outcome<CaseRow>> {
  const seen = isUuid(case_id) ? await findCase(tx, case_id) : null
  if (!seen) return refused({ code: 'not_found', message: 'There is no such case.' })
  if (!mayWorkOn(officer, seen))
    return refused({ code: 'not_your_case', message: 'This case belongs to another agency.' })
  await lockSubjects(tx, [seen.subject_id])
  return accepted((await findCase(tx, case_id))!)
}

/** The refusal for work on a draft that is no longer the newest. */
export const draftChanged = (standing: { readonly hash: string; readonly version: number }) =>
  refused<never>({
    code: 'draft_changed',
    message: 'The draft changed since you opened it: facts or words are different now.',
    next: 'Read the new draft and decide again.',
    facts: { draft_hash: standing.hash, version: standing.version },
  })
