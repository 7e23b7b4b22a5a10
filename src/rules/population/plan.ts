/**
 * Many rules, one day, one shape of columns: the plan every kernel runs. Per rule the masks of its outcomes; equal
 * conditions of all rules stand in it once. A condition that masks have no form for is worked out over strips of rows
 * into a temporary column; what has no form there either is left to the evaluator, row by row. The plan says which of
 * them, and why.
 */
import { parseDay } from '../evaluator/calendar.ts'
import { settle } from '../evaluator/outcome.ts'
import { type Program, programOf } from '../evaluator/program.ts'
import { maybe, no, yes } from '../evaluator/values.ts'
import type { AtomNode, TruthNode } from '../language/ir.ts'
import type { Determination, Rule } from '../rules.ts'
import { cellCondition, completeMask, presence } from './atoms.ts'
import type { Shape } from './columns.ts'
import { countCondition, listState, quantified } from './lists.ts'
import { type Amount, type Mask, type Masks, openMasks, type Pair, type Ref } from './masks.ts'
import { type Scene, Unfit, unfit } from './scene.ts'
import { fitsStrips } from './strips/fits.ts'
import { wideCondition } from './wide.ts'

/** The byte a kernel writes for each outcome. */
export const outcome_codes = { does_not_apply: 0, applies: 1, ask: 2, human: 3, conflict: 4 } as const

/** What is written for each subject: the code of the mask that holds, or 0; no two hold together. */
export type Output = {
  readonly name: string
  readonly codes: readonly { readonly code: number; readonly mask: Mask }[]
}

/** A temporary column of a block: how many items of a list pass. */
export type Count = { readonly temp: number; readonly list: string; readonly mask: Mask }

/** A temporary column that strips fill with a condition's truth (0 false, 1 unknown, 2 true). */
export type Strip = {
  readonly temp: number
  readonly rule: Rule
  readonly atom: AtomNode
  /** Why it has no masks. */
  readonly reason: string
}

/** A temporary column that the evaluator fills: with an atom's truth (0 false, 1 unknown, 2 true), or an outcome's code. */
export type Fallback = {
  readonly temp: number
  readonly rule: Rule
  /** Undefined: the whole rule. */
  readonly atom: number | undefined
  readonly text: string
  readonly reason: string
}

export type Plan = {
  readonly day: number
  readonly outputs: readonly Output[]
  readonly counts: readonly Count[]
  readonly strips: readonly Strip[]
  readonly fallbacks: readonly Fallback[]
  readonly temps: number
}

export type PlanOptions = {
  /** For a database: arithmetic is its own, and there is no evaluator to fall back on. */
  readonly is_wide?: boolean
}

type Draft = {
  readonly masks: Masks
  readonly shape: Shape
  readonly day: number
  readonly is_wide: boolean
  readonly counts: Count[]
  readonly strips: Strip[]
  readonly fallbacks: Fallback[]
  temps: number
}

/**
 * Makes the plan for these rules on a day.
 * @throws RangeError for a malformed day, and, naming the rule, for a rule that is evaluated once per item where the
 *   rows are no items of its list; with `is_wide` also for a condition that has no masks.
 */
export function planOf(rules: readonly Rule[], shape: Shape, asOf: string, options: PlanOptions = {}): Plan {
  const draft = open(shape, asOf, options)
  const outputs = rules.map((rule) => ({ name: rule.source.id, codes: codesOf(outcomesOf(draft, rule)) }))
  return finished(draft, outputs)
}

/** What becomes of a subject when a rule changes: 0 the same, else one of these. */
export const change_codes = {
  'does_not_apply→applies': 1,
  'does_not_apply→ask': 2,
  'applies→does_not_apply': 3,
  'applies→ask': 4,
  'ask→does_not_apply': 5,
  'ask→applies': 6,
  other: 7,
} as const

/**
 * The plan that compares two versions of a rule: what they share is worked out once, and where both say the same by
 * construction nothing is.
 */
