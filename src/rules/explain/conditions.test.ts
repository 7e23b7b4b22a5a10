import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gone, known, list, ruleOf, source, unclear, vocabulary } from '../rules.fixture.ts'
import { compileRule, evaluate, type Facts, type Rule, truthsOf, writtenConditions } from '../rules.ts'

function made(more: Parameters<typeof source>[1], when = 'size > 1'): Rule {
  const compiled = compileRule(source(when, more), vocabulary)
  if (!compiled.ok) assert.fail(JSON.stringify(compiled.errors))
  return compiled.rule
}

const low = {
  type: { kind: 'money' as const, min: 0 },
  values: [{ from: '2020-01-01', value: 100, status: 'working' as const, confidence: 'V3' }],
}

test('a condition is told with its place in the text its author wrote', () => {
  const when = '  size > 1\n  and (some c in children\n       satisfies age(c.birth_date) < 18)'
  const rule = ruleOf(when)
  const all = writtenConditions(rule)
  assert.deepEqual(
    all.map(({ is, where, text, reads }) => [is, where, text, reads]),
    [
      ['condition', 'when', 'size > 1', ['size']],
      [
        'condition',
        'when',
        'some c in children satisfies age(c.birth_date) < 18',
        ['children', 'children.birth_date'],
      ],
    ],
  )
  for (const { from, to, text } of all) assert.equal(when.slice(from, to).replace(/\s+/g, ' '), text)
})

test('the truths are those of the trace', () => {
  const rule = ruleOf('size > 1 and status = "married" or is_working = true')
  const cells: Facts[] = [
    { size: known(2), status: known('single') },
    { size: gone, status: unclear, is_working: known(true) },
    {},
  ]
  for (const facts of cells) {
    const { trace } = evaluate(rule, facts, { asOf: '2024-01-01' })
    const found = truthsOf(rule, facts, { asOf: '2024-01-01' })
    const texts = writtenConditions(rule).map(({ text }) => text)
    assert.deepEqual(
      trace.map(({ value }) => value),
      trace.map(({ text }) => found[texts.indexOf(text)]),
    )
  }
})

test('a condition of an if between values is one, looked at only where the value is given', () => {
  const rule = made({
    params: { low },
    result: { amount: 'if size > 3 then 2 * params.low else params.low' },
  })
  assert.deepEqual(
    writtenConditions(rule).map(({ is, where, text }) => [is, where, text]),
    [
      ['condition', 'when', 'size > 1'],
      ['if', 'result.amount', 'size > 3'],
    ],
  )
  const on = (size: number) => truthsOf(rule, { size: known(size) }, { asOf: '2024-01-01' })
  assert.deepEqual(on(1), ['false', null])
  assert.deepEqual(on(2), ['true', 'false'])
  assert.deepEqual(on(4), ['true', 'true'])
})

test('of a table that takes the first match, rows after it are not looked at', () => {
  const rows = [
    { when: ['< 3'], output: 'params.low' },
    { when: ['< 5'], output: '2 * params.low' },
    { when: ['-'], output: '3 * params.low' },
  ]
  const rule = made({ params: { low }, result: { amount: { hit: 'first', inputs: ['size'], rows } } })
  const on = (size: number) => truthsOf(rule, { size: known(size) }, { asOf: '2024-01-01' }).slice(1)
  assert.deepEqual(
    writtenConditions(rule)
      .map(({ is, where, text }) => [is, where, text])
      .slice(1),
    rows.map(({ when }, at) => ['row', `result.amount.rows.${at}`, when[0]]),
  )
  assert.deepEqual(on(2), ['true', null, null])
  assert.deepEqual(on(4), ['false', 'true', null])
  assert.deepEqual(on(9), ['false', 'false', 'true'])
})

test('an exception’s conditions count, and what it gives is looked at where it decides', () => {
  const rule = made({
    params: { low },
    exceptions: [
      {
        id: 'more',
        overrides: 'base',
        legal: { act: 'A' },
        when: 'is_working = true',
        outcome: 'applies',
        result: { amount: 'if size > 3 then 2 * params.low else params.low' },
      },
    ],
    result: { amount: 'params.low' },
  })
  const on = (facts: Facts) => truthsOf(rule, facts, { asOf: '2024-01-01' })
  assert.deepEqual(on({ size: known(4), is_working: known(true) }), ['true', 'true', 'true'])
  assert.deepEqual(on({ size: known(4), is_working: known(false) }), ['true', 'false', null])
})

test('conditions of a rule for each item are asked of that item', () => {
  const rule = ruleOf('child.birth_order = 1', { per: { list: 'children', as: 'child' } })
  const children = list([{ birth_order: 1 }, { birth_order: 2 }, {}])
  const on = (item: string) => truthsOf(rule, { children }, { asOf: '2024-01-01', item })
  assert.deepEqual(['i1', 'i2', 'i3'].flatMap(on), ['true', 'false', 'unknown'])
})
