import pg from 'pg'

/**
 * PostgreSQL through `pg`: plain SQL in tagged templates, values only ever as parameters.
 * `date` and `timestamptz` arrive as text and Date, `int8` as number (asserted safe), `numeric` as text.
 */

/** One statement: text with $1 … and its values. Made only by the `sql` tag. */
export type Statement = { readonly text: string; readonly values: readonly unknown[]; readonly name?: string }

/** Something statements run on: the pool (each by itself) or a transaction. */
export type Db = {
  rows<Row>(statement: Statement): Promise<Row[]>
  /** Number of rows touched. */
  run(statement: Statement): Promise<number>
}

/** A pool of connections under one role, which also opens transactions. */
export type Database = Db & {
  /** Runs `work` in one transaction; commits when it returns, rolls back when it throws. Serialisation failures and deadlocks are tried again, at most 5 times. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
  readonly pool: pg.Pool
  end(): Promise<void>
}

const DATE = 1082
const TIMESTAMPTZ = 1184
const INT8 = 20

const types = new pg.TypeOverrides()
// A legal date is a day, not an instant: a JS Date would move it over midnight in some zones.
types.setTypeParser(DATE, (text) => text)
types.setTypeParser(TIMESTAMPTZ, (text) => new Date(text))
types.setTypeParser(INT8, (text) => {
  const n = Number(text)
  if (!Number.isSafeInteger(n)) throw new RangeError('an int8 from the database is beyond 2^53')
  return n
})

/**
 * A statement from a template. Values become parameters; arrays stay arrays, other objects must be wrapped by `json`.
 * Nest a Statement to compose. Throws on undefined, which is always a mistake.
 */
export function sql(parts: TemplateStringsArray, ...inserts: unknown[]): Statement {
  let text = parts[0]!
  const values: unknown[] = []
  inserts.forEach((insert, i) => {
    if (isStatement(insert)) {
      // Renumber the nested statement's parameters behind those already here.
      const shift = values.length
      text += insert.text.replace(/\$(\d+)/g, (_, n) => `$${Number(n) + shift}`)
      values.push(...insert.values)
    } else {
      if (insert === undefined)
        throw new TypeError(`value ${i + 1} of a statement is undefined: ${parts[0]!.slice(0, 80)}`)
      values.push(Array.isArray(insert) ? arrayText(insert) : insert)
      text += `$${values.length}`
    }
    text += parts[i + 1]
  })
  return { text, values }
}

/** Text of an array element that needs no quotes: no delimiter, quote, backslash, brace or white space, and not NULL. */
const BARE = /^(?!null$)[^\s"\\{},]+$/i

/**
 * A PostgreSQL array as text. The driver's own conversion escapes every element twice; most of ours are ids, codes, numbers
 * and dates, and batches of a thousand rows are made of them: those are joined as they are and looked through once.
 */
function arrayText(values: readonly unknown[]): string {
  if (values.length === 0) return '{}'
  if (typeof values[0] === 'string') {
    const joined = values.join()
    if (isPlain(joined, values.length)) return `{${joined}}`
  }
  let text = '{'
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ','
    const value = values[i]
    if (value === null) text += 'NULL'
    else if (typeof value === 'string') {
      text += BARE.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`
    } else if (typeof value === 'number' || typeof value === 'boolean') text += value
    else if (value instanceof Date) text += `"${value.toISOString()}"`
    else if (Buffer.isBuffer(value)) text += `"\\\\x${value.toString('hex')}"`
    else
      throw new TypeError(
        `an array for the database holds ${value === undefined ? 'undefined' : typeof value}`,
      )
  }
  return `${text}}`
}

/** Whether `n` texts joined by commas are `n` elements that need no quotes, none of them empty or NULL. */
function isPlain(joined: string, n: number): boolean {
  let commas = 0
  let length = 0
  for (let i = 0; i < joined.length; i++) {
    const c = joined.charCodeAt(i)
    if (c === 44) {
      if (length === 0) return false
      commas++
      length = 0
      continue
    }
    // White space and control characters, " \ { }, and everything beyond ASCII (some of it is white space too).
    if (c <= 32 || c === 34 || c === 92 || c === 123 || c === 125 || c > 126) return false
    length++
  }
  return commas === n - 1 && length > 0 && !/(?:^|,)null(?:,|$)/i.test(joined)
}

/**
 * JSON texts as the elements of a jsonb[] parameter; null stays null. What quotes a JSON text as JSON text quotes it as
 * an array's element too, for it holds no control characters.
 */
export const jsonTexts = (texts: readonly (string | null)[]): string =>
  `{${texts.map((text) => (text === null ? 'NULL' : JSON.stringify(text))).join()}}`

const isStatement = (x: unknown): x is Statement =>
  typeof x === 'object' &&
  x !== null &&
  'text' in x &&
  'values' in x &&
  Array.isArray((x as Statement).values)

/** A value for a json/jsonb parameter: a JS array given bare would become a PostgreSQL array. */
export const json = (value: unknown): string => JSON.stringify(value)

/** Prepared under this name on each connection: for the few statements that run thousands of times a second. */
export const prepared = (name: string, statement: Statement): Statement => ({ ...statement, name })

export type DatabaseOptions = {
  readonly url: string
  /** Role the connections take on; none: the owner. */
  readonly role?: 'hamroh_engine' | 'hamroh_gate' | 'hamroh_sequencer'
  readonly max?: number
  /** A statement that takes longer is ended (57014), and so is a transaction that waits as long between two of them. */
  readonly statement_ms_max?: number
  /** Called when an idle connection breaks: the server stopped, or the network did. */
  readonly onError?: (error: Error) => void
  readonly applicationName?: string
}

/** Opens a pool. No connection is made before the first statement. */
export function openDatabase(options: DatabaseOptions): Database {
  const settings = ['-c search_path=hamroh,pg_catalog', '-c timezone=UTC']
  if (options.role) settings.push(`-c role=${options.role}`)
  const limit = options.statement_ms_max
  if (limit) settings.push(`-c statement_timeout=${limit}`, `-c idle_in_transaction_session_timeout=${limit}`)
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    options: settings.join(' '),
    types,
    application_name: options.applicationName ?? 'hamroh',
    connectionTimeoutMillis: 10_000,
  })
  // Without listeners a server stop ends the process (57P01, then a second error without a code).
  const onError = options.onError ?? (() => {})
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', onError))
  return {
    ...on(pool),
    pool,
    transaction: (work) => inTransaction(pool, work),
    end: () => pool.end(),
  }
}

/** Resolves when the database answers. */
export const pingDatabase = async (db: Db): Promise<void> => {
  await db.rows(sql`select 1`)
}

function on(client: { query(config: pg.QueryConfig): Promise<pg.QueryResult> }): Db {
  const query = (s: Statement) =>
    client.query({ text: s.text, values: s.values as unknown[], ...(s.name ? { name: s.name } : {}) })
  return {
    rows: async <Row>(s: Statement) => (await query(s)).rows as Row[],
    run: async (s) => (await query(s)).rowCount ?? 0,
  }
}

const TRIES = 5
/** serialization_failure, deadlock_detected */
const AGAIN = new Set(['40001', '40P01'])

async function inTransaction<T>(pool: pg.Pool, work: (tx: Db) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      await client.query('begin')
      const result = await work(on(client))
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch((e: Error) => {
        broken = e
      })
      if (attempt < TRIES && AGAIN.has((error as { code?: string }).code ?? '')) continue
      throw error
    } finally {
      // A connection that could not roll back is not given to anybody else.
      client.release(broken)
    }
  }
}
