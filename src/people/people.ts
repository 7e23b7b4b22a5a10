/**
 * People: one master record of persons and organisations.
 *
 * In:  national identifiers as registries send them.
 * Out: opaque subject ids, and the other way round only for a call that discloses them to an agency.
 * Promise: national identifiers are stored here and nowhere else. Family relations are facts, dated and learned from
 *          events like all others: predicates with a `relation` in the vocabulary (memory).
 */
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { checkPinfl } from './pinfl.ts'
import {
  findIdentifiers,
  identifierRow,
  insertIdentifiers,
  insertSubjects,
  kindsOf,
  lockSubjectRows,
  setJudged,
  subjectCount,
  subjectPage,
} from './store.ts'

export type IdentifierKind = 'pinfl' | 'stir' | 'passport'
export type SubjectKind = 'person' | 'organisation'
export type Identifier = { readonly kind: IdentifierKind; readonly value: string }

/** A key for maps over identifiers. */
export const identifierKey = (kind: string, value: string): string => `${kind}:${value}`

export type IdentifierCheck = {
  readonly well_formed: boolean
  readonly expected: string
  readonly warnings: readonly string[]
}

/** Whether a text can be an identifier of this kind at all, and what is odd about it. */
export function checkIdentifier(kind: IdentifierKind, value: string): IdentifierCheck {
  switch (kind) {
    case 'pinfl':
      return { ...checkPinfl(value), expected: '14 digits beginning with 1–6' }
    case 'stir':
      // The control algorithm is not public: format only (country facts §3.2).
      return {
        well_formed: /^[2-7]\d{8}$/.test(value),
        expected: '9 digits beginning with 2–7',
        warnings: [],
      }
    case 'passport':
      return {
        well_formed: /^[A-Z]{2}\d{7}$/.test(value),
        expected: 'two Latin capitals and 7 digits',
        warnings: [],
      }
  }
}

/** The subjects these identifiers belong to, by `identifierKey`; unknown ones are missing from the map. */
export async function findSubjects(
  db: Db,
  identifiers: readonly Identifier[],
): Promise<Map<string, SubjectId>> {
  const found = new Map<string, SubjectId>()
  if (identifiers.length === 0) return found
  for (const row of await findIdentifiers(db, identifiers))
    found.set(identifierKey(row.kind, row.value), row.subject_id)
  return found
}

export type NewSubject = Identifier & { readonly subject_id: SubjectId; readonly subject: SubjectKind }

/**
 * Brings subjects into the master record. When another transaction was faster with the same identifier, its subject
 * wins: the returned map holds the subject that stands, by `identifierKey`.
 */
export async function establishSubjects(
  tx: Db,
  subjects: readonly NewSubject[],
  at: Date,
): Promise<Map<string, SubjectId>> {
  const standing = new Map<string, SubjectId>()
  if (subjects.length === 0) return standing
  const sorted = [...subjects].sort((a, b) =>
    identifierKey(a.kind, a.value) < identifierKey(b.kind, b.value) ? -1 : 1,
  )
  const inserted = await insertIdentifiers(tx, sorted, at)
  for (const row of inserted) standing.set(identifierKey(row.kind, row.value), row.subject_id)
  await insertSubjects(
    tx,
    sorted.filter((s) => standing.has(identifierKey(s.kind, s.value))),
    at,
  )
  const lost = sorted.filter((s) => !standing.has(identifierKey(s.kind, s.value)))
  for (const [key, subject] of await findSubjects(tx, lost)) standing.set(key, subject)
  return standing
}

export type Locked = {
  readonly kinds: ReadonlyMap<SubjectId, SubjectKind>
  /** Until when the last decision about any of them knew; null when none was taken. */
  readonly judged_at: Date | null
}

/**
 * Locks the subjects' rows until the transaction ends, in one order everywhere: whoever changes what is known or
 * decided of a subject holds this lock.
 */
export async function lockSubjects(tx: Db, subjects: readonly SubjectId[]): Promise<Locked> {
  const rows = await lockSubjectRows(tx, subjects)
  let judged_at: Date | null = null
  for (const row of rows) {
    if (row.judged_at !== null && (judged_at === null || row.judged_at > judged_at)) judged_at = row.judged_at
  }
  return { kinds: new Map(rows.map((r) => [r.subject_id, r.kind])), judged_at }
}

/**
 * The instant under which what is told now is recorded: later than every decision that did not know it, even when both
 * fall into one millisecond or another machine's clock was ahead.
 */
export const knownFrom = ({ judged_at }: Locked, now: Date): Date =>
  judged_at !== null && judged_at >= now ? new Date(judged_at.getTime() + 1) : now

/** A decision about the subject, whose lock the caller holds, knew what was recorded until `at`. */
export const markJudged = (tx: Db, subject: SubjectId, at: Date): Promise<void> => setJudged(tx, subject, at)

/** Each subject's kind, without a lock. */
export const subjectKinds = (db: Db, subjects: readonly SubjectId[]): Promise<Map<SubjectId, SubjectKind>> =>
  kindsOf(db, subjects)

/** A subject's identifier, for a disclosure that the gate has recorded; null when none of this kind is known. */
export const identifierOf = (db: Db, subject: SubjectId, kind: IdentifierKind): Promise<string | null> =>
  identifierRow(db, subject, kind)

/** How many subjects of a kind there are. */
export const countSubjects = (db: Db, kind: SubjectKind): Promise<number> => subjectCount(db, kind)

const FIRST = '00000000-0000-0000-0000-000000000000'
const PAGE = 20_000

/**
 * Every subject of a kind, in pages. One that is established while this runs may be missing: whoever needs all must
 * hear of it otherwise (the council does, by its changed facts).
 */
export async function* allSubjects(db: Db, kind: SubjectKind): AsyncGenerator<readonly SubjectId[]> {
  for (let after = FIRST; ; ) {
    const page = (await subjectPage(db, kind, after, PAGE)).map((r) => r.subject_id)
    if (page.length > 0) yield page
    if (page.length < PAGE) return
    after = page.at(-1)!
  }
}

/** Some subjects of a kind in the order of their ids, from behind `after`; null: from the first. */
export const subjectsAfter = async (
  db: Db,
  kind: SubjectKind,
  after: SubjectId | null,
  limit: number,
): Promise<SubjectId[]> => (await subjectPage(db, kind, after ?? FIRST, limit)).map((r) => r.subject_id)
