import type { Pack } from '../packs/packs.ts'
import type { Json } from '../platform/canonical.ts'
import type { Clock, DateText } from '../platform/clock.ts'
import type { Database, Db } from '../platform/database.ts'
import type { Ids, SubjectId } from '../platform/ids.ts'
import type { AgencyAnswer } from './transition.ts'

/** One call to an agency; `key` is the step's id, so that whatever is repeated has one effect (I7). */
export type AgencyCall = {
  readonly agency: string
  readonly key: string
  readonly timeout_ms: number
  readonly body: Json
}

/** How routes speak with agencies. Never throws for what a network or an agency can do: that is an answer. */
export type AgencyPort = {
  /** Asks the agency to do its part. */
  send(call: AgencyCall): Promise<AgencyAnswer>
  /** Asks how a taken task goes. */
  ask(call: Omit<AgencyCall, 'body'>): Promise<AgencyAnswer>
  /** Asks the agency to take an effect back; also for a key it may never have seen. */
  undo(call: AgencyCall): Promise<AgencyAnswer>
}

/** What journeys want of cases; carried out by whoever composes the stations, in the same transaction. */
export type CaseWish = { readonly subject: SubjectId; readonly step_id: string } & (
  | {
      readonly want: 'open decision case'
      readonly case_id: string
      readonly journey_id: string
      readonly agency: string
      readonly rule: string
      readonly item: string
      readonly due_on: DateText
    }
  | {
      readonly want: 'open task case'
      readonly case_id: string
      readonly journey_id: string
      readonly agency: string
      readonly item: string
      readonly due_on: DateText
      readonly reason: Json
    }
  | { readonly want: 'close case'; readonly reason: Json }
  | { readonly want: 'draft again' }
  | { readonly want: 'ask'; readonly predicate: string; readonly agency: string }
  | { readonly want: 'stop asking' }
  | { readonly want: 'revoke decisions'; readonly because: string }
)

/** What routes need; made once by whoever composes the stations. */
export type RouteContext = {
  readonly pack: Pack
  readonly clock: Clock
  /** The job queue's own time: waits between attempts pass in it even when the demonstration's clock stands elsewhere. */
  readonly queue_clock: Clock
  readonly ids: Ids
  /** 0 ≤ n < 1, for jitter. */
  readonly random: () => number
  /** Role hamroh_engine. */
  readonly db: Database
  /** Role hamroh_gate. */
  readonly gate: Database
  readonly agencies: AgencyPort
  readonly grantWish: (tx: Db, wish: CaseWish) => Promise<void>
}
