/**
 * Consent: purposes, legal bases, and the gate, the only door through which a person or an agency reads memory.
 *
 * In:  who asks, about whom, for which purpose, in which case or journey.
 * Out: the assertions that purpose allows, or a refusal.
 * Promise: the access entry is written before the facts are read, in the same transaction, inside the database; the
 *          role that asks has no other way to a fact (I3).
 */

import type { Pack } from '../packs/packs.ts'
import type { Json } from '../platform/canonical.ts'
import { type Clock, type DateText, dateIn } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import type { Ids, SubjectId } from '../platform/ids.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import { openThroughGate, replacePurposes } from './store.ts'

export type Opening = {
  readonly subject: SubjectId
  readonly actor_kind: 'person' | 'officer' | 'agency'
  /** Subject id of a person, pseudonymous number of a civil servant, code of an agency. */
  readonly actor: string
  readonly actor_role?: string
  readonly purpose: string
  readonly predicates: readonly string[]
  readonly journey_id?: string
  readonly case_id?: string
  readonly channel: string
  readonly automated: boolean
  readonly valid_on?: DateText
  readonly known_at?: Date
  /** For a person who opens somebody else's memory: the predicate of that subject which names them, e.g. `parents`. */
  readonly via?: string
}

/** An assertion as the gate hands it out (the shape of memory's `Assertion`). */
export type OpenedFact = {
  readonly id: string
  readonly predicate: string
  readonly item: string
  readonly state: 'known' | 'absent'
  readonly value: Json
  readonly valid_from: DateText
  readonly valid_to: DateText | null
  readonly source: string
  readonly event: string
  readonly observed_at: Date
  readonly recorded_at: Date
  readonly superseded_at: Date | null
}

export type Opened = { readonly entry: string; readonly facts: readonly OpenedFact[] }

/** What the gate's own error codes mean. */
const REFUSALS: Readonly<Record<string, string>> = {
  HG001: 'unknown_purpose',
  HG002: 'not_your_memory',
}

/**
 * Opens a subject's memory. The returned `entry` is the id of the access entry that was committed with the read.
 * @param gate connections under the role `hamroh_gate`
 */
export async function openMemory(
  gate: Db,
  at: { clock: Clock; ids: Ids; zone: string },
  opening: Opening,
): Promise<Outcome<Opened>> {
  const now = at.clock.now()
  const entry = at.ids()
  const valid_on = opening.valid_on ?? dateIn(now, at.zone)
  try {
    const facts = await openThroughGate(gate, {
      entry,
      at: now,
      valid_on,
      known_at: opening.known_at ?? now,
      opening,
    })
    return accepted({ entry, facts })
  } catch (error) {
    const code = REFUSALS[(error as { code?: string }).code ?? '']
    if (!code) throw error
    return refused({
      code,
      message: 'The gate refused this read: the purpose or the person asking does not allow it.',
    })
  }
}

/** Makes the database's purposes those of the pack; call at start, before anything reads. */
export const publishPurposes = (db: Db, pack: Pack): Promise<void> =>
  replacePurposes(db, [...pack.purposes.values()])
