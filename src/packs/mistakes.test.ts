import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeMistakes, loadPack, type PackMistake } from './packs.ts'
import { changedDemo, demoFolder } from './planted.fixture.ts'

/** A planted mistake: what is replaced by what in which file, and what the checker must say of it. */
type Planted = {
  readonly name: string
  readonly file: string
  readonly find: string
  readonly put: string
  /** Text whose (first) line the mistake is at; default: the first line of `put`. */
  readonly line?: string
  /** The file the mistake is told in, when it shows elsewhere. */
  readonly told_in?: string
  readonly field: string
  readonly message: RegExp
  readonly found?: string
}

const rule = 'rules/grant.yaml'
const route = 'routes/birth.yaml'
const birth = 'events/birth.yaml'

const amount = '  amount: count(children[age(birth_date) < 3]) * params.per_child'
/** The amount of the grant as a table of these rows. */
const table = (...rows: string[]): string =>
  [
    '  amount:',
    '    hit: unique',
    '    inputs: ["count(children[age(birth_date) < 3])"]',
    '    rows:',
    ...rows.map((row) => `      - ${row}`),
  ].join('\n')

const yaml: Planted[] = [
  {
    name: 'a YAML error',
    file: 'agencies.yaml',
    find: 'agencies:',
    put: 'agencies: }',
    field: '',
    message: /^YAML: /,
  },
  {
    name: 'a key twice',
    file: 'pack.yaml',
    find: 'zone: Etc/UTC',
    put: 'zone: Etc/UTC\nversion: 1.0.0',
    line: 'zone: Etc/UTC\nversion',
    field: '',
    message: /unique/,
  },
  {
    name: 'an alias',
    file: 'pack.yaml',
    find: 'id: demo',
    put: 'id: &id demo',
    field: 'id',
    message: /anchors/,
  },
  { name: 'a tag', file: 'pack.yaml', find: 'id: demo', put: 'id: !!str demo', field: 'id', message: /tags/ },
  {
    name: 'a name that means something to JavaScript',
    file: 'agencies.yaml',
    find: '  clinic:',
    put: '  __proto__: {}\n  clinic:',
    field: 'agencies.__proto__',
    message: /cannot be a name/,
  },
  {
    name: 'a character nobody sees',
    file: 'words/en.yaml',
    find: 'Town hall',
    put: 'Town\u202e hall',
    field: '["agency.town-hall"]',
    message: /people cannot see/,
  },
  {
    name: 'half a surrogate pair',
    file: 'words/en.yaml',
    find: 'agency.town-hall: Town hall',
    put: 'agency.town-hall: "\\uD800"',
    field: '["agency.town-hall"]',
    message: /surrogate/,
  },
  {
    name: 'two documents',
    file: 'pack.yaml',
    find: 'imaginary: true',
    put: 'imaginary: true\n---\nid: two',
    line: '---',
    field: '',
    message: /multiple documents/,
  },
]

const shape: Planted[] = [
  {
    name: 'an unknown key',
    file: 'pack.yaml',
    find: 'imaginary: true',
    put: 'imaginary: true\ncolour: red',
    line: 'colour: red',
    field: 'colour',
    message: /is not known here/,
  },
  {
    name: 'a hearing without time to answer in',
    file: 'pack.yaml',
    find: 'days: 3',
    put: 'days: 0',
    field: 'hearing.days',
    message: /./,
  },
  {
    name: 'a term to answer in that is published without being sure',
    file: 'pack.yaml',
    find: 'days: 3, status: published, confidence: fiction',
    put: 'days: 3, status: published, confidence: BG',
    field: 'hearing.confidence',
    message: /too unsure/,
    found: '"BG"',
  },
  {
    name: 'a missing key',
    file: 'pack.yaml',
    find: 'zone: Etc/UTC\n',
    put: '',
    line: 'id: demo',
    field: 'zone',
    message: /is missing/,
    found: 'nothing',
  },
  {
    name: 'a wrong type',
    file: rule,
    find: 'version: 1',
    put: 'version: one',
    field: 'version',
    message: /wrong type/,
    found: '"one"',
  },
  {
    name: 'a day that does not exist',
    file: rule,
    find: 'published_at: 2019-12-01',
    put: 'published_at: 2019-02-30',
    field: 'published_at',
    message: /wrong form/,
    found: '"2019-02-30"',
  },
  {
    name: 'an unknown language',
    file: 'pack.yaml',
    find: 'locales: [en, uz-Latn]',
    put: 'locales: [en, xx]',
    field: 'locales[1]',
    message: /not one of the values/,
    found: '"xx"',
  },
  {
    name: 'an unknown zone',
    file: 'pack.yaml',
    find: 'zone: Etc/UTC',
    put: 'zone: Etc/Nowhere',
    field: 'zone',
    message: /no time zone/,
  },
  {
    name: 'an unknown type of predicate',
    file: 'vocabulary.yaml',
    find: 'type: { kind: money, min: 0 }',
    put: 'type: { kind: mony, min: 0 }',
    field: 'predicates.income.type.kind',
    message: /cannot stand here/,
    found: '"mony"',
  },
  {
    name: 'a bare unknown type',
    file: 'vocabulary.yaml',
    find: 'birth_date:\n    { subject: person, type: date',
    put: 'birth_date:\n    { subject: person, type: daet',
    line: 'type: daet',
    field: 'predicates.birth_date.type',
    message: /cannot stand here/,
    found: '"daet"',
  },
  {
    name: 'a rule without a citation',
    file: rule,
    find: 'legal:\n  - { act: DEMO-2, clause: "3", confidence: fiction }',
    put: 'legal: []',
    field: 'legal',
    message: /too small/,
  },
  {
    name: 'a citation without an act',
    file: rule,
    find: '- { act: DEMO-2, clause: "3", confidence: fiction }',
    put: '- { clause: "3" }',
    field: 'legal[0].act',
    message: /is missing/,
  },
  {
    name: 'a purpose without its law',
    file: 'purposes.yaml',
    find: '    legal_basis: public_task\n    legal: { act: DEMO-2, confidence: fiction }\n',
    put: '    legal_basis: public_task\n',
    line: '  demo.purpose.grant-decision:',
    field: 'purposes["demo.purpose.grant-decision"].legal',
    message: /is missing/,
  },
  {
    name: 'a name with capitals',
    file: 'agencies.yaml',
    find: '  clinic:',
    put: '  Clinic:',
    field: 'agencies.Clinic',
    message: /no name that can stand here/,
    found: '"Clinic"',
  },
  {
    name: 'an unknown tag of confidence',
    file: 'agencies.yaml',
    find: '[clinic.attach, clinic.detach], confidence: fiction',
    put: '[clinic.attach, clinic.detach], confidence: sure',
    line: 'confidence: sure',
    field: 'agencies.clinic.confidence',
    message: /wrong form/,
    found: '"sure"',
  },
  {
    name: 'a plain-http address of a law',
    file: rule,
    find: 'clause: "3", confidence: fiction',
    put: 'clause: "3", url: "http://x.example/a"',
    line: 'url: "http',
    field: 'legal[0].url',
    message: /wrong form|Invalid/,
  },
]

