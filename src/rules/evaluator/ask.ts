/**
 * What to ask: the smallest set of open predicates whose answers decide the rule, whatever the answers are.
 * Found by trying: each set is assumed answered, and the rule must then come out known in every way it can turn.
 */
import type { AtomNode } from '../language/ir.ts'
import { type Frame, isUnknownOn } from './frame.ts'
import type { Program } from './program.ts'
import { anyTruth, type Bits, bit, everyOutcome, noOrYes } from './turns.ts'
import { maybe, no, type Truth, unknown } from './values.ts'

/** With more unknown predicates than this, sets are thinned one by one instead of all being tried. */
const exhaustiveMax = 8

/** An atom's value, and every slot whose knowledge could still turn it; -1 stands for a parameter. */
type Doubt = { readonly value: Truth; readonly unknowns: ReadonlySet<number> }

/** Open predicates to ask, in the order of first reading; empty when no answer of a person can decide. */
export function toAsk(program: Program, frame: Frame, isThere: Truth): readonly string[] {
  const doubts = program.ir.atoms.map((atom) => doubtOf(program, frame, atom))
  const found = new Set<number>(isThere === maybe ? [0] : [])
  for (const { unknowns } of doubts) for (const slot of unknowns) found.add(slot)
  const slots = [...found]
    .filter((slot) => slot >= 0 && program.readers[slot]!.world === 'open')
    .sort((a, b) => a - b)
  const decides = (asked: ReadonlySet<number>): boolean => isDecided(program, doubts, isThere, asked)
  if (slots.length === 0 || !decides(new Set(slots))) return []
  const best = slots.length <= exhaustiveMax ? smallest(slots, decides) : thinned(slots, decides)
  return best.map((slot) => program.readers[slot]!.predicate)
}

/** Besides what was found unknown, what was not looked at because a list is empty yet will matter once it is told. */
function doubtOf(program: Program, frame: Frame, atom: AtomNode): Doubt {
  const result = frame.atoms[atom.id]!
  const unknowns = new Set(result.unknowns)
  for (const slot of atom.reads) {
    const name = program.readers[slot]!.predicate
    if (result.inputs.some((input) => input.name === name)) continue
    if (isInDoubt(program, frame, slot)) unknowns.add(slot)
  }
  return { value: result.value, unknowns }
}

function isInDoubt(program: Program, frame: Frame, slot: number): boolean {
  if (program.readers[slot]!.fields === undefined) return isUnknownOn(frame.ones[slot]!, frame.today)
  const list = frame.lists[slot]!
  return (
    !list.complete || list.items.some((item) => frame.today >= item.stale || item.values.includes(unknown))
  )
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
  doubts: readonly Doubt[],
  isThere: Truth,
  asked: ReadonlySet<number>,
): boolean {
  const there = isThere === maybe && asked.has(0) ? noOrYes : bit(isThere)
  const bits = (atom: AtomNode): Bits => atomBits(atom, doubts[atom.id]!, asked)
  return everyOutcome(program, there, bits, (outcome) => outcome !== 'ask')
}

/** A known atom stays as it is, for answers never turn it; an unknown one may turn once all it lacks is asked. */
function atomBits(node: AtomNode, { value, unknowns }: Doubt, asked: ReadonlySet<number>): Bits {
  let touched = 0
  for (const slot of unknowns) if (asked.has(slot)) touched++
  if (touched === 0) return bit(value)
  const is_all = touched === unknowns.size
  if (node.tests_unknown) {
    // An answer is what such a test waits for: it turns even when it was known.
    const is_bare = node.of.op === 'state' || node.of.op === 'list-state'
    return is_all ? (is_bare ? bit(no) : noOrYes) : anyTruth
  }
  if (value !== maybe) return bit(value)
  return is_all ? noOrYes : anyTruth
}
