import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayAfter, evaluateOn } from '../../rules/rules.ts'
import { dayOf } from '../examples.ts'
import { demoFolder } from '../planted.fixture.ts'
import { assertFits, read, run, uzFolder } from './authoring.fixture.ts'
import { speechOf } from './say.ts'
import { timelineLines, timelineOfExample } from './timeline.ts'

const { pack } = read(demoFolder)
const rule = pack.rules.get('demo.grant')!
const example = (name: string) => pack.examples.get('demo.grant')!.find((one) => one.name === name)!

test('the steps are those of every single day', () => {
  const one = example('at the threshold it does not, until the threshold is raised')
  const { steps, horizon } = timelineOfExample(rule, one, 4)
  assert.ok(steps.length >= 3)
  for (let day = one.as_of; day < horizon; day = dayAfter(day, 'P1D')) {
    const step = steps.find(({ from, to }) => from <= day && (to === null || day < to))!
    const said = evaluateOn(rule, one.facts, { ...dayOf(one), asOf: day })
    assert.deepEqual([step.outcome, step.amount], [said.outcome, said.amount], day)
  }
})

test('table and bar stand under each other in 80 columns', async () => {
  const { code, out } = await run('timeline', demoFolder, 'grant', 'threshold it does', '--years', '3')
  assert.equal(code, 0)
  assert.deepEqual(out, [
    'at the threshold it does not, until the threshold is raised',
    '(rules/grant.yaml:47)',
    '  from        until       outcome         amount',
    '  2026-11-24  2027-01-01  does not apply',
    '  2027-01-01  2027-11-24  applies         100 DMO',
    '  2027-11-24  2029-11-10  ask',
    '  2029-11-10  …           does not apply',
    `  |..#######################${'?'.repeat(50)}.|`,
    "     '2027                    '2028                     '2029",
    '  . does not apply   # applies   ? ask',
  ])
})

test('the bar has a sign for every step, however short, and the years below stand in order', () => {
  for (const [years, name] of [1, 10, 100].flatMap((n) =>
    pack.examples.get('demo.grant')!.map((one) => [n, one.name] as const),
  )) {
    const said = timelineOfExample(rule, example(name), years)
    const lines = timelineLines(said, { money: String })
    const bar = lines.find((line) => line.startsWith('  |'))!
    assert.equal(bar.length, 80)
    assert.doesNotMatch(bar, / {2}.* /)
    const below = [...lines.at(-2)!.matchAll(/'(\d{4})/g)].map((found) => Number(found[1]))
    assert.deepEqual(
      below,
      [...below].sort((a, b) => a - b),
    )
    assertFits(lines)
  }
})

test('without an example every one is drawn; every rule of a pack fits', async () => {
  const { out } = await run('timeline', demoFolder, 'grant')
  assert.equal(out.filter((line) => line.startsWith('  |')).length, 6)
  const uz = read(uzFolder).pack
  for (const [id, of] of uz.rules) {
    for (const one of uz.examples.get(id)!)
      assertFits(timelineLines(timelineOfExample(of, one, 30), speechOf(uz, 'en')))
  }
})

test('as data it has the steps with amounts in minor units', async () => {
  const { out } = await run('timeline', demoFolder, 'grant', '1', '--json')
  const { timelines } = JSON.parse(out.join('\n')) as { timelines: { steps: unknown[] }[] }
  assert.deepEqual(timelines[0]!.steps[0], {
    from: '2026-11-24',
    to: '2027-11-24',
    outcome: 'applies',
    amount: 10000,
  })
})