const names: Planted[] = [
  {
    name: 'a field read from a predicate of another type',
    file: 'vocabulary.yaml',
    find: 'related: { in_care: in_care }',
    put: 'related: { in_care: address }',
    field: 'predicates.children.related.in_care',
    message: /another type/,
  },
  {
    name: 'a field read from a predicate that does not exist',
    file: 'vocabulary.yaml',
    find: 'related: { in_care: in_care }',
    put: 'related: { in_care: in_caer }',
    field: 'predicates.children.related.in_care',
    message: /does not exist/,
  },
  {
    name: 'related fields without a way back',
    file: 'vocabulary.yaml',
    find: '    inverse: parents\n',
    put: '',
    line: '    related: { in_care: in_care }',
    field: 'predicates.children.related',
    message: /way back/,
  },
  {
    name: 'a way back that is no relation',
    file: 'vocabulary.yaml',
    find: 'inverse: parents',
    put: 'inverse: address',
    field: 'predicates.children.inverse',
    message: /is no relation/,
  },
  {
    name: 'an unknown agency of a purpose',
    file: 'purposes.yaml',
    find: 'agency: clinic',
    put: 'agency: hospital',
    field: 'purposes["demo.purpose.clinic"].agency',
    message: /names an agency that does not exist/,
    found: '"hospital"',
  },
  {
    name: 'an unknown source of a predicate',
    file: 'vocabulary.yaml',
    find: 'source: clinic',
    put: 'source: hospital',
    field: 'predicates.in_care.source',
    message: /names an agency/,
    line: 'source: hospital',
  },
  {
    name: 'an unknown predicate of a purpose',
    file: 'purposes.yaml',
    find: 'predicates: [children, in_care, income, household_size]\n    retention',
    put: 'predicates: [children, in_care, incme, household_size]\n    retention',
    line: 'incme',
    field: 'purposes["demo.purpose.engine"].predicates[2]',
    message: /names a predicate/,
    found: '"incme"',
  },
  {
    name: 'everything and something in one purpose',
    file: 'purposes.yaml',
    find: 'predicates: ["*"]',
    put: 'predicates: ["*", income]',
    field: 'purposes["demo.purpose.own-memory"].predicates[0]',
    message: /stands alone/,
  },
  {
    name: 'an agency that reports an unknown event',
    file: 'agencies.yaml',
    find: 'reports: [demo.income]',
    put: 'reports: [demo.income, demo.rain]',
    field: 'agencies.treasury.reports[1]',
    message: /names an event type/,
    line: 'demo.rain',
  },
  {
    name: 'an event that no agency reports',
    file: 'agencies.yaml',
    find: 'reports: [demo.income]',
    put: 'reports: []',
    told_in: 'events/income.yaml',
    line: 'type: demo.income',
    field: 'type',
    message: /reported by no agency/,
  },
  {
    name: 'an open predicate that nobody can be asked',
    file: 'vocabulary.yaml',
    find: '    ask: predicate.income.ask\n',
    put: '',
    line: '  income:',
    field: 'predicates.income',
    message: /has no ask/,
  },
  {
    name: 'a list with one value',
    file: 'vocabulary.yaml',
    find: '    type: { kind: list, fields: { role: { kind: code, values: [mother, father] } } }\n    cardinality: many',
    put: '    type: { kind: list, fields: { role: { kind: code, values: [mother, father] } } }\n    cardinality: one',
    field: 'predicates.parents.type',
    message: /many items are a list/,
  },
  {
    name: 'fiction in a country that exists',
    file: 'pack.yaml',
    find: 'imaginary: true',
    put: 'imaginary: false',
    told_in: 'agencies.yaml',
    line: 'confidence: fiction',
    field: 'agencies.town-hall.confidence',
    message: /imaginary countries/,
  },
  {
    name: 'a rule taken twice',
    file: 'rules/second.yaml',
    find: '',
    put: 'id: demo.grant',
    field: 'id',
    message: /is taken/,
  },
  {
    name: 'a holiday twice',
    file: 'calendar.yaml',
    find: '  - { date: 2026-12-25',
    put: '  - { date: 2026-01-01',
    line: '- { date: 2026-01-01, source: made up, confidence: fiction }\n  - { date: 2026-01-01',
    field: 'holidays[1].date',
    message: /listed twice/,
  },
]

