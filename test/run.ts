/**
 * `npm test` and `npm run check`. Checks first (types, lint and format, dead code), then every test file, each in a
 * process of its own, on one PostgreSQL server started for the run. Ends with the test runner's own summary.
 *
 *   npm test                    everything
 *   npm test -- src/memory      only files whose path contains this text, without the checks
 *
 * TEST_DATABASE_URL names another PostgreSQL (15 or newer) to run them on, with a user who may create databases and
 * roles. Each file makes a database of its own there and drops it; tests that kill a server start the embedded one.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { serverVersion, testServer } from './database.ts'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const ROOT = join(import.meta.dirname, '..')

const [mode, ...filters] = process.argv[2] === 'check' ? ['check'] : ['test', ...process.argv.slice(2)]

process.exitCode = mode === 'check' ? check() : await test(filters)

async function test(wanted: readonly string[]): Promise<number> {
  if (wanted.length === 0) {
    const failed = check()
    if (failed !== 0) return failed
  }
  const files = globSync('{src,web,country,packs,bench,test}/**/*.test.{ts,tsx}', { cwd: ROOT }).filter(
    (file) => wanted.length === 0 || wanted.some((text) => file.includes(text)),
  )
  if (files.length === 0) return say(1, `No test file has ${wanted.join(' or ')} in its path.`)
  if (files.some((f) => f.includes('browser')) && !chromium())
    return say(1, 'Chromium is missing: install it (Debian: apt-get install chromium) and run again.')
  const server = await testServer()
  try {
    say(0, `Tests run on PostgreSQL ${await serverVersion(server.url)}.`)
    return await node(['--test', '--test-concurrency=3', '--test-timeout=600000', ...files.sort(longFirst)], {
      TEST_DATABASE_URL: server.url,
    })
  } finally {
    await server.stop()
  }
}

/**
 * Long files start first, so that no core waits for the last one: the pages, which keep one busy, beside the crash tests,
 * which mostly wait for programs to come back.
 */
function longFirst(a: string, b: string): number {
  const weight = (f: string) =>
    f.includes('pages.browser')
      ? 4
      : f.includes('crash')
        ? 3
        : f.includes('browser')
          ? 2
          : f.startsWith('test/')
            ? 1
            : 0
  return weight(b) - weight(a) || (a < b ? -1 : 1)
}

function check(): number {
  const steps: [string, string[]][] = [
    ['types', ['node_modules/typescript/bin/tsc']],
    ['lint and format', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings']],
    ['dead code', ['node_modules/knip/bin/knip.js', '--no-progress']],
  ]
  for (const [name, argv] of steps) {
    const done = spawnSync(process.execPath, argv, { cwd: ROOT, stdio: 'inherit' })
    if (done.status !== 0) return say(1, `check failed: ${name}`)
    say(0, `check: ${name} ok`)
  }
  return 0
}

function node(argv: readonly string[], env: { readonly [name: string]: string }): Promise<number> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['--import', join(ROOT, 'tsx-hook.js'), ...argv], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    })
    child.on('exit', (code) => done(code ?? 1))
  })
}

/** Debian as root may install it; elsewhere the person is told what to do. */
function chromium(): boolean {
  const there = () => CHROMIUM.some((path) => existsSync(path))
  if (there()) return true
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  say(0, 'Installing Chromium for the browser tests …')
  spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore' })
  spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium', 'fonts-noto-core'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  return there()
}

function say(code: number, text: string): number {
  process.stderr.write(`${text}\n`)
  return code
}
