/**
 * Many small requests become few transactions: while one chunk is being committed, what arrives waits together and
 * forms the next one (group commit). An item is answered after the commit that holds it.
 */
import { CHUNK_MAX, type Engine, type ItemResult, intake, type Reported } from './flow.ts'

type Waiting = { readonly reported: Reported; done(result: ItemResult): void; fail(error: unknown): void }

/** Chunks under way at once: one is evaluated here while the database works on another. */
const LANES = 2
/** From this many items on a request is its own chunk. */
const LARGE = 200
/** Waiting items beyond which new ones are told to come back. */
const WAITING_MAX = 20_000

export class IntakeQueue {
  readonly #engine: Engine
  #waiting: Waiting[] = []
  #running = 0

  constructor(engine: Engine) {
    this.#engine = engine
    engine.metrics.gauge(
      'hamroh_intake_waiting',
      'Events waiting for the next transaction.',
      () => this.#waiting.length,
    )
  }

  /** Answers in the order of the items. Rejects when the database cannot be reached, or too much is waiting. */
  async submit(reported: readonly Reported[]): Promise<ItemResult[]> {
    if (reported.length >= LARGE) return intake(this.#engine, reported)
    if (this.#waiting.length > WAITING_MAX) throw new Error('too many events are waiting')
    const answers = reported.map(
      (item) =>
        new Promise<ItemResult>((done, fail) => {
          this.#waiting.push({ reported: item, done, fail })
        }),
    )
    this.#pump()
    return Promise.all(answers)
  }

  #pump(): void {
    while (this.#running < LANES && this.#waiting.length > 0) {
      const chunk = this.#waiting.splice(0, CHUNK_MAX)
      this.#running++
      void this.#work(chunk)
    }
  }

  async #work(chunk: readonly Waiting[]): Promise<void> {
    try {
      const results = await intake(
        this.#engine,
        chunk.map((w) => w.reported),
      )
      chunk.forEach((w, i) => {
        w.done(results[i]!)
      })
    } catch (error) {
      for (const w of chunk) w.fail(error)
    } finally {
      this.#running--
      this.#pump()
    }
  }
}
