/** `pack timeline`: how a determination goes on as days pass, as a table and a bar drawn in text. */
import type { DateText } from '../../platform/clock.ts'
import type { Rule, Segment } from '../../rules/rules.ts'
import { dayAfter, timeline } from '../../rules/rules.ts'
import { dayOf } from '../examples.ts'
import type { Example } from '../packs.ts'
import { columns_max, paragraph, table } from './lines.ts'
import type { Speech } from './say.ts'

export type ExampleTimeline = {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly as_of: DateText
  /** First day no longer looked at. */
  readonly horizon: DateText
  /** Amounts in minor units. The last step's `to` is null: it goes on at least until the horizon. */
  readonly steps: readonly Segment[]
}

export const years_max = 100

/** The exact steps of an example's determination, from its day on, if no fact changes. */
export function timelineOfExample(rule: Rule, example: Example, years: number): ExampleTimeline {
  const { name, file, line, as_of } = example
  const horizon = dayAfter(as_of, `P${years}Y`)
  return { name, file, line, as_of, horizon, steps: timeline(rule, example.facts, dayOf(example), horizon) }
}

/** Table and bar, within 80 columns. */
export function timelineLines(said: ExampleTimeline, { money }: Pick<Speech, 'money'>): string[] {
  const rows = said.steps.map(({ from, to, outcome, amount }) => [
    from,
    to ?? '…',
    outcome.replaceAll('_', ' '),
    amount === null ? '' : money(amount),
  ])
  return [
    ...paragraph(`${said.name} (${said.file}:${said.line})`),
    ...table([['from', 'until', 'outcome', 'amount'], ...rows]),
    ...barLines(said),
  ]
}

const signs: { readonly [outcome in Segment['outcome']]: string } = {
  applies: '#',
  does_not_apply: '.',
  ask: '?',
  human: 'h',
  conflict: '!',
}

const bar_columns = columns_max - 4

/** One sign for each stretch of days, and the years below. A step shorter than a sign still gets one. */
function barLines({ as_of, horizon, steps }: ExampleTimeline): string[] {
  const [start, end] = [dayNumber(as_of), dayNumber(horizon)]
  const column = (day: DateText): number =>
    Math.floor(((dayNumber(day) - start) / (end - start)) * bar_columns)
  const bar = Array.from({ length: bar_columns }, () => ' ')
  for (const { from, to, outcome } of steps) {
    const first = Math.min(bar_columns - 1, column(from))
    const last = to === null ? bar_columns : Math.max(first + 1, column(to))
    bar.fill(signs[outcome], first, last)
  }
  // Drawn last, or a long step that begins in the same column would hide a short one.
  for (const { from, to, outcome } of steps)
    if (to !== null && column(to) === column(from))
      bar[Math.min(bar_columns - 1, column(from))] = signs[outcome]
  const seen = [...new Set(steps.map(({ outcome }) => outcome))]
  return [
    `  |${bar.join('')}|`,
    `  ${yearsBelow(as_of, horizon, column)}`,
    `  ${seen.map((outcome) => `${signs[outcome]} ${outcome.replaceAll('_', ' ')}`).join('   ')}`,
  ]
}

/** Each first of January that has room, marked by `'` and its year. */
function yearsBelow(as_of: DateText, horizon: DateText, column: (day: DateText) => number): string {
  let line = ' '
  for (let year = Number(as_of.slice(0, 4)) + 1; year <= Number(horizon.slice(0, 4)); year++) {
    const text = `${year}`.padStart(4, '0')
    const at = 1 + column(`${text}-01-01`)
    if (at < line.length + (line === ' ' ? 0 : 1) || at + 5 > bar_columns + 2) continue
    line = `${line.padEnd(at)}'${text}`
  }
  return line
}

const dayNumber = (day: DateText): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000
