/**
 * The differential check of the population kernels: random rules over random subjects on random days, every cell
 * compared with the evaluator of one subject. Used by the tests and by `bench/fuzz.ts`.
 */
import fc from 'fast-check'
import { formatDay, parseDay } from '../src/rules/evaluator/calendar.ts'
import { decide } from '../src/rules/evaluator/decide.ts'
import { openFrame } from '../src/rules/evaluator/frame.ts'
import { programOf } from '../src/rules/evaluator/program.ts'
import { condition, itemCondition, knowledge, params } from '../src/rules/expressions.fixture.ts'
import { source, vocabulary } from '../src/rules/rules.fixture.ts'
import {
  type Arena,
  type Cell,
  compileRule,
  type Facts,
  itemsPopulation,
  openAmounts,
  openArena,
  openRun,
  outcome_codes,
  type Plan,
  type Population,
  planOf,
  populationOf,
  type ResultSource,
  type Rule,
  runAll,
  type TableSource,
} from '../src/rules/rules.ts'

/** The lists whose items rules are evaluated for. */
type PerList = 'children' | 'payments'

/** A rule as the check writes it, small enough to be cut down. */
export type RuleText = {
  readonly when: string
  readonly exceptions: readonly string[]
  readonly leap_birthday: 'feb28' | 'mar1'
  readonly month_end: 'down' | 'up'
  /** Evaluated once for each item, which is called `it`. */
  readonly per?: PerList
  /** What is paid, and what the first exception pays instead. */
  readonly result?: ResultSource
  readonly instead?: ResultSource
}

/** Some mistakes show only beside other subjects, for the extent of a column decides how it is held. */
export type Case = Pick<Round, 'asOf' | 'kernels_on' | 'subjects'> & { readonly rule: RuleText }

/** What the conditions of the fixture leave out: tests of unknown, and amounts of every width. */
const further = fc.constantFrom(
  'unknown(income)',
  'unknown(children)',
  'unknown(payments)',
  'absent(income)',
  'absent(payments)',
  'present(children)',
  '(some c in children satisfies unknown(c.birth_order))',
  '(some p in payments satisfies p.amount > p.balance)',
  '(every p in payments satisfies p.amount + p.balance >= params.limit)',
  'count(payments[amount < 3 * balance]) >= 2',
  'rent * size < 3 * income',
  'income - rent > params.limit',
  '2 * income + rent <= 0.5 * rent + income',
  'income != rent',
  'rent between params.limit and income',
  '(income in (rent, > params.limit))',
  'card_expiry - birth_date > @"P400D"',
  'card_expiry > birth_date + @"P90D"',
  'card_expiry = birth_date',
  'card_expiry + @"P1M" > birth_date',
  'card_expiry + @"P1M" = birth_date + @"P1M"',
  'min(payments[amount > rent].balance) > params.limit',
  'max(payments[amount <= rent].balance) < 0',
  'share * score < share',
  'share = 0.5',
  'score * score > 4',
  '-1 * score > 1',
  'is_registered = is_working',
  'name = guardian',
  'count(children) = count(payments)',
  'count(children) = 2',
  'count(payments) != 1',
  '2 * count(children) > 3',
  'card_expiry - @"P10Y" < birth_date',
  'birth_date + @"P18M" < max(payments.paid_on)',
  'max(payments.paid_on) > card_expiry',
  'min(children.birth_date) + @"P2Y" > max(payments.paid_on)',
  '(if card_expiry <= birth_date + @"P5M" then card_expiry + @"P2Y" else card_expiry + @"P1Y") - @"P30D" <= today()',
  'sum(payments.balance) > sum(payments.amount)',
  'sum(payments[amount > rent].balance) * score > rent',
  'min(payments[benefit = "monthly"].balance) < 0.1 * rent',
  'max(children[birth_date <= card_expiry].birth_order) >= size',
  'count(children[birth_date < card_expiry]) > count(payments[paid_on > birth_date])',
  '(some c in children satisfies (some p in payments satisfies p.paid_on > c.birth_date + @"P1M"))',
  '(every c in children satisfies c.birth_date <= max(children.birth_date))',
  '(some c in children satisfies c.birth_date + @"P1Y" > card_expiry)',
  '(size in (max(children.birth_order), > 1))',
  '(score between min(children.birth_order) and 4)',
  '(birth_date in (> max(payments.paid_on), < @"2024-01-20"))',
  '100000 * income > rent',
  'income * size * 100000 >= sum(payments.amount) + rent',
)

