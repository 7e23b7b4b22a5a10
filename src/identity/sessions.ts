import type { Clock } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import type { Assurance } from './assurance.ts'
import { type Holder, holderColumns } from './holders.ts'
import type { EndedSession } from './identity.ts'
import {
  deleteEverySession,
  deleteProviderSessions,
  deleteSessionsOf,
  listSessions,
  type SessionRow,
  type SignInMethod,
} from './store.ts'

/** How long a session lives in which no human does anything (NIST SP 800-63B, AAL2 and AAL3). */
export const IDLE_MS = { citizen: 30 * 60_000, officer: 15 * 60_000 }

/** A person's own sessions: seen and ended by themselves, by their provider, or by an operator. */
export type OwnSession = {
  readonly id: string
  readonly started_at: Date
  readonly seen_at: Date
  /** `Chrome, Android`; empty when unknown. */
  readonly device: string
  readonly assurance: Assurance
  readonly method: SignInMethod
  /** The one that asks. */
  readonly is_this: boolean
}

/** More at once than anybody has: the oldest are not shown, and end like all others. */
const SHOWN_MAX = 50

/** The sessions of a holder, the one seen last first. @param session the one that asks */
export async function ownSessions(
  db: Db,
  clock: Clock,
  holder: Holder,
  session: string,
): Promise<OwnSession[]> {
  const rows = await listSessions(db, holderColumns(holder), SHOWN_MAX)
  const is_over = (row: SessionRow) => clock.now().getTime() - row.seen_at.getTime() > IDLE_MS[row.kind]
  return rows
    .filter((row) => !is_over(row))
    .map(({ id, started_at, seen_at, device, assurance, method }) => ({
      id,
      started_at,
      seen_at,
      device,
      assurance,
      method,
      is_this: id === session,
    }))
    .sort((a, b) => Number(b.is_this) - Number(a.is_this))
}

/** Ends one session of a holder; empty when it is not theirs or not there. */
export const endSessionsOf = (db: Db, holder: Holder, only: string): Promise<readonly EndedSession[]> =>
  deleteSessionsOf(db, holderColumns(holder), { only })

/** Ends all sessions of a holder but this one; all of them when `session` is null. */
export const endOtherSessions = (
  db: Db,
  holder: Holder,
  session: string | null,
): Promise<readonly EndedSession[]> => deleteSessionsOf(db, holderColumns(holder), { all_but: session })

/** Ends every session there is. @returns how many */
export const endSessionsOfEverybody = (db: Db): Promise<number> => deleteEverySession(db)

/**
 * Ends what a provider says has ended (OpenID Connect Back-Channel Logout 1.0 §2.7). @returns how many sessions
 * @param of marks (`providerMark`) of its subject, of its session, or of both
 */
export const endProviderSessions = (
  db: Db,
  of: { readonly subject: string | null; readonly session: string | null },
): Promise<number> => deleteProviderSessions(db, of)
