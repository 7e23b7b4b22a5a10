/**
 * Many requests become few transactions. What arrives waits in one of two lanes, by whom it concerns; while a lane's
 * chunk is being committed, what arrives for it forms the next one (group commit). Events about one subject stay in one
 * lane, so that chunks under way at once seldom wait for each other's locks. An item is answered after its commit.
 */
import { laneOf } from './events/events.ts'
import { CHUNK_MAX, type Engine, type ItemResult, intake, type Reported } from './flow.ts'

/** Chunks under way at once: one is evaluated here while the database works on another. */
const LANES = 2
/** Items of one request that wait at once: it keeps the lanes busy and lets others in between. */
const IN_HAND_MAX = 2 * LANES * CHUNK_MAX
/** Waiting items beyond which new ones are told to come back. */
const WAITING_MAX = 20_000

type Waiting = { readonly reported: Reported; readonly batch: Batch; readonly at: number }

/** Items handed in together: answered when all of them are. */
type Batch = {
  readonly answers: ItemResult[]
  open: number
  done(answers: ItemResult[]): void
  fail(error: unknown): void
}

type Lane = { waiting: Waiting[]; is_running: boolean }

export class IntakeQueue {
  readonly #engine: Engine
  readonly #lanes: readonly Lane[] = Array.from({ length: LANES }, () => ({ waiting: [], is_running: false }))

  constructor(engine: Engine) {
    this.#engine = engine
    engine.metrics.gauge('hamroh_intake_waiting', 'Events waiting for the next transaction.', () =>
      this.#waiting(),
    )
  }

  /** Answers in the order of the items. Rejects when the database cannot be reached, or too much is waiting. */
  async submit(reported: readonly Reported[]): Promise<ItemResult[]> {
    if (this.#waiting() > WAITING_MAX) throw new Error('too many events are waiting')
    const answers: ItemResult[] = []
    let next = 0
    let failed = false
    // Two halves in hand: while one is being answered, the other already waits in the lanes.
    const feed = async (): Promise<void> => {
      while (next < reported.length && !failed) {
        const from = next
        next = Math.min(reported.length, from + IN_HAND_MAX / 2)
        try {
          for (const [i, answer] of (await this.#enqueue(reported.slice(from, next))).entries())
            answers[from + i] = answer
        } catch (error) {
          failed = true
          throw error
        }
      }
    }
    await Promise.all([feed(), feed()])
    return answers
  }

  #waiting(): number {
    return this.#lanes.reduce((n, lane) => n + lane.waiting.length, 0)
  }

  #enqueue(reported: readonly Reported[]): Promise<ItemResult[]> {
    if (reported.length === 0) return Promise.resolve([])
    return new Promise((done, fail) => {
      const batch: Batch = { answers: [], open: reported.length, done, fail }
      for (const [at, item] of reported.entries())
        this.#lanes[laneOf(this.#engine.readers, item.item, LANES)]!.waiting.push({
          reported: item,
          batch,
          at,
        })
      for (const lane of this.#lanes) this.#pump(lane)
    })
  }

  #pump(lane: Lane): void {
    if (lane.is_running || lane.waiting.length === 0) return
    const chunk = lane.waiting.splice(0, CHUNK_MAX)
    lane.is_running = true
    void this.#work(lane, chunk)
  }

  async #work(lane: Lane, chunk: readonly Waiting[]): Promise<void> {
    try {
      const results = await intake(
        this.#engine,
        chunk.map((w) => w.reported),
      )
      for (const [i, { batch, at }] of chunk.entries()) {
        batch.answers[at] = results[i]!
        if (--batch.open === 0) batch.done(batch.answers)
      }
    } catch (error) {
      for (const { batch } of chunk) batch.fail(error)
    } finally {
      lane.is_running = false
      this.#pump(lane)
    }
  }
}
