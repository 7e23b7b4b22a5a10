/** Identifiers of people who do not exist: well-formed, and outside every range given to a real person. */
import type { DateText } from '../../src/platform/clock.ts'

const weights = [7, 3, 1] as const

/** Check digit of the first 13 digits of a PINFL: weights 7, 3, 1 repeating, modulo 10 (CM No. 177 of 12.04.2022). */
export function pinflCheckDigit(thirteen: string): number {
  let sum = 0
  for (let i = 0; i < 13; i++) sum += (thirteen.charCodeAt(i) - 48) * weights[i % 3]!
  return sum % 10
}

/**
 * A PINFL `G DDMMYY RRR SSS C`. District of birth 000 is used by nobody, so no such number can be a real person's.
 * @param serial 0 … 999
 * @param district 000, or 9xx for benches that need more newborns a day than 1,000 of each sex
 */
export function makePinfl(birth_date: DateText, sex: 'm' | 'f', serial: number, district = 0): string {
  const year = Number(birth_date.slice(0, 4))
  const century = year >= 2000 ? 5 : year >= 1900 ? 3 : 1
  const g = century + (sex === 'f' ? 1 : 0)
  const ddmmyy = birth_date.slice(8, 10) + birth_date.slice(5, 7) + birth_date.slice(2, 4)
  const first = `${g}${ddmmyy}${pad(district, 3)}${pad(serial, 3)}`
  return first + pinflCheckDigit(first)
}

/** What a PINFL says of itself, or undefined when it cannot be one (14 digits, century, check digit). */
export function readPinfl(
  pinfl: string,
): { birth_date: DateText; sex: 'm' | 'f'; district: number; serial: number } | undefined {
  if (!/^[1-6]\d{13}$/.test(pinfl) || pinflCheckDigit(pinfl) !== Number(pinfl[13])) return undefined
  const g = Number(pinfl[0])
  const century = g <= 2 ? '18' : g <= 4 ? '19' : '20'
  return {
    birth_date: `${century}${pinfl.slice(5, 7)}-${pinfl.slice(3, 5)}-${pinfl.slice(1, 3)}`,
    sex: g % 2 === 1 ? 'm' : 'f',
    district: Number(pinfl.slice(7, 10)),
    serial: Number(pinfl.slice(10, 13)),
  }
}

/** A passport of series ZZ, which no office issues. */
export const makePassport = (index: number): string => `ZZ${pad(index, 7)}`

/** A STIR of the range 39…, far above the numbers given to companies so far. Its control digit is not public. */
export const makeStir = (index: number): string => `39${pad(index, 7)}`

/** A certificate of the civil registry of series I-SX ("synthetic"), which no office uses. */
export const makeCertificate = (index: number): string => `I-SX ${pad(index, 7)}`

const pad = (n: number, width: number): string => String(n).padStart(width, '0')
