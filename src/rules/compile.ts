/** From a rule as the pack declares it to a program, or to every mistake in it. */
import { canonical, type Json, sha256 } from '../platform/canonical.ts'
import { parseDay, parseDuration } from './evaluator/calendar.ts'
import { closuresOf } from './evaluator/closures.ts'
import type { Reader } from './evaluator/frame.ts'
import { type ParamTable, readParam } from './evaluator/params.ts'
import type { ExceptionPlan, Program } from './evaluator/program.ts'
import { decoder } from './evaluator/values.ts'
import type { OfficeDays } from './evaluator/workdays.ts'
import { checkByLaw } from './language/by-law.ts'
import type { RuleIr, TruthNode, ValueNode } from './language/ir.ts'
import { lowerExpression, openLowering } from './language/lower.ts'
import { type Lowering, readFact } from './language/lowering.ts'
import { suggestion } from './language/names.ts'
import { type Check, lowerResult } from './language/results.ts'
import type { Tell } from './language/tables.ts'
import type { Rule, RuleError, RuleSource, RuleVocabulary } from './rules.ts'

/** More than this makes a rule nobody can review; trying every turn of them also has to end. */
const exceptionsMax = 6
/** Part of every hash: a change of what the language means must not pass for the same rule. */
const languageVersion = 2

export type Settings = { readonly money_digits: number }
type Report = (where: string, message: string, more?: Partial<RuleError>) => void

/**
 * Compiles; see `compileRule` of the face. A variant is what the author did not write: what is listed and said for
 * people is not held against it.
 */
export function compile(
  source: RuleSource,
  vocabulary: RuleVocabulary,
  settings: Settings,
  about: { readonly is_variant: boolean } = { is_variant: false },
): { readonly ok: true; readonly rule: Rule } | { readonly ok: false; readonly errors: RuleError[] } {
  const errors: RuleError[] = []
  const report: Report = (where, message, more) => errors.push({ where, from: 0, to: 0, message, ...more })
  const days = effectiveDays(source, report)
  checkCalendar(source, report)
  const tables = new Map<string, ParamTable>()
  const nodes = new Map<string, ValueNode | undefined>()
  for (const [name, declared] of Object.entries(source.params)) {
    const read = readParam(name, declared, {
      money_digits: settings.money_digits,
      effective_from: days?.from,
    })
    for (const mistake of read.mistakes) report(`params.${name}`, mistake)
    tables.set(name, read.table)
    nodes.set(name, read.node)
  }
  const office = officeOf(source, report)
  const cx = openLowering({
    vocabulary,
    paramNodes: nodes,
    money_digits: settings.money_digits,
    has_working_days: source.calendar.working_days !== undefined,
  })
  openItem(cx, source, report)
  const lowered = lowerAll(cx, source, errors)
  if (!about.is_variant) {
    checkFacts(cx, source, report)
    checkWhy(cx, source, report)
    checkSays(cx, source, report)
  }
  const exceptions = planExceptions(source, report)
  if (errors.length === 0 && days) {
    checkByLaw({ cx, lowered, source, errors, tables, from: days.from })
  }
  if (errors.length > 0 || !lowered.when || !days || !exceptions) return { ok: false, errors }
  const ir = irOf(cx, lowered, lowered.when)
  const program = programFrom(ir, { source, vocabulary, tables, days, office, ...exceptions })
  const reads = ir.facts.map(({ predicate }) => predicate)
  const hash = hashOf(source, vocabulary, settings)
  return { ok: true, rule: { source, hash, reads, params_read: ir.params, compiled: program } }
}

type Days = { readonly from: number; readonly to: number }

function effectiveDays({ effective }: RuleSource, report: Report): Days | undefined {
  const from = parseDay(effective.from)
  const to = effective.to === null ? Number.POSITIVE_INFINITY : parseDay(effective.to)
  if (from === undefined || to === undefined) {
    report('effective', 'effective needs dates of the form YYYY-MM-DD')
    return undefined
  }
  if (to > from) return { from, to }
  report(
    'effective',
    'effective.to must be later than effective.from: it is the first day the rule no longer holds',
  )
  return undefined
}

function checkCalendar({ calendar }: RuleSource, report: Report): void {
  if (calendar.month_end !== 'down' && calendar.month_end !== 'up')
    report('calendar', 'month_end is down or up')
  if (calendar.leap_birthday !== 'feb28' && calendar.leap_birthday !== 'mar1')
    report('calendar', 'leap_birthday is feb28 or mar1')
}

