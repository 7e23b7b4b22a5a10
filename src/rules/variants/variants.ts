/**
 * A rule, slightly wrong in every way it could be: what its worked examples must notice. Pure: text in, compiled
 * variants out; whoever asks decides what to hold them against.
 */
import type { Json } from '../../platform/canonical.ts'
import { compile } from '../compile.ts'
import type { Rule, RuleError, RuleSettings, RuleSource, RuleType, RuleVocabulary } from '../rules.ts'
import { type CodesBeside, editsOf, type Slip } from './edits.ts'
import { nearNumbers, nearTimes } from './shifts.ts'
import {
  expressionsOf,
  withOtherSettings,
  withoutException,
  withParam,
  withSwappedOutputs,
} from './source.ts'

export type Variant = {
  /**
   * What kind of slip: of the text (`comparison`, `logic` …), of a `parameter` or the day `from` which it holds, an
   * `exception` left out, `rows` swapped, a `setting` of rounding or of deadlines.
   */
  readonly slip: Slip | 'parameter' | 'from' | 'exception' | 'rows' | 'setting'
  /**
   * Which part of the rule, named as mistakes name it (`RuleError.where`); UTF-16 offsets into its text: what is replaced,
   * and `at` where a reader looks for it.
   */
  readonly where: string
  readonly at: number
  readonly from: number
  readonly to: number
  /** The whole text of that part before and after; for an exception left out, `after` is empty. */
  readonly before: string
  readonly after: string
  /** The rule with it; or why it is no rule, so that nobody could write it. Compiled when asked for. */
  compile(): { readonly ok: true; readonly rule: Rule } | { readonly ok: false; readonly errors: RuleError[] }
}

/** More than any rule a person can review has: an end for those nobody can. */
const variantsMax = 2_000

/**
 * Every small slip in a rule's conditions, results, tables, parameters and exceptions, in the order of its text; each
 * once. Texts, citations, effective dates and how months and birthdays end are left alone. `vocabulary` and `settings` as the rule was
 * compiled with.
 */
export function variantsOf(
  rule: Rule,
  vocabulary: RuleVocabulary,
  settings: RuleSettings,
): readonly Variant[] {
  const { source } = rule
  const found = new Map<string, Variant>()
  const add = (made: Omit<Variant, 'compile'>, changed: RuleSource): void => {
    const key = `${made.where}\n${made.after}`
    if (found.has(key) || found.size >= variantsMax) return
    found.set(key, { ...made, compile: () => compile(changed, vocabulary, settings, { is_variant: true }) })
  }
  const beside = codesIn(source, vocabulary)
  for (const { where, text, is_cell, put } of expressionsOf(source)) {
    for (const { slip, from, to, put: by, at = from } of editsOf(text, is_cell, beside)) {
      const after = text.slice(0, from) + by + text.slice(to)
      add({ slip, where, at, from, to, before: text, after }, put(after))
    }
  }
  addParams(rule, settings, add)
  for (const { id, when } of source.exceptions ?? [])
    add(
      {
        slip: 'exception',
        where: `exceptions.${id}.when`,
        at: 0,
        from: 0,
        to: when.length,
        before: when,
        after: '',
      },
      withoutException(source, id),
    )
  for (const { where, before, after, changed } of withOtherSettings(source))
    add({ slip: 'setting', where, at: 0, from: 0, to: before.length, before, after }, changed)
  for (const { where, before, after, changed } of withSwappedOutputs(source))
    add({ slip: 'rows', where, at: 0, from: 0, to: before.length, before, after }, changed)
  return [...found.values()]
}

type Add = (made: Omit<Variant, 'compile'>, changed: RuleSource) => void

/** Every version of every parameter read: its value, and the day it begins where one was before it. */
function addParams({ source, params_read }: Rule, settings: RuleSettings, add: Add): void {
  for (const name of params_read) {
    const { type, values } = source.params[name]!
    for (const [at, version] of values.entries()) {
      const put = (slip: 'parameter' | 'from', key: 'value' | 'from', value: Json): void => {
        const before = String(version[key])
        const where = `params.${name}.values.${at}.${key}`
        add(
          { slip, where, at: 0, from: 0, to: before.length, before, after: String(value) },
          withParam(source, { name, at, key, value }),
        )
      }
      for (const near of nearValues(type, version.value, settings.money_digits))
        put('parameter', 'value', near)
      if (at > 0) for (const near of nearTimes(version.from)) put('from', 'from', near)
    }
  }
}

function nearValues(type: RuleType, value: Json, money_digits: number): readonly Json[] {
  switch (type.kind) {
    case 'integer':
      return nearNumbers(String(value)).map(Number)
    case 'money':
      return nearNumbers(String(value), money_digits)
    case 'decimal':
      return nearNumbers(String(value), type.scale)
    case 'date':
    case 'duration':
      return nearTimes(String(value))
    case 'boolean':
      return [value !== true]
    case 'code':
      return type.values.filter((other) => other !== value).slice(0, 1)
    default:
      return []
  }
}

/** The code after a value among those of the first type that has it; texts that are no codes have none beside them. */
function codesIn(source: RuleSource, vocabulary: RuleVocabulary): CodesBeside {
  const types = source.facts.flatMap((name): RuleType[] => {
    const type = vocabulary[name]?.type
    return type?.kind === 'list' ? Object.values(type.fields) : type ? [type] : []
  })
  return (value) => {
    const codes = types.find((type) => type.kind === 'code' && type.values.includes(value))
    if (codes?.kind !== 'code' || codes.values.length < 2) return []
    return [codes.values[(codes.values.indexOf(value) + 1) % codes.values.length]!]
  }
}
