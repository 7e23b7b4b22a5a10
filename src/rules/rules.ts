/**
 * Rules: law as data, evaluated for one subject.
 *
 * In:  a rule (as the pack declares it), the vocabulary, the facts of one subject, and two dates.
 * Out: a determination (outcome, trace, what to ask, until when), or precise errors at compile time; of a determination:
 *      why it is so, what would change it, and how it goes on as days pass.
 * Promise: pure. No database, no clock, no network; the same input gives the same bytes (I9);
 *          unknown is never "no" and never zero (I8). The semantics are those of FEEL-R (docs/rules.md).
 */
import type { Json } from '../platform/canonical.ts'
import type { DateText } from '../platform/clock.ts'
import { compile, hashOf } from './compile.ts'
import { addDuration, formatDay, parseDay, parseDuration } from './evaluator/calendar.ts'
import { type At, determine, determineOn, outcomeOf, outlookOf } from './evaluator/evaluate.ts'
import { afterWorkingDays } from './evaluator/workdays.ts'
import type { Explanation, Segment } from './explain/explanation.ts'
import { findFixes } from './explain/fixes.ts'
import type { Fix, FixTarget } from './explain/moves.ts'
import { timelineOf } from './explain/timeline.ts'
import { why } from './explain/why.ts'
import { evaluateClosed } from './feel/closed.ts'
import type { Reason as ExpressionReason } from './feel/refusal.ts'
import { describeType } from './feel/types.ts'
import { isContext, writtenOf } from './feel/values.ts'

export { truthsOf, type WrittenCondition, writtenConditions } from './explain/conditions.ts'
export type { Explanation, Reason, Segment, Way } from './explain/explanation.ts'
export type { Fix, FixChange, FixTarget, Needed } from './explain/moves.ts'
export { waysOpen } from './explain/why.ts'
export { type Variant, variantsOf } from './variants/variants.ts'

/** The type of a predicate, a parameter or a field of a list's item. */
export type RuleType =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'decimal'; readonly scale: number; readonly min?: string; readonly max?: string }
  | { readonly kind: 'money'; readonly min?: number }
  | { readonly kind: 'date' }
  /** As a fact it must declare its unit: days and months are never mixed in one type. */
  | { readonly kind: 'duration'; readonly unit?: 'days' | 'months' }
  | { readonly kind: 'string' }
  | { readonly kind: 'code'; readonly values: readonly string[] }
  /** Another subject of the state; comparable for equality only. */
  | { readonly kind: 'subject' }
  /** Items of a many-valued predicate, or a record when `many` is false. */
  | { readonly kind: 'list'; readonly fields: { readonly [field: string]: RuleType } }

/** What the language knows of each predicate: enough to type-check, and to tell absent from unknown. */
export type RuleVocabulary = {
  readonly [predicate: string]: {
    readonly type: RuleType
    readonly world: 'closed' | 'open'
    /** ISO 8601 duration (`P12M`, `P60D`): older knowledge is unknown(stale). */
    readonly max_age?: string
    /** Who can change it; not told: nobody is known who can. No part of a rule's meaning, so not of its hash. */
    readonly fix?: FixClass
    /** The agency whose record it is: it corrects what is wrong there. */
    readonly source?: string
  }
}

/**
 * Who can change a fact: nobody (`never`), whoever holds a document (`renew`), whoever tells the state (`declare`) or
 * applies to it (`act`); what happens in life (`event`) or with the days (`time`) nobody does on purpose.
 */
export type FixClass = 'never' | 'renew' | 'declare' | 'act' | 'event' | 'time'

export type UnknownReason = 'never-collected' | 'stale' | 'conflict' | 'source-down' | 'no-consent'

/**
 * What is known of one predicate of one subject, as the edge hands it in. Values are JSON: money as whole minor
 * units, decimals as text, dates as `YYYY-MM-DD`, durations as ISO 8601, list items as records.
 * `facts` are the ids of the facts it rests on, carried through to the trace untouched.
 */