const text = fc.oneof(
  { weight: 4, arbitrary: condition },
  { weight: 1, arbitrary: further },
  { weight: 1, arbitrary: fc.tuple(further, condition).map(([a, b]) => `(${a} and not(${b}))`) },
  {
    weight: 1,
    arbitrary: fc.tuple(further, further, condition).map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
  },
)

export const ruleText: fc.Arbitrary<RuleText> = fc.record({
  when: text,
  exceptions: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(text, { minLength: 1, maxLength: 3 }) },
  ),
  leap_birthday: fc.constantFrom('feb28', 'mar1'),
  month_end: fc.constantFrom('down', 'up'),
})

/** Conditions on the rule's own item, beside its subject's facts, other items and other lists. */
const ofItem: { readonly [list in PerList]: fc.Arbitrary<string> } = {
  children: fc.oneof(
    itemCondition('it.'),
    fc.constantFrom(
      'it.birth_date + @"P1Y" > card_expiry',
      'it.birth_date > birth_date + @"P90D"',
      'it.birth_order = size',
      'it.birth_order * score > 3',
      'unknown(it.birth_date)',
      '(every other in children satisfies other.birth_date <= it.birth_date)',
      'count(payments[paid_on > it.birth_date]) >= 1',
      'count(children) > it.birth_order',
    ),
  ),
  payments: fc.constantFrom(
    'it.amount > rent',
    'it.benefit = "monthly"',
    'it.paid_on + @"P1M" > today()',
    'it.paid_on < card_expiry - @"P1M"',
    'it.amount + it.balance >= params.limit',
    'absent(it.balance)',
    'sum(payments[paid_on <= it.paid_on].amount) > it.balance',
    'it.paid_on = max(payments.paid_on)',
    '(some c in children satisfies c.birth_date < it.paid_on)',
  ),
}

const rounding = fc.constantFrom('half_up(2)', 'half_even(0)', 'down(1)', 'ceiling(2)', 'up(0)')
const money = fc.constantFrom(
  // What is always known shows whether anything is paid at all.
  'params.limit',
  '2 * params.limit',
  'params.limit / size',
  'rent',
  'sum(payments.amount)',
  'count(children) * params.limit + rent',
  '(if score > 1 then params.limit else rent)',
  '(if card_expiry > birth_date then max(rent, income) else 0.5 * income)',
  '0.333 * income',
  'income / size',
  'max(payments.balance)',
  '(if count(children[age(birth_date) < 3]) >= 1 then income else income)',
)
const itsMoney: { readonly [list in PerList]: fc.Arbitrary<string> } = {
  children: fc.oneof(
    money,
    fc.constantFrom('it.birth_order * params.limit', '(if age(it.birth_date) < 2 then rent else income)'),
  ),
  payments: fc.oneof(money, fc.constantFrom('it.amount', '0.5 * it.amount - it.balance', 'it.amount / size')),
}
const tables: readonly TableSource[] = [
  {
    hit: 'first',
    inputs: ['score', 'count(children)'],
    rows: [
      { when: ['< 0', '-'], output: 'params.limit' },
      { when: ['[0..2]', '> 1'], output: 'rent' },
      { when: ['-', '-'], output: '2 * params.limit' },
    ],
  },
  {
    hit: 'unique',
    inputs: ['count(children[age(birth_date) < 3])'],
    rows: [
      { when: ['< 1'], output: 'params.limit' },
      { when: ['[1..2]'], output: 'income' },
      { when: ['> 2'], output: 'rent' },
    ],
  },
  {
    hit: 'collect',
    collect: 'sum',
    inputs: ['score', 'size'],
    rows: [
      { when: ['> 1', '-'], output: 'params.limit' },
      { when: ['-', '> 2'], output: 'rent' },
      { when: ['> 3', '< 4'], output: 'income' },
    ],
  },
  {
    hit: 'collect',
    collect: 'max',
    inputs: ['score'],
    rows: [
      { when: ['> -2'], output: 'params.limit' },
      { when: ['> 1'], output: 'rent' },
    ],
  },
]
const paid = (amounts: fc.Arbitrary<string>): fc.Arbitrary<ResultSource> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ amount: amounts, round: rounding }) },
    { weight: 1, arbitrary: fc.constantFrom(...tables).map((amount) => ({ amount })) },
  )

