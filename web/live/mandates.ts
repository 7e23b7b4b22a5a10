/** For whom a person's pages speak: for themselves, and for the organisations they head. */
import type { Predicate } from '../../src/packs/packs.ts'
import type { Json } from '../../src/platform/canonical.ts'
import type { SubjectId } from '../../src/platform/ids.ts'
import { findProposal, type Proposal } from '../../src/proposals/proposals.ts'
import type { PersonAsker, Text } from '../views.ts'
import { idOf, type LiveContext } from './context.ts'
import { openOwn } from './reading.ts'

/** One subject a person may read and answer for. */
export type Side = {
  readonly reader: SubjectId
  readonly subject: SubjectId
  /** The relation that lets the reader in where the subject is somebody else. */
  readonly as?: 'director'
  /** What the subject is called when it is not the reader. */
  readonly name: Text | null
}

export const ownSide = (reader: SubjectId): Side => ({ reader, subject: reader, name: null })

/**
 * The organisations a person heads: by their own record, and by that of the organisation, which the gate asks. Each is
 * an access entry of both.
 */
export async function mandatesOf(live: LiveContext, reader: SubjectId): Promise<Side[]> {
  const heads = related(live, 'director_of')
  const directors = related(live, 'director')
  if (!heads || !directors) return []
  const mandates: Side[] = []
  for (const fact of await openOwn(live, reader, reader, { predicates: [heads.name] })) {
    if (fact.state !== 'known') continue
    const side = { reader, subject: fact.item as SubjectId, as: 'director' as const }
    const named = await openOwn(live, reader, side.subject, { predicates: [directors.name], as: side.as })
    if (named.length > 0) mandates.push({ ...side, name: textIn(heads, fact.value) })
  }
  return mandates
}

const related = (live: LiveContext, relation: string): Predicate | undefined =>
  [...live.pack.vocabulary.values()].find((p) => p.relation === relation)

/** What people call an item of a list: its first text; null where it has none. */
export function textIn({ type }: Predicate, value: Json): Text | null {
  if (type.kind !== 'list' || typeof value !== 'object' || value === null) return null
  const field = Object.entries(type.fields).find(([, of]) => of.kind === 'string')?.[0]
  const text = field === undefined ? undefined : (value as { readonly [field: string]: Json })[field]
  return typeof text === 'string' ? text : null
}

/** A proposal that is the asker's to see: their own, or that of an organisation they head. */
export async function findWithin(
  live: LiveContext,
  asker: PersonAsker,
  id: string,
): Promise<{ readonly side: Side; readonly proposal: Proposal } | null> {
  const own = ownSide(idOf(asker))
  const proposal = await findProposal(live.db, own.subject, id)
  if (proposal) return { side: own, proposal }
  for (const side of await mandatesOf(live, own.reader)) {
    const theirs = await findProposal(live.db, side.subject, id)
    if (theirs) return { side, proposal: theirs }
  }
  return null
}