export type Cell =
  | {
      readonly state: 'known'
      readonly value: Json
      readonly facts: readonly string[]
      /** When the source observed it: the freshness limit counts from here. */
      readonly observed_on?: DateText
      readonly valid_from?: DateText
      /** First day it no longer holds. */
      readonly valid_to?: DateText
    }
  | { readonly state: 'list'; readonly items: readonly ListItem[]; readonly complete: boolean }
  | { readonly state: 'absent'; readonly facts: readonly string[] }
  | { readonly state: 'unknown'; readonly reason: UnknownReason; readonly facts: readonly string[] }

export type ListItem = {
  /** Which item: the key of the fact's slot, e.g. a child's subject id. */
  readonly item: string
  /** A field left out is unknown; a field of null is absent. */
  readonly value: { readonly [field: string]: Json }
  readonly facts: readonly string[]
  readonly observed_on?: DateText
  readonly valid_from?: DateText
  readonly valid_to?: DateText
}

export type Facts = { readonly [predicate: string]: Cell }

export type Citation = {
  readonly act: string
  readonly date?: DateText
  readonly clause?: string
  readonly url?: string
  /** How sure the pack's authors are of it, as tagged in the country facts: V3, V1-old, BG … */
  readonly confidence?: string
}

export type ParamVersion = {
  readonly from: DateText
  /** Money in major units as YAML writes it (`360000`), decimals as text or number. */
  readonly value: Json
  /** When it became known: a decision as known earlier does not see it. Left out: with the rule. */
  readonly published_at?: DateText
  readonly status: 'working' | 'published'
  readonly confidence: string
  readonly legal?: Citation
}

/** When offices do not work. */
export type OfficeCalendar = {
  /** ISO numbers of days of the week: 1 is Monday, 7 Sunday. */
  readonly weekend: readonly number[]
  readonly holidays: readonly DateText[]
}

/** A decision table: input expressions, and rows of one test for each, with what comes out. */
export type TableSource = {
  /** `unique`: exactly one row matches. `first`: the first that does. `collect`: all that do, together. */
  readonly hit: 'unique' | 'first' | 'collect'
  /** How what is collected becomes one value. */
  readonly collect?: 'sum' | 'min' | 'max' | 'count'
  /** FEEL-R, one for each column. */
  readonly inputs: readonly string[]
  /** What a table that stands for itself expects of its inputs. */
  readonly types?: readonly RuleType[]
  readonly rows: readonly {
    /** Unary tests (`< 3`, `[1..5)`, `"single", "widowed"`, `not(1, 2)`), `-` for any, `absent` for none asserted. */
    readonly when: readonly string[]
    /** FEEL-R: the value of this row. */
    readonly output: string
    readonly legal?: Citation
  }[]
}

export type ResultSource = {
  /** Money: what the person would get. */
  readonly amount?: string | TableSource
  /** `half_up(2)`: how the amount is rounded, to so many decimals of the major unit. */
  readonly round?: string
  /** Date: by when the person must answer or act. */
  readonly due?: string | TableSource
}

