/**
 * The log in a running program: sequencing, signing, asking witnesses and publishing, over and over, until it is stopped.
 * Any number of processes may do this on one database; locks of the database say whose turn it is.
 */
import type { Clock, DateText } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import type { Log } from '../../platform/logs.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { type Policy, quorumOf } from '../verify/policy.ts'
import { type LogFiles, openLogFiles } from './files.ts'
import type { Keeper, LogSigner } from './keys.ts'
import { BATCH_MAX, growTo, LogHalted, sequence, signTree } from './sequencer.ts'
import {
  type CheckpointRow,
  findCheckpoint,
  findPublished,
  forgetPublished,
  insertPublished,
  lastEnough,
  listWitnesses,
  lockFolder,
  queueLength,
  sweep,
  trySequencing,
  tryWitnessing,
  unsealDue,
  upsertWitnesses,
} from './store.ts'
import { openWitnesses, type Witnesses } from './witnesses.ts'

export type LogParts = {
  /** Role hamroh_sequencer. */
  readonly db: Database
  readonly signer: LogSigner
  readonly keeper: Keeper
  readonly origin: string
  readonly folder: string
  readonly policy: Policy | null
  /** The machine's: what the log says about time is true also where a demonstration plays another day. */
  readonly clock: Clock
  /** The day by which sealed entries are shown. */
  today(): DateText
  readonly log: Log
  readonly metrics: Metrics
}

export type RunningLog = {
  /** The files as this process last published them. */
  files(): LogFiles
  /** Why the log does not go on, or null. */
  halted(): string | null
  /** Entries that wait for their place, up to 100,000, as of the last look. */
  waiting(): number
  stop(): Promise<void>
}

const LOOK_MS = 100
const CHECKPOINT_MS = 1000
/** Everything is compared with everything this often: what the queue might have missed. */
const SWEEP_MS = 3_600_000
const UNSEAL_MS = 10_000
const UNSEAL_MAX = 1000
const QUEUE_COUNTED_MAX = 100_000
const CATCH_UP_MAX = 262_144
const KEPT_MS = 7 * 86_400_000
const FORGET_MS = 3_600_000

/** How often it looks and signs; tests hurry. */
export type Pace = { readonly look_ms?: number; readonly checkpoint_ms?: number }

type State = {
  files: LogFiles
  halted: string | null
  waiting: number
  /** When enough witnesses last saw the log. */
  enough_at: Date | null
  stopped: boolean
}

/** Starts the log's two loops: giving entries their place, and signing and publishing what the tree has become. */
export function startLog(parts: LogParts, pace: Pace = {}): RunningLog {
  const { log } = parts
  const state: State = {
    files: openLogFiles(parts.folder),
    halted: null,
    waiting: 0,
    enough_at: null,
    stopped: false,
  }
  measure(parts, state)
  const ends = [
    every(pace.look_ms ?? LOOK_MS, state, placing(parts, state), (error) =>
      log.warn({ error }, 'entries did not get their place in the log; they are tried again'),
    ),
    every(pace.checkpoint_ms ?? CHECKPOINT_MS, state, publishing(parts, state), (error) => {
      // The tree in memory may be ahead of what was committed: it begins again from the files.
      state.files = openLogFiles(parts.folder)
      if (error instanceof LogHalted) {
        if (state.halted !== error.message) log.error({ reason: error.message }, 'the log is halted')
        state.halted = error.message
      } else log.warn({ error }, 'the log was not published; it is tried again')
    }),
  ]
  return {
    files: () => state.files,
    halted: () => state.halted,
    waiting: () => state.waiting,
    stop: async () => {
      state.stopped = true
      await Promise.all(ends.map((end) => end()))
    },
  }
}

function measure({ metrics, clock }: LogParts, state: State): void {
  const size = () => state.files.published?.size ?? 0
  metrics.gauge('hamroh_log_size', 'Entries under the published checkpoint.', size)
  metrics.gauge('hamroh_log_waiting', 'Access entries without a place in the log yet.', () => state.waiting)
  metrics.gauge('hamroh_log_halted', '1: the log would contradict what it signed.', () =>
    state.halted === null ? 0 : 1,
  )
  metrics.gauge('hamroh_log_witnessed_age_seconds', 'Since enough witnesses saw the log; -1: never.', () =>
    state.enough_at === null ? -1 : (clock.now().getTime() - state.enough_at.getTime()) / 1000,
  )
}

