/**
 * The DMN TCK's FEEL cases against this language: each is in profile and must be answered exactly, or out of profile for
 * a reason the type checker gives. Nothing here knows a case by its name.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { absent } from '../src/rules/evaluator/values.ts'
import { evaluateClosed, type Outcome, typeOfValue } from '../src/rules/feel/closed.ts'
import type { Reason } from '../src/rules/feel/refusal.ts'
import { belongs } from '../src/rules/feel/types.ts'
import { type FeelContext, isAlike, isContext } from '../src/rules/feel/values.ts'

const vectors = join(import.meta.dirname, 'vectors', 'feel-tck')
/** 2026-11-23. */
const today = 20_780

type Run = {
  readonly context: string | null
  readonly expression: { readonly text: string }
  readonly expectedValue: string
}
type Suite = readonly [{ readonly cases: readonly { readonly id: string; readonly runs: readonly Run[] }[] }]

/** `declared type`: what is expected is no value of the expression's type, but of the decision's, which converts it. */
export type OutReason = Reason | 'declared type'

export type Verdict =
  /** `is_absent`: the answer, exact, is that there is none, which FEEL writes null. */
  | { readonly kind: 'passed'; readonly is_absent: boolean }
  | { readonly kind: 'failed'; readonly words: string }
  | { readonly kind: 'out'; readonly reason: OutReason; readonly words: string }

export type SuiteProfile = {
  readonly name: string
  readonly cases: readonly { readonly id: string; readonly verdict: Verdict }[]
}

/** Every suite, in the order of its file. */
export function feelProfile(): SuiteProfile[] {
  const files = readdirSync(vectors).filter((name) => name.endsWith('.json'))
  return files.sort().map((file) => {
    const [suite] = JSON.parse(readFileSync(join(vectors, file), 'utf8')) as Suite
    const cases = suite.cases.map(({ id, runs }) => ({ id, verdict: worst(runs.map(verdictOf)) }))
    return { name: file.replace(/\.json$/, ''), cases }
  })
}

/** A case of several runs is in profile when all of them are. */
function worst(verdicts: readonly Verdict[]): Verdict {
  const of = (kind: Verdict['kind']): Verdict | undefined => verdicts.find((one) => one.kind === kind)
  return of('out') ?? of('failed') ?? verdicts[0] ?? { kind: 'passed', is_absent: false }
}

function verdictOf(run: Run): Verdict {
  const given = run.context === null ? undefined : evaluateClosed(run.context, { is_data: true })
  if (given && !given.ok) return out(given)
  const context = given && isContext(given.value) ? (given.value as FeelContext) : new Map()
  const found = evaluateClosed(run.expression.text, { context, today })
  if (!found.ok && found.when === 'checked') return out(found)
  const expected = evaluateClosed(run.expectedValue, { is_data: true })
  if (!expected.ok) return { kind: 'failed', words: `unreadable expected value ${run.expectedValue}` }
  if (!found.ok) return { kind: 'failed', words: found.mistake.message }
  const type = typeOfValue(expected.value)
  if (!type || !belongs(type, found.type))
    return { kind: 'out', reason: 'declared type', words: `${run.expectedValue} is no value of its type` }
  if (isAlike(found.value, expected.value)) return { kind: 'passed', is_absent: found.value === absent }
  return { kind: 'failed', words: `expected ${run.expectedValue}` }
}

function out({ mistake }: Extract<Outcome, { ok: false }>): Verdict {
  return { kind: 'out', reason: mistake.reason, words: mistake.message }
}

const reasons: { readonly [reason in OutReason]: string } = {
  syntax: 'not FEEL, or a construct this language has not',
  limit: 'too long, too deep or too many',
  null: 'null is written, or handed in: what is not there is absent, and has a type',
  'unknown-name': 'the name is not declared (cases that read other decisions of the same file among them)',
  'unknown-function': 'there is no such function',
  arguments: 'too few or too many arguments, or a wrong name for one',
  'argument-type': 'an argument of another type; FEEL answers null',
  'types-differ': 'one list, one comparison, one choice: one type',
  'no-meaning': 'the operation has no meaning for these types',
  'function-value': 'functions are neither defined nor handed on as values',
  irrational: 'the result is no exact number',
  clock: 'there is no clock',
  literal: 'no date of the calendar, no time of the clock; FEEL answers null',
  'out-of-range': 'a constant outside the range of the function',
  'division-by-zero': 'a constant divisor of zero; FEEL answers null',
  overflow: 'a number without bounds',
  'not-exact': 'a number no decimals write exactly',
  pattern: 'no pattern, or one that could run for long; FEEL answers null',
  iteration: 'only lists, whole numbers and dates can be gone over',
  steps: 'too many steps',
  'declared type':
    'the expected value belongs to a type that the decision declares elsewhere and converts to',
}

/** docs/feel-profile.md: the share of every suite, and why the rest is out. */
export function profileText(profile: readonly SuiteProfile[]): string {
  const every = profile.flatMap(({ cases }) => cases.map(({ verdict }) => verdict))
  const count = (verdicts: readonly Verdict[], kind: Verdict['kind']): number =>
    verdicts.filter((one) => one.kind === kind).length
  const rows = profile.map(({ name, cases }) => {
    const verdicts = cases.map(({ verdict }) => verdict)
    const passed = count(verdicts, 'passed')
    const share = Math.round((100 * passed) / cases.length)
    return `| ${name} | ${cases.length} | ${passed} | ${share} % | ${outOf(verdicts)} |`
  })
  const passed = count(every, 'passed')
  const meanings = Object.entries(reasons).filter(([reason]) => outOf(every).includes(`${reason} `))
  return [
    '# FEEL: what is in profile',
    '',
    'Written by `node boot.js run test/feel-profile.ts`; a test compares. The cases are those of the DMN TCK in',
    '`test/vectors/feel-tck`. A case is out of profile when the type checker refuses it, for the reason it gives; all',
    'others must be answered exactly, without tolerance. What is out is no pass.',
    '',
    `**${passed} of ${every.length} cases in profile (${Math.round((100 * passed) / every.length)} %), all passed; ${count(every, 'failed')} failed.**`,
    `Of those passed, ${every.filter((one) => one.kind === 'passed' && one.is_absent).length} have an answer that is absent (a position beyond a list, the median of nothing), which FEEL writes \`null\`.`,
    '',
    '| suite | cases | in profile, passed | share | out, by reason |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    '| reason | what it says |',
    '|---|---|',
    ...meanings.map(([reason, words]) => `| ${reason} | ${words} |`),
    '',
  ].join('\n')
}

function outOf(verdicts: readonly Verdict[]): string {
  const found = new Map<string, number>()
  for (const one of verdicts) if (one.kind === 'out') found.set(one.reason, (found.get(one.reason) ?? 0) + 1)
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, times]) => `${reason} ${times}`)
    .join(', ')
}
