/** Sets of values in words, for mistakes in tables. */
import { formatDay } from '../evaluator/calendar.ts'
import type { Box, Part, Span } from './boxes.ts'
import type { Type, ValueNode } from './ir.ts'

/** A column as its author wrote it. */
export type Heading = { readonly text: string; readonly node: ValueNode }

/** "size is 3 or more and status is single"; columns that do not matter are left out. */
export function boxWords(box: Box, domain: Box, columns: readonly Heading[], moneyDigits: number): string {
  const said = box.flatMap((part, at) => {
    const { text, node } = columns[at]!
    return isSame(part, domain[at]!) ? [] : [`${text} is ${partWords(part, node.type, moneyDigits)}`]
  })
  return said.length === 0 ? 'the inputs are anything' : said.join(' and ')
}

function isSame(a: Part, b: Part): boolean {
  if (a.absent !== b.absent) return false
  if (a.kind === 'spans' && b.kind === 'spans')
    return (
      a.spans.length === b.spans.length &&
      a.spans.every((span, at) => span.low === b.spans[at]!.low && span.high === b.spans[at]!.high)
    )
  if (a.kind !== 'names' || b.kind !== 'names') return false
  return (
    a.all_but === b.all_but &&
    a.names.size === b.names.size &&
    [...a.names].every((name) => b.names.has(name))
  )
}

function partWords(part: Part, type: Type, moneyDigits: number): string {
  const pieces =
    part.kind === 'spans'
      ? part.spans.map((span) => spanWords(span, (value) => numberWords(value, type, moneyDigits)))
      : namesWords(part)
  return [...pieces, ...(part.absent ? ['absent'] : [])].join(' or ')
}

function namesWords(part: Extract<Part, { kind: 'names' }>): string[] {
  const listed = [...part.names].map((name) => `"${name.slice(0, 60)}"`)
  if (!part.all_but) return listed
  return [listed.length === 0 ? 'anything' : `anything but ${listed.join(' and ')}`]
}

function spanWords({ low, high }: Span, said: (value: bigint) => string): string {
  if (low === null) return high === null ? 'anything' : `${said(high)} or less`
  if (high === null) return `${said(low)} or more`
  return low === high ? said(low) : `${said(low)} to ${said(high)}`
}

function numberWords(value: bigint, type: Type, moneyDigits: number): string {
  if (type.kind === 'date') return formatDay(Number(value)) ?? `day ${value}`
  if (type.kind === 'days') return `P${value}D`
  if (type.kind === 'months') return `P${value}M`
  const scale = ('scale' in type ? type.scale : 0) + (type.kind === 'money' ? moneyDigits : 0)
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return `${value < 0n ? '-' : ''}${text}`
}
