/** Writes keys.ts from uz-Latn.yaml. Run it after adding a message (`node web/words/write-keys.ts`); a test says when keys.ts is old. */
import { readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'

/** The text keys.ts should have. */
export function keysFile(): string {
  const words = parse(readFileSync(new URL('uz-Latn.yaml', import.meta.url), 'utf8')) as {
    [key: string]: string
  }
  const lines = Object.keys(words).map((key) => `  | '${key}'`)
  return `// Made by write-keys.ts from uz-Latn.yaml: every key of the pages' words.\nexport type Key =\n${lines.join('\n')}\n`
}

if (import.meta.main) writeFileSync(new URL('keys.ts', import.meta.url), keysFile())