const events: Planted[] = [
  {
    name: 'a fact from a field that is not declared',
    file: birth,
    find: 'value: $child.birth_date, from: $child.birth_date',
    put: 'value: $child.born, from: $child.birth_date',
    line: '$child.born',
    field: 'facts[1].value',
    message: /does not declare/,
    found: '"$child.born"',
  },
  {
    name: 'a fact of another type than the predicate',
    file: birth,
    find: 'predicate: full_name, value: $child.full_name',
    put: 'predicate: full_name, value: $child.birth_order',
    line: 'value: $child.birth_order,',
    field: 'facts[0].value',
    message: /another type/,
    found: 'integer',
  },
  {
    name: 'a code that the predicate does not have',
    file: birth,
    find: 'item: mother, value: { role: mother }',
    put: 'item: mother, value: { role: aunt }',
    line: 'role: aunt',
    field: 'facts[2].value.role',
    message: /another type/,
    found: '"aunt"',
  },
  {
    name: 'a field of an item that the predicate does not have',
    file: birth,
    find: 'item: mother, value: { role: mother }',
    put: 'item: mother, value: { part: mother }',
    line: 'part: mother',
    field: 'facts[2].value.part',
    message: /no field of this predicate/,
  },
  {
    name: 'an identifier that would leak into facts',
    file: birth,
    find: 'value: $child.full_name',
    put: 'value: $child.pinfl',
    line: 'value: $child.pinfl',
    field: 'facts[0].value',
    message: /another type/,
    found: 'identifier',
  },
  {
    name: 'an unknown predicate',
    file: 'events/move.yaml',
    find: 'predicate: address',
    put: 'predicate: adress',
    line: 'adress',
    field: 'facts[0].predicate',
    message: /names a predicate/,
  },
  {
    name: 'a fact of nobody',
    file: 'events/move.yaml',
    find: 'of: person',
    put: 'of: stranger',
    line: 'of: stranger',
    field: 'facts[0].of',
    message: /no participant/,
  },
  {
    name: 'an item where there is one value',
    file: 'events/move.yaml',
    find: 'predicate: address,',
    put: 'predicate: address, item: person,',
    line: 'item: person',
    field: 'facts[0].item',
    message: /one value, not items/,
  },
  {
    name: 'many without an item',
    file: birth,
    find: 'predicate: parents, item: mother, ',
    put: 'predicate: parents, ',
    line: 'predicate: parents, value',
    field: 'facts[2]',
    message: /needs item/,
  },
  {
    name: 'neither value nor absent',
    file: 'events/move.yaml',
    find: ', value: $address',
    put: '',
    line: 'predicate: address',
    field: 'facts[0]',
    message: /either a value or absent/,
  },
  {
    name: 'a period that begins with a text',
    file: 'events/move.yaml',
    find: 'from: $since',
    put: 'from: $address',
    line: 'from: $address',
    field: 'facts[0].from',
    message: /no date/,
    found: 'string',
  },
  {
    name: 'a participant without identifier',
    file: 'events/move.yaml',
    find: 'identifier: person.pinfl',
    put: 'identifier: address',
    line: 'identifier: address',
    field: 'participants[0].identifier',
    message: /no identifier/,
  },
  {
    name: 'a participant of the wrong kind',
    file: 'events/move.yaml',
    find: 'subject: person',
    put: 'subject: organisation',
    line: 'subject: organisation',
    field: 'participants[0].subject',
    message: /does not fit a pinfl/,
  },
  {
    name: 'a participant who may be missing but must not',
    file: birth,
    find: 'identifier: father.pinfl, subject: person, optional: true',
    put: 'identifier: father.pinfl, subject: person',
    line: 'role: father, identifier',
    field: 'participants[2].identifier',
    message: /may be missing/,
  },
  {
    name: 'a pattern that is none',
    file: 'events/move.yaml',
    find: 'max: 300',
    put: 'max: 300, pattern: "("',
    line: 'pattern',
    field: 'data.address.pattern',
    message: /no regular expression/,
  },
  {
    name: 'a pattern that can take for ever',
    file: 'events/move.yaml',
    find: 'max: 300',
    put: 'max: 300, pattern: "^(a+)+$"',
    line: 'pattern',
    field: 'data.address.pattern',
    message: /take for ever/,
  },
  {
    name: 'an extract with a column for nothing',
    file: 'extracts/income.yaml',
    find: 'until: until',
    put: 'until: until, colour: c',
    line: 'colour',
    field: 'columns.colour',
    message: /no field of the event/,
  },
  {
    name: 'an extract that leaves out what every event carries',
    file: 'extracts/income.yaml',
    find: ', until: until',
    put: '',
    line: 'columns',
    field: 'columns',
    message: /no column for until/,
  },
]

