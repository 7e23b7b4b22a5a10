/** Every condition as its author wrote it, and what each came out as for one subject: what examples are measured by. */
import type { RunTruth } from '../evaluator/closures.ts'
import { truth } from '../evaluator/closures.ts'
import { decide } from '../evaluator/decide.ts'
import { type At, questionOf } from '../evaluator/evaluate.ts'
import { type Frame, openFrame } from '../evaluator/frame.ts'
import { type Program, programOf } from '../evaluator/program.ts'
import { truthWords } from '../evaluator/values.ts'
import type { Place, TruthNode } from '../language/ir.ts'
import { type Node, partsOf } from '../language/parts.ts'
import type { Facts, Rule, TruthValue } from '../rules.ts'

/** A condition of the trace, the condition of an `if` between values, or a row of a decision table. */
export type WrittenCondition = Place & {
  /** What it reads: predicates, and fields of items as `predicate.field`; in order of reading. */
  readonly reads: readonly string[]
}

type Found = {
  readonly written: WrittenCondition
  readonly node: TruthNode
  /** The result it belongs to: 0 is the rule's own, n that of exception n - 1; null where it decides the outcome. */
  readonly grant: number | null
  /** Rows of a table before it that, where the first match counts, keep it from being looked at. */
  readonly after: readonly TruthNode[]
}

/**
 * The conditions of a rule in the order of its text: those of `when` and of exceptions, of every `if`, and the rows of
 * decision tables. What stands inside `some`, `every` or a filter is part of that condition: it is asked of items.
 */
export function writtenConditions(rule: Rule): readonly WrittenCondition[] {
  return foundIn(rule).map(({ written }) => written)
}

/**
 * What each of them came out as, in the same order; null where it was not looked at: what is given is looked at only
 * where it is given. @throws as `evaluate`
 */
export function truthsOf(rule: Rule, facts: Facts, at: At): readonly (TruthValue | null)[] {
  const { program, day, item } = questionOf(rule, at)
  const frame = openFrame(program.readers, facts, program.ir.variables)
  const decision = decide(program, frame, day, item)
  const granted = decision.outcome === 'applies' ? decision.grant : null
  const runs = runsOf(rule)
  return foundIn(rule).map(({ grant, after, node }) => {
    if (grant !== null && grant !== granted) return null
    if (after.some((row) => ask(runs, frame, row) === 'true')) return null
    return ask(runs, frame, node)
  })
}

type Runs = ReadonlyMap<TruthNode, RunTruth>
const ask = (runs: Runs, frame: Frame, node: TruthNode): TruthValue => truthWords[runs.get(node)!(frame)]

/** Worked out once for each rule: the program is made once and never changes. */
const foundBefore = new WeakMap<Program, readonly Found[]>()
const runsBefore = new WeakMap<Program, Runs>()

function foundIn(rule: Rule): readonly Found[] {
  const program = programOf(rule)
  const known = foundBefore.get(program)
  if (known) return known
  const { ir } = program
  const found = new Map<TruthNode, Found>()
  const look = (node: Node | undefined, grant: number | null): void => {
    if (node === undefined) return
    const place = ir.places.get(node as TruthNode)
    if (place && !found.has(node as TruthNode)) {
      const reads = [...readsOf(program, node)]
      found.set(node as TruthNode, {
        written: { ...place, reads },
        node: node as TruthNode,
        grant,
        after: [],
      })
    }
    if (overItems.has(node.op)) return
    for (const part of partsOf(node)) look(part, grant)
    if (node.op === 'table' && node.hit === 'first') {
      for (const [at, { when }] of node.rows.entries())
        found.set(when, { ...found.get(when)!, after: node.rows.slice(0, at).map((row) => row.when) })
    }
  }
  look(ir.when, null)
  for (const when of ir.exceptions) look(when, null)
  for (const [grant, result] of [ir, ...ir.exception_results].entries()) {
    look(result?.amount, grant)
    look(result?.due, grant)
  }
  const all = [...found.values()]
  foundBefore.set(program, all)
  return all
}

function runsOf(rule: Rule): Runs {
  const program = programOf(rule)
  const known = runsBefore.get(program)
  if (known) return known
  const { readers, params, office } = program
  // No `seen`: each runs by itself, in any order.
  const build = { readers, params, office, calendar: rule.source.calendar }
  const nodes = foundIn(rule).flatMap(({ node, after }) => [node, ...after])
  const runs = new Map(nodes.map((node) => [node, truth(build, node)]))
  runsBefore.set(program, runs)
  return runs
}

const overItems: ReadonlySet<Node['op']> = new Set(['count', 'sum', 'min', 'max', 'some', 'every'])

function readsOf({ readers }: Program, node: Node, found = new Set<string>()): ReadonlySet<string> {
  if (node.op === 'fact') found.add(readers[node.slot]!.predicate)
  if (node.op === 'list-state') found.add(readers[node.slot]!.predicate)
  if (node.op === 'field') {
    const { predicate, fields } = readers[node.slot]!
    found.add(`${predicate}.${fields![node.field]!.name}`)
  }
  if ('list' in node) found.add(readers[node.list.slot]!.predicate)
  for (const part of partsOf(node)) readsOf({ readers } as Program, part, found)
  return found
}
