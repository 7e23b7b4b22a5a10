/**
 * PINFL (JShShIR), the personal number: `G DDMMYY RRR SSS C`. Structure is always required; check digit and date are
 * only warned about, because the source registry decides what is a person (country facts §3.1).
 */

const WEIGHTS = [7, 3, 1]

export type PinflCheck = {
  /** 14 digits that begin with 1–6. */
  readonly well_formed: boolean
  /** What the registry should look at; never a reason to refuse. */
  readonly warnings: readonly ('check_digit' | 'date')[]
}

/** Checks both layers of a PINFL. Pure; the text itself never leaves in the answer. */
export function checkPinfl(text: string): PinflCheck {
  if (!/^[1-6]\d{13}$/.test(text)) return { well_formed: false, warnings: [] }
  const warnings: ('check_digit' | 'date')[] = []
  let sum = 0
  for (let i = 0; i < 13; i++) sum += (text.charCodeAt(i) - 48) * WEIGHTS[i % 3]!
  if (sum % 10 !== text.charCodeAt(13) - 48) warnings.push('check_digit')
  if (!realDate(text)) warnings.push('date')
  return { well_formed: true, warnings }
}

function realDate(pinfl: string): boolean {
  const century = 18 + Math.floor((Number(pinfl[0]) - 1) / 2)
  const day = Number(pinfl.slice(1, 3))
  const month = Number(pinfl.slice(3, 5))
  const year = century * 100 + Number(pinfl.slice(5, 7))
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
