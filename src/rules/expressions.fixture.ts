/** Random conditions and random knowledge over the fixture's vocabulary, for property tests. */
import fc from 'fast-check'
import { formatDay, parseDay } from './evaluator/calendar.ts'
import { vocabulary } from './rules.fixture.ts'
import type { Cell, Facts, ListItem, RuleSource } from './rules.ts'

/** Around a leap day, so that birthdays, month ends and leap years all fall into the days looked at. */
export const asOf = '2024-01-20'
const day0 = parseDay(asOf)!

const pick = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts)
const glue = (
  parts: readonly fc.Arbitrary<string>[],
  by: (...parts: string[]) => string,
): fc.Arbitrary<string> => fc.tuple(...parts).map((made) => by(...made))

const compareOp = pick('=', '!=', '<', '<=', '>', '>=')
const small = fc.integer({ min: 0, max: 4 }).map(String)
const term = pick('@"P1M"', '@"P60D"', '@"P1Y"', '@"P13M"', 'params.term')

/** A day near the one looked at, often a doubtful one. */
export const nearDay: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: day0 - 1400, max: day0 + 300 }).map((day) => formatDay(day)!),
  // Some years before a day that is soon to come: an age about to be reached, a period about to end.
  fc
    .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 150 }))
    .map(([years, days]) => formatDay(day0 + days - years * 365)!),
  pick('2020-02-29', '2021-02-28', '2021-03-01', '2023-01-31', '2023-12-31', '2024-02-29', '2022-10-31'),
)

/** Conditions over one child's fields; `of` is the item's prefix (`c.`), empty inside a filter. */
export const itemCondition = (of: string): fc.Arbitrary<string> =>
  fc.oneof(
    glue([compareOp, small], (op, n) => `age(${of}birth_date) ${op} ${n}`),
    glue([compareOp, term], (op, d) => `${of}birth_date + ${d} ${op} today()`),
    glue([pick('=', '!=')], (op) => `${of}in_state_care ${op} true`),
    glue([compareOp, small], (op, n) => `${of}birth_order ${op} ${n}`),
    pick(`absent(${of}birth_order)`, `present(${of}in_state_care)`, `not(${of}in_state_care)`),
    glue([nearDay], (day) => `(${of}birth_date in [@"${day}"..today()])`),
  )

const childList = fc.oneof(
  pick('children'),
  itemCondition('').map((p) => `children[${p}]`),
)
const paymentList = pick(
  'payments',
  'payments[benefit = "monthly"]',
  'payments[paid_on + @"P6M" > today()]',
  'payments[amount > rent]',
)
const numeric = fc.oneof(
  childList.map((list) => `count(${list})`),
  pick(
    'score',
    'size',
    'max(children.birth_order)',
    'min(children.birth_order)',
    'share * 2',
    'score + size',
    '0.5 * score - share',
    'size * count(children)',
    'round half up(0.3 * score, 0)',
    'floor(share)',
    'decimal(score / size, 1)',
    'decimal(count(children) / size, 0)',
    'abs(score)',
    'min(score, size)',
    'max(score, 2, count(children))',
    'modulo(score, size)',
    'string length(name)',
    'birth_date.year - 2020',
    'day of year(card_expiry)',
    'count working days(birth_date, card_expiry)',
  ),
)
const money = fc.oneof(
  pick(
    'income',
    'rent',
    'params.limit',
    '0.3 * income',
    'sum(payments.amount)',
    'rent + income',
    'max(payments.balance)',
    'decimal(0.3 * income, 2)',
    'round up(income / size, 0)',
    'max(rent, income)',
    'min(rent, 0)',
    '(if is_registered then rent else income)',
  ),
  paymentList.map((list) => `sum(${list}.${list.length % 2 ? 'amount' : 'balance'})`),
)
const owed = money.filter((text) => text !== 'params.limit')
const dates = pick(
  'birth_date',
  'card_expiry',
  'card_expiry - @"P1M"',
  'max(payments.paid_on)',
  'min(children.birth_date) + @"P2Y"',
  'add working days(card_expiry, size)',
  'next working day(birth_date)',
  'previous working day(max(payments.paid_on))',
  'card_expiry + term',
)

