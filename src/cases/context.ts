import type { Pack } from '../packs/packs.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { Ids } from '../platform/ids.ts'
import type { Signer } from './record.ts'

/** What cases need; made once by whoever composes the stations. */
export type CaseContext = {
  readonly pack: Pack
  readonly clock: Clock
  readonly ids: Ids
  /** Role hamroh_engine. */
  readonly db: Database
  /** Role hamroh_gate. */
  readonly gate: Database
  readonly signer: Signer
  /** Predicate under which the pack keeps how a person is called: letters address people by it. */
  readonly name_predicate: string
}

/** A civil servant who is signed in. The number is a pseudonym; the name stays with their agency. */
export type Officer = { readonly number: string; readonly name: string; readonly agency: string }