/** Rules that pay, and rules of items. */
const furtherRule: fc.Arbitrary<RuleText> = fc.oneof(
  fc
    .record({ rule: ruleText, result: paid(money), instead: paid(money) })
    .map(({ rule, ...more }) => ({ ...rule, ...more })),
  fc.constantFrom<PerList>('children', 'payments').chain((per) =>
    fc
      .record({
        rule: ruleText,
        own: ofItem[per],
        other: ofItem[per],
        how: fc.constantFrom(' and ', ' or '),
        is_own: fc.oneof(
          { weight: 2, arbitrary: fc.constant(true) },
          { weight: 1, arbitrary: fc.constant(false) },
        ),
        result: paid(itsMoney[per]),
        instead: paid(itsMoney[per]),
      })
      .map(({ rule, own, other, how, is_own, ...more }) => ({
        ...rule,
        ...more,
        per,
        // Some do not look at their item, and still depend on its being there.
        when: is_own ? `((${own}${how}${rule.when}) and not(${other}))` : rule.when,
      })),
  ),
)

/** Compiles; a text cut down at random may have lost its meaning, and gives undefined. */
export function compiled({
  when,
  exceptions,
  leap_birthday,
  month_end,
  per,
  result: pays,
  instead,
}: RuleText): Rule | undefined {
  const made = source(when, {
    params,
    ...(per ? { per: { list: per, as: 'it' } } : {}),
    ...(pays ? { result: pays } : {}),
    calendar: { zone: 'Asia/Tashkent', leap_birthday, month_end },
    exceptions: exceptions.map((one, at) => ({
      id: `e${at}`,
      overrides: at === 2 ? 'e0' : 'base',
      legal: { act: 'x' },
      when: one,
      ...(at === 0 && instead
        ? { outcome: 'applies' as const, result: instead }
        : { outcome: at === 1 ? ('human' as const) : ('does_not_apply' as const) }),
    })),
  })
  const result = compileRule(made, vocabulary)
  return result.ok ? result.rule : undefined
}

export const edgeDays = [
  '2024-01-20',
  '2024-02-28',
  '2024-02-29',
  '2024-03-01',
  '2024-12-31',
  '2023-02-28',
  '2023-03-01',
  '2025-01-01',
  '2019-01-01',
  '2018-06-01',
  '2100-02-28',
]

/** Facts of one subject, some rounds with values far apart, so that every lane is used. */
function stretched(facts: Facts, width: number): Facts {
  if (width === 0) return facts
  const factor = [1, 1_000, 100_000, 2_000_000_000][width] ?? 1
  const cells: { [predicate: string]: Cell } = { ...facts }
  for (const name of ['income', 'rent']) {
    const cell = cells[name]
    if (cell?.state === 'known' && typeof cell.value === 'number')
      cells[name] = { ...cell, value: cell.value * factor + (cell.value % 7) }
  }
  const birth = cells.birth_date
  if (width === 3 && birth?.state === 'known' && typeof birth.value === 'string') {
    const edge = ['0001-01-01', '9999-12-31', '1900-02-28'][birth.value.charCodeAt(9) % 5]
    cells.birth_date = { ...birth, value: edge ?? birth.value }
  }
  return cells
}

export type Round = {
  readonly rules: readonly { readonly text: RuleText; readonly rule: Rule }[]
  readonly subjects: readonly Facts[]
  readonly asOf: string
  /** The day the kernels are told, to plant a mistake. */
  readonly kernels_on?: string | undefined
}

/** One round's rules, subjects and day from a seed. */
export function roundOf(seed: number, size: { readonly rules: number; readonly subjects: number }): Round {
  const day = edgeDays[seed % edgeDays.length]!
  const asOf = seed % 3 === 0 ? formatDay(parseDay(day)! + (seed % 400))! : day
  const texts = fc.sample(ruleText, { seed, numRuns: size.rules })
  const rules = texts.flatMap((one) => {
    const rule = compiled(one)
    return rule ? [{ text: one, rule }] : []
  })
  const cells = knowledge(seed % 2 === 0, [4, 4, 30, 1000][seed % 4])
  const subjects = fc
    .sample(cells, { seed, numRuns: size.subjects })
    .map((facts) => stretched(facts, (seed >> 1) % 4))
  return { rules, subjects, asOf }
}

