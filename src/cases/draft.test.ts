/** Drafts, letter by letter: a reviewer reads the diff of the golden file as the person would read the letter. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadPack } from '../packs/packs.ts'
import { evaluate, type Facts } from '../rules/rules.ts'
import { type Draft, draftHash, editDraft, makeDraft } from './draft.ts'
import { addTerm } from './record.ts'

const loaded = loadPack('packs/uz')
assert.ok(loaded.ok)
const { pack } = loaded
const GOLDEN = join(import.meta.dirname, 'draft.golden.txt')

const child = (order: number): Facts['children'] => ({
  state: 'list',
  complete: true,
  items: [
    {
      item: 'c',
      value: { birth_date: '2026-11-10', birth_order: order, role: 'mother' },
      facts: ['f1'],
      observed_on: '2026-11-11',
    },
  ],
})
const known = (value: number, id: string) =>
  ({ state: 'known', value, facts: [id], observed_on: '2026-11-01' }) as const

const situations: readonly [string, string, Facts][] = [
  ['lump sum, first child', 'uz.social.newborn-lump-sum', { children: child(1)! }],
  [
    'lump sum, second child, not in the register',
    'uz.social.newborn-lump-sum',
    { children: child(2)!, in_social_register: { state: 'absent', facts: [] } },
  ],
  [
    'child benefit, little income',
    'uz.social.child-benefit',
    { children: child(1)!, household_income: known(150_000_000, 'f2'), household_size: known(3, 'f3') },
  ],
  [
    'child benefit, much income',
    'uz.social.child-benefit',
    { children: child(1)!, household_income: known(9_000_000_000, 'f2'), household_size: known(3, 'f3') },
  ],
  [
    'child benefit, income unknown',
    'uz.social.child-benefit',
    { children: child(1)!, household_size: known(3, 'f3') },
  ],
]

function draftOf(rule_id: string, facts: Facts, as_of = '2026-11-24') {
  const rule = pack.rules.get(rule_id)!
  const said = evaluate(rule, facts, rule.source.per ? { asOf: as_of, item: 'c' } : { asOf: as_of })
  const names = { subject: 'Karimova Dilnoza', about: 'Karimova Lola' }
  return makeDraft(pack, { case_id: 'case', rule, item: 'c', names, facts }, said)
}

const fixText = ({ how_to_fix, records_of }: Draft['failed'][number]): string =>
  `${JSON.stringify(how_to_fix.flatMap((fix) => fix.changes))}; records of ${records_of.join(', ')}`

test('the letters read as the golden file shows, in four languages', () => {
  const lines: string[] = []
  for (const [title, rule, facts] of situations) {
    const draft = draftOf(rule, facts)
    lines.push(`# ${title}: ${draft.outcome}`)
    for (const locale of pack.locales) {
      for (const s of draft.sentences) lines.push(`[${locale}] ${s.clause}: ${s.text[locale]}`)
      for (const f of draft.failed)
        lines.push(`[${locale}] alternative ${f.alternative}: ${f.what[locale]} (${f.value}; ${fixText(f)})`)
    }
    lines.push('')
  }
  const text = lines.join('\n')
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, text)
  assert.equal(text, readFileSync(GOLDEN, 'utf8'), 'read the difference; then UPDATE_GOLDEN=1')
})

test('a failed condition is never worded as if it held, and another case of the rule is no failure', () => {
  const much = draftOf(situations[3]![1], situations[3]![2])
  assert.match(much.sentences[0]!.text.en!, /this condition is not met: “The income per person/)
  const second = draftOf(situations[1]![1], situations[1]![2])
  assert.deepEqual(
    second.failed.map((f) => [f.predicate, f.required, f.how_to_fix.length]),
    [['in_social_register', 'in_social_register = true', 1]],
  )
  // For a third child there is no way to a yes: both are named as what they are, alternatives, and nothing is advised.
  const third = draftOf(situations[1]![1], { ...situations[1]![2], children: child(3)! })
  assert.deepEqual(
    third.failed.map((f) => [f.alternative, f.required, f.how_to_fix.length]),
    [
      [0, 'child.birth_order = 1', 0],
      [1, 'child.birth_order = 2', 0],
      [1, 'in_social_register = true', 0],
    ],
  )
})

test('every sentence of a draft is an approved one and names what it rests on', () => {
  for (const [, rule, facts] of situations) {
    const draft = draftOf(rule, facts)
    assert.ok(draft.sentences.length > 0)
    for (const s of draft.sentences) {
      assert.ok(pack.clauses.has(s.clause!))
      assert.ok(s.facts.length > 0 && s.law.length > 0)
      assert.equal(s.rule, rule)
    }
  }
})

test('the same facts give the same draft; a later day that changes nothing gives the same draft too', () => {
  for (const [, rule, facts] of situations) {
    assert.equal(draftHash(draftOf(rule, facts)), draftHash(draftOf(rule, facts)))
    assert.equal(draftHash(draftOf(rule, facts)), draftHash(draftOf(rule, facts, '2026-11-25')))
  }
})

test('an edited draft keeps what it rests on and remembers what it was', () => {
  const draft = draftOf(...([situations[0]![1], situations[0]![2]] as const))
  const edited = editDraft(draft, { by: 'P-1', reasons: { en: ['One.', 'Two.'] } })
  assert.equal(edited.edited!.from, draftHash(draft))
  assert.deepEqual(
    edited.sentences.map((s) => s.text.en),
    ['One.', 'Two.'],
  )
  assert.deepEqual(edited.sentences[1]!.facts, draft.determination.facts)
  const twice = editDraft(edited, { by: 'P-2', reasons: { en: ['Three.'] } })
  assert.equal(twice.edited!.from, draftHash(draft))
})

test('a term of months or years ends on the last day where the month has no such day', () => {
  assert.equal(addTerm('2027-01-31', { unit: 'months', n: 1 }), '2027-02-28')
  assert.equal(addTerm('2028-02-29', { unit: 'years', n: 1 }), '2029-02-28')
  assert.equal(addTerm('2026-12-15', { unit: 'days', n: 30 }), '2027-01-14')
})
