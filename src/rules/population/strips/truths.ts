/** Conditions over strips: the truth of every entry of a level. */
import { maybe, no, yes } from '../../evaluator/values.ts'
import { isWorking } from '../../evaluator/workdays.ts'
import type { TruthNode } from '../../language/ir.ts'
import { unfit } from '../scene.ts'
import { compare, judged } from './arithmetic.ts'
import { doubtful, exact, none, open, openTruths } from './batch.ts'
import { once } from './levels.ts'
import { itemsOf, keyOf, listIsComplete, type Place } from './places.ts'

type Made = () => Uint8Array

/** The truth of every entry, worked out once in a run however often it stands in the rules. */
export function truthsOf(place: Place, node: TruthNode): Made {
  if (node.op === 'atom') return truthsOf(place, node.of)
  const { level } = place
  const key = keyOf(place, node)
  const known = level.truths.get(key)
  if (known) return known
  const fill = fillOf(place, node)
  const room = openTruths()
  const made = once(level.ground, () => {
    level.ready()
    const into = room(level.size)
    fill(into, level.size)
    return into
  })
  level.truths.set(key, made)
  return made
}

type Fill = (into: Uint8Array, size: number) => void

function fillOf(place: Place, node: Exclude<TruthNode, { op: 'atom' }>): Fill {
  switch (node.op) {
    case 'constant':
      return (into, size) => void into.fill(node.value ? yes : no, 0, size)
    case 'and':
    case 'or':
      return joined(
        node.of.map((part) => truthsOf(place, part)),
        node.op,
      )
    case 'not': {
      const of = truthsOf(place, node.of)
      return (into, size) => {
        const given = of()
        for (let at = 0; at < size; at++) into[at] = yes - given[at]!
      }
    }
    case 'either':
      return either(truthsOf(place, node.when), truthsOf(place, node.yes), truthsOf(place, node.no))
    case 'compare': {
      const [left, right] = [place.forms.batch(place, node.left), place.forms.batch(place, node.right)]
      return (into, size) => compare(node.by, into, left(), right(), size)
    }
    case 'within':
      return within(place, node)
    case 'holds': {
      const of = place.forms.batch(place, node.of)
      return (into, size) => {
        const { states, lows } = of()
        for (let at = 0; at < size; at++)
          into[at] = states[at] === open ? maybe : states[at] === exact && lows[at] === yes ? yes : no
      }
    }
    case 'state':
      return state(place, node)
    case 'list-state':
      return listState(place, node)
    case 'some':
    case 'every':
      return quantified(place, node)
    case 'is-working-day':
      return workingDay(place, node)
    default:
      return unfit(`${(node as TruthNode).op}`)
  }
}

function joined(parts: readonly Made[], op: 'and' | 'or'): Fill {
  const [first, ...rest] = parts
  return (into, size) => {
    into.set(first!().subarray(0, size))
    for (const part of rest) {
      const given = part()
      if (op === 'and') {
        for (let at = 0; at < size; at++) if (given[at]! < into[at]!) into[at] = given[at]!
      } else for (let at = 0; at < size; at++) if (given[at]! > into[at]!) into[at] = given[at]!
    }
  }
}

function either(when: Made, left: Made, right: Made): Fill {
  return (into, size) => {
    const [is_so, a, b] = [when(), left(), right()]
    for (let at = 0; at < size; at++)
      into[at] = is_so[at] === yes ? a[at]! : is_so[at] === no ? b[at]! : a[at] === b[at] ? a[at]! : maybe
  }
}

/** Any of the tests, each of which is a conjunction; one end unknown leaves all of it unknown. */
function within(place: Place, node: Extract<TruthNode, { op: 'within' }>): Fill {
  const of = place.forms.batch(place, node.of)
  const tests = node.tests.map((test) => test.map(({ op, to }) => ({ op, to: place.forms.batch(place, to) })))
  return (into, size) => {
    const subject = of()
    const ends = tests.map((test) => test.map(({ op, to }) => ({ op, end: to() })))
    for (let at = 0; at < size; at++) {
      const own = subject.states[at]!
      let is_absent = own === none
      let is_unknown = own === open
      let is_doubtful = own === doubtful
      let best = no as number
      for (const test of ends) {
        let least = yes as number
        for (const { op, end } of test) {
          const state = end.states[at]!
          if (state === none) is_absent = true
          else if (state === open) is_unknown = true
          else if (own !== none && own !== open) {
            if (state === doubtful) is_doubtful = true
            least = Math.min(least, judged(op, subject, end, at))
          }
        }
        best = Math.max(best, least)
      }
      into[at] = is_absent ? no : is_unknown ? maybe : is_doubtful && best === yes ? maybe : best
    }
  }
}

function state(place: Place, { of: given, test }: Extract<TruthNode, { op: 'state' }>): Fill {
  const of = place.forms.batch(place, given)
  return (into, size) => {
    const { states } = of()
    for (let at = 0; at < size; at++) {
      const is_open = states[at] === open
      if (test === 'unknown') into[at] = is_open ? yes : no
      else if (is_open) into[at] = maybe
      else into[at] = (states[at] === none) === (test === 'absent') ? yes : no
    }
  }
}

function listState(place: Place, { slot, variable, test }: Extract<TruthNode, { op: 'list-state' }>): Fill {
  const { level: outer, program } = place
  const { inside, is_in } = itemsOf(place, { slot, variable, filters: [] })
  const is_complete = listIsComplete(outer.ground.population, program.readers[slot]!)
  const counts = openTruths()
  return (into, size) => {
    const given = is_in()
    const inner = inside.level
    // Bit 1: some item is surely in; bit 2: some item is only perhaps in.
    const found = counts(size)
    found.fill(0, 0, size)
    for (let at = 0; at < inner.size; at++) found[inner.up[at]!]! |= given[at] === yes ? 1 : 2
    for (let at = 0; at < size; at++) {
      const is_settled = is_complete(outer.subjects[at]!) && (found[at]! & 2) === 0
      const is_present = (found[at]! & 1) !== 0 ? yes : is_settled ? no : maybe
      if (test === 'unknown') into[at] = is_settled ? no : yes
      else into[at] = test === 'present' ? is_present : yes - is_present
    }
  }
}

function quantified(place: Place, node: Extract<TruthNode, { op: 'some' | 'every' }>): Fill {
  const { level: outer, program } = place
  const { inside, is_in } = itemsOf(place, node.list)
  const satisfies = truthsOf(inside, node.satisfies)
  const is_complete = listIsComplete(outer.ground.population, program.readers[node.list.slot]!)
  const is_some = node.op === 'some'
  return (into, size) => {
    const [there, holds] = [is_in(), satisfies()]
    const inner = inside.level
    into.fill(is_some ? no : yes, 0, size)
    for (let at = 0; at < inner.size; at++) {
      const up = inner.up[at]!
      const counts = is_some ? Math.min(there[at]!, holds[at]!) : Math.max(yes - there[at]!, holds[at]!)
      if (is_some ? counts > into[up]! : counts < into[up]!) into[up] = counts
    }
    for (let at = 0; at < size; at++)
      if (into[at] !== (is_some ? yes : no) && !is_complete(outer.subjects[at]!)) into[at] = maybe
  }
}

function workingDay(place: Place, node: Extract<TruthNode, { op: 'is-working-day' }>): Fill {
  const of = place.forms.batch(place, node.of)
  const { office } = place.program
  return (into, size) => {
    const { states, lows } = of()
    for (let at = 0; at < size; at++)
      into[at] =
        states[at] === none ? no : states[at] === exact ? (isWorking(office, lows[at]!) ? yes : no) : maybe
  }
}