const leaf: fc.Arbitrary<string> = fc.oneof(
  glue([compareOp, small], (op, n) => `age(birth_date) ${op} ${n}`),
  glue(
    [
      dates,
      compareOp,
      fc.oneof(
        pick('today()', 'today() + @"P60D"', 'today() - @"P1M"'),
        nearDay.map((day) => `@"${day}"`),
      ),
    ],
    (d, op, t) => `${d} ${op} ${t}`,
  ),
  glue([compareOp], (op) => `today() - card_expiry ${op} @"P30D"`),
  glue([numeric, compareOp, fc.oneof(small, numeric)], (a, op, b) => `${a} ${op} ${b}`),
  glue([owed, compareOp, money], (a, op, b) => `${a} ${op} ${b}`),
  glue([compareOp], (op) => `income / size ${op} params.limit`),
  glue([numeric, small, small], (a, lo, hi) => `${a} between ${lo} and ${hi}`),
  glue([numeric, small, small], (a, lo, hi) => `(${a} in (${lo}, > ${hi}))`),
  glue([dates, nearDay], (d, day) => `(${d} in (@"${day}"..today()])`),
  pick(
    'status = "married"',
    'status != "single"',
    'status in ("single", "widowed")',
    'is_working',
    'is_registered',
    'is_working = false',
  ),
  pick(
    'absent(card_expiry)',
    'present(score)',
    'absent(children)',
    'present(payments)',
    'name != "A"',
    'guardian = guardian',
    'is working day(birth_date)',
    'starts with(name, "A")',
    'even(score)',
    'day of week(birth_date) = "Monday"',
    'years and months duration(birth_date, today()) >= @"P2Y"',
    'today().year > birth_date.year + 2',
    'count working days(birth_date, today()) > 250',
    'next working day(today()) > card_expiry',
    '(score > 1 or score <= 1 or absent(score))',
    '(score > 3 and score < 2)',
  ),
  glue([childList, itemCondition('c.')], (list, p) => `(some c in ${list} satisfies ${p})`),
  glue(
    [childList, itemCondition('c.'), itemCondition('c.')],
    (list, p, q) => `(every c in ${list} satisfies ${p} or ${q})`,
  ),
  pick(
    'count(children[birth_date <= card_expiry]) >= 1',
    '(some c in children satisfies count(children[birth_date < c.birth_date]) >= 1)',
  ),
)

/** Conditions that mostly hang on the day alone. */
export const timedCondition: fc.Arbitrary<string> = fc.oneof(
  glue([compareOp, small], (op, n) => `age(birth_date) ${op} ${n}`),
  glue([dates, compareOp, pick('today()', 'today() + params.term')], (d, op, t) => `${d} ${op} ${t}`),
  glue([childList, itemCondition('c.')], (items, p) => `(some c in ${items} satisfies ${p})`),
  glue([itemCondition(''), compareOp, small], (p, op, n) => `count(children[${p}]) ${op} ${n}`),
)

/** Any condition of the language but `unknown(x)`, which more knowledge is meant to turn. */
export const condition: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'condition' },
    leaf,
    glue([tie('node'), tie('node')], (a, b) => `(${a} and ${b})`),
    glue([tie('node'), tie('node')], (a, b) => `(${a} or ${b})`),
    tie('node').map((a) => `not(${a})`),
    glue([tie('node'), tie('node'), tie('node')], (a, b, c) => `(if ${a} then ${b} else ${c})`),
  ),
})).node

export const params: RuleSource['params'] = {
  limit: {
    type: { kind: 'money' },
    values: [
      { from: '2019-01-01', value: 20, status: 'working', confidence: 'V3' },
      { from: '2024-03-01', value: '25.50', status: 'working', confidence: 'V3' },
    ],
  },
  term: {
    type: { kind: 'duration' },
    values: [
      { from: '2019-01-01', value: 'P60D', status: 'working', confidence: 'V3' },
      { from: '2024-06-01', value: 'P90D', status: 'working', confidence: 'V3' },
    ],
  },
}

type Told = Pick<ListItem, 'facts'> & Partial<Pick<ListItem, 'observed_on' | 'valid_from' | 'valid_to'>>

export const sometimes = fc.oneof(
  { weight: 1, arbitrary: nearDay },
  { weight: 3, arbitrary: fc.constant(undefined) },
)

/** A period and an observation day; mostly none, so that most facts simply hold. */
const told: fc.Arbitrary<Told> = fc
  .record({
    facts: fc.integer({ min: 1, max: 99 }).map((n) => [`f${n}`]),
    observed_on: sometimes,
    valid_from: sometimes,
    valid_to: sometimes,
  })
  .map(
    (all) =>
      Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as unknown as Told,
  )

const untold: fc.Arbitrary<Told> = fc.constant({ facts: [] })

