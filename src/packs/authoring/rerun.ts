/** A pack read and its examples run once more: only what changed since the run before, and told as a difference. */
import type { Rule } from '../../rules/rules.ts'
import { differencesOf } from '../examples.ts'
import { readWithPlaces } from '../load.ts'
import { describeMistakes } from '../mistakes.ts'
import type { Example, Pack } from '../packs.ts'
import { remembered } from '../reading/work.ts'
import { counted } from './lines.ts'

/** What one run found. Names of examples are unique within a rule. */
type Found = {
  readonly mistakes: readonly string[]
  /** By rule and name: what differs; empty when it holds. */
  readonly examples: ReadonlyMap<string, { readonly place: string; readonly differences: readonly string[] }>
}

/** What an example came to, with what it follows from. */
type Known = { readonly hash: string; readonly form: string; readonly differences: readonly string[] }

export type Run = {
  /** What changed since the last run that was accepted, and a line that sums up. */
  readonly lines: readonly string[]
  readonly is_refused: boolean
  /** Makes it the run that the next one is compared with. */
  readonly accept: () => void
}

/** A file that is gone makes hundreds of mistakes, and the first ones say it. */
const shown_max = 20

/** @param clock milliseconds, for how long a run took */
export function openRerun(folder: string, clock: () => number): { run(): Run } {
  const work = remembered()
  let before: Found | undefined
  let known: ReadonlyMap<string, Known> = new Map()
  return {
    run: () => {
      const started = clock()
      const took = (): string => ` (${Math.round(clock() - started)} ms)`
      const reading = readWithPlaces(folder, undefined, work)
      if (!reading.ok) {
        const mistakes = describeMistakes(reading.mistakes)
        // What examples came to before still stands: they could not be run.
        const now = { mistakes, examples: before?.examples ?? new Map() }
        const fresh = mistakes.filter((line) => !before?.mistakes.includes(line))
        const more = fresh.length - shown_max
        const lines = [
          ...fresh.slice(0, shown_max),
          ...(more > 0 ? [`… ${counted(more, 'more mistake')}; pack check shows all`] : []),
          `${folder}: refused, ${counted(reading.mistakes.length, 'mistake')}${took()}`,
        ]
        return { lines, is_refused: true, accept: () => (before = now) }
      }
      const ran = runAll(reading.pack, known)
      known = ran.known
      const now: Found = { mistakes: [], examples: ran.examples }
      const failing = [...now.examples.values()].filter(({ differences }) => differences.length > 0).length
      const lines = [
        ...changes(before, now),
        `${folder}: ${counted(reading.pack.rules.size, 'rule')}, ${now.examples.size - failing} of ${now.examples.size} worked examples hold, ${ran.run} run${took()}`,
      ]
      return { lines, is_refused: false, accept: () => (before = now) }
    },
  }
}

function runAll(pack: Pack, before: ReadonlyMap<string, Known>) {
  const known = new Map<string, Known>()
  const examples = new Map<string, { readonly place: string; readonly differences: readonly string[] }>()
  let run = 0
  for (const [id, of] of pack.examples) {
    const rule = pack.rules.get(id)!
    for (const example of of) {
      const key = `${id}: ${example.name}`
      let one = knownFrom(before.get(key), rule, example)
      if (!one) {
        one = { hash: rule.hash, form: formOf(example), differences: differencesOf(rule, example) }
        run++
      }
      known.set(key, one)
      examples.set(key, { place: `${example.file}:${example.line}`, differences: one.differences })
    }
  }
  return { known, examples, run }
}

/** Nothing else decides what an example comes to: the rule's meaning, its facts and what it expects. */
const formOf = ({ as_of, item, facts, expect }: Example): string =>
  JSON.stringify([as_of, item, facts, expect])

const knownFrom = (one: Known | undefined, rule: Rule, example: Example): Known | undefined =>
  one?.hash === rule.hash && one.form === formOf(example) ? one : undefined

/** On the first run everything that fails; then what newly fails, fails otherwise, holds again or is gone. */
function changes(before: Found | undefined, now: Found): string[] {
  const lines: string[] = []
  if (before && before.mistakes.length > 0) lines.push('The pack is in order again.')
  for (const [key, { place, differences }] of now.examples) {
    const last = before?.examples.get(key)
    const text = differences.join('; ')
    if (differences.length > 0 && last?.differences.join('; ') !== text) {
      const word =
        last === undefined ? 'fails' : last.differences.length === 0 ? 'newly fails' : 'fails otherwise'
      lines.push(`${place} ${word}: ${key}`, ...differences.map((difference) => `    ${difference}`))
    } else if (differences.length === 0 && last !== undefined && last.differences.length > 0) {
      lines.push(`${place} newly holds: ${key}`)
    } else if (last === undefined && before !== undefined && before.examples.size > 0) {
      lines.push(`${place} new, holds: ${key}`)
    }
  }
  for (const key of before?.examples.keys() ?? []) if (!now.examples.has(key)) lines.push(`gone: ${key}`)
  return lines
}
