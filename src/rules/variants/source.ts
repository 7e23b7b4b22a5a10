/** The expressions of a rule with their names, and the rule with one of them changed. */
import type { Json } from '../../platform/canonical.ts'
import type { ResultSource, RuleSource, TableSource } from '../rules.ts'

export type Expression = {
  /** As mistakes name it. */
  readonly where: string
  readonly text: string
  readonly is_cell: boolean
  /** The rule with another text here. */
  readonly put: (text: string) => RuleSource
}

/** Every expression of a rule: conditions first, then what is given. */
export function expressionsOf(source: RuleSource): Expression[] {
  const found: Expression[] = [
    { where: 'when', text: source.when, is_cell: false, put: (when) => ({ ...source, when }) },
  ]
  const exceptions = source.exceptions ?? []
  const withException = (at: number, part: object): RuleSource => ({
    ...source,
    exceptions: exceptions.map((one, i) => (i === at ? { ...one, ...part } : one)),
  })
  for (const [at, { id, when }] of exceptions.entries()) {
    const put = (text: string): RuleSource => withException(at, { when: text })
    found.push({ where: `exceptions.${id}.when`, text: when, is_cell: false, put })
  }
  if (source.result) found.push(...ofResult('result', source.result, (result) => ({ ...source, result })))
  for (const [at, { id, result }] of exceptions.entries()) {
    if (result)
      found.push(...ofResult(`exceptions.${id}.result`, result, (one) => withException(at, { result: one })))
  }
  return found
}

function ofResult(
  where: string,
  result: ResultSource,
  put: (result: ResultSource) => RuleSource,
): Expression[] {
  return (['amount', 'due'] as const).flatMap((name): Expression[] => {
    const given = result[name]
    const at = `${where}.${name}`
    if (given === undefined) return []
    if (typeof given === 'string')
      return [{ where: at, text: given, is_cell: false, put: (text) => put({ ...result, [name]: text }) }]
    return ofTable(at, given, (table) => put({ ...result, [name]: table }))
  })
}

function ofTable(where: string, table: TableSource, put: (table: TableSource) => RuleSource): Expression[] {
  const { inputs, rows } = table
  const replaced = <T>(all: readonly T[], at: number, one: T): T[] =>
    all.map((before, i) => (i === at ? one : before))
  return [
    ...inputs.map(
      (text, at): Expression => ({
        where: `${where}.inputs.${at}`,
        text,
        is_cell: false,
        put: (input) => put({ ...table, inputs: replaced(inputs, at, input) }),
      }),
    ),
    ...rows.flatMap((row, at): Expression[] => [
      ...row.when.map(
        (text, column): Expression => ({
          where: `${where}.rows.${at}.when.${column}`,
          text,
          is_cell: true,
          put: (cell) =>
            put({ ...table, rows: replaced(rows, at, { ...row, when: replaced(row.when, column, cell) }) }),
        }),
      ),
      {
        where: `${where}.rows.${at}.output`,
        text: row.output,
        is_cell: false,
        put: (output) => put({ ...table, rows: replaced(rows, at, { ...row, output }) }),
      },
    ]),
  ]
}

type Changed = {
  readonly where: string
  readonly before: string
  readonly after: string
  readonly changed: RuleSource
}

const roundings = ['up', 'down', 'half_up', 'half_down', 'half_even', 'floor', 'ceiling'] as const

/** The amount rounded in every other way, and to a decimal more or less; a deadline that moves otherwise, or not at all. */
export function withOtherSettings(source: RuleSource): Changed[] {
  const found: Changed[] = []
  const { due_moves, ...calendar } = source.calendar
  if (due_moves !== undefined) {
    const other = due_moves === 'next' ? 'previous' : 'next'
    const at = { where: 'calendar.due_moves', before: due_moves }
    found.push(
      { ...at, after: other, changed: { ...source, calendar: { ...calendar, due_moves: other } } },
      { ...at, after: '', changed: { ...source, calendar } },
    )
  }
  const before = source.result?.round ?? ''
  const [, how, digits] = /^(\w+)\((-?\d+)\)$/.exec(before) ?? []
  if (how === undefined || digits === undefined) return found
  const others = [
    ...roundings.filter((one) => one !== how).map((one) => `${one}(${digits})`),
    ...[1, -1].map((by) => `${how}(${Number(digits) + by})`),
  ]
  for (const round of others) {
    const changed = { ...source, result: { ...source.result, round } }
    found.push({ where: 'result.round', before, after: round, changed })
  }
  return found
}

/** Each two rows that follow each other with what they give swapped. */
export function withSwappedOutputs(source: RuleSource): Changed[] {
  const outputs = expressionsOf(source).filter(({ where }) => /\.rows\.\d+\.output$/.test(where))
  const tableOf = (where: string): string => where.replace(/\d+\.output$/, '')
  return outputs.flatMap(({ where, text, put }, at) => {
    const next = outputs[at + 1]
    if (!next || tableOf(next.where) !== tableOf(where) || next.text.trim() === text.trim()) return []
    const half = put(next.text)
    const other = expressionsOf(half).find((one) => one.where === next.where)!
    return [{ where, before: text, after: next.text, changed: other.put(text) }]
  })
}

/** The rule without an exception; what overrode it overrides what it did. */
export function withoutException(source: RuleSource, id: string): RuleSource {
  const exceptions = source.exceptions ?? []
  const overrides = exceptions.find((one) => one.id === id)?.overrides ?? 'base'
  return {
    ...source,
    exceptions: exceptions
      .filter((one) => one.id !== id)
      .map((one) => (one.overrides === id ? { ...one, overrides } : one)),
  }
}

/** The rule with one version of a parameter changed in one field. */
export function withParam(
  source: RuleSource,
  change: {
    readonly name: string
    readonly at: number
    readonly key: 'value' | 'from'
    readonly value: Json
  },
): RuleSource {
  const param = source.params[change.name]!
  const values = param.values.map((version, i) =>
    i === change.at ? { ...version, [change.key]: change.value } : version,
  )
  return { ...source, params: { ...source.params, [change.name]: { ...param, values } } }
}