/** A round with rules that pay and rules of items beside the others. */
export function fullRound(seed: number, size: { readonly rules: number; readonly subjects: number }): Round {
  const round = roundOf(seed, size)
  const more = fc.sample(furtherRule, { seed, numRuns: Math.ceil(size.rules / 2) }).flatMap((one) => {
    const rule = compiled(one)
    return rule ? [{ text: one, rule }] : []
  })
  return { ...round, rules: [...round.rules, ...more] }
}

/** The byte the evaluator of one subject gives. */
export function reference(rule: Rule, facts: Facts, day: number): number {
  const program = programOf(rule)
  const frame = openFrame(program.readers, facts, program.ir.variables)
  return outcome_codes[decide(program, frame, day, null).outcome]
}

/** What the rows of a rule are: the subjects, or the items of its list. */
function rowsOf({ per }: RuleText, subjects: readonly Facts[]): { facts: Facts; item: string | null }[] {
  if (per === undefined) return subjects.map((facts) => ({ facts, item: null }))
  return subjects.flatMap((facts) => {
    const cell = facts[per]
    return cell?.state === 'list' ? cell.items.map(({ item }) => ({ facts, item })) : []
  })
}

export type Mismatch = Case & {
  readonly facts: Facts
  readonly engine: string
  readonly expected: number
  readonly found: number
}

export type Compared = {
  readonly cells: number
  readonly plan: Plan
  readonly population: Population
  /** By rule and subject; empty for rules of items. */
  readonly codes: readonly Uint8Array[]
  /** Rows a run handed to the evaluator. */
  readonly evaluated: number
  readonly mismatch?: Mismatch
}

/**
 * Runs a round through both kernels, and what it pays; gives the number of cells compared and the first that differs.
 * @param days further days for the same rules and subjects: what is drawn costs more than what is compared
 */
export function compareRound(
  round: Round,
  arena: Arena = openArena(),
  days: readonly string[] = [],
): Compared {
  const { rules, subjects } = round
  arena.top = 0
  const population = populationOf(subjects, vocabulary, arena)
  // The round's own day comes last: its codes stay.
  const looked = [...days, round.asOf].map((asOf, at) => ({
    asOf,
    day: parseDay(asOf)!,
    kernels_on: at === days.length ? (round.kernels_on ?? asOf) : asOf,
  }))
  const codes = rules.map(() => new Uint8Array(subjects.length))
  let [cells, evaluated] = [0, 0]
  let plan: Plan | undefined
  let mismatch: Mismatch | undefined
  for (const per of [undefined, 'children', 'payments'] as const) {
    const rows = per === undefined ? population : itemsPopulation(population, per)!
    const chosen = [...rules.keys()].filter((at) => rules[at]!.text.per === per)
    const runs = looked.map(({ kernels_on }) => {
      const ran = runsOf(
        chosen.map((at) => rules[at]!),
        rows,
        kernels_on,
      )
      evaluated += ran.evaluated
      return ran
    })
    plan ??= runs.at(-1)!.plan
    for (const [output, at] of chosen.entries()) {
      const { rule, text: written } = rules[at]!
      const program = programOf(rule)
      for (const [row, { facts, item }] of rowsOf(written, subjects).entries()) {
        // Made ready once for every day.
        const frame = openFrame(program.readers, facts, program.ir.variables)
        for (const [on, { day, asOf, kernels_on }] of looked.entries()) {
          const { engines, amounts } = runs[on]!
          const decision = decide(program, frame, day, item)
          const expected = outcome_codes[decision.outcome]
          if (written.per === undefined) codes[at]![row] = expected
          const compare = (engine: string, wanted: number, found: number): void => {
            cells++
            if (Object.is(wanted + 0, found + 0)) return
            mismatch ??= { rule: written, subjects, facts, asOf, kernels_on, engine, expected: wanted, found }
          }
          for (const { engine, run } of engines) compare(engine, expected, run.outs[output]![row]!)
          const paid = amounts[output]
          if (paid)
            compare('amounts', decision.amount === null ? Number.NaN : Number(decision.amount), paid[row]!)
          if (mismatch) return { cells, plan, population, codes, evaluated, mismatch }
        }
      }
    }
  }
  return { cells, plan: plan!, population, codes, evaluated }
}

