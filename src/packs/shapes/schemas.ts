/** The same schemas for editors, as JSON Schema 2020-12. */
import { z } from 'zod'
import type { Json } from '../../platform/canonical.ts'
import {
  agenciesShape,
  calendarShape,
  packShape,
  purposesShape,
  vocabularyShape,
  wordsShape,
} from './base.ts'
import { eventShape, extractShape } from './event.ts'
import { clausesShape, routeShape } from './route.ts'
import { ruleShape } from './rule.ts'
import { tablesShape } from './table.ts'

const kinds = {
  pack: [packShape, 'pack.yaml: which country, its zone, currency and languages'],
  vocabulary: [vocabularyShape, 'vocabulary.yaml: what the state can know of a subject'],
  agencies: [agenciesShape, 'agencies.yaml: who reports events and does tasks'],
  purposes: [purposesShape, 'purposes.yaml: why data may be read'],
  calendar: [calendarShape, 'calendar.yaml: days on which no office works'],
  event: [eventShape, 'events/*.yaml: an event type and the facts it tells'],
  rule: [ruleShape, 'rules/*.yaml: law as data, with its worked examples'],
  tables: [tablesShape, 'tables/*.yaml: decision tables that rules read'],
  route: [routeShape, 'routes/*.yaml: a life event as data'],
  clauses: [clausesShape, 'clauses/*.yaml: approved sentences of letters'],
  extract: [extractShape, 'extracts/*.yaml: how a registry’s CSV becomes events'],
  words: [wordsShape, 'words/<locale>.yaml: key and ICU message'],
} as const

/** JSON Schema of every kind of file, by the name of its file in packs/schemas. */
export function jsonSchemas(): ReadonlyMap<string, Json> {
  return new Map(
    Object.entries(kinds).map(([kind, [shape, title]]) => {
      const { $schema, ...schema } = z.toJSONSchema(shape, { io: 'input', target: 'draft-2020-12' })
      return [`${kind}.schema.json`, { $schema, title, ...schema } as unknown as Json]
    }),
  )
}
