/** Values over strips: for each form of the language what the evaluator's closure of it gives, many entries at a time. */

import { map } from '../../evaluator/arithmetic.ts'
import { addMonths, ageOn } from '../../evaluator/calendar.ts'
import type { RunValue } from '../../evaluator/closures.ts'
import type { Frame } from '../../evaluator/frame.ts'
import * as operations from '../../evaluator/operations.ts'
import { paramAt } from '../../evaluator/params.ts'
import { absent, no, unknown, type Value, yes } from '../../evaluator/values.ts'
import type { ListNode, TableNode, ValueNode } from '../../language/ir.ts'
import { unfit } from '../scene.ts'
import { counted, extreme, total } from './aggregates.ts'
import * as arithmetic from './arithmetic.ts'
import { type Batch, exact, none, open, openBatch, putValue, valueReader } from './batch.ts'
import { carried, cellsOf, once, outsider, staleness } from './levels.ts'
import { itemsOf, keyOf, levelOf, listIsComplete, type Place } from './places.ts'

/** A value of every entry of a level, worked out once in a run however often it stands in the rules. */
export function batchOf(place: Place, node: ValueNode): () => Batch {
  const { level } = place
  const key = keyOf(place, node)
  const known = level.batches.get(key)
  if (known) return known
  const made = once(level.ground, made_of(place, node))
  level.batches.set(key, made)
  return made
}

function made_of(place: Place, node: ValueNode): () => Batch {
  switch (node.op) {
    case 'literal':
      return constant(place, node.value)
    case 'param': {
      const version = paramAt(place.program.params[node.slot]!, place.level.ground.day)
      return constant(place, version ? version.value : unknown)
    }
    case 'today':
      return constant(place, place.level.ground.day)
    case 'fact':
      return fact(place, node.slot)
    case 'field':
      return field(place, node)
    case 'add':
    case 'subtract':
    case 'multiply':
      return binary(place, node.left, node.right, operationsBy[node.op])
    case 'shift':
      return shift(place, node)
    case 'choose':
      return choose(place, node)
    case 'count':
      return aggregate(place, node.list, undefined, counted)
    case 'sum':
    case 'min':
    case 'max': {
      const is_nonnegative = node.of.sign !== 'any'
      const { op } = node
      return aggregate(place, node.list, node.of, (into, given) =>
        op === 'sum' ? total(into, given, is_nonnegative) : extreme(into, given, op, is_nonnegative),
      )
    }
    case 'table':
      return table(place, node)
    default:
      return scalar(place, node)
  }
}

const operationsBy = {
  add: arithmetic.add,
  subtract: arithmetic.subtract,
  multiply: arithmetic.multiply,
} as const

/** The same for every entry. */
function constant({ level }: Place, value: Value): () => Batch {
  const room = openBatch()
  let filled = 0
  const { words } = level.ground
  return () => {
    level.ready()
    const into = room(level.size)
    if (filled < level.size || into.states.length < filled) {
      if (!putValue(into, 0, value, words)) unfit('a constant beyond exact integers')
      into.states.fill(into.states[0]!)
      into.lows.fill(into.lows[0]!)
      into.highs.fill(into.highs[0]!)
      filled = into.states.length
    }
    return into
  }
}

/** Facts are the subject's: read at the root. */
function fact({ level, root, program }: Place, slot: number): () => Batch {
  const { ground } = level
  const reader = program.readers[slot]!
  const { predicate, world } = reader
  const otherwise = world === 'closed' ? none : open
  const cells = cellsOf(ground, predicate, otherwise)
  const is_out = outsider(ground.population, predicate, ground.day)
  const is_stale = staleness(ground.population, reader, ground.day)
  return shared(
    level,
    root,
    `${predicate}/${world}/${is_stale ? JSON.stringify(reader.max_age) : ''}/${reader.month_end}`,
    () => {
      const room = openBatch()
      return () => {
        const into = room(root.size)
        const { subjects, size } = root
        cells(into, subjects, size)
        if (is_stale) for (let at = 0; at < size; at++) if (is_stale(subjects[at]!)) into.states[at] = open
        if (is_out) for (let at = 0; at < size; at++) if (is_out(subjects[at]!)) into.states[at] = otherwise
        return into
      }
    },
  )
}

/** Made at the level it belongs to, carried to the one that asks. */
function shared(
  level: Place['level'],
  from: Place['level'],
  key: string,
  make: () => () => Batch,
): () => Batch {
  const known = from.batches.get(key) ?? once(from.ground, make())
  from.batches.set(key, known)
  return carried(level, from, known)
}

