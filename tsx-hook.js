// Pages are written in TSX. Node strips types from .ts by itself, but not JSX: this hook does that, and only that.
// Preloaded by boot.js with --import; node:test hands it on to its child processes.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'oxc-transform'

registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith('.tsx')) return nextLoad(url, context)
    const path = fileURLToPath(url)
    const { code, errors } = transformSync(path, readFileSync(path, 'utf8'), {
      jsx: { runtime: 'automatic', importSource: 'hono/jsx' },
      typescript: { onlyRemoveTypeImports: true },
    })
    if (errors.length > 0) throw new SyntaxError(`${path}: ${errors.map((e) => e.message).join('; ')}`)
    return { format: 'module', source: code, shortCircuit: true }
  },
})