/** A rule as the pack declares it; the pack's reader has already checked the file's shape. */
export type RuleSource = {
  readonly id: string
  readonly version: number
  readonly kind: 'obligation' | 'entitlement' | 'route' | 'notice'
  readonly status: 'working' | 'reviewed' | 'simulated' | 'published'
  readonly confidence: string
  readonly subject: 'person' | 'organisation'
  readonly effective: { readonly from: DateText; readonly to: DateText | null }
  readonly published_at: DateText
  readonly legal: readonly Citation[]
  readonly calendar: {
    readonly zone: string
    readonly leap_birthday: 'feb28' | 'mar1'
    readonly month_end: 'down' | 'up'
    /** The days on which no office works, in the version this rule was published with; part of its hash. */
    readonly working_days?: OfficeCalendar
    /** Where a deadline (`result.due`) falls on a day no office works, it moves as the act says; else it stays. */
    readonly due_moves?: 'next' | 'previous'
  }
  readonly params: {
    readonly [name: string]: {
      readonly type: RuleType
      readonly unit?: string
      readonly values: readonly ParamVersion[]
    }
  }
  /** The predicates read, as the author lists them for reviewers; must equal what `when` and `result` read. */
  readonly facts: readonly string[]
  /** Evaluate once for each item of a list; the item is in scope under `as`. */
  readonly per?: { readonly list: string; readonly as: string }
  /** FEEL-R, boolean. */
  readonly when: string
  readonly exceptions?: readonly {
    readonly id: string
    readonly overrides: string
    readonly legal: Citation
    readonly when: string
    /** `human`: an open norm or discretion, which the engine never decides. */
    readonly outcome: 'applies' | 'does_not_apply' | 'human'
    /** What is given instead of the rule's result; only with `applies`. */
    readonly result?: ResultSource
  }[]
  readonly result?: ResultSource
  readonly text: {
    readonly title: string
    readonly summary: string
    /** One words key for each predicate an atom reads (its first): what the condition asks. */
    readonly why: { readonly [predicate: string]: string }
    /** Words keys by the text of an atom: what it came to for this person, as one sentence. */
    readonly says?: { readonly [atom: string]: string }
    /** How often the amount is paid; left out: once. */
    readonly every?: string
    /** What follows in law when the person does nothing. */
    readonly if_nothing?: string
  }
  readonly advice?: { readonly no_suggest: readonly string[] }
}

/** A mistake in an expression: where (UTF-16 offsets into that text), what was expected, what was found. */
export type RuleError = {
  /**
   * Which expression: `when`, `result.amount`, `result.due`, `exceptions.<id>.when`, `facts`, `params.<name>`; in a
   * table `result.amount.inputs.<column>`, `result.amount.rows.<row>.when.<column>`, `result.amount.rows.<row>.output`.
   */
  readonly where: string
  readonly from: number
  readonly to: number
  readonly message: string
  readonly expected?: string
  readonly found?: string
}

/** Opaque to callers; made by `compileRule` only. */
export type Rule = {
  readonly source: RuleSource
  /** SHA-256 of the canonical form of everything that carries meaning: what decisions cite. */
  readonly hash: string
  /** Predicates whose change can change the outcome. */
  readonly reads: readonly string[]
  readonly params_read: readonly string[]
  readonly compiled: unknown
}

export type TruthValue = 'true' | 'false' | 'unknown'

/** One atom (comparison or state test) of the trace, as shown to people and stored with decisions. */
export type TraceAtom = {
  /** The predicate it reads first: the key into `text.why`. */
  readonly predicate: string
  /** The source text of the atom, e.g. `age(c.birth_date) < 3`. */
  readonly text: string
  readonly value: TruthValue
  /** The operands that were looked at, by name, as JSON (null when absent; the text `unknown` never stands for a value). */
  readonly inputs: readonly {
    readonly name: string
    readonly state: 'known' | 'absent' | 'unknown'
    readonly value?: Json
    readonly facts: readonly string[]
  }[]
}

export type Determination = {
  readonly rule: string
  readonly rule_hash: string
  /** The list item it speaks of, for `per` rules. */
  readonly item: string | null
  readonly outcome: 'applies' | 'does_not_apply' | 'ask' | 'conflict' | 'human'
  readonly as_of: DateText
  /** Whether the item it speaks of is there on the day; always true where the rule speaks of none. */
  readonly there: TruthValue
  /** First later day on which the outcome (or amount) would differ if no fact changed; null: never within 100 years. */
  readonly until: DateText | null
  /** Open predicates whose answer would decide, smallest set first found; only for `ask`. */
  readonly ask: readonly string[]
  /** Money in minor units; only when it applies and every operand is known. */
  readonly amount: number | null
  readonly due: DateText | null
  /** Ids of every fact that was looked at. */
  readonly facts: readonly string[]
  /** Parameters read, with the version that was in force. */
  readonly params: readonly {
    readonly name: string
    readonly from: DateText
    readonly value: Json
    readonly confidence: string
    readonly status: string
  }[]
  readonly trace: readonly TraceAtom[]
  /** The exception that decided, if one did. */
  readonly exception: string | null
}