/** All that the kernels say of some rules on a day: outcomes by engine, and by rule what is paid. */
function runsOf(rules: Round['rules'], rows: Population, on: string) {
  const plan = planOf(
    rules.map(({ rule }) => rule),
    rows,
    on,
  )
  const engines = (['wasm', 'js'] as const).map((engine) => {
    const run = openRun(plan, rows, engine)
    runAll(run, rows)
    return { engine, run }
  })
  const everyone = Uint32Array.from({ length: rows.rows }, (_, row) => row)
  const pays = rules.map(({ rule, text }) => (text.result ? openAmounts(rule, rows, on) : undefined))
  const amounts = pays.map((one) => one?.of(everyone))
  const evaluated =
    engines.reduce((n, { run }) => n + run.evaluated(), 0) +
    pays.reduce((n, one) => n + (one?.evaluated() ?? 0), 0)
  return { plan, engines, amounts, evaluated }
}

const holds = (given: Case): Mismatch | undefined => {
  const rule = compiled(given.rule)
  if (!rule) return undefined
  return compareRound({ ...given, rules: [{ text: given.rule, rule }] }).mismatch
}

/** The smallest failing case found by cutting away: exceptions, parts of conditions, facts, items. */
export function shrunk(first: Mismatch): Mismatch {
  const alone = holds({ ...first, subjects: [first.facts] })
  let best = alone ?? holds(first) ?? first
  for (let is_better = true; is_better; ) {
    is_better = false
    for (const smaller of smallerCases(best)) {
      const found = holds(smaller)
      if (!found) continue
      best = found
      is_better = true
      break
    }
  }
  return best
}

function* smallerCases(given: Case): Generator<Case> {
  const { rule, subjects } = given
  const half = subjects.length >> 1
  if (half > 0) {
    yield { ...given, subjects: subjects.slice(0, half) }
    yield { ...given, subjects: subjects.slice(half) }
  }
  const { result: _pays, instead: _instead, ...free } = rule
  if (rule.result || rule.instead) yield { ...given, rule: free }
  for (const at of rule.exceptions.keys()) {
    const exceptions = rule.exceptions.filter((_, other) => other !== at)
    yield { ...given, rule: { ...rule, exceptions } }
  }
  for (const when of smallerTexts(rule.when)) yield { ...given, rule: { ...rule, when } }
  if (subjects.length > 8) return
  for (const at of subjects.keys()) {
    yield { ...given, subjects: subjects.filter((_, other) => other !== at) }
    for (const facts of smallerFacts(subjects[at]!)) yield { ...given, subjects: subjects.with(at, facts) }
  }
}

function* smallerFacts(facts: Facts): Generator<Facts> {
  for (const name of Object.keys(facts)) {
    const { [name]: cell, ...rest } = facts
    yield rest
    if (cell?.state !== 'list') continue
    for (const at of cell.items.keys())
      yield { ...rest, [name]: { ...cell, items: cell.items.filter((_, other) => other !== at) } }
  }
}

/** Everything in parentheses by itself, and the text with it replaced by a truth. */
function* smallerTexts(when: string): Generator<string> {
  const open: number[] = []
  for (let at = 0; at < when.length; at++) {
    if (when[at] === '(') open.push(at)
    if (when[at] !== ')') continue
    const from = open.pop()
    if (from === undefined) continue
    const inner = when.slice(from + 1, at)
    if (inner.length + 2 < when.length) yield inner
    if (inner.includes('(') && from > 0)
      for (const truth of ['true', 'false']) yield when.slice(0, from) + truth + when.slice(at + 1)
    for (const word of [' and ', ' or ', ' then ', ' else '])
      for (const side of inner.split(word)) if (side.length + 2 < inner.length) yield side
  }
}

/** A failing case as a person reads it. */
export const told = ({ rule, subjects, facts, asOf, engine, expected, found }: Mismatch): string =>
  `${engine} says ${found} and the evaluator ${expected} (${JSON.stringify(outcome_codes)}) on ${asOf}\n` +
  `rule: ${JSON.stringify(rule)}\nfacts: ${JSON.stringify(facts)}\n` +
  `among: ${subjects.length > 8 ? `${subjects.length} subjects` : JSON.stringify(subjects)}`
