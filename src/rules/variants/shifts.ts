/** The nearest other values of what an author wrote out: one smallest unit up, one down. */
import { formatDay, parseDay, parseDuration } from '../evaluator/calendar.ts'
import { parseDecimal } from '../language/literals.ts'

/** `18` gives `19` and `17`, `0.25` gives `0.26` and `0.24`; nothing for what is no exact decimal. */
export function nearNumbers(text: string, scale_least = 0): readonly string[] {
  const read = parseDecimal(text.replace(/\s+/g, ''))
  if (!read) return []
  const scale = Math.max(read.scale, scale_least)
  const value = read.value * 10n ** BigInt(scale - read.scale)
  return [value + 1n, value - 1n].map((near) => decimalText(near, scale))
}

function decimalText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${value < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`
}

/** A date's neighbours are the days beside it, a duration's one day or one month more or less. */
export function nearTimes(text: string): readonly string[] {
  const day = parseDay(text)
  if (day !== undefined)
    return [day + 1, day - 1].map(formatDay).filter((near): near is string => near !== undefined)
  const span = parseDuration(text)
  if (!span) return []
  const unit = span.unit === 'days' ? 'D' : 'M'
  return [span.count + 1, span.count - 1].map((n) => `${n < 0 ? '-' : ''}P${Math.abs(n)}${unit}`)
}
