/** Literals: numbers, texts, dates and durations, each checked here so that nothing later can fail to parse. */
import { parseDay, parseDuration } from '../evaluator/calendar.ts'
import type { ValueNode } from './ir.ts'
import { fail, type Lowering, textOf } from './lowering.ts'
import { parts, type SyntaxNode } from './parse.ts'
import { literal, numeral } from './typing.ts'

const digitsMax = 30
const textCharsMax = 500

/** `18`, `0.2`, `-1`. */
export function numberLiteral(cx: Lowering, node: SyntaxNode): ValueNode | undefined {
  const text = textOf(cx, node).replace(/\s+/g, '')
  const number = parseDecimal(text)
  if (number) return numeral(number.value, number.scale)
  return fail(
    cx,
    node,
    `write numbers with at most ${digitsMax} digits and a decimal point, without an exponent`,
    { found: text.slice(0, 40) },
  )
}

/** An exact decimal from text; undefined when it is not written as one. */
export function parseDecimal(text: string): { readonly value: bigint; readonly scale: number } | undefined {
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!found) return undefined
  const [, minus, before = '', after = ''] = found
  if (before.length + after.length > digitsMax) return undefined
  const value = BigInt(before + after)
  return { value: minus === '-' ? -value : value, scale: after.length }
}

/** The characters a literal in quotes stands for: FEEL's escapes; another backslash is itself. Undefined when too long. */
export function unquoted(text: string): string | undefined {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"') || /[\r\n]/.test(text)) return undefined
  const value = text
    .slice(1, -1)
    .replace(/\\(["\\nrt'/]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6})/g, (_, sign: string) => {
      if (sign.length > 1) return codePoint(Number.parseInt(sign.slice(1), 16))
      return sign === 'n' ? '\n' : sign === 'r' ? '\r' : sign === 't' ? '\t' : sign
    })
  return value.length <= textCharsMax ? value : undefined
}

const codePoint = (code: number): string => (code > 0x10ffff ? '\uFFFD' : String.fromCodePoint(code))

function unquote(cx: Lowering, node: SyntaxNode): string | undefined {
  return (
    unquoted(textOf(cx, node)) ??
    fail(cx, node, `a text is written in double quotes on one line, with at most ${textCharsMax} characters`)
  )
}

export function textLiteral(cx: Lowering, node: SyntaxNode): ValueNode | undefined {
  const value = unquote(cx, node)
  return value === undefined ? undefined : literal({ kind: 'string' }, value)
}

/** `@"2026-11-23"`, `@"P60D"`, `date("2026-11-23")`, `duration("P1M")`. */
export function timeLiteral(cx: Lowering, node: SyntaxNode): ValueNode | undefined {
  const [head, , given] = parts(node)
  if (head?.name === 'AtLiteral') {
    const inner = parts(head)[0]
    const text = inner && unquote(cx, inner)
    if (text === undefined) return undefined
    return dateOf(text) ?? durationOf(text) ?? fail(cx, node, notTime, { expected, found: text.slice(0, 40) })
  }
  const maker = head && textOf(cx, head).replace(/\s+/g, ' ')
  if (maker !== 'date' && maker !== 'duration')
    return fail(cx, node, `${maker ?? 'this'} is not part of the language: dates have no time of day`)
  const inner = given && parts(given)
  const only = inner?.[0]
  if (!only || inner.length !== 1 || only.name !== 'StringLiteral')
    return fail(cx, node, `${maker}() takes one text in quotes`)
  const text = unquote(cx, only)
  if (text === undefined) return undefined
  const made = maker === 'date' ? dateOf(text) : durationOf(text)
  return (
    made ??
    fail(cx, only, maker === 'date' ? notDate : notDuration, {
      expected: maker === 'date' ? 'YYYY-MM-DD' : 'P60D or P1Y6M',
      found: text.slice(0, 40),
    })
  )
}

const expected = 'YYYY-MM-DD, P60D or P1Y6M'
const notDate = 'this is no date of the calendar'
const notDuration = 'this is no duration: whole days or weeks, or whole years and months'
const notTime = 'this is neither a date of the calendar nor a duration'

function dateOf(text: string): ValueNode | undefined {
  const day = parseDay(text)
  return day === undefined ? undefined : literal({ kind: 'date' }, day)
}

function durationOf(text: string): ValueNode | undefined {
  const duration = parseDuration(text)
  return duration && literal({ kind: duration.unit }, duration.count)
}
