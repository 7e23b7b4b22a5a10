/** Event types and extracts: paths that exist, roles that take part, values of the predicate's type. */

import type { Entry, Mistakes } from '../mistakes.ts'
import { foundText } from '../mistakes.ts'
import type { EventField } from '../packs.ts'
import type { Path } from '../reading/sheet.ts'
import type { Draft, EventYaml, ExtractYaml, PredicateYaml } from './draft.ts'
import { checkName } from './names.ts'

type Fields = { readonly [name: string]: EventField }
type Fact = EventYaml['facts'][number]
type TypeYaml = PredicateYaml['type']
type Check = { readonly draft: Draft; readonly mistakes: Mistakes; readonly entry: Entry<EventYaml> }

export function checkEvents(draft: Draft, mistakes: Mistakes): void {
  for (const [type, entry] of draft.events.entries) {
    const check = { draft, mistakes, entry }
    const is_reported =
      !draft.agencies.is_whole ||
      [...draft.agencies.entries.values()].some(({ value }) => value.reports.includes(type))
    if (!is_reported)
      mistakes.at(entry, ['type'], {
        message: 'is reported by no agency',
        expected: 'its name under reports of an agency',
        found: foundText(type),
      })
    checkFields(check, entry.value.data, ['data'])
    checkParticipants(check)
    for (const [i, fact] of entry.value.facts.entries()) checkFact(check, fact, ['facts', i])
  }
  for (const entry of draft.extracts.entries.values()) checkExtract(draft, mistakes, entry)
}

function checkFields(check: Check, fields: Fields, path: Path): void {
  const { mistakes, entry } = check
  for (const [name, field] of Object.entries(fields)) {
    if (field.type === 'object') checkFields(check, field.fields, [...path, name, 'fields'])
    if (field.type === 'string' && field.pattern !== undefined) {
      try {
        new RegExp(field.pattern, 'u')
      } catch {
        mistakes.at(entry, [...path, name, 'pattern'], {
          message: 'is no regular expression',
          found: foundText(field.pattern),
        })
      }
      // Nested repetition can take for ever on a hostile text, and registries' data is what it will meet.
      if (/[+*}]\)?[+*{]/.test(field.pattern))
        mistakes.at(entry, [...path, name, 'pattern'], {
          message: 'repeats a repetition, which can take for ever',
          found: foundText(field.pattern),
        })
    }
    if (
      (field.type === 'integer' || field.type === 'money') &&
      (field.min ?? -Infinity) > (field.max ?? Infinity)
    ) {
      mistakes.at(entry, [...path, name, 'min'], { message: 'is above max' })
    }
  }
}

type Found = { readonly field: EventField; readonly is_optional: boolean }

/** The declared field at a path, and whether anything on the way may be left out. */
function fieldAt(fields: Fields, path: string): Found | undefined {
  const parts = path.replace(/^\$/, '').split('.')
  let here = fields
  let is_optional = false
  for (const [i, part] of parts.entries()) {
    const field = Object.hasOwn(here, part) ? here[part] : undefined
    if (!field) return undefined
    is_optional ||= field.optional === true
    if (i === parts.length - 1) return { field, is_optional }
    if (field.type !== 'object') return undefined
    here = field.fields
  }
  return undefined
}

const declaredPaths = (fields: Fields, prefix = ''): string[] =>
  Object.entries(fields).flatMap(([name, field]) =>
    field.type === 'object' ? declaredPaths(field.fields, `${prefix}${name}.`) : [`${prefix}${name}`],
  )

function tellPath({ mistakes, entry }: Check, at: Path, path: string): void {
  mistakes.at(entry, at, {
    message: 'names a field that the event does not declare',
    expected: declaredPaths(entry.value.data).join(', '),
    found: foundText(path),
  })
}

const kindOf = { person: ['pinfl', 'passport'], organisation: ['stir'] } as const

