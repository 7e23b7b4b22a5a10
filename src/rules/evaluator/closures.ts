/**
 * The typed form as closures, made once per rule: the traced evaluator. Nothing is cut short, so that the trace says
 * everything and the noted signs always come in the same order.
 */
import type { AtomNode, ListNode, RuleIr, TruthNode, ValueNode } from '../language/ir.ts'
import { extreme, passes, total, walk } from './aggregates.ts'
import { add, isSame, judge, map, multiply, signHigh, signLow, subtract } from './arithmetic.ts'
import { addMonths, ageOn, type CalendarRules } from './calendar.ts'
import { type Frame, mark, type Reader, valueOn } from './frame.ts'
import { hintFor, noteHint } from './hints.ts'
import * as operations from './operations.ts'
import { type ParamTable, paramAt } from './params.ts'
import { lookAtFact, lookAtField, lookAtList, lookAtParam } from './trace.ts'
import { absent, maybe, no, range, type Truth, truthWords, unknown, type Value, yes } from './values.ts'
import { isWorking, type OfficeDays } from './workdays.ts'

export type RunValue = (frame: Frame) => Value
export type RunTruth = (frame: Frame) => Truth

/** What the closures of one rule share. */
export type Build = {
  readonly readers: readonly Reader[]
  readonly params: readonly ParamTable[]
  readonly calendar: CalendarRules
  readonly office: OfficeDays
  /** Atoms that already run earlier in the rule, by id: a second place of one reads what the first found. */
  readonly seen?: Set<number>
}

/** Every expression of a rule, ready to run. */
export function closuresOf(ir: RuleIr, about: Build) {
  const build = { ...about, seen: new Set<number>() }
  return {
    when: truth(build, ir.when),
    exceptions: ir.exceptions.map((node) => truth(build, node)),
    /** The rule's own result, then those of the exceptions. */
    grants: [ir, ...ir.exception_results].map((result) => ({
      amount: result?.amount && value(build, result.amount),
      due: result?.due && value(build, result.due),
      /** Divides an amount down to whole minor units. */
      unit: 10n ** BigInt(result?.amount && 'scale' in result.amount.type ? result.amount.type.scale : 0),
      is_moving: result?.amount !== undefined && result.amount.motion !== 0,
    })),
  }
}

/** One value of a rule, ready to run. */
export function value(build: Build, node: ValueNode): RunValue {
  switch (node.op) {
    case 'literal': {
      const constant = node.value
      return () => constant
    }
    case 'fact':
      return fact(build, node.slot)
    case 'field':
      return field(node)
    case 'param':
      return param(build, node.slot)
    case 'today':
      return (frame) => frame.today
    case 'age': {
      const of = value(build, node.of)
      const { leap_birthday } = build.calendar
      return (frame) => map(of(frame), -1, (born) => BigInt(ageOn(born, frame.today, leap_birthday)))
    }
    case 'add':
    case 'subtract':
    case 'multiply': {
      const left = value(build, node.left)
      const right = value(build, node.right)
      const apply = node.op === 'add' ? add : node.op === 'subtract' ? subtract : multiply
      return (frame) => apply(left(frame), right(frame))
    }
    case 'shift':
      return shift(build, node)
    case 'choose':
      return choose(build, node)
    case 'count':
      return count(list(build, node.list))
    case 'sum':
    case 'min':
    case 'max': {
      const items = list(build, node.list)
      const of = value(build, node.of)
      const is_nonnegative = node.of.sign !== 'any'
      const floor = is_nonnegative ? 0n : null
      if (node.op === 'sum') return (frame) => total(frame, items, of, is_nonnegative)
      const direction = node.op
      return (frame) => extreme(frame, items, of, { direction, floor })
    }
    case 'least':
    case 'greatest':
      return operations.extremeOf(
        node.op,
        node.among.map((one) => value(build, one)),
      )
    case 'round':
      return operations.round(node, value(build, node.of), node.by && value(build, node.by))
    case 'call':
      return operations.callOf(
        node,
        node.args.map((arg) => value(build, arg)),
      )
    case 'working-day':
      return operations.workingDay(
        node,
        build.office,
        value(build, node.date),
        node.by && value(build, node.by),
      )
    case 'working-days':
      return operations.workingDays(build.office, value(build, node.from), value(build, node.to))
    case 'table':
      return operations.table(
        node,
        node.rows.map(({ when, output }) => ({ when: truth(build, when), output: value(build, output) })),
      )
  }
}

function fact({ readers }: Build, slot: number): RunValue {
  const name = readers[slot]!.predicate
  return (frame) => {
    const one = frame.ones[slot]!
    const found = valueOn(one, frame.today)
    if (frame.looked !== null) lookAtFact(frame, { slot, name, one, found })
    return found
  }
}

