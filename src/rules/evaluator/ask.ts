/**
 * What to ask: the smallest set of open predicates whose answers decide the rule, whatever the answers are.
 * Found by trying: each set is assumed answered, and the rule must then come out known in every way it can turn.
 */
import type { AtomNode } from '../language/ir.ts'
import type { AtomResult, Frame } from './frame.ts'
import type { Program } from './program.ts'
import { anyTruth, type Bits, bit, everyOutcome, noOrYes } from './turns.ts'
import { maybe, no, type Truth } from './values.ts'

/** With more unknown predicates than this, sets are thinned one by one instead of all being tried. */
const exhaustiveMax = 8

/** Open predicates to ask, in the order of first reading; empty when no answer of a person can decide. */
export function toAsk(program: Program, frame: Frame, isThere: Truth): readonly string[] {
  const found = new Set<number>()
  if (isThere === maybe) found.add(0)
  for (const atom of frame.atoms) for (const slot of atom?.unknowns ?? []) found.add(slot)
  const slots = [...found]
    .filter((slot) => slot >= 0 && program.readers[slot]!.world === 'open')
    .sort((a, b) => a - b)
  const decides = (asked: ReadonlySet<number>): boolean => isDecided(program, frame.atoms, isThere, asked)
  if (slots.length === 0 || !decides(new Set(slots))) return []
  const best = slots.length <= exhaustiveMax ? smallest(slots, decides) : thinned(slots, decides)
  return best.map((slot) => program.readers[slot]!.predicate)
}

function smallest(
  slots: readonly number[],
  decides: (asked: ReadonlySet<number>) => boolean,
): readonly number[] {
  for (let size = 1; size < slots.length; size++) {
    for (const set of subsets(slots, size)) if (decides(new Set(set))) return set
  }
  return slots
}

function thinned(
  slots: readonly number[],
  decides: (asked: ReadonlySet<number>) => boolean,
): readonly number[] {
  let kept = slots
  for (const slot of [...slots].reverse()) {
    const fewer = kept.filter((other) => other !== slot)
    if (fewer.length > 0 && decides(new Set(fewer))) kept = fewer
  }
  return kept
}

function* subsets(slots: readonly number[], size: number, from = 0): Generator<readonly number[]> {
  if (size === 0) {
    yield []
    return
  }
  for (let at = from; at <= slots.length - size; at++) {
    for (const rest of subsets(slots, size - 1, at + 1)) yield [slots[at]!, ...rest]
  }
}

function isDecided(
  program: Program,
  atoms: readonly AtomResult[],
  isThere: Truth,
  asked: ReadonlySet<number>,
): boolean {
  const there = isThere === maybe && asked.has(0) ? noOrYes : bit(isThere)
  const bits = (atom: AtomNode): Bits => atomBits(atom, atoms[atom.id], asked)
  return everyOutcome(program, there, bits, (outcome) => outcome !== 'ask')
}

/** A known atom stays as it is, for answers never turn known into another known; an unknown one may turn if its unknowns are asked. */
function atomBits(node: AtomNode, result: AtomResult | undefined, asked: ReadonlySet<number>): Bits {
  if (!result) return anyTruth
  const touched = result.unknowns.filter((slot) => asked.has(slot)).length
  if (touched === 0) return bit(result.value)
  const all = touched === result.unknowns.length
  if (node.tests_unknown)
    return all ? (node.of.op === 'state' || node.of.op === 'list-state' ? bit(no) : noOrYes) : anyTruth
  if (result.value !== maybe) return bit(result.value)
  return all ? noOrYes : anyTruth
}
