import { type IncomingMessage, request as plain } from 'node:http'
import { request as secure } from 'node:https'

/**
 * HTTP to services that are not ours: an answer is waited for so long, read so far, and never followed elsewhere. A secret
 * must not travel to another host, and nobody's answer may fill the memory.
 */
export type Bounds = { readonly timeout_ms: number; readonly bytes_max: number }

/** An answer read to its end. @throws Error without the answer's words when it is late, too large, or does not come */
export async function fetchBounded(
  url: string | URL,
  init: RequestInit,
  bounds: Bounds,
): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }> {
  const response = await fetch(url, {
    ...init,
    redirect: 'manual',
    signal: AbortSignal.timeout(bounds.timeout_ms),
  })
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop cancels the stream, so the rest is never received.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > bounds.bytes_max) throw new Error('the answer is too large')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  return { status: response.status, headers: response.headers, text }
}

/**
 * The same by Node's own client, for a service that wants to be told another `Host` than the one it is reached by: `fetch`
 * keeps that header to itself.
 */
export function requestBounded(
  url: string | URL,
  init: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  },
  bounds: Bounds,
): Promise<{ readonly status: number; readonly text: string }> {
  const send = new URL(url).protocol === 'https:' ? secure : plain
  return new Promise((done, fail) => {
    const asked = send(
      url,
      { method: init.method, headers: init.headers, signal: AbortSignal.timeout(bounds.timeout_ms) },
      (answer) => {
        readBounded(answer, bounds.bytes_max).then(
          (text) => done({ status: answer.statusCode ?? 0, text }),
          (error: Error) => {
            asked.destroy()
            fail(error)
          },
        )
      },
    )
    asked.on('error', fail)
    asked.end(init.body)
  })
}

async function readBounded(answer: IncomingMessage, bytes_max: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer) {
    size += (chunk as Uint8Array).byteLength
    if (size > bytes_max) throw new Error('the answer is too large')
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString('utf8')
}