const amount = fc.integer({ min: 0, max: 6000 })
const values: { readonly [predicate: string]: fc.Arbitrary<string | number | boolean> } = {
  birth_date: nearDay,
  card_expiry: nearDay,
  is_registered: fc.boolean(),
  is_working: fc.boolean(),
  income: amount,
  rent: fc.integer({ min: -3000, max: 6000 }),
  size: fc.integer({ min: 1, max: 4 }),
  score: fc.integer({ min: -2, max: 5 }),
  share: fc.integer({ min: -200, max: 200 }).map((n) => (n / 100).toFixed(2)),
  name: pick('A', 'B'),
  term: pick('P1D', 'P60D', 'P90D'),
  status: pick('single', 'married', 'widowed'),
  guardian: pick('g1', 'g2'),
}
const fields: {
  readonly [list: string]: { readonly [field: string]: fc.Arbitrary<string | number | boolean> }
} = {
  children: { birth_date: nearDay, in_state_care: fc.boolean(), birth_order: fc.integer({ min: 1, max: 4 }) },
  payments: {
    amount,
    balance: fc.integer({ min: -3000, max: 3000 }),
    paid_on: nearDay,
    benefit: pick('lump-sum', 'monthly'),
  },
}

const itemOf = (list: string, missing: boolean, periods: boolean): fc.Arbitrary<Omit<ListItem, 'item'>> => {
  const made = Object.fromEntries(
    Object.entries(fields[list]!).map(([field, value]) => [
      field,
      fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) }),
    ]),
  )
  return fc
    .tuple(fc.record(made, missing ? { requiredKeys: [] } : {}), periods ? told : untold)
    .map(([value, rest]) => ({ ...rest, value: value as ListItem['value'] }))
}

const listOf = (list: string, missing: boolean, periods: boolean): fc.Arbitrary<ListItem[]> =>
  fc
    .array(itemOf(list, missing, periods), { maxLength: 3 })
    .map((all) => all.map((item, at) => ({ ...item, item: `i${at}` })))

/** What is known of one subject, `sure` to 3: some facts known, some absent, some unknown, some lists incomplete. */
export const knowledge = (periods: boolean, sure = 4): fc.Arbitrary<Facts> => {
  const cells: { [predicate: string]: fc.Arbitrary<Cell> } = {}
  const others: fc.Arbitrary<Cell>[] = [
    fc.constant({ state: 'absent', facts: [] }),
    fc.constant({ state: 'unknown', reason: 'source-down', facts: [] }),
    fc.constant({ state: 'unknown', reason: 'never-collected', facts: [] }),
  ]
  for (const [name, value] of Object.entries(values)) {
    const known = fc
      .tuple(value, periods ? told : untold)
      .map(([v, rest]): Cell => ({ state: 'known', value: v, ...rest }))
    cells[name] = fc.oneof(
      { weight: sure, arbitrary: known },
      ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
    )
  }
  for (const name of Object.keys(fields)) {
    const list = fc
      .tuple(listOf(name, true, periods), fc.boolean())
      .map(([items, complete]): Cell => ({ state: 'list', items, complete }))
    cells[name] = fc.oneof(
      { weight: sure + 1, arbitrary: list },
      ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
    )
  }
  return fc.record(cells)
}

/** The same subject with what was unknown now told: values, absences, missing fields, further items. */
export function completions(given: Facts, only?: readonly string[]): fc.Arbitrary<Facts> {
  const cells: { [predicate: string]: fc.Arbitrary<Cell> } = {}
  for (const [name, cell] of Object.entries(given)) {
    cells[name] = only && !only.includes(name) ? fc.constant(cell) : completed(name, cell)
  }
  return fc.record(cells)
}

function completed(name: string, cell: Cell): fc.Arbitrary<Cell> {
  const is_list = vocabulary[name]!.type.kind === 'list'
  const absent: fc.Arbitrary<Cell> = fc.constant({ state: 'absent', facts: [] })
  if (cell.state === 'unknown' && !is_list) {
    return fc.oneof(
      values[name]!.map((value): Cell => ({ state: 'known', value, facts: [] })),
      absent,
    )
  }
  if (cell.state !== 'list' && cell.state !== 'unknown') return fc.constant(cell)
  const before = cell.state === 'list' ? cell : { items: [], complete: false }
  const told_items = before.items.map((item) =>
    itemOf(name, false, false).map((full) => ({ ...item, value: { ...full.value, ...item.value } })),
  )
  const further = before.complete ? fc.constant([]) : listOf(name, false, false)
  return fc.tuple(fc.tuple(...told_items), further).map(
    ([items, more]): Cell => ({
      state: 'list',
      complete: true,
      items: [...items, ...more.map((item, at) => ({ ...item, item: `m${at}` }))],
    }),
  )
}