const rules: Planted[] = [
  {
    name: 'a table with a gap',
    file: rule,
    find: amount,
    put: table('{ when: [0], output: 0 * params.per_child }', '{ when: ["> 2"], output: params.per_child }'),
    field: 'result.amount',
    message: /no row matches where count\(children\[age\(birth_date\) < 3\]\) is 1 to 2/,
  },
  {
    name: 'a table whose rows overlap',
    file: rule,
    find: amount,
    put: table(
      '{ when: ["<= 2"], output: params.per_child }',
      '{ when: [">= 2"], output: 2 * params.per_child }',
    ),
    line: 'when: [">= 2"]',
    field: 'result.amount.rows[1]',
    message: /overlaps row 1 where .* is 2/,
  },
  {
    name: 'a row nothing matches',
    file: rule,
    find: amount,
    put: table('{ when: ["-1"], output: params.per_child }', '{ when: [">= 0"], output: params.per_child }'),
    line: 'when: ["-1"]',
    field: 'result.amount.rows[0]',
    message: /nothing ever matches this row/,
  },
  {
    name: 'a misspelt name in a row',
    file: rule,
    find: amount,
    put: table('{ when: ["-"], output: params.per_chid }'),
    line: 'params.per_chid',
    field: 'result.amount.rows[0].output',
    message: /did you mean per_child/,
  },
  {
    name: 'a cell that is no test',
    file: rule,
    find: amount,
    put: table('{ when: ["< "], output: params.per_child }'),
    line: 'when: ["< "]',
    field: 'result.amount.rows[0].when[0]',
    message: /ends too early/,
  },
  {
    name: 'a row with too many tests',
    file: rule,
    find: amount,
    put: table('{ when: ["-", 2], output: params.per_child }'),
    line: 'when: ["-", 2]',
    field: 'result.amount.rows[0].when',
    message: /one test for each input/,
  },
  {
    name: 'a table without rows',
    file: rule,
    find: amount,
    put: '  amount: { hit: first, inputs: [income] }',
    field: 'result.amount',
    message: /has its rows in one place/,
  },
  {
    name: 'a table that is in no file',
    file: rule,
    find: amount,
    put: '  amount: { table: amounts.yaml#grant, hit: first, inputs: [income] }',
    field: 'result.amount.table',
    message: /./,
  },
  {
    name: 'an unknown hit policy',
    file: rule,
    find: amount,
    put: '  amount: { table: amounts.yaml#grant, hit: any, inputs: [income] }',
    field: 'result.amount.hit',
    message: /is not one of the values/,
  },
  {
    name: 'a rounding nobody knows',
    file: rule,
    find: amount,
    put: `${amount}\n  round: nearest`,
    line: 'round: nearest',
    field: 'result.round',
    message: /has the wrong form/,
  },
  {
    name: 'an amount that could have fractions',
    file: rule,
    find: amount,
    put: '  amount: 0.333 * income',
    field: 'result.amount',
    message: /round it, as the act says/,
  },
  {
    name: 'a deadline that moves without a calendar',
    file: 'rules/family-birth.yaml',
    find: 'month_end: down }',
    put: 'month_end: down, due_moves: next }',
    line: '  due:',
    field: 'result.due',
    message: /the rule has no calendar/,
  },
  {
    name: 'exceptions that could meet',
    file: rule,
    find: 'when: in_care = true, outcome: human }',
    put: 'when: in_care = true, outcome: human }\n  - { id: large, overrides: base, legal: { act: DEMO-2, confidence: fiction }, when: income > params.per_child, outcome: does_not_apply }',
    line: '- { id: large',
    field: 'exceptions[1].id',
    message: /large and in-care may apply together, and neither overrides the other/,
  },
  {
    name: 'a result of an exception that gives nothing',
    file: rule,
    find: 'outcome: human }',
    put: 'outcome: human, result: { amount: params.per_child } }',
    field: 'exceptions[0].result',
    message: /nothing is given where the outcome is human/,
  },
  {
    name: 'a misspelt name in a condition',
    file: rule,
    find: 'and income / household_size <',
    put: 'and incme / household_size <',
    line: 'incme /',
    field: 'when',
    message: /no name incme; did you mean income/,
    found: 'incme',
  },
  {
    name: 'a construct outside the language',
    file: rule,
    find: 'satisfies age(c.birth_date) < 3)',
    put: 'satisfies sqrt(4) < 3)',
    line: 'sqrt',
    field: 'when',
    message: /sqrt/,
  },
  {
    name: 'a date compared with a number',
    file: rule,
    find: 'age(c.birth_date) < 3)',
    put: 'c.birth_date < 3)',
    line: 'c.birth_date < 3',
    field: 'when',
    message: /cannot compare/,
  },
  {
    name: 'a mistake in an amount',
    file: rule,
    find: '* params.per_child',
    put: '* params.per_chid',
    line: 'per_chid',
    field: 'result.amount',
    message: /no parameter per_chid/,
  },
  {
    name: 'a mistake in an exception',
    file: rule,
    find: 'when: in_care = true',
    put: 'when: in_care = 3',
    line: 'in_care = 3',
    field: 'exceptions[0].when',
    message: /cannot compare/,
  },
  {
    name: 'an exception that overrides nothing',
    file: rule,
    find: 'overrides: base',
    put: 'overrides: bass',
    line: 'bass',
    field: 'exceptions[0].id',
    message: /no exception bass/,
  },
  {
    name: 'a fact that is listed but not read',
    file: 'rules/family-birth.yaml',
    find: 'facts: [children]',
    put: 'facts: [children, income]',
    line: 'facts: [children, income]',
    field: 'facts',
    message: /listed in facts but not read/,
  },
  {
    name: 'a change that may never be advised, not named as such',
    file: rule,
    find: 'no_suggest: [income, household_size, in_care]',
    put: 'no_suggest: [income, in_care]',
    line: 'facts: [children, income',
    field: 'facts[2]',
    message: /may never be advised/,
  },
  {
    name: 'advice ruled out for what the rule does not read',
    file: rule,
    find: 'no_suggest: [income, household_size, in_care]',
    put: 'no_suggest: [income, household_size, in_care, address]',
    field: 'advice.no_suggest[3]',
    message: /does not read it/,
    found: '"address"',
  },
  {
    name: 'advice ruled out for what no vocabulary knows',
    file: rule,
    find: 'no_suggest: [income, household_size, in_care]',
    put: 'no_suggest: [income, household_size, in_care, incme]',
    field: 'advice.no_suggest[3]',
    message: /incme|predicate/,
  },
  {
    name: 'a condition without words',
    file: rule,
    find: ', in_care: rule.grant.why.in_care',
    put: '',
    line: 'why:',
    field: 'text.why',
    message: /no key for in_care/,
  },
  {
    name: 'a sentence about a condition that is not there',
    file: rule,
    find: 'says: { in_care = true:',
    put: 'says: { in_care = false:',
    line: 'says:',
    field: 'text.says',
    message: /speaks of in_care = false, which is no condition/,
  },
  {
    name: 'versions that overlap',
    file: rule,
    find: 'from: 2027-01-01',
    put: 'from: 2020-01-01',
    line: 'value: "612.50"',
    field: 'params.income_per_head.values[1].from',
    message: /overlaps/,
  },
  {
    name: 'days without a value',
    file: rule,
    find: '- { from: 2020-01-01, value: 100,',
    put: '- { from: 2021-01-01, value: 100,',
    line: 'from: 2021-01-01',
    field: 'params.per_child.values[0].from',
    message: /begins after the rule/,
  },
  {
    name: 'more digits than the currency has',
    file: rule,
    find: 'value: "612.50"',
    put: 'value: "612.505"',
    line: 'income_per_head:',
    field: 'params.income_per_head',
    message: /./,
  },
  {
    name: 'another zone than the pack',
    file: rule,
    find: 'zone: Etc/UTC',
    put: 'zone: Asia/Tashkent',
    field: 'calendar.zone',
    message: /differs from the zone/,
    line: 'Asia/Tashkent',
  },
  {
    name: 'something published on one source',
    file: rule,
    find: 'status: published\nconfidence: fiction',
    put: 'status: published\nconfidence: V1',
    line: 'confidence: V1',
    field: 'confidence',
    message: /too unsure/,
    found: '"V1"',
  },
  {
    name: 'a published rule on an unpublished value',
    file: rule,
    find: 'value: 100, status: published',
    put: 'value: 100, status: working',
    line: 'value: 100',
    field: 'params.per_child.values[0].status',
    message: /not published/,
  },
  {
    name: 'fewer than three examples',
    file: 'rules/family-birth.yaml',
    find: 'tests:',
    put: 'tests: []\nold:',
    field: 'tests',
    message: /too small/,
  },
  {
    name: 'no example of one who gets it',
    file: rule,
    find: 'outcome: applies,',
    put: 'outcome: human,',
    line: 'tests:',
    field: 'tests',
    message: /one who gets it/,
  },
  {
    name: 'an example with a fact the rule does not read',
    file: rule,
    find: 'income: 1200, household_size: 3 }\n    expect: { outcome: applies',
    put: 'wealth: 1, income: 1200, household_size: 3 }\n    expect: { outcome: applies',
    line: 'wealth',
    field: 'tests[0].facts.wealth',
    message: /not a fact this rule reads/,
  },
  {
    name: 'an example of the wrong type',
    file: rule,
    find: 'income: 9000',
    put: 'income: [9]',
    line: 'income: [9]',
    field: 'tests[1].facts.income[0]',
    message: /wrong type|cannot stand/,
  },
  {
    name: 'an example with a date that is none',
    file: rule,
    find: 'birth_date: 2023-11-24',
    put: 'birth_date: 2023-11-31',
    line: '2023-11-31',
    field: 'tests[3].facts.children[0].birth_date',
    message: /does not fit the type/,
  },
  {
    name: 'an example with fractions of a cent',
    file: rule,
    find: 'amount: 100 }',
    put: 'amount: 100.005 }',
    line: '100.005',
    field: 'tests[0].expect.amount',
    message: /no amount of the currency/,
  },
  {
    name: 'an example about an item that is not there',
    file: 'rules/family-birth.yaml',
    find: 'asOf: 2026-12-11',
    put: 'asOf: 2026-12-11\n    item: nobody',
    line: 'item: nobody',
    field: 'tests[3].item',
    message: /names no item/,
  },
]

