/** `pack explain` for a terminal: what is written for a lawyer who reads rules, not for one who programs. */
import type {
  Citation,
  Determination,
  FixChange,
  ParamVersion,
  Reason,
  Rule,
  RuleType,
} from '../../rules/rules.ts'
import type { Pack } from '../packs.ts'
import type { ExampleExplained, RuleExplained } from './explain.ts'
import { paragraph, table } from './lines.ts'
import type { Speech } from './say.ts'

/** The lines of a rule explained, at most 80 columns where no single word is longer. */
export function explainLines(pack: Pack, rule: Rule, said: RuleExplained, speech: Speech): string[] {
  const { source } = rule
  const { from, to } = source.effective
  const one = (text: string): string[] => paragraph(text, '  ')
  return [
    ...paragraph(
      `${source.id}, version ${source.version}: ${source.kind}, ${source.status}, confidence ${source.confidence}`,
      '',
      '  ',
    ),
    ...one(said.rule.title),
    ...one(said.rule.summary),
    ...one(
      `In force from ${from}${to === null ? '' : ` until the day before ${to}`}, known since ${source.published_at}.`,
    ),
    '',
    'Rests on',
    ...source.legal.flatMap((citation) => one(citationText(speech, citation))),
    '',
    'Reads',
    ...readLines(said, speech),
    ...paramLines(rule, speech),
    '',
    'Applies when',
    ...indented(source.when),
    ...(source.exceptions ?? []).flatMap(({ id, overrides, when, outcome, legal }) => [
      ...paragraph(
        `${id}, over ${overrides} (${citationText(speech, legal)}): ${outcomeWords[outcome]} when`,
        'Except ',
        '  ',
      ),
      ...indented(when),
    ]),
    ...resultLines(rule),
    ...said.examples.flatMap((example, at) => [
      '',
      ...exampleLines({ pack, rule, speech }, example, at, said.examples.length),
    ]),
  ]
}

const indented = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)

const outcomeWords: { readonly [outcome in Determination['outcome']]: string } = {
  applies: 'it applies',
  does_not_apply: 'it does not apply',
  ask: 'it asks',
  human: 'a human decides',
  conflict: 'two exceptions contradict each other',
}

