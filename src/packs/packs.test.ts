import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { evaluate, fixes } from '../rules/rules.ts'
import { loadPack, type Pack, packCommand, packJsonSchemas, testPack } from './packs.ts'
import { changedDemo } from './planted.fixture.ts'

const folderOf = (name: string): string => fileURLToPath(new URL(`../../packs/${name}`, import.meta.url))

function load(folder: string): Pack {
  const reading = loadPack(folder)
  if (!reading.ok) assert.fail(JSON.stringify(reading.mistakes.slice(0, 5), null, 2))
  return reading.pack
}

for (const name of ['uz', 'demo']) {
  test(`packs/${name} is in order and its worked examples hold`, () => {
    const results = testPack(load(folderOf(name)))
    assert.ok(results.length >= 6)
    assert.deepEqual(
      results.filter(({ passed }) => !passed),
      [],
    )
  })

  test(`packs/${name} has no words that are cut, empty or the same as their key`, () => {
    for (const [locale, words] of load(folderOf(name)).words) {
      for (const [key, text] of words) assert.ok(text.trim() === text && text !== key, `${locale} ${key}`)
    }
  })
}

test('no worked example of any pack is ever advised what may not be suggested, and some are advised something', () => {
  let advised = 0
  for (const pack of [load(folderOf('uz')), load(folderOf('demo'))]) {
    for (const [id, examples] of pack.examples) {
      const rule = pack.rules.get(id)!
      for (const { facts, as_of, item, name } of examples) {
        const at = { asOf: as_of, ...(item === undefined ? {} : { item }) }
        for (const target of ['applies', 'does_not_apply'] as const) {
          for (const change of fixes(rule, facts, at, target).flatMap((fix) => fix.changes)) {
            advised++
            if (change.do === 'wait') continue
            const never = pack.vocabulary.get(change.predicate)!.suggest === false
            assert.ok(!never || (change.do === 'tell' && change.needed === null), `${id}: ${name}`)
          }
        }
      }
    }
  }
  assert.ok(advised > 10, `${advised} pieces of advice`)
})

test('what the sources of Uzbekistan are not sure of never claims to be published', () => {
  const pack = load(folderOf('uz'))
  for (const { source } of pack.rules.values()) assert.equal(source.status, 'working', source.id)
  for (const route of pack.routes.values()) assert.equal(route.status, 'working', route.id)
})

test('Uzbek words use the canonical apostrophes', () => {
  const words = load(folderOf('uz')).words.get('uz-Latn')!
  for (const [key, text] of words) {
    assert.doesNotMatch(text, /['‘’`´′]/, key)
    assert.doesNotMatch(text, /[og]ʼ/i, key)
    assert.doesNotMatch(text, /(?<![og])ʻ/i, key)
  }
})

test('Cyrillic words hold no Latin letters outside placeholders and names of acts', () => {
  const words = load(folderOf('uz')).words.get('uz-Cyrl')!
  for (const [key, text] of words) {
    const choices = /\{\w+, (plural|select),|\b(true|false|other) (?=\{)/g
    assert.doesNotMatch(text.replace(choices, '').replace(/\{\w+\}|ID-|\d+-[IVX]+\b/g, ''), /[a-z]/i, key)
  }
})

test('only the purpose of reading one’s own memory covers everything', () => {
  for (const name of ['uz', 'demo']) {
    const purposes = [...load(folderOf(name)).purposes.values()]
    const everything = purposes.filter(({ predicates }) => predicates.includes('*')).map(({ code }) => code)
    assert.deepEqual(everything, [`${name}.purpose.own-memory`])
    assert.ok(purposes.some(({ code }) => code === `${name}.purpose.engine`))
  }
})

test('money in YAML is in major units and reaches the evaluator in minor ones', () => {
  const pack = load(folderOf('uz'))
  const [first] = pack.examples.get('uz.social.child-benefit')!
  assert.equal(first!.expect.amount, 36_000_000)
  assert.deepEqual(first!.facts.household_income, {
    state: 'known',
    value: 150_000_000,
    facts: ['example:household_income'],
    observed_on: '2026-11-24',
  })
  const got = evaluate(pack.rules.get('uz.social.child-benefit')!, first!.facts, { asOf: first!.as_of })
  assert.equal(got.amount, 36_000_000)
})

test('the hash of a pack names its content, not its comments', () => {
  const before = load(folderOf('demo')).hash
  const commented = changedDemo({ 'pack.yaml': (text) => `# another comment\n${text}` })
  const changed = changedDemo({ 'pack.yaml': (text) => text.replace('version: 1.0.0', 'version: 1.0.1') })
  try {
    assert.equal(load(commented.folder).hash, before)
    assert.notEqual(load(changed.folder).hash, before)
  } finally {
    commented.remove()
    changed.remove()
  }
})

test('the JSON Schemas in packs/schemas are those of the program', () => {
  const folder = folderOf('schemas')
  assert.deepEqual(readdirSync(folder).sort(), [...packJsonSchemas().keys()].sort())
  for (const [file, schema] of packJsonSchemas()) {
    const kept = JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown
    assert.deepEqual(kept, schema, `${file} is old: run hamroh pack schema`)
  }
})

async function run(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = []
  const code = await packCommand(args, (line) => lines.push(line))
  return { code, lines }
}

test('pack check says what is in the pack, and which rules are not published', async () => {
  const { code, lines } = await run('check', folderOf('uz'))
  assert.equal(code, 0)
  assert.match(lines.join('\n'), /in order/)
  assert.match(lines.join('\n'), /never notify a real person: .*uz\.family\.birth \(V2\)/)
})

test('pack test counts the examples, and tells each that fails with file and line', async () => {
  assert.deepEqual((await run('test', folderOf('demo'))).code, 0)
  const changed = changedDemo({
    'rules/grant.yaml': (text) => text.replace('expect: { outcome: human }', 'expect: { outcome: applies }'),
  })
  try {
    const { code, lines } = await run('test', changed.folder)
    assert.equal(code, 1)
    assert.match(lines[0]!, /^rules\/grant\.yaml:\d+ demo\.grant: for a mother in care a human decides$/)
    assert.match(lines[1]!, /outcome: expected "applies", got "human"/)
  } finally {
    changed.remove()
  }
})

test('pack check refuses a broken pack with one line for each mistake', async () => {
  const changed = changedDemo({
    'agencies.yaml': (text) => text.replace('words: agency.clinic', 'words: agency.hospital'),
  })
  try {
    const { code, lines } = await run('check', changed.folder)
    assert.equal(code, 1)
    assert.match(
      lines[0]!,
      /^agencies\.yaml:\d+:\d+ agencies\.clinic\.words: has no words in words\/en\.yaml/,
    )
    assert.match(lines.at(-1)!, /refused, 4 mistakes$/)
  } finally {
    changed.remove()
  }
})

test('a wrong word on the command line is answered with how it is used', async () => {
  for (const args of [[], ['check'], ['chek', 'packs/uz'], ['check', 'a', 'b']]) {
    const { code, lines } = await run(...args)
    assert.equal(code, 2)
    assert.match(lines.join('\n'), /hamroh pack check FOLDER/)
  }
})
