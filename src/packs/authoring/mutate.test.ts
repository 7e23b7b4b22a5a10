import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluate, variantsOf } from '../../rules/rules.ts'
import { dayOf, differencesOf } from '../examples.ts'
import { vocabularyOf } from '../load.ts'
import { loadPack, testPack } from '../packs.ts'
import { changedDemo, demoFolder } from '../planted.fixture.ts'
import { read, run } from './authoring.fixture.ts'
import { coverageOf } from './coverage.ts'
import { inMajorUnits, sampleText } from './facts-text.ts'
import { type Mutant, mutated } from './mutate.ts'

const all = (folder: string) => {
  const { pack, draft } = read(folder)
  return [...pack.rules.keys()].map((id) => mutated(pack, draft, id))
}

test('the day a rule ends is noticed while an example stands on it, and survives when it is moved away', () => {
  const is_boundary = ({ part, after }: Mutant): boolean => part === 'when' && after.includes('<= 18')
  const changed = changedDemo({
    'rules/respite.yaml': (text) =>
      text.replace('asOf: 2038-03-01', 'asOf: 2039-03-01').replace(', until: 2038-03-01', ''),
  })
  try {
    const [strong, weak] = [demoFolder, changed.folder].map(
      (folder) => all(folder).find(({ rule }) => rule === 'demo.respite')!,
    )
    assert.ok(!strong!.survivors.some(is_boundary))
    const survivor = weak!.survivors.find(is_boundary)!
    const lines = changed.text('rules/respite.yaml').split('\n')
    assert.equal(lines[survivor.line - 1]!.slice(survivor.column - 1, survivor.column), '<')
    assert.equal(survivor.slip, 'comparison')
    assert.match(survivor.before, /age\(c\.birth_date\) < 18/)
    assert.ok(weak!.noticed < strong!.noticed)
  } finally {
    changed.remove()
  }
})

test('every survivor passes every example of its rule, and its witness tells it from the rule', () => {
  const { pack } = read(demoFolder)
  const survivors = all(demoFolder).flatMap((one) => one.survivors)
  assert.ok(survivors.length >= 5)
  for (const { rule: id, part, slip, witness, line } of survivors) {
    const rule = pack.rules.get(id)!
    const variants = variantsOf(rule, vocabularyOf(pack), { money_digits: pack.currency.digits }).filter(
      (one) => one.where === part && one.slip === slip,
    )
    const alive = variants.flatMap((variant) => {
      const compiled = variant.compile()
      return compiled.ok &&
        pack.examples.get(id)!.every((example) => differencesOf(compiled.rule, example).length === 0)
        ? [compiled.rule]
        : []
    })
    assert.ok(alive.length > 0, `${id}:${line}`)
    const { sample } = witness!
    const said = JSON.stringify(outcomeOf(rule, sample))
    assert.equal(said, JSON.stringify(witness!.rule))
    assert.ok(
      alive.some((mutant) => JSON.stringify(outcomeOf(mutant, sample)) === JSON.stringify(witness!.mutant)),
    )
  }
})

function outcomeOf(rule: Parameters<typeof evaluate>[0], sample: NonNullable<Mutant['witness']>['sample']) {
  const { outcome, until, amount, due, ask } = evaluate(rule, sample.facts, dayOf(sample))
  return { outcome, until, amount, due, ask }
}

test('a survivor written into the file leaves all worked examples of the pack holding', () => {
  const { survivors } = all(demoFolder).find(({ rule }) => rule === 'demo.grant')!
  let written = 0
  for (const { line, before, after } of survivors) {
    const changed = changedDemo({
      'rules/grant.yaml': (text) => {
        const lines = text.split('\n')
        lines[line - 1] = lines[line - 1]!.replace(before, after)
        return lines.join('\n')
      },
    })
    try {
      const reading = loadPack(changed.folder)
      if (!reading.ok) assert.fail(JSON.stringify(reading.mistakes))
      assert.notEqual(
        reading.pack.rules.get('demo.grant')!.hash,
        read(demoFolder).pack.rules.get('demo.grant')!.hash,
      )
      assert.deepEqual(
        testPack(reading.pack).filter(({ passed }) => !passed),
        [],
      )
      written++
    } finally {
      changed.remove()
    }
  }
  assert.ok(written >= 5)
})