export function changePlanOf(before: Rule, after: Rule, shape: Shape, asOf: string): Plan {
  const draft = open(shape, asOf, {})
  const { masks } = draft
  const old = outcomesOf(draft, before)
  const now = outcomesOf(draft, after)
  const rest: Mask[] = []
  const codes: { code: number; mask: Mask }[] = []
  for (const from of outcomes) {
    for (const to of outcomes) {
      if (from === to) continue
      const mask = masks.and(old[from], now[to])
      const code = (change_codes as { readonly [change: string]: number })[`${from}→${to}`]
      if (code === undefined) rest.push(mask)
      else codes.push({ code, mask })
    }
  }
  codes.push({ code: change_codes.other, mask: masks.or(...rest) })
  const kept = codes.filter(({ mask }) => mask !== masks.falsehood)
  return finished(draft, [{ name: after.source.id, codes: kept }])
}

function open(shape: Shape, asOf: string, { is_wide = false }: PlanOptions): Draft {
  const day = parseDay(asOf)
  if (day === undefined) throw new RangeError('asOf is no date of the form YYYY-MM-DD')
  return { masks: openMasks(), shape, day, is_wide, counts: [], strips: [], fallbacks: [], temps: 0 }
}

/** Only what the outputs need: a condition may have been folded away by another. */
function finished(draft: Draft, outputs: readonly Output[]): Plan {
  const keys = columnsOf(outputs.flatMap(({ codes }) => codes.map(({ mask }) => mask)))
  const is_used = ({ temp }: { readonly temp: number }): boolean => keys.has(tempKey(temp))
  const counts = draft.counts.filter(is_used)
  const strips = draft.strips.filter(is_used)
  const fallbacks = draft.fallbacks.filter(is_used)
  return { day: draft.day, outputs, counts, strips, fallbacks, temps: draft.temps }
}

const tempKey = (temp: number): string => `#${temp}`

/** The columns these masks read, temporary ones included. */
function columnsOf(masks: Iterable<Mask>): ReadonlySet<string> {
  const keys = new Set<string>()
  const amount = (of: Amount): void => {
    if (of.op === 'column') keys.add(of.column.key)
    else if (of.op !== 'constant') {
      amount(of.left)
      amount(of.right)
    }
  }
  const seen = new Set<Mask>(masks)
  for (const mask of seen) {
    if (mask.op === 'range') keys.add(mask.column.key)
    else if (mask.op === 'compare') {
      amount(mask.left)
      amount(mask.right)
    } else if (mask.op === 'not') seen.add(mask.of)
    else if (mask.op !== 'constant' && mask.op !== 'text') for (const part of mask.of) seen.add(part)
  }
  return keys
}

type Outcome = Determination['outcome']
const outcomes = ['does_not_apply', 'applies', 'ask', 'human', 'conflict'] as const
type Outcomes = { readonly [outcome in Outcome]: Mask }

const codesOf = (found: Outcomes): Output['codes'] =>
  outcomes
    .map((outcome) => ({ code: outcome_codes[outcome], mask: found[outcome] }))
    .filter(({ code, mask }) => code !== 0 && !(mask.op === 'constant' && !mask.value))

function outcomesOf(draft: Draft, rule: Rule): Outcomes {
  const { masks } = draft
  const program = programOf(rule)
  if (program.is_per_item && draft.shape.owners?.list !== program.readers[0]!.predicate)
    throw new RangeError(
      `${rule.source.id} is evaluated once per item: it is asked of the items of ${program.readers[0]!.predicate}`,
    )
  const nobody: Outcomes = {
    does_not_apply: masks.truth,
    applies: masks.falsehood,
    ask: masks.falsehood,
    human: masks.falsehood,
    conflict: masks.falsehood,
  }
  if (draft.day < program.effective_from || draft.day >= program.effective_to) return nobody
  try {
    return outcomesInForce(draft, rule, program, nobody)
  } catch (error) {
    if (!(error instanceof Unfit)) throw error
    return outcomesAsked(draft, rule, error.message)
  }
}

