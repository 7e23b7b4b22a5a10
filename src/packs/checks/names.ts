/** References between files, and what a status may claim. */

import { canonical, type Json } from '../../platform/canonical.ts'
import type { Entry, Mistakes } from '../mistakes.ts'
import { foundText } from '../mistakes.ts'
import type { Path } from '../reading/sheet.ts'
import { typeFrom } from '../shapes/common.ts'
import type { Draft, PredicateYaml, Shelf } from './draft.ts'

const LISTED_MAX = 12

/** Tells a name that nothing bears. A kind whose file is broken is left alone: its names are not all known. */
export function checkName(
  mistakes: Mistakes,
  at: { entry: Entry<unknown>; path: Path },
  shelf: Shelf<unknown>,
  name: string,
  what: string,
): boolean {
  if (shelf.names.has(name)) return true
  if (!shelf.is_whole) return false
  const known = [...shelf.names]
  const expected =
    known.length === 0
      ? `${what} (the pack has none)`
      : `${what}: ${known.slice(0, LISTED_MAX).join(', ')}${known.length > LISTED_MAX ? ', …' : ''}`
  mistakes.at(at.entry, at.path, {
    message: `names ${what} that does not exist`,
    expected,
    found: foundText(name),
  })
  return false
}

/** Whether what a tag says is enough to stand behind a message to a real person. */
export function isSure(confidence: string, imaginary: boolean): boolean {
  if (confidence === 'fiction') return imaginary
  const seen = /^V(\d+)$/.exec(confidence)
  return seen !== null && Number(seen[1]) >= 3
}

const sureWords = 'V3 or more, or the status working'

/** `published` is a claim: it needs V3. */
export function checkPublished(
  mistakes: Mistakes,
  entry: Entry<unknown>,
  path: Path,
  confidence: string | undefined,
  draft: Draft,
): void {
  if (confidence !== undefined && isSure(confidence, draft.pack?.value.imaginary === true)) return
  if (confidence === undefined) {
    mistakes.at(entry, path.slice(0, -1), {
      message: 'does not say how sure it is, and something published rests on it',
      expected: sureWords,
    })
    return
  }
  mistakes.at(entry, path, {
    message: 'is too unsure for something published',
    expected: sureWords,
    found: foundText(confidence),
  })
}

/** `fiction` is for countries that say they are imaginary. Looks at every field of that name. */
export function checkFiction(mistakes: Mistakes, draft: Draft): void {
  if (!draft.pack || draft.pack.value.imaginary === true) return
  const shelves: readonly Shelf<unknown>[] = [
    draft.agencies,
    draft.purposes,
    draft.events,
    draft.rules,
    draft.tables,
    draft.routes,
  ]
  const entries = [
    ...shelves.flatMap((shelf) => [...shelf.entries.values()]),
    ...(draft.calendar ? [draft.calendar] : []),
    ...(draft.pack ? [draft.pack] : []),
  ]
  for (const entry of entries) {
    for (const path of confidences(entry.value, [])) {
      mistakes.at(entry, path, {
        message: 'fiction belongs into imaginary countries',
        expected: 'imaginary: true in pack.yaml, or how sure it is',
        found: '"fiction"',
      })
    }
  }
}

function confidences(value: unknown, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key]
    return key === 'confidence' && inner === 'fiction' ? [here] : confidences(inner, here)
  })
}

