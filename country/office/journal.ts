import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

export type Journal<Line> = {
  /** Writes one line and returns when it is on the disk: what is acknowledged afterwards survives `kill -9`. */
  append(line: Line): void
  close(): void
}

/**
 * An append-only file of JSON lines. Opening hands every whole line to `replay`, in order; a last line cut off by a
 * crash was never acknowledged and is removed.
 * @throws Error naming file and line when a whole line is not JSON: somebody edited the file
 */
export function openJournal<Line>(path: string, replay: (line: Line) => void): Journal<Line> {
  mkdirSync(dirname(path), { recursive: true })
  if (existsSync(path)) {
    const bytes = readFileSync(path)
    const whole = bytes.lastIndexOf(10) + 1
    if (whole < bytes.length) truncateSync(path, whole)
    const lines = bytes.subarray(0, whole).toString('utf8').split('\n')
    for (const [i, line] of lines.entries()) if (line !== '') replay(parse<Line>(path, i + 1, line))
  }
  const file = openSync(path, 'a', 0o600)
  return {
    append: (line) => {
      writeSync(file, `${JSON.stringify(line)}\n`)
      fdatasyncSync(file)
    },
    close: () => closeSync(file),
  }
}

function parse<Line>(path: string, number: number, line: string): Line {
  try {
    return JSON.parse(line) as Line
  } catch {
    throw new Error(`${path}, line ${number}: not JSON. Restore the file, or remove it to begin anew.`)
  }
}