const routes: Planted[] = [
  {
    name: 'steps in a circle',
    file: route,
    find: 'after: []',
    put: 'after: [clinic]',
    line: 'after: [clinic]',
    field: 'steps[0].after',
    message: /circle/,
  },
  {
    name: 'a step after nothing',
    file: route,
    find: 'after: [address]',
    put: 'after: [adress]',
    field: 'steps[1].after[0]',
    message: /no step of this route/,
    line: 'adress',
  },
  {
    name: 'an agency that does not do the task',
    file: route,
    find: 'task: clinic.attach',
    put: 'task: grant.pay',
    field: 'steps[1].task',
    message: /no task of clinic/,
    found: '"grant.pay"',
    line: 'task: grant.pay',
  },
  {
    name: 'an agency that cannot take it back',
    file: route,
    find: 'undo: clinic.detach',
    put: 'undo: clinic.forget',
    field: 'steps[1].undo',
    message: /no task of clinic/,
    line: 'clinic.forget',
  },
  {
    name: 'an unknown agency of a step',
    file: route,
    find: 'agency: clinic',
    put: 'agency: hospital',
    field: 'steps[1].agency',
    message: /names an agency/,
    line: 'hospital',
  },
  {
    name: 'an unknown purpose',
    file: route,
    find: 'purpose: demo.purpose.clinic',
    put: 'purpose: demo.purpose.fun',
    field: 'steps[1].purpose',
    message: /names a purpose/,
    line: 'demo.purpose.fun',
  },
  {
    name: 'another agency’s purpose',
    file: route,
    find: 'purpose: demo.purpose.clinic',
    put: 'purpose: demo.purpose.grant-decision',
    field: 'steps[1].purpose',
    message: /is a purpose of treasury/,
  },
  {
    name: 'data the purpose does not cover',
    file: route,
    find: 'send: [subject.pinfl, about.pinfl, about.full_name, about.birth_date]',
    put: 'send: [subject.pinfl, subject.income]',
    field: 'steps[1].send[1]',
    message: /not covered by the purpose/,
    line: 'subject.income',
  },
  {
    name: 'an unknown trigger',
    file: route,
    find: 'trigger: demo.family.birth',
    put: 'trigger: demo.family.brith',
    field: 'trigger',
    message: /names a rule/,
  },
  {
    name: 'a trigger of another kind',
    file: route,
    find: 'trigger: demo.family.birth',
    put: 'trigger: demo.grant',
    field: 'trigger',
    message: /another kind/,
    found: 'entitlement',
  },
  {
    name: 'a case without a rule',
    file: route,
    find: '    rule: demo.grant\n',
    put: '',
    line: '- id: grant',
    field: 'steps[2]',
    message: /without a rule/,
  },
  {
    name: 'a case with no words to refuse it',
    file: 'clauses/grant.yaml',
    find: 'outcome: adverse',
    put: 'outcome: question',
    told_in: route,
    line: 'rule: demo.grant',
    field: 'steps[2].rule',
    message: /no adverse clause/,
  },
  {
    name: 'a clause for no rule',
    file: 'clauses/grant.yaml',
    find: 'rule: demo.grant, outcome: favourable',
    put: 'rule: demo.gift, outcome: favourable',
    line: 'demo.gift',
    field: 'clauses[0].rule',
    message: /names a rule/,
  },
  {
    name: 'a published route on an unpublished trigger',
    file: 'rules/family-birth.yaml',
    find: 'status: published',
    put: 'status: working',
    told_in: route,
    line: 'status: published',
    field: 'status',
    message: /its trigger is not/,
  },
]

