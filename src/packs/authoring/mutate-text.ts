/** `pack mutate` for a terminal: each survivor with its place, its two texts, and facts that would tell them apart. */

import type { Pack } from '../packs.ts'
import { inMajorUnits, sampleText } from './facts-text.ts'
import { counted, percent } from './lines.ts'
import type { Mutant, RuleMutated, Said } from './mutate.ts'

/** `all`: more than one rule was asked for, so a line sums them up. */
export function mutateLines(
  pack: Pack,
  folder: string,
  all: readonly RuleMutated[],
  seconds: number,
): string[] {
  const survivors = all.flatMap((one) => one.survivors)
  const same = all.flatMap((one) => one.same)
  const noticed = all.reduce((sum, one) => sum + one.noticed, 0)
  const refused = all.reduce((sum, one) => sum + one.refused, 0)
  return [
    ...survivors.flatMap((mutant) => mutantLines(pack, mutant)),
    ...(same.length === 0
      ? []
      : [
          'Probably the same meaning, for no tried facts tell them apart:',
          ...same.flatMap((mutant) => mutantLines(pack, mutant)),
        ]),
    `${folder}: ${noticed} of ${counted(noticed + survivors.length, 'mutant')} of ${counted(all.length, 'rule')} noticed (${percent(noticed, noticed + survivors.length)}), ` +
      `${counted(survivors.length, 'survivor')}, ${same.length} probably the same, ${refused} refused by the check; ${seconds.toFixed(1)} s`,
  ]
}

function mutantLines(
  pack: Pack,
  { file, line, column, rule, slip, before, after, part, witness }: Mutant,
): string[] {
  const name = ['parameter', 'from', 'setting'].includes(slip) ? `${part.split('.')[1]} ` : ''
  return [
    `${file}:${line}:${column} ${rule}: ${slip}`,
    `    - ${name}${before}`,
    `    + ${after === '' ? '(left out)' : `${name}${after}`}`,
    ...(witness === null ? [] : witnessLines(pack, witness)),
  ]
}

function witnessLines(
  pack: Pack,
  { sample, example, rule, mutant }: NonNullable<Mutant['witness']>,
): string[] {
  const [own, other] = differing(pack, rule, mutant)
  if (example !== null) return [`    the example "${example}" would notice it, if it expected ${own}`]
  return [`    would show it: ${sampleText(pack, sample)}`, `    ${own} (not ${other})`]
}

/** Where two determinations differ: the outcome if it does, else the rest. */
function differing(pack: Pack, a: Said, b: Said | null): [string, string] {
  const keys = (['outcome', 'amount', 'due', 'until', 'ask'] as const).filter(
    (key) => b === null || JSON.stringify(a[key]) !== JSON.stringify(b[key]),
  )
  const shown = keys.includes('outcome') ? ['outcome' as const] : keys
  const text = (said: Said): string =>
    shown
      .map(
        (key) =>
          `${key}: ${key === 'amount' && said.amount !== null ? inMajorUnits(said.amount, pack.currency.digits) : said[key] === null ? 'null' : String(said[key])}`,
      )
      .join(', ')
  return [text(a), b === null ? 'nothing that could be worked out' : text(b)]
}
