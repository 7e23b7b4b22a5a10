/** What turns one condition: values of one fact, all others fixed; answers to what is unknown; time alone. */
import type { Json } from '../../platform/canonical.ts'
import { type Build, type RunTruth, truth } from '../evaluator/closures.ts'
import { decide } from '../evaluator/decide.ts'
import { type Frame, isUnknownOn, openFrame } from '../evaluator/frame.ts'
import type { Program } from '../evaluator/program.ts'
import { no, type Truth, unknown, yes } from '../evaluator/values.ts'
import type { AtomNode } from '../language/ir.ts'
import type { Facts, RuleType } from '../rules.ts'
import { type Axis, axisOf, firstThat, type Stretch, singlesOf, stretches } from './axis.ts'
import { clamp, type Move, moveAlgebra, type Place, placeKey, type Values, withValue } from './moves.ts'
import { legsOf, type Reads, readsOf } from './reading.ts'
import { anyOf, type Together } from './sets.ts'

/** What is asked: one rule, one subject, one day. */
export type Situation = {
  readonly program: Program
  readonly build: Build
  readonly facts: Facts
  readonly day: number
  readonly item: string | null
  /** Predicates never offered as something to change. */
  readonly never_suggested: ReadonlySet<string>
}

/** A run of the whole rule over these facts on a day. */
export function run({ program, item }: Situation, facts: Facts, day: number): Frame {
  const frame = openFrame(program.readers, facts, program.ir.variables)
  decide(program, frame, day, item)
  return frame
}

type Task = {
  readonly situation: Situation
  readonly frame: Frame
  readonly atom: AtomNode
  readonly wanted: Truth
  readonly reads: Reads
}

/** The sets of moves that turn an atom; each answers all that is unknown to it, or changes one fact. */
export function turning(
  situation: Situation,
  frame: Frame,
  atom: AtomNode,
  needed: boolean,
): Together<Move>[] {
  const reads = readsOf(atom, situation.program.is_per_item)
  const task: Task = { situation, frame, atom, wanted: needed ? yes : no, reads }
  const open = unknownFacts(task)
  if (open.length > 0) return answers(task, open)
  return anyOf(
    moveAlgebra,
    changeable(task).map(({ place, type }) =>
      valuesThat(task, situation.facts, place, type).map((values): Together<Move> => {
        const move: Move = { do: 'change', place, values, toJson: toJsonOf(task, type), joint: false }
        return new Map([[placeKey(place), move]])
      }),
    ),
  )
}

type Typed = { readonly place: Place; readonly type: RuleType }

const toJsonOf = ({ situation }: Task, type: RuleType): ((value: bigint) => Json) =>
  axisOf(type, situation.day)?.toJson ?? Number

const canAct = new Set(['renew', 'declare', 'act'])

/**
 * Facts, and fields of the rule's item, that are known, that somebody can change on purpose, and that may be advised.
 * What nobody knows may be as it should be already.
 */
function changeable({ situation, frame, reads }: Task): Typed[] {
  const { readers, is_per_item } = situation.program
  const may = (slot: number): boolean => {
    const { fix, predicate } = readers[slot]!
    return fix !== null && canAct.has(fix) && !situation.never_suggested.has(predicate)
  }
  const isKnown = (slot: number): boolean => !isUnknownOn(frame.ones[slot]!, situation.day)
  const facts = [...reads.facts]
    .filter((slot) => may(slot) && isKnown(slot))
    .map((slot): Typed => {
      const { predicate, type } = readers[slot]!
      return { place: { slot, predicate, field: null }, type }
    })
  // The list of the rule's own item stands in slot 0.
  const list = readers[0]
  if (!is_per_item || list?.type.kind !== 'list' || !may(0)) return facts
  const { predicate, type } = list
  const known = [...reads.item_fields].filter((field) => {
    const position = list.fields!.findIndex(({ name }) => name === field)
    return frame.bound[0]?.values[position] !== unknown
  })
  const fields = known.map(
    (field): Typed => ({ place: { slot: 0, predicate, field }, type: type.fields[field]! }),
  )
  return [...facts, ...fields]
}

/** Facts of an open world that nobody knows on the day: a person can be asked. */
function unknownFacts({ situation, frame, reads }: Task): Typed[] {
  const { readers } = situation.program
  return [...reads.facts].flatMap((slot) => {
    const { predicate, type, world } = readers[slot]!
    if (world !== 'open' || !isUnknownOn(frame.ones[slot]!, situation.day)) return []
    return [{ place: { slot, predicate, field: null }, type }]
  })
}

/** How many first guesses are tried where several answers are needed at once. */
const guessesMax = 64

