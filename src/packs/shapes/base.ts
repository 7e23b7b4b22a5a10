/** Schemas of the files that stand alone, and of words. */
import { z } from 'zod'
import {
  citation,
  confidence,
  date,
  duration,
  id,
  LOCALES,
  name,
  note,
  predicateType,
  wordsKey,
} from './common.ts'

export const packShape = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'a short name of small letters'),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'a version such as 1.2.0'),
  zone: z.string().min(1).max(60),
  currency: z.strictObject({
    code: z.string().regex(/^[A-Z]{3}$/, 'three capital letters'),
    digits: z.int().min(0).max(4),
  }),
  locales: z.array(z.enum(LOCALES)).min(1),
  /** A country that does not exist: the only kind of pack that may say `fiction`. */
  imaginary: z.boolean().optional(),
  /** Where a refusal can be challenged; without any, nothing can be refused. */
  remedies: z
    .array(
      z.strictObject({
        id: name,
        words: wordsKey,
        /** Null: the sources do not settle it, and no last day is named. */
        term: z
          .strictObject({ unit: z.enum(['days', 'months', 'years']), n: z.int().min(1).max(3660) })
          .nullable(),
        url: z.url({ protocol: /^https$/ }).optional(),
        free: z.boolean().nullable(),
        legal: citation,
      }),
    )
    .optional(),
  /** Who publishes changed law while the program runs, and how simulations divide people. */
  council: z
    .strictObject({
      /** The second part of a rule's id names its area. */
      areas: z.array(z.strictObject({ id, words: wordsKey })).min(1),
      publishers: z
        .array(
          z.strictObject({
            agency: id,
            areas: z.array(id).default([]),
            rules: z.array(id).default([]),
            /** Roles as the sign-in states them: who proposes never publishes the same change. */
            propose: z.array(id).min(1),
            publish: z.array(id).min(1),
          }),
        )
        .min(1),
      smallest_group: z.int().min(2).max(1000).default(10),
      bands: z
        .array(
          z.discriminatedUnion('by', [
            z.strictObject({
              by: z.literal('code'),
              id: name,
              words: wordsKey,
              predicate: name,
              codes: z
                .array(z.string().regex(/^[\w-]{1,20}$/))
                .min(1)
                .max(200),
            }),
            z.strictObject({
              by: z.enum(['age', 'number']),
              id: name,
              words: wordsKey,
              predicate: name,
              from: z.array(z.int().min(0)).min(1).max(30),
            }),
          ]),
        )
        .max(6)
        .default([]),
    })
    .optional(),
  /** The hearing before anything adverse; without it nothing can be refused. */
  hearing: z
    .strictObject({
      /** Working days to answer in, after the day the person is told. */
      days: z.int().min(1).max(90),
      status: z.enum(['working', 'published']),
      /** How sure the number of days is; how sure the right itself is, stands in `legal`. */
      confidence,
      legal: citation,
      note: note.optional(),
    })
    .optional(),
})

const predicate = z.strictObject({
  subject: z.enum(['person', 'organisation', 'any']),
  type: predicateType,
  cardinality: z.enum(['one', 'many']).default('one'),
  world: z.enum(['closed', 'open']),
  max_age: duration.optional(),
  sensitivity: z.enum(['ordinary', 'sensitive', 'special']),
  source: id,
  fix: z.enum(['never', 'renew', 'declare', 'act', 'event', 'time']),
  /** False: no rule may ever advise changing it (a household, an income, a disability). */
  suggest: z.literal(false).optional(),
  words: wordsKey,
  ask: wordsKey.optional(),
  value_words: wordsKey.optional(),
  relation: name.optional(),
  /** Field of the list ← predicate of the other subject, read from their own memory. */
  related: z.record(name, name).optional(),
  /** The predicate by which the other subject knows this one: the way back when theirs changes. */
  inverse: name.optional(),
  /** Once known of a subject, no rule speaks of it any more. */
  silences: z.literal(true).optional(),
})

export const vocabularyShape = z.strictObject({ predicates: z.record(name, predicate) })

const agency = z.strictObject({
  words: wordsKey,
  reports: z.array(id),
  tasks: z.array(id),
  confidence,
})

export const agenciesShape = z.strictObject({ agencies: z.record(id, agency) })

const purpose = z.strictObject({
  words: wordsKey,
  legal_basis: z.enum([
    'consent',
    'legal_obligation',
    'contract',
    'vital_interest',
    'public_task',
    'legitimate_interest',
  ]),
  legal: citation,
  agency: id,
  predicates: z.array(z.union([name, z.literal('*')])).min(1),
  retention: duration,
})

export const purposesShape = z.strictObject({ purposes: z.record(id, purpose) })

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

export const calendarShape = z.strictObject({
  weekend: z.array(z.enum(weekdays)).max(6),
  holidays: z.array(
    z.strictObject({
      date,
      source: z.string().min(1).max(200),
      confidence,
      moved_from: date.optional(),
      note: note.optional(),
    }),
  ),
})

export const wordsShape = z.record(wordsKey, z.string().min(1).max(4000))