const words: Planted[] = [
  {
    name: 'a word missing in one language',
    file: 'words/uz-Latn.yaml',
    find: 'agency.clinic: Klinika\n',
    put: '',
    told_in: 'agencies.yaml',
    line: 'agency.clinic',
    field: 'agencies.clinic.words',
    message: /no words in words\/uz-Latn.yaml/,
  },
  {
    name: 'a word missing for a code',
    file: 'words/en.yaml',
    find: 'predicate.children.role.father: Father\n',
    put: '',
    told_in: 'vocabulary.yaml',
    line: 'kind: list',
    field: 'predicates.children.type',
    message: /no words in words\/en.yaml/,
  },
  {
    name: 'a message that cannot be read',
    file: 'words/en.yaml',
    find: '"{person}, the grant for {child} is given: {amount}. Basis: {law}."',
    put: '"{person, the grant"',
    line: 'clause.grant.favourable',
    field: '["clause.grant.favourable"]',
    message: /no ICU message/,
  },
  {
    name: 'a placeholder missing in one language',
    file: 'words/uz-Latn.yaml',
    find: 'yordam puli berildi: {amount}.',
    put: 'yordam puli berildi.',
    line: 'clause.grant.favourable',
    field: '["clause.grant.favourable"]',
    message: /other placeholders/,
    found: '{person} {child} {law}',
  },
  {
    name: 'a placeholder nobody fills',
    file: 'words/en.yaml',
    find: 'agency.clinic: Clinic',
    put: 'agency.clinic: Clinic {n, plural, one {#} other {# of {m}}}',
    field: '["agency.clinic"]',
    message: /other placeholders/,
    found: '{n} {m}',
  },
  {
    name: 'a sentence that speaks of what its condition does not',
    file: 'words/en.yaml',
    find: '{The mother is in care.}',
    put: '{The mother earns {income}.}',
    line: 'rule.grant.says.in_care',
    field: '["rule.grant.says.in_care"]',
    message: /other placeholders/,
    found: '{truth} {income}',
  },
  {
    name: 'a value that one language does not name',
    file: 'words/uz-Latn.yaml',
    find: 'place.south: Janubiy mavze\n',
    put: '',
    told_in: 'vocabulary.yaml',
    line: 'value_words: place',
    field: 'predicates.address.value_words',
    message: /no words in words\/uz-Latn.yaml/,
  },
  {
    name: 'an identifier a route sends without a name',
    file: 'words/en.yaml',
    find: 'identifier.pinfl: Personal number\n',
    put: '',
    told_in: route,
    line: 'send:',
    field: 'steps[0].send[0]',
    message: /no words in words\/en.yaml/,
  },
  {
    name: 'a word nothing uses',
    file: 'words/en.yaml',
    find: 'agency.clinic: Clinic',
    put: 'agency.clinic: Clinic\nagency.moon: Moon',
    line: 'agency.moon',
    field: '["agency.moon"]',
    message: /used by nothing/,
  },
  {
    name: 'words for a language that is not the pack’s',
    file: 'words/ru.yaml',
    find: '',
    put: 'agency.clinic: Клиника\n',
    field: '',
    message: /does not list/,
  },
  {
    name: 'words for no language',
    file: 'words/klingon.yaml',
    find: '',
    put: 'agency.clinic: x\n',
    field: '',
    message: /no language/,
  },
  {
    name: 'a language without words',
    file: 'pack.yaml',
    find: 'locales: [en, uz-Latn]',
    put: 'locales: [en, uz-Latn, ru]',
    field: 'locales',
    message: /lists ru/,
  },
]

