/** A change as it is asked for, brought to the new text of the rule and checked with the whole pack around it. */
import { z } from 'zod'
import {
  changedRuleText,
  describeMistakes,
  loadPack,
  type Pack,
  type ParamChange,
  ruleHeading,
  testPack,
} from '../../packs/packs.ts'
import { sha256 } from '../../platform/canonical.ts'
import type { DateText } from '../../platform/clock.ts'
import { accepted, type Outcome, refused } from '../../platform/refusal.ts'
import { differencesBetweenRules, type Rule, type RuleDifference } from '../../rules/rules.ts'

const TEXT_MAX = 256 * 1024

export const paramChange = z.strictObject({
  param: z.string().min(1).max(100),
  value: z.union([z.number(), z.string().min(1).max(100), z.boolean()]),
  from: z.iso.date(),
  confidence: z.string().min(1).max(20).optional(),
  legal: z
    .strictObject({
      act: z.string().min(1).max(120),
      date: z.iso.date().optional(),
      clause: z.string().min(1).max(200).optional(),
      url: z.url({ protocol: /^https$/ }).optional(),
    })
    .optional(),
})

/** What if: new values of parameters, or a whole new text of the rule. */
export const simulationRequest = z
  .strictObject({
    rule: z.string().min(1).max(120),
    changes: z.array(paramChange).min(1).max(20).optional(),
    text: z.string().min(1).max(TEXT_MAX).optional(),
    /** Day whose outcomes are compared first; default: today. */
    as_of: z.iso.date().optional(),
  })
  .refine((r) => (r.changes === undefined) !== (r.text === undefined), 'either changes or text is expected')

export type SimulationRequest = z.infer<typeof simulationRequest>

/** `params.NAME=VALUE@DATE`, as the command line writes a change. */
export function parseChange(text: string): Outcome<z.infer<typeof paramChange>> {
  const found = /^params\.([\w-]+)=(.+)@(\d{4}-\d{2}-\d{2})$/.exec(text)
  const read = found && paramChange.safeParse({ param: found[1], value: valueIn(found[2]!), from: found[3] })
  return read?.success
    ? accepted(read.data)
    : refused({
        code: 'malformed_change',
        at: text,
        message: 'A change is written params.NAME=VALUE@YYYY-MM-DD.',
        next: 'For example params.income_per_head=700000@2027-01-01.',
      })
}

const valueIn = (text: string): number | string | boolean =>
  text === 'true' ? true : text === 'false' ? false : /^-?\d{1,15}$/.test(text) ? Number(text) : text

/** A change that could be published if it is simulated first. */
export type Prepared = {
  readonly rule: string
  readonly before: Rule
  readonly after: Rule
  readonly text: string
  readonly text_sha256: string
  readonly differences: readonly RuleDifference[]
  /** Days after `as_of` on which something that is changed takes effect. */
  readonly effects: readonly DateText[]
  readonly as_of: DateText
  /** The pack with the change. */
  readonly pack: Pack
  readonly examples: { readonly hold: number; readonly fail: readonly string[] }
}

/** Where rules stand: the folder of the pack, and the texts that were published since. */
export type Shelf = {
  readonly folder: string
  readonly pack: Pack
  /** By rule id. */
  readonly published: ReadonlyMap<string, string>
  /** Rules of which a published text takes effect on a later day. */
  readonly coming: ReadonlySet<string>
  /** The standing text of a rule. */
  text(rule: string): string | null
}

/**
 * Refusals: `unknown_rule`, `unknown_param`, `change_pending`, `date_in_past`, `overlapping_versions`, `version_not_raised`,
 * `changes_nothing`, `rule_refused` (the pack checker's lines in `facts.mistakes`).
 */
export function prepareChange(shelf: Shelf, request: SimulationRequest, today: DateText): Outcome<Prepared> {
  const before = shelf.pack.rules.get(request.rule)
  const standing = shelf.text(request.rule)
  if (!before || standing === null)
    return refused({
      code: 'unknown_rule',
      at: 'rule',
      message: `The pack has no rule ${request.rule}.`,
      next: `It has: ${[...shelf.pack.rules.keys()].sort().join(', ')}.`,
    })
  if (shelf.coming.has(request.rule))
    return refused({
      code: 'change_pending',
      at: 'rule',
      message: `A new text of ${request.rule} is published and not yet in effect: the next change begins from it.`,
      next: 'Wait until it takes effect.',
    })
  const as_of = request.as_of ?? today
  if (as_of < today) return inPast('as_of', as_of, today)
  const written =
    request.text === undefined
      ? writeChanges(before, standing, request.changes!, today)
      : checkText(before, request.text)
  if (!written.ok) return written
  return checkWhole(shelf, before, written.value, { as_of, today })
}

