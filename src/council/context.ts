import type { Signer } from '../cases/cases.ts'
import type { Clock } from '../platform/clock.ts'
import type { RuleBook } from './publication/book.ts'
import type { SnapshotContext } from './snapshot/snapshot.ts'

/** What the council works with; made once by main.ts. */
export type CouncilContext = SnapshotContext & {
  readonly book: RuleBook
  readonly pack_folder: string
  readonly signer: Signer
  /** The machine's: how quickly runs go on is no matter of the demonstration's clock. */
  readonly queue_clock: Clock
}
