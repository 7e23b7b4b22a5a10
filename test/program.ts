/** The real program and its command line as processes of their own, with everything they print kept. */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

export type Environment = { readonly [name: string]: string }

export type Program = {
  /** Everything on standard output and standard error so far. */
  printed(): string
  /** Asks it to end and says with which exit code it did. */
  stop(): Promise<number | null>
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>
}

const READY_TRIES = 600

/** Starts src/main.ts with these settings and waits until it is ready. Its HOST is loopback, its PORT is among them. */
export async function startProgram(env: Environment & { readonly PORT: string }): Promise<Program> {
  const { child, printed, ended } = run(['src/main.ts'], env)
  for (let tries = 0; child.exitCode === null && tries < READY_TRIES; tries++) {
    const ready = await fetch(`http://127.0.0.1:${env.PORT}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ready) {
      const stop = () => {
        child.kill('SIGTERM')
        return ended
      }
      const kill = async () => {
        child.kill('SIGKILL')
        await ended
      }
      return { printed, stop, kill }
    }
    await sleep(50)
  }
  child.kill('SIGKILL')
  await ended
  throw new Error(`the program did not become ready:\n${printed()}`)
}

export type Command = { readonly code: number | null; readonly out: string; readonly err: string }

/** Runs `hamroh ARGS` to its end. @param kill called with the process while it runs, to interrupt it */
export async function hamroh(
  args: readonly string[],
  env: Environment,
  kill?: (child: ChildProcess) => void,
): Promise<Command> {
  const { child, out, err, ended } = run(['src/cli.ts', ...args], env)
  kill?.(child)
  return { code: await ended, out: out(), err: err() }
}

function run(argv: readonly string[], env: Environment) {
  const child = spawn(process.execPath, ['--import', './tsx-hook.js', ...argv], {
    // What the test runner says to its own children is none of this program's settings.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      LANG: 'C.UTF-8',
      NODE_COMPILE_CACHE: 'node_modules/.cache/compile',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const parts = { out: '', err: '' }
  for (const [name, stream] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      parts[name] += text
    })
  }
  const ended = new Promise<number | null>((done) => {
    child.on('close', (code) => done(code))
  })
  return {
    child,
    ended,
    out: () => parts.out,
    err: () => parts.err,
    printed: () => parts.out + parts.err,
  }
}
