import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

type Entry = {
  optionalDependencies?: Record<string, string>
  resolved?: string
  integrity?: string
  link?: boolean
}

const { packages } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8'),
) as { packages: Record<string, Entry> }

test('every optional dependency of every package is in the lockfile, with its hash', () => {
  const missing: string[] = []
  for (const [path, entry] of Object.entries(packages)) {
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      const found = Object.keys(packages).some(
        (p) => p === `node_modules/${name}` || p === `${path}/node_modules/${name}`,
      )
      if (!found) missing.push(`${path}: ${name}`)
    }
    if (path !== '' && !entry.integrity && !entry.link) missing.push(`${path}: no integrity hash`)
  }
  assert.deepEqual(missing, [])
})

test('the lockfile names no registry', () => {
  assert.deepEqual(
    Object.entries(packages).filter(([, e]) => e.resolved),
    [],
  )
})

test('every dependency is pinned to one version', () => {
  const own = packages[''] as {
    dependencies: Record<string, string>
    devDependencies: Record<string, string>
    optionalDependencies: Record<string, string>
  }
  for (const [name, version] of Object.entries({
    ...own.dependencies,
    ...own.devDependencies,
    ...own.optionalDependencies,
  })) {
    assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name)
  }
})
