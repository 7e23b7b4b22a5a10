import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { changedDemo, demoFolder } from '../planted.fixture.ts'
import { read, run } from './authoring.fixture.ts'
import { chooseExamples, chooseRule } from './choose.ts'
import { mayBeLeftOut, mayBeUnknown } from './knowable.ts'
import { paragraph, percent, table } from './lines.ts'

const verbs = ['explain', 'timeline', 'coverage', 'mutate', 'watch']

test('a folder that is missing, a file, or no pack is refused in one sentence', async () => {
  const root = mkdtempSync(join(tmpdir(), 'hamroh-author-'))
  try {
    writeFileSync(join(root, 'file'), 'x')
    for (const folder of [join(root, 'none'), join(root, 'file'), root, '\u0000', '../../../../../nowhere']) {
      for (const verb of verbs.filter((one) => one !== 'watch' || folder !== root)) {
        const rule = verb === 'explain' || verb === 'timeline' ? ['a.rule'] : []
        const { code, out, err } = await run(verb, folder, ...rule)
        assert.equal(code, 1, `${verb} ${folder}`)
        assert.ok([...out, ...err].length > 0)
        assert.doesNotMatch([...out, ...err].join('\n'), /Error|undefined/)
      }
    }
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('a rule that is not there is answered with the nearest, and the others', async () => {
  for (const [verb, ...more] of [['explain'], ['timeline'], ['mutate']] as const) {
    const { code, out, err } = await run(verb!, demoFolder, 'demo.grnat', ...more)
    assert.deepEqual([code, out], [1, []])
    assert.match(err[0]!, /^There is no rule "demo\.grnat" in demo; did you mean demo\.grant\?$/)
    assert.match(err[1]!, /demo\.respite/)
  }
})

test('an example that is misspelt is answered with the nearest, and all of them with their numbers', async () => {
  const { code, err } = await run('explain', demoFolder, 'grant', 'a ritch family dose not')
  assert.equal(code, 1)
  assert.match(err[0]!, /did you mean "a rich family does not"\?$/)
  assert.ok(err.includes('2. a rich family does not'))
  const several = await run('timeline', demoFolder, 'grant', 'family')
  assert.equal(several.code, 1)
  assert.deepEqual(several.err, [
    'More than one example of demo.grant has "family" in its name:',
    '1. a poor family with a small child gets it',
    '2. a rich family does not',
  ])
  for (const wanted of ['', '0', '7', '99999', '\u0000', 'x'.repeat(10_000), '__proto__']) {
    const { code: refused, err: told } = await run('explain', demoFolder, 'grant', wanted)
    assert.equal(refused, 1, JSON.stringify(wanted.slice(0, 20)))
    assert.ok(told[0]!.length < 300)
  }
})

test('wrong words on the command line are answered with what is wrong and how it is used', async () => {
  const wrong: [string[], RegExp][] = [
    [['explain'], /needs the FOLDER/],
    [['explain', demoFolder], /needs a RULE/],
    [['timeline', demoFolder], /needs a RULE/],
    [['explain', demoFolder, 'grant', '1', '2'], /takes nothing more, and was given "2"/],
    [['coverage', demoFolder, 'grant'], /takes nothing more/],
    [['watch', demoFolder, 'grant'], /takes nothing more/],
    [['watch', demoFolder, '--json'], /has no option --json/],
    [['explain', demoFolder, 'grant', '--years', '3'], /has no option --years/],
    [['timeline', demoFolder, 'grant', '--years', '0'], /whole number from 1 to 100, and was given "0"/],
    [['timeline', demoFolder, 'grant', '--years', '1e9'], /whole number/],
    [['coverage', demoFolder, '--least', '101'], /from 0 to 100/],
    [['coverage', demoFolder, '--least', 'NaN'], /from 0 to 100/],
    [['mutate', demoFolder, '--lest', '9'], /--lest/],
    [['constructor', demoFolder], /pack has no "constructor"/],
  ]
  for (const [args, expected] of wrong) {
    const { code, out, err } = await run(...args)
    assert.deepEqual([code, out], [2, []], args.join(' '))
    assert.match(err[0]!, expected)
    // A verb there is, is told how it is called; else all are.
    const usage =
      args[0] === 'constructor' ? 'usage: hamroh pack VERB' : `usage: hamroh pack ${args[0]} FOLDER`
    assert.ok(err.join('\n').includes(usage), err.join('\n'))
  }
})

test('a language the pack does not have is refused with those it has', async () => {
  const { code, err } = await run('explain', demoFolder, 'grant', '--language', 'fr')
  assert.equal(code, 1)
  assert.deepEqual(err, [
    'demo has no language "fr".',
    `Its languages: ${read(demoFolder).pack.locales.join(', ')}`,
  ])
})

test('a pack with a mistake is refused with file and line by every verb', async () => {
  const changed = changedDemo({
    'rules/grant.yaml': (text) => text.replace('age(c.birth_date)', 'aeg(c.birth_date)'),
  })
  try {
    for (const verb of verbs.filter((one) => one !== 'watch')) {
      const rule = verb === 'explain' || verb === 'timeline' ? ['grant'] : []
      const { code, out, err } = await run(verb, changed.folder, ...rule, '--json')
      assert.deepEqual([code, out], [1, []])
      assert.match(err[0]!, /^rules\/grant\.yaml:\d+:\d+ when/)
    }
  } finally {
    changed.remove()
  }
})

test('a rule is found by its last parts where only one ends so', () => {
  const { pack } = read(demoFolder)
  assert.deepEqual(chooseRule(pack, 'family.birth'), { ok: true, value: 'demo.family.birth' })
  assert.ok(!chooseRule(pack, 'h').ok && !chooseRule(pack, '').ok && !chooseRule(pack, '.').ok)
  assert.ok(!chooseExamples(pack, 'demo.grant', 'constructor').ok)
})

test('what the state may not know follows from the vocabulary and from what events leave out', () => {
  const { pack } = read(demoFolder)
  assert.ok(
    mayBeUnknown(pack, 'income') && !mayBeUnknown(pack, 'in_care') && mayBeUnknown(pack, 'birth_date'),
  )
  assert.ok(!mayBeLeftOut(pack, 'children', 'birth_date'))
  // Read from the child's own memory, where the register is closed.
  assert.ok(!mayBeLeftOut(pack, 'children', 'in_care'))
  const uz = read(new URL('../../../packs/uz', import.meta.url).pathname).pack
  assert.ok(mayBeLeftOut(uz, 'licences', 'valid_until') && !mayBeLeftOut(uz, 'licences', 'kind'))
  assert.ok(mayBeLeftOut(uz, 'licences', 'no_such_field') && mayBeLeftOut(uz, 'no_such_list', 'x'))
})

test('paragraphs and tables keep to 80 columns of letters, not of bytes', () => {
  const long = 'soʻm '.repeat(40)
  for (const line of paragraph(long, '  * ')) assert.ok([...line].length <= 80)
  assert.deepEqual(paragraph('', '  '), [''])
  assert.deepEqual(paragraph('x'.repeat(100), '  '), [`  ${'x'.repeat(100)}`])
  assert.deepEqual(
    table([
      ['a', 'b'],
      ['ааа', 'c'],
    ]),
    ['  a    b', '  ааа  c'],
  )
  assert.deepEqual(table([]), [])
  assert.deepEqual(
    [percent(999, 1000), percent(9999, 10_000), percent(1, 1), percent(0, 0)],
    ['99.9 %', '99.9 %', '100 %', '100 %'],
  )
})