function checkParticipants(check: Check): void {
  const { mistakes, entry } = check
  const roles = new Set<string>()
  for (const [i, { role, identifier, subject, optional }] of entry.value.participants.entries()) {
    const at = (field: string): Path => ['participants', i, field]
    if (roles.has(role))
      mistakes.at(entry, at('role'), { message: 'is taken by another participant', found: foundText(role) })
    roles.add(role)
    const found = fieldAt(entry.value.data, identifier)
    if (!found) tellPath(check, at('identifier'), identifier)
    else if (found.field.type !== 'identifier') {
      mistakes.at(entry, at('identifier'), {
        message: 'names a field that is no identifier',
        expected: 'a field of type identifier',
        found: found.field.type,
      })
    } else {
      const kinds: readonly string[] = kindOf[subject]
      if (!kinds.includes(found.field.kind))
        mistakes.at(entry, at('subject'), {
          message: `does not fit a ${found.field.kind}`,
          expected: `an identifier of kind ${kinds.join(' or ')}`,
          found: foundText(subject),
        })
      if (found.is_optional && !optional) {
        mistakes.at(entry, at('identifier'), {
          message: 'may be missing in the data, but the participant may not',
          expected: 'optional: true',
          found: 'an optional field',
        })
      }
    }
  }
}

function checkFact(check: Check, fact: Fact, path: Path): void {
  const { draft, mistakes, entry } = check
  const participants = entry.value.participants
  const who = participants.find((p) => p.role === fact.of)
  const roleNames = participants.map((p) => p.role).join(', ')
  if (!who)
    mistakes.at(entry, [...path, 'of'], {
      message: 'names no participant',
      expected: roleNames,
      found: foundText(fact.of),
    })
  for (const key of ['item', 'when'] as const) {
    const text = fact[key]
    if (text === undefined || participants.some((p) => p.role === text)) continue
    if (!fieldAt(entry.value.data, text)) {
      mistakes.at(entry, [...path, key], {
        message: 'names neither a participant nor a field',
        expected: `${roleNames}, or a path of data`,
        found: foundText(text),
      })
    }
  }
  for (const key of ['from', 'to'] as const) {
    const text = fact[key]
    if (text === undefined) continue
    const found = fieldAt(entry.value.data, text)
    if (!text.startsWith('$'))
      mistakes.at(entry, [...path, key], {
        message: 'is written without $',
        expected: `$${text}`,
        found: foundText(text),
      })
    else if (!found) tellPath(check, [...path, key], text)
    else if (found.field.type !== 'date')
      mistakes.at(entry, [...path, key], {
        message: 'names a field that is no date',
        expected: 'a field of type date',
        found: found.field.type,
      })
  }
  if ((fact.value === undefined) === (fact.absent === undefined)) {
    mistakes.at(entry, path, { message: 'needs either a value or absent: true' })
  }
  if (
    !checkName(
      mistakes,
      { entry, path: [...path, 'predicate'] },
      draft.predicates,
      fact.predicate,
      'a predicate',
    )
  )
    return
  const predicate = draft.predicates.entries.get(fact.predicate)?.value
  if (!predicate) return
  if (who && predicate.subject !== 'any' && predicate.subject !== who.subject) {
    mistakes.at(entry, [...path, 'of'], {
      message: `${fact.predicate} is about a ${predicate.subject}, this participant is a ${who.subject}`,
      found: foundText(fact.of),
    })
  }
  if ((predicate.cardinality === 'many') !== (fact.item !== undefined)) {
    const is_many = predicate.cardinality === 'many'
    mistakes.at(entry, [...path, ...(is_many ? [] : ['item'])], {
      message: is_many
        ? `needs item: ${fact.predicate} has many`
        : `${fact.predicate} has one value, not items`,
    })
  }
  if (fact.value !== undefined) checkValue(check, fact.value, predicate.type, [...path, 'value'])
}

