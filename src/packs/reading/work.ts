/**
 * The two costly steps of reading a pack, done anew or remembered. Both follow from their input alone, so what has not
 * changed between two readings of a folder need not be read, or compiled, again.
 */
import { compileRule } from '../../rules/rules.ts'
import { readSheet } from './sheet.ts'

export type Work = { readonly readSheet: typeof readSheet; readonly compileRule: typeof compileRule }

export const afresh: Work = { readSheet, compileRule }

/** Remembers the last text of each file, and the last form of each rule: memory stays within the size of one pack. */
export function remembered(): Work {
  const sheets = new Map<string, { readonly text: string; readonly read: ReturnType<typeof readSheet> }>()
  const rules = new Map<
    string,
    { readonly form: string; readonly compiled: ReturnType<typeof compileRule> }
  >()
  return {
    readSheet: (file, text) => {
      const known = sheets.get(file)
      if (known?.text === text) return known.read
      const read = readSheet(file, text)
      sheets.set(file, { text, read })
      return read
    },
    compileRule: (source, vocabulary, settings) => {
      const read = source.facts.map((name) => vocabulary[name] ?? null)
      // A rule that does not compile may have been wrong about any name of the vocabulary: it is tried again.
      const form = JSON.stringify([source, read, settings, Object.keys(vocabulary)])
      const known = rules.get(source.id)
      if (known?.form === form && known.compiled.ok) return known.compiled
      const compiled = compileRule(source, vocabulary, settings)
      rules.set(source.id, { form, compiled })
      return compiled
    },
  }
}