/** What compiling needs besides the vocabulary. */
export type RuleSettings = {
  /** Decimal digits of the pack's currency: 1 major unit is ten to this many minor ones. */
  readonly money_digits: number
}

const usualMoney: RuleSettings = { money_digits: 2 }

/**
 * Compiles a rule: parses, type-checks and prepares every expression of it. Never throws on any text; all mistakes
 * come back together, each with its place in its expression.
 */
export function compileRule(
  source: RuleSource,
  vocabulary: RuleVocabulary,
  settings: RuleSettings = usualMoney,
): { readonly ok: true; readonly rule: Rule } | { readonly ok: false; readonly errors: RuleError[] } {
  return compile(source, vocabulary, settings)
}

/**
 * SHA-256 (hex) over the canonical form of everything that carries meaning: the rule's own fields but not its words
 * and citations, the declarations of the predicates it reads, the currency's digits, and the language's version.
 */
export function ruleHash(
  source: RuleSource,
  vocabulary: RuleVocabulary,
  settings: RuleSettings = usualMoney,
): string {
  return hashOf(source, vocabulary, settings)
}

/**
 * What a rule says of one subject on a day, with its reasons. `item` names the list item for `per` rules.
 * A predicate left out of `facts` is absent in a closed world and unknown in an open one; a value that does not fit
 * its declared type or range is unknown. `knownAt`: only versions of parameters published by that day count; the facts
 * are the caller's, as they were known then. Left out: everything published counts.
 * @throws RangeError or TypeError for mistakes of the caller: a malformed date, or a missing `item`.
 */
export function evaluate(rule: Rule, facts: Facts, at: At): Determination {
  return determine(rule, facts, at)
}

/**
 * Why a determination came out as it did: what carried it, what stands in its way, what hangs on an answer. Follows
 * from the determination's own trace and the structure of the rule's conditions; nothing is evaluated again.
 * @throws RangeError when the determination is not one of this very version of the rule
 */
export function explain(rule: Rule, said: Determination): Explanation {
  return why(rule, said)
}

/**
 * What would make the rule come out as `target`: the smallest sets of changes that do, best first. Every one has been
 * applied and the whole rule evaluated again; what does not reach the target is not returned. Nothing is ever advised
 * that the rule's `advice.no_suggest` names. Empty when it is so already, and when nothing anybody can do is known.
 * @throws as `evaluate`
 */
export function fixes(
  rule: Rule,
  facts: Facts,
  at: { readonly asOf: DateText; readonly item?: string },
  target: FixTarget = 'applies',
): Fix[] {
  return findFixes(rule, facts, at, target)
}

/**
 * How outcome and amount go on as days pass if no fact changes: the exact steps from `asOf` until the day before
 * `horizon`. A determination's `until` is the first day of the second step.
 * @throws as `evaluate`; RangeError when `horizon` is no later date
 */
export function timeline(
  rule: Rule,
  facts: Facts,
  at: { readonly asOf: DateText; readonly item?: string },
  horizon: DateText,
): Segment[] {
  return timelineOf(rule, facts, at, horizon)
}

/** The determination of the day as `evaluate` gives it, without looking ahead for the next change. */
export function evaluateOn(rule: Rule, facts: Facts, at: At): Omit<Determination, 'until'> {
  return determineOn(rule, facts, at)
}

/** What is said of a subject and until when, without the reasons. */
export type Outlook = Pick<Determination, 'outcome' | 'amount' | 'until'>

/** Outcome, amount and `until` as `evaluate` gives them, in a fraction of its time: most rules say nothing of most people. */
export function outlook(rule: Rule, facts: Facts, at: At): Outlook {
  return outlookOf(rule, facts, at)
}

/** The outcome alone, without reasons: for many subjects at a time. */
export function outcomeOn(rule: Rule, facts: Facts, at: At): Determination['outcome'] {
  return outcomeOf(rule, facts, at)
}

/**
 * The version of a rule that holds on a day, as it was known on another: of those published by `knownAt` whose period
 * covers `asOf`, the one published last (the higher version on one day). Undefined when there is none.
 */