function citationText(speech: Speech, { act, date, clause, url, confidence }: Citation): string {
  const key = `act.${act}`
  const title = speech.word(key) === key ? act : `${act} (${speech.word(key)})`
  return [
    title,
    date === undefined ? '' : `of ${date}`,
    clause === undefined ? '' : `clause ${clause}`,
    url ?? '',
    confidence ?? '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function readLines(said: RuleExplained, speech: Speech): string[] {
  return said.reads.flatMap(({ name, type, world, max_age, source }) => {
    const parts = [
      typeText(type),
      `${world} world`,
      max_age === undefined ? '' : `at most ${max_age} old`,
      `from ${source}`,
      said.never_advised.includes(name) ? 'never advised to change' : '',
    ].filter((part) => part !== '')
    return [...paragraph(`${name}: ${speech.name(name)}`, '  '), ...paragraph(parts.join(', '), '      ')]
  })
}

function typeText(type: RuleType): string {
  if (type.kind === 'list') return `list with ${Object.keys(type.fields).join(', ')}`
  return type.kind === 'code' ? `one of ${type.values.join(', ')}` : type.kind
}

function paramLines({ source, params_read }: Rule, speech: Speech): string[] {
  if (params_read.length === 0) return []
  const version = ({ from, value, status, confidence, legal }: ParamVersion): string[] => {
    const cited = legal === undefined ? 'no source' : citationText(speech, legal)
    return paragraph(`from ${from}: ${value} (${status}, ${confidence}; ${cited})`, '    ', '        ')
  }
  return [
    '',
    'Parameters',
    ...params_read.flatMap((name) => {
      const { unit, values } = source.params[name]!
      const heading = `${name}${unit === undefined ? '' : ` (${unit})`}: ${speech.word(`param.${source.id}.${name}`)}`
      return [...paragraph(heading, '  '), ...values.flatMap(version)]
    }),
  ]
}

function resultLines({ source }: Rule): string[] {
  const { amount, due, round } = source.result ?? {}
  const given = (name: string, of: typeof amount): string[] =>
    of === undefined
      ? []
      : typeof of === 'string'
        ? [`Gives ${name}`, ...indented(of)]
        : [
            `Gives ${name}: the ${of.hit} row that matches`,
            ...table(
              [[...of.inputs, ''], ...of.rows.map(({ when, output }) => [...when, `→ ${output}`])],
              '    ',
            ),
          ]
  return [
    ...given('amount', amount),
    ...(round === undefined ? [] : [`    rounded ${round}`]),
    ...given('due', due),
  ]
}

type About = { readonly pack: Pack; readonly rule: Rule; readonly speech: Speech }

function exampleLines(about: About, example: ExampleExplained, at: number, of: number): string[] {
  const { determination: said, explanation, fixes, differences } = example
  const { speech } = about
  const item = said.item === null ? '' : ` of item ${said.item}`
  const facts = [
    `${outcomeWords[said.outcome]}${said.until === null ? '' : ` until ${said.until}`}`,
    said.amount === null ? '' : `amount ${speech.money(said.amount)}`,
    said.due === null ? '' : `due ${said.due}`,
    said.exception === null ? '' : `by the exception ${said.exception}`,
  ].filter((part) => part !== '')
  return [
    ...paragraph(`${example.name} (${example.file}:${example.line})`, `Example ${at + 1} of ${of}: `, '  '),
    ...paragraph(`On ${said.as_of}${item}: ${facts.join(', ')}.`, '  '),
    ...differences.flatMap((difference) => paragraph(`The example expects otherwise: ${difference}`, '  ! ')),
    ...whyLines(about, example),
    ...explanation.asks.flatMap(({ predicate }) => {
      const question = about.pack.vocabulary.get(predicate)?.ask
      const words = question === undefined ? speech.name(predicate) : speech.word(question)
      return ['  To ask', ...paragraph(`${predicate}: ${words}`, '    ')]
    }),
    ...(fixes.length > 0
      ? ['  What would make it apply', ...fixes.flatMap(({ changes, on }) => fixLines(about, changes, on))]
      : said.outcome === 'applies'
        ? []
        : ['  What would make it apply: nothing that anybody can do is known.']),
  ]
}

const marks = { true: '+', false: '-', unknown: '?' } as const

function reasonLines({ rule, speech }: About, reason: Reason, indent: string): string[] {
  const mark = `${indent}${marks[reason.value]} `
  switch (reason.is) {
    case 'in force':
      return [`${mark}the rule is ${reason.value === 'true' ? '' : 'not '}in force on that day`]
    case 'item':
      return paragraph(
        `the item is ${reason.value === 'true' ? '' : 'not known to be '}among ${reason.list}`,
        mark,
      )
    case 'condition':
      return [
        ...paragraph(speech.sentence(rule, reason), mark),
        ...paragraph(
          `${reason.text} is ${reason.value}: ${speech.inputs(rule, reason.inputs)}`,
          `${indent}    `,
        ),
      ]
  }
}

/** Each way is one set of conditions that would all have to turn; where there is one only, it is the reason as well. */
function whyLines(about: About, { explanation: { because, outcome }, ways }: ExampleExplained): string[] {
  const sets = ways.map(({ failed, open }) => [...failed, ...open])
  const is_the_same =
    outcome !== 'human' && outcome !== 'conflict' && sets.length === 1 && sameAtoms(sets[0]!, because)
  return [
    ...(because.length === 0 || is_the_same
      ? []
      : ['  Why', ...because.flatMap((one) => reasonLines(about, one, '    '))]),
    ...sets.flatMap((set, at) => [
      at === 0 ? '  Why not: it would apply if all of this turned' : '  or all of this',
      ...set.flatMap((one) => reasonLines(about, one, '    ')),
    ]),
  ]
}

const sameAtoms = (a: readonly Reason[], b: readonly Reason[]): boolean => {
  const keys = (of: readonly Reason[]): string =>
    of
      .map((one) => (one.is === 'condition' ? `${one.atom}` : one.is))
      .sort()
      .join(' ')
  return keys(a) === keys(b)
}

function fixLines(about: About, changes: readonly FixChange[], on: string | null): string[] {
  const text = changes.map((change) => changeText(about, change)).join('; and ')
  const is_waiting = changes.some((change) => change.do === 'wait')
  return paragraph(`${text}${on === null || is_waiting ? '' : `; it applies from ${on}`}`, '    * ')
}

const acts = { renew: 'renew', declare: 'declare', act: 'apply for' } as const

function changeText({ pack, speech }: About, change: FixChange): string {
  if (change.do === 'wait') return `wait until ${change.until}`
  const { predicate } = change
  const own = pack.vocabulary.get(predicate)?.type
  if (change.do === 'tell')
    return change.needed === null
      ? `tell ${predicate}; which answer would do is not advised`
      : `tell ${predicate}: ${speech.needed(change.needed, own)}`
  const field = change.field
  const type = field !== null && own?.kind === 'list' ? own.fields[field] : own
  const where = change.source === null ? '' : ` at ${change.source}`
  return `${acts[change.fix]} ${predicate}${field === null ? '' : `.${field}`}: ${speech.needed(change.needed, type)}${where}`
}