/** A rule whose logic itself has no form in columns is the evaluator's as a whole. */
function outcomesAsked(draft: Draft, rule: Rule, reason: string): Outcomes {
  if (draft.is_wide) throw new RangeError(`${rule.source.id}: ${reason}`)
  const temp = draft.temps++
  draft.fallbacks.push({ temp, rule, atom: undefined, text: rule.source.when, reason })
  const column = { key: tempKey(temp), info: tempInfo(outcome_codes.conflict) }
  const of = (code: number): Mask => draft.masks.range(column, code, code)
  const { does_not_apply, applies, ask, human, conflict } = outcome_codes
  return {
    does_not_apply: of(does_not_apply),
    applies: of(applies),
    ask: of(ask),
    human: of(human),
    conflict: of(conflict),
  }
}

function outcomesInForce(draft: Draft, rule: Rule, program: Program, nobody: Outcomes): Outcomes {
  const { masks } = draft
  const scene = sceneOf(draft, program, rule)
  const lower = (node: TruthNode): Pair => condition(draft, scene, rule, node)
  const base = lower(program.ir.when)
  const exceptions = program.ir.exceptions.map(lower)
  const ask = masks.and(base.possible, masks.not(base.sure))
  const found =
    exceptions.length === 0
      ? { ...nobody, does_not_apply: masks.not(base.possible), applies: base.sure, ask }
      : settled(masks, program, base, exceptions)
  return program.is_per_item ? ofItems(scene, found) : found
}

/** Of an item that is not there nothing applies; where it only may be, what would be otherwise known is asked. */
function ofItems(scene: Scene, found: Outcomes): Outcomes {
  const { masks } = scene
  const { within, fresh } = presence(scene, 0)
  const there = masks.and(within, fresh)
  const perhaps = masks.or(within, masks.not(completeMask(scene, 0)))
  const only = (mask: Mask): Mask => masks.and(there, mask)
  const asked = masks.and(masks.not(there), masks.not(found.does_not_apply))
  const ask = masks.and(perhaps, masks.or(found.ask, asked))
  const others = { applies: only(found.applies), human: only(found.human), conflict: only(found.conflict) }
  return { ...others, ask, does_not_apply: masks.not(masks.or(ask, ...Object.values(others))) }
}

/**
 * An outcome is known where every way the unknown can turn gives the same one; two results are not the same, though
 * both apply.
 */
function settled(masks: Masks, program: Program, base: Pair, exceptions: readonly Pair[]): Outcomes {
  const found = new Map<string, { readonly outcome: Outcome; readonly ways: Mask[] }>()
  const can = (pair: Pair, is_so: boolean): Mask => (is_so ? pair.possible : masks.not(pair.sure))
  for (let turn = 0; turn < 2 << exceptions.length; turn++) {
    const is_so = (bit: number): boolean => (turn & (1 << bit)) !== 0
    const { outcome, grant } = settle(program, {
      is_there: yes,
      base: is_so(0) ? yes : no,
      exceptions: exceptions.map((_, at) => (is_so(at + 1) ? yes : no)),
    })
    const way = masks.and(can(base, is_so(0)), ...exceptions.map((one, at) => can(one, is_so(at + 1))))
    const key = `${outcome} ${outcome === 'applies' ? grant : ''}`
    const same = found.get(key)
    if (same) same.ways.push(way)
    else found.set(key, { outcome, ways: [way] })
  }
  const possible = [...found.values()].map(({ outcome, ways }) => ({ outcome, mask: masks.or(...ways) }))
  const only = (outcome: Outcome): Mask =>
    masks.or(
      ...possible
        .filter((one) => one.outcome === outcome)
        .map((one) => {
          const others = possible.filter((other) => other !== one).map(({ mask }) => mask)
          return masks.and(one.mask, masks.not(masks.or(...others)))
        }),
    )
  const known = {
    does_not_apply: only('does_not_apply'),
    applies: only('applies'),
    human: only('human'),
    conflict: only('conflict'),
  }
  return { ...known, ask: masks.not(masks.or(...Object.values(known))) }
}

