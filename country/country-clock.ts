import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Clock, type DateText, dateIn } from '../src/platform/clock.ts'

export const zone = 'Asia/Tashkent'

export type CountryClock = Clock & {
  /** The calendar day in the country. */
  today(): DateText
  forward(days: number): void
  moveTo(instant: Date): void
}

/**
 * The clock of the synthetic country: the machine's, moved forward by what stands in a small file. All processes of
 * the country read the same file, so that one button moves registries and agencies together with Hamroh.
 */
export function countryClock(file: string): CountryClock {
  const ahead = (): number => {
    try {
      return Number((JSON.parse(readFileSync(file, 'utf8')) as { forward_days: number }).forward_days)
    } catch {
      return 0
    }
  }
  const now = () => new Date(Date.now() + ahead() * 86_400_000)
  const keep = (forward_days: number): void => {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, JSON.stringify({ forward_days }))
    renameSync(`${file}.new`, file)
  }
  return {
    now,
    today: () => dateIn(now(), zone),
    forward: (days) => keep(ahead() + days),
    moveTo: (instant) => keep((instant.getTime() - Date.now()) / 86_400_000),
  }
}