/** All that is unknown, told: one unknown with its boundary, several with values that do together. */
function answers(task: Task, open: readonly Typed[]): Together<Move>[] {
  const last = open.at(-1)!
  const others = open.slice(0, -1)
  const tell = ({ place, type }: Typed, values: Values, joint: boolean): [string, Move] => [
    placeKey(place),
    { do: 'tell', place, values, toJson: toJsonOf(task, type), joint },
  ]
  if (others.length === 0)
    return valuesThat(task, task.situation.facts, last.place, last.type).map(
      (values) => new Map([tell(last, values, false)]),
    )
  for (const guess of guesses(others, task.situation.day)) {
    const facts = guess.reduce<Facts>(
      (told, value, at) => withValue(told, others[at]!.place, null, value),
      task.situation.facts,
    )
    const [found] = valuesThat(task, facts, last.place, last.type)
    if (!found) continue
    const told = guess.map((is, at) => tell(others[at]!, { kind: 'one', is }, true))
    return [new Map([...told, tell(last, found, true)])]
  }
  return []
}

function guesses(open: readonly Typed[], day: number): Json[][] {
  let found: Json[][] = [[]]
  for (const { type } of open) {
    const axis = axisOf(type, day)
    const some = axis
      ? [
          ...new Set([0n, 1n, BigInt(day), axis.low, axis.high].map((v) => clamp(v, axis.low, axis.high))),
        ].map(axis.toJson)
      : singlesOf(type)
    found = found.flatMap((guess) => some.map((value) => [...guess, value])).slice(0, guessesMax)
  }
  return found
}

/** The values of one fact that give the atom the truth wanted, all others fixed. */
function valuesThat(task: Task, facts: Facts, place: Place, type: RuleType): Values[] {
  const { situation, atom, wanted } = task
  const holds = (value: Json): boolean => {
    const told = withValue(facts, place, situation.item, value)
    return run(situation, told, situation.day).truths[atom.id] === wanted
  }
  const none: Values[] = task.reads.tested.has(place.slot) && holds(null) ? [{ kind: 'one', is: null }] : []
  const axis = axisOf(type, situation.day)
  if (!axis) {
    const singles = singlesOf(type).filter(holds)
    return [...singles.map((is): Values => ({ kind: 'one', is })), ...none]
  }
  return [...spans(task, facts, place, axis, (value) => holds(axis.toJson(value))), ...none]
}

/** The stretches of an axis on which a condition holds. */
function spans(
  task: Task,
  facts: Facts,
  place: Place,
  axis: Axis,
  holds: (value: bigint) => boolean,
): Values[] {
  const { situation, atom } = task
  const current = currentOf(task, place, axis)
  const points = boundaries({ ...situation, facts }, place, axis, [atom])
  if (current !== null) points.push(current)
  return stretches(axis, points, holds).map(({ low, high }) => ({
    kind: 'span',
    low,
    high,
    nearest: clamp(current ?? low ?? high ?? 0n, low, high),
  }))
}

/** The stretch around a value on which something holds that hangs on the whole rule. */
export function stretchAround(
  situation: Situation,
  place: Place,
  value: bigint,
  holds: (value: bigint) => boolean,
): Stretch {
  const { ir, readers, is_per_item } = situation.program
  const { type } = readers[place.slot]!
  const axis = axisOf(
    place.field !== null && type.kind === 'list' ? type.fields[place.field]! : type,
    situation.day,
  )!
  const atoms = ir.atoms.filter((atom) => {
    const { facts, lists } = readsOf(atom, is_per_item)
    return facts.has(place.slot) || lists.has(place.slot)
  })
  const points = [...boundaries(situation, place, axis, atoms), value]
  const around = stretches(axis, points, holds).find(
    ({ low, high }) => (low === null || low <= value) && (high === null || high >= value),
  )
  return around ?? { low: value, high: value }
}

function currentOf({ situation, frame }: Task, place: Place, axis: Axis): bigint | null {
  if (place.field === null) {
    const one = frame.ones[place.slot]!
    return one.value === unknown ? null : axis.fromJson(one.json)
  }
  const position = situation.program.readers[place.slot]!.fields!.findIndex((f) => f.name === place.field)
  return axis.fromJson(frame.bound[0]?.json[position])
}

/** Where the two sides of each comparison meet as the fact alone moves, and the values beside. */
function boundaries(situation: Situation, place: Place, axis: Axis, atoms: readonly AtomNode[]): bigint[] {
  const found: bigint[] = []
  for (const { left, right } of atoms.flatMap(legsOf)) {
    const sign = signOf(situation, place, axis, {
      less: truth(situation.build, { op: 'compare', by: '<', left, right, timed: false }),
      most: truth(situation.build, { op: 'compare', by: '<=', left, right, timed: false }),
    })
    let from = axis.low
    const last = sign(axis.high)
    // From below through equal to above: a sign turns at most twice along the line.
    for (let turn = 0; turn < 2 && sign(from) !== last; turn++) {
      const start = sign(from)
      const turned = firstThat(from, axis.high, (value) => sign(value) !== start)
      found.push(turned - 1n, turned)
      from = turned
    }
  }
  return found
}

function signOf(
  situation: Situation,
  place: Place,
  axis: Axis,
  { less, most }: { readonly less: RunTruth; readonly most: RunTruth },
): (value: bigint) => -1 | 0 | 1 {
  return (value) => {
    const told = withValue(situation.facts, place, situation.item, axis.toJson(value))
    const frame = run(situation, told, situation.day)
    return less(frame) === yes ? -1 : most(frame) === yes ? 0 : 1
  }
}
