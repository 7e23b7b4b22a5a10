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

const none: readonly Truth[] = []

type OfAtom = (atom: AtomNode) => Bits

/** Does every outcome pass that the rule can have, given what each atom can still be? */
export function everyOutcome(
  program: Program,
  isThere: Bits,
  ofAtom: OfAtom,
  passes: (outcome: Determination['outcome']) => boolean,
): boolean {
  const base = bitsOf(program.ir.when, ofAtom)
  // Most rules have no exception, and there is nothing to combine.
  if (program.ir.exceptions.length === 0 && isThere === bit(yes)) {
    for (let truth: Truth = no; truth <= yes; truth++)
      if (
        base & bit(truth as Truth) &&
        !passes(settle(program, { is_there: yes, base: truth as Truth, exceptions: none }).outcome)
      )
        return false
    return true
  }
  const exceptions = program.ir.exceptions.map((node) => bitsOf(node, ofAtom))
  return everyTurn([isThere, base, ...exceptions], [], (turn) => {
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
  switch (node.op) {
    case 'constant':
      return bit(node.value ? yes : no)
    case 'not':
      return combine(bitsOf(node.of, ofAtom), bit(no), opposite)
    case 'and':
      return bitsOfAll(node.of, ofAtom, lower)
    case 'or':
      return bitsOfAll(node.of, ofAtom, higher)
    case 'either': {
      const when = bitsOf(node.when, ofAtom)
      const left = bitsOf(node.yes, ofAtom)
      const right = bitsOf(node.no, ofAtom)
      let bits = 0
      if (when & bit(yes)) bits |= left
      if (when & bit(no)) bits |= right
      if (when & bit(maybe)) bits |= combine(left, right, agreeing)
      return bits
    }
    case 'atom':
      return ofAtom(node)
    default:
      // Bare comparisons stand inside atoms only.
      return anyTruth
  }
}

const opposite = (a: Truth): Truth => (yes - a) as Truth
const lower = (a: Truth, b: Truth): Truth => (a < b ? a : b)
const higher = (a: Truth, b: Truth): Truth => (a > b ? a : b)
const agreeing = (a: Truth, b: Truth): Truth => (a === b ? a : maybe)

function bitsOfAll(nodes: readonly TruthNode[], ofAtom: OfAtom, by: (a: Truth, b: Truth) => Truth): Bits {
  let bits = bitsOf(nodes[0]!, ofAtom)
  for (let at = 1; at < nodes.length; at++) bits = combine(bits, bitsOf(nodes[at]!, ofAtom), by)
  return bits
}

function combine(a: Bits, b: Bits, by: (x: Truth, y: Truth) => Truth): Bits {
  let bits = 0
  for (let x: Truth = no; x <= yes; x++) {
    if (!(a & bit(x as Truth))) continue
    for (let y: Truth = no; y <= yes; y++) if (b & bit(y as Truth)) bits |= bit(by(x as Truth, y as Truth))
  }
  return bits
}
