/** Conditions as regions: for which values they are true. What is proved of regions is true of every completion. */
import { intersect, isEmpty, names, type Part, without } from './boxes.ts'
import { type Column, type Knowledge, keyOf, singleCut } from './columns.ts'
import type { TruthNode } from './ir.ts'

/** By column; a column left out is everything. */
type Region = ReadonlyMap<string, { readonly column: Column; readonly part: Part }>

/** More regions than this are not looked through: then nothing is proved, and nothing is claimed. */
const regionsMax = 128

/** Where a condition is true (or, with `truth` false, where it is not); undefined when that is too much to write down. */
export function regionsOf(node: TruthNode, truth: boolean, about: Knowledge): readonly Region[] | undefined {
  switch (node.op) {
    case 'constant':
      return node.value === truth ? [new Map()] : []
    case 'atom':
      return regionsOf(node.of, truth, about)
    case 'not':
      return regionsOf(node.of, !truth, about)
    case 'and':
    case 'or': {
      const parts = node.of.map((part) => regionsOf(part, truth, about))
      return (node.op === 'and') === truth ? all(parts) : any(parts)
    }
    case 'either': {
      const yes = all([regionsOf(node.when, true, about), regionsOf(node.yes, truth, about)])
      const no = all([regionsOf(node.when, false, about), regionsOf(node.no, truth, about)])
      return any([yes, no])
    }
  }
  const cut = singleCut(node, about) ?? opaque(node)
  const part = truth ? intersect(cut.part, cut.column.domain) : without(cut.column.domain, cut.part)
  return isEmpty(part) ? [] : [new Map([[cut.column.key, { column: cut.column, part }]])]
}

/** A condition nobody looks into: true or false, the same wherever it stands. */
function opaque(node: TruthNode): { column: Column; part: Part } {
  return { column: { key: `? ${keyOf(node)}`, domain: names(['true', 'false']) }, part: names(['true']) }
}

type Found = readonly Region[] | undefined

function any(parts: readonly Found[]): Found {
  const found: Region[] = []
  for (const part of parts) {
    if (part === undefined) return undefined
    found.push(...part)
  }
  return found.length > regionsMax ? undefined : found
}

function all(parts: readonly Found[]): Found {
  let found: readonly Region[] = [new Map()]
  // What is false makes all false, however much the others are.
  if (parts.some((part) => part?.length === 0)) return []
  for (const part of parts) {
    if (part === undefined) return undefined
    if (found.length * part.length > regionsMax * 8) return undefined
    found = found.flatMap((a) => part.flatMap((b) => both(a, b)))
    if (found.length > regionsMax) return undefined
  }
  return found
}

function both(a: Region, b: Region): Region[] {
  const found = new Map(a)
  for (const [key, { column, part }] of b) {
    const before = found.get(key)
    const now = before ? intersect(before.part, part) : part
    if (isEmpty(now)) return []
    found.set(key, { column, part: now })
  }
  return [found]
}

/** Can the two never be true together? False when that is not proved. */
export function areDisjoint(a: TruthNode, b: TruthNode, about: Knowledge): boolean {
  return all([regionsOf(a, true, about), regionsOf(b, true, about)])?.length === 0
}

/** Is a condition true (or false) whatever is told? Then it needs no telling. */
export function isAlways(node: TruthNode, truth: boolean, about: Knowledge): boolean {
  return regionsOf(node, !truth, about)?.length === 0
}
