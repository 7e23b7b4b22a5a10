import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { changedDemo, demoFolder } from '../planted.fixture.ts'
import { openRerun } from './rerun.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Longer than any run on a busy machine; it ends a test that would hang, and is never waited out. */
const patience_ms = 60_000

type Watched = {
  readonly folder: string
  readonly file: (name: string) => string
  readonly child: ChildProcess
  /** The next lines up to one that matches, in order; what came before it is used up. */
  readonly until: (pattern: RegExp) => Promise<string[]>
  readonly ended: Promise<number | null>
}

/** `hamroh pack watch` as a process of its own, on a copy of the demo pack. */
function watched(t: TestContext): Watched {
  const { folder, remove } = changedDemo({})
  const child = spawn(
    process.execPath,
    ['--import', join(root, 'tsx-hook.js'), join(root, 'src/cli.ts'), 'pack', 'watch', folder],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const lines: string[] = []
  let rest = ''
  let notice = (): void => undefined
  child.stdout!.on('data', (data: Buffer) => {
    const parts = (rest + data.toString()).split('\n')
    rest = parts.pop()!
    lines.push(...parts)
    notice()
  })
  child.stderr!.on('data', (data: Buffer) => lines.push(`stderr: ${data.toString()}`))
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
    remove()
  })
  const until = (pattern: RegExp): Promise<string[]> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no line ${pattern} in\n${lines.join('\n')}`)),
        patience_ms,
      )
      notice = () => {
        const at = lines.findIndex((line) => pattern.test(line))
        if (at < 0) return
        clearTimeout(timer)
        notice = () => undefined
        resolve(lines.splice(0, at + 1))
      }
      notice()
    })
  return { folder, file: (name) => join(folder, name), child, until, ended }
}

const holds = /: 3 rules, 13 of 13 worked examples hold, \d+ run \(\d+ ms\)$/
const swap = (file: string, find: string, put: string): void =>
  writeFileSync(file, readFileSync(file, 'utf8').replace(find, put))

test('a save that breaks an example is told, and the save that mends it', async (t) => {
  const { file, until } = watched(t)
  assert.match((await until(holds)).at(-1)!, / 13 run /)
  swap(file('rules/grant.yaml'), 'expect: { outcome: human }', 'expect: { outcome: applies }')
  const broken = await until(/12 of 13 worked examples hold/)
  assert.match(
    broken[0]!,
    /^rules\/grant\.yaml:\d+ newly fails: demo\.grant: for a mother in care a human decides$/,
  )
  assert.match(broken[1]!, /outcome: expected "applies", got "human"/)
  assert.match(broken.at(-1)!, / 1 run /)
  swap(file('rules/grant.yaml'), 'expect: { outcome: applies }\n', 'expect: { outcome: human }\n')
  assert.match((await until(holds))[0]!, /newly holds: demo\.grant: for a mother/)
})

test('an editor that writes beside the file and renames over it is heard each time', async (t) => {
  const { file, until } = watched(t)
  await until(holds)
  const text = readFileSync(file('rules/respite.yaml'), 'utf8')
  for (const [put, expected] of [
    [text.replace('< 18', '< 19'), /1[12] of 13 worked examples hold/],
    [text, holds],
    [text.replace('< 18', '<= 18'), /1[12] of 13 worked examples hold/],
    [text, holds],
  ] as const) {
    writeFileSync(file('rules/.respite.yaml.swp'), put)
    renameSync(file('rules/.respite.yaml.swp'), file('rules/respite.yaml'))
    await until(expected)
  }
})

test('a half-written file is a mistake that goes away with the rest of it', async (t) => {
  const { file, until } = watched(t)
  await until(holds)
  const grant = file('rules/grant.yaml')
  const text = readFileSync(grant, 'utf8')
  truncateSync(grant, 0)
  const refused = await until(/refused, \d+ mistakes?/)
  assert.ok(refused.some((line) => /^rules\/grant\.yaml:1:1 /.test(line)))
  writeFileSync(grant, text.slice(0, 700))
  await until(/refused, \d+ mistakes?/)
  writeFileSync(grant, text)
  assert.equal((await until(holds))[0], 'The pack is in order again.')
})

test('a file renamed, removed and brought back, and a whole folder, are followed', async (t) => {
  const { folder, file, until } = watched(t)
  await until(holds)
  renameSync(file('rules/respite.yaml'), file('rules/respite-days.yaml'))
  await until(holds)
  rmSync(file('vocabulary.yaml'))
  assert.ok((await until(/refused/)).includes('vocabulary.yaml:1:1 the file is missing'))
  cpSync(join(demoFolder, 'vocabulary.yaml'), file('vocabulary.yaml'))
  await until(holds)
  rmSync(file('rules'), { recursive: true })
  await until(/refused/)
  mkdirSync(file('rules'))
  cpSync(join(demoFolder, 'rules'), file('rules'), { recursive: true })
  await until(holds)
  // The folder made anew is watched as the old one was.
  swap(file('rules/grant.yaml'), 'expect: { outcome: human }', 'expect: { outcome: ask }')
  await until(/12 of 13/)
  rmSync(folder, { recursive: true })
  await until(/the folder is gone/)
  cpSync(demoFolder, folder, { recursive: true })
  await until(holds)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends it cleanly`, async (t) => {
    const { child, until, ended } = watched(t)
    await until(holds)
    child.kill(signal)
    await until(/no longer watched$/)
    assert.equal(await ended, 0)
  })
}

test('only what changed is run again, and what a change of the vocabulary means is noticed', () => {
  const { folder, text, remove } = changedDemo({})
  const file = (name: string) => join(folder, name)
  const rerun = openRerun(folder, () => 0)
  const run = (): { lines: readonly string[]; is_refused: boolean } => {
    const { lines, is_refused, accept } = rerun.run()
    accept()
    return { lines, is_refused }
  }
  try {
    assert.match(run().lines.at(-1)!, / 13 run /)
    assert.match(run().lines.at(-1)!, / 0 run /)
    writeFileSync(file('words/en.yaml'), `${text('words/en.yaml')}\n# A word less, a word more.\n`)
    assert.match(run().lines.at(-1)!, / 0 run /)
    swap(file('rules/respite.yaml'), 'age(c.birth_date) < 18', 'age(c.birth_date) <= 17')
    assert.match(run().lines.at(-1)!, / 3 run /)
    swap(file('vocabulary.yaml'), 'max_age: P12M', 'max_age: P2M')
    const { lines } = run()
    assert.match(lines.at(-1)!, / 6 run /)
    assert.ok(lines.some((line) => /newly fails: demo\.grant: a poor family/.test(line)))
    swap(file('rules/grant.yaml'), 'name: a poor family with a small child gets it', 'name: a poor family')
    const renamed = run().lines
    assert.ok(renamed.some((line) => / fails: demo\.grant: a poor family$/.test(line)))
    assert.ok(renamed.some((line) => line === 'gone: demo.grant: a poor family with a small child gets it'))
    swap(file('rules/grant.yaml'), 'params.per_child', 'params.per_chld')
    assert.equal(run().is_refused, true)
    swap(file('rules/grant.yaml'), 'params.per_chld', 'params.per_child')
    assert.equal(run().lines[0], 'The pack is in order again.')
  } finally {
    remove()
  }
})
