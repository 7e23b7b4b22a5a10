/**
 * A rule's way to an outcome as one formula in negation normal form: `not` stands at the leaves only, and the leaves
 * are the conditions of the trace. In strong Kleene logic pushing `not` through `and` and `or` changes nothing; it is
 * never pushed into a comparison, whose operand may be absent.
 */
import type { Program } from '../evaluator/program.ts'
import type { AtomNode, TruthNode } from '../language/ir.ts'

export type Leaf =
  | { readonly is: 'condition'; readonly atom: AtomNode; readonly part: string }
  /** The item the rule speaks of is there. */
  | { readonly is: 'item' }
  /** The rule is in force on the day. */
  | { readonly is: 'in force' }

export type Wanted = { readonly leaf: Leaf; readonly needed: boolean }

export type Formula =
  | { readonly op: 'all' | 'any'; readonly of: readonly Formula[] }
  | ({ readonly op: 'leaf' } & Wanted)

export const BASE = 'base'

/** One name for each leaf. */
export const keyOf = (leaf: Leaf): string => (leaf.is === 'condition' ? `${leaf.atom.id}` : leaf.is)

/**
 * When the rule applies: it is in force, its item is there, and either its base holds and no exception does (one that
 * holds always replaces what it overrides), or an exception that grants holds and none that replaces or contradicts it.
 */
export function formulaOfApplies(program: Program): Formula {
  const { ir, exceptions } = program
  const none = ir.exceptions.map((when, at) => formulaOf(when, exceptions[at]!.id, false))
  const base = all([formulaOf(ir.when, BASE, true), ...none])
  const granting = exceptions.flatMap(({ id, outcome }, at) => {
    if (outcome !== 'applies') return []
    const replaced = replacedBy(program, at)
    const others = none.filter((_, other) => other !== at && !replaced.has(other))
    return [all([formulaOf(ir.exceptions[at]!, id, true), ...others])]
  })
  return all([...outside(program, true), ...(granting.length === 0 ? base.of : [any([base, ...granting])])])
}

/** The exceptions that one replaces when both hold: those it overrides, and those they do. */
function replacedBy({ exceptions }: Program, at: number): ReadonlySet<number> {
  const found = new Set<number>()
  for (let next: number | undefined = at; next !== undefined; ) {
    const current: number = next
    next = exceptions.findIndex(({ overridden_by }) => overridden_by.includes(current))
    if (next < 0) break
    found.add(next)
  }
  return found
}

/**
 * Ways on which the rule may come out as not applying. More than are right where exceptions override each other:
 * whoever follows one evaluates the whole rule again.
 */
export function formulaOfNot(program: Program): Formula {
  const refusing = program.ir.exceptions.flatMap((when, at) => {
    const plan = program.exceptions[at]!
    return plan.outcome === 'does_not_apply' ? [formulaOf(when, plan.id, true)] : []
  })
  const none = program.ir.exceptions.map((when, at) => formulaOf(when, program.exceptions[at]!.id, false))
  const without = all([formulaOf(program.ir.when, BASE, false), ...none])
  return any([...outside(program, false), without, ...refusing])
}

/** The condition of an exception. */
export const formulaOfException = (program: Program, at: number): Formula =>
  formulaOf(program.ir.exceptions[at]!, program.exceptions[at]!.id, true)

function outside(program: Program, needed: boolean): Formula[] {
  const force: Formula = { op: 'leaf', leaf: { is: 'in force' }, needed }
  return program.is_per_item ? [force, { op: 'leaf', leaf: { is: 'item' }, needed }] : [force]
}

type Branch = Extract<Formula, { of: unknown }>
const all = (of: readonly Formula[]): Branch => ({ op: 'all', of })
const any = (of: readonly Formula[]): Branch => ({ op: 'any', of })

function formulaOf(node: TruthNode, part: string, needed: boolean): Formula {
  switch (node.op) {
    case 'constant':
      return node.value === needed ? all([]) : any([])
    case 'and':
    case 'or': {
      const of = node.of.map((child) => formulaOf(child, part, needed))
      return (node.op === 'and') === needed ? all(of) : any(of)
    }
    case 'not':
      return formulaOf(node.of, part, !needed)
    case 'either': {
      const yes = formulaOf(node.yes, part, needed)
      const no = formulaOf(node.no, part, needed)
      // The third: whatever the condition is, both branches say the same.
      return any([
        all([formulaOf(node.when, part, true), yes]),
        all([formulaOf(node.when, part, false), no]),
        all([yes, no]),
      ])
    }
    case 'atom':
      return { op: 'leaf', leaf: { is: 'condition', atom: node, part }, needed }
    case 'compare':
    case 'within':
    case 'holds':
    case 'is-working-day':
    case 'state':
    case 'list-state':
    case 'some':
    case 'every':
      throw new Error('a bare condition stands outside an atom: the compiler wraps every one')
  }
}

/** What each leaf came to. */
export type TruthOf = (leaf: Leaf) => 'true' | 'false' | 'unknown'

/** The formula's own truth. */
export function truthOf(formula: Formula, of: TruthOf): 'true' | 'false' | 'unknown' {
  if (formula.op === 'leaf') {
    const value = of(formula.leaf)
    return value === 'unknown' ? value : (value === 'true') === formula.needed ? 'true' : 'false'
  }
  const [first, last] = formula.op === 'all' ? (['false', 'true'] as const) : (['true', 'false'] as const)
  let found: 'true' | 'false' | 'unknown' = last
  for (const child of formula.of) {
    const value = truthOf(child, of)
    if (value === first) return first
    if (value === 'unknown') found = value
  }
  return found
}

/** The leaves that give a formula the truth it has: of an `all` that fails, only what fails, and so on. */
export function carriers(formula: Formula, of: TruthOf): Wanted[] {
  if (formula.op === 'leaf') return [{ leaf: formula.leaf, needed: formula.needed }]
  const value = truthOf(formula, of)
  return formula.of.filter((child) => truthOf(child, of) === value).flatMap((child) => carriers(child, of))
}
