/** One rule over the facts of one subject on one day. */
import type { DateText } from '../../platform/clock.ts'
import type { Determination, Facts, Outlook, Rule } from '../rules.ts'
import { toAsk } from './ask.ts'
import { formatDay, parseDay } from './calendar.ts'
import { type Decision, decide } from './decide.ts'
import { type Frame, openFrame } from './frame.ts'
import { paramAt } from './params.ts'
import { type Program, programOf } from './program.ts'
import { nextChange } from './until.ts'
import { truthWords } from './values.ts'

const none: readonly never[] = []

/** What is asked of a rule, as callers write it. */
export type At = { readonly asOf: DateText; readonly knownAt?: DateText; readonly item?: string }

/** The same, checked. `item` is null for a rule that speaks of none. */
export function questionOf(
  rule: Rule,
  at: At,
): { readonly program: Program; readonly day: number; readonly item: string | null } {
  const program = programOf(rule)
  const day = parseDay(at.asOf)
  if (day === undefined) throw new RangeError(`${rule.source.id}: asOf is no date of the form YYYY-MM-DD`)
  if (program.is_per_item && at.item === undefined) {
    throw new TypeError(
      `${rule.source.id} is evaluated once for each item of ${rule.source.per!.list}: name the item`,
    )
  }
  return { program, day, item: program.is_per_item ? at.item! : null }
}

type Opened = ReturnType<typeof questionOf> & { readonly frame: Frame }

function open(rule: Rule, facts: Facts, at: At): Opened {
  const question = questionOf(rule, at)
  const { program } = question
  const frame = openFrame(program.readers, facts, program.ir.variables)
  if (at.knownAt !== undefined) frame.known = knownDay(rule, at.knownAt)
  return { ...question, frame }
}

/** The outcome alone: nothing is noted, and nothing looked ahead for. */
export function outcomeOf(rule: Rule, facts: Facts, at: At): Determination['outcome'] {
  const { program, frame, day, item } = open(rule, facts, at)
  return decide(program, frame, day, item).outcome
}

/** Outcome, amount and the day they change: nothing is noted that says why. */
export function outlookOf(rule: Rule, facts: Facts, at: At): Outlook {
  const { program, frame, day, item } = open(rule, facts, at)
  frame.watch = 1
  const decision = decide(program, frame, day, item)
  const until = nextChange(program, frame, { day, item, now: decision })
  return { outcome: decision.outcome, amount: amountOf(decision), until: dateOf(until) }
}

const dateOf = (day: number | null): DateText | null => (day === null ? null : (formatDay(day) ?? null))

/** The determination of the day, without looking ahead. */
export function determineOn(rule: Rule, facts: Facts, at: At): Omit<Determination, 'until'> {
  const opened = open(rule, facts, at)
  return determined(rule, opened, at, decideTraced(opened))
}

/** The full determination; see `evaluate` of the face. */
export function determine(rule: Rule, facts: Facts, at: At): Determination {
  const opened = open(rule, facts, at)
  const { program, frame, day, item } = opened
  frame.watch = 1
  const decision = decideTraced(opened)
  const { trace, exception, ...said } = determined(rule, opened, at, decision)
  const until = nextChange(program, frame, { day, item, now: decision })
  return { ...said, until: dateOf(until), trace, exception }
}

function decideTraced({ program, frame, day, item }: Opened): Decision {
  frame.looked = new Set()
  return decide(program, frame, day, item)
}

function determined(
  rule: Rule,
  { program, frame, day, item }: Opened,
  at: At,
  decision: Decision,
): Omit<Determination, 'until'> {
  const looked = frame.looked!
  const ask = decision.outcome === 'ask' ? toAsk(program, frame, decision.is_there) : none
  const due = decision.outcome === 'applies' ? dueOn(program, frame, decision.grant) : null
  frame.looked = null
  return {
    rule: rule.source.id,
    rule_hash: rule.hash,
    item,
    outcome: decision.outcome,
    as_of: at.asOf,
    there: truthWords[decision.is_there],
    ask,
    amount: amountOf(decision),
    due,
    facts: [...looked],
    params: paramsAt(program, day, frame.known),
    trace: frame.trace,
    exception: decision.exception,
  }
}

function knownDay(rule: Rule, text: DateText): number {
  const day = parseDay(text)
  if (day === undefined) throw new RangeError(`${rule.source.id}: knownAt is no date of the form YYYY-MM-DD`)
  return day
}

/** Whole minor units as JSON carries them. @throws RangeError beyond exact integers */
export function amountOf(decision: Decision): number | null {
  if (decision.amount === null) return null
  const amount = Number(decision.amount)
  if (!Number.isSafeInteger(amount)) throw new RangeError('an amount of money is beyond exact integers')
  return amount
}

function dueOn(program: Program, frame: Frame, grant: number): DateText | null {
  frame.unknowns = []
  const due = program.run.grants[grant]!.due?.(frame)
  return typeof due === 'number' ? (formatDay(due) ?? null) : null
}

function paramsAt(program: Program, day: number, known: number): Determination['params'] {
  const found: Determination['params'][number][] = []
  for (const table of program.params) {
    const version = paramAt(table, day, known)
    if (!version) continue
    const { from, confidence, status } = version.source
    found.push({ name: table.name, from, value: version.json, confidence, status })
  }
  return found
}