function field(place: Place, node: Extract<ValueNode, { op: 'field' }>): () => Batch {
  const { level, program } = place
  const { ground } = level
  const reader = program.readers[node.slot]!
  const from = levelOf(place, node.variable)
  const cells = cellsOf(ground, `${reader.predicate}.${reader.fields![node.field]!.name}`, open)
  const is_stale = staleness(ground.population, reader, ground.day)
  // Inside a list the items that do not hold are not there at all; a rule's own item may be one of those.
  const is_out = from.outer ? undefined : outsider(ground.population, reader.predicate, ground.day)
  const is_complete = listIsComplete(ground.population, reader)
  const key = `.${node.field}/${reader.predicate}.${reader.fields![node.field]!.name}/${JSON.stringify(reader.max_age)}/${reader.month_end}`
  return shared(level, from, key, () => {
    const room = openBatch()
    return () => {
      from.ready()
      const into = room(from.size)
      const { items, size } = from
      cells(into, items, size)
      if (is_stale) for (let at = 0; at < size; at++) if (is_stale(items[at]!)) into.states[at] = open
      if (is_out)
        for (let at = 0; at < size; at++)
          if (is_out(items[at]!)) into.states[at] = is_complete(from.subjects[at]!) ? none : open
      return into
    }
  })
}

function binary(place: Place, left: ValueNode, right: ValueNode, apply: arithmetic.Operation): () => Batch {
  const { level } = place
  const [a, b] = [batchOf(place, left), batchOf(place, right)]
  const room = openBatch()
  return () => {
    const [x, y] = [a(), b()]
    const into = room(level.size)
    apply(into, x, y, level)
    return into
  }
}

function shift(place: Place, node: Extract<ValueNode, { op: 'shift' }>): () => Batch {
  const { date, by, direction } = node
  if (by.type.kind !== 'days') return scalar(place, node)
  return binary(place, date, by, direction === 1 ? arithmetic.add : arithmetic.subtract)
}

/** An undecided `if` is decided only when both branches say the same. */
function choose(place: Place, node: Extract<ValueNode, { op: 'choose' }>): () => Batch {
  const { level } = place
  const when = place.forms.truth(place, node.when)
  const [left, right] = [batchOf(place, node.yes), batchOf(place, node.no)]
  const room = openBatch()
  return () => {
    const [is_so, a, b] = [when(), left(), right()]
    const into = room(level.size)
    for (let at = 0; at < level.size; at++) {
      const truth = is_so[at]!
      if (truth === yes || (truth !== no && arithmetic.isSame(a, b, at))) arithmetic.copy(into, a, at)
      else if (truth === no) arithmetic.copy(into, b, at)
      else into.states[at] = open
    }
    return into
  }
}

export type Aggregated = {
  readonly outer: Place['level']
  readonly inner: Place['level']
  /** How surely each inner entry is in. */
  readonly is_in: Uint8Array
  /** Of the inner entries; none for a count. */
  readonly values: Batch | undefined
  readonly is_complete: (subject: number) => boolean
}

function aggregate(
  place: Place,
  list: ListNode,
  of: ValueNode | undefined,
  fold: (into: Batch, given: Aggregated) => void,
): () => Batch {
  const { level: outer } = place
  const { inside, is_in } = itemsOf(place, list)
  const values = of && batchOf(inside, of)
  const is_complete = listIsComplete(outer.ground.population, place.program.readers[list.slot]!)
  const room = openBatch()
  return () => {
    const into = room(outer.size)
    fold(into, { outer, inner: inside.level, is_in: is_in(), values: values?.(), is_complete })
    return into
  }
}

function table(place: Place, node: TableNode & ValueNode): () => Batch {
  const { level } = place
  const { words } = level.ground
  const rows = node.rows.map(({ when, output }) => ({
    when: place.forms.truth(place, when),
    output: batchOf(place, output),
    read: valueReader(output.type, words),
  }))
  const room = openBatch()
  if (node.hit === 'collect') {
    // The evaluator's own way, entry by entry.
    const at = { entry: 0 }
    const now = rows.map(() => ({
      matches: new Uint8Array(0) as Uint8Array,
      values: undefined as Batch | undefined,
    }))
    const run = operations.table(
      node,
      rows.map(({ read }, row) => ({
        when: () => now[row]!.matches[at.entry] as 0 | 1 | 2,
        output: () => read(now[row]!.values!, at.entry),
      })),
    )
    return () => {
      rows.forEach(({ when, output }, row) => {
        now[row] = { matches: when(), values: output() }
      })
      return eachEntry(place, room, at, run)
    }
  }
  const is_first = node.hit === 'first'
  return () => {
    const judged = rows.map(({ when, output }) => ({ matches: when(), values: output() }))
    const into = room(level.size)
    for (let at = 0; at < level.size; at++) {
      let is_found = false
      for (const { matches, values } of judged) {
        const truth = matches[at]!
        if (truth === no) continue
        if (!is_found || (truth === yes && !is_first)) arithmetic.copy(into, values, at)
        else if (!arithmetic.isSame(into, values, at)) into.states[at] = open
        is_found = true
        if (truth === yes) break
      }
      if (!is_found) into.states[at] = none
    }
    return into
  }
}