function sceneOf(draft: Draft, program: Program, rule: Rule): Scene {
  const { masks, shape, day, is_wide } = draft
  const { readers, params } = program
  const counter = (list: string, mask: Mask): Ref => {
    const longest = mask === masks.falsehood ? 0 : (shape.lists.get(list)?.longest ?? 0)
    const known = draft.counts.find((count) => count.list === list && count.mask === mask)
    const temp = known?.temp ?? draft.temps++
    if (!known) draft.counts.push({ temp, list, mask })
    return { key: tempKey(temp), info: tempInfo(longest) }
  }
  return {
    masks,
    shape,
    program,
    build: { readers, params, calendar: rule.source.calendar, office: program.office },
    day,
    is_wide,
    rows_of: shape.owners?.list,
    item: undefined,
    counts: draft.counts,
    counter,
  }
}

const tempInfo = (high: number): Ref['info'] => ({
  lane: 'i8',
  kind: 'number',
  offset: 0,
  low: 0,
  high,
  has_absent: false,
  has_unknown: false,
  words: [],
})

/** Conditions outside atoms are only logic; inside, they are cells and lists. */
function condition(draft: Draft, scene: Scene, rule: Rule, node: TruthNode): Pair {
  if (node.op !== 'atom') return logic(scene, node, (_, part) => condition(draft, scene, rule, part))
  try {
    return lowered(scene, node.of)
  } catch (error) {
    if (!(error instanceof Unfit)) throw error
    if (draft.is_wide) throw new RangeError(`${rule.source.id}: ${node.text}: ${error.message}`)
    return fallback(draft, rule, node, error.message)
  }
}

function fallback(draft: Draft, rule: Rule, node: AtomNode, reason: string): Pair {
  const { masks, strips, fallbacks } = draft
  const { id, text } = node
  const known =
    strips.find((one) => one.rule === rule && one.atom.id === id) ??
    fallbacks.find((one) => one.rule === rule && one.atom === id)
  const temp = known?.temp ?? draft.temps++
  if (!known) {
    if (fitsStrips(programOf(rule), node, draft.day)) strips.push({ temp, rule, atom: node, reason })
    else fallbacks.push({ temp, rule, atom: id, text, reason })
  }
  const column = { key: tempKey(temp), info: tempInfo(2) }
  return { sure: masks.range(column, yes, yes), possible: masks.range(column, maybe, yes) }
}

type Lower = (scene: Scene, node: TruthNode) => Pair

function lowered(scene: Scene, node: TruthNode): Pair {
  switch (node.op) {
    case 'some':
    case 'every':
      return quantified(scene, node, lowered)
    case 'list-state':
      return listState(scene, node)
    case 'compare':
    case 'within':
      return comparison(scene, node)
    case 'holds':
    case 'state':
      return cellCondition(scene, node)
    default:
      return logic(scene, node, lowered)
  }
}

function comparison(scene: Scene, node: TruthNode): Pair {
  try {
    return countCondition(scene, node, lowered) ?? cellCondition(scene, node)
  } catch (error) {
    // Strips take it for the kernels; a database has more forms of its own.
    if (!(error instanceof Unfit) || !scene.is_wide) throw error
    return wideCondition(scene, node, lowered)
  }
}

function logic(scene: Scene, node: TruthNode, lower: Lower): Pair {
  const { masks } = scene
  const same = (mask: Mask): Pair => ({ sure: mask, possible: mask })
  switch (node.op) {
    case 'constant':
      return same(masks.constant(node.value))
    case 'and':
    case 'or': {
      const parts = node.of.map((part) => lower(scene, part))
      const join = node.op === 'and' ? masks.and : masks.or
      return { sure: join(...parts.map((p) => p.sure)), possible: join(...parts.map((p) => p.possible)) }
    }
    case 'not': {
      const of = lower(scene, node.of)
      return { sure: masks.not(of.possible), possible: masks.not(of.sure) }
    }
    case 'either': {
      const [when, left, right] = [lower(scene, node.when), lower(scene, node.yes), lower(scene, node.no)]
      const not = masks.not
      return {
        sure: masks.or(
          masks.and(when.sure, left.sure),
          masks.and(not(when.possible), right.sure),
          masks.and(left.sure, right.sure),
        ),
        possible: not(
          masks.or(
            masks.and(when.sure, not(left.possible)),
            masks.and(not(when.possible), not(right.possible)),
            masks.and(not(left.possible), not(right.possible)),
          ),
        ),
      }
    }
    default:
      return unfit(`${node.op}`)
  }
}
