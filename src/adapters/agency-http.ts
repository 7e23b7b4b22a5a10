import { z } from 'zod'
import { canonical, type Json } from '../platform/canonical.ts'
import type { AgencyAnswer, AgencyCall, AgencyPort } from '../routes/routes.ts'

/** Where an agency is reached, and the key Hamroh shows there. */
export type AgencyAddress = { readonly url: string; readonly key: string }

/** An answer is a few fields; more is a mistake or an attack, and is not read to its end. */
const ANSWER_BYTES_MAX = 64 * 1024
/** What an agency says is kept with the step and shown to civil servants. */
const TEXT_MAX = 500
const RETRY_AFTER_MAX_MS = 15 * 60_000

/** Text that can be stored: no NUL, no half of a surrogate pair. */
const storable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
const reference = z.string().max(200).refine(storable)
const answerShape = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('done'),
    reference: reference.optional(),
    result: z
      .record(z.string().max(100), z.json())
      .refine((result) => storable(canonical(result)) && !canonical(result).includes('\\u0000'))
      .optional(),
  }),
  z.object({ status: z.literal('working'), reference: reference.optional() }),
  z.object({
    status: z.literal('refused'),
    reason: z.object({
      code: z.string().max(100).refine(storable),
      text: z.string().max(4000).refine(storable),
    }),
  }),
])

/**
 * Agencies over HTTP (docs/agency-protocol.md §2). Redirects are not followed: a key must not travel to another host.
 * Every outcome is an answer; nothing is thrown. An agency without an address is answered `refused` with the code
 * `no_interface`, which gives a human the task.
 */
export function agencyHttp(
  addresses: { readonly [agency: string]: AgencyAddress },
  fetcher: typeof fetch = fetch,
): AgencyPort {
  const call = async (
    agency: string,
    timeout_ms: number,
    request: { readonly method: string; readonly path: string; readonly key?: string; readonly body?: Json },
  ): Promise<AgencyAnswer> => {
    const address = addresses[agency]
    if (!address)
      return { is: 'refused', reason: { code: 'no_interface', text: 'This agency has no interface.' } }
    try {
      const response = await fetcher(address.url.replace(/\/+$/, '') + request.path, {
        method: request.method,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeout_ms),
        headers: {
          authorization: `Bearer ${address.key}`,
          accept: 'application/json',
          ...(request.key === undefined ? {} : { 'idempotency-key': request.key }),
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(request.body === undefined ? {} : { body: canonical(request.body) }),
      })
      return await classify(response, request.method)
    } catch (error) {
      return again(
        error instanceof DOMException && error.name === 'TimeoutError' ? 'timeout' : 'no_connection',
      )
    }
  }
  return {
    send: ({ agency, key, timeout_ms, body }: AgencyCall) =>
      call(agency, timeout_ms, { method: 'POST', path: '/tasks', key, body }),
    ask: ({ agency, key, timeout_ms }) =>
      call(agency, timeout_ms, { method: 'GET', path: `/tasks/${encodeURIComponent(key)}` }),
    undo: ({ agency, key, timeout_ms, body }: AgencyCall) =>
      call(agency, timeout_ms, { method: 'POST', path: `/tasks/${encodeURIComponent(key)}/undo`, key, body }),
  }
}

const again = (code: string, after_ms?: number): AgencyAnswer => ({
  is: 'again',
  reason: { code, text: `The agency could not be asked: ${code}.` },
  ...(after_ms === undefined ? {} : { after_ms }),
})

async function classify(response: Response, method: string): Promise<AgencyAnswer> {
  const { status } = response
  if (status === 200 || status === 202) return read(response)
  // The body of anything else is not read: it could be of any size and say anything.
  await response.body?.cancel().catch(() => {})
  if (status === 409)
    return {
      is: 'conflict',
      reason: { code: 'key_conflict', text: 'The agency knows this key with other content.' },
    }
  if (status === 404 && method === 'GET') return { is: 'lost' }
  if (status === 429 || status === 408 || status === 425 || status >= 500 || status < 400)
    return again(`http_${status}`, retryAfter(response))
  return { is: 'refused', reason: { code: `http_${status}`, text: 'The agency did not accept the request.' } }
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? '')
  if (!Number.isFinite(seconds) || seconds <= 0) return undefined
  return Math.min(seconds * 1000, RETRY_AFTER_MAX_MS)
}

/** What cannot be understood may still have taken effect: asked again with the same key, it does no harm. */
async function read(response: Response): Promise<AgencyAnswer> {
  const text = await bounded(response)
  if (text === null) return again('answer_too_large')
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return again('answer_not_json')
  }
  const parsed = answerShape.safeParse(body)
  if (!parsed.success) return again('answer_not_understood')
  const answer = parsed.data
  switch (answer.status) {
    case 'done':
      return { is: 'done', reference: answer.reference ?? null, result: (answer.result ?? null) as Json }
    case 'working':
      return { is: 'working', reference: answer.reference ?? null }
    case 'refused':
      return {
        is: 'refused',
        reason: { code: answer.reason.code, text: answer.reason.text.slice(0, TEXT_MAX) },
      }
  }
}

async function bounded(response: Response): Promise<string | null> {
  if (!response.body) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength
    // Leaving the loop cancels the stream, so the rest is never received.
    if (size > ANSWER_BYTES_MAX) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
