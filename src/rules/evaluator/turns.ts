/** Every way a rule can still turn when some of its conditions are left open. */
import type { AtomNode, TruthNode } from '../language/ir.ts'
import type { Determination } from '../rules.ts'
import { settle } from './outcome.ts'
import type { Program } from './program.ts'
import { maybe, no, type Truth, yes } from './values.ts'

/** Truths a condition can still take, as bits: 1 no, 2 maybe, 4 yes. */
export type Bits = number
export const bit = (truth: Truth): Bits => 1 << truth
export const noOrYes = bit(no) | bit(yes)
export const anyTruth = noOrYes | bit(maybe)

type OfAtom = (atom: AtomNode) => Bits

/** Does every outcome pass that the rule can have, given what each atom can still be? */
export function everyOutcome(
  program: Program,
  isThere: Bits,
  ofAtom: OfAtom,
  passes: (outcome: Determination['outcome']) => boolean,
): boolean {
  const possible = (node: TruthNode): Bits => bitsOf(node, ofAtom)
  const choices = [isThere, possible(program.ir.when), ...program.ir.exceptions.map(possible)]
  return everyTurn(choices, [], (turn) => {
    const [is_there, base, ...exceptions] = turn as [Truth, Truth, ...Truth[]]
    return passes(settle(program, { is_there, base, exceptions }).outcome)
  })
}

function everyTurn(
  choices: readonly Bits[],
  turn: Truth[],
  holds: (turn: readonly Truth[]) => boolean,
): boolean {
  const choice = choices[turn.length]
  if (choice === undefined) return holds(turn)
  for (const truth of [no, maybe, yes] as const) {
    if ((choice & bit(truth)) !== 0 && !everyTurn(choices, [...turn, truth], holds)) return false
  }
  return true
}

function bitsOf(node: TruthNode, ofAtom: OfAtom): Bits {
  const of = (part: TruthNode): Bits => bitsOf(part, ofAtom)
  switch (node.op) {
    case 'constant':
      return bit(node.value ? yes : no)
    case 'not':
      return combine(of(node.of), bit(no), (a) => (yes - a) as Truth)
    case 'and':
      return node.of.map(of).reduce((a, b) => combine(a, b, (x, y) => (x < y ? x : y)))
    case 'or':
      return node.of.map(of).reduce((a, b) => combine(a, b, (x, y) => (x > y ? x : y)))
    case 'either': {
      const [when, left, right] = [of(node.when), of(node.yes), of(node.no)]
      let bits = 0
      if (when & bit(yes)) bits |= left
      if (when & bit(no)) bits |= right
      if (when & bit(maybe)) bits |= combine(left, right, (a, b) => (a === b ? a : maybe))
      return bits
    }
    case 'atom':
      return ofAtom(node)
    default:
      // Bare comparisons stand inside atoms only.
      return anyTruth
  }
}

function combine(a: Bits, b: Bits, by: (x: Truth, y: Truth) => Truth): Bits {
  let bits = 0
  for (const x of [no, maybe, yes] as const) {
    if (!(a & bit(x))) continue
    for (const y of [no, maybe, yes] as const) if (b & bit(y)) bits |= bit(by(x, y))
  }
  return bits
}
