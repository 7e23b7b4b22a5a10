/**
 * How an agency reports its events to Hamroh: one after the other, again and again until Hamroh has answered.
 * Whoever uses it keeps the events on disk and notes the answers; a report repeated after a crash is a duplicate there.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { CloudEvent } from '../people/events.ts'

export type Answer = {
  readonly status: 'accepted' | 'duplicate' | 'refused'
  readonly http: number
  /** What Hamroh said when it refused. */
  readonly text?: string
}

export type Reporter = {
  /** Puts an event at the end of the queue; the promise is kept when Hamroh has answered it. */
  push(event: CloudEvent): Promise<Answer>
  pending(): number
  /** Stops at once; what has no answer yet waits on disk and is sent again by the next run. */
  stop(): Promise<void>
}

const backoff_ms_max = 5000
const request_ms_max = 15_000

/**
 * @param of.key the agency's key at Hamroh
 * @param of.answered called once per event, before its promise is kept
 */
export function makeReporter(of: {
  hamroh: string
  key: string
  answered: (event: CloudEvent, answer: Answer) => void
}): Reporter {
  const queue: { event: CloudEvent; settle: (answer: Answer) => void }[] = []
  const stopping = new AbortController()
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    for (let attempt = 0; queue.length > 0 && !stopping.signal.aborted; ) {
      const first = queue[0]!
      const answer = await send(of, first.event, stopping.signal)
      if (answer) {
        of.answered(first.event, answer)
        queue.shift()
        first.settle(answer)
        attempt = 0
      } else {
        const wait = Math.min(backoff_ms_max, 100 * 2 ** attempt++) * (0.5 + Math.random())
        await sleep(wait, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
    running = undefined
  }

  return {
    push: (event) =>
      new Promise((settle) => {
        queue.push({ event, settle })
        running ??= run()
      }),
    pending: () => queue.length,
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

/** Sends one event; undefined when it has to be sent again (no connection, 429, 5xx, an answer that cannot be read). */
async function send(
  to: { hamroh: string; key: string },
  event: CloudEvent,
  stop: AbortSignal,
): Promise<Answer | undefined> {
  try {
    const response = await fetch(`${to.hamroh}/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${to.key}`, 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(event),
      signal: AbortSignal.any([stop, AbortSignal.timeout(request_ms_max)]),
    })
    const text = await response.text()
    if (response.status === 429 || response.status >= 500) return undefined
    if (!response.ok) return { status: 'refused', http: response.status, text: problemText(text) }
    const { items } = JSON.parse(text) as {
      items: readonly { status: Answer['status']; refusal?: unknown }[]
    }
    const item = items[0]
    if (!item) return undefined
    const refusal = item.refusal === undefined ? {} : { text: JSON.stringify(item.refusal) }
    return { status: item.status, http: response.status, ...refusal }
  } catch {
    return undefined
  }
}

/** The sentence of a problem+json answer, or the beginning of whatever came. */
export function problemText(body: string): string {
  try {
    const problem = JSON.parse(body) as { detail?: string; title?: string }
    return problem.detail ?? problem.title ?? body.slice(0, 300)
  } catch {
    return body.slice(0, 300)
  }
}
