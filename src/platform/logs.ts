import pino from 'pino'

/** Structured logs on standard output. Log ids, codes and counts; never names, identifiers, payloads or query values. */
export type Log = pino.Logger

/** A log at a level; `write` redirects its lines, for tests. */
export function openLog(level: string, write?: (line: string) => void): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: safeError, error: (e) => (e instanceof Error ? safeError(e) : e) },
  }
  return write ? pino(options, { write }) : pino(options)
}

/**
 * What may be said of an error: its class, PostgreSQL code and place. A database error's `detail` quotes row values and
 * a message can quote what was sent, so both stay out unless the message is one of ours.
 */
export function safeError(
  error: Error & { code?: string; table?: string; constraint?: string; routine?: string },
) {
  const database = typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
  return {
    type: error.name,
    ...(error.code ? { code: error.code } : {}),
    ...(error.table ? { table: error.table } : {}),
    ...(error.constraint ? { constraint: error.constraint } : {}),
    ...(database
      ? {}
      : {
          at: error.stack
            ?.split('\n')
            .slice(1, 6)
            .map((l) => l.trim()),
        }),
  }
}