/** Agencies, purposes, vocabulary, calendar, pack. */
export function checkBase(draft: Draft, mistakes: Mistakes): void {
  const pack = draft.pack
  if (pack) {
    if (!isZone(pack.value.zone))
      mistakes.at(pack, ['zone'], {
        message: 'is no time zone',
        expected: 'an IANA zone such as Asia/Tashkent',
        found: foundText(pack.value.zone),
      })
    const { hearing } = pack.value
    if (hearing?.status === 'published') {
      checkPublished(mistakes, pack, ['hearing', 'confidence'], hearing.confidence, draft)
      checkPublished(mistakes, pack, ['hearing', 'legal', 'confidence'], hearing.legal.confidence, draft)
    }
    for (const [i, locale] of pack.value.locales.entries()) {
      if (pack.value.locales.indexOf(locale) !== i)
        mistakes.at(pack, ['locales', i], { message: 'is listed twice', found: foundText(locale) })
    }
  }
  for (const [name, entry] of draft.predicates.entries) {
    const { source, type, cardinality, world, ask, relation } = entry.value
    checkName(mistakes, { entry, path: ['source'] }, draft.agencies, source, 'an agency')
    const is_list = typeof type === 'object' && type.kind === 'list'
    if (is_list !== (cardinality === 'many')) {
      mistakes.at(entry, is_list ? ['type'] : ['cardinality'], {
        message: 'does not fit: many items are a list, and a list has many items',
        expected: is_list ? 'cardinality: many' : 'type: { kind: list, … }',
      })
    }
    if (is_list && Object.hasOwn(type.fields, 'item'))
      mistakes.at(
        entry,
        ['type', 'fields', 'item'],
        { message: 'is taken: item names the item itself' },
        'key',
      )
    if (world === 'open' && ask === undefined && !is_list) {
      mistakes.at(
        entry,
        [],
        {
          message: `has no ask, and in an open world people must be asked for ${name}`,
          expected: 'ask: a key of words',
        },
        'key',
      )
    }
    if (relation !== undefined && !is_list)
      mistakes.at(entry, ['relation'], { message: 'is for lists of other subjects only' })
    checkRelated(mistakes, draft, entry)
    if (name === 'params' || name === 'item' || name === 'pinfl' || name === 'stir')
      mistakes.at(entry, [], { message: 'is taken: the language or identifiers use this name' }, 'key')
  }
  for (const entry of draft.agencies.entries.values()) {
    for (const [i, type] of entry.value.reports.entries()) {
      checkName(mistakes, { entry, path: ['reports', i] }, draft.events, type, 'an event type')
    }
  }
  for (const entry of draft.purposes.entries.values()) {
    checkName(mistakes, { entry, path: ['agency'] }, draft.agencies, entry.value.agency, 'an agency')
    for (const [i, predicate] of entry.value.predicates.entries()) {
      if (predicate === '*') {
        if (entry.value.predicates.length > 1)
          mistakes.at(entry, ['predicates', i], {
            message: '* stands alone: it is for a person who reads their own memory',
          })
      } else
        checkName(mistakes, { entry, path: ['predicates', i] }, draft.predicates, predicate, 'a predicate')
    }
  }
  const days = new Set<string>()
  for (const [i, { date }] of draft.calendar?.value.holidays.entries() ?? []) {
    if (days.has(date))
      mistakes.at(draft.calendar!, ['holidays', i, 'date'], {
        message: 'is listed twice',
        found: foundText(date),
      })
    days.add(date)
  }
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** Fields read from another subject's memory: whose, of the same type, and with a way back when theirs changes. */
function checkRelated(mistakes: Mistakes, draft: Draft, entry: Entry<PredicateYaml>): void {
  const { related, relation, inverse, type } = entry.value
  if (related === undefined) {
    if (inverse !== undefined)
      mistakes.at(entry, ['inverse'], { message: 'is for relations with related fields only' })
    return
  }
  if (relation === undefined || inverse === undefined)
    mistakes.at(entry, ['related'], {
      message: 'needs to know whose memory is read, and the way back',
      expected: 'relation: …, and inverse: the predicate by which the other subject knows this one',
    })
  if (
    inverse !== undefined &&
    checkName(mistakes, { entry, path: ['inverse'] }, draft.predicates, inverse, 'a predicate') &&
    draft.predicates.entries.get(inverse)?.value.relation === undefined
  )
    mistakes.at(entry, ['inverse'], { message: 'is no relation', expected: 'a predicate with a relation' })
  const fields = typeof type === 'object' && type.kind === 'list' ? type.fields : {}
  for (const [field, predicate] of Object.entries(related)) {
    const path = ['related', field]
    if (!Object.hasOwn(fields, field))
      mistakes.at(entry, path, { message: 'names a field that the list does not have' }, 'key')
    if (!checkName(mistakes, { entry, path }, draft.predicates, predicate, 'a predicate')) continue
    const theirs = draft.predicates.entries.get(predicate)?.value.type
    const [own, read] = [fields[field], theirs].map((t) => t && canonical(typeFrom(t, 0) as unknown as Json))
    if (own !== undefined && read !== undefined && own !== read)
      mistakes.at(entry, path, {
        message: 'has another type than the field that reads it',
        expected: own,
        found: read,
      })
  }
}
