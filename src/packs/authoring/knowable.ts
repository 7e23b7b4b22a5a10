/** What the state can fail to know: an open predicate, one that grows too old, a field an event may leave out. */
import type { Json } from '../../platform/canonical.ts'
import type { EventField, EventType, FactMapping, Pack } from '../packs.ts'

/** Can a predicate be unknown? A closed register knows everybody, and what it knows may at most grow too old. */
export function mayBeUnknown(pack: Pack, predicate: string): boolean {
  const declared = pack.vocabulary.get(predicate)
  return declared === undefined || declared.world === 'open' || declared.max_age !== undefined
}

/**
 * Can a field of an item be unknown? It can where an event may leave it out, where no event tells it at all, and where
 * it is read from another subject's memory under a predicate that can be unknown.
 */
export function mayBeLeftOut(pack: Pack, list: string, field: string): boolean {
  const elsewhere = pack.vocabulary.get(list)?.related?.[field]
  if (elsewhere !== undefined) return mayBeUnknown(pack, elsewhere)
  const told = [...pack.events.values()].flatMap((event) =>
    event.facts
      .filter(({ predicate, absent }) => predicate === list && !absent)
      .map((fact) => ({ event, fact })),
  )
  return told.length === 0 || told.some(({ event, fact }) => leavesOut(event, fact, field))
}

function leavesOut({ data }: EventType, { value, when }: FactMapping, field: string): boolean {
  // A whole record at a path is as its schema says, which this does not follow: it may leave anything out.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return true
  const template: Json | undefined = Object.hasOwn(value, field)
    ? (value as { [name: string]: Json })[field]
    : undefined
  if (template === undefined) return true
  if (typeof template !== 'string' || !template.startsWith('$')) return false
  const sure = when?.replace(/^[$@]/, '')
  return isOptional(data, template.slice(1).split('.'), sure)
}

/** Is any step of a path optional, but for what the mapping's own condition has made sure of? */
function isOptional(data: EventType['data'], path: readonly string[], sure: string | undefined): boolean {
  let fields: EventType['data'] | undefined = data
  for (const [at, name] of path.entries()) {
    const field: EventField | undefined = fields?.[name]
    if (field === undefined) return true
    const here = path.slice(0, at + 1).join('.')
    if (field.optional === true && !(sure === here || sure?.startsWith(`${here}.`))) return true
    fields = field.type === 'object' ? field.fields : undefined
  }
  return false
}
