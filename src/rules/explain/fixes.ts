/**
 * What would make a rule come out as wanted: the smallest sets of moves, found by recursion over the formula of its
 * conditions. Finding is a search and may be wrong; what is returned is not, for every set is applied and the whole rule
 * evaluated again before anybody sees it.
 */
import { canonical, type Json } from '../../platform/canonical.ts'
import { formatDay } from '../evaluator/calendar.ts'
import { type Decision, decide } from '../evaluator/decide.ts'
import { type At, questionOf } from '../evaluator/evaluate.ts'
import { type Frame, openFrame } from '../evaluator/frame.ts'
import { horizonOf, walkDays } from '../evaluator/until.ts'
import { truthWords } from '../evaluator/values.ts'
import type { Facts, Rule } from '../rules.ts'
import {
  type Formula,
  formulaOfApplies,
  formulaOfNot,
  keyOf,
  type TruthOf,
  truthOf,
  type Wanted,
} from './formula.ts'
import {
  type Fix,
  type FixChange,
  type FixTarget,
  jsonOf,
  type Move,
  moveAlgebra,
  type Needed,
  withValue,
} from './moves.ts'
import { allOf, already, alternativesMax, anyOf, minimal, type Together } from './sets.ts'
import { run, type Situation, stretchAround, turning } from './solve.ts'

/** A fix, and the facts as they are once its changes are made: what it was verified with. */
export type Verified = { readonly fix: Fix; readonly facts: Facts }

/** See `fixes` of the face. */
export const findFixes = (rule: Rule, facts: Facts, at: At, target: FixTarget): Fix[] =>
  verifiedFixes(rule, facts, at, target).map(({ fix }) => fix)

type Search = {
  readonly situation: Situation
  readonly target: FixTarget
  readonly formula: Formula
  readonly frame: Frame
  readonly of: TruthOf
  /** Keys of the leaves that time alone brings to where they are wanted. */
  readonly awaited: ReadonlySet<string>
}

export function verifiedFixes(rule: Rule, facts: Facts, at: At, target: FixTarget): Verified[] {
  const { program, day, item } = questionOf(rule, at)
  const situation: Situation = {
    program,
    build: {
      readers: program.readers,
      params: program.params,
      calendar: rule.source.calendar,
      office: program.office,
    },
    facts,
    day,
    item,
    never_suggested: new Set(rule.source.advice?.no_suggest ?? []),
  }
  const frame = openFrame(program.readers, facts, program.ir.variables)
  frame.watch = 1
  const now = decide(program, frame, day, item)
  if (now.outcome === target) return []
  const formula = target === 'applies' ? formulaOfApplies(program) : formulaOfNot(program)
  const of = truths(situation, frame, now, day)
  const awaited = awaitedLeaves(situation, frame, now, formula)
  // The walk has run the frame on other days: what follows reads it as it is on this one.
  const search: Search = { situation, target, formula, frame: run(situation, facts, day), of, awaited }
  const sets = [...movesFor(search, formula), new Map([['wait', wait]])]
  const found = sets.flatMap((set) => verify(search, smallest(search, set)) ?? [])
  return ranked(found)
}

type Told = Exclude<Move, { do: 'wait' }>

const wait: Move = { do: 'wait' }

/** What each leaf comes to on a day, from a run on it. */
function truths({ program }: Situation, frame: Frame, then: Decision, day: number): TruthOf {
  const atoms = program.ir.atoms.map(({ id }) => truthWords[frame.truths[id]!])
  const in_force = day >= program.effective_from && day < program.effective_to
  return (leaf) => {
    if (leaf.is === 'condition') return atoms[leaf.atom.id]!
    return leaf.is === 'item' ? truthWords[then.is_there] : in_force ? 'true' : 'false'
  }
}

function leavesOf(formula: Formula): Wanted[] {
  return formula.op === 'leaf' ? [formula] : formula.of.flatMap(leavesOf)
}

const wantedKey = ({ leaf, needed }: Wanted): string => `${keyOf(leaf)} ${needed}`

/** Every leaf that stands otherwise today and comes to stand as wanted some day, if no fact changes. */
function awaitedLeaves(situation: Situation, frame: Frame, now: Decision, formula: Formula): Set<string> {
  const { program, day, item } = situation
  const leaves = leavesOf(formula)
  const awaited = new Set<string>()
  const walk = { day, end: horizonOf(day), item, now, every: true }
  walkDays(program, frame, walk, (then, decision) => {
    const of = truths(situation, frame, decision, then)
    for (const leaf of leaves)
      if (truthOf({ op: 'leaf', ...leaf }, of) === 'true') awaited.add(wantedKey(leaf))
    return false
  })
  return awaited
}

function movesFor(search: Search, formula: Formula): Together<Move>[] {
  if (formula.op !== 'leaf') {
    const children = formula.of.map((child) => movesFor(search, child))
    return formula.op === 'all' ? allOf(moveAlgebra, children) : anyOf(moveAlgebra, children)
  }
  if (truthOf(formula, search.of) === 'true') return already()
  const { leaf, needed } = formula
  const waits: Together<Move>[] = search.awaited.has(wantedKey(formula)) ? [new Map([['wait', wait]])] : []
  if (leaf.is !== 'condition') return waits
  const turns = turning(search.situation, search.frame, leaf.atom, needed)
  return anyOf(moveAlgebra, [turns, waits])
}

