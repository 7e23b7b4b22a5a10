/** XPath patterns, as FEEL has them, on the pattern engine of the run-time; limited so that none can run for long. */
import { Refused } from './refusal.ts'

/** A pattern goes back and forth over its text: both are short, and loops within loops are refused. */
const inputCharsMax = 300
const patternCharsMax = 200
const loopsMax = 3
const choicesMax = 8

const blocks: { readonly [name: string]: string } = {
  IsBasicLatin: '\\u{0}-\\u{7F}',
  'IsLatin-1Supplement': '\\u{80}-\\u{FF}',
  IsCyrillic: '\\u{400}-\\u{4FF}',
}

const wrong = (message: string): Refused => new Refused('pattern', message)

/** @throws Refused for a pattern that is none, that could run for long, or an input that is too long for patterns. */
export function compilePattern(pattern: string, flags = '', input = ''): RegExp {
  if (pattern.length > patternCharsMax || input.length > inputCharsMax)
    throw wrong(`patterns have at most ${patternCharsMax} characters, texts under them ${inputCharsMax}`)
  if (!/^[smixq]*$/.test(flags)) throw wrong(`the flags of a pattern are s, m, i, x and q, not "${flags}"`)
  const plain = flags.includes('x') ? withoutSpaces(pattern) : pattern
  const source = flags.includes('q') ? plain.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&') : translated(plain)
  refuseLongRuns(source)
  try {
    return new RegExp(source, `v${flags.replace(/[xq]/g, '')}`)
  } catch {
    throw wrong(`"${pattern}" is no pattern`)
  }
}

/** The flag x: spaces do not count, but for those inside a class. */
function withoutSpaces(pattern: string): string {
  let depth = 0
  let text = ''
  for (const char of pattern) {
    if (char === '[') depth++
    if (char === ']') depth--
    if (depth > 0 || !/\s/.test(char)) text += char
  }
  return text
}

/** XPath's ways of writing that the engine has not: subtraction, blocks, bare signs in classes. */
function translated(pattern: string): string {
  let text = ''
  let depth = 0
  let groups = 0
  let opened = 0
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!
    if (char === '\\') {
      const piece = escaped(pattern.slice(at), { depth, groups })
      text += piece.text
      at += piece.length - 1
      continue
    }
    if (char === '[') {
      // [A-Z-[OI]] of XPath is [[A-Z]--[OI]] here.
      if (depth === 0) opened = text.length
      else if (pattern[at - 1] === '-') text = `${text.slice(0, opened)}[${text.slice(opened, -1)}]--`
      depth++
    } else if (char === ']') depth--
    else if (char === '(' && depth === 0 && pattern[at + 1] !== '?') groups++
    text += depth > 0 && /[(){}/|&~]/.test(char) ? `\\${char}` : char
  }
  return text
}

function escaped(rest: string, at: { depth: number; groups: number }): { text: string; length: number } {
  const block = /^\\([pP])\{(Is[A-Za-z0-9-]+)\}/.exec(rest)
  if (block) {
    const range = Object.hasOwn(blocks, block[2]!) ? blocks[block[2]!] : undefined
    if (range === undefined) throw wrong(`there is no block of characters ${block[2]} here`)
    return { text: `[${block[1] === 'P' ? '^' : ''}${range}]`, length: block[0].length }
  }
  const digit = /^\\(\d)/.exec(rest)
  if (digit) {
    const group = Number(digit[1])
    if (at.depth > 0 || group === 0 || group > at.groups)
      throw wrong(`\\${group} stands for no group before it`)
    return { text: digit[0], length: 2 }
  }
  return { text: rest.slice(0, 2), length: 2 }
}

/** A loop over a choice, or many loops one after another, can take longer than anybody waits. */
function refuseLongRuns(source: string): void {
  let loops = 0
  let choices = 0
  /** For each group that is open: does it hold a choice? */
  const open: boolean[] = []
  let closed_had_choice = false
  let in_class = 0
  const holdsChoice = (): void => {
    if (open.length > 0) open[open.length - 1] = true
  }
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!
    const before = source[at - 1] ?? ''
    if (char === '\\') at++
    else if (char === '[') in_class++
    else if (char === ']') in_class--
    else if (in_class > 0) continue
    else if (char === '(') open.push(false)
    else if (char === ')') {
      closed_had_choice = open.pop() ?? false
      if (closed_had_choice) holdsChoice()
    } else if (char === '|') holdsChoice()
    else if (char === '?') {
      // After a repetition it says "as few as possible", after a bracket it is part of the group.
      if (/[*+?}(]/.test(before)) continue
      choices++
      holdsChoice()
    } else if (char === '*' || char === '+' || char === '{') {
      const is_exact = /^\{\d+\}/.test(source.slice(at))
      if (before === ')' && closed_had_choice)
        throw wrong('a repeated group with choices or repetitions inside could run for long')
      if (is_exact) continue
      loops++
      holdsChoice()
    }
  }
  if (loops > loopsMax || choices > choicesMax)
    throw wrong(`a pattern has at most ${loopsMax} repetitions and ${choicesMax} optional parts`)
}

/** `$1` and `$0` of XPath in the form of the engine. */
export const replacementOf = (text: string): string =>
  text.replace(/\\(.)|\$(\d)|\$/g, (all, literal: string | undefined, group: string | undefined) => {
    if (literal !== undefined) return literal === '$' ? '$$' : literal
    return group === undefined ? '$$' : group === '0' ? '$&' : all
  })

/** A text taken apart at every match; groups of the pattern leave nothing behind. */
export function splitBy(text: string, delimiter: RegExp): string[] {
  if (delimiter.test('')) throw wrong('a pattern that matches nothing at all takes no text apart')
  const pieces: string[] = []
  let from = 0
  for (const match of text.matchAll(new RegExp(delimiter, `${delimiter.flags}g`))) {
    pieces.push(text.slice(from, match.index))
    from = match.index + match[0].length
  }
  return [...pieces, text.slice(from)]
}
