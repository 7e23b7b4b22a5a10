/**
 * The differential check of the population kernels: random rules over random subjects on random days, every cell
 * compared with the evaluator of one subject. Used by the tests and by `bench/fuzz.ts`.
 */
import fc from 'fast-check'
import { formatDay, parseDay } from '../src/rules/evaluator/calendar.ts'
import { decide } from '../src/rules/evaluator/decide.ts'
import { openFrame } from '../src/rules/evaluator/frame.ts'
import { programOf } from '../src/rules/evaluator/program.ts'
import { condition, knowledge, params } from '../src/rules/expressions.fixture.ts'
import { source, vocabulary } from '../src/rules/rules.fixture.ts'
import {
  type Arena,
  type Cell,
  compileRule,
  type Facts,
  openArena,
  openRun,
  outcome_codes,
  type Plan,
  type Population,
  planOf,
  populationOf,
  type Rule,
  runAll,
} from '../src/rules/rules.ts'

/** A rule as the check writes it, small enough to be cut down. */
export type RuleText = {
  readonly when: string
  readonly exceptions: readonly string[]
  readonly leap_birthday: 'feb28' | 'mar1'
  readonly month_end: 'down' | 'up'
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

/** Compiles; a text cut down at random may have lost its meaning, and gives undefined. */
export function compiled({ when, exceptions, leap_birthday, month_end }: RuleText): Rule | undefined {
  const made = source(when, {
    params,
    calendar: { zone: 'Asia/Tashkent', leap_birthday, month_end },
    exceptions: exceptions.map((one, at) => ({
      id: `e${at}`,
      overrides: at === 2 ? 'e0' : 'base',
      legal: { act: 'x' },
      when: one,
      outcome: at === 1 ? 'human' : 'does_not_apply',
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

/** The byte the evaluator of one subject gives. */
export function reference(rule: Rule, facts: Facts, day: number): number {
  const program = programOf(rule)
  const frame = openFrame(program.readers, facts, program.ir.variables)
  return outcome_codes[decide(program, frame, day, null).outcome]
}

export type Mismatch = Case & {
  readonly facts: Facts
  readonly engine: string
  readonly expected: number
  readonly found: number
}

/** Runs a round through both kernels; gives the number of cells compared and the first that differs. */
export function compareRound(
  { rules, subjects, asOf, kernels_on = asOf }: Round,
  arena: Arena = openArena(),
): {
  readonly cells: number
  readonly plan: Plan
  readonly population: Population
  readonly codes: readonly Uint8Array[]
  readonly mismatch?: Mismatch
} {
  arena.top = 0
  const population = populationOf(subjects, vocabulary, arena)
  const plan = planOf(
    rules.map(({ rule }) => rule),
    population,
    kernels_on,
  )
  const day = parseDay(asOf)!
  const runs = (['wasm', 'js'] as const).map((engine) => {
    const run = openRun(plan, population, engine)
    runAll(run, population)
    return { engine, outs: run.outs }
  })
  let cells = 0
  const codes = rules.map(() => new Uint8Array(subjects.length))
  for (const [at, { rule, text: written }] of rules.entries()) {
    for (const [row, facts] of subjects.entries()) {
      const expected = reference(rule, facts, day)
      codes[at]![row] = expected
      for (const { engine, outs } of runs) {
        cells++
        const found = outs[at]![row]!
        if (found !== expected)
          return {
            cells,
            plan,
            population,
            codes,
            mismatch: { rule: written, subjects, facts, asOf, kernels_on, engine, expected, found },
          }
      }
    }
  }
  return { cells, plan, population, codes }
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
