import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changedDemo, demoFolder } from '../planted.fixture.ts'
import { read, run } from './authoring.fixture.ts'
import { coverageOf, truths } from './coverage.ts'

const covered = (folder: string) => {
  const { pack, draft } = read(folder)
  return coverageOf(pack, draft)
}

test('every condition is counted in each truth, at its place; what cannot be is said and not counted', () => {
  const { conditions, possible, shown } = covered(demoFolder)
  assert.equal(possible, shown)
  const income = conditions.find(({ text }) => text.startsWith('income /'))!
  assert.deepEqual([income.file, income.rule, income.part], ['rules/grant.yaml', 'demo.grant', 'when'])
  assert.deepEqual(income.seen, { true: 3, false: 2, unknown: 1 })
  const born = conditions.find(({ text }) => text.startsWith('child.birth_date'))!
  assert.match(born.cannot.unknown!, /^children\.birth_date: of a closed register/)
  for (const { seen, cannot, missing } of conditions)
    for (const truth of truths)
      assert.equal([seen[truth] > 0, truth in cannot, truth in missing].filter(Boolean).length, 1)
})

/** Without its last two examples the grant’s exception is never shown true, nor any income unknown. */
const planted = {
  'rules/grant.yaml': (text: string) => text.replace(/ {2}- name: income nobody told[\s\S]*$/, ''),
}

test('a planted gap is told with file, line and facts that would close it', async () => {
  const changed = changedDemo(planted)
  try {
    const line =
      changed
        .text('rules/grant.yaml')
        .split('\n')
        .findIndex((l) => l.includes('when: in_care = true')) + 1
    const { code, out } = await run('coverage', changed.folder)
    assert.equal(code, 0)
    const at = out.findIndex((l) => l.startsWith(`rules/grant.yaml:${line}:`))
    assert.match(out[at]!, /demo\.grant: in_care = true$/)
    assert.match(out[at + 1]!, /seen true 0, false \d, unknown cannot be/)
    assert.match(out[at + 2]!, /true: an example in which this is true, such as asOf: .*in_care: true/)
    assert.match(out.join('\n'), /unknown: an example in which income or household_size is not known/)
    assert.match(out.at(-1)!, /11 of 13 \(84\.6 %\)/)
  } finally {
    changed.remove()
  }
})

test('the facts it suggests, copied into the rule as they stand, close the gap', () => {
  const changed = changedDemo(planted)
  const missing = covered(changed.folder).conditions.flatMap((one) => Object.values(one.missing))
  changed.remove()
  assert.equal(missing.length, 2)
  const copied = missing.map((wanted, i) => {
    const facts = wanted.slice(wanted.indexOf('such as ') + 'such as '.length)
    return `  - { name: suggested ${i}, ${facts}, expect: { outcome: ask } }\n`
  })
  const closed = changedDemo({
    'rules/grant.yaml': (text) => `${planted['rules/grant.yaml'](text).trimEnd()}\n${copied.join('')}`,
  })
  try {
    const { possible, shown } = covered(closed.folder)
    assert.equal(shown, possible, copied.join(''))
  } finally {
    closed.remove()
  }
})

test('--least makes it a check: below the share the exit code is 1', async () => {
  const changed = changedDemo(planted)
  try {
    assert.equal((await run('coverage', changed.folder, '--least', '80')).code, 0)
    const below = await run('coverage', changed.folder, '--least', '99.5')
    assert.equal(below.code, 1)
    assert.deepEqual(below.err, ['This is below the 99.5 % asked for.'])
    assert.equal((await run('coverage', demoFolder, '--least', '100')).code, 0)
  } finally {
    changed.remove()
  }
})

test('a row of a table that no example decides is one condition that is never true', async () => {
  const changed = changedDemo({
    'rules/grant.yaml': (text) =>
      text.replace(
        'amount: count(children[age(birth_date) < 3]) * params.per_child',
        [
          'amount:',
          '    hit: unique',
          '    inputs: ["count(children[age(birth_date) < 3])"]',
          '    rows:',
          '      - { when: ["<= 1"], output: params.per_child }',
          '      - { when: ["> 1"], output: 2 * params.per_child }',
        ].join('\n'),
      ),
  })
  try {
    const { out } = await run('coverage', changed.folder)
    const at = out.findIndex((line) => / demo\.grant: > 1$/.test(line))
    assert.match(out[at]!, /^rules\/grant\.yaml:\d+:\d+ /)
    assert.match(out[at + 2]!, /true: an example in which this row decides and the rule applies, such as/)
  } finally {
    changed.remove()
  }
})

test('as data it is the same', async () => {
  const { code, out } = await run('coverage', demoFolder, '--json')
  assert.equal(code, 0)
  assert.deepEqual(JSON.parse(out.join('\n')), JSON.parse(JSON.stringify(covered(demoFolder))))
})