function field(node: Extract<ValueNode, { op: 'field' }>): RunValue {
  const { slot, variable, field: number, name } = node
  return (frame) => {
    const item = frame.bound[variable]
    if (!item) return absent
    const found = frame.today >= item.stale ? unknown : (item.values[number] as Value)
    if (frame.looked !== null) lookAtField(frame, { slot, name, item, field: number, found })
    return found
  }
}

function param({ params }: Build, slot: number): RunValue {
  const table = params[slot]!
  return (frame) => {
    const version = paramAt(table, frame.today, frame.known)
    if (frame.looked !== null) lookAtParam(frame, table.name, version)
    return version ? version.value : unknown
  }
}

function shift(build: Build, node: Extract<ValueNode, { op: 'shift' }>): RunValue {
  const date = value(build, node.date)
  const by = value(build, node.by)
  const { direction } = node
  if (node.by.type.kind === 'days') {
    const apply = direction === 1 ? add : subtract
    return (frame) => apply(date(frame), by(frame))
  }
  const { month_end } = build.calendar
  return (frame) => {
    const from = date(frame)
    const months = by(frame)
    if (from === absent || months === absent) return absent
    if (from === unknown || typeof months !== 'number') return unknown
    return map(from, 1, (day) => addMonths(day, months * direction, month_end))
  }
}

/** An undecided `if` is decided only when both branches say the same. */
function choose(build: Build, node: Extract<ValueNode, { op: 'choose' }>): RunValue {
  const when = truth(build, node.when)
  const left = value(build, node.yes)
  const right = value(build, node.no)
  return (frame) => {
    const is_so = when(frame)
    const a = left(frame)
    const b = right(frame)
    return is_so === yes ? a : is_so === no ? b : isSame(a, b) ? a : unknown
  }
}

function count(items: ItemList): RunValue {
  return (frame) => {
    let sure = 0
    let possible = 0
    walk(frame, items, (_, is_in) => {
      if (is_in === yes) sure++
      if (is_in !== no) possible++
    })
    const { complete } = frame.lists[items.slot]!
    return range(BigInt(sure), complete ? BigInt(possible) : null)
  }
}

export type ItemList = {
  readonly slot: number
  readonly variable: number
  readonly name: string
  readonly filters: readonly RunTruth[]
}

function list(build: Build, node: ListNode): ItemList {
  return {
    slot: node.slot,
    variable: node.variable,
    name: build.readers[node.slot]!.predicate,
    filters: node.filters.map((filter) => truth(build, filter)),
  }
}

/** One condition of a rule, ready to run by itself. */
export function truth(build: Build, node: TruthNode): RunTruth {
  switch (node.op) {
    case 'constant': {
      const constant = node.value ? yes : no
      return () => constant
    }
    case 'and':
      return all(node.of.map((part) => truth(build, part)))
    case 'or':
      return any(node.of.map((part) => truth(build, part)))
    case 'not': {
      const of = truth(build, node.of)
      return (frame) => (yes - of(frame)) as Truth
    }
    case 'either': {
      const when = truth(build, node.when)
      const left = truth(build, node.yes)
      const right = truth(build, node.no)
      return (frame) => {
        const is_so = when(frame)
        const a = left(frame)
        const b = right(frame)
        return is_so === yes ? a : is_so === no ? b : a === b ? a : maybe
      }
    }
    case 'compare':
      return compare(build, node)
    case 'within':
      return within(build, node)
    case 'holds': {
      const of = value(build, node.of)
      return (frame) => {
        const found = of(frame)
        return found === unknown ? maybe : found === yes ? yes : no
      }
    }
    case 'state': {
      const of = value(build, node.of)
      const { test } = node
      return (frame) => {
        const found = of(frame)
        if (test === 'unknown') return found === unknown ? yes : no
        if (found === unknown) return maybe
        return (found === absent) === (test === 'absent') ? yes : no
      }
    }
    case 'list-state':
      return listState(build, node)
    case 'is-working-day': {
      const of = value(build, node.of)
      const { office } = build
      return (frame) => {
        const day = of(frame)
        return day === absent ? no : typeof day === 'number' ? (isWorking(office, day) ? yes : no) : maybe
      }
    }
    case 'some':
    case 'every':
      return quantified(build, node)
    case 'atom':
      return atom(build, node)
  }
}

function all(parts: readonly RunTruth[]): RunTruth {
  return (frame) => {
    let least: Truth = yes
    for (const part of parts) {
      const one = part(frame)
      if (one < least) least = one
    }
    return least
  }
}

function any(parts: readonly RunTruth[]): RunTruth {
  return (frame) => {
    let greatest: Truth = no
    for (const part of parts) {
      const one = part(frame)
      if (one > greatest) greatest = one
    }
    return greatest
  }
}

