import pino from 'pino'

/** Structured logs on standard output. Log ids, codes and counts; never names, identifiers, payloads or query values. */
export type Log = pino.Logger

/** A log at a level; `write` redirects its lines, for tests. */
export function openLog(level: string, write?: (line: string) => void): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: anyError, error: anyError },
  }
  return write ? pino(options, { write }) : pino(options)
}

const anyError = (thrown: unknown): object =>
  thrown instanceof Error ? safeError(thrown) : { type: typeof thrown }

/**
 * What may be said of an error: its class, PostgreSQL code and place. A database error's `detail` quotes row values and
 * a message can quote what was sent, so both stay out unless the message is one of ours.
 */
export function safeError(
  error: Error & { code?: string; table?: string; constraint?: string; routine?: string },
) {
  const database = typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
  return {
    type: shortName(error.name),
    ...(error.code ? { code: shortName(String(error.code)) } : {}),
    ...(error.table ? { table: error.table } : {}),
    ...(error.constraint ? { constraint: error.constraint } : {}),
    ...(database
      ? {}
      : {
          at: placesIn(error),
        }),
  }
}

const PLACES_MAX = 5

/** Where it was thrown: the stack without the message it begins with, which may have lines of its own. */
function placesIn(error: Error): string[] {
  const stack = error.stack ?? ''
  const message = stack.indexOf(error.message)
  return stack
    .slice(message < 0 ? 0 : message + error.message.length)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, PLACES_MAX)
}

const shortName = (text: string): string => (/^[\w.-]{1,60}$/.test(text) ? text : 'Error')

/**
 * What may be written where anybody reads it later, e.g. beside a job: the class of an error and the database's code.
 */
export function errorKind(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown
  const { code } = thrown as { code?: unknown }
  return code === undefined ? shortName(thrown.name) : `${shortName(thrown.name)} ${shortName(String(code))}`
}

/** Settings, addresses and rights (SQLSTATE classes 08, 28, 3D, 42501, 53, 57): what an operator has to mend. */
const OPERATORS = /^(08|28|3D|42501|53|57)/

const NO_CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
])
type Unreachable = { code?: string; address?: string; hostname?: string; port?: number }

/**
 * An error for whoever sits at the terminal. Our own messages are for people and name no values; a database's message
 * may quote a row, so of those only what an operator can mend is shown.
 */
export function errorText(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `Something failed: ${errorKind(thrown)}.`
  const { code, address, hostname, port } = thrown as Unreachable
  if (code !== undefined && NO_CONNECTION.has(code)) {
    const where = [address ?? hostname, port].filter((part) => part !== undefined).join(':')
    return `The database${where && ` at ${where}`} cannot be reached (${code}). Is it running, and does DATABASE_URL name it?`
  }
  const database = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)
  if (database && !OPERATORS.test(code))
    return `The database refused a statement (${code}). Nothing of it was kept; the server's log says more.`
  return thrown.message || errorKind(thrown)
}

/**
 * Whatever would be printed past the log goes through it: what nobody caught, what libraries write to the console. Then
 * a message that quotes a person's data is in nobody's terminal, file or log collector. For the program's own process.
 */
export function guardOutput(log: Log): void {
  for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    console[level] = (...said: unknown[]) => {
      const error = said.find((part) => part instanceof Error)
      log.warn({ ...(error ? { error } : {}), parts: said.length }, 'a library wrote to the console')
    }
  }
  process.on('uncaughtException', (error) => {
    log.fatal({ error }, 'an error that nobody caught ends the program')
    process.exit(1)
  })
}
