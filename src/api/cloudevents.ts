import type { Context } from 'hono'
import { BATCH_ITEMS_MAX } from '../events/events.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'

/** CloudEvents 1.0 over HTTP: structured, batched and binary mode (CloudEvents HTTP Protocol Binding 1.0.2 §3). */

export const BATCH_TYPE = 'application/cloudevents-batch+json'
export const SINGLE_BYTES_MAX = 256 * 1024
export const BATCH_BYTES_MAX = 96 * 1024 * 1024

export type Received = { readonly batched: boolean; readonly items: readonly unknown[] }

/** The media type of a request's body, without parameters. */
export const mediaType = (c: Context): string =>
  (c.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase()

/** Reads the events of a request. Refusals: unsupported_media_type, too_large, malformed_json, too_many_items, malformed_event. */
export async function receiveEvents(c: Context): Promise<Outcome<Received>> {
  const type = mediaType(c)
  const binary = c.req.header('ce-specversion') !== undefined
  if (type === BATCH_TYPE) {
    const body = await readBody(c, BATCH_BYTES_MAX)
    if (!body.ok) return body
    const list = parse(body.value)
    if (!list.ok) return list
    if (!Array.isArray(list.value))
      return refused({ code: 'malformed_json', at: 'body', message: 'A batch is a JSON array of events.' })
    if (list.value.length > BATCH_ITEMS_MAX) {
      return refused({
        code: 'too_many_items',
        at: 'body',
        message: `A batch holds at most ${BATCH_ITEMS_MAX} events; nothing of this one was kept.`,
        next: 'Send it in parts.',
        facts: { items: list.value.length, items_max: BATCH_ITEMS_MAX },
      })
    }
    return accepted({ batched: true, items: list.value as unknown[] })
  }
  if (type === 'application/cloudevents+json') {
    const body = await readBody(c, SINGLE_BYTES_MAX)
    if (!body.ok) return body
    const event = parse(body.value)
    return event.ok ? accepted({ batched: false, items: [event.value] }) : event
  }
  if (binary && (type === 'application/json' || type === '')) return receiveBinary(c)
  return refused({
    code: 'unsupported_media_type',
    at: 'content-type',
    message:
      'Expected application/cloudevents+json, application/cloudevents-batch+json, or ce- headers with application/json.',
  })
}

async function receiveBinary(c: Context): Promise<Outcome<Received>> {
  const body = await readBody(c, SINGLE_BYTES_MAX)
  if (!body.ok) return body
  const event: Record<string, unknown> = {}
  for (const [name, value] of c.req.raw.headers) {
    if (!name.startsWith('ce-')) continue
    try {
      // Header values are percent-encoded by the binding.
      event[name.slice(3)] = decodeURIComponent(value)
    } catch {
      // Its name is the sender's own word, so it is not repeated.
      return refused({
        code: 'malformed_event',
        at: 'ce- headers',
        message: 'The value of a ce- header is not percent-encoded UTF-8.',
      })
    }
  }
  if (body.value.trim() !== '') {
    const data = parse(body.value)
    if (!data.ok) return data
    event.data = data.value
  }
  return accepted({ batched: false, items: [event] })
}

/** The body as text, or a refusal as soon as it is too long: the rest is not read. */
export async function readBody(c: Context, bytes_max: number): Promise<Outcome<string>> {
  const tooLarge = refused({
    code: 'too_large',
    at: 'body',
    message: `The body is larger than ${bytes_max} bytes; nothing of it was kept.`,
    next: 'Send large amounts as a batch, in parts.',
  })
  if (Number(c.req.header('content-length') ?? 0) > bytes_max) return tooLarge
  const stream = c.req.raw.body
  if (!stream) return accepted('')
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      if (bytes > bytes_max) return tooLarge
      chunks.push(chunk)
    }
  } catch {
    return refused({ code: 'malformed_request', at: 'body', message: 'The body ended before it was whole.' })
  }
  try {
    return accepted(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch {
    return refused({ code: 'malformed_json', at: 'body', message: 'The body is not UTF-8.' })
  }
}

function parse(text: string): Outcome<unknown> {
  try {
    return accepted(JSON.parse(text) as unknown)
  } catch (error) {
    // V8 quotes the text around the mistake: only the position may leave.
    const position = /position (\d+)/.exec((error as Error).message)?.[1]
    return refused({
      code: 'malformed_json',
      at: position ? `body, position ${position}` : 'body',
      message: 'The body is not JSON.',
    })
  }
}

/** What a text is as JSON; null when it is none. */
export function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
