/** Schema of a rule file, with its worked examples. */
import { z } from 'zod'
import { amount, citation, confidence, date, id, name, note, scalarType, wordsKey } from './common.ts'
import { inlineRows, tableReference } from './table.ts'

/** At least one who gets it, one who does not, and the boundary date. */
export const EXAMPLES_MIN = 3
const expression = z.string().min(1).max(8000)
const status = z.enum(['working', 'published'])

const cellValue = z.union([z.string().max(500), z.number(), z.boolean()])
const item = z.record(name, cellValue)

export const exampleShape = z.strictObject({
  name: z.string().min(1).max(300),
  asOf: date,
  /** For `per` rules, the `item` of the record it speaks of; default: the first. */
  item: z.string().min(1).max(100).optional(),
  /** `absent` for asserted none; left out: absent in a closed world, unknown in an open one. */
  facts: z.record(name, z.union([cellValue, z.array(item).max(100)])),
  /** When a source observed it, if not on asOf. */
  observed: z.record(name, date).optional(),
  /** Lists of which not all items are known. */
  incomplete: z.array(name).optional(),
  unknown: z
    .record(name, z.enum(['never-collected', 'stale', 'conflict', 'source-down', 'no-consent']))
    .optional(),
  expect: z.strictObject({
    outcome: z.enum(['applies', 'does_not_apply', 'ask', 'conflict', 'human']),
    until: date.nullable().optional(),
    ask: z.array(name).optional(),
    amount: amount.nullable().optional(),
    due: date.nullable().optional(),
  }),
})

const paramVersion = z.strictObject({
  from: date,
  published_at: date.optional(),
  value: z.union([z.number(), z.string().min(1).max(100), z.boolean()]),
  status,
  confidence,
  legal: citation.optional(),
  note: note.optional(),
})

/** A decision table: its rows here, or in a file of tables/. */
const table = z.strictObject({
  table: tableReference.optional(),
  hit: z.enum(['unique', 'first', 'collect']),
  collect: z.enum(['sum', 'min', 'max', 'count']).optional(),
  inputs: z.array(expression).min(1).max(8),
  rows: inlineRows.optional(),
})
const given = z.union([expression, table]).optional()
const resultShape = z.strictObject({
  amount: given,
  round: z
    .string()
    .regex(
      /^(up|down|half_up|half_down|half_even|floor|ceiling)\(-?\d{1,2}\)$/,
      'a rounding such as half_up(2)',
    )
    .optional(),
  due: given,
})

export const ruleShape = z.strictObject({
  id,
  version: z.int().min(1),
  kind: z.enum(['obligation', 'entitlement', 'route', 'notice']),
  status: z.enum(['working', 'reviewed', 'simulated', 'published']),
  confidence,
  note: note.optional(),
  subject: z.enum(['person', 'organisation']),
  effective: z.strictObject({ from: date, to: date.nullable() }),
  published_at: date,
  legal: z.array(citation).min(1),
  calendar: z.strictObject({
    zone: z.string().min(1).max(60),
    leap_birthday: z.enum(['feb28', 'mar1']),
    month_end: z.enum(['down', 'up']),
    /** `calendar.yaml`: the days on which no office works are those of the pack. */
    working_days: z.literal('calendar.yaml').optional(),
    due_moves: z.enum(['next', 'previous']).optional(),
  }),
  params: z
    .record(
      name,
      z.strictObject({
        type: scalarType,
        unit: z.string().min(1).max(40).optional(),
        values: z.array(paramVersion).min(1),
      }),
    )
    .default({}),
  facts: z.array(name),
  per: z.strictObject({ list: name, as: name }).optional(),
  when: expression,
  exceptions: z
    .array(
      z.strictObject({
        id,
        overrides: id,
        legal: citation,
        when: expression,
        outcome: z.enum(['applies', 'does_not_apply', 'human']),
        result: resultShape.optional(),
      }),
    )
    .optional(),
  result: resultShape.optional(),
  text: z.strictObject({
    title: wordsKey,
    summary: wordsKey,
    why: z.record(name, wordsKey),
    says: z.record(expression, wordsKey).optional(),
    every: wordsKey.optional(),
    if_nothing: wordsKey.optional(),
  }),
  advice: z.strictObject({ no_suggest: z.array(name) }).optional(),
  tests: z.array(exampleShape).min(EXAMPLES_MIN),
})
