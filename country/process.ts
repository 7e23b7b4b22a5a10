/** What the processes of the country have in common: arguments, keys, listening, and a clean end. */
import { createServer, type RequestListener } from 'node:http'
import { parseArgs } from 'node:util'
import { getRequestListener } from '@hono/node-server'

/** Reads `--name value` for every name; each is needed. Ends the process with a sentence when one is missing. */
export function readArguments<const Name extends string>(
  names: readonly Name[],
): { readonly [N in Name]: string } {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({ options })
  const missing = names.filter((name) => typeof values[name] !== 'string' || values[name] === '')
  if (missing.length > 0) fail(`Missing: ${missing.map((name) => `--${name}`).join(', ')}.`)
  return values as { [N in Name]: string }
}

/** A key from the environment; ends the process with a sentence when it is missing or too short to be one. */
export function readKey(name: string): string {
  const key = process.env[name] ?? ''
  if (key.length < 16) fail(`The environment needs ${name} with at least 16 characters.`)
  return key
}

/**
 * Listens on loopback until SIGTERM, SIGINT, or the end of the parent that started it with an IPC channel: a
 * supervisor that is killed leaves no agencies behind.
 */
export function runProcess(of: {
  fetch: Parameters<typeof getRequestListener>[0]
  port: number
  /** Answers first; true when it took the request. */
  before?: (...args: Parameters<RequestListener>) => boolean
  stop?: () => Promise<void>
}): void {
  const listener = getRequestListener(of.fetch)
  const server = createServer((request, response) => {
    if (of.before?.(request, response)) return
    void listener(request, response)
  })
  server.on('error', (error: NodeJS.ErrnoException) =>
    fail(error.code === 'EADDRINUSE' ? `Port ${of.port} is taken.` : error.message),
  )
  server.listen(of.port, '127.0.0.1')
  let ending = false
  const end = async () => {
    if (ending) return
    ending = true
    server.close()
    server.closeIdleConnections()
    setTimeout(() => server.closeAllConnections(), 1000).unref()
    await of.stop?.()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(signal, () => void end())
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}
