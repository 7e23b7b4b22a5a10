import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluate, explain, fixes, type Rule } from '../../rules/rules.ts'
import { dayOf } from '../examples.ts'
import { changedDemo, demoFolder } from '../planted.fixture.ts'
import { assertFits, read, run, uzFolder } from './authoring.fixture.ts'
import { explained, type RuleExplained } from './explain.ts'
import { explainLines } from './explain-text.ts'
import { speechOf } from './say.ts'

test('a rule is explained with what it reads, its parameters, its articles and each example', async () => {
  const { code, out, err } = await run('explain', demoFolder, 'grant', '--language', 'en')
  assert.deepEqual([code, err], [0, []])
  const text = out.join('\n')
  for (const part of [
    /^demo\.grant, version 1: entitlement, published, confidence fiction$/m,
    /^ {2}DEMO-2.*clause 3/m,
    /^ {2}income: /m,
    /money, open world, at most P12M old, from treasury, never advised to\n +change/,
    /from 2027-01-01: 612\.50 \(published, fiction; DEMO-2/,
    /^ {4}and income \/ household_size < params\.income_per_head$/m,
    /^Except in-care, over base \(DEMO-2.*\), clause 4,\s+fiction\): a\s+human\s+decides\s+when\n {4}in_care = true$/m,
    /^Example 1 of 6: a poor family with a small child gets it/m,
    /On 2026-11-24: it applies until 2027-11-24, amount 100 DMO\./,
    /\? .*\n {8}income \/ household_size < params\.income_per_head is unknown: income =\n? +unknown/,
    /^ {2}To ask$/m,
    /^ {4}\* wait until 2027-01-01$/m,
    /tell income; which answer would do is not advised/,
  ])
    assert.match(text, part)
  assertFits(out)
})

test('one example can be asked for by name, by its number or by a part of its name', async () => {
  for (const wanted of ['on the third birthday it ends', '4', 'third birthday']) {
    const { out } = await run('explain', demoFolder, 'demo.grant', wanted)
    assert.equal(out.filter((line) => line.startsWith('Example ')).length, 1)
    assert.match(out.join('\n'), /Example 1 of 1: on the third birthday it ends/)
  }
})

test('as data it is what the rules say, and every fix in it was verified', async () => {
  const { pack } = read(uzFolder)
  for (const id of ['uz.social.child-benefit', 'uz.pension.near', 'uz.business.vat']) {
    const { code, out } = await run('explain', uzFolder, id, '--json')
    assert.equal(code, 0)
    const said = JSON.parse(out.join('\n')) as RuleExplained
    const examples = pack.examples.get(id)!
    assert.equal(said.examples.length, examples.length)
    for (const [at, example] of examples.entries()) {
      const rule = pack.rules.get(id)!
      const one = said.examples[at]!
      const determination = evaluate(rule, example.facts, dayOf(example))
      assert.deepEqual(one.determination, JSON.parse(JSON.stringify(determination)))
      assert.deepEqual(one.explanation, JSON.parse(JSON.stringify(explain(rule, determination))))
      const found = determination.outcome === 'applies' ? [] : fixes(rule, example.facts, dayOf(example))
      assert.deepEqual(one.fixes, JSON.parse(JSON.stringify(found)))
      assert.deepEqual(one.differences, [])
    }
  }
})

test('it speaks the language asked for, and the first of the pack without one', async () => {
  const { pack } = read(uzFolder)
  for (const language of pack.locales) {
    const { out } = await run('explain', uzFolder, 'child-benefit', '1', '--language', language)
    const { source } = pack.rules.get('uz.social.child-benefit')!
    assert.ok(out.join(' ').replace(/\s+/g, ' ').includes(pack.words.get(language)!.get(source.text.title)!))
  }
  const usual = await run('explain', uzFolder, 'child-benefit', '1')
  assert.deepEqual(
    usual.out,
    (await run('explain', uzFolder, 'child-benefit', '1', '--language', pack.locales[0]!)).out,
  )
})

test('every rule of both packs is explained in 80 columns, no slot of a sentence left open', () => {
  for (const folder of [uzFolder, demoFolder]) {
    const { pack } = read(folder)
    for (const language of pack.locales) {
      const speech = speechOf(pack, language)
      for (const [id, rule] of pack.rules) {
        const said = explained(pack, rule, pack.examples.get(id)!, speech.word)
        const lines = explainLines(pack, rule, said, speech)
        assertFits(withoutSource(rule, lines))
        assert.doesNotMatch(lines.join('\n'), /undefined|\[object|NaN|\{\w+\}/, id)
      }
    }
  }
})

/** The author's own lines stay as they are, however long. */
function withoutSource({ source }: Rule, lines: readonly string[]): string[] {
  const texts = [source.when, source.result?.amount, source.result?.due].filter(
    (text) => typeof text === 'string',
  )
  const own = new Set(texts.flatMap((text) => text.split('\n')).map((text) => text.trim()))
  return lines.filter((line) => !own.has(line.trim()))
}

test('an example that does not hold says so', async () => {
  const changed = changedDemo({
    'rules/grant.yaml': (text) => text.replace('expect: { outcome: human }', 'expect: { outcome: applies }'),
  })
  try {
    const { code, out } = await run('explain', changed.folder, 'grant', '6')
    assert.equal(code, 0)
    assert.match(out.join('\n'), /! The example expects otherwise: outcome: expected "applies", got "human"/)
  } finally {
    changed.remove()
  }
})