const inPast = (at: string, date: DateText, today: DateText) =>
  refused({
    code: 'date_in_past',
    at,
    message: `${date} is past: today is ${today}, and law is changed from today on.`,
  })

function writeChanges(
  before: Rule,
  standing: string,
  changes: NonNullable<SimulationRequest['changes']>,
  today: DateText,
): Outcome<string> {
  const { params, status, id } = before.source
  const written: ParamChange[] = []
  for (const [i, { param, from, value, confidence, legal }] of changes.entries()) {
    const declared = Object.hasOwn(params, param) ? params[param] : undefined
    if (!declared)
      return refused({
        code: 'unknown_param',
        at: `changes[${i}].param`,
        message: `The rule ${id} has no parameter ${param}.`,
        next: `It has: ${Object.keys(params).sort().join(', ') || 'none'}.`,
      })
    if (from < today) return inPast(`changes[${i}].from`, from, today)
    const same = (v: { from: string }) => v.from === from
    if (declared.values.some(same) || written.some((w) => w.name === param && same(w)))
      return refused({
        code: 'overlapping_versions',
        at: `changes[${i}].from`,
        message: `${param} already has a version from ${from}: versions follow each other in time.`,
      })
    written.push({
      name: param,
      from,
      value,
      status: status === 'published' ? 'published' : 'working',
      confidence: confidence ?? 'BG',
      ...(legal ? { legal: withoutUndefined(legal) } : { note: ASKED }),
    })
  }
  return accepted(changedRuleText(standing, written))
}

/** What stands with a value nobody has enacted: it can be simulated, and publishing it is refused for want of an act. */
const ASKED = 'A value that was asked about. No act makes it yet.'

const withoutUndefined = (legal: object): NonNullable<ParamChange['legal']> =>
  JSON.parse(JSON.stringify(legal))

function checkText(before: Rule, text: string): Outcome<string> {
  const heading = ruleHeading(text)
  if (!heading || heading.id !== before.source.id)
    return refused({
      code: 'unknown_rule',
      at: 'text.id',
      message: heading
        ? `The text is of the rule ${heading.id}, not of ${before.source.id}.`
        : 'The text is no rule: it needs an id and a version.',
      next: 'A rule that is new altogether comes with a new version of the pack.',
    })
  if (heading.version <= before.source.version)
    return refused({
      code: 'version_not_raised',
      at: 'text.version',
      message: `Version ${before.source.version} stands: a change has a higher one.`,
    })
  return accepted(text)
}

function checkWhole(
  shelf: Shelf,
  before: Rule,
  text: string,
  { as_of, today }: { as_of: DateText; today: DateText },
): Outcome<Prepared> {
  const { id } = before.source
  const loaded = loadPack(shelf.folder, new Map([...shelf.published, [id, text]]))
  if (!loaded.ok) {
    const mistakes = describeMistakes(loaded.mistakes)
    return refused({
      code: 'rule_refused',
      at: 'rule',
      message: `The pack checker refuses the changed rule: ${mistakes[0]}${mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : ''}`,
      facts: { mistakes },
    })
  }
  const after = loaded.pack.rules.get(id)!
  const differences = differencesBetweenRules(before, after)
  if (differences.length === 0)
    return refused({ code: 'changes_nothing', at: 'rule', message: 'The rule means the same as before.' })
  const { effective } = after.source
  if (effective.from !== before.source.effective.from && effective.from < today)
    return inPast('text.effective.from', effective.from, today)
  const results = testPack(loaded.pack).filter((r) => r.rule === id)
  return accepted({
    rule: id,
    before,
    after,
    text,
    text_sha256: sha256(text),
    differences,
    effects: effectsAfter(differences, after, as_of),
    as_of,
    pack: loaded.pack,
    examples: {
      hold: results.filter((r) => r.passed).length,
      fail: results.filter((r) => !r.passed).map((r) => `${r.name}: ${r.differences.join('; ')}`),
    },
  })
}

function effectsAfter(differences: readonly RuleDifference[], after: Rule, as_of: DateText): DateText[] {
  const days = differences.flatMap((d) =>
    d.what === 'param' ? [...d.before, ...d.after].map(({ from }) => from) : [],
  )
  days.push(after.source.effective.from)
  return [...new Set(days.filter((day) => day > as_of))].sort()
}
