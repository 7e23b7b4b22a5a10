/** Parts that the schemas of several kinds of file share. The words after a pattern are what a mistake says is expected. */
import { z } from 'zod'
import type { RuleType } from '../../rules/rules.ts'

export const LOCALES = ['uz-Latn', 'uz-Cyrl', 'ru', 'en'] as const

const named = (pattern: RegExp, words: string) => z.string().max(120).regex(pattern, words)

/** `uz.family.birth`, `lump-sum`. */
export const id = named(
  /^[a-z][a-z0-9]*([.-][a-z0-9]+)*$/,
  'a name of small letters and digits, parts joined by . or -',
)
/** A predicate, a parameter, a field of data: what expressions can name. */
export const name = named(/^[a-z][a-z0-9_]*$/, 'a name of small letters, digits and _')
/** A key into words/*.yaml. */
export const wordsKey = named(
  /^[\p{L}\p{N}_-]+([.][\p{L}\p{N}_ʻʼ-]+)*$/u,
  'a key of words: letters, digits, _ and -, parts joined by .',
)
export const date = z.iso.date()
export const duration = named(/^P(?=\d)(\d+Y)?(\d+M)?(\d+D)?$/, 'an ISO 8601 duration such as P12M or P60D')
export const note = z.string().min(1).max(2000)
export const confidence = named(
  /^(V\d{1,3}(-old)?|D|BG|fiction)$/,
  'how sure it is: V1, V3, V1-old, D, BG or, in an imaginary country, fiction',
)
/** `$child.birth_date`, or without `$`. */
export const dataPath = named(
  /^\$?[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/,
  'a path into data such as child.birth_date',
)
export const predicatePath = named(
  /^(subject|about)\.[a-z][a-z0-9_]*$/,
  'subject.<predicate>, about.<predicate>, or one of them with pinfl or stir',
)

export const citation = z.strictObject({
  act: z
    .string()
    .max(60)
    .regex(
      /^[\p{L}\p{N}_-]+$/u,
      'the canonical name of an act, such as VMQ-550; its words stand under act.<name>',
    ),
  date: date.optional(),
  clause: z.string().min(1).max(200).optional(),
  url: z
    .url({ protocol: /^https$/ })
    .max(300)
    .optional(),
  confidence: confidence.optional(),
})

/** Money without fractions of the smallest unit is checked where the currency is known. */
export const amount = z.union([z.number(), named(/^-?\d{1,15}(\.\d{1,18})?$/, 'a number')])

const range = { min: z.int().optional(), max: z.int().optional() }
const decimalText = named(/^-?\d{1,15}(\.\d{1,18})?$/, 'a decimal number as text')
const plainKinds = ['boolean', 'integer', 'money', 'date', 'duration', 'string', 'subject'] as const

/** A type with nothing more to say may be written as its bare name. */
const kindsWithMore = [
  z.strictObject({ kind: z.enum(['boolean', 'date', 'string', 'subject']) }),
  z.strictObject({ kind: z.literal('duration'), unit: z.enum(['days', 'months']).optional() }),
  z.strictObject({ kind: z.literal('integer'), ...range }),
  z.strictObject({
    kind: z.literal('decimal'),
    scale: z.int().min(0).max(18),
    min: decimalText.optional(),
    max: decimalText.optional(),
  }),
  z.strictObject({ kind: z.literal('money'), min: z.number().optional() }),
  z.strictObject({ kind: z.literal('code'), values: z.array(id).min(1).max(200) }),
] as const

export const scalarType = z.union([z.enum(plainKinds), z.discriminatedUnion('kind', kindsWithMore)])

const listType = z.strictObject({
  kind: z.literal('list'),
  fields: z.record(name, scalarType),
})

// One union with every kind, not a union of unions: a mistake then speaks of the kind that was written.
export const predicateType = z.union([
  z.enum(plainKinds),
  z.discriminatedUnion('kind', [...kindsWithMore, listType]),
])

type TypeYaml = z.infer<typeof predicateType>

/** A type as YAML writes it, in its full form. Bounds of money turn into minor units. */
export function typeFrom(type: TypeYaml, digits: number): RuleType {
  if (typeof type === 'string') return { kind: type } as RuleType
  if (type.kind === 'list') {
    return {
      kind: 'list',
      fields: Object.fromEntries(
        Object.entries(type.fields).map(([field, of]) => [field, typeFrom(of, digits)]),
      ),
    }
  }
  if (type.kind === 'money') {
    return type.min === undefined
      ? { kind: 'money' }
      : { kind: 'money', min: Math.round(type.min * 10 ** digits) }
  }
  return type as RuleType
}