/** The days on which no office works; none where the rule declares no calendar, and then none are asked for. */
function officeOf({ calendar }: RuleSource, report: Report): OfficeDays {
  const { weekend = [], holidays = [] } = calendar.working_days ?? {}
  const days = holidays.map(parseDay)
  const is_week = weekend.every((day) => Number.isInteger(day) && day >= 1 && day <= 7)
  if (!is_week || new Set(weekend).size > 6)
    report('calendar.working_days', 'the weekend is at most six of the days 1 (Monday) to 7 (Sunday)')
  if (days.includes(undefined)) report('calendar.working_days', 'holidays are dates of the form YYYY-MM-DD')
  return { weekend: new Set(weekend), holidays: new Set(days.filter((day) => day !== undefined)) }
}

/** The item of a `per` rule: slot 0, variable 0, in scope everywhere. */
function openItem(cx: Lowering, { per }: RuleSource, report: Report): void {
  if (!per) return
  const declared = Object.hasOwn(cx.vocabulary, per.list) ? cx.vocabulary[per.list] : undefined
  if (declared?.type.kind !== 'list') {
    const lists = Object.keys(cx.vocabulary).filter((name) => cx.vocabulary[name]!.type.kind === 'list')
    report(
      'per',
      declared ? `${per.list} is not a list` : `there is no list ${per.list}${suggestion(per.list, lists)}`,
    )
    return
  }
  if (
    !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(per.as) ||
    ['params', 'item'].includes(per.as) ||
    Object.hasOwn(cx.vocabulary, per.as)
  ) {
    report('per', `the name ${per.as} cannot stand for the item: it is taken, or no name`)
  }
  const slot = readFact(cx, per.list)
  cx.scopes.push({ name: per.as, slot, variable: cx.variables++, predicate: per.list })
}

type Lowered = Omit<RuleIr, 'facts' | 'params' | 'variables' | 'atoms' | 'places' | 'when'> & {
  readonly when: TruthNode | undefined
  readonly checks: readonly Check[]
}

function lowerAll(cx: Lowering, source: RuleSource, errors: RuleError[]): Lowered {
  const tell: Tell = (where, mistake) => errors.push({ where, ...mistake })
  const condition = (where: string, text: string): TruthNode | undefined => {
    cx.where = where
    const { node, mistakes } = lowerExpression(cx, text, cx.truth)
    for (const mistake of mistakes) tell(where, mistake)
    return node
  }
  const when = condition('when', source.when)
  const declared = source.exceptions ?? []
  const exceptions: TruthNode[] = []
  for (const exception of declared) {
    const node = condition(`exceptions.${exception.id}.when`, exception.when)
    if (node) exceptions.push(node)
  }
  // What is given is no condition to explain: inside it there are no atoms.
  cx.is_inside_atom = true
  const about = { tell, due_moves: source.calendar.due_moves }
  const own = lowerResult(cx, 'result', source.result ?? {}, about)
  const others = declared.map(({ id, outcome, result }) => {
    if (result === undefined) return undefined
    if (outcome !== 'applies')
      tell(`exceptions.${id}.result`, {
        from: 0,
        to: 0,
        message: `nothing is given where the outcome is ${outcome}`,
      })
    return lowerResult(cx, `exceptions.${id}.result`, result, about)
  })
  cx.is_inside_atom = false
  const amount_timed = own.result.amount_timed || others.some((one) => one?.result.amount_timed)
  return {
    timed: cx.timed || amount_timed,
    amount_timed,
    when,
    exceptions,
    exception_results: others.map((one) => one?.result),
    amount: own.result.amount,
    due: own.result.due,
    checks: [own, ...others].flatMap((one) => one?.checks ?? []),
  }
}

/** What the author lists for reviewers must be what is read, no more and no less. */
function checkFacts(cx: Lowering, source: RuleSource, report: Report): void {
  const read = [...cx.facts.keys()]
  for (const name of read)
    if (!source.facts.includes(name)) report('facts', `${name} is read but not listed in facts`)
  for (const name of source.facts) {
    if (cx.facts.has(name)) continue
    const hint = Object.hasOwn(cx.vocabulary, name) ? '' : suggestion(name, read)
    report('facts', `${name} is listed in facts but not read${hint}`)
  }
  if (new Set(source.facts).size !== source.facts.length) report('facts', 'facts lists a predicate twice')
}

/** Every condition must be explained to people, and nothing else. */
function checkWhy(cx: Lowering, source: RuleSource, report: Report): void {
  const asked = new Set(cx.atoms.map(({ predicate }) => predicate))
  for (const name of asked) {
    if (!Object.hasOwn(source.text.why, name))
      report('text.why', `text.why has no key for ${name}, which a condition reads first`)
  }
  for (const name of Object.keys(source.text.why)) {
    if (!asked.has(name))
      report(
        'text.why',
        `text.why has a key for ${name}, which no condition reads first${suggestion(name, asked)}`,
      )
  }
}