export function ruleAt(
  versions: readonly Rule[],
  at: { readonly asOf: DateText; readonly knownAt: DateText },
): Rule | undefined {
  let found: Rule | undefined
  for (const rule of versions) {
    const { effective, published_at, version } = rule.source
    if (published_at > at.knownAt || effective.from > at.asOf) continue
    if (effective.to !== null && effective.to <= at.asOf) continue
    const before = found?.source
    const is_later =
      before === undefined ||
      published_at > before.published_at ||
      (published_at === before.published_at && version > before.version)
    if (is_later) found = rule
  }
  return found
}

/** The items a `per` rule is evaluated for, each once, in the order given; empty for other rules. */
export function items(rule: Rule, facts: Facts): string[] {
  const list = rule.source.per?.list
  const cell = list !== undefined && Object.hasOwn(facts, list) ? facts[list] : undefined
  return cell?.state === 'list' ? [...new Set(cell.items.map(({ item }) => item))] : []
}

/**
 * The day a duration after another: `P12M` after 31 January of a leap year ends on 31 January again, and where the month
 * is too short, on its last day. @throws RangeError for what is no date or duration
 */
export function dayAfter(day: DateText, duration: string): DateText {
  const [from, span] = [parseDay(day), parseDuration(duration)]
  const to = from === undefined || span === undefined ? undefined : formatDay(addDuration(from, span, 'down'))
  if (to === undefined) throw new RangeError(`${duration} after ${day} is no day`)
  return to
}

/** Where and why an expression is outside the language, or could not be worked out. */
export type ExpressionError = {
  readonly from: number
  readonly to: number
  readonly reason: ExpressionReason
  readonly message: string
  readonly expected?: string
  readonly found?: string
}

export type ExpressionResult =
  /** The value as FEEL writes it (`null` where it is absent), and its type in words. */
  | { readonly ok: true; readonly value: string; readonly type: string }
  | { readonly ok: false; readonly error: ExpressionError; readonly in_context: boolean }

/**
 * A closed FEEL expression, over values that are all there: no facts, no unknowns. Same grammar, same built-ins and the
 * same exactness as rules; docs/feel-profile.md says what of FEEL is in it. Never throws on any text.
 * `context`: FEEL text of a record, whose names the expression may read. `today`: what today() says; refused without.
 */
export function evaluateExpression(
  text: string,
  about: { readonly context?: string; readonly today?: DateText } = {},
): ExpressionResult {
  const given = evaluateClosed(about.context ?? '{}', { is_data: true })
  if (!given.ok) return { ok: false, error: given.mistake, in_context: true }
  if (!isContext(given.value)) {
    const message = 'a context is a record: {name: value}'
    const error = { from: 0, to: about.context?.length ?? 0, reason: 'argument-type' as const, message }
    return { ok: false, error, in_context: true }
  }
  const today = about.today === undefined ? undefined : parseDay(about.today)
  const found = evaluateClosed(text, { context: given.value, today, is_written: true })
  if (!found.ok) return { ok: false, error: found.mistake, in_context: false }
  return { ok: true, value: writtenOf(found.value), type: describeType(found.type) }
}

/**
 * The day a term of working days ends: the day it starts on does not count.
 * @param days working days, 0 or more; 0 gives `from` itself
 * @throws RangeError for what is no date, and for a term without an end within ten years
 */
export function addWorkingDays(
  calendar: { readonly weekend: ReadonlySet<number>; readonly holidays: ReadonlySet<DateText> },
  from: DateText,
  days: number,
): DateText {
  const start = parseDay(from)
  if (start === undefined) throw new RangeError(`${from} is no date of the form YYYY-MM-DD`)
  const holidays = new Set([...calendar.holidays].map((day) => parseDay(day) ?? Number.NaN))
  const end = afterWorkingDays({ weekend: calendar.weekend, holidays }, start, days)
  const text = end === undefined ? undefined : formatDay(end)
  if (text === undefined) throw new RangeError(`no end of a term of ${days} working days`)
  return text
}

export { type Conditions, conditionsOf, differencesBetweenRules, type RuleDifference } from './compare.ts'
export * from './population/population.ts'
