/** Copies of packs/demo with something changed, for tests that plant mistakes. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const demoFolder = fileURLToPath(new URL('../../packs/demo', import.meta.url))

/** From a file's path in the pack to its new text; a file that is not there begins as an empty text. */
export type Changes = { readonly [file: string]: (text: string) => string }

export function changedDemo(changes: Changes): {
  folder: string
  text(file: string): string
  remove(): void
} {
  const root = mkdtempSync(join(tmpdir(), 'hamroh-pack-'))
  const folder = join(root, 'pack')
  cpSync(demoFolder, folder, { recursive: true })
  const text = (file: string) => readFileSync(join(folder, file), 'utf8')
  for (const [file, change] of Object.entries(changes)) {
    let before = ''
    try {
      before = text(file)
    } catch {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
    }
    writeFileSync(join(folder, file), change(before))
  }
  return { folder, text, remove: () => rmSync(root, { recursive: true, force: true }) }
}