/** A set applied: the facts then, and the day on which the rule comes out as wanted; null when it does not. */
function apply(search: Search, set: Together<Move>): { facts: Facts; on: number } | null {
  const { situation, target } = search
  let { facts } = situation
  for (const move of set.values())
    if (move.do !== 'wait') facts = withValue(facts, move.place, situation.item, jsonOf(move))
  const on = dayOf(situation, facts, target, set.has('wait'))
  return on === null ? null : { facts, on }
}

function dayOf(situation: Situation, facts: Facts, target: FixTarget, waits: boolean): number | null {
  const { program, day, item } = situation
  const frame = openFrame(program.readers, facts, program.ir.variables)
  frame.watch = 1
  const now = decide(program, frame, day, item)
  if (now.outcome === target) return day
  let found: number | null = null
  if (waits)
    walkDays(program, frame, { day, end: horizonOf(day), item, now, every: false }, (then, decision) => {
      if (decision.outcome === target) found = then
      return found !== null
    })
  return found
}

/** Leaves out of a set whatever it reaches the target without. */
function smallest(search: Search, set: Together<Move>): Together<Move> {
  for (const key of set.keys()) {
    const fewer = new Map(set)
    fewer.delete(key)
    if (fewer.size > 0 && apply(search, fewer)) return smallest(search, fewer)
  }
  return set
}

type Found = Verified & { readonly set: Together<Move>; readonly on: number }

function verify(search: Search, set: Together<Move>): Found | null {
  const applied = apply(search, set)
  if (!applied) return null
  const { situation, formula, of } = search
  const { facts, on } = applied
  const { program, item } = situation
  const frame = openFrame(program.readers, facts, program.ir.variables)
  const then = truths(situation, frame, decide(program, frame, on, item), on)
  const turned = leavesOf(formula).filter((leaf) => {
    const before = truthOf({ op: 'leaf', ...leaf }, of)
    return before !== 'true' && truthOf({ op: 'leaf', ...leaf }, then) === 'true'
  })
  const settles = turned.flatMap(({ leaf }) => (leaf.is === 'condition' ? [leaf.atom.id] : []))
  const order = ([, move]: [string, Move]): number =>
    move.do === 'wait' ? Number.POSITIVE_INFINITY : move.place.slot
  const changes = [...set]
    .sort((a, b) => order(a) - order(b))
    .map(([key, move]) => changeOf(search, set, key, move, on))
  const day = set.has('wait') ? formatDay(on)! : null
  const fix: Fix = { changes, on: day, settles: [...new Set(settles)].sort((a, b) => a - b) }
  return { fix, facts, set, on }
}

function changeOf(search: Search, set: Together<Move>, key: string, move: Move, on: number): FixChange {
  if (move.do === 'wait') return { do: 'wait', until: formatDay(on)! }
  const { place } = move
  const { predicate, field, slot } = place
  if (move.do === 'tell') {
    const is_advice = !move.joint && !search.situation.never_suggested.has(predicate)
    return { do: 'tell', predicate, needed: is_advice ? neededOf(search, set, { key, move, on }) : null }
  }
  const { fix, agency } = search.situation.program.readers[slot]!
  if (fix !== 'renew' && fix !== 'declare' && fix !== 'act') throw new Error(`nobody can change ${predicate}`)
  return {
    do: 'change',
    predicate,
    field,
    needed: neededOf(search, set, { key, move, on }),
    fix,
    source: agency,
  }
}

/** Every value of the fact that reaches the target on that day, as far around the one that was tried as they go on. */
function neededOf(
  search: Search,
  set: Together<Move>,
  { key, move, on }: { readonly key: string; readonly move: Told; readonly on: number },
): Needed {
  const { values, toJson, place } = move
  if (values.kind === 'one') return { is: values.is }
  const { situation } = search
  const reaches = (value: bigint): boolean => {
    const there: Move = { ...move, values: { ...values, nearest: value } }
    return apply(search, new Map(set).set(key, there))?.on === on
  }
  const others = apply(search, set)!.facts
  const { low, high } = stretchAround(
    { ...situation, facts: others, day: on },
    place,
    values.nearest,
    reaches,
  )
  return {
    ...(low === null ? {} : { at_least: toJson(low) }),
    ...(high === null ? {} : { at_most: toJson(high) }),
  }
}

/** What is asked of a person: to say something, to do something where they are known, to apply anew, to wait. */
const costs = { tell: 0, renew: 1, declare: 1, act: 2, wait: 3 } as const

function ranked(found: readonly Found[]): Verified[] {
  const cost = ({ fix }: Found): number =>
    Math.max(...fix.changes.map((change) => costs[change.do === 'change' ? change.fix : change.do]))
  const kept = new Set(
    minimal(
      moveAlgebra,
      found.map(({ set }) => set),
    ),
  )
  const seen = new Set<string>()
  return found
    .filter(({ set }) => kept.has(set))
    .sort((a, b) => cost(a) - cost(b) || a.on - b.on || a.fix.changes.length - b.fix.changes.length)
    .filter(({ fix }) => {
      const text = canonical(fix as unknown as Json)
      return seen.has(text) ? false : seen.add(text) !== undefined
    })
    .slice(0, alternativesMax)
    .map(({ fix, facts }) => ({ fix, facts }))
}
