/** Child processes of the demonstration: starting, waiting until they answer, stopping. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

export type Child = {
  readonly name: string
  readonly process: ChildProcess
  readonly log: string
  /** Kept when the process has ended, however it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

export type Program = {
  readonly name: string
  /** From the root of the repository. */
  readonly file: string
  readonly args?: readonly string[]
  readonly env?: { readonly [name: string]: string | undefined }
  /** What it prints goes to this file, which is begun anew. */
  readonly log: string
}

/**
 * Starts a program of this repository on the Node that runs this one. It gets a process group of its own, so that
 * Ctrl-C reaches the supervisor alone, which stops the others in order; and an IPC channel, whose end tells the
 * country's processes that the supervisor is gone.
 */
export function startChild(program: Program): Child {
  mkdirSync(dirname(program.log), { recursive: true })
  const log = openSync(program.log, 'w', 0o600)
  const child = spawn(
    process.execPath,
    ['--import', join(root, 'tsx-hook.js'), resolve(root, program.file), ...(program.args ?? [])],
    {
      cwd: root,
      env: { ...process.env, ...program.env, NODE_TEST_CONTEXT: undefined },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    },
  )
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((settle) => {
    child.once('exit', (code, signal) => settle({ code, signal }))
    child.once('error', () => settle({ code: 1, signal: null }))
  })
  return { name: program.name, process: child, log: program.log, ended }
}

/**
 * Waits until `GET {url}/readyz` answers 200.
 * @throws Error with the last lines of the child's log when it ends first, or when it is not ready in time
 */
export async function untilReady(child: Child, url: string, wait_ms = 60_000): Promise<void> {
  const until = Date.now() + wait_ms
  let ended = false
  void child.ended.then(() => {
    ended = true
  })
  while (Date.now() < until) {
    if (ended) throw new Error(`${child.name} ended before it was ready:\n${lastLines(child.log)}`)
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(
      () => undefined,
    )
    await response?.body?.cancel()
    if (response?.status === 200) return
    await sleep(40)
  }
  throw new Error(`${child.name} was not ready within ${wait_ms / 1000} s:\n${lastLines(child.log)}`)
}

/** Asks a process to end, waits, and ends it by force when it does not. */
export async function stopChild(child: Child, wait_ms = 10_000): Promise<void> {
  if (child.process.exitCode !== null || child.process.signalCode !== null) return
  child.process.kill('SIGTERM')
  const timer = setTimeout(() => child.process.kill('SIGKILL'), wait_ms)
  await child.ended
  clearTimeout(timer)
}

/** The last lines of a log, for the message when a process ended. */
export function lastLines(log: string, lines = 15): string {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return '(no log)'
  }
}

/** A port to listen on: the wanted one when it is free, otherwise one the system gives. */
export async function freePort(wanted: number, host = '127.0.0.1'): Promise<number> {
  const attempt = (port: number): Promise<number | undefined> =>
    new Promise((settle) => {
      const server = createServer()
      server.once('error', () => settle(undefined))
      server.listen(port, host, () => {
        const address = server.address()
        server.close(() => settle(typeof address === 'object' ? address?.port : undefined))
      })
    })
  const port = (await attempt(wanted)) ?? (await attempt(0))
  if (port === undefined) throw new Error(`No port is free on ${host}.`)
  return port
}