const noFrame = undefined as unknown as Frame

function eachEntry(
  { level }: Place,
  room: (size: number) => Batch,
  at: { entry: number },
  run: RunValue,
): Batch {
  const into = room(level.size)
  const { words } = level.ground
  for (at.entry = 0; at.entry < level.size; at.entry++)
    if (!putValue(into, at.entry, run(noFrame), words)) level.beyond[at.entry] = 1
  return into
}

/** What has no loop of its own is asked of the evaluator's operation, once for each different exact operand. */
function scalar(place: Place, node: ValueNode): () => Batch {
  const { level } = place
  const { words } = level.ground
  const at = { entry: 0 }
  const given: (() => Batch)[] = []
  const now: Batch[] = []
  const operand = (of: ValueNode): RunValue => {
    const place_of = given.push(batchOf(place, of)) - 1
    const read = valueReader(of.type, words)
    return () => read(now[place_of]!, at.entry)
  }
  const run = operationOf(place, node, operand)
  const room = openBatch()
  const known = openBatch()(2 * remembered_most)
  known.states.fill(not_yet)
  return () => {
    given.forEach((batch, of) => {
      now[of] = batch()
    })
    if (given.length !== 1) return eachEntry(place, room, at, run)
    const { states, lows } = now[0]!
    const into = room(level.size)
    for (at.entry = 0; at.entry < level.size; at.entry++) {
      const { entry } = at
      const slot = states[entry] === exact ? lows[entry]! + remembered_most : -1
      const is_kept = slot >= 0 && slot < 2 * remembered_most
      if (is_kept && known.states[slot] !== not_yet) {
        into.states[entry] = known.states[slot]!
        into.lows[entry] = known.lows[slot]!
        into.highs[entry] = known.highs[slot]!
      } else if (!putValue(into, entry, run(noFrame), words)) level.beyond[entry] = 1
      else if (is_kept) {
        known.states[slot] = into.states[entry]!
        known.lows[slot] = into.lows[entry]!
        known.highs[slot] = into.highs[entry]!
      }
    }
    return into
  }
}

/** Results are kept for operands below this, either way: all days of a lifetime around 1970 are. */
const remembered_most = 50_000
const not_yet = 255

function operationOf(place: Place, node: ValueNode, operand: (of: ValueNode) => RunValue): RunValue {
  const { calendar } = place.rule.source
  const { office } = place.program
  const { day } = place.level.ground
  switch (node.op) {
    case 'age': {
      const of = operand(node.of)
      return (frame) => map(of(frame), -1, (born) => BigInt(ageOn(born, day, calendar.leap_birthday)))
    }
    case 'shift': {
      const [date, by] = [operand(node.date), constantOperand(place, node.by) ?? operand(node.by)]
      const { direction } = node
      return (frame) => {
        const from = date(frame)
        const months = by(frame)
        if (from === absent || months === absent) return absent
        if (from === unknown || typeof months !== 'number') return unknown
        return map(from, 1, (known) => addMonths(known, months * direction, calendar.month_end))
      }
    }
    case 'least':
    case 'greatest':
      return operations.extremeOf(node.op, node.among.map(operand))
    case 'round':
      return operations.round(node, operand(node.of), node.by && operand(node.by))
    case 'call':
      return operations.callOf(node, node.args.map(operand))
    case 'working-day':
      return operations.workingDay(node, office, operand(node.date), node.by && operand(node.by))
    case 'working-days':
      return operations.workingDays(office, operand(node.from), operand(node.to))
    default:
      return unfit(`${node.op} over strips`)
  }
}

/** A literal or parameter is no operand: the other one alone says the result. */
function constantOperand({ program, level }: Place, node: ValueNode): RunValue | undefined {
  if (node.op === 'literal') {
    const { value } = node
    return () => value
  }
  if (node.op !== 'param') return undefined
  const version = paramAt(program.params[node.slot]!, level.ground.day)
  return () => (version ? version.value : unknown)
}