function mistakesOf(folder: string): readonly PackMistake[] {
  const reading = loadPack(folder)
  return reading.ok ? [] : reading.mistakes
}

function checkPlanted(planted: Planted): void {
  const { file, find, put } = planted
  const changed = changedDemo({
    [file]: (text) => {
      if (find === '') return put
      assert.ok(text.includes(find), `the demo pack no longer has ${find}`)
      return text.replace(find, () => put)
    },
  })
  try {
    const mistakes = mistakesOf(changed.folder)
    const told_in = planted.told_in ?? file
    const mistake = mistakes.find(
      (m) => m.file === told_in && m.field === planted.field && planted.message.test(m.message),
    )
    assert.ok(mistake, `not told as expected:\n${describeMistakes(mistakes).join('\n')}`)
    const text = changed.text(told_in)
    const at = text.indexOf(planted.line ?? put.split('\n')[0]!)
    assert.ok(at >= 0, 'the test names a line that is not there')
    const offset = linesOf(planted)
    const line = text.slice(0, at).split('\n').length + offset
    assert.equal(mistake.line, line, describeMistakes([mistake])[0])
    assert.ok(mistake.column >= 1)
    if (planted.found !== undefined) assert.equal(mistake.found, planted.found)
  } finally {
    changed.remove()
  }
}

/** A `line` of several lines means its last one. */
const linesOf = ({ line }: Planted): number => (line === undefined ? 0 : line.split('\n').length - 1)

for (const [kind, table] of Object.entries({ yaml, shape, names, events, rules, routes, words })) {
  for (const planted of table)
    test(`${kind}: ${planted.name} is told with file, line and field`, () => checkPlanted(planted))
}

test('a rule carries the calendar it was published with', () => {
  const changed = changedDemo({
    'rules/family-birth.yaml': (text) =>
      text.replace('month_end: down }', 'month_end: down, working_days: calendar.yaml, due_moves: next }'),
  })
  try {
    const read = loadPack(changed.folder)
    assert.ok(read.ok)
    assert.deepEqual(read.pack.rules.get('demo.family.birth')!.source.calendar.working_days, {
      weekend: [6, 7],
      holidays: ['2026-01-01', '2026-12-25'],
    })
  } finally {
    changed.remove()
  }
})

test('a table of a file is checked where it is used, and told where it is written', () => {
  const file = (rows: string) =>
    `tables:\n  grant:\n    confidence: fiction\n    inputs: [integer]\n    rows:\n${rows}`
  const withTable = (rows: string, inputs = '["count(children[age(birth_date) < 3])"]') =>
    changedDemo({
      'tables/amounts.yaml': () => file(rows),
      [rule]: (text) =>
        text.replace(amount, `  amount: { table: amounts.yaml#grant, hit: unique, inputs: ${inputs} }`),
    })
  const told = (changed: ReturnType<typeof changedDemo>) => {
    try {
      return mistakesOf(changed.folder).map((m) => `${m.file}:${m.line} ${m.field}: ${m.message}`)
    } finally {
      changed.remove()
    }
  }
  const good =
    '      - { when: [0], output: 0 * params.per_child }\n      - { when: ["> 0"], output: params.per_child }\n'
  assert.deepEqual(told(withTable(good)), [])
  assert.deepEqual(told(withTable(good.replace('"> 0"', '">= 0"'))), [
    'tables/amounts.yaml:7 tables.grant.rows[1]: overlaps row 1 where count(children[age(birth_date) < 3]) is 0',
  ])
  assert.match(
    told(withTable(good.replace('params.per_child', 'params.per_chid')))[0]!,
    /amounts.yaml:6 .*per_chid/,
  )
  assert.match(
    told(withTable(good, '[income, income]'))[0]!,
    /grant.yaml:\d+ result.amount.inputs: does not fit the table/,
  )
  assert.match(
    told(withTable(good, '[income]'))[0]!,
    /result.amount.inputs\[0\]: the table takes another type here/,
  )
})

