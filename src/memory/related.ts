/**
 * What a rule reads of other subjects: fields of a relation's items (a child's) that stand in the other's own memory.
 * They are read with the relation, and when theirs changes, the way back leads to whoever reads it.
 */
import type { Pack } from '../packs/packs.ts'
import { isUuid, type SubjectId } from '../platform/ids.ts'
import type { Assertion } from './memory.ts'

/** One relation and the predicates of the other subject that its items' fields are read from. */
type Link = {
  readonly relation: string
  readonly inverse: string
  readonly fields: readonly (readonly [field: string, predicate: string])[]
}

/** The relations among these predicates that read the other subject's memory. */
export function linksAmong(pack: Pack, predicates: readonly string[]): Link[] {
  return predicates.flatMap((relation) => {
    const { related, inverse } = pack.vocabulary.get(relation) ?? {}
    return related && inverse ? [{ relation, inverse, fields: Object.entries(related) }] : []
  })
}

/** Whom the items of these relations name. */
export function relativesIn(facts: readonly Assertion[], links: readonly Link[]): SubjectId[] {
  const relations = new Set(links.map((l) => l.relation))
  return facts
    .filter((f) => relations.has(f.predicate) && f.about === undefined && isUuid(f.item))
    .map((f) => f.item as SubjectId)
}

/** Which relations, seen from the other side, read each predicate: predicate → (relation, way back). Worked out once. */
export function readersOfRelated(pack: Pack): ReadonlyMap<string, readonly Link[]> {
  let known = readers.get(pack)
  if (!known) {
    const found = new Map<string, Link[]>()
    for (const link of linksAmong(pack, [...pack.vocabulary.keys()]))
      for (const [, predicate] of link.fields) found.set(predicate, [...(found.get(predicate) ?? []), link])
    known = found
    readers.set(pack, known)
  }
  return known
}

const readers = new WeakMap<Pack, ReadonlyMap<string, readonly Link[]>>()
