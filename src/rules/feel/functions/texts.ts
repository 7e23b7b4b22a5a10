/** FEEL's functions of texts. Characters are Unicode code points. */
import { absent } from '../../evaluator/values.ts'
import { type Fraction, fractionFrom } from '../fraction.ts'
import { compilePattern, replacementOf, splitBy } from '../patterns.ts'
import { Refused } from '../refusal.ts'
import { boolean, listOf, number, optional, string } from '../types.ts'
import { type FeelValue, textOf } from '../values.ts'
import { type BuiltIn, type BuiltIns, count, type ResultRule, wholeOf } from './signature.ts'

const textToText = (run: (text: string) => string): readonly BuiltIn[] => [
  { params: ['string: string'], result: string, run, in_rules: 'steady' },
]
const matching = (run: (text: string, match: string) => FeelValue, result: BuiltIn['result']) => [
  { params: ['string: string', 'match: string'], result, run, in_rules: 'steady' } as const,
]

function substring(text: string, start: Fraction, length?: Fraction): string {
  const all = [...text]
  const from = wholeOf(start)
  const at = from > 0 ? from - 1 : all.length + from
  if (from === 0 || at < 0) return ''
  return all.slice(at, length === undefined ? undefined : at + Math.max(0, wholeOf(length))).join('')
}

function before(text: string, match: string): string {
  const at = text.indexOf(match)
  return at < 0 ? '' : text.slice(0, at)
}

function after(text: string, match: string): string {
  const at = text.indexOf(match)
  return at < 0 ? '' : text.slice(at + match.length)
}

/** A pattern is known when the rule is checked, so that a wrong one is found then. */
const constantPattern: ResultRule = (_, constants) =>
  typeof constants[1] === 'string' ? boolean : 'a pattern must be written out, so that it can be checked'

const patternTo =
  (result: typeof string): ResultRule =>
  (types, constants) => {
    const checked = constantPattern(types, constants)
    return typeof checked === 'string' ? checked : result
  }

function parseNumber(text: string, grouping?: string, point?: string): FeelValue {
  if (grouping !== undefined && !/^[ ,.]$/.test(grouping)) return absent
  if (point !== undefined && (!/^[,.]$/.test(point) || point === grouping)) return absent
  const plain = text.replaceAll(grouping ?? '', '').replace(point ?? '.', '.')
  return fractionFrom(plain) ?? absent
}

export const textFunctions: BuiltIns = {
  'string length': [
    {
      params: ['string: string'],
      result: number,
      run: (text: string) => count([...text].length),
      in_rules: 'steady',
    },
  ],
  'upper case': textToText((text) => text.toUpperCase()),
  'lower case': textToText((text) => text.toLowerCase()),
  trim: textToText((text) => text.trim()),
  substring: [
    {
      params: ['string: string', 'start position: number', 'length?: number'],
      result: string,
      run: substring,
    },
  ],
  'substring before': matching(before, string),
  'substring after': matching(after, string),
  contains: matching((text, match) => text.includes(match), boolean),
  'starts with': matching((text, match) => text.startsWith(match), boolean),
  'ends with': matching((text, match) => text.endsWith(match), boolean),
  matches: [
    {
      params: ['input: string', 'pattern: string', 'flags?: string'],
      result: constantPattern,
      run: (text: string, pattern: string, flags?: string) => compilePattern(pattern, flags, text).test(text),
    },
  ],
  replace: [
    {
      params: ['input: string', 'pattern: string', 'replacement: string', 'flags?: string'],
      result: patternTo(string),
      run: (text: string, pattern: string, replacement: string, flags?: string) => {
        const regex = compilePattern(pattern, flags, text)
        if (regex.test(''))
          throw new Refused('pattern', 'a pattern that matches nothing at all cannot be replaced')
        return text.replace(new RegExp(regex, `${regex.flags}g`), replacementOf(replacement))
      },
    },
  ],
  split: [
    {
      params: ['string: string', 'delimiter: string'],
      result: patternTo(listOf(string)),
      run: (text: string, delimiter: string) => splitBy(text, compilePattern(delimiter, '', text)),
    },
  ],
  'string join': [
    {
      params: ['list: list<string>', 'delimiter?: string'],
      result: string,
      run: (list: readonly FeelValue[], delimiter?: string) =>
        list.filter((one) => one !== absent).join(delimiter ?? ''),
    },
  ],
  string: [{ params: ['from: any'], result: string, run: textOf as (value: never) => string }],
  number: [
    {
      params: ['from: string', 'grouping separator?: string', 'decimal separator?: string'],
      result: optional(number),
      run: parseNumber,
    },
  ],
}