test('the facts it suggests, copied into the rule with what the rule says of them, end its survivors', () => {
  const { pack } = read(demoFolder)
  const witnesses = all(demoFolder).flatMap(({ survivors }) =>
    survivors.flatMap(({ file, witness }) => (witness!.example === null ? [{ file, ...witness! }] : [])),
  )
  const digits = pack.currency.digits
  const added = (file: string): string =>
    witnesses
      .filter((one) => one.file === file)
      .map(({ sample, rule: said }, i) => {
        const amount = said.amount === null ? '' : `, amount: ${inMajorUnits(said.amount, digits)}`
        const ask = said.outcome === 'ask' ? `, ask: [${said.ask.join(', ')}]` : ''
        return `  - { name: witness ${i}, ${sampleText(pack, sample)}, expect: { outcome: ${said.outcome}, until: ${said.until}${amount}${ask} } }\n`
      })
      .join('')
  const files = [...new Set(witnesses.map(({ file }) => file))]
  const changed = changedDemo(
    Object.fromEntries(files.map((file) => [file, (text: string) => `${text.trimEnd()}\n${added(file)}`])),
  )
  try {
    const copied = read(changed.folder).pack
    assert.deepEqual(
      testPack(copied).filter(({ passed }) => !passed),
      [],
    )
    const left = all(changed.folder).flatMap(({ survivors }) => survivors)
    assert.ok(witnesses.length >= 5)
    assert.ok(
      left.every(({ witness }) => witness!.example !== null),
      JSON.stringify(left, null, 1),
    )
  } finally {
    changed.remove()
  }
})

test('slips in a table that stands in a file of its own are told in that file', () => {
  const changed = changedDemo({
    'tables/amounts.yaml': () =>
      [
        'tables:',
        '  grant:',
        '    confidence: fiction',
        '    inputs: [{ kind: integer }]',
        '    rows:',
        '      - { when: [0], output: 0 * params.per_child }',
        '      - { when: ["> 0"], output: params.per_child }',
        '',
      ].join('\n'),
    'rules/grant.yaml': (text) =>
      text.replace(
        'amount: count(children[age(birth_date) < 3]) * params.per_child',
        'amount: { table: amounts.yaml#grant, hit: unique, inputs: ["count(children[age(birth_date) < 3])"] }',
      ),
  })
  try {
    const { survivors, same, noticed } = all(changed.folder).find(({ rule }) => rule === 'demo.grant')!
    const inTable = [...survivors, ...same].filter(({ file }) => file === 'tables/amounts.yaml')
    assert.ok(inTable.length > 0 && noticed > 0)
    const lines = changed.text('tables/amounts.yaml').split('\n')
    for (const { line, before } of inTable) assert.ok(lines[line - 1]!.includes(before), `${line} ${before}`)
    const { pack, draft } = read(changed.folder)
    const rows = coverageOf(pack, draft).conditions.filter(({ is }) => is === 'row')
    assert.deepEqual(
      rows.map(({ file, line, text }) => `${file}:${line} ${text}`),
      ['tables/amounts.yaml:6 0', 'tables/amounts.yaml:7 > 0'],
    )
  } finally {
    changed.remove()
  }
})

test('what no facts tell apart is no survivor', () => {
  const changed = changedDemo({
    'rules/grant.yaml': (text) =>
      text.replace(
        'result:\n',
        'result:\n  due: if in_care = true then date("2030-01-01") else date("2030-01-01")\n',
      ),
  })
  try {
    const { same, survivors } = all(changed.folder).find(({ rule }) => rule === 'demo.grant')!
    const here = (mutant: Mutant): boolean =>
      mutant.part === 'result.due' &&
      /comparison|value/.test(mutant.slip) &&
      /in_care (!= true|= false)/.test(mutant.after)
    assert.equal(same.filter(here).length, 2)
    assert.equal(survivors.filter(here).length, 0)
  } finally {
    changed.remove()
  }
})

test('the same pack gives the same answer, word for word', async () => {
  const [first, second] = [
    await run('mutate', demoFolder, '--json'),
    await run('mutate', demoFolder, '--json'),
  ]
  assert.deepEqual(first.out, second.out)
  assert.equal(first.code, 0)
  assert.deepEqual(
    (JSON.parse(first.out.join('\n')) as { rules: { rule: string }[] }).rules.map(({ rule }) => rule),
    ['demo.family.birth', 'demo.grant', 'demo.respite'],
  )
})

test('one rule can be asked for alone; below --least the exit code is 1', async () => {
  const one = await run('mutate', demoFolder, 'grant', '--least', '99')
  assert.equal(one.code, 1)
  assert.match(one.out.at(-1)!, /of 1 rule noticed/)
  assert.ok(one.out.every((line) => !line.includes('demo.respite')))
  assert.equal((await run('mutate', demoFolder, 'family.birth', '--least', '100')).code, 0)
})

test('a survivor is told with both texts and with facts that would show it', async () => {
  const { out } = await run('mutate', demoFolder, 'demo.grant')
  const text = out.join('\n')
  assert.match(
    text,
    /rules\/grant\.yaml:17:29 demo\.grant: parameter\n {4}- income_per_head 500\n {4}\+ income_per_head 499\.99\n {4}would show it: asOf: .*\n {4}outcome: applies \(not outcome: does_not_apply\)/,
  )
  assert.match(
    text,
    /the example "income nobody told is asked for" would notice it, if it expected until: 2029-11-10/,
  )
})
