import { z } from 'zod'
import type { EventField, EventType, FactMapping } from '../packs/packs.ts'
import type { Json } from '../platform/canonical.ts'

/** Turns the pack's event types into readers: a strict schema of `data`, and the facts an event tells. Built once. */

export type EventReader = {
  readonly type: EventType
  readonly schema: z.ZodType
  /** Dates that may not lie in the future. */
  readonly not_future: readonly (readonly string[])[]
  readonly identifiers: readonly { readonly role: string; readonly path: readonly string[] }[]
  readonly facts: readonly FactReader[]
  /** Where the identifier of a participant stands whom the event does not bring itself; of the first one otherwise. */
  readonly lane_by: readonly string[]
}

/** A fact to be told of a role: value, period and slot read from the normalised data. */
export type FactReader = {
  readonly of: string
  readonly predicate: string
  read(data: Json, roles: ReadonlyMap<string, string>, day: string): ReadFact | null
}

export type ReadFact = {
  readonly item: string
  readonly state: 'known' | 'absent'
  readonly value: Json
  readonly from: string
  readonly to: string | null
}

const SAFE_MAX = Number.MAX_SAFE_INTEGER

export function readerOf(type: EventType): EventReader {
  const not_future: string[][] = []
  const walk = (fields: EventType['data'], path: string[]) => {
    for (const [name, field] of Object.entries(fields)) {
      if (field.type === 'object') walk(field.fields, [...path, name])
      else if (field.type === 'date' && field.not_future) not_future.push([...path, name])
    }
  }
  walk(type.data, [])
  return {
    type,
    schema: objectSchema(type.data),
    not_future,
    identifiers: type.participants.map((p) => ({ role: p.role, path: p.identifier.split('.') })),
    facts: type.facts.map(factReader),
    lane_by:
      (type.participants.find((p) => !p.establishes) ?? type.participants[0])?.identifier.split('.') ?? [],
  }
}

function objectSchema(fields: EventType['data']): z.ZodType {
  return z.strictObject(
    Object.fromEntries(
      Object.entries(fields).map(([name, field]) => {
        const schema = fieldSchema(field)
        return [name, field.optional ? schema.optional() : schema]
      }),
    ),
  )
}

// NUL cannot be stored in PostgreSQL text or jsonb, and lone surrogates are not text at all.
const text = z
  .string()
  .refine(
    (s) => !s.includes('\u0000') && s.isWellFormed(),
    'has a character that cannot be stored (NUL or half a surrogate pair)',
  )

function fieldSchema(field: EventField): z.ZodType {
  switch (field.type) {
    case 'object':
      return objectSchema(field.fields)
    case 'identifier':
      return z.string().max(32)
    case 'date':
      return z.iso.date()
    case 'string': {
      const limited = text
        .refine((s) => s.length <= field.max, `longer than ${field.max}`)
        .refine((s) => s.trim() !== '', 'is empty')
      if (field.pattern === undefined) return limited
      const form = new RegExp(field.pattern, 'u')
      return limited.refine((s) => form.test(s), `does not have the form ${field.pattern}`)
    }
    case 'integer':
    case 'money':
      return z
        .int()
        .min(field.min ?? -SAFE_MAX)
        .max(field.max ?? SAFE_MAX)
    case 'code':
      return z.enum(field.values as [string, ...string[]])
    case 'boolean':
      return z.boolean()
  }
}

/** The value at a path of plain JSON, or undefined. */
export function at(data: Json | undefined, path: readonly string[]): Json | undefined {
  let here: Json | undefined = data
  for (const name of path) {
    if (typeof here !== 'object' || here === null || Array.isArray(here)) return undefined
    here = Object.hasOwn(here, name) ? (here as { [key: string]: Json })[name] : undefined
  }
  return here
}

type Read = (data: Json, roles: ReadonlyMap<string, string>) => Json | undefined

/** `$path` reads data, `@role` a subject id, a record reads each of its fields, anything else is itself. */
function reader(template: Json): Read {
  if (typeof template === 'string' && template.startsWith('$')) {
    const path = template.slice(1).split('.')
    return (data) => at(data, path)
  }
  if (typeof template === 'string' && template.startsWith('@')) {
    const role = template.slice(1)
    return (_, roles) => roles.get(role)
  }
  if (typeof template === 'object' && template !== null && !Array.isArray(template)) {
    const fields = Object.entries(template as { [key: string]: Json }).map(
      ([name, value]) => [name, reader(value)] as const,
    )
    return (data, roles) => {
      const record: { [key: string]: Json } = {}
      for (const [name, read] of fields) {
        const value = read(data, roles)
        if (value !== undefined) record[name] = value
      }
      return record
    }
  }
  return () => template
}

/** `when` and `item` name a path of data or a role; roles are tried first. */
function pathOrRole(text: string): Read {
  const bare = text.replace(/^[$@]/, '')
  const path = bare.split('.')
  return (data, roles) => (text.startsWith('$') ? undefined : roles.get(bare)) ?? at(data, path)
}

function factReader(mapping: FactMapping): FactReader {
  const value = mapping.value === undefined ? null : reader(mapping.value)
  const item = mapping.item === undefined ? null : pathOrRole(mapping.item)
  const from = mapping.from === undefined ? null : reader(mapping.from)
  const to = mapping.to === undefined ? null : reader(mapping.to)
  const when = mapping.when === undefined ? null : pathOrRole(mapping.when)
  return {
    of: mapping.of,
    predicate: mapping.predicate,
    read: (data, roles, day) => {
      if (when && when(data, roles) === undefined) return null
      const slot = item ? item(data, roles) : ''
      if (slot === undefined) return null
      const read = mapping.absent ? null : value!(data, roles)
      // An optional field that was not sent tells nothing: unknown never counts as absent.
      if (read === undefined) return null
      const start = (from?.(data, roles) as string | undefined) ?? day
      const end = (to?.(data, roles) as string | undefined) ?? null
      return {
        item: String(slot),
        state: mapping.absent ? 'absent' : 'known',
        value: read,
        from: start,
        to: end,
      }
    },
  }
}