function checkValue(check: Check, value: NonNullable<Fact['value']>, type: TypeYaml, path: Path): void {
  const { mistakes, entry } = check
  if (typeof type === 'object' && type.kind === 'list') {
    if (typeof value !== 'object') {
      mistakes.at(entry, path, {
        message: 'is not the record of an item',
        expected: `a mapping with ${Object.keys(type.fields).join(', ')}`,
        found: foundText(value),
      })
      return
    }
    for (const [field, inner] of Object.entries(value)) {
      const of = Object.hasOwn(type.fields, field) ? type.fields[field] : undefined
      if (of) checkValue(check, inner, of, [...path, field])
      else
        mistakes.at(
          entry,
          [...path, field],
          {
            message: 'is no field of this predicate',
            expected: Object.keys(type.fields).join(', '),
            found: foundText(field),
          },
          'key',
        )
    }
    return
  }
  if (typeof value === 'object') {
    mistakes.at(entry, path, {
      message: 'is a mapping where one value stands',
      expected: kindName(type),
      found: 'a mapping',
    })
    return
  }
  if (typeof value === 'string' && value.startsWith('@')) {
    checkRoleValue(check, value, type, path)
    return
  }
  if (typeof value === 'string' && value.startsWith('$')) {
    const found = fieldAt(entry.value.data, value)
    if (!found) tellPath(check, path, value)
    else if (!fits(found.field, type)) {
      mistakes.at(entry, path, {
        message: 'is of another type than the predicate',
        expected: describe(type),
        found: describeField(found.field),
      })
    }
    return
  }
  if (!literalFits(value, type))
    mistakes.at(entry, path, {
      message: 'is of another type than the predicate',
      expected: describe(type),
      found: foundText(value),
    })
}

function checkRoleValue({ mistakes, entry }: Check, value: string, type: TypeYaml, path: Path): void {
  const roles = entry.value.participants.map((p) => p.role)
  if (!roles.includes(value.slice(1)))
    mistakes.at(entry, path, {
      message: 'names no participant',
      expected: roles.map((r) => `@${r}`).join(', '),
      found: foundText(value),
    })
  else if (kindName(type) !== 'subject')
    mistakes.at(entry, path, {
      message: 'is a participant where the predicate has another type',
      expected: describe(type),
      found: foundText(value),
    })
}

const kindName = (type: TypeYaml): string => (typeof type === 'string' ? type : type.kind)
const valuesOf = (type: TypeYaml): readonly string[] =>
  typeof type === 'object' && type.kind === 'code' ? type.values : []
const describe = (type: TypeYaml): string =>
  kindName(type) === 'code' ? `code (${valuesOf(type).join(', ')})` : kindName(type)
const describeField = (field: EventField): string =>
  field.type === 'code' ? `code (${field.values.join(', ')})` : field.type

function fits(field: EventField, type: TypeYaml): boolean {
  const kind = kindName(type)
  if (field.type === 'code')
    return kind === 'string' || (kind === 'code' && field.values.every((v) => valuesOf(type).includes(v)))
  // Identifiers stay in the people's register; as facts they would leave it.
  if (field.type === 'identifier' || field.type === 'object') return false
  return field.type === kind
}

function literalFits(value: string | number | boolean, type: TypeYaml): boolean {
  switch (kindName(type)) {
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
    case 'money':
      return Number.isSafeInteger(value)
    case 'code':
      return typeof value === 'string' && valuesOf(type).includes(value)
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)
    case 'decimal':
      return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)
    case 'subject':
      return false
    default:
      return typeof value === 'string'
  }
}

function checkExtract(draft: Draft, mistakes: Mistakes, entry: Entry<ExtractYaml>): void {
  const { type, columns } = entry.value
  if (!checkName(mistakes, { entry, path: ['type'] }, draft.events, type, 'an event type')) return
  const event = draft.events.entries.get(type)
  if (!event) return
  const known = declaredPaths(event.value.data)
  for (const path of Object.keys(columns)) {
    if (!known.includes(path))
      mistakes.at(
        entry,
        ['columns', path],
        { message: 'is no field of the event', expected: known.join(', '), found: foundText(path) },
        'key',
      )
  }
  for (const path of known) {
    if (Object.hasOwn(columns, path) || fieldAt(event.value.data, path)?.is_optional) continue
    mistakes.at(
      entry,
      ['columns'],
      { message: `has no column for ${path}, which every event of this type carries` },
      'key',
    )
  }
}
