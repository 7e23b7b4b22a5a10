/** What the tests of this folder share: the author's commands run on a pack, and a pack read with its places. */
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { readWithPlaces } from '../load.ts'
import { packCommand } from '../packs.ts'

export const uzFolder = fileURLToPath(new URL('../../../packs/uz', import.meta.url))

export function read(folder: string) {
  const reading = readWithPlaces(folder)
  if (!reading.ok) assert.fail(JSON.stringify(reading.mistakes.slice(0, 5), null, 2))
  return reading
}

/** Runs a verb; what it answered and what it complained of apart. */
export async function run(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const out: string[] = []
  const err: string[] = []
  const code = await packCommand(
    args,
    (line) => out.push(...line.split('\n')),
    (line) => err.push(line),
  )
  return { code, out, err }
}

/** Lines of a terminal of 80 columns hold; a single word that is longer stays whole. */
export function assertFits(lines: readonly string[]): void {
  for (const line of lines)
    assert.ok(
      [...line].length <= 80 || !/\S\s+\S/.test(line.trimStart()),
      `${[...line].length} columns: ${line}`,
    )
}