/** Runs `round` again and again, never two at once; the returned function waits for the one under way. */
function every(
  ms: number,
  state: State,
  round: () => Promise<void>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let running: Promise<void> | null = null
  const timer = setInterval(() => {
    if (running || state.stopped) return
    running = round()
      .catch((error) => (state.stopped ? undefined : onError(error)))
      .finally(() => {
        running = null
      })
  }, ms)
  return async () => {
    clearInterval(timer)
    await running
  }
}

/** One round of giving places: all that waits, batch by batch; now and then also what the queue may have missed. */
function placing({ db, keeper, clock, today, metrics, log }: LogParts, state: State): () => Promise<void> {
  let [sweep_at, unseal_at] = [0, 0]
  return async () => {
    const now = Date.now()
    if (now >= unseal_at) {
      await unsealDue(db, today(), clock.now(), UNSEAL_MAX)
      unseal_at = now + UNSEAL_MS
    }
    if (now >= sweep_at) {
      const missed = await db.transaction(async (tx) => ((await trySequencing(tx)) ? await sweep(tx) : null))
      if (missed !== null) sweep_at = now + SWEEP_MS
      if (missed) log.warn({ entries: missed }, 'entries were not in the queue of the log; they are now')
    }
    for (let placed: number | null = BATCH_MAX; placed === BATCH_MAX && !state.stopped; ) {
      placed = await sequence({ db, keeper, clock })
      if (placed) metrics.count('hamroh_log_entries_total', 'Entries given their place.', {}, placed)
    }
    state.waiting = await queueLength(db, QUEUE_COUNTED_MAX)
  }
}

/** One round of publishing: sign what is new, have it cosigned, show it. */
function publishing(parts: LogParts, state: State): () => Promise<void> {
  const { db, signer, origin, policy, clock } = parts
  const witnesses = policy ? openWitnesses(policy, parts) : null
  let forget_at = Date.now() + FORGET_MS
  return async () => {
    const { files } = state
    await catchUp(db, files)
    await signTree(parts, signer, origin, files)
    state.halted = null
    const signed = await findCheckpoint(db)
    if (!signed) return
    await growTo(db, files, signed.size)
    await files.write()
    if (files.size === signed.size) await cosign(parts, witnesses, files, signed)
    const latest = await findPublished(db)
    if (latest && latest.size === files.size && latest.note !== files.published?.note)
      await db.transaction(async (tx) => {
        await lockFolder(tx, files.folder)
        await files.show(latest.note)
      })
    if (policy) state.enough_at = latest?.enough ? latest.published_at : await lastEnough(db)
    if (Date.now() >= forget_at) {
      await forgetPublished(db, new Date(clock.now().getTime() - KEPT_MS))
      forget_at = Date.now() + FORGET_MS
    }
  }
}

/** A folder far behind (a lost one) is filled piece by piece: all of it would not fit into memory. */
async function catchUp(db: Database, files: LogFiles): Promise<void> {
  const size = (await findCheckpoint(db))?.size ?? 0
  while (size - files.size > CATCH_UP_MAX) {
    await growTo(db, files, files.size + CATCH_UP_MAX)
    await files.write()
  }
}

/**
 * Has the checkpoint cosigned by the witnesses whose turn it is, and makes it known with what they gave. One process at a
 * time; the others find the result.
 */
async function cosign(
  { db, policy, clock }: LogParts,
  witnesses: Witnesses | null,
  files: LogFiles,
  signed: CheckpointRow,
): Promise<void> {
  await db.transaction(async (tx) => {
    if (!(await tryWitnessing(tx))) return
    const [latest, known] = [await findPublished(tx), await listWitnesses(tx)]
    if (latest && latest.size > signed.size) return
    const { size, note } = signed
    const names = witnesses?.due(size, known) ?? []
    if (latest?.size === size && names.length === 0) return
    const given = await (witnesses?.ask(names, { note, size, reader: files.reader(size), known }) ?? [])
    if (latest?.size === size && given.length === 0) return
    await upsertWitnesses(tx, given)
    // Cosignatures of this very checkpoint, whether they came now or a minute ago.
    const lines = (await listWitnesses(tx)).filter(
      (row) => row.size === size && policy?.witnesses.has(row.witness),
    )
    const enough = policy !== null && quorumOf(policy, new Set(lines.map((row) => row.witness)))
    await insertPublished(tx, {
      size,
      published_at: clock.now(),
      note: note + lines.map((row) => row.line).join(''),
      enough,
    })
  })
}