test('an expression’s mistake is at its own column, also inside an indented block', () => {
  const changed = changedDemo({
    [rule]: (text) => text.replace('params.income_per_head', 'params.income_per_hed'),
  })
  try {
    const mistake = mistakesOf(changed.folder).find((m) => m.field === 'when')!
    const lines = changed.text(rule).split('\n')
    assert.equal(lines[mistake.line - 1]!.slice(mistake.column - 1), 'income_per_hed')
  } finally {
    changed.remove()
  }
})

test('all mistakes come back together, in reading order', () => {
  const changed = changedDemo({
    'agencies.yaml': (text) => text.replace('reports: [demo.income]', 'reports: [demo.incme]'),
    [rule]: (text) =>
      text.replace('and income /', 'and incme /').replace('overrides: base', 'overrides: bass'),
    [route]: (text) => text.replace('after: [address]', 'after: [nowhere]'),
    'words/en.yaml': (text) => text.replace('agency.clinic: Clinic\n', ''),
  })
  try {
    const mistakes = mistakesOf(changed.folder)
    const told = new Set(mistakes.map((m) => `${m.file} ${m.field}`))
    for (const one of [
      'agencies.yaml agencies.treasury.reports[0]',
      'agencies.yaml agencies.clinic.words',
      'events/income.yaml type',
      `${rule} when`,
      `${rule} exceptions[0].id`,
      `${route} steps[1].after[0]`,
    ]) {
      assert.ok(told.has(one), one)
    }
    const order = mistakes.map((m) => `${m.file}\u0000${String(m.line).padStart(6, '0')}`)
    assert.deepEqual(order, [...order].sort())
  } finally {
    changed.remove()
  }
})

test('one broken file does not make the others look broken', () => {
  const changed = changedDemo({ 'agencies.yaml': () => 'agencies: 5\n' })
  try {
    const files = new Set(mistakesOf(changed.folder).map((m) => m.file))
    assert.deepEqual([...files], ['agencies.yaml'])
  } finally {
    changed.remove()
  }
})

test('a folder that is no pack, a missing file and foreign files are named', () => {
  assert.match(mistakesOf('/nowhere/at/all')[0]!.message, /there is no folder/)
  assert.match(mistakesOf(join(demoFolder, 'pack.yaml'))[0]!.message, /there is no folder/)
  const changed = changedDemo({
    'notes.txt': () => 'x',
    'rules/old.yml': () => 'x',
    'README.md': () => 'x',
    '.hidden': () => 'x',
  })
  try {
    assert.deepEqual(
      mistakesOf(changed.folder).map((m) => m.file),
      ['notes.txt', 'rules/old.yml'],
    )
  } finally {
    changed.remove()
  }
})

test('links out of the pack, binary files and files that are too big are refused', () => {
  const changed = changedDemo({ 'words/big.yaml': () => '#'.repeat(256 * 1024 + 1) })
  try {
    symlinkSync('/etc/hostname', join(changed.folder, 'rules', 'link.yaml'))
    symlinkSync('/nowhere', join(changed.folder, 'rules', 'dangling.yaml'))
    writeFileSync(join(changed.folder, 'rules', 'binary.yaml'), Buffer.from([0xff, 0xfe, 0x00]))
    mkdirSync(join(changed.folder, 'rules', 'folder.yaml'))
    writeFileSync(join(changed.folder, 'rules', 'locked.yaml'), 'x: 1')
    chmodSync(join(changed.folder, 'rules', 'locked.yaml'), 0o644)
    const told = new Map(mistakesOf(changed.folder).map((m) => [m.file, m.message]))
    assert.match(told.get('rules/link.yaml')!, /leads out of the pack/)
    assert.match(told.get('rules/dangling.yaml')!, /leads out of the pack or nowhere/)
    assert.match(told.get('rules/binary.yaml')!, /not text in UTF-8/)
    assert.match(told.get('rules/folder.yaml')!, /is not a file/)
    assert.match(told.get('words/big.yaml')!, /has 262145 bytes/)
  } finally {
    changed.remove()
  }
})

test('a bomb of aliases and very deep nesting are refused without filling memory or stack', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
    .split('')
    .map((c, i) => `${c}: &${c} [${`*${'abcdefgh'[i]},`.repeat(9)}]`)
    .join('\n')}\n`
  for (const text of [bomb, '['.repeat(200_000), '{a: '.repeat(60_000), '- '.repeat(100_000)]) {
    const changed = changedDemo({ 'agencies.yaml': () => text })
    try {
      const mistakes = mistakesOf(changed.folder)
      assert.ok(mistakes.some((m) => m.file === 'agencies.yaml'))
    } finally {
      changed.remove()
    }
  }
})
