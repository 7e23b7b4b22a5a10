/** Schemas of event types and of registries' extracts. */
import { z } from 'zod'
import type { EventField } from '../packs.ts'
import { citation, confidence, dataPath, id, name, wordsKey } from './common.ts'

const optional = z.boolean().optional()
const range = { min: z.int().optional(), max: z.int().optional() }

const field: z.ZodType<EventField, EventField> = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('object'), fields: z.record(name, field), optional }),
    z.strictObject({ type: z.literal('identifier'), kind: z.enum(['pinfl', 'stir', 'passport']), optional }),
    z.strictObject({ type: z.literal('date'), not_future: z.boolean().optional(), optional }),
    z.strictObject({
      type: z.literal('string'),
      max: z.int().min(1).max(10_000),
      pattern: z.string().min(1).max(200).optional(),
      optional,
    }),
    z.strictObject({ type: z.enum(['integer', 'money']), ...range, optional }),
    z.strictObject({ type: z.literal('code'), values: z.array(id).min(1).max(200), optional }),
    z.strictObject({ type: z.literal('boolean'), optional }),
  ]),
) as z.ZodType<EventField, EventField>

const literal = z.union([z.string().max(500), z.number(), z.boolean()])

const fact = z.strictObject({
  of: name,
  predicate: name,
  item: dataPath.optional(),
  value: z.union([literal, z.record(name, literal)]).optional(),
  absent: z.literal(true).optional(),
  from: dataPath.optional(),
  to: dataPath.optional(),
  when: dataPath.optional(),
})

export const eventShape = z.strictObject({
  type: id,
  version: z.int().min(1),
  words: wordsKey,
  legal: citation,
  confidence,
  data: z.record(name, field),
  participants: z
    .array(
      z.strictObject({
        role: name,
        identifier: dataPath,
        subject: z.enum(['person', 'organisation']),
        optional: z.boolean().default(false),
        establishes: z.boolean().default(false),
      }),
    )
    .min(1),
  facts: z.array(fact),
})

export const extractShape = z.strictObject({
  id,
  type: id,
  source: z.string().min(1).max(200),
  delimiter: z.string().min(1).max(1),
  event_id: z.string().min(1).max(100),
  time: z.string().min(1).max(100),
  columns: z.record(dataPath, z.string().min(1).max(100)),
})