/** Stands among the marks for a comparison that had no two values to compare. */
const no_sign = 9

function markBoth(frame: Frame, a: Value, b: Value, isPartial: boolean): void {
  if (frame.watch === 0) return
  const is_open = a === absent || b === absent || a === unknown || b === unknown
  mark(frame, is_open ? no_sign : signLow(a, b))
  if (isPartial) mark(frame, is_open ? no_sign : signHigh(a, b))
}

function compare(build: Build, node: Extract<TruthNode, { op: 'compare' }>): RunTruth {
  const left = value(build, node.left)
  const right = value(build, node.right)
  const { by, timed } = node
  const is_partial = node.left.partial || node.right.partial
  const hint = timed ? hintFor(node.left, node.right, (of) => value(build, of)) : null
  return (frame) => {
    const a = left(frame)
    const b = right(frame)
    if (timed) markBoth(frame, a, b, is_partial)
    if (a === absent || b === absent) return no
    if (a === unknown || b === unknown) return maybe
    // What is not there to compare does not turn: only now is there something to tell of.
    if (timed && frame.watch === 1) noteHint(frame, hint?.(frame, a, b))
    return judge(by, a, b)
  }
}

function within(build: Build, node: Extract<TruthNode, { op: 'within' }>): RunTruth {
  const of = value(build, node.of)
  const tests = node.tests.map((test) =>
    test.map(({ op, to, timed }) => ({
      op,
      timed,
      to: value(build, to),
      is_partial: to.partial || node.of.partial,
    })),
  )
  return (frame) => {
    const subject = of(frame)
    let is_absent = subject === absent
    let is_unknown = subject === unknown
    let is_perhaps_absent = typeof subject === 'object' && subject.perhaps_absent
    let best: Truth = no
    for (const test of tests) {
      let least: Truth = yes
      for (const { op, to, timed, is_partial } of test) {
        const end = to(frame)
        if (timed) markBoth(frame, subject, end, is_partial)
        if (timed && frame.watch === 1) noteHint(frame, undefined)
        if (end === absent) is_absent = true
        else if (end === unknown) is_unknown = true
        else if (subject !== absent && subject !== unknown) {
          if (typeof end === 'object' && end.perhaps_absent) is_perhaps_absent = true
          const one = judge(op, subject, end)
          if (one < least) least = one
        }
      }
      if (least > best) best = least
    }
    if (is_absent) return no
    if (is_unknown) return maybe
    return is_perhaps_absent && best === yes ? maybe : best
  }
}

function quantified(build: Build, node: Extract<TruthNode, { op: 'some' | 'every' }>): RunTruth {
  const items = list(build, node.list)
  const satisfies = truth(build, node.satisfies)
  const is_some = node.op === 'some'
  return (frame) => {
    let result: Truth = is_some ? no : yes
    walk(frame, items, (_, is_in) => {
      const holds = satisfies(frame)
      const counts = is_some ? Math.min(is_in, holds) : Math.max(yes - is_in, holds)
      if (is_some ? counts > result : counts < result) result = counts as Truth
    })
    if (frame.lists[items.slot]!.complete || result === (is_some ? yes : no)) return result
    return maybe
  }
}

function listState(build: Build, node: Extract<TruthNode, { op: 'list-state' }>): RunTruth {
  const name = build.readers[node.slot]!.predicate
  const { slot, test } = node
  return (frame) => {
    const many = frame.lists[slot]!
    if (frame.looked !== null) lookAtList(frame, slot, name)
    let sure = 0
    let possible = 0
    for (const item of many.items) {
      const is_there = passes(frame, item, noFilters)
      if (is_there === yes) sure++
      if (is_there !== no) possible++
    }
    const is_settled = many.complete && sure === possible
    if (test === 'unknown') return is_settled ? no : yes
    const is_present: Truth = sure > 0 ? yes : is_settled ? no : maybe
    return test === 'present' ? is_present : ((yes - is_present) as Truth)
  }
}

const noFilters: readonly RunTruth[] = []

function atom(build: Build, node: AtomNode): RunTruth {
  const { id, predicate, text } = node
  if (build.seen?.has(id)) return (frame) => frame.truths[id]!
  build.seen?.add(id)
  const of = truth(build, node.of)
  return (frame) => {
    if (frame.looked === null) {
      const bare = of(frame)
      frame.truths[id] = bare
      return bare
    }
    const inputs: NonNullable<Frame['inputs']> = []
    const unknowns: number[] = []
    frame.inputs = inputs
    frame.unknowns = unknowns
    const found = of(frame)
    frame.inputs = null
    frame.truths[id] = found
    frame.atoms[id] = { value: found, inputs, unknowns }
    frame.trace.push({ predicate, text, value: truthWords[found], inputs })
    return found
  }
}