/** A sentence about a condition that is not there would never be read: the author meant another. */
function checkSays(cx: Lowering, source: RuleSource, report: Report): void {
  const atoms = new Set(cx.atoms.map(({ text }) => text))
  for (const text of Object.keys(source.text.says ?? {})) {
    if (!atoms.has(text))
      report('text.says', `text.says speaks of ${text}, which is no condition${suggestion(text, atoms)}`)
  }
}

type Plans = { readonly exceptions: readonly ExceptionPlan[]; readonly base_overridden_by: readonly number[] }

function planExceptions(source: RuleSource, report: Report): Plans | undefined {
  const declared = source.exceptions ?? []
  const ids = declared.map(({ id }) => id)
  if (declared.length > exceptionsMax) report('exceptions', `a rule has at most ${exceptionsMax} exceptions`)
  const overriding = (id: string): number[] =>
    declared.flatMap((one, at) => (one.overrides === id ? [at] : []))
  for (const [at, { id, overrides }] of declared.entries()) {
    if (id === 'base' || ids.indexOf(id) !== at) report(`exceptions.${id}`, `the id ${id} is taken`)
    if (overrides !== 'base' && !ids.includes(overrides)) {
      report(
        `exceptions.${id}`,
        `there is no exception ${overrides} to override${suggestion(overrides, ['base', ...ids])}`,
      )
    }
    const passed = new Set([id])
    for (let next = overrides; next !== 'base'; ) {
      if (passed.has(next)) {
        report(`exceptions.${id}`, 'these exceptions override each other in a circle')
        return undefined
      }
      passed.add(next)
      const above = declared.find((one) => one.id === next)
      if (!above) break
      next = above.overrides
    }
  }
  const exceptions = declared.map(({ id, outcome, result }, at) => ({
    id,
    outcome,
    grant: result === undefined ? 0 : at + 1,
    overridden_by: overriding(id),
  }))
  return { exceptions, base_overridden_by: overriding('base') }
}

function irOf(cx: Lowering, { checks: _, ...lowered }: Lowered, when: TruthNode): RuleIr {
  const facts = [...cx.facts].map(([predicate, { fields }]) => ({ predicate, fields: [...fields.keys()] }))
  const { params, variables, atoms, places } = cx
  return { ...lowered, when, facts, params, variables, atoms, places }
}

type Parts = Plans & {
  readonly source: RuleSource
  readonly vocabulary: RuleVocabulary
  readonly tables: ReadonlyMap<string, ParamTable>
  readonly days: Days
  readonly office: OfficeDays
}

function programFrom(ir: RuleIr, { source, vocabulary, tables, days, office, ...plans }: Parts): Program {
  const readers = ir.facts.map(({ predicate, fields }): Reader => {
    const { type, world, max_age, fix, source: agency } = vocabulary[predicate]!
    return {
      predicate,
      world,
      type,
      fix: fix ?? null,
      agency: agency ?? null,
      max_age: parseDuration(max_age),
      month_end: source.calendar.month_end,
      decode: decoder(type),
      fields:
        type.kind === 'list'
          ? fields.map((name) => ({ name, decode: decoder(type.fields[name]!) }))
          : undefined,
    }
  })
  const params = ir.params.map((name) => tables.get(name)!)
  const law = new Set([
    days.from,
    days.to,
    ...params.flatMap(({ versions }) => versions.map(({ from }) => from)),
  ])
  return {
    ...plans,
    ir,
    readers,
    params,
    office,
    run: closuresOf(ir, { readers, params, calendar: source.calendar, office }),
    effective_from: days.from,
    effective_to: days.to,
    is_per_item: source.per !== undefined,
    law_days: [...law].filter(Number.isFinite).sort((a, b) => a - b),
  }
}

/** See `ruleHash` of the face. */
export function hashOf(source: RuleSource, vocabulary: RuleVocabulary, settings: Settings): string {
  const { id, version, kind, subject, effective, calendar, params, facts, per, when, exceptions, result } =
    source
  const { advice } = source
  const read = Object.fromEntries(facts.map((name) => [name, meaningOf(vocabulary, name)]))
  const meaning = {
    id,
    version,
    kind,
    subject,
    effective,
    calendar,
    params,
    facts,
    per,
    when,
    exceptions,
    result,
    advice,
  }
  return sha256(
    canonical({ language: languageVersion, ...settings, ...meaning, vocabulary: read } as unknown as Json),
  )
}

/** What a declaration means to conditions; who can change a fact, or whose record it is, does not belong to it. */
function meaningOf(vocabulary: RuleVocabulary, name: string): object | undefined {
  if (!Object.hasOwn(vocabulary, name)) return undefined
  const { type, world, max_age } = vocabulary[name]!
  return { type, world, max_age }
}
